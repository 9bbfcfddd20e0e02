//! Reading the tables: every record's seal is checked on every read.

use super::names::{Buckets, find_name, not_all, not_as_written};
use super::pages::{ReadTable, ReadTables};
use super::seal::{NotAsWritten, check_seal, open_number};
use super::tables::{GUIDS, META, SealedTable, TEXTS, block_table, meta_key, name_table};
use crate::ledger::{BlockKind, NameKind, TextKind};
use crate::store::error::StoreError;

/// Tables of records that have numbers, each opened when it is first needed.
type Opened<const N: usize> = [Option<ReadTable<u64, &'static [u8]>>; N];

/// The tables as one commit left them.
pub(crate) struct Reading {
    tables: ReadTables,
    blocks: Opened<6>,
    names: Opened<3>,
}

impl std::fmt::Debug for Reading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").field("path", &self.tables.path()).finish_non_exhaustive()
    }
}

impl Reading {
    pub(crate) fn new(tables: ReadTables) -> Self {
        Self { tables, blocks: Default::default(), names: Default::default() }
    }

    pub(crate) fn tables(&self) -> &ReadTables {
        &self.tables
    }

    pub(crate) fn damaged(&self, what: impl Into<String>) -> StoreError {
        StoreError::Damaged { path: self.tables.path().to_owned(), what: what.into() }
    }

    /// A record of `meta`.
    pub(crate) fn meta(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.tables.table(META)?.get(name, |sealed| {
            check_seal(SealedTable::Meta.number(), meta_key(name), sealed)
                .map(|(record, _)| record.to_vec())
                .ok_or(NotAsWritten)
        })?;
        self.as_written(found, || format!("the record `{name}` of meta"))
    }

    /// What was found, where it is what was written.
    fn as_written<T>(
        &self,
        found: Option<Result<T, NotAsWritten>>,
        what: impl FnOnce() -> String,
    ) -> Result<Option<T>, StoreError> {
        found
            .transpose()
            .map_err(|NotAsWritten| self.damaged(format!("{} is not what was written", what())))
    }

    /// The rows of a block.
    pub(crate) fn block(
        &mut self,
        kind: BlockKind,
        number: u64,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let [channels, customers, orders, sales, queue, accounts] = &mut self.blocks;
        let place = match kind {
            BlockKind::Channels => channels,
            BlockKind::Customers => customers,
            BlockKind::Orders => orders,
            BlockKind::Sales => sales,
            BlockKind::Queue => queue,
            BlockKind::Accounts => accounts,
        };
        let table = match place {
            Some(table) => table,
            None => place.insert(self.tables.table(block_table(kind))?),
        };
        let found = table.get(number, |sealed| {
            check_seal(SealedTable::Blocks(kind).number(), number, sealed)
                .map(|(rows, _)| rows.to_vec())
                .ok_or(NotAsWritten)
        })?;
        self.as_written(found, || format!("block {number} of {kind}"))
    }

    /// The slot of a name's hash.
    pub(crate) fn name(&mut self, kind: NameKind, hash: u64) -> Result<Option<u64>, StoreError> {
        let [customers, orders, sales] = &mut self.names;
        let place = match kind {
            NameKind::Customer => customers,
            NameKind::Order => orders,
            NameKind::Sale => sales,
        };
        let table = match place {
            Some(table) => table,
            None => place.insert(self.tables.table(name_table(kind))?),
        };
        let buckets = table.len()?;
        if buckets == 0 {
            return Ok(None);
        }
        if !buckets.is_power_of_two() {
            return Err(self.damaged(not_all(kind, buckets)));
        }
        let number = Buckets(buckets).of(hash);
        // A bucket that is missing is as wrong as one that was changed.
        match table.get(number, |sealed| find_name(kind, number, sealed, hash))? {
            Some(Ok(found)) => Ok(found),
            Some(Err(NotAsWritten)) | None => Err(self.damaged(not_as_written(kind, number))),
        }
    }

    /// The customer with a GUID.
    pub(crate) fn guid(&self, guid: u128) -> Result<Option<u64>, StoreError> {
        let table = self.tables.table(GUIDS)?;
        let found = table.get(guid, |it| {
            open_number(SealedTable::Guids.number(), guid, it).ok_or(NotAsWritten)
        })?;
        self.as_written(found, || "a GUID".to_owned())
    }

    /// A text.
    pub(crate) fn text(&self, kind: TextKind, number: u64) -> Result<Option<String>, StoreError> {
        let found = self.tables.table(TEXTS)?.get((kind as u8, number), |sealed| {
            let text = check_seal(SealedTable::Texts(kind).number(), number, sealed);
            let (text, _) = text.ok_or(NotAsWritten)?;
            std::str::from_utf8(text).map(str::to_owned).map_err(|_| NotAsWritten)
        })?;
        self.as_written(found, || format!("the {kind} {number}"))
    }
}
