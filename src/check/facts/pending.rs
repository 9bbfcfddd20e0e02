//! How long a customer that is created in a channel waits until it is of use: from the till to
//! headquarters, back, and to where others find it (S-032, S-155).

use super::jobs::{runs_every, shorter};
use super::{ENDLESS, Facts, Gap, SubjectFact, Unit, given};
use crate::features::{Standing, records_of};
use crate::model::{
    Duration, Exchange, Fields, JobId, JobKind, KeyName, Scalar, SectionName, Wait, Way, WayFact,
    indexed, indexed_mut,
};

/// A stage of a way, and how long a customer may wait for it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stage {
    /// What is waited for.
    pub wait: Wait,
    /// How often it comes; `None` where it never does for this channel.
    pub interval: Option<Duration>,
}

/// How long a customer that is created in a channel waits on one way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PendingTime {
    /// The number of the way in the rules.
    pub way: usize,
    /// The stages of the way, in order; those that are known.
    pub stages: Vec<Stage>,
    /// What the deployment would have to give for the others to be known: `section.key`.
    pub missing: Vec<String>,
}

impl PendingTime {
    /// The sum of all stages, each of which has just been missed; `None` where one of them never
    /// comes, or is not known.
    pub fn at_most(&self) -> Option<Duration> {
        if !self.missing.is_empty() {
            return None;
        }
        let seconds: Option<u64> =
            self.stages.iter().map(|stage| stage.interval.map(Duration::seconds)).sum();
        Duration::from_seconds(seconds?)
    }

    /// Half of each wait, in whole seconds; `None` as for [`PendingTime::at_most`].
    pub fn typically(&self) -> Option<Duration> {
        Duration::from_seconds(self.at_most()?.seconds().div_ceil(2))
    }

    /// Whether a customer may wait for ever, because something that it waits for never comes to the
    /// channel.
    pub fn is_endless(&self) -> bool {
        self.stages.iter().any(|stage| stage.interval.is_none())
    }
}

/// What stages there are, and the gaps that are between them.
#[derive(Clone, Default)]
struct Part {
    stages: Vec<Stage>,
    gaps: Vec<Gap>,
}

impl Part {
    fn and(mut self, other: Self) -> Self {
        self.stages.extend(other.stages);
        self.gaps.extend(other.gaps);
        self
    }

    /// What makes one part slower than another: never, then perhaps, then by how much.
    fn slowness(&self) -> (bool, bool, u64) {
        let seconds = self.stages.iter().filter_map(|stage| stage.interval);
        let sum = seconds.map(Duration::seconds).sum();
        let never = self.stages.iter().any(|stage| stage.interval.is_none());
        (never, !self.gaps.is_empty(), sum)
    }

    fn time(&self, way: usize) -> PendingTime {
        let mut missing: Vec<String> = self.gaps.iter().map(|gap| gap.key.clone()).collect();
        missing.sort();
        missing.dedup();
        PendingTime { way, stages: self.stages.clone(), missing }
    }
}

/// The slowest of the other channels: of all, and of all but that one.
struct Slowest {
    first: (usize, Part),
    second: Option<Part>,
}

impl<'a> Facts<'a> {
    /// How long customers wait that are created in each channel that has any, way by way.
    pub(in crate::check) fn pending_times(&self) -> Vec<(String, Vec<PendingTime>)> {
        let ways = &self.deployment.rules().ways;
        let slowest: Vec<Option<Slowest>> = ways.iter().map(|way| self.slowest(way)).collect();
        let sorts = self.sorts(SectionName::Channel);
        let mut known: Vec<Option<Vec<PendingTime>>> = vec![None; sorts.count];
        let mut pending = Vec::new();
        for (number, channel) in self.waiting_channels() {
            // Of a way whose slowest channel this is, the others wait for it, and it for another.
            let is_slowest = slowest.iter().flatten().any(|slowest| slowest.first.0 == number);
            let times = if is_slowest {
                self.times((number, channel), &slowest)
            } else {
                let known = indexed_mut(&mut known, *indexed(&sorts.of, number));
                known.get_or_insert_with(|| self.times((number, channel), &slowest)).clone()
            };
            pending.push((channel.record.id.clone(), times));
        }
        pending
    }

    /// How long customers of a channel wait on each way that there is.
    fn times(&self, channel: (usize, Fields<'a>), slowest: &[Option<Slowest>]) -> Vec<PendingTime> {
        let ways = self.deployment.rules().ways.iter().zip(slowest).enumerate();
        let times = ways.filter_map(|(number, (way, slowest))| {
            Some(self.whole_part(channel, way, slowest.as_ref())?.time(number))
        });
        times.collect()
    }

    /// What a customer of a channel waits for on a way, until it is in the slowest of the others
    /// too; `None` where there is no such way.
    fn whole_part(
        &self,
        (number, channel): (usize, Fields<'a>),
        way: &Way,
        slowest: Option<&Slowest>,
    ) -> Option<Part> {
        let elsewhere = match slowest {
            _ if way.elsewhere.is_empty() => Part::default(),
            Some(Slowest { first: (whose, part), .. }) if *whose != number => part.clone(),
            Some(Slowest { second: Some(part), .. }) => part.clone(),
            _ => return None,
        };
        Some(self.own_part(channel, way)?.and(elsewhere))
    }

    /// The time on a way as a fact of a channel, in seconds; the most there is where it is endless.
    pub(super) fn way(&self, channel: Fields<'a>, number: usize, fact: WayFact) -> SubjectFact {
        let way = indexed(&self.deployment.rules().ways, number);
        // Without its feature there is no such way.
        let Some(part) = self.own_part(channel, way) else { return SubjectFact::default() };
        let time = part.time(number);
        let duration = match fact {
            WayFact::AtMost => time.at_most(),
            WayFact::Typically => time.typically(),
        };
        let seconds = match duration {
            _ if time.is_endless() => ENDLESS,
            Some(time) => time.number(),
            None => return SubjectFact { gaps: part.gaps, ..SubjectFact::default() },
        };
        SubjectFact { unit: Unit::Seconds, ..SubjectFact::of(Scalar::Number(seconds)) }
    }

    /// The interval that a channel's database group gives for an exchange; no value where the
    /// default counts.
    pub(super) fn exchange(&self, channel: Fields<'a>, number: usize) -> SubjectFact {
        let exchange = indexed(&self.deployment.rules().exchanges, number);
        match self.group_of(channel) {
            Ok(Some(group)) => {
                let gaps = self.interval_lost(exchange, group).into_iter().collect();
                SubjectFact { gaps, ..given(group, exchange.interval) }
            }
            Ok(None) => SubjectFact::default(),
            Err(gap) => SubjectFact::missing(gap),
        }
    }

    /// The channels whose customers wait: a call center works in headquarters.
    fn waiting_channels(&self) -> impl Iterator<Item = (usize, Fields<'a>)> + use<'a> {
        let channels = self.deployment.records(SectionName::Channel).enumerate();
        channels.filter(|(_, channel)| channel.text(KeyName::Kind) != Some("call-center"))
    }

    fn slowest(&self, way: &Way) -> Option<Slowest> {
        if way.elsewhere.is_empty() {
            return None;
        }
        let sorts = self.sorts(SectionName::Channel);
        let mut seen = vec![0; sorts.count];
        let parts = self.waiting_channels().filter(|(number, _)| {
            // A third one of a sort is as slow as two that are known.
            let seen = indexed_mut(&mut seen, *indexed(&sorts.of, *number));
            *seen += 1;
            *seen <= 2
        });
        let parts = parts.map(|(number, channel)| (number, self.part(channel, &way.elsewhere)));
        let mut slowest: Option<Slowest> = None;
        for (number, part) in parts {
            slowest = Some(match slowest.take() {
                None => Slowest { first: (number, part), second: None },
                Some(known) if part.slowness() > known.first.1.slowness() => {
                    Slowest { first: (number, part), second: Some(known.first.1) }
                }
                Some(Slowest { first, second }) => {
                    let is_second =
                        second.as_ref().is_none_or(|known| part.slowness() > known.slowness());
                    Slowest { first, second: if is_second { Some(part) } else { second } }
                }
            });
        }
        slowest
    }

    /// What a customer waits for in its own channel; `None` where there is no such way.
    fn own_part(&self, channel: Fields<'a>, way: &Way) -> Option<Part> {
        let mut part = self.part(channel, &way.waits);
        if let Some(feature) = way.feature {
            match self.states.get(feature).standing() {
                Standing::Effective => {}
                Standing::Unknown => part.gaps.extend(self.feature(feature).gaps),
                _ => return None,
            }
        }
        Some(part)
    }

    fn part(&self, channel: Fields<'a>, waits: &[Wait]) -> Part {
        let mut part = Part::default();
        for wait in waits {
            match self.interval(channel, *wait) {
                Ok(interval) => part.stages.push(Stage { wait: *wait, interval }),
                Err(mut missing) => part.gaps.append(&mut missing),
            }
        }
        part
    }

    /// The database group of a channel; `None` where it has none.
    fn group_of(&self, channel: Fields<'a>) -> Result<Option<Fields<'a>>, Gap> {
        match channel.text(KeyName::ChannelDatabaseGroup) {
            None => Err(Gap::in_record(channel, KeyName::ChannelDatabaseGroup)),
            Some("") => Ok(None),
            Some(_) => {
                let group = channel.target(KeyName::ChannelDatabaseGroup);
                let group = group.and_then(|group| {
                    self.deployment.record(SectionName::ChannelDatabaseGroup, group)
                });
                let unknown = || Gap::new(SectionName::ChannelDatabaseGroup.as_str());
                group.map(Some).ok_or_else(unknown)
            }
        }
    }

    /// The interval that a group may have beside what is known of it: the default counts where none
    /// is given, and what is lost is given.
    fn interval_lost(&self, exchange: &Exchange, group: Fields<'a>) -> Option<Gap> {
        let key = &indexed(&group.section.keys, exchange.interval.key).id;
        let is_open = exchange.interval_said(group).is_none()
            && self.deployment.is_key_said_incomplete(group.section, key);
        is_open.then(|| Gap::in_record(group, key))
    }

    /// How often something comes to a channel; `None` where it never does.
    fn interval(&self, channel: Fields<'a>, wait: Wait) -> Result<Option<Duration>, Vec<Gap>> {
        match wait {
            Wait::Job(job) => self.job_interval(channel, job),
            Wait::Exchange(number) => {
                let exchange = indexed(&self.deployment.rules().exchanges, number);
                let group = self.group_of(channel).map_err(|gap| vec![gap])?;
                match group.and_then(|group| self.interval_lost(exchange, group)) {
                    Some(gap) => Err(vec![gap]),
                    None => Ok(Some(exchange.interval_of(group))),
                }
            }
        }
    }

    /// How often a job runs for a channel; `None` where it never does.
    fn job_interval(&self, channel: Fields<'a>, id: JobId) -> Result<Option<Duration>, Vec<Gap>> {
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
        let mut shortest = None;
        for record in deployment.records(section).filter(|record| record.text(key) == Some(&job.id))
        {
            let recurrence = runs_every(record).map_err(|key| vec![Gap::in_record(record, key)])?;
            shortest = shorter(shortest, recurrence);
        }
        Ok(shortest)
    }
}
