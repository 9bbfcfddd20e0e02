//! The schemas of what is read line by line: requests, events and cases.

use super::format::object;
use crate::model::format::Kind;
use crate::model::{Customer, EventKey, EventPart, EventValue, Order, Rules, SectionName};
use crate::wire::fact_schemas;
use serde_json::{Map, Value, json};

fn properties<const N: usize>(entries: [(&str, Value); N]) -> Map<String, Value> {
    entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// Either the schema, or `null`, which counts as left out.
fn or_null(schema: &Value) -> Value {
    json!({ "anyOf": [schema, { "type": "null" }] })
}

fn operation_name(rules: &Rules) -> Value {
    let known: Vec<&str> = rules.operations.iter().map(|operation| operation.id.as_str()).collect();
    json!({
        "type": "string",
        "description": "its name, POS number or API name",
        "examples": known,
    })
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
    let keys = [
        ("id", text()),
        ("deployment", text()),
        (key, asked),
        ("expect", expected),
        // As `cases` writes them.
        ("covers", json!({ "type": "array", "items": text() })),
        ("pair", json!({ "type": "integer", "minimum": 1 })),
    ];
    object(properties(keys), &["id", "deployment", key, "expect"])
}

/// A line of `replay --events`: for each key that says what happens, that and what goes with it; or
/// a question.
pub(super) fn event(rules: &Rules) -> Value {
    let of_part = |part: EventPart| EventKey::ALL.iter().filter(move |key| key.part() == part);
    let event = |start: &EventKey| {
        let always = of_part(EventPart::Always).map(|key| (*key, false));
        let keys: Vec<(EventKey, bool)> =
            always.chain([(*start, true)]).chain(start.beside()).collect();
        let needed = keys.iter().filter(|(_, needed)| *needed).map(|(key, _)| key.as_str());
        let needed: Vec<&str> = needed.collect();
        let schemas = keys.iter().map(|(key, _)| (key.as_str().to_owned(), value(*key, rules)));
        object(schemas.collect(), &needed)
    };
    let events = of_part(EventPart::Starts).map(event);
    json!({ "oneOf": events.chain(questions(rules)).collect::<Vec<_>>() })
}

/// The questions that may stand between events.
fn questions(rules: &Rules) -> [Value; 4] {
    let text = || json!({ "type": "string" });
    let count = || json!({ "type": "integer", "minimum": 0 });
    let state = |words: &[&str]| json!({ "enum": words });
    let question = |mut keys: Map<String, Value>, needed: &[&str]| {
        let moment = json!({ "type": "string", "format": "date-time" });
        keys.insert("at".to_owned(), or_null(&moment));
        object(keys, needed)
    };
    let expected = |key: &str, keys: Map<String, Value>, needed: &[&str]| {
        question(properties([(key, object(keys, needed))]), &[key])
    };
    let tables: Vec<&str> = rules.channel_tables.iter().map(|table| table.id.as_str()).collect();
    [
        question(
            properties([
                ("query", json!({ "const": "customer" })),
                ("customer", text()),
                ("channel", text()),
            ]),
            &["query", "customer", "channel"],
        ),
        expected(
            "expect_customer",
            properties([
                ("customer", text()),
                ("channel", text()),
                ("state", state(Customer::WORDS)),
            ]),
            &["customer", "channel", "state"],
        ),
        expected(
            "expect_order",
            properties([("order", text()), ("channel", text()), ("state", state(Order::WORDS))]),
            &["order", "channel", "state"],
        ),
        expected(
            "expect_queue",
            properties([
                ("channel", text()),
                ("customer", text()),
                ("table", json!({ "type": "string", "examples": tables })),
                ("offline", count()),
                ("rows", count()),
                ("uploaded", count()),
                ("completed", count()),
                ("failed", count()),
                ("last_error", text()),
            ]),
            &[],
        ),
    ]
}

/// The value of a key of an event.
fn value(key: EventKey, rules: &Rules) -> Value {
    match key.value() {
        EventValue::Moment => json!({ "type": "string", "format": "date-time" }),
        EventValue::Operation => operation_name(rules),
        EventValue::Text => json!({ "type": "string" }),
        EventValue::Boolean => json!({ "type": "boolean" }),
        EventValue::Count => json!({ "type": "integer", "minimum": 0 }),
        EventValue::Texts => json!({ "type": "array", "items": { "type": "string" } }),
        EventValue::Word(words) => json!({ "enum": words }),
        EventValue::Settings => {
            let section = rules.format.section(SectionName::FunctionalityProfile);
            let keys = section.iter().flat_map(|(_, section)| &section.keys);
            let settings = keys.filter(|key| key.kind == Kind::Boolean);
            let settings =
                settings.map(|key| (key.id.replace('-', "_"), json!({ "type": "boolean" })));
            object(settings.collect(), &[])
        }
    }
}
