//! JSON Lines as other programs write and read them: requests in, decisions out, and the events of
//! a store.

mod decided;
mod decision;
#[cfg(feature = "store")]
mod event;
mod flat;
mod lines;
mod object;
mod observation;
#[cfg(feature = "store")]
mod question;
mod request;
mod spelling;

pub(crate) use decided::{Decided, Facts, fact_name, fact_schemas, word_json};
pub use decision::DecisionWriter;
#[cfg(feature = "store")]
pub use event::{AppliedEvent, means_operation, parse_event};
#[cfg(feature = "import")]
pub(crate) use flat::plain_length;
pub use lines::{Line, LineProblem, Lines, MAX_LINE_BYTES};
pub use observation::{CsvLine, CsvLines, Observed, parse_observed, without_column};
#[cfg(feature = "store")]
pub use question::{
    ExpectedCustomer, ExpectedOrder, ExpectedQueue, Question, QuestionLine, is_question,
    parse_question,
};
pub use request::{Request, parse_request};
pub use spelling::Spellings;
