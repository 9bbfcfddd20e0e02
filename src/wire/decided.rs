//! What a decision says, and the situation that it is made in, as JSON objects.

use crate::engine::Decision;
use crate::model::{Basis, Outcome, Rule, Situation, SituationFact};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Map, Value, json};
use std::borrow::Cow;

/// The keys of what a decision says.
pub(crate) const DECIDED_KEYS: [&str; 6] =
    ["outcome", "reason", "rule", "basis", "sources", "error_id"];

/// What a decision says.
#[derive(Clone, Debug, serde::Serialize, JsonSchema)]
pub(crate) struct Decided<'a> {
    outcome: Outcome,
    reason: &'a str,
    #[schemars(extend("pattern" = "^[^/]+/[^/]+$"))]
    rule: &'a str,
    basis: Basis,
    #[schemars(inner(regex(pattern = "^S-[0-9]{3}$")))]
    sources: &'a [String],
    /// The product's error id, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_id: Option<&'a str>,
}

impl<'a> From<Decision<'a>> for Decided<'a> {
    fn from(decision: Decision<'a>) -> Self {
        Self {
            outcome: decision.outcome(),
            reason: decision.reason(),
            rule: decision.rule(),
            basis: decision.basis(),
            sources: decision.sources(),
            error_id: decision.error_id(),
        }
    }
}

/// A rule with the code of its reason.
impl<'a> From<(&'a Rule, &'a str)> for Decided<'a> {
    fn from((rule, reason): (&'a Rule, &'a str)) -> Self {
        Self {
            outcome: rule.outcome,
            reason,
            rule: &rule.id,
            basis: rule.basis,
            sources: &rule.sources,
            error_id: rule.error_id.as_deref(),
        }
    }
}

/// Facts of a situation with their words, as a request has them.
#[derive(Clone, Debug)]
pub(crate) struct Facts(pub(crate) Vec<(SituationFact, &'static str)>);

impl Facts {
    /// All facts of a situation.
    pub(crate) fn of(situation: Situation) -> Self {
        Self(SituationFact::ALL.iter().map(|fact| (*fact, situation.word(*fact))).collect())
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (fact, word) in &self.0 {
            map.serialize_entry(&fact_name(fact.as_str()), &word_json(word))?;
        }
        map.end()
    }
}

impl JsonSchema for Facts {
    fn schema_name() -> Cow<'static, str> {
        "Facts".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": "object", "properties": fact_schemas() })
    }
}

/// The facts of a situation by their keys, each with the schema of its words.
pub(crate) fn fact_schemas() -> Map<String, Value> {
    SituationFact::ALL.iter().map(|fact| (fact_name(fact.as_str()), fact_schema(*fact))).collect()
}

fn fact_schema(fact: SituationFact) -> Value {
    match fact.words() {
        ["false", "true"] => json!({ "type": "boolean" }),
        words => json!({ "type": "string", "enum": words }),
    }
}

/// A fact as JSON spells it: with underscores.
pub(crate) fn fact_name(id: &str) -> String {
    match id.strip_prefix("feature.") {
        Some(_) => id.to_owned(),
        None => id.replace('-', "_"),
    }
}

/// A word of a fact as JSON; those of a boolean fact are booleans.
pub(crate) fn word_json(word: &str) -> Value {
    match word {
        "true" => json!(true),
        "false" => json!(false),
        word => json!(word),
    }
}
