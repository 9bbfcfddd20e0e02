//! What the explorer walks: the rules as the engine has them, and each channel's facts before they
//! are folded. The script holds no rule of the product; it knows only how conditions, requirements
//! and impossible combinations are read.

use crate::engine::{Channel, Engine};
use crate::features::{Enabled, FeatureState, deciding_features};
use crate::model::{
    Condition, Customer, Fact, FactId, FeatureId, Operation, Order, Origin, Rule, Situation,
    first_name,
};
use crate::report::features::{enabled_word, obstacles};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The situation that a cell is in where nothing else is said: all is well, and the customer and
/// the order are known.
pub(super) fn usual() -> Situation {
    Situation::default().customer(Customer::Synced).order(Order::InHeadquarters)
}

/// The document that the script reads.
pub(super) fn model(engine: &Engine) -> Value {
    let catalogue = engine.rules();
    let facts: Vec<Value> = catalogue.facts.iter().map(|fact| fact_json(engine, fact)).collect();
    let (configurations, channels) = channels(engine);
    let impossible: Vec<Value> = catalogue
        .impossible
        .iter()
        .map(|it| json!({ "when": conditions(engine, &it.when), "text": it.text }))
        .collect();
    let operations: Vec<Value> =
        catalogue.operations.iter().map(|it| operation_json(engine, it)).collect();
    let rules: Vec<Value> = catalogue.rules.iter().map(|rule| rule_json(engine, rule)).collect();
    let reasons =
        catalogue.reasons.iter().map(|it| json!({ "id": it.id, "text": it.text, "help": it.help }));
    let features: Vec<Value> =
        (0..catalogue.features.len()).map(|it| feature_json(engine, FeatureId::new(it))).collect();
    let deciding: Vec<usize> =
        deciding_features(catalogue).into_iter().map(FeatureId::index).collect();
    json!({
        "facts": facts,
        "impossible": impossible,
        "operations": operations,
        "rules": rules,
        "reasons": reasons.collect::<Vec<_>>(),
        "features": features,
        "deciding": deciding,
        "configurations": configurations,
        "channels": channels,
        "version": engine.deployment().version().to_string(),
    })
}

fn fact_json(engine: &Engine, fact: &Fact) -> Value {
    let requires: Vec<usize> = fact.requires.iter().map(|it| it.index()).collect();
    let too_new = fact.since.filter(|since| *since > engine.deployment().version());
    let mut json = json!({
        "id": fact.id,
        "words": fact.words,
        "default": fact.default,
        "requires": requires,
        "text": fact.text,
        "from": match fact.origin {
            Origin::Situation(_) => "situation",
            Origin::Setting { .. } => "setting",
            Origin::Feature(_) => "feature",
        },
    });
    if let Some(object) = json.as_object_mut() {
        match fact.origin {
            Origin::Situation(situation) => {
                object.insert("usual".to_owned(), json!(usual().value(situation)))
            }
            Origin::Feature(feature) => object.insert("feature".to_owned(), json!(feature.index())),
            Origin::Setting { .. } => too_new
                .and_then(|since| object.insert("since".to_owned(), json!(since.to_string()))),
        };
    }
    json
}

/// Conditions as pairs of a fact's number and the numbers of the values that it may have.
fn conditions(engine: &Engine, when: &[Condition]) -> Value {
    let pair = |condition: &Condition| {
        let count = engine.rules().fact(condition.fact).map_or(0, |fact| fact.words.len());
        let allowed: Vec<usize> = (0..count).filter(|value| condition.allows(*value)).collect();
        json!([condition.fact.index(), allowed])
    };
    Value::Array(when.iter().map(pair).collect())
}

fn operation_json(engine: &Engine, operation: &Operation) -> Value {
    let facts: Vec<usize> =
        engine.rules().mentioned(operation).into_iter().map(FactId::index).collect();
    let pos: Vec<String> =
        operation.pos.iter().map(|(number, name)| format!("{number} {name}")).collect();
    json!({
        "id": operation.id,
        "text": operation.text,
        "pos": pos,
        "api": operation.api,
        "first": operation.rules.start,
        "end": operation.rules.end,
        "facts": facts,
    })
}

fn rule_json(engine: &Engine, rule: &Rule) -> Value {
    json!({
        "id": rule.id,
        "when": conditions(engine, &rule.when),
        "outcome": rule.outcome.as_str(),
        "reason": rule.reason.index(),
        "basis": rule.basis.as_str(),
        "sources": rule.sources,
        "error_id": rule.error_id,
        "note": rule.note,
    })
}

fn feature_json(engine: &Engine, id: FeatureId) -> Value {
    let (states, catalogue) = (engine.states(), engine.rules());
    let (Some(feature), Some(state)) = (catalogue.feature(id), states.get(id)) else {
        return Value::Null;
    };
    let requires: Vec<usize> =
        states.prerequisites().direct(id).into_iter().map(FeatureId::index).collect();
    json!({
        "id": feature.id,
        "name": first_name(&feature.names),
        "requires": requires,
        "exists": state.exists,
        "mandatory": state.enabled == Enabled::Mandatory,
        // What the engine takes for on by itself: prerequisites are looked at by the script, as
        // toggles change them.
        "on": is_on(state),
        "enabled": enabled_word(state.enabled),
        "since": feature.since.map(|since| since.to_string()),
        "obstacles": obstacles(engine.deployment(), states, id),
    })
}

fn is_on(state: &FeatureState) -> bool {
    state.enabled.is_on() && state.exists && state.undistributed.is_empty()
}

/// The values of settings that channels read, each combination once; and every channel with the
/// number of its own.
fn channels(engine: &Engine) -> (Vec<Value>, Vec<Value>) {
    let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
    let (mut configurations, mut channels) = (Vec::new(), Vec::new());
    for channel in engine.channels() {
        let values: Vec<usize> =
            engine.rules().facts.iter().map(|fact| given(channel, fact)).collect();
        let next = known.len();
        let number = *known.entry(values).or_insert_with_key(|values| {
            configurations.push(json!(sparse(values)));
            next
        });
        channels.push(json!([channel.id(), number]));
    }
    (configurations, channels)
}

/// The value of a setting as the deployment gives it, else its default; 0 for what the script works
/// out itself.
fn given(channel: Channel<'_>, fact: &Fact) -> usize {
    let Origin::Setting { key, .. } = &fact.origin else { return 0 };
    let word = channel.source_of(fact).and_then(|record| record.value(key)?.as_word());
    let value = word.and_then(|word| fact.words.iter().position(|candidate| candidate == word));
    value.or(fact.default).unwrap_or(0)
}

/// The values that are not 0, by the number of the fact.
fn sparse(values: &[usize]) -> Vec<[usize; 2]> {
    values
        .iter()
        .copied()
        .enumerate()
        .filter(|(_, value)| *value != 0)
        .map(|(fact, value)| [fact, value])
        .collect()
}
