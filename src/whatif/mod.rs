//! Many decisions beside each other: every operation in every situation, two deployments compared
//! decision by decision with the cause of each change, the steps that turn features on or off, test
//! cases, and what really happened.

mod behaviours;
mod cases;
mod cause;
mod compare;
pub mod diff;
mod history;
mod matrix;
mod observed;
pub mod plan;
mod transition;

pub use behaviours::{Behaviour, Behaviours};
pub use cases::{Case, Cover, each_case};
pub use compare::{Cause, ChangedFact, Compared, Effect, compare};
pub use history::{ChangedHistory, EndedOtherwise};
pub use matrix::{
    DifferingFact, Group, Matrix, MatrixRow, TypicalSituation, at_every_version,
    mentioned_situation_facts, situation_facts, typical_situations,
};
pub use observed::{
    Alike, ComparedObservations, Discrepancy, LikelyCause, Observation, Observations, ObservedCount,
};
pub use transition::Transitions;
