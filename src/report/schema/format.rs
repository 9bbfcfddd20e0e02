//! The schemas of TOML files, made from the same description that files are read by.

use super::names::{NameKind, named, with_names};
use crate::diagnostic::Code;
use crate::model::Rules;
use crate::model::format::{Form, Format, Key, Kind, Section};
use crate::report::document::CODE;
use serde_json::{Map, Value, json};

pub(super) fn object(properties: Map<String, Value>, required: &[&str]) -> Value {
    let properties = Value::Object(properties);
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// A deployment.
pub(super) fn deployment(rules: &Rules) -> Value {
    document(&rules.format, Some(rules))
}

/// One file of several that make a deployment: of what one of the others may say, only what tells a
/// record apart is required.
pub(super) fn part(rules: &Rules) -> Value {
    let mut format = rules.format.clone();
    for section in &mut format.sections {
        let identity = section.identity;
        for (number, key) in section.keys.iter_mut().enumerate() {
            key.required &= identity == Some(number);
        }
    }
    document(&format, Some(rules))
}

/// A file of this format.
pub(super) fn document(format: &Format, rules: Option<&Rules>) -> Value {
    let root = format.root.iter().map(|key| (key.id.clone(), key_schema(key, rules)));
    let sections =
        format.sections.iter().map(|section| (section.id.clone(), section_schema(section, rules)));
    let properties: Map<String, Value> = root.chain(sections).collect();
    let has_required = |section: &&Section| {
        section.form == Form::Single && section.keys.iter().any(|key| key.required)
    };
    let sections = format.sections.iter().filter(has_required).map(|section| section.id.as_str());
    let root = format.root.iter().filter(|key| key.required).map(|key| key.id.as_str());
    let required: Vec<&str> = root.chain(sections).collect();
    let schema = object(properties, &required);
    match rules {
        Some(rules) => with_names(schema, &NAMES, rules),
        None => schema,
    }
}

/// What files name that the rules know.
const NAMES: [NameKind; 4] =
    [NameKind::Feature, NameKind::DistributionJob, NameKind::BatchJob, NameKind::ChannelTable];

fn section_schema(section: &Section, rules: Option<&Rules>) -> Value {
    let record = record_schema(section, rules);
    let mut schema = match &section.form {
        Form::Single => record,
        Form::Records => json!({ "type": "array", "items": record }),
        Form::Features => {
            let mut features = json!({ "type": "object", "additionalProperties": record });
            if let Some(features) = features.as_object_mut().filter(|_| rules.is_some()) {
                features.insert("propertyNames".to_owned(), named(NameKind::Feature));
            }
            features
        }
        Form::Codes => {
            let alone = section.keys.first().map(|key| key_schema(key, rules));
            let written: Vec<Value> = alone.into_iter().chain([record]).collect();
            json!({
                "type": "object",
                "propertyNames": kind_schema(&Kind::Code, rules),
                "additionalProperties": { "anyOf": written },
            })
        }
    };
    describe(&mut schema, &section.text);
    schema
}

fn record_schema(section: &Section, rules: Option<&Rules>) -> Value {
    let properties =
        section.keys.iter().map(|key| (key.id.clone(), key_schema(key, rules))).collect();
    let required: Vec<&str> =
        section.keys.iter().filter(|key| key.required).map(|key| key.id.as_str()).collect();
    object(properties, &required)
}

fn key_schema(key: &Key, rules: Option<&Rules>) -> Value {
    let mut schema = kind_schema(&key.kind, rules);
    let text = match (&key.name, key.sources.as_slice()) {
        (Some(name), []) => format!("{name}: {}", key.text),
        (Some(name), sources) => format!("{name}: {} ({})", key.text, sources.join(", ")),
        (None, _) => key.text.clone(),
    };
    describe(&mut schema, &text);
    schema
}

pub(super) fn describe(schema: &mut Value, text: &str) {
    if let Some(object) = schema.as_object_mut() {
        object.insert("description".to_owned(), json!(text));
    }
}

fn kind_schema(kind: &Kind, rules: Option<&Rules>) -> Value {
    let text = || json!({ "type": "string", "pattern": "\\S" });
    let values = |kind: &Kind| kind_schema(kind, rules);
    match kind {
        Kind::Boolean => json!({ "type": "boolean" }),
        Kind::Integer { least, most } => {
            let mut schema = Map::from_iter([("type".to_owned(), json!("integer"))]);
            schema.extend((*least != i64::MIN).then(|| ("minimum".to_owned(), json!(least))));
            schema.extend((*most != i64::MAX).then(|| ("maximum".to_owned(), json!(most))));
            Value::Object(schema)
        }
        // Headquarters refers to nothing.
        Kind::Reference(_) => json!({ "type": "string", "pattern": "^$|\\S" }),
        Kind::Feature if rules.is_some() => named(NameKind::Feature),
        Kind::DistributionJob if rules.is_some() => named(NameKind::DistributionJob),
        Kind::BatchJob if rules.is_some() => named(NameKind::BatchJob),
        Kind::ChannelTable if rules.is_some() => named(NameKind::ChannelTable),
        Kind::Text
        | Kind::Feature
        | Kind::DistributionJob
        | Kind::BatchJob
        | Kind::ChannelTable => text(),
        Kind::Word(words) => json!({ "enum": words }),
        Kind::Version => json!({ "type": "string", "pattern": "^[0-9]+(\\.[0-9]+){2,3}$" }),
        Kind::Duration => duration(),
        Kind::Recurrence => json!({ "anyOf": [{ "const": "none" }, duration()] }),
        // As tools that turn TOML into JSON write them.
        Kind::DateTime => {
            json!({ "type": "string", "format": "date-time", "pattern": DATE_TIME })
        }
        Kind::Date => json!({ "type": "string", "format": "date", "pattern": DATE }),
        // Those that policy may name.
        Kind::Code if rules.is_some() => json!({ "type": "string", "pattern": codes_of_checks() }),
        Kind::Code => json!({ "type": "string", "pattern": CODE }),
        Kind::Scalar => json!({
            "anyOf": [{ "type": "boolean" }, { "type": "integer" }, { "type": "string" }],
        }),
        Kind::List(kind) => json!({ "type": "array", "items": values(kind) }),
        Kind::OneOrMore(kind) => {
            json!({ "anyOf": [values(kind), { "type": "array", "items": values(kind) }] })
        }
        Kind::Comparison(section) => {
            let value = values(&Kind::OneOrMore(Box::new(Kind::Scalar)));
            json!({ "anyOf": [value, record_schema(section, rules)] })
        }
        Kind::Map(kind) => json!({ "type": "object", "additionalProperties": values(kind) }),
        Kind::Nested(section) => record_schema(section, rules),
        Kind::Records(section) => {
            json!({ "type": "array", "items": record_schema(section, rules) })
        }
    }
}

/// A duration: days, hours, minutes and seconds, each once at most, and one of them at least.
const DURATION: &str = "^([0-9]+d([0-9]+h)?([0-9]+m)?([0-9]+s)?|[0-9]+h([0-9]+m)?([0-9]+s)?|\
    [0-9]+m([0-9]+s)?|[0-9]+s)$";

/// The codes of checks, those of the product and of one's own, ten by ten.
fn codes_of_checks() -> String {
    let is_of_check = |code: &u16| Code::new(*code).is_lint() || Code::new(*code).is_custom();
    let tens = (0..100).filter_map(|ten: u16| {
        let mut codes = (ten * 10..ten * 10 + 10).filter(is_of_check);
        let first = codes.next()?;
        let last = codes.next_back().unwrap_or(first);
        Some(format!("{ten:02}[{}-{}]", first % 10, last % 10))
    });
    format!("^SG({})$", tens.collect::<Vec<_>>().join("|"))
}

/// A date, for readers that take `format` for a comment.
const DATE: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$";

/// A moment, for readers that take `format` for a comment.
const DATE_TIME: &str = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\\.[0-9]+)?)?\
    ([Zz]|[+-][0-9]{2}:[0-9]{2})$";

/// A duration is more than nothing.
fn duration() -> Value {
    let some = json!({ "type": "string", "pattern": "[1-9]" });
    json!({ "type": "string", "pattern": DURATION, "allOf": [some] })
}
