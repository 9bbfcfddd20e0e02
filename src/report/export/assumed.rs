//! What the decisions of a deployment rest on that it does not give.

use crate::engine::Engine;
use crate::model::{FactId, indexed};
use crate::wire::fact_name;
use std::collections::{BTreeMap, BTreeSet};

/// Values that count because none is given.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AssumedValue<'e> {
    /// The fact, as `decide` names it.
    pub(super) fact: String,
    /// The value.
    pub(super) word: &'e str,
}

/// The values of facts that rules look at and channels are not given, each with how many channels
/// that is so of.
pub(super) fn assumed(engine: &Engine) -> BTreeMap<AssumedValue<'_>, usize> {
    let rules = engine.rules();
    let conditions = rules.rules.iter().flat_map(|rule| &rule.when);
    let looked_at: BTreeSet<FactId> = conditions.map(|condition| condition.fact).collect();
    let mut assumed = BTreeMap::new();
    for channel in engine.channels() {
        let given = channel.given();
        for id in &looked_at {
            if *indexed::<bool>(&given, id.index()) {
                continue;
            }
            let fact = rules.fact(*id);
            let word = indexed::<String>(&fact.words, channel.configuration().value(*id));
            let value = AssumedValue { fact: fact_name(&fact.id), word };
            *assumed.entry(value).or_insert(0) += 1;
        }
    }
    assumed
}
