//! From rows to the sections of a deployment: the joins between tables. Whatever the exports do not
//! say is left out.

mod belongings;
mod channel;
mod channels;
mod databases;
mod features;
mod ids;
mod jobs;
mod parameters;
mod profiles;
mod uses;

pub(super) use features::header;

use super::Note;
use super::moments::{self, DATES, Order, Reading};
use super::rows::{Cell, ExportTables, Place};
use super::values;
use super::write::quoted;
use crate::model::name::fold;
use crate::model::{ExportForm, Rules, indexed};
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};

/// The key of a store without which its other group counts: one that is lost is said to be.
const OFFLINE: &str = "channel.offline-database-group";

/// A value that an export holds.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    /// The key of a deployment.
    pub(super) key: String,
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
    /// Keys on which exports of one form disagree, so that none of their values counts.
    disputed: Vec<String>,
}

/// A section of a deployment.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) id: &'static str,
    pub(super) records: Vec<Record>,
    /// Whether the exports show that there is no record.
    pub(super) is_none: bool,
}

/// Something that the rules do not know.
#[derive(Debug)]
pub(super) struct Unknown {
    /// What it is one of.
    pub(super) what: &'static str,
    pub(super) name: String,
    pub(super) place: Place,
}

/// What is being built, and what is told on the way.
pub(super) struct Build<'a> {
    rules: &'a Rules,
    tables: &'a ExportTables,
    notes: Vec<Note>,
    /// What was left out, with the places of the rows: hundreds may share one reason, and a row may
    /// be looked at more than once.
    left_out: Vec<(String, bool, BTreeSet<Place>)>,
    as_of: Option<Timestamp>,
    /// What the rules do not know.
    pub(super) unknown: Vec<Unknown>,
    /// The sections that do not list everything, and keys without which something else would count.
    lacking: BTreeSet<&'static str>,
    /// The order of day and month, by file and column, and by file.
    orders: HashMap<(usize, Option<String>), Option<Order>>,
}

impl Record {
    fn new(cell: Cell<'_>, id: &str) -> Self {
        let (facts, disputed) = (Vec::new(), Vec::new());
        Self { id: id.to_owned(), place: cell.place, form: cell.export.form, facts, disputed }
    }

    /// The record with its identity under `key`.
    fn identified(cell: Cell<'_>, key: &str, id: &str) -> Self {
        let mut record = Self::new(cell, id);
        record.facts.push(Fact { is_identity: true, ..fact(cell, "id", key, quoted(id)) });
        record
    }
}

/// A fact that stands in the column of `from`.
fn fact(cell: Cell<'_>, from: &str, key: &str, toml: String) -> Fact {
    Fact {
        key: key.to_owned(),
        toml,
        place: cell.place,
        heading: cell.heading(from).to_owned(),
        is_identity: false,
    }
}

impl<'a> Build<'a> {
    pub(super) fn new(
        rules: &'a Rules,
        tables: &'a ExportTables,
        notes: Vec<Note>,
        as_of: Option<Timestamp>,
    ) -> Self {
        let as_of = as_of.or(tables.taken.map(|(moment, _)| moment));
        let (left_out, unknown) = (Vec::new(), Vec::new());
        let (lacking, orders) = (BTreeSet::new(), HashMap::new());
        Self { rules, tables, notes, left_out, as_of, unknown, lacking, orders }
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
            self.button_grids(),
            self.affiliations(),
            self.scheduler_jobs(),
            self.scheduler_subjobs(),
            self.schedules(),
            self.batch_jobs(),
            self.parameters(),
        ];
        self.tell_unknown();
        let mut kept = Vec::new();
        for section in sections {
            let mut section = self.without_private(section);
            section.is_none &= !self.lacking.contains(section.id);
            if section.is_none || !section.records.is_empty() {
                kept.push(section);
            }
        }
        kept
    }

    /// The sections that do not list everything, and the keys that not all records give that
    /// should, in the order of the format.
    pub(super) fn lacking(&self) -> Vec<&'static str> {
        let section = |id: &&'static str| id.split_once('.').map_or(*id, |(section, _)| section);
        let order =
            |id: &&'static str| self.rules.format.section(section(id)).map(|(number, _)| number);
        let mut lacking: Vec<&'static str> = self.lacking.iter().copied().collect();
        lacking.sort_by_key(order);
        lacking
    }

    /// What there is to know.
    pub(super) fn notes(mut self) -> Vec<Note> {
        for (message, complaint, places) in std::mem::take(&mut self.left_out) {
            let place = places.first().map(|place| self.at(*place));
            let others = match places.len() {
                0 | 1 => String::new(),
                2 => " (and one other row)".to_owned(),
                many => format!(" (and {} other rows)", many - 1),
            };
            self.notes.push(Note { place, message: message + &others, complaint });
        }
        self.notes
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
                let heading = if fact.heading.is_empty() { &fact.key } else { &fact.heading };
                let message = format!(
                    "the value under {heading} looks like a credential or a person's address, and \
                        is not passed on"
                );
                let place = Some(self.at(fact.place));
                self.notes.push(Note { place, message, complaint: true });
            }
            record.facts = facts;
            // Where it is not given, the other group would count.
            let is_offline = |fact: &Fact| OFFLINE == format!("{}.{}", section.id, fact.key);
            if private.iter().any(is_offline) {
                self.lacking.insert(OFFLINE);
            }
            if private.iter().all(|fact| !fact.is_identity) {
                kept.push(record);
            } else {
                self.lacking.insert(section.id);
            }
        }
        Section { records: kept, ..section }
    }

    /// The moment that the exports were taken, where they say so.
    fn deployment(&self) -> Section {
        let record = |(moment, file): (Timestamp, usize)| {
            let place = Place { file, line: 1 };
            let heading = "pulledAt".to_owned();
            let fact = Fact {
                key: "as-of".to_owned(),
                toml: moment.to_string(),
                place,
                heading,
                is_identity: false,
            };
            let form = ExportForm::Entity;
            Record { id: String::new(), place, form, facts: vec![fact], disputed: Vec::new() }
        };
        let records = self.tables.taken.map(record).into_iter().collect();
        Section { id: "deployment", records, is_none: false }
    }

    /// Whether a section can be made of tables of these kinds, since one is there. Where one is
    /// missing that holds others of its records, or one has not all rows, or rows that can't be
    /// used, the section does not list everything.
    fn is_there(&mut self, section: &'static str, kinds: &[&str]) -> bool {
        let mut missing = Vec::new();
        for kind in kinds {
            let presence = self.tables.presence(self.rules, kind);
            if !presence.is_there {
                missing.push(*kind);
            } else if !presence.is_whole() {
                self.lacking.insert(section);
            }
            let message = match presence.partial {
                None => continue,
                Some(_) if presence.is_made_up => {
                    "not all rows are there; the dump of the same table counts".to_owned()
                }
                Some(_) => format!(
                    "not all rows may be there, so what [[{section}]] does not list is unknown; \
                        export every page, with $count=true in the query, which tells that none \
                        is missing"
                ),
            };
            self.note(presence.partial.map(str::to_owned), message);
        }
        if missing.len() == kinds.len() {
            return false;
        }
        for kind in missing {
            self.without(section, &[kind]);
        }
        true
    }

    /// A section is written without what these kinds of tables hold.
    fn without(&mut self, section: &'static str, kinds: &[&str]) {
        let exports = self.rules.exports.iter();
        let exports = exports.filter(|export| kinds.contains(&export.kind.as_str()));
        let names: Vec<&str> = exports.map(|export| export.id.as_str()).collect();
        let names = names.join(" or ");
        self.lacking.insert(section);
        self.note(None, format!("[[{section}]] is written without {names}, which is missing"));
    }

    /// The rows of a kind.
    fn rows(&self, kind: &str) -> impl DoubleEndedIterator<Item = Cell<'a>> + use<'a> {
        self.tables.of(self.rules, kind)
    }

    /// What a row's id is; a row without one, or with one that was damaged, is told, and its
    /// section lacks it.
    fn id(&mut self, section: &'static str, cell: Cell<'a>) -> Option<&'a str> {
        let heading = cell.declared("id");
        let id = cell.text("id");
        let message = match id {
            None => format!("the row has nothing under {heading}"),
            Some(id) if values::is_damaged(id) => format!(
                "the id under {heading} was damaged by a spreadsheet, and the row can't be used"
            ),
            Some(_) => return id,
        };
        self.lacking.insert(section);
        self.unusable(cell, &message);
        None
    }

    /// The rows of a kind with their ids.
    fn identified(&mut self, section: &'static str, kind: &str) -> Vec<(Cell<'a>, &'a str)> {
        let rows = self.rows(kind);
        rows.filter_map(|cell| Some((cell, self.id(section, cell)?))).collect()
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

    fn boolean_fact(&mut self, cell: Cell<'_>, key: &str) -> Option<Fact> {
        let value = self.boolean(cell, key)?;
        Some(fact(cell, key, key, value.to_string()))
    }

    /// A date under `from`, with the order of day and month that its column has, else its file.
    fn when(&mut self, cell: Cell<'a>, from: &str) -> Option<Reading> {
        let reading = self.when_quietly(cell, from);
        if reading.is_none() && cell.text(from).is_some() {
            self.unusable(cell, &format!("the value under {} is no date", cell.heading(from)));
        }
        reading
    }

    /// As [`Build::when`], where what is no date is told elsewhere.
    fn when_quietly(&mut self, cell: Cell<'a>, from: &str) -> Option<Reading> {
        let reading = moments::reading(cell.text(from)?)?;
        let Reading::Either(day_first, month_first) = reading else { return Some(reading) };
        Some(match self.order(cell, from) {
            Some(Order::DayFirst) => Reading::At(day_first),
            Some(Order::MonthFirst) => Reading::At(month_first),
            None => reading,
        })
    }

    /// A moment, none where nothing is said.
    fn readable(&mut self, cell: Cell<'a>, from: &str) -> Result<Option<Timestamp>, Unreadable> {
        if cell.is_lost(from) {
            return Err(Unreadable);
        }
        if cell.text(from).is_none() {
            return Ok(None);
        }
        match self.when_quietly(cell, from).ok_or(Unreadable)? {
            Reading::Never => Ok(None),
            reading => reading.moment().map(Some).ok_or(Unreadable),
        }
    }

    fn order(&mut self, cell: Cell<'a>, from: &str) -> Option<Order> {
        let column = self.order_of(cell, Some(from));
        column.or_else(|| self.order_of(cell, None))
    }

    /// The order of day and month in a column, or in all columns of dates of a file.
    fn order_of(&mut self, cell: Cell<'a>, from: Option<&str>) -> Option<Order> {
        let key = (cell.place.file, from.map(str::to_owned));
        if let Some(known) = self.orders.get(&key) {
            return *known;
        }
        let column = from.as_slice();
        let columns = if from.is_some() { column } else { &DATES };
        let (kind, file) = (&cell.export.kind, cell.place.file);
        let order = self.tables.orders(self.rules, kind, file, columns).order();
        self.orders.insert(key, order);
        order
    }

    /// A moment; one that has two readings is told.
    fn moment(&mut self, cell: Cell<'a>, from: &str, key: &str) -> Option<Timestamp> {
        let when = self.when(cell, from)?;
        if matches!(when, Reading::Either(..)) {
            self.two_readings(cell, from, key);
        }
        when.moment()
    }

    fn two_readings(&mut self, cell: Cell<'a>, from: &str, key: &str) {
        let message = format!(
            "the day and the month under {} could be swapped, and no other date of the file tells \
                them apart, so {key} is left out",
            cell.heading(from)
        );
        self.leave_out(cell, message, false);
    }

    /// A section that these records make. Where the exports show that there is none, it says so.
    fn section(&self, id: &'static str, records: Vec<Record>, is_there: bool) -> Section {
        let is_none = is_there && records.is_empty() && !self.lacking.contains(id);
        Section { id, records, is_none }
    }

    /// Records of one id put together: what dumps say wins; where exports of one kind disagree,
    /// neither counts.
    fn merged(&mut self, id: &'static str, records: Vec<Record>, is_there: bool) -> Section {
        let mut kept: Vec<Record> = Vec::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        for record in records {
            let folded = fold(&record.id).into_owned();
            match seen.get(&folded).and_then(|number| kept.get_mut(*number)) {
                Some(first) => {
                    for disagreement in add(first, record) {
                        self.disagree(id, &disagreement);
                    }
                }
                None => {
                    seen.insert(folded, kept.len());
                    kept.push(record);
                }
            }
        }
        self.section(id, kept, is_there)
    }

    fn disagree(&mut self, section: &str, two: &Disagreement) {
        let (key, other) = (&two.key, self.at(two.other));
        let message = if two.same_form {
            format!(
                "the row gives {section}.{key} another value than {other}, so that neither counts"
            )
        } else {
            format!(
                "the entity gives {section}.{key} another value than the dump, {other}, which \
                    counts"
            )
        };
        let place = Some(self.at(two.place));
        self.notes.push(Note { place, message, complaint: two.same_form });
    }

    /// A place for people.
    fn at(&self, place: Place) -> String {
        let path = &indexed(&self.tables.files, place.file).path;
        format!("{path}:{}", place.line)
    }

    fn note(&mut self, place: Option<String>, message: String) {
        self.notes.push(Note { place, message, complaint: false });
    }

    fn unusable(&mut self, cell: Cell<'_>, message: &str) {
        let place = Some(self.at(cell.place));
        self.notes.push(Note { place, message: message.to_owned(), complaint: true });
    }

    /// Leaves something out, which is told once for all rows of a file.
    fn leave_out(&mut self, cell: Cell<'_>, message: String, complaint: bool) {
        let file = cell.place.file;
        let is_same = |(known, _, places): &&mut (String, bool, BTreeSet<Place>)| {
            *known == message && places.first().is_some_and(|place| place.file == file)
        };
        match self.left_out.iter_mut().find(is_same) {
            Some((_, _, places)) => {
                places.insert(cell.place);
            }
            None => self.left_out.push((message, complaint, BTreeSet::from([cell.place]))),
        }
    }

    /// A name that the rules do not know, of which a real export has hundreds: what it stands for
    /// is lacking in its section.
    fn is_unknown(
        &mut self,
        section: &'static str,
        what: &'static str,
        cell: Cell<'_>,
        name: &str,
    ) {
        self.lacking.insert(section);
        let name = name.to_owned();
        self.unknown.push(Unknown { what, name, place: cell.place });
    }

    /// How many names are not known, beside those that are listed.
    pub(super) fn unlisted(&self) -> Option<(&'static str, u64)> {
        let unlisted = self.tables.unlisted(self.rules, "batch-job");
        Some(("batch jobs", unlisted)).filter(|_| unlisted > 0)
    }

    fn tell_unknown(&mut self) {
        let mut counts: Vec<(&str, u64)> = Vec::new();
        for (what, more) in self.unknown.iter().map(|one| (one.what, 1)).chain(self.unlisted()) {
            match counts.iter_mut().find(|(known, _)| *known == what) {
                Some((_, count)) => *count += more,
                None => counts.push((what, more)),
            }
        }
        if counts.is_empty() {
            return;
        }
        let counts: Vec<String> =
            counts.iter().map(|(what, count)| format!("{what}: {count}")).collect();
        let message = format!("left out, since the rules do not know them: {}", counts.join(", "));
        self.note(None, message);
    }
}

/// A moment that can't be read, which may be any.
#[derive(Clone, Copy, Debug)]
struct Unreadable;

/// A value that two exports give differently.
struct Disagreement {
    key: String,
    place: Place,
    other: Place,
    /// Whether both are dumps or both entities, so that none wins.
    same_form: bool,
}

/// Adds what `other` says beyond `record`, and gives what they disagree on: of two exports of one
/// form neither is right.
fn add(record: &mut Record, other: Record) -> Vec<Disagreement> {
    let mut disagree = Vec::new();
    let kind = |record: &Record| {
        record.facts.iter().find(|fact| fact.key == "kind").map(|fact| fact.toml.clone())
    };
    // A profile of stores and one of online channels may have one id: they are two things.
    let is_other = matches!((kind(record), kind(&other)), (Some(one), Some(two)) if one != two);
    let same_form = record.form == other.form || is_other;
    for fact in other.facts {
        match record.facts.iter().position(|known| known.key == fact.key) {
            None if record.disputed.contains(&fact.key) => {}
            None => record.facts.push(fact),
            Some(number) => {
                let Some(known) = record.facts.get(number) else { continue };
                if known.toml == fact.toml || fact.is_identity {
                    continue;
                }
                let (key, place, other) = (fact.key.clone(), fact.place, known.place);
                disagree.push(Disagreement { key, place, other, same_form });
                if same_form {
                    record.facts.remove(number);
                    record.disputed.push(fact.key);
                }
            }
        }
    }
    if is_other {
        // Nor does what only one of them says hold for the other.
        let own = record.facts.iter().filter(|fact| !fact.is_identity);
        record.disputed.extend(own.map(|fact| fact.key.clone()));
        record.facts.retain(|fact| fact.is_identity);
    }
    disagree
}
