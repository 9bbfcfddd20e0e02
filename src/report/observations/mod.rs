//! What really happened beside what should have: for people, as JSON and as JUnit.

mod human;
mod json;
mod junit;

pub use human::observations_human;
pub(super) use json::ObservationsDocument;
pub use json::observations_json;
pub use junit::observations_junit;

use crate::engine::Change;
use crate::model::said;
use crate::whatif::{Discrepancy, Observation};

/// A line that is no observation, and why.
#[derive(Clone, Debug)]
pub struct UnreadableLine {
    /// Its number.
    pub line: u64,
    /// Why.
    pub message: String,
}

/// How an operation was seen to end: `rejected (…CustomerNotFound)`.
fn observed(observation: &Observation) -> String {
    let error = observation.error_id.as_ref();
    format!("{}{}", observation.outcome, said(error, |error| format!(" ({error})")))
}

/// How it should have ended.
fn expected(discrepancy: &Discrepancy<'_>) -> String {
    let decision = discrepancy.decision;
    let error = said(decision.error_id(), |error| format!(" ({error})"));
    format!("{}{error} by {}", decision.outcome(), decision.rule())
}

/// `connection were offline`
fn supposed(change: &Change<'_>) -> String {
    format!("{} were {} instead of {}", change.found.fact.id, change.to, change.found.word)
}
