//! What is seen of a store: customers and orders by a channel, and the queue. Looking changes
//! nothing.

use super::machine::Machine;
use crate::ledger::{Backing, BlockKind, NameKind, QueueRow, Slot, TextKind};
use crate::model::{ChannelTableId, Customer, Order};

/// How a channel sees a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerSight {
    /// The state.
    pub state: Customer,
    /// Where the channel knows the customer, the account ID, which is the GUID while pending, and
    /// what a POS user is shown.
    pub account: Option<(String, String)>,
}

/// Which rows of the queue are looked at; all where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct QueueFilter {
    /// Rows of this channel, by its number in the deployment.
    pub channel: Option<usize>,
    /// Rows about this customer.
    pub customer: Option<Slot>,
    /// Rows of this table.
    pub table: Option<ChannelTableId>,
}

/// How many rows of the queue there are, by where they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct QueueSight {
    /// In offline databases.
    pub offline: u64,
    /// In channel databases.
    pub rows: u64,
    /// Of those, in headquarters.
    pub uploaded: u64,
    /// Of all, processed.
    pub completed: u64,
    /// Of all, failed in the last attempt.
    pub failed: u64,
    /// The last error of a row.
    pub last_error: Option<String>,
}

impl<B: Backing> Machine<B> {
    /// How a channel, by its number in the deployment, sees the customer of this name.
    ///
    /// # Errors
    ///
    /// Rows can't be read.
    pub fn customer_seen(&mut self, name: &str, channel: usize) -> Result<CustomerSight, B::Error> {
        let Some(slot) = self.ledger.named(NameKind::Customer, name)? else {
            return Ok(CustomerSight { state: Customer::None, account: None });
        };
        let row = self.ledger.customer(slot)?;
        let state = self.ledger.view(&row, self.store_channel(channel))?;
        Ok(CustomerSight { state, account: super::shown(&row, state) })
    }

    /// How a channel, by its number in the deployment, sees the order of this name.
    ///
    /// # Errors
    ///
    /// Rows can't be read.
    pub fn order_seen(&mut self, name: &str, channel: usize) -> Result<Order, B::Error> {
        let slot = self.ledger.named(NameKind::Order, name)?;
        self.ledger.order_seen(slot, self.store_channel(channel))
    }

    /// How many rows of the queue there are, of those that are looked at.
    ///
    /// # Errors
    ///
    /// Rows can't be read.
    pub fn queue_seen(&mut self, filter: QueueFilter) -> Result<QueueSight, B::Error> {
        let channel = filter.channel.map(|channel| self.store_channel(channel));
        let fits = |row: &QueueRow| {
            channel.is_none_or(|channel| row.channel == channel)
                && filter.table.is_none_or(|table| row.table == table)
                && (filter.customer.is_none() || row.customer == filter.customer)
        };
        let mut seen = QueueSight::default();
        for slot in 0..self.ledger.len(BlockKind::Queue) {
            let row = self.ledger.queue_row(slot)?;
            if !fits(&row) {
                continue;
            }
            match row.counter {
                None => seen.offline += 1,
                Some(counter) => {
                    seen.rows += 1;
                    let uploaded = self.ledger.channel(row.channel)?.uploaded;
                    seen.uploaded += u64::from(counter <= uploaded);
                }
            }
            seen.completed += u64::from(row.completed);
            seen.failed += u64::from(row.failed);
            let error = self.ledger.text(TextKind::RowError, slot)?;
            seen.last_error = error.or(seen.last_error);
        }
        Ok(seen)
    }
}
