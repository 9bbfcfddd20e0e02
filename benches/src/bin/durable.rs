//! One durable event: by the store's log, beside 4 KiB appended with a sync and beside a table of
//! steps in redb, in every way that redb offers; what one flipped bit then does to the last of
//! them, and how long it takes to open what a killed writer leaves. `durable [ROUNDS]`, 1,000 by
//! default.

use redb::backends::InMemoryBackend;
use redb::{
    Database, ReadableDatabase as _, ReadableTableMetadata as _, StorageBackend as _,
    TableDefinition, WriteTransaction,
};
use std::collections::BTreeSet;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::{Path, PathBuf};
use std::time::Instant;
use syncgate::engine::Engine;
use syncgate::ledger::{InMemory, Ledger, LedgerStep};
use syncgate::lifecycle::{Environment, EventSource, Machine};
use syncgate::model::{Deployment, Rules};
use syncgate::store::{Ids, Keeper, Store};
use syncgate::wire::parse_event;
use syncgate_benches::repository;
use syncgate_benches::table::{TextTable, digits, reached, times};
use syncgate_benches::timing::{Samples, median};

const DEPLOYMENT: &str = "fixtures/deployments/contoso";
const PAGE: usize = 4096;
/// Rounds before anything is noted.
const WARM: usize = 20;
/// How many steps a table has before they are taken over: as many as fit into the log.
const STEPS: u64 = 127;
/// What stands in the file besides: so many rows of nearly a page, in one of so many tables.
const ROWS: u64 = 10_000;
const TABLES: usize = 18;
/// How often opening is timed.
const OPENED: usize = 7;
type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A table of steps, kept in one way.
struct Steps {
    path: PathBuf,
    database: Database,
    way: Way,
    next: u64,
}

/// A way to commit.
#[derive(Clone, Copy)]
struct Way {
    name: &'static str,
    commit: Commit,
    /// A second commit, which changes nothing.
    again: Option<Commit>,
}

/// One commit of redb. Quick repair is always in two phases.
#[derive(Clone, Copy)]
enum Commit {
    OnePhase,
    TwoPhases,
    QuickRepair,
}

impl Commit {
    fn set(self, transaction: &mut WriteTransaction) {
        transaction.set_two_phase_commit(matches!(self, Self::TwoPhases));
        transaction.set_quick_repair(matches!(self, Self::QuickRepair));
    }
}

const WAYS: [Way; 5] = [
    Way { name: "one phase", commit: Commit::OnePhase, again: None },
    Way { name: "two phases", commit: Commit::TwoPhases, again: None },
    Way { name: "two phases, quick repair", commit: Commit::QuickRepair, again: None },
    Way { name: FLIPS, commit: Commit::OnePhase, again: Some(Commit::OnePhase) },
    Way { name: FLIPS_AND_OPENING, commit: Commit::OnePhase, again: Some(Commit::QuickRepair) },
];
/// What promises of one flipped bit what the log does: it is repaired or told.
const FLIPS: &str = "one phase, and once more";
/// What also opens after a kill without reading the whole file, as the log does.
const FLIPS_AND_OPENING: &str = "one phase, quick repair then";

const TABLE: TableDefinition<'static, u64, &[u8]> = TableDefinition::new("steps");

impl Steps {
    /// A database with other tables, one of which has so many rows.
    fn create(directory: &Path, way: Way, rows: u64) -> Result<Self> {
        let path = directory.join(format!("{} {rows}.redb", way.name));
        let database = Database::builder().set_cache_size(256 << 20).create(&path)?;
        let transaction = database.begin_write()?;
        transaction.open_table(TABLE)?;
        for table in 0..TABLES {
            let name = format!("table {table}");
            transaction.open_table(TableDefinition::<u64, &[u8]>::new(&name))?;
        }
        {
            let other = TableDefinition::<u64, &[u8]>::new("table 0");
            let mut open = transaction.open_table(other)?;
            for row in 0..rows {
                open.insert(row, [7; 4000].as_slice())?;
            }
        }
        transaction.commit()?;
        Ok(Self { path, database, way, next: 0 })
    }

    fn keep(&mut self, step: &[u8]) -> Result<()> {
        let mut transaction = self.database.begin_write()?;
        self.way.commit.set(&mut transaction);
        transaction.open_table(TABLE)?.insert(self.next % STEPS, step)?;
        transaction.commit()?;
        if let Some(again) = self.way.again {
            let mut transaction = self.database.begin_write()?;
            again.set(&mut transaction);
            transaction.commit()?;
        }
        self.next += 1;
        Ok(())
    }

    /// How many steps there are in a file of these bytes.
    fn count(bytes: &[u8]) -> Result<u64> {
        let memory = InMemoryBackend::new();
        memory.set_len(bytes.len() as u64)?;
        memory.write(0, bytes)?;
        // A database that was opened damaged may panic while it is closed.
        let database = ManuallyDrop::new(Database::builder().create_with_backend(memory)?);
        Ok(database.begin_read()?.open_table(TABLE)?.len()?)
    }
}

fn main() -> Result<()> {
    let rounds: usize = std::env::args().nth(1).map_or(Ok(1_000), |count| count.parse())?;
    let directory =
        tempfile::Builder::new().prefix("syncgate-benches").tempdir_in(repository("target"))?;
    in_turn(directory.path(), rounds)?;
    flips(directory.path())?;
    opening(directory.path())
}

/// Hands the steps of so many creations to `keep`, which says whether the log took them.
fn each_step(
    keeper: &mut Keeper,
    count: usize,
    mut keep: impl FnMut(usize, &LedgerStep<'_>, &mut Keeper) -> Result<bool>,
) -> Result<()> {
    let rules = Rules::embedded();
    let loaded = Deployment::load(&repository(DEPLOYMENT).to_string_lossy())?;
    let engine = Engine::new(&rules, loaded.valid()?)?;
    let ids: Vec<String> = engine.channels().map(|channel| channel.id().to_owned()).collect();
    let ledger = Ledger::new(InMemory, Default::default());
    let mut machine = Machine::new(&engine, Environment::new(&engine), ledger, &ids, 0)?;
    let (names, mut guids) = (machine.directory(), Ids::Seeded(1));
    machine.ledger.begin_steps();
    for number in 0..count {
        let text = format!(
            r#"{{"operation":"create-customer","channel":"houston","customer":"single {number}"}}"#
        );
        let parsed = parse_event(&text)?;
        let line = number as u64 + 1;
        let source = EventSource { line, text: &text, at: None, is_operation: true };
        machine.apply(names.event(&parsed), &source, &mut guids)?;
        if !machine.ledger.log(|step, _| keep(number, step, keeper))? {
            machine.ledger.keep(usize::MAX, |changes, _| keeper.keep(changes))?;
        }
    }
    Ok(())
}

/// The bytes of a step, as many as the log keeps of it.
fn bytes(step: &LedgerStep<'_>) -> Vec<u8> {
    let rows = step.rows.iter().map(|row| row.bytes).collect::<Vec<_>>().concat();
    let mut bytes = [&rows, step.journal].concat();
    bytes.resize(bytes.len().max(448), 1);
    bytes
}

/// Every contender keeps every step, in another order each time.
fn in_turn(directory: &Path, rounds: usize) -> Result<()> {
    let mut appended = File::create(directory.join("appended"))?;
    let mut in_place =
        OpenOptions::new().write(true).create_new(true).open(directory.join("in place"))?;
    in_place.write_all(&vec![0; 256 * PAGE])?;
    in_place.sync_all()?;
    let mut keeper = Keeper::create(&directory.join("log.redb").to_string_lossy())?;
    let mut tables = Vec::new();
    for way in WAYS {
        tables.push(Steps::create(directory, way, ROWS)?);
    }
    let names = ["4 KiB appended and synced", "4 KiB in place and synced", "the log"]
        .into_iter()
        .chain(WAYS.map(|way| way.name));
    let mut measured: Vec<Samples> = names
        .map(|name| Samples { name: name.to_owned(), seconds: Vec::with_capacity(rounds) })
        .collect();
    each_step(&mut keeper, rounds + WARM, |round, step, keeper| {
        let (bytes, mut is_taken) = (bytes(step), false);
        let contenders = measured.len();
        for place in 0..contenders {
            let contender = (place + round) % contenders;
            let start = Instant::now();
            match contender {
                0 => {
                    appended.write_all(&[7; PAGE])?;
                    appended.sync_data()?;
                }
                1 => {
                    in_place.seek(SeekFrom::Start((round % 256 * PAGE) as u64))?;
                    in_place.write_all(&[7; PAGE])?;
                    in_place.sync_data()?;
                }
                2 => is_taken = keeper.keep_step(step)?,
                table => tables[table - 3].keep(&bytes)?,
            }
            // A step that the log has no room for goes into the tables with all before it.
            if round >= WARM {
                measured[contender].seconds.push(start.elapsed().as_secs_f64());
            }
        }
        Ok(is_taken)
    })?;
    let mut table =
        TextTable::new(&["a durable step", "p10 µs", "p50 µs", "p90 µs", "to the append"]);
    for samples in &measured {
        let mut sorted = samples.seconds.clone();
        sorted.sort_by(f64::total_cmp);
        let [p10, p50, p90] =
            [1, 5, 9].map(|tenth| digits(sorted[sorted.len() * tenth / 10] * 1e6));
        let ratio = times(samples.ratio_to(&measured[0]));
        table.row([samples.name.clone(), p10, p50, p90, ratio]);
    }
    table.print(&format!("Durable steps, {rounds} in turn; redb with {ROWS} other rows"));
    for way in [FLIPS, FLIPS_AND_OPENING] {
        let same = measured.iter().find(|samples| samples.name == way).ok_or("no such way")?;
        println!(
            "instead of the log, were it at most 1.8x: {way}: {} ({}); {} of the log",
            times(same.ratio_to(&measured[0])),
            reached(same.ratio_to(&measured[0]) <= 1.8),
            times(same.ratio_to(&measured[2])),
        );
    }
    println!();
    Ok(())
}

/// What is left of ten steps where one bit of what the last of them wrote is flipped in the file of
/// a writer that was killed.
fn flips(directory: &Path) -> Result<()> {
    let mut table =
        TextTable::new(&["one bit flipped", "flips", "all there", "told", "lost silently"]);
    let log = directory.join("flipped log.redb");
    let (mut before, mut after) = (Vec::new(), Vec::new());
    each_step(&mut Keeper::create(&log.to_string_lossy())?, 10, |number, step, keeper| {
        if number == 9 {
            before = std::fs::read(&log)?;
        }
        let is_taken = keeper.keep_step(step)?;
        after = std::fs::read(&log)?;
        Ok(is_taken)
    })?;
    let path = directory.join("flipped.redb");
    let customers = |bytes: &[u8]| {
        std::fs::write(&path, bytes)?;
        Ok(Store::open(&path.to_string_lossy())?.customer_count())
    };
    table.row(flipped("the log", &before, &after, customers));
    for way in WAYS {
        let mut steps = Steps::create(directory, way, 20)?;
        for _ in 0..9 {
            steps.keep(&[5; 448])?;
        }
        let before = std::fs::read(&steps.path)?;
        steps.keep(&[5; 448])?;
        let after = std::fs::read(&steps.path)?;
        table.row(flipped(way.name, &before, &after, Steps::count));
    }
    table.print("What one flipped bit makes of ten steps that were answered, after a kill");
    Ok(())
}

/// Flips all bits of the first 320 bytes and one of every byte that is not 0 on a page that the
/// last step wrote.
fn flipped(
    name: &str,
    before: &[u8],
    after: &[u8],
    count: impl Fn(&[u8]) -> Result<u64>,
) -> [String; 5] {
    let written: BTreeSet<usize> = (0..after.len())
        .filter(|at| before.get(*at) != after.get(*at))
        .map(|at| at / PAGE)
        .collect();
    let of_pages = written.iter().flat_map(|page| page * PAGE..(page + 1) * PAGE);
    let of_pages = of_pages.filter(|at| *at >= 320 && after[*at] != 0).map(|at| (at, at % 8));
    let flips = (0..320).flat_map(|at| (0..8).map(move |bit| (at, bit))).chain(of_pages);
    let told_by = take_hook();
    set_hook(Box::new(|_| {}));
    let (mut all, mut told, mut lost) = (0, 0, 0);
    for (at, bit) in flips {
        let mut bytes = after.to_vec();
        bytes[at] ^= 1 << bit;
        match catch_unwind(AssertUnwindSafe(|| count(&bytes))) {
            Ok(Ok(10)) => all += 1,
            Ok(Ok(_)) => lost += 1,
            Ok(Err(_)) | Err(_) => told += 1,
        }
    }
    set_hook(told_by);
    let cells = [all + told + lost, all, told, lost].map(|count: u32| count.to_string());
    let [flips, all, told, lost] = cells;
    [name.to_owned(), flips, all, told, lost]
}

/// From opening what a killed writer leaves to its first step.
fn opening(directory: &Path) -> Result<()> {
    let mut table = TextTable::new(&["opened after a kill", "median ms", "MiB"]);
    for way in WAYS {
        let mut steps = Steps::create(directory, way, 3 * ROWS)?;
        steps.keep(&[5; 448])?;
        let (killed, mut times) = (directory.join("killed.redb"), Vec::new());
        for _ in 0..OPENED {
            std::fs::copy(&steps.path, &killed)?;
            let start = Instant::now();
            let database = Database::open(&killed)?;
            database.begin_read()?.open_table(TABLE)?.len()?;
            times.push(start.elapsed().as_secs_f64());
        }
        let size = std::fs::metadata(&killed)?.len() as f64 / f64::from(1 << 20);
        table.row([way.name.into(), digits(median(&times) * 1e3), digits(size)]);
    }
    table.print("Opening what a killed writer leaves; `store` opens that of the log");
    Ok(())
}
