//! What `rules` prints.

mod list;
mod verify;

pub use list::{LISTS, list};
pub use verify::{verification_human, verification_json};
