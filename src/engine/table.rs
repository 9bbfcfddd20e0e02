//! The decision table of a configuration: a cell for each operation and situation.

use super::fold::Configuration;
use crate::model::{
    Condition, Operation, OperationId, Origin, Outcome, RuleId, Rules, Situation, SituationFact,
    indexed,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What one cell says, in 16 bits: the outcome above, the rule below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Cell(u16);

impl Cell {
    // Two bits are left for the outcome, of which there are three: the fourth value marks the cells
    // without a decision.
    const RULE_BITS: u16 = 14;
    /// The operation cannot be tried in that situation.
    pub(crate) const IMPOSSIBLE: Self = Self(u16::MAX);
    /// No rule decides, which `verify` reports.
    pub(crate) const UNDECIDED: Self = Self(u16::MAX - 1);

    /// Ids of rules fit below the outcome by what [`RuleId`] declares.
    fn new(rule: RuleId, outcome: Outcome) -> Self {
        const { assert!(RuleId::MOST == 1 << Self::RULE_BITS) };
        Self((outcome as u16) << Self::RULE_BITS | rule.number())
    }

    /// Whether it holds a decision.
    #[inline]
    pub(crate) fn is_decision(self) -> bool {
        self.0 >> Self::RULE_BITS != 3
    }

    #[inline]
    pub(crate) fn outcome(self) -> Outcome {
        match self.0 >> Self::RULE_BITS {
            0 => Outcome::Sync,
            1 => Outcome::Async,
            _ => Outcome::Rejected,
        }
    }

    #[inline]
    pub(crate) fn rule(self) -> RuleId {
        RuleId::from_number(self.0 & ((1 << Self::RULE_BITS) - 1))
    }
}

/// A cell for each operation and situation of one configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionTable {
    cells: Box<[Cell]>,
}

impl DecisionTable {
    /// The cell of an operation in a situation.
    #[inline]
    pub(crate) fn cell(&self, operation: OperationId, situation: Situation) -> Option<Cell> {
        self.cells.get(operation.index() * Situation::COUNT + situation.index()).copied()
    }

    /// The cells of an operation, by situation.
    #[expect(clippy::expect_used, reason = "a table has cells for all operations of its rules")]
    pub(crate) fn cells(&self, operation: OperationId) -> &[Cell] {
        let (operations, _) = self.cells.as_chunks::<{ Situation::COUNT }>();
        operations.get(operation.index()).expect("the operation is of the table's rules")
    }

    /// How many of its cells hold a decision.
    pub fn decisions(&self) -> usize {
        self.cells.iter().filter(|cell| cell.is_decision()).count()
    }
}

/// Folds configurations into rules.
pub(crate) struct Compiler<'a> {
    sets: SituationSets<'a>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(rules: &'a Rules) -> Self {
        Self { sets: SituationSets::new(rules) }
    }

    /// The table of a configuration.
    pub(crate) fn table(&self, configuration: &Configuration) -> DecisionTable {
        let operations = &self.sets.rules.operations;
        let mut cells = vec![Cell::UNDECIDED; operations.len() * Situation::COUNT];
        let impossible = self.impossible(configuration);
        for (operation, cells) in operations.iter().zip(cells.chunks_exact_mut(Situation::COUNT)) {
            self.fill(cells, operation, configuration, impossible);
        }
        DecisionTable { cells: cells.into() }
    }

    /// The cells of one operation, by situation.
    pub(crate) fn cells(&self, operation: &Operation, configuration: &Configuration) -> Vec<Cell> {
        let mut cells = vec![Cell::UNDECIDED; Situation::COUNT];
        self.fill(&mut cells, operation, configuration, self.impossible(configuration));
        cells
    }

    fn impossible(&self, configuration: &Configuration) -> Situations {
        let impossible = self.sets.rules.impossible.iter();
        let holding =
            impossible.filter_map(|impossible| self.sets.holding(&impossible.when, configuration));
        holding.fold(Situations::NONE, Situations::union)
    }

    fn fill(
        &self,
        cells: &mut [Cell],
        operation: &Operation,
        configuration: &Configuration,
        impossible: Situations,
    ) {
        let mut open = Situations::ALL.minus(impossible);
        impossible.each(|situation| set(cells, situation, Cell::IMPOSSIBLE));
        let rules = self.sets.rules;
        for id in rules.rule_ids_of(operation) {
            let rule = rules.rule(id);
            let Some(holding) = self.sets.holding(&rule.when, configuration) else { continue };
            open.both(holding).each(|situation| set(cells, situation, Cell::new(id, rule.outcome)));
            // The first rule that holds decides: the ones after it are not asked there.
            open = open.minus(holding);
        }
    }
}

fn set(cells: &mut [Cell], situation: usize, cell: Cell) {
    if let Some(place) = cells.get_mut(situation) {
        *place = cell;
    }
}

/// A set of situations, a bit for each.
#[derive(Clone, Copy, Debug)]
struct Situations([u64; 4]);

impl Situations {
    const NONE: Self = Self([0; 4]);
    // Without the bits beyond the last situation, of which `each` would make situations.
    const ALL: Self = Self([u64::MAX, u64::MAX, u64::MAX, (1 << (Situation::COUNT - 192)) - 1]);

    fn of(includes: impl Fn(Situation) -> bool) -> Self {
        let mut set = Self::NONE;
        for situation in Situation::all().filter(|situation| includes(*situation)) {
            let index = situation.index();
            if let Some(word) = set.0.get_mut(index / 64) {
                *word |= 1 << (index % 64);
            }
        }
        set
    }

    fn zip(self, other: Self, join: impl Fn(u64, u64) -> u64) -> Self {
        let mut joined = self.0;
        joined.iter_mut().zip(other.0).for_each(|(word, other)| *word = join(*word, other));
        Self(joined)
    }

    fn union(self, other: Self) -> Self {
        self.zip(other, |one, two| one | two)
    }

    fn both(self, other: Self) -> Self {
        self.zip(other, |one, two| one & two)
    }

    fn minus(self, other: Self) -> Self {
        self.zip(other, |one, two| one & !two)
    }

    fn each(self, mut visit: impl FnMut(usize)) {
        for (number, word) in self.0.into_iter().enumerate() {
            let mut rest = word;
            while rest != 0 {
                visit(number * 64 + rest.trailing_zeros() as usize);
                rest &= rest - 1;
            }
        }
    }
}

/// The situations in which a fact has a value.
fn having(fact: SituationFact, value: usize) -> Situations {
    Situations::of(|candidate| candidate.value(fact) == value)
}

/// For each fact of a situation and each of its values, the situations that have it.
struct SituationSets<'a> {
    rules: &'a Rules,
    sets: Vec<Vec<Situations>>,
}

impl<'a> SituationSets<'a> {
    fn new(rules: &'a Rules) -> Self {
        let sets = rules.facts.iter().map(|fact| match fact.origin {
            Origin::Situation(situation) => {
                (0..fact.words.len()).map(|value| having(situation, value)).collect()
            }
            Origin::Setting { .. } | Origin::Feature(_) => Vec::new(),
        });
        Self { rules, sets: sets.collect() }
    }

    /// The situations in which all conditions hold; `None` where the configuration already rules
    /// them out.
    fn holding(&self, when: &[Condition], configuration: &Configuration) -> Option<Situations> {
        when.iter().try_fold(Situations::ALL, |holding, condition| {
            if let Origin::Situation(_) = self.rules.fact(condition.fact).origin {
                let values = indexed(&self.sets, condition.fact.index()).iter().enumerate();
                let allowed =
                    values.filter(|(value, _)| condition.allows(*value)).map(|(_, set)| *set);
                return Some(holding.both(allowed.fold(Situations::NONE, Situations::union)));
            }
            // A setting or a feature is the same in all situations of a configuration.
            condition.allows(configuration.value(condition.fact)).then_some(holding)
        })
    }
}

/// The tables of all configurations met so far.
#[derive(Clone, Debug)]
pub struct DecisionTables {
    rules: Arc<Rules>,
    known: BTreeMap<Configuration, Arc<DecisionTable>>,
}

impl DecisionTables {
    /// No tables yet, for these rules.
    pub fn new(rules: &Arc<Rules>) -> Self {
        Self { rules: Arc::clone(rules), known: BTreeMap::new() }
    }

    /// The table of a configuration, compiled where it is not known yet.
    pub fn get(&mut self, configuration: &Configuration) -> Arc<DecisionTable> {
        if let Some(table) = self.known.get(configuration) {
            return Arc::clone(table);
        }
        let table = Arc::new(Compiler::new(&self.rules).table(configuration));
        self.known.insert(configuration.clone(), Arc::clone(&table));
        table
    }

    /// How many different configurations there are.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_situations_are_joined_as_sets_are() {
        let of = |numbers: &[usize]| Situations::of(|it| numbers.contains(&it.index()));
        let numbers = |set: Situations| {
            let mut numbers = Vec::new();
            set.each(|number| numbers.push(number));
            numbers
        };
        // What is in both counts once.
        let (one, other) = (of(&[0, 63, 64, 215]), of(&[1, 63, 130, 215]));
        assert_eq!(numbers(one.union(other)), [0, 1, 63, 64, 130, 215]);
        assert_eq!(numbers(one.both(other)), [63, 215]);
        assert_eq!(numbers(one.minus(other)), [0, 64]);
        assert_eq!(numbers(Situations::NONE), [0; 0]);
        assert!(numbers(Situations::ALL).into_iter().eq(0..Situation::COUNT));
    }

    #[test]
    fn what_cannot_be_is_told_from_what_nothing_decides() {
        assert_ne!(Cell::IMPOSSIBLE, Cell::UNDECIDED);
        assert!(!Cell::IMPOSSIBLE.is_decision() && !Cell::UNDECIDED.is_decision());
    }
}
