//! Opening the file of a store, and reading it without writing to it.

use super::backend::Overlay;
use super::chunk::read_chunk;
use super::commit::{Batch, Tail, Written};
use super::disk;
use super::header::Header;
use super::log::{Layout, Log, Stepped};
use super::meta::read_header;
use super::reading::Reading;
use crate::ledger::{Backing, BlockKind, NameKind, TextKind};
use crate::store::error::StoreError;
use redb::{Builder, Database, ReadableDatabase as _, StorageBackend};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// How many bytes redb may cache.
const CACHE_BYTES: usize = 256 << 20;

pub(crate) fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

/// Opens the store in `backend`: the database of its tables, and its log.
pub(crate) fn open_database(
    path: &str,
    backend: impl StorageBackend,
) -> Result<(Database, Log), StoreError> {
    let layout = Layout::open(path, backend)?;
    let database = builder().create_with_backend(layout.tables());
    Ok((database.map_err(|error| StoreError::of(path, error))?, layout.log()))
}

/// Takes into the tables what the log has beyond them. Returns whether there was anything.
pub(crate) fn recover(path: &str, database: &Database, log: &Log) -> Result<bool, StoreError> {
    let mut reading = begin_read(path, database)?;
    let header = read_header(&reading)?;
    let steps = log.steps(path, header.counters().journal)?;
    if steps.is_empty() {
        return Ok(false);
    }
    let tail = read_tail(&reading, &header)?;
    let mut stepped = Stepped::new(header);
    for step in steps {
        let added = stepped.add(step, &mut reading)?;
        added.ok_or_else(|| reading.damaged("a step of the log makes no sense"))?;
    }
    drop(reading);
    let (header, environment) = (stepped.header.clone(), stepped.environment.take());
    let changes = stepped.changes();
    let batch = Batch { changes, environment, configuration: None };
    Written { header, tail }.write(path, database, &batch).map(|_| true)
}

/// The last chunk of the journal, to which rows may be added.
pub(crate) fn read_tail(reading: &Reading, header: &Header) -> Result<Tail, StoreError> {
    Ok(match header.counters().journal {
        0 => Tail::default(),
        _ => Tail::new(read_chunk(reading, header.last_chunk)?),
    })
}

/// What is wrong with the pages below the tables, if anything: by a wrong page a name that is there
/// is not found.
pub(crate) fn wrong_pages(path: &str) -> Result<Option<String>, StoreError> {
    let (mut database, _) = open_to_read(path)?;
    let checked = catch_unwind(AssertUnwindSafe(|| database.check_integrity()));
    Ok(match checked {
        Ok(Ok(true)) => None,
        Ok(Ok(false)) => Some("its pages are not what was written".to_owned()),
        Ok(Err(error)) => match StoreError::of(path, error) {
            StoreError::Damaged { what, .. } => Some(what),
            other => return Err(other),
        },
        Err(_) => Some("its pages make no sense".to_owned()),
    })
}

/// A store that is only read.
#[derive(Debug)]
pub(crate) struct ReadOnly {
    // The database outlives the transaction of `reading`.
    pub(crate) reading: Reading,
    pub(crate) header: Header,
    _database: Database,
}

impl ReadOnly {
    /// Opens a store to read; the file is not written, not even to repair what a crash left behind.
    pub(crate) fn open(path: &str) -> Result<Self, StoreError> {
        let (database, log) = open_to_read(path)?;
        recover(path, &database, &log)?;
        let reading = begin_read(path, &database)?;
        let header = read_header(&reading)?;
        Ok(Self { reading, header, _database: database })
    }
}

/// Opens the file of a store to read, whatever its header says, and its log, which is not taken
/// into the tables yet.
pub(crate) fn open_to_read(path: &str) -> Result<(Database, Log), StoreError> {
    let fail = |error| StoreError::of_io(path, error);
    let file = disk::open(Path::new(path)).map_err(fail)?;
    disk::lock_shared(&file).map_err(fail)?;
    open_database(path, Overlay::new(file).map_err(fail)?)
}

/// The tables as the last commit left them.
pub(crate) fn begin_read(path: &str, database: &Database) -> Result<Reading, StoreError> {
    let transaction = database.begin_read().map_err(|error| StoreError::of(path, error))?;
    Ok(Reading::new(path, transaction))
}

impl Backing for ReadOnly {
    type Error = StoreError;

    fn block(&mut self, kind: BlockKind, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading.block(kind, number)
    }

    fn name(&mut self, kind: NameKind, hash: u64) -> Result<Option<u64>, StoreError> {
        self.reading.name(kind, hash)
    }

    fn guid(&mut self, guid: u128) -> Result<Option<u64>, StoreError> {
        self.reading.guid(guid)
    }

    fn text(&mut self, kind: TextKind, number: u64) -> Result<Option<String>, StoreError> {
        self.reading.text(kind, number)
    }

    fn damaged(&self, what: &str) -> StoreError {
        self.reading.damaged(what)
    }
}
