//! What a commit writes: records sealed, digests kept up, the journal appended and linked.

use super::chunk::Chunk;
use super::header::Header;
use super::meta::{CHANNELS, ENVIRONMENT, HEADER, configuration_name};
use super::names::put_names;
use super::pages::{Pages, WriteTables};
use super::seal::{
    NotAsWritten, SEAL_BYTES, TableDigest, last_seal, link, put_seal, sealed_number,
};
use super::tables::{GUIDS, JOURNAL, META, SealedTable, TEXTS, block_table, meta_key, name_table};
use crate::ledger::{BlockKind, Changes, JournalRow, NameKind, Slot, TextKind};
use crate::store::error::StoreError;

/// How many bytes of journal make a chunk: with its seal and links it fills four pages.
const CHUNK_BYTES: usize = 16_256;

/// A block of rows, sealed.
#[derive(Debug)]
pub(crate) struct SealedBlock {
    kind: BlockKind,
    number: u64,
    record: Vec<u8>,
    seal: u128,
}

impl SealedBlock {
    /// Seals a block, which has room for that.
    pub(crate) fn new(kind: BlockKind, number: u64, mut record: Vec<u8>) -> Self {
        let seal = put_seal(SealedTable::Blocks(kind).number(), number, &mut record);
        Self { kind, number, record, seal }
    }
}

/// [`Changes`] that borrow nothing, so that they can be written while the next ones are made.
#[derive(Debug, Default)]
pub(crate) struct OwnedChanges {
    pub(crate) blocks: Vec<SealedBlock>,
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
            SealedBlock::new(change.kind, change.number, record)
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
    #[expect(clippy::expect_used, reason = "channels that are lost would be kept in silence")]
    pub(crate) fn write(mut self, pages: &Pages, batch: &Batch) -> Result<Self, StoreError> {
        let tables = pages.write(true)?;
        self.put_blocks(&tables, &batch.changes)?;
        self.put_names(&tables, &batch.changes)?;
        self.put_texts(&tables, &batch.changes)?;
        self.put_journal(&tables, &batch.changes.journal)?;
        if let Some((record, channels)) = &batch.configuration {
            let name = configuration_name(self.header.configurations.len() - 1);
            let channels = serde_json::to_vec(channels).expect("a list of texts is JSON");
            self.header.put_meta(&tables, &name, record)?;
            self.header.put_meta(&tables, CHANNELS, &channels)?;
        }
        if let Some(environment) = &batch.environment {
            self.header.put_meta(&tables, ENVIRONMENT, environment)?;
        }
        self.header.put(&tables)?;
        tables.commit()?;
        // One bit of redb's first page says which of the last two states is the newest, and nothing
        // guards it. Once more, with no change: then both are this one, whatever it says.
        pages.write(true)?.commit()?;
        Ok(self)
    }

    fn put_blocks(
        &mut self,
        tables: &WriteTables,
        changes: &OwnedChanges,
    ) -> Result<(), StoreError> {
        for kind in BlockKind::ALL {
            let mut of_kind = changes.blocks.iter().filter(|block| block.kind == *kind).peekable();
            if of_kind.peek().is_none() {
                continue; // A table that is only opened costs a small commit as much as a row.
            }
            let table = SealedTable::Blocks(*kind);
            let mut digest = self.header.table(table.name());
            let mut open = tables.table(block_table(*kind))?;
            for SealedBlock { number, record, seal, .. } in of_kind {
                digest.add(*seal);
                let old = open.insert(*number, record.as_slice(), last_seal)?;
                take_out(&mut digest, tables, table.name(), old)?;
            }
            self.header.set_table(table.name(), digest);
        }
        Ok(())
    }

    fn put_names(
        &mut self,
        tables: &WriteTables,
        changes: &OwnedChanges,
    ) -> Result<(), StoreError> {
        for kind in NameKind::ALL {
            if changes.names.iter().all(|(of, _, _)| of != kind) {
                continue;
            }
            let table = SealedTable::Names(*kind).name();
            let mut digest = self.header.table(table);
            let mut open = tables.table(name_table(*kind))?;
            let of_kind = changes.names.iter().filter(|(of, _, _)| of == kind);
            let new: Vec<(u64, Slot)> = of_kind.map(|(_, hash, slot)| (*hash, *slot)).collect();
            put_names(
                tables.path(),
                &mut open,
                *kind,
                &new,
                self.header.names(*kind),
                &mut digest,
            )?;
            self.header.set_table(table, digest);
        }
        if changes.guids.is_empty() {
            return Ok(());
        }
        let table = SealedTable::Guids;
        let mut digest = self.header.table(table.name());
        let mut open = tables.table(GUIDS)?;
        for (guid, slot) in &changes.guids {
            let sealed = sealed_number(table.number(), *guid, *slot);
            open.insert(*guid, sealed, |_| ())?;
            digest.add(u128::from_le_bytes(sealed));
        }
        self.header.set_table(table.name(), digest);
        Ok(())
    }

    fn put_texts(
        &mut self,
        tables: &WriteTables,
        changes: &OwnedChanges,
    ) -> Result<(), StoreError> {
        if changes.texts.is_empty() {
            return Ok(());
        }
        let mut digest = self.header.table("texts");
        let mut open = tables.table(TEXTS)?;
        for (kind, number, text) in &changes.texts {
            let key = (*kind as u8, *number);
            let old = match text {
                Some(text) => {
                    let mut record = text.as_bytes().to_vec();
                    digest.add(put_seal(SealedTable::Texts(*kind).number(), *number, &mut record));
                    open.insert(key, record.as_slice(), last_seal)?
                }
                None => open.remove(key, last_seal)?,
            };
            take_out(&mut digest, tables, "texts", old)?;
        }
        self.header.set_table("texts", digest);
        Ok(())
    }

    /// Appends journal rows in chunks, each linked to the one before.
    #[expect(clippy::expect_used, reason = "a row that is cut would be lost in silence")]
    fn put_journal(&mut self, tables: &WriteTables, entries: &[u8]) -> Result<(), StoreError> {
        let mut open = tables.table(JOURNAL)?;
        let mut digest = self.header.table("journal");
        let mut rest = entries;
        while !rest.is_empty() {
            let tail = &mut self.tail.chunk;
            // A chunk of one long entry may be longer than others, and has no room left.
            let room = CHUNK_BYTES.saturating_sub(tail.entries.len());
            let (taken, rows) = fitting(rest, room);
            if rows == 0 && !tail.entries.is_empty() {
                // The chunk is full: the next begins, linked to it.
                *tail = Chunk { entries: Vec::new(), previous: tail.link, link: tail.link };
                self.header.last_chunk += std::mem::take(&mut self.tail.rows);
                continue;
            }
            // An entry longer than a chunk has one of its own.
            let first = || entry_bytes(rest).expect("entries are handed out whole");
            let (now, later) = rest.split_at(if rows == 0 { first() } else { taken });
            tail.entries.extend_from_slice(now);
            tail.link = link(&tail.previous, &tail.entries);
            self.tail.rows += rows.max(1);
            rest = later;
            let mut record = [tail.entries.as_slice(), &tail.previous, &tail.link].concat();
            let first = self.header.last_chunk;
            digest.add(put_seal(SealedTable::Journal.number(), first, &mut record));
            let old = open.insert(first, record.as_slice(), last_seal)?;
            take_out(&mut digest, tables, "journal", old)?;
        }
        self.header.chain = crate::digest::hexadecimal(&self.tail.chunk.link);
        self.header.set_table("journal", digest);
        Ok(())
    }
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

/// The seal of a record that was replaced or removed, where there was one.
type Replaced = Option<Result<u128, NotAsWritten>>;

/// Takes the seal of a record that was replaced or removed out of the digest of its table.
fn take_out(
    digest: &mut TableDigest,
    tables: &WriteTables,
    name: &str,
    old: Replaced,
) -> Result<(), StoreError> {
    match old {
        None => {}
        Some(Ok(seal)) => digest.remove(seal),
        Some(Err(NotAsWritten)) => {
            let what = format!("a record of {name} is too short for a seal");
            return Err(StoreError::Damaged { path: tables.path().to_owned(), what });
        }
    }
    Ok(())
}

impl Header {
    /// Writes a record of `meta`, and takes its seal into the digest of that table.
    pub(crate) fn put_meta(
        &mut self,
        tables: &WriteTables,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), StoreError> {
        let mut digest = self.table("meta");
        let (new, old) = put_record(tables, name, bytes)?;
        digest.add(new);
        take_out(&mut digest, tables, "meta", old)?;
        self.set_table("meta", digest);
        Ok(())
    }

    /// Writes the header itself, which has the digests of all others.
    pub(crate) fn put(&self, tables: &WriteTables) -> Result<(), StoreError> {
        put_record(tables, HEADER, &self.to_bytes()).map(|_| ())
    }
}

/// Writes a record of `meta`; its seal, and the seal of the record that it replaces.
fn put_record(
    tables: &WriteTables,
    name: &str,
    bytes: &[u8],
) -> Result<(u128, Replaced), StoreError> {
    let mut record = bytes.to_vec();
    let seal = put_seal(SealedTable::Meta.number(), meta_key(name), &mut record);
    let old = tables.table(META)?.insert(name, record.as_slice(), last_seal)?;
    Ok((seal, old))
}
