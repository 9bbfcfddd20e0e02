//! A channel's facts, as the deployment gives them.

use super::space::set_value;
use crate::features::States;
use crate::model::{
    Deployment, Fact, FactId, FeatureId, Fields, Origin, Rules, SectionName, Version, indexed,
};
use std::collections::BTreeSet;

/// What channels know of headquarters, where that may differ from what the deployment says.
pub trait Known {
    /// Whether channels decide by a feature.
    fn is_effective(&self, feature: FeatureId) -> bool;

    /// The value that channels know of a functionality profile's setting; `None` for the
    /// deployment's own.
    fn setting(&self, _profile: &str, _key: &str) -> Option<bool> {
        None
    }
}

impl Known for States {
    fn is_effective(&self, feature: FeatureId) -> bool {
        Self::is_effective(self, feature)
    }
}

/// The values of all facts that do not come from the situation, by fact; those that nothing depends
/// on are left at 0, so that channels which behave alike have equal configurations.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Configuration {
    values: Box<[u8]>,
}

impl Configuration {
    /// The facts of a channel; `Err` names a fact that must be given and is not.
    pub(crate) fn of(
        deployment: &Deployment,
        known: &impl Known,
        channel: Fields<'_>,
    ) -> Result<Self, String> {
        let rules = deployment.rules();
        let mut configuration = Self { values: vec![0; rules.facts.len()].into() };
        for id in relevant(rules) {
            let fact = rules.fact(id);
            let value = match &fact.origin {
                Origin::Situation(_) => continue,
                Origin::Feature(feature) => Some(usize::from(known.is_effective(*feature))),
                Origin::Setting { section, key } => {
                    given(deployment, known, channel, fact, (section, key)).or(fact.default)
                }
            };
            configuration.set(id, value.ok_or_else(|| fact.id.clone())?);
        }
        configuration.normalize(rules, deployment.version());
        Ok(configuration)
    }

    /// The number of a fact's value.
    pub fn value(&self, fact: FactId) -> usize {
        usize::from(*indexed(&self.values, fact.index()))
    }

    /// The facts in which another configuration differs.
    pub fn differing(&self, other: &Self) -> Vec<FactId> {
        let numbers = self.values.iter().zip(&other.values).enumerate();
        let differing = numbers.filter(|(_, (own, other))| own != other);
        differing.filter_map(|(index, _)| FactId::checked(index)).collect()
    }

    /// The same with the values that `other` has of some facts.
    pub(crate) fn with(
        &self,
        other: &Self,
        facts: &[FactId],
        rules: &Rules,
        version: Version,
    ) -> Self {
        let mut changed = self.clone();
        for fact in facts {
            changed.set(*fact, other.value(*fact));
        }
        changed.normalize(rules, version);
        changed
    }

    /// Gives a fact another value.
    pub(crate) fn set(&mut self, fact: FactId, value: usize) {
        set_value(&mut self.values, fact, value);
    }

    /// Facts whose version has not come or whose requirement is not met count as their default.
    pub(crate) fn normalize(&mut self, rules: &Rules, version: Version) {
        for (id, fact) in rules.fact_ids().zip(&rules.facts) {
            let too_new = fact.since.is_some_and(|since| since > version);
            let unmet = fact.requires.iter().any(|required| self.value(*required) == 0);
            if (too_new || unmet) && self.value(id) != 0 {
                self.set(id, fact.default_or_first());
            }
        }
    }
}

/// The value that a fact has, as far as the deployment or the channels' knowledge gives one.
fn given(
    deployment: &Deployment,
    known: &impl Known,
    channel: Fields<'_>,
    fact: &Fact,
    (section, key): (&str, &str),
) -> Option<usize> {
    let reached = deployment.reach(channel, section)?;
    let is_profile = deployment.rules().format.is(section, SectionName::FunctionalityProfile);
    let known = if is_profile { known.setting(&reached.record.id, key) } else { None };
    let word = match known {
        Some(true) => "true",
        Some(false) => "false",
        None => reached.value(key)?.as_word()?,
    };
    fact.words.iter().position(|candidate| candidate == word)
}

/// The facts that a rule or an impossible combination mentions, and what those require.
fn relevant(rules: &Rules) -> BTreeSet<FactId> {
    let mentioned = rules.rules.iter().flat_map(|rule| &rule.when);
    let mentioned =
        mentioned.chain(rules.impossible.iter().flat_map(|impossible| &impossible.when));
    let mentioned: BTreeSet<FactId> = mentioned.map(|condition| condition.fact).collect();
    let required = mentioned.iter().flat_map(|fact| &rules.fact(*fact).requires);
    required.chain(&mentioned).copied().collect()
}
