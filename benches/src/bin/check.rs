//! `check` as deployments grow, and `diff` of two large ones, beside parsing the same TOML alone.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use syncgate::model::{Rules, Situation};
use syncgate_benches::deployments::{PROFILES, deployment};
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::median;
use syncgate_benches::{binary, child};

/// How many channels the deployments have, and how often each is measured.
const SIZES: [(usize, usize); 4] = [(20, 15), (200, 15), (2_000, 9), (20_000, 3)];
/// How many channels the compared deployments have.
const COMPARED: usize = 2_000;
/// The argument with which this program only parses TOML.
const PARSE: &str = "parse-toml";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [what, path] = arguments.as_slice()
        && what == PARSE
    {
        let text = std::fs::read_to_string(path)?;
        println!("{}", toml::de::DeTable::parse(&text)?.get_ref().len());
        return Ok(());
    }
    let Some(binary) = binary() else { return Ok(()) };
    let directory = tempfile::tempdir()?;
    check(&binary, directory.path())?;
    diff(&binary, directory.path())
}

/// What programs took, by the time that they keep a core busy.
struct Taken {
    seconds: f64,
    peak: u64,
}

/// Runs two programs in turn.
fn in_turn(
    commands: [&dyn Fn() -> Command; 2],
    rounds: usize,
) -> Result<[Taken; 2], Box<dyn Error>> {
    let (mut seconds, mut peaks) = ([Vec::new(), Vec::new()], [0; 2]);
    for _ in 0..rounds {
        for (place, command) in commands.iter().enumerate() {
            let ended = child::run(
                command().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()),
            )?;
            if ended.output.is_empty() || ended.status.code() == Some(2) {
                return Err(format!("{:?} failed", command()).into());
            }
            seconds[place].push(ended.cpu.as_secs_f64());
            peaks[place] = peaks[place].max(ended.peak);
        }
    }
    let [one, two] = seconds.map(|seconds| median(&seconds));
    Ok([Taken { seconds: one, peak: peaks[0] }, Taken { seconds: two, peak: peaks[1] }])
}

fn check(binary: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let itself = std::env::current_exe()?;
    let path = directory.join("deployment.toml");
    let mut table = TextTable::new(&[
        "channels",
        "ms",
        "µs/channel",
        "to toml alone",
        "peak memory",
        "of toml alone",
    ]);
    let mut by_channel = Vec::new();
    for (channels, rounds) in SIZES {
        std::fs::write(&path, deployment(channels, 0))?;
        let parse = || {
            let mut command = Command::new(&itself);
            command.arg(PARSE).arg(&path);
            command
        };
        let check = || {
            let mut command = Command::new(binary);
            command.arg("check").arg(&path);
            command
        };
        let [alone, checked] = in_turn([&parse, &check], rounds)?;
        let each = checked.seconds * 1e6 / channels as f64;
        by_channel.push(each);
        table.row([
            channels.to_string(),
            digits(checked.seconds * 1e3),
            digits(each),
            times(checked.seconds / alone.seconds),
            mebibytes(checked.peak),
            mebibytes(alone.peak),
        ]);
    }
    let features = Rules::embedded().features.len();
    table.print(&format!(
        "check: {PROFILES} profiles, {features} features, by the time that it keeps a core busy"
    ));
    let grown = by_channel[3] / by_channel[2];
    println!(
        "goal: linear or better: a channel of 20,000 takes {} of one of 2,000 ({})\n",
        times(grown),
        reached(grown <= 1.2)
    );
    Ok(())
}

fn diff(binary: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let itself = std::env::current_exe()?;
    let (old, new) = (directory.join("old.toml"), directory.join("new.toml"));
    std::fs::write(&old, deployment(COMPARED, 0))?;
    std::fs::write(&new, deployment(COMPARED, 1))?;
    let parse = || {
        let mut command = Command::new(&itself);
        command.arg(PARSE).arg(&old);
        command
    };
    let diff = || {
        let mut command = Command::new(binary);
        command.arg("diff").arg(&old).arg(&new);
        command
    };
    let [alone, compared] = in_turn([&parse, &diff], 9)?;
    let decisions = COMPARED * Rules::embedded().operations.len() * Situation::COUNT;
    let mut table = TextTable::new(&[
        "diff",
        "ms",
        "decisions in 100 ms",
        "to toml alone, both",
        "peak memory",
    ]);
    table.row([
        format!("two deployments of {COMPARED} channels"),
        digits(compared.seconds * 1e3),
        format!("{:.1} million", decisions as f64 / compared.seconds / 1e7),
        times(compared.seconds / alone.seconds / 2.0),
        mebibytes(compared.peak),
    ]);
    table.print(&format!(
        "diff: {decisions} decisions that could differ, loading and printing included"
    ));
    Ok(())
}
