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

mod ahead;
mod answer;
mod audit;
mod backend;
mod care;
mod disk;
mod error;
mod export;
mod file;
mod header;
mod ids;
mod journal;
mod keeper;
mod log;
mod names;
mod queue;
mod read;
mod recount;
mod replay;
mod seal;
mod stream;
mod tables;
#[cfg(test)]
mod tests;
mod verify;
mod writer;

pub use answer::Sink;
pub use audit::{AuditFilter, AuditReader, AuditRecord};
pub use care::{Backup, backup, compact};
pub use error::StoreError;
pub use file::Durability;
pub use ids::Ids;
pub use keeper::Keeper;
pub use queue::{Place, QueueLine, QueueReader};
pub use read::{CustomerLine, QueueTable, Status, Store};
pub use replay::{EventStream, ReplayOptions, Summary, Watcher, replay};
pub use verify::{Damage, Verified, verify};
