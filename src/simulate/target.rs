//! Whether customers are pending no longer than the deployment's target, and which recurrence,
//! halved, helps most.

use super::day::{Day, Takes};
use super::error::SimulationError;
use super::play::{Outcomes, Player};
use super::timetable::{RunTakes, Timetable};
use crate::engine::Engine;
use crate::model::Duration;

/// How long customers may be pending, and how long they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTarget {
    /// How long a customer may stay pending, in seconds.
    pub target: u64,
    /// The longest that one did, or has until the end.
    pub longest: u64,
    /// The recurrence that, halved, makes this the shortest; none where none makes it shorter.
    pub helps: Option<Halved>,
}

/// A recurrence that is halved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halved {
    /// The job.
    pub job: String,
    /// Its recurrence, in seconds.
    pub recurrence: u64,
    /// Half of it.
    pub halved: u64,
    /// The longest that a customer would be pending.
    pub longest: u64,
}

impl PendingTarget {
    /// Whether it is met.
    pub fn is_met(&self) -> bool {
        self.longest <= self.target
    }
}

/// How long customers were pending: the longest, then 95 of a hundred.
fn how_long(outcomes: &Outcomes) -> (u64, u64) {
    let longest = outcomes.counted.wait(100).max(outcomes.longest_pending);
    // Where nobody was created, nobody waited.
    (longest.unwrap_or(0), outcomes.counted.wait(95).unwrap_or(0))
}

/// Compares what was played with the target.
pub(super) fn compare(
    engine: &Engine,
    day: &Day,
    timetable: &Timetable,
    seed: u64,
    played: &Outcomes,
) -> Result<Option<PendingTarget>, SimulationError> {
    let target = engine.deployment().pending_target();
    let Some(target) = target.map(Duration::seconds) else { return Ok(None) };
    // Unless something is limited, only what creates customers and orders makes customers wait.
    let is_limited = day.calls_per_minute.is_some()
        || day.capacities.values().any(|capacity| capacity.rows_per_minute.is_some());
    let plays = |takes| is_limited || matches!(takes, Takes::NewCustomer | Takes::NewOrder);
    let base = how_long(played);
    let mut best = (base, None);
    for entry in &timetable.entries {
        let moves = entry.takes != RunTakes::Nothing && entry.recurrence > 1;
        if !moves {
            continue;
        }
        let halved = Timetable::new(engine, day, Some(entry.record));
        let tried = how_long(&Player::new(engine, day, &halved, None)?.play(seed, plays)?);
        if tried < best.0 {
            best = (tried, Some(entry));
        }
    }
    let ((longest, _), entry) = best;
    let helps = entry.map(|entry| Halved {
        job: engine.rules().job(entry.job).id.clone(),
        recurrence: entry.recurrence,
        halved: entry.recurrence.div_ceil(2),
        longest,
    });
    Ok(Some(PendingTarget { target, longest: base.0, helps }))
}
