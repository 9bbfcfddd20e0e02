//! The state machine: one event in, what it answers out; rows change in the ledger.

use super::environment::Environment;
use super::event::{Directory, Event, OperationEvent};
use crate::engine::{Decision, Engine};
use crate::ledger::Ledger;
use crate::ledger::{Account, CustomerRow, Document, DocumentState, QueueRow, RowKind};
use crate::ledger::{Backing, Counters, NameKind, Slot, TextKind};
use crate::ledger::{JournalKind, JournalRow, join_names};
use crate::model::{
    Connection, Creation, Customer, Operation, OperationId, Outcome, RuleId, Situation, TableId,
};

use std::sync::Arc;

/// What a POS user sees as the account ID of a pending customer (S-023).
pub const PENDING_SYNC: &str = "Pending sync";

/// Where GUIDs come from.
pub trait IdSource {
    /// The GUID of the customer that the event with this number creates; never the same twice.
    fn guid(&mut self, sequence: u64) -> u128;
}

/// A GUID as text, with hyphens and small letters.
pub fn guid_text(guid: u128) -> String {
    uuid::Uuid::from_u128(guid).hyphenated().to_string()
}

/// An account number has at least so many digits.
pub const ACCOUNT_DIGITS: usize = 6;

/// An account number as headquarters writes it.
pub fn account_id(number: u64) -> String {
    format!("{number:0ACCOUNT_DIGITS$}")
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

/// A store and everything that decides in it.
#[derive(Debug)]
pub struct Machine<B> {
    directory: Arc<Directory>,
    environment: Environment,
    /// The rows.
    pub ledger: Ledger<B>,
    /// For each channel of the deployment its number in the store.
    channels: Vec<u32>,
    /// The channels of the store, in the order of their ids.
    pub(super) by_id: Vec<u32>,
    /// The number of the configuration in the store.
    configuration: u16,
}

/// What of an event goes into the journal.
struct Record<'a> {
    kind: JournalKind,
    sequence: u64,
    line: u64,
    at: Option<(i64, u32)>,
    answer: Option<&'a Answer>,
    order: Option<Slot>,
    note: &'a str,
}

impl<B: Backing> Machine<B> {
    /// A store of these rows, deciding as `environment` says. `channel_ids` are the ids of all
    /// channels that the store knows, by their number in it; they include those of the deployment.
    pub fn new(
        engine: &Engine,
        environment: Environment,
        ledger: Ledger<B>,
        channel_ids: &[String],
        configuration: u16,
    ) -> Self {
        let number = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        let known =
            |id: &str| channel_ids.iter().position(|known| known == id).map_or(u32::MAX, number);
        let mut by_id: Vec<u32> = (0..channel_ids.len()).map(number).collect();
        by_id.sort_by_key(|channel| channel_ids.get(*channel as usize));
        let channels = engine.channels().map(|channel| known(channel.id())).collect();
        Self {
            directory: Arc::new(Directory::new(engine)),
            environment,
            ledger,
            channels,
            by_id,
            configuration,
        }
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
        self.channels.get(channel).copied().unwrap_or(u32::MAX)
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
        let mut order = None;
        let mut unnamed = None;
        let applied = match event {
            Ok(Event::Operation(operation)) => {
                let tried = self.operation(&operation, sequence, ids)?;
                order = tried.order;
                unnamed = tried.unnamed;
                tried.applied
            }
            Ok(event) => self.other(event, sequence)?,
            Err(message) => Applied::Invalid(message),
        };
        let (kind, answer, note) = match &applied {
            Applied::Decided(answer) => {
                (JournalKind::Decision, Some(answer), unnamed.as_deref().unwrap_or_default())
            }
            Applied::Done => (JournalKind::Event, None, source.text),
            Applied::Invalid(message) if source.is_operation => {
                (JournalKind::InvalidOperation, None, message.as_str())
            }
            Applied::Invalid(message) => (JournalKind::InvalidEvent, None, message.as_str()),
        };
        let Self { ledger, channels, configuration, .. } = self;
        let record =
            Record { kind, sequence, line: source.line, at: source.at, answer, order, note };
        journal(ledger, channels, *configuration, &record);
        Ok(applied)
    }

    /// Records that the configuration was replaced.
    pub fn record_reconfiguration(&mut self, note: &str) {
        let sequence = self.ledger.counters.events;
        let record = Record {
            kind: JournalKind::Reconfiguration,
            sequence,
            line: 0,
            at: None,
            answer: None,
            order: None,
            note,
        };
        journal(&mut self.ledger, &self.channels, self.configuration, &record);
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
            Event::Job(job) => {
                self.environment.job_ran(job);
                let does = self.directory.engine().rules().job(job).does.clone();
                self.run_job(&does)?;
            }
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
            self.move_offline_rows(number)?;
        }
        Ok(Applied::Done)
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
                (self.ledger.view(&row, number) != Customer::None).then_some(slot)
            }
            None => None,
        };
        let Some(customer_slot) = known else {
            return Ok(Applied::Invalid(format!(
                "the channel does not know the customer `{customer}`"
            )));
        };
        let document = Document {
            channel: number,
            state: DocumentState::Pending,
            customer: customer_slot,
            created: sequence,
        };
        let document = self.ledger.add_document(NameKind::Sale, sale, &document)?;
        let table = self.sales_table();
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
    fn sales_table(&self) -> u8 {
        let operations = &self.directory.engine().rules().operations;
        let order = operations.iter().find(|operation| operation.creates == Some(Creation::Order));
        order.and_then(|operation| operation.writes).map_or(0, TableId::number)
    }

    fn operation(
        &mut self,
        event: &OperationEvent<'_>,
        sequence: u64,
        ids: &mut impl IdSource,
    ) -> Result<Tried, B::Error> {
        let directory = self.directory();
        let engine = directory.engine();
        let Some(operation) = engine.rules().operations.get(event.operation.index()) else {
            return Ok(Tried::invalid("the operation is not known".to_owned()));
        };
        if let Some(message) = lacks(operation, event) {
            return Ok(Tried::invalid(message));
        }
        let customer = match event.customer {
            Some(name) => self.ledger.named(NameKind::Customer, name)?,
            None => None,
        };
        let order = match event.order {
            Some(name) => self.ledger.named(NameKind::Order, name)?,
            None => None,
        };
        match operation.creates {
            Some(Creation::Customer) if customer.is_some() => {
                return Ok(Tried::in_use("customer", event.customer));
            }
            Some(Creation::Order) if order.is_some() => {
                return Ok(Tried::in_use("order", event.order));
            }
            _ => {}
        }
        let channel = self.store_channel(event.channel);
        let situation = self.situation(event, channel, customer, order)?;
        let table = self.environment.table(event.channel);
        let decision = table.and_then(|table| {
            Decision::in_table(engine.rules(), table, event.operation, situation)
        });
        let Some(decision) = decision else {
            let message = format!("no rule of `{}` decides this", operation.id);
            return Ok(Tried::invalid(message));
        };
        let mut attempt = Attempt { operation, event, channel, sequence, customer, order };
        match decision.outcome() {
            Outcome::Rejected => {}
            outcome => self.take_effect(&mut attempt, outcome == Outcome::Sync, ids)?,
        }
        let customer_after = match attempt.customer {
            Some(slot) => {
                let row = self.ledger.customer(slot)?;
                self.ledger.view(&row, channel)
            }
            None => Customer::None,
        };
        if let Some(count) = self.ledger.counters.decisions.get_mut(decision.outcome() as usize) {
            *count += 1;
        }
        let answer = Answer {
            operation: event.operation,
            channel: event.channel,
            situation,
            rule: decision.rule_id(),
            outcome: decision.outcome(),
            customer: attempt.customer,
            customer_after,
        };
        Ok(Tried {
            unnamed: unnamed(event, &attempt),
            order: attempt.order,
            applied: Applied::Decided(answer),
        })
    }

    /// The situation of an operation, as the store has it.
    fn situation(
        &mut self,
        event: &OperationEvent<'_>,
        channel: u32,
        customer: Option<Slot>,
        order: Option<Slot>,
    ) -> Result<Situation, B::Error> {
        let connection = if self.ledger.channel(channel)?.offline {
            Connection::Offline
        } else {
            Connection::Online
        };
        let customer = match customer {
            Some(slot) => {
                let row = self.ledger.customer(slot)?;
                self.ledger.view(&row, channel)
            }
            None => Customer::None,
        };
        let order = self.ledger.order_seen(order, channel)?;
        Ok(Situation::default()
            .connection(connection)
            .real_time_service(self.environment.real_time_service)
            .customer(customer)
            .order(order)
            .loyalty_enrollment_blocked(event.loyalty_enrollment_blocked)
            .affiliation_hidden_in_channels(event.affiliation_hidden_in_channels))
    }

    /// An operation happens: in headquarters, or in the channel with a row for the jobs.
    fn take_effect(
        &mut self,
        attempt: &mut Attempt<'_>,
        is_sync: bool,
        ids: &mut impl IdSource,
    ) -> Result<(), B::Error> {
        let mut kind = RowKind::Change;
        match attempt.operation.creates {
            Some(Creation::Customer) => {
                self.create_customer(attempt, is_sync, ids)?;
                kind = RowKind::Creation;
            }
            Some(Creation::Order) => {
                self.create_order(attempt, is_sync)?;
                kind = RowKind::Order;
            }
            None => {}
        }
        if attempt.operation.cancels_order {
            kind = RowKind::Cancellation;
            if let Some(slot) = attempt.order.filter(|_| is_sync) {
                let document = self.ledger.document(NameKind::Order, slot)?;
                let cancelled = Document { state: DocumentState::Cancelled, ..document };
                self.ledger.set_document(NameKind::Order, slot, &cancelled)?;
            }
        }
        if let Some(slot) = attempt.customer {
            let row = self.ledger.customer(slot)?;
            let changed =
                CustomerRow { changed: attempt.sequence, operations: row.operations + 1, ..row };
            self.ledger.set_customer(slot, &changed)?;
        }
        let table = attempt.operation.writes.map(TableId::number);
        let Some(table) = table.filter(|_| !is_sync) else { return Ok(()) };
        if attempt.customer.is_none() {
            kind = RowKind::Request;
        }
        self.ledger.add_queue_row(QueueRow {
            channel: attempt.channel,
            table,
            kind,
            counter: None,
            completed: false,
            failed: false,
            customer: attempt.customer,
            document: attempt
                .order
                .filter(|_| matches!(kind, RowKind::Order | RowKind::Cancellation)),
            sequence: attempt.sequence,
        })
    }

    fn create_customer(
        &mut self,
        attempt: &mut Attempt<'_>,
        is_sync: bool,
        ids: &mut impl IdSource,
    ) -> Result<(), B::Error> {
        let name = attempt.event.customer.unwrap_or_default();
        let mut row = CustomerRow {
            channel: attempt.channel,
            guid: (!is_sync).then(|| ids.guid(attempt.sequence)),
            account: Account::None,
            failing: false,
            created: attempt.sequence,
            changed: attempt.sequence,
            operations: 0,
        };
        let slot = self.ledger.add_customer(name, &row)?;
        if is_sync {
            row.account = Account::Immediate(self.ledger.give_account(slot)?);
            self.ledger.set_customer(slot, &row)?;
        } else {
            self.ledger.counters.pending += 1;
        }
        attempt.customer = Some(slot);
        Ok(())
    }

    fn create_order(&mut self, attempt: &mut Attempt<'_>, is_sync: bool) -> Result<(), B::Error> {
        let (Some(customer), Some(name)) = (attempt.customer, attempt.event.order) else {
            return Ok(());
        };
        let state = if is_sync { DocumentState::InHeadquarters } else { DocumentState::Pending };
        let document =
            Document { channel: attempt.channel, state, customer, created: attempt.sequence };
        attempt.order = Some(self.ledger.add_document(NameKind::Order, name, &document)?);
        Ok(())
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

/// A customer's account ID where the channel sees the customer so, and what a POS user is shown.
pub(crate) fn shown(row: &CustomerRow, view: Customer) -> Option<(String, String)> {
    match view {
        Customer::None => None,
        Customer::Pending => row.guid.map(|guid| (guid_text(guid), PENDING_SYNC.to_owned())),
        Customer::Synced => {
            row.account.number().map(|number| (account_id(number), account_id(number)))
        }
    }
}

/// Where an event comes from, for the journal.
#[derive(Clone, Copy, Debug)]
pub struct EventSource<'a> {
    /// Its line in the stream, from 1.
    pub line: u64,
    /// The line itself.
    pub text: &'a str,
    /// The time that it gives, in seconds since 1970 and nanoseconds.
    pub at: Option<(i64, u32)>,
    /// Whether it is an operation event, valid or not.
    pub is_operation: bool,
}

/// An operation that is tried, with what its names lead to.
struct Attempt<'a> {
    operation: &'a Operation,
    event: &'a OperationEvent<'a>,
    channel: u32,
    sequence: u64,
    customer: Option<Slot>,
    order: Option<Slot>,
}

/// What came of trying an operation.
struct Tried {
    applied: Applied,
    order: Option<Slot>,
    /// The names of the request that lead nowhere afterwards.
    unnamed: Option<String>,
}

impl Tried {
    fn invalid(message: String) -> Self {
        Self { applied: Applied::Invalid(message), order: None, unnamed: None }
    }

    fn in_use(what: &str, name: Option<&str>) -> Self {
        Self::invalid(format!("the {what} `{}` is there already", name.unwrap_or_default()))
    }
}

/// What an event lacks that its operation needs.
fn lacks(operation: &Operation, event: &OperationEvent<'_>) -> Option<String> {
    let creates = |what| operation.creates == Some(what);
    let needs_customer = operation.needs_customer || creates(Creation::Customer);
    let needs_order = operation.needs_order || creates(Creation::Order);
    let lacking = match (event.customer, event.order) {
        (None, _) if needs_customer => "customer",
        (_, None) if needs_order => "order",
        _ => return None,
    };
    Some(format!("`{}` needs the key `{lacking}`", operation.id))
}

/// Names that lead to no row, such as that of a customer whose creation was rejected: kept beside
/// the journal row.
fn unnamed(event: &OperationEvent<'_>, attempt: &Attempt<'_>) -> Option<String> {
    let customer = event.customer.filter(|_| attempt.customer.is_none());
    let order = event.order.filter(|_| attempt.order.is_none());
    join_names(customer, order)
}

fn journal<B: Backing>(
    ledger: &mut Ledger<B>,
    channels: &[u32],
    configuration: u16,
    record: &Record<'_>,
) {
    let Record { kind, sequence, line, at, answer, order, note } = *record;
    let row = JournalRow {
        kind,
        sequence,
        line,
        at,
        configuration,
        channel: answer
            .and_then(|answer| channels.get(answer.channel))
            .copied()
            .unwrap_or(u32::MAX),
        operation: answer.map_or(OperationId::from_number(0), |answer| answer.operation),
        situation: answer.map_or_else(Situation::default, |answer| answer.situation),
        rule: answer.map_or(RuleId::from_number(0), |answer| answer.rule),
        customer: answer.and_then(|answer| answer.customer),
        order,
        customer_after: answer.map_or(Customer::None, |answer| answer.customer_after),
        note_bytes: 0,
    };
    ledger.add_journal(&row, note);
}
