//! Two deployments compared: which decisions differ, and because of what. Every channel, operation
//! and situation is looked at, so that "nothing differs" is a proof; channels whose facts agree on
//! both sides are looked at once.

use super::cause::Causes;
use crate::diagnostic::Span;
use crate::engine::Configuration;
use crate::engine::{Cell, Compiler};
use crate::engine::{Channel, Decision, Engine};
use crate::model::{Fact, FactId, OperationId, Outcome, Rules, SectionName, Situation, Version};
use std::collections::{BTreeMap, HashMap};

/// What differs between the decisions of two deployments.
#[derive(Clone, Debug)]
pub struct Compared<'e> {
    /// Channels that only the old deployment has.
    pub removed: Vec<Channel<'e>>,
    /// Channels that only the new one has.
    pub added: Vec<Channel<'e>>,
    /// How many channels both have.
    pub channels: usize,
    /// How many decisions of those were compared.
    pub decisions: u64,
    /// Why decisions differ: those that change an outcome first, then by how many decisions they
    /// change.
    pub causes: Vec<Cause<'e>>,
}

impl Compared<'_> {
    /// How many decisions differ.
    pub fn changed(&self) -> u64 {
        self.causes.iter().map(Cause::changed).sum()
    }

    /// How many end otherwise than before.
    pub fn changed_outcomes(&self) -> u64 {
        let effects = self.causes.iter().flat_map(|cause| &cause.effects);
        effects.filter(|effect| effect.changes_outcome()).map(|effect| effect.decisions).sum()
    }
}

/// Facts whose change changes decisions, and which.
#[derive(Clone, Debug)]
pub struct Cause<'e> {
    /// The facts that changed; several where only all of them together change the decisions.
    pub facts: Vec<ChangedFact<'e>>,
    /// The channels it changes decisions of, as they were and as they are.
    pub channels: Vec<(Channel<'e>, Channel<'e>)>,
    /// What changes; other outcomes first.
    pub effects: Vec<Effect<'e>>,
}

impl Cause<'_> {
    /// How many decisions it changes, over all its channels.
    pub fn changed(&self) -> u64 {
        self.effects.iter().map(|effect| effect.decisions).sum()
    }

    /// Whether it changes the outcome of any.
    pub fn changes_outcome(&self) -> bool {
        self.effects.iter().any(Effect::changes_outcome)
    }
}

/// A fact whose value changed.
#[derive(Clone, Debug)]
pub struct ChangedFact<'e> {
    /// The fact.
    pub fact: &'e Fact,
    /// The value it had.
    pub old: &'e str,
    /// The value it has.
    pub new: &'e str,
    /// The record it was read from, by section and id; `None` for a feature, or where a default was
    /// used.
    pub old_record: Option<(&'e str, &'e str)>,
    /// The record it is read from.
    pub new_record: Option<(&'e str, &'e str)>,
    /// Where the old deployment sets it, at the first channel.
    pub old_place: Option<Span>,
    /// Where the new one does.
    pub new_place: Option<Span>,
    /// Why it changed where its setting does not say so: `enabled in headquarters`, `1070 has run
    /// since`.
    pub why: Vec<String>,
}

/// One way in which decisions of an operation change.
#[derive(Clone, Debug)]
pub struct Effect<'e> {
    /// The operation.
    pub operation: OperationId,
    /// What happened before; `None` where the situation was impossible.
    pub old: Option<Decision<'e>>,
    /// What happens now.
    pub new: Option<Decision<'e>>,
    /// How many decisions change so, over all channels of the cause.
    pub decisions: u64,
    /// One of those channels.
    pub channel: Channel<'e>,
    /// One of the situations: the first, in which most is as usual.
    pub example: Situation,
}

impl Effect<'_> {
    /// Whether the operation ends otherwise than before.
    pub fn changes_outcome(&self) -> bool {
        self.outcomes().0 != self.outcomes().1
    }

    fn outcomes(&self) -> (Option<Outcome>, Option<Outcome>) {
        (self.old.map(Decision::outcome), self.new.map(Decision::outcome))
    }
}

/// The difference between two configurations that channels have.
pub(super) struct PairDifference {
    /// How many decisions there are to compare.
    pub(super) decisions: u64,
    /// What changes, by the facts that it takes.
    pub(super) changes: BTreeMap<Vec<FactId>, BTreeMap<Change, Situations>>,
}

/// Another rule decides an operation.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    pub(super) operation: OperationId,
    pub(super) old: Cell,
    pub(super) new: Cell,
}

/// Facts, and the situations that end otherwise because of them, with their cells.
pub(super) type Attributed = (Vec<FactId>, Vec<(Situation, Cell, Cell)>);

/// How many situations, and the first of them.
pub(super) struct Situations {
    pub(super) count: u64,
    pub(super) first: Situation,
}

/// Compares every decision of the channels that two deployments have in common. Both engines must
/// be of the same rules.
pub fn compare<'e>(old: &'e Engine, new: &'e Engine) -> Compared<'e> {
    let comparison = PairComparison::new(old, new);
    let mut known: HashMap<(&Configuration, &Configuration), PairDifference> = HashMap::new();
    let mut causes = Causes::new(old, new);
    let (mut removed, mut channels, mut decisions) = (Vec::new(), 0, 0);
    for before in old.channels() {
        let Some(after) = counterpart(new, before) else {
            removed.push(before);
            continue;
        };
        let (from, to) = (before.configuration(), after.configuration());
        let difference =
            known.entry((from, to)).or_insert_with(|| comparison.run(before, after, from, to));
        channels += 1;
        decisions += difference.decisions;
        causes.add(before, after, difference);
    }
    let added = new.channels().filter(|after| counterpart(old, *after).is_none()).collect();
    Compared { removed, added, channels, decisions, causes: causes.finish() }
}

/// The channel of another engine with the same id.
pub(super) fn counterpart<'e>(engine: &'e Engine, channel: Channel<'_>) -> Option<Channel<'e>> {
    engine.channel_at(engine.deployment().find(SectionName::Channel, channel.id())?)
}

/// Compares configurations.
pub(super) struct PairComparison<'a> {
    rules: &'a Rules,
    compiler: Compiler<'a>,
    /// The newer of both versions, in which facts of both exist.
    version: Version,
}

impl<'a> PairComparison<'a> {
    pub(super) fn new(old: &'a Engine, new: &'a Engine) -> Self {
        let version = old.deployment().version().max(new.deployment().version());
        Self { rules: new.rules(), compiler: Compiler::new(new.rules()), version }
    }

    fn run(
        &self,
        before: Channel<'_>,
        after: Channel<'_>,
        from: &Configuration,
        to: &Configuration,
    ) -> PairDifference {
        let mut difference = PairDifference { decisions: 0, changes: BTreeMap::new() };
        let changed = from.differing(to);
        for operation in self.rules.operation_ids() {
            let (old, new) = (before.table().cells(operation), after.table().cells(operation));
            let decided =
                old.iter().zip(new).filter(|(old, new)| old.is_decision() || new.is_decision());
            difference.decisions += decided.count() as u64;
            if old != new {
                let facts = self.facts(operation, &changed);
                self.attribute(operation, (old, new), (from, to), &facts, &mut difference);
            }
        }
        difference
    }

    /// Those of the changed facts that an operation's decisions may depend on.
    fn facts(&self, operation: OperationId, changed: &[FactId]) -> Vec<FactId> {
        let mut relevant = self.rules.mentioned(self.rules.operation(operation));
        relevant.extend(
            self.rules.impossible.iter().flat_map(|it| &it.when).map(|condition| condition.fact),
        );
        let required: Vec<FactId> =
            relevant.iter().flat_map(|id| self.rules.fact(*id).requires.clone()).collect();
        changed
            .iter()
            .copied()
            .filter(|fact| relevant.contains(fact) || required.contains(fact))
            .collect()
    }

    /// Finds for each situation in which an operation is decided otherwise the fewest facts that
    /// make it so.
    fn attribute(
        &self,
        operation: OperationId,
        (old, new): (&[Cell], &[Cell]),
        (from, to): (&Configuration, &Configuration),
        facts: &[FactId],
        difference: &mut PairDifference,
    ) {
        for (facts, explained) in self.attributed(operation, (old, new), (from, to), facts) {
            let changes = difference.changes.entry(facts).or_default();
            for (situation, old, new) in explained {
                let change = changes.entry(Change { operation, old, new });
                change.or_insert(Situations { count: 0, first: situation }).count += 1;
            }
        }
    }

    /// The situations in which an operation is decided otherwise, by the facts that make it so.
    fn attributed(
        &self,
        operation: OperationId,
        (old, new): (&[Cell], &[Cell]),
        (from, to): (&Configuration, &Configuration),
        facts: &[FactId],
    ) -> Vec<Attributed> {
        let mut attributed = Vec::new();
        let declared = self.rules.operation(operation);
        let mut open: Vec<(Situation, Cell, Cell)> = Situation::all()
            .zip(old.iter().zip(new))
            .filter(|(_, (old, new))| old != new)
            .map(|(situation, (old, new))| (situation, *old, *new))
            .collect();
        for some in subsets(facts) {
            if open.is_empty() {
                break;
            }
            let all = some.len() == facts.len();
            let cells =
                self.compiler.cells(declared, &from.with(to, &some, self.rules, self.version));
            let (explained, left) = open
                .into_iter()
                .partition(|(situation, _, new)| all || cells.get(situation.index()) == Some(new));
            open = left;
            let explained: Vec<(Situation, Cell, Cell)> = explained;
            if !explained.is_empty() {
                attributed.push((some, explained));
            }
        }
        attributed
    }

    /// The same for an operation of a channel, as it was and as it is.
    pub(super) fn between(
        &self,
        operation: OperationId,
        before: Channel<'_>,
        after: Channel<'_>,
    ) -> Vec<Attributed> {
        let (from, to) = (before.configuration(), after.configuration());
        let cells = (before.table().cells(operation), after.table().cells(operation));
        let facts = self.facts(operation, &from.differing(to));
        self.attributed(operation, cells, (from, to), &facts)
    }
}

/// Every set of some of the facts, the small ones first, none left out of those of up to ten facts;
/// at last all facts.
fn subsets(facts: &[FactId]) -> Vec<Vec<FactId>> {
    const MOST: usize = 10;
    let few = facts.len().min(MOST);
    let mut masks: Vec<u32> = (1..1 << few).collect();
    masks.sort_by_key(|mask| (mask.count_ones(), *mask));
    let chosen = |mask: &u32| {
        let chosen =
            facts.iter().take(few).enumerate().filter(|(number, _)| mask >> number & 1 == 1);
        chosen.map(|(_, fact)| *fact).collect()
    };
    let mut subsets: Vec<Vec<FactId>> = masks.iter().map(chosen).collect();
    if facts.len() > few {
        subsets.push(facts.to_vec());
    }
    subsets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subsets_go_from_few_facts_to_all() {
        let facts: Vec<FactId> = (0..3).filter_map(FactId::checked).collect();
        let sizes: Vec<usize> = subsets(&facts).iter().map(Vec::len).collect();
        assert_eq!(sizes, [1, 1, 1, 2, 2, 2, 3]);
        assert!(subsets(&[]).is_empty());
        let many: Vec<FactId> = (0..12).filter_map(FactId::checked).collect();
        assert_eq!(subsets(&many).last(), Some(&many));
    }
}
