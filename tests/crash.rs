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
                r#"{{"operation":"create-customer-order","channel":"{store}","customer":"c{customer}","order":"o{number}"}}"#
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

#[test]
fn killed_replays_end_as_if_nobody_had_killed_them() {
    let directory = tempfile::tempdir().unwrap();
    let room = directory.path();
    std::fs::write(room.join("events.jsonl"), stream(40_000)).unwrap();
    let started = Instant::now();
    let undisturbed = run(&command_line(room, "whole"));
    let whole = started.elapsed();
    assert_eq!(undisturbed.status, 1, "there are invalid events: {}", undisturbed.err);
    let (output, export) = (bytes(room, "whole.jsonl"), exported(room, "whole"));

    let whole_size = std::fs::metadata(room.join("whole.redb")).unwrap().len();
    let mut dice = 0x00c0_ffee_u64;
    let (mut kills, mut round) = (0, 0);
    while kills < 60 {
        round += 1;
        assert!(round < 200, "{kills} kills in {round} rounds");
        let name = format!("round-{round}");
        let line = command_line(room, &name);
        // Most are killed several times before they are let through.
        for number in 0..=roll(&mut dice) % 4 {
            let size = whole_size * (roll(&mut dice) % 1000) / 1000;
            let part = u32::try_from(roll(&mut dice) % 500).unwrap();
            let pause = if number == 0 { Duration::ZERO } else { whole * part / 1000 };
            kills += u32::from(killed(&line, &room.join(format!("{name}.redb")), size, pause));
        }
        let last = run(&line);
        assert_eq!((last.status, last.out.as_str()), (1, ""), "round {round}: {}", last.err);
        assert!(bytes(room, &format!("{name}.jsonl")) == output, "round {round}: another output");
        assert!(exported(room, &name) == export, "round {round}: another store");
        for file in [format!("{name}.redb"), format!("{name}.jsonl")] {
            std::fs::remove_file(room.join(file)).unwrap();
        }
    }
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
            // Standard input stays open until then.
            std::thread::sleep(Duration::from_secs(1));
        });
        std::thread::sleep(Duration::from_millis(20 + roll(&mut dice) % 300));
        child.kill().unwrap();
        child.wait().unwrap();
        feeder.join().unwrap();
    }
    let last = process::run_with_input(&line, events.as_bytes());
    assert_eq!(last.status, 1, "{}", last.err);
    assert!(last.out.as_bytes() == output, "another output");
    assert!(exported(room, "till") == export, "another store");
}
