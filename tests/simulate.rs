//! Simulations against what can be calculated, against replay of what they played, and as what must
//! hold of every load.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "common/process.rs"]
mod process;

use process::{run, run_with_input, temporary};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Read};
use syncgate::engine::Engine;
use syncgate::load::{InputFile, Load};
use syncgate::model::{Deployment, Rules};
use syncgate::simulate::{EventWriter, Simulated, Simulation};
use syncgate::store::{EventStream, ReplayOptions, Sink, Status, Store, Summary, Watcher, replay};

/// Channels `c0`, `c1`, … of a company whose customers are all async, and the jobs that bring them
/// to headquarters and back.
#[derive(Clone, Debug)]
struct Company {
    channels: usize,
    /// The recurrence of P-0001, synchronize-customers and 1010 in seconds, and the second that
    /// each first runs at.
    jobs: [(u64, u64); 3],
    /// The intervals of the group.
    upload: u64,
    download: u64,
    target: Option<u64>,
}

impl Default for Company {
    fn default() -> Self {
        Self { channels: 1, jobs: [(600, 0); 3], upload: 60, download: 60, target: None }
    }
}

impl Company {
    fn engine(&self) -> Engine {
        let mut toml = format!(
            "[deployment]\ncommerce-version = \"10.0.40\"\n[[functionality-profile]]\nid = \"P\"\n\
             create-customer-in-async-mode = true\ncreate-customer-order-in-async-mode = true\n\
             [[channel-database-group]]\nname = \"G\"\nupload-interval = \"{}s\"\n\
             download-interval = \"{}s\"\n",
            self.upload, self.download
        );
        for channel in 0..self.channels {
            let _ = writeln!(
                toml,
                "[[channel]]\nid = \"c{channel}\"\nkind = \"store\"\n\
                 functionality-profile = \"P\"\n\
                 channel-database-group = \"G\"\nsupports-offline = true"
            );
        }
        let sections = ["distribution-schedule", "batch-job", "distribution-schedule"];
        let names = ["job = \"P-0001\"", "name = \"synchronize-customers\"", "job = \"1010\""];
        for ((section, name), (recurrence, first)) in sections.iter().zip(names).zip(self.jobs) {
            let first = format!("{:02}:{:02}:{:02}", first / 3600, first / 60 % 60, first % 60);
            let _ = writeln!(
                toml,
                "[[{section}]]\n{name}\nrecurrence = \"{recurrence}s\"\n\
                 last-run = 2026-11-01T{first}Z"
            );
        }
        if let Some(target) = self.target {
            let _ = writeln!(toml, "[targets]\npending-customer = \"{target}s\"");
        }
        let file = InputFile { path: "company.toml".to_owned(), bytes: Ok(toml.into_bytes()) };
        let rules = Rules::embedded();
        let loaded = Deployment::from_files(&rules, "company.toml", vec![file]);
        Engine::new(&rules, loaded.valid().unwrap_or_else(|error| panic!("{error}"))).unwrap()
    }
}

/// A load that begins at midnight.
fn load(hours: u64, rest: &str) -> Load {
    let toml = format!("[load]\nbegin = 2026-11-27T00:00:00Z\nduration = \"{hours}h\"\n{rest}");
    let file = InputFile { path: "load.toml".to_owned(), bytes: Ok(toml.into_bytes()) };
    let loaded = Load::from_file(file);
    assert!(loaded.is_valid(), "{:?}", loaded.findings);
    loaded.load
}

fn traffic(channel: &str, operation: &str, per_hour: u32, to: &str) -> String {
    format!(
        "[[traffic]]\nchannel = \"{channel}\"\noperation = \"{operation}\"\nper-hour = {per_hour}\n\
         from = \"00:00\"\nto = \"{to}\"\n"
    )
}

fn play(engine: &Engine, load: &Load, seed: u64) -> Simulated {
    Simulation::new(engine, load).unwrap().play(seed, None).unwrap()
}

/// What was played, and its stream.
fn played(engine: &Engine, load: &Load, seed: u64) -> (Simulated, String) {
    let mut events = Vec::new();
    let mut writer = EventWriter::new(engine, &mut events);
    let simulated = Simulation::new(engine, load).unwrap().play(seed, Some(&mut writer)).unwrap();
    (simulated, String::from_utf8(events).unwrap())
}

/// The mean of the times to account ID, in seconds.
#[expect(clippy::cast_precision_loss, reason = "a mean of seconds")]
fn mean_wait(simulated: &Simulated) -> f64 {
    let waits = &simulated.counted.waits;
    let total: u64 = waits.iter().map(|(wait, customers)| wait * customers).sum();
    total as f64 / waits.values().sum::<u64>() as f64
}

fn near(found: f64, expected: f64, within: f64) {
    assert!((found - expected).abs() <= within, "{found} is not {expected} ± {within}");
}

// Closed forms

/// Counts of a Poisson process have a variance as large as their mean, and gaps are exponential.
#[test]
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn operations_arrive_as_a_poisson_process() {
    let engine = Company { channels: 3, ..Company::default() }.engine();
    let load = load(24, &traffic("*", "search-customers", 1200, "24:00"));
    let (simulated, stream) = played(&engine, &load, 1);
    let total = simulated.counted.decisions().iter().sum::<u64>() as f64;
    // Three channels for a day: five standard deviations.
    let expected = 3.0 * 24.0 * 1200.0;
    near(total, expected, 5.0 * expected.sqrt());
    let mut minutes: BTreeMap<&str, f64> = BTreeMap::new();
    for line in stream.lines().filter(|line| line.contains("\"operation\"")) {
        // {"at":"2026-11-27T00:01:
        *minutes.entry(&line[7..23]).or_default() += 1.0;
    }
    let mean = total / 1440.0;
    let counts = minutes.values().map(|count| (count - mean).powi(2));
    let variance = counts.sum::<f64>() / 1439.0;
    // The variance of a sample of n has a standard deviation of about √(2/n) of itself.
    near(variance / mean, 1.0, 5.0 * (2.0_f64 / 1439.0).sqrt());
    // Seconds without an operation: e^-λ of them.
    let seconds: std::collections::BTreeSet<&str> =
        stream.lines().filter(|line| line.contains("\"operation\"")).map(|it| &it[7..26]).collect();
    let empty = 1.0 - seconds.len() as f64 / 86_400.0;
    near(empty, (-1.0_f64).exp(), 5.0 * (0.2325 / 86_400.0_f64).sqrt());
}

/// Whoever waits for a job that runs every so often waits for half of that, and for all of it at
/// worst; what comes at fixed times after it adds just that.
#[test]
fn waits_of_periodic_jobs_are_uniform() {
    let hour = 3600;
    for (jobs, least, most) in [
        // One after the other at the same moment: only the first is waited for.
        ([(hour, 0), (hour, 0), (hour, 0)], 0, hour),
        // Ten minutes apart.
        ([(hour, 0), (hour, 600), (hour, 1200)], 1200, hour + 1200),
        // In the wrong order: each waits for nearly all of the next.
        ([(hour, 1200), (hour, 600), (hour, 0)], 6000, hour + 6000),
        // The last alone matters where the others run all the time.
        ([(60, 0), (60, 0), (hour / 2, 0)], 0, hour / 2),
    ] {
        let company = Company { jobs, ..Company::default() };
        let load = load(48, &traffic("c0", "create-customer", 400, "24:00"));
        let simulated = play(&company.engine(), &load, 3);
        let waits = &simulated.counted.waits;
        let (first, last) = (*waits.keys().next().unwrap(), *waits.keys().last().unwrap());
        assert!(first >= least && last <= most, "{jobs:?}: {first} to {last}");
        assert!(first < least + 60 && last > most - 60, "{jobs:?}: {first} to {last}");
        let range = f64::from(u32::try_from(most - least).unwrap());
        let count = f64::from(u32::try_from(simulated.counted.created).unwrap());
        // A uniform distribution has a standard deviation of range / √12.
        let middle = f64::from(u32::try_from(least).unwrap()) + range / 2.0;
        near(mean_wait(&simulated), middle, 5.0 * range / (12.0 * count).sqrt() + 0.5);
        for of_a_hundred in [50, 95] {
            let wait =
                f64::from(u32::try_from(simulated.counted.wait(of_a_hundred).unwrap()).unwrap());
            let part = f64::from(u32::try_from(of_a_hundred).unwrap()) / 100.0;
            near(wait, f64::from(u32::try_from(least).unwrap()) + range * part, 0.02 * range);
        }
    }
}

/// Intervals of uploads and downloads come on top, each whole at worst.
#[test]
fn intervals_of_groups_come_on_top() {
    // P-0001 runs a second before the upload, 1010 a second after the download.
    let company = Company {
        jobs: [(900, 899), (900, 0), (900, 1)],
        upload: 900,
        download: 900,
        ..Company::default()
    };
    let load = load(24, &traffic("c0", "create-customer", 200, "20:00"));
    let simulated = play(&company.engine(), &load, 3);
    let longest = *simulated.counted.waits.keys().last().unwrap();
    // Up to 900 for the upload, 899 for P-0001, 1 for the batch job, 1 for 1010, 899 for the
    // download.
    assert!((2690..=2700).contains(&longest), "{longest}");
    assert_eq!(simulated.counted.pending, 0);
}

/// A server of a given rate: what comes faster than it is served waits in a queue that grows by the
/// difference, and is worked off by what is left when less comes.
#[test]
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn queues_grow_and_shrink_as_a_server_of_that_rate_has_them() {
    let engine = Company { jobs: [(60, 0); 3], ..Company::default() }.engine();
    // 1800 an hour come for 4 hours, and 20 a minute are served: 600 an hour wait.
    let capacity = "[[capacity]]\njob = \"synchronize-customers\"\nrows-per-minute = 20\n";
    let load = load(12, &(traffic("c0", "create-customer", 1800, "04:00") + capacity));
    let simulated = play(&engine, &load, 5);
    let queue = simulated.counted.queues[0];
    let spread = 5.0 * (1800.0_f64 * 4.0).sqrt();
    near(queue.peak as f64, 600.0 * 4.0, spread + 60.0);
    near(queue.peak_at.unwrap() as f64, 4.0 * 3600.0, 120.0);
    // 2400 rows at 1200 an hour take two hours.
    let drained = queue.drained_at.unwrap() as f64;
    near(drained, 4.0 * 3600.0 + queue.peak as f64 * 3.0, 120.0);
    // Halfway, half of it waits.
    let step = simulated.counted.step;
    let halfway = simulated.counted.curve[usize::try_from(2 * 3600 / step).unwrap()] as f64;
    near(halfway, 1200.0, 5.0 * (1800.0_f64 * 2.0).sqrt() + 60.0);
}

/// What waited while a till was offline is caught up with at the rate that is left.
#[test]
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn an_outage_is_caught_up_with_at_the_rate_that_is_left() {
    let engine = Company { jobs: [(60, 0); 3], ..Company::default() }.engine();
    let rest = "[[capacity]]\njob = \"synchronize-customers\"\nrows-per-minute = 30\n\
                [[pos-offline]]\nchannel = \"c0\"\nbegin = 2026-11-27T04:00:00Z\n\
                duration = \"2h\"\n";
    let load = load(24, &(traffic("c0", "create-customer", 900, "24:00") + rest));
    let simulated = play(&engine, &load, 5);
    // 900 an hour for two hours, worked off at 1800 less 900 an hour.
    let after = simulated.counted.outages[0].after.unwrap() as f64;
    near(after, 2.0 * 3600.0, 3600.0 * 5.0 * (900.0_f64 * 4.0).sqrt() / 900.0);
    near(simulated.counted.queues[0].peak as f64, 1800.0, 5.0 * 1800.0_f64.sqrt() + 60.0);
}

/// Calls beyond what the Real-time Service takes in a minute fail, and no others.
#[test]
fn calls_beyond_the_capacity_fail() {
    let engine = Company::default().engine();
    let capacity = "[[capacity]]\njob = \"real-time-service\"\nrows-per-minute = 10\n";
    let load = load(6, &(traffic("c0", "search-all-stores", 1200, "24:00") + capacity));
    let (simulated, stream) = played(&engine, &load, 2);
    let [sync, _, rejected] = simulated.counted.decisions();
    assert_eq!(simulated.counted.by_reason["headquarters-unreachable"], rejected);
    assert_eq!(simulated.counted.calls(), sync + rejected);
    // 20 come in a minute on the average, and 10 are taken: seldom are there fewer.
    assert!(sync <= 10 * 360 && sync > 10 * 355, "{sync}");
    let mut calls: BTreeMap<&str, u32> = BTreeMap::new();
    for line in stream.lines().filter(|line| line.contains("\"operation\"")) {
        *calls.entry(&line[7..23]).or_default() += 1;
    }
    let too_many: u32 = calls.values().map(|count| count.saturating_sub(10)).sum();
    assert_eq!(u64::from(too_many), rejected);
}

#[test]
fn in_servicing_nothing_runs_and_calls_fail() {
    let engine = Company { jobs: [(600, 0); 3], ..Company::default() }.engine();
    let rest = "[[servicing]]\nbegin = 2026-11-27T02:00:00Z\nduration = \"1h\"\n\
                [[real-time-service]]\nstate = \"communication-failure\"\n\
                begin = 2026-11-27T02:30:00Z\nduration = \"1h\"\n";
    let both = traffic("c0", "create-customer", 200, "24:00")
        + &traffic("c0", "search-all-stores", 200, "24:00");
    let (simulated, stream) = played(&engine, &load(6, &(both + rest)), 2);
    for line in stream.lines().filter(|line| line.contains("\"job\"")) {
        assert!(!line.starts_with("{\"at\":\"2026-11-27T02:"), "{line}");
    }
    let states: Vec<&str> = stream.lines().filter(|line| line.contains("real_time")).collect();
    assert_eq!(
        states,
        [
            r#"{"at":"2026-11-27T02:00:00Z","real_time_service":"other-failure"}"#,
            r#"{"at":"2026-11-27T03:00:00Z","real_time_service":"communication-failure"}"#,
            r#"{"at":"2026-11-27T03:30:00Z","real_time_service":"available"}"#,
        ]
    );
    let calls: Vec<u64> = simulated.counted.hours.iter().map(|hour| hour.calls).collect();
    assert_eq!(calls.len(), 6);
    assert_eq!(
        simulated.counted.by_reason["headquarters-error"], calls[2],
        "{:?}",
        simulated.counted.by_reason
    );
}

// Replay

/// Lines in memory.
struct Lines<'a>(&'a [u8]);

impl EventStream for Lines<'_> {
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.0))
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

    fn invalid(&mut self, line: u64, message: &str) {
        panic!("line {line}: {message}");
    }
}

/// Replays a stream into a store of its own.
fn replayed(engine: &Engine, stream: &str) -> (Summary, Status) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.redb").display().to_string();
    let options = ReplayOptions { id_seed: Some(1), ..ReplayOptions::default() };
    let (mut sink, mut watcher) = (Answers::default(), Answers::default());
    let mut lines = Lines(stream.as_bytes());
    let summary = replay(engine, &path, &mut lines, options, &mut sink, &mut watcher).unwrap();
    (summary, Store::open(&path).unwrap().status())
}

/// What was played is what its stream replays to: every decision, and where everything is at the
/// end.
fn is_as_replayed(engine: &Engine, simulated: &Simulated, stream: &str) {
    let (summary, status) = replayed(engine, stream);
    let counted = &simulated.counted;
    assert_eq!(summary.invalid, 0);
    let mut by_reason: BTreeMap<String, u64> = BTreeMap::new();
    let mut by_outcome = [0; 3];
    for ((outcome, reason), count) in summary.decisions {
        *by_reason.entry(reason).or_default() += count;
        by_outcome[outcome as usize] += count;
    }
    assert_eq!((by_outcome, &by_reason), (counted.decisions(), &counted.by_reason));
    assert_eq!((status.customers, status.pending), (counted.created, counted.pending));
    let waiting: u64 = status
        .queue
        .iter()
        .map(|it| it.counts.offline + it.counts.rows - it.counts.completed)
        .sum();
    assert_eq!(waiting, counted.queues.iter().map(|queue| queue.rows).sum::<u64>());
    // Nobody is lost: who was async and is not pending has waited some time.
    let waited: u64 = counted.waits.values().sum();
    let sync = counted.created - waited - counted.pending;
    let created_sync: u64 = status.customers - status.pending - waited;
    assert_eq!(sync, created_sync);
}

#[test]
fn what_the_bundled_loads_play_is_what_their_stream_replays_to() {
    let rules = Rules::embedded();
    let loaded = Deployment::load("fixtures/deployments/contoso").unwrap();
    let engine = Engine::new(&rules, loaded.valid().unwrap()).unwrap();
    for entry in process::entries("fixtures/loads") {
        let loaded = Load::load(&format!("fixtures/loads/{entry}")).unwrap();
        assert!(loaded.is_valid(), "{entry}: {:?}", loaded.findings);
        for seed in [0, 1] {
            let (simulated, stream) = played(&engine, &loaded.load, seed);
            is_as_replayed(&engine, &simulated, &stream);
        }
    }
}

// What must hold of every load

fn company() -> impl Strategy<Value = Company> {
    let job = (1..=40_u64, 0..3600_u64).prop_map(|(minutes, first)| (minutes * 60, first));
    let interval = || (1..=20_u64).prop_map(|minutes| minutes * 60);
    (1..4_usize, [job.clone(), job.clone(), job], interval(), interval()).prop_map(
        |(channels, jobs, upload, download)| Company {
            channels,
            jobs,
            upload,
            download,
            target: None,
        },
    )
}

/// What fails in a load.
fn outages() -> impl Strategy<Value = String> {
    let period = (0..300_u64, 1..200_u64).prop_map(|(begin, minutes)| {
        format!(
            "begin = 2026-11-27T{:02}:{:02}:00Z\nduration = \"{minutes}m\"\n",
            begin / 60,
            begin % 60
        )
    });
    let kinds = prop::sample::select(
        &[
            "[[pos-offline]]\nchannel = \"c0\"\n",
            "[[servicing]]\n",
            "[[real-time-service]]\nstate = \"communication-failure\"\n",
            "[[real-time-service]]\nstate = \"other-failure\"\n",
        ][..],
    );
    prop::collection::vec((kinds, period), 0..4).prop_map(|outages| {
        outages.into_iter().map(|(kind, period)| kind.to_owned() + &period).collect()
    })
}

/// How much jobs manage.
fn capacities() -> impl Strategy<Value = String> {
    let of = |job: &'static str| {
        let rows = prop::option::of(1..40_u64);
        let takes = prop::option::of(1..20_u64);
        (rows, takes).prop_map(move |(rows, takes)| {
            let mut text = String::new();
            if rows.is_some() || takes.is_some() {
                let _ = writeln!(text, "[[capacity]]\njob = \"{job}\"");
            }
            if let Some(rows) = rows {
                let _ = writeln!(text, "rows-per-minute = {rows}");
            }
            if let Some(takes) = takes {
                let _ = writeln!(text, "takes = \"{takes}m\"");
            }
            text
        })
    };
    (of("P-0001"), of("synchronize-customers"), of("1010"), prop::option::of(1..20_u64)).prop_map(
        |(upload, customers, accounts, calls)| {
            let calls = calls.map(|calls| {
                format!("[[capacity]]\njob = \"real-time-service\"\nrows-per-minute = {calls}\n")
            });
            upload + &customers + &accounts + &calls.unwrap_or_default()
        },
    )
}

fn people() -> String {
    traffic("*", "create-customer", 60, "05:00")
        + &traffic("*", "edit-customer", 40, "05:00")
        + &traffic("*", "create-customer-order", 30, "05:00")
        + &traffic("*", "edit-customer-order", 10, "05:00")
        + &traffic("*", "issue-loyalty-card", 10, "05:00")
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Whatever fails and however little jobs manage: the stream replays to the same, the same seed
    /// gives the same bytes, and another one others.
    #[test]
    fn streams_replay_and_seeds_repeat(
        company in company(),
        outages in outages(),
        capacities in capacities(),
        seed in any::<u64>(),
    ) {
        let engine = company.engine();
        let load = load(7, &(people() + &outages + &capacities));
        let (simulated, stream) = played(&engine, &load, seed);
        is_as_replayed(&engine, &simulated, &stream);
        let (again, same) = played(&engine, &load, seed);
        prop_assert!(stream == same);
        prop_assert_eq!(simulated, again);
        prop_assert!(stream != played(&engine, &load, seed ^ 1).1);
        let arrivals = |stream: &str| {
            let lines = stream.lines().filter(|line| line.contains("\"create-customer\""));
            lines.map(str::to_owned).collect::<Vec<_>>()
        };
        // Arrivals depend on load and seed alone.
        let calm = Company { channels: company.channels, ..Company::default() }.engine();
        prop_assert_eq!(arrivals(&stream), arrivals(&played(&calm, &load, seed).1));
    }

    /// Where jobs manage all they find, running them more often makes nobody wait longer.
    #[test]
    fn more_frequent_jobs_make_nobody_wait_longer(
        company in company(),
        outages in outages(),
        which in 0..3_usize,
        seed in any::<u64>(),
    ) {
        // All are synced long before the end, so that the same customers are compared.
        let load = load(24, &(people() + &outages));
        let before = play(&company.engine(), &load, seed);
        let mut faster = company.clone();
        faster.jobs[which].0 /= 2;
        let after = play(&faster.engine(), &load, seed);
        prop_assert_eq!((before.counted.pending, after.counted.pending), (0, 0));
        for of_a_hundred in [1, 25, 50, 95, 100] {
            let slow = before.counted.wait(of_a_hundred);
            let fast = after.counted.wait(of_a_hundred);
            prop_assert!(fast <= slow, "{of_a_hundred}: {fast:?} after {slow:?}");
        }
    }
}

/// The one recurrence that keeps everybody waiting is the one that helps.
#[test]
fn what_helps_most_is_the_slowest_job() {
    for (which, job) in [(0, "P-0001"), (1, "synchronize-customers"), (2, "1010")] {
        let mut jobs = [(60, 0); 3];
        jobs[which] = (7200, 0);
        let company = Company { jobs, target: Some(3600), ..Company::default() };
        let load = load(24, &traffic("c0", "create-customer", 200, "20:00"));
        let target = play(&company.engine(), &load, 1).target.unwrap();
        assert!(!target.is_met() && target.longest > 7000, "{target:?}");
        let helps = target.helps.unwrap();
        assert_eq!((helps.job.as_str(), helps.recurrence, helps.halved), (job, 7200, 3600));
        assert!((3400..=3720).contains(&helps.longest), "{helps:?}");
    }
    let company = Company { target: Some(7200), ..Company::default() };
    let load = load(24, &traffic("c0", "create-customer", 200, "20:00"));
    assert!(play(&company.engine(), &load, 1).target.unwrap().is_met());
}

// The command

const CONTOSO: &str = "simulate fixtures/deployments/contoso --load";

#[test]
fn json_says_what_was_asked() {
    let line = format!("{CONTOSO} fixtures/loads/peak-day.toml --format json");
    let (first, second) = (run(&line), run(&line));
    assert_eq!((first.status, &first.out), (0, &second.out), "{}", first.err);
    let document: serde_json::Value = serde_json::from_str(&first.out).unwrap();
    let number = |pointer: &str| document.pointer(pointer).unwrap().as_u64().unwrap();
    let outcomes = ["sync", "async", "rejected"].map(|it| number(&format!("/operations/{it}")));
    assert_eq!(outcomes.iter().sum::<u64>(), number("/operations/total"));
    let reasons = document["operations"]["by_reason"].as_object().unwrap().values();
    assert_eq!(reasons.map(|it| it.as_u64().unwrap()).sum::<u64>(), number("/operations/total"));
    let hours = document["real_time_calls"]["by_hour"].as_array().unwrap();
    let hours: Vec<u64> = hours.iter().map(|it| it.as_u64().unwrap()).collect();
    assert_eq!((hours.len(), hours.iter().sum()), (24, number("/real_time_calls/total")));
    assert_eq!(hours.iter().max(), Some(&number("/real_time_calls/peak_per_hour")));
    let kinds =
        document["outages"].as_array().unwrap().iter().map(|it| it["kind"].as_str().unwrap());
    assert_eq!(kinds.collect::<Vec<_>>(), ["pos-offline", "real-time-service", "servicing"]);
    assert_eq!(document["queue"].as_array().unwrap().len(), 4);
    let other = run(&format!("{line} --seed 1"));
    assert_ne!(first.out, other.out);
    let compared = run(&format!("{line} --compare fixtures/deployments/contoso"));
    let compared: serde_json::Value = serde_json::from_str(&compared.out).unwrap();
    assert_eq!(compared["deployments"][0]["operations"], document["operations"]);
    assert_eq!(compared["deployments"][0], compared["deployments"][1]);
}

#[test]
fn people_and_spreadsheets_read_it_too() {
    let human = run(&format!(
        "{CONTOSO} fixtures/loads/peak-day.toml --compare fixtures/deployments/contoso"
    ));
    assert_eq!(human.status, 0, "{}", human.err);
    for part in
        ["create-customer", "Real-time Service", "time to account ID", "caught up after", "█"]
    {
        assert!(human.out.contains(part), "{part}: {}", human.out);
    }
    let csv = run(&format!("{CONTOSO} fixtures/loads/peak-day.toml --format csv"));
    assert_eq!(csv.out.lines().count(), 25, "{}", csv.out);
}

#[test]
fn events_are_written_beside_the_answer() {
    let events = temporary("simulated.jsonl");
    let line = format!("{CONTOSO} fixtures/loads/peak-day.toml --format json");
    let ended = run(&format!("{line} --events {events}"));
    assert_eq!(ended.out, run(&line).out);
    let store = temporary("simulated.redb");
    std::fs::remove_file(&store).unwrap_or(());
    let replay = format!("replay fixtures/deployments/contoso --events {events} --store {store}");
    let replayed = run(&replay);
    assert_eq!(replayed.status, 0, "{}", replayed.err);
    let document: serde_json::Value = serde_json::from_str(&ended.out).unwrap();
    let total = document["operations"]["total"].as_u64().unwrap();
    assert_eq!(replayed.out.lines().count() as u64, total);
    let status = run(&format!("store status --store {store} --format json"));
    let status: serde_json::Value = serde_json::from_str(&status.out).unwrap();
    assert_eq!(status["pending"], document["customers"]["pending_at_end"]);
    assert_eq!(status["customers"], document["customers"]["created"]);
}

/// Loads that are wrong: nothing is printed, and the place and what mends it are told.
#[test]
fn loads_that_are_wrong_are_refused() {
    let begin = "[load]\nbegin = 2026-11-27T06:00:00Z\nduration = \"24h\"\n";
    let line = "[[traffic]]\nchannel = \"houston\"\noperation = \"edit-customer\"\nper-hour = 1\n";
    for (what, text, place, help) in [
        ("no load", "", "missing", "begin"),
        ("no begin", "[load]\nduration = \"1h\"\n", ":1:1", "add `begin = …`"),
        ("a key", &format!("{begin}durations = \"1h\"\n"), ":4:1", "did you mean `duration`?"),
        ("a section", &format!("{begin}[[trafic]]\n"), ":4:3", "did you mean `traffic`?"),
        (
            "a channel",
            &(begin.to_owned() + &line.replace("houston", "hoston")),
            ":5:11",
            "did you mean `houston`?",
        ),
        (
            "an operation",
            &(begin.to_owned() + &line.replace("edit", "edti")),
            ":6:13",
            "did you mean `edit-customer`?",
        ),
        (
            "a rate",
            &(begin.to_owned() + &line.replace("= 1", "= -1")),
            ":7:12",
            "a whole number from 0",
        ),
        ("a time", &format!("{begin}{line}from = \"8:00\"\n"), ":8:8", "such as `08:30`"),
        (
            "no time",
            &format!("{begin}{line}from = \"08:00\"\nto = \"08:00\"\n"),
            ":9:6",
            "leave both out",
        ),
        (
            "a duration",
            "[load]\nbegin = 2026-11-27T06:00:00Z\nduration = \"1x\"\n",
            ":3:12",
            "such as `1h30m`",
        ),
        (
            "too long",
            "[load]\nbegin = 2026-11-27T06:00:00Z\nduration = \"367d\"\n",
            ":3:12",
            "shorter",
        ),
        (
            "a job",
            &format!("{begin}[[capacity]]\njob = \"P-001\"\n"),
            ":5:7",
            "did you mean `P-0001`?",
        ),
        (
            "no rows",
            &format!("{begin}[[capacity]]\njob = \"1010\"\nrows-per-minute = 0\n"),
            ":6:19",
            "1 or more",
        ),
        (
            "a state",
            &format!(
                "{begin}[[real-time-service]]\nstate = \"down\"\nbegin = 2026-11-27T06:00:00Z\n\
                 duration = \"1h\"\n"
            ),
            ":5:9",
            "other-failure",
        ),
        (
            "a web shop",
            &format!(
                "{begin}[[pos-offline]]\nchannel = \"web\"\nbegin = 2026-11-27T06:00:00Z\n\
                 duration = \"1h\"\n"
            ),
            ":5:11",
            "only the POS of a store",
        ),
        (
            "a store without",
            &format!(
                "{begin}[[pos-offline]]\nchannel = \"san-francisco\"\n\
                 begin = 2026-11-27T06:00:00Z\nduration = \"1h\"\n"
            ),
            ":5:11",
            "only the POS of a store",
        ),
        ("no TOML", "[load\n", ":1:6", ""),
    ] {
        is_refused(what, text, place, help);
    }
}

/// A load that is refused: nothing is printed, and the place and what mends it are told.
fn is_refused(what: &str, text: &str, place: &str, help: &str) {
    let ended = run_with_input(&format!("{CONTOSO} -"), text.as_bytes());
    assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{what}: {}", ended.err);
    assert!(ended.err.contains(place), "{what}: {place} in {}", ended.err);
    assert!(ended.err.contains(help), "{what}: {help} in {}", ended.err);
}

#[test]
fn loads_that_are_too_much_are_refused() {
    let begin = "[load]\nbegin = 2026-11-27T06:00:00Z\nduration = \"24h\"\n";
    let line = "[[traffic]]\nchannel = \"houston\"\noperation = \"edit-customer\"\nper-hour = 1\n";
    for (what, text, place, help) in [
        (
            "a job twice",
            &format!("{begin}[[capacity]]\njob = \"1010\"\n[[capacity]]\njob = \"1010\"\n"),
            ":7:7",
            "remove one",
        ),
        (
            "calls twice, and no rate",
            &format!(
                "{begin}[[capacity]]\njob = \"real-time-service\"\n\
                 [[capacity]]\njob = \"real-time-service\"\n"
            ),
            ":7:7",
            "remove one",
        ),
        (
            "too many operations",
            &(begin.to_owned() + &line.replace("= 1", "= 36_000_000")),
            ":7:12",
            "some 864000000 operations in the whole load, and at most 100000000 are played",
        ),
        (
            "too many customers",
            &(begin.to_owned()
                + &line.replace("= 1", "= 500_000").replace("edit-", "create-")
                + line),
            ":7:12",
            "some 12000000 new customers and orders in the whole load, and at most 10000000",
        ),
        (
            "a load after all years",
            &begin.replace("2026-11-27T06", "9999-12-30T00").replace("24h", "48h"),
            ":3:12",
            "the last moment there is",
        ),
        (
            "servicing after all years",
            &format!("{begin}[[servicing]]\nbegin = 9999-12-30T00:00:00Z\nduration = \"48h\"\n"),
            ":6:12",
            "give a shorter `duration`",
        ),
    ] {
        is_refused(what, text, place, help);
    }
}

#[test]
fn files_that_are_wrong_are_refused() {
    for wrong in [
        format!("{CONTOSO} fixtures/loads/nowhere.toml"),
        format!("{CONTOSO} fixtures/loads/peak-day.toml --events fixtures/loads/peak-day.toml"),
        format!("{CONTOSO} fixtures/loads/peak-day.toml --events -"),
        format!(
            "{CONTOSO} fixtures/loads/peak-day.toml --compare fixtures/deployments/tailwind-web"
        ),
    ] {
        let ended = run(&wrong);
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{wrong}: {}", ended.err);
    }
}
