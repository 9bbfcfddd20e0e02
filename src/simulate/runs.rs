//! Runs of jobs: what each takes at its start, how much it manages in a minute, and when that takes
//! effect.

use super::error::SimulationError;
use super::play::{Phase, Player, Progress, Taken, Task};
use super::timetable::{Entry, RunTakes};
use crate::ledger::ChannelRow;
use crate::lifecycle::{Event, JobRun};
use crate::model::{JobKind, indexed, indexed_mut};
use std::collections::BTreeMap;

const MINUTE: u64 = 60;

impl<'a> Player<'a, '_> {
    pub(super) fn upload(&mut self, number: usize) -> Result<(), SimulationError> {
        let (interval, channels) = indexed(&self.timetable.uploads, number);
        self.push(self.now + interval, Phase::Uploads, 0, Task::Upload(number));
        if self.timetable.servicing_until(self.now).is_some() {
            return Ok(());
        }
        for channel in channels {
            let counter = self.channel(*channel)?.counter;
            *indexed_mut(&mut self.uploadable, *channel) = counter;
        }
        Ok(())
    }

    /// The databases of a channel.
    fn channel(&mut self, channel: usize) -> Result<ChannelRow, SimulationError> {
        let number = self.machine.store_channel(channel);
        Ok(self.machine.ledger.channel(number)?)
    }

    fn entry(&self, number: usize) -> &'a Entry {
        indexed(&self.timetable.entries, number)
    }

    /// A run is due. It is left out in servicing, and where the one before it goes on.
    pub(super) fn run(&mut self, number: usize) -> Result<(), SimulationError> {
        let entry = self.entry(number);
        self.push_own(self.now + entry.recurrence, number, Task::Run);
        let goes_on = indexed(&self.progress, number).is_some();
        if goes_on || self.timetable.servicing_until(self.now).is_some() {
            return Ok(());
        }
        let taken = self.taken(number)?;
        if entry.capacity.rows_per_minute.is_none() {
            if let Taken::Accounts(last) = &taken {
                let carried = indexed_mut(&mut self.carried, number);
                *carried = (*carried).max(*last);
            }
            return self.takes_effect(number, taken, None);
        }
        let left = self.left(number, &taken, u64::MAX)?;
        *indexed_mut(&mut self.progress, number) = Some(Progress { taken, left });
        self.work(number)
    }

    /// Another minute of a run, where what it took still waits.
    pub(super) fn minute(&mut self, number: usize) -> Result<(), SimulationError> {
        if self.timetable.servicing_until(self.now).is_some() {
            self.push_own(self.now + MINUTE, number, Task::Minute);
            return Ok(());
        }
        let entry = self.entry(number);
        // Where effects come later, what waits has not become less yet.
        if entry.capacity.takes == 0
            && let Some(progress) = indexed(&self.progress, number)
        {
            let taken = progress.taken.clone();
            if self.left(number, &taken, 1)? == 0 {
                *indexed_mut(&mut self.progress, number) = None;
                return Ok(());
            }
        }
        self.work(number)
    }

    /// The work of one minute.
    fn work(&mut self, number: usize) -> Result<(), SimulationError> {
        let rate = self.entry(number).capacity.rows_per_minute;
        let place = indexed_mut(&mut self.progress, number);
        let (Some(rate), Some(progress)) = (rate, place.as_mut()) else { return Ok(()) };
        let goes_on = progress.left > rate;
        progress.left = progress.left.saturating_sub(rate);
        let mut taken = progress.taken.clone();
        if !goes_on {
            *place = None;
        }
        if let Taken::Accounts(last) = &mut taken {
            let carried = indexed_mut(&mut self.carried, number);
            *last = carried.saturating_add(rate).min(*last).max(*carried);
            *carried = *last;
        }
        if goes_on {
            self.push_own(self.now + MINUTE, number, Task::Minute);
        }
        self.takes_effect(number, taken, Some(rate))
    }

    /// What a run takes that starts now.
    fn taken(&mut self, number: usize) -> Result<Taken, SimulationError> {
        let entry = self.entry(number);
        let mut rows = Vec::new();
        match entry.takes {
            RunTakes::Nothing => return Ok(Taken::Nothing),
            RunTakes::Accounts => {
                return Ok(Taken::Accounts(self.machine.counters().accounts_given));
            }
            RunTakes::Rows => {
                let upto = |channel: &usize| *indexed(&self.uploadable, *channel);
                rows.extend(entry.channels.iter().map(upto));
            }
            RunTakes::Uploaded(_) => {
                for channel in &entry.channels {
                    rows.push(self.channel(*channel)?.uploaded);
                }
            }
        }
        Ok(Taken::Rows(rows))
    }

    /// How much of what a run took is still there; no more is counted than is asked for.
    fn left(&mut self, number: usize, taken: &Taken, most: u64) -> Result<u64, SimulationError> {
        let entry = self.entry(number);
        match taken {
            Taken::Nothing => Ok(0),
            Taken::Accounts(last) => Ok(last.saturating_sub(*indexed(&self.carried, number))),
            Taken::Rows(upto) => {
                let mut left = 0;
                for (channel, upto) in entry.channels.iter().zip(upto) {
                    left += self.left_of(entry.takes, *channel, *upto, most - left)?;
                    if left >= most {
                        break;
                    }
                }
                Ok(left)
            }
        }
    }

    /// How many rows of a channel a run still finds, up to a counter.
    fn left_of(
        &mut self,
        takes: RunTakes,
        channel: usize,
        upto: u64,
        most: u64,
    ) -> Result<u64, SimulationError> {
        let row = self.channel(channel)?;
        let number = self.machine.store_channel(channel);
        match takes {
            RunTakes::Rows => Ok(upto.min(row.counter).saturating_sub(row.uploaded).min(most)),
            RunTakes::Uploaded(effect) => Ok(self.machine.waiting(effect, number, upto, most)?),
            RunTakes::Accounts | RunTakes::Nothing => Ok(0),
        }
    }

    /// What was taken takes effect, at once or after as long as the job takes.
    fn takes_effect(
        &mut self,
        number: usize,
        taken: Taken,
        most: Option<u64>,
    ) -> Result<(), SimulationError> {
        match self.entry(number).capacity.takes {
            0 => self.effect(number, taken, most),
            later => {
                self.push_own(self.now + later, number, Task::Effect(taken, most));
                Ok(())
            }
        }
    }

    /// In servicing nothing takes effect before it ends.
    pub(super) fn effect(
        &mut self,
        number: usize,
        taken: Taken,
        most: Option<u64>,
    ) -> Result<(), SimulationError> {
        if let Some(until) = self.timetable.servicing_until(self.now) {
            self.push_own(until, number, Task::Effect(taken, most));
            return Ok(());
        }
        let entry = self.entry(number);
        match taken {
            Taken::Rows(upto) => self.take_rows(number, &upto, most),
            Taken::Nothing if entry.kind != JobKind::Download => {
                self.job(number, entry.channels.clone(), None)
            }
            Taken::Nothing => {
                self.send(number, 0);
                Ok(())
            }
            Taken::Accounts(last) => {
                self.send(number, last);
                Ok(())
            }
        }
    }

    /// Rows are taken: in one event where all that is there was there at the start of the run, else
    /// in one for each channel.
    fn take_rows(
        &mut self,
        number: usize,
        upto: &[u64],
        most: Option<u64>,
    ) -> Result<(), SimulationError> {
        let entry = self.entry(number);
        let (mut whole, mut part) = (Vec::new(), Vec::new());
        for (channel, upto) in entry.channels.iter().zip(upto) {
            let row = self.channel(*channel)?;
            let there = if entry.takes == RunTakes::Rows { row.counter } else { row.uploaded };
            if *upto >= there {
                whole.push(*channel);
            } else {
                part.push((*channel, *upto));
            }
        }
        if part.is_empty() {
            return self.job(number, entry.channels.clone(), most);
        }
        // A run that says no number takes all that is there.
        let mut left = most.unwrap_or(u64::MAX);
        let mut is_done = false;
        if most.is_none() && !whole.is_empty() {
            self.job(number, whole, None)?;
            is_done = true;
        } else {
            part = entry.channels.iter().copied().zip(upto.iter().copied()).collect();
        }
        for (channel, upto) in part {
            let rows = self.left_of(entry.takes, channel, upto, left)?;
            if rows > 0 {
                left -= rows;
                self.job(number, vec![channel], Some(rows))?;
                is_done = true;
            }
        }
        if is_done { Ok(()) } else { self.job(number, entry.channels.clone(), Some(0)) }
    }

    /// What a download brings is on its way: it reaches channels at the next interval of their
    /// group. What a later run brings until then comes along.
    fn send(&mut self, number: usize, last: u64) {
        let entry = self.entry(number);
        for (interval, (seconds, _)) in entry.downloads.iter().enumerate() {
            let end = self.day.duration;
            let Some(at) = self.timetable.interval_from(self.now, *seconds, end) else { continue };
            let sent = self.deliveries.insert((at, number, interval), last);
            if sent.is_none() {
                self.push(at, Phase::Downloads, number, Task::Deliver(interval));
            }
        }
    }

    pub(super) fn deliver(
        &mut self,
        number: usize,
        interval: usize,
    ) -> Result<(), SimulationError> {
        // A run that carries no accounts has none that is its last.
        let last = self.deliveries.remove(&(self.now, number, interval)).unwrap_or(0);
        let entry = self.entry(number);
        let (_, channels) = indexed(&entry.downloads, interval);
        if entry.takes != RunTakes::Accounts || last >= self.machine.counters().accounts_given {
            return self.job(number, channels.clone(), None);
        }
        // Accounts that were given since the run stay behind.
        let mut by_rows: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        for channel in channels {
            let rows = last.saturating_sub(self.channel(*channel)?.sent);
            by_rows.entry(rows).or_default().push(*channel);
        }
        for (rows, channels) in by_rows {
            self.job(number, channels, Some(rows))?;
        }
        Ok(())
    }

    /// A job runs for some channels, and takes so many rows.
    fn job(
        &mut self,
        number: usize,
        channels: Vec<usize>,
        rows: Option<u64>,
    ) -> Result<(), SimulationError> {
        let entry = self.entry(number);
        let is_all = channels.len() == self.uploadable.len();
        let run = JobRun { job: entry.job, channels: (!is_all).then(|| channels.clone()), rows };
        self.apply(Event::Job(run))?;
        match entry.takes {
            RunTakes::Uploaded(_) => channels.into_iter().for_each(|it| self.count_rows(it)),
            RunTakes::Accounts => self.count_synced(),
            RunTakes::Rows | RunTakes::Nothing => {}
        }
        Ok(())
    }
}
