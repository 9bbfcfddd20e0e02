//! JSON Schemas of the formats: made from the same tables that files are read by.

use crate::model::format::{Form, Format, Key, Kind, Section};
use crate::model::{
    Basis, Catalogue, Connection, Customer, Order, Outcome, RealTimeService, words,
};
use serde_json::{Map, Value, json};

words! {
    /// A format that has a schema.
    SchemaName {
        /// A deployment.
        Deployment = "deployment",
        /// A rule set.
        Rules = "rules",
        /// A scenario.
        Scenario = "scenario",
        /// A line of `replay --events`.
        Event = "event",
        /// A line of `decide --input`.
        Request = "request",
        /// A line that `decide` and `replay` answer.
        Decision = "decision",
        /// `check --format json`.
        Findings = "findings",
    }
}

/// The schema of a format; `events` describes events and steps, which only a store knows.
pub fn schema(catalogue: &Catalogue, name: SchemaName) -> Value {
    let body = match name {
        SchemaName::Deployment => document(&catalogue.format, Some(catalogue)),
        SchemaName::Rules => document(&crate::load::rules_format(), None),
        SchemaName::Scenario => document(&crate::load::scenario_format(), Some(catalogue)),
        SchemaName::Event => event(catalogue),
        SchemaName::Request => request(catalogue),
        SchemaName::Decision => decision(catalogue),
        SchemaName::Findings => findings(),
    };
    let mut schema = Map::new();
    schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    schema.insert("title".to_owned(), json!(format!("syncgate {name}")));
    if let Value::Object(body) = body {
        schema.extend(body);
    }
    Value::Object(schema)
}

fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    let properties = Value::Object(properties);
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn document(format: &Format, catalogue: Option<&Catalogue>) -> Value {
    let root = format.root.iter().map(|key| (key.id.clone(), key_schema(key, catalogue)));
    let sections = format
        .sections
        .iter()
        .map(|section| (section.id.clone(), section_schema(section, catalogue)));
    let properties: Map<String, Value> = root.chain(sections).collect();
    let has_required = |section: &&Section| {
        section.form == Form::Table && section.keys.iter().any(|key| key.required)
    };
    let sections = format.sections.iter().filter(has_required).map(|section| section.id.as_str());
    let root = format.root.iter().filter(|key| key.required).map(|key| key.id.as_str());
    let required: Vec<&str> = root.chain(sections).collect();
    object(properties, &required)
}

fn section_schema(section: &Section, catalogue: Option<&Catalogue>) -> Value {
    let record = record_schema(section, catalogue);
    let mut schema = match &section.form {
        Form::Table => record,
        Form::Records => json!({ "type": "array", "items": record }),
        Form::Features => json!({ "type": "object", "additionalProperties": record }),
        Form::Codes(words) => json!({
            "type": "object",
            "propertyNames": { "pattern": "^SG[0-9]{3}$" },
            "additionalProperties": { "enum": words },
        }),
        Form::Open(kind) => {
            json!({ "type": "object", "additionalProperties": kind_schema(kind, catalogue) })
        }
    };
    describe(&mut schema, &section.text);
    schema
}

fn record_schema(section: &Section, catalogue: Option<&Catalogue>) -> Value {
    let properties =
        section.keys.iter().map(|key| (key.id.clone(), key_schema(key, catalogue))).collect();
    let required: Vec<&str> =
        section.keys.iter().filter(|key| key.required).map(|key| key.id.as_str()).collect();
    object(properties, &required)
}

fn key_schema(key: &Key, catalogue: Option<&Catalogue>) -> Value {
    let mut schema = kind_schema(&key.kind, catalogue);
    let text = match (&key.name, key.sources.as_slice()) {
        (Some(name), []) => format!("{name}: {}", key.text),
        (Some(name), sources) => format!("{name}: {} ({})", key.text, sources.join(", ")),
        (None, _) => key.text.clone(),
    };
    describe(&mut schema, &text);
    schema
}

fn describe(schema: &mut Value, text: &str) {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(text));
    }
}

fn kind_schema(kind: &Kind, catalogue: Option<&Catalogue>) -> Value {
    let text = || json!({ "type": "string", "pattern": "\\S" });
    let values = |kind: &Kind| kind_schema(kind, catalogue);
    match kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer { least, most } => {
            let mut schema = Map::from_iter([("type".to_owned(), json!("integer"))]);
            schema.extend((*least != i64::MIN).then(|| ("minimum".to_owned(), json!(least))));
            schema.extend((*most != i64::MAX).then(|| ("maximum".to_owned(), json!(most))));
            Value::Object(schema)
        }
        Kind::Text
        | Kind::Reference(_)
        | Kind::Feature
        | Kind::DistributionJob
        | Kind::BatchJob => text(),
        Kind::Table => match catalogue {
            Some(catalogue) => {
                let known: Vec<&str> =
                    catalogue.tables.iter().map(|table| table.id.as_str()).collect();
                json!({ "type": "string", "examples": known })
            }
            None => text(),
        },
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Version => json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+){2,3}$" }),
        Kind::Duration => json!({ "type": "string", "pattern": DURATION }),
        Kind::Recurrence => {
            json!({ "anyOf": [{ "const": "none" }, { "type": "string", "pattern": DURATION }] })
        }
        // As tools that turn TOML into JSON write them.
        Kind::DateTime => json!({ "type": "string", "format": "date-time" }),
        Kind::Date => json!({ "type": "string", "format": "date" }),
        Kind::Code => json!({ "type": "string", "pattern": "^SG[0-9]{3}$" }),
        Kind::Scalar => json!({ "type": ["boolean", "integer", "string"] }),
        Kind::List(kind) => json!({ "type": "array", "items": values(kind) }),
        Kind::OneOrMore(kind) => {
            json!({ "anyOf": [values(kind), { "type": "array", "items": values(kind) }] })
        }
        Kind::Comparison(section) => json!({
            "anyOf": [values(&Kind::OneOrMore(Box::new(Kind::Scalar))), record_schema(section, catalogue)],
        }),
        Kind::Map(kind) => json!({ "type": "object", "additionalProperties": values(kind) }),
        Kind::Nested(section) => record_schema(section, catalogue),
        Kind::Records(section) => {
            json!({ "type": "array", "items": record_schema(section, catalogue) })
        }
    }
}

const DURATION: &str = "^(?=.)([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$";

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

fn operation_name(catalogue: &Catalogue) -> Value {
    let known: Vec<&str> =
        catalogue.operations.iter().map(|operation| operation.id.as_str()).collect();
    json!({ "type": "string", "description": "its name, POS number or API name", "examples": known })
}

fn request(catalogue: &Catalogue) -> Value {
    let optional = properties([
        ("connection", enumeration(Connection::ALL, Connection::as_str)),
        ("real_time_service", enumeration(RealTimeService::ALL, RealTimeService::as_str)),
        ("customer", enumeration(Customer::ALL, Customer::as_str)),
        ("order", enumeration(Order::ALL, Order::as_str)),
        ("loyalty_enrollment_blocked", json!({ "type": "boolean" })),
        ("affiliation_hidden_in_channels", json!({ "type": "boolean" })),
    ]);
    let mut properties = properties([
        ("id", json!({ "description": "anything; it comes back with the answer" })),
        ("operation", operation_name(catalogue)),
        ("channel", json!({ "type": "string" })),
    ]);
    properties.extend(optional.into_iter().map(|(key, schema)| (key, or_null(&schema))));
    object(properties, &["operation", "channel"])
}

fn decision(catalogue: &Catalogue) -> Value {
    let reasons: Vec<&str> = catalogue.reasons.iter().map(|reason| reason.id.as_str()).collect();
    let decision = json!({
        "type": "object",
        "properties": properties([
            ("id", json!({ "description": "the id of the request, where it had one" })),
            ("sequence", json!({ "type": "integer", "minimum": 1, "description": "replay: the number of the event" })),
            ("operation", operation_name(catalogue)),
            ("channel", json!({ "type": "string" })),
            ("customer", json!({ "type": "string", "description": "replay: the caller's name for the customer" })),
            ("outcome", enumeration(Outcome::ALL, Outcome::as_str)),
            ("reason", json!({ "enum": reasons })),
            ("rule", json!({ "type": "string", "pattern": "^[^/]+/[^/]+$" })),
            ("basis", enumeration(Basis::ALL, Basis::as_str)),
            ("sources", json!({ "type": "array", "items": { "type": "string", "pattern": "^S-[0-9]{3}$" } })),
            ("error_id", json!({ "type": "string" })),
            ("account_id", json!({ "type": "string", "description": "replay: GUID or account ID" })),
            ("displayed_account_id", json!({ "type": "string", "description": "replay: what a POS user sees" })),
            ("trace", json!({ "type": "array" })),
            ("would_change", json!({ "type": "array" })),
            ("provenance", json!({ "type": "object" })),
        ]),
        "required": ["operation", "channel", "outcome", "reason", "rule", "basis", "sources"],
    });
    let error = json!({
        "type": "object",
        "properties": properties([
            ("id", json!({})),
            ("sequence", json!({ "type": "integer", "minimum": 1 })),
            ("error", object(
                properties([("line", json!({ "type": "integer", "minimum": 1 })), ("message", json!({ "type": "string" }))]),
                &["line", "message"],
            )),
        ]),
        "required": ["error"],
    });
    json!({ "anyOf": [decision, error] })
}

fn event(catalogue: &Catalogue) -> Value {
    let text = || json!({ "type": "string" });
    let at = ("at", json!({ "type": "string", "format": "date-time" }));
    let boolean = || json!({ "type": "boolean" });
    let settings = catalogue.format.section("functionality-profile").map(|(_, section)| {
        let keys = section.keys.iter().filter(|key| key.kind == Kind::Boolean);
        keys.map(|key| (key.id.replace('-', "_"), boolean())).collect::<Map<String, Value>>()
    });
    let settings = object(settings.unwrap_or_default(), &[]);
    json!({ "oneOf": [
        object(properties([
            at.clone(),
            ("operation", operation_name(catalogue)),
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
        object(properties([at.clone(), ("job", text())]), &["job"]),
        object(properties([at.clone(), ("feature", text()), ("enabled", boolean())]), &["feature", "enabled"]),
        object(properties([at.clone(), ("functionality_profile", text()), ("set", settings)]), &["functionality_profile", "set"]),
        object(properties([at.clone(), ("fail_synchronization", text()), ("error", text())]), &["fail_synchronization"]),
        object(properties([at, ("correct", text())]), &["correct"]),
    ] })
}

/// A finding.
fn finding() -> Value {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer", "minimum": 0 });
    let location = object(
        properties([
            ("file", text()),
            ("line", number()),
            ("column", number()),
            ("end_line", number()),
            ("end_column", number()),
        ]),
        &["file", "line", "column", "end_line", "end_column"],
    );
    let related = object(
        properties([("message", text()), ("location", location.clone())]),
        &["message", "location"],
    );
    let subject = object(properties([("kind", text()), ("id", text())]), &["kind", "id"]);
    let setting = object(properties([("name", text()), ("page", text())]), &["name", "page"]);
    let waived = object(
        properties([
            ("reason", or_null(&text())),
            ("owner", or_null(&text())),
            ("expires", or_null(&text())),
            ("location", location.clone()),
        ]),
        &[],
    );
    object(
        properties([
            ("code", json!({ "type": "string", "pattern": "^SG[0-9]{3}$" })),
            ("severity", json!({ "enum": ["info", "warning", "error"] })),
            ("message", text()),
            ("help", or_null(&text())),
            ("fingerprint", json!({ "type": "string", "pattern": "^[0-9a-f]{32}$" })),
            ("location", or_null(&location)),
            ("related", json!({ "type": "array", "items": related })),
            ("subject", or_null(&subject)),
            ("setting", or_null(&setting)),
            ("sources", json!({ "type": "array", "items": text() })),
            ("waived", waived),
        ]),
        &["code", "severity", "message", "fingerprint", "location", "related", "sources"],
    )
}

fn findings() -> Value {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer", "minimum": 0 });
    let check = object(
        properties([
            ("code", text()),
            (
                "result",
                enumeration(crate::check::CheckResult::ALL, crate::check::CheckResult::as_str),
            ),
            ("examined", number()),
            ("missing", json!({ "type": "array", "items": text() })),
        ]),
        &["code", "result", "examined", "missing"],
    );
    let summary = object(
        properties([("error", number()), ("warning", number()), ("info", number())]),
        &["error", "warning", "info"],
    );
    object(
        properties([
            ("version", json!({ "const": 1 })),
            ("verdict", enumeration(crate::check::Verdict::ALL, crate::check::Verdict::as_str)),
            ("deployment", or_null(&text())),
            ("findings", json!({ "type": "array", "items": finding() })),
            ("checks", json!({ "type": "array", "items": check })),
            ("summary", summary),
            ("pending_customers", pending_customers()),
            ("provenance", json!({ "type": "object" })),
        ]),
        &[
            "version",
            "verdict",
            "deployment",
            "findings",
            "checks",
            "summary",
            "pending_customers",
            "provenance",
        ],
    )
}

/// How long customers stay pending at worst: channels with the same way together.
fn pending_customers() -> Value {
    let text = || json!({ "type": "string" });
    let texts = || json!({ "type": "array", "items": text() });
    let stage = object(
        properties([("job", or_null(&text())), ("name", text()), ("interval", or_null(&text()))]),
        &["job", "name", "interval"],
    );
    let time = object(
        properties([
            ("channels", texts()),
            ("at_most", or_null(&text())),
            ("at_most_seconds", or_null(&json!({ "type": "integer" }))),
            ("endless", json!({ "type": "boolean" })),
            ("stages", json!({ "type": "array", "items": stage })),
            ("missing", texts()),
        ]),
        &["channels", "at_most", "at_most_seconds", "endless", "stages", "missing"],
    );
    object(
        properties([
            ("target", or_null(&text())),
            ("times", json!({ "type": "array", "items": time })),
        ]),
        &["target", "times"],
    )
}
