//! Many decisions beside each other: every operation in every situation, two deployments compared
//! decision by decision with the cause of each change, and the steps that turn features on or off.

mod cause;
mod compare;
pub mod diff;
mod matrix;
pub mod plan;

pub use compare::{Cause, ChangedFact, Compared, Effect, compare};
pub use matrix::{
    DifferingFact, Group, Matrix, MatrixRow, TypicalSituation, at_every_version, situation_facts,
    typical_situations,
};
