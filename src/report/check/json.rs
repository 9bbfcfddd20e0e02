//! `check --format json`.

use super::Examined;
use super::baseline::{Baseline, Earlier};
use super::levels::{LevelDocument, level_documents};
use super::pending::{PendingDocument, pending_document};
use crate::check::{CheckReport, CheckResult, Checked, Verdict};
use crate::diagnostic::{Finding, Severity, Sources};
use crate::model::Deployment;
use crate::report::document::{CODE, FindingDocument, Provenance, finding, provenance};
use crate::report::sources::SourcesDocument;
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
    /// What an earlier check found and this one does not, where there is an earlier one.
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<Vec<&'a Earlier>>,
    checks: Vec<CheckReportDocument<'a>>,
    summary: Summary,
    /// What the deployment sets for checks.
    levels: Vec<LevelDocument<'a>>,
    /// How long a customer waits until it is of use.
    pending_customers: PendingDocument<'a>,
    /// What the findings cite.
    sources: SourcesDocument<'a>,
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
    baseline: Option<&'a Baseline>,
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let documents = self.found.iter().map(|one| {
            let document = finding(self.files, one);
            document.since(self.baseline.map(|baseline| baseline.word(one)))
        });
        serializer.collect_seq(documents)
    }
}

/// `check --format json`: of one deployment its document, of several all of them.
pub fn check_json(all: Vec<Examined<'_>>) -> impl Serialize {
    let all = all.into_iter();
    let mut all: Vec<_> = all.map(|(one, checked, since)| of_one(one, checked, since)).collect();
    match (all.pop(), all.is_empty()) {
        (Some(only), true) => Checks::One(Box::new(only)),
        (last, _) => Checks::Several(SeveralDocument {
            version: 1,
            deployments: all.into_iter().chain(last).collect(),
        }),
    }
}

/// The checks of several deployments.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct SeveralDocument<'a> {
    version: u32,
    deployments: Vec<CheckDocument<'a>>,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Checks<'a> {
    One(Box<CheckDocument<'a>>),
    Several(SeveralDocument<'a>),
}

fn of_one<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
    baseline: Option<&'a Baseline>,
) -> CheckDocument<'a> {
    CheckDocument {
        version: 1,
        verdict: checked.verdict,
        deployment: deployment.name(),
        findings: Findings { files: deployment.files(), found: &checked.findings, baseline },
        gone: baseline.map(|baseline| baseline.gone(checked)),
        checks: check_reports(checked),
        summary: Summary {
            error: checked.count(Severity::Error),
            warning: checked.count(Severity::Warning),
            info: checked.count(Severity::Info),
        },
        levels: level_documents(deployment, checked),
        pending_customers: pending_document(deployment, checked),
        sources: SourcesDocument::of(
            &deployment.rules().evidence,
            checked.findings.iter().flat_map(|finding| &finding.sources),
        ),
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
