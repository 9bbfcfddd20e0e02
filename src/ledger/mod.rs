//! What is kept of the life of customers, as values: rows, the blocks that they stand in, what
//! waits in the queue, the journal, and what has changed since it was last kept. Knows no rules, no
//! engine and no file.

mod backing;
mod changes;
mod journal;
#[expect(clippy::module_inception, reason = "the ledger is what this room is about")]
mod ledger;
mod open;
mod queue;
mod rows;

pub use backing::{
    Backing, BlockKind, Counters, InMemory, MemoryError, NameKind, QueueCounts, TextKind,
    block_rows, place,
};
pub use changes::{BlockChange, Changes, LedgerStep, RowChange};
pub use journal::{JournalKind, JournalRow};
pub(crate) use journal::{join_names, split_names};
pub use ledger::Ledger;
pub(crate) use open::OpenRows;
pub use rows::{
    Account, ChannelRow, CustomerRow, Decoder, DocumentRow, DocumentState, Encoder,
    INLINE_NAME_BYTES, QueueRow, Row, RowKind, Slot,
};
