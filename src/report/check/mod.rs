//! What `check` prints: a small renderer for each format.

mod csv;
mod github;
pub(super) mod human;
mod json;
mod junit;
pub(super) mod levels;
pub(super) mod pending;
mod sarif;

pub use csv::check_csv;
pub use github::check_github;
pub use human::check_human;
pub(super) use json::CheckDocument;
pub use json::check_json;
pub use junit::check_junit;
pub use sarif::check_sarif;
