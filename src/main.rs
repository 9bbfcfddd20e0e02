//! The `syncgate` command.

use syncgate::cli::{Exit, run};

#[expect(clippy::disallowed_methods, reason = "the command line is read here and nowhere else")]
fn main() -> Exit {
    run(std::env::args_os())
}
