//! A history decided by two deployments: which of its operations end otherwise, and because of
//! what.

use super::cause::Causes;
use super::compare::{
    Attributed, Cause, Change, PairComparison, PairDifference, Situations, counterpart,
};
use crate::engine::{Channel, Configuration, Engine};
use crate::model::{OperationId, Situation};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

/// How many requests end otherwise, by channel, operation and situation. Channels have the numbers
/// of the new deployment; those that only the old one has come after them, by their numbers there.
pub type EndedOtherwise = BTreeMap<usize, BTreeMap<OperationId, BTreeMap<Situation, u64>>>;

/// What of a history ends otherwise.
#[derive(Clone, Debug)]
pub struct ChangedHistory<'e> {
    /// How many requests were decided.
    pub requests: u64,
    /// How many were not valid.
    pub invalid: u64,
    /// How many end otherwise.
    pub changed: u64,
    /// Why; what these count as decisions are requests.
    pub causes: Vec<Cause<'e>>,
    /// Requests of channels that only the old deployment has.
    pub removed: u64,
    /// Requests of channels that only the new one has.
    pub added: u64,
    /// How many end otherwise by channel, the most first.
    pub channels: Vec<(&'e str, u64)>,
    /// The same by operation.
    pub operations: Vec<(OperationId, u64)>,
}

impl<'e> ChangedHistory<'e> {
    /// Finds the causes of what ends otherwise.
    pub fn new(
        old: &'e Engine,
        new: &'e Engine,
        (requests, invalid): (u64, u64),
        ended: &EndedOtherwise,
    ) -> Self {
        let mut found = Attribution::new(old, new);
        let mut causes = Causes::new(old, new);
        let (mut removed, mut added, mut changed) = (0, 0, 0);
        let (mut channels, mut operations) = (BTreeMap::new(), BTreeMap::new());
        for (number, asked) in ended {
            let mut difference = PairDifference { decisions: 0, changes: BTreeMap::new() };
            let after = new.channel_at(*number);
            let before = match after {
                Some(after) => counterpart(old, after),
                None => old.channel_at(number - new.channels().count()),
            };
            for (operation, situations) in asked {
                let count: u64 = situations.values().sum();
                changed += count;
                if let Some(channel) = after.or(before) {
                    *channels.entry(channel.id()).or_insert(0) += count;
                }
                *operations.entry(*operation).or_insert(0) += count;
                match (before, after) {
                    (Some(before), Some(after)) => {
                        found.add(*operation, (before, after), situations, &mut difference);
                    }
                    (Some(_), None) => removed += count,
                    (None, _) => added += count,
                }
            }
            if let (Some(before), Some(after)) = (before, after) {
                causes.add(before, after, &difference);
            }
        }
        let causes = causes.finish();
        let (mut channels, mut operations): (Vec<_>, Vec<_>) =
            (channels.into_iter().collect(), operations.into_iter().collect());
        channels.sort_by_key(|(_, count)| Reverse(*count));
        operations.sort_by_key(|(_, count)| Reverse(*count));
        Self { requests, invalid, changed, causes, removed, added, channels, operations }
    }
}

/// Attributes what ends otherwise to facts, for configurations that are alike once.
pub(super) struct Attribution<'e> {
    comparison: PairComparison<'e>,
    known: HashMap<(&'e Configuration, &'e Configuration, OperationId), Vec<Attributed>>,
}

impl<'e> Attribution<'e> {
    pub(super) fn new(old: &'e Engine, new: &'e Engine) -> Self {
        Self { comparison: PairComparison::new(old, new), known: HashMap::new() }
    }

    /// The situations in which an operation of a channel is decided otherwise, by the facts that
    /// make it so.
    pub(super) fn of(
        &mut self,
        operation: OperationId,
        (before, after): (Channel<'e>, Channel<'e>),
    ) -> &[Attributed] {
        let key = (before.configuration(), after.configuration(), operation);
        let comparison = &self.comparison;
        self.known.entry(key).or_insert_with(|| comparison.between(operation, before, after))
    }

    fn add(
        &mut self,
        operation: OperationId,
        channels: (Channel<'e>, Channel<'e>),
        situations: &BTreeMap<Situation, u64>,
        difference: &mut PairDifference,
    ) {
        for (facts, explained) in self.of(operation, channels) {
            for (situation, old, new) in explained {
                let Some(count) = situations.get(situation) else { continue };
                let changes = difference.changes.entry(facts.clone()).or_default();
                let change = changes.entry(Change { operation, old: *old, new: *new });
                let first = Situations { count: 0, first: *situation };
                change.or_insert(first).count += count;
            }
        }
    }
}
