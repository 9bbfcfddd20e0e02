//! Scenarios that were played: for people, as JSON and as JUnit; and which rules they reached.

mod human;
mod json;
mod junit;
mod played;

pub use human::scenarios_human;
pub(super) use json::ScenariosDocument;
pub use json::scenarios_json;
pub use junit::scenarios_junit;
pub use played::Played;
