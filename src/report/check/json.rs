//! `check --format json`.

use super::levels::{LevelDocument, level_documents};
use super::pending::{PendingDocument, pending_document};
use crate::check::{CheckReport, CheckResult, Checked, Verdict};
use crate::diagnostic::{Finding, Severity, Sources};
use crate::model::Deployment;
use crate::report::document::{CODE, FindingDocument, Provenance, finding, provenance};
use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// Every finding about a deployment, how each check ended, and the verdict.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct CheckDocument<'a> {
    version: u32,
    verdict: Verdict,
    /// The name of the deployment.
    deployment: Option<&'a str>,
    #[schemars(with = "Vec<FindingDocument<'_>>")]
    findings: Findings<'a>,
    checks: Vec<CheckReportDocument<'a>>,
    summary: Summary,
    /// What the deployment sets for checks.
    levels: Vec<LevelDocument<'a>>,
    /// How long a customer waits until it is of use.
    pending_customers: PendingDocument<'a>,
    provenance: Provenance<'a>,
}

/// How a check ended.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct CheckReportDocument<'a> {
    #[schemars(extend("pattern" = CODE))]
    code: String,
    result: CheckResult,
    /// How many records it looked at.
    examined: usize,
    /// Values that it needs and that are not given.
    missing: &'a [String],
}

/// How many findings of each severity count.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    error: usize,
    warning: usize,
    info: usize,
}

/// Findings that become JSON one by one, because there can be millions of them.
#[derive(Debug)]
struct Findings<'a> {
    files: &'a Sources,
    found: &'a [Finding],
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.found.iter().map(|one| finding(self.files, one)))
    }
}

/// `check --format json`.
pub fn check_json<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
) -> impl Serialize + use<'a> {
    CheckDocument {
        version: 1,
        verdict: checked.verdict,
        deployment: deployment.name(),
        findings: Findings { files: deployment.files(), found: &checked.findings },
        checks: check_reports(checked),
        summary: Summary {
            error: checked.count(Severity::Error),
            warning: checked.count(Severity::Warning),
            info: checked.count(Severity::Info),
        },
        levels: level_documents(deployment, checked),
        pending_customers: pending_document(deployment, checked),
        provenance: provenance(deployment.rules(), Some(deployment)),
    }
}

/// How each check ended.
pub(super) fn check_reports(checked: &Checked) -> Vec<CheckReportDocument<'_>> {
    checked.checks.iter().map(check_report).collect()
}

fn check_report(report: &CheckReport) -> CheckReportDocument<'_> {
    CheckReportDocument {
        code: report.code.to_string(),
        result: report.result,
        examined: report.examined,
        missing: &report.missing,
    }
}
