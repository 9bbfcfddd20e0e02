//! The finite space of an operation: every combination of the facts it depends on, less those that
//! cannot be.

use crate::model::{FactId, Operation, Rule, Rules, indexed};

/// A value for each fact, by number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    values: Vec<u8>,
}

impl Assignment {
    /// Every fact at its default, or at its first value.
    pub fn defaults(rules: &Rules) -> Self {
        let mut defaults = Self { values: vec![0; rules.facts.len()] };
        for (id, fact) in rules.fact_ids().zip(&rules.facts) {
            defaults.set(id, fact.default_or_first());
        }
        defaults
    }

    /// The number of a fact's value.
    pub fn value(&self, fact: FactId) -> usize {
        usize::from(*indexed(&self.values, fact.index()))
    }

    /// Gives a fact another value.
    pub fn set(&mut self, fact: FactId, value: usize) {
        set_value(&mut self.values, fact, value);
    }

    /// Whether all conditions of a rule hold.
    pub fn satisfies(&self, rule: &Rule) -> bool {
        rule.when.iter().all(|condition| condition.allows(self.value(condition.fact)))
    }

    /// The first rule of an operation whose conditions all hold, walking them in order.
    pub fn decide<'c>(&self, rules: &'c Rules, operation: &Operation) -> Option<&'c Rule> {
        rules.rules_of(operation).iter().find(|rule| self.satisfies(rule))
    }

    /// The combination in words, limited to `facts`: `connection = offline, customer = pending`.
    pub fn describe(&self, rules: &Rules, facts: &[FactId]) -> String {
        let mut text = String::new();
        for id in facts {
            let fact = rules.fact(*id);
            let word = indexed(&fact.words, self.value(*id));
            let separator = if text.is_empty() { "" } else { ", " };
            text.push_str(&format!("{separator}{} = {word}", fact.id));
        }
        if text.is_empty() { "nothing in particular".to_owned() } else { text }
    }

    /// Whether the combination cannot be, as far as it depends on `facts`.
    pub fn is_impossible(&self, rules: &Rules, facts: &[FactId]) -> bool {
        let excluded = rules.impossible.iter().any(|impossible| {
            impossible.when.iter().all(|condition| condition.allows(self.value(condition.fact)))
        });
        excluded || facts.iter().any(|id| self.lacks_requirement(rules, *id, facts))
    }

    /// Whether a fact has another value than its default without what it requires.
    fn lacks_requirement(&self, rules: &Rules, id: FactId, facts: &[FactId]) -> bool {
        let fact = rules.fact(id);
        let differs = Some(self.value(id)) != fact.default;
        differs
            && fact.requires.iter().any(|needed| facts.contains(needed) && self.value(*needed) == 0)
    }
}

/// Gives a fact another value in a list of the values of all facts.
#[expect(clippy::expect_used, reason = "rules are bound so: a fact has at most 64 values")]
pub(super) fn set_value(values: &mut [u8], fact: FactId, value: usize) {
    let place = values.get_mut(fact.index()).expect("the fact is of the list's rules");
    *place = u8::try_from(value).expect("a fact has at most 64 values");
}

/// Every combination of some facts.
#[derive(Clone, Debug)]
pub struct Space {
    facts: Vec<FactId>,
    sizes: Vec<usize>,
}

impl Space {
    /// No operation may have more combinations.
    pub const LIMIT: usize = 1 << 24;

    /// The space of the facts given.
    pub fn new(rules: &Rules, mut facts: Vec<FactId>) -> Self {
        facts.sort_unstable();
        facts.dedup();
        let sizes = facts.iter().map(|id| rules.fact(*id).words.len()).collect();
        Self { facts, sizes }
    }

    /// The facts, by number.
    pub fn facts(&self) -> &[FactId] {
        &self.facts
    }

    /// How many combinations there are, impossible ones included; `None` where they exceed
    /// [`Space::LIMIT`].
    pub fn size(&self) -> Option<usize> {
        let size = self.sizes.iter().try_fold(1_usize, |size, next| size.checked_mul(*next));
        size.filter(|size| *size <= Self::LIMIT)
    }

    /// Calls `visit` with every combination that can be; a space beyond [`Space::LIMIT`], which
    /// whoever asks tells by [`Space::size`], is not walked.
    pub fn each(&self, rules: &Rules, mut visit: impl FnMut(&Assignment)) {
        let Some(size) = self.size() else { return };
        let mut assignment = Assignment::defaults(rules);
        for number in 0..size {
            let mut rest = number;
            for (fact, size) in self.facts.iter().zip(&self.sizes).rev() {
                assignment.set(*fact, rest % size);
                rest /= size;
            }
            if !assignment.is_impossible(rules, &self.facts) {
                visit(&assignment);
            }
        }
    }
}
