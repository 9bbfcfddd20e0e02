//! `imported.toml`, with a comment at every value that says where it stands in the exports.

use super::build::{Fact, Record, Section, Unknown, header};
use super::rows::{ExportTables, File, MAX_LISTED, Place};
use super::values;
use crate::load::{ExportFile, ExportPlaces, OfExports};
use crate::model::format::Form;
use crate::model::{Rules, indexed};
use std::collections::{BTreeMap, HashSet};

/// The column that comments begin at, where values leave room.
const COMMENTS: usize = 56;

const BEGINNING: &str = "#:schema ./.deployment-part.schema.json
# Written by `syncgate import`, and overwritten by the next one. What no \
    export holds belongs in answers.toml, which adds
# to these records and wins over them. The comment at a value says where the exports have it.
";

/// Text as TOML, with everything escaped that could end it.
pub(super) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            control if control.is_control() => {
                quoted.push_str(&format!("\\u{:04X}", u32::from(control)));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A name of a file or a heading, as a comment may hold it.
fn comment(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect()
}

/// The text, and the places of its lines.
#[derive(Default)]
struct Writer {
    text: String,
    lines: Vec<Option<Place>>,
}

impl Writer {
    fn line(&mut self, line: &str, place: Option<Place>) {
        self.text.push_str(line);
        self.text.push('\n');
        self.lines.push(place);
    }

    fn commented(&mut self, line: &str, place: Place, about: &str) {
        let width = line.chars().count();
        let padding = COMMENTS.saturating_sub(width).max(1);
        self.line(&format!("{line}{:padding$}# {about}", ""), Some(place));
    }
}

/// What to write to `imported.toml`, and where in the exports each of its lines stands: the
/// exports, the sections that are empty, those that lack something, the records, and the names that
/// the rules do not know.
pub(super) fn write(
    rules: &Rules,
    tables: &ExportTables,
    sections: &[Section],
    lacking: &[&str],
    unknown: &[Unknown],
    unlisted: Option<(&str, u64)>,
) -> OfExports {
    let mut writer = Writer::default();
    for line in BEGINNING.lines() {
        writer.line(line, None);
    }
    exports(&mut writer, rules, tables);
    let none: Vec<&Section> = sections.iter().filter(|section| section.is_none).collect();
    if !none.is_empty() {
        writer.line("", None);
    }
    for section in none {
        writer.line(&format!("{} = []", section.id), None);
    }
    let lacks: Vec<String> = lacking.iter().map(|id| quoted(id)).collect();
    let lacks = (!lacks.is_empty()).then(|| format!("incomplete = [{}]", lacks.join(", ")));
    if let Some(lacks) =
        lacks.as_ref().filter(|_| sections.iter().all(|one| one.id != "deployment"))
    {
        writer.line("", None);
        writer.line("[deployment]", None);
        writer.line(lacks, None);
    }
    let mut shown = Shown::default();
    let file = |place: Place| indexed(&tables.files, place.file).path.as_str();
    for section in sections {
        for record in &section.records {
            writer.line("", None);
            let at = |place: Place| format!("{}:{}", comment(file(place)), place.line);
            writer.commented(&head(rules, section, record), record.place, &at(record.place));
            if let Some(lacks) = lacks.as_ref().filter(|_| section.id == "deployment") {
                writer.line(lacks, None);
            }
            for fact in &record.facts {
                let line = format!("{} = {}", fact.key, fact.toml);
                let about = format!("{} {}", at(fact.place), comment(&fact.heading));
                writer.commented(&line, fact.place, about.trim_end());
                shown.add(fact);
            }
        }
    }
    not_known(&mut writer, rules, (unknown, unlisted), &file);
    let files = tables.files.iter().enumerate().map(|(number, file)| ExportFile {
        path: file.path.clone(),
        text: shown.text(number),
        sha256: file.sha256.clone(),
    });
    let lines =
        writer.lines.iter().map(|place| place.map(|place| (place.file, place.line))).collect();
    OfExports { toml: writer.text, places: ExportPlaces { files: files.collect(), lines } }
}

/// What was read: the file with its size and digest, and the tables in it.
fn exports(writer: &mut Writer, rules: &Rules, tables: &ExportTables) {
    writer.line("#", None);
    for (number, file) in tables.files.iter().enumerate() {
        let File { path, sha256, size } = file;
        writer.line(&format!("# {}: {size} bytes, SHA-256 {sha256}", comment(path)), None);
        for (export, rows) in tables.found(rules, number) {
            writer.line(&format!("#   {}: {rows} rows", export.id), None);
        }
    }
}

/// The names that the rules do not know, with the first row of each.
fn not_known<'f>(
    writer: &mut Writer,
    rules: &Rules,
    (unknown, unlisted): (&[Unknown], Option<(&str, u64)>),
    file: &dyn Fn(Place) -> &'f str,
) {
    let mut kinds: Vec<&str> = unknown.iter().map(|one| one.what).collect();
    kinds.dedup();
    for kind in kinds {
        let mut seen = HashSet::new();
        let of_kind = unknown.iter().filter(|one| one.what == kind);
        let names: Vec<&Unknown> = of_kind.filter(|one| seen.insert(&one.name)).collect();
        writer.line("", None);
        writer.line(&format!("# The rules do not know these {kind}, so they are left out:"), None);
        for one in names.iter().take(MAX_LISTED) {
            let is_private = values::is_private(rules, &one.name);
            let name = if is_private { "…" } else { &one.name };
            let at = format!("{}:{}", comment(file(one.place)), one.place.line);
            writer.line(&format!("#   {} at {at}", comment(name)), None);
        }
        // Where all are listed, there are no more rows.
        let rows = unlisted.filter(|(what, _)| *what == kind).map_or(0, |(_, rows)| rows);
        let more = names.len().saturating_sub(MAX_LISTED) as u64 + rows;
        if more > 0 {
            writer.line(&format!("#   and {more} more"), None);
        }
    }
}

fn head(rules: &Rules, section: &Section, record: &Record) -> String {
    match rules.format.section(section.id).map(|(_, section)| &section.form) {
        Some(Form::Features) => header(&record.id),
        Some(Form::Records) => format!("[[{}]]", section.id),
        _ => format!("[{}]", section.id),
    }
}

/// Of each file and line the facts that are shown for it, instead of what else the line may hold.
#[derive(Default)]
struct Shown(BTreeMap<Place, String>);

impl Shown {
    fn add(&mut self, fact: &Fact) {
        let line = self.0.entry(fact.place).or_default();
        let shown = format!("{} = {}", fact.key, fact.toml);
        // A row that many records refer to shows its own first.
        if line.len() < 400 && !line.split("; ").any(|known| known == shown) {
            if !line.is_empty() {
                line.push_str("; ");
            }
            line.push_str(&shown);
        }
    }

    fn text(&self, file: usize) -> String {
        let mut text = String::new();
        let mut last = 1;
        let lines = self.0.range(Place { file, line: 0 }..=Place { file, line: u32::MAX });
        for (place, line) in lines {
            (last..place.line).for_each(|_| text.push('\n'));
            last = place.line.max(last);
            text.push_str(line);
        }
        text.push('\n');
        text
    }
}
