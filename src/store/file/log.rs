//! The file around the tables: a page that says what it is, the log, and behind them what redb
//! keeps.
//!
//! An interactive writer keeps each event as a step in the log: a record in pages of its own, twice
//! in one write with one sync, so that nothing that was kept before is written again, and no
//! flipped bit makes the last step one that a power cut left unfinished. The tables follow with the
//! next commit, when the log is full or the writer ends; after a crash, whoever opens the store
//! takes the steps into the tables, a reader in memory only. Every step says after which journal
//! row of the tables the log began, so that steps which the tables have already are none.
//!
//! **Why not a table of redb**, with a commit for each step? The file would be plain redb. Measured
//! beside the log (`benches/`, `durable`; 40 MB of other rows in the file; medians of ratios to
//! 4 KiB appended with a sync over ten runs on a quiet machine, for which the log takes 0.7 to
//! 1.0), what one bit flipped after a kill in what a step wrote does to the step, and how long it
//! takes to open 129 MiB that a killed writer left:
//!
//! | commit of a step | time | a flipped bit | opened |
//! |---|---|---|---|
//! | one phase | 1.0 to 1.3 | two thirds take it away without a word | 100 to 150 ms |
//! | two phases | 1.5 to 1.8 | one does: which state is the newest | 100 to 170 ms |
//! | two phases, quick repair | 1.8 to 2.2 | two do | 12 to 57 ms |
//! | one phase, an empty one | 1.4 to 1.9 | told or no difference, as by the log | 110 to 150 ms |
//! | the same, that with quick repair | 2.6 to 2.8 | two do | 10 to 51 ms |
//!
//! Durable before it is answered, whole or not at all after a power cut, and exactly once they are
//! all. The log promises two things more. No flipped bit takes an answered step away in silence:
//! of these only an empty commit in one phase does so. And whoever opens the store after a kill
//! waits for its last steps, 2 ms, not for all its pages, a second for each GiB, which every reader
//! would read until somebody writes: of these only quick repair does so, and it loses the first
//! promise. No commit keeps both, and what comes nearest takes three times as long as the log.

use super::commit::{OwnedChanges, SealedBlock};
use super::header::{Header, SCHEMA, Stream};
use super::reading::Reading;
use super::seal::{check_seal, put_seal, seal};
use super::tables::SealedTable;
use crate::ledger::{BlockKind, Counters, LedgerStep, NameKind, Slot, TextKind, block_rows, place};
use crate::store::error::StoreError;
use redb::StorageBackend;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io;
use std::sync::Arc;

/// The unit of the log.
pub(crate) const PAGE: usize = 4096;
/// How many pages the log of a store has, with the one before it a megabyte.
pub(crate) const LOG_PAGES: u32 = 255;
/// How the file begins.
const MAGIC: &[u8; 16] = b"syncgate store\r\n";
/// How what redb keeps begins.
const REDB_MAGIC: &[u8; 9] = b"redb\x1a\x0a\xa9\x0d\x0a";

/// The first page of a store, and where its parts lie.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    file: Arc<dyn StorageBackend>,
    pages: u32,
}

impl Layout {
    /// Begins a file, which is empty: its first page, and a log that nothing was kept in.
    pub(crate) fn create(
        path: &str,
        file: impl StorageBackend,
        pages: u32,
    ) -> Result<Self, StoreError> {
        let mut first = MAGIC.to_vec();
        first.extend_from_slice(&u32::from(SCHEMA).to_le_bytes());
        first.extend_from_slice(&pages.to_le_bytes());
        put_seal(SealedTable::Log.number(), 0, &mut first);
        let layout = Self { file: Arc::new(file), pages };
        // Written rather than left out, so that keeping an event later finds its place on the disk.
        first.resize(layout.bytes_before_tables(), 0);
        layout.file.write(0, &first).map_err(|error| StoreError::of_io(path, error))?;
        Ok(layout)
    }

    /// The parts of a file, which is to be a store.
    pub(crate) fn open(path: &str, file: impl StorageBackend) -> Result<Self, StoreError> {
        let fail = |error| StoreError::of_io(path, error);
        let not_a_store = |what| Err(StoreError::NotAStore { path: path.to_owned(), what });
        let damaged =
            |what: &str| StoreError::Damaged { path: path.to_owned(), what: what.to_owned() };
        let len = file.len().map_err(fail)?;
        let mut first = [0; 40];
        // A file that is longer than any number says is longer than its first page.
        let known = usize::try_from(len).map_or(first.len(), |len| len.min(first.len()));
        file.read(0, first.split_at_mut(known).0).map_err(fail)?;
        match first {
            _ if len == 0 => return not_a_store("it is empty"),
            _ if first.starts_with(REDB_MAGIC) => {
                return not_a_store(
                    "it is the redb database of another program, or a store of format 1",
                );
            }
            _ if !first.starts_with(MAGIC) => return not_a_store("it does not begin as one"),
            _ => {}
        }
        let sealed = check_seal(SealedTable::Log.number(), 0, &first);
        let numbers = sealed.and_then(|(record, _)| record.last_chunk::<8>().copied());
        let numbers = numbers.ok_or_else(|| damaged("its first page is not what was written"))?;
        let [a, b, c, d, pages @ ..] = numbers;
        let schema = u32::from_le_bytes([a, b, c, d]);
        if schema != u32::from(SCHEMA) {
            let found = format!("format {schema}");
            return Err(StoreError::OtherVersion { path: path.to_owned(), found, known: SCHEMA });
        }
        let pages = u32::from_le_bytes(pages);
        if pages > LOG_PAGES {
            return Err(damaged("its log is longer than any that is made"));
        }
        let layout = Self { file: Arc::new(file), pages };
        let mut magic = [0; 9];
        if len >= layout.before_tables() + magic.len() as u64 {
            layout.file.read(layout.before_tables(), &mut magic).map_err(fail)?;
        }
        if magic != *REDB_MAGIC {
            return Err(damaged("its tables do not begin as they should"));
        }
        Ok(layout)
    }

    fn before_tables(&self) -> u64 {
        self.bytes_before_tables() as u64
    }

    fn bytes_before_tables(&self) -> usize {
        (self.pages as usize + 1) * PAGE
    }

    /// What redb sees of the file.
    pub(crate) fn tables(&self) -> RedbBytes {
        RedbBytes { file: Arc::clone(&self.file), before: self.before_tables() }
    }

    /// The log, of which nothing is known yet.
    pub(crate) fn log(&self) -> Log {
        Log { file: Arc::clone(&self.file), pages: self.pages, base: None, next: 0 }
    }
}

/// The file from where the tables begin. Whoever opens it has locked it: redb need not.
#[derive(Debug)]
pub(crate) struct RedbBytes {
    file: Arc<dyn StorageBackend>,
    before: u64,
}

impl RedbBytes {
    /// Where in the file redb's `offset` is; one that no file reaches stays out of reach.
    fn offset(&self, offset: u64) -> u64 {
        self.before.saturating_add(offset)
    }
}

impl StorageBackend for RedbBytes {
    fn len(&self) -> io::Result<u64> {
        let cut =
            || io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before its tables");
        self.file.len()?.checked_sub(self.before).ok_or_else(cut)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(self.offset(offset), out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file.set_len(self.offset(len))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(self.offset(offset), data)
    }
}

/// What one event has changed. Kinds stand by their numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct LoggedStep {
    /// The numbers of the header, and the stream that is being applied.
    header: Header,
    /// The environment, where it is another than in the tables.
    environment: Option<String>,
    rows: Vec<(u8, Slot, Vec<u8>)>,
    names: Vec<(u8, u64, Slot)>,
    guids: Vec<(u128, Slot)>,
    texts: Vec<(u8, u64, Option<String>)>,
    journal: Vec<u8>,
}

impl LoggedStep {
    pub(crate) fn new(step: &LedgerStep<'_>, stream: &Stream, environment: Option<&str>) -> Self {
        let texts = step.texts.iter();
        Self {
            header: Header::of_step(step.counters, stream),
            environment: environment.map(str::to_owned),
            rows: step
                .rows
                .iter()
                .map(|row| (row.kind as u8, row.slot, row.bytes.to_vec()))
                .collect(),
            names: step
                .names
                .iter()
                .map(|(kind, hash, slot)| (*kind as u8, *hash, *slot))
                .collect(),
            guids: step.guids.to_vec(),
            texts: texts
                .map(|(kind, slot, text)| (*kind as u8, *slot, text.map(str::to_owned)))
                .collect(),
            journal: step.journal.to_vec(),
        }
    }
}

/// What steps have changed, one after the other.
#[derive(Debug)]
pub(crate) struct Stepped {
    pub(crate) header: Header,
    /// What the tables have, which the steps go on from.
    kept: Counters,
    pub(crate) environment: Option<Vec<u8>>,
    /// Blocks without their seals.
    blocks: BTreeMap<(BlockKind, u64), Vec<u8>>,
    changes: OwnedChanges,
}

impl Stepped {
    /// From a header that steps go on from.
    pub(crate) fn new(header: Header) -> Self {
        let kept = header.counters();
        Self {
            header,
            kept,
            environment: None,
            blocks: BTreeMap::new(),
            changes: OwnedChanges::default(),
        }
    }

    /// Adds a step; blocks that it changes come from the tables. `None` where it makes no sense.
    pub(crate) fn add(
        &mut self,
        step: LoggedStep,
        tables: &mut Reading,
    ) -> Result<Option<()>, StoreError> {
        for (kind, slot, bytes) in &step.rows {
            let Some(kind) = BlockKind::ALL.get(usize::from(*kind)).copied() else {
                return Ok(None);
            };
            if bytes.len() != kind.width() {
                return Ok(None);
            }
            let (number, start) = place(kind, *slot);
            let block = match self.blocks.entry((kind, number as u64)) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(new) => {
                    let first = number as u64 * block_rows(kind) as u64;
                    let is_kept = first < self.kept.of(kind);
                    let block =
                        if is_kept { tables.block(kind, number as u64)? } else { Some(Vec::new()) };
                    let missing = || tables.damaged(format!("block {number} of {kind} is missing"));
                    new.insert(block.ok_or_else(missing)?)
                }
            };
            if block.len() < start + bytes.len() {
                block.resize(start + bytes.len(), 0);
            }
            block.iter_mut().skip(start).zip(bytes).for_each(|(place, byte)| *place = *byte);
        }
        for (kind, hash, slot) in step.names {
            let Some(kind) = NameKind::ALL.get(usize::from(kind)).copied() else { return Ok(None) };
            self.changes.names.push((kind, hash, slot));
        }
        for (kind, slot, text) in step.texts {
            let Some(kind) = TextKind::ALL.get(usize::from(kind)).copied() else { return Ok(None) };
            self.changes.texts.push((kind, slot, text));
        }
        self.changes.guids.extend(step.guids);
        self.changes.journal.extend(step.journal);
        self.environment = step.environment.map(String::into_bytes);
        self.header.take_step(step.header);
        Ok(Some(()))
    }

    /// The changes, for a commit.
    pub(crate) fn changes(mut self) -> OwnedChanges {
        self.changes.names.sort_unstable();
        for ((kind, number), record) in self.blocks {
            self.changes.blocks.push(SealedBlock::new(kind, number, record));
        }
        self.changes
    }
}

/// The log: steps one after the other.
#[derive(Debug)]
pub(crate) struct Log {
    file: Arc<dyn StorageBackend>,
    pages: u32,
    /// After how many journal rows of the tables it began.
    base: Option<u64>,
    /// The page that the next step begins with.
    next: u32,
}

/// How often a step is written.
const COPIES: u32 = 2;
/// What stands before the payload of a step: its seal, the length of what the seal is of, after
/// which journal row of the tables the log began, and the page that the step begins with.
const HEAD: usize = 16 + 4 + 8 + 4;

impl Log {
    /// Keeps a step after a commit of so many journal rows; when this returns, it is durable.
    /// Returns whether there was room.
    #[expect(clippy::expect_used, reason = "a length that is cut would be told as damage")]
    pub(crate) fn add(
        &mut self,
        path: &str,
        base: u64,
        step: &LoggedStep,
    ) -> Result<bool, StoreError> {
        // A commit has taken all steps before it into the tables: they may be written over.
        if self.base != Some(base) {
            (self.base, self.next) = (Some(base), 0);
        }
        let payload = postcard::to_allocvec(step)
            .map_err(|error| StoreError::of_io(path, io::Error::other(error)))?;
        let count = pages_of(payload.len());
        // Divided and not multiplied: a step may be so long that the product overflows.
        if count > (self.pages - self.next) / COPIES {
            return Ok(false);
        }
        let sealed = [&base.to_le_bytes()[..], &self.next.to_le_bytes(), &payload].concat();
        let len = u32::try_from(sealed.len()).expect("it fits into the log, which has 255 pages");
        let mut pages = Vec::with_capacity((count * COPIES) as usize * PAGE);
        for copy in 0..COPIES {
            // Sealed for the page that it lies on, so that it is none on another; 0 is the first
            // page of the file.
            let checksum =
                seal(SealedTable::Log.number(), u64::from(self.next + copy * count) + 1, &sealed);
            pages.extend_from_slice(&checksum.to_le_bytes());
            pages.extend_from_slice(&len.to_le_bytes());
            pages.extend_from_slice(&sealed);
            pages.resize(pages.len().next_multiple_of(PAGE), 0);
        }
        let written =
            self.file.write(Self::offset(self.next), &pages).and_then(|()| self.file.sync_data());
        written.map_err(|error| StoreError::of_io(path, error))?;
        self.next += count * COPIES;
        Ok(true)
    }

    /// The steps that the tables do not have, which have so many journal rows.
    pub(crate) fn steps(&self, path: &str, base: u64) -> Result<Vec<LoggedStep>, StoreError> {
        let damaged = |what: String| StoreError::Damaged { path: path.to_owned(), what };
        let mut log = vec![0; self.pages as usize * PAGE];
        self.file.read(PAGE as u64, &mut log).map_err(|error| StoreError::of_io(path, error))?;
        // All pages, not only those where a step should be: what stands behind a step that can't
        // be read tells whether it was the last one.
        let copies: Vec<StepCopy<'_>> =
            (0..self.pages).filter_map(|at| StepCopy::at(&log, at)).collect();
        if copies.iter().any(|copy| copy.base > base) {
            return Err(damaged("its tables are older than its log".to_owned()));
        }
        let (mut steps, mut next) = (Vec::new(), 0);
        while let Some(copy) = copies.iter().find(|copy| copy.base == base && copy.page == next) {
            let step = postcard::from_bytes(copy.payload);
            steps.push(step.map_err(|_| {
                damaged(format!("step {} of the log makes no sense", steps.len() + 1))
            })?);
            next += pages_of(copy.payload.len()) * COPIES;
        }
        // What a power cut leaves unfinished is the last step: where one follows, this one was
        // whole.
        if copies.iter().any(|copy| copy.base == base && copy.page > next) {
            return Err(damaged(format!(
                "step {} of the log is not what was written",
                steps.len() + 1
            )));
        }
        Ok(steps)
    }

    fn offset(page: u32) -> u64 {
        (u64::from(page) + 1) * PAGE as u64
    }
}

/// How many pages one copy of a step takes.
#[expect(clippy::expect_used, reason = "another number would say that there is room")]
fn pages_of(payload: usize) -> u32 {
    u32::try_from((HEAD + payload).div_ceil(PAGE)).expect("memory has less than 16 TiB")
}

/// A whole copy of a step.
struct StepCopy<'a> {
    base: u64,
    /// The page that the step begins with.
    page: u32,
    payload: &'a [u8],
}

impl<'a> StepCopy<'a> {
    /// The copy at a page of the log; `None` where there is none that is as it was written.
    fn at(log: &'a [u8], at: u32) -> Option<Self> {
        let (checksum, rest) = log.get(at as usize * PAGE..)?.split_first_chunk::<16>()?;
        let (len, rest) = rest.split_first_chunk::<4>()?;
        let sealed = rest.get(..u32::from_le_bytes(*len) as usize)?;
        let (base, rest) = sealed.split_first_chunk::<8>()?;
        let (page, payload) = rest.split_first_chunk::<4>()?;
        let expected = seal(SealedTable::Log.number(), u64::from(at) + 1, sealed);
        let (base, page) = (u64::from_le_bytes(*base), u32::from_le_bytes(*page));
        (u128::from_le_bytes(*checksum) == expected).then_some(Self { base, page, payload })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::file::memory::Memory;

    fn step(event: u64, note: &str) -> LoggedStep {
        let counters = Counters { events: event, ..Default::default() };
        let stream = Stream { events: event, ..Stream::default() };
        let step = LedgerStep {
            rows: Vec::new(),
            names: &[],
            guids: &[],
            texts: Vec::new(),
            journal: note.as_bytes(),
            counters: &counters,
        };
        LoggedStep::new(&step, &stream, None)
    }

    /// The events of the steps that a log has, or what is wrong with it.
    fn events(log: &Log, base: u64) -> Result<Vec<u64>, String> {
        let steps = log.steps("store", base).map_err(|error| error.to_string())?;
        Ok(steps.iter().map(|step| step.header.counters().events).collect())
    }

    #[test]
    fn steps_are_read_as_kept_and_only_an_unfinished_last_one_is_none() {
        let memory = Memory::default();
        let mut log = Layout::create("store", memory.clone(), 12).unwrap().log();
        assert_eq!(events(&log, 5), Ok(vec![]));
        // The second one takes two pages, twice.
        for (event, note) in [(1, "short"), (2, &*"long".repeat(1100)), (3, "short")] {
            assert!(log.add("store", 5, &step(event, note)).unwrap());
        }
        assert_eq!(events(&log, 5), Ok(vec![1, 2, 3]));
        assert_eq!(events(&log, 6), Ok(vec![]), "the tables went on without it");
        assert!(events(&log, 4).unwrap_err().contains("older than its log"));
        let whole = memory.bytes();
        let damaged = |places: &[usize]| {
            let mut bytes = whole.clone();
            for place in places {
                bytes[*place] ^= 4;
            }
            events(&Layout { file: Arc::new(Memory::of(bytes)), pages: 12 }.log(), 5)
        };
        for place in (PAGE..9 * PAGE).filter(|place| place % 7 == 0) {
            assert_eq!(damaged(&[place]), Ok(vec![1, 2, 3]), "a bit of byte {place} is flipped");
        }
        for (step, copies) in [(1, [1, 2]), (2, [3, 5]), (3, [7, 8])] {
            let found = damaged(&copies.map(|page| page * PAGE + 30));
            match step {
                3 => assert_eq!(found, Ok(vec![1, 2]), "as a power cut may leave it"),
                _ => assert!(found.unwrap_err().contains(&format!("step {step} of the log"))),
            }
        }
        assert!(log.add("store", 5, &step(4, &"long".repeat(1100))).unwrap());
        assert!(!log.add("store", 5, &step(5, "short")).unwrap(), "there is no room");
        assert!(log.add("store", 9, &step(5, "short")).unwrap(), "after a commit it begins anew");
        assert_eq!(events(&log, 9), Ok(vec![5]));
    }

    #[test]
    fn a_first_page_that_is_another_is_told() {
        let memory = Memory::default();
        Layout::create("store", memory.clone(), 2).unwrap();
        let opened = |bytes: Vec<u8>| Layout::open("store", Memory::of(bytes)).unwrap_err();
        let whole = memory.bytes();
        assert!(matches!(opened(whole.clone()), StoreError::Damaged { .. }), "there are no tables");
        assert!(matches!(opened(Vec::new()), StoreError::NotAStore { .. }));
        assert!(matches!(opened(b"syn".to_vec()), StoreError::NotAStore { .. }));
        for byte in 16..40 {
            let mut bytes = whole.clone();
            bytes[byte] ^= 1;
            assert!(matches!(opened(bytes), StoreError::Damaged { .. }), "byte {byte}");
        }
    }
}
