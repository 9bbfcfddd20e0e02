//! The `syncgate` command.
fn main() {}
