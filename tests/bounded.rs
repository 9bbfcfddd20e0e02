//! Bounded model checking of the life of a customer: every sequence of events up to a depth, over
//! two channels, two customers and all jobs, breadth first, states that are alike folded into one.
//! What is promised of a store holds in each, and a machine with a planted fault is caught.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests fail by panicking, and say how much they looked at"
)]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;
use syncgate::engine::Engine;
use syncgate::ledger::{
    Account, BlockKind, Counters, InMemory, Ledger, NameKind, RowKind, TextKind,
};
use syncgate::lifecycle::{Applied, Environment, EventSource, IdSource, Machine};
use syncgate::model::{Customer, Deployment, Rules};
use syncgate::wire::parse_event;

/// How deep the whole alphabet is looked through; the environment asks for more.
const DEPTH: usize = 5;
const CHANNELS: [&str; 2] = ["houston", "seattle"];
const CUSTOMERS: [&str; 2] = ["c1", "c2"];

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let rules = Rules::embedded();
        let loaded = Deployment::load("fixtures/deployments/contoso").unwrap();
        Engine::new(&rules, loaded.valid().unwrap()).unwrap()
    })
}

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn deeper() -> usize {
    std::env::var("SYNCGATE_LONG_RUN").ok().and_then(|more| more.parse().ok()).unwrap_or(0)
}

/// GUIDs that are the numbers of the events.
struct Numbers;

impl IdSource for Numbers {
    fn guid(&mut self, sequence: u64) -> u128 {
        u128::from(sequence)
    }
}

/// Everything that may happen, as lines of a stream.
fn alphabet() -> Vec<String> {
    let mut events = Vec::new();
    for channel in CHANNELS {
        for (customer, order) in CUSTOMERS.iter().zip(["o1", "o2"]) {
            for operation in ["create-customer", "create-address", "add-affiliation"] {
                events.push(format!(
                    r#"{{"operation":"{operation}","channel":"{channel}","customer":"{customer}"}}"#
                ));
            }
            let operation = "create-customer-order";
            events.push(format!(
                "{{\"operation\":\"{operation}\",\"channel\":\"{channel}\",\
                 \"customer\":\"{customer}\",\"order\":\"{order}\"}}"
            ));
        }
        let sale = format!("s-{channel}");
        events.push(format!(r#"{{"sale":"{sale}","channel":"{channel}","customer":"c1"}}"#));
        for connection in ["offline", "online"] {
            events.push(format!(r#"{{"channel":"{channel}","connection":"{connection}"}}"#));
        }
    }
    for job in effective_jobs() {
        events.push(format!(r#"{{"job":"{job}"}}"#));
    }
    for limited in
        [r#""P-0001","rows":1"#, r#""synchronize-customers","rows":1"#, r#""1010","rows":1"#]
    {
        events.push(format!(r#"{{"job":{limited}}}"#));
    }
    events.push(r#"{"job":"1010","channels":["seattle"]}"#.to_owned());
    for customer in CUSTOMERS {
        events.push(format!(r#"{{"fail_synchronization":"{customer}"}}"#));
        events.push(format!(r#"{{"correct":"{customer}"}}"#));
    }
    for state in ["communication-failure", "available"] {
        events.push(format!(r#"{{"real_time_service":"{state}"}}"#));
    }
    let set = r#""set":{"create_customer_in_async_mode":"#;
    events.push(format!(r#"{{"functionality_profile":"STORE",{set}false}}}}"#));
    events.push(format!(r#"{{"functionality_profile":"MALL",{set}true}}}}"#));
    events.push(r#"{"feature":"async-address-creation","enabled":false}"#.to_owned());
    events
}

/// The jobs that do something; the others are looked at by themselves.
fn effective_jobs() -> impl Iterator<Item = &'static str> {
    let rules = engine().rules();
    let moves = |job: &&syncgate::model::Job| !job.does.is_empty();
    rules.jobs.iter().filter(moves).map(|job| job.id.as_str())
}

/// A machine that may have a fault.
#[derive(Clone)]
struct Life {
    machine: Machine<InMemory>,
    fault: Fault,
    /// The last account that download jobs have brought to every channel.
    brought: u64,
}

/// What a machine does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    None,
    /// Download jobs reach a POS that is offline.
    DownloadsReachOffline,
    /// A POS that is online again gets nothing that waited.
    NothingWaits,
    /// Rows stay in the offline database.
    RowsStayOffline,
    /// The second customer is never uploaded.
    Forgets,
}

impl Life {
    fn new(fault: Fault) -> Self {
        let ids: Vec<String> = engine().channels().map(|it| it.id().to_owned()).collect();
        let ledger = Ledger::new(InMemory, Counters::default());
        let environment = Environment::new(engine());
        let machine = Machine::new(engine(), environment, ledger, &ids, 0).unwrap();
        Self { machine, fault, brought: 0 }
    }

    fn apply(&mut self, line: &str) -> Applied {
        let applied = self.applied(line);
        if [r#"{"job":"1010"}"#, r#"{"job":"9999"}"#].contains(&line) {
            self.brought = self.machine.counters().accounts_given;
        }
        applied
    }

    fn applied(&mut self, line: &str) -> Applied {
        let is_job = line.starts_with(r#"{"job""#);
        let offline: Vec<&str> = CHANNELS.into_iter().filter(|it| self.is_offline(it)).collect();
        match self.fault {
            Fault::DownloadsReachOffline if is_job => {
                for channel in &offline {
                    self.really(&connection(channel, "online"));
                }
                let applied = self.really(line);
                for channel in &offline {
                    self.really(&connection(channel, "offline"));
                }
                applied
            }
            // What waits is thrown away, as if the jobs had not run for that channel.
            Fault::NothingWaits if is_job && !offline.is_empty() => {
                let others: Vec<String> = engine()
                    .channels()
                    .map(syncgate::Channel::id)
                    .filter(|id| !offline.contains(id))
                    .map(|id| format!("{id:?}"))
                    .collect();
                let rest = line.trim_end_matches('}');
                if line.contains("channels") {
                    return self.really(line);
                }
                self.really(&format!(r#"{rest},"channels":[{}]}}"#, others.join(",")))
            }
            Fault::RowsStayOffline if line.contains(r#""online""#) && !offline.is_empty() => {
                Applied::Done
            }
            Fault::Forgets if line == r#"{"job":"P-0001"}"# => {
                self.really(r#"{"job":"P-0001","rows":1}"#)
            }
            _ => self.really(line),
        }
    }

    fn really(&mut self, line: &str) -> Applied {
        let parsed = parse_event(line).unwrap();
        let is_operation = parsed.operation.is_some();
        let source = EventSource { line: 1, text: "", at: None, is_operation };
        let directory = self.machine.directory();
        self.machine.apply(directory.event(&parsed), &source, &mut Numbers).unwrap()
    }

    fn is_offline(&mut self, channel: &str) -> bool {
        let number = self.number(channel);
        self.machine.ledger.channel(number).unwrap().offline
    }

    fn number(&self, channel: &str) -> u32 {
        self.machine.store_channel(self.machine.directory().channel(channel).unwrap())
    }

    /// Everything that can be seen.
    fn look(&mut self) -> Look {
        let mut look = Look::default();
        for channel in 0..4 {
            let row = self.machine.ledger.channel(channel).unwrap();
            look.channels.push((row.offline, row.counter, row.uploaded, row.sent, row.known));
        }
        for slot in 0..self.machine.ledger.len(BlockKind::Customers) {
            let row = self.machine.ledger.customer(slot).unwrap();
            let ledger = &mut self.machine.ledger;
            let by_channel: Vec<Customer> =
                (0..4).map(|channel| ledger.view(&row, channel).unwrap()).collect();
            look.customers.push(Seen {
                name: self.machine.ledger.name(NameKind::Customer, slot).unwrap(),
                channel: row.channel,
                guid: row.guid,
                account: row.account,
                failing: row.failing,
                by_channel,
            });
        }
        for slot in 0..self.machine.ledger.len(BlockKind::Queue) {
            let row = self.machine.ledger.queue_row(slot).unwrap();
            let uploaded = look.channels[row.channel as usize].2;
            look.rows.push(Waiting {
                channel: row.channel,
                kind: row.kind,
                table: row.table.index(),
                customer: row.customer,
                document: row.document,
                counter: row.counter,
                stage: match row.counter {
                    None => Stage::Offline,
                    Some(_) if row.completed => Stage::Completed,
                    Some(counter) if counter <= uploaded => Stage::Uploaded,
                    Some(_) => Stage::InChannel,
                },
                failed: row.failed,
                error: self.machine.ledger.text(TextKind::RowError, slot).unwrap().is_some(),
            });
        }
        for slot in 0..self.machine.ledger.len(BlockKind::Orders) {
            let order = self.machine.ledger.document(NameKind::Order, slot).unwrap();
            look.orders.push((order.customer, order.channel, order.state.as_str()));
        }
        for slot in 0..self.machine.ledger.len(BlockKind::Sales) {
            let sale = self.machine.ledger.document(NameKind::Sale, slot).unwrap();
            look.sales.push((
                self.machine.ledger.name(NameKind::Sale, slot).unwrap(),
                sale.state.as_str(),
            ));
        }
        look.environment = self.machine.environment().to_lines();
        look.pending = self.machine.counters().pending;
        look
    }
}

fn connection(channel: &str, state: &str) -> String {
    format!(r#"{{"channel":"{channel}","connection":"{state}"}}"#)
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Seen {
    name: String,
    channel: u32,
    guid: Option<u128>,
    account: Account,
    failing: bool,
    by_channel: Vec<Customer>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Waiting {
    channel: u32,
    kind: RowKind,
    table: usize,
    customer: Option<u64>,
    document: Option<u64>,
    counter: Option<u64>,
    stage: Stage,
    failed: bool,
    error: bool,
}

/// How far a row has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Offline,
    InChannel,
    Uploaded,
    Completed,
}

/// A state, as anybody can see it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Look {
    /// Offline, counter, uploaded, sent, known.
    channels: Vec<(bool, u64, u64, u64, u64)>,
    customers: Vec<Seen>,
    rows: Vec<Waiting>,
    orders: Vec<(u64, u32, &'static str)>,
    sales: Vec<(String, &'static str)>,
    environment: String,
    pending: u64,
}

impl Look {
    /// What decides of everything that can follow: numbers by their order alone, and nothing of
    /// what is over. States of one fold have the same futures.
    fn fold(&self) -> u128 {
        let mut text = String::new();
        // Customers by name, since names are what events have.
        let mut customers: Vec<(usize, &Seen)> = self.customers.iter().enumerate().collect();
        customers.sort_by_key(|(_, customer)| &customer.name);
        let name = |slot: Option<u64>| {
            slot.map(|slot| self.customers[usize::try_from(slot).unwrap()].name.as_str())
        };
        let mut accounts: Vec<u64> =
            self.customers.iter().filter_map(|it| it.account.number()).collect();
        accounts.sort_unstable();
        // How many accounts a number has reached.
        let rank = |number: u64| accounts.iter().filter(|it| **it <= number).count();
        for (_, it) in customers {
            let (kind, number) = match it.account {
                Account::None => ("none", 0),
                Account::Immediate(number) => ("immediate", rank(number)),
                Account::Converted(number) => ("converted", rank(number)),
            };
            text += &format!(
                "{} {} {} {kind} {number} {} {:?};",
                it.name,
                it.channel,
                it.guid.is_some(),
                it.failing,
                it.by_channel
            );
        }
        for (offline, counter, uploaded, sent, known) in &self.channels {
            let waits = counter > uploaded;
            text += &format!("{offline} {waits} {} {};", rank(*sent), rank(*known));
        }
        let mut rows: BTreeMap<u32, Vec<&Waiting>> = BTreeMap::new();
        for row in self.rows.iter().filter(|row| row.stage < Stage::Completed) {
            rows.entry(row.channel).or_default().push(row);
        }
        for (channel, mut rows) in rows {
            // Offline rows, in the order written, come after those that have a counter.
            rows.sort_by_key(|row| row.counter.unwrap_or(u64::MAX));
            for row in rows {
                let order = row.document.map(|slot| (row.kind == RowKind::Sale, slot));
                text += &format!(
                    "{channel} {:?} {} {:?} {order:?} {:?} {} {};",
                    row.kind,
                    row.table,
                    name(row.customer),
                    row.stage,
                    row.failed,
                    row.error
                );
            }
        }
        for (customer, channel, state) in &self.orders {
            text += &format!("{:?} {channel} {state};", name(Some(*customer)));
        }
        text += &format!("{:?} {}", self.sales, self.environment);
        xxhash_rust::xxh3::xxh3_128(text.as_bytes())
    }

    /// What every state must be (properties 1, 3 and 4).
    fn is_sound(&self, life: &mut Life) -> Result<(), String> {
        let (mut guids, mut accounts) = (BTreeSet::new(), BTreeSet::new());
        for (slot, customer) in (0..).zip(&self.customers) {
            let ledger = &mut life.machine.ledger;
            if customer.guid.is_none() && customer.account == Account::None {
                return Err(format!("{} has neither a GUID nor an account", customer.name));
            }
            if let Some(guid) = customer.guid
                && (!guids.insert(guid) || ledger.customer_of_guid(guid).unwrap() != Some(slot))
            {
                return Err(format!("the GUID of {} leads elsewhere", customer.name));
            }
            if let Some(number) = customer.account.number() {
                let found = ledger.customer_of_account(number).unwrap();
                if !accounts.insert(number) || found != Some(slot) {
                    return Err(format!("the account of {} leads elsewhere", customer.name));
                }
            }
            let others = customer.by_channel.iter().enumerate();
            let mut others = others.filter(|(channel, _)| *channel != customer.channel as usize);
            if others.any(|(_, seen)| *seen == Customer::Pending) {
                return Err(format!("another channel sees {} as pending", customer.name));
            }
        }
        let own = |it: &&Seen| it.by_channel[it.channel as usize] == Customer::Pending;
        if self.customers.iter().filter(own).count() as u64 != self.pending {
            return Err(format!("{} customers are counted as pending", self.pending));
        }
        for (channel, (offline, counter, uploaded, sent, known)) in (0_u32..).zip(&self.channels) {
            if !offline && *known < life.brought {
                return Err(format!("channel {channel} is online and lacks what was brought"));
            }
            let rows = self.rows.iter().filter(|row| row.channel == channel);
            let mut counters: Vec<u64> = rows.filter_map(|row| row.counter).collect();
            counters.sort_unstable();
            if !counters.iter().copied().eq(1..=*counter) || uploaded > counter || known > sent {
                return Err(format!("the counters of channel {channel} have gaps: {counters:?}"));
            }
        }
        Ok(())
    }

    /// What every step must keep (property 4, and what a POS that is offline has).
    fn follows(&self, before: &Self, event: &str) -> Result<(), String> {
        for (old, new) in before.rows.iter().zip(&self.rows) {
            if new.stage < old.stage {
                return Err("a row went back".to_owned());
            }
            let is_failing = |row: &Waiting| {
                row.customer
                    .is_some_and(|it| before.customers[usize::try_from(it).unwrap()].failing)
            };
            let is_processed = new.stage > old.stage && new.stage == Stage::Completed;
            if is_processed && is_failing(old) {
                return Err("a row of a failing customer was processed".to_owned());
            }
            if is_processed && old.stage < Stage::Uploaded {
                return Err("a row was processed that was not in headquarters".to_owned());
            }
        }
        if self.rows.len() < before.rows.len() || self.customers.len() < before.customers.len() {
            return Err("something is gone".to_owned());
        }
        let is_job = event.starts_with(r#"{"job""#);
        for (channel, (offline, ..)) in before.channels.iter().enumerate() {
            let known = |look: &Self| look.channels.get(channel).map(|it| it.4);
            if is_job && *offline && known(before) != known(self) {
                return Err(format!("channel {channel} is offline and learns of accounts"));
            }
        }
        for (old, new) in before.customers.iter().zip(&self.customers) {
            let (was, is) = (old.account.number(), new.account.number());
            if old.guid != new.guid || was.is_some() && was != is {
                return Err(format!("{} has other ids", new.name));
            }
            let worse = |(old, new): (&Customer, &Customer)| {
                *old == Customer::Synced && *new != Customer::Synced
            };
            if old.by_channel.iter().zip(&new.by_channel).any(worse) {
                return Err(format!("{} is not synced any more", new.name));
            }
        }
        Ok(())
    }
}

/// Property 2: with every POS online and nobody failing, the three jobs leave nobody pending.
fn drains(life: &Life) -> Result<(), String> {
    let mut life = life.clone();
    for channel in CHANNELS {
        life.apply(&connection(channel, "online"));
    }
    for customer in CUSTOMERS {
        life.apply(&format!(r#"{{"correct":"{customer}"}}"#));
    }
    for job in ["P-0001", "synchronize-customers", "1010"] {
        life.apply(&format!(r#"{{"job":"{job}"}}"#));
    }
    let look = life.look();
    let synced = |it: &Seen| it.by_channel.iter().all(|seen| *seen == Customer::Synced);
    match look.customers.iter().find(|it| !synced(it)) {
        Some(customer) => Err(format!("{} stays {:?}", customer.name, customer.by_channel)),
        None => Ok(()),
    }
}

/// What was looked at, and the first sequence that breaks a promise.
struct Looked {
    states: Vec<usize>,
    steps: usize,
    broken: Option<(Vec<String>, String)>,
}

/// Every sequence of these events up to a depth.
fn look_through(fault: Fault, events: &[String], depth: usize) -> Looked {
    let mut first = Life::new(fault);
    let look = first.look();
    let mut seen = HashSet::from([look.fold()]);
    // How each state was reached: the state before it, and the event.
    let mut reached: Vec<(usize, usize)> = vec![(0, 0)];
    let mut frontier = vec![(0, first, look)];
    let mut looked = Looked { states: vec![1], steps: 0, broken: None };
    for _ in 0..depth {
        let mut next = Vec::new();
        for (from, life, before) in &frontier {
            for (number, event) in events.iter().enumerate() {
                looked.steps += 1;
                let mut life = life.clone();
                life.apply(event);
                let look = life.look();
                let mut kept = look.follows(before, event);
                let is_new = kept.is_err() || seen.insert(look.fold());
                if is_new {
                    reached.push((*from, number));
                    kept =
                        kept.and_then(|()| look.is_sound(&mut life)).and_then(|()| drains(&life));
                }
                if let Err(what) = kept {
                    looked.broken = Some((path(&reached, events), what));
                    return looked;
                }
                if is_new {
                    next.push((reached.len() - 1, life, look));
                }
            }
        }
        looked.states.push(next.len());
        frontier = next;
    }
    looked
}

/// The events that lead to the state that was reached last.
fn path(reached: &[(usize, usize)], events: &[String]) -> Vec<String> {
    let mut path = Vec::new();
    let mut state = reached.len() - 1;
    while state > 0 {
        let (before, event) = reached[state];
        path.push(events[event].clone());
        state = before;
    }
    path.reverse();
    path
}

#[test]
fn every_sequence_keeps_what_is_promised() {
    let events = alphabet();
    let depth = DEPTH + deeper();
    keeps_its_promises(&events, depth);
}

/// The way of a customer alone, without what else may happen, deeper.
#[test]
fn the_way_of_a_customer_keeps_what_is_promised() {
    let way = ["create-customer", "connection", "P-0001", "synchronize-customers", "1010"];
    let mut events = alphabet();
    events.retain(|event| way.iter().any(|part| event.contains(part)));
    let depth = DEPTH + 4 + deeper();
    keeps_its_promises(&events, depth);
}

/// Looks through all that may happen to a machine without a fault, and tells how much that is.
fn keeps_its_promises(events: &[String], depth: usize) {
    let looked = look_through(Fault::None, events, depth);
    let broken = looked.broken.map(|(path, what)| format!("{what}, after\n{}", path.join("\n")));
    assert_eq!(broken.as_deref().unwrap_or("kept"), "kept");
    println!(
        "{} events, {depth} deep: {} states ({:?} by depth), {} steps",
        events.len(),
        looked.states.iter().sum::<usize>(),
        looked.states,
        looked.steps
    );
}

#[test]
fn a_machine_with_a_fault_is_caught() {
    let way = ["create-customer", "connection", "P-0001", "synchronize-customers", "1010\"}"];
    let mut events = alphabet();
    events.retain(|event| way.iter().any(|part| event.contains(part)));
    for (fault, most) in [
        (Fault::DownloadsReachOffline, 5),
        (Fault::NothingWaits, 6),
        (Fault::RowsStayOffline, 3),
        (Fault::Forgets, 3),
    ] {
        let looked = look_through(fault, &events, most);
        let (path, what) = looked.broken.unwrap_or_else(|| panic!("{fault:?} is not caught"));
        println!("{fault:?}: {what}, after {} events in {} steps", path.len(), looked.steps);
    }
}

/// Jobs without an effect here are accepted and do nothing.
#[test]
fn the_other_jobs_do_nothing() {
    let mut life = Life::new(Fault::None);
    for event in alphabet().iter().filter(|event| event.contains("create-customer")) {
        life.apply(event);
    }
    let before = life.look();
    for job in engine().rules().jobs.iter().filter(|job| job.does.is_empty()) {
        let applied = life.apply(&format!(r#"{{"job":"{}"}}"#, job.id));
        assert_eq!(applied, Applied::Done, "{}", job.id);
        assert!(life.look() == before, "{}", job.id);
    }
}
