//! A store that takes what a ledger gives out, without a replay around it.

use super::header::Stream;
use super::store_file::{Durability, StoreFile};
use crate::ledger::{Changes, LedgerStep};
use crate::store::error::StoreError;

/// Keeps the changes of a ledger in a new store, one durable commit for each call; the benchmarks
/// measure it.
#[derive(Debug)]
pub struct Keeper {
    file: StoreFile,
}

impl Keeper {
    /// Makes an empty store at `path`.
    ///
    /// # Errors
    ///
    /// It can't be made.
    pub fn create(path: &str) -> Result<Self, StoreError> {
        StoreFile::create(path)?;
        Ok(Self { file: StoreFile::open(path)? })
    }

    /// Keeps changes as a bulk replay does, sealed; when this returns they are durable.
    ///
    /// # Errors
    ///
    /// They can't be written; then nothing of them is kept.
    pub fn keep(&mut self, changes: &Changes<'_>) -> Result<(), StoreError> {
        self.file.commit(changes, "", Durability::Bulk)?;
        self.file.settle()
    }

    /// Keeps what one event has changed as an interactive writer does, in the log; when this
    /// returns it is durable. Returns whether the log had room for it.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn keep_step(&mut self, step: &LedgerStep<'_>) -> Result<bool, StoreError> {
        self.file.log(step, &Stream::default(), "")
    }
}
