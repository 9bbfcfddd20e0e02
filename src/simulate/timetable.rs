//! When jobs run: the schedules and batch jobs of a deployment, at their recurrences, and the
//! intervals of its channel database groups.

use super::day::{Capacity, Day, OutageKind};
use crate::engine::Engine;
use crate::model::relied::RUNS;
use crate::model::{Fields, JobEffect, JobId, JobKind, KeyName, SectionName, Value};
use std::collections::BTreeMap;
use std::ops::Range;

/// All that runs again and again.
#[derive(Clone, Debug)]
pub(super) struct Timetable {
    pub(super) entries: Vec<Entry>,
    /// How often rows are taken from channel databases, and the channels of each interval.
    pub(super) uploads: Vec<(u64, Vec<usize>)>,
    /// When headquarters is down.
    pub(super) servicing: Vec<Range<i64>>,
}

/// A schedule or a batch job that runs again and again.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) job: JobId,
    /// Its section and the number of its record there.
    pub(super) record: (SectionName, usize),
    pub(super) kind: JobKind,
    /// What a run takes.
    pub(super) takes: RunTakes,
    pub(super) recurrence: u64,
    /// Its first run, in seconds since the load began.
    pub(super) first: u64,
    /// The channels that it acts on, by id.
    pub(super) channels: Vec<usize>,
    /// Of a download, the channels that it reaches at whole intervals, by interval.
    pub(super) downloads: Vec<(u64, Vec<usize>)>,
    pub(super) capacity: Capacity,
}

/// What a run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunTakes {
    /// Rows of channel databases.
    Rows,
    /// Uploaded rows that wait for this.
    Uploaded(JobEffect),
    /// Account IDs.
    Accounts,
    /// Nothing that could be counted.
    Nothing,
}

/// What is changed about a deployment's jobs, to see what it would be like.
pub(super) type Halved = Option<(SectionName, usize)>;

impl Timetable {
    /// What runs in a deployment while a load is played, one recurrence halved where that is asked.
    pub(super) fn new(engine: &Engine, day: &Day, halved: Halved) -> Self {
        let deployment = engine.deployment();
        let mut entries = Vec::new();
        for section in [SectionName::DistributionSchedule, SectionName::BatchJob] {
            for (number, record) in deployment.records(section).enumerate() {
                entries.extend(entry(engine, day, (section, number), record, halved));
            }
        }
        let outages = day.outages.iter();
        let servicing = outages.filter(|it| it.kind == OutageKind::Servicing);
        Self {
            entries,
            uploads: by_interval(engine, all(engine), KeyName::UploadInterval),
            servicing: servicing.map(|outage| outage.period.clone()).collect(),
        }
    }

    /// The end of the servicing that a moment is in.
    pub(super) fn servicing_until(&self, at: u64) -> Option<u64> {
        let within = self.servicing.iter().filter(|it| it.contains(&at.cast_signed()));
        within.map(|it| it.end.cast_unsigned()).max()
    }

    /// The first whole interval at or after a moment that is in no servicing; `None` for one at or
    /// after the end.
    pub(super) fn interval_from(&self, at: u64, interval: u64, end: u64) -> Option<u64> {
        let mut next = at.div_ceil(interval) * interval;
        while next < end {
            match self.servicing_until(next) {
                None => return Some(next),
                Some(until) => next = until.div_ceil(interval) * interval,
            }
        }
        None
    }
}

fn entry(
    engine: &Engine,
    day: &Day,
    place: (SectionName, usize),
    record: Fields<'_>,
    halved: Halved,
) -> Option<Entry> {
    let rules = engine.rules();
    let name = record.text(KeyName::Job).or_else(|| record.text(KeyName::Name));
    let job = rules.job_named(name?)?;
    let declared = rules.job(job);
    let is_active = record.section.key(KeyName::Active).is_none()
        || record.boolean(KeyName::Active) != Some(false);
    let runs = record.text(KeyName::Status).is_none_or(|status| RUNS.contains(&status));
    let recurrence = match record.value(KeyName::Recurrence)? {
        Value::Duration(recurrence) if is_active && runs => recurrence.seconds(),
        _ => return None,
    };
    let recurrence = if halved == Some(place) { recurrence.div_ceil(2) } else { recurrence };
    let first = match record.date_time(KeyName::LastRun) {
        Some(last) => {
            let since_begin = last.as_second() - day.begin.as_second();
            since_begin.rem_euclid(recurrence.cast_signed())
        }
        None => 0,
    };
    let channels = channels(engine, record);
    let is_download = declared.kind == JobKind::Download;
    let takes = declared.does.iter().find_map(|effect| match effect {
        JobEffect::Upload => Some(RunTakes::Rows),
        JobEffect::SendAccounts => Some(RunTakes::Accounts),
        JobEffect::SynchronizeCustomers | JobEffect::SynchronizeOrders | JobEffect::PostSales => {
            Some(RunTakes::Uploaded(*effect))
        }
        JobEffect::SendProfiles | JobEffect::SendFeatures | JobEffect::EveryDownload => None,
    });
    Some(Entry {
        job,
        record: place,
        kind: declared.kind,
        takes: takes.unwrap_or(RunTakes::Nothing),
        recurrence,
        first: first.cast_unsigned(),
        downloads: if is_download {
            by_interval(engine, channels.clone(), KeyName::DownloadInterval)
        } else {
            Vec::new()
        },
        channels,
        // A job of which the load says nothing takes all at once.
        capacity: day.capacities.get(&job).copied().unwrap_or_default(),
    })
}

/// The channels whose group is among those of a schedule, by id; all where it gives none. A channel
/// whose group is not known is taken to be among them.
fn channels(engine: &Engine, record: Fields<'_>) -> Vec<usize> {
    let all = all(engine);
    if record.value(KeyName::ChannelDatabaseGroups).is_none() {
        return all;
    }
    let listed = record.list(KeyName::ChannelDatabaseGroups).into_iter();
    let groups: Vec<usize> = listed
        .filter_map(|placed| match &placed.value {
            Value::Reference { target, .. } => *target,
            _ => None,
        })
        .collect();
    let has_none = |channel: usize| {
        let channel = engine.channel_at(channel);
        channel.is_some_and(|it| it.record().text(KeyName::ChannelDatabaseGroup) == Some(""))
    };
    let acts_on = |channel: &usize| {
        !has_none(*channel) && group(engine, *channel).is_none_or(|it| groups.contains(&it))
    };
    all.into_iter().filter(acts_on).collect()
}

/// Every channel, by id.
fn all(engine: &Engine) -> Vec<usize> {
    let mut channels: Vec<_> = engine.channels().collect();
    channels.sort_by_key(|channel| channel.id());
    channels.iter().map(|channel| channel.number()).collect()
}

/// The number of a channel's channel database group.
fn group(engine: &Engine, channel: usize) -> Option<usize> {
    engine.channel_at(channel)?.record().target(KeyName::ChannelDatabaseGroup)
}

/// Channels by the interval of an exchange of their groups.
fn by_interval(engine: &Engine, channels: Vec<usize>, key: KeyName) -> Vec<(u64, Vec<usize>)> {
    let deployment = engine.deployment();
    let exchange = engine.rules().exchange(key);
    let interval = |channel: usize| {
        let group = group(engine, channel)
            .and_then(|group| deployment.record(SectionName::ChannelDatabaseGroup, group));
        exchange.interval_of(group).seconds()
    };
    let mut by_interval: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for channel in channels {
        by_interval.entry(interval(channel)).or_default().push(channel);
    }
    by_interval.into_iter().collect()
}
