//! Rows of a fixed width, each with a version byte first.

use crate::model::{ChannelTableId, words};

/// The number of a row: dense, in the order of creation.
pub type Slot = u64;

/// The version of every row written.
const VERSION: u8 = 1;
/// A name up to this length stands in its row; of a longer one only the beginning does.
pub const INLINE_NAME_BYTES: usize = 70;

/// A row that can be written into a fixed number of bytes and read back.
pub trait Row: Sized {
    /// How many bytes it takes.
    const WIDTH: usize;

    /// Writes it.
    fn encode(&self, to: &mut Encoder<'_>);

    /// Reads it; `None` for a version that is not known.
    fn decode(from: &mut Decoder<'_>) -> Option<Self>;
}

/// Writes values one after the other.
#[derive(Debug)]
pub struct Encoder<'a> {
    rest: &'a mut [u8],
}

impl<'a> Encoder<'a> {
    /// Writes into `room`.
    pub fn new(room: &'a mut [u8]) -> Self {
        Self { rest: room }
    }

    #[expect(clippy::expect_used, reason = "bytes that are dropped would be read as others")]
    fn put(&mut self, bytes: &[u8]) {
        let rest = std::mem::take(&mut self.rest);
        let parts = rest.split_at_mut_checked(bytes.len());
        let (head, tail) = parts.expect("a row is as wide as it says");
        head.copy_from_slice(bytes);
        self.rest = tail;
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.put(&[value]);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        self.put(&value.to_le_bytes());
    }

    pub(crate) fn u32(&mut self, value: u32) {
        self.put(&value.to_le_bytes());
    }

    pub(crate) fn u64(&mut self, value: u64) {
        self.put(&value.to_le_bytes());
    }

    pub(crate) fn i64(&mut self, value: i64) {
        self.put(&value.to_le_bytes());
    }

    pub(crate) fn u128(&mut self, value: u128) {
        self.put(&value.to_le_bytes());
    }
}

/// Reads values one after the other, of bytes that are at least as many as the row is wide.
#[derive(Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Reads from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    #[expect(clippy::expect_used, reason = "`decode` takes no fewer bytes than a row is wide")]
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, tail) = self.rest.split_first_chunk::<N>().expect("a row is read as written");
        self.rest = tail;
        *head
    }

    /// Whether the row is of the version that is known.
    pub(crate) fn version(&mut self) -> Option<()> {
        (self.u8() == VERSION).then_some(())
    }

    pub(crate) fn u8(&mut self) -> u8 {
        let [byte] = self.take();
        byte
    }

    pub(crate) fn u16(&mut self) -> u16 {
        u16::from_le_bytes(self.take())
    }

    pub(crate) fn u32(&mut self) -> u32 {
        u32::from_le_bytes(self.take())
    }

    pub(crate) fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.take())
    }

    pub(crate) fn i64(&mut self) -> i64 {
        i64::from_le_bytes(self.take())
    }

    pub(crate) fn u128(&mut self) -> u128 {
        u128::from_le_bytes(self.take())
    }
}

pub(crate) fn put_version(to: &mut Encoder<'_>) {
    to.u8(VERSION);
}

/// An optional slot: 0 is none.
pub(crate) fn put_slot(to: &mut Encoder<'_>, slot: Option<Slot>) {
    to.u64(slot.map_or(0, |slot| slot + 1));
}

pub(crate) fn take_slot(from: &mut Decoder<'_>) -> Option<Slot> {
    from.u64().checked_sub(1)
}

/// Packs booleans into a byte, the first lowest.
pub(crate) fn flags<const N: usize>(values: [bool; N]) -> u8 {
    values.into_iter().enumerate().fold(0, |byte, (number, value)| byte | u8::from(value) << number)
}

pub(crate) fn flag(byte: u8, number: u8) -> bool {
    byte >> number & 1 == 1
}

/// The account of a customer in headquarters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Account {
    /// None yet: the customer is known by GUID only.
    None,
    /// Created in real time: every channel saw it at once (S-005).
    Immediate(u64),
    /// Made from an async customer; channels see it once job 1010 has run (S-031).
    Converted(u64),
}

impl Account {
    /// Its number in the number sequence, from 1.
    pub fn number(self) -> Option<u64> {
        match self {
            Self::None => None,
            Self::Immediate(number) | Self::Converted(number) => Some(number),
        }
    }
}

/// A customer. The name, which stands behind it in the same row, is the ledger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// The channel that created the customer.
    pub channel: u32,
    /// The GUID given by an async creation (S-020).
    pub guid: Option<u128>,
    /// The account in headquarters.
    pub account: Account,
    /// Whether synchronizing fails until corrected (S-044).
    pub failing: bool,
    /// The event that created the customer.
    pub created: u64,
    /// The last event that changed the customer.
    pub changed: u64,
    /// How many accepted operations there were on the customer.
    pub operations: u32,
}

impl Row for CustomerRow {
    const WIDTH: usize = 56;

    fn encode(&self, to: &mut Encoder<'_>) {
        put_version(to);
        let immediate = matches!(self.account, Account::Immediate(_));
        to.u8(flags([self.guid.is_some(), immediate, self.failing]));
        to.u16(0);
        to.u32(self.channel);
        // A flag tells no GUID from one that is 0.
        to.u128(self.guid.unwrap_or(0));
        // Accounts are numbered from 1.
        to.u64(self.account.number().unwrap_or(0));
        to.u64(self.created);
        to.u64(self.changed);
        to.u32(self.operations);
    }

    fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        from.version()?;
        let flags = from.u8();
        from.u16();
        let channel = from.u32();
        let guid = from.u128();
        let account = match from.u64() {
            0 => Account::None,
            number if flag(flags, 1) => Account::Immediate(number),
            number => Account::Converted(number),
        };
        Some(Self {
            channel,
            guid: flag(flags, 0).then_some(guid),
            account,
            failing: flag(flags, 2),
            created: from.u64(),
            changed: from.u64(),
            operations: from.u32(),
        })
    }
}

words! {
    /// Where an order or a sale is.
    DocumentState {
        /// In the channel only.
        Pending = "pending",
        /// In headquarters.
        InHeadquarters = "in-headquarters",
        /// Cancelled; its name stays in use.
        Cancelled = "cancelled",
    }
}

/// An order, a quotation or a sale. The name, which stands behind it in the same row, is the
/// ledger's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentRow {
    /// The channel that created it.
    pub channel: u32,
    /// Where it is.
    pub state: DocumentState,
    /// Its customer.
    pub customer: Slot,
    /// The event that created it.
    pub created: u64,
}

impl Row for DocumentRow {
    const WIDTH: usize = 24;

    fn encode(&self, to: &mut Encoder<'_>) {
        put_version(to);
        to.u8(self.state as u8);
        to.u16(0);
        to.u32(self.channel);
        to.u64(self.customer);
        to.u64(self.created);
    }

    fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        from.version()?;
        let state = DocumentState::ALL.get(usize::from(from.u8())).copied()?;
        from.u16();
        Some(Self { channel: from.u32(), state, customer: from.u64(), created: from.u64() })
    }
}

words! {
    /// What a queue row carries.
    RowKind {
        /// The creation of a customer.
        Creation = "creation",
        /// A change of a customer.
        Change = "change",
        /// A request of a business partner.
        Request = "request",
        /// An order or quotation.
        Order = "order",
        /// The cancellation of an order.
        Cancellation = "cancellation",
        /// A sale.
        Sale = "sale",
    }
}

/// A row of the RETAILASYNC… tables, of the transactions or of the requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueRow {
    /// The channel.
    pub channel: u32,
    /// The table, in the rules of the store.
    pub table: ChannelTableId,
    /// What it carries.
    pub kind: RowKind,
    /// The replication counter that the channel database gave it; `None` in an offline database.
    pub counter: Option<u64>,
    /// `OnlineOperationCompleted`.
    pub completed: bool,
    /// Whether the last attempt to process it failed; the ledger has the error.
    pub failed: bool,
    /// The customer it is about.
    pub customer: Option<Slot>,
    /// The order or sale it is about.
    pub document: Option<Slot>,
    /// The event that wrote it.
    pub sequence: u64,
}

impl Row for QueueRow {
    const WIDTH: usize = 40;

    fn encode(&self, to: &mut Encoder<'_>) {
        put_version(to);
        to.u8(flags([self.completed, self.failed]));
        to.u8(self.kind as u8);
        to.u8(self.table.number());
        to.u32(self.channel);
        // Counters begin at 1.
        to.u64(self.counter.unwrap_or(0));
        put_slot(to, self.customer);
        put_slot(to, self.document);
        to.u64(self.sequence);
    }

    fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        from.version()?;
        let flags = from.u8();
        let kind = RowKind::ALL.get(usize::from(from.u8())).copied()?;
        let table = ChannelTableId::from_number(from.u8());
        let channel = from.u32();
        let counter = from.u64();
        Some(Self {
            channel,
            table,
            kind,
            counter: (counter > 0).then_some(counter),
            completed: flag(flags, 0),
            failed: flag(flags, 1),
            customer: take_slot(from),
            document: take_slot(from),
            sequence: from.u64(),
        })
    }
}

/// What a channel's databases hold, beside the rows themselves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChannelRow {
    /// Whether the POS is offline.
    pub offline: bool,
    /// The last replication counter given.
    pub counter: u64,
    /// The last replication counter that P-0001 has uploaded.
    pub uploaded: u64,
    /// The last account number that job 1010 has brought.
    pub sent: u64,
    /// The last account number that the channel knows: while its POS is offline, those sent after
    /// it wait.
    pub known: u64,
}

impl Row for ChannelRow {
    const WIDTH: usize = 40;

    fn encode(&self, to: &mut Encoder<'_>) {
        put_version(to);
        to.u8(flags([self.offline]));
        to.u16(0);
        to.u32(0);
        to.u64(self.counter);
        to.u64(self.uploaded);
        to.u64(self.sent);
        to.u64(self.known);
    }

    fn decode(from: &mut Decoder<'_>) -> Option<Self> {
        from.version()?;
        let flags = from.u8();
        from.u16();
        from.u32();
        Some(Self {
            offline: flag(flags, 0),
            counter: from.u64(),
            uploaded: from.u64(),
            sent: from.u64(),
            known: from.u64(),
        })
    }
}

/// Writes a row.
pub(crate) fn encode<R: Row>(row: &R, room: &mut [u8]) {
    row.encode(&mut Encoder::new(room));
}

/// Reads a row; `None` for a version that is not known, or for fewer bytes than it is wide.
pub(crate) fn decode<R: Row>(bytes: &[u8]) -> Option<R> {
    R::decode(&mut Decoder::new(bytes.get(..R::WIDTH)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round_trip<R: Row + PartialEq + std::fmt::Debug>(row: &R) {
        let mut bytes = vec![0xee; R::WIDTH + 4];
        encode(row, &mut bytes[..R::WIDTH]);
        assert_eq!(decode::<R>(&bytes[..R::WIDTH]).as_ref(), Some(row));
        assert_eq!(bytes[R::WIDTH..], [0xee; 4], "no row is wider than it says");
        bytes[0] = VERSION + 1;
        assert_eq!(decode::<R>(&bytes), None, "another version is not misread");
    }

    #[test]
    fn rows_are_read_as_written() {
        for account in [Account::None, Account::Immediate(7), Account::Converted(u64::MAX)] {
            for guid in [None, Some(0), Some(u128::MAX)] {
                round_trip(&CustomerRow {
                    channel: 9,
                    guid,
                    account,
                    failing: guid.is_some(),
                    created: 1,
                    changed: u64::MAX,
                    operations: 5,
                });
            }
        }
        for state in DocumentState::ALL {
            round_trip(&DocumentRow { channel: 3, state: *state, customer: 8, created: 2 });
        }
        for kind in RowKind::ALL {
            for (counter, slot) in [(None, None), (Some(1), Some(0)), (Some(u64::MAX), Some(77))] {
                round_trip(&QueueRow {
                    channel: 1,
                    table: ChannelTableId::from_number(4),
                    kind: *kind,
                    counter,
                    completed: slot.is_some(),
                    failed: slot.is_none(),
                    customer: slot,
                    document: slot,
                    sequence: 12,
                });
            }
        }
        round_trip(&ChannelRow { offline: true, counter: 5, uploaded: 3, sent: 9, known: 7 });
    }
}
