//! Many requests from a file in one of several formats, decided in order, on as many cores as there
//! are to spare: read in pieces, each answered for itself, and put together again.
//!
//! Memory is bounded whatever the file, and what is written is the same however many work on it.

mod answers;
mod cells;
mod chunk;
mod column;
#[cfg(feature = "parquet")]
mod columns;
mod desk;
mod format;
mod hints;
mod lines;
#[cfg(feature = "parquet")]
mod meanings;
mod requests;
mod run;

#[cfg(feature = "parquet")]
pub use answers::{AnswerTable, TableClerk, TablePart};
pub use answers::{Clerk, CsvAnswers, JsonAnswers, TextPart, write_text};
pub use answers::{HistoryClerk, HistoryPart, Sides};
pub use desk::{Asked, Desk, Named, RequestId, Unanswered};
pub use format::BatchFormat;
pub use hints::Hints;
pub use requests::{BatchError, Requests};
pub use run::run;
