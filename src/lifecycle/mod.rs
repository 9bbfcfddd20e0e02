//! The life of a customer: events in, decisions and changed rows out. A pure state machine; `store`
//! keeps its rows in a file, scenarios keep them in memory.

mod backing;
mod changes;
mod environment;
mod event;
mod jobs;
mod journal;
mod ledger;
mod machine;
mod queue;
mod rows;

pub use backing::{
    Backing, BlockKind, Counters, InMemory, MemoryError, NameKind, QueueCounts, Slot, TextKind,
    block_rows, place,
};
pub use changes::{BlockChange, Changes, RowChange, Step};
pub use environment::Environment;
pub use event::{Directory, Event, EventLine, OperationEvent};
pub(crate) use journal::split_names;
pub use journal::{JournalKind, JournalRow};
pub use ledger::Ledger;
pub(crate) use machine::shown;
pub use machine::{
    ACCOUNT_DIGITS, Answer, Applied, EventSource, IdSource, Machine, PENDING_SYNC, account_id,
    guid_text,
};
pub use rows::{
    Account, ChannelRow, CustomerRow, Decoder, Document, DocumentState, Encoder, INLINE_NAME_BYTES,
    QueueRow, Row, RowKind,
};
