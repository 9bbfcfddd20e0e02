//! What happens: events in, decisions and changed rows out. A pure state machine over a ledger;
//! `store` keeps that in a file, scenarios in memory.

mod environment;
mod event;
mod jobs;
mod machine;

pub use environment::Environment;
pub use event::{Directory, Event, EventLine, OperationEvent};
pub(crate) use machine::shown;
pub use machine::{
    ACCOUNT_DIGITS, Answer, Applied, EventSource, IdSource, Machine, PENDING_SYNC, account_id,
    guid_text,
};
