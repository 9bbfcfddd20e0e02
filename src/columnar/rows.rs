//! Tables written row by row.

use super::write::{TableColumn, TableValues, TableWriter};
use parquet::data_type::ByteArray;
use std::io::{self, Write};

/// So many rows make a row group.
const GROUP_ROWS: usize = 32 << 10;

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TableCell {
    /// None.
    Null,
    /// Text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// True or false.
    Flag(bool),
}

/// Writes a table row by row.
#[derive(Debug)]
pub struct RowWriter<W: Write + Send> {
    writer: TableWriter<W>,
    columns: Vec<TableColumn>,
    rows: Vec<Vec<TableCell>>,
}

impl<W: Write + Send> RowWriter<W> {
    /// A table of these columns.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn new(to: W, columns: &[TableColumn]) -> io::Result<Self> {
        let writer = TableWriter::new(to, columns)?;
        Ok(Self { writer, columns: columns.to_vec(), rows: Vec::new() })
    }

    /// Adds a row, which has a value of its column's sort, or none, for each column.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn row(&mut self, row: Vec<TableCell>) -> io::Result<()> {
        self.rows.push(row);
        if self.rows.len() >= GROUP_ROWS { self.group() } else { Ok(()) }
    }

    fn group(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let columns = &self.columns;
        self.writer.group(|number| {
            let cells = rows.iter().filter_map(|row| row.get(number));
            match columns.get(number) {
                Some(TableColumn::Number(_)) => {
                    TableValues::Numbers(cells.map(number_of).collect())
                }
                Some(TableColumn::Flag(_)) => TableValues::Flags(cells.map(flag_of).collect()),
                _ => TableValues::Texts(cells.map(text_of).collect()),
            }
        })
    }

    /// Ends the table.
    ///
    /// # Errors
    ///
    /// Writing fails.
    pub fn finish(mut self) -> io::Result<W> {
        if !self.rows.is_empty() {
            self.group()?;
        }
        self.writer.finish()
    }
}

fn number_of(cell: &TableCell) -> Option<i64> {
    if let TableCell::Number(number) = cell { Some(*number) } else { None }
}

fn flag_of(cell: &TableCell) -> Option<bool> {
    if let TableCell::Flag(flag) = cell { Some(*flag) } else { None }
}

fn text_of(cell: &TableCell) -> Option<ByteArray> {
    if let TableCell::Text(text) = cell { Some(ByteArray::from(text.as_str())) } else { None }
}
