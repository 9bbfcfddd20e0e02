//! The queue as people ask about it: each row, where it is, and why it waits.

use super::audit::AuditReader;
use super::store::Store;
use crate::ledger::{BlockKind, NameKind, QueueRow, RowKind, TextKind};
use crate::model::{JobEffect, words};
use crate::store::error::StoreError;
use serde::Serialize;

words! {
    /// Where a row of the queue is.
    Place {
        /// In the offline database of a POS.
        OfflineDatabase = "offline-database",
        /// In the channel database.
        ChannelDatabase = "channel-database",
        /// In headquarters, not processed yet.
        Uploaded = "uploaded",
        /// Processed.
        Completed = "completed",
    }
}

/// A row of the queue.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct QueueLine {
    /// The channel.
    pub channel: String,
    /// The table.
    pub table: String,
    /// Its replication counter; none in an offline database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counter: Option<u64>,
    /// What wrote it: an operation, or `sale`.
    pub operation: String,
    /// What it carries.
    pub carries: &'static str,
    /// The caller's name for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The caller's name for the order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
    /// The caller's name for the sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sale: Option<String>,
    /// The event that wrote it.
    pub sequence: u64,
    /// Where it is.
    #[serde(rename = "where")]
    pub place: &'static str,
    /// `OnlineOperationCompleted`.
    pub online_operation_completed: u8,
    /// What it waits for, where it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<String>,
    /// Why it could not be processed the last time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Reads the queue of a store in the order in which its rows were written.
#[derive(Debug)]
pub struct QueueReader {
    next: u64,
    journal: AuditReader,
}

impl QueueReader {
    /// A reader that stands before the first row.
    pub fn new(store: &Store) -> Self {
        Self { next: 0, journal: AuditReader::new(store) }
    }

    /// The next row; `None` after the last.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn next(&mut self, store: &mut Store) -> Result<Option<QueueLine>, StoreError> {
        if self.next >= store.ledger.len(BlockKind::Queue) {
            return Ok(None);
        }
        let slot = self.next;
        self.next += 1;
        let row = store.ledger.queue_row(slot)?;
        let operation = self.journal.operation_of(store, row.sequence)?;
        let named = |store: &mut Store, kind, slot: Option<u64>| {
            slot.map(|slot| store.ledger.name(kind, slot)).transpose()
        };
        let is_sale = row.kind == RowKind::Sale;
        let place = place(store, &row)?;
        let line = QueueLine {
            channel: store.channel_id(row.channel)?,
            table: store.table_id(row.table.index()),
            counter: row.counter,
            operation: operation.unwrap_or_else(|| row.kind.as_str().to_owned()),
            carries: row.kind.as_str(),
            customer: named(store, NameKind::Customer, row.customer)?,
            order: named(store, NameKind::Order, row.document.filter(|_| !is_sale))?,
            sale: named(store, NameKind::Sale, row.document.filter(|_| is_sale))?,
            sequence: row.sequence,
            place: place.as_str(),
            online_operation_completed: u8::from(row.completed),
            waits_for: waits_for(store, &row, place),
            error: store.needed_text(TextKind::RowError, slot, row.failed)?,
        };
        store.ledger.forget_beyond(super::store::BLOCK_BUDGET);
        Ok(Some(line))
    }
}

fn place(store: &mut Store, row: &QueueRow) -> Result<Place, StoreError> {
    let uploaded = store.ledger.channel(row.channel)?.uploaded;
    Ok(match row.counter {
        None => Place::OfflineDatabase,
        Some(_) if row.completed => Place::Completed,
        Some(counter) if counter <= uploaded => Place::Uploaded,
        Some(_) => Place::ChannelDatabase,
    })
}

/// What must happen for the row to move on.
fn waits_for(store: &Store, row: &QueueRow, place: Place) -> Option<String> {
    let effect = match (place, row.kind) {
        (Place::Completed, _) => return None,
        (Place::OfflineDatabase, _) => return Some("the POS is offline".to_owned()),
        (Place::ChannelDatabase, _) => JobEffect::Upload,
        (Place::Uploaded, _) if row.failed => {
            return Some("the customer is not corrected".to_owned());
        }
        (Place::Uploaded, RowKind::Order | RowKind::Cancellation) => JobEffect::SynchronizeOrders,
        (Place::Uploaded, RowKind::Sale) => JobEffect::PostSales,
        (Place::Uploaded, _) => JobEffect::SynchronizeCustomers,
    };
    let rules = store.rules.as_ref()?;
    let job = rules.jobs.iter().find(|job| job.does.contains(&effect))?;
    Some(format!("job {}", job.id))
}
