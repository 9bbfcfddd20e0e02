//! `simulate`: the peak day of a chain of 300 stores, beside `replay` of the very events that it
//! plays; and whether memory grows with the operations that create nobody.

use std::error::Error;
use std::fmt::Write as _;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::Samples;
use syncgate_benches::{binary, child};

const STORES: u64 = 300;
/// Operations of the day, if not told otherwise.
const OPERATIONS: u64 = 10_000_000;
const ROUNDS: usize = 3;
/// What the operations are, and how many of a hundred.
const TRAFFIC: [(&str, u64); 7] = [
    ("create-customer", 10),
    ("search-all-stores", 40),
    ("edit-customer", 15),
    ("create-address", 10),
    ("issue-loyalty-card", 10),
    ("create-customer-order", 10),
    ("edit-customer-order", 5),
];

fn main() -> Result<(), Box<dyn Error>> {
    let Some(own) = binary() else { return Ok(()) };
    // The program whose replay is the measure; that of the same build where none is named.
    let other = std::env::var_os("SYNCGATE_REPLAY").map_or_else(|| own.clone(), PathBuf::from);
    let count = std::env::args().nth(1).map_or(Ok(OPERATIONS), |count| count.parse())?;
    let directory = tempfile::tempdir()?;
    let path = |name: &str| directory.path().join(name);
    std::fs::write(path("chain.toml"), chain())?;
    std::fs::write(path("day.toml"), day(count, 24))?;
    // As many customers, and a tenth of the operations that create nobody.
    std::fs::write(path("calm.toml"), calm(count))?;
    let simulate = |load: &str| {
        let mut command = Command::new(&own);
        command.arg("simulate").arg(path("chain.toml")).arg("--load").arg(path(load));
        command.args(["--format", "json"]);
        command
    };
    let mut written = simulate("day.toml");
    written.arg("--events").arg(path("events.jsonl"));
    let answer = child::run(quiet(&mut written, &path("answer"))?)?.well()?;
    println!("{STORES} stores, {count} operations; written with their events in {:?}", answer.wall);
    measure(count, &[simulate("day.toml"), simulate("calm.toml")], &other, directory.path())
}

fn quiet<'c>(command: &'c mut Command, to: &Path) -> Result<&'c mut Command, Box<dyn Error>> {
    Ok(command.stdin(Stdio::null()).stderr(Stdio::null()).stdout(File::create(to)?))
}

fn measure(
    count: u64,
    simulations: &[Command; 2],
    other: &Path,
    directory: &Path,
) -> Result<(), Box<dyn Error>> {
    let names = ["replay of the events", "simulate", "the same customers, fewer other operations"];
    let empty = |name: &&str| Samples { name: (*name).to_owned(), seconds: Vec::new() };
    let (mut walls, mut cpus): (Vec<Samples>, Vec<Samples>) =
        (names.iter().map(empty).collect(), names.iter().map(empty).collect());
    let mut peaks = [0; 3];
    let path = |name: &str| directory.join(name);
    for _ in 0..ROUNDS {
        let store = path("store.redb");
        if store.exists() {
            std::fs::remove_file(&store)?;
        }
        let mut replay = Command::new(other);
        replay.arg("replay").arg(path("chain.toml")).arg("--events").arg(path("events.jsonl"));
        replay.arg("--store").arg(&store).args(["--id-seed", "1"]);
        let [day, calm] = simulations;
        for (place, command) in [&replay, day, calm].into_iter().enumerate() {
            let mut command = again(command);
            let ended = child::run(quiet(&mut command, &path("answer"))?)?.well()?;
            walls[place].seconds.push(ended.wall.as_secs_f64() / count as f64);
            cpus[place].seconds.push(ended.cpu.as_secs_f64() / count as f64);
            peaks[place] = peaks[place].max(ended.peak);
        }
    }
    let mut table = TextTable::new(&["", "wall, s", "busy, s", "of the replay", "peak memory"]);
    for (place, (wall, cpu)) in walls.iter().zip(&cpus).enumerate() {
        table.row([
            wall.name.clone(),
            digits(wall.median() * count as f64),
            digits(cpu.median() * count as f64),
            times(wall.ratio_to(&walls[0])),
            mebibytes(peaks[place]),
        ]);
    }
    table.print(&format!("A chain's peak day, whole programs, median of {ROUNDS} rounds in turn"));
    let faster = walls[0].ratio_to(&walls[1]);
    println!(
        "goal: twice as fast as the replay: {} as fast ({})",
        times(faster),
        reached(faster >= 2.0)
    );
    let grown = peaks[1].saturating_sub(peaks[2]);
    println!(
        "goal: memory does not grow with operations that create nothing: {} more ({})",
        mebibytes(grown),
        reached(grown < 16 << 20)
    );
    Ok(())
}

/// The same command, to be run once more.
fn again(command: &Command) -> Command {
    let mut same = Command::new(command.get_program());
    same.args(command.get_args());
    same
}

/// A chain whose jobs run every quarter of an hour, when uploads and downloads come too.
fn chain() -> String {
    let mut toml = "[deployment]\nname = \"A chain\"\ncommerce-version = \"10.0.40\"\n\
        [features.async-address-creation]\nenabled = true\n\
        [[functionality-profile]]\nid = \"STORE\"\ncreate-customer-in-async-mode = true\n\
        create-customer-order-in-async-mode = true\n"
        .to_owned();
    for store in 0..STORES {
        let _ = writeln!(
            toml,
            "[[channel]]\nid = \"store-{store:03}\"\nkind = \"store\"\n\
             functionality-profile = \"STORE\""
        );
    }
    for (section, job) in [
        ("distribution-schedule", "job = \"P-0001\""),
        ("batch-job", "name = \"synchronize-customers\""),
        ("batch-job", "name = \"synchronize-orders\""),
        ("distribution-schedule", "job = \"1010\""),
    ] {
        let _ = writeln!(toml, "[[{section}]]\n{job}\nrecurrence = \"15m\"");
    }
    toml
}

/// A load of so many operations in so many hours.
fn day(count: u64, hours: u64) -> String {
    load(hours, |share| count * share / 100 / hours / STORES)
}

/// The customers and orders of the same day, and a tenth of all else.
fn calm(count: u64) -> String {
    let hours = 24;
    load(hours, |share| count * share / 100 / hours / STORES / 10)
        .replace("per-hour = 0\n", "per-hour = 1\n")
        + &line("create-customer", count * 9 / 100 / hours / STORES)
        + &line("create-customer-order", count * 9 / 100 / hours / STORES)
}

fn load(hours: u64, per_hour: impl Fn(u64) -> u64) -> String {
    let mut toml = format!("[load]\nbegin = 2026-11-27T00:00:00Z\nduration = \"{hours}h\"\n");
    for (operation, share) in TRAFFIC {
        toml += &line(operation, per_hour(share));
    }
    toml
}

fn line(operation: &str, per_hour: u64) -> String {
    format!("[[traffic]]\nchannel = \"*\"\noperation = \"{operation}\"\nper-hour = {per_hour}\n")
}
