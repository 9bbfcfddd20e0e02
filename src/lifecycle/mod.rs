//! What happens: events in, decisions and changed rows out. A pure state machine over a ledger;
//! `store` keeps that in a file, scenarios in memory.

mod account;
mod attempt;
mod environment;
mod event;
mod jobs;
mod machine;
mod sight;

pub(crate) use account::shown;
pub use account::{ACCOUNT_DIGITS, PENDING_SYNC, account_id, guid_text};
pub use environment::Environment;
pub use event::{Directory, Event, EventLine, EventName, JobRun, OperationEvent};
pub use machine::{Answer, Applied, EventSource, IdSource, Machine};
pub use sight::{CustomerSight, QueueFilter, QueueSight};
