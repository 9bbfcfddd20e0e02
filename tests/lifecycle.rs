//! The life of customers, orders and rows against a naive model: equal after every event, and what
//! is promised holds.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod model;
mod oracle;

use model::{CHANNELS, Event, FEATURES, JOBS, Model, Outcome, Row, SETTINGS};
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use std::collections::BTreeSet;
use std::io::{self, Read};
use std::sync::OnceLock;
use syncgate::engine::Engine;
use syncgate::ledger::{BlockKind, Counters, InMemory, Ledger, NameKind, TextKind};
use syncgate::lifecycle::{Applied, Environment, EventSource, IdSource, Machine};
use syncgate::model::{Deployment, Rules};
use syncgate::store::{EventStream, ReplayOptions, Sink, Store, Watcher, replay};
use syncgate::wire::parse_event;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let rules = Rules::embedded();
        let loaded = Deployment::load("fixtures/deployments/contoso").unwrap();
        Engine::new(&rules, loaded.valid().unwrap()).unwrap()
    })
}

/// How many streams are tried: more where the environment asks for a longer run.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn cases(usual: u32) -> u32 {
    let times = std::env::var("SYNCGATE_LONG_RUN").ok().and_then(|times| times.parse::<u32>().ok());
    usual * times.unwrap_or(1)
}

fn event() -> BoxedStrategy<Event> {
    let channel = || prop_oneof![4 => Just(0_usize), 3 => Just(1), 1 => Just(2), 2 => Just(3)];
    let name = || prop_oneof![9 => (0..9_u8).prop_map(Some), 1 => Just(None)];
    let operations = prop_oneof![
        5 => Just("create-customer"),
        2 => Just("create-customer-order"),
        1 => Just("cancel-customer-order"),
        6 => prop::sample::select(oracle::OPERATIONS),
    ];
    let operation = (
        operations,
        channel(),
        name(),
        name(),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(operation, channel, customer, order, blocked, hidden)| {
            // What concerns no customer and no order names none.
            let customer = customer.filter(|_| {
                let without = ["request-b2b-onboarding", "manage-b2b-user"];
                !operation.starts_with("search-") && !without.contains(&operation)
            });
            let order =
                order.filter(|_| operation.contains("order") || operation == "create-quotation");
            Event::Operation { operation, channel, customer, order, blocked, hidden }
        });
    prop_oneof![
        12 => operation,
        2 => (channel(), prop::sample::select(&["online", "online", "offline"][..]))
            .prop_map(|(channel, connection)| Event::Connection { channel, connection }),
        1 => prop::sample::select(
            &["available", "available", "communication-failure", "other-failure"][..]
        )
        .prop_map(Event::RealTimeService),
        6 => job(),
        1 => (0..6_u8, channel(), 0..9_u8)
            .prop_map(|(sale, channel, customer)| Event::Sale { sale, channel, customer }),
        1 => (0..FEATURES.len(), any::<bool>())
            .prop_map(|(feature, enabled)| Event::Feature { feature, enabled }),
        1 => (
            prop::sample::select(&["STORE", "MALL", "WEB"][..]),
            prop::sample::select(&SETTINGS[..]),
            any::<bool>(),
        )
            .prop_map(|(profile, key, value)| Event::Profile { profile, key, value }),
        1 => (0..9_u8, 0..2_u8).prop_map(|(customer, error)| Event::Fail { customer, error }),
        1 => (0..9_u8).prop_map(|customer| Event::Correct { customer }),
    ]
    .boxed()
}

/// A job for all that it finds, or for some channels, or for so many rows.
fn job() -> impl Strategy<Value = Event> {
    let channels = prop::option::weighted(0.3, prop::collection::vec(0..4_usize, 0..4));
    let rows = prop::option::weighted(0.3, 0..5_u64);
    (prop::sample::select(&JOBS[..]), channels, rows).prop_map(|(job, channels, rows)| Event::Job {
        job,
        channels,
        rows,
    })
}

struct Reference;

impl ReferenceStateMachine for Reference {
    type State = Model;
    type Transition = Event;

    fn init_state() -> BoxedStrategy<Model> {
        Just(Model::default()).boxed()
    }

    fn transitions(_: &Model) -> BoxedStrategy<Event> {
        event()
    }

    fn apply(model: Model, event: &Event) -> Model {
        model.after(event)
    }
}

/// GUIDs that are the numbers of the events.
struct Numbers;

impl IdSource for Numbers {
    fn guid(&mut self, sequence: u64) -> u128 {
        u128::from(sequence)
    }
}

fn machine() -> Machine<InMemory> {
    let channels: Vec<String> =
        engine().channels().map(|channel| channel.id().to_owned()).collect();
    let ledger = Ledger::new(InMemory, Counters::default());
    Machine::new(engine(), Environment::new(engine()), ledger, &channels, 0).unwrap()
}

fn apply(machine: &mut Machine<InMemory>, event: &Event) -> Applied {
    let line = event.line();
    let parsed = parse_event(&line).unwrap();
    let is_operation = matches!(event, Event::Operation { .. });
    let source = EventSource { line: 1, text: &line, at: None, is_operation };
    let directory = machine.directory();
    machine.apply(directory.event(&parsed), &source, &mut Numbers).unwrap()
}

/// The rows of a machine, as anybody can see them.
fn rows(machine: &mut Machine<InMemory>) -> Vec<Row> {
    let tables = &engine().rules().channel_tables;
    (0..machine.ledger.len(BlockKind::Queue))
        .map(|slot| {
            let row = machine.ledger.queue_row(slot).unwrap();
            let uploaded = machine.ledger.channel(row.channel).unwrap().uploaded;
            Row {
                channel: CHANNELS[row.channel as usize].0,
                table: match tables[row.table.index()].id.as_str() {
                    "RETAILASYNCADDRESSV2" => "RETAILASYNCADDRESSV2",
                    "RETAILASYNCCUSTOMERV2" => "RETAILASYNCCUSTOMERV2",
                    "RETAILASYNCCUSTOMERCONTACT" => "RETAILASYNCCUSTOMERCONTACT",
                    "RETAILASYNCCUSTOMERAFFILIATION" => "RETAILASYNCCUSTOMERAFFILIATION",
                    "RETAILASYNCCUSTOMERATTRIBUTEV2" => "RETAILASYNCCUSTOMERATTRIBUTEV2",
                    "requests" => "requests",
                    _ => "transactions",
                },
                counter: row.counter,
                uploaded: row.counter.is_some_and(|counter| counter <= uploaded),
                completed: row.completed,
                error: machine.ledger.text(TextKind::RowError, slot).unwrap(),
            }
        })
        .collect()
}

fn compare(machine: &mut Machine<InMemory>, model: &Model) {
    assert_eq!(rows(machine), model.rows());
    for customer in &model.customers {
        let slot = machine
            .ledger
            .named(NameKind::Customer, &format!("c{}", customer.name))
            .unwrap()
            .unwrap();
        let row = machine.ledger.customer(slot).unwrap();
        assert_eq!(row.account.number(), customer.account, "the account of c{}", customer.name);
        for channel in 0..CHANNELS.len() {
            let seen = machine.store_channel(channel);
            let seen = machine.ledger.view(&row, seen).unwrap();
            assert_eq!(
                seen.as_str(),
                model.sees(channel, customer.name),
                "c{} in {channel}",
                customer.name
            );
        }
    }
    assert_eq!(machine.ledger.len(BlockKind::Customers), model.customers.len() as u64);
    assert_eq!(machine.counters().pending, model.pending() as u64);
    for order in &model.orders {
        let slot = machine.ledger.named(NameKind::Order, &format!("o{}", order.name)).unwrap();
        for channel in 0..CHANNELS.len() {
            let seen = machine.ledger.order_seen(slot, machine.store_channel(channel)).unwrap();
            assert_eq!(
                seen.as_str(),
                model.sees_order(channel, order.name),
                "o{} in {channel}",
                order.name
            );
        }
    }
}

struct Life;

impl StateMachineTest for Life {
    type SystemUnderTest = Machine<InMemory>;
    type Reference = Reference;

    fn init_test(_: &Model) -> Machine<InMemory> {
        machine()
    }

    fn apply(mut machine: Machine<InMemory>, model: &Model, event: Event) -> Machine<InMemory> {
        let rows_before = rows(&mut machine);
        let applied = apply(&mut machine, &event);
        match (&model.last, &applied) {
            (Outcome::Done, Applied::Done) | (Outcome::Invalid, Applied::Invalid(_)) => {}
            (Outcome::Decided(expected), Applied::Decided(answer)) => {
                let rule = &engine().rules().rules[answer.rule.index()];
                assert_eq!(
                    (&rule.id, rule.outcome.as_str()),
                    (&expected.rule, expected.outcome),
                    "{event:?}"
                );
            }
            (expected, applied) => panic!("{event:?}: expected {expected:?}, got {applied:?}"),
        }
        compare(&mut machine, model);
        // OnlineOperationCompleted never goes back.
        for (before, after) in rows_before.iter().zip(rows(&mut machine)) {
            assert!(!before.completed || after.completed);
        }
        machine
    }

    fn teardown(mut machine: Machine<InMemory>, model: Model) {
        // Nobody is lost, and ids are given once.
        let (mut guids, mut accounts) = (BTreeSet::new(), BTreeSet::new());
        for slot in 0..machine.ledger.len(BlockKind::Customers) {
            let row = machine.ledger.customer(slot).unwrap();
            if let Some(guid) = row.guid {
                assert!(guids.insert(guid));
                assert_eq!(machine.ledger.customer_of_guid(guid).unwrap(), Some(slot));
            }
            if let Some(number) = row.account.number() {
                assert!(accounts.insert(number));
                assert_eq!(machine.ledger.customer_of_account(number).unwrap(), Some(slot));
            }
        }
        // With every POS online and nobody failing, the three jobs leave nobody pending.
        let mut model = model;
        let online = (0..4).map(|channel| Event::Connection { channel, connection: "online" });
        let correct = (0..9).map(|customer| Event::Correct { customer });
        let jobs = ["P-0001", "synchronize-customers", "1010"].map(Event::job);
        for event in online.chain(correct).chain(jobs) {
            apply(&mut machine, &event);
            model = model.after(&event);
        }
        compare(&mut machine, &model);
        assert_eq!(machine.counters().pending, 0);
        // Replication counters have no gaps.
        for (channel, _) in CHANNELS {
            let mut counters: Vec<u64> = model
                .rows()
                .iter()
                .filter(|row| row.channel == channel)
                .filter_map(|row| row.counter)
                .collect();
            counters.sort_unstable();
            assert!(counters.iter().copied().eq(1..=counters.len() as u64), "{counters:?}");
        }
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig {
        cases: cases(256),
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    })]

    #[test]
    fn lives_are_as_the_model_has_them(sequential 1..500 => Life);
}

/// Lines in memory.
struct Lines(Vec<u8>);

impl EventStream for Lines {
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.0.as_slice()))
    }

    fn reopens(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct Answers(Vec<u8>);

impl Sink for Answers {
    fn take(&mut self, lines: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(lines);
        Ok(())
    }

    fn show(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn is_hidden(&self) -> bool {
        false
    }
}

impl Watcher for Answers {
    fn progress(&mut self, _: u64, _: u64) {}

    fn invalid(&mut self, _: u64, _: &str) {}
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(48),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// The same through a file, in several runs.
    #[test]
    fn a_store_is_as_the_model_has_it(
        events in prop::collection::vec(event(), 1..300),
        cuts in prop::collection::vec(0..300_usize, 0..4),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.redb").display().to_string();
        let (mut model, mut expected) = (Model::default(), Vec::new());
        for event in &events {
            model = model.after(event);
            match (&model.last, event) {
                (Outcome::Decided(answer), _) => expected.push(Some(answer.rule.clone())),
                (_, Event::Operation { .. }) => expected.push(None),
                _ => {}
            }
        }
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(events.len())).collect();
        cuts.sort_unstable();
        cuts.push(events.len());
        let mut last = Answers::default();
        for cut in cuts {
            let lines = events[..cut].iter();
            let lines = lines.flat_map(|event| [event.line().as_bytes(), b"\n"].concat());
            let mut lines = Lines(lines.collect());
            last = Answers::default();
            let options = ReplayOptions { id_seed: Some(1), ..ReplayOptions::default() };
            let mut told = Answers::default();
            replay(engine(), &path, &mut lines, options, &mut last, &mut told).unwrap();
        }
        let answers = String::from_utf8(last.0).unwrap();
        let answers = answers
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let rules: Vec<Option<String>> =
            answers.map(|answer| answer["rule"].as_str().map(str::to_owned)).collect();
        prop_assert_eq!(rules, expected);
        let status = Store::open(&path).unwrap().status();
        prop_assert_eq!(
            (status.customers, status.pending),
            (model.customers.len() as u64, model.pending() as u64)
        );
        for table in &status.queue {
            let rows = model.rows().into_iter();
            let rows: Vec<Row> = rows.filter(|row| row.table == table.table).collect();
            let count = |fits: fn(&Row) -> bool| rows.iter().filter(|row| fits(row)).count() as u64;
            prop_assert_eq!(table.counts.offline, count(|row| row.counter.is_none()));
            prop_assert_eq!(table.counts.rows, count(|row| row.counter.is_some()));
            prop_assert_eq!(table.counts.uploaded, count(|row| row.uploaded));
            prop_assert_eq!(table.counts.completed, count(|row| row.completed));
        }
    }
}
