//! The journal as an auditor reads it: every event with its time, what was asked, what decided, and
//! how it ended.

use super::journal::{JournalEntry, JournalReader, Voices, request_names, undecidable};
use super::store::Store;
use crate::ledger::{JournalKind, JournalRow};
use crate::lifecycle::shown;
use crate::model::{Operation, Outcome, Rule, Rules, Situation};
use crate::store::error::StoreError;
use jiff::Timestamp;
use std::sync::Arc;

/// A row of the journal, with everything that its numbers mean.
#[derive(Clone, Debug)]
pub struct AuditRecord {
    row: JournalRow,
    rules: Arc<Rules>,
    /// The channel of a decision.
    pub channel: Option<String>,
    /// The caller's name for the customer of a decision.
    pub customer: Option<String>,
    /// The caller's name for the order of a decision.
    pub order: Option<String>,
    /// The account ID as the channel knew it afterwards, and what a POS user was shown.
    pub account: Option<(String, String)>,
    /// The event itself where it is no operation; why it was not valid; what was replaced.
    pub note: String,
}

impl AuditRecord {
    /// What it records.
    pub fn kind(&self) -> JournalKind {
        self.row.kind
    }

    /// The number of the event; for a reconfiguration, of the last event before it.
    pub fn sequence(&self) -> u64 {
        self.row.sequence
    }

    /// The line of the event in its stream; 0 for what is no event.
    pub fn line(&self) -> u64 {
        self.row.line
    }

    /// The time that the event gives, if it gives one.
    pub fn moment(&self) -> Option<Timestamp> {
        self.row.at
    }

    /// The same as text, RFC 3339.
    pub fn at(&self) -> Option<String> {
        self.row.at.map(|moment| moment.to_string())
    }

    /// The configuration that was in force, by its number in the store.
    pub fn configuration(&self) -> u16 {
        self.row.configuration
    }

    fn is_decision(&self) -> bool {
        self.row.kind == JournalKind::Decision
    }

    /// The operation of a decision.
    pub fn operation(&self) -> Option<&Operation> {
        self.rules.operations.get(self.row.operation.index()).filter(|_| self.is_decision())
    }

    /// The situation of a decision.
    pub fn situation(&self) -> Option<Situation> {
        self.is_decision().then_some(self.row.situation)
    }

    /// The rule of a decision.
    pub fn rule(&self) -> Option<&Rule> {
        self.rules.rules.get(self.row.rule.index()).filter(|_| self.is_decision())
    }

    /// The reason of a decision.
    pub fn reason(&self) -> Option<&str> {
        self.rule().map(|rule| self.rules.reason_code(rule.reason))
    }
}

/// Which rows of the journal are asked for: those that agree with everything that is given.
#[derive(Clone, Debug, Default)]
pub struct AuditFilter {
    /// The caller's name for the customer.
    pub customer: Option<String>,
    /// The id of the channel.
    pub channel: Option<String>,
    /// The outcome.
    pub outcome: Option<Outcome>,
    /// The code of the reason.
    pub reason: Option<String>,
    /// The rule: `<operation>/<rule>`.
    pub rule: Option<String>,
    /// The first moment.
    pub since: Option<Timestamp>,
    /// The moment after the last.
    pub before: Option<Timestamp>,
}

impl AuditFilter {
    /// Whether a row is asked for. What is no decision has only a moment.
    pub fn takes(&self, record: &AuditRecord) -> bool {
        fn is<T: PartialEq + ?Sized>(wanted: Option<&T>, given: Option<&T>) -> bool {
            wanted.is_none() || wanted == given
        }
        is(self.customer.as_deref(), record.customer.as_deref())
            && is(self.channel.as_deref(), record.channel.as_deref())
            && is(self.outcome.as_ref(), record.rule().map(|rule| &rule.outcome))
            && is(self.reason.as_deref(), record.reason())
            && is(self.rule.as_deref(), record.rule().map(|rule| rule.id.as_str()))
            && self.since.is_none_or(|since| record.moment().is_some_and(|moment| moment >= since))
            && self
                .before
                .is_none_or(|before| record.moment().is_some_and(|moment| moment < before))
    }
}

/// Reads the journal of a store from its first row to its last.
#[derive(Debug)]
pub struct AuditReader {
    rows: JournalReader,
    voices: Voices,
}

impl AuditReader {
    /// A reader that stands before the first row.
    pub fn new(store: &Store) -> Self {
        Self {
            rows: JournalReader::new(0, store.ledger.counters.journal),
            voices: Voices::default(),
        }
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn next(&mut self, store: &mut Store) -> Result<Option<AuditRecord>, StoreError> {
        let Some(entry) = self.rows.next(&store.ledger.backing().reading)? else { return Ok(None) };
        self.record(store, entry).map(Some)
    }

    fn record(
        &mut self,
        store: &mut Store,
        entry: JournalEntry,
    ) -> Result<AuditRecord, StoreError> {
        let row = entry.row;
        let reading = &store.ledger.backing().reading;
        let voice = self.voices.get(row.configuration, reading, &store.channels)?;
        if row.kind == JournalKind::Decision && voice.channel_of(&row).is_none() {
            return Err(reading.damaged(undecidable(&row)));
        }
        let rules = Arc::clone(voice.rules());
        let mut record = AuditRecord {
            row,
            rules,
            channel: None,
            customer: None,
            order: None,
            account: None,
            note: String::new(),
        };
        if !record.is_decision() {
            record.note = entry.note;
            return Ok(record);
        }
        (record.customer, record.order) = request_names(&mut store.ledger, &entry)?;
        record.channel = store.channels.get(row.channel as usize).cloned();
        if let Some(slot) = row.customer {
            record.account = shown(&store.ledger.customer(slot)?, row.customer_after);
        }
        store.ledger.forget_beyond(super::store::BLOCK_BUDGET);
        Ok(record)
    }

    /// The operation that the event with this number tried; `None` where it was none. The events
    /// that are asked for come in the order of their numbers.
    pub(crate) fn operation_of(
        &mut self,
        store: &mut Store,
        sequence: u64,
    ) -> Result<Option<String>, StoreError> {
        let reading = &store.ledger.backing().reading;
        let row = self.rows.find(reading, sequence)?;
        let Some(row) = row.filter(|row| row.kind == JournalKind::Decision) else {
            return Ok(None);
        };
        let voice = self.voices.get(row.configuration, reading, &store.channels)?;
        match voice.rules().operations.get(row.operation.index()) {
            Some(operation) => Ok(Some(operation.id.clone())),
            None => Err(reading.damaged(undecidable(&row))),
        }
    }
}
