//! How a store is read: its state, its rows, its journal, and the answers that were given.

pub(crate) mod answer;
pub(crate) mod audit;
mod audited;
pub(crate) mod export;
pub(crate) mod journal;
pub(crate) mod queue;
pub(crate) mod store;
