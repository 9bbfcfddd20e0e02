//! Chunks of the journal, each linked to the one before.

use super::reading::Reading;
use super::seal::check_seal;
use super::tables::{JOURNAL, SealedTable};
use crate::store::error::StoreError;

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
    let table = reading.tables().table(JOURNAL)?;
    match table.last_until(row, |first, sealed| (first, open_chunk(first, sealed)))? {
        None => Ok(None),
        Some((first, Some(chunk))) => Ok(Some((first, chunk))),
        Some((first, None)) => Err(reading
            .damaged(format!("the journal's chunk from row {first} on is not what was written"))),
    }
}
