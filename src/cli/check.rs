//! `syncgate check`

use super::{Common, Exit, Failure, Given};
use crate::check::{Checked, Verdict, check};
use crate::diagnostic::Severity;
use crate::report::{
    check_csv, check_github, check_human, check_json, check_junit, check_sarif, document,
};
use clap::ValueEnum;

/// Find every mistake in a deployment, and say whether it may go live
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    #[command(flatten)]
    deployment: Given,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The least severity of a finding that makes the exit status 1
    #[arg(long, value_enum, value_name = "SEVERITY", default_value_t = FailOn::Error)]
    fail_on: FailOn,
    /// Exit as if nothing were wrong also where a check that matters could not be decided
    #[arg(long)]
    allow_undecided: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, a test case for each check
    Junit,
    /// Workflow commands, shown beside the lines of a change
    Github,
    Csv,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FailOn {
    Info,
    Warning,
    Error,
}

impl Check {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let loaded = common.read(self.deployment.path())?;
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let checked = check(&deployment, findings, whole);
        let output = common.output()?;
        let text = match self.format {
            Format::Human => check_human(&deployment, &checked, output.style()),
            Format::Json => document::pretty(&check_json(&deployment, &checked)),
            Format::Sarif => document::pretty(&check_sarif(&deployment, &checked)),
            Format::Junit => check_junit(&deployment, &checked),
            Format::Github => check_github(&deployment, &checked),
            Format::Csv => check_csv(&deployment, &checked),
        };
        output.whole(&text)?;
        Ok(self.exit(&checked))
    }

    fn exit(&self, checked: &Checked) -> Exit {
        let least = match self.fail_on {
            FailOn::Info => Severity::Info,
            FailOn::Warning => Severity::Warning,
            FailOn::Error => Severity::Error,
        };
        let found =
            checked.findings.iter().any(|finding| finding.counts() && finding.severity >= least);
        let undecided = !self.allow_undecided && checked.verdict == Verdict::Undecided;
        if found || undecided { Exit::Complaints } else { Exit::Fine }
    }
}
