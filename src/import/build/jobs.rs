//! Scheduler jobs and subjobs, distribution schedules, batch jobs.

use super::super::values;
use super::ids::Ids;
use super::{Build, Fact, Record, Section, Unreadable, fact};
use crate::import::rows::{Cell, Place};
use crate::import::write::quoted;
use crate::model::name::fold;
use jiff::Timestamp;
use std::cmp::Ordering;
use std::collections::{HashMap, HashSet};

/// What tells which of the batch jobs with one name counts.
#[derive(Clone, Copy)]
struct Age {
    /// Whether it waits or executes; `None` where that can't be read.
    runs: Option<bool>,
    /// Its last moment.
    moment: Result<Option<Timestamp>, Unreadable>,
    recid: Option<u64>,
}

impl Age {
    /// How it compares with another: what runs counts for more, then what is newer; `None` where
    /// that can't be told.
    fn against(self, other: Self) -> Option<Ordering> {
        let runs = self.runs?.cmp(&other.runs?);
        if runs.is_ne() {
            return Some(runs);
        }
        let moments = self.moment.ok()?.cmp(&other.moment.ok()?);
        Some(moments.then(self.recid.cmp(&other.recid)))
    }
}

/// The batch jobs of one name.
struct Called<'a> {
    /// The one that counts, or those of which it can't be told which does.
    first: Vec<(Cell<'a>, Age)>,
    /// Where the others stand.
    others: Vec<Place>,
}

impl<'a> Called<'a> {
    /// So many are compared; where it can't be told of more which counts, none does.
    const COMPARED: usize = 20;

    fn add(&mut self, cell: Cell<'a>, age: Age) {
        if self.first.len() > Self::COMPARED {
            // What is left out here can't be compared with what comes later.
            self.others.push(cell.place);
            return;
        }
        let mut is_older = false;
        let others = &mut self.others;
        self.first.retain(|(known, of)| match age.against(*of) {
            Some(Ordering::Greater) => {
                others.push(known.place);
                false
            }
            // Of equals the first.
            Some(_) => {
                is_older = true;
                true
            }
            None => true,
        });
        if is_older {
            self.others.push(cell.place);
        } else {
            self.first.push((cell, age));
        }
    }
}

/// The jobs that schedules run, by the record id of the schedule.
#[derive(Debug, Default)]
struct Mapped {
    /// The jobs, and whether the rules know all that it runs.
    by_schedule: HashMap<String, (Vec<String>, bool)>,
    /// Whether every row is there, and its schedule known.
    are_all: bool,
}

impl Mapped {
    /// The jobs of a schedule, and whether there are no others.
    fn of(&self, cell: Cell<'_>) -> (Vec<String>, bool) {
        let known = cell.recid("recid").and_then(|recid| self.by_schedule.get(recid));
        // A schedule that nothing maps has no job that is known, and may have others.
        let (jobs, whole) = known.cloned().unwrap_or_default();
        (jobs, whole && self.are_all)
    }
}

/// The channel database groups that schedules serve, by the record id of the schedule.
#[derive(Debug, Default)]
struct Groups<'a> {
    /// `None` where one of them can't be told.
    by_schedule: HashMap<&'a str, Option<Vec<&'a str>>>,
    is_any_lost: bool,
}

impl<'a> Groups<'a> {
    /// The groups of a schedule, where they are all known; one that no row names serves none.
    fn of(&self, recid: &str) -> Option<&[&'a str]> {
        match self.by_schedule.get(recid) {
            Some(groups) => groups.as_deref(),
            None => Some(&[]),
        }
    }
}

impl<'a> Build<'a> {
    pub(super) fn scheduler_jobs(&mut self) -> Section {
        let mut records = Vec::new();
        let section = "scheduler-job";
        let is_there = self.is_there(section, &["scheduler-job"]);
        if is_there {
            for (cell, name) in self.identified(section, "scheduler-job") {
                match self.distribution_job(name) {
                    Some(job) => records.push(self.excluded(cell, "id", &job)),
                    None => self.is_unknown(section, "scheduler jobs", cell, name),
                }
            }
        }
        self.agreed(section, records, is_there)
    }

    pub(super) fn scheduler_subjobs(&mut self) -> Section {
        let mut records = Vec::new();
        let section = "scheduler-subjob";
        let is_there = self.is_there(section, &["scheduler-subjob"]);
        if is_there {
            for (cell, name) in self.identified(section, "scheduler-subjob") {
                match self.rules.channel_table_named(name) {
                    Some(table) => {
                        let table = self.rules.channel_table(table);
                        records.push(self.excluded(cell, "table", &table.id));
                    }
                    None => self.is_unknown(section, "tables of subjobs", cell, name),
                }
            }
        }
        self.agreed(section, records, is_there)
    }

    /// A job or subjob, with whether it is kept out of offline databases.
    fn excluded(&mut self, cell: Cell<'a>, key: &str, id: &str) -> Record {
        let mut record = Record::identified(cell, key, id);
        record.facts.extend(self.boolean_fact(cell, "exclude-from-offline-databases"));
        record
    }

    /// Records of one id put together; where rows of one id disagree, what they say is left out.
    fn agreed(&mut self, id: &'static str, records: Vec<Record>, is_there: bool) -> Section {
        let mut kept: Vec<(Record, bool)> = Vec::new();
        for record in records {
            let Some((first, agrees)) = kept.iter_mut().find(|(known, _)| known.id == record.id)
            else {
                kept.push((record, true));
                continue;
            };
            let value = |record: &Record| record.facts.get(1).map(|fact| fact.toml.clone());
            *agrees &= value(first) == value(&record);
        }
        for (record, _) in kept.iter_mut().filter(|(_, agrees)| !agrees) {
            record.facts.truncate(1);
            let message =
                format!("rows of one {id} disagree, so exclude-from-offline-databases is left out");
            let place = Some(self.at(record.place));
            self.note(place, message);
        }
        self.section(id, kept.into_iter().map(|(record, _)| record).collect(), is_there)
    }

    /// The id of the job of a distribution schedule.
    fn distribution_job(&self, name: &str) -> Option<String> {
        // A schedule and the job that it runs may have ids of their own.
        let own = values::word(self.rules, "scheduler-job", name).flatten();
        let id = self.rules.distribution_job_named(own.unwrap_or(name))?;
        Some(self.rules.job(id).id.clone())
    }

    pub(super) fn schedules(&mut self) -> Section {
        let section = "distribution-schedule";
        let mut records = Vec::new();
        let is_there = self.is_there(section, &["schedule"]);
        if is_there {
            let schedules = self.ids("schedule");
            let groups = self.schedule_groups(&schedules);
            let mapped = self.mapped_jobs(&schedules);
            let jobs = self.batch_index();
            let mut seen = HashMap::new();
            for (cell, name) in self.identified(section, "schedule") {
                // One that two exports have is there once.
                if let Some(recid) = cell.recid("recid")
                    && seen.insert(recid, fold(name)).is_some_and(|known| known == fold(name))
                {
                    continue;
                }
                let (mut run, whole) = match self.distribution_job(name) {
                    Some(job) => (vec![job], true),
                    None => mapped.of(cell),
                };
                run.dedup();
                if !whole {
                    self.is_unknown(section, "distribution schedules", cell, name);
                }
                if run.is_empty() {
                    continue;
                }
                let schedule = self.schedule(cell, groups.as_ref(), &jobs);
                for job in run {
                    let mut record = Record::identified(cell, "job", &job);
                    record.facts.extend(schedule.iter().cloned());
                    records.push(record);
                }
            }
        }
        self.section(section, records, is_there)
    }

    /// What is known of a schedule, whatever it runs.
    fn schedule(
        &mut self,
        cell: Cell<'a>,
        groups: Option<&Groups<'a>>,
        jobs: &HashMap<&str, Option<Cell<'a>>>,
    ) -> Vec<Fact> {
        let mut facts: Vec<Fact> = self.boolean_fact(cell, "active").into_iter().collect();
        if let (Some(groups), Some(recid)) = (groups, cell.recid("recid"))
            && let Some(names) = groups.of(recid)
        {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            let toml = format!("[{}]", names.join(", "));
            facts.push(fact(cell, "", "channel-database-groups", toml));
        }
        match cell.text("batch-job-recid") {
            Some("0") => {
                let toml = "\"none\"".to_owned();
                facts.push(fact(cell, "batch-job-recid", "recurrence", toml));
            }
            Some(recid) => match jobs.get(recid).copied() {
                Some(Some(batch)) if !values::is_damaged_recid(recid) => {
                    facts.extend(self.batch_facts(batch));
                }
                _ if self.rows("batch-job").next().is_none() => {}
                _ => {
                    let heading = cell.heading("batch-job-recid");
                    let message = format!(
                        "the record id under {heading} is of no batch job, or not of one alone, so \
                            status and last-run are left out"
                    );
                    self.leave_out(cell, message, values::is_damaged_recid(recid));
                }
            },
            None => {}
        }
        facts
    }

    /// The batch jobs that schedules refer to, by record id; `None` where one export gives two of
    /// them one id.
    fn batch_index(&self) -> HashMap<&'a str, Option<Cell<'a>>> {
        let referred = self.rows("schedule").filter_map(|cell| cell.text("batch-job-recid"));
        let referred: HashSet<&str> = referred.collect();
        let mut jobs: HashMap<&str, Option<Cell<'a>>> = HashMap::new();
        let says = |cell: Cell<'a>| ["id", "status", "end"].map(|key| cell.text(key));
        for cell in self.rows("batch-job") {
            let Some(recid) = cell.recid("recid").filter(|recid| referred.contains(recid)) else {
                continue;
            };
            let known = jobs.entry(recid).or_insert(Some(cell));
            let is_other = |known: Cell<'a>| {
                known.export.form == cell.export.form && says(known) != says(cell)
            };
            if known.is_some_and(is_other) {
                *known = None;
            }
        }
        jobs
    }

    /// The jobs that each schedule runs, whatever it is called.
    fn mapped_jobs(&mut self, schedules: &Ids<'a>) -> Mapped {
        let presence = self.tables.presence(self.rules, "schedule-job");
        let mut mapped = Mapped { are_all: presence.is_whole(), ..Mapped::default() };
        let jobs = self.ids("scheduler-job");
        for cell in self.rows("schedule-job") {
            // Without the column every row counts; a switch that says nothing is not on.
            let enabled =
                if cell.has("enabled") { self.boolean(cell, "enabled") } else { Some(true) };
            if enabled == Some(false) {
                continue;
            }
            let schedule = cell.recid("schedule-recid");
            let Some(schedule) = schedule.filter(|recid| schedules.by_recid(recid).is_some())
            else {
                // It may be of any schedule.
                mapped.are_all = false;
                self.leave_out(cell, "the row is of no schedule that is there".to_owned(), true);
                continue;
            };
            let of = mapped.by_schedule.entry(schedule.to_owned()).or_insert((Vec::new(), true));
            let job = self.reference(cell, "job", &jobs).map(|(name, _)| name);
            let job = job.filter(|_| enabled == Some(true));
            match job.and_then(|name| self.distribution_job(name)) {
                Some(job) if of.0.contains(&job) => {}
                Some(job) => of.0.push(job),
                None => of.1 = false,
            }
        }
        mapped
    }

    /// The names of the groups of each schedule; `None` where they are not exported.
    fn schedule_groups(&mut self, schedules: &Ids<'a>) -> Option<Groups<'a>> {
        let presence = self.tables.presence(self.rules, "schedule-group");
        if !presence.is_whole() {
            let message = "the groups of distribution schedules are missing or not all there, \
                           so channel-database-groups is left out of [[distribution-schedule]]";
            self.note(presence.partial.map(str::to_owned), message.to_owned());
            return None;
        }
        let names = self.ids("group");
        let mut groups = Groups::default();
        for cell in self.rows("schedule-group") {
            let schedule = cell.recid("schedule-recid");
            let Some(schedule) = schedule.filter(|recid| schedules.by_recid(recid).is_some())
            else {
                let message = "the row joins nothing, so channel-database-groups is left out of \
                    [[distribution-schedule]]";
                self.leave_out(cell, message.to_owned(), true);
                groups.is_any_lost = true;
                continue;
            };
            let of = groups.by_schedule.entry(schedule).or_insert_with(|| Some(Vec::new()));
            let name = self.reference(cell, "group", &names).map(|(name, _)| name);
            match (of.as_mut(), name) {
                (Some(of), Some(name)) if !of.contains(&name) => of.push(name),
                (Some(_), Some(_)) | (None, _) => {}
                // A list that lacks one is none.
                (Some(_), None) => *of = None,
            }
        }
        (!groups.is_any_lost).then_some(groups)
    }

    /// The status of a batch job, and when it last ended.
    fn batch_facts(&mut self, cell: Cell<'a>) -> Vec<Fact> {
        let mut facts = Vec::new();
        if let Some(text) = cell.text("status") {
            match values::word(self.rules, "batch-status", text) {
                Some(Some(status)) => facts.push(fact(cell, "status", "status", quoted(status))),
                Some(None) => {}
                None => {
                    let message = format!(
                        "the value under {} is no status of a batch job",
                        cell.heading("status")
                    );
                    self.unusable(cell, &message);
                }
            }
        }
        facts.extend(
            self.moment(cell, "end", "last-run")
                .map(|end| fact(cell, "end", "last-run", end.to_string())),
        );
        facts
    }

    pub(super) fn batch_jobs(&mut self) -> Section {
        let mut records = Vec::new();
        let is_there = self.is_there("batch-job", &["batch-job"]);
        if is_there {
            for (name, called) in self.batch_jobs_by_name() {
                records.extend(self.batch_job(&name, called));
            }
        }
        self.section("batch-job", records, is_there)
    }

    /// The batch job of a name; of those of which it can't be told which counts what all say.
    fn batch_job(&mut self, name: &str, called: Called<'a>) -> Option<Record> {
        let Called { first: candidates, mut others } = called;
        others.sort_unstable();
        let (first, _) = *candidates.first()?;
        let mut record = Record::identified(first, "name", name);
        if candidates.len() <= Called::COMPARED {
            record.facts.extend(self.batch_facts(first));
        }
        let Some(rivals) = candidates.get(1..).filter(|rivals| !rivals.is_empty()) else {
            self.tell_others(name, first, &others);
            return Some(record);
        };
        let rivals: Vec<Cell<'a>> = rivals.iter().map(|(cell, _)| *cell).collect();
        for rival in rivals.iter().take(Called::COMPARED) {
            let said = self.batch_facts(*rival);
            let is_said = |fact: &Fact| {
                fact.is_identity
                    || said.iter().any(|it| (&it.key, &it.toml) == (&fact.key, &fact.toml))
            };
            record.facts.retain(is_said);
        }
        self.tell_rivals(name, first, &rivals);
        Some(record)
    }

    /// Places for people, as far as anyone reads them.
    fn places(&self, places: impl ExactSizeIterator<Item = Place>) -> String {
        const TOLD: usize = 10;
        let more = places.len().saturating_sub(TOLD);
        let told: Vec<String> = places.take(TOLD).map(|place| self.at(place)).collect();
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        format!("{}{more}", told.join(", "))
    }

    /// Tells which of the batch jobs of one name do not count.
    fn tell_others(&mut self, name: &str, first: Cell<'a>, others: &[Place]) {
        if others.is_empty() {
            return;
        }
        let others = self.places(others.iter().copied());
        let message =
            format!("of several batch jobs called `{name}` this one counts, not {others}");
        let place = Some(self.at(first.place));
        self.note(place, message);
    }

    /// Tells of batch jobs of one name that it can't be told which of them counts.
    fn tell_rivals(&mut self, name: &str, first: Cell<'a>, rivals: &[Cell<'a>]) {
        let rivals = self.places(rivals.iter().map(|cell| cell.place));
        let message = format!(
            "several batch jobs are called `{name}`, and their status, start or end can't be read, \
                so which is the newest is not known: what this one says counts only where these \
                say the same: {rivals}"
        );
        self.unusable(first, &message);
    }

    /// Batch jobs that the rules know, by name; one that a dump and an entity have is there once.
    fn batch_jobs_by_name(&mut self) -> Vec<(String, Called<'a>)> {
        let mut jobs: Vec<(String, Called<'a>)> = Vec::new();
        let mut seen: HashMap<&str, Cell<'a>> = HashMap::new();
        for cell in self.rows("batch-job") {
            // Batch jobs without a description are the product's own.
            let Some(name) = cell.text("id") else {
                if cell.is_lost("id") {
                    self.lacking.insert("batch-job");
                }
                continue;
            };
            let Some(job) = self.rules.batch_job_named(name).map(|id| self.rules.job(id)) else {
                self.is_unknown("batch-job", "batch jobs", cell, name);
                continue;
            };
            let recid = cell.recid("recid").filter(|recid| !values::is_damaged_recid(recid));
            if let Some(recid) = recid {
                let known = seen.get(recid).copied();
                if let Some(known) = known.filter(|known| known.text("id") == cell.text("id")) {
                    self.compare_batch(known, cell);
                    continue;
                }
                seen.insert(recid, cell);
            }
            let name = crate::model::first_name(&job.names).unwrap_or(&job.id);
            let age = self.age(cell);
            match jobs.iter_mut().find(|(known, _)| known == name) {
                Some((_, called)) => called.add(cell, age),
                None => {
                    let called = Called { first: vec![(cell, age)], others: Vec::new() };
                    jobs.push((name.to_owned(), called));
                }
            }
        }
        if self.unlisted().is_some() {
            self.lacking.insert("batch-job");
        }
        jobs
    }

    /// Tells where two rows of one batch job disagree.
    fn compare_batch(&mut self, known: Cell<'a>, other: Cell<'a>) {
        let status = |cell: Cell<'a>| {
            cell.text("status").map(|text| values::word(self.rules, "batch-status", text))
        };
        if let (Some(one), Some(two)) = (status(known), status(other))
            && one != two
        {
            let same_form = known.export.form == other.export.form;
            let (key, place, other) = ("status".to_owned(), other.place, known.place);
            let two = super::Disagreement { key, place, other, same_form };
            self.disagree("batch-job", &two);
        }
    }

    /// What tells which of the batch jobs with one description counts: one that waits or executes,
    /// else the newest.
    fn age(&mut self, cell: Cell<'a>) -> Age {
        let runs = match cell.text("status") {
            // Where no job has a status, none counts for more by it.
            None => (!cell.has("status")).then_some(false),
            Some(text) => values::word(self.rules, "batch-status", text)
                .map(|status| matches!(status, Some("waiting" | "executing"))),
        };
        let (end, start) = (self.readable(cell, "end"), self.readable(cell, "start"));
        let moment = end.and_then(|end| Ok(end.max(start?)));
        let recid = cell.recid("recid").and_then(|recid| recid.parse::<u64>().ok());
        Age { runs, moment, recid }
    }
}
