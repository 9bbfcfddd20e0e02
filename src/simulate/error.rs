//! Why a load could not be played.

use crate::ledger::MemoryError;
use std::io;

/// Why a load could not be played to its end.
#[derive(Debug, thiserror::Error)]
pub enum SimulationError {
    /// The events can't be written.
    #[error("can't write the events: {0}")]
    Events(io::Error),
    /// What a load plays is no valid event, which no load should be able to bring about.
    #[error("an event of the load is refused: {0}")]
    Refused(String),
    /// Rows in memory contradict themselves, which no load should be able to bring about.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}
