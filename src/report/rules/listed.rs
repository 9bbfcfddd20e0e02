//! What the rules know, as lists: each a table that every format is made of.

use crate::diagnostic::Code;
use crate::model::check_facts::subject_name;
use crate::model::{Check, Fact, Rules, first_name};
use crate::report::sources::{link, place};

/// What can be listed.
pub const LISTS: [&str; 7] =
    ["operations", "facts", "features", "jobs", "checks", "reasons", "sources"];

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A text that is always there.
    Text,
    /// A text, or else what people read in its place.
    Perhaps(&'static str),
    /// A number.
    Number,
    /// Texts; for none, what people read in their place.
    Texts(&'static str),
    /// Texts, of which people read how many there are.
    Counted,
}

/// A column: its key for machines, its heading for people, and what it holds; without a heading it
/// is for machines alone.
pub(super) type Column = (&'static str, &'static str, Holds);

/// What stands in a column of one entry.
#[derive(Clone, Debug)]
pub(super) enum ListCell {
    Text(String),
    Nothing,
    Number(usize),
    Texts(Vec<String>),
}

/// A table of what the rules know.
#[derive(Debug)]
pub(super) struct Listed {
    pub(super) columns: &'static [Column],
    pub(super) entries: Vec<Vec<ListCell>>,
}

use Holds::{Counted, Number, Perhaps, Text, Texts};

/// How many entries each list has.
pub(super) const COUNTS: &[Column] = &[("list", "list", Text), ("entries", "entries", Number)];
const OPERATIONS: &[Column] = &[
    ("operation", "operation", Text),
    ("rules", "rules", Counted),
    ("pos", "POS", Texts("")),
    ("api", "API", Texts("")),
    ("channels", "channels", Texts("all")),
    ("text", "what it does", Text),
];
const FACTS: &[Column] = &[
    ("fact", "fact", Text),
    ("values", "values", Texts("")),
    ("default", "default", Perhaps("required")),
    ("text", "what it is", Text),
];
const FEATURES: &[Column] = &[
    ("feature", "feature", Text),
    ("node", "node", Perhaps("")),
    ("since", "since", Perhaps("")),
    ("on_by_default_since", "", Perhaps("")),
    ("mandatory_since", "", Perhaps("")),
    ("name", "name", Perhaps("")),
    ("text", "", Text),
];
const JOBS: &[Column] = &[
    ("job", "job", Text),
    ("kind", "kind", Text),
    ("name", "name", Perhaps("")),
    ("page", "", Perhaps("")),
    ("text", "", Text),
];
const CHECKS: &[Column] = &[
    ("check", "check", Text),
    ("severity", "severity", Text),
    ("looks_at", "looks at", Texts("")),
    ("title", "what it looks for", Text),
    ("why", "", Text),
    ("sources", "", Texts("")),
    ("controls", "", Texts("")),
];
const REASONS: &[Column] = &[
    ("reason", "reason", Text),
    ("text", "what it means", Text),
    ("help", "", Perhaps("")),
    ("error_ids", "", Texts("")),
];
const DOCUMENTS: &[Column] = &[
    ("document", "document", Text),
    ("date", "date", Perhaps("unknown")),
    ("title", "title", Text),
    ("place", "where it stands", Text),
    ("link", "link", Text),
];
const STATEMENTS: &[Column] = &[
    ("statement", "statement", Text),
    ("documents", "documents", Texts("")),
    ("text", "what it says", Text),
];

/// The columns of a list, table by table; of none, those of how many entries each has.
pub(super) fn columns_of(list: Option<&str>) -> &'static [&'static [Column]] {
    match list {
        None => &[COUNTS],
        Some("operations") => &[OPERATIONS],
        Some("facts") => &[FACTS],
        Some("features") => &[FEATURES],
        Some("jobs") => &[JOBS],
        Some("checks") => &[CHECKS],
        Some("reasons") => &[REASONS],
        Some("sources") => &[DOCUMENTS, STATEMENTS],
        Some(_) => &[],
    }
}

/// The tables of a list; none for a list that does not exist.
pub(super) fn listed(rules: &Rules, list: Option<&str>) -> Vec<Listed> {
    let entries = match list {
        None => vec![LISTS.iter().map(|name| count(rules, name)).collect()],
        Some("operations") => vec![operations(rules)],
        Some("facts") => vec![rules.facts.iter().map(fact).collect()],
        Some("features") => vec![features(rules)],
        Some("jobs") => vec![jobs(rules)],
        Some("checks") => vec![checks(rules)],
        Some("reasons") => vec![reasons(rules)],
        Some("sources") => vec![documents(rules), statements(rules)],
        Some(_) => Vec::new(),
    };
    let tables = columns_of(list).iter().zip(entries);
    tables.map(|(columns, entries)| Listed { columns, entries }).collect()
}

fn count(rules: &Rules, list: &'static str) -> Vec<ListCell> {
    let entries = listed(rules, Some(list)).iter().map(|table| table.entries.len()).sum();
    vec![text(list), ListCell::Number(entries)]
}

fn text(text: impl Into<String>) -> ListCell {
    ListCell::Text(text.into())
}

fn perhaps(text: Option<impl ToString>) -> ListCell {
    text.map_or(ListCell::Nothing, |text| ListCell::Text(text.to_string()))
}

fn texts<S: ToString>(texts: impl IntoIterator<Item = S>) -> ListCell {
    ListCell::Texts(texts.into_iter().map(|it| it.to_string()).collect())
}

fn operations(rules: &Rules) -> Vec<Vec<ListCell>> {
    let entry = |it: &crate::model::Operation| {
        vec![
            text(&it.id),
            texts(rules.rules_of(it).iter().map(|rule| &rule.id)),
            texts(it.pos.iter().map(|(number, _)| number)),
            texts(&it.api),
            texts(&it.channels),
            text(&it.text),
        ]
    };
    rules.operations.iter().map(entry).collect()
}

fn fact(fact: &Fact) -> Vec<ListCell> {
    let default = fact.default.and_then(|number| fact.words.get(number));
    vec![text(&fact.id), texts(&fact.words), perhaps(default), text(&fact.text)]
}

fn features(rules: &Rules) -> Vec<Vec<ListCell>> {
    let entry = |it: &crate::model::Feature| {
        vec![
            text(&it.id),
            perhaps(it.node.as_ref()),
            perhaps(it.since),
            perhaps(it.on_by_default_since),
            perhaps(it.mandatory_since),
            perhaps(first_name(&it.names)),
            text(&it.text),
        ]
    };
    rules.features.iter().map(entry).collect()
}

fn jobs(rules: &Rules) -> Vec<Vec<ListCell>> {
    let entry = |it: &crate::model::Job| {
        vec![
            text(&it.id),
            text(it.kind.as_str()),
            perhaps(first_name(&it.names)),
            perhaps(it.page.as_ref()),
            text(&it.text),
        ]
    };
    rules.jobs.iter().map(entry).collect()
}

/// One entry for each code: a check may have parts, each of which looks at something else.
fn checks(rules: &Rules) -> Vec<Vec<ListCell>> {
    let is_first = |(number, it): &(usize, &Check)| {
        rules.checks.iter().take(*number).all(|earlier| earlier.code != it.code)
    };
    let firsts = rules.checks.iter().enumerate().filter(is_first);
    firsts.map(|(_, first)| check(rules, first)).collect()
}

fn check(rules: &Rules, first: &Check) -> Vec<ListCell> {
    let parts = rules.checks.iter().filter(|part| part.code == first.code);
    let mut looks_at: Vec<&str> = Vec::new();
    for part in parts {
        let subject = subject_name(part.subject, rules);
        if !looks_at.contains(&subject) {
            looks_at.push(subject);
        }
    }
    vec![
        text(first.code.to_string()),
        text(first.severity.to_string()),
        texts(looks_at),
        text(&first.title),
        text(&first.why),
        texts(&first.sources),
        texts(controls_of(rules, first.code)),
    ]
}

fn controls_of(rules: &Rules, code: Code) -> impl Iterator<Item = &String> {
    rules.controls.iter().filter(move |it| it.codes.contains(&code)).map(|it| &it.id)
}

fn reasons(rules: &Rules) -> Vec<Vec<ListCell>> {
    let entry = |it: &crate::model::Reason| {
        let errors = it.errors.iter().map(|(error, _)| error);
        vec![text(&it.id), text(&it.text), perhaps(it.help.as_ref()), texts(errors)]
    };
    rules.reasons.iter().map(entry).collect()
}

fn documents(rules: &Rules) -> Vec<Vec<ListCell>> {
    let entry = |it: &crate::model::Document| {
        vec![text(&it.id), perhaps(it.dated()), text(&it.title), text(place(it)), text(link(it))]
    };
    rules.evidence.documents.iter().map(entry).collect()
}

fn statements(rules: &Rules) -> Vec<Vec<ListCell>> {
    let entry =
        |it: &crate::model::Statement| vec![text(&it.id), texts(&it.documents), text(&it.text)];
    rules.evidence.statements.iter().map(entry).collect()
}
