//! The schemas of what is read line by line: requests, events and cases.

use super::format::object;
use crate::model::format::Kind;
use crate::model::{Connection, RealTimeService, Rules};
use crate::wire::fact_schemas;
use serde_json::{Map, Value, json};

fn properties<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn enumeration<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> Value {
    json!({ "enum": all.iter().map(|value| as_str(*value)).collect::<Vec<_>>() })
}

/// Either the schema, or `null`, which counts as left out.
fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn operation_name(rules: &Rules) -> Value {
    let known: Vec<&str> = rules.operations.iter().map(|operation| operation.id.as_str()).collect();
    json!({ "type": "string", "description": "its name, POS number or API name", "examples": known })
}

/// A line of `decide --input`.
pub(super) fn request(rules: &Rules) -> Value {
    let mut properties = properties([
        ("id", json!({ "description": "anything; it comes back with the answer" })),
        ("operation", operation_name(rules)),
        ("channel", json!({ "type": "string" })),
    ]);
    properties.extend(fact_schemas().into_iter().map(|(key, schema)| (key, or_null(&schema))));
    object(properties, &["operation", "channel"])
}

/// A request with the answer that is expected; what is no valid request, or a raw line, with
/// `"error": true`.
pub(super) fn case(rules: &Rules) -> Value {
    let answered = json!({
        "type": "object",
        "description": "keys that the answer has; null for one that it has not",
        "not": { "required": ["error"] },
    });
    let refused = json!({
        "type": "object",
        "properties": { "error": { "const": true } },
        "required": ["error"],
    });
    json!({ "oneOf": [
        case_with("request", request(rules), answered),
        case_with("request", json!({}), refused.clone()),
        case_with("line", json!({ "type": "string" }), refused),
    ] })
}

fn case_with(key: &str, asked: Value, expected: Value) -> Value {
    let text = || json!({ "type": "string" });
    let keys = [("id", text()), ("deployment", text()), (key, asked), ("expect", expected)];
    object(properties(keys), &["id", "deployment", key, "expect"])
}

/// A line of `replay --events`.
pub(super) fn event(rules: &Rules) -> Value {
    let text = || json!({ "type": "string" });
    let at = ("at", json!({ "type": "string", "format": "date-time" }));
    let boolean = || json!({ "type": "boolean" });
    let settings = rules.format.section("functionality-profile").map(|(_, section)| {
        let keys = section.keys.iter().filter(|key| key.kind == Kind::Boolean);
        keys.map(|key| (key.id.replace('-', "_"), boolean())).collect::<Map<String, Value>>()
    });
    let settings = object(settings.unwrap_or_default(), &[]);
    json!({ "oneOf": [
        object(properties([
            at.clone(),
            ("operation", operation_name(rules)),
            ("channel", text()),
            ("customer", text()),
            ("order", text()),
            ("loyalty_enrollment_blocked", boolean()),
            ("affiliation_hidden_in_channels", boolean()),
        ]), &["operation", "channel"]),
        object(properties([at.clone(), ("sale", text()), ("channel", text()), ("customer", text())]), &["sale", "channel", "customer"]),
        object(properties([
            at.clone(),
            ("channel", text()),
            ("connection", enumeration(Connection::ALL, Connection::as_str)),
        ]), &["channel", "connection"]),
        object(properties([
            at.clone(),
            ("real_time_service", enumeration(RealTimeService::ALL, RealTimeService::as_str)),
        ]), &["real_time_service"]),
        object(properties([
            at.clone(),
            ("job", text()),
            ("channels", json!({ "type": "array", "items": text() })),
            ("rows", json!({ "type": "integer", "minimum": 0 })),
        ]), &["job"]),
        object(properties([at.clone(), ("feature", text()), ("enabled", boolean())]), &["feature", "enabled"]),
        object(properties([at.clone(), ("functionality_profile", text()), ("set", settings)]), &["functionality_profile", "set"]),
        object(properties([at.clone(), ("fail_synchronization", text()), ("error", text())]), &["fail_synchronization"]),
        object(properties([at, ("correct", text())]), &["correct"]),
    ] })
}
