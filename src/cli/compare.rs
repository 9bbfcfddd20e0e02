//! `syncgate compare`

use super::common::open_stream;
use super::output::{error_style, note};
use super::{Common, Exit, Failure, Given, one_from_standard_input};
use crate::batch::BatchFormat;
use crate::engine::Engine;
use crate::report::{
    UnreadableLine, document, observations_human, observations_json, observations_junit,
};
use crate::whatif::{ComparedObservations, Observation, Observations};
use crate::wire::{CsvLines, Lines, parse_observed, without_column};
use clap::ValueEnum;
use std::io;
use std::path::Path;

/// Compare what really happened with what should have, and name what explains the difference
#[derive(Debug, clap::Args)]
pub(super) struct Compare {
    #[command(flatten)]
    deployment: Given,
    /// Requests with `observed_outcome` and, where it is known, `observed_error_id`: CSV where the
    /// name ends so, else JSON Lines; - is standard input
    #[arg(long, value_name = "FILE")]
    observed: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    /// JUnit XML, a test case for each operation, channel and situation that was observed
    Junit,
}

impl Compare {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        one_from_standard_input(self.deployment.path(), &self.observed, "the observations")?;
        common.spares(&[&self.observed])?;
        let engine = common.engine(self.deployment.path())?;
        let (compared, unreadable) = self.read(&engine)?;
        if compared.observed == 0 && unreadable.is_empty() {
            let message = format!("`{}` has no observation", self.observed);
            return Err(Failure::unusable(message));
        }
        for UnreadableLine { line, message } in &unreadable {
            let what = error_style().bad("invalid observation:");
            note(&format!("{what} line {line}: {message}"));
        }
        let output = common.output()?;
        let text = match self.format {
            Format::Human => observations_human(&engine, &compared, &unreadable, output.style()),
            Format::Json => document::pretty(&observations_json(&engine, &compared, &unreadable)),
            Format::Junit => observations_junit(&engine, &compared, &unreadable),
        };
        output.whole(&text)?;
        let is_fine = compared.discrepancies.is_empty() && unreadable.is_empty();
        Ok(if is_fine { Exit::Fine } else { Exit::Complaints })
    }

    /// The observations compared, and the lines that are none.
    fn read<'e>(
        &self,
        engine: &'e Engine,
    ) -> Result<(ComparedObservations<'e>, Vec<UnreadableLine>), Failure> {
        let path = self.observed.as_str();
        let unusable =
            |error: io::Error| Failure::unusable(format!("can't read `{path}`: {error}"));
        if BatchFormat::by_ending(path) == Some(BatchFormat::Parquet) {
            let why = "is called as Parquet is; observations are read as JSON Lines or CSV";
            return Err(Failure::unusable(format!("`{path}` {why}")));
        }
        let source = open_stream(path)?;
        let (mut observations, mut unreadable) = (Observations::default(), Vec::new());
        let mut take = |line, text: Result<&str, String>, is_csv: bool| {
            let added = text.and_then(|text| add(&mut observations, engine, line, text));
            if let Err(message) = added {
                let message = if is_csv { without_column(&message).to_owned() } else { message };
                unreadable.push(UnreadableLine { line, message });
            }
        };
        if Path::new(path).extension().is_some_and(|ending| ending.eq_ignore_ascii_case("csv")) {
            let mut lines = CsvLines::new(source).map_err(unusable)?;
            while let Some((line, object)) = lines.next_line().map_err(unusable)? {
                take(line, object.as_deref().map_err(Clone::clone), true);
            }
        } else {
            let mut lines = Lines::new(source);
            while let Some(line) = lines.next_line(|| Ok::<(), io::Error>(())).map_err(unusable)? {
                take(line.number, line.text.map_err(|problem| problem.to_string()), false);
            }
        }
        Ok((observations.compare(), unreadable))
    }
}

/// Adds the observation of a line.
fn add<'e>(
    observations: &mut Observations<'e>,
    engine: &'e Engine,
    line: u64,
    text: &str,
) -> Result<(), String> {
    let observed = parse_observed(text)?;
    let request = observed.request;
    let channel = engine.channel(&request.channel).map_err(|error| error.to_string())?;
    let operation = engine.operation(&request.operation).map_err(|error| error.to_string())?;
    let observation = Observation {
        channel: channel.number(),
        operation,
        situation: request.situation,
        stated: observed.stated,
        outcome: observed.outcome,
        error_id: observed.error_id,
    };
    let added = observations.add(line, request.id, channel, observation);
    added.map_err(|error| error.to_string())
}
