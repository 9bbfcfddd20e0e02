//! Channel schemas, channel database groups, channel databases.

use super::super::values;
use super::ids::{Ids, Referred};
use super::{Build, Fact, Record, Section, fact};
use crate::import::rows::Cell;
use crate::model::ExportForm;
use crate::model::name::fold;
use std::collections::HashMap;

/// What a channel database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DatabaseKind<'a> {
    Is(&'a str),
    /// No table says what it is.
    Untold,
    /// One has a column for it, and nothing in it that can be used.
    Lost,
}

/// A channel database: its group, where that is known, and what it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Database<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) kind: DatabaseKind<'a>,
}

/// What exports say of one thing. What dumps say wins, and of two exports of one form neither
/// counts where they disagree, as of records that are put together.
#[derive(Clone, Copy, Debug, Default)]
struct Said<'a> {
    first: Option<(&'a str, ExportForm)>,
    is_disputed: bool,
}

impl<'a> Said<'a> {
    fn hear(&mut self, said: Option<&'a str>, form: ExportForm) {
        let Some(said) = said else { return };
        let (first, of) = *self.first.get_or_insert((said, form));
        self.is_disputed |= of == form && fold(first) != fold(said);
    }

    fn known(self) -> Option<&'a str> {
        self.first.map(|(said, _)| said).filter(|_| !self.is_disputed)
    }
}

/// The section of the groups: an interval that is lost leaves it incomplete, else the default would
/// count.
const GROUPS: &str = "channel-database-group";

/// What an interval tells of a group.
const INTERVALS: [&str; 2] = ["upload-interval", "download-interval"];

impl<'a> Build<'a> {
    pub(super) fn schemas(&mut self) -> Section {
        let mut records = Vec::new();
        let section = "channel-schema";
        let is_there = self.is_there(section, &["schema", "schema-filter"]);
        if is_there {
            for (cell, id) in self.identified(section, "schema") {
                records.push(Record::identified(cell, "name", id));
            }
            let mut filters: Vec<(Record, Vec<Cell<'a>>)> = Vec::new();
            let mut seen: HashMap<String, usize> = HashMap::new();
            for (cell, id) in self.identified(section, "schema-filter") {
                let number = *seen.entry(fold(id).into_owned()).or_insert(filters.len());
                match filters.get_mut(number) {
                    Some((_, cells)) => cells.push(cell),
                    None => filters.push((Record::identified(cell, "name", id), vec![cell])),
                }
            }
            let are_all = self.tables.presence(self.rules, "schema-filter").is_whole()
                && filters.iter().map(|(_, cells)| cells.len()).sum::<usize>()
                    == self.rows("schema-filter").count();
            for (mut record, cells) in filters {
                record.facts.extend(self.filter(&cells, are_all));
                records.push(record);
            }
        }
        self.merged(section, records, is_there)
    }

    /// Whether shared customer tables are filtered: said where all rows of the schema are there and
    /// agree, or the rules know the number of the entity type.
    fn filter(&mut self, cells: &[Cell<'a>], are_all: bool) -> Option<Fact> {
        let of_customers = |cell: &&Cell<'_>| {
            let kind = cell
                .text("entity-type")
                .and_then(|kind| values::word(self.rules, "customer-entity-type", kind));
            kind == Some(Some("customer"))
        };
        let customers: Vec<Cell<'a>> = cells.iter().filter(of_customers).copied().collect();
        if customers.is_empty() && !are_all {
            let message = "rows are lacking that may be of this schema too, so \
                filter-shared-customer-data-tables is left out";
            self.leave_out(*cells.first()?, message.to_owned(), false);
            return None;
        }
        let relevant = if customers.is_empty() { cells } else { &customers };
        let read: Vec<_> =
            relevant.iter().map(|cell| (*cell, self.boolean(*cell, "filter"))).collect();
        let (first, value) = read.first().copied()?;
        if read.iter().any(|(_, other)| *other != value) {
            let place = Some(self.at(first.place));
            let message = "the rows of the schema disagree, so filter-shared-customer-data-tables \
                is left out; \
                           write the number of the customer entity type into the rules \
                           (customer-entity-type)";
            self.note(place, message.to_owned());
            return None;
        }
        Some(fact(first, "filter", "filter-shared-customer-data-tables", value?.to_string()))
    }

    pub(super) fn groups(&mut self) -> Section {
        let mut records = Vec::new();
        let is_there = self.is_there("channel-database-group", &["group"]);
        if is_there {
            let schemas = self.ids("schema");
            let intervals = self.intervals();
            for (cell, id) in self.identified("channel-database-group", "group") {
                let mut record = Record::identified(cell, "name", id);
                record.facts.extend(self.reference_fact(cell, "channel-schema", &schemas));
                if let Some(of) = intervals.get(&*fold(id)) {
                    for key in INTERVALS {
                        record.facts.extend(self.interval(of, key));
                    }
                }
                records.push(record);
            }
        }
        self.merged(GROUPS, records, is_there)
    }

    /// Of each group, by its folded name, the intervals of its databases; `None` among them where
    /// one has none that is known.
    fn intervals(&mut self) -> HashMap<String, Vec<Option<Cell<'a>>>> {
        let (groups, names) = (self.ids("group"), self.ids("interval"));
        let mut rows: HashMap<String, Vec<Cell<'a>>> = HashMap::new();
        for cell in self.rows("interval") {
            if let Some(id) = cell.text("id") {
                rows.entry(fold(id).into_owned()).or_default().push(cell);
            }
        }
        let mut intervals: HashMap<String, Vec<Option<Cell<'a>>>> = HashMap::new();
        let presence = |kind| self.tables.presence(self.rules, kind);
        let has = |key| self.tables.has_column(self.rules, "database", key);
        if !presence("interval").is_there && !has("interval") && !has("interval-recid") {
            return intervals;
        }
        // One that is lacking may have another interval.
        if presence("database").is_there && !presence("database").is_whole() {
            self.lacking.insert(GROUPS);
            return intervals;
        }
        for (group, interval) in self.scheduled(&groups, &names) {
            let group = match group {
                Referred::To(group, _) => group,
                Referred::Nothing => continue,
                // It may be one of any group.
                Referred::Lost(_) => {
                    self.lacking.insert(GROUPS);
                    return HashMap::new();
                }
            };
            let known = match interval {
                Referred::To(name, _) => rows.get(&*fold(name)).map(Vec::as_slice),
                Referred::Nothing | Referred::Lost(_) => None,
            };
            if known.is_none() && !matches!(interval, Referred::Nothing) {
                self.lacking.insert(GROUPS);
            }
            let of = intervals.entry(fold(group).into_owned()).or_default();
            let known = known.map_or_else(|| vec![None], |cells| cells.iter().map(Some).collect());
            for one in known.into_iter().map(Option::<&Cell<'a>>::copied) {
                let is_it = |known: &Option<Cell<'a>>| match (known, one) {
                    (Some(known), Some(one)) => known.is_row(one),
                    (known, one) => known.is_none() && one.is_none(),
                };
                if !of.iter().any(is_it) {
                    of.push(one);
                }
            }
        }
        intervals
    }

    /// Of each database its group and its interval, as the first export says that has them.
    fn scheduled(
        &mut self,
        groups: &Ids<'a>,
        intervals: &Ids<'a>,
    ) -> Vec<(Referred<'a>, Referred<'a>)> {
        let mut said: Vec<(Referred<'a>, Referred<'a>)> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for cell in self.rows("database") {
            let group = self.referred(cell, "group", groups);
            let interval = self.referred(cell, "interval", intervals);
            // A row that names no database is one of its own.
            let number = cell
                .text("id")
                .map_or(said.len(), |id| *known.entry(fold(id).into_owned()).or_insert(said.len()));
            match said.get_mut(number) {
                Some(of) => *of = (of.0.or(group), of.1.or(interval)),
                None => said.push((group, interval)),
            }
        }
        said
    }

    /// How often the databases of a group are uploaded or downloaded, where that is the same for
    /// all of them.
    fn interval(&mut self, of: &[Option<Cell<'a>>], key: &str) -> Option<Fact> {
        let known: Vec<Cell<'a>> = of.iter().flatten().copied().collect();
        let first = *known.first()?;
        if known.iter().any(|cell| cell.is_lost(key)) {
            self.lacking.insert(GROUPS);
            return None;
        }
        let text = first.text(key);
        if known.len() < of.len() || known.iter().any(|cell| cell.text(key) != text) {
            let message = format!(
                "databases of one group have other intervals, or none, so {key} is left out of \
                    [[channel-database-group]]"
            );
            self.leave_out(first, message, false);
            self.lacking.insert(GROUPS);
            return None;
        }
        let text = text?;
        match text.parse::<u32>() {
            Ok(minutes) if minutes > 0 => Some(fact(first, key, key, format!("\"{minutes}m\""))),
            _ => {
                let heading = first.heading(key);
                let message = format!("the value under {heading} is no number of minutes");
                self.leave_out(first, message, true);
                self.lacking.insert(GROUPS);
                None
            }
        }
    }

    pub(super) fn databases(&mut self) -> Section {
        let mut records = Vec::new();
        let is_there = self.is_there("channel-database", &["database"]);
        if is_there {
            let groups = self.ids("group");
            for (cell, id) in self.identified("channel-database", "database") {
                let mut record = Record::identified(cell, "name", id);
                record.facts.extend(self.reference_fact(cell, "group", &groups));
                record.facts.extend(
                    self.database_kind(cell)
                        .map(|kind| fact(cell, "kind", "kind", format!("\"{kind}\""))),
                );
                record.facts.extend(self.boolean_fact(cell, "pause-data-synchronization"));
                records.push(record);
            }
        }
        self.merged("channel-database", records, is_there)
    }

    fn database_kind(&mut self, cell: Cell<'a>) -> Option<&'a str> {
        let kind = values::word(self.rules, "database-kind", cell.text("kind")?);
        kind.flatten()
    }

    /// The channel databases by folded name.
    pub(super) fn database_index(&mut self) -> HashMap<String, Database<'a>> {
        let groups = self.ids("group");
        // What is said of the group and of the kind, and whether a kind is there that is of no use.
        let mut said: HashMap<String, (Said<'a>, Said<'a>, bool)> = HashMap::new();
        for cell in self.rows("database") {
            let Some(name) = cell.text("id").filter(|name| !values::is_damaged(name)) else {
                continue;
            };
            let group = self.reference(cell, "group", &groups).map(|(group, _)| group);
            let kind = self.database_kind(cell);
            let of = said.entry(fold(name).into_owned()).or_default();
            of.0.hear(group, cell.export.form);
            of.1.hear(kind, cell.export.form);
            of.2 |= kind.is_none() && cell.has("kind");
        }
        let databases = said.into_iter().map(|(name, (group, kind, is_any_lost))| {
            let kind = match kind.known() {
                Some(known) => DatabaseKind::Is(known),
                None if is_any_lost || kind.is_disputed => DatabaseKind::Lost,
                None => DatabaseKind::Untold,
            };
            (name, Database { group: group.known(), kind })
        });
        databases.collect()
    }
}
