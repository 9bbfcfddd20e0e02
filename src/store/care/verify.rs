//! Verifying a store: every record of every table is read, and whatever is not as it was written is
//! named. Nothing here writes to the file.

use super::recount::recount;
use super::verified::{Damage, Verified, said};
use crate::ledger::{BlockKind, JournalRow, NameKind, TextKind, block_rows};
use crate::lifecycle::guid_text;
use crate::store::error::StoreError;
use crate::store::file::chunk::open_chunk;
use crate::store::file::header::Header;
use crate::store::file::meta::{CHANNELS, ENVIRONMENT, HEADER, configuration_name, read_header};
use crate::store::file::names::{Buckets, open_bucket};
use crate::store::file::reader::{begin_read, open_to_read, recover, wrong_pages};
use crate::store::file::reading::Reading;
use crate::store::file::seal::{TableDigest, check_seal, digest, link, open_number};
use crate::store::file::tables::{
    GUIDS, JOURNAL, META, SealedTable, TEXTS, block_table, meta_key, name_table,
};
use redb::{Key, TableDefinition, Value};
use std::collections::BTreeSet;

/// Reads the whole store at `path` and names everything that is not as it was written; of an event
/// in the log one of two copies is enough. `head` is the digest that the store is to have.
///
/// # Errors
///
/// The file can't be opened as a store at all.
pub fn verify(path: &str, head: Option<&str>) -> Result<Verified, StoreError> {
    let mut verified = Verified::default();
    if let Some(what) = wrong_pages(path)? {
        verified.damage("file", "", what);
    }
    let (pages, log) = open_to_read(path)?;
    let (mut header, mut verified) = walked(begin_read(&pages)?, verified);
    if verified.damages.is_empty() && verified.vague.is_empty() {
        // The tables are what was written: now with what the log has beyond them.
        match recover(path, &pages, &log) {
            Ok(true) => {
                (header, verified) = walked(begin_read(&pages)?, Verified::default());
            }
            Ok(false) => {}
            Err(StoreError::Damaged { what, .. }) => verified.damage("log", "", what),
            Err(error) => return Err(error),
        }
    } else if let Some(header) = &header
        && let Err(StoreError::Damaged { what, .. }) = log.steps(path, header.counters().journal)
    {
        verified.damage("log", "", what);
    }
    drop(pages);
    if let Some(header) = &header {
        verified.head = Some(header.head());
        recount(path, &mut verified)?;
    }
    for vague in std::mem::take(&mut verified.vague) {
        if !verified.is_damaged(&vague.table) {
            verified.damages.push(vague);
        }
    }
    match (head, &verified.head) {
        (Some(wanted), Some(found)) if wanted != found => {
            let what = format!(
                "the head is {found}, not the one given: the store was put back to another state, \
                    goes on from it, or is another"
            );
            verified.damage("meta", HEADER, what);
        }
        _ => {}
    }
    Ok(verified)
}

/// Walks through all tables; the header, where it can be read.
fn walked(reading: Reading, found: Verified) -> (Option<Header>, Verified) {
    let mut walk = Walk { reading, header: None, found };
    walk.header();
    walk.tables();
    (walk.header, walk.found)
}

/// A walk through all tables.
struct Walk {
    reading: Reading,
    header: Option<Header>,
    found: Verified,
}

impl Walk {
    fn header(&mut self) {
        match read_header(&self.reading) {
            Ok(header) => self.header = Some(header),
            Err(error) => self.found.damage("meta", HEADER, said(&error)),
        }
    }

    fn tables(&mut self) {
        self.strangers();
        self.meta();
        for kind in BlockKind::ALL {
            self.blocks(*kind);
        }
        for kind in NameKind::ALL {
            self.names(*kind);
        }
        self.guids();
        self.texts();
        self.journal();
    }

    /// Tables that do not belong here.
    fn strangers(&mut self) {
        let known = known_tables();
        // Where they can't be told, what is read of each table says why.
        for name in self.reading.tables().names().into_iter().flatten() {
            if !known.contains(name.as_str()) {
                self.found.damage(&name, "", "the table was added");
            }
        }
    }

    /// Reads every record of a table; what `each` makes of it goes into the digest, or is damage.
    fn walk<K: Key + 'static, V: Value + 'static>(
        &mut self,
        name: &'static str,
        definition: TableDefinition<'static, K, V>,
        mut each: impl FnMut(&mut Verified, K::SelfType<'_>, V::SelfType<'_>) -> Option<u128>,
    ) {
        let (reading, found) = (&self.reading, &mut self.found);
        let before = found.damages.len();
        let mut digest = TableDigest::default();
        let mut count = 0;
        let read = match reading.tables().table(definition) {
            Ok(table) => table.each(|key, value| {
                count += 1;
                if let Some(seal) = each(found, key, value) {
                    digest.add(seal);
                }
            }),
            Err(error) => Err(error),
        };
        if let Err(error) = read {
            found.damage(name, "", said(&error));
        }
        found.records.push((name.to_owned(), count));
        let Some(expected) = self.header.as_ref().map(|header| header.table(name)) else { return };
        if digest != expected && found.damages.len() == before {
            let what = match (digest.records, expected.records) {
                (there, kept) if there == kept => {
                    "a record was changed together with its seal: the digest is not the header's"
                        .to_owned()
                }
                (there, kept) => format!("there are {there} records, and the header counts {kept}"),
            };
            found.vague.push(Damage { table: name.to_owned(), key: String::new(), what });
        }
    }

    fn meta(&mut self) {
        let configurations: Vec<(String, String)> = match &self.header {
            Some(header) => {
                let digests = header.configurations.iter().enumerate();
                digests
                    .map(|(number, it)| (configuration_name(number), it.record.clone()))
                    .collect()
            }
            None => Vec::new(),
        };
        let has_header = self.header.is_some();
        let mut seen = BTreeSet::new();
        self.walk("meta", META, |found, name, sealed| {
            seen.insert(name.to_owned());
            let Some((record, seal)) =
                check_seal(SealedTable::Meta.number(), meta_key(name), sealed)
            else {
                found.damage("meta", name, "the record is not what was written");
                return None;
            };
            let of_configuration = configurations.iter().find(|(known, _)| known == name);
            let is_known =
                [HEADER, ENVIRONMENT, CHANNELS].contains(&name) || of_configuration.is_some();
            if !is_known && has_header {
                found.damage("meta", name, "the record was added");
            }
            if of_configuration.is_some_and(|(_, known)| *known != digest(record)) {
                found.damage(
                    "meta",
                    name,
                    "the configuration is another than the one that decided",
                );
            }
            (name != HEADER).then_some(seal)
        });
        let needed = configurations.iter().map(|(name, _)| name.as_str()).chain([HEADER]);
        let needed = needed
            .chain([ENVIRONMENT, CHANNELS].into_iter().filter(|_| !configurations.is_empty()));
        for name in needed.filter(|name| !seen.contains(*name)).collect::<Vec<_>>() {
            self.found.damage("meta", name, "the record was removed");
        }
    }

    fn blocks(&mut self, kind: BlockKind) {
        let (name, per_block) = (SealedTable::Blocks(kind).name(), block_rows(kind) as u64);
        let rows = self.header.as_ref().map(|it| it.counters().of(kind));
        let key = |number: u64| {
            let first = number.saturating_mul(per_block);
            format!("block {number} (rows {first} to {})", first.saturating_add(per_block - 1))
        };
        let mut next = 0;
        let missing = |found: &mut Verified, from: u64, to: u64| found.removed(name, from..to, key);
        self.walk(name, block_table(kind), |found, number, sealed| {
            let Some((bytes, seal)) =
                check_seal(SealedTable::Blocks(kind).number(), number, sealed)
            else {
                if number >= next {
                    missing(found, next, number.min(blocks_of(rows, per_block)));
                    next = number.saturating_add(1);
                }
                found.damage(name, key(number), "the record is not what was written");
                return None;
            };
            missing(found, next, number.min(blocks_of(rows, per_block)));
            next = number.saturating_add(1);
            if let Some(rows) = rows {
                let there = rows.saturating_sub(number.saturating_mul(per_block)).min(per_block);
                let expected = there * kind.width() as u64;
                if there == 0 {
                    found.damage(name, key(number), "the record was added");
                } else if bytes.len() as u64 != expected {
                    let what = format!("the record has {} bytes, not {expected}", bytes.len());
                    found.damage(name, key(number), what);
                }
            }
            Some(seal)
        });
        if rows.is_some() && !self.found.is_unreadable(name) {
            missing(&mut self.found, next, blocks_of(rows, per_block));
        }
    }

    fn names(&mut self, kind: NameKind) {
        let name = SealedTable::Names(kind).name();
        let expected = self.header.as_ref().map(|header| match header.names(kind) {
            0 => 0,
            names => Buckets::needed(names).0,
        });
        let key = |number: u64| format!("bucket {number}");
        let mut next = 0;
        let missing = |found: &mut Verified, from: u64, to: u64| {
            // Without a header it is not known how many there were.
            found.removed(name, from..to.min(expected.unwrap_or(0)), key);
        };
        let mut count = 0;
        self.walk(name, name_table(kind), |found, number, sealed| {
            missing(found, next, number);
            next = number.saturating_add(1);
            let bucket = open_bucket(kind, number, sealed);
            match bucket {
                None => found.damage(name, key(number), "the record is not what was written"),
                Some(_) if expected.is_some_and(|expected| number >= expected) => {
                    found.damage(name, key(number), "the record was added");
                }
                Some((names, _)) => count += names.iter().count() as u64,
            }
            bucket.map(|(_, seal)| seal)
        });
        if !self.found.is_unreadable(name) {
            missing(&mut self.found, next, u64::MAX);
        }
        self.found.names.push((kind, count));
    }

    fn guids(&mut self) {
        let table = SealedTable::Guids;
        self.walk(table.name(), GUIDS, |found, guid, sealed| {
            let slot = open_number(table.number(), guid, sealed);
            if slot.is_none() {
                found.damage(table.name(), guid_text(guid), "the record is not what was written");
            }
            slot.map(|_| u128::from_le_bytes(sealed))
        });
    }

    fn texts(&mut self) {
        self.walk("texts", TEXTS, |found, (kind, number), sealed| {
            let Some(known) = TextKind::ALL.get(usize::from(kind)).copied() else {
                found.damage("texts", format!("kind {kind}, {number}"), "the record was added");
                return None;
            };
            let text = check_seal(SealedTable::Texts(known).number(), number, sealed);
            if text.is_none_or(|(text, _)| std::str::from_utf8(text).is_err()) {
                found.damage(
                    "texts",
                    format!("{known} {number}"),
                    "the record is not what was written",
                );
            }
            text.map(|(_, seal)| seal)
        });
    }

    fn journal(&mut self) {
        let mut chain = Chain::default();
        self.walk("journal", JOURNAL, |found, first, sealed| chain.add(found, first, sealed));
        let Some(header) = &self.header else { return };
        let rows = header.counters().journal;
        if chain.next < rows && !self.found.is_unreadable("journal") {
            let what = format!("the rows from there to {} were removed", rows - 1);
            self.found.damage("journal", format!("chunk from row {}", chain.next), what);
        } else if rows > 0
            && !self.found.is_damaged("journal")
            && crate::digest::hexadecimal(&chain.link) != header.chain
        {
            self.found.damage("journal", "", "the chain does not end as the header says");
        }
    }
}

/// How many blocks so many rows have; none, where it is not known how many rows there were.
fn blocks_of(rows: Option<u64>, per_block: u64) -> u64 {
    rows.unwrap_or(0).div_ceil(per_block)
}

/// The journal's chain, followed from chunk to chunk.
#[derive(Default)]
struct Chain {
    /// The row that comes next.
    next: u64,
    link: [u8; 32],
    /// Whether the chunk before could not be read, so that nothing is known of its rows.
    is_broken: bool,
}

impl Chain {
    fn add(&mut self, found: &mut Verified, first: u64, sealed: &[u8]) -> Option<u128> {
        let key = format!("chunk from row {first}");
        let chunk = open_chunk(first, sealed);
        if first < self.next {
            found.damage("journal", key, "the record was added");
            return None;
        }
        if first > self.next && !self.is_broken {
            let what = format!("the rows from there to {} were removed", first - 1);
            found.damage("journal", format!("chunk from row {}", self.next), what);
            self.is_broken = true;
        }
        let Some(chunk) = chunk else {
            found.damage("journal", key, "the record is not what was written");
            (self.next, self.is_broken) = (first.saturating_add(1), true);
            return None;
        };
        let is_next = self.is_broken || chunk.previous == self.link;
        if !is_next || chunk.link != link(&chunk.previous, &chunk.entries) {
            found.damage(
                "journal",
                key,
                "the chunk does not follow the one before: the chain is broken",
            );
        }
        let mut rest = chunk.entries.as_slice();
        self.next = first;
        while let Some((_, _, later)) = JournalRow::split_first(rest) {
            rest = later;
            self.next += 1;
        }
        if !rest.is_empty() {
            found.damage("journal", format!("row {}", self.next), "the row can't be read");
        }
        (self.link, self.is_broken) = (chunk.link, false);
        check_seal(SealedTable::Journal.number(), first, sealed).map(|(_, seal)| seal)
    }
}

/// The names of all tables.
fn known_tables() -> BTreeSet<&'static str> {
    let blocks = BlockKind::ALL.iter().map(|kind| SealedTable::Blocks(*kind).name());
    let names = NameKind::ALL.iter().map(|kind| SealedTable::Names(*kind).name());
    blocks.chain(names).chain(["guids", "texts", "journal", "meta"]).collect()
}
