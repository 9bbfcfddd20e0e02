//! Syncgate.
pub mod check;
pub mod diagnostic;
pub mod digest;
pub mod engine;
pub mod graph;
pub mod load;
pub mod model;
