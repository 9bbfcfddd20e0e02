//! The ids of records: where each is given, where it is referred to, and how it gets another name.

use super::address::directory_and_name;
use super::folder::File;
use super::message::Refused;
use super::names::meaning;
use super::outline::{Block, Node, What, Word};
use super::role::Role;
use super::shape::{Written, records};
use super::view::View;
use crate::model::format::{Form, Key, Kind, Section};
use crate::model::name::fold;
use crate::model::{KeyName, Rules, SectionName, SubjectKind};
use crate::report::text_markdown;
use gen_lsp_types::{Location, PrepareRenamePlaceholder, TextEdit, Uri, WorkspaceEdit};
use std::collections::HashMap;

/// So many lines of a record are shown.
const MAX_LINES: usize = 20;

/// A place that names a record.
struct Mention<'v> {
    file: &'v File,
    word: &'v Word,
    /// The sections that it may be of; any where there are none.
    sections: Vec<&'v str>,
    /// What it calls the record, as ids are compared.
    id: String,
    is_declaration: bool,
    /// Whether the name is the author's to choose.
    is_own: bool,
}

impl Mention<'_> {
    /// Whether both may name one record.
    fn is_like(&self, other: &Self) -> bool {
        let any = self.sections.is_empty() || other.sections.is_empty();
        self.id == other.id
            && (any || self.sections.iter().any(|section| other.sections.contains(section)))
    }
}

/// Whether a key is the subject of a waiver.
pub(super) fn is_subject(block: &Block, key: &Key) -> bool {
    let section = block.path.first().map(|word| word.text.as_str());
    section == Some(SectionName::Waiver.as_str()) && key.id == KeyName::Subject.as_str()
}

/// The sections of what the code of a waiver may find something about; none where it says no code
/// of a check.
pub(super) fn subjects_of(view: &View<'_>, waiver: &Block) -> Vec<String> {
    let is_code = |path: &[Word]| path.first().is_some_and(|it| it.text == KeyName::Code.as_str());
    let mut codes = waiver.entries.iter().filter(|entry| is_code(&entry.path));
    let code = codes.find_map(|entry| entry.value.as_ref()?.word());
    let sections = code.map(|code| sections_of_code(view.rules, &code.text));
    sections.into_iter().flatten().map(str::to_owned).collect()
}

/// The sections whose records a check looks at.
fn sections_of_code<'r>(rules: &'r Rules, code: &str) -> Vec<&'r str> {
    let checks = rules.checks.iter().filter(|check| check.code.to_string() == code);
    let sections = checks.flat_map(|check| match check.subject {
        SubjectKind::Section(number) => {
            rules.format.sections.get(number).map(|it| it.id.as_str()).into_iter().collect()
        }
        SubjectKind::Job => {
            vec![SectionName::DistributionSchedule.as_str(), SectionName::BatchJob.as_str()]
        }
    });
    sections.collect()
}

/// Every place of the deployment that names a record.
fn mentions<'v>(view: &'v View<'_>) -> Vec<Mention<'v>> {
    let mut mentions = Vec::new();
    for file in view.deployment.of_role(Role::Deployment) {
        for record in records(file.text.outline(), &view.rules.format) {
            of_record(view.rules, file, &record, &mut mentions);
        }
    }
    for file in &view.scenarios {
        for step in records(file.text.outline(), view.scenario_format) {
            for field in &step.fields {
                of_step(view.rules, file, field.key, field.value, &mut mentions);
            }
        }
    }
    mentions
}

/// What a key of a step names: a key is called as the section whose records it names, or as several
/// of them.
fn of_step<'v>(
    rules: &'v Rules,
    file: &'v File,
    key: &Word,
    value: Option<&'v Node>,
    mentions: &mut Vec<Mention<'v>>,
) {
    let Some(value) = value else { return };
    if let What::Inline(entries) = &value.what {
        for entry in entries {
            if let [key] = entry.path.as_slice() {
                of_step(rules, file, key, entry.value.as_ref(), mentions);
            }
        }
    }
    let name = key.text.as_str();
    let section = |id: &str| rules.format.section(id).filter(|(_, section)| is_named(section));
    let found = section(name).or_else(|| section(name.strip_suffix('s')?));
    let Some((_, section)) = found.filter(|(_, section)| section.form == Form::Records) else {
        return;
    };
    for word in value.words().into_iter().filter(|word| !word.text.trim().is_empty()) {
        let (sections, id) = (vec![section.id.as_str()], fold(&word.text).into_owned());
        let (is_declaration, is_own) = (false, true);
        mentions.push(Mention { file, word, sections, id, is_declaration, is_own });
    }
}

/// Whether the records of a section have names that others may refer to; waivers and levels are
/// about other things.
pub(super) fn is_named(section: &Section) -> bool {
    matches!(section.form, Form::Records | Form::Features)
        && section.id != SectionName::Waiver.as_str()
}

fn of_record<'v>(
    rules: &'v Rules,
    file: &'v File,
    record: &Written<'v, 'v>,
    mentions: &mut Vec<Mention<'v>>,
) {
    let section = record.section;
    let title = record.title().filter(|word| is_named(section) && !word.text.trim().is_empty());
    if let Some(word) = title {
        let sections = vec![section.id.as_str()];
        let (id, is_own) = called(rules, section, word);
        mentions.push(Mention { file, word, sections, id, is_declaration: true, is_own });
    }
    for field in &record.fields {
        let Some((_, key)) = section.key(field.key.text.as_str()) else { continue };
        let words = field.value.map(Node::words);
        for word in words.into_iter().flatten().filter(|word| !word.text.trim().is_empty()) {
            let sections = match key.kind.refers_to() {
                Some(to) => vec![to],
                None if is_subject_of(section, key) => {
                    let code = record.value(KeyName::Code.as_str()).and_then(|it| it.word());
                    // Without a code of a check it may be about anything.
                    code.map(|code| sections_of_code(rules, &code.text)).unwrap_or_default()
                }
                None => continue,
            };
            let id = fold(&word.text).into_owned();
            let is_own = true;
            mentions.push(Mention { file, word, sections, id, is_declaration: false, is_own });
        }
    }
}

fn is_subject_of(section: &Section, key: &Key) -> bool {
    section.id == SectionName::Waiver.as_str() && key.id == KeyName::Subject.as_str()
}

/// What a record is called, as ids are compared, and whether that is the author's to choose.
fn called(rules: &Rules, section: &Section, word: &Word) -> (String, bool) {
    let key = section.naming_key().and_then(|number| section.keys.get(number));
    let kind = match section.form {
        Form::Features => &Kind::Feature,
        _ => key.map_or(&Kind::Text, |key| &key.kind),
    };
    let id = meaning(rules, kind, &word.text);
    let is_own = matches!(kind, Kind::Text) && section.identity.is_some();
    // A name that the rules do not know is what it says.
    let id = id.as_deref().unwrap_or(&word.text);
    (fold(id).into_owned(), is_own)
}

/// The places that name what is named at a byte, this one among them.
struct Named<'v> {
    at: &'v Word,
    all: Vec<Mention<'v>>,
}

fn named<'v>(view: &'v View<'_>, byte: usize) -> Option<Named<'v>> {
    let mut mentions = mentions(view);
    let is_here = |it: &Mention<'_>| {
        it.file.path == view.file.path && it.word.span.start <= byte && byte <= it.word.span.end
    };
    let at = mentions.iter().position(is_here)?;
    let here = mentions.swap_remove(at);
    // What may be of several sections is of those that have such a record.
    let declared = mentions.iter().filter(|it| it.is_declaration && it.is_like(&here));
    let mut sections: Vec<&str> = declared.flat_map(|it| it.sections.clone()).collect();
    if here.is_declaration || sections.is_empty() {
        sections.clone_from(&here.sections);
    }
    let word = here.word;
    let here = Mention { sections, ..here };
    mentions.retain(|it| it.is_like(&here));
    mentions.push(here);
    mentions.sort_by_key(|it| (it.file.path.clone(), it.word.span.start));
    Some(Named { at: word, all: mentions })
}

fn location(view: &View<'_>, mention: &Mention<'_>) -> Location {
    let range = mention.file.text.range(mention.word.inner.clone(), view.units);
    Location { uri: view.address(&mention.file.path), range }
}

/// Where the record is given whose name stands at a byte.
pub(super) fn definition(view: &View<'_>, byte: usize) -> Vec<Location> {
    places(view, byte, |mention| mention.is_declaration)
}

/// Every place that names the record whose name stands at a byte.
pub(super) fn references(view: &View<'_>, byte: usize, with_declarations: bool) -> Vec<Location> {
    places(view, byte, |mention| with_declarations || !mention.is_declaration)
}

fn places(view: &View<'_>, byte: usize, is_meant: impl Fn(&Mention<'_>) -> bool) -> Vec<Location> {
    let named = named(view, byte).into_iter().flat_map(|named| named.all);
    named.filter(|it| is_meant(it)).map(|mention| location(view, &mention)).collect()
}

/// The record whose name stands at a byte, as it is written, and how often it is referred to.
pub(super) fn record_markdown(view: &View<'_>, byte: usize) -> Option<String> {
    let named = named(view, byte)?;
    let mut declared = named.all.iter().filter(|mention| mention.is_declaration);
    let first = declared.next()?;
    let record = records(first.file.text.outline(), &view.rules.format)
        .into_iter()
        .find(|record| record.title().is_some_and(|word| word.span == first.word.span))?;
    let text = first.file.text.as_str().get(record.span.clone())?;
    let lines: Vec<&str> = text.trim_end().lines().take(MAX_LINES).collect();
    let references = named.all.iter().filter(|mention| !mention.is_declaration).count();
    let (_, name) = directory_and_name(&first.file.path);
    let line = first.file.text.line_of(record.span.start) + 1;
    let times = if references == 1 { "place" } else { "places" };
    let title = text_markdown(first.word.text.trim());
    let (section, text) = (&record.section.title, lines.join("\n"));
    let fence = fence_around(&text);
    Some(format!(
        "**{title}** ({section}), {name}:{line}; named in {references} other {times}\n\n\
         {fence}toml\n{text}\n{fence}"
    ))
}

/// A fence that nothing within a text ends.
fn fence_around(text: &str) -> String {
    let runs = text.split(|character| character != '`').map(str::len);
    "`".repeat(runs.max().map_or(3, |longest| 3.max(longest + 1)))
}

/// What would get another name at a byte; nothing where there is nothing, or its name is not the
/// author's to choose.
pub(super) fn prepare_rename(view: &View<'_>, byte: usize) -> Option<PrepareRenamePlaceholder> {
    let named = named(view, byte)?;
    named.all.iter().all(|it| it.is_own).then(|| PrepareRenamePlaceholder {
        range: view.file.text.range(named.at.inner.clone(), view.units),
        placeholder: named.at.text.clone(),
    })
}

/// Gives the record whose name stands at a byte another name, wherever it is named.
pub(super) fn rename(view: &View<'_>, byte: usize, name: &str) -> Result<WorkspaceEdit, Refused> {
    let Some(named) = named(view, byte) else {
        return Err(Refused::impossible("no id of a record stands here"));
    };
    if named.all.iter().any(|mention| !mention.is_own) {
        let message = format!("`{}` is a name that headquarters gives", named.at.text);
        return Err(Refused::impossible(message));
    }
    if name.trim().is_empty() {
        return Err(Refused::impossible("an id is not blank"));
    }
    if name.contains(char::is_control) {
        return Err(Refused::impossible("an id has no control characters"));
    }
    let folded = fold(name);
    let is_same = named.all.iter().any(|mention| mention.id == folded);
    let sections: Vec<&str> = named.all.iter().flat_map(|it| it.sections.clone()).collect();
    let taken = |it: &Mention<'_>| {
        let is_of_one = it.sections.iter().any(|section| sections.contains(section));
        it.id == folded && it.is_declaration && is_of_one
    };
    let mentions = mentions(view);
    if let Some(other) = mentions.iter().find(|it| !is_same && taken(it)) {
        let section = other.sections.first().map(|id| format!("[[{id}]]"));
        let line = other.file.text.line_of(other.word.span.start) + 1;
        let message = format!(
            "`{name}` is in use: {} at {}:{line} is called so",
            section.unwrap_or_else(|| "a record".to_owned()),
            other.file.path
        );
        return Err(Refused::impossible(message));
    }
    let mut changes: HashMap<Uri, Vec<TextEdit>> = HashMap::new();
    for mention in &named.all {
        let (bytes, new_text) = mention.word.instead(name);
        let range = mention.file.text.range(bytes, view.units);
        let edits = changes.entry(view.address(&mention.file.path)).or_default();
        edits.push(TextEdit { range, new_text });
    }
    Ok(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() })
}
