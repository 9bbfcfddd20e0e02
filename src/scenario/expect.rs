//! What a step expects, compared with what there is.

use super::{Answered, Mismatch, Stage};
use crate::diagnostic::Span;
use crate::ledger::{MemoryError, NameKind};
use crate::lifecycle::{QueueFilter, QueueSight};
use crate::model::name::nearest;
use crate::model::{ChannelTableId, Fields, Placed, Value};

/// Keys that an answer may have, as scenarios write them.
const ANSWER_KEYS: [&str; 13] = [
    "operation",
    "channel",
    "outcome",
    "reason",
    "rule",
    "basis",
    "sources",
    "error-id",
    "sequence",
    "customer",
    "account-id",
    "displayed-account-id",
    "error",
];

/// What of an answer is not as `expect` says; an event that is not valid must be expected.
pub(super) fn answer(step: Fields<'_>, answered: &Answered) -> Vec<Mismatch> {
    let expected = step.map("expect");
    let expects_error = expected.iter().any(|(key, _)| key.value == "error");
    if let Err(message) = answered
        && !expects_error
    {
        return vec![mismatch(step.record.span, "event", "a valid event", message)];
    }
    expected.iter().filter_map(|(key, value)| answer_key(key, value, answered)).collect()
}

fn answer_key(
    key: &Placed<String>,
    wanted: &Placed<Value>,
    answered: &Answered,
) -> Option<Mismatch> {
    if !ANSWER_KEYS.contains(&key.value.as_str()) {
        let near = nearest(&key.value, ANSWER_KEYS).unwrap_or("outcome");
        return Some(mismatch(
            key.span,
            &key.value,
            &format!("a key of an answer, such as `{near}`"),
            "no such key",
        ));
    }
    let found = match answered {
        Err(message) if key.value == "error" => {
            let holds = wanted.value.as_text().is_some_and(|part| message.contains(part));
            return (!holds).then(|| {
                mismatch(
                    wanted.span,
                    "error",
                    &format!("a message with `{}`", wanted.value),
                    message,
                )
            });
        }
        Ok(Some(answer)) => answer.get(key.value.replace('-', "_")),
        Ok(None) | Err(_) => None,
    };
    let is_equal = found.is_some_and(|found| equals(&wanted.value, found));
    (!is_equal).then(|| {
        let found = match found {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => "nothing".to_owned(),
        };
        mismatch(wanted.span, &key.value, &wanted.value.to_string(), &found)
    })
}

fn equals(wanted: &Value, found: &serde_json::Value) -> bool {
    match (wanted, found) {
        (Value::List(wanted), serde_json::Value::Array(found)) => {
            wanted.len() == found.len()
                && wanted.iter().zip(found).all(|(wanted, found)| equals(&wanted.value, found))
        }
        (Value::Boolean(wanted), found) => found.as_bool() == Some(*wanted),
        (Value::Integer(wanted), found) => found.as_i64() == Some(*wanted),
        (wanted, found) => found.as_str().is_some() && found.as_str() == wanted.as_text(),
    }
}

fn mismatch(span: Span, key: &str, expected: &str, found: &str) -> Mismatch {
    Mismatch { span, key: key.to_owned(), expected: expected.to_owned(), found: found.to_owned() }
}

/// What of the queue is not as `expect-queue` says.
fn queue_differs(wanted: Fields<'_>, seen: &QueueSight) -> Vec<Mismatch> {
    let counts = [
        ("offline", seen.offline),
        ("rows", seen.rows),
        ("uploaded", seen.uploaded),
        ("completed", seen.completed),
        ("failed", seen.failed),
    ];
    let differs = counts.into_iter().filter_map(|(key, found)| {
        let expected = wanted.integer(key)?;
        (i64::try_from(found) != Ok(expected))
            .then(|| mismatch(wanted.span(key), key, &expected.to_string(), &found.to_string()))
    });
    let error = wanted.text("last-error").and_then(|expected| {
        let found = seen.last_error.as_deref().unwrap_or("none");
        (found != expected)
            .then(|| mismatch(wanted.span("last-error"), "last-error", expected, found))
    });
    differs.chain(error).collect()
}

impl Stage<'_> {
    /// What of the queue is not as `expect-queue` says.
    pub(super) fn queue(&mut self, step: Fields<'_>) -> Result<Vec<Mismatch>, MemoryError> {
        let Some(wanted) = step.nested("expect-queue") else { return Ok(Vec::new()) };
        let customer = match wanted.text("customer") {
            Some(name) => self.machine.ledger.named(NameKind::Customer, name)?,
            None => None,
        };
        let fits =
            self.channel_of(wanted).and_then(|channel| Ok((channel, self.table_of(wanted)?)));
        let (channel, table) = match fits {
            Ok(fits) => fits,
            Err(mismatch) => return Ok(vec![mismatch]),
        };
        if let (Some(name), None) = (wanted.text("customer"), customer) {
            return Ok(vec![mismatch(
                wanted.span("customer"),
                "customer",
                "a customer of the store",
                name,
            )]);
        }
        let seen = self.machine.queue_seen(QueueFilter { channel, customer, table })?;
        Ok(queue_differs(wanted, &seen))
    }

    /// The table that an expectation speaks of, by its number.
    fn table_of(&self, wanted: Fields<'_>) -> Result<Option<ChannelTableId>, Mismatch> {
        let Some(name) = wanted.text("table") else { return Ok(None) };
        let rules = self.engine.rules();
        rules.channel_table_named(name).map(Some).ok_or_else(|| {
            let known = rules.channel_tables.iter().map(|table| table.id.as_str());
            let near = nearest(name, known).unwrap_or("transactions");
            mismatch(wanted.span("table"), "table", &format!("a table, such as `{near}`"), name)
        })
    }

    /// What is not as `expect-customer` says.
    pub(super) fn customer(&mut self, step: Fields<'_>) -> Result<Option<Mismatch>, MemoryError> {
        let Some(wanted) = step.nested("expect-customer") else { return Ok(None) };
        let (channel, name) = match self.sight(wanted, "customer") {
            Ok(sight) => sight,
            Err(mismatch) => return Ok(Some(mismatch)),
        };
        let seen = self.machine.customer_seen(name, channel)?;
        Ok(state_differs(wanted, seen.state.as_str()))
    }

    /// What is not as `expect-order` says.
    pub(super) fn order(&mut self, step: Fields<'_>) -> Result<Option<Mismatch>, MemoryError> {
        let Some(wanted) = step.nested("expect-order") else { return Ok(None) };
        let (channel, name) = match self.sight(wanted, "order") {
            Ok(sight) => sight,
            Err(mismatch) => return Ok(Some(mismatch)),
        };
        let state = self.machine.order_seen(name, channel)?;
        Ok(state_differs(wanted, state.as_str()))
    }

    /// Who sees whom: the channel, by its number in the deployment, and the name under `key`.
    fn sight<'s>(&self, wanted: Fields<'s>, key: &str) -> Result<(usize, &'s str), Mismatch> {
        let channel = self.channel_of(wanted)?;
        Ok((channel.ok_or_else(|| missing(wanted, "channel"))?, needed(wanted, key)?))
    }

    /// The channel that an expectation speaks of, by its number in the deployment; `None` where it
    /// names none.
    fn channel_of(&self, wanted: Fields<'_>) -> Result<Option<usize>, Mismatch> {
        let Some(id) = wanted.text("channel") else { return Ok(None) };
        let channel = self.machine.directory().channel(id);
        channel
            .map(Some)
            .map_err(|message| mismatch(wanted.span("channel"), "channel", "a channel", &message))
    }
}

fn state_differs(wanted: Fields<'_>, found: &str) -> Option<Mismatch> {
    match needed(wanted, "state") {
        Ok(expected) => {
            (expected != found).then(|| mismatch(wanted.span("state"), "state", expected, found))
        }
        Err(missing) => Some(missing),
    }
}

/// The text of a key that an expectation must have, also where the scenario is not whole.
fn needed<'s>(wanted: Fields<'s>, key: &str) -> Result<&'s str, Mismatch> {
    wanted.text(key).ok_or_else(|| missing(wanted, key))
}

fn missing(wanted: Fields<'_>, key: &str) -> Mismatch {
    mismatch(wanted.record.span, key, "a name or a word", "nothing")
}
