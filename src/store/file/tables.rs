//! The tables of the file, and what they are called in seals and in the header.

use crate::ledger::{BlockKind, NameKind, TextKind};
use redb::TableDefinition;

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
