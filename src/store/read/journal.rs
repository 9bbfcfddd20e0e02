//! The journal read back: row by row, and as the answers that were given.

use super::answer::{AnswerWriter, Told, invalid};
use crate::engine::Engine;
use crate::ledger::{Backing, JournalKind, JournalRow, Ledger, NameKind, split_names};
use crate::model::Rules;
use crate::store::error::StoreError;
use crate::store::file::chunk::find_chunk;
use crate::store::file::meta::read_configuration;
use crate::store::file::reading::Reading;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

/// A journal row and its note.
#[derive(Clone, Debug)]
pub(crate) struct JournalEntry {
    pub(crate) row: JournalRow,
    pub(crate) note: String,
}

/// Reads journal rows one after the other, a chunk at a time.
#[derive(Debug)]
pub(crate) struct JournalReader {
    next: u64,
    end: u64,
    chunk: Vec<u8>,
    /// Where in the chunk the next row begins.
    at: usize,
}

impl JournalReader {
    /// The rows from `first` on, before `end`.
    pub(crate) fn new(first: u64, end: u64) -> Self {
        Self { next: first, end, chunk: Vec::new(), at: 0 }
    }

    /// The next row.
    pub(crate) fn next(&mut self, reading: &Reading) -> Result<Option<JournalEntry>, StoreError> {
        if self.next >= self.end {
            return Ok(None);
        }
        let number = self.next;
        let damaged = || reading.damaged(format!("row {number} of the journal can't be read"));
        if self.at >= self.chunk.len() {
            let (first, chunk) = find_chunk(reading, number)?.ok_or_else(damaged)?;
            (self.chunk, self.at) = (chunk.entries, 0);
            for _ in first..number {
                let (_, _, rest) = self.split().ok_or_else(damaged)?;
                self.at = self.chunk.len() - rest;
            }
        }
        let (row, note, rest) = self.split().ok_or_else(damaged)?;
        self.at = self.chunk.len() - rest;
        self.next += 1;
        Ok(Some(JournalEntry { row, note }))
    }

    /// The row of the event with this number, unless the reader is past it.
    pub(crate) fn find(
        &mut self,
        reading: &Reading,
        sequence: u64,
    ) -> Result<Option<JournalRow>, StoreError> {
        while let Some(JournalEntry { row, .. }) = self.next(reading)? {
            if row.sequence >= sequence && row.kind != JournalKind::Reconfiguration {
                return Ok(Some(row).filter(|row| row.sequence == sequence));
            }
        }
        Ok(None)
    }

    /// The row where the reader stands, its note, and how many bytes come after it.
    fn split(&self) -> Option<(JournalRow, String, usize)> {
        let (row, note, rest) = JournalRow::split_first(self.chunk.get(self.at..)?)?;
        Some((row, note.to_owned(), rest.len()))
    }
}

/// The configurations that decided, each loaded once.
#[derive(Debug, Default)]
pub(crate) struct Voices {
    by_number: BTreeMap<u16, Voice>,
}

/// One configuration, and how its answers are written.
#[derive(Debug)]
pub(crate) struct Voice {
    rules: Arc<Rules>,
    answers: AnswerWriter,
    /// For each channel of the store its number in the deployment.
    channels: Vec<Option<usize>>,
}

impl Voice {
    fn new(engine: &Engine, channel_ids: &[String]) -> Self {
        let number = |id: &String| {
            let mut known = engine.channels();
            known.position(|channel| channel.id() == id)
        };
        Self {
            rules: engine.rules().clone(),
            answers: AnswerWriter::new(engine),
            channels: channel_ids.iter().map(number).collect(),
        }
    }

    /// The rules that decided.
    pub(crate) fn rules(&self) -> &Arc<Rules> {
        &self.rules
    }

    /// The number in the deployment of the channel that a row's decision was made for; `None`
    /// where this configuration has no such channel, operation or rule.
    pub(crate) fn channel_of(&self, row: &JournalRow) -> Option<usize> {
        let is_known = row.operation.index() < self.rules.operations.len()
            && row.rule.index() < self.rules.rules.len();
        self.channels.get(row.channel as usize).copied().flatten().filter(|_| is_known)
    }
}

impl Voices {
    /// Adds a configuration that is loaded already.
    pub(crate) fn add(&mut self, number: u16, engine: &Engine, channel_ids: &[String]) {
        self.by_number.insert(number, Voice::new(engine, channel_ids));
    }

    /// The configuration with this number.
    pub(crate) fn get(
        &mut self,
        number: u16,
        reading: &Reading,
        channel_ids: &[String],
    ) -> Result<&Voice, StoreError> {
        match self.by_number.entry(number) {
            Entry::Occupied(known) => Ok(known.into_mut()),
            Entry::Vacant(vacant) => {
                let record = read_configuration(reading, usize::from(number))?;
                let damaged =
                    || reading.damaged(format!("configuration {number} is not valid any more"));
                let deployment = record.load().ok_or_else(damaged)?;
                let engine = Engine::new(deployment.rules(), &deployment).map_err(|_| damaged())?;
                Ok(vacant.insert(Voice::new(&engine, channel_ids)))
            }
        }
    }
}

/// What is wrong with a row whose decision no configuration can have made.
pub(crate) fn undecidable(row: &JournalRow) -> String {
    format!(
        "the decision of event {} is of no channel, operation or rule of its configuration",
        row.sequence
    )
}

/// The names of a request: of its customer and its order.
pub(crate) type RequestNames = (Option<String>, Option<String>);

/// The names that a decision's request gave.
pub(crate) fn request_names<B: Backing>(
    ledger: &mut Ledger<B>,
    entry: &JournalEntry,
) -> Result<RequestNames, B::Error> {
    let row = &entry.row;
    let (customer, order) = split_names(&entry.note);
    let (customer, order) = (customer.map(str::to_owned), order.map(str::to_owned));
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

/// Appends the line that a journal row was answered with, if it was one of an operation event.
pub(crate) fn answer<B: Backing>(
    lines: &mut Vec<u8>,
    ledger: &mut Ledger<B>,
    voice: &Voice,
    entry: &JournalEntry,
) -> Result<(), B::Error> {
    let row = &entry.row;
    match row.kind {
        JournalKind::Decision => {
            let channel = voice.channel_of(row);
            let channel = channel.ok_or_else(|| ledger.backing().damaged(&undecidable(row)))?;
            let (name, _) = request_names(ledger, entry)?;
            let customer = match row.customer {
                Some(slot) => Some(ledger.customer(slot)?),
                None => None,
            };
            voice.answers.decision(
                lines,
                &Told {
                    sequence: row.sequence,
                    operation: row.operation,
                    channel,
                    rule: row.rule,
                    customer: name.as_deref(),
                    row: customer.as_ref(),
                    customer_after: row.customer_after,
                },
            );
        }
        JournalKind::InvalidOperation => {
            invalid(lines, row.sequence, row.line, &entry.note);
        }
        JournalKind::Event | JournalKind::InvalidEvent | JournalKind::Reconfiguration => {}
    }
    Ok(())
}
