//! A channel's facts, as the deployment gives them.

use crate::features::States;
use crate::model::{Catalogue, Deployment, Fact, FactId, FeatureId, Fields, Origin, Version};

/// What channels know of headquarters, where that may differ from what the deployment says.
pub trait Known {
    /// Whether channels decide by a feature.
    fn is_effective(&self, feature: FeatureId) -> bool;

    /// The value that channels know of a setting; `None` for the deployment's own.
    fn setting(&self, section: &str, record: &str, key: &str) -> Option<bool> {
        let _ = (section, record, key);
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
        let catalogue = deployment.rules();
        let mut configuration = Self { values: vec![0; catalogue.facts.len()].into() };
        for index in relevant(catalogue) {
            let Some(fact) = catalogue.facts.get(index) else { continue };
            let value = match &fact.origin {
                Origin::Situation(_) => continue,
                Origin::Feature(feature) => Some(usize::from(known.is_effective(*feature))),
                Origin::Setting { section, key } => {
                    given(deployment, known, channel, fact, (section, key)).or(fact.default)
                }
            };
            configuration.set(index, value.ok_or_else(|| fact.id.clone())?);
        }
        configuration.normalize(catalogue, deployment.version());
        Ok(configuration)
    }

    /// The number of the value of the fact with this index.
    pub fn value(&self, index: usize) -> usize {
        self.values.get(index).copied().map_or(0, usize::from)
    }

    /// The facts in which another configuration differs.
    pub fn differing(&self, other: &Self) -> Vec<FactId> {
        let pairs = self.values.iter().zip(&other.values).enumerate();
        pairs
            .filter(|(_, (own, other))| own != other)
            .map(|(index, _)| FactId::new(index))
            .collect()
    }

    /// The same with the values that `other` has of some facts.
    pub(crate) fn with(
        &self,
        other: &Self,
        facts: &[FactId],
        catalogue: &Catalogue,
        version: Version,
    ) -> Self {
        let mut changed = self.clone();
        for fact in facts {
            changed.set(fact.index(), other.value(fact.index()));
        }
        changed.normalize(catalogue, version);
        changed
    }

    /// Gives the fact with this index another value.
    pub(crate) fn set(&mut self, index: usize, value: usize) {
        if let (Some(place), Ok(value)) = (self.values.get_mut(index), u8::try_from(value)) {
            *place = value;
        }
    }

    /// Facts whose version has not come or whose requirement is not met count as their default.
    pub(crate) fn normalize(&mut self, catalogue: &Catalogue, version: Version) {
        for (index, fact) in catalogue.facts.iter().enumerate() {
            let too_new = fact.since.is_some_and(|since| since > version);
            let unmet = fact.requires.iter().any(|required| self.value(required.index()) == 0);
            if (too_new || unmet) && self.value(index) != 0 {
                self.set(index, fact.default.unwrap_or(0));
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
    let word = match known.setting(section, &reached.record.id, key) {
        Some(true) => "true",
        Some(false) => "false",
        None => reached.value(key)?.as_word()?,
    };
    fact.words.iter().position(|candidate| candidate == word)
}

/// The facts that a rule or an impossible combination mentions, and what those require.
fn relevant(catalogue: &Catalogue) -> Vec<usize> {
    let mut relevant = vec![false; catalogue.facts.len()];
    let mentioned = catalogue.rules.iter().flat_map(|rule| &rule.when);
    let mentioned =
        mentioned.chain(catalogue.impossible.iter().flat_map(|impossible| &impossible.when));
    for fact in mentioned.map(|condition| condition.fact) {
        let required =
            catalogue.fact(fact).map(|fact| fact.requires.as_slice()).unwrap_or_default();
        for index in required.iter().copied().chain([fact]).map(FactId::index) {
            if let Some(place) = relevant.get_mut(index) {
                *place = true;
            }
        }
    }
    (0..relevant.len()).filter(|index| relevant.get(*index) == Some(&true)).collect()
}
