//! Queue rows: added, looked up, and those that wait to be processed.

use super::backing::{Backing, BlockKind, QueueCounts, place};
use super::ledger::Ledger;
use super::open::OpenRows;
use super::rows::{QueueRow, Slot};
use crate::model::ChannelTableId;

/// Up to so many rows that wait are remembered by number; of more, only where they begin.
const MAX_STUCK: usize = 1024;

impl<B: Backing> Ledger<B> {
    /// A queue row.
    ///
    /// # Errors
    ///
    /// It can't be read.
    pub fn queue_row(&mut self, slot: Slot) -> Result<QueueRow, B::Error> {
        let row: QueueRow = self.row(BlockKind::Queue, slot)?;
        // Writing a row writes its channel; a number that leads nowhere is not made room for.
        if u64::from(row.channel) >= self.len(BlockKind::Channels) {
            let what = format!("row {slot} of queue: the channel does not exist");
            return Err(self.backing.damaged(&what));
        }
        Ok(row)
    }

    pub(crate) fn set_queue_row(&mut self, slot: Slot, row: &QueueRow) -> Result<(), B::Error> {
        self.set_row(BlockKind::Queue, slot, row)
    }

    pub(crate) fn queue_counts(&mut self, table: ChannelTableId) -> &mut QueueCounts {
        let index = table.index();
        if self.counters.queue.len() <= index {
            self.counters.queue.resize(index + 1, QueueCounts::default());
        }
        // The place was just made.
        #[expect(clippy::indexing_slicing, reason = "the vector was made long enough")]
        &mut self.counters.queue[index]
    }

    /// Adds a queue row, in the channel database or, while the POS is offline, in its offline
    /// database.
    pub(crate) fn add_queue_row(&mut self, mut row: QueueRow) -> Result<(), B::Error> {
        let mut channel = self.channel(row.channel)?;
        if channel.offline {
            self.queue_counts(row.table).offline += 1;
        } else {
            channel.counter += 1;
            row.counter = Some(channel.counter);
            self.set_channel(row.channel, &channel)?;
            self.queue_counts(row.table).rows += 1;
        }
        let slot = self.push(BlockKind::Queue, &row)?;
        if let Some(open) = &mut self.open {
            open.add(row.channel, row.counter, slot);
        }
        Ok(())
    }

    /// How many rows of a channel are written and not completed, as far as those that wait were
    /// looked for; nothing is forgotten where all began in memory.
    pub fn open_rows(&self, channel: u32) -> u64 {
        let Some(open) = &self.open else { return 0 };
        // A channel that never was offline has no list of rows in an offline database.
        let offline = open.offline.get(channel as usize).map_or(0, Vec::len);
        (open.waiting_of(channel).len() + offline) as u64
    }

    /// Forgets what there is to keep, and rows of the queue that nobody reads again: for those who
    /// keep nothing, so that what they take does not grow with the events.
    pub fn forget_what_is_done(&mut self) {
        self.journal.clear();
        self.new_names.clear();
        self.new_guids.clear();
        let Some(open) = &self.open else { return };
        let waiting = open.waiting.iter().flatten().map(|(_, slot)| *slot);
        let first = waiting.chain(open.offline.iter().flatten().copied()).min();
        let first = first.unwrap_or(self.len(BlockKind::Queue));
        // The block that rows are added to stays.
        let (done, _) = place(BlockKind::Queue, first.min(self.len(BlockKind::Queue)));
        if let Some(blocks) = self.blocks.get_mut(BlockKind::Queue as usize) {
            blocks.dirty.retain(|number| *number >= done);
            blocks.blocks.iter_mut().take(done).for_each(|block| *block = None);
        }
    }

    /// The rows that wait, taken out; they must be put back.
    pub(crate) fn take_open(&mut self, channels: usize) -> Result<OpenRows, B::Error> {
        let mut open = match self.open.take() {
            Some(open) => open,
            None => self.find_open()?,
        };
        if channels > 0 {
            open.reserve(channels - 1);
        }
        Ok(open)
    }

    pub(crate) fn put_open(&mut self, open: OpenRows) {
        self.open = Some(open);
    }

    /// Looks through the rows from the frontier on, and the stuck ones.
    fn find_open(&mut self) -> Result<OpenRows, B::Error> {
        let mut open = OpenRows::default();
        let stuck = self.counters.stuck.clone();
        for slot in stuck.into_iter().chain(self.counters.frontier..self.len(BlockKind::Queue)) {
            let row = self.queue_row(slot)?;
            if row.completed {
                continue;
            }
            open.add(row.channel, row.counter, slot);
        }
        open.waiting.iter_mut().for_each(|waiting| waiting.sort_unstable());
        open.offline.iter_mut().for_each(|offline| offline.sort_unstable());
        Ok(open)
    }

    /// Remembers which rows wait, where they are known and few.
    pub(crate) fn note_open(&mut self) {
        let Some(open) = self.open.as_ref().filter(|open| open.len() <= MAX_STUCK) else { return };
        let waiting = open.waiting.iter().flatten().map(|(_, slot)| *slot);
        let mut stuck: Vec<Slot> = waiting.chain(open.offline.iter().flatten().copied()).collect();
        stuck.sort_unstable();
        self.counters.frontier = self.len(BlockKind::Queue);
        self.counters.stuck = stuck;
    }
}
