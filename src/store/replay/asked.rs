//! What a replay is asked for, and what it tells.

use crate::model::Outcome;
use std::collections::BTreeMap;
use std::io::{self, Read};

/// How to replay.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReplayOptions {
    /// Apply a new stream after those applied.
    pub append: bool,
    /// Go on with another configuration.
    pub reconfigure: bool,
    /// Derive ids from this seed and the number of the event.
    pub id_seed: Option<u64>,
    /// Somebody waits for each answer: what was read is kept and answered before more is waited
    /// for.
    pub interactive: bool,
    /// Which events are answered.
    pub answers: AnswerScope,
}

/// Which events are answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerScope {
    /// Operations alone.
    #[default]
    Operations,
    /// Every event.
    All,
}

/// Where events are read from; asked again where they must be read from their beginning.
pub trait EventStream {
    /// The stream from its beginning.
    ///
    /// # Errors
    ///
    /// It can't be opened.
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>>;

    /// Whether it can be opened again.
    fn reopens(&self) -> bool;
}

/// What is told while a replay runs.
pub trait Watcher {
    /// So many events of the stream are applied, and so many bytes of it read.
    fn progress(&mut self, events: u64, bytes: u64);

    /// An event that is no operation was not valid.
    fn invalid(&mut self, line: u64, message: &str);
}

/// What a replay did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Events of the stream, whenever they were applied.
    pub events: u64,
    /// Of those, events that were applied before and not again.
    pub resumed: u64,
    /// Of all, events that were not valid.
    pub invalid: u64,
    /// Questions that were answered in this run.
    pub questions: u64,
    /// Of those, expectations that were not met.
    pub unmet: u64,
    /// Questions of this run that were not valid.
    pub misasked: u64,
    /// Decisions of this run by outcome and reason.
    pub decisions: BTreeMap<(Outcome, String), u64>,
    /// Customers that their own channel sees as pending, in the whole store.
    pub pending: u64,
    /// Customers in the whole store.
    pub customers: u64,
}
