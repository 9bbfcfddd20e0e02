//! What is read of a table at once.

use parquet::data_type::ByteArray;
use std::sync::Arc;

/// Values of a column in some rows that follow each other.
#[derive(Clone, Debug)]
pub enum ColumnRun {
    /// Numbers of texts in the dictionary of the row group, and that; [`Self::NULL`] is none.
    Codes(Vec<u32>, Arc<Vec<ByteArray>>),
    /// Texts.
    Texts(Vec<Option<ByteArray>>),
    /// Whole numbers.
    Numbers(Vec<Option<i64>>),
    /// True or false.
    Flags(Vec<Option<bool>>),
}

impl ColumnRun {
    /// No value.
    pub const NULL: u32 = u32::MAX;
}

/// Some rows that follow each other, all of one row group.
#[derive(Debug)]
pub struct TableRun {
    /// The row group, by its number.
    pub group: usize,
    /// The number of the first row in the file, from 1 on.
    pub first_row: u64,
    /// How many rows they are.
    pub rows: usize,
    /// The columns that were asked for.
    pub columns: Vec<ColumnRun>,
}
