//! What `rules` prints.

mod list;
mod listed;
mod verify;

pub(super) use list::ListDocument;
pub use list::{list_csv, list_human, list_json};
pub use listed::LISTS;
pub(super) use verify::VerificationDocument;
pub use verify::{verification_human, verification_json};
