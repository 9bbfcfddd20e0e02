//! Why a decision is as it is, and what would change it.

use super::decide::{Channel, Decision, NotPossible};
use super::space::Assignment;
use crate::diagnostic::Span;
use crate::model::{
    Fact, FactId, Fields, KeyName, OperationId, Origin, Outcome, Rule, SectionName, Situation,
    indexed,
};
use std::fmt;

/// A fact with one of its values.
#[derive(Clone, Copy, Debug)]
pub struct FactValue<'e> {
    /// The fact.
    pub fact: &'e Fact,
    /// The word of the value.
    pub word: &'e str,
    /// Whether the request or the deployment gives it; what is not given has its default.
    pub is_given: bool,
}

/// The condition that kept a rule from deciding.
#[derive(Clone, Debug)]
pub struct Failed<'e> {
    /// The fact and the value it has.
    pub found: FactValue<'e>,
    /// The words it would need.
    pub needed: Vec<&'e str>,
    /// Where the deployment sets it; `None` for a fact of the situation, or where nothing is there
    /// to point at.
    pub place: Option<Span>,
}

/// A rule that was tried.
#[derive(Clone, Debug)]
pub struct TriedRule<'e> {
    /// The rule.
    pub rule: &'e Rule,
    /// The first condition that did not hold; `None` for the rule that decided.
    pub failed: Option<Failed<'e>>,
}

/// What would be if a single fact were otherwise.
#[derive(Clone, Debug)]
pub struct Change<'e> {
    /// The fact and the value it has.
    pub found: FactValue<'e>,
    /// The value that it would have.
    pub to: &'e str,
    /// How the operation would end.
    pub outcome: Outcome,
    /// The rule that would decide.
    pub rule: &'e Rule,
    /// Where the deployment sets the fact.
    pub place: Option<Span>,
}

impl fmt::Display for Change<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} were {}: then {} by {}",
            self.found.fact.id, self.to, self.outcome, self.rule.id
        )
    }
}

/// The rules tried for one request, in order, and what would change the outcome.
#[derive(Clone, Debug)]
pub struct Trace<'e> {
    decision: Decision<'e>,
    tried: Vec<TriedRule<'e>>,
    changes: Vec<Change<'e>>,
    assumed: Vec<FactValue<'e>>,
}

impl<'e> Trace<'e> {
    /// The decision, which is the one that [`Channel::decide`] gives.
    pub fn decision(&self) -> Decision<'e> {
        self.decision
    }

    /// The rules tried, the last of which decided.
    pub fn tried(&self) -> &[TriedRule<'e>] {
        &self.tried
    }

    /// What the rules looked at on the way and the deployment does not give: the decision rests on
    /// its defaults.
    pub fn assumed(&self) -> &[FactValue<'e>] {
        &self.assumed
    }

    /// The single facts whose change would change the outcome.
    pub fn would_change(&self) -> &[Change<'e>] {
        &self.changes
    }
}

/// The values of all facts of a channel in a situation.
pub(super) fn assignment(channel: Channel<'_>, situation: Situation) -> Assignment {
    let rules = channel.engine().rules();
    let mut assignment = Assignment::defaults(rules);
    for id in rules.fact_ids() {
        assignment.set(id, value(channel, situation, id));
    }
    assignment
}

/// The value of a fact of a channel in a situation.
pub(super) fn value(channel: Channel<'_>, situation: Situation, id: FactId) -> usize {
    match channel.engine().rules().fact(id).origin {
        Origin::Situation(fact) => situation.value(fact),
        Origin::Setting { .. } | Origin::Feature(_) => channel.configuration().value(id),
    }
}

impl<'e> Channel<'e> {
    /// The same decision as [`Channel::decide`], with every rule tried on the way and what would
    /// change it.
    ///
    /// # Errors
    ///
    /// As [`Channel::decide`].
    pub fn trace(
        self,
        operation: OperationId,
        situation: Situation,
    ) -> Result<Trace<'e>, NotPossible> {
        let decision = self.decide(operation, situation)?;
        let rules = self.engine().rules();
        let values = assignment(self, situation);
        let (mut tried, mut assumed) = (Vec::new(), Vec::new());
        for rule in rules.rules_of(rules.operation(operation)) {
            self.assume(rule, &values, &mut assumed);
            let failed = self.failed(rule, &values);
            let decided = failed.is_none();
            tried.push(TriedRule { rule, failed });
            if decided {
                break;
            }
        }
        let mut changes = self.changes(operation, &values);
        changes.retain(|change| change.outcome != decision.outcome());
        Ok(Trace { decision, tried, changes, assumed })
    }

    /// What a decision rests on that the deployment does not give.
    pub fn assumed(self, operation: OperationId, situation: Situation) -> Vec<FactValue<'e>> {
        let rules = self.engine().rules();
        let values = assignment(self, situation);
        let mut assumed = Vec::new();
        for rule in rules.rules_of(rules.operation(operation)) {
            self.assume(rule, &values, &mut assumed);
            if rule.when.iter().all(|condition| condition.allows(values.value(condition.fact))) {
                break;
            }
        }
        assumed
    }

    /// Whether the value of each fact is given, by the request or by the deployment.
    pub fn given(self) -> Vec<bool> {
        self.engine().rules().facts.iter().map(|fact| self.is_given(fact)).collect()
    }

    fn value_of(self, id: FactId, values: &Assignment) -> FactValue<'e> {
        let fact = self.engine().rules().fact(id);
        FactValue {
            fact,
            word: indexed(&fact.words, values.value(id)).as_str(),
            is_given: self.is_given(fact),
        }
    }

    /// Adds what a rule looks at, up to the first condition that does not hold, and the deployment
    /// does not give.
    fn assume(self, rule: &Rule, values: &Assignment, assumed: &mut Vec<FactValue<'e>>) {
        for condition in &rule.when {
            let value = self.value_of(condition.fact, values);
            if !value.is_given && assumed.iter().all(|other| other.fact.id != value.fact.id) {
                assumed.push(value);
            }
            if !condition.allows(values.value(condition.fact)) {
                break;
            }
        }
    }

    /// Whether the value of a fact is given, by the request or by the deployment; a feature's where
    /// it follows from what is given, also of those that it requires.
    fn is_given(self, fact: &Fact) -> bool {
        match &fact.origin {
            Origin::Situation(_) => true,
            Origin::Setting { section, key } => {
                self.source_of(fact).is_some_and(|record| record.value(key).is_some())
                    && self.engine().deployment().is_reach_known(self.record(), section)
            }
            Origin::Feature(feature) => self.engine().states().get(*feature).is_known,
        }
    }

    fn failed(self, rule: &Rule, values: &Assignment) -> Option<Failed<'e>> {
        let condition =
            rule.when.iter().find(|condition| !condition.allows(values.value(condition.fact)))?;
        let found = self.value_of(condition.fact, values);
        let needed =
            found.fact.words.iter().enumerate().filter(|(number, _)| condition.allows(*number));
        let needed = needed.map(|(_, word)| word.as_str()).collect();
        Some(Failed { found, needed, place: self.place_of(found.fact) })
    }

    /// What every single fact would change, were it otherwise: also those that leave the outcome as
    /// it is.
    pub fn alternatives(self, operation: OperationId, situation: Situation) -> Vec<Change<'e>> {
        self.changes(operation, &assignment(self, situation))
    }

    fn changes(self, operation: OperationId, values: &Assignment) -> Vec<Change<'e>> {
        let rules = self.engine().rules();
        let declared = rules.operation(operation);
        let facts = rules.mentioned(declared);
        let mut changes = Vec::new();
        for id in &facts {
            let found = self.value_of(*id, values);
            for (number, to) in found.fact.words.iter().enumerate() {
                let mut other = values.clone();
                other.set(*id, number);
                if number == values.value(*id) || other.is_impossible(rules, &facts) {
                    continue;
                }
                let Some(rule) = other.decide(rules, declared) else { continue };
                let place = self.place_of(found.fact);
                changes.push(Change { found, to, outcome: rule.outcome, rule, place });
            }
        }
        changes
    }

    /// Where the deployment sets a fact of this channel: the value, else the record that lacks it.
    pub fn place_of(self, fact: &Fact) -> Option<Span> {
        let deployment = self.engine().deployment();
        match &fact.origin {
            Origin::Situation(_) => None,
            Origin::Setting { section, key } => {
                Some(deployment.reach(self.record(), section)?.span(key))
            }
            Origin::Feature(feature) => match deployment.feature(*feature) {
                Some(record) => Some(record.span(KeyName::Enabled)),
                None => deployment.header(SectionName::Features),
            },
        }
    }

    /// The record of the deployment that a setting is read from for this channel; `None` for a fact
    /// of another origin, or where the channel leads to no record.
    pub fn source_of(self, fact: &Fact) -> Option<Fields<'e>> {
        match &fact.origin {
            Origin::Setting { section, .. } => {
                self.engine().deployment().reach(self.record(), section)
            }
            Origin::Situation(_) | Origin::Feature(_) => None,
        }
    }
}
