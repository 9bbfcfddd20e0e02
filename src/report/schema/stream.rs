//! The schemas of what is read line by line: requests, events and cases.

use super::format::{describe, object};
use super::names::{NameKind, named, with_names};
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

fn operation_name() -> Value {
    let mut name = named(NameKind::Operation);
    describe(&mut name, "its name, POS number or API name");
    name
}

/// A line of `decide --input`.
pub(super) fn request(rules: &Rules) -> Value {
    with_names(asked(), &[NameKind::Operation], rules)
}

fn asked() -> Value {
    let mut properties = properties([
        ("id", json!({ "description": "anything; it comes back with the answer" })),
        ("operation", operation_name()),
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
        "properties": { "error": { "not": {} } },
    });
    let refused = json!({
        "type": "object",
        "properties": { "error": { "const": true } },
        "required": ["error"],
    });
    let cases = json!({ "oneOf": [
        case_with("request", asked(), answered),
        case_with("request", json!({}), refused.clone()),
        case_with("line", json!({ "type": "string" }), refused),
    ] });
    with_names(cases, &[NameKind::Operation], rules)
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
    let all = json!({ "oneOf": events.chain(questions()).collect::<Vec<_>>() });
    let kinds = [
        NameKind::Feature,
        NameKind::DistributionJob,
        NameKind::BatchJob,
        NameKind::ChannelTable,
        NameKind::Operation,
    ];
    with_names(all, &kinds, rules)
}

/// The questions that may stand between events.
fn questions() -> [Value; 4] {
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
                ("table", named(NameKind::ChannelTable)),
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
        _ if key == EventKey::job => {
            json!({ "anyOf": [named(NameKind::DistributionJob), named(NameKind::BatchJob)] })
        }
        _ if key == EventKey::feature => named(NameKind::Feature),
        EventValue::Moment => json!({ "type": "string", "format": "date-time" }),
        EventValue::Operation => operation_name(),
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
