//! Why operations end otherwise by one deployment than by another, for every channel, operation and
//! situation: what a history's requests are to be looked up in.

use super::behaviours::Behaviours;
use super::cause::Causes;
use super::compare::{ChangedFact, counterpart};
use super::history::Attribution;
use crate::engine::Cell;
use crate::model::{OperationId, Situation};
use std::collections::BTreeMap;

/// Why the operations of channels that two deployments have end otherwise. What is the same for
/// several channels has one number.
#[derive(Clone, Debug)]
pub struct Transitions<'e> {
    /// The number of what changes at each channel where something does, by its id.
    pub channels: BTreeMap<&'e str, usize>,
    /// Where operations end otherwise, and the number of the cause.
    pub changes: Vec<Vec<(OperationId, Situation, usize)>>,
    /// The facts that each cause is.
    pub causes: Vec<Vec<ChangedFact<'e>>>,
}

impl<'e> Transitions<'e> {
    /// What changes from one deployment to another of the same rules.
    pub fn between(old: &Behaviours<'e>, new: &Behaviours<'e>) -> Self {
        let (old, new) = (old.engine(), new.engine());
        let mut found = Attribution::new(old, new);
        let mut causes = Causes::new(old, new);
        let mut known: BTreeMap<Vec<(OperationId, Situation, usize)>, usize> = BTreeMap::new();
        let (mut channels, mut changes) = (BTreeMap::new(), Vec::new());
        for after in new.channels() {
            let Some(before) = counterpart(old, after) else { continue };
            let mut change = Vec::new();
            for operation in new.rules().operation_ids() {
                for (facts, explained) in found.of(operation, (before, after)) {
                    let mut otherwise = explained
                        .iter()
                        .filter(|(_, old, new)| ends(*old) != ends(*new))
                        .peekable();
                    if otherwise.peek().is_some() {
                        let cause = causes.number(facts, before, after);
                        change.extend(
                            otherwise.map(|(situation, ..)| (operation, *situation, cause)),
                        );
                    }
                }
            }
            if change.is_empty() {
                continue;
            }
            let next = changes.len();
            let number = *known.entry(change.clone()).or_insert(next);
            if number == next {
                changes.push(change);
            }
            channels.insert(after.id(), number);
        }
        Self { channels, changes, causes: causes.facts() }
    }
}

/// How a cell ends, if it does.
fn ends(cell: Cell) -> Option<crate::model::Outcome> {
    cell.is_decision().then(|| cell.outcome())
}
