//! `cases --format csv`.

use super::case_id;
use crate::model::{SituationFact, or_blank};
use crate::report::text::CsvTable;
use crate::whatif::Case;
use crate::wire::fact_name;
use std::io::{self, Write};

/// Cases as lines of CSV, one after the other.
#[derive(Debug)]
pub struct CasesCsv<W: Write>(CsvTable<W>);

impl<W: Write> CasesCsv<W> {
    /// The line of headings.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn new(to: W) -> io::Result<Self> {
        let mut table = CsvTable::new(to);
        let facts = SituationFact::ALL.iter().map(|it| request(&fact_name(it.as_str())));
        let about = ["id", "deployment", "pair", "covers"].map(str::to_owned);
        let asked = ["operation", "channel"].map(request).into_iter().chain(facts);
        let expected = ["outcome", "reason", "rule", "basis", "sources", "error_id"];
        let expected = expected.map(|key| format!("expect.{key}"));
        table.row(about.into_iter().chain(asked).chain(expected))?;
        Ok(Self(table))
    }

    /// Adds a case; a fact that its operation's rules do not mention has an empty cell.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn case(&mut self, case: &Case<'_>) -> io::Result<()> {
        let (engine, decision) = (case.channel.engine(), case.decision);
        let id = case_id(case);
        let pair = case.pair.map_or_else(String::new, |pair| pair.to_string());
        let sources = decision.sources().join(" ");
        let about = [id.as_str(), engine.deployment().path(), pair.as_str(), decision.rule()];
        let asked = [&engine.rules().operation(case.operation).id, case.channel.id()];
        let facts = SituationFact::ALL.iter().map(|fact| {
            let is_mentioned = case.facts.contains(fact);
            or_blank(is_mentioned.then(|| case.situation.word(*fact)))
        });
        let expected = [
            decision.outcome().as_str(),
            decision.reason(),
            decision.rule(),
            decision.basis().as_str(),
            sources.as_str(),
            or_blank(decision.error_id()),
        ];
        self.0.row(about.into_iter().chain(asked).chain(facts).chain(expected))
    }

    /// Ends the last line.
    ///
    /// # Errors
    ///
    /// It can't be written.
    pub fn finish(self) -> io::Result<()> {
        self.0.finish()
    }
}

/// The column of a key of the request.
fn request(key: &str) -> String {
    format!("request.{key}")
}
