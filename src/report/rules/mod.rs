//! What `rules` prints.

mod list;
mod verify;

pub use list::{LISTS, list};
pub(super) use verify::VerificationDocument;
pub use verify::{verification_human, verification_json};
