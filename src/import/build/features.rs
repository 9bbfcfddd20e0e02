//! Features: which are enabled, and since when.

use super::super::values;
use super::{Build, Record, Section, fact};
use crate::import::moments::Reading;
use crate::import::rows::Cell;
use crate::import::write::quoted;
use crate::model::FeatureId;
use crate::model::name::fold;
use jiff::Timestamp;
use std::collections::{HashMap, HashSet};

/// What a row says of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    On,
    Off,
    /// On from a day after the exports were taken.
    Scheduled,
    Unknown,
}

/// What tells a feature of which the state table has only a class, by its record id.
#[derive(Debug, Default)]
struct Labels<'a> {
    /// `None` where two rows have the id.
    rows: HashMap<&'a str, Option<Cell<'a>>>,
    /// Whether some row is of no feature that can be told, and so may be of any.
    is_any_lost: bool,
    /// Names that the exports themselves translate; `None` where they stand for two features.
    taught: HashMap<String, Option<FeatureId>>,
}

impl<'a> Build<'a> {
    pub(super) fn features(&mut self) -> Section {
        let mut records = Vec::new();
        let is_there = self.is_there("features", &["feature"]);
        if is_there {
            let labels = self.labels();
            let telling = self.telling();
            for cell in self.rows("feature") {
                records.extend(self.feature(cell, &labels, &telling));
            }
        }
        let records = self.newest(records);
        self.merged("features", records, false)
    }

    /// The labels of features, and the names that their translations teach.
    fn labels(&self) -> Labels<'a> {
        let presence = self.tables.presence(self.rules, "feature-label");
        let is_any_lost = presence.is_there && !presence.is_whole();
        let mut labels = Labels { is_any_lost, ..Labels::default() };
        let states = self.rows("feature").filter_map(|cell| cell.recid("recid"));
        let states: HashSet<&str> = states.filter(|id| !values::is_damaged_recid(id)).collect();
        // By the record id of what is called so: a feature's state, or its metadata.
        let mut names: HashMap<String, Vec<&'a str>> = HashMap::new();
        for cell in self.rows("feature-label") {
            let state = cell.recid("feature-recid");
            labels.is_any_lost |= state.is_some_and(|id| !states.contains(id));
            labels.is_any_lost |= cell.is_lost("feature-recid");
            if let Some(recid) = state.filter(|id| states.contains(id)) {
                let known = labels.rows.entry(recid).or_insert(Some(cell));
                if known.is_some_and(|known| known.text("label") != cell.text("label")) {
                    *known = None;
                    labels.is_any_lost = true;
                }
            }
            let called = cell.text("label");
            let of = cell.recid("recid").filter(|id| !values::is_damaged_recid(id));
            if let (Some(recid), Some(called)) = (of, called) {
                names.entry(recid.to_owned()).or_default().push(called);
            }
        }
        for cell in self.rows("feature-translation") {
            let of = cell.recid("label-recid").filter(|id| !values::is_damaged_recid(id));
            if let (Some(recid), Some(called)) = (of, cell.text("label")) {
                names.entry(recid.to_owned()).or_default().push(called);
            }
        }
        for called in names.into_values() {
            let mut known = called.iter().filter_map(|name| values::feature(self.rules, name));
            let Some(feature) = known.next() else { continue };
            // Names of two features under one id teach nothing.
            let is_one = known.all(|other| other == feature);
            for name in called {
                let taught = labels.taught.entry(fold(name).into_owned());
                let taught = taught.or_insert(Some(feature));
                if !is_one || *taught != Some(feature) {
                    *taught = None;
                }
            }
        }
        labels
    }

    /// By file whether its column of states says anything: that of a page is a picture, of which a
    /// sheet may have nothing.
    fn telling(&self) -> HashMap<usize, bool> {
        let mut telling = HashMap::new();
        for cell in self.rows("feature") {
            *telling.entry(cell.place.file).or_insert(false) |= cell.text("enabled").is_some();
        }
        telling
    }

    fn feature(
        &mut self,
        cell: Cell<'a>,
        labels: &Labels<'a>,
        telling: &HashMap<usize, bool>,
    ) -> Option<Record> {
        let label = cell.recid("recid").and_then(|recid| labels.rows.get(recid)).copied().flatten();
        let label_text = label.and_then(|label| label.text("label"));
        let names = [cell.text("id"), cell.text("label"), label_text];
        let Some(name) = names.iter().flatten().next() else {
            self.lacking.insert("features");
            self.unusable(cell, &format!("the row has nothing under {}", cell.declared("id")));
            return None;
        };
        let means = |name: &&str| {
            let taught = || labels.taught.get(&*fold(name)).copied().flatten();
            values::feature(self.rules, name).or_else(taught)
        };
        let known = names.iter().flatten().find_map(means);
        let Some(feature) = known.map(|id| self.rules.feature(id)) else {
            self.is_unknown("features", "features", cell, name);
            return None;
        };
        let mut record = Record::new(cell, &feature.id);
        let is_dated = cell.text("date").is_some() || cell.is_lost("date");
        let dated = if is_dated { cell } else { label.unwrap_or(cell) };
        let when = self.when(dated, "date");
        let is_telling = telling.get(&cell.place.file).is_some_and(|telling| *telling);
        let (mut state, from) = self.state(cell, dated, when, is_telling);
        // Its enable date, in a label of a feature that can't be told, may be one to come.
        if state == State::On && label.is_none() && labels.is_any_lost && when.is_none() {
            state = State::Unknown;
        }
        let of = if from == "date" { dated } else { cell };
        match state {
            State::On => record.facts.push(fact(of, from, "enabled", "true".to_owned())),
            State::Off => record.facts.push(fact(of, from, "enabled", "false".to_owned())),
            State::Scheduled => {
                let message = "the feature is scheduled: it is not on before the day under \
                    the enable date, which is after the exports were taken";
                self.leave_out(cell, message.to_owned(), false);
                record.facts.push(fact(dated, "date", "enabled", "false".to_owned()));
            }
            State::Unknown => {
                let message = "nothing tells whether the feature is on, so it is unknown";
                self.leave_out(cell, message.to_owned(), false);
                self.lacking.insert("features");
                return None;
            }
        }
        if state == State::On {
            match when {
                Some(Reading::Either(..)) => self.two_readings(dated, "date", "enabled-at"),
                Some(when) => record.facts.extend(
                    when.moment()
                        .map(|moment| fact(dated, "date", "enabled-at", moment.to_string())),
                ),
                None => {}
            }
        }
        Some(record)
    }

    /// Whether a feature is on, and the column that says so: where none says it itself, its date
    /// does.
    fn state(
        &mut self,
        cell: Cell<'a>,
        dated: Cell<'a>,
        when: Option<Reading>,
        is_telling: bool,
    ) -> (State, &'static str) {
        let by_date = self.by_date(dated, when);
        if cell.is_lost("enabled") {
            return (State::Unknown, "enabled");
        }
        if let Some(text) = cell.text("enabled") {
            let state = match values::yes_no(self.rules, text) {
                Some(Some(false)) => State::Off,
                Some(_) if by_date == State::Scheduled => State::Scheduled,
                // Its date may be one to come.
                Some(Some(true)) if when.is_none() && by_date == State::Unknown => State::Unknown,
                Some(Some(true)) => State::On,
                Some(None) => State::Unknown,
                None => {
                    let heading = cell.heading("enabled");
                    let message = format!("the value under {heading} is neither yes nor no");
                    self.unusable(cell, &message);
                    State::Unknown
                }
            };
            return (state, "enabled");
        }
        let stage = cell.text("state");
        if stage.and_then(|text| values::word(self.rules, "feature-state", text))
            == Some(Some("mandatory"))
        {
            return (State::On, "state");
        }
        // A switch that says nothing where others do is no switch that is off.
        if is_telling || cell.is_lost("state") || !dated.has("date") {
            return (State::Unknown, "enabled");
        }
        (by_date, "date")
    }

    /// What the enable date says; without a date a feature was not enabled.
    fn by_date(&self, dated: Cell<'_>, when: Option<Reading>) -> State {
        let passed = |moment: Timestamp| self.as_of.is_none_or(|now| moment <= now);
        match when {
            // A date that can't be read is told; what it says is unknown.
            None if dated.text("date").is_some() || dated.is_lost("date") => State::Unknown,
            None | Some(Reading::Never) => State::Off,
            Some(Reading::Either(one, two)) => match (passed(one), passed(two)) {
                (true, true) => State::On,
                (false, false) => State::Scheduled,
                _ => State::Unknown,
            },
            Some(when) => match when.moment() {
                Some(moment) if passed(moment) => State::On,
                Some(_) => State::Scheduled,
                None => State::Unknown,
            },
        }
    }

    /// The records without those of an older sheet that a newer one contradicts. A sheet is as old
    /// as the last day in it before the exports were taken; of two of which neither is known to be
    /// the older, neither counts, which putting them together tells.
    fn newest(&mut self, records: Vec<Record>) -> Vec<Record> {
        let ages = self.ages();
        let says = |record: &Record| record.facts.first().map(|fact| fact.toml.clone());
        let mut kept: Vec<Record> = Vec::new();
        for record in records {
            let other = kept.iter_mut().find(|known| {
                known.id == record.id && known.form == record.form && says(known) != says(&record)
            });
            let Some(known) = other else {
                kept.push(record);
                continue;
            };
            // Where a file has no feature it has no date.
            let age = |record: &Record| ages.get(&record.place.file).copied().unwrap_or_default();
            let (one, two) = (age(known), age(&record));
            let older = match (one.is_before(two), two.is_before(one)) {
                (true, _) => std::mem::replace(known, record),
                (false, true) => record,
                (false, false) => {
                    kept.push(record);
                    continue;
                }
            };
            let (counts, place) = (self.at(known.place), Some(self.at(older.place)));
            let message = format!("{counts} says otherwise, and counts, since its dates are newer");
            self.notes.push(super::Note { place, message, complaint: false });
        }
        kept
    }

    /// By file how old it is.
    fn ages(&mut self) -> HashMap<usize, Age> {
        let mut ages: HashMap<usize, Age> = HashMap::new();
        for cell in self.rows("feature") {
            for column in ["date", "added"] {
                let moment = self.readable(cell, column);
                let past = moment.ok().flatten();
                let past = past.filter(|it| self.as_of.is_none_or(|as_of| *it <= as_of));
                let age = ages.entry(cell.place.file).or_default();
                age.last = age.last.max(past);
                age.is_open |= moment.is_err();
            }
        }
        ages
    }
}

/// How old a file is.
#[derive(Clone, Copy, Default)]
struct Age {
    /// The last day in it that is not after the exports were taken.
    last: Option<Timestamp>,
    /// Whether it has dates that can't be read, so that there may be a later one.
    is_open: bool,
}

impl Age {
    /// Whether it is known to be older.
    fn is_before(self, other: Self) -> bool {
        !self.is_open && self.last < other.last
    }
}

/// The header of a feature's record.
pub(in crate::import) fn header(id: &str) -> String {
    let is_bare =
        id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_bare { format!("[features.{id}]") } else { format!("[features.{}]", quoted(id)) }
}
