//! `syncgate rules`

use super::{Common, Exit, Failure};
use crate::diagnostic::Severity;
use crate::engine::{Verification, verify};
use crate::load::ReadError;
use crate::model::Rules;
use crate::report::{
    LISTS, document, list_csv, list_human, list_json, verification_human, verification_json,
};
use clap::{Subcommand, ValueEnum};

/// Prove the rules, or list what they know
#[derive(Debug, clap::Args)]
pub(super) struct RulesCommand {
    #[command(subcommand)]
    command: RulesAction,
}

#[derive(Debug, Subcommand)]
enum RulesAction {
    /// Prove the rules: every combination decided, no rule unreachable, every invariant kept
    Verify {
        /// How to print
        #[arg(long, value_enum, default_value_t = Format::Human)]
        format: Format,
    },
    /// List what the rules know; without a name, how much of each
    List {
        /// What to list
        #[arg(value_parser = LISTS)]
        what: Option<String>,
        /// How to print
        #[arg(long, value_enum, default_value_t = ListFormat::Human)]
        format: ListFormat,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ListFormat {
    Human,
    Json,
    Csv,
}

impl RulesCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        match self.command {
            RulesAction::Verify { format } => run_verify(common, format),
            RulesAction::List { what, format } => {
                let rules = common.rules()?;
                let output = common.output()?;
                let list = what.as_deref();
                let text = match format {
                    ListFormat::Human => list_human(&rules, list, output.style()),
                    ListFormat::Json => document::pretty(&list_json(&rules, list)),
                    ListFormat::Csv => list_csv(&rules, list),
                };
                output.whole(&text)?;
                Ok(Exit::Fine)
            }
        }
    }
}

fn run_verify(common: &Common, format: Format) -> Result<Exit, Failure> {
    let loaded: Result<_, ReadError> =
        Rules::load(common.rules.as_deref(), common.checks.as_deref());
    let (rules, mut findings) = loaded?.as_read();
    // What is not there can't be proved: broken files are told, and nothing is concluded from what
    // is left of them.
    let readable = findings.iter().all(|finding| finding.severity != Severity::Error);
    let verification = if readable {
        verify(&rules)
    } else {
        Verification { operations: Vec::new(), invariants: Vec::new(), findings: Vec::new() }
    };
    findings.extend(verification.findings.iter().cloned());
    let output = common.output()?;
    let text = match format {
        Format::Human => verification_human(&rules, &findings, &verification, output.style()),
        Format::Json => document::pretty(&verification_json(&rules, &findings, &verification)),
    };
    output.whole(&text)?;
    let broken = findings.iter().any(|finding| finding.severity == Severity::Error);
    Ok(if broken { Exit::Complaints } else { Exit::Fine })
}
