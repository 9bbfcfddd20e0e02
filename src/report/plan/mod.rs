//! A plan: its steps, what follows from each, and a runbook to work through.

mod human;
mod json;
mod markdown;
mod planned;

pub use human::plan_human;
pub(super) use json::PlanDocument;
pub use json::plan_json;
pub use markdown::plan_markdown;
pub use planned::Planned;
