//! What really happened beside what should have: where they differ, and which single fact explains
//! it best.

use crate::engine::{Change, Channel, Decision, NotPossible};
use crate::model::{OperationId, Origin, Outcome, Situation, SituationFact};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A request with what came of it; its names are looked up.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Observation {
    /// The channel, by its number in the deployment.
    pub channel: usize,
    /// The operation.
    pub operation: OperationId,
    /// The situation, with the defaults of what is not stated.
    pub situation: Situation,
    /// The facts of the situation that are stated.
    pub stated: Vec<SituationFact>,
    /// How the operation ended.
    pub outcome: Outcome,
    /// The error id that the product gave, where it is known.
    pub error_id: Option<String>,
}

/// What was observed, as far as it was added.
#[derive(Clone, Debug, Default)]
pub struct Observations<'e> {
    /// Equal observations: the same happens again and again.
    alike: BTreeMap<Observation, Alike<'e>>,
    /// Those that are not as they should be, in the order they were added.
    discrepancies: Vec<Discrepancy<'e>>,
}

/// Observations that are equal.
#[derive(Clone, Copy, Debug)]
pub struct Alike<'e> {
    /// The channel.
    pub channel: Channel<'e>,
    /// How many there are.
    pub count: u64,
    /// Whether they are not as they should be.
    pub differ: bool,
}

/// An observation that is not as it should be.
#[derive(Clone, Debug)]
pub struct Discrepancy<'e> {
    /// The number of its line.
    pub line: u64,
    /// Its id, as it is written in JSON.
    pub id: Option<String>,
    /// The channel.
    pub channel: Channel<'e>,
    /// What was observed.
    pub observation: Observation,
    /// What should have been.
    pub decision: Decision<'e>,
    /// The likeliest single fact that explains it.
    pub cause: Option<Change<'e>>,
}

/// A single fact that explains observations.
#[derive(Clone, Debug)]
pub struct LikelyCause<'e> {
    /// The channel of the first observation that it is the cause of.
    pub channel: Channel<'e>,
    /// The fact, and what it would be.
    pub change: Change<'e>,
    /// How many of the observations that differ it explains.
    pub explains: u64,
    /// How many of the observations that agree it contradicts.
    pub contradicted: u64,
}

/// An operation at a channel: how often it was observed, and how often otherwise than it should be.
#[derive(Clone, Debug)]
pub struct ObservedCount<'e> {
    /// The operation.
    pub operation: OperationId,
    /// The channel.
    pub channel: Channel<'e>,
    /// How often it was observed.
    pub observed: u64,
    /// How often that differs.
    pub differ: u64,
}

/// What observations come to.
#[derive(Clone, Debug)]
pub struct ComparedObservations<'e> {
    /// How many there are.
    pub observed: u64,
    /// Those that are not as they should be.
    pub discrepancies: Vec<Discrepancy<'e>>,
    /// The causes of these, those that explain most first.
    pub causes: Vec<LikelyCause<'e>>,
    /// By operation and channel.
    pub summary: Vec<ObservedCount<'e>>,
    /// Equal observations together.
    pub alike: BTreeMap<Observation, Alike<'e>>,
}

/// A fact with another value, by the record of the deployment that it is read from: the same for
/// all channels that share it.
type CauseKey<'e> = (&'e str, &'e str, Option<&'e str>);

/// An observation that differs, its channel, and what explains it.
type Explained<'o, 'e> = (&'o Observation, Channel<'e>, Vec<Change<'e>>);

impl<'e> Observations<'e> {
    /// Adds one, with the number of its line and its id.
    ///
    /// # Errors
    ///
    /// The channel can't be in that situation.
    pub fn add(
        &mut self,
        line: u64,
        id: Option<&str>,
        channel: Channel<'e>,
        observation: Observation,
    ) -> Result<(), NotPossible> {
        let decision = channel.decide(observation.operation, observation.situation)?;
        let differ = differs(&observation, decision.outcome(), decision.error_id());
        if differ {
            self.discrepancies.push(Discrepancy {
                line,
                id: id.map(str::to_owned),
                channel,
                observation: observation.clone(),
                decision,
                cause: None,
            });
        }
        let first = Alike { channel, count: 0, differ };
        self.alike.entry(observation).or_insert(first).count += 1;
        Ok(())
    }

    /// Compares them all.
    pub fn compare(mut self) -> ComparedObservations<'e> {
        let (tally, explained) = tally(&self.alike);
        let mut likely = BTreeMap::new();
        for (observation, channel, changes) in explained {
            let best = changes.into_iter().min_by_key(|change| tally.of(channel, change).rank());
            likely.insert(observation, best);
        }
        for discrepancy in &mut self.discrepancies {
            discrepancy.cause = likely.get(&discrepancy.observation).cloned().flatten();
        }
        ComparedObservations {
            observed: self.alike.values().map(|alike| alike.count).sum(),
            causes: tally.causes(&self.discrepancies),
            discrepancies: self.discrepancies,
            summary: summary(&self.alike),
            alike: self.alike,
        }
    }
}

/// How much speaks for every cause, and of each observation that differs what explains it.
fn tally<'o, 'e>(
    alike: &'o BTreeMap<Observation, Alike<'e>>,
) -> (CauseTally<'e>, Vec<Explained<'o, 'e>>) {
    let (mut tally, mut explained) = (CauseTally::default(), Vec::new());
    for (observation, alike) in alike {
        let Observation { operation, situation, .. } = *observation;
        let decided = alike.channel.decide(operation, situation);
        let is_same_outcome = decided.is_ok_and(|it| it.outcome() == observation.outcome);
        let is_other_error = alike.differ && is_same_outcome;
        let mut changes = candidates(alike.channel, observation);
        changes.retain(|change| {
            // Of another error alone nothing is explained by what names no error.
            let names_none = change.rule.error_id.is_none();
            let explains = explains(change, observation) && !(is_other_error && names_none);
            tally.add(alike, change, explains);
            explains
        });
        if alike.differ {
            explained.push((observation, alike.channel, changes));
        }
    }
    (tally, explained)
}

/// How much speaks for a cause.
#[derive(Clone, Copy, Debug, Default)]
struct Weight {
    explains: u64,
    contradicted: u64,
}

impl Weight {
    /// The likeliest comes first.
    fn rank(self) -> (Reverse<u64>, u64) {
        (Reverse(self.explains), self.contradicted)
    }
}

/// How much speaks for every cause that there may be.
#[derive(Debug, Default)]
struct CauseTally<'e>(BTreeMap<CauseKey<'e>, Weight>);

impl<'e> CauseTally<'e> {
    /// Counts whether a change explains observations.
    fn add(&mut self, alike: &Alike<'e>, change: &Change<'e>, explains: bool) {
        let weight = self.0.entry(key(alike.channel, change)).or_default();
        match (alike.differ, explains) {
            (true, true) => weight.explains += alike.count,
            (false, false) => weight.contradicted += alike.count,
            _ => {}
        }
    }

    fn of(&self, channel: Channel<'e>, change: &Change<'e>) -> Weight {
        // What nothing was counted for has nothing that speaks for it.
        self.0.get(&key(channel, change)).copied().unwrap_or_default()
    }

    /// The causes of what differs, those that explain most first.
    fn causes(&self, discrepancies: &[Discrepancy<'e>]) -> Vec<LikelyCause<'e>> {
        let mut causes: BTreeMap<CauseKey<'e>, LikelyCause<'e>> = BTreeMap::new();
        for discrepancy in discrepancies {
            let (channel, Some(change)) = (discrepancy.channel, &discrepancy.cause) else {
                continue;
            };
            let Weight { explains, contradicted } = self.of(channel, change);
            causes.entry(key(channel, change)).or_insert_with(|| LikelyCause {
                channel,
                change: change.clone(),
                explains,
                contradicted,
            });
        }
        let mut causes: Vec<LikelyCause<'e>> = causes.into_values().collect();
        causes.sort_by_key(|cause| (Reverse(cause.explains), cause.contradicted));
        causes
    }
}

/// How often each operation was observed at each channel.
fn summary<'e>(alike: &BTreeMap<Observation, Alike<'e>>) -> Vec<ObservedCount<'e>> {
    let mut summary: BTreeMap<(OperationId, usize), ObservedCount<'e>> = BTreeMap::new();
    for (observation, alike) in alike {
        let place = (observation.operation, observation.channel);
        let counted = summary.entry(place).or_insert(ObservedCount {
            operation: observation.operation,
            channel: alike.channel,
            observed: 0,
            differ: 0,
        });
        counted.observed += alike.count;
        counted.differ += if alike.differ { alike.count } else { 0 };
    }
    summary.into_values().collect()
}

/// Whether something else was observed than what is said.
fn differs(observation: &Observation, outcome: Outcome, error_id: Option<&str>) -> bool {
    // Where no error id is known, none is another.
    let other_error = match (error_id, observation.error_id.as_deref()) {
        (Some(expected), Some(observed)) => !is_error(expected, observed),
        _ => false,
    };
    outcome != observation.outcome || other_error
}

/// Whether an error id is the one that was observed, which logs may tell by its last part alone.
fn is_error(expected: &str, observed: &str) -> bool {
    expected == observed || expected.rsplit('_').next() == Some(observed)
}

/// Whether a change would bring about what was observed.
fn explains(change: &Change<'_>, observation: &Observation) -> bool {
    !differs(observation, change.outcome, change.rule.error_id.as_deref())
}

/// What could have been otherwise than the request and the deployment let suppose: single facts,
/// none that the observation states.
fn candidates<'e>(channel: Channel<'e>, observation: &Observation) -> Vec<Change<'e>> {
    let mut changes = channel.alternatives(observation.operation, observation.situation);
    changes.retain(|change| match change.found.fact.origin {
        Origin::Situation(fact) => !observation.stated.contains(&fact),
        Origin::Setting { .. } | Origin::Feature(_) => true,
    });
    changes
}

fn key<'e>(channel: Channel<'e>, change: &Change<'e>) -> CauseKey<'e> {
    let record = channel.source_of(change.found.fact);
    (&change.found.fact.id, change.to, record.map(|record| record.record.id.as_str()))
}
