//! A day at the tills before it happens: a load is played over the machine of a store in memory,
//! operations arriving at random, jobs running at their recurrences. Nothing of it claims a speed
//! of the product: how much a job manages is an input.

mod arrivals;
mod chance;
mod day;
mod error;
mod limits;
mod people;
mod play;
mod runs;
mod stream;
mod tally;
mod target;
mod timetable;

pub use day::{Outage, OutageKind};
pub use error::SimulationError;
pub use stream::EventWriter;
pub use tally::{CatchUp, Counted, Hour, Queue};
pub use target::{Halved, PendingTarget};

use crate::diagnostic::Finding;
use crate::engine::Engine;
use crate::load::Load;
use day::Day;
use jiff::Timestamp;
use play::Player;
use timetable::Timetable;

/// A load, to be played on a deployment.
#[derive(Debug)]
pub struct Simulation<'e> {
    engine: &'e Engine,
    day: Day,
    timetable: Timetable,
}

/// What came of playing a load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// When it began.
    pub begin: Timestamp,
    /// How many seconds it took.
    pub duration: u64,
    /// What was counted.
    pub counted: Counted,
    /// How that compares with the deployment's target, where it has one.
    pub target: Option<PendingTarget>,
}

impl<'e> Simulation<'e> {
    /// A load whose names are those of the engine's deployment.
    ///
    /// # Errors
    ///
    /// Names that are not known, values that make no sense, and more than can be played: findings
    /// with their places.
    pub fn new(engine: &'e Engine, load: &Load) -> Result<Self, Vec<Finding>> {
        let day = day::bind(load, engine)?;
        let timetable = Timetable::new(engine, &day, None);
        let too_much = limits::too_much(&day, &timetable);
        if too_much.is_empty() { Ok(Self { engine, day, timetable }) } else { Err(too_much) }
    }

    /// Plays it. The same seed gives the same arrivals; `events` gets every event that is played.
    ///
    /// # Errors
    ///
    /// The events can't be written.
    pub fn play(
        &self,
        seed: u64,
        events: Option<&mut EventWriter<'_>>,
    ) -> Result<Simulated, SimulationError> {
        let Self { engine, day, timetable } = self;
        let played = Player::new(engine, day, timetable, events)?.play(seed, |_| true)?;
        let target = target::compare(engine, day, timetable, seed, &played)?;
        Ok(Simulated { begin: day.begin, duration: day.duration, counted: played.counted, target })
    }
}
