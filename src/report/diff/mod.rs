//! What differs between two deployments: settings, findings and decisions, and why.

mod human;
mod json;

pub use human::{diff_human, history_human};
pub(super) use human::{effects_human, fact_human};
pub use json::diff_json;
pub(super) use json::{DiffDocument, EffectDocument, effect_json};
