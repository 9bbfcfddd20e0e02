//! Tables of plain values, which every writer can take: each has a name, columns with their types,
//! and rows.

/// A table to be written.
#[derive(Clone, Debug)]
pub struct DataTable {
    /// Its name.
    pub name: String,
    /// What it holds, in a sentence without a full stop.
    pub text: &'static str,
    /// Its columns.
    pub columns: &'static [DataColumn],
    /// Its rows; each has a value for each column.
    pub rows: Vec<Vec<Datum>>,
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub struct DataColumn {
    /// Its name.
    pub name: &'static str,
    /// Whether it holds numbers.
    pub kind: DataKind,
    /// What it may hold.
    pub presence: Presence,
    /// What it says, in a sentence without a full stop.
    pub text: &'static str,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataKind {
    /// Whole numbers of 32 bits.
    Number,
    /// Text.
    Text,
}

/// How often a value stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// In every row another one.
    Unique,
    /// In every row.
    Always,
    /// In some rows.
    Sometimes,
}

/// A value.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Datum {
    /// None.
    Null,
    /// A number.
    Number(i32),
    /// A text.
    Text(String),
}

impl Datum {
    /// A number that counts something; there are never so many that it has no room.
    #[expect(clippy::expect_used, reason = "a deployment has at most 100,000 records")]
    pub(super) fn count(number: usize) -> Self {
        Self::Number(i32::try_from(number).expect("a deployment has at most 100,000 records"))
    }

    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }
}
