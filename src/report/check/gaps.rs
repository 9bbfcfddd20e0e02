//! What could not be decided, for want of which values, and where to fill them in.

use crate::check::Checked;
use crate::diagnostic::{Finding, SourceFile};
use crate::digest::below;
use crate::load::ANSWERS;
use crate::model::name::fold;
use crate::model::{Deployment, Rules, said};
use crate::report::text::{Style, TextTable, affected};
use std::collections::BTreeMap;
use std::path::Path;

/// The values that are not given, each with whose they are and where to add them; empty where all
/// are given.
pub(super) fn gaps_human(
    deployment: &Deployment,
    checked: &Checked,
    gaps: &[&Finding],
    width: usize,
    style: Style,
) -> String {
    if gaps.is_empty() {
        return String::new();
    }
    let rules = deployment.rules();
    let mut by_key: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in gaps {
        by_key.entry(&finding.detail).or_default().push(finding);
    }
    let mut table = TextTable::new(["not given", "of", "needed by", "fill in at"]);
    for (key, findings) in &by_key {
        let mut place = vec![place(deployment, key, findings)];
        place.extend(rules.format.none_of(key).map(|(none, at)| format!("none: `{none}`{at}")));
        let needed_by = needed_by(checked, key);
        table.row_of_lines([named(rules, key), vec![whose(findings)], vec![needed_by], place]);
    }
    let title = style.bold("What could not be decided, for want of these values:");
    format!("{title}\n{}\n", table.render_within(width, style))
}

/// What a value is called in a file, and in headquarters where that is something else.
fn named(rules: &Rules, key: &str) -> Vec<String> {
    let mut lines = vec![key.to_owned()];
    let (section, name) = key.split_once('.').unwrap_or((key, ""));
    let node = (section == "prerequisite").then(|| rules.node_named(name)).flatten();
    let label = rules.format.section(section).and_then(|(_, section)| match section.key(name) {
        Some((_, key)) => key.name.clone(),
        None => Some(section.title.clone()),
    });
    let label = node.map(|node| rules.node_name(node)).or(label);
    let is_other = |label: &String| fold(label) != fold(&key.replace('-', " "));
    lines.extend(label.filter(is_other).map(|label| format!("  {label}")));
    lines
}

/// The checks that need a value.
pub(in crate::report) fn needed_by(checked: &Checked, key: &str) -> String {
    let reports =
        checked.checks.iter().filter(|report| report.missing.iter().any(|missing| missing == key));
    let codes: Vec<String> = reports.map(|report| report.code.to_string()).collect();
    if codes.is_empty() { "decisions, which use a default".to_owned() } else { codes.join(", ") }
}

fn whose(findings: &[&Finding]) -> String {
    let named = findings
        .iter()
        .filter_map(|finding| finding.subject.as_ref())
        .filter(|it| !it.id.is_empty());
    match named.collect::<Vec<_>>().as_slice() {
        [] => "the deployment".to_owned(),
        [one] => one.id.clone(),
        several => affected(several),
    }
}

/// The line to fill in: that of the answers, where there are any, else that of the first record.
fn place(deployment: &Deployment, key: &str, findings: &[&Finding]) -> String {
    let files = deployment.files();
    let is_answers = |file: &&SourceFile| Path::new(&file.path).ends_with(ANSWERS);
    let first = findings.first();
    if let Some(answers) = files.files().iter().find(is_answers) {
        let id = said(first.and_then(|it| it.subject.as_ref()), |subject| subject.id.clone());
        // What they do not ask for is added at their end.
        let line = asked_at(deployment.rules(), &answers.text, key, &id)
            .unwrap_or_else(|| answers.text.lines().count() + 1);
        let file = below(deployment.path(), &answers.path);
        return format!("{file}:{line}");
    }
    said(first.and_then(|finding| finding.span), |span| {
        let file = below(deployment.path(), files.path(span.file));
        format!("{file}:{}", files.position(span).start.line)
    })
}

/// The line of the answers where a key of a record stands or is asked for, else that of the record:
/// what is asked for stands there as a comment.
fn asked_at(rules: &Rules, answers: &str, key: &str, id: &str) -> Option<usize> {
    let (section, key) = key.split_once('.').unwrap_or((key, ""));
    let (_, format) = rules.format.section(section)?;
    let identity = format.naming_key().and_then(|number| format.keys.get(number));
    let mut record = None;
    let (mut is_section, mut is_record) = (false, false);
    for (line, number) in answers.lines().zip(1..) {
        let line = line.strip_prefix('#').unwrap_or(line).trim();
        if line.starts_with('[') {
            let name = line.trim_start_matches('[').split([']', '.']).next();
            is_section = name == Some(section);
            is_record = is_section && (id.is_empty() || identity.is_none());
        }
        let value = |name: &str| {
            let rest = line.strip_prefix(name)?.trim_start().strip_prefix('=')?;
            Some(rest.trim())
        };
        if !is_section {
            continue;
        }
        if let Some(value) = identity.and_then(|identity| value(&identity.id)) {
            let written = value.trim_start_matches('"').split('"').next();
            is_record = id.is_empty() || written.is_some_and(|written| fold(written) == fold(id));
        }
        if is_record {
            if !key.is_empty() && value(key).is_some() {
                return Some(number);
            }
            record = record.or(Some(number));
        }
    }
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_asked_for_where_the_answers_have_it() {
        let rules = Rules::embedded();
        let answers = "## What\n[deployment]\n# as-of = 2026-11-20T08:00:00Z\n\n# [[channel]]\n\
                       # id = \"HOUSTON\"\n# needs = []\n\n[[channel]]\nid = \"austin\"\n\
                       # needs = []\n# supports-offline = false\n";
        for (key, id, line) in [
            ("deployment.as-of", "", Some(3)),
            ("deployment.last-update", "", Some(2)),
            ("channel.needs", "houston", Some(7)),
            ("channel.needs", "Austin", Some(11)),
            ("channel.supports-offline", "austin", Some(12)),
            ("channel.supports-offline", "houston", Some(6)),
            ("channel.needs", "nowhere", None),
            ("batch-job.status", "x", None),
            ("prerequisite.x", "", None),
        ] {
            assert_eq!(asked_at(&rules, answers, key, id), line, "{key} of {id}");
        }
    }
}
