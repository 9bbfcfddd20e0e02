//! A load that is played: what arrives, what fails and what runs, in the order of time, over the
//! machine of a store in memory.

use super::arrivals::{Arrival, Arrivals};
use super::day::{Day, OutageKind, Takes};
use super::error::SimulationError;
use super::people::{People, Whom};
use super::stream::EventWriter;
use super::tally::{Counted, Tally};
use super::timetable::Timetable;
use crate::engine::Engine;
use crate::ledger::{Counters, InMemory, Ledger, Slot};
use crate::lifecycle::{
    Answer, Applied, Environment, Event, EventSource, IdSource, Machine, OperationEvent,
};
use crate::model::{Connection, Customer, JobKind, Outcome, RealTimeService, indexed, indexed_mut};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::io;

/// How many events are played before what nobody keeps is forgotten.
const KEPT_EVENTS: u64 = 1 << 16;
const MINUTE: u64 = 60;

/// Something that is to happen: when, in which order within one moment, for which entry of the
/// timetable, and what.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: u64,
    phase: Phase,
    entry: usize,
    task: Task,
}

/// The order of one moment. Operations come after all of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Outages,
    Connections,
    Uploads,
    UploadJobs,
    BatchJobs,
    DownloadJobs,
    Downloads,
}

/// What is to happen; in this order for one entry at one moment.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Task {
    OutageBegins(usize),
    OutageEnds,
    /// The POS of a channel may change its connection.
    Connection(usize),
    /// The Real-time Service may change its state.
    Service,
    /// Rows are taken from channel databases, at the interval of this number.
    Upload(usize),
    /// What a run took takes effect, so many rows of it at most.
    Effect(Taken, Option<u64>),
    /// Another minute of a run that goes on.
    Minute,
    Run,
    /// What a download brought reaches the channels of the interval of this number.
    Deliver(usize),
}

/// What a run took at its start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Taken {
    /// Of each channel that it acts on, the rows up to this counter.
    Rows(Vec<u64>),
    /// The accounts up to this number.
    Accounts(u64),
    Nothing,
}

/// A run that goes on minute by minute.
#[derive(Debug)]
pub(super) struct Progress {
    pub(super) taken: Taken,
    pub(super) left: u64,
}

/// The Real-time Service.
#[derive(Debug)]
struct Service {
    state: RealTimeService,
    /// The minute that is counted, and how many calls there were in it.
    minute: u64,
    calls: u64,
    /// Whether these were too many.
    is_full: bool,
}

/// GUIDs that are the numbers of the events.
struct Numbers;

impl IdSource for Numbers {
    fn guid(&mut self, sequence: u64) -> u128 {
        u128::from(sequence)
    }
}

/// What came of playing a load.
#[derive(Debug)]
pub(super) struct Outcomes {
    pub(super) counted: Counted,
    /// How long the customer has been pending at the end who has been so longest.
    pub(super) longest_pending: Option<u64>,
}

/// A load that is being played.
pub(super) struct Player<'a, 'w> {
    engine: &'a Engine,
    pub(super) day: &'a Day,
    pub(super) timetable: &'a Timetable,
    pub(super) machine: Machine<InMemory>,
    agenda: BinaryHeap<Reverse<Due>>,
    pub(super) now: u64,
    pub(super) tally: Tally,
    events: Option<&'a mut EventWriter<'w>>,
    people: People,
    /// When each customer was created, by slot.
    created: Vec<u64>,
    /// The counters up to which rows were taken from each channel database.
    pub(super) uploadable: Vec<u64>,
    is_offline: Vec<bool>,
    service: Service,
    /// By entry: the run that goes on, and the last account that was sent.
    pub(super) progress: Vec<Option<Progress>>,
    pub(super) carried: Vec<u64>,
    /// What is on its way, by moment, entry and interval: the accounts up to this number.
    pub(super) deliveries: BTreeMap<(u64, usize, usize), u64>,
}

impl<'a, 'w> Player<'a, 'w> {
    pub(super) fn new(
        engine: &'a Engine,
        day: &'a Day,
        timetable: &'a Timetable,
        events: Option<&'a mut EventWriter<'w>>,
    ) -> Result<Self, SimulationError> {
        let ids: Vec<String> = engine.channels().map(|channel| channel.id().to_owned()).collect();
        let mut ledger = Ledger::new(InMemory, Counters::default());
        ledger.end_journal();
        let mut machine = Machine::new(engine, Environment::new(engine), ledger, &ids, 0)?;
        machine.take_synced();
        Ok(Self {
            engine,
            day,
            timetable,
            machine,
            agenda: BinaryHeap::new(),
            now: 0,
            tally: Tally::new(engine, day),
            events,
            people: People::new(ids.len()),
            created: Vec::new(),
            uploadable: vec![0; ids.len()],
            is_offline: vec![false; ids.len()],
            service: Service {
                state: RealTimeService::Available,
                minute: 0,
                calls: 0,
                is_full: false,
            },
            progress: timetable.entries.iter().map(|_| None).collect(),
            carried: vec![0; timetable.entries.len()],
            deliveries: BTreeMap::new(),
        })
    }

    /// Plays the whole load, or only the traffic that `plays`.
    pub(super) fn play(
        mut self,
        seed: u64,
        plays: impl Fn(Takes) -> bool,
    ) -> Result<Outcomes, SimulationError> {
        self.begin();
        let (engine, day) = (self.engine, self.day);
        // The day numbers the channels of this very engine.
        let id = |channel| engine.channel_at(channel).map_or("", |channel| channel.id());
        let traffic = day.traffic.iter().enumerate();
        let mut arrivals =
            Arrivals::new(traffic.filter(|(_, traffic)| plays(traffic.takes)), id, seed);
        loop {
            // Once nobody arrives any more, whatever is due comes first.
            let arrives = arrivals.next_at().unwrap_or(u64::MAX);
            if self.agenda.peek().is_some_and(|Reverse(due)| due.at <= arrives) {
                if let Some(Reverse(due)) = self.agenda.pop() {
                    self.now = due.at;
                    self.happens(due)?;
                }
            } else if let Some(arrival) = arrivals.next() {
                self.now = arrival.at;
                self.arrives(arrival)?;
            } else {
                break;
            }
        }
        let pending = self.machine.counters().pending;
        let longest_pending = self.longest_pending(pending)?;
        Ok(Outcomes { counted: self.tally.finish(engine, pending), longest_pending })
    }

    /// Puts what comes by itself on the agenda.
    fn begin(&mut self) {
        for (number, outage) in self.day.outages.iter().enumerate() {
            let period = &outage.period;
            let begin = period.start.max(0).cast_unsigned();
            let end = period.end.max(0).cast_unsigned();
            self.push(begin, Phase::Outages, 0, Task::OutageBegins(number));
            self.push(end, Phase::Outages, 0, Task::OutageEnds);
            for at in [begin, end] {
                let task = match outage.kind {
                    OutageKind::PosOffline(channel) => Task::Connection(channel),
                    OutageKind::RealTimeService(_) | OutageKind::Servicing => Task::Service,
                };
                self.push(at, Phase::Connections, 0, task);
            }
        }
        for (number, _) in self.timetable.uploads.iter().enumerate() {
            self.push(0, Phase::Uploads, 0, Task::Upload(number));
        }
        for (number, entry) in self.timetable.entries.iter().enumerate() {
            self.push(entry.first, phase(entry.kind), number, Task::Run);
        }
    }

    /// Puts something on the agenda, unless the end comes first.
    pub(super) fn push(&mut self, at: u64, phase: Phase, entry: usize, task: Task) {
        if at < self.day.duration {
            self.agenda.push(Reverse(Due { at, phase, entry, task }));
        }
    }

    /// Puts something on the agenda that an entry of the timetable does.
    pub(super) fn push_own(&mut self, at: u64, entry: usize, task: Task) {
        let kind = indexed(&self.timetable.entries, entry).kind;
        self.push(at, phase(kind), entry, task);
    }

    fn happens(&mut self, due: Due) -> Result<(), SimulationError> {
        match due.task {
            Task::OutageBegins(outage) => self.tally.begins(outage),
            Task::OutageEnds => self.tally.look(self.now),
            Task::Connection(channel) => self.connect(channel)?,
            Task::Service => self.serve()?,
            Task::Upload(number) => self.upload(number)?,
            Task::Run => self.run(due.entry)?,
            Task::Minute => self.minute(due.entry)?,
            Task::Effect(taken, most) => self.effect(due.entry, taken, most)?,
            Task::Deliver(interval) => self.deliver(due.entry, interval)?,
        }
        Ok(())
    }

    /// Applies an event that is no operation, and writes it where that is asked for.
    pub(super) fn apply(&mut self, event: Event<'_>) -> Result<Applied, SimulationError> {
        self.write(|events, at| events.write(at, &event))?;
        self.play_event(event)
    }

    /// Writes what happens now, where that is asked for.
    fn write(
        &mut self,
        written: impl FnOnce(&mut EventWriter<'w>, Timestamp) -> io::Result<()>,
    ) -> Result<(), SimulationError> {
        let Some(events) = &mut self.events else { return Ok(()) };
        let at = self.day.moment(self.now).map_err(io::Error::other);
        at.and_then(|at| written(events, at)).map_err(SimulationError::Events)
    }

    fn play_event(&mut self, event: Event<'_>) -> Result<Applied, SimulationError> {
        let is_operation = matches!(event, Event::Operation(_));
        let line = self.machine.counters().events + 1;
        // Nothing is noted of it that a moment would stand beside.
        let source = EventSource { line, text: "", at: None, is_operation };
        let applied = self.machine.apply(Ok(event), &source, &mut Numbers)?;
        if line.is_multiple_of(KEPT_EVENTS) {
            self.machine.ledger.forget_what_is_done();
        }
        match applied {
            Applied::Invalid(message) => Err(SimulationError::Refused(message)),
            applied => Ok(applied),
        }
    }

    // Connections and states

    fn connect(&mut self, channel: usize) -> Result<(), SimulationError> {
        let now = self.now.cast_signed();
        let is_offline = self.day.outages.iter().any(|outage| {
            outage.kind == OutageKind::PosOffline(channel) && outage.period.contains(&now)
        });
        let known = indexed_mut(&mut self.is_offline, channel);
        if std::mem::replace(known, is_offline) != is_offline {
            let connection = if is_offline { Connection::Offline } else { Connection::Online };
            self.apply(Event::Connection { channel, connection })?;
            // A POS that is online again may have got account IDs that waited for it.
            self.count_synced();
        }
        Ok(())
    }

    /// What calls meet apart from there being too many: servicing wins, then what began later.
    fn service_state(&self) -> RealTimeService {
        let now = self.now.cast_signed();
        if self.timetable.servicing_until(self.now).is_some() {
            return RealTimeService::OtherFailure;
        }
        let within = self.day.outages.iter().filter(|outage| outage.period.contains(&now));
        let mut states = within.filter_map(|outage| match outage.kind {
            OutageKind::RealTimeService(state) => Some(state),
            OutageKind::PosOffline(_) | OutageKind::Servicing => None,
        });
        states.next_back().unwrap_or(RealTimeService::Available)
    }

    fn serve(&mut self) -> Result<(), SimulationError> {
        self.service.is_full &= self.service.minute == self.now / MINUTE;
        let state = match self.service_state() {
            RealTimeService::Available if self.service.is_full => {
                RealTimeService::CommunicationFailure
            }
            state => state,
        };
        if state != self.service.state {
            self.service.state = state;
            self.apply(Event::RealTimeService(state))?;
        }
        Ok(())
    }

    /// Where the Real-time Service has had as many calls in this minute as it takes, the next one
    /// fails.
    fn limit_calls(&mut self, most: u64) -> Result<(), SimulationError> {
        let minute = self.now / MINUTE;
        if self.service.minute != minute {
            (self.service.minute, self.service.calls) = (minute, 0);
        }
        if self.service.calls >= most && self.service.state == RealTimeService::Available {
            self.service.is_full = true;
            self.push((minute + 1) * MINUTE, Phase::Connections, 0, Task::Service);
            self.serve()?;
        }
        Ok(())
    }

    // Operations

    fn arrives(&mut self, arrival: Arrival) -> Result<(), SimulationError> {
        if let Some(most) = self.day.calls_per_minute {
            self.limit_calls(most)?;
        }
        let traffic = indexed(&self.day.traffic, arrival.traffic);
        let takes = traffic.takes;
        let (customer, order) = self.people.take(takes, arrival.channel, arrival.choice);
        self.write(|events, at| {
            events.operation(at, traffic.operation, arrival.channel, (customer, order))
        })?;
        let event = OperationEvent {
            operation: traffic.operation,
            channel: arrival.channel,
            customer: customer.map(Whom::name),
            order: order.map(Whom::name),
            loyalty_enrollment_blocked: false,
            affiliation_hidden_in_channels: false,
        };
        if let Applied::Decided(answer) = self.play_event(Event::Operation(event))? {
            self.service.calls += u64::from(self.tally.decided(&answer, self.now));
            if answer.outcome != Outcome::Rejected {
                self.people.accepted(takes, &answer);
                self.took_effect(takes, &answer);
            }
        }
        Ok(())
    }

    fn took_effect(&mut self, takes: Takes, answer: &Answer) {
        if takes == Takes::NewCustomer {
            self.tally.created += 1;
            self.created.push(self.now);
        }
        if answer.outcome == Outcome::Async {
            self.count_rows(answer.channel);
        }
    }

    pub(super) fn count_rows(&mut self, channel: usize) {
        let rows = self.machine.ledger.open_rows(self.machine.store_channel(channel));
        self.tally.rows(channel, rows, self.now);
    }

    // Customers

    /// Counts how long those were pending who are no more.
    pub(super) fn count_synced(&mut self) {
        for slot in self.machine.take_synced() {
            if let Some(created) = self.created_at(slot) {
                self.tally.synced(self.now - created);
            }
        }
    }

    fn created_at(&self, slot: Slot) -> Option<u64> {
        self.created.get(usize::try_from(slot).ok()?).copied()
    }

    /// How long the customer has been pending who was created first of those who still are.
    fn longest_pending(&mut self, pending: u64) -> Result<Option<u64>, SimulationError> {
        for slot in (0..self.created.len() as u64).filter(|_| pending > 0) {
            let row = self.machine.ledger.customer(slot)?;
            if self.machine.ledger.view(&row, row.channel)? == Customer::Pending {
                return Ok(self.created_at(slot).map(|created| self.day.duration - created));
            }
        }
        Ok(None)
    }
}

fn phase(kind: JobKind) -> Phase {
    match kind {
        JobKind::Upload => Phase::UploadJobs,
        JobKind::Batch => Phase::BatchJobs,
        JobKind::Download => Phase::DownloadJobs,
    }
}
