//! What to export next: where each table or entity is found, and which checks it decides.

use super::select;
use crate::model::{Catalogue, Check, Export, ExportForm, Rules};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Of each kind of row the sections that it is needed for.
const SECTIONS: [(&str, &[&str]); 19] = [
    ("feature", &["features"]),
    ("feature-label", &["features"]),
    ("pos-profile", &["functionality-profile"]),
    ("online-profile", &["functionality-profile"]),
    ("store", &["channel"]),
    ("channel-number", &["channel"]),
    ("online-channel", &["channel"]),
    ("register", &["channel"]),
    ("offline-profile", &["offline-profile"]),
    ("schema", &["channel-schema"]),
    ("schema-filter", &["channel-schema"]),
    ("group", &["channel-database-group"]),
    ("database", &["channel-database", "channel"]),
    ("database-channel", &["channel"]),
    ("scheduler-job", &["scheduler-job"]),
    ("scheduler-subjob", &["scheduler-subjob"]),
    ("schedule", &["distribution-schedule"]),
    ("schedule-group", &["distribution-schedule"]),
    ("batch-job", &["batch-job", "distribution-schedule"]),
];

/// Where to find what is not yet among the exports, of which `whole` are there, and what each decides.
pub fn worksheet(rules: &Rules, whole: &BTreeSet<String>) -> String {
    let there =
        |kind: &str| rules.exports.iter().any(|export| export.kind == kind && whole.contains(&export.id));
    let missing: Vec<_> =
        SECTIONS.iter().filter(|(kind, _)| !there(kind) && !is_covered(kind, whole)).collect();
    if missing.is_empty() {
        return "Nothing is missing that could be exported. What no export holds belongs in answers.toml.\n"
            .to_owned();
    }
    let mut text = String::from(
        "What to export next. Put all files in one folder, then: syncgate import FOLDER --output DIR\n",
    );
    for (kind, sections) in missing {
        let exports: Vec<&Export> = rules.exports.iter().filter(|export| export.kind == *kind).collect();
        let Some(first) = exports.first() else { continue };
        let _ = writeln!(text, "\n{}", first.text);
        for export in exports {
            describe(&mut text, export);
        }
        let decides = decides(rules, sections);
        if !decides.is_empty() {
            let _ = writeln!(text, "  decides  {}", decides.join(" "));
        }
    }
    text
}

/// Whether the labels and numbers of a kind are not needed, since what they would be joined to holds names already.
fn is_covered(kind: &str, whole: &BTreeSet<String>) -> bool {
    match kind {
        "feature-label" => !whole.contains("FEATUREMANAGEMENTSTATE"),
        "channel-number" => !whole.contains("RETAILSTORETABLE"),
        _ => false,
    }
}

fn describe(text: &mut String, export: &Export) {
    let _ = match (export.form, &export.page) {
        (ExportForm::Dump, _) => writeln!(text, "  table    {};", select(export).unwrap_or_default()),
        (ExportForm::Entity, Some(page)) => writeln!(text, "  page     {page}"),
        (ExportForm::Entity, None) => {
            writeln!(text, "  OData    /data/{}?cross-company=true&$count=true", export.id)
        }
    };
    let label = export.names.iter().find(|name| name.contains(' '));
    let label = label.or_else(|| Some(&export.id).filter(|id| id.contains(' ')));
    if let Some(label) = label.filter(|_| export.form == ExportForm::Entity) {
        let _ = writeln!(text, "  package  Workspaces > Data management > Export: {label}");
    }
}

/// The codes of the checks that look at these sections.
fn decides(rules: &Rules, sections: &[&str]) -> Vec<String> {
    let looks = |check: &&Check| sections.iter().any(|section| looks_at(rules, check, section));
    let mut codes: Vec<String> =
        rules.checks.iter().filter(looks).map(|check| check.code.to_string()).collect();
    codes.dedup();
    codes
}

/// Whether a check looks at a section: at its records, or at facts that its keys are.
fn looks_at(rules: &Catalogue, check: &Check, section: &str) -> bool {
    if check.subject == section {
        return true;
    }
    let Some((_, section)) = rules.format.section(section) else { return false };
    let mut tests = check.given.iter().chain(&check.fails);
    tests.any(|test| {
        section.identity.is_some()
            && section.key(&test.fact).is_some_and(|(number, _)| Some(number) != section.identity)
    })
}
