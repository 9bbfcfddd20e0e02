//! `check --format json`.

use crate::check::{CheckReport, Checked};
use crate::diagnostic::{Finding, Severity, Sources};
use crate::model::Deployment;
use crate::report::document::{finding, provenance};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// `check --format json`: a value whose findings become JSON one by one, because there can be
/// millions of them.
pub fn check_json<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
) -> impl Serialize + use<'a> {
    let severities = Severity::ALL.iter().rev();
    CheckDocument {
        version: 1,
        verdict: checked.verdict.as_str(),
        deployment: deployment.name(),
        findings: Findings { files: deployment.files(), found: &checked.findings },
        checks: check_reports(checked),
        summary: severities
            .map(|severity| (severity.as_str().to_owned(), json!(checked.count(*severity))))
            .collect(),
        pending_customers: super::pending::pending_json(deployment, checked),
        provenance: provenance(deployment.rules(), Some(deployment)),
    }
}

#[derive(Serialize)]
struct CheckDocument<'a> {
    version: u32,
    verdict: &'static str,
    deployment: Option<&'a str>,
    findings: Findings<'a>,
    checks: Vec<Value>,
    summary: Map<String, Value>,
    pending_customers: Value,
    provenance: Value,
}

struct Findings<'a> {
    files: &'a Sources,
    found: &'a [Finding],
}

impl Serialize for Findings<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.found.iter().map(|one| finding(self.files, one)))
    }
}

/// How each check ended.
pub(super) fn check_reports(checked: &Checked) -> Vec<Value> {
    checked.checks.iter().map(check_report).collect()
}

fn check_report(report: &CheckReport) -> Value {
    json!({
        "code": report.code.to_string(),
        "result": report.result.as_str(),
        "examined": report.examined,
        "missing": report.missing,
    })
}
