//! Channel schemas, channel database groups, channel databases.

use super::super::values;
use super::{Build, Fact, Record, Section, fact};
use crate::import::rows::Cell;
use crate::model::name::fold;
use std::collections::HashMap;

/// A channel database: its group, and what it is, where the exports say so.
#[derive(Clone, Copy, Debug)]
pub(super) struct Database<'a> {
    pub(super) group: Option<&'a str>,
    pub(super) kind: Option<&'a str>,
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
            for (mut record, cells) in filters {
                record.facts.extend(self.filter(&cells));
                records.push(record);
            }
        }
        self.merged(section, records, is_there)
    }

    /// Whether shared customer tables are filtered: said where all rows of the schema agree, or the
    /// rules know the number of the entity type.
    fn filter(&mut self, cells: &[Cell<'a>]) -> Option<Fact> {
        let of_customers = |cell: &&Cell<'_>| {
            let kind = cell
                .text("entity-type")
                .and_then(|kind| values::word(self.rules, "customer-entity-type", kind));
            kind == Some(Some("customer"))
        };
        let customers: Vec<Cell<'a>> = cells.iter().filter(of_customers).copied().collect();
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
        let mut rows: HashMap<String, Cell<'a>> = HashMap::new();
        for cell in self.rows("interval") {
            if let Some(id) = cell.text("id") {
                rows.entry(fold(id).into_owned()).or_insert(cell);
            }
        }
        let mut intervals: HashMap<String, Vec<Option<Cell<'a>>>> = HashMap::new();
        // One that is lacking may have another interval.
        if rows.is_empty() || !self.tables.presence(self.rules, "database").is_whole() {
            return intervals;
        }
        for cell in self.rows("database") {
            let Some((group, _)) = self.reference(cell, "group", &groups) else { continue };
            let interval = self.reference(cell, "interval", &names);
            let interval = interval.and_then(|(name, _)| rows.get(&*fold(name)).copied());
            let is_named = cell.text("interval").is_some()
                || cell.recid("interval-recid").is_some()
                || ["interval", "interval-recid"].iter().any(|key| cell.is_lost(key));
            if interval.is_none() && is_named {
                self.lacking.insert(GROUPS);
            }
            let of = intervals.entry(fold(group).into_owned()).or_default();
            if !of.iter().any(|known| known.map(|one| one.place) == interval.map(|one| one.place)) {
                of.push(interval);
            }
        }
        intervals
    }

    /// How often the databases of a group are uploaded or downloaded, where that is the same for
    /// all of them.
    fn interval(&mut self, of: &[Option<Cell<'a>>], key: &str) -> Option<Fact> {
        let known: Option<Vec<Cell<'a>>> = of.iter().copied().collect();
        let known = known?;
        let first = *known.first()?;
        if known.iter().any(|cell| cell.is_lost(key)) {
            self.lacking.insert(GROUPS);
            return None;
        }
        let text = first.text(key)?;
        if known.iter().any(|cell| cell.text(key) != Some(text)) {
            let message = format!(
                "databases of one group have other intervals, so {key} is left \
                out of [[channel-database-group]]"
            );
            self.leave_out(first, message, false);
            self.lacking.insert(GROUPS);
            return None;
        }
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
        let mut index: HashMap<String, Database<'a>> = HashMap::new();
        for cell in self.rows("database") {
            let Some(name) = cell.text("id") else { continue };
            let group = self.reference(cell, "group", &groups).map(|(group, _)| group);
            let kind = self.database_kind(cell);
            let known = index.entry(fold(name).into_owned()).or_insert(Database { group, kind });
            known.group = known.group.or(group);
            known.kind = known.kind.or(kind);
        }
        index
    }
}
