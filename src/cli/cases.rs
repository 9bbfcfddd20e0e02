//! `syncgate cases`

use super::{Common, Exit, Failure, Given};
use crate::engine::Engine;
use crate::report::document::line;
use crate::report::{CasesCsv, case_gherkin, case_json, feature_gherkin};
use crate::whatif::{Case, Cover, each_case};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::io::Write;

/// Make test cases from the rules: requests with the decision that each must get
#[derive(Debug, clap::Args)]
pub(super) struct Cases {
    #[command(flatten)]
    deployment: Given,
    /// What the cases cover: each rule that is reached; pairs that differ in one fact and in
    /// outcome; every pair of values of the situation's facts; or every combination of them
    #[arg(long, value_name = "WHAT", value_parser = cover(), default_value_t = Cover::Rules)]
    cover: Cover,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A JSON object on each line, as the fixtures of decisions are
    Jsonl,
    Csv,
    /// A feature with a scenario for each case
    Gherkin,
}

/// Accepts the words for what cases cover.
fn cover() -> impl clap::builder::TypedValueParser<Value = Cover> {
    PossibleValuesParser::new(Cover::WORDS)
        .try_map(|word| Cover::from_word(&word).ok_or("no such word"))
}

impl Cases {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let engine = common.engine(self.deployment.path())?;
        if engine.channels().next().is_none() {
            return Err(Failure::unusable(
                "the deployment has no channel, so there is nothing to make cases of",
            ));
        }
        common.output()?.streamed(|to| match self.format {
            Format::Jsonl => self.each(&engine, to, |case| line(&case_json(case))),
            Format::Csv => {
                let mut csv = CasesCsv::new(to)?;
                each_case(&engine, self.cover, |case| csv.case(&case))?;
                Ok(csv.finish()?)
            }
            Format::Gherkin => {
                to.write_all(feature_gherkin(&engine).as_bytes())?;
                self.each(&engine, to, case_gherkin)
            }
        })?;
        Ok(Exit::Fine)
    }

    /// Writes each case as this text.
    fn each(
        &self,
        engine: &Engine,
        to: &mut dyn Write,
        text: impl Fn(&Case<'_>) -> String,
    ) -> Result<(), Failure> {
        each_case(engine, self.cover, |case| Ok(to.write_all(text(&case).as_bytes())?))
    }
}
