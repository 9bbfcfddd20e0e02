//! Requests as JSON Lines and CSV: the same answers in whatever pieces they come and however many
//! work on them, and as many in CSV as in JSON.

use crate::given::{Dripping, engine};
use std::borrow::Cow;
use std::io::Read;
use std::num::NonZeroUsize;
use std::sync::Arc;
use syncgate::batch::{
    BatchError, BatchFormat, Clerk, CsvAnswers, Desk, Hints, JsonAnswers, Requests, TextPart, run,
    write_text,
};
use syncgate::wire::DecisionWriter;

pub fn requests(bytes: &[u8]) {
    let is_json = bytes.trim_ascii_start().first() == Some(&b'{');
    let format = if is_json { BatchFormat::Jsonl } else { BatchFormat::Csv };
    let read = |stream| Requests::stream("fuzz", format, stream);
    let whole = || -> Box<dyn Read + Send> { Box::new(bytes) };
    let answers = as_json(read(whole()), 1);
    let dripped = as_json(read(Box::new(Dripping::new(bytes, 5))), 1);
    assert_eq!(answers, dripped, "the same bytes in other pieces, and other answers");
    if bytes.len() % 8 == 0 {
        assert_eq!(answers, as_json(read(whole()), 2), "answered by two");
    }
    let table = as_csv(read(whole()));
    let Ok(answers) = answers else { return assert!(table.is_err()) };
    let table = table.expect("what is answered as JSON is answered as CSV");
    let mut table = csv::ReaderBuilder::new().has_headers(false).from_reader(table.as_bytes());
    let rows = table.records().map(|row| row.expect("a row of CSV").len()).count();
    assert_eq!(rows, answers.lines().count(), "as many answers");
    for line in answers.lines() {
        let read: Result<serde_json::Value, _> = serde_json::from_str(line);
        assert!(read.is_ok_and(|it| it.is_object()), "no answer: {line}");
    }
}

/// Requests, or why there are none.
type MaybeRequests<'s> = Result<Requests<'s>, BatchError>;

/// The answers as JSON Lines, or why there are none.
pub fn as_json(requests: MaybeRequests<'_>, jobs: usize) -> Result<String, String> {
    let writer = Arc::new(DecisionWriter::new(engine()));
    let clerk = || JsonAnswers::new(engine(), &writer, false);
    answered(requests, jobs, clerk, JsonAnswers::escape)
}

/// The same as CSV.
pub fn as_csv(requests: MaybeRequests<'_>) -> Result<String, String> {
    answered(requests, 1, || CsvAnswers::new(engine()), CsvAnswers::escape)
}

fn answered<A: Clerk<Part = TextPart>>(
    requests: MaybeRequests<'_>,
    jobs: usize,
    clerk: impl Fn() -> A + Sync,
    escape: fn(&str) -> Cow<'_, str>,
) -> Result<String, String> {
    let requests = requests.map_err(|error| error.to_string())?;
    let (mut answers, mut hints) = (Vec::new(), Hints::new(engine()));
    let jobs = NonZeroUsize::new(jobs).expect("somebody works");
    let put = |part| Ok(write_text(&part, &mut hints, escape, &mut answers)?);
    run(|| Desk::new(engine()), requests, jobs, clerk, put).map_err(|error| error.to_string())?;
    Ok(String::from_utf8(answers).expect("answers are text"))
}
