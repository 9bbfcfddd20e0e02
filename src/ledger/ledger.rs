//! The rows of a store, in blocks that are read when they are needed and given out when they have
//! changed.

use super::backing::{
    BLOCK_BYTES, Backing, BlockKind, Counters, NAME_BYTES, NameKind, TextKind, block_rows, place,
};
use super::journal::JournalRow;
use super::open::OpenRows;
use super::rows::{
    Account, ChannelRow, CustomerRow, DocumentRow, DocumentState, INLINE_NAME_BYTES, Row, Slot,
    decode, encode,
};
use crate::model::{Customer, Order, indexed, indexed_mut};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// Gives a number that is a hash already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

type HashedMap = HashMap<u64, Slot, BuildHasherDefault<Hashed>>;

#[derive(Clone, Debug)]
pub(crate) struct Block {
    pub(crate) bytes: Vec<u8>,
    pub(crate) dirty: bool,
}

/// The blocks of one kind that are in memory.
#[derive(Clone, Debug, Default)]
pub(crate) struct Blocks {
    pub(crate) blocks: Vec<Option<Block>>,
    pub(crate) dirty: Vec<usize>,
}

#[expect(clippy::expect_used, reason = "a change that is lost would be lost in silence")]
impl Blocks {
    /// The rows of a block that has changed.
    pub(crate) fn changed(&self, number: usize) -> &[u8] {
        let block = self.blocks.get(number).and_then(Option::as_ref);
        &block.expect("what has changed is not forgotten").bytes
    }

    /// Notes that a block which has changed is kept as it is now.
    pub(crate) fn is_kept(&mut self, number: usize) {
        let block = self.blocks.get_mut(number).and_then(Option::as_mut);
        block.expect("what has changed is not forgotten").dirty = false;
    }
}

/// How much of what has changed was logged.
#[derive(Clone, Debug, Default)]
pub(crate) struct Logged {
    /// Rows that have changed since.
    pub(crate) rows: Vec<(BlockKind, Slot)>,
    pub(crate) names: usize,
    pub(crate) guids: usize,
    pub(crate) texts: usize,
    pub(crate) journal: usize,
}

/// The rows of a store.
#[derive(Clone, Debug)]
pub struct Ledger<B> {
    pub(crate) backing: B,
    pub(crate) blocks: [Blocks; 6],
    names: [HashedMap; 3],
    /// Of which kinds all names are in memory, because there were none when this began.
    complete: [bool; 3],
    pub(crate) new_names: Vec<(NameKind, u64, Slot)>,
    pub(crate) new_guids: Vec<(u128, Slot)>,
    pub(crate) texts: HashMap<(TextKind, u64), Option<String>>,
    pub(crate) dirty_texts: Vec<(TextKind, u64)>,
    pub(crate) open: Option<OpenRows>,
    /// How many blocks were read since they were last forgotten.
    loads: usize,
    pub(crate) journal: Vec<u8>,
    /// Whether there is to be a journal.
    journals: bool,
    /// What was logged, where steps are asked for.
    pub(crate) logged: Option<Logged>,
    /// The numbers.
    pub counters: Counters,
    /// The numbers when changes were last kept: what is older is in the backing.
    pub(crate) kept: Counters,
}

impl<B: Backing> Ledger<B> {
    /// The rows of `backing`, which has these numbers.
    pub fn new(backing: B, counters: Counters) -> Self {
        let open = (counters.rows == [0; 6]).then(OpenRows::default);
        Self {
            backing,
            blocks: Default::default(),
            names: Default::default(),
            complete: [NameKind::Customer, NameKind::Order, NameKind::Sale]
                .map(|kind| counters.of(kind.blocks()) == 0),
            new_names: Vec::new(),
            new_guids: Vec::new(),
            texts: HashMap::new(),
            dirty_texts: Vec::new(),
            open,
            loads: 0,
            journal: Vec::new(),
            journals: true,
            logged: None,
            kept: counters.clone(),
            counters,
        }
    }

    /// How many rows of a kind there are.
    pub fn len(&self, kind: BlockKind) -> u64 {
        self.counters.of(kind)
    }

    /// Whether there are no rows at all.
    pub fn is_empty(&self) -> bool {
        self.counters.rows == [0; 6]
    }

    /// The backing.
    pub fn backing(&mut self) -> &mut B {
        &mut self.backing
    }

    /// Makes sure that a block is in memory.
    fn load(&mut self, kind: BlockKind, number: usize) -> Result<(), B::Error> {
        let blocks = indexed_mut(&mut self.blocks, kind as usize);
        if matches!(blocks.blocks.get(number), Some(Some(_))) {
            return Ok(());
        }
        let first = number as u64 * block_rows(kind) as u64;
        let is_kept = first < self.kept.of(kind);
        let bytes = if is_kept {
            self.backing.block(kind, number as u64)?
        } else {
            Some(Vec::with_capacity(BLOCK_BYTES))
        };
        let bytes = bytes
            .ok_or_else(|| self.backing.damaged(&format!("block {number} of {kind} is missing")))?;
        if blocks.blocks.len() <= number {
            blocks.blocks.resize_with(number + 1, || None);
        }
        *indexed_mut(&mut blocks.blocks, number) = Some(Block { bytes, dirty: false });
        self.loads += 1;
        Ok(())
    }

    fn bytes(&mut self, kind: BlockKind, slot: Slot) -> Result<&[u8], B::Error> {
        // What leads to a row may come from a file: no room is made for one that there is not.
        if slot >= self.len(kind) {
            return Err(self.missing(kind, slot));
        }
        let (number, start) = place(kind, slot);
        self.load(kind, number)?;
        let block =
            indexed(&self.blocks, kind as usize).blocks.get(number).and_then(Option::as_ref);
        let bytes = block.and_then(|block| block.bytes.get(start..start + kind.width()));
        bytes.ok_or_else(|| self.backing.damaged(&format!("row {slot} of {kind} is missing")))
    }

    fn missing(&self, kind: BlockKind, slot: Slot) -> B::Error {
        self.backing.damaged(&format!("row {slot} of {kind} is missing"))
    }

    #[expect(clippy::expect_used, reason = "a block that was loaded and made long enough is there")]
    fn bytes_mut(&mut self, kind: BlockKind, slot: Slot) -> Result<&mut [u8], B::Error> {
        if slot > self.len(kind) {
            return Err(self.missing(kind, slot));
        }
        let (number, start) = place(kind, slot);
        self.load(kind, number)?;
        if let Some(logged) = &mut self.logged {
            logged.rows.push((kind, slot));
        }
        let blocks = indexed_mut(&mut self.blocks, kind as usize);
        let block = blocks.blocks.get_mut(number).and_then(Option::as_mut);
        let block = block.expect("the block was just loaded");
        if !std::mem::replace(&mut block.dirty, true) {
            blocks.dirty.push(number);
        }
        let end = start + kind.width();
        if block.bytes.len() < end {
            block.bytes.resize(end, 0);
        }
        Ok(block.bytes.get_mut(start..end).expect("the block was made long enough"))
    }

    /// A row.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub(crate) fn row<R: Row>(&mut self, kind: BlockKind, slot: Slot) -> Result<R, B::Error> {
        let row = decode(self.bytes(kind, slot)?);
        row.ok_or_else(|| {
            self.backing.damaged(&format!("row {slot} of {kind} is of another version"))
        })
    }

    pub(crate) fn set_row<R: Row>(
        &mut self,
        kind: BlockKind,
        slot: Slot,
        row: &R,
    ) -> Result<(), B::Error> {
        let bytes = self.bytes_mut(kind, slot)?;
        encode(row, bytes);
        Ok(())
    }

    pub(crate) fn push<R: Row>(&mut self, kind: BlockKind, row: &R) -> Result<Slot, B::Error> {
        let slot = self.len(kind);
        self.set_row(kind, slot, row)?;
        self.counters.count_row(kind);
        Ok(slot)
    }

    /// A channel's row; one that was never written is as a channel begins.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn channel(&mut self, channel: u32) -> Result<ChannelRow, B::Error> {
        if u64::from(channel) >= self.len(BlockKind::Channels) {
            return Ok(ChannelRow::default());
        }
        self.row(BlockKind::Channels, Slot::from(channel))
    }

    pub(crate) fn set_channel(&mut self, channel: u32, row: &ChannelRow) -> Result<(), B::Error> {
        while self.len(BlockKind::Channels) <= u64::from(channel) {
            self.push(BlockKind::Channels, &ChannelRow::default())?;
        }
        self.set_row(BlockKind::Channels, Slot::from(channel), row)
    }

    /// A customer.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn customer(&mut self, slot: Slot) -> Result<CustomerRow, B::Error> {
        self.row(BlockKind::Customers, slot)
    }

    pub(crate) fn set_customer(&mut self, slot: Slot, row: &CustomerRow) -> Result<(), B::Error> {
        self.set_row(BlockKind::Customers, slot, row)
    }

    /// Adds a customer under a name that is not in use, or one without a name, whom nothing but the
    /// slot leads to.
    pub(crate) fn add_customer(
        &mut self,
        name: Option<&str>,
        row: &CustomerRow,
    ) -> Result<Slot, B::Error> {
        let slot = self.push(BlockKind::Customers, row)?;
        if let Some(name) = name {
            self.set_name(NameKind::Customer, slot, name, CustomerRow::WIDTH)?;
        }
        if let Some(guid) = row.guid {
            self.new_guids.push((guid, slot));
        }
        Ok(slot)
    }

    /// The next account number, given to a customer.
    pub(crate) fn give_account(&mut self, customer: Slot) -> Result<u64, B::Error> {
        let index = self.push(BlockKind::Accounts, &AccountRow(customer))?;
        self.counters.accounts_given = index + 1;
        Ok(index + 1)
    }

    /// The customer with an account number.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn customer_of_account(&mut self, number: u64) -> Result<Option<Slot>, B::Error> {
        match number.checked_sub(1).filter(|index| *index < self.len(BlockKind::Accounts)) {
            Some(index) => self
                .row::<AccountRow>(BlockKind::Accounts, index)
                .map(|AccountRow(slot)| Some(slot)),
            None => Ok(None),
        }
    }

    /// The customer with a GUID.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn customer_of_guid(&mut self, guid: u128) -> Result<Option<Slot>, B::Error> {
        match self.new_guids.iter().find(|(known, _)| *known == guid) {
            Some((_, slot)) => Ok(Some(*slot)),
            None => self.backing.guid(guid),
        }
    }

    /// An order or a sale.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn document(&mut self, kind: NameKind, slot: Slot) -> Result<DocumentRow, B::Error> {
        self.row(kind.blocks(), slot)
    }

    /// How a channel sees an order: pending ones are seen by their own channel alone.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn order_seen(&mut self, order: Option<Slot>, channel: u32) -> Result<Order, B::Error> {
        let Some(slot) = order else { return Ok(Order::None) };
        let document = self.document(NameKind::Order, slot)?;
        Ok(match document.state {
            DocumentState::InHeadquarters => Order::InHeadquarters,
            DocumentState::Pending if document.channel == channel => Order::Pending,
            DocumentState::Pending | DocumentState::Cancelled => Order::None,
        })
    }

    pub(crate) fn set_document(
        &mut self,
        kind: NameKind,
        slot: Slot,
        row: &DocumentRow,
    ) -> Result<(), B::Error> {
        self.set_row(kind.blocks(), slot, row)
    }

    /// Adds an order or a sale under a name that is not in use, or without one.
    pub(crate) fn add_document(
        &mut self,
        kind: NameKind,
        name: Option<&str>,
        row: &DocumentRow,
    ) -> Result<Slot, B::Error> {
        let slot = self.push(kind.blocks(), row)?;
        if let Some(name) = name {
            self.set_name(kind, slot, name, DocumentRow::WIDTH)?;
        }
        Ok(slot)
    }

    fn set_name(
        &mut self,
        kind: NameKind,
        slot: Slot,
        name: &str,
        offset: usize,
    ) -> Result<(), B::Error> {
        let room = self.bytes_mut(kind.blocks(), slot)?.iter_mut().skip(offset);
        let inline = length_in_row(name).to_le_bytes().into_iter().chain(name.bytes());
        room.zip(inline).for_each(|(place, byte)| *place = byte);
        if name.len() > INLINE_NAME_BYTES {
            self.set_text(kind.long_names(), slot, Some(name.to_owned()));
        }
        let hash = self.free_hash(kind, name)?;
        indexed_mut(&mut self.names, kind as usize).insert(hash, slot);
        self.new_names.push((kind, hash, slot));
        Ok(())
    }

    /// The name of a customer, an order or a sale.
    ///
    /// # Errors
    ///
    /// The row can't be read.
    pub fn name(&mut self, kind: NameKind, slot: Slot) -> Result<String, B::Error> {
        let (length, inline) = name_in_row(self.bytes(kind.blocks(), slot)?);
        if length <= INLINE_NAME_BYTES {
            let name = inline.get(..length).and_then(|name| std::str::from_utf8(name).ok());
            let name = name.map(str::to_owned);
            return name.ok_or_else(|| {
                self.backing.damaged(&format!("the name of {kind} {slot} is no text"))
            });
        }
        let name = self.text(kind.long_names(), slot)?;
        name.ok_or_else(|| self.backing.damaged(&format!("the name of {kind} {slot} is missing")))
    }

    /// Whether the row at `slot` has this name, without making a string of it.
    fn has_name(&mut self, kind: NameKind, slot: Slot, name: &str) -> Result<bool, B::Error> {
        let (length, inline) = name_in_row(self.bytes(kind.blocks(), slot)?);
        let begins =
            inline.iter().zip(name.bytes()).all(|(mine, theirs)| *mine == theirs || length == 0);
        if length <= INLINE_NAME_BYTES || !begins {
            return Ok(inline.get(..length) == Some(name.as_bytes()));
        }
        Ok(self.name(kind, slot)? == name)
    }

    /// What a name leads to.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn named(&mut self, kind: NameKind, name: &str) -> Result<Option<Slot>, B::Error> {
        let first = kind.hash(name);
        for hash in (0..MOST_IN_A_ROW).map(|next| first.wrapping_add(next)) {
            match self.hashed(kind, hash)? {
                Some(slot) if self.has_name(kind, slot, name)? => return Ok(Some(slot)),
                Some(_) => {}
                None => return Ok(None),
            }
        }
        Err(self.too_many_in_a_row(kind))
    }

    fn too_many_in_a_row(&self, kind: NameKind) -> B::Error {
        self.backing.damaged(&format!("more {kind} names than chance brings follow each other"))
    }

    /// The first hash from a name's on that leads nowhere: two names of one hash follow each other.
    fn free_hash(&mut self, kind: NameKind, name: &str) -> Result<u64, B::Error> {
        let first = kind.hash(name);
        for hash in (0..MOST_IN_A_ROW).map(|next| first.wrapping_add(next)) {
            if self.hashed(kind, hash)?.is_none() {
                return Ok(hash);
            }
        }
        Err(self.too_many_in_a_row(kind))
    }

    fn hashed(&mut self, kind: NameKind, hash: u64) -> Result<Option<Slot>, B::Error> {
        let names = indexed_mut(&mut self.names, kind as usize);
        if let Some(slot) = names.get(&hash) {
            return Ok(Some(*slot));
        }
        if *indexed(&self.complete, kind as usize) {
            return Ok(None);
        }
        let found = self.backing.name(kind, hash)?;
        if let Some(slot) = found {
            names.insert(hash, slot);
        }
        Ok(found)
    }

    /// A text.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn text(&mut self, kind: TextKind, number: u64) -> Result<Option<String>, B::Error> {
        match self.texts.get(&(kind, number)) {
            Some(text) => Ok(text.clone()),
            None => self.backing.text(kind, number),
        }
    }

    pub(crate) fn set_text(&mut self, kind: TextKind, number: u64, text: Option<String>) {
        self.texts.insert((kind, number), text);
        self.dirty_texts.push((kind, number));
    }

    /// Whether what happens is noted in the journal.
    pub(crate) fn journals(&self) -> bool {
        self.journals
    }

    /// From now on nothing is noted in the journal: for those who keep nothing.
    pub fn end_journal(&mut self) {
        self.journals = false;
    }

    /// Adds a journal row and its note.
    #[expect(clippy::expect_used, reason = "lines end long before 4 GiB, and room is made first")]
    pub(crate) fn add_journal(&mut self, row: &JournalRow, note: &str) {
        let start = self.journal.len();
        self.journal.resize(start + JournalRow::WIDTH, 0);
        let note_bytes = u32::try_from(note.len()).expect("a note is a line, or says what of one");
        let row = JournalRow { note_bytes, ..*row };
        encode(&row, self.journal.get_mut(start..).expect("room was just made"));
        self.journal.extend_from_slice(note.as_bytes());
        self.counters.journal += 1;
    }

    /// Forgets blocks that have not changed, once more than `budget` were read: for those who read
    /// a whole store.
    pub fn forget_beyond(&mut self, budget: usize) {
        if self.loads <= budget {
            return;
        }
        self.loads = 0;
        for block in self.blocks.iter_mut().flat_map(|of_kind| &mut of_kind.blocks) {
            if block.as_ref().is_some_and(|block| !block.dirty) {
                *block = None;
            }
        }
    }

    /// How a channel sees a customer.
    ///
    /// # Errors
    ///
    /// The channel's row can't be read.
    pub fn view(&mut self, row: &CustomerRow, channel: u32) -> Result<Customer, B::Error> {
        let is_known = match row.account {
            Account::Immediate(_) => true,
            Account::Converted(number) => number <= self.channel(channel)?.known,
            Account::None => false,
        };
        Ok(match is_known {
            true => Customer::Synced,
            false if row.channel == channel => Customer::Pending,
            false => Customer::None,
        })
    }
}

/// So many names may follow each other, each where the hash of another leads. Chance does not bring
/// three: more are made by somebody, and looking through them all for each name has no end.
const MOST_IN_A_ROW: u64 = 1024;

/// The length of a name as its row has it; of one that does not fit only that it does not.
fn length_in_row(name: &str) -> u16 {
    // No row has room for so many bytes.
    u16::try_from(name.len()).unwrap_or(u16::MAX)
}

/// The length of the name of a row, and as much of it as the row has room for.
#[expect(clippy::expect_used, reason = "rows of names are as wide as their kind says")]
fn name_in_row(row: &[u8]) -> (usize, &[u8]) {
    let (_, name) = row.split_last_chunk::<NAME_BYTES>().expect("the name is the end of its row");
    let [low, high, inline @ ..] = name;
    (usize::from(u16::from_le_bytes([*low, *high])), inline)
}

/// The customer of an account number.
struct AccountRow(Slot);

impl Row for AccountRow {
    const WIDTH: usize = 8;

    fn encode(&self, to: &mut super::rows::Encoder<'_>) {
        to.u64(self.0);
    }

    fn decode(from: &mut super::rows::Decoder<'_>) -> Option<Self> {
        Some(Self(from.u64()))
    }
}
