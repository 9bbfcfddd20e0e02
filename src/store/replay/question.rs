//! Questions in a stream: answered from what is there, which they leave as it is.

use super::moment::moment;
use crate::ledger::{Backing, NameKind};
use crate::lifecycle::{Machine, QueueFilter, QueueSight};
use crate::model::Customer;
use crate::model::name::unknown;
use crate::wire::{ExpectedQueue, Question, QuestionLine, parse_question};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The answer to a question: the question with what was found.
#[derive(Debug, Serialize, JsonSchema)]
pub struct QuestionAnswer {
    #[serde(flatten)]
    asked: QuestionLine,
    /// How the channel sees the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<Customer>,
    /// Where the channel knows the customer, GUID or account ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<String>,
    /// What a POS user sees as the account ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    displayed_account_id: Option<String>,
    /// Whether it is as expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
    /// What there is of what was expected, where it is not so.
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<Map<String, Value>>,
}

impl QuestionAnswer {
    /// Whether something was expected that is not so.
    pub(crate) fn is_unmet(&self) -> bool {
        self.met == Some(false)
    }

    /// The answer that an expectation has, by what was found and is not as it says.
    fn expectation(asked: QuestionLine, found: Map<String, Value>) -> Self {
        Self {
            met: Some(found.is_empty()),
            found: Some(found).filter(|found| !found.is_empty()),
            ..Self::plain(asked)
        }
    }

    fn plain(asked: QuestionLine) -> Self {
        Self {
            asked,
            state: None,
            account_id: None,
            displayed_account_id: None,
            met: None,
            found: None,
        }
    }
}

/// Answers the question of a line, or says why it is none.
pub(crate) fn answer<B: Backing>(
    machine: &mut Machine<B>,
    line: &str,
) -> Result<Result<QuestionAnswer, String>, B::Error> {
    let asked = match parse_question(line) {
        Ok(asked) => asked,
        Err(message) => return Ok(Err(message)),
    };
    if let Some(Err(message)) = asked.at.as_deref().map(moment) {
        return Ok(Err(message));
    }
    let question = match asked.question() {
        Ok(question) => question,
        Err(message) => return Ok(Err(message)),
    };
    let directory = machine.directory();
    let channel = match question {
        Question::Customer { channel, .. }
        | Question::ExpectCustomer { channel, .. }
        | Question::ExpectOrder { channel, .. } => Some(channel),
        Question::ExpectQueue(wanted) => wanted.channel.as_deref(),
    };
    let channel = match channel.map(|id| directory.channel(id)).transpose() {
        Ok(channel) => channel,
        Err(message) => return Ok(Err(message)),
    };
    let (found, sight) = match (question, channel) {
        (Question::Customer { customer, .. }, Some(channel)) => {
            (Map::new(), Some(machine.customer_seen(customer, channel)?))
        }
        (Question::ExpectCustomer { customer, state, .. }, Some(channel)) => {
            let seen = machine.customer_seen(customer, channel)?.state;
            (state_found(seen.as_str(), seen == state), None)
        }
        (Question::ExpectOrder { order, state, .. }, Some(channel)) => {
            let seen = machine.order_seen(order, channel)?;
            (state_found(seen.as_str(), seen == state), None)
        }
        (Question::ExpectQueue(wanted), channel) => match queue(machine, wanted, channel)? {
            Ok(found) => (found, None),
            Err(message) => return Ok(Err(message)),
        },
        (_, None) => return Ok(Err("missing key `channel`".to_owned())),
    };
    Ok(Ok(match sight {
        Some(sight) => {
            let (account_id, displayed_account_id) = sight.account.unzip();
            let state = Some(sight.state);
            QuestionAnswer {
                state,
                account_id,
                displayed_account_id,
                ..QuestionAnswer::plain(asked)
            }
        }
        None => QuestionAnswer::expectation(asked, found),
    }))
}

/// The state that was found, where it is not the one expected.
fn state_found(found: &str, is_met: bool) -> Map<String, Value> {
    let state = (!is_met).then(|| ("state".to_owned(), json!(found)));
    state.into_iter().collect()
}

/// What of the queue is not as expected.
fn queue<B: Backing>(
    machine: &mut Machine<B>,
    wanted: &ExpectedQueue,
    channel: Option<usize>,
) -> Result<Result<Map<String, Value>, String>, B::Error> {
    let directory = machine.directory();
    let rules = directory.engine().rules();
    let mut filter = QueueFilter { channel, ..QueueFilter::default() };
    if let Some(table) = &wanted.table {
        filter.table = rules.channel_table_named(table);
        if filter.table.is_none() {
            let known = rules.channel_tables.iter().map(|it| it.id.as_str());
            return Ok(Err(unknown("table", table, known)));
        }
    }
    if let Some(customer) = &wanted.customer {
        filter.customer = machine.ledger.named(NameKind::Customer, customer)?;
        if filter.customer.is_none() {
            // Nobody is called so, which a count of none would hide.
            return Ok(Ok(Map::from_iter([("customer".to_owned(), Value::Null)])));
        }
    }
    Ok(Ok(queue_found(wanted, &machine.queue_seen(filter)?)))
}

fn queue_found(wanted: &ExpectedQueue, seen: &QueueSight) -> Map<String, Value> {
    let counts = [
        ("offline", wanted.offline, seen.offline),
        ("rows", wanted.rows, seen.rows),
        ("uploaded", wanted.uploaded, seen.uploaded),
        ("completed", wanted.completed, seen.completed),
        ("failed", wanted.failed, seen.failed),
    ];
    let differs =
        counts.into_iter().filter(|(_, wanted, seen)| wanted.is_some_and(|wanted| wanted != *seen));
    let counts = differs.map(|(key, _, seen)| (key.to_owned(), json!(seen)));
    let error = wanted.last_error.as_deref().and_then(|wanted| {
        let seen = seen.last_error.as_deref().unwrap_or("none");
        (seen != wanted).then(|| ("last_error".to_owned(), json!(seen)))
    });
    counts.chain(error).collect()
}
