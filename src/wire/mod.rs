//! JSON Lines as other programs write and read them: requests in, decisions out, and the events of
//! a store.

#[cfg(feature = "store")]
mod csv_events;
mod csv_lines;
mod decided;
mod decision;
#[cfg(test)]
mod dripping;
mod ends;
#[cfg(feature = "store")]
mod event;
mod flat;
mod lines;
mod object;
mod observation;
#[cfg(feature = "store")]
mod question;
mod quotes;
mod request;
mod spelling;
mod told;

#[cfg(feature = "store")]
pub use csv_events::CsvEvents;
pub use csv_lines::{CsvLine, CsvLines, without_column};
pub(crate) use decided::{DECIDED_KEYS, Decided, Facts, fact_name, fact_schemas, word_json};
pub use decision::DecisionWriter;
#[cfg(test)]
pub(crate) use dripping::Dripping;
#[cfg(feature = "import")]
pub(crate) use ends::{equal, first_end};
#[cfg(feature = "store")]
pub use event::{AppliedEvent, means_operation, parse_event};
#[cfg(feature = "import")]
pub(crate) use flat::plain_length;
pub(crate) use lines::Transcoder;
pub use lines::{Line, LineProblem, Lines, MAX_LINE_BYTES};
pub use observation::{Observed, parse_observed};
#[cfg(feature = "store")]
pub use question::{
    ExpectedCustomer, ExpectedOrder, ExpectedQueue, Question, QuestionLine, is_question,
    parse_question,
};
pub(crate) use quotes::Quotes;
pub use request::{REQUEST_KEYS, Request, parse_request};
pub(crate) use request::{id_of, parse_request_like};
pub use spelling::Spellings;
pub(crate) use told::ToldSituations;
