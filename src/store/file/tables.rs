//! The tables of the file, and reading them: every record's seal is checked on every read.

use super::names::{Buckets, not_all, not_as_written, open_bucket};
use super::seal::{check_seal, open_number};
use crate::ledger::{BlockKind, NameKind, TextKind};
use crate::store::error::StoreError;
use redb::{ReadOnlyTable, ReadTransaction, ReadableTableMetadata as _, TableDefinition};

/// The header, the configurations, and what else there is only one of.
pub(crate) const META: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("meta");
/// Customers by GUID.
pub(crate) const GUIDS: TableDefinition<'_, u128, [u8; 16]> = TableDefinition::new("guids");
/// Texts by kind and number.
pub(crate) const TEXTS: TableDefinition<'_, (u8, u64), &[u8]> = TableDefinition::new("texts");
/// Chunks of the journal, by the number of their first row.
pub(crate) const JOURNAL: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("journal");

/// A table of blocks of rows.
pub(crate) fn block_table(kind: BlockKind) -> TableDefinition<'static, u64, &'static [u8]> {
    TableDefinition::new(match kind {
        BlockKind::Channels => "channels",
        BlockKind::Customers => "customers",
        BlockKind::Orders => "orders",
        BlockKind::Sales => "sales",
        BlockKind::Queue => "queue",
        BlockKind::Accounts => "accounts",
    })
}

/// A table of buckets of names.
pub(crate) fn name_table(kind: NameKind) -> TableDefinition<'static, u64, &'static [u8]> {
    TableDefinition::new(match kind {
        NameKind::Customer => "customer-names",
        NameKind::Order => "order-names",
        NameKind::Sale => "sale-names",
    })
}

/// The number of a table in seals, so that a record of one is none of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SealedTable {
    Blocks(BlockKind),
    Names(NameKind),
    Guids,
    Texts(TextKind),
    Journal,
    Meta,
    /// None of the tables: the log before them.
    Log,
}

impl SealedTable {
    pub(crate) fn number(self) -> u8 {
        match self {
            Self::Blocks(kind) => kind as u8,
            Self::Names(kind) => 16 + kind as u8,
            Self::Guids => 32,
            Self::Journal => 33,
            Self::Meta => 34,
            Self::Log => 35,
            Self::Texts(kind) => 48 + kind as u8,
        }
    }

    /// The name under which the header keeps the table's digest.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Blocks(BlockKind::Channels) => "channels",
            Self::Blocks(BlockKind::Customers) => "customers",
            Self::Blocks(BlockKind::Orders) => "orders",
            Self::Blocks(BlockKind::Sales) => "sales",
            Self::Blocks(BlockKind::Queue) => "queue",
            Self::Blocks(BlockKind::Accounts) => "accounts",
            Self::Names(NameKind::Customer) => "customer-names",
            Self::Names(NameKind::Order) => "order-names",
            Self::Names(NameKind::Sale) => "sale-names",
            Self::Guids => "guids",
            Self::Texts(_) => "texts",
            Self::Journal => "journal",
            Self::Meta => "meta",
            Self::Log => "log",
        }
    }
}

/// The key of a record of `meta` in its seal.
pub(crate) fn meta_key(name: &str) -> u64 {
    xxhash_rust::xxh3::xxh3_64(name.as_bytes())
}

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
