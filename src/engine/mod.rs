//! One decision: rules compiled to a table, looked up or walked, and proved over their whole space.
//!
//! A deployment's facts are folded into the rules once. What remains of a channel is an array
//! indexed by operation and situation, so a decision is one lookup; channels with the same facts
//! share one. The same rules, walked one by one, give the trace.

mod decide;
mod fold;
mod space;
mod table;
mod trace;
mod verify;

pub use decide::{Channel, Decision, Engine, EngineError, NotPossible, UnknownName};
pub use fold::{Configuration, Known};
pub use space::{Assignment, Space};
pub(crate) use table::{Cell, Compiler};
pub use table::{DecisionTable, DecisionTables};
pub use trace::{Change, FactValue, Failed, Trace, TriedRule};
pub use verify::{InvariantReport, OperationReport, Verification, verify};
