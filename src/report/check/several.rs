//! Several deployments beside each other.

use crate::check::{CheckResult, Checked};
use crate::diagnostic::Severity;
use crate::model::Deployment;
use crate::report::text::{Style, TextTable};

/// A row for each of several deployments.
pub fn several_human<'a>(
    all: impl IntoIterator<Item = (&'a Deployment, &'a Checked)>,
    style: Style,
) -> String {
    let mut table =
        TextTable::new(["deployment", "verdict", "errors", "warnings", "undecided", "digest"]);
    for (deployment, checked) in all {
        table.row([
            deployment.name().unwrap_or(deployment.path()).to_owned(),
            checked.verdict.to_string(),
            checked.count(Severity::Error).to_string(),
            checked.count(Severity::Warning).to_string(),
            checked.count_results(CheckResult::Undecided).to_string(),
            deployment.digest().chars().take(16).collect(),
        ]);
    }
    table.render(style)
}
