//! Counting a store again: whether its rows, names, GUIDs, accounts, texts and numbers agree with
//! each other. This finds what was removed or added together with its seals, and names it.

use super::verified::{StoreCounts, Verified, said};
use crate::ledger::{
    BlockKind, Counters, CustomerRow, INLINE_NAME_BYTES, JournalKind, NameKind, QueueCounts,
    QueueRow, Slot, TextKind,
};
use crate::lifecycle::guid_text;
use crate::model::{Customer, indexed, indexed_mut};
use crate::store::error::StoreError;
use crate::store::file::meta::HEADER;
use crate::store::file::tables::SealedTable;
use crate::store::read::audit::AuditReader;
use crate::store::read::store::{BLOCK_BUDGET, Store};

/// Compares everything in the store with everything else, and names what does not fit.
pub(crate) fn recount(path: &str, verified: &mut Verified) -> Result<(), StoreError> {
    let had_damage = !verified.damages.is_empty();
    let mut store = match Store::open(path) {
        Ok(store) => store,
        Err(error @ StoreError::Damaged { .. }) => {
            if !had_damage {
                verified.damage("meta", "", said(&error));
            }
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let is_damaged = |kind: &NameKind| verified.is_damaged(SealedTable::Names(*kind).name());
    let no_names = NameKind::ALL.iter().copied().filter(is_damaged).collect();
    let counted = Counters::default();
    let counts = StoreCounts::default();
    let mut count =
        Recount { counted, counts, texts: 0, guids: 0, had_damage, no_names, found: verified };
    count.customers(&mut store);
    for kind in [NameKind::Order, NameKind::Sale] {
        count.documents(&mut store, kind);
    }
    count.queue(&mut store);
    if !count.had_damage {
        count.journal(&mut store);
        count.counts.events = Some(count.counted.events);
        count.tables(&store);
        count.numbers(&store.ledger.counters);
    }
    count.found.counts = Some(count.counts);
    Ok(())
}

struct Recount<'a> {
    counted: Counters,
    /// What people count.
    counts: StoreCounts,
    /// How many texts rows refer to.
    texts: u64,
    /// How many GUIDs rows have.
    guids: u64,
    /// Whether records are known to be damaged: then it is no news that rows can't be read.
    had_damage: bool,
    /// Kinds of names of which whole buckets are known to be damaged.
    no_names: Vec<NameKind>,
    found: &'a mut Verified,
}

impl Recount<'_> {
    /// What was read; where that failed, it is damage.
    fn read<T>(&mut self, table: &str, slot: Slot, result: Result<T, StoreError>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(error) => {
                if !self.had_damage {
                    self.found.damage(table, format!("row {slot}"), said(&error));
                }
                None
            }
        }
    }

    /// A row that leads nowhere; where records are known to be damaged, that is no news.
    fn astray(&mut self, table: &str, slot: Slot, what: &str) {
        if !self.had_damage {
            self.found.damage(table, format!("row {slot}"), what);
        }
    }

    fn customers(&mut self, store: &mut Store) {
        for slot in 0..store.ledger.len(BlockKind::Customers) {
            let row = store.ledger.customer(slot);
            let Some(row) = self.read("customers", slot, row) else { continue };
            self.counts.customers += 1;
            self.name(store, NameKind::Customer, slot);
            self.ids(store, slot, &row);
            if row.failing {
                self.text(store, TextKind::CustomerError, slot);
            }
            if store.channels.get(row.channel as usize).is_none() {
                self.astray("customers", slot, "the channel does not exist");
            }
            let seen = store.ledger.view(&row, row.channel);
            if self.read("channels", u64::from(row.channel), seen) == Some(Customer::Pending) {
                self.counted.pending += 1;
            }
            store.ledger.forget_beyond(BLOCK_BUDGET);
        }
    }

    /// The GUID and the account of a customer lead back to it.
    fn ids(&mut self, store: &mut Store, slot: Slot, row: &CustomerRow) {
        if let Some(guid) = row.guid {
            self.guids += 1;
            let found = store.ledger.customer_of_guid(guid);
            if self.read("guids", slot, found).is_some_and(|found| found != Some(slot)) {
                let what = format!("the GUID does not lead to row {slot} of customers");
                self.found.damage("guids", guid_text(guid), what);
            }
        }
        if let Some(number) = row.account.number() {
            let found = store.ledger.customer_of_account(number);
            if self.read("accounts", slot, found).is_some_and(|found| found != Some(slot)) {
                let what = format!("the account does not lead to row {slot} of customers");
                self.found.damage("accounts", format!("row {}", number.saturating_sub(1)), what);
            }
        }
    }

    /// The name of a row leads back to it.
    fn name(&mut self, store: &mut Store, kind: NameKind, slot: Slot) {
        let table = format!("{kind}-names");
        let name = store.ledger.name(kind, slot);
        let long = kind.long_names();
        if name.is_err() && matches!(store.ledger.text(long, slot), Ok(None)) && !self.had_damage {
            self.found.damage("texts", format!("{long} {slot}"), "the record was removed");
            // What can't be read because of it is no news.
            self.had_damage = true;
        }
        let Some(name) = self.read(&table, slot, name) else { return };
        if name.len() > INLINE_NAME_BYTES {
            self.texts += 1;
        }
        if self.no_names.contains(&kind) {
            return;
        }
        let found = store.ledger.named(kind, &name);
        if self.read(&table, slot, found).is_some_and(|found| found != Some(slot)) {
            let what =
                format!("no record leads from this name to row {slot}: it was removed or changed");
            self.found.damage(&table, name, what);
        }
    }

    fn text(&mut self, store: &mut Store, kind: TextKind, slot: Slot) {
        self.texts += 1;
        let text = store.ledger.text(kind, slot);
        if self.read("texts", slot, text).is_some_and(|text| text.is_none()) {
            self.found.damage("texts", format!("{kind} {slot}"), "the record was removed");
        }
    }

    fn documents(&mut self, store: &mut Store, kind: NameKind) {
        let table = kind.blocks();
        for slot in 0..store.ledger.len(table) {
            let row = store.ledger.document(kind, slot);
            let Some(row) = self.read(table.as_str(), slot, row) else { continue };
            match kind {
                NameKind::Customer => {}
                NameKind::Order => self.counts.orders += 1,
                NameKind::Sale => self.counts.sales += 1,
            }
            self.name(store, kind, slot);
            if row.customer >= store.ledger.len(BlockKind::Customers) {
                self.astray(table.as_str(), slot, "the customer does not exist");
            }
            store.ledger.forget_beyond(BLOCK_BUDGET);
        }
    }

    fn queue(&mut self, store: &mut Store) {
        let mut counters: Vec<(u64, u128)> = vec![(0, 0); store.channels.len()];
        let (frontier, stuck) =
            (store.ledger.counters.frontier, store.ledger.counters.stuck.clone());
        for slot in 0..store.ledger.len(BlockKind::Queue) {
            let row = store.ledger.queue_row(slot);
            let Some(row) = self.read("queue", slot, row) else { continue };
            self.counts.queue_rows += 1;
            let channel = store.ledger.channel(row.channel);
            let Some(channel) = self.read("channels", u64::from(row.channel), channel) else {
                continue;
            };
            self.queue_row(&row, channel.uploaded);
            match (row.counter, counters.get_mut(row.channel as usize)) {
                (Some(counter), Some((count, sum))) => {
                    *count += 1;
                    *sum += u128::from(counter);
                }
                (None, Some(_)) => {}
                (_, None) => {
                    self.astray("queue", slot, "the channel does not exist");
                }
            }
            if row.failed {
                self.text(store, TextKind::RowError, slot);
            }
            if !row.completed && slot < frontier && stuck.binary_search(&slot).is_err() {
                self.found.damage(
                    "meta",
                    HEADER,
                    format!("row {slot} of queue waits and is not listed so"),
                );
            }
            store.ledger.forget_beyond(BLOCK_BUDGET);
        }
        if !self.had_damage {
            self.counters(store, &counters);
        }
    }

    fn queue_row(&mut self, row: &QueueRow, uploaded: u64) {
        let table = row.table.index();
        if self.counted.queue.len() <= table {
            self.counted.queue.resize(table + 1, QueueCounts::default());
        }
        let counts = indexed_mut(&mut self.counted.queue, table);
        match row.counter {
            Some(counter) => {
                counts.rows += 1;
                counts.uploaded += u64::from(counter <= uploaded);
                counts.completed += u64::from(row.completed);
            }
            None => counts.offline += 1,
        }
    }

    /// Replication counters of a channel rise from 1 without gaps.
    fn counters(&mut self, store: &mut Store, counters: &[(u64, u128)]) {
        for (number, (count, sum)) in (0_u32..).zip(counters) {
            let channel = store.ledger.channel(number);
            let Some(channel) = self.read("channels", u64::from(number), channel) else { continue };
            let last = channel.counter;
            if *count != last || *sum != u128::from(last) * (u128::from(last) + 1) / 2 {
                let id = indexed(&store.channels, number as usize);
                let what = format!(
                    "the last counter of `{id}` is {last}, and the counters in queue are others"
                );
                self.found.damage("channels", format!("row {number}"), what);
            }
            let given = store.ledger.counters.accounts_given;
            if channel.uploaded > last || channel.known > channel.sent || channel.sent > given {
                let what = "it knows of more than there is";
                self.found.damage("channels", format!("row {number}"), what);
            }
        }
    }

    fn journal(&mut self, store: &mut Store) {
        let mut reader = AuditReader::new(store);
        loop {
            let next = reader.next(store);
            let Some(Some(record)) = self.read("journal", self.counted.journal, next) else {
                return;
            };
            self.counted.events += u64::from(record.kind() != JournalKind::Reconfiguration);
            if record.sequence() != self.counted.events {
                let what = format!(
                    "the row is of event {}, not {}",
                    record.sequence(),
                    self.counted.events
                );
                self.found.damage("journal", format!("row {}", self.counted.journal), what);
                return;
            }
            self.counted.journal += 1;
            let outcome = record.rule().map(|rule| rule.outcome as usize);
            if let Some(count) = outcome.and_then(|outcome| self.counted.decisions.get_mut(outcome))
            {
                *count += 1;
            }
        }
    }

    /// Records that no row needs.
    fn tables(&mut self, store: &Store) {
        let rows = |kind| store.ledger.len(kind);
        for (kind, there) in self.found.names.clone() {
            let (table, needed) = (SealedTable::Names(kind).name(), rows(kind.blocks()));
            if there != needed && !self.found.is_damaged(table) {
                self.found.damage(
                    table,
                    "",
                    format!("there are {there} names, and rows need {needed}"),
                );
            }
        }
        for (table, needed) in [("guids", self.guids), ("texts", self.texts)] {
            // A table that was not walked to its end has no number, and its damage is told.
            let there =
                self.found.records.iter().find(|(name, _)| name == table).map_or(0, |(_, it)| *it);
            if there != needed && !self.found.is_damaged(table) {
                self.found.damage(
                    table,
                    "",
                    format!("there are {there} records, and rows need {needed}"),
                );
            }
        }
    }

    /// The numbers of the header.
    fn numbers(&mut self, kept: &Counters) {
        let counted = &self.counted;
        let none = QueueCounts::default();
        let mut tables = 0..kept.queue.len().max(counted.queue.len());
        let queue = tables.all(|table| {
            kept.queue.get(table).unwrap_or(&none) == counted.queue.get(table).unwrap_or(&none)
        });
        for (what, agrees) in [
            ("events", counted.events == kept.events),
            ("journal rows", counted.journal == kept.journal),
            ("pending customers", counted.pending == kept.pending),
            ("accounts", kept.of(BlockKind::Accounts) == kept.accounts_given),
            ("decisions", counted.decisions == kept.decisions),
            ("queue rows", queue),
        ] {
            if !agrees {
                self.found.damage(
                    "meta",
                    HEADER,
                    format!("the number of {what} is not what the rows say"),
                );
            }
        }
    }
}
