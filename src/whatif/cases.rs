//! Test cases: decisions that are worth trying where the product runs, made from the rules.

use super::matrix::{Group, Matrix, combinations, mentioned_situation_facts};
use crate::engine::{Channel, Decision, Engine};
use crate::model::words;
use crate::model::{OperationId, Outcome, RuleId, Situation, SituationFact};
use std::collections::{BTreeMap, BTreeSet};

words! {
    /// What cases cover.
    Cover {
        /// Each rule that the channels reach, once.
        Rules = "rules",
        /// Pairs that differ in one fact and in outcome: each rule with each other outcome.
        Outcomes = "outcomes",
        /// Every pair of values of the facts that an operation's rules mention.
        Pairs = "pairs",
        /// Every combination of those values.
        All = "all",
    }
}

/// A request, and the decision that it must get.
#[derive(Clone, Debug)]
pub struct Case<'e> {
    /// The channel; it stands for all that decide alike.
    pub channel: Channel<'e>,
    /// The operation.
    pub operation: OperationId,
    /// The situation. What the operation's rules do not mention has its first value.
    pub situation: Situation,
    /// The facts of the situation that the operation's rules mention.
    pub facts: Vec<SituationFact>,
    /// The decision.
    pub decision: Decision<'e>,
    /// The number of the pair that it is one of, from 1.
    pub pair: Option<usize>,
}

/// Calls `visit` with every case, in the order of the operations, until it fails.
///
/// # Errors
///
/// Those of `visit`.
pub fn each_case<'e, E>(
    engine: &'e Engine,
    cover: Cover,
    mut visit: impl FnMut(Case<'e>) -> Result<(), E>,
) -> Result<(), E> {
    let matrix = Matrix::of(engine);
    let mut pairs = 0;
    for operation in engine.rules().operation_ids() {
        let facts = mentioned_situation_facts(engine.rules(), operation);
        let tried = Tried { engine, operation, situations: by_simplicity(&facts), facts };
        let cases = match cover {
            Cover::Rules => tried.rules(matrix.groups()),
            Cover::Outcomes => tried.outcomes(matrix.groups(), &mut pairs),
            Cover::Pairs => tried.each_group(matrix.groups(), Tried::pairs),
            Cover::All => tried.each_group(matrix.groups(), Tried::all),
        };
        cases.into_iter().try_for_each(&mut visit)?;
    }
    Ok(())
}

/// Every combination of the values of some facts, those that are most like an ordinary moment
/// first.
fn by_simplicity(facts: &[SituationFact]) -> Vec<Situation> {
    let mut situations = combinations(facts);
    let unusual = |situation: &Situation| {
        SituationFact::ALL.iter().filter(|fact| situation.value(**fact) != 0).count()
    };
    situations.sort_by_key(|situation| (unusual(situation), *situation));
    situations
}

/// An operation that is tried.
struct Tried<'e> {
    engine: &'e Engine,
    operation: OperationId,
    facts: Vec<SituationFact>,
    /// Every combination of these facts.
    situations: Vec<Situation>,
}

/// Two values of two facts, or of an operation with one fact a value of that.
type ValuePair = [(SituationFact, usize); 2];

impl<'e> Tried<'e> {
    fn case(&self, group: &Group<'e>, situation: Situation) -> Option<Case<'e>> {
        Some(Case {
            channel: *group.channels().first()?,
            operation: self.operation,
            situation,
            facts: self.facts.clone(),
            decision: group.decide(self.engine, self.operation, situation)?,
            pair: None,
        })
    }

    /// Every combination that a group can be in.
    fn all(&self, group: &Group<'e>) -> Vec<Case<'e>> {
        let mut cases: Vec<Case<'e>> =
            self.situations.iter().filter_map(|it| self.case(group, *it)).collect();
        cases.sort_by_key(|case| case.situation);
        cases
    }

    fn each_group(
        &self,
        groups: &[Group<'e>],
        cases: fn(&Self, &Group<'e>) -> Vec<Case<'e>>,
    ) -> Vec<Case<'e>> {
        groups.iter().flat_map(|group| cases(self, group)).collect()
    }

    /// The simplest case of each rule, in the order of the rules.
    fn rules(&self, groups: &[Group<'e>]) -> Vec<Case<'e>> {
        let mut simplest: BTreeMap<RuleId, Case<'e>> = BTreeMap::new();
        for situation in &self.situations {
            for case in groups.iter().filter_map(|group| self.case(group, *situation)) {
                simplest.entry(case.decision.rule_id()).or_insert(case);
            }
        }
        simplest.into_values().collect()
    }

    /// Two cases for each rule and each other outcome that one fact is away from it.
    fn outcomes(&self, groups: &[Group<'e>], pairs: &mut usize) -> Vec<Case<'e>> {
        let mut covered: BTreeSet<(RuleId, Outcome)> = BTreeSet::new();
        let mut cases = Vec::new();
        for situation in &self.situations {
            for one in
                groups.iter().filter_map(|group| Some((group, self.case(group, *situation)?)))
            {
                let (group, one) = one;
                for other in self.neighbours(*situation).filter_map(|it| self.case(group, it)) {
                    let (rule, outcome) = (one.decision.rule_id(), other.decision.outcome());
                    if one.decision.outcome() == outcome || !covered.insert((rule, outcome)) {
                        continue;
                    }
                    covered.insert((other.decision.rule_id(), one.decision.outcome()));
                    *pairs += 1;
                    let pair = Some(*pairs);
                    cases.extend([Case { pair, ..one.clone() }, Case { pair, ..other }]);
                }
            }
        }
        cases
    }

    /// The situations that differ in one of the facts.
    fn neighbours(&self, situation: Situation) -> impl Iterator<Item = Situation> {
        let others = move |fact: &SituationFact| {
            let (fact, values) = (*fact, (0..).take(fact.words().len()));
            values.map(move |value| situation.with(fact, value))
        };
        self.facts.iter().flat_map(others).filter(move |other| *other != situation)
    }

    /// A few cases that have every pair of values which a group can be in.
    fn pairs(&self, group: &Group<'e>) -> Vec<Case<'e>> {
        let mut left: Vec<Case<'e>> =
            self.situations.iter().filter_map(|it| self.case(group, *it)).collect();
        let mut open: BTreeSet<ValuePair> =
            left.iter().flat_map(|case| self.value_pairs(case.situation)).collect();
        let mut cases = Vec::new();
        loop {
            let new = |case: &Case<'e>| {
                self.value_pairs(case.situation).iter().filter(|it| open.contains(*it)).count()
            };
            // Of those that have the most, the simplest, which stands first.
            let most = left.iter().enumerate().rev().max_by_key(|(_, case)| new(case));
            let Some((number, _)) = most.filter(|(_, case)| new(case) > 0) else { break };
            let case = left.remove(number);
            for pair in self.value_pairs(case.situation) {
                open.remove(&pair);
            }
            cases.push(case);
        }
        // An operation that no fact matters to has one case.
        if self.facts.is_empty() {
            cases.extend(left.into_iter().next());
        }
        cases
    }

    fn value_pairs(&self, situation: Situation) -> Vec<ValuePair> {
        let value = |fact: &SituationFact| (*fact, situation.value(*fact));
        if let [alone] = self.facts.as_slice() {
            return vec![[value(alone), value(alone)]];
        }
        let pairs = self.facts.iter().enumerate().flat_map(|(number, one)| {
            let others = self.facts.iter().skip(number + 1);
            others.map(move |other| [value(one), value(other)])
        });
        pairs.collect()
    }
}
