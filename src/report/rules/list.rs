//! `rules list`: what the rules know.

use crate::diagnostic::Code;
use crate::model::check_facts::subject_name;
use crate::model::{Rules, first_name, or_blank, said};
use crate::report::sources::{link, place};
use crate::report::text::Style;
use crate::report::text::TextTable;
use std::collections::BTreeSet;

/// What can be listed.
pub const LISTS: [&str; 7] =
    ["operations", "facts", "features", "jobs", "checks", "reasons", "sources"];

/// One of [`LISTS`] as a table, or without a name how many of each there are; `None` for a list
/// that does not exist.
pub fn list(rules: &Rules, name: Option<&str>, style: Style) -> Option<String> {
    let table = match name {
        None => counts(rules),
        Some("operations") => operations(rules),
        Some("facts") => facts(rules),
        Some("features") => features(rules),
        Some("jobs") => jobs(rules),
        Some("checks") => checks(rules),
        Some("reasons") => reasons(rules),
        Some("sources") => {
            let (documents, statements) = (documents(rules), statements(rules));
            return Some(format!("{}\n{}", documents.render(style), statements.render(style)));
        }
        Some(_) => return None,
    };
    Some(table.render(style))
}

fn counts(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["list", "entries"]);
    let declared = rules.facts.iter().filter(|fact| !fact.id.starts_with("feature.")).count();
    let codes: BTreeSet<Code> = rules.checks.iter().map(|check| check.code).collect();
    for (name, count) in [
        ("operations", rules.operations.len()),
        ("facts", declared),
        ("features", rules.features.len()),
        ("jobs", rules.jobs.len()),
        ("checks", codes.len()),
        ("reasons", rules.reasons.len()),
        ("sources", rules.evidence.statements.len()),
    ] {
        table.row([name.to_owned(), count.to_string()]);
    }
    table
}

fn operations(rules: &Rules) -> TextTable {
    let mut table =
        TextTable::new(["operation", "rules", "POS", "API", "channels", "what it does"]);
    for operation in &rules.operations {
        let pos: Vec<&str> = operation.pos.iter().map(|(number, _)| number.as_str()).collect();
        let channels = if operation.channels.is_empty() {
            "all".to_owned()
        } else {
            operation.channels.join(", ")
        };
        table.row([
            operation.id.clone(),
            operation.rules.len().to_string(),
            pos.join(", "),
            operation.api.join(", "),
            channels,
            operation.text.clone(),
        ]);
    }
    table
}

fn facts(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["fact", "values", "default", "what it is"]);
    for fact in rules.facts.iter().filter(|fact| !fact.id.starts_with("feature.")) {
        let default = fact
            .default
            .and_then(|number| fact.words.get(number))
            .map_or("required", String::as_str);
        table.row([fact.id.clone(), fact.words.join(", "), default.to_owned(), fact.text.clone()]);
    }
    table.row(["feature.<id>", "false, true", "false", "whether the feature is effective"]);
    table
}

fn features(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["feature", "node", "since", "name"]);
    for feature in &rules.features {
        let since = said(feature.since, |since| since.to_string());
        let node = or_blank(feature.node.as_deref()).to_owned();
        table.row([
            feature.id.clone(),
            node,
            since,
            or_blank(first_name(&feature.names)).to_owned(),
        ]);
    }
    table
}

fn jobs(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["job", "kind", "name"]);
    for job in &rules.jobs {
        let name = or_blank(first_name(&job.names));
        table.row([job.id.as_str(), job.kind.as_str(), name]);
    }
    table
}

fn checks(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["check", "severity", "looks at", "what it looks for"]);
    for check in &rules.checks {
        table.row([
            check.code.to_string(),
            check.severity.to_string(),
            subject_name(check.subject, rules).to_owned(),
            check.title.clone(),
        ]);
    }
    table
}

fn reasons(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["reason", "what it means"]);
    for reason in &rules.reasons {
        table.row([reason.id.as_str(), reason.text.as_str()]);
    }
    table
}

fn documents(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["document", "date", "title", "where it stands", "link"]);
    for document in &rules.evidence.documents {
        table.row([
            document.id.clone(),
            document.dated().unwrap_or("unknown").to_owned(),
            document.title.clone(),
            place(document),
            link(document).to_owned(),
        ]);
    }
    table
}

fn statements(rules: &Rules) -> TextTable {
    let mut table = TextTable::new(["statement", "documents", "what it says"]);
    for statement in &rules.evidence.statements {
        table.row([statement.id.clone(), statement.documents.join(", "), statement.text.clone()]);
    }
    table
}
