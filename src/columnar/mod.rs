//! Tables in Parquet: the only room that knows its crate.
//!
//! The crate reads what says where things lie, unpacks pages, and decodes columns of numbers. Pages
//! of text are decoded here, so that a value of a dictionary stays a number: whoever reads a column
//! looks each of its texts up once for each row group, not once for each row.

mod coded;
mod hybrid;
mod pages;
mod read;
mod rows;
mod run;
mod write;

pub use coded::Coded;
pub use parquet::data_type::ByteArray as TableText;
pub use read::TableReader;
pub use rows::{RowWriter, TableCell};
pub use run::{ColumnRun, TableRun};
pub use write::{TableColumn, TableValues, TableWriter};

/// Why a table can't be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is no Parquet file, or damaged.
    #[error("`{path}` is damaged, or no Parquet file: {what}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        what: String,
    },
    /// It is packed in a way that this build does not read.
    #[error(
        "`{path}` is packed by {codec}, which this build does not read; write it with snappy{mend}"
    )]
    Packed {
        /// The file.
        path: String,
        /// What packed it.
        codec: &'static str,
        /// What else helps.
        mend: &'static str,
    },
    /// It can't be read or written.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
