//! A pack of a deployment of 2,000 channels, made and verified, and its page alone, beside `check`
//! and `matrix`, and the page, by the build of an earlier commit.

use std::error::Error;
use std::path::Path;
use std::process::{Command, Stdio};
use syncgate_benches::base::{Base, COMMIT, Known};
use syncgate_benches::deployments::deployment;
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::Samples;
use syncgate_benches::{binary, child};

const CHANNELS: usize = 2_000;
const ROUNDS: usize = 9;
/// Verification may take so many times as long as `check` and `matrix` of the earlier build.
const VERIFIED: f64 = 1.3;
/// The page may take so many times as long as that of the earlier build.
const PAGE: f64 = 0.5;

/// What is run, in turn.
const NAMES: [&str; 5] =
    ["check and matrix, before", "evidence", "evidence --verify", "report, before", "report"];

fn main() -> Result<(), Box<dyn Error>> {
    let (Some(own), Some(base)) = (binary(), Base::built()) else { return Ok(()) };
    let directory = tempfile::tempdir()?;
    let path = |name: &str| directory.path().join(name);
    let (features, keys) =
        (base.known("rules/features.toml")?, base.known("rules/deployment.toml")?);
    let known = known_to(&deployment(CHANNELS, 1), &features, &keys);
    std::fs::write(path("deployment.toml"), known)?;
    let command = |binary: &Path, words: &[&str]| {
        let mut command = Command::new(binary);
        command.args(words).current_dir(directory.path());
        command
    };
    let before = base.binary();
    let runs = || {
        [
            vec![
                command(&before, &["check", "deployment.toml"]),
                command(&before, &["matrix", "deployment.toml"]),
            ],
            vec![command(&own, &["evidence", "deployment.toml", "--output", "pack.zip"])],
            vec![command(&own, &["evidence", "--verify", "pack.zip"])],
            vec![command(&before, &["report", "deployment.toml", "--output", "before.html"])],
            vec![command(&own, &["report", "deployment.toml", "--output", "page.html"])],
        ]
    };
    let empty = |name: &&str| Samples { name: (*name).to_owned(), seconds: Vec::new() };
    let mut busy: Vec<Samples> = NAMES.iter().map(empty).collect();
    let mut walls = busy.clone();
    let mut peaks = [0; NAMES.len()];
    for _ in 0..ROUNDS {
        for (place, commands) in runs().into_iter().enumerate() {
            let (mut cpu, mut wall) = (0.0, 0.0);
            for mut command in commands {
                let streams = command.stdin(Stdio::null()).stdout(Stdio::null());
                let ended = child::run(streams.stderr(Stdio::null()))?;
                if ended.status.code().is_none_or(|code| code > 1) {
                    return Err(format!("{command:?}: {}", ended.status).into());
                }
                cpu += ended.cpu.as_secs_f64();
                wall += ended.wall.as_secs_f64();
                peaks[place] = peaks[place].max(ended.peak);
            }
            busy[place].seconds.push(cpu);
            walls[place].seconds.push(wall);
        }
    }
    print(&busy, &walls, &peaks);
    let size = std::fs::metadata(path("page.html"))?.len();
    println!("the page has {}; goal: 2 MiB ({})", mebibytes(size), reached(size <= 2 << 20));
    Ok(())
}

/// A deployment with those of its features and keys alone that these rules know.
fn known_to(deployment: &str, features: &Known, keys: &Known) -> String {
    const HEADER: &str = "[features.";
    let is_known = |block: &&str| {
        let name = block.strip_prefix(HEADER).and_then(|rest| rest.split(']').next());
        name.is_none_or(|name| features.has(name))
    };
    let is_key = |line: &&str| line.split_once(" = ").is_none_or(|(key, _)| keys.has(key));
    let blocks = deployment.split_inclusive("\n\n").filter(is_known);
    blocks.flat_map(|block| block.split_inclusive('\n')).filter(is_key).collect()
}

fn print(busy: &[Samples], walls: &[Samples], peaks: &[u64]) {
    let mut table = TextTable::new(&["what", "ms", "ms of cores", "peak memory"]);
    for ((busy, wall), peak) in busy.iter().zip(walls).zip(peaks) {
        let [wall, cpu] = [wall, busy].map(|samples| digits(samples.median() * 1e3));
        table.row([busy.name.clone(), wall, cpu, mebibytes(*peak)]);
    }
    table.print(&format!("a deployment of {CHANNELS} channels, beside commit {COMMIT}"));
    for (what, one, other, goal) in [("evidence --verify", 2, 0, VERIFIED), ("report", 4, 3, PAGE)]
    {
        let by_clock = walls[one].ratio_to(&walls[other]);
        let by_cores = busy[one].ratio_to(&busy[other]);
        println!(
            "{what}: {} by the clock, {} by the time of cores; goal: {} ({}, {})",
            times(by_clock),
            times(by_cores),
            times(goal),
            reached(by_clock <= goal),
            reached(by_cores <= goal),
        );
    }
}
