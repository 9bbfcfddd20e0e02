//! Reading the tables: every record's seal is checked on every read.

use super::names::{Buckets, not_all, not_as_written, open_bucket};
use super::seal::{check_seal, open_number};
use super::tables::{GUIDS, META, SealedTable, TEXTS, block_table, meta_key, name_table};
use crate::ledger::{BlockKind, NameKind, TextKind};
use crate::store::error::StoreError;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTableMetadata as _};

/// The tables as one commit left them.
pub(crate) struct Reading {
    path: String,
    transaction: ReadTransaction,
    blocks: [Option<ReadOnlyTable<u64, &'static [u8]>>; 6],
    names: [Option<ReadOnlyTable<u64, &'static [u8]>>; 3],
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Reading {
    pub(crate) fn new(path: &str, transaction: ReadTransaction) -> Self {
        Self {
            path: path.to_owned(),
            transaction,
            blocks: Default::default(),
            names: Default::default(),
        }
    }

    pub(crate) fn transaction(&self) -> &ReadTransaction {
        &self.transaction
    }

    pub(crate) fn error(&self, error: impl Into<redb::Error>) -> StoreError {
        StoreError::of(&self.path, error)
    }

    pub(crate) fn damaged(&self, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: self.path.clone(), what: what.into() }
    }

    /// A record of `meta`.
    pub(crate) fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let table = self.transaction.open_table(META).map_err(|error| self.error(error))?;
        let Some(found) = table.get(name).map_err(|error| self.error(error))? else {
            return Ok(None);
        };
        let record = check_seal(SealedTable::Meta.number(), meta_key(name), found.value());
        match record {
            Some((record, _)) => Ok(Some(record.to_vec())),
            None => {
                Err(self.damaged(format!("the record `{name}` of meta is not what was written")))
            }
        }
    }

    /// The rows of a block.
    pub(crate) fn block(
        &mut self,
        kind: BlockKind,
        number: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let place = self.blocks.get_mut(kind as usize);
        let Some(place) = place else { return Ok(None) };
        let table = match place {
            Some(table) => table,
            None => {
                let opened = self.transaction.open_table(block_table(kind));
                place.insert(opened.map_err(|error| StoreError::of(&self.path, error))?)
            }
        };
        let found = table.get(number).map_err(|error| StoreError::of(&self.path, error))?;
        let Some(found) = found else { return Ok(None) };
        match check_seal(SealedTable::Blocks(kind).number(), number, found.value()) {
            Some((rows, _)) => Ok(Some(rows.to_vec())),
            None => Err(self.damaged(format!("block {number} of {kind} is not what was written"))),
        }
    }

    /// The slot of a name's hash.
    pub(crate) fn name(&mut self, kind: NameKind, hash: u64) -> Result<Option<u64>, StoreError> {
        let place = self.names.get_mut(kind as usize);
        let Some(place) = place else { return Ok(None) };
        let table = match place {
            Some(table) => table,
            None => {
                let opened = self.transaction.open_table(name_table(kind));
                place.insert(opened.map_err(|error| StoreError::of(&self.path, error))?)
            }
        };
        let buckets = table.len().map_err(|error| StoreError::of(&self.path, error))?;
        if buckets == 0 {
            return Ok(None);
        }
        if !buckets.is_power_of_two() {
            return Err(self.damaged(not_all(kind, buckets)));
        }
        let number = Buckets(buckets).of(hash);
        let found = table.get(number).map_err(|error| StoreError::of(&self.path, error))?;
        let bucket = found.as_ref().and_then(|found| open_bucket(kind, number, found.value()));
        match bucket {
            Some((names, _)) => Ok(names.find(hash)),
            None => {
                drop(found);
                Err(self.damaged(not_as_written(kind, number)))
            }
        }
    }

    /// The customer with a GUID.
    pub(crate) fn guid(&self, guid: u128) -> Result<Option<u64>, StoreError> {
        let table = self.transaction.open_table(GUIDS).map_err(|error| self.error(error))?;
        let found = table.get(guid).map_err(|error| self.error(error))?;
        let Some(found) = found else { return Ok(None) };
        match open_number(SealedTable::Guids.number(), guid, found.value()) {
            Some(slot) => Ok(Some(slot)),
            None => Err(self.damaged("a GUID is not what was written")),
        }
    }

    /// A text.
    pub(crate) fn text(&self, kind: TextKind, number: u64) -> Result<Option<String>, StoreError> {
        let table = self.transaction.open_table(TEXTS).map_err(|error| self.error(error))?;
        let found = table.get((kind as u8, number)).map_err(|error| self.error(error))?;
        let Some(found) = found else { return Ok(None) };
        let text = check_seal(SealedTable::Texts(kind).number(), number, found.value());
        let text = text.and_then(|(text, _)| String::from_utf8(text.to_vec()).ok());
        text.map(Some)
            .ok_or_else(|| self.damaged(format!("the {kind} {number} is not what was written")))
    }
}
