//! What follows from the schedules and batch jobs that a deployment has.

use super::{Facts, Gap, SubjectFact, Unit, number, unlisted};
use crate::diagnostic::Span;
use crate::features::{records, records_of, runs, with_stand_ins};
use crate::model::name::fold;
use crate::model::relied::RUNS;
use crate::model::{
    CoverFact, Deployment, Duration, Fields, JobFact, JobId, KeyName, Scalar, SectionName, Value,
};
use std::collections::{BTreeSet, HashMap};

/// Where a record shows that it does not run.
fn obstacle(record: Fields<'_>) -> Span {
    let inactive = record.boolean(KeyName::Active) == Some(false);
    let waits = record.text(KeyName::Status).is_none_or(|status| RUNS.contains(&status));
    record.span(match (inactive, waits) {
        (true, _) => KeyName::Active,
        (false, false) => KeyName::Status,
        (false, true) => KeyName::Recurrence,
    })
}

/// The schedules of one job for one channel database group.
#[derive(Clone, Debug, Default)]
pub(super) struct Cover {
    /// How many active ones name the group.
    active: usize,
    /// The numbers of those that do not say whether they are active.
    unknown: Vec<usize>,
    /// The shortest recurrence of those that run again and again.
    shortest: Option<Duration>,
    /// The numbers of those that may or may not run, each with the key that would tell.
    unsaid: Vec<(usize, KeyName)>,
}

/// All distribution schedules by job and folded name of the group, and which groups channels use.
#[derive(Debug, Default)]
pub(super) struct Schedules {
    covers: HashMap<JobId, HashMap<String, Cover>>,
    /// Schedules by job that may be active and do not say which groups they serve.
    open: HashMap<JobId, Vec<usize>>,
    /// The folded names of the groups that channels use.
    used: std::collections::HashSet<String>,
    /// Channels that do not say which group they use.
    unsaid: Vec<(usize, KeyName)>,
}

impl Schedules {
    pub(super) fn of(deployment: &Deployment) -> Self {
        let mut schedules = Self::default();
        for (number, record) in deployment.records(SectionName::DistributionSchedule).enumerate() {
            schedules.add(deployment, number, record);
        }
        for (number, channel) in deployment.records(SectionName::Channel).enumerate() {
            let may_have_offline = channel.boolean(KeyName::SupportsOffline) != Some(false)
                && channel.text(KeyName::Kind) == Some("store")
                || deployment.may_refer_by(channel, KeyName::OfflineDatabaseGroup.as_str());
            for (key, needed) in [
                (KeyName::ChannelDatabaseGroup, true),
                (KeyName::OfflineDatabaseGroup, may_have_offline),
            ] {
                match channel.text(key) {
                    Some(group) => {
                        schedules.used.insert(fold(group).into_owned());
                    }
                    None if needed => schedules.unsaid.push((number, key)),
                    None => {}
                }
            }
        }
        schedules
    }

    fn add(&mut self, deployment: &Deployment, number: usize, record: Fields<'_>) {
        let job = record
            .text(KeyName::Job)
            .and_then(|name| deployment.rules().distribution_job_named(name));
        let Some(job) = job else { return };
        let active = record.boolean(KeyName::Active);
        if active == Some(false) {
            return;
        }
        if record.value(KeyName::ChannelDatabaseGroups).is_none() {
            self.open.entry(job).or_default().push(number);
            return;
        }
        let covers = self.covers.entry(job).or_default();
        let named = record.list(KeyName::ChannelDatabaseGroups);
        let named: BTreeSet<_> =
            named.iter().filter_map(|group| group.value.as_text()).map(fold).collect();
        for name in named {
            let cover = covers.entry(name.into_owned()).or_default();
            match active {
                Some(_) => cover.active += 1,
                None => cover.unknown.push(number),
            }
            match runs_every(record) {
                Ok(recurrence) => cover.shortest = shorter(cover.shortest, recurrence),
                Err(key) => cover.unsaid.push((number, key)),
            }
        }
    }

    /// The schedules of a job that serve a group, those of its stand-ins among them.
    fn covers<'s>(&'s self, jobs: &'s [JobId], group: &'s str) -> impl Iterator<Item = &'s Cover> {
        jobs.iter().filter_map(move |job| self.covers.get(job)?.get(group))
    }

    /// What would have to be given of schedules that may or may not serve a group.
    fn open_gaps(&self, deployment: &Deployment, jobs: &[JobId]) -> Vec<Gap> {
        let open = jobs.iter().filter_map(|job| self.open.get(job)).flatten();
        gaps(deployment, open, KeyName::ChannelDatabaseGroups)
    }

    /// What follows for a channel database group.
    pub(super) fn covered(
        &self,
        deployment: &Deployment,
        group: &str,
        job: JobId,
        fact: CoverFact,
    ) -> SubjectFact {
        let jobs = match fact {
            CoverFact::CoveredBy => with_stand_ins(deployment.rules(), job),
            CoverFact::SchedulesOf => vec![job],
        };
        let group = fold(group);
        let active = self.covers(&jobs, &group).map(|cover| cover.active).sum();
        let unknown = self.covers(&jobs, &group).flat_map(|cover| &cover.unknown);
        let mut missing = gaps(deployment, unknown, KeyName::Active);
        missing.extend(self.open_gaps(deployment, &jobs));
        let unlisted = unlisted(deployment, SectionName::DistributionSchedule);
        match fact {
            CoverFact::CoveredBy => {
                missing.extend(unlisted);
                SubjectFact::true_or(active > 0, missing)
            }
            CoverFact::SchedulesOf => counted(active, missing, unlisted),
        }
    }

    /// Whether a channel uses a group.
    pub(super) fn used(&self, deployment: &Deployment, group: &str) -> SubjectFact {
        let unsaid = self.unsaid.iter().filter_map(|(number, key)| {
            Some(Gap::in_record(deployment.record(SectionName::Channel, *number)?, key))
        });
        let gaps = unsaid.chain(unlisted(deployment, SectionName::Channel)).collect();
        SubjectFact::true_or(self.used.contains(&*fold(group)), gaps)
    }

    /// How often a job serves a group: the shortest of its schedules that run again and again,
    /// `None` where none does.
    pub(super) fn interval(
        &self,
        deployment: &Deployment,
        job: JobId,
        group: &str,
    ) -> Result<Option<Duration>, Vec<Gap>> {
        if !deployment.is_complete(SectionName::DistributionSchedule) {
            return Err(vec![Gap::new(SectionName::DistributionSchedule.as_str())]);
        }
        if group.is_empty() {
            return Ok(None);
        }
        let jobs = with_stand_ins(deployment.rules(), job);
        let group = fold(group);
        let schedule = |number| deployment.record(SectionName::DistributionSchedule, number);
        let unsaid = self.covers(&jobs, &group).flat_map(|cover| &cover.unsaid);
        let unsaid =
            unsaid.filter_map(|(number, key)| Some(Gap::in_record(schedule(*number)?, key)));
        let mut missing: Vec<Gap> = unsaid.collect();
        // What does not run does not serve the group, whichever groups it names.
        let may_run =
            |number: &&usize| schedule(**number).is_some_and(|it| runs(it, true) != Ok(false));
        let open = jobs.iter().filter_map(|job| self.open.get(job)).flatten().filter(may_run);
        missing.extend(gaps(deployment, open, KeyName::ChannelDatabaseGroups));
        if !missing.is_empty() {
            return Err(missing);
        }
        Ok(self.covers(&jobs, &group).filter_map(|cover| cover.shortest).min())
    }
}

/// How often a record runs; `None` where it does not run again and again.
///
/// # Errors
///
/// The key that would have to be given for it to be known.
pub(super) fn runs_every(record: Fields<'_>) -> Result<Option<Duration>, KeyName> {
    if !runs(record, true)? {
        return Ok(None);
    }
    match record.value(KeyName::Recurrence) {
        Some(Value::Duration(recurrence)) => Ok(Some(*recurrence)),
        _ => Ok(None),
    }
}

/// Whether a record that may be switched off does not say whether it is.
pub(super) fn may_be_inactive(record: Fields<'_>) -> bool {
    record.section.key(KeyName::Active).is_some() && record.value(KeyName::Active).is_none()
}

/// The shorter of two, where there are two.
pub(super) fn shorter(one: Option<Duration>, other: Option<Duration>) -> Option<Duration> {
    one.into_iter().chain(other).min()
}

fn gaps<'s>(
    deployment: &Deployment,
    numbers: impl Iterator<Item = &'s usize>,
    key: KeyName,
) -> Vec<Gap> {
    let records =
        numbers.filter_map(|number| deployment.record(SectionName::DistributionSchedule, *number));
    records.map(|record| Gap::in_record(record, key)).collect()
}

impl Facts<'_> {
    /// What follows from the records of a job.
    pub(super) fn job(&self, id: JobId, fact: JobFact) -> SubjectFact {
        let job = self.deployment.rules().job(id);
        match fact {
            JobFact::Job => return SubjectFact::text(&job.id),
            JobFact::Title => return SubjectFact::text(job.title()),
            _ => {}
        }
        let (section, _) = records_of(job.kind);
        let jobs = match fact {
            JobFact::Scheduled => with_stand_ins(self.deployment.rules(), id),
            _ => vec![id],
        };
        let records = records(self.deployment, &jobs);
        let unlisted = unlisted(self.deployment, section);
        let place = records.first().map(|record| obstacle(*record));
        let place = place.or_else(|| Some(self.deployment.place_of_section(section)));
        let found = match fact {
            JobFact::Executing => executing(&records, unlisted),
            JobFact::Recurrence => recurrence(&records, unlisted),
            _ => running(&records, unlisted, fact == JobFact::Scheduled),
        };
        found.at(place)
    }
}

/// Whether one of the records runs.
fn running(records: &[Fields<'_>], unlisted: Option<Gap>, must_be_active: bool) -> SubjectFact {
    let runs = |record: &Fields<'_>| runs(*record, must_be_active);
    let missing = records
        .iter()
        .filter_map(|record| runs(record).err().map(|key| Gap::in_record(*record, key)));
    let gaps = missing.chain(unlisted).collect();
    SubjectFact::true_or(records.iter().any(|record| runs(record) == Ok(true)), gaps)
}

/// How often the records run: the shortest recurrence of active ones; no value where none recurs.
fn recurrence(records: &[Fields<'_>], unlisted: Option<Gap>) -> SubjectFact {
    let seconds = |record: Fields<'_>| match record.value(KeyName::Recurrence) {
        Some(Value::Duration(recurrence)) => Some(recurrence.number()),
        _ => None,
    };
    let records =
        || records.iter().copied().filter(|record| record.boolean(KeyName::Active) != Some(false));
    let shortest = records().filter(|record| !may_be_inactive(*record)).filter_map(seconds).min();
    let mut gaps = Vec::from_iter(unlisted);
    for record in records() {
        if record.value(KeyName::Recurrence).is_none() {
            gaps.push(Gap::in_record(record, KeyName::Recurrence));
        } else if may_be_inactive(record)
            && seconds(record).is_some_and(|it| shortest.is_none_or(|known| it < known))
        {
            gaps.push(Gap::in_record(record, KeyName::Active));
        }
    }
    let values = shortest.filter(|_| gaps.is_empty()).map(Scalar::Number).into_iter().collect();
    SubjectFact { values, gaps, at_most: shortest, unit: Unit::Seconds, ..SubjectFact::default() }
}

fn executing(records: &[Fields<'_>], unlisted: Option<Gap>) -> SubjectFact {
    let executing =
        records.iter().filter(|record| record.text(KeyName::Status) == Some("executing")).count();
    let unknown = records.iter().filter(|record| record.value(KeyName::Status).is_none());
    let gaps = unknown.map(|record| Gap::in_record(*record, KeyName::Status)).collect();
    counted(executing, gaps, unlisted)
}

/// A number of records, of which those with a gap may be some more, and any number may not be
/// listed.
fn counted(known: usize, mut gaps: Vec<Gap>, unlisted: Option<Gap>) -> SubjectFact {
    let at_most = unlisted.is_none().then(|| number(known + gaps.len()));
    gaps.extend(unlisted);
    SubjectFact { gaps, at_most, ..SubjectFact::number(known) }
}
