//! Reading a store: its state, its customers. Nothing here writes to the file.

use crate::ledger::{Backing as _, BlockKind, Ledger, NameKind, QueueCounts, Slot, TextKind};
use crate::lifecycle::shown;
use crate::model::{Customer, Outcome, Rules};
use crate::store::error::StoreError;
use crate::store::file::meta::{read_channels, read_configuration};
use crate::store::file::reader::ReadOnly;
use std::sync::Arc;

/// At most so many blocks of rows stay in memory while a whole store is read: 128 MiB.
pub(crate) const BLOCK_BUDGET: usize = 8 << 10;

/// A store that is only read.
#[derive(Debug)]
pub struct Store {
    pub(crate) ledger: Ledger<ReadOnly>,
    /// The channels, by their number in the store.
    pub(crate) channels: Vec<String>,
    /// The rules that decided last.
    pub(crate) rules: Option<Arc<Rules>>,
    configurations: usize,
    head: String,
}

/// The state of a store.
#[derive(Clone, Debug)]
pub struct Status {
    /// The digest of the whole store, which `store verify --head` takes.
    pub head: String,
    /// How many events were applied.
    pub events_applied: u64,
    /// The streams that were applied, one after the other: events, and how many of them were not
    /// valid.
    pub streams: Vec<(u64, u64)>,
    /// How many customers there are.
    pub customers: u64,
    /// How many of them their own channel sees as pending.
    pub pending: u64,
    /// How many of them their own channel sees as synced.
    pub synced: u64,
    /// The queue, by table.
    pub queue: Vec<QueueTable>,
    /// Decisions by outcome.
    pub decisions: Vec<(Outcome, u64)>,
    /// Digests of the rules and of the deployment that decided, the last one last.
    pub configurations: Vec<(String, String)>,
}

/// One table of the queue.
#[derive(Clone, Debug)]
pub struct QueueTable {
    /// Its name.
    pub table: String,
    /// How many rows.
    pub counts: QueueCounts,
}

/// A customer, as the channel that created them sees them.
#[derive(Clone, Debug)]
pub struct CustomerLine {
    /// The caller's name.
    pub name: String,
    /// The channel that created them.
    pub channel: String,
    /// How that channel sees them.
    pub state: Customer,
    /// What a POS user sees as the account ID.
    pub displayed_account_id: String,
    /// The account ID: the GUID while pending.
    pub account_id: String,
    /// Whether synchronizing fails.
    pub failing: bool,
    /// How many accepted operations there were.
    pub operations: u32,
}

impl Store {
    /// Opens a store to read.
    ///
    /// # Errors
    ///
    /// There is none, it is in use, or it is damaged.
    pub fn open(path: &str) -> Result<Self, StoreError> {
        let read_only = ReadOnly::open(path)?;
        let channels = read_channels(&read_only.reading, &read_only.header)?;
        let counters = read_only.header.counters();
        let head = read_only.header.head();
        let configurations = read_only.header.configurations.len();
        let rules = match configurations.checked_sub(1) {
            Some(last) => {
                let record = read_configuration(&read_only.reading, last)?;
                record.load().map(|deployment| deployment.rules().clone())
            }
            None => None,
        };
        Ok(Self { ledger: Ledger::new(read_only, counters), channels, rules, configurations, head })
    }

    /// The ids of all channels.
    pub fn channels(&self) -> impl Iterator<Item = &str> {
        self.channels.iter().map(String::as_str)
    }

    /// The rules that decided, where one configuration decided everything.
    pub fn only_rules(&self) -> Option<&Arc<Rules>> {
        self.rules.as_ref().filter(|_| self.configurations == 1)
    }

    /// Whether there is a customer of this name.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn has_customer(&mut self, name: &str) -> Result<bool, StoreError> {
        self.ledger.named(NameKind::Customer, name).map(|slot| slot.is_some())
    }

    /// A text that must be there where it is `needed`.
    pub(crate) fn needed_text(
        &mut self,
        kind: TextKind,
        slot: Slot,
        needed: bool,
    ) -> Result<Option<String>, StoreError> {
        if !needed {
            return Ok(None);
        }
        match self.ledger.text(kind, slot)? {
            Some(text) => Ok(Some(text)),
            None => Err(self.ledger.backing().damaged(&format!("the {kind} {slot} is missing"))),
        }
    }

    /// The id of a channel.
    pub(crate) fn channel_id(&mut self, channel: u32) -> Result<String, StoreError> {
        let id = self.channels.get(channel as usize).cloned();
        id.ok_or_else(|| {
            self.ledger.backing().damaged(&format!("the channel {channel} does not exist"))
        })
    }

    /// The name of a table of the queue; where the rules are not understood any more, its number.
    pub(crate) fn table_id(&self, table: usize) -> String {
        let tables = self.rules.as_ref().map(|rules| &rules.channel_tables);
        let known = tables.and_then(|tables| tables.get(table));
        known.map_or_else(|| table.to_string(), |known| known.id.clone())
    }

    /// Its state.
    pub fn status(&mut self) -> Status {
        let customers = self.ledger.len(BlockKind::Customers);
        let counters = self.ledger.counters.clone();
        let header = &self.ledger.backing().header;
        let streams = header.streams.iter().map(|stream| (stream.events, stream.invalid)).collect();
        let configurations = header.configurations.iter();
        let configurations =
            configurations.map(|it| (it.rules.clone(), it.deployment.clone())).collect();
        let table = |index: usize| self.table_id(index);
        let written = |counts: &QueueCounts| *counts != QueueCounts::default();
        let queue = counters.queue.iter().enumerate().filter(|(_, counts)| written(counts));
        Status {
            head: self.head.clone(),
            events_applied: counters.events,
            streams,
            customers,
            pending: counters.pending,
            synced: customers - counters.pending,
            queue: queue
                .map(|(index, counts)| QueueTable { table: table(index), counts: *counts })
                .collect(),
            decisions: Outcome::ALL.iter().copied().zip(counters.decisions).collect(),
            configurations,
        }
    }

    /// How many customers there are.
    pub fn customer_count(&self) -> u64 {
        self.ledger.len(BlockKind::Customers)
    }

    /// A customer, by number in the order of creation.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn customer(&mut self, slot: Slot) -> Result<CustomerLine, StoreError> {
        self.ledger.forget_beyond(BLOCK_BUDGET);
        let row = self.ledger.customer(slot)?;
        let state = self.ledger.view(&row, row.channel)?;
        let Some((account_id, displayed)) = shown(&row, state) else {
            let what = format!("the customer {slot} has no account ID");
            return Err(self.ledger.backing().damaged(&what));
        };
        Ok(CustomerLine {
            name: self.ledger.name(NameKind::Customer, slot)?,
            channel: self.channel_id(row.channel)?,
            state,
            displayed_account_id: displayed,
            account_id,
            failing: row.failing,
            operations: row.operations,
        })
    }
}
