//! An operation that is tried: decided, then done in headquarters or in the channel.

use super::event::{EventName, OperationEvent};
use super::machine::{Answer, Applied, IdSource, Machine};
use crate::engine::Decision;
use crate::ledger::{
    Account, Backing, CustomerRow, DocumentRow, DocumentState, NameKind, QueueRow, RowKind, Slot,
    join_names,
};
use crate::model::{Connection, Creation, Customer, Operation, Outcome, Situation};

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
pub(super) struct Tried {
    pub(super) applied: Applied,
    /// The names of the request that lead nowhere afterwards.
    pub(super) unnamed: Option<String>,
}

impl Tried {
    fn invalid(message: String) -> Self {
        Self { applied: Applied::Invalid(message), unnamed: None }
    }

    fn in_use(what: &str, name: EventName<'_>) -> Self {
        Self::invalid(match name {
            EventName::Written(name) => format!("the {what} `{name}` is there already"),
            EventName::Slot(_) => format!("the {what} is there already"),
        })
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
    join_names(customer.and_then(EventName::written), order.and_then(EventName::written))
}

impl<B: Backing> Machine<B> {
    pub(super) fn operation(
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
        let customer = self.slot_of(NameKind::Customer, event.customer)?;
        let order = self.slot_of(NameKind::Order, event.order)?;
        match (operation.creates, event.customer, event.order) {
            (Some(Creation::Customer), Some(name), _) if customer.is_some() => {
                return Ok(Tried::in_use("customer", name));
            }
            (Some(Creation::Order), _, Some(name)) if order.is_some() => {
                return Ok(Tried::in_use("order", name));
            }
            _ => {}
        }
        let channel = self.store_channel(event.channel);
        let seen = match customer {
            Some(slot) => self.seen(slot, channel)?,
            None => Customer::None,
        };
        let situation = self.situation(event, channel, seen, order)?;
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
        // What is done to a customer who was there does not change how the channel sees them.
        let customer_after = match attempt.customer {
            Some(slot) if customer.is_none() => self.seen(slot, channel)?,
            _ => seen,
        };
        self.ledger.counters.count_decision(decision.outcome());
        let answer = Answer {
            operation: event.operation,
            channel: event.channel,
            situation,
            rule: decision.rule_id(),
            outcome: decision.outcome(),
            customer: attempt.customer,
            order: attempt.order,
            customer_after,
        };
        Ok(Tried { unnamed: unnamed(event, &attempt), applied: Applied::Decided(answer) })
    }

    /// The row that a name leads to.
    fn slot_of(
        &mut self,
        kind: NameKind,
        name: Option<EventName<'_>>,
    ) -> Result<Option<Slot>, B::Error> {
        match name {
            Some(EventName::Written(name)) => self.ledger.named(kind, name),
            Some(EventName::Slot(slot)) => Ok(slot),
            None => Ok(None),
        }
    }

    /// How a channel sees a customer.
    fn seen(&mut self, customer: Slot, channel: u32) -> Result<Customer, B::Error> {
        let row = self.ledger.customer(customer)?;
        self.ledger.view(&row, channel)
    }

    /// The situation of an operation, as the store has it.
    fn situation(
        &mut self,
        event: &OperationEvent<'_>,
        channel: u32,
        customer: Customer,
        order: Option<Slot>,
    ) -> Result<Situation, B::Error> {
        let connection = if self.ledger.channel(channel)?.offline {
            Connection::Offline
        } else {
            Connection::Online
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
                let cancelled = DocumentRow { state: DocumentState::Cancelled, ..document };
                self.ledger.set_document(NameKind::Order, slot, &cancelled)?;
            }
        }
        if let Some(slot) = attempt.customer {
            let row = self.ledger.customer(slot)?;
            let changed =
                CustomerRow { changed: attempt.sequence, operations: row.operations + 1, ..row };
            self.ledger.set_customer(slot, &changed)?;
        }
        let Some(table) = attempt.operation.writes.filter(|_| !is_sync) else { return Ok(()) };
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

    #[expect(clippy::expect_used, reason = "what creates a customer is not tried without a name")]
    fn create_customer(
        &mut self,
        attempt: &mut Attempt<'_>,
        is_sync: bool,
        ids: &mut impl IdSource,
    ) -> Result<(), B::Error> {
        let name = attempt.event.customer.expect("lacks() has seen to it");
        let mut row = CustomerRow {
            channel: attempt.channel,
            guid: (!is_sync).then(|| ids.guid(attempt.sequence)),
            account: Account::None,
            failing: false,
            created: attempt.sequence,
            changed: attempt.sequence,
            operations: 0,
        };
        let slot = self.ledger.add_customer(name.written(), &row)?;
        if is_sync {
            row.account = Account::Immediate(self.ledger.give_account(slot)?);
            self.ledger.set_customer(slot, &row)?;
        } else {
            self.ledger.counters.pending += 1;
        }
        attempt.customer = Some(slot);
        Ok(())
    }

    #[expect(clippy::expect_used, reason = "what creates an order is not tried without a name")]
    fn create_order(&mut self, attempt: &mut Attempt<'_>, is_sync: bool) -> Result<(), B::Error> {
        let name = attempt.event.order.expect("lacks() has seen to it");
        // An order of nobody that is known leaves no row; the journal has its name.
        let Some(customer) = attempt.customer else { return Ok(()) };
        let state = if is_sync { DocumentState::InHeadquarters } else { DocumentState::Pending };
        let document =
            DocumentRow { channel: attempt.channel, state, customer, created: attempt.sequence };
        attempt.order =
            Some(self.ledger.add_document(NameKind::Order, name.written(), &document)?);
        Ok(())
    }
}
