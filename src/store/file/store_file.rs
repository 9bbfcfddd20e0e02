//! The file: created whole or not at all, opened by one writer, read without being written.

use super::backend::Overlay;
use super::commit::{Batch, OwnedChanges, Tail, Written};
use super::disk;
use super::header::{ConfigurationRecord, Header, Stream};
use super::log::{LOG_PAGES, Layout, Log, LoggedStep, Stepped};
use super::seal::check_seal;
use super::tables::{GUIDS, JOURNAL, Reading, SealedTable, TEXTS, block_table, name_table};
use crate::ledger::{Backing, BlockKind, Changes, NameKind, Step, TextKind};
use crate::store::care::verify::wrong_pages;
use crate::store::error::StoreError;
use redb::{Builder, Database, ReadableDatabase as _, StorageBackend};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// How many bytes redb may cache.
const CACHE_BYTES: usize = 256 << 20;
pub(crate) const HEADER: &str = "header";
pub(crate) const ENVIRONMENT: &str = "environment";
pub(crate) const CHANNELS: &str = "channels";

/// How a commit is to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// One of many in a bulk replay: written by a thread of its own.
    Bulk,
    /// One event of an interactive writer: as soon as possible, in the log where there is room.
    Interactive,
    /// The last of a command: in the tables.
    Last,
}

/// A store that is open for writing.
#[derive(Debug)]
pub(crate) struct StoreFile {
    path: String,
    database: Arc<Database>,
    log: Log,
    reading: Option<Reading>,
    pub(crate) header: Header,
    /// How many journal rows and streams the tables have.
    in_tables: (u64, usize),
    /// The end of the journal, to which rows may be added.
    tail: Tail,
    /// A commit that is being written while the next events are applied; it brings back the header
    /// and the tail.
    under_way: Option<JoinHandle<Result<Written, StoreError>>>,
    /// The environment as it was last written.
    environment: Vec<u8>,
    /// A configuration that the next commit adds, and the channels with it.
    new_configuration: Option<(Vec<u8>, Vec<String>)>,
}

fn builder() -> Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE_BYTES);
    builder
}

impl StoreFile {
    /// Makes a store: under another name, synced, then renamed, so that a crash leaves none or a
    /// whole one.
    pub(crate) fn create(path: &str) -> Result<(), StoreError> {
        let fail = |error| StoreError::of_target(path, error);
        let temporary = disk::temporary(path);
        let file = disk::open_new(&temporary).map_err(fail)?;
        // The lock comes first and stays until the file has its name: what another process is
        // making, or has just made of this very file, is not emptied.
        disk::lock(&file).map_err(fail)?;
        if disk::exists(Path::new(path)) {
            disk::remove(&temporary);
            return Ok(());
        }
        let locked = file.try_clone().map_err(fail)?;
        let backend =
            redb::backends::FileBackend::new(file).map_err(|error| StoreError::of(path, error))?;
        backend.set_len(0).map_err(fail)?;
        Self::create_in(path, backend, LOG_PAGES)?;
        locked.sync_all().map_err(fail)?;
        match disk::publish_new(&temporary, Path::new(path)) {
            // Another process was faster: its store is the store.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                disk::remove(&temporary);
                Ok(())
            }
            published => published.map_err(fail),
        }
    }

    /// Makes the file as small as its content allows.
    pub(crate) fn compact(mut self) -> Result<(), StoreError> {
        self.settle()?;
        self.reading = None;
        // Nothing else has the database once no commit is under way.
        if let Some(database) = Arc::get_mut(&mut self.database) {
            database.compact().map_err(|error| StoreError::of(&self.path, error))?;
        }
        Ok(())
    }

    /// Makes an empty store in `backend`, with so many pages of log.
    pub(crate) fn create_in(
        path: &str,
        backend: impl StorageBackend,
        log_pages: u32,
    ) -> Result<(), StoreError> {
        let error = |error| StoreError::of(path, error);
        let tables = Layout::create(path, backend, log_pages)?.tables();
        let database =
            builder().create_with_backend(tables).map_err(|e| StoreError::of(path, e))?;
        let mut transaction = database.begin_write().map_err(|e| StoreError::of(path, e))?;
        transaction.set_two_phase_commit(true);
        for kind in BlockKind::ALL {
            transaction.open_table(block_table(*kind)).map_err(|e| StoreError::of(path, e))?;
        }
        for kind in NameKind::ALL {
            transaction.open_table(name_table(*kind)).map_err(|e| StoreError::of(path, e))?;
        }
        transaction.open_table(GUIDS).map_err(|e| StoreError::of(path, e))?;
        transaction.open_table(TEXTS).map_err(|e| StoreError::of(path, e))?;
        transaction.open_table(JOURNAL).map_err(|e| StoreError::of(path, e))?;
        Header::default().put(path, &transaction)?;
        transaction.commit().map_err(|e| error(redb::Error::from(e)))
    }

    /// Opens a store to write, if its pages are what was written: nothing is added to a damaged
    /// store.
    pub(crate) fn open(path: &str) -> Result<Self, StoreError> {
        if let Some(what) = wrong_pages(path)? {
            return Err(StoreError::Damaged { path: path.to_owned(), what });
        }
        let file =
            disk::open_to_write(Path::new(path)).map_err(|error| StoreError::of_io(path, error))?;
        let backend =
            redb::backends::FileBackend::new(file).map_err(|error| StoreError::of(path, error))?;
        Self::open_in(path, backend)
    }

    /// Opens the store in `backend` to write.
    pub(crate) fn open_in(path: &str, backend: impl StorageBackend) -> Result<Self, StoreError> {
        let (database, log) = open_database(path, backend)?;
        recover(path, &database, &log)?;
        let mut file = Self {
            path: path.to_owned(),
            database: Arc::new(database),
            log,
            reading: None,
            header: Header::default(),
            in_tables: (0, 0),
            tail: Tail::default(),
            under_way: None,
            environment: Vec::new(),
            new_configuration: None,
        };
        let header = read_header(file.reading()?)?;
        let tail = read_tail(file.reading()?, &header)?;
        file.environment = file.reading()?.meta(ENVIRONMENT)?.unwrap_or_default();
        file.take(Written { header, tail });
        Ok(file)
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The tables as the last commit left them; one that is under way is waited for.
    pub(crate) fn reading(&mut self) -> Result<&mut Reading, StoreError> {
        if self.reading.is_none() {
            self.settle()?;
            self.reading = Some(begin_read(&self.path, &self.database)?);
        }
        match &mut self.reading {
            Some(reading) => Ok(reading),
            None => Err(StoreError::Damaged {
                path: self.path.clone(),
                what: "it can't be read".to_owned(),
            }),
        }
    }

    /// The ids of the channels, by their number in the store.
    pub(crate) fn channels(&mut self) -> Result<Vec<String>, StoreError> {
        if let Some((_, channels)) = &self.new_configuration {
            return Ok(channels.clone());
        }
        read_channels(self.reading()?)
    }

    /// What the environment differs in, as it was last written.
    pub(crate) fn environment(&self) -> String {
        String::from_utf8_lossy(&self.environment).into_owned()
    }

    /// Adds a configuration and the channels that it brings, with the next commit.
    pub(crate) fn add_configuration(
        &mut self,
        record: &ConfigurationRecord,
        id_seed: Option<u64>,
        channels: Vec<String>,
    ) {
        let bytes = serde_json::to_vec(record).unwrap_or_default();
        self.header.configurations.push(record.digest(&bytes, id_seed));
        self.new_configuration = Some((bytes, channels));
    }

    /// Keeps what has changed: everything, or nothing of it. A bulk commit is written by a thread
    /// of its own, one at a time: until [`StoreFile::settle`] it may still fail.
    pub(crate) fn commit(
        &mut self,
        changes: &Changes<'_>,
        environment: &str,
        durability: Durability,
    ) -> Result<(), StoreError> {
        self.settle()?;
        self.reading = None;
        self.header.set_counters(changes.counters);
        let is_new = environment.as_bytes() != self.environment;
        if is_new {
            self.environment = environment.as_bytes().to_vec();
        }
        let batch = Batch {
            changes: OwnedChanges::of(changes),
            environment: is_new.then(|| self.environment.clone()),
            configuration: self.new_configuration.take(),
        };
        let (database, path) = (Arc::clone(&self.database), self.path.clone());
        let (header, tail) = (self.header.clone(), std::mem::take(&mut self.tail));
        let write = move || Written { header, tail }.write(&path, &database, &batch);
        if durability == Durability::Bulk {
            let thread = std::thread::Builder::new().name("commit".to_owned()).spawn(write);
            self.under_way = Some(thread.map_err(|error| StoreError::of_io(&self.path, error))?);
            return Ok(());
        }
        self.take(write()?);
        Ok(())
    }

    /// Keeps what one event has changed, where the log has room for it and it goes on from what the
    /// tables have: then it is durable. Returns whether it is kept.
    pub(crate) fn log(
        &mut self,
        step: &Step<'_>,
        stream: &Stream,
        environment: &str,
    ) -> Result<bool, StoreError> {
        self.settle()?;
        let (rows, streams) = self.in_tables;
        if self.new_configuration.is_some() || self.header.streams.len() != streams {
            return Ok(false);
        }
        let environment = Some(environment).filter(|new| new.as_bytes() != self.environment);
        self.log.add(&self.path, rows, &LoggedStep::new(step, stream, environment))
    }

    /// Waits until what was committed is kept.
    pub(crate) fn settle(&mut self) -> Result<(), StoreError> {
        let Some(thread) = self.under_way.take() else { return Ok(()) };
        let written = thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
        self.take(written);
        Ok(())
    }

    fn take(&mut self, written: Written) {
        self.in_tables = (written.header.counters().journal, written.header.streams.len());
        (self.header, self.tail) = (written.header, written.tail);
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        // Whoever opens the file next must not meet a commit that is still under way; whether it
        // failed is not asked.
        drop(self.under_way.take().map(JoinHandle::join));
    }
}

pub(crate) fn configuration_name(number: usize) -> String {
    format!("configuration-{number:05}")
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

/// The header.
pub(crate) fn read_header(reading: &Reading) -> Result<Header, StoreError> {
    let header = reading.meta(HEADER)?.ok_or_else(|| reading.damaged("the header is missing"))?;
    serde_json::from_slice(&header)
        .map_err(|error| reading.damaged(format!("the header can't be read: {error}")))
}

/// The last chunk of the journal, to which rows may be added.
fn read_tail(reading: &Reading, header: &Header) -> Result<Tail, StoreError> {
    Ok(match header.counters().journal {
        0 => Tail::default(),
        _ => Tail::new(read_chunk(reading, header.last_chunk)?),
    })
}

/// The ids of the channels, by their number in the store.
pub(crate) fn read_channels(reading: &Reading) -> Result<Vec<String>, StoreError> {
    let Some(record) = reading.meta(CHANNELS)? else { return Ok(Vec::new()) };
    serde_json::from_slice(&record).map_err(|_| reading.damaged("the channels can't be read"))
}

/// A configuration.
pub(crate) fn read_configuration(
    reading: &Reading,
    number: usize,
) -> Result<ConfigurationRecord, StoreError> {
    let name = configuration_name(number);
    let record =
        reading.meta(&name)?.ok_or_else(|| reading.damaged(format!("`{name}` is missing")))?;
    serde_json::from_slice(&record)
        .map_err(|error| reading.damaged(format!("`{name}` can't be read: {error}")))
}

/// A chunk of the journal.
#[derive(Debug, Default)]
pub(crate) struct Chunk {
    /// Rows, each followed by its note.
    pub(crate) entries: Vec<u8>,
    /// The link before it.
    pub(crate) previous: [u8; 32],
    /// The link after it.
    pub(crate) link: [u8; 32],
}

/// What a sealed chunk holds; `None` where it is not what was written.
pub(crate) fn open_chunk(first: u64, sealed: &[u8]) -> Option<Chunk> {
    let (record, _) = check_seal(SealedTable::Journal.number(), first, sealed)?;
    let (record, link) = record.split_last_chunk::<32>()?;
    let (entries, previous) = record.split_last_chunk::<32>()?;
    Some(Chunk { entries: entries.to_vec(), previous: *previous, link: *link })
}

/// The chunk of the journal that begins with this row.
pub(crate) fn read_chunk(reading: &Reading, first: u64) -> Result<Chunk, StoreError> {
    let found = find_chunk(reading, first)?.filter(|(found, _)| *found == first);
    let found = found.map(|(_, chunk)| chunk);
    found.ok_or_else(|| {
        reading.damaged(format!("the journal's chunk from row {first} on is missing"))
    })
}

/// The last chunk of the journal that begins with this row or before it, and its first row.
pub(crate) fn find_chunk(reading: &Reading, row: u64) -> Result<Option<(u64, Chunk)>, StoreError> {
    let table = reading.transaction().open_table(JOURNAL).map_err(|error| reading.error(error))?;
    let mut range = table.range(..=row).map_err(|error| reading.error(error))?;
    let Some(found) = range.next_back() else { return Ok(None) };
    let (first, chunk) = found.map_err(|error| reading.error(error))?;
    let first = first.value();
    match open_chunk(first, chunk.value()) {
        Some(chunk) => Ok(Some((first, chunk))),
        None => Err(reading
            .damaged(format!("the journal's chunk from row {first} on is not what was written"))),
    }
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

impl Backing for StoreFile {
    type Error = StoreError;

    fn block(&mut self, kind: BlockKind, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.reading()?.block(kind, number)
    }

    fn name(&mut self, kind: NameKind, hash: u64) -> Result<Option<u64>, StoreError> {
        self.reading()?.name(kind, hash)
    }

    fn guid(&mut self, guid: u128) -> Result<Option<u64>, StoreError> {
        self.reading()?.guid(guid)
    }

    fn text(&mut self, kind: TextKind, number: u64) -> Result<Option<String>, StoreError> {
        self.reading()?.text(kind, number)
    }

    fn damaged(&self, what: &str) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.to_owned() }
    }
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
