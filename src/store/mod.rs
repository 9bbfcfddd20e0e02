//! The store: customers, queues and the journal of decisions in one redb file. The only module that
//! knows `redb`.
//!
//! Rows are kept in blocks that fill four pages, the hashes of their names in buckets, every record
//! sealed with a checksum that is verified on every read. The journal is chained by a digest, and
//! the header has a digest of every table, so that what is changed, removed, added or reordered is
//! found. What a command applies is committed whole or not at all, together with how far it got, so
//! that each event is applied exactly once.
//!
//! An interactive writer keeps each event in a log before the tables, with one write and one sync;
//! the tables follow.
//!
//! A bulk replay has three threads: one reads ahead, one applies events and answers, one writes
//! what was applied before. Whatever must be read from the file waits for the commit that is under
//! way.

mod care;
mod error;
mod file;
mod read;
mod replay;
#[cfg(test)]
mod tests;

pub use care::copies::{Backup, backup, compact};
pub use care::verified::{Damage, StoreCounts, Verified};
pub use care::verify::verify;
pub use error::StoreError;
pub use file::disk::IN_MEMORY;
pub use file::keeper::Keeper;
pub use file::store_file::Durability;
pub use read::answer::Sink;
pub use read::audit::{AuditFilter, AuditReader, AuditRecord};
pub use read::queue::{Place, QueueLine, QueueReader};
pub use read::store::{CustomerLine, QueueTable, Status, Store};
pub use replay::asked::{AnswerScope, EventStream, ReplayOptions, Summary, Watcher};
pub use replay::ids::Ids;
pub use replay::question::QuestionAnswer;
pub use replay::run::replay;
