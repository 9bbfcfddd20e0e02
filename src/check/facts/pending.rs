//! How long a customer stays pending at worst: from the till to headquarters and back (S-032,
//! S-155).

use super::{ENDLESS, Facts, Gap, SubjectFact, Unit};
use crate::features::records_of;
use crate::model::{Duration, Fields, JobId, JobKind, KeyName, Scalar, Value};

/// A stage of the way, and how long a customer may wait for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage {
    /// The job; `None` for Commerce Data Exchange, which every way begins with (S-161).
    pub job: Option<JobId>,
    /// How often it runs; `None` where it never does for this channel.
    pub interval: Option<Duration>,
}

/// How long a customer created in a channel stays pending at worst.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PendingTime {
    /// The stages of the way, in order; those that are known.
    pub stages: Vec<Stage>,
    /// What the deployment would have to give for the others to be known: `section.key`.
    pub missing: Vec<String>,
}

impl PendingTime {
    /// The sum of all stages; `None` where one of them never comes, or is not known.
    pub fn at_most(&self) -> Option<Duration> {
        if !self.missing.is_empty() {
            return None;
        }
        let seconds: Option<u64> =
            self.stages.iter().map(|stage| stage.interval.map(Duration::seconds)).sum();
        Duration::from_seconds(seconds?)
    }

    /// Whether a customer may stay pending for ever, because no job that it waits for comes to the
    /// channel.
    pub fn is_endless(&self) -> bool {
        self.stages.iter().any(|stage| stage.interval.is_none())
    }
}

/// The way with the gaps that are in it.
pub(super) struct Way {
    time: PendingTime,
    gaps: Vec<Gap>,
}

impl Way {
    /// The time as a fact, in seconds; the most there is where it is endless.
    pub(super) fn fact(self) -> SubjectFact {
        let seconds = match self.time.at_most() {
            _ if self.time.is_endless() => ENDLESS,
            Some(time) => time.number(),
            None => return SubjectFact { gaps: self.gaps, ..SubjectFact::default() },
        };
        SubjectFact { unit: Unit::Seconds, ..SubjectFact::of(Scalar::Number(seconds)) }
    }
}

impl<'a> Facts<'a> {
    /// How long a customer that is created in a channel stays pending at worst.
    pub(in crate::check) fn pending_time(&self, channel: Fields<'a>) -> PendingTime {
        self.way(channel).time
    }

    /// The way of a customer that is created in a channel.
    pub(super) fn way(&self, channel: Fields<'a>) -> Way {
        let round_trip = &self.deployment.rules().round_trip;
        let mut stages = Vec::new();
        let mut gaps = Vec::new();
        if round_trip.exchange.is_some() {
            stages.push(Stage { job: None, interval: round_trip.exchange });
        }
        for job in &round_trip.jobs {
            match self.interval(channel, *job) {
                Ok(interval) => stages.push(Stage { job: Some(*job), interval }),
                Err(mut missing) => gaps.append(&mut missing),
            }
        }
        let mut missing: Vec<String> = gaps.iter().map(|gap| gap.key.clone()).collect();
        missing.sort();
        missing.dedup();
        Way { time: PendingTime { stages, missing }, gaps }
    }

    /// How often a job runs for a channel; `None` where it never does.
    fn interval(&self, channel: Fields<'a>, id: JobId) -> Result<Option<Duration>, Vec<Gap>> {
        let deployment = self.deployment;
        let job = deployment.rules().job(id);
        if job.kind != JobKind::Batch {
            let group = channel.text(KeyName::ChannelDatabaseGroup);
            let group = group
                .ok_or_else(|| vec![Gap::in_record(channel, KeyName::ChannelDatabaseGroup)])?;
            return self.schedules.interval(deployment, id, group);
        }
        let (section, key) = records_of(job.kind);
        if !deployment.is_complete(section) {
            return Err(vec![Gap::new(section)]);
        }
        let mut shortest: Option<Duration> = None;
        for record in deployment.records(section).filter(|record| record.text(key) == Some(&job.id))
        {
            match record.value(KeyName::Recurrence) {
                Some(Value::Duration(recurrence)) => {
                    shortest = Some(shortest.map_or(*recurrence, |known| known.min(*recurrence)));
                }
                Some(_) => {}
                None => return Err(vec![Gap::in_record(record, KeyName::Recurrence)]),
            }
        }
        Ok(shortest)
    }
}
