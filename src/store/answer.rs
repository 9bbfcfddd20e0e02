//! The answers of a replay, a line for each operation event; the same whether they are given at once or read back from
//! the journal.

use super::error::StoreError;
use crate::engine::Engine;
use crate::lifecycle::{Answer, CustomerRow, PENDING_SYNC, account_id, guid_text};
use crate::model::{Customer, OperationId, RuleId};
use crate::wire::DecisionWriter;
use std::io::Write as _;

/// Writes answers of one configuration.
#[derive(Debug)]
pub(super) struct AnswerWriter {
    decisions: DecisionWriter,
}

/// What an answer says beyond the decision.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told<'a> {
    pub(super) sequence: u64,
    pub(super) operation: OperationId,
    /// The channel, by its number in the deployment.
    pub(super) channel: usize,
    pub(super) rule: RuleId,
    /// The caller's name for the customer.
    pub(super) customer: Option<&'a str>,
    pub(super) row: Option<&'a CustomerRow>,
    pub(super) customer_after: Customer,
}

impl<'a> Told<'a> {
    pub(super) fn new(
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
    pub(super) fn new(engine: &Engine) -> Self {
        Self { decisions: DecisionWriter::new(engine) }
    }

    /// Appends the line of a decision.
    pub(super) fn decision(&self, line: &mut Vec<u8>, told: &Told<'_>) {
        let _ = write!(line, "{{\"sequence\":{},", told.sequence);
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
pub(super) fn invalid(line: &mut Vec<u8>, sequence: u64, number: u64, message: &str) {
    let _ = write!(line, "{{\"sequence\":{sequence},\"error\":{{\"line\":{number},\"message\":");
    text(line, message);
    line.extend_from_slice(b"}}\n");
}

/// Appends the account ID of a customer whom the channel knows.
fn account(line: &mut Vec<u8>, row: &CustomerRow, view: Customer) {
    match view {
        Customer::None => {}
        Customer::Pending => {
            let Some(guid) = row.guid else { return };
            let _ = write!(
                line,
                ",\"account_id\":\"{}\",\"displayed_account_id\":\"{PENDING_SYNC}\"",
                guid_text(guid)
            );
        }
        Customer::Synced => {
            let Some(number) = row.account.number() else { return };
            let id = account_id(number);
            let _ = write!(line, ",\"account_id\":\"{id}\",\"displayed_account_id\":\"{id}\"");
        }
    }
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

    /// Whether what is written before [`Sink::show`] stays hidden, as in a file that is renamed at the end, so that
    /// answers need not be held back until their events are kept.
    fn is_hidden(&self) -> bool;
}

pub(super) fn write(sink: &mut dyn Sink, lines: &[u8]) -> Result<(), StoreError> {
    sink.take(lines).map_err(StoreError::Output)
}
