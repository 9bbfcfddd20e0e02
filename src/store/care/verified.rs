//! What verifying a store finds.

use crate::ledger::NameKind;
use crate::store::error::StoreError;
use std::ops::Range;

/// So many missing records in a row are named one by one.
const MOST: usize = 1000;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct Damage {
    /// The table; `log` for the events that are not in the tables yet, `file` for what is below
    /// them.
    pub table: String,
    /// The record; empty where it can't be told, or where it is not about one.
    pub key: String,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.table.as_str(), self.key.as_str()) {
            ("file" | "log", _) => write!(f, "{}", self.what),
            (table, "") => write!(f, "table {table}: {}", self.what),
            (table, key) => write!(f, "table {table}, {key}: {}", self.what),
        }
    }
}

/// What people count in a store, as far as it could be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
pub struct StoreCounts {
    /// The events of the journal; null where it was not counted, since something else is damaged.
    pub events: Option<u64>,
    /// Customers.
    pub customers: u64,
    /// Orders and quotations.
    pub orders: u64,
    /// Sales.
    pub sales: u64,
    /// Rows of the queue, those that are still in offline databases among them.
    pub queue_rows: u64,
}

/// What verifying a store found.
#[derive(Clone, Debug, Default)]
pub struct Verified {
    /// Everything that is wrong.
    pub damages: Vec<Damage>,
    /// What people count; `None` where nothing could be counted.
    pub counts: Option<StoreCounts>,
    /// How many records were read, by table.
    pub records: Vec<(String, u64)>,
    /// The digest of the whole store; `None` where the header can't be read.
    pub head: Option<String>,
    /// How many names were read.
    pub(crate) names: Vec<(NameKind, u64)>,
    /// Tables whose digest is another, to be told where nothing of the table is named.
    pub(crate) vague: Vec<Damage>,
}

impl Verified {
    /// What is to be said of a file that can't be read at all.
    pub fn unreadable(what: String) -> Self {
        let mut verified = Self::default();
        verified.damage("file", "", what);
        verified
    }

    pub(crate) fn damage(&mut self, table: &str, key: impl Into<String>, what: impl Into<String>) {
        self.damages.push(Damage { table: table.to_owned(), key: key.into(), what: what.into() });
    }

    /// Names records of these numbers that are not there.
    pub(crate) fn removed(
        &mut self,
        table: &str,
        numbers: Range<u64>,
        key: impl Fn(u64) -> String,
    ) {
        for number in numbers.take(MOST) {
            self.damage(table, key(number), "the record was removed");
        }
    }

    /// Whether a table has damage that is named already.
    pub(crate) fn is_damaged(&self, table: &str) -> bool {
        self.damages.iter().any(|damage| damage.table == table)
    }

    /// Whether a table could not be read to its end.
    pub(crate) fn is_unreadable(&self, table: &str) -> bool {
        self.damages.iter().any(|damage| damage.table == table && damage.key.is_empty())
    }
}

/// What an error says that is only about what is wrong, not about what to do.
pub(crate) fn said(error: &StoreError) -> String {
    match error {
        StoreError::Damaged { what, .. } => what.clone(),
        other => other.to_string(),
    }
}
