//! What `rules verify` found.

use crate::diagnostic::Finding;
use crate::engine::Verification;
use crate::model::Catalogue;
use crate::report::document::{findings, provenance};
use crate::report::findings::findings_human;
use crate::report::text::Style;
use crate::report::text::Table;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// `rules verify --format human`: findings, then what was looked at.
pub fn verification_human(
    catalogue: &Catalogue,
    found: &[Finding],
    verification: &Verification,
    style: Style,
) -> String {
    let mut text = findings_human(&catalogue.files, found, style);
    let mut table = Table::new(["operation", "rules", "combinations"]);
    for report in &verification.operations {
        table.row([
            report.id.clone(),
            report.rules.len().to_string(),
            report.combinations.to_string(),
        ]);
    }
    text.push_str(&table.render(style));
    text.push('\n');
    let mut table = Table::new(["invariant", "combinations", ""]);
    for report in &verification.invariants {
        let verdict = if report.holds { "holds" } else { "broken" };
        table.row([report.id.clone(), report.combinations.to_string(), verdict.to_owned()]);
    }
    text.push_str(&table.render(style));
    text.push('\n');
    let verdict = if found.is_empty() { style.good("proved") } else { style.bad("not proved") };
    let rules: usize = verification.operations.iter().map(|report| report.rules.len()).sum();
    let _ = writeln!(
        text,
        "{verdict}: {} findings; {rules} rules of {} operations and {} invariants over {} \
            combinations",
        found.len(),
        verification.operations.len(),
        verification.invariants.len(),
        verification.combinations()
    );
    text
}

/// `rules verify --format json`.
pub fn verification_json(
    catalogue: &Catalogue,
    found: &[Finding],
    verification: &Verification,
) -> Value {
    let operations: Vec<Value> = verification
        .operations
        .iter()
        .map(|report| {
            let rules = report.rules.iter().map(|(id, decides)| json!({ "rule": id, "decides": decides }));
            json!({ "operation": report.id, "combinations": report.combinations, "rules": rules.collect::<Vec<_>>() })
        })
        .collect();
    let invariants: Vec<Value> = verification
        .invariants
        .iter()
        .map(|report| {
            json!({
                "invariant": report.id,
                "text": report.text,
                "combinations": report.combinations,
                "holds": report.holds,
            })
        })
        .collect();
    json!({
        "version": 1,
        "proved": found.is_empty(),
        "combinations": verification.combinations(),
        "operations": operations,
        "invariants": invariants,
        "findings": findings(&catalogue.files, found),
        "provenance": provenance(catalogue, None),
    })
}
