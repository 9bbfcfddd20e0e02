//! `store audit`: the journal, every event with what was asked, which rule decided, and how it
//! ended.

mod csv;
mod human;
mod json;

pub use csv::journal_csv;
pub use human::journal_human;
pub(in crate::report) use json::JournalDocument;
pub use json::journal_json;
