//! What `rules verify` found.

use crate::diagnostic::Finding;
use crate::engine::{InvariantReport, OperationReport, Verification};
use crate::model::Rules;
use crate::report::document::{FindingDocument, Provenance, findings, provenance};
use crate::report::findings::findings_human;
use crate::report::text::Style;
use crate::report::text::TextTable;
use schemars::JsonSchema;
use serde::Serialize;

/// `rules verify --format human`: findings, then what was looked at.
pub fn verification_human(
    rules: &Rules,
    found: &[Finding],
    verification: &Verification,
    style: Style,
) -> String {
    let mut text = findings_human(&rules.files, found, style);
    let mut table = TextTable::new(["operation", "rules", "combinations"]);
    for report in &verification.operations {
        table.row([
            report.id.clone(),
            report.rules.len().to_string(),
            report.combinations.to_string(),
        ]);
    }
    text.push_str(&table.render(style));
    text.push('\n');
    let mut table = TextTable::new(["invariant", "combinations", ""]);
    for report in &verification.invariants {
        let verdict = if report.holds { "holds" } else { "broken" };
        table.row([report.id.clone(), report.combinations.to_string(), verdict.to_owned()]);
    }
    text.push_str(&table.render(style));
    text.push('\n');
    let verdict = if found.is_empty() { style.good("proved") } else { style.bad("not proved") };
    let rules: usize = verification.operations.iter().map(|report| report.rules.len()).sum();
    text.push_str(&format!(
        "{verdict}: {} findings; {rules} rules of {} operations and {} invariants over {} \
            combinations\n",
        found.len(),
        verification.operations.len(),
        verification.invariants.len(),
        verification.combinations()
    ));
    text
}

/// What proving the rules found.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct VerificationDocument<'a> {
    version: u32,
    proved: bool,
    /// How many combinations were looked at.
    combinations: u64,
    operations: Vec<OperationDocument<'a>>,
    invariants: Vec<InvariantDocument<'a>>,
    findings: Vec<FindingDocument<'a>>,
    provenance: Provenance<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct OperationDocument<'a> {
    operation: &'a str,
    combinations: u64,
    rules: Vec<RuleDocument<'a>>,
}

/// A rule, and how many combinations it decides.
#[derive(Debug, Serialize, JsonSchema)]
struct RuleDocument<'a> {
    rule: &'a str,
    decides: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct InvariantDocument<'a> {
    invariant: &'a str,
    /// What it promises.
    text: &'a str,
    combinations: u64,
    holds: bool,
}

/// `rules verify --format json`.
pub fn verification_json<'a>(
    rules: &'a Rules,
    found: &'a [Finding],
    verification: &'a Verification,
) -> impl Serialize + use<'a> {
    VerificationDocument {
        version: 1,
        proved: found.is_empty(),
        combinations: verification.combinations(),
        operations: verification.operations.iter().map(operation_json).collect(),
        invariants: verification.invariants.iter().map(invariant_json).collect(),
        findings: findings(&rules.files, found),
        provenance: provenance(rules, None),
    }
}

fn operation_json(report: &OperationReport) -> OperationDocument<'_> {
    let rules = report.rules.iter();
    OperationDocument {
        operation: &report.id,
        combinations: report.combinations,
        rules: rules.map(|(rule, decides)| RuleDocument { rule, decides: *decides }).collect(),
    }
}

fn invariant_json(report: &InvariantReport) -> InvariantDocument<'_> {
    InvariantDocument {
        invariant: &report.id,
        text: &report.text,
        combinations: report.combinations,
        holds: report.holds,
    }
}
