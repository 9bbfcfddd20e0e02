//! What is counted while a load is played.

use super::day::{Day, Outage, OutageKind};
use crate::engine::Engine;
use crate::lifecycle::Answer;
use crate::model::{Outcome, Rules, indexed, indexed_mut};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Reasons of decisions that made a call of the Real-time Service, beside all that are sync.
const CALLS: [&str; 4] = [
    "headquarters-unreachable",
    "headquarters-error",
    "real-time-service-fallback",
    "async-backup",
];
/// The curve of a queue has at most so many points.
const POINTS: u64 = 288;
pub(super) const HOUR: u64 = 3600;

/// What is counted while a load is played.
#[derive(Debug)]
pub(super) struct Tally {
    duration: u64,
    /// How many seconds a point of the curve stands for.
    step: u64,
    /// The curve and the hours know how many rows waited until then.
    noted: u64,
    /// By rule, whether it makes a call.
    calls: Vec<bool>,
    by_rule: Vec<u64>,
    by_operation: Vec<[u64; 3]>,
    hours: Vec<Hour>,
    queues: Vec<Queue>,
    total: Queue,
    curve: Vec<u64>,
    outages: Vec<CatchUp>,
    /// Those that have begun and are not caught up with.
    watched: Vec<usize>,
    /// How many customers became synced in their own channel after so many seconds.
    waits: BTreeMap<u64, u64>,
    pub(super) created: u64,
}

/// What happened in an hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hour {
    /// Decisions by outcome: sync, async, rejected.
    pub decisions: [u64; 3],
    /// Calls of the Real-time Service.
    pub calls: u64,
    /// The most rows that waited at one time.
    pub rows: u64,
}

/// The rows of a channel, or of all, that are written and not completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Queue {
    /// How many there are.
    pub rows: u64,
    /// The most there ever were.
    pub peak: u64,
    /// When there were so many for the first time; none where there never was a row.
    pub peak_at: Option<u64>,
    /// When there were none for the first time after that.
    pub drained_at: Option<u64>,
}

impl Queue {
    fn set(&mut self, rows: u64, at: u64) {
        self.rows = rows;
        if rows > self.peak {
            (self.peak, self.peak_at, self.drained_at) = (rows, Some(at), None);
        } else if rows == 0 && self.peak_at.is_some() && self.drained_at.is_none() {
            self.drained_at = Some(at);
        }
    }
}

/// How an outage is caught up with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatchUp {
    /// The outage.
    pub outage: Outage,
    /// The most rows that waited before it began.
    before: u64,
    /// How long after its end no more waited, where that came.
    pub after: Option<u64>,
}

impl Tally {
    pub(super) fn new(engine: &Engine, day: &Day) -> Self {
        let rules: &Rules = engine.rules();
        let is_call = |rule: &crate::model::Rule| {
            rule.outcome == Outcome::Sync || CALLS.contains(&rules.reason_code(rule.reason))
        };
        // A day has as many hours as a list has room for.
        let hours = usize::try_from(day.duration.div_ceil(HOUR)).unwrap_or(usize::MAX);
        let step = day.duration.div_ceil(POINTS).max(1);
        let points = day.duration.div_ceil(step);
        let outages = day.outages.iter();
        Self {
            duration: day.duration,
            step,
            noted: 0,
            calls: rules.rules.iter().map(is_call).collect(),
            by_rule: vec![0; rules.rules.len()],
            by_operation: vec![[0; 3]; rules.operations.len()],
            hours: vec![Hour::default(); hours],
            queues: vec![Queue::default(); engine.channels().count()],
            total: Queue::default(),
            // There are some hundred points, whatever the duration.
            curve: vec![0; usize::try_from(points).unwrap_or(usize::MAX)],
            outages: outages
                .map(|it| CatchUp { outage: it.clone(), before: 0, after: None })
                .collect(),
            watched: Vec::new(),
            waits: BTreeMap::new(),
            created: 0,
        }
    }

    /// Counts a decision; whether it made a call of the Real-time Service.
    pub(super) fn decided(&mut self, answer: &Answer, at: u64) -> bool {
        let (rule, outcome) = (answer.rule.index(), answer.outcome as usize);
        let is_call = *indexed(&self.calls, rule);
        *indexed_mut(&mut self.by_rule, rule) += 1;
        let operation = indexed_mut(&mut self.by_operation, answer.operation.index());
        *indexed_mut(operation, outcome) += 1;
        let hour = indexed_mut(&mut self.hours, place(at, HOUR));
        hour.calls += u64::from(is_call);
        *indexed_mut(&mut hour.decisions, outcome) += 1;
        is_call
    }

    /// So many rows of a channel are written and not completed from now on.
    pub(super) fn rows(&mut self, channel: usize, rows: u64, at: u64) {
        let queue = indexed_mut(&mut self.queues, channel);
        if queue.rows == rows {
            return;
        }
        let total = self.total.rows - queue.rows + rows;
        queue.set(rows, at);
        self.pass(at);
        self.total.set(total, at);
        self.note(at..=at);
        if !self.watched.is_empty() {
            self.look(at);
        }
    }

    /// Time has passed, in which as many rows waited as now.
    fn pass(&mut self, at: u64) {
        let since = std::mem::replace(&mut self.noted, at);
        self.note(since..=at);
    }

    fn note(&mut self, times: RangeInclusive<u64>) {
        let rows = self.total.rows;
        let within = |step: u64| place(*times.start(), step)..=place(*times.end(), step);
        let points = self.curve.get_mut(within(self.step)).into_iter().flatten();
        points.for_each(|most| *most = rows.max(*most));
        let hours = self.hours.get_mut(within(HOUR)).into_iter().flatten();
        hours.for_each(|hour| hour.rows = rows.max(hour.rows));
    }

    /// An outage begins: the most rows that ever waited are those from before it.
    pub(super) fn begins(&mut self, outage: usize) {
        let before = self.queue_of(indexed(&self.outages, outage).outage.kind).peak;
        indexed_mut(&mut self.outages, outage).before = before;
        self.watched.push(outage);
    }

    /// The queue that an outage makes longer.
    fn queue_of(&self, kind: OutageKind) -> Queue {
        match kind {
            OutageKind::PosOffline(channel) => *indexed(&self.queues, channel),
            OutageKind::RealTimeService(_) | OutageKind::Servicing => self.total,
        }
    }

    /// Looks which outages that have ended are caught up with.
    pub(super) fn look(&mut self, at: u64) {
        let mut watched = std::mem::take(&mut self.watched);
        watched.retain(|number| {
            let catch_up = indexed(&self.outages, *number);
            let end = catch_up.outage.period.end.max(0).cast_unsigned();
            let waits = self.queue_of(catch_up.outage.kind).rows > catch_up.before;
            if at < end || waits {
                return true;
            }
            indexed_mut(&mut self.outages, *number).after = Some(at - end);
            false
        });
        self.watched = watched;
    }

    /// A customer is synced in their own channel after so many seconds.
    pub(super) fn synced(&mut self, after: u64) {
        *self.waits.entry(after).or_default() += 1;
    }

    pub(super) fn finish(mut self, engine: &Engine, pending: u64) -> Counted {
        self.pass(self.duration.saturating_sub(1));
        let rules: &Rules = engine.rules();
        let mut by_reason = BTreeMap::new();
        for (rule, count) in rules.rules.iter().zip(&self.by_rule).filter(|(_, count)| **count > 0)
        {
            *by_reason.entry(rules.reason_code(rule.reason).to_owned()).or_insert(0) += count;
        }
        let operations = rules.operation_ids().zip(self.by_operation);
        Counted {
            by_reason,
            operations: operations
                .filter(|(_, counts)| counts.iter().sum::<u64>() > 0)
                .map(|(id, counts)| (rules.operation(id).id.clone(), counts))
                .collect(),
            hours: self.hours,
            created: self.created,
            pending,
            waits: self.waits,
            queues: self.queues,
            curve: self.curve,
            step: self.step,
            outages: self.outages,
        }
    }
}

/// The number of the step that a moment is in.
fn place(at: u64, step: u64) -> usize {
    usize::try_from(at / step).unwrap_or(usize::MAX)
}

/// What was counted when a load had been played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counted {
    /// Decisions by the code of their reason.
    pub by_reason: BTreeMap<String, u64>,
    /// The operations that were tried, each with its decisions by outcome: sync, async, rejected.
    pub operations: Vec<(String, [u64; 3])>,
    /// Hour by hour.
    pub hours: Vec<Hour>,
    /// How many customers were created, sync or async.
    pub created: u64,
    /// How many their own channel saw as pending at the end.
    pub pending: u64,
    /// How many customers became synced in their own channel after so many seconds.
    pub waits: BTreeMap<u64, u64>,
    /// The queue of each channel.
    pub queues: Vec<Queue>,
    /// The most rows of all channels that waited, every so many seconds.
    pub curve: Vec<u64>,
    /// How many seconds a point of the curve stands for.
    pub step: u64,
    /// The outages, by their beginning.
    pub outages: Vec<CatchUp>,
}

impl Counted {
    /// Decisions by outcome: sync, async, rejected.
    pub fn decisions(&self) -> [u64; 3] {
        self.operations.iter().fold([0; 3], |[sync, asynchronous, rejected], (_, [a, b, c])| {
            [sync + a, asynchronous + b, rejected + c]
        })
    }

    /// Calls of the Real-time Service.
    pub fn calls(&self) -> u64 {
        self.hours.iter().map(|hour| hour.calls).sum()
    }

    /// The time after which so many of a hundred customers were synced: the nearest rank. None
    /// where nobody was.
    pub fn wait(&self, of_a_hundred: u64) -> Option<u64> {
        let count: u64 = self.waits.values().sum();
        let rank = (count * of_a_hundred).div_ceil(100).max(1);
        let mut seen = 0;
        self.waits.iter().find_map(|(wait, customers)| {
            seen += customers;
            (seen >= rank).then_some(*wait)
        })
    }
}
