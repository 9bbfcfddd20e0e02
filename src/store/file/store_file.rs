//! The file: created whole or not at all, opened by one writer, read without being written.

use super::commit::{Batch, OwnedChanges, Tail, Written};
use super::configuration::ConfigurationRecord;
use super::disk;
use super::header::{Header, Stream};
use super::log::{LOG_PAGES, Layout, Log, LoggedStep};
use super::memory::Memory;
use super::meta::{read_channels, read_environment, read_header};
use super::pages::Pages;
use super::reader::{begin_read, open_pages, read_tail, recover, wrong_pages};
use super::reading::Reading;
use super::tables::{GUIDS, JOURNAL, TEXTS, block_table, name_table};
use crate::ledger::{Backing, BlockKind, Changes, LedgerStep, NameKind, TextKind};
use crate::store::error::StoreError;
use redb::StorageBackend;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

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
    pages: Arc<Pages>,
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

    /// A new store that is no file.
    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let memory = Memory::default();
        Self::create_in(disk::IN_MEMORY, memory.clone(), LOG_PAGES)?;
        Self::open_in(disk::IN_MEMORY, memory)
    }

    /// Makes the file as small as its content allows.
    #[expect(clippy::expect_used, reason = "only a commit under way shares the pages")]
    pub(crate) fn compact(mut self) -> Result<(), StoreError> {
        self.settle()?;
        self.reading = None;
        Arc::get_mut(&mut self.pages).expect("no commit is under way any more").compact()
    }

    /// Makes an empty store in `backend`, with so many pages of log.
    pub(crate) fn create_in(
        path: &str,
        backend: impl StorageBackend,
        log_pages: u32,
    ) -> Result<(), StoreError> {
        let layout = Layout::create(path, backend, log_pages)?;
        let pages = Pages::open(path, layout.tables())?;
        let tables = pages.write(false)?;
        for kind in BlockKind::ALL {
            tables.table(block_table(*kind))?;
        }
        for kind in NameKind::ALL {
            tables.table(name_table(*kind))?;
        }
        tables.table(GUIDS)?;
        tables.table(TEXTS)?;
        tables.table(JOURNAL)?;
        Header::default().put(&tables)?;
        tables.commit()
    }

    /// Opens a store to write, if its pages are what was written: nothing is added to a damaged
    /// store.
    pub(crate) fn open(path: &str) -> Result<Self, StoreError> {
        if let Some(what) = wrong_pages(path)? {
            return Err(StoreError::Damaged { path: path.to_owned(), what });
        }
        let fail = |error| StoreError::of_io(path, error);
        let file = disk::open_to_write(Path::new(path)).map_err(fail)?;
        disk::lock(&file).map_err(fail)?;
        let backend =
            redb::backends::FileBackend::new(file).map_err(|error| StoreError::of(path, error))?;
        Self::open_in(path, backend)
    }

    /// Opens the store in `backend` to write.
    pub(crate) fn open_in(path: &str, backend: impl StorageBackend) -> Result<Self, StoreError> {
        let (pages, log) = open_pages(path, backend)?;
        recover(path, &pages, &log)?;
        let mut file = Self {
            path: path.to_owned(),
            pages: Arc::new(pages),
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
        file.environment = read_environment(file.reading()?, &header)?;
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
            self.reading = Some(begin_read(&self.pages)?);
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
        let header = self.header.clone();
        read_channels(self.reading()?, &header)
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
        let bytes = record.to_bytes();
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
        let pages = Arc::clone(&self.pages);
        let (header, tail) = (self.header.clone(), std::mem::take(&mut self.tail));
        let write = move || Written { header, tail }.write(&pages, &batch);
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
        step: &LedgerStep<'_>,
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
