//! Scheduler jobs and subjobs, distribution schedules, batch jobs.

use super::super::values;
use super::{Build, Fact, Record, Section, fact};
use crate::import::rows::{Cell, Presence};
use crate::import::write::quoted;
use crate::model::name::fold;
use std::collections::{HashMap, HashSet};

impl<'a> Build<'a> {
    pub(super) fn scheduler_jobs(&mut self) -> Section {
        let mut records = Vec::new();
        if self.is_there("scheduler-job", &["scheduler-job"]) {
            for (cell, name) in self.identified("scheduler-job") {
                match self.distribution_job(name) {
                    Some(job) => records.push(self.excluded(cell, "id", &job)),
                    None => self.is_unknown("scheduler jobs"),
                }
            }
        }
        self.agreed("scheduler-job", records)
    }

    pub(super) fn scheduler_subjobs(&mut self) -> Section {
        let mut records = Vec::new();
        if self.is_there("scheduler-subjob", &["scheduler-subjob"]) {
            for (cell, name) in self.identified("scheduler-subjob") {
                let folded = fold(name);
                match self.rules.tables.iter().find(|table| fold(&table.id) == folded) {
                    Some(table) => records.push(self.excluded(cell, "table", &table.id)),
                    None => self.is_unknown("tables of subjobs"),
                }
            }
        }
        self.agreed("scheduler-subjob", records)
    }

    /// A job or subjob, with whether it is kept out of offline databases.
    fn excluded(&mut self, cell: Cell<'a>, key: &'static str, id: &str) -> Record {
        let mut record = Record::identified(cell, key, id);
        record.facts.extend(self.boolean_fact(cell, "exclude-from-offline-databases"));
        record
    }

    /// Records of one id put together; where rows of one id disagree, what they say is left out.
    fn agreed(&mut self, id: &'static str, records: Vec<Record>) -> Section {
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
        Section { id, records: kept.into_iter().map(|(record, _)| record).collect() }
    }

    /// The id of the job of a distribution schedule.
    fn distribution_job(&self, name: &str) -> Option<String> {
        let id = self.rules.distribution_job_named(name)?;
        Some(self.rules.job(id)?.id.clone())
    }

    pub(super) fn schedules(&mut self) -> Section {
        let mut records = Vec::new();
        if self.is_there("distribution-schedule", &["schedule"]) {
            let groups = self.schedule_groups();
            let jobs: HashMap<&str, Cell<'a>> = self
                .rows("batch-job")
                .into_iter()
                .rev()
                .filter_map(|cell| Some((cell.recid("recid")?, cell)))
                .collect();
            let mut seen = HashSet::new();
            for (cell, name) in self.identified("schedule") {
                // One that two exports have is there once.
                if cell.recid("recid").is_some_and(|recid| !seen.insert(recid)) {
                    continue;
                }
                match self.distribution_job(name) {
                    Some(job) => records.push(self.schedule(cell, &job, groups.as_ref(), &jobs)),
                    None => self.is_unknown("distribution schedules"),
                }
            }
        }
        Section { id: "distribution-schedule", records }
    }

    fn schedule(
        &mut self,
        cell: Cell<'a>,
        job: &str,
        groups: Option<&HashMap<&'a str, Vec<&'a str>>>,
        jobs: &HashMap<&str, Cell<'a>>,
    ) -> Record {
        let mut record = Record::identified(cell, "job", job);
        record.facts.extend(self.boolean_fact(cell, "active"));
        if let (Some(groups), Some(recid)) = (groups, cell.recid("recid")) {
            let names = groups.get(recid).map(Vec::as_slice).unwrap_or_default();
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            record.facts.push(fact(
                cell,
                "",
                "channel-database-groups",
                format!("[{}]", names.join(", ")),
            ));
        }
        match cell.text("batch-job-recid") {
            Some("0") => {
                let toml = "\"none\"".to_owned();
                record.facts.push(fact(cell, "batch-job-recid", "recurrence", toml));
            }
            Some(recid) => {
                if let Some(batch) = jobs.get(recid) {
                    record.facts.extend(self.batch_facts(*batch));
                }
            }
            None => {}
        }
        record
    }

    /// The names of the groups of each schedule; `None` where they are not exported.
    fn schedule_groups(&mut self) -> Option<HashMap<&'a str, Vec<&'a str>>> {
        let (presence, path) = self.tables.presence(self.rules, "schedule-group");
        if presence != Presence::There {
            let message = "the groups of distribution schedules are missing or not all there, \
                           so channel-database-groups is left out of [[distribution-schedule]]";
            self.note(path.map(str::to_owned), message.to_owned());
            return None;
        }
        let names = self.recids("group");
        let mut groups: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut seen = HashSet::new();
        for cell in self.rows("schedule-group") {
            let group =
                cell.recid("group-recid").map(|recid| names.get(recid).copied().unwrap_or(recid));
            match (cell.recid("schedule-recid"), group) {
                (Some(schedule), Some(group)) => {
                    if seen.insert((schedule, group)) {
                        groups.entry(schedule).or_default().push(group);
                    }
                }
                _ => self.unusable(cell, "the row joins nothing"),
            }
        }
        Some(groups)
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
            self.moment(cell, "end").map(|end| fact(cell, "end", "last-run", end.to_string())),
        );
        facts
    }

    pub(super) fn batch_jobs(&mut self) -> Section {
        let mut records = Vec::new();
        if self.is_there("batch-job", &["batch-job"]) {
            for (name, cells) in self.batch_jobs_by_name() {
                let Some(first) = self.counting(&cells) else { continue };
                let others: Vec<String> = cells
                    .iter()
                    .filter(|cell| cell.place != first.place)
                    .map(|cell| self.at(cell.place))
                    .collect();
                if !others.is_empty() {
                    let message = format!(
                        "of several batch jobs called `{name}` this one counts, not {}",
                        others.join(", ")
                    );
                    let place = Some(self.at(first.place));
                    self.note(place, message);
                }
                let mut record = Record::identified(first, "name", &name);
                record.facts.extend(self.batch_facts(first));
                records.push(record);
            }
        }
        Section { id: "batch-job", records }
    }

    /// Batch jobs that the rules know, by name; one that a dump and an entity have is there once.
    fn batch_jobs_by_name(&mut self) -> Vec<(String, Vec<Cell<'a>>)> {
        let mut jobs: Vec<(String, Vec<Cell<'a>>)> = Vec::new();
        let mut seen: HashMap<&str, Cell<'a>> = HashMap::new();
        for cell in self.rows("batch-job") {
            // Batch jobs without a description are the product's own.
            let Some(name) = cell.text("id") else { continue };
            let Some(job) = self.rules.batch_job_named(name).and_then(|id| self.rules.job(id))
            else {
                self.is_unknown("batch jobs");
                continue;
            };
            if let Some(recid) = cell.recid("recid") {
                if let Some(known) = seen.get(recid).copied() {
                    self.compare_batch(known, cell);
                    continue;
                }
                seen.insert(recid, cell);
            }
            let name = crate::model::first_name(&job.names).unwrap_or(&job.id).to_owned();
            match jobs.iter_mut().find(|(known, _)| *known == name) {
                Some((_, cells)) => cells.push(cell),
                None => jobs.push((name, vec![cell])),
            }
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
            self.disagree("batch-job", "status", other.place, known.place, same_form);
        }
    }

    /// Of batch jobs with one description the one that counts: one that waits or executes, else the
    /// newest.
    fn counting(&self, cells: &[Cell<'a>]) -> Option<Cell<'a>> {
        let status = |cell: &Cell<'a>| {
            values::word(self.rules, "batch-status", cell.text("status")?).flatten()
        };
        let runs = |cell: &Cell<'a>| matches!(status(cell), Some("waiting" | "executing"));
        let moment = |cell: &Cell<'a>, key: &str| match values::when(cell.text(key)?)? {
            values::When::At(moment) => Some(moment),
            values::When::Never | values::When::Ambiguous => None,
        };
        let age = |cell: &Cell<'a>| {
            let last = moment(cell, "end").max(moment(cell, "start"));
            let recid = cell.recid("recid").and_then(|recid| recid.parse::<u64>().ok());
            (runs(cell), last, recid)
        };
        // Of equals the first.
        cells.iter().rev().max_by_key(|cell| age(cell)).copied()
    }
}
