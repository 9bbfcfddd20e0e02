//! Opening the file of a store, and reading it without writing to it.

use super::backend::Overlay;
use super::chunk::read_chunk;
use super::commit::{Batch, Tail, Written};
use super::disk;
use super::header::Header;
use super::log::{Layout, Log, Stepped};
use super::meta::read_header;
use super::pages::Pages;
use super::reading::Reading;
use crate::ledger::{Backing, BlockKind, NameKind, TextKind};
use crate::store::error::StoreError;
use redb::StorageBackend;
use std::path::Path;

/// Opens the store in `backend`: the pages of its tables, and its log.
pub(crate) fn open_pages(
    path: &str,
    backend: impl StorageBackend,
) -> Result<(Pages, Log), StoreError> {
    let layout = Layout::open(path, backend)?;
    Ok((Pages::open(path, layout.tables())?, layout.log()))
}

/// Takes into the tables what the log has beyond them. Returns whether there was anything.
pub(crate) fn recover(path: &str, pages: &Pages, log: &Log) -> Result<bool, StoreError> {
    let mut reading = begin_read(pages)?;
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
    Written { header, tail }.write(pages, &batch).map(|_| true)
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
    let (mut pages, _) = open_to_read(path)?;
    match pages.are_whole() {
        Ok(true) => Ok(None),
        Ok(false) => Ok(Some("its pages are not what was written".to_owned())),
        Err(StoreError::Damaged { what, .. }) => Ok(Some(what)),
        Err(other) => Err(other),
    }
}

/// A store that is only read.
#[derive(Debug)]
pub(crate) struct ReadOnly {
    // The pages outlive the transaction of `reading`.
    pub(crate) reading: Reading,
    pub(crate) header: Header,
    _pages: Pages,
}

impl ReadOnly {
    /// Opens a store to read; the file is not written, not even to repair what a crash left behind.
    pub(crate) fn open(path: &str) -> Result<Self, StoreError> {
        let (pages, log) = open_to_read(path)?;
        recover(path, &pages, &log)?;
        let reading = begin_read(&pages)?;
        let header = read_header(&reading)?;
        Ok(Self { reading, header, _pages: pages })
    }
}

/// Opens the file of a store to read, whatever its header says, and its log, which is not taken
/// into the tables yet.
pub(crate) fn open_to_read(path: &str) -> Result<(Pages, Log), StoreError> {
    let fail = |error| StoreError::of_io(path, error);
    if path == disk::IN_MEMORY {
        return Err(StoreError::InMemory);
    }
    let file = disk::open(Path::new(path)).map_err(fail)?;
    disk::lock_shared(&file).map_err(fail)?;
    open_pages(path, Overlay::new(file).map_err(fail)?)
}

/// The tables as the last commit left them.
pub(crate) fn begin_read(pages: &Pages) -> Result<Reading, StoreError> {
    pages.read().map(Reading::new)
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
