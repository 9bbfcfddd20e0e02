//! `answers.toml` as it is at first: comments to fill in for every key that a record of the exports
//! lacks, and of sections without a record for every key that no export gives.

use super::ANSWERS;
use super::build::{Record, Section};
use super::needs::is_exported;
use crate::diagnostic::Severity;
use crate::load::text::decode;
use crate::model::format::{Form, Key, Kind, Section as Format};
use crate::model::{Deployment, JobKind, Rules, or_blank, said};
use jiff::Timestamp;
use std::sync::Arc;

/// The column that comments begin at.
const COMMENTS: usize = 52;

const BEGINNING: &str = "#:schema ./.deployment-part.schema.json
## What the exports do not hold: `syncgate import` made this file once, \
    and never changes it. It is read together with
## imported.toml, adds to its records by their ids, and wins over them. Take one # away from what \
    you know; the values are
## only examples.

";

/// The moment that answers say the exports were taken at.
pub fn taken_at(rules: &Arc<Rules>, answers: &[u8]) -> Option<Timestamp> {
    let text = decode(answers.to_vec()).ok()?;
    Deployment::from_text(rules, ANSWERS, &text).as_read().0.as_of()
}

/// The skeleton for what these sections leave open.
pub(super) fn skeleton(rules: &Rules, sections: &[Section]) -> String {
    let mut text = BEGINNING.to_owned();
    for format in &rules.format.sections {
        let records = sections.iter().find(|section| section.id == format.id);
        // What was not exported has no records.
        let records = records.map(|section| section.records.as_slice()).unwrap_or_default();
        match &format.form {
            Form::Single => table(&mut text, rules, format),
            Form::Records => for_records(&mut text, rules, format, records),
            Form::Codes => {
                let example = rules.checks.iter().find(|check| check.severity == Severity::Warning);
                let word = format.keys.first().and_then(|key| match &key.kind {
                    Kind::Word(words) => words.first(),
                    _ => None,
                });
                if let (Some(check), Some(word)) = (example, word) {
                    heading(&mut text, format);
                    text.push_str(&format!("# [{}]\n# {} = \"{word}\"\n\n", format.id, check.code));
                }
            }
            Form::Features => {}
        }
    }
    text
}

fn heading(text: &mut String, format: &Format) {
    text.push_str(&format!("## {}\n", capital(&format.text)));
    if let Some(page) = &format.page {
        text.push_str(&format!("## {page}\n"));
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

fn table(text: &mut String, rules: &Rules, format: &Format) {
    heading(text, format);
    let mark = if format.keys.iter().any(|key| key.required) { "" } else { "# " };
    text.push_str(&format!("{mark}[{}]\n", format.id));
    lines(text, rules, format, &format.keys.iter().collect::<Vec<_>>());
    text.push('\n');
}

/// For each record the keys that it lacks; where there is none, those that no export gives.
fn for_records(text: &mut String, rules: &Rules, format: &Format, records: &[Record]) {
    let identity = format.keys.iter().find(|key| key.required);
    let optional = |key: &&Key| Some(&key.id) != identity.map(|key| &key.id);
    let mut asked: Vec<(Option<&str>, Vec<&Key>)> = Vec::new();
    for record in records {
        let lacks = |key: &&Key| record.facts.iter().all(|fact| fact.key != key.id);
        let fits = |key: &&Key| may_have(rules, format, record, key);
        let keys = format.keys.iter().filter(optional).filter(lacks).filter(fits).collect();
        asked.push((Some(&record.id), keys));
    }
    if records.is_empty() {
        let is_open =
            |key: &&Key| key.required || !is_exported(rules, &format!("{}.{}", format.id, key.id));
        let keys: Vec<&Key> = format.keys.iter().filter(optional).filter(is_open).collect();
        if keys.iter().any(|key| !key.required) {
            asked.push((None, keys));
        }
    }
    asked.retain(|(_, keys)| !keys.is_empty());
    if !asked.is_empty() {
        heading(text, format);
    }
    for (id, keys) in asked {
        text.push_str(&format!("# [[{}]]\n", format.id));
        match (identity, id) {
            (Some(identity), Some(id)) => {
                text.push_str(&format!("# {} = {}\n", identity.id, super::write::quoted(id)));
            }
            (Some(identity), None) => lines(text, rules, format, &[identity]),
            (None, _) => {}
        }
        lines(text, rules, format, &keys);
        text.push('\n');
    }
}

/// Whether a record may have a key.
fn may_have(rules: &Rules, format: &Format, record: &Record, key: &Key) -> bool {
    let kind = record.facts.iter().find(|fact| fact.key == "kind");
    rules.may_have(&format.id, kind.map(|fact| fact.toml.trim_matches('"')), &key.id)
}

/// Keys with an example of the value of each, and what it is.
fn lines(text: &mut String, rules: &Rules, format: &Format, keys: &[&Key]) {
    let mut shown = format.page.as_ref();
    for key in keys {
        let page = key.page.as_ref().or(format.page.as_ref());
        if page != shown {
            // Without a page, a blank line ends what belongs to the page above.
            let told = said(page, |page| format!("## {page}"));
            text.push_str(&format!("{told}\n"));
            shown = page;
        }
        let line = format!("# {} = {}", key.id, example(rules, &key.kind));
        let padding = COMMENTS.saturating_sub(line.chars().count()).max(1);
        let needed = if key.required { "needed: " } else { "" };
        text.push_str(&format!("{line}{:padding$}# {needed}{}\n", "", key.text));
    }
}

/// An example of a value.
fn example(rules: &Rules, kind: &Kind) -> String {
    let job = |batch: bool| {
        let job = rules.jobs.iter().find(|job| (job.kind == JobKind::Batch) == batch);
        format!("\"{}\"", or_blank(job.map(|job| job.id.as_str())))
    };
    match kind {
        Kind::Boolean => "false".to_owned(),
        Kind::Integer { least, .. } => least.to_string(),
        Kind::Word(words) => format!("\"{}\"", or_blank(words.first().map(String::as_str))),
        Kind::Version => "\"10.0.40\"".to_owned(),
        Kind::Duration => "\"1h\"".to_owned(),
        Kind::Recurrence => "\"30m\"".to_owned(),
        Kind::DateTime => "2026-11-20T08:00:00Z".to_owned(),
        Kind::Date => "2027-03-31".to_owned(),
        Kind::Code => {
            format!(
                "\"{}\"",
                rules.checks.first().map_or_else(String::new, |check| check.code.to_string())
            )
        }
        Kind::DistributionJob => job(false),
        Kind::BatchJob => job(true),
        Kind::ChannelTable => {
            let table = rules.channel_tables.first().map(|table| table.id.as_str());
            format!("\"{}\"", or_blank(table))
        }
        Kind::List(inner) => match &**inner {
            Kind::Word(words) => {
                let words: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
                format!("[{}]", words.join(", "))
            }
            Kind::Reference(_) | Kind::Text => "[]".to_owned(),
            other => format!("[{}]", example(rules, other)),
        },
        Kind::OneOrMore(inner) => example(rules, inner),
        _ => "\"…\"".to_owned(),
    }
}
