//! From rows to the sections of a deployment: the joins between tables. Whatever the exports do not
//! say is left out.

mod channels;
mod databases;
mod features;
mod jobs;
mod profiles;

pub(super) use features::header;

use super::Note;
use super::rows::{Cell, Place, Presence, Tables};
use super::values::{self, When};
use super::write::quoted;
use crate::model::name::fold;
use crate::model::{ExportForm, Rules};
use jiff::Timestamp;
use std::collections::HashMap;

/// A value that an export holds.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// The key of a deployment.
    pub(super) key: &'static str,
    /// The value as TOML.
    pub(super) toml: String,
    /// Where it stands.
    pub(super) place: Place,
    /// The heading above it; empty for what several columns say together.
    pub(super) heading: String,
    /// Whether it tells the record apart.
    is_identity: bool,
}

/// A record of a deployment.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// What tells it apart; empty where records of its section share ids.
    pub(super) id: String,
    pub(super) place: Place,
    form: ExportForm,
    pub(super) facts: Vec<Fact>,
}

/// A section of a deployment.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) records: Vec<Record>,
}

/// What is being built, and what is told on the way.
pub(super) struct Build<'a> {
    rules: &'a Rules,
    tables: &'a Tables,
    pub(super) notes: Vec<Note>,
    as_of: Option<Timestamp>,
    /// What the rules do not know: how many of each kind.
    unknown: Vec<(&'static str, usize)>,
}

impl Record {
    fn new(cell: Cell<'_>, id: &str) -> Self {
        Self { id: id.to_owned(), place: cell.place, form: cell.export.form, facts: Vec::new() }
    }

    /// The record with its identity under `key`.
    fn identified(cell: Cell<'_>, key: &'static str, id: &str) -> Self {
        let mut record = Self::new(cell, id);
        record.facts.push(Fact { is_identity: true, ..fact(cell, "id", key, quoted(id)) });
        record
    }
}

/// A fact that stands in the column of `from`.
fn fact(cell: Cell<'_>, from: &str, key: &'static str, toml: String) -> Fact {
    Fact {
        key,
        toml,
        place: cell.place,
        heading: cell.heading(from).to_owned(),
        is_identity: false,
    }
}

impl<'a> Build<'a> {
    pub(super) fn new(
        rules: &'a Rules,
        tables: &'a Tables,
        notes: Vec<Note>,
        as_of: Option<Timestamp>,
    ) -> Self {
        let as_of = as_of.or(tables.taken.map(|(moment, _)| moment));
        Self { rules, tables, notes, as_of, unknown: Vec::new() }
    }

    /// Every section that the exports make, in the order of the format.
    pub(super) fn sections(&mut self) -> Vec<Section> {
        let sections = vec![
            self.deployment(),
            self.features(),
            self.profiles(),
            self.schemas(),
            self.groups(),
            self.databases(),
            self.offline_profiles(),
            self.channels(),
            self.scheduler_jobs(),
            self.scheduler_subjobs(),
            self.schedules(),
            self.batch_jobs(),
        ];
        self.tell_unknown();
        let sections: Vec<Section> =
            sections.into_iter().map(|section| self.without_private(section)).collect();
        sections.into_iter().filter(|section| !section.records.is_empty()).collect()
    }

    /// A section without what nothing may pass on, whatever column it stood in.
    fn without_private(&mut self, section: Section) -> Section {
        let mut kept = Vec::new();
        for mut record in section.records {
            let (private, facts): (Vec<Fact>, Vec<Fact>) = record
                .facts
                .into_iter()
                .partition(|fact| values::is_private(self.rules, &fact.toml));
            for fact in &private {
                let heading = if fact.heading.is_empty() { fact.key } else { &fact.heading };
                let message = format!(
                    "the value under {heading} looks like a credential or a person's address, and \
                        is not passed on"
                );
                let place = Some(self.at(fact.place));
                self.notes.push(Note { place, message, complaint: true });
            }
            record.facts = facts;
            if private.iter().all(|fact| !fact.is_identity) {
                kept.push(record);
            }
        }
        Section { id: section.id, records: kept }
    }

    /// The moment that the exports were taken, where they say so.
    fn deployment(&self) -> Section {
        let record = |(moment, file): (Timestamp, usize)| {
            let place = Place { file, line: 1 };
            let heading = "pulledAt".to_owned();
            let fact =
                Fact { key: "as-of", toml: moment.to_string(), place, heading, is_identity: false };
            Record { id: String::new(), place, form: ExportForm::Entity, facts: vec![fact] }
        };
        Section { id: "deployment", records: self.tables.taken.map(record).into_iter().collect() }
    }

    /// Whether a section can be made of tables of these kinds: one is there, and none is
    /// incomplete.
    fn is_there(&mut self, section: &str, kinds: &[&str]) -> bool {
        let mut missing = Vec::new();
        for kind in kinds {
            match self.tables.presence(self.rules, kind) {
                (Presence::Incomplete, path) => {
                    let message = format!(
                        "not all rows are there, so [[{section}]] is left out; export every page, \
                            with $count=true in \
                                 the query, which tells that none is missing"
                    );
                    self.note(path.map(str::to_owned), message);
                    return false;
                }
                (Presence::Missing, _) => missing.push(*kind),
                (Presence::There, Some(path)) => {
                    let message =
                        "not all rows are there; the dump of the same table counts".to_owned();
                    self.note(Some(path.to_owned()), message);
                }
                (Presence::There, None) => {}
            }
        }
        if missing.len() == kinds.len() {
            return false;
        }
        for kind in missing {
            let exports = self.rules.exports.iter().filter(|export| export.kind == *kind);
            let names: Vec<&str> = exports.map(|export| export.id.as_str()).collect();
            let message = format!(
                "[[{section}]] is written without {}, which is missing",
                names.join(" or ")
            );
            self.note(None, message);
        }
        true
    }

    /// The rows of a kind.
    fn rows(&self, kind: &str) -> Vec<Cell<'a>> {
        self.tables.of(self.rules, kind)
    }

    /// Of each row of a kind with a record id the name; `None` where the kind is not there.
    fn recids(&self, kind: &str) -> HashMap<&'a str, &'a str> {
        self.rows(kind)
            .iter()
            .filter_map(|cell| Some((cell.recid("recid")?, cell.text("id")?)))
            .collect()
    }

    /// What a row's id is; a row without one is told.
    fn id(&mut self, cell: Cell<'a>) -> Option<&'a str> {
        let id = cell.text("id");
        if id.is_none() {
            self.unusable(cell, &format!("the row has nothing under {}", cell.heading("id")));
        }
        id
    }

    /// The rows of a kind with their ids.
    fn identified(&mut self, kind: &str) -> Vec<(Cell<'a>, &'a str)> {
        let rows = self.rows(kind);
        rows.into_iter().filter_map(|cell| Some((cell, self.id(cell)?))).collect()
    }

    /// A value that is yes or no.
    fn boolean(&mut self, cell: Cell<'_>, from: &str) -> Option<bool> {
        let text = cell.text(from)?;
        let value = values::yes_no(self.rules, text);
        if value.is_none() {
            self.unusable(
                cell,
                &format!("the value under {} is neither yes nor no", cell.heading(from)),
            );
        }
        value.flatten()
    }

    fn boolean_fact(&mut self, cell: Cell<'_>, key: &'static str) -> Option<Fact> {
        let value = self.boolean(cell, key)?;
        Some(fact(cell, key, key, value.to_string()))
    }

    /// A date under `from`.
    fn when(&mut self, cell: Cell<'_>, from: &str) -> Option<When> {
        let when = values::when(cell.text(from)?);
        if when.is_none() {
            self.unusable(cell, &format!("the value under {} is no date", cell.heading(from)));
        }
        when
    }

    fn moment(&mut self, cell: Cell<'_>, from: &str) -> Option<Timestamp> {
        match self.when(cell, from)? {
            When::At(moment) => Some(moment),
            When::Never | When::Ambiguous => None,
        }
    }

    /// A reference by name under `key`, or by record id under `key-recid`: one to a row that is not
    /// there is kept.
    fn reference(
        cell: Cell<'a>,
        key: &str,
        recids: &HashMap<&'a str, &'a str>,
    ) -> Option<(&'a str, String)> {
        if let Some(name) = cell.text(key) {
            return Some((name, cell.heading(key).to_owned()));
        }
        let by_recid = format!("{key}-recid");
        let recid = cell.recid(&by_recid)?;
        Some((recids.get(recid).copied().unwrap_or(recid), cell.heading(&by_recid).to_owned()))
    }

    fn reference_fact(
        cell: Cell<'a>,
        key: &'static str,
        recids: &HashMap<&'a str, &'a str>,
    ) -> Option<Fact> {
        let (name, heading) = Self::reference(cell, key, recids)?;
        Some(Fact { heading, ..fact(cell, "", key, quoted(name)) })
    }

    /// Records of one id put together: what comes first wins, dumps before entities.
    fn merged(&mut self, id: &'static str, records: Vec<Record>) -> Section {
        let mut kept: Vec<Record> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for record in records {
            let folded = fold(&record.id).into_owned();
            match seen.get(&folded).and_then(|number| kept.get_mut(*number)) {
                Some(first) => {
                    let notes = add(first, record);
                    for (place, other, key, same_form) in notes {
                        self.disagree(id, key, place, other, same_form);
                    }
                }
                None => {
                    seen.insert(folded, kept.len());
                    kept.push(record);
                }
            }
        }
        Section { id, records: kept }
    }

    fn disagree(&mut self, section: &str, key: &str, place: Place, other: Place, same_form: bool) {
        let counts = self.at(other);
        let message = if same_form {
            format!("the row gives {section}.{key} another value than {counts}, which counts")
        } else {
            format!(
                "the entity gives {section}.{key} another value than the dump, {counts}, which \
                    counts"
            )
        };
        let place = Some(self.at(place));
        self.notes.push(Note { place, message, complaint: same_form });
    }

    /// A place for people.
    fn at(&self, place: Place) -> String {
        let path = self.tables.files.get(place.file).map_or("", |file| file.path.as_str());
        format!("{path}:{}", place.line)
    }

    fn note(&mut self, place: Option<String>, message: String) {
        self.notes.push(Note { place, message, complaint: false });
    }

    fn unusable(&mut self, cell: Cell<'_>, message: &str) {
        let place = Some(self.at(cell.place));
        self.notes.push(Note { place, message: message.to_owned(), complaint: true });
    }

    /// Something that the rules do not know: a real export has hundreds.
    fn is_unknown(&mut self, what: &'static str) {
        match self.unknown.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += 1,
            None => self.unknown.push((what, 1)),
        }
    }

    fn tell_unknown(&mut self) {
        if self.unknown.is_empty() {
            return;
        }
        let counts: Vec<String> =
            self.unknown.iter().map(|(what, count)| format!("{what}: {count}")).collect();
        let message = format!("left out, since the rules do not know them: {}", counts.join(", "));
        self.note(None, message);
    }
}

/// Adds what `other` says beyond `record`, and gives the keys on which they disagree, with both
/// places.
fn add(record: &mut Record, other: Record) -> Vec<(Place, Place, &'static str, bool)> {
    let mut disagree = Vec::new();
    let same_form = record.form == other.form;
    for fact in other.facts {
        match record.facts.iter().find(|known| known.key == fact.key) {
            None => record.facts.push(fact),
            Some(known) if known.toml == fact.toml || fact.is_identity => {}
            Some(known) => disagree.push((fact.place, known.place, fact.key, same_form)),
        }
    }
    disagree
}
