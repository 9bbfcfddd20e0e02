//! Queue rows that are not processed yet, by channel.

use super::rows::Slot;

/// Rows that wait to be processed.
#[derive(Clone, Debug, Default)]
pub(crate) struct OpenRows {
    /// By channel, in the order of their counters: counter and slot.
    pub(crate) waiting: Vec<Vec<(u64, Slot)>>,
    /// By channel, in offline databases, in the order written.
    pub(crate) offline: Vec<Vec<Slot>>,
}

impl OpenRows {
    /// Makes room for the channels up to this one.
    pub(super) fn reserve(&mut self, channel: usize) {
        if self.waiting.len() <= channel {
            self.waiting.resize(channel + 1, Vec::new());
            self.offline.resize(channel + 1, Vec::new());
        }
    }

    /// Adds a row to its channel: in the channel database where it has a counter, else offline.
    pub(crate) fn add(&mut self, channel: u32, counter: Option<u64>, slot: Slot) {
        let channel = channel as usize;
        self.reserve(channel);
        match counter {
            Some(counter) => of_channel(&mut self.waiting, channel).push((counter, slot)),
            None => of_channel(&mut self.offline, channel).push(slot),
        }
    }

    /// The offline rows of a channel, taken out.
    pub(crate) fn take_offline(&mut self, channel: u32) -> Vec<Slot> {
        self.reserve(channel as usize);
        std::mem::take(of_channel(&mut self.offline, channel as usize))
    }

    /// The rows of a channel database that wait; a channel that nothing was written to has none.
    pub(crate) fn waiting_of(&self, channel: u32) -> &[(u64, Slot)] {
        self.waiting.get(channel as usize).map_or(&[], Vec::as_slice)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.waiting.iter().map(Vec::len).sum::<usize>()
            + self.offline.iter().map(Vec::len).sum::<usize>()
    }
}

#[expect(clippy::expect_used, reason = "a row that is not noted would wait for ever")]
fn of_channel<T>(rows: &mut [Vec<T>], channel: usize) -> &mut Vec<T> {
    rows.get_mut(channel).expect("room was made for the channel")
}
