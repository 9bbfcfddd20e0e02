//! The store from the command line: each event exactly once, and every trouble with its own
//! message.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{Run, Talk, run, run_with_input, syncgate};
use serde_json::Value;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

const CONTOSO: &str = "fixtures/deployments/contoso";
const FIRST_DAY: &str = "fixtures/events/first-day.jsonl";
/// What goes on the next morning, with an invalid event of either sort.
const SECOND_DAY: &str = r#"{"operation":"create-customer","channel":"houston","customer":"nora"}
{"operation":"create-customer","channel":"houston","customer":"nora"}
{"job":"nonsense"}
{"operation":"edit-customer","channel":"houston","customer":"nora"}
{"job":"P-0001"}
"#;

/// A directory with a store in it that may not be there yet.
struct Room {
    directory: tempfile::TempDir,
}

impl Room {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn store(&self) -> String {
        self.path("store.redb").display().to_string()
    }

    #[expect(clippy::disallowed_methods, reason = "the test writes its own files")]
    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> String {
        std::fs::write(self.path(name), text).unwrap();
        self.path(name).display().to_string()
    }

    /// Replays a stream, the deployment and further options being in `more`.
    fn replay(&self, events: &str, more: &str) -> Run {
        let events = self.write("events.jsonl", events);
        run(&format!("replay {more} --events {events} --store {}", self.store()))
    }

    fn asked(&self, command: &str) -> Run {
        run(&format!("store {command} --store {}", self.store()))
    }

    fn export(&self) -> String {
        let exported = self.asked("export");
        assert_eq!(exported.status, 0, "{}", exported.err);
        exported.out
    }

    fn head(&self) -> String {
        let status: Value = serde_json::from_str(&self.asked("status --format json").out).unwrap();
        status["head"].as_str().unwrap().to_owned()
    }
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what was written")]
fn bytes(path: impl AsRef<Path>) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

fn first_day() -> String {
    process::read(FIRST_DAY)
}

/// The first `count` lines of a stream.
fn beginning(stream: &str, count: usize) -> String {
    stream.split_inclusive('\n').take(count).collect()
}

const SEEDED: &str = "fixtures/deployments/contoso --id-seed 1";

#[test]
fn an_export_has_everything_once_and_in_order() {
    let room = Room::new();
    let replayed = room.replay(&first_day(), SEEDED);
    assert_eq!(
        (replayed.status, replayed.out),
        (0, process::read("fixtures/events/first-day.answers.jsonl"))
    );
    let exported = room.export();
    let lines: Vec<Value> =
        exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds = lines.iter().map(|line| line["record"].as_str().unwrap()).collect::<Vec<_>>();
    let order = [
        "configuration",
        "headquarters-customer",
        "channel-customer",
        "order",
        "queue-row",
        "journal",
    ];
    assert!(kinds.is_sorted_by_key(|kind| order.iter().position(|known| known == kind).unwrap()));
    let count = |kind: &str| kinds.iter().filter(|known| **known == kind).count();
    assert_eq!(order.map(count), [1, 12, 12, 9, 30, 98]);
    assert_eq!(room.export(), exported);
}

#[test]
fn a_stream_cut_anywhere_and_given_again_whole_ends_the_same() {
    let whole = Room::new();
    let stream = first_day() + SECOND_DAY;
    let uninterrupted = whole.replay(&stream, SEEDED);
    assert_eq!(uninterrupted.status, 1, "the second day has invalid events");
    let events = stream.lines().count();
    for cut in (0..=events).step_by(8).chain([1, 98, events - 1, events]) {
        let room = Room::new();
        let first = room.replay(&beginning(&stream, cut), SEEDED);
        assert_eq!(first.status, i32::from(cut > 99), "cut at {cut}: {}", first.err);
        let output = room.path("answers.jsonl");
        let again = room.replay(&stream, &format!("{SEEDED} --output {}", output.display()));
        assert_eq!((again.status, again.out.as_str()), (1, ""), "cut at {cut}: {}", again.err);
        assert_eq!(String::from_utf8(bytes(output)).unwrap(), uninterrupted.out, "cut at {cut}");
        assert!(uninterrupted.out.starts_with(&first.out), "cut at {cut}");
        assert_eq!(room.export(), whole.export(), "cut at {cut}");
        assert_eq!(room.head(), whole.head(), "cut at {cut}");
    }
}

#[test]
fn a_process_killed_between_answers_is_gone_on_with() {
    let (whole, stream) = (Room::new(), first_day());
    let uninterrupted = whole.replay(&stream, SEEDED);
    for answers in [1, 5, 20] {
        let room = Room::new();
        let line = format!("replay {SEEDED} --events - --store {}", room.store());
        let Talk { mut child, mut stdin, mut told } = Talk::begin(&line);
        let mut expected = uninterrupted.out.lines();
        for line in stream.lines() {
            writeln!(stdin, "{line}").unwrap();
            // Events that are no operations have no answer to wait for.
            if line.contains("\"operation\"") {
                let answer = told.next().unwrap().unwrap();
                assert_eq!(Some(answer.as_str()), expected.next());
                let sequence =
                    serde_json::from_str::<Value>(&answer).unwrap()["sequence"].as_u64().unwrap();
                if sequence >= answers {
                    break;
                }
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        let intact = room.asked("verify");
        assert_eq!(intact.status, 0, "{}", intact.out);
        // Whoever reads what a crash left behind does not write to it.
        let left = bytes(room.store());
        room.export();
        assert_eq!(bytes(room.store()), left);
        if answers == 20 {
            damage_of_the_log_is_named(&room, &left);
        }
        let again = room.replay(&stream, SEEDED);
        assert_eq!((again.status, &again.out), (0, &uninterrupted.out));
        assert_eq!(room.export(), whole.export());
    }
}

#[test]
fn processes_that_make_a_store_at_once_make_one() {
    let (whole, stream) = (Room::new(), first_day());
    whole.replay(&stream, SEEDED);
    for _ in 0..6 {
        let room = Room::new();
        let line = format!("replay {SEEDED} --events {FIRST_DAY} --store {}", room.store());
        let start = || {
            syncgate(line.split(' ')).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        };
        let children: Vec<_> = (0..4).map(|_| start()).collect();
        let mut applied = 0;
        for child in children {
            let ended = child.wait_with_output().unwrap();
            let told = String::from_utf8_lossy(&ended.stderr);
            assert!(ended.status.success() || told.contains("in use"), "{told}");
            applied += u32::from(ended.status.success());
        }
        assert!(applied > 0);
        assert_eq!((room.asked("verify").status, room.export()), (0, whole.export()));
        assert!(!room.path("store.redb.new").exists());
    }
}

/// What a killed writer left in the log: one copy of a step may be damaged, both may not.
fn damage_of_the_log_is_named(room: &Room, left: &[u8]) {
    let export = room.export();
    let damage = |pages: &[usize]| {
        let mut bytes = left.to_vec();
        for page in pages {
            bytes[page * 4096 + 40] ^= 1;
        }
        room.write("store.redb", bytes);
    };
    damage(&[1]);
    assert_eq!((room.asked("verify").status, room.export()), (0, export));
    damage(&[1, 2]);
    let named = room.asked("verify");
    assert_eq!(named.status, 1, "{}", named.err);
    assert!(named.out.contains("step 1 of the log is not what was written"), "{}", named.out);
    for refused in [room.asked("status"), room.asked("compact"), room.replay(&first_day(), SEEDED)]
    {
        assert_eq!(refused.status, 2);
        assert!(
            refused.err.contains("step 1 of the log is not what was written"),
            "{}",
            refused.err
        );
    }
    room.write("store.redb", left);
}

#[test]
fn a_process_killed_before_its_first_event_leaves_an_empty_store() {
    let room = Room::new();
    let line = format!("replay {SEEDED} --events - --store {}", room.store());
    let mut child =
        syncgate(line.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // The store has its name once it is whole.
    while !Path::new(&room.store()).exists() {
        std::thread::yield_now();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let intact = room.asked("verify");
    assert_eq!(intact.status, 0, "{}{}", intact.out, intact.err);
    assert!(
        room.asked("status").out.starts_with("events applied   0"),
        "{}",
        room.asked("status").out
    );
    assert_eq!((room.export().as_str(), room.asked("queue").out.as_str()), ("", "no rows\n"));
    let replayed = room.replay(&first_day(), SEEDED);
    assert_eq!((replayed.status, room.asked("verify").status), (0, 0));
}

/// One step of a case: the stream, further options, and how it is to end.
type Asked<'a> = (String, &'a str, i32, &'a str);

#[test]
fn streams_are_gone_on_with_appended_or_refused() {
    let day = first_day();
    let both = day.clone() + SECOND_DAY;
    let changed = day.replacen("alice", "alicf", 1);
    let late_change = day.replace("\"job\":\"1010\"}", "\"job\":\"1010\" }");
    let cut_second = beginning(SECOND_DAY, 2);
    let ok = |stream: &str| (stream.to_owned(), SEEDED, 0, "");
    let refused = |stream: &str, why| (stream.to_owned(), SEEDED, 2, why);
    let append = "fixtures/deployments/contoso --id-seed 1 --append";
    let other = "fixtures/deployments/proseware-suomi --id-seed 1";
    // What the steps come to: the journal's decisions of a store in which `then` were applied.
    let cases: Vec<(&str, Vec<Asked<'_>>, &str)> = vec![
        ("the same again", vec![ok(&day), ok(&day)], &day),
        ("a longer one goes on", vec![ok(&day), (both.clone(), SEEDED, 1, "")], &both),
        (
            "a shorter one",
            vec![ok(&day), refused(&beginning(&day, 90), "has 90 events, and 98 were applied")],
            &day,
        ),
        ("nothing at all", vec![ok(&day), refused("", "has 0 events, and 98 were applied")], &day),
        ("a changed byte", vec![ok(&day), refused(&changed, "in its first event")], &day),
        ("a change near the end", vec![ok(&day), refused(&late_change, "differs")], &day),
        ("another stream", vec![ok(&day), refused(SECOND_DAY, "nothing was changed")], &day),
        ("appended", vec![ok(&day), (SECOND_DAY.to_owned(), append, 1, "")], &both),
        (
            "appended twice",
            vec![
                ok(&day),
                (SECOND_DAY.to_owned(), append, 1, ""),
                (SECOND_DAY.to_owned(), append, 1, ""),
            ],
            &both,
        ),
        (
            "appended in part, then whole",
            vec![
                ok(&day),
                (cut_second.clone(), append, 1, ""),
                (SECOND_DAY.to_owned(), append, 1, ""),
            ],
            &both,
        ),
        (
            "appended, then gone on with",
            vec![ok(&day), (cut_second, append, 1, ""), (SECOND_DAY.to_owned(), SEEDED, 1, "")],
            &both,
        ),
        ("appended to nothing", vec![(day.clone(), append, 0, "")], &day),
        (
            "another deployment",
            vec![ok(&day), (day.clone(), other, 2, "was made with another deployment")],
            &day,
        ),
        (
            "another seed",
            vec![
                ok(&day),
                (day.clone(), "fixtures/deployments/contoso --id-seed 2", 2, "another id seed"),
            ],
            &day,
        ),
        ("no seed", vec![ok(&day), (day.clone(), CONTOSO, 2, "another id seed")], &day),
    ];
    let mut exports = std::collections::BTreeMap::new();
    for (name, steps, then) in cases {
        let room = Room::new();
        for (stream, more, status, says) in steps {
            let ended = room.replay(&stream, more);
            assert_eq!(ended.status, status, "{name}: {}", ended.err);
            assert!(ended.err.contains(says), "{name}: {}", ended.err);
            assert!(status != 2 || ended.out.is_empty(), "{name}: {}", ended.out);
        }
        let expected = exports.entry(then.to_owned()).or_insert_with(|| {
            let plain = Room::new();
            plain.replay(then, SEEDED);
            without_lines(&plain.export())
        });
        assert_eq!(without_lines(&room.export()), *expected, "{name}");
        assert_eq!(room.asked("verify").status, 0, "{name}");
    }
}

/// An export without the line numbers, which begin again with each stream.
fn without_lines(export: &str) -> Vec<Value> {
    let mut lines: Vec<Value> =
        export.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &mut lines {
        line.as_object_mut().unwrap().remove("line");
    }
    lines
}

#[test]
fn appended_events_are_answered_alone_and_numbered_on() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let appended = room.replay(SECOND_DAY, &format!("{SEEDED} --append"));
    let answers: Vec<Value> =
        appended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let sequences: Vec<u64> = answers.iter().map(|it| it["sequence"].as_u64().unwrap()).collect();
    assert_eq!(sequences, [99, 100, 102]);
    assert_eq!(answers[1]["error"]["line"], 2);
    assert!(answers[1]["error"]["message"].as_str().unwrap().contains("nora"));
    let status: Value = serde_json::from_str(&room.asked("status --format json").out).unwrap();
    let streams =
        serde_json::json!([{ "events": 98, "invalid": 0 }, { "events": 5, "invalid": 2 }]);
    assert_eq!((&status["events_applied"], &status["streams"]), (&103.into(), &streams));
    let status = room.asked("status").out;
    assert!(status.starts_with("events applied   103 in 2 streams, 2 not valid\n"), "{status}");
    assert!(
        appended.err.contains("line 3") && appended.err.contains("nonsense"),
        "{}",
        appended.err
    );
    // What comes from a pipe can't be read twice.
    let line = format!("replay {SEEDED} --append --events - --store {}", room.store());
    let piped = run_with_input(
        &line,
        b"{\"job\":\"1010\"}\n{\"operation\":\"search-all-stores\",\"channel\":\"houston\"}\n",
    );
    assert_eq!(piped.status, 0, "{}", piped.err);
    assert_eq!(serde_json::from_str::<Value>(&piped.out).unwrap()["sequence"], 105);
}

#[test]
fn a_reconfiguration_is_recorded_and_gone_on_from() {
    let room = Room::new();
    let stream = first_day();
    room.replay(&beginning(&stream, 40), SEEDED);
    let deployment = room.path("deployment");
    copy_changed(CONTOSO, &deployment, |text| {
        text.replace(
            "create-customer-in-async-mode = true",
            "create-customer-in-async-mode = false",
        )
    });
    let more = format!("{} --id-seed 1", deployment.display());
    assert_eq!(room.replay(&stream, &more).status, 2);
    let changed = room.replay(&stream, &format!("{more} --reconfigure"));
    assert_eq!(changed.status, 0, "{}", changed.err);
    assert!(
        changed
            .out
            .starts_with(&beginning(&process::read("fixtures/events/first-day.answers.jsonl"), 20))
    );
    let exported = without_lines(&room.export());
    let of = |kind: &str| exported.iter().filter(|line| line["record"] == kind).collect::<Vec<_>>();
    assert_eq!(of("configuration").len(), 2);
    let journal = of("journal");
    assert_eq!(journal.len(), 99);
    assert_eq!(
        (&journal[40]["kind"], &journal[40]["sequence"]),
        (&"reconfiguration".into(), &40.into())
    );
    assert!(journal[40]["note"].as_str().unwrap().contains("another deployment"));
    assert_eq!(
        (&journal[39]["configuration"], &journal[41]["configuration"]),
        (&0.into(), &1.into())
    );
    // The same again is neither another configuration nor other events.
    let again = room.replay(&stream, &format!("{more} --reconfigure"));
    assert_eq!((again.status, &again.out), (0, &changed.out), "{}", again.err);
    assert_eq!(without_lines(&room.export()), exported);
    assert_eq!(room.asked("verify").status, 0);
    let audit: Value = serde_json::from_str(&room.asked("audit --format json").out).unwrap();
    assert_eq!(audit["journal"].as_array().unwrap().len(), 99);
}

#[test]
fn other_rules_are_taken_only_where_the_queue_keeps_its_tables() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let exported = room.export();
    let table = "[[table]]\nid = \"NEWTABLE\"\ntext = \"A table of our own.\"\n";
    let (first, last) = (room.path("first"), room.path("last"));
    // The tables stand in the last part of their file.
    copy_changed("rules", &first, |text| {
        text.replacen("[[table]]", &format!("{table}\n[[table]]"), 1)
    });
    copy_changed("rules", &last, |text| {
        if text.contains("[[table]]") { format!("{text}\n{table}") } else { text.to_owned() }
    });
    let more =
        |rules: &Path| format!("{SEEDED} --reconfigure --append --rules {}", rules.display());
    let refused = room.replay(SECOND_DAY, &more(&first));
    assert!(
        refused.status == 2 && refused.err.contains("`DIRPARTYTABLE` of its queue"),
        "{}",
        refused.err
    );
    assert_eq!(room.export(), exported);
    let taken = room.replay(SECOND_DAY, &more(&last));
    assert_eq!(taken.status, 1, "{}", taken.err);
    assert!(room.export().contains("\"kind\":\"reconfiguration\""));
    assert_eq!(room.asked("verify").status, 0);
}

#[expect(clippy::disallowed_methods, reason = "the test writes its own files")]
fn copy_changed(from: &str, to: &Path, change: impl Fn(&str) -> String) {
    std::fs::create_dir(to).unwrap();
    for name in process::entries(from) {
        std::fs::write(to.join(&name), change(&process::read(&format!("{from}/{name}")))).unwrap();
    }
}

#[test]
fn the_real_time_service_stays_as_it_was_through_a_reconfiguration() {
    let room = Room::new();
    room.replay("{\"real_time_service\":\"communication-failure\"}\n", SEEDED);
    let asked = "{\"operation\":\"search-all-stores\",\"channel\":\"houston\"}\n";
    let answered =
        room.replay(asked, "fixtures/deployments/contoso --id-seed 2 --reconfigure --append");
    assert!(
        answered.out.contains("\"headquarters-unreachable\""),
        "{}{}",
        answered.out,
        answered.err
    );
}

#[test]
fn without_a_seed_guids_are_ordered_by_time_and_never_the_same() {
    let guids = || {
        let room = Room::new();
        let mut stream = String::new();
        for number in 0..50 {
            let create = "\"operation\":\"create-customer\",\"channel\":\"houston\"";
            writeln!(stream, "{{{create},\"customer\":\"c{number}\"}}").unwrap();
        }
        let replayed = room.replay(&stream, CONTOSO);
        let answers = replayed.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        answers.map(|answer| answer["account_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let (one, other) = (guids(), guids());
    assert!(
        one.len() == 50 && one.is_sorted() && one.iter().all(|guid| guid.as_bytes()[14] == b'7')
    );
    assert!(one.iter().all(|guid| !other.contains(guid)));
}

#[test]
fn names_may_hold_anything_and_are_told_again() {
    let room = Room::new();
    let names = ["a b", "9 lives", "\\u001f", "\\\"x\\\"", "Åsa\\n", &"long".repeat(40)];
    let mut stream = String::from("{\"channel\":\"houston\",\"connection\":\"offline\"}\n");
    for name in names {
        // Refused, so that the name stands in no row.
        let asked = format!("\"channel\":\"houston\",\"customer\":\"{name}\"");
        writeln!(stream, "{{\"operation\":\"create-quotation\",{asked},\"order\":\"o {name}\"}}")
            .unwrap();
        writeln!(stream, "{{\"operation\":\"create-customer\",{asked}}}").unwrap();
        writeln!(stream, "{{\"fail_synchronization\":\"{name}\",\"error\":\"{name}\"}}").unwrap();
    }
    let first = room.replay(&stream, SEEDED);
    assert_eq!(first.status, 0, "{}", first.err);
    assert_eq!(room.replay(&stream, SEEDED).out, first.out);
    assert_eq!(room.asked("verify").status, 0);
    let audit: Value = serde_json::from_str(&room.asked("audit --format json").out).unwrap();
    let asked = audit["journal"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["operation"] == "create-quotation");
    let orders: Vec<&str> = asked.map(|row| row["order"].as_str().unwrap()).collect();
    assert_eq!(orders.len(), names.len());
    assert_eq!(orders[2], "o \u{1f}");
}

#[test]
fn every_trouble_has_its_message_and_what_to_do() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let intact = bytes(room.store());
    let mut other_redb = room.path("other.redb");
    redb::Database::create(&other_redb).unwrap();
    let plain = room.write("text.redb", "events\n");
    let empty = room.write("empty.redb", "");
    let directory = room.directory.path().display().to_string();
    room.write("half.redb.new", "");
    let half = room.path("half.redb").display().to_string();
    let nowhere = room.path("nowhere/store.redb").display().to_string();
    for (path, says) in [
        (plain.as_str(), "is not a syncgate store"),
        (empty.as_str(), "it is empty"),
        (other_redb.as_mut_os_string().to_str().unwrap(), "the redb database of another program"),
        (directory.as_str(), "is not a syncgate store"),
        (half.as_str(), "making it was interrupted"),
        (nowhere.as_str(), "there is no store at"),
    ] {
        for command in ["status", "customers", "queue", "audit", "verify", "export", "compact"] {
            let ended = run(&format!("store {command} --store {path}"));
            assert_eq!(
                (ended.status, ended.out.as_str()),
                (2, ""),
                "{command} {path}: {}",
                ended.err
            );
            assert!(ended.err.contains(says), "{command} {path}: {}", ended.err);
        }
    }
    let made = run(&format!("replay {SEEDED} --events {FIRST_DAY} --store {half}"));
    assert_eq!(made.status, 0, "what a crash left of making a store is no hindrance: {}", made.err);
    let refused = run(&format!("replay {SEEDED} --events {FIRST_DAY} --store {nowhere}"));
    assert!(
        refused.status == 2 && refused.err.contains("its directory does not exist"),
        "{}",
        refused.err
    );
    let refused = run(&format!("replay {SEEDED} --events {FIRST_DAY} --store {plain}"));
    assert!(
        refused.status == 2 && refused.err.contains("is not a syncgate store"),
        "{}",
        refused.err
    );
    assert_eq!((bytes(&plain), bytes(room.store())), (b"events\n".to_vec(), intact));
}

#[test]
fn a_store_in_use_is_left_alone() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let line = format!("replay {SEEDED} --append --events - --store {}", room.store());
    let mut talk = Talk::begin(&line);
    writeln!(talk.stdin, "{{\"operation\":\"search-all-stores\",\"channel\":\"houston\"}}")
        .unwrap();
    assert!(talk.told.next().unwrap().unwrap().contains("\"sequence\":99"));
    let backup = format!("backup --to {}", room.path("backup.redb").display());
    for command in ["status", "verify", "export", "compact", backup.as_str()] {
        let ended = room.asked(command);
        assert_eq!(ended.status, 2, "{command}: {}", ended.out);
        assert!(ended.err.contains("in use by another process"), "{command}: {}", ended.err);
    }
    let refused = room.replay(&first_day(), SEEDED);
    assert!(
        refused.status == 2 && refused.err.contains("in use by another process"),
        "{}",
        refused.err
    );
    assert!(talk.ends_well());
    assert_eq!(room.asked("status").status, 0);
}

#[test]
fn a_backup_is_the_same_store_and_replaces_nothing_else() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let (exported, head) = (room.export(), room.head());
    let backup = room.path("backup.redb").display().to_string();
    for _ in 0..2 {
        let ended = room.asked(&format!("backup --to {backup}"));
        assert_eq!(ended.status, 0, "{}", ended.err);
        assert!(ended.out.contains(&head), "{}", ended.out);
    }
    assert_eq!(run(&format!("store export --store {backup}")).out, exported);
    assert_eq!(run(&format!("store verify --store {backup} --head {head}")).status, 0);
    let precious = room.write("precious.txt", "precious");
    for target in [precious.as_str(), &room.store()] {
        let ended = room.asked(&format!("backup --to {target}"));
        assert!(ended.status == 2 && ended.err.contains("is there already"), "{}", ended.err);
    }
    assert_eq!(bytes(precious), b"precious");
    let compacted = room.asked("compact --format json");
    assert_eq!(compacted.status, 0, "{}", compacted.err);
    assert_eq!((room.export(), room.head()), (exported, head));
}

#[test]
fn a_store_put_back_to_an_earlier_state_is_found_by_its_head() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let earlier = bytes(room.store());
    room.replay(SECOND_DAY, &format!("{SEEDED} --append"));
    let head = room.head();
    assert_eq!(room.asked(&format!("verify --head {head}")).status, 0);
    room.write("store.redb", earlier);
    assert_eq!(room.asked("verify").status, 0, "nothing in it is damaged");
    let found = room.asked(&format!("verify --head {head}"));
    assert_eq!(found.status, 1);
    assert!(found.out.contains("put back"), "{}", found.out);
}

#[test]
fn verifying_counts_what_people_count() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let status: Value = serde_json::from_str(&room.asked("status --format json").out).unwrap();
    let document: Value = serde_json::from_str(&room.asked("verify --format json").out).unwrap();
    let counts = &document["counts"];
    assert_eq!(counts["events"], status["events_applied"]);
    assert_eq!(counts["customers"], status["customers"]);
    let queue = status["queue"].as_object().unwrap().values();
    let rows = queue.map(|it| it["rows"].as_u64().unwrap() + it["offline"].as_u64().unwrap());
    assert_eq!(counts["queue_rows"], rows.sum::<u64>());
    assert!(counts["orders"].as_u64() > Some(0) && counts["sales"].as_u64() > Some(0));
    let told = room.asked("verify").out;
    for (key, what) in [
        ("events", "event"),
        ("customers", "customer"),
        ("orders", "order"),
        ("sales", "sale"),
        ("queue_rows", "row"),
    ] {
        assert!(told.contains(&format!("{} {what}", counts[key])), "{told}");
    }
    // What can't be counted is not said to be nothing.
    let mut bytes = bytes(room.store());
    bytes.iter_mut().skip(4096 + 1000).step_by(4096).for_each(|byte| *byte ^= 1);
    room.write("store.redb", bytes);
    let damaged: Value = serde_json::from_str(&room.asked("verify --format json").out).unwrap();
    assert_eq!(damaged["damaged"], true);
    let counts = &damaged["counts"];
    assert!(counts.is_null() || counts["events"].is_null(), "{counts}");
}

#[test]
fn the_queue_says_where_rows_are_and_what_they_wait_for() {
    let room = Room::new();
    let create = |channel: &str, customer: &str| {
        format!(
            "{{\"operation\":\"create-customer\",\"channel\":\"{channel}\",\
             \"customer\":\"{customer}\"}}\n"
        )
    };
    let stream = [
        create("houston", "done"),
        "{\"job\":\"P-0001\"}\n{\"job\":\"synchronize-customers\"}\n".to_owned(),
        create("houston", "failing"),
        "{\"operation\":\"create-customer-order\",\"channel\":\"houston\",\"customer\":\"failing\",\
         \"order\":\"SO\"}\n".to_owned(),
        "{\"sale\":\"T\",\"channel\":\"houston\",\"customer\":\"done\"}\n".to_owned(),
        "{\"fail_synchronization\":\"failing\",\"error\":\"duplicate party\"}\n".to_owned(),
        "{\"job\":\"P-0001\"}\n{\"job\":\"synchronize-customers\"}\n".to_owned(),
        create("houston", "late"),
        "{\"channel\":\"houston\",\"connection\":\"offline\"}\n".to_owned(),
        create("houston", "offline"),
    ]
    .concat();
    let replayed = room.replay(&stream, SEEDED);
    assert_eq!(replayed.status, 0, "{}{}", replayed.out, replayed.err);
    let document: Value = serde_json::from_str(&room.asked("queue --format json").out).unwrap();
    let told = document["queue"].as_array().unwrap().iter().map(|row| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        (
            text("operation"),
            row["counter"].as_u64(),
            text("where"),
            text("waits_for"),
            text("error"),
        )
    });
    let row = |operation: &str, counter, place: &str, waits: &str, error: &str| {
        (operation.to_owned(), counter, place.to_owned(), waits.to_owned(), error.to_owned())
    };
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            row("create-customer", Some(1), "completed", "", ""),
            row(
                "create-customer",
                Some(2),
                "uploaded",
                "the customer is not corrected",
                "duplicate party"
            ),
            row("create-customer-order", Some(3), "uploaded", "job synchronize-orders", ""),
            row("sale", Some(4), "uploaded", "job post-statement", ""),
            row("create-customer", Some(5), "channel-database", "job P-0001", ""),
            row("create-customer", None, "offline-database", "the POS is offline", ""),
        ]
    );
    let human = room.asked("queue --waiting").out;
    assert!(
        human.contains("the customer is not corrected: duplicate party")
            && human.lines().count() == 6,
        "{human}"
    );
    assert_eq!(room.asked("queue --customer nobody").status, 2);
    assert_eq!(room.asked("queue --channel houston --customer late").out.lines().count(), 2);
}

#[test]
fn the_audit_answers_questions_in_three_formats() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    let count = |question: &str| {
        let document: Value = serde_json::from_str(
            &room.asked(format!("audit --format json {question}").trim_end()).out,
        )
        .unwrap();
        assert_eq!(document["provenance"]["rules"]["digest"].as_str().unwrap().len(), 64);
        document["journal"].as_array().unwrap().len()
    };
    assert_eq!(count(""), 98);
    let answers = process::read("fixtures/events/first-day.answers.jsonl");
    for (question, needle) in [
        ("--outcome rejected", "\"outcome\":\"rejected\""),
        ("--reason pending-sync", "\"reason\":\"pending-sync\""),
        ("--rule create-customer/async-mode", "\"rule\":\"create-customer/async-mode\""),
        ("--channel web", "\"channel\":\"web\""),
        ("--customer alice", "\"customer\":\"alice\""),
    ] {
        let expected = answers.lines().filter(|line| line.contains(needle)).count();
        assert!(expected > 0 && count(question) == expected, "{question}");
    }
    assert_eq!(count("--since 2026-11-23 --until 2026-11-23"), 98);
    assert_eq!(count("--since 2026-11-24"), 0);
    assert_eq!(count("--since 2026-11-23T20:00:00Z"), 2);
    assert_eq!(count("--until 2026-11-23T08:03:00Z"), 3);
    let csv = room.asked("audit --format csv").out;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(|row| row.unwrap()).collect();
    assert_eq!(rows.len(), 98);
    assert_eq!(&rows[5][17], "issue-loyalty-card/pending");
    for wrong in [
        "--reason pending",
        "--rule nonsense",
        "--channel austin",
        "--since yesterday",
        "--outcome maybe",
    ] {
        let ended = room.asked(&format!("audit {wrong}"));
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{wrong}: {}", ended.err);
    }
}

const ASKED_DAY: &str = "fixtures/events/asked-day.jsonl";

fn values(lines: &str) -> Vec<Value> {
    lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Whether a line is an operation's answer or an error of one: all that a resumed run repeats.
fn is_of_an_operation(answer: &Value) -> bool {
    answer.get("sequence").is_some() && answer.get("applied").is_none()
}

#[test]
fn questions_are_answered_and_every_event_where_it_is_asked_for() {
    let line = format!("replay {SEEDED} --answer all --events {ASKED_DAY} --store :memory:");
    let all = run(&line);
    assert_eq!(
        (all.status, &*all.out),
        (0, &*process::read("fixtures/events/asked-day.all.jsonl"))
    );
    let answers = values(&all.out);
    let events = values(&process::read(ASKED_DAY));
    assert_eq!(answers.len(), events.len(), "a line for each");
    let mut sequence = 0;
    for (event, answer) in events.iter().zip(&answers) {
        let is_question = event.get("query").is_some()
            || event.as_object().unwrap().keys().any(|key| key.starts_with("expect_"));
        sequence += u64::from(!is_question);
        let expected = if is_question { Value::Null } else { sequence.into() };
        assert_eq!(answer["sequence"], expected, "{answer}");
        if event.get("operation").is_none() {
            // It has every key of its line.
            let keys = event.as_object().unwrap().iter();
            keys.for_each(|(key, value)| assert_eq!(answer[key], *value, "{answer}"));
        }
    }
    let operations = run(&line.replace("--answer all", "--answer operations"));
    let told: Vec<&Value> =
        answers.iter().filter(|answer| answer.get("applied").is_none()).collect();
    assert_eq!(values(&operations.out).iter().collect::<Vec<_>>(), told);
    assert!(!Path::new(&process::path(":memory:")).exists(), "a store in memory makes no file");
    assert!(all.err.contains("10 questions\n"), "{}", all.err);
}

/// The first day with questions between its events, right and wrong, met and not.
fn interrogated(stream: &str) -> String {
    let ask = |(number, line): (usize, &str)| {
        let question = match number % 7 {
            0 => r#"{"query":"customer","customer":"alice","channel":"houston"}"#,
            1 => r#"{"expect_customer":{"customer":"alice","channel":"houston","state":"none"}}"#,
            2 => r#"{"query":"customer","customer":"alice","channel":"nowhere"}"#,
            3 => r#"{"expect_queue":{"channel":"seattle","rows":0}}"#,
            4 => r#" {"expect_order":{"order":"SO-1","channel":"houston"}}"#,
            5 => r#"{"\u0071uery":"customer","customer":"bob","channel":"seattle","at":"noon"}"#,
            _ => r#"{"query":"customer","query":"customer"}"#,
        };
        format!("{question}\n{line}\n")
    };
    stream.lines().enumerate().map(ask).collect()
}

#[test]
fn questions_change_nothing() {
    let stream = first_day() + SECOND_DAY;
    let (plain, asked) = (Room::new(), Room::new());
    let expected = plain.replay(&stream, SEEDED);
    let replayed = asked.replay(&interrogated(&stream), SEEDED);
    let answers: Vec<Value> =
        values(&replayed.out).into_iter().filter(is_of_an_operation).collect();
    let without_line = |answers: Vec<Value>| {
        let mut answers = answers;
        for answer in answers.iter_mut().filter_map(|answer| answer.get_mut("error")) {
            answer.as_object_mut().unwrap().remove("line");
        }
        answers
    };
    assert_eq!(without_line(answers), without_line(values(&expected.out)));
    assert_eq!(without_lines(&asked.export()), without_lines(&plain.export()));
    let status = |room: &Room| -> Value {
        let mut status: Value =
            serde_json::from_str(&room.asked("status --format json").out).unwrap();
        // It has the number of the last line.
        status.as_object_mut().unwrap().remove("head");
        status
    };
    assert_eq!(status(&asked), status(&plain));
    assert_eq!(asked.asked("verify").status, 0);
    assert!(replayed.err.contains(" not met, ") && replayed.err.contains(" not valid"));
}

#[test]
fn a_stream_with_questions_is_gone_on_with_after_the_last_event() {
    let stream = interrogated(&(first_day() + SECOND_DAY));
    let whole = Room::new();
    let uninterrupted = values(&whole.replay(&stream, SEEDED).out);
    let of_operations = |answers: &[Value]| -> Vec<Value> {
        answers.iter().filter(|answer| is_of_an_operation(answer)).cloned().collect()
    };
    let lines = stream.lines().count();
    for cut in (0..=lines).step_by(17).chain([1, 2, lines - 1, lines]) {
        let room = Room::new();
        let first = values(&room.replay(&beginning(&stream, cut), SEEDED).out);
        assert_eq!(first, uninterrupted[..first.len()], "cut at {cut}");
        // What is asked behind the last event that was applied is answered again.
        let again = values(&room.replay(&stream, SEEDED).out);
        let repeated = of_operations(&first).len();
        let fresh = again.len() - repeated;
        assert_eq!(again[..repeated], of_operations(&first), "cut at {cut}");
        assert_eq!(again[repeated..], uninterrupted[uninterrupted.len() - fresh..], "cut at {cut}");
        assert_eq!(room.export(), whole.export(), "cut at {cut}");
        assert_eq!(room.head(), whole.head(), "cut at {cut}");
    }
    // What is no text, or too long, is an event whatever it looks like, each time it is read.
    let strange: Vec<u8> = [
        b"{\"query\":\"\xff\"}\n".to_vec(),
        [vec![b' '; 1 << 21], b"{\"query\":1}\n".to_vec()].concat(),
        b"{\"job\":\"1110\"}\n".to_vec(),
    ]
    .concat();
    let room = Room::new();
    let events = room.write("strange.jsonl", strange);
    for _ in 0..2 {
        let line = format!("replay {SEEDED} --events {events} --store {}", room.store());
        let ended = run(&line);
        assert_eq!(ended.status, 1, "{}", ended.err);
        assert!(ended.err.contains("3 events"), "{}", ended.err);
    }
    // Appended from a pipe, which can't be read twice, the questions before the first difference
    // are answered too.
    let line = format!("replay {SEEDED} --append --events - --store {}", whole.store());
    let next = "{\"query\":\"customer\",\"customer\":\"alice\",\"channel\":\"houston\"}\n\
                {\"job\":\"1110\"}\n";
    let piped = run_with_input(&line, next.as_bytes());
    assert_eq!((piped.status, values(&piped.out).len()), (0, 1), "{}", piped.err);
}

#[test]
fn what_is_unmet_says_what_was_found_and_ends_with_1() {
    let stream = concat!(
        r#"{"operation":"create-customer","channel":"houston","customer":"alice"}"#,
        "\n",
        r#"{"expect_customer":{"customer":"alice","channel":"houston","state":"synced"}}"#,
        "\n",
        r#"{"expect_order":{"order":"SO-1","channel":"houston","state":"none"}}"#,
        "\n",
        r#"{"expect_queue":{"customer":"alice","rows":2,"uploaded":0,"last_error":"x"}}"#,
        "\n",
        r#"{"expect_queue":{"customer":"nobody","rows":0}}"#,
        "\n",
        r#"{"expect_queue":{"table":"RETAILASYNCCUSTOMER","rows":0}}"#,
        "\n",
        r#"{"job":"nonsense"}"#,
        "\n",
    );
    let room = Room::new();
    let asked = room.replay(stream, SEEDED);
    let answers = values(&asked.out);
    assert_eq!(asked.status, 1);
    let told: Vec<(&Value, &Value)> =
        answers[1..5].iter().map(|answer| (&answer["met"], &answer["found"])).collect();
    assert_eq!(
        told,
        [
            (&Value::Bool(false), &serde_json::json!({ "state": "pending" })),
            (&Value::Bool(true), &Value::Null),
            (&Value::Bool(false), &serde_json::json!({ "rows": 1, "last_error": "none" })),
            (&Value::Bool(false), &serde_json::json!({ "customer": null })),
        ]
    );
    let message = answers[5]["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("unknown table `RETAILASYNCCUSTOMER`; did you mean"), "{message}");
    assert_eq!(answers[5]["error"]["line"], 6);
    assert_eq!(answers.len(), 6, "an invalid event is told on standard error");
    assert!(asked.err.contains("invalid event: line 7"), "{}", asked.err);
    let all = run_with_input(
        &format!("replay {SEEDED} --answer all --events - --store :memory:"),
        stream.as_bytes(),
    );
    let last = values(&all.out).pop().unwrap();
    assert_eq!((&last["sequence"], &last["error"]["line"]), (&2.into(), &7.into()));
    assert!(!all.err.contains("invalid event"), "it has a line: {}", all.err);
    // One that is met is nothing to complain of, one that is not is, even alone.
    for (state, status) in [("none", 0), ("synced", 1)] {
        let line = format!("replay {SEEDED} --events - --store :memory:");
        let question = serde_json::json!({
            "expect_customer": { "customer": "a", "channel": "web", "state": state },
        });
        let question = question.to_string();
        assert_eq!(run_with_input(&line, question.as_bytes()).status, status);
    }
}

#[test]
fn whoever_asks_gets_the_answer_before_the_next_line() {
    let line = format!("replay {SEEDED} --answer all --events - --store :memory:");
    let mut talk = Talk::begin(&line);
    for line in process::read(ASKED_DAY).lines() {
        writeln!(talk.stdin, "{line}").unwrap();
        let answer: Value = serde_json::from_str(&talk.told.next().unwrap().unwrap()).unwrap();
        assert_ne!(answer["met"], false, "{answer}");
    }
    assert!(talk.ends_well());
}

#[test]
fn a_store_in_memory_is_nothing_to_look_after() {
    let room = Room::new();
    room.replay(&first_day(), SEEDED);
    for line in [
        "store status --store :memory:",
        "store customers --store :memory:",
        "store queue --store :memory:",
        "store audit --store :memory:",
        "store verify --store :memory:",
        "store export --store :memory:",
        "store compact --store :memory:",
        "store backup --store :memory: --to copy.redb",
        &format!("store backup --store {} --to :memory:", room.store()),
        &format!("report {CONTOSO} --store :memory: --output {}", room.path("page.html").display()),
    ] {
        let refused = run(line);
        assert_eq!((refused.status, &*refused.out), (2, ""), "{line}: {}", refused.err);
        assert!(refused.err.contains("ends with the `replay` which made it"), "{}", refused.err);
    }
    assert!(!Path::new(&process::path(":memory:")).exists());
}
