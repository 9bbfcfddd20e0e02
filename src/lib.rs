//! Syncgate.
pub mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod diagnostic;
pub mod digest;
pub mod engine;
pub mod graph;
#[cfg(feature = "store")]
pub mod lifecycle;
pub mod load;
pub mod model;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "store")]
pub mod store;
#[cfg(feature = "report")]
pub mod wire;
