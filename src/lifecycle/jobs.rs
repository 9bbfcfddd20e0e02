//! What jobs do to the rows. Each does only its own step: out of order, none converts anything or
//! loses anything.

use super::machine::Machine;
use crate::ledger::OpenRows;
use crate::ledger::{Account, DocumentRow, DocumentState, QueueRow, RowKind};
use crate::ledger::{Backing, BlockKind, NameKind, Slot, TextKind};
use crate::model::{ChannelTable, JobEffect, Rules};
use std::collections::HashMap;
use std::ops::Range;

impl<B: Backing> Machine<B> {
    /// Runs the effects of a job, in the order of the rules.
    pub(super) fn run_job(&mut self, does: &[JobEffect]) -> Result<(), B::Error> {
        for effect in does {
            match effect {
                JobEffect::Upload => self.upload()?,
                JobEffect::SynchronizeCustomers => self.synchronize_customers()?,
                JobEffect::SynchronizeOrders => {
                    self.synchronize_documents(&[RowKind::Order, RowKind::Cancellation])?;
                }
                JobEffect::PostSales => self.synchronize_documents(&[RowKind::Sale])?,
                JobEffect::SendAccounts => self.send_accounts()?,
                // What channels know is the environment's.
                JobEffect::SendProfiles | JobEffect::SendFeatures | JobEffect::EveryDownload => {}
            }
        }
        Ok(())
    }

    /// P-0001: rows above the last uploaded counter reach headquarters (S-162).
    fn upload(&mut self) -> Result<(), B::Error> {
        let channels = self.ledger.len(BlockKind::Channels);
        for channel in (0_u32..).take_while(|channel| u64::from(*channel) < channels) {
            let mut row = self.ledger.channel(channel)?;
            if row.uploaded != row.counter {
                row.uploaded = row.counter;
                self.ledger.set_channel(channel, &row)?;
            }
        }
        for counts in &mut self.ledger.counters.queue {
            counts.uploaded = counts.rows;
        }
        Ok(())
    }

    /// 1010: account IDs reach every channel whose POS is online (S-031); for the others they wait
    /// (S-079).
    fn send_accounts(&mut self) -> Result<(), B::Error> {
        let given = self.ledger.counters.accounts_given;
        let mut receives = vec![0..0; self.by_id.len()];
        for channel in self.by_id.clone() {
            let mut row = self.ledger.channel(channel)?;
            let (sent, known) = (row.sent, row.known);
            row.sent = given;
            if !row.offline {
                row.known = given;
            }
            if (row.sent, row.known) != (sent, known) {
                self.ledger.set_channel(channel, &row)?;
            }
            if let Some(place) = receives.get_mut(channel as usize) {
                *place = known..row.known;
            }
        }
        self.received(&receives)
    }

    /// A POS is online again: the account IDs that waited for it reach it (S-079).
    pub(super) fn receive_accounts(&mut self, channel: u32) -> Result<(), B::Error> {
        let mut row = self.ledger.channel(channel)?;
        let mut receives = vec![0..0; channel as usize + 1];
        if let Some(place) = receives.get_mut(channel as usize) {
            *place = row.known..row.sent;
        }
        row.known = row.sent;
        self.ledger.set_channel(channel, &row)?;
        self.received(&receives)
    }

    /// By channel, the accounts after the first number up to the second have reached it: the
    /// customers of these accounts who were created there are not pending any more.
    fn received(&mut self, receives: &[Range<u64>]) -> Result<(), B::Error> {
        let some = || receives.iter().filter(|it| !it.is_empty());
        let first = some().map(|it| it.start).min().unwrap_or(0);
        let last = some().map(|it| it.end).max().unwrap_or(0);
        // What a row of a file says may be anything: no more accounts are looked for than there are.
        for number in first.saturating_add(1)..=last.min(self.ledger.counters.accounts_given) {
            let Some(slot) = self.ledger.customer_of_account(number)? else { continue };
            let row = self.ledger.customer(slot)?;
            let own = receives.get(row.channel as usize);
            if matches!(row.account, Account::Converted(_))
                && own.is_some_and(|own| own.contains(&(number - 1)))
            {
                let pending = self.ledger.counters.pending.checked_sub(1);
                self.ledger.counters.pending = pending.ok_or_else(|| {
                    self.ledger.backing().damaged("fewer customers are pending than become synced")
                })?;
            }
        }
        Ok(())
    }

    /// A POS is online again: its offline rows move to the channel database, in the order written
    /// (S-088).
    pub(super) fn move_offline_rows(&mut self, channel: u32) -> Result<(), B::Error> {
        let mut open = self.ledger.take_open(channel as usize + 1)?;
        let moved = self.move_rows(channel, &mut open);
        self.ledger.put_open(open);
        moved
    }

    fn move_rows(&mut self, channel: u32, open: &mut OpenRows) -> Result<(), B::Error> {
        let mut row = self.ledger.channel(channel)?;
        for slot in open.take_offline(channel) {
            row.counter += 1;
            let queued = self.ledger.queue_row(slot)?;
            self.ledger.set_queue_row(slot, &QueueRow { counter: Some(row.counter), ..queued })?;
            let counts = self.ledger.queue_counts(queued.table);
            counts.offline -= 1;
            counts.rows += 1;
            open.add(channel, Some(row.counter), slot);
        }
        self.ledger.set_channel(channel, &row)
    }

    /// Each uploaded row that waits, by channel id, then counter.
    fn uploaded(&mut self, open: &OpenRows) -> Result<Vec<Slot>, B::Error> {
        let mut rows = Vec::new();
        for channel in self.by_id.clone() {
            let uploaded = self.ledger.channel(channel)?.uploaded;
            rows.extend(
                open.waiting_of(channel)
                    .iter()
                    .take_while(|(counter, _)| *counter <= uploaded)
                    .map(|(_, slot)| *slot),
            );
        }
        Ok(rows)
    }

    /// Takes the open rows, has them processed, and puts back those that still wait.
    fn process(
        &mut self,
        work: impl FnOnce(&mut Self, &[Slot]) -> Result<(), B::Error>,
    ) -> Result<(), B::Error> {
        let channels = self.by_id.len();
        let mut open = self.ledger.take_open(channels)?;
        let result = self.uploaded(&open).and_then(|uploaded| work(self, &uploaded));
        let mut failed = result.err();
        for waiting in &mut open.waiting {
            waiting.retain(|(_, slot)| match self.ledger.queue_row(*slot) {
                Ok(row) => !row.completed,
                Err(error) => {
                    failed.get_or_insert(error);
                    true
                }
            });
        }
        self.ledger.put_open(open);
        failed.map_or(Ok(()), Err)
    }

    /// The customer synchronization: rows of customers and requests are applied (S-030, S-036,
    /// S-044).
    fn synchronize_customers(&mut self) -> Result<(), B::Error> {
        let rules = self.directory().engine().rules().clone();
        self.process(|machine, uploaded| {
            for slot in uploaded {
                let row = machine.ledger.queue_row(*slot)?;
                let table = machine.table_of(&rules, *slot, &row)?;
                if table.processed_by == Some(JobEffect::SynchronizeCustomers) {
                    machine.process_row(*slot, &row)?;
                }
            }
            Ok(())
        })
    }

    /// Orders and cancellations, or sales: first the rows of their customer and of the customer's
    /// addresses (S-033, S-034).
    fn synchronize_documents(&mut self, kinds: &[RowKind]) -> Result<(), B::Error> {
        let rules = self.directory().engine().rules().clone();
        self.process(|machine, uploaded| {
            let mut documents = Vec::new();
            let mut by_customer: HashMap<Slot, Vec<Slot>> = HashMap::new();
            for slot in uploaded {
                let row = machine.ledger.queue_row(*slot)?;
                if kinds.contains(&row.kind) {
                    documents.push((*slot, row));
                } else if let Some(customer) = row.customer
                    && machine.table_of(&rules, *slot, &row)?.with_orders
                {
                    by_customer.entry(customer).or_default().push(*slot);
                }
            }
            for (slot, row) in documents {
                let before = row.customer.and_then(|customer| by_customer.remove(&customer));
                for slot in before.into_iter().flatten() {
                    let row = machine.ledger.queue_row(slot)?;
                    machine.process_row(slot, &row)?;
                }
                machine.process_row(slot, &row)?;
            }
            Ok(())
        })
    }

    /// The table of a row; one that the rules do not have would never be processed.
    fn table_of<'r>(
        &mut self,
        rules: &'r Rules,
        slot: Slot,
        row: &QueueRow,
    ) -> Result<&'r ChannelTable, B::Error> {
        let table = rules.channel_tables.get(row.table.index());
        table.ok_or_else(|| {
            let what = format!("row {slot} of queue: the rules have no such table");
            self.ledger.backing().damaged(&what)
        })
    }

    /// Applies one row, unless its customer fails.
    fn process_row(&mut self, slot: Slot, row: &QueueRow) -> Result<(), B::Error> {
        if let Some(customer) = row.customer
            && self.ledger.customer(customer)?.failing
        {
            return self.fail_row(slot, row, customer);
        }
        match (row.kind, row.customer, row.document) {
            (RowKind::Creation, Some(customer), _) => self.convert(customer)?,
            (RowKind::Order, _, Some(order)) => {
                self.settle(NameKind::Order, order, DocumentState::InHeadquarters)?;
            }
            (RowKind::Cancellation, _, Some(order)) => {
                self.settle(NameKind::Order, order, DocumentState::Cancelled)?;
            }
            (RowKind::Sale, _, Some(sale)) => {
                self.settle(NameKind::Sale, sale, DocumentState::InHeadquarters)?;
            }
            _ => {}
        }
        if row.failed {
            self.ledger.set_text(TextKind::RowError, slot, None);
        }
        self.ledger.set_queue_row(slot, &QueueRow { completed: true, failed: false, ..*row })?;
        self.ledger.queue_counts(row.table).completed += 1;
        Ok(())
    }

    /// The row keeps `OnlineOperationCompleted` = 0 and the error.
    fn fail_row(&mut self, slot: Slot, row: &QueueRow, customer: Slot) -> Result<(), B::Error> {
        let error = self.ledger.text(TextKind::CustomerError, customer)?;
        if self.ledger.text(TextKind::RowError, slot)? != error {
            self.ledger.set_text(TextKind::RowError, slot, error);
        }
        if !row.failed {
            self.ledger.set_queue_row(slot, &QueueRow { failed: true, ..*row })?;
        }
        Ok(())
    }

    /// A customer gets an account in headquarters.
    fn convert(&mut self, customer: Slot) -> Result<(), B::Error> {
        let mut row = self.ledger.customer(customer)?;
        if row.account == Account::None {
            row.account = Account::Converted(self.ledger.give_account(customer)?);
            self.ledger.set_customer(customer, &row)?;
        }
        Ok(())
    }

    fn settle(&mut self, kind: NameKind, slot: Slot, state: DocumentState) -> Result<(), B::Error> {
        let document = self.ledger.document(kind, slot)?;
        // What is cancelled stays so.
        if document.state != DocumentState::Cancelled {
            self.ledger.set_document(kind, slot, &DocumentRow { state, ..document })?;
        }
        Ok(())
    }
}
