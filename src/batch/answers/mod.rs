//! What is made of requests: answers in several formats, and counts.

mod assumed;
mod csv;
mod history;
mod json;
#[cfg(feature = "parquet")]
mod table;
mod text;

pub use csv::CsvAnswers;
pub use history::{HistoryClerk, HistoryPart, Sides};
pub use json::JsonAnswers;
#[cfg(feature = "parquet")]
pub use table::{AnswerTable, TableClerk, TablePart};
pub use text::{TextPart, write_text};

use super::desk::{Asked, RequestId, Unanswered};

/// Takes the requests of a piece, in order.
pub trait Clerk {
    /// What it makes of a piece.
    type Part: Send;

    /// Takes a request whose names are known; `place` is its line or row.
    fn answer(&mut self, id: RequestId<'_>, place: u64, asked: Asked);

    /// Takes what is no valid request.
    fn refuse(&mut self, id: RequestId<'_>, place: u64, refusal: Unanswered<'_>);

    /// What was made of the requests since the last time.
    fn part(&mut self) -> Self::Part;
}
