//! What was played on one deployment, with the names of what it is about.

use crate::engine::{Channel, Engine};
use crate::model::Duration;
use crate::simulate::{CatchUp, OutageKind, Queue, Simulated};
use jiff::Timestamp;

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

    /// The day and the time of a moment of the load.
    pub(in crate::report) fn told(self, at: i64) -> String {
        self.timestamp(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }

    /// The time of the day of a moment of the load.
    pub(in crate::report) fn time(self, at: u64) -> String {
        self.timestamp(at.cast_signed()).strftime("%H:%M").to_string()
    }

    /// A load lies within the years that a moment has, as its own moments do.
    fn timestamp(self, at: i64) -> Timestamp {
        let second = self.simulated.begin.as_second().saturating_add(at);
        // No moment is later, so that none is told that is not.
        Timestamp::from_second(second).unwrap_or(Timestamp::MAX)
    }

    /// The queue of each channel.
    pub(super) fn queues(self) -> impl Iterator<Item = (&'a str, &'a Queue)> {
        let engine = self.engine;
        engine.channels().map(Channel::id).zip(&self.simulated.counted.queues)
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
