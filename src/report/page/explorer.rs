//! What the explorer walks: the rules as the engine has them, and each channel's facts before they
//! are folded. The script holds no rule of the product; it knows only how conditions, requirements
//! and impossible combinations are read.

use crate::engine::{Channel, Engine};
use crate::features::{Enabled, FeatureState, deciding_features};
use crate::model::{
    Condition, Customer, Fact, FactId, FeatureId, Operation, Order, Origin, Rule, Situation,
    first_name,
};
use crate::report::features::obstacles;
use crate::report::markup::is_unfit;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The situation that a cell is in where nothing else is said: all is well, and the customer and
/// the order are known.
pub(super) fn usual() -> Situation {
    Situation::default().customer(Customer::Synced).order(Order::InHeadquarters)
}

/// A document that may stand within a script element: nothing in it ends that element or a line of
/// the script, and no character of it is one that a page can't hold.
pub(super) fn script_json(document: &Value) -> String {
    let is_plain = |character: char| {
        !matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') && !is_unfit(character)
    };
    document.to_string().chars().fold(String::new(), |mut safe, character| {
        if is_plain(character) {
            safe.push(character);
        } else {
            safe.push_str(&format!("\\u{:04x}", u32::from(character)));
        }
        safe
    })
}

/// The document that the script reads.
pub(super) fn model(engine: &Engine) -> Value {
    let rules = engine.rules();
    let facts: Vec<FactView<'_>> = rules.facts.iter().map(|fact| fact_view(engine, fact)).collect();
    let (configurations, channels) = channels(engine);
    let impossible: Vec<Value> = rules
        .impossible
        .iter()
        .map(|it| json!({ "when": conditions(engine, &it.when), "text": it.text }))
        .collect();
    let operations: Vec<Value> =
        rules.operations.iter().map(|it| operation_json(engine, it)).collect();
    let views: Vec<Value> = rules.rules.iter().map(|rule| rule_json(engine, rule)).collect();
    let reasons =
        rules.reasons.iter().map(|it| json!({ "id": it.id, "text": it.text, "help": it.help }));
    let features: Vec<Value> = rules.feature_ids().map(|it| feature_json(engine, it)).collect();
    let deciding: Vec<usize> = deciding_features(rules).into_iter().map(FeatureId::index).collect();
    json!({
        "facts": facts,
        "impossible": impossible,
        "operations": operations,
        "rules": views,
        "reasons": reasons.collect::<Vec<_>>(),
        "features": features,
        "deciding": deciding,
        "configurations": configurations,
        "channels": channels,
        "version": engine.deployment().version().to_string(),
    })
}

/// A fact as the script reads it.
#[derive(Serialize)]
struct FactView<'e> {
    id: &'e str,
    words: &'e [String],
    default: Option<usize>,
    requires: Vec<usize>,
    text: &'e str,
    from: &'static str,
    /// The value that a situation has where nothing else is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    usual: Option<usize>,
    /// The feature whose effective state it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<usize>,
    /// The version before which a setting counts as its default, where that has not come.
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<String>,
}

fn fact_view<'e>(engine: &Engine, fact: &'e Fact) -> FactView<'e> {
    let version = engine.deployment().version();
    let (from, usual, feature, since) = match fact.origin {
        Origin::Situation(situation) => ("situation", Some(usual().value(situation)), None, None),
        Origin::Feature(feature) => ("feature", None, Some(feature.index()), None),
        Origin::Setting { .. } => {
            ("setting", None, None, fact.since.filter(|since| *since > version))
        }
    };
    FactView {
        id: &fact.id,
        words: &fact.words,
        default: fact.default,
        requires: fact.requires.iter().map(|it| it.index()).collect(),
        text: &fact.text,
        from,
        usual,
        feature,
        since: since.map(|since| since.to_string()),
    }
}

/// Conditions as pairs of a fact's number and the numbers of the values that it may have.
fn conditions(engine: &Engine, when: &[Condition]) -> Value {
    let pair = |condition: &Condition| {
        let count = engine.rules().fact(condition.fact).words.len();
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
    let (states, rules) = (engine.states(), engine.rules());
    let (feature, state) = (rules.feature(id), states.get(id));
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
        "enabled": state.enabled.as_str(),
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

/// The value of a setting that is not given and has no default: the engine has seen to it that no
/// rule reads it.
const UNREAD: usize = 0;

/// The value of a setting as the deployment gives it, else its default; 0 for what the script works
/// out itself.
fn given(channel: Channel<'_>, fact: &Fact) -> usize {
    let Origin::Setting { key, .. } = &fact.origin else { return 0 };
    let word = channel.source_of(fact).and_then(|record| record.value(key)?.as_word());
    let value = word.and_then(|word| fact.words.iter().position(|candidate| candidate == word));
    value.or(fact.default).unwrap_or(UNREAD)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_document_ends_its_script() {
        let document = json!("</script><!--\u{2028}&\u{85}");
        let safe = script_json(&document);
        assert_eq!(safe, "\"\\u003c/script\\u003e\\u003c!--\\u2028\\u0026\\u0085\"");
        assert_eq!(serde_json::from_str::<Value>(&safe).ok(), Some(document));
    }
}
