//! The answers of a replay, a line for each operation event; the same whether they are given at
//! once or read back from the journal.

use crate::engine::Engine;
use crate::ledger::CustomerRow;
use crate::lifecycle::{ACCOUNT_DIGITS, Answer, PENDING_SYNC};
use crate::model::{Customer, OperationId, RuleId, indexed};
use crate::store::error::StoreError;
use crate::wire::DecisionWriter;

/// Writes answers of one configuration.
#[derive(Debug)]
pub(crate) struct AnswerWriter {
    decisions: DecisionWriter,
}

/// What an answer says beyond the decision.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Told<'a> {
    pub(crate) sequence: u64,
    pub(crate) operation: OperationId,
    /// The channel, by its number in the deployment.
    pub(crate) channel: usize,
    pub(crate) rule: RuleId,
    /// The caller's name for the customer.
    pub(crate) customer: Option<&'a str>,
    pub(crate) row: Option<&'a CustomerRow>,
    pub(crate) customer_after: Customer,
}

impl<'a> Told<'a> {
    pub(crate) fn new(
        sequence: u64,
        answer: &Answer,
        customer: Option<&'a str>,
        row: Option<&'a CustomerRow>,
    ) -> Self {
        Self {
            sequence,
            operation: answer.operation,
            channel: answer.channel,
            rule: answer.rule,
            customer,
            row,
            customer_after: answer.customer_after,
        }
    }
}

impl AnswerWriter {
    pub(crate) fn new(engine: &Engine) -> Self {
        Self { decisions: DecisionWriter::new(engine) }
    }

    /// Appends the line of a decision.
    pub(crate) fn decision(&self, line: &mut Vec<u8>, told: &Told<'_>) {
        line.extend_from_slice(b"{\"sequence\":");
        digits(line, told.sequence, 1);
        line.push(b',');
        self.decisions.write_members(line, told.operation, told.channel, told.rule.index());
        if let Some(customer) = told.customer {
            line.extend_from_slice(b",\"customer\":");
            text(line, customer);
        }
        if let Some(row) = told.row {
            account(line, row, told.customer_after);
        }
        line.extend_from_slice(b"}\n");
    }
}

/// Appends the line of an operation event that was not valid.
pub(crate) fn invalid(line: &mut Vec<u8>, sequence: u64, number: u64, message: &str) {
    let head = format!("{{\"sequence\":{sequence},\"error\":{{\"line\":{number},\"message\":");
    line.extend_from_slice(head.as_bytes());
    text(line, message);
    line.extend_from_slice(b"}}\n");
}

/// Appends the line of a question that was not valid.
pub(crate) fn misasked(line: &mut Vec<u8>, number: u64, message: &str) {
    line.extend_from_slice(format!("{{\"error\":{{\"line\":{number},\"message\":").as_bytes());
    text(line, message);
    line.extend_from_slice(b"}}\n");
}

/// Appends what is written as JSON elsewhere, as a line.
#[expect(clippy::expect_used, reason = "an answer has keys that are text, and memory takes it")]
pub(crate) fn object(line: &mut Vec<u8>, answer: &impl serde::Serialize) {
    serde_json::to_writer(&mut *line, answer).expect("every key is text");
    line.push(b'\n');
}

/// Appends the account ID of a customer whom the channel knows.
fn account(line: &mut Vec<u8>, row: &CustomerRow, view: Customer) {
    match view {
        Customer::None => {}
        Customer::Pending => {
            let Some(guid) = row.guid else { return };
            let mut room = [0; uuid::fmt::Hyphenated::LENGTH];
            let guid = uuid::Uuid::from_u128(guid).hyphenated().encode_lower(&mut room);
            shown(line, guid.as_bytes(), PENDING_SYNC.as_bytes());
        }
        Customer::Synced => {
            let Some(number) = row.account.number() else { return };
            let mut id = Vec::with_capacity(20);
            digits(&mut id, number, ACCOUNT_DIGITS);
            shown(line, &id, &id);
        }
    }
}

fn shown(line: &mut Vec<u8>, account_id: &[u8], displayed: &[u8]) {
    line.extend_from_slice(b",\"account_id\":\"");
    line.extend_from_slice(account_id);
    line.extend_from_slice(b"\",\"displayed_account_id\":\"");
    line.extend_from_slice(displayed);
    line.push(b'"');
}

/// The digits of a number by what they stand for.
const DIGITS: [u8; 10] = *b"0123456789";

/// Appends a number, with zeros before it where it has fewer digits than `at_least`.
fn digits(line: &mut Vec<u8>, number: u64, at_least: usize) {
    let mut room = [0; 20];
    let (mut rest, mut length) = (number, 0);
    for place in room.iter_mut().rev() {
        if rest == 0 && length >= at_least {
            break;
        }
        *place = *indexed(&DIGITS, (rest % 10) as usize);
        rest /= 10;
        length += 1;
    }
    let (_, written) = room.split_at(room.len() - length);
    line.extend_from_slice(written);
}

/// Appends a JSON string.
fn text(line: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        line.push(b'"');
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}

/// Where answers go.
pub trait Sink {
    /// Takes lines; they need not be seen yet.
    ///
    /// # Errors
    ///
    /// They can't be written.
    fn take(&mut self, lines: &[u8]) -> std::io::Result<()>;

    /// Shows what was taken: the events are kept.
    ///
    /// # Errors
    ///
    /// It can't be written.
    fn show(&mut self) -> std::io::Result<()>;

    /// Whether what is written before [`Sink::show`] stays hidden, as in a file that is renamed at
    /// the end, so that answers need not be held back until their events are kept.
    fn is_hidden(&self) -> bool;
}

pub(crate) fn write(sink: &mut dyn Sink, lines: &[u8]) -> Result<(), StoreError> {
    sink.take(lines).map_err(StoreError::Output)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lifecycle::account_id;

    #[test]
    fn numbers_are_written_as_elsewhere() {
        for number in [0, 1, 9, 10, 99_999, 100_000, 999_999, 1_000_000, u64::MAX] {
            let (mut plain, mut padded) = (Vec::new(), Vec::new());
            digits(&mut plain, number, 1);
            digits(&mut padded, number, ACCOUNT_DIGITS);
            assert_eq!(plain, number.to_string().into_bytes());
            assert_eq!(padded, account_id(number).into_bytes());
        }
    }
}
