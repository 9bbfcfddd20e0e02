//! What every text for people is made of: colours, tables, words; and CSV.

mod csv;
mod markdown;
mod shown;
mod style;
mod table;
mod words;

pub(crate) use csv::csv_cell;
pub(super) use csv::{CsvTable, csv_text};
pub(super) use markdown::escaped_markdown;
#[cfg(feature = "lsp")]
pub use markdown::text_markdown;
pub(super) use shown::shown;
pub use style::Style;
pub use table::TextTable;
#[cfg(feature = "store")]
pub(super) use words::or_empty;
pub(super) use words::{affected, counted};
