//! What a commit writes: records sealed, digests kept up, the journal appended and linked.

use super::chunk::Chunk;
use super::header::Header;
use super::meta::{CHANNELS, ENVIRONMENT, HEADER, configuration_name};
use super::names::put_names;
use super::seal::{SEAL_BYTES, link, put_seal, sealed_number};
use super::tables::{GUIDS, JOURNAL, META, SealedTable, TEXTS, block_table, meta_key, name_table};
use crate::ledger::{BlockKind, Changes, JournalRow, NameKind, Slot, TextKind};
use crate::store::error::StoreError;
use redb::{Database, WriteTransaction};

/// How many bytes of journal make a chunk: with its seal and links it fills four pages.
const CHUNK_BYTES: usize = 16_256;

/// [`Changes`] that borrow nothing, so that they can be written while the next ones are made.
#[derive(Debug, Default)]
pub(crate) struct OwnedChanges {
    /// Blocks with their seals.
    pub(crate) blocks: Vec<(BlockKind, u64, Vec<u8>)>,
    /// Sorted.
    pub(crate) names: Vec<(NameKind, u64, Slot)>,
    pub(crate) guids: Vec<(u128, Slot)>,
    pub(crate) texts: Vec<(TextKind, u64, Option<String>)>,
    pub(crate) journal: Vec<u8>,
}

impl OwnedChanges {
    /// A copy of `changes`, its blocks sealed.
    pub(crate) fn of(changes: &Changes<'_>) -> Self {
        let blocks = changes.blocks.iter().map(|change| {
            let mut record = Vec::with_capacity(change.bytes.len() + SEAL_BYTES);
            record.extend_from_slice(change.bytes);
            put_seal(SealedTable::Blocks(change.kind).number(), change.number, &mut record);
            (change.kind, change.number, record)
        });
        let texts = changes
            .texts
            .iter()
            .map(|(kind, number, text)| (*kind, *number, text.map(str::to_owned)));
        Self {
            blocks: blocks.collect(),
            names: changes.names.to_vec(),
            guids: changes.guids.to_vec(),
            texts: texts.collect(),
            journal: changes.journal.to_vec(),
        }
    }
}

/// Everything that one commit keeps.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) changes: OwnedChanges,
    /// The environment, where it is another than before.
    pub(crate) environment: Option<Vec<u8>>,
    /// A new configuration, and the ids of all channels with it.
    pub(crate) configuration: Option<(Vec<u8>, Vec<String>)>,
}

/// The last chunk of the journal, to which rows may be added.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    chunk: Chunk,
    /// How many rows it has.
    rows: u64,
}

impl Tail {
    pub(crate) fn new(chunk: Chunk) -> Self {
        Self { rows: fitting(&chunk.entries, usize::MAX).1, chunk }
    }
}

/// What a commit goes on from, and leaves behind.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) header: Header,
    pub(crate) tail: Tail,
}

impl Written {
    /// Writes a commit: everything, or nothing of it.
    pub(crate) fn write(
        mut self,
        path: &str,
        database: &Database,
        batch: &Batch,
    ) -> Result<Self, StoreError> {
        let transaction = begin(path, database)?;
        self.put_blocks(path, &transaction, &batch.changes)?;
        self.put_names(path, &transaction, &batch.changes)?;
        self.put_texts(path, &transaction, &batch.changes)?;
        self.put_journal(path, &transaction, &batch.changes.journal)?;
        if let Some((record, channels)) = &batch.configuration {
            let name = configuration_name(self.header.configurations.len() - 1);
            let channels = serde_json::to_vec(channels).unwrap_or_default();
            self.header.put_meta(path, &transaction, &name, record)?;
            self.header.put_meta(path, &transaction, CHANNELS, &channels)?;
        }
        if let Some(environment) = &batch.environment {
            self.header.put_meta(path, &transaction, ENVIRONMENT, environment)?;
        }
        self.header.put(path, &transaction)?;
        transaction.commit().map_err(|error| StoreError::of(path, error))?;
        // One bit of redb's first page says which of the last two states is the newest, and nothing
        // guards it. Once more, with no change: then both are this one, whatever it says.
        begin(path, database)?.commit().map_err(|error| StoreError::of(path, error))?;
        Ok(self)
    }

    fn put_blocks(
        &mut self,
        path: &str,
        transaction: &WriteTransaction,
        changes: &OwnedChanges,
    ) -> Result<(), StoreError> {
        let fail = |error: redb::Error| StoreError::of(path, error);
        for kind in BlockKind::ALL {
            let mut of_kind = changes.blocks.iter().filter(|change| change.0 == *kind).peekable();
            if of_kind.peek().is_none() {
                continue; // A table that is only opened costs a small commit as much as a row.
            }
            let table = SealedTable::Blocks(*kind);
            let mut digest = self.header.table(table.name());
            let mut open =
                transaction.open_table(block_table(*kind)).map_err(|error| fail(error.into()))?;
            for (_, number, record) in of_kind {
                digest.add(last_seal(record));
                let old =
                    open.insert(*number, record.as_slice()).map_err(|error| fail(error.into()))?;
                if let Some(old) = old {
                    digest.remove(last_seal(old.value()));
                }
            }
            self.header.set_table(table.name(), digest);
        }
        Ok(())
    }

    fn put_names(
        &mut self,
        path: &str,
        transaction: &WriteTransaction,
        changes: &OwnedChanges,
    ) -> Result<(), StoreError> {
        let fail = |error: redb::Error| StoreError::of(path, error);
        for kind in NameKind::ALL {
            if changes.names.iter().all(|(of, _, _)| of != kind) {
                continue;
            }
            let table = SealedTable::Names(*kind).name();
            let mut digest = self.header.table(table);
            let mut open =
                transaction.open_table(name_table(*kind)).map_err(|error| fail(error.into()))?;
            let of_kind = changes.names.iter().filter(|(of, _, _)| of == kind);
            let new: Vec<(u64, Slot)> = of_kind.map(|(_, hash, slot)| (*hash, *slot)).collect();
            put_names(path, &mut open, *kind, &new, self.header.names(*kind), &mut digest)?;
            self.header.set_table(table, digest);
        }
        if changes.guids.is_empty() {
            return Ok(());
        }
        let table = SealedTable::Guids;
        let mut digest = self.header.table(table.name());
        let mut open = transaction.open_table(GUIDS).map_err(|error| fail(error.into()))?;
        for (guid, slot) in &changes.guids {
            let sealed = sealed_number(table.number(), *guid, *slot);
            open.insert(*guid, sealed).map_err(|error| fail(error.into()))?;
            digest.add(u128::from_le_bytes(sealed));
        }
        self.header.set_table(table.name(), digest);
        Ok(())
    }

    fn put_texts(
        &mut self,
        path: &str,
        transaction: &WriteTransaction,
        changes: &OwnedChanges,
    ) -> Result<(), StoreError> {
        let fail = |error: redb::Error| StoreError::of(path, error);
        if changes.texts.is_empty() {
            return Ok(());
        }
        let mut digest = self.header.table("texts");
        let mut open = transaction.open_table(TEXTS).map_err(|error| fail(error.into()))?;
        for (kind, number, text) in &changes.texts {
            let key = (*kind as u8, *number);
            let old = match text {
                Some(text) => {
                    let mut record = text.as_bytes().to_vec();
                    digest.add(put_seal(SealedTable::Texts(*kind).number(), *number, &mut record));
                    open.insert(key, record.as_slice()).map_err(|error| fail(error.into()))?
                }
                None => open.remove(key).map_err(|error| fail(error.into()))?,
            };
            if let Some(old) = old {
                digest.remove(last_seal(old.value()));
            }
        }
        self.header.set_table("texts", digest);
        Ok(())
    }

    /// Appends journal rows in chunks, each linked to the one before.
    fn put_journal(
        &mut self,
        path: &str,
        transaction: &WriteTransaction,
        entries: &[u8],
    ) -> Result<(), StoreError> {
        let fail = |error: redb::Error| StoreError::of(path, error);
        let mut open = transaction.open_table(JOURNAL).map_err(|error| fail(error.into()))?;
        let mut digest = self.header.table("journal");
        let mut rest = entries;
        while !rest.is_empty() {
            let tail = &mut self.tail.chunk;
            let (taken, rows) = fitting(rest, CHUNK_BYTES.saturating_sub(tail.entries.len()));
            if rows == 0 && !tail.entries.is_empty() {
                // The chunk is full: the next begins, linked to it.
                *tail = Chunk { entries: Vec::new(), previous: tail.link, link: tail.link };
                self.header.last_chunk += std::mem::take(&mut self.tail.rows);
                continue;
            }
            // An entry longer than a chunk has one of its own.
            let taken = if rows == 0 { entry_bytes(rest).unwrap_or(rest.len()) } else { taken };
            let (now, later) = rest.split_at_checked(taken).unwrap_or((rest, &[]));
            tail.entries.extend_from_slice(now);
            tail.link = link(&tail.previous, &tail.entries);
            self.tail.rows += rows.max(1);
            rest = later;
            let mut record = [tail.entries.as_slice(), &tail.previous, &tail.link].concat();
            let first = self.header.last_chunk;
            digest.add(put_seal(SealedTable::Journal.number(), first, &mut record));
            let old = open.insert(first, record.as_slice()).map_err(|error| fail(error.into()))?;
            if let Some(old) = old {
                digest.remove(last_seal(old.value()));
            }
        }
        self.header.chain = crate::digest::hexadecimal(&self.tail.chunk.link);
        self.header.set_table("journal", digest);
        Ok(())
    }
}

/// Begins a commit in two phases, so that what is opened after a crash is never taken for unfinished
/// because of a flipped bit, and is opened fast.
fn begin(path: &str, database: &Database) -> Result<WriteTransaction, StoreError> {
    let mut transaction = database.begin_write().map_err(|error| StoreError::of(path, error))?;
    transaction.set_two_phase_commit(true);
    transaction.set_quick_repair(true);
    Ok(transaction)
}

/// How many bytes the first journal entry takes.
fn entry_bytes(entries: &[u8]) -> Option<usize> {
    JournalRow::split_first(entries).map(|(_, _, rest)| entries.len() - rest.len())
}

/// How many bytes of whole entries, and how many entries, fit into `room`.
fn fitting(entries: &[u8], room: usize) -> (usize, u64) {
    let (mut bytes, mut rows) = (0, 0);
    while let Some(next) =
        entries.get(bytes..).and_then(entry_bytes).filter(|next| bytes + next <= room)
    {
        bytes += next;
        rows += 1;
    }
    (bytes, rows)
}

/// The seal at the end of a record.
fn last_seal(record: &[u8]) -> u128 {
    record.split_last_chunk::<16>().map_or(0, |(_, seal)| u128::from_le_bytes(*seal))
}

impl Header {
    /// Writes a record of `meta`, and takes its seal into the digest of that table.
    pub(crate) fn put_meta(
        &mut self,
        path: &str,
        transaction: &WriteTransaction,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let mut digest = self.table("meta");
        let (new, old) = put_record(path, transaction, name, bytes)?;
        digest.add(new);
        if let Some(old) = old {
            digest.remove(old);
        }
        self.set_table("meta", digest);
        Ok(())
    }

    /// Writes the header itself, which has the digests of all others.
    pub(crate) fn put(&self, path: &str, transaction: &WriteTransaction) -> Result<(), StoreError> {
        put_record(path, transaction, HEADER, &self.to_bytes()).map(|_| ())
    }
}

/// Writes a record of `meta`; its seal, and the seal of the record that it replaces.
fn put_record(
    path: &str,
    transaction: &WriteTransaction,
    name: &str,
    bytes: &[u8],
) -> Result<(u128, Option<u128>), StoreError> {
    let mut table = transaction.open_table(META).map_err(|error| StoreError::of(path, error))?;
    let mut record = bytes.to_vec();
    let seal = put_seal(SealedTable::Meta.number(), meta_key(name), &mut record);
    let old = table.insert(name, record.as_slice()).map_err(|error| StoreError::of(path, error))?;
    Ok((seal, old.map(|old| last_seal(old.value()))))
}
