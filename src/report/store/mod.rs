//! What `store` and `replay` print.

mod care;
mod customers;
mod journal;
mod queue;
mod records;
mod replay;
mod status;

pub(super) use care::{BackupDocument, CompactedDocument, VerifiedDocument};
pub use care::{
    backup_human, backup_json, compacted_human, compacted_json, verified_human, verified_json,
};
pub(super) use customers::CustomersDocument;
pub use customers::{customers_human, customers_json};
pub(super) use journal::JournalDocument;
pub use journal::{journal_csv, journal_human, journal_json};
pub(super) use queue::QueueDocument;
pub use queue::{queue_human, queue_json};
pub(super) use replay::ReplayAnswer;
pub use replay::replayed_human;
pub(super) use status::StatusDocument;
pub use status::{status_human, status_json};
