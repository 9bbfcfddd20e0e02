//! What jobs do to the rows. Each does only its own step: out of order, none converts anything or
//! loses anything.

use super::event::JobRun;
use super::machine::Machine;
use crate::ledger::OpenRows;
use crate::ledger::{Account, DocumentRow, DocumentState, QueueRow, RowKind};
use crate::ledger::{Backing, NameKind, Slot, TextKind};
use crate::model::{ChannelTable, JobEffect, Rules};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// What a run of a job acts on.
struct Scope {
    /// The channels by their numbers in the store, in the order of their ids.
    channels: Vec<u32>,
    /// The most rows that it takes.
    most: u64,
}

/// Whether rows of this kind are what a job is about that synchronizes orders or posts sales.
fn is_document_of(effect: JobEffect, kind: RowKind) -> bool {
    match effect {
        JobEffect::PostSales => kind == RowKind::Sale,
        _ => matches!(kind, RowKind::Order | RowKind::Cancellation),
    }
}

impl<B: Backing> Machine<B> {
    /// Runs a job: first what channels know of headquarters changes, then its effects come in the
    /// order of the rules.
    pub(super) fn run_job(&mut self, run: &JobRun) -> Result<(), B::Error> {
        if self.environment.job_ran(run.job, run.channels.as_deref()) {
            self.reach_online()?;
        }
        let directory = self.directory();
        let job = directory.engine().rules().job(run.job);
        let scope = self.scope(run);
        for effect in &job.does {
            match effect {
                JobEffect::Upload => self.upload(&scope)?,
                JobEffect::SynchronizeCustomers => self.synchronize_customers(&scope)?,
                JobEffect::SynchronizeOrders | JobEffect::PostSales => {
                    self.synchronize_documents(&scope, *effect)?;
                }
                JobEffect::SendAccounts => self.send_accounts(&scope)?,
                // What channels know is the environment's.
                JobEffect::SendProfiles | JobEffect::SendFeatures | JobEffect::EveryDownload => {}
            }
        }
        Ok(())
    }

    fn scope(&self, run: &JobRun) -> Scope {
        let channels = match &run.channels {
            None => self.by_id.clone(),
            Some(chosen) => {
                let number = |channel: &usize| self.store_channel(*channel);
                let chosen: HashSet<u32> = chosen.iter().map(number).collect();
                self.by_id.iter().copied().filter(|channel| chosen.contains(channel)).collect()
            }
        };
        // A run that says no number takes all that is there.
        Scope { channels, most: run.rows.unwrap_or(u64::MAX) }
    }

    /// P-0001: rows above the last uploaded counter reach headquarters (S-162).
    fn upload(&mut self, scope: &Scope) -> Result<(), B::Error> {
        let open = self.ledger.take_open(self.by_id.len())?;
        let uploaded = self.upload_rows(scope, &open);
        self.ledger.put_open(open);
        uploaded
    }

    fn upload_rows(&mut self, scope: &Scope, open: &OpenRows) -> Result<(), B::Error> {
        let mut most = scope.most;
        for channel in &scope.channels {
            let mut row = self.ledger.channel(*channel)?;
            let taken = row.counter.saturating_sub(row.uploaded).min(most);
            if taken == 0 {
                continue;
            }
            most -= taken;
            let before = row.uploaded;
            row.uploaded += taken;
            self.ledger.set_channel(*channel, &row)?;
            // What is not uploaded is not completed, so that these rows are among those that wait.
            let waiting = open.waiting_of(*channel);
            let first = waiting.partition_point(|(counter, _)| *counter <= before);
            let rows = waiting.iter().skip(first);
            for (_, slot) in rows.take_while(|(counter, _)| *counter <= row.uploaded) {
                let table = self.ledger.queue_row(*slot)?.table;
                self.ledger.queue_counts(table).uploaded += 1;
            }
        }
        Ok(())
    }

    /// 1010: account IDs reach every channel whose POS is online (S-031); for the others they wait
    /// (S-079).
    fn send_accounts(&mut self, scope: &Scope) -> Result<(), B::Error> {
        let given = self.ledger.counters.accounts_given;
        let mut receives = vec![0..0; self.by_id.len()];
        for channel in &scope.channels {
            let mut row = self.ledger.channel(*channel)?;
            let (sent, known) = (row.sent, row.known);
            row.sent = sent.saturating_add(scope.most).min(given).max(sent);
            if !row.offline {
                row.known = row.sent;
            }
            if (row.sent, row.known) != (sent, known) {
                self.ledger.set_channel(*channel, &row)?;
            }
            if let Some(place) = receives.get_mut(*channel as usize) {
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
        let Some(first) = some().map(|it| it.start).min() else { return Ok(()) };
        let last = some().map(|it| it.end).fold(first, u64::max);
        // What a row of a file says may be anything: no more accounts are looked for than there
        // are.
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
                self.synced.iter_mut().for_each(|synced| synced.push(slot));
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

    /// How many rows of a channel up to a counter a job would take that has this effect; no more
    /// are counted than are asked for.
    ///
    /// # Errors
    ///
    /// Rows can't be read.
    pub fn waiting(
        &mut self,
        effect: JobEffect,
        channel: u32,
        upto: u64,
        most: u64,
    ) -> Result<u64, B::Error> {
        let rules = Arc::clone(self.directory().engine().rules());
        let open = self.ledger.take_open(self.by_id.len())?;
        let rows = open.waiting_of(channel).iter().take_while(|(counter, _)| *counter <= upto);
        let mut count = 0;
        let mut failed = None;
        for (_, slot) in rows {
            if count >= most || failed.is_some() {
                break;
            }
            match self.ledger.queue_row(*slot).and_then(|row| {
                let table = self.table_of(&rules, *slot, &row)?;
                Ok(if effect == JobEffect::SynchronizeCustomers {
                    table.processed_by == Some(effect)
                } else {
                    is_document_of(effect, row.kind)
                })
            }) {
                Ok(is_one) => count += u64::from(is_one),
                Err(error) => failed = Some(error),
            }
        }
        self.ledger.put_open(open);
        failed.map_or(Ok(count), Err)
    }

    /// Each uploaded row that waits in these channels, by channel id, then counter.
    fn uploaded(&mut self, scope: &Scope, open: &OpenRows) -> Result<Vec<Slot>, B::Error> {
        let mut rows = Vec::new();
        for channel in &scope.channels {
            let uploaded = self.ledger.channel(*channel)?.uploaded;
            let waiting = open.waiting_of(*channel).iter();
            let uploaded = waiting.take_while(|(counter, _)| *counter <= uploaded);
            rows.extend(uploaded.map(|(_, slot)| *slot));
        }
        Ok(rows)
    }

    /// Takes the open rows, has them processed, and puts back those that still wait.
    fn process(
        &mut self,
        scope: &Scope,
        work: impl FnOnce(&mut Self, &[Slot]) -> Result<(), B::Error>,
    ) -> Result<(), B::Error> {
        let mut open = self.ledger.take_open(self.by_id.len())?;
        let result = self.uploaded(scope, &open).and_then(|uploaded| work(self, &uploaded));
        let mut failed = result.err();
        for channel in &scope.channels {
            let Some(waiting) = open.waiting.get_mut(*channel as usize) else { continue };
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
    fn synchronize_customers(&mut self, scope: &Scope) -> Result<(), B::Error> {
        let rules = Arc::clone(self.directory().engine().rules());
        self.process(scope, |machine, uploaded| {
            let mut most = scope.most;
            for slot in uploaded {
                if most == 0 {
                    break;
                }
                let row = machine.ledger.queue_row(*slot)?;
                let table = machine.table_of(&rules, *slot, &row)?;
                if table.processed_by == Some(JobEffect::SynchronizeCustomers) {
                    machine.process_row(*slot, &row)?;
                    most -= 1;
                }
            }
            Ok(())
        })
    }

    /// Orders and cancellations, or sales: first the rows of their customer and of the customer's
    /// addresses (S-033, S-034). So many of them as the scope says; the rows before them come
    /// along.
    fn synchronize_documents(&mut self, scope: &Scope, effect: JobEffect) -> Result<(), B::Error> {
        let rules = Arc::clone(self.directory().engine().rules());
        self.process(scope, |machine, uploaded| {
            let mut documents = Vec::new();
            let mut by_customer: Vec<(Slot, Option<Slot>)> = Vec::new();
            for slot in uploaded {
                let row = machine.ledger.queue_row(*slot)?;
                if is_document_of(effect, row.kind) {
                    documents.push((*slot, row));
                } else if let Some(customer) = row.customer
                    && machine.table_of(&rules, *slot, &row)?.with_orders
                {
                    by_customer.push((customer, Some(*slot)));
                }
            }
            // Those of one customer stay in their order.
            by_customer.sort_by_key(|(customer, _)| *customer);
            // More than there is memory for is as many as there are.
            documents.truncate(usize::try_from(scope.most).unwrap_or(usize::MAX));
            for (slot, row) in documents {
                if let Some(customer) = row.customer {
                    let first = by_customer.partition_point(|(of, _)| *of < customer);
                    let own = by_customer.iter_mut().skip(first);
                    for (_, slot) in own.take_while(|(of, _)| *of == customer) {
                        // They come along with the first of their customer's documents.
                        let Some(slot) = slot.take() else { break };
                        let row = machine.ledger.queue_row(slot)?;
                        machine.process_row(slot, &row)?;
                    }
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
