//! What was played on one deployment, with the names of what it is about.

use crate::engine::{Channel, Engine};
use crate::model::{Duration, RealTimeService};
use crate::simulate::{CatchUp, OutageKind, Queue, Simulated};
use jiff::Timestamp;
use std::ops::Range;

const DAY: u64 = 86_400;

/// What was played on one deployment.
#[derive(Clone, Copy, Debug)]
pub struct SimulationView<'a> {
    /// The deployment, with the rules that decided.
    pub engine: &'a Engine,
    /// What came of it.
    pub simulated: &'a Simulated,
}

impl<'a> SimulationView<'a> {
    /// What the deployment is called: its name, else where it was read from.
    pub(super) fn name(self) -> &'a str {
        let deployment = self.engine.deployment();
        deployment.name().unwrap_or(deployment.path())
    }

    /// A moment of the load, as text.
    pub(in crate::report) fn moment(self, at: i64) -> String {
        self.timestamp(at).to_string()
    }

    /// The day and the time of a moment of the load; seconds where there are any.
    pub(in crate::report) fn told(self, at: i64) -> String {
        let moment = self.timestamp(at);
        let is_whole = moment.as_second().rem_euclid(60) == 0;
        let form = if is_whole { "%Y-%m-%d %H:%M" } else { "%Y-%m-%d %H:%M:%S" };
        moment.strftime(form).to_string()
    }

    /// The day and the time when a period begins, and when it ends; the second day where it is
    /// another.
    pub(in crate::report) fn period(self, period: &Range<i64>) -> ([String; 2], [String; 2]) {
        let [(day, begin), (last, end)] = [period.start, period.end].map(|at| {
            let told = self.told(at);
            let (day, time) = told.split_once(' ').unwrap_or((&told, ""));
            (day.to_owned(), time.to_owned())
        });
        let last = if last == day { String::new() } else { last };
        ([day, begin], [last, end])
    }

    /// The time of the day of a moment of the load; with the day, where it has several.
    pub(in crate::report) fn time(self, at: u64) -> String {
        let form = if self.simulated.duration > DAY { "%m-%d %H:%M" } else { "%H:%M" };
        self.formatted(at, form)
    }

    #[expect(clippy::expect_used, reason = "another moment would be wrong in silence")]
    fn timestamp(self, at: i64) -> Timestamp {
        let second = self.simulated.begin.as_second().saturating_add(at);
        Timestamp::from_second(second).expect("a load is refused that ends after all years")
    }

    /// The queue of each channel.
    pub(super) fn queues(self) -> impl Iterator<Item = (&'a str, &'a Queue)> {
        let engine = self.engine;
        engine.channels().map(Channel::id).zip(&self.simulated.counted.queues)
    }

    /// When the load begins, in seconds since 1970.
    pub(in crate::report) fn begin(self) -> i64 {
        self.simulated.begin.as_second()
    }

    /// A moment of the load, written so.
    pub(in crate::report) fn formatted(self, at: u64, form: &str) -> String {
        self.timestamp(at.cast_signed()).strftime(form).to_string()
    }

    /// What people call a job.
    pub(in crate::report) fn job(self, id: &str) -> String {
        let rules = self.engine.rules();
        rules.job_named(id).map_or_else(|| id.to_owned(), |job| rules.job(job).title())
    }

    /// What failed, and the channel where it is one channel's.
    pub(in crate::report) fn outage(self, catch_up: &CatchUp) -> (&'static str, Option<&'a str>) {
        match catch_up.outage.kind {
            OutageKind::PosOffline(channel) => {
                let engine = self.engine;
                ("pos-offline", engine.channel_at(channel).map(Channel::id))
            }
            OutageKind::RealTimeService(_) => ("real-time-service", None),
            OutageKind::Servicing => ("servicing", None),
        }
    }
}

/// Seconds as deployments write durations; none at all is `0s`.
pub(in crate::report) fn duration(seconds: u64) -> String {
    Duration::from_seconds(seconds).map_or_else(|| "0s".to_owned(), |it| it.to_string())
}

/// What failed, in words.
pub(in crate::report) fn outage_in_words(catch_up: &CatchUp) -> &'static str {
    match catch_up.outage.kind {
        OutageKind::PosOffline(_) => "POS offline",
        OutageKind::RealTimeService(state) => match state {
            RealTimeService::Available => "Real-time Service available",
            RealTimeService::CommunicationFailure => "Real-time Service unreachable",
            RealTimeService::OtherFailure => "Real-time Service in error",
        },
        OutageKind::Servicing => "servicing of headquarters",
    }
}
