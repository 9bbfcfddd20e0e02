//! The journal read back: row by row, and as the answers that were given.

use super::answer::{AnswerWriter, Told, invalid};
use super::error::StoreError;
use super::file::{CHUNK_ROWS, read_chunk, read_configuration};
use super::tables::Reading;
use crate::engine::Engine;
use crate::lifecycle::{Backing, Decoder, JournalKind, JournalRow, Ledger, NameKind, Row as _, TextKind};
use std::collections::BTreeMap;

/// What separates the names of a customer and an order in a note.
const SEPARATOR: char = '\u{1f}';

/// Reads journal rows one after the other, a chunk at a time.
#[derive(Debug)]
pub(super) struct JournalReader {
    next: u64,
    end: u64,
    chunk: Vec<u8>,
    chunk_first: u64,
}

impl JournalReader {
    /// The rows from `first` on, before `end`.
    pub(super) fn new(first: u64, end: u64) -> Self {
        Self { next: first, end, chunk: Vec::new(), chunk_first: u64::MAX }
    }

    /// The next row and its number.
    pub(super) fn next(&mut self, reading: &Reading) -> Result<Option<(u64, JournalRow)>, StoreError> {
        if self.next >= self.end {
            return Ok(None);
        }
        let number = self.next;
        let first = number - number % CHUNK_ROWS;
        if first != self.chunk_first {
            self.chunk = read_chunk(reading, first)?.rows;
            self.chunk_first = first;
        }
        let start = usize::try_from(number - first).unwrap_or(usize::MAX).saturating_mul(JournalRow::WIDTH);
        let row = self.chunk.get(start..start + JournalRow::WIDTH).map(Decoder::new);
        let row = row.and_then(|mut bytes| JournalRow::decode(&mut bytes));
        self.next += 1;
        row.map(|row| Some((number, row)))
            .ok_or_else(|| reading.damaged(format!("row {number} of the journal can't be read")))
    }
}

/// The configurations that decided, each loaded once.
#[derive(Debug, Default)]
pub(super) struct Voices {
    by_number: BTreeMap<u16, Voice>,
}

/// One configuration, and how its answers are written.
#[derive(Debug)]
pub(super) struct Voice {
    pub(super) engine: Engine,
    answers: AnswerWriter,
    /// For each channel of the store its number in the deployment.
    channels: Vec<Option<usize>>,
}

impl Voice {
    fn new(engine: Engine, channel_ids: &[String]) -> Self {
        let number = |id: &String| {
            engine.channels().find(|channel| channel.id() == id).map(|channel| channel.number())
        };
        let channels = channel_ids.iter().map(number).collect();
        Self { answers: AnswerWriter::new(&engine), channels, engine }
    }

    /// The number in the deployment of a channel of the store.
    pub(super) fn channel(&self, channel: u32) -> usize {
        self.channels.get(channel as usize).copied().flatten().unwrap_or(usize::MAX)
    }
}

impl Voices {
    /// Adds a configuration that is loaded already.
    pub(super) fn add(&mut self, number: u16, engine: &Engine, channel_ids: &[String]) {
        self.by_number.insert(number, Voice::new(engine.clone(), channel_ids));
    }

    /// The configuration with this number.
    pub(super) fn get(
        &mut self,
        number: u16,
        reading: &Reading,
        channel_ids: &[String],
    ) -> Result<&Voice, StoreError> {
        if !self.by_number.contains_key(&number) {
            let record = read_configuration(reading, usize::from(number))?;
            let damaged = || reading.damaged(format!("configuration {number} is not valid any more"));
            let deployment = record.load().ok_or_else(damaged)?;
            let engine = Engine::new(deployment.rules(), &deployment).map_err(|_| damaged())?;
            self.by_number.insert(number, Voice::new(engine, channel_ids));
        }
        self.by_number.get(&number).ok_or_else(|| reading.damaged("a configuration is out of reach"))
    }
}

/// The names of a request: of its customer and its order.
pub(super) type RequestNames = (Option<String>, Option<String>);

/// The names that a decision's request gave.
pub(super) fn request_names<B: Backing>(
    ledger: &mut Ledger<B>,
    number: u64,
    row: &JournalRow,
) -> Result<RequestNames, B::Error> {
    let note = if row.has_note { ledger.text(TextKind::JournalNote, number)? } else { None };
    let (customer, order) = match note.as_deref().and_then(|note| note.split_once(SEPARATOR)) {
        Some((customer, order)) => (given(customer), given(order)),
        None => (None, None),
    };
    let customer = match row.customer {
        Some(slot) => Some(ledger.name(NameKind::Customer, slot)?),
        None => customer,
    };
    let order = match row.order {
        Some(slot) => Some(ledger.name(NameKind::Order, slot)?),
        None => order,
    };
    Ok((customer, order))
}

fn given(name: &str) -> Option<String> {
    (!name.is_empty()).then(|| name.to_owned())
}

/// Appends the line that a journal row was answered with, if it was one of an operation event.
pub(super) fn answer<B: Backing>(
    lines: &mut Vec<u8>,
    ledger: &mut Ledger<B>,
    voice: &Voice,
    number: u64,
    row: &JournalRow,
) -> Result<(), B::Error> {
    match row.kind {
        JournalKind::Decision => {
            let (name, _) = request_names(ledger, number, row)?;
            let customer = match row.customer {
                Some(slot) => Some(ledger.customer(slot)?),
                None => None,
            };
            voice.answers.decision(
                lines,
                &Told {
                    sequence: row.sequence,
                    operation: row.operation,
                    channel: voice.channel(row.channel),
                    rule: row.rule,
                    customer: name.as_deref(),
                    row: customer.as_ref(),
                    customer_after: row.customer_after,
                },
            );
        }
        JournalKind::InvalidOperation => {
            let message = ledger.text(TextKind::JournalNote, number)?.unwrap_or_default();
            invalid(lines, row.sequence, row.line, &message);
        }
        JournalKind::Event | JournalKind::InvalidEvent | JournalKind::Reconfiguration => {}
    }
    Ok(())
}
