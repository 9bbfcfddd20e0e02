//! What rows are kept in: blocks, names and texts by kind, and where they come from that are not in
//! memory.

use super::rows::{ChannelRow, CustomerRow, DocumentRow, INLINE_NAME_BYTES, QueueRow, Row, Slot};
use crate::model::{Outcome, words};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// What a block of rows may take, so that with its seal and key it fills four pages of the file.
pub(crate) const BLOCK_BYTES: usize = 16_336;
/// The length of a name in its row, and the beginning of it.
pub(crate) const NAME_BYTES: usize = INLINE_NAME_BYTES + 2;

words! {
    /// A sequence of rows.
    BlockKind {
        /// [`ChannelRow`], by the channel's number in the store.
        Channels = "channels",
        /// [`CustomerRow`] and the customer's name.
        Customers = "customers",
        /// [`DocumentRow`] and the order's name.
        Orders = "orders",
        /// [`DocumentRow`] and the sale's name.
        Sales = "sales",
        /// [`QueueRow`].
        Queue = "queue",
        /// The customer of each account number, from 1.
        Accounts = "accounts",
    }
}

impl BlockKind {
    /// How many bytes a row takes, its name included.
    pub const fn width(self) -> usize {
        match self {
            Self::Channels => ChannelRow::WIDTH,
            Self::Customers => CustomerRow::WIDTH + NAME_BYTES,
            Self::Orders | Self::Sales => DocumentRow::WIDTH + NAME_BYTES,
            Self::Queue => QueueRow::WIDTH,
            Self::Accounts => 8,
        }
    }
}

/// How many rows of a kind make a block.
pub const fn block_rows(kind: BlockKind) -> usize {
    BLOCK_BYTES / kind.width()
}

/// The block of a row, and where in it the row begins.
pub fn place(kind: BlockKind, slot: Slot) -> (usize, usize) {
    /// By a number that is known when this is compiled: every event looks for several rows, and
    /// dividing is slow.
    macro_rules! divided {
        ($($kind:ident)*) => {
            match kind {
                $(BlockKind::$kind => {
                    const ROWS: u64 = block_rows(BlockKind::$kind) as u64;
                    const WIDTH: usize = BlockKind::$kind.width();
                    let number = usize::try_from(slot / ROWS).expect("blocks fit in memory");
                    let row = usize::try_from(slot % ROWS).expect("rows fit in a block");
                    (number, row * WIDTH)
                })*
            }
        };
    }
    divided!(Channels Customers Orders Sales Queue Accounts)
}

words! {
    /// Things that callers name.
    NameKind {
        /// Customers.
        Customer = "customer",
        /// Orders and quotations.
        Order = "order",
        /// Sales.
        Sale = "sale",
    }
}

impl NameKind {
    /// The rows that have names of this kind, each one.
    pub fn blocks(self) -> BlockKind {
        match self {
            Self::Customer => BlockKind::Customers,
            Self::Order => BlockKind::Orders,
            Self::Sale => BlockKind::Sales,
        }
    }

    /// The texts that hold names of this kind which are too long for their rows.
    pub fn long_names(self) -> TextKind {
        match self {
            Self::Customer => TextKind::CustomerName,
            Self::Order => TextKind::OrderName,
            Self::Sale => TextKind::SaleName,
        }
    }

    pub(crate) fn hash(self, name: &str) -> u64 {
        xxh3_64_with_seed(name.as_bytes(), self as u64)
    }
}

words! {
    /// Texts that do not fit into rows, each kept by a number.
    TextKind {
        /// A long name of a customer, by slot.
        CustomerName = "customer-name",
        /// A long name of an order, by slot.
        OrderName = "order-name",
        /// A long name of a sale, by slot.
        SaleName = "sale-name",
        /// Why synchronizing a customer fails, by slot.
        CustomerError = "customer-error",
        /// Why a queue row could not be processed, by slot.
        RowError = "row-error",
    }
}

/// Where rows come from that are not in memory.
pub trait Backing {
    /// Why reading fails.
    type Error;

    /// The rows of a block, without its seal; `None` where there is no such block.
    ///
    /// # Errors
    ///
    /// Reading fails, or what is read is damaged.
    fn block(&mut self, kind: BlockKind, number: u64) -> Result<Option<Vec<u8>>, Self::Error>;

    /// The slot that the hash of a name leads to.
    ///
    /// # Errors
    ///
    /// As [`Backing::block`].
    fn name(&mut self, kind: NameKind, hash: u64) -> Result<Option<Slot>, Self::Error>;

    /// The customer with a GUID.
    ///
    /// # Errors
    ///
    /// As [`Backing::block`].
    fn guid(&mut self, guid: u128) -> Result<Option<Slot>, Self::Error>;

    /// A text.
    ///
    /// # Errors
    ///
    /// As [`Backing::block`].
    fn text(&mut self, kind: TextKind, number: u64) -> Result<Option<String>, Self::Error>;

    /// The error for rows that are not what they should be.
    fn damaged(&self, what: &str) -> Self::Error;
}

/// No backing: everything is in memory.
#[derive(Clone, Copy, Debug, Default)]
pub struct InMemory;

/// What can go wrong in memory: nothing that a caller could do something about.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a row in memory is not what it should be: {0}")]
pub struct MemoryError(String);

impl Backing for InMemory {
    type Error = MemoryError;

    fn block(&mut self, _: BlockKind, _: u64) -> Result<Option<Vec<u8>>, MemoryError> {
        Ok(None)
    }

    fn name(&mut self, _: NameKind, _: u64) -> Result<Option<Slot>, MemoryError> {
        Ok(None)
    }

    fn guid(&mut self, _: u128) -> Result<Option<Slot>, MemoryError> {
        Ok(None)
    }

    fn text(&mut self, _: TextKind, _: u64) -> Result<Option<String>, MemoryError> {
        Ok(None)
    }

    fn damaged(&self, what: &str) -> MemoryError {
        MemoryError(what.to_owned())
    }
}

impl Counters {
    /// How many rows of a kind there are.
    pub fn of(&self, kind: BlockKind) -> u64 {
        let [channels, customers, orders, sales, queue, accounts] = self.rows;
        match kind {
            BlockKind::Channels => channels,
            BlockKind::Customers => customers,
            BlockKind::Orders => orders,
            BlockKind::Sales => sales,
            BlockKind::Queue => queue,
            BlockKind::Accounts => accounts,
        }
    }

    pub(crate) fn count_row(&mut self, kind: BlockKind) {
        let [channels, customers, orders, sales, queue, accounts] = &mut self.rows;
        *match kind {
            BlockKind::Channels => channels,
            BlockKind::Customers => customers,
            BlockKind::Orders => orders,
            BlockKind::Sales => sales,
            BlockKind::Queue => queue,
            BlockKind::Accounts => accounts,
        } += 1;
    }

    pub(crate) fn count_decision(&mut self, outcome: Outcome) {
        let [sync, asynchronous, rejected] = &mut self.decisions;
        *match outcome {
            Outcome::Sync => sync,
            Outcome::Async => asynchronous,
            Outcome::Rejected => rejected,
        } += 1;
    }
}

/// How many rows of one table of a queue there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// In offline databases.
    pub offline: u64,
    /// In channel databases.
    pub rows: u64,
    /// Of those, in headquarters.
    pub uploaded: u64,
    /// Of those, processed.
    pub completed: u64,
}

/// Everything about a store that is a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// How many events were applied, invalid ones included.
    pub events: u64,
    /// How many rows of each kind there are, by [`BlockKind`].
    pub rows: [u64; 6],
    /// How many journal rows there are.
    pub journal: u64,
    /// The last account number given.
    pub accounts_given: u64,
    /// How many customers their own channel sees as pending.
    pub pending: u64,
    /// How many decisions there were, by outcome.
    pub decisions: [u64; 3],
    /// The queue, by table.
    pub queue: Vec<QueueCounts>,
    /// No row before this one waits, except the stuck ones.
    pub frontier: Slot,
    /// Rows that wait though they stand before the frontier.
    pub stuck: Vec<Slot>,
}
