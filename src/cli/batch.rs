//! `syncgate decide --input`: many requests at once.

use super::output::Output;
use super::{Common, Exit, Failure};
use crate::batch::{
    AnswerTable, BatchError, BatchFormat, CsvAnswers, Desk, Hints, JsonAnswers, Requests,
    TableClerk, TextPart, run, write_text,
};
use crate::engine::Engine;
use crate::wire::DecisionWriter;
use clap::ValueEnum;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, Read, Write as _};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// The argument with which there is one request alone.
const ALONE: &str = "operation";

/// How a stream of requests is read and answered.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Batch {
    /// How the requests are written; where it is not said, as their name ends, else JSON Lines
    #[arg(long, value_enum, value_name = "FORMAT")]
    #[arg(requires = "input", conflicts_with = ALONE)]
    input_format: Option<Format>,
    /// How to write the answers; where it is not said, as the name of the output ends, else JSON
    /// Lines
    #[arg(long, value_enum, value_name = "FORMAT")]
    #[arg(requires = "input", conflicts_with = ALONE)]
    output_format: Option<Format>,
    /// How many threads work on it; the output is the same
    #[arg(long, value_name = "N", default_value = "1")]
    #[arg(requires = "input", conflicts_with = ALONE)]
    jobs: NonZeroUsize,
}

/// A format on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum Format {
    /// JSON Lines
    Jsonl,
    /// CSV with headings
    Csv,
    /// Parquet
    Parquet,
}

impl From<Format> for BatchFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Jsonl => Self::Jsonl,
            Format::Csv => Self::Csv,
            Format::Parquet => Self::Parquet,
        }
    }
}

impl From<BatchError> for Failure {
    fn from(error: BatchError) -> Self {
        match error {
            BatchError::Output(error) => Self::from(error),
            error => Self::unusable(error.to_string()),
        }
    }
}

/// The requests of a file, or of standard input.
pub(super) fn requests(path: &str, format: Option<Format>) -> Result<Requests<'static>, Failure> {
    let format = format.map(BatchFormat::from);
    let format = format.or_else(|| BatchFormat::by_ending(path)).unwrap_or(BatchFormat::Jsonl);
    if format == BatchFormat::Parquet {
        if path == "-" {
            let message = "Parquet is read from its end: name a file instead of standard input";
            return Err(Failure::unusable(message));
        }
        let file = open(path).map_err(|error| unreadable(path, &error))?;
        return Ok(Requests::table(path, file)?);
    }
    let file = || open(path).map_err(|error| unreadable(path, &error));
    let stream: Box<dyn Read + Send> = match path {
        "-" => Box::new(io::stdin()),
        _ => Box::new(file()?),
    };
    Ok(Requests::stream(path, format, stream)?)
}

fn unreadable(path: &str, error: &io::Error) -> Failure {
    Failure::unusable(format!("can't read `{path}`: {error}"))
}

#[expect(clippy::disallowed_methods, reason = "requests are opened here")]
fn open(path: &str) -> io::Result<File> {
    File::open(path)
}

impl Batch {
    /// Answers all requests.
    pub(super) fn run(
        &self,
        engine: &Engine,
        input: &str,
        explain: bool,
        common: &Common,
    ) -> Result<Exit, Failure> {
        let ending = common.output.as_deref().and_then(BatchFormat::by_ending);
        let format = self.output_format.map(BatchFormat::from).or(ending);
        let format = format.unwrap_or(BatchFormat::Jsonl);
        if explain && format != BatchFormat::Jsonl {
            let message = format!("`--explain` is written as JSON Lines, not as {format}");
            return Err(Failure::unusable(message));
        }
        let requests = requests(input, self.input_format)?;
        let mut output = common.output()?;
        let mut written = Written { hints: Hints::new(engine), refused: 0 };
        if format == BatchFormat::Parquet {
            let has_numbers = requests.has_numbers();
            let mut table = AnswerTable::new(engine, has_numbers, output)?;
            let clerk = || TableClerk::new(engine, has_numbers);
            run(
                || Desk::new(engine),
                requests,
                self.jobs,
                clerk,
                |part| {
                    written.refused += part.refused;
                    Ok(table.add(part, &mut written.hints)?)
                },
            )?;
            output = table.finish()?;
        } else if format == BatchFormat::Csv {
            output.write_all(CsvAnswers::HEADINGS.as_bytes())?;
            run(
                || Desk::new(engine),
                requests,
                self.jobs,
                || CsvAnswers::new(engine),
                |part| written.text(&part, CsvAnswers::escape, &mut output),
            )?;
        } else {
            let writer = Arc::new(DecisionWriter::new(engine));
            let answers = || JsonAnswers::new(engine, &writer, explain);
            run(
                || Desk::new(engine),
                requests,
                self.jobs,
                answers,
                |part| written.text(&part, JsonAnswers::escape, &mut output),
            )?;
        }
        output.finish()?;
        Ok(if written.refused > 0 { Exit::Complaints } else { Exit::Fine })
    }
}

/// What was written.
struct Written<'e> {
    hints: Hints<'e>,
    /// How many requests were not valid.
    refused: u64,
}

impl Written<'_> {
    /// Writes a part, and shows it: what was read is answered before more is waited for.
    fn text(
        &mut self,
        part: &TextPart,
        escape: fn(&str) -> Cow<'_, str>,
        output: &mut Output,
    ) -> Result<(), BatchError> {
        self.refused += part.refused;
        write_text(part, &mut self.hints, escape, output)?;
        Ok(output.flush()?)
    }
}
