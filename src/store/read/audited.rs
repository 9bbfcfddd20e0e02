//! A row of the journal as a JSON object.

use super::audit::AuditRecord;
use crate::ledger::JournalKind;
use crate::wire::{Decided, Facts};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::borrow::Cow;

impl Serialize for AuditRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        row(self).serialize(serializer)
    }
}

impl JsonSchema for AuditRecord {
    fn schema_name() -> Cow<'static, str> {
        Row::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Row::json_schema(generator)
    }
}

/// A row of the journal; what it has depends on its kind.
#[derive(Serialize, JsonSchema)]
struct Row<'a> {
    /// The number of the event.
    sequence: u64,
    kind: JournalKind,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<String>,
    /// The number of the configuration that was in force.
    configuration: u16,
    /// The line of the event in its stream.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    #[serde(flatten)]
    decision: Option<DecisionPart<'a>>,
    /// The event, where it is no operation.
    #[serde(skip_serializing_if = "Option::is_none")]
    event: Option<Event<'a>>,
    /// Why the event was not valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a str>,
    /// What was replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
}

/// What was asked, and how it ended.
#[derive(Serialize, JsonSchema)]
struct DecisionPart<'a> {
    operation: Option<&'a str>,
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<&'a str>,
    situation: Option<Facts>,
    #[serde(flatten)]
    answer: Option<Decided<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    /// What a POS user saw as the account ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    displayed_account_id: Option<&'a str>,
}

/// An event as it was written.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Event<'a> {
    /// An object, as it was taken.
    Object(#[schemars(with = "serde_json::Map<String, serde_json::Value>")] &'a RawValue),
    /// What is no object any more.
    Text(&'a str),
}

impl<'a> Event<'a> {
    fn of(note: &'a str) -> Self {
        serde_json::from_str(note).map_or(Self::Text(note), Self::Object)
    }
}

fn row(record: &AuditRecord) -> Row<'_> {
    let note = record.note.as_str();
    let mut row = Row {
        sequence: record.sequence(),
        kind: record.kind(),
        at: record.at(),
        configuration: record.configuration(),
        line: Some(record.line()).filter(|line| *line > 0),
        decision: None,
        event: None,
        error: None,
        note: None,
    };
    match record.kind() {
        JournalKind::Decision => row.decision = Some(decision(record)),
        JournalKind::Event => row.event = Some(Event::of(note)),
        JournalKind::InvalidOperation | JournalKind::InvalidEvent => row.error = Some(note),
        JournalKind::Reconfiguration => row.note = Some(note),
    }
    row
}

fn decision(record: &AuditRecord) -> DecisionPart<'_> {
    let account = record.account.as_ref();
    DecisionPart {
        operation: record.operation().map(|operation| operation.id.as_str()),
        channel: record.channel.as_deref(),
        customer: record.customer.as_deref(),
        order: record.order.as_deref(),
        situation: record.situation().map(Facts::of),
        answer: record.rule().zip(record.reason()).map(Decided::from),
        account_id: account.map(|(account, _)| account.as_str()),
        displayed_account_id: account.map(|(_, shown)| shown.as_str()),
    }
}
