//! The program, killed at any moment and run again: output and store are those of a run that nobody
//! disturbed.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own files, waits and measures")]

#[path = "common/process.rs"]
mod process;

use process::{run, syncgate};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// A stream in which everything happens: creations, edits, orders, offline hours, failures, jobs,
/// invalid events.
fn stream(events: usize) -> String {
    let mut lines = String::new();
    for number in 0..events {
        let (customer, store) =
            (number - number % 16, if number % 5 == 0 { "seattle" } else { "houston" });
        let _ = match number % 16 {
            0 | 7 | 12 => writeln!(
                lines,
                r#"{{"operation":"create-customer","channel":"{store}","customer":"c{number}"}}"#
            ),
            1..=5 => writeln!(
                lines,
                r#"{{"operation":"edit-customer","channel":"{store}","customer":"c{customer}"}}"#
            ),
            6 => writeln!(
                lines,
                "{{\"operation\":\"create-customer-order\",\"channel\":\"{store}\",\
                 \"customer\":\"c{customer}\",\"order\":\"o{number}\"}}"
            ),
            8 => writeln!(lines, r#"{{"channel":"houston","connection":"offline"}}"#),
            9 => writeln!(lines, r#"{{"channel":"houston","connection":"online"}}"#),
            10 => {
                writeln!(lines, r#"{{"fail_synchronization":"c{customer}","error":"no address"}}"#)
            }
            11 => writeln!(
                lines,
                r#"{{"operation":"edit-customer","channel":"nowhere","customer":"c0"}}"#
            ),
            13 if number % 97 == 0 => writeln!(lines, r#"{{"job":"P-0001"}}"#),
            14 if number % 97 == 0 => writeln!(lines, r#"{{"job":"synchronize-customers"}}"#),
            15 if number % 97 == 0 => writeln!(lines, r#"{{"job":"1010"}}"#),
            _ => writeln!(
                lines,
                r#"{{"operation":"create-address","channel":"{store}","customer":"c{customer}"}}"#
            ),
        };
    }
    lines
}

/// Numbers that look random and are the same every time.
fn roll(dice: &mut u64) -> u64 {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    *dice
}

fn command_line(directory: &Path, name: &str) -> String {
    format!(
        "replay fixtures/deployments/contoso --events {0}/events.jsonl --store {0}/{name}.redb \
            --output {0}/{name}.jsonl --id-seed 3",
        directory.display()
    )
}

fn exported(directory: &Path, name: &str) -> String {
    let exported = run(&format!("store export --store {}/{name}.redb", directory.display()));
    assert_eq!(exported.status, 0, "{}", exported.err);
    exported.out
}

fn bytes(directory: &Path, name: &str) -> Vec<u8> {
    std::fs::read(directory.join(name)).unwrap()
}

/// Starts the program and kills it once its store is that big and a while has passed; whether it
/// was still running then.
fn killed(line: &str, store: &Path, size: u64, and_after: Duration) -> bool {
    let mut child =
        syncgate(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let is_smaller = || std::fs::metadata(store).map_or(0, |file| file.len()) < size;
    while is_smaller() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_micros(300));
    }
    std::thread::sleep(and_after);
    let was_running = child.try_wait().unwrap().is_none();
    let _ = child.kill();
    child.wait().unwrap();
    was_running
}

/// A replay that nobody disturbed, and where others are killed.
struct Undisturbed<'a> {
    room: &'a Path,
    took: Duration,
    size: u64,
    output: Vec<u8>,
    export: String,
}

impl Undisturbed<'_> {
    /// Kills replays at least so many times, and lets each through at last.
    fn outlasts(&self, prefix: &str, mut dice: u64, wanted: u32) {
        let (mut kills, mut round) = (0, 0);
        while kills < wanted {
            round += 1;
            assert!(round < 100, "{kills} kills in {round} rounds");
            let name = format!("{prefix}-{round}");
            let (line, store) =
                (command_line(self.room, &name), self.room.join(format!("{name}.redb")));
            // Most are killed several times before they are let through.
            for number in 0..=roll(&mut dice) % 4 {
                let size = self.size * (roll(&mut dice) % 1000) / 1000;
                let part = u32::try_from(roll(&mut dice) % 500).unwrap();
                let pause = if number == 0 { Duration::ZERO } else { self.took * part / 1000 };
                kills += u32::from(killed(&line, &store, size, pause));
            }
            let last = run(&line);
            assert_eq!((last.status, last.out.as_str()), (1, ""), "{name}: {}", last.err);
            let output = format!("{name}.jsonl");
            assert!(bytes(self.room, &output) == self.output, "{name}: another output");
            assert!(exported(self.room, &name) == self.export, "{name}: another store");
            std::fs::remove_file(store).unwrap();
            std::fs::remove_file(self.room.join(output)).unwrap();
        }
    }
}

#[test]
fn killed_replays_end_as_if_nobody_had_killed_them() {
    let directory = tempfile::tempdir().unwrap();
    let room = directory.path();
    std::fs::write(room.join("events.jsonl"), stream(40_000)).unwrap();
    let started = Instant::now();
    let undisturbed = run(&command_line(room, "whole"));
    let took = started.elapsed();
    assert_eq!(undisturbed.status, 1, "there are invalid events: {}", undisturbed.err);
    let size = std::fs::metadata(room.join("whole.redb")).unwrap().len();
    let (output, export) = (bytes(room, "whole.jsonl"), exported(room, "whole"));
    let whole = Undisturbed { room, took, size, output, export };
    // Two lanes, since a replay keeps less than two cores busy.
    std::thread::scope(|scope| {
        scope.spawn(|| whole.outlasts("first", 0x00c0_ffee, 30));
        scope.spawn(|| whole.outlasts("second", 0x00de_caff, 30));
    });
}

#[test]
fn a_killed_till_goes_on_where_it_stopped() {
    // Somebody waits for each answer, so that each event is kept on its own.
    let directory = tempfile::tempdir().unwrap();
    let room = directory.path();
    let events = stream(400);
    std::fs::write(room.join("events.jsonl"), &events).unwrap();
    run(&command_line(room, "whole"));
    let (output, export) = (bytes(room, "whole.jsonl"), exported(room, "whole"));
    let line = format!(
        "replay fixtures/deployments/contoso --events - --store {}/till.redb --id-seed 3",
        room.display()
    );
    let mut dice = 0xbeef_u64;
    for _ in 0..12 {
        let mut child = syncgate(line.split(' '))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let from = events.clone();
        let feeder = std::thread::spawn(move || {
            use std::io::Write as _;
            // The program is killed while it reads.
            from.split_inclusive('\n').try_for_each(|line| stdin.write_all(line.as_bytes())).ok();
            // Standard input stays open until then: whoever waits for this thread drops it.
            stdin
        });
        std::thread::sleep(Duration::from_millis(20 + roll(&mut dice) % 300));
        child.kill().unwrap();
        child.wait().unwrap();
        drop(feeder.join().unwrap());
    }
    let last = process::run_with_input(&line, events.as_bytes());
    assert_eq!(last.status, 1, "{}", last.err);
    assert!(last.out.as_bytes() == output, "another output");
    assert!(exported(room, "till") == export, "another store");
}
