//! The state machine: one event in, what it answers out; rows change in the ledger.

use super::account::shown;
use super::environment::Environment;
use super::event::{Directory, Event};
use crate::engine::Engine;
use crate::ledger::{
    Backing, Counters, DocumentRow, DocumentState, JournalKind, JournalRow, Ledger, NameKind,
    QueueRow, RowKind, Slot, TextKind,
};
use crate::model::{
    ChannelTableId, Connection, Creation, Customer, OperationId, Outcome, RuleId, Situation,
    indexed,
};
use jiff::Timestamp;
use std::sync::Arc;

/// Where GUIDs come from.
pub trait IdSource {
    /// The GUID of the customer that the event with this number creates; never the same twice.
    fn guid(&mut self, sequence: u64) -> u128;
}

/// What an operation event was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The operation.
    pub operation: OperationId,
    /// The channel, by its number in the deployment.
    pub channel: usize,
    /// The situation in which it was tried.
    pub situation: Situation,
    /// The rule that decided.
    pub rule: RuleId,
    /// How it ended.
    pub outcome: Outcome,
    /// The customer, where one of that name exists afterwards.
    pub customer: Option<Slot>,
    /// The order, where one of that name exists afterwards.
    pub order: Option<Slot>,
    /// How the channel sees the customer afterwards.
    pub customer_after: Customer,
}

/// What became of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// An operation was decided.
    Decided(Answer),
    /// Another event took effect.
    Done,
    /// The event makes no sense and changed nothing but the count of events; why.
    Invalid(String),
}

/// The note of a decision all of whose names lead somewhere.
const NO_NOTE: &str = "";

/// A store and everything that decides in it.
#[derive(Clone, Debug)]
pub struct Machine<B> {
    directory: Arc<Directory>,
    pub(super) environment: Environment,
    /// The rows.
    pub ledger: Ledger<B>,
    /// For each channel of the deployment its number in the store.
    channels: Vec<u32>,
    /// The channels of the store, in the order of their ids.
    pub(super) by_id: Vec<u32>,
    /// The number of the configuration in the store.
    configuration: u16,
    /// Customers whom their own channel has come to see as synced, where somebody asks.
    pub(super) synced: Option<Vec<Slot>>,
}

impl<B: Backing> Machine<B> {
    /// A store of these rows, deciding as `environment` says. `channel_ids` are the ids of all
    /// channels that the store knows, by their number in it.
    ///
    /// # Errors
    ///
    /// A channel of the deployment is not among them.
    pub fn new(
        engine: &Engine,
        environment: Environment,
        ledger: Ledger<B>,
        channel_ids: &[String],
        configuration: u16,
    ) -> Result<Self, B::Error> {
        let mut numbered: Vec<(&str, u32)> =
            channel_ids.iter().map(String::as_str).zip(0..).collect();
        numbered.sort_by_key(|(id, _)| *id);
        let mut channels = Vec::new();
        for channel in engine.channels() {
            match numbered.binary_search_by_key(&channel.id(), |(known, _)| known) {
                Ok(place) => channels.push(indexed(&numbered, place).1),
                Err(_) => {
                    let what = format!("the channel `{}` is missing", channel.id());
                    return Err(ledger.backing.damaged(&what));
                }
            }
        }
        let by_id = numbered.iter().map(|(_, number)| *number).collect();
        Ok(Self {
            directory: Arc::new(Directory::new(engine)),
            environment,
            ledger,
            channels,
            by_id,
            configuration,
            synced: None,
        })
    }

    /// The customers whom their own channel has come to see as synced since this was asked last;
    /// from now on they are remembered.
    pub fn take_synced(&mut self) -> Vec<Slot> {
        self.synced.replace(Vec::new()).unwrap_or_default()
    }

    /// The names of the deployment.
    pub fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory)
    }

    /// The configuration as it is now.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// The number in the store of a channel of the deployment.
    pub fn store_channel(&self, channel: usize) -> u32 {
        *indexed(&self.channels, channel)
    }

    /// Applies an event that could be read and whose names are known, or says of one that could not
    /// why.
    ///
    /// # Errors
    ///
    /// Rows can't be read.
    pub fn apply(
        &mut self,
        event: Result<Event<'_>, String>,
        source: &EventSource<'_>,
        ids: &mut impl IdSource,
    ) -> Result<Applied, B::Error> {
        self.ledger.counters.events += 1;
        let sequence = self.ledger.counters.events;
        let mut unnamed = None;
        let applied = match event {
            Ok(Event::Operation(operation)) => {
                let tried = self.operation(&operation, sequence, ids)?;
                unnamed = tried.unnamed;
                tried.applied
            }
            Ok(event) => self.other(event, sequence)?,
            Err(message) => Applied::Invalid(message),
        };
        if !self.ledger.journals() {
            return Ok(applied);
        }
        let (kind, answer, note) = match &applied {
            Applied::Decided(answer) => {
                (JournalKind::Decision, Some(answer), unnamed.as_deref().unwrap_or(NO_NOTE))
            }
            Applied::Done => (JournalKind::Event, None, source.text),
            Applied::Invalid(message) if source.is_operation => {
                (JournalKind::InvalidOperation, None, message.as_str())
            }
            Applied::Invalid(message) => (JournalKind::InvalidEvent, None, message.as_str()),
        };
        let mut row = JournalRow::undecided(kind, sequence, self.configuration);
        (row.line, row.at) = (source.line, source.at);
        if let Some(answer) = answer {
            (row.operation, row.rule) = (answer.operation, answer.rule);
            (row.situation, row.customer_after) = (answer.situation, answer.customer_after);
            (row.customer, row.order) = (answer.customer, answer.order);
            row.channel = self.store_channel(answer.channel);
        }
        self.ledger.add_journal(&row, note);
        Ok(applied)
    }

    /// Records that the configuration was replaced.
    pub fn record_reconfiguration(&mut self, note: &str) {
        let sequence = self.ledger.counters.events;
        let row = JournalRow::undecided(JournalKind::Reconfiguration, sequence, self.configuration);
        self.ledger.add_journal(&row, note);
    }

    fn other(&mut self, event: Event<'_>, sequence: u64) -> Result<Applied, B::Error> {
        match event {
            Event::Operation(_) => {}
            Event::Sale { sale, channel, customer } => {
                return self.sale(sale, channel, customer, sequence);
            }
            Event::Connection { channel, connection } => {
                return self.connection(channel, connection);
            }
            Event::RealTimeService(state) => self.environment.real_time_service = state,
            Event::Job(run) => self.run_job(&run)?,
            Event::Feature { feature, enabled } => self.environment.set_feature(feature, enabled),
            Event::Profile { profile, set } => {
                for (key, value) in set {
                    self.environment.set_profile(&profile, &key, value);
                }
            }
            Event::FailSynchronization { customer, error } => {
                self.set_failing(customer, Some(error))?;
            }
            Event::Correct { customer } => self.set_failing(customer, None)?,
        }
        Ok(Applied::Done)
    }

    fn set_failing(&mut self, customer: &str, error: Option<&str>) -> Result<(), B::Error> {
        let Some(slot) = self.ledger.named(NameKind::Customer, customer)? else { return Ok(()) };
        let mut row = self.ledger.customer(slot)?;
        row.failing = error.is_some();
        self.ledger.set_customer(slot, &row)?;
        self.ledger.set_text(TextKind::CustomerError, slot, error.map(str::to_owned));
        Ok(())
    }

    fn connection(&mut self, channel: usize, connection: Connection) -> Result<Applied, B::Error> {
        let engine = self.directory.engine();
        if let Some(handle) = engine.channel_at(channel)
            && let Some(reason) = handle.cannot_be(Situation::default().connection(connection))
        {
            return Ok(Applied::Invalid(reason));
        }
        let number = self.store_channel(channel);
        let mut row = self.ledger.channel(number)?;
        let was_offline = std::mem::replace(&mut row.offline, connection == Connection::Offline);
        self.ledger.set_channel(number, &row)?;
        if was_offline && !row.offline {
            // First its rows move, then what was brought meanwhile reaches it.
            self.move_offline_rows(number)?;
            self.receive_accounts(number)?;
            self.environment.reach(std::iter::once(channel));
        }
        Ok(Applied::Done)
    }

    /// What jobs have brought reaches every channel whose POS is online (S-079).
    pub(super) fn reach_online(&mut self) -> Result<(), B::Error> {
        let mut online = Vec::new();
        for (channel, number) in self.channels.iter().enumerate() {
            if !self.ledger.channel(*number)?.offline {
                online.push(channel);
            }
        }
        self.environment.reach(online.into_iter());
        Ok(())
    }

    fn sale(
        &mut self,
        sale: &str,
        channel: usize,
        customer: &str,
        sequence: u64,
    ) -> Result<Applied, B::Error> {
        if self.ledger.named(NameKind::Sale, sale)?.is_some() {
            return Ok(Applied::Invalid(format!("the sale `{sale}` is there already")));
        }
        let number = self.store_channel(channel);
        let slot = self.ledger.named(NameKind::Customer, customer)?;
        let known = match slot {
            Some(slot) => {
                let row = self.ledger.customer(slot)?;
                (self.ledger.view(&row, number)? != Customer::None).then_some(slot)
            }
            None => None,
        };
        let Some(customer_slot) = known else {
            return Ok(Applied::Invalid(format!(
                "the channel does not know the customer `{customer}`"
            )));
        };
        let Some(table) = self.sales_table() else {
            return Ok(Applied::Invalid("the rules have no table for sales to wait in".to_owned()));
        };
        let document = DocumentRow {
            channel: number,
            state: DocumentState::Pending,
            customer: customer_slot,
            created: sequence,
        };
        let document = self.ledger.add_document(NameKind::Sale, Some(sale), &document)?;
        self.ledger.add_queue_row(QueueRow {
            channel: number,
            table,
            kind: RowKind::Sale,
            counter: None,
            completed: false,
            failed: false,
            customer: Some(customer_slot),
            document: Some(document),
            sequence,
        })?;
        Ok(Applied::Done)
    }

    /// The table that transactions wait in: the one that creating an order writes to.
    fn sales_table(&self) -> Option<ChannelTableId> {
        let operations = &self.directory.engine().rules().operations;
        operations.iter().find(|operation| operation.creates == Some(Creation::Order))?.writes
    }

    /// The account ID of a customer as a channel sees it: the GUID while pending, then the number;
    /// and what a POS user is shown.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn account_shown(
        &mut self,
        customer: Slot,
        after: Customer,
    ) -> Result<Option<(String, String)>, B::Error> {
        let row = self.ledger.customer(customer)?;
        Ok(shown(&row, after))
    }

    /// The numbers of the store.
    pub fn counters(&self) -> &Counters {
        &self.ledger.counters
    }
}

/// Where an event comes from, for the journal.
#[derive(Clone, Copy, Debug)]
pub struct EventSource<'a> {
    /// Its line in the stream, from 1.
    pub line: u64,
    /// The line itself.
    pub text: &'a str,
    /// The moment that it gives.
    pub at: Option<Timestamp>,
    /// Whether it is an operation event, valid or not.
    pub is_operation: bool,
}
