//! Records of a store that are changed, removed, added or swapped behind its back: each is found
//! and named.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test tampers with its own files")]

#[path = "common/process.rs"]
mod process;

use process::run;
use redb::{Database, Key, ReadableDatabase as _, TableDefinition, Value};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use syncgate::store::{Damage, verify};

const BLOCKS: [&str; 7] =
    ["channels", "customers", "orders", "sales", "queue", "accounts", "journal"];
const NAMES: [&str; 3] = ["customer-names", "order-names", "sale-names"];

/// A day with enough in it that every table but that of the channels has several records.
fn stream() -> String {
    let mut stream = String::new();
    let mut say = |line: String| stream += &(line + "\n");
    let create = |channel: &str, name: &str| {
        format!(
            "{{\"operation\":\"create-customer\",\"channel\":\"{channel}\",\
             \"customer\":\"{name}\"}}"
        )
    };
    let run = |job: &str| format!("{{\"job\":\"{job}\"}}");
    for number in 0..2100 {
        say(create(["houston", "seattle", "web"][number % 3], &customer(number)));
    }
    for job in ["P-0001", "synchronize-customers", "1010"] {
        say(run(job));
    }
    for number in 0..800 {
        let name = customer(number);
        say(format!(
            "{{\"operation\":\"create-customer-order\",\"channel\":\"houston\",\
             \"customer\":\"{name}\",\"order\":\"SO-{number}\"}}"
        ));
        say(format!("{{\"sale\":\"T-{number}\",\"channel\":\"houston\",\"customer\":\"{name}\"}}"));
    }
    for number in 0..3 {
        say(format!(
            "{{\"fail_synchronization\":\"{}\",\"error\":\"duplicate party\"}}",
            customer(number * 3)
        ));
    }
    for job in ["P-0001", "synchronize-orders"] {
        say(run(job));
    }
    stream
}

/// The name of a customer; some are too long for their row.
fn customer(number: usize) -> String {
    if number % 300 == 7 {
        format!("{}-{number}", "long".repeat(20))
    } else {
        format!("customer-{number}")
    }
}

fn store(directory: &Path) -> PathBuf {
    let (events, store) = (directory.join("events.jsonl"), directory.join("store.redb"));
    std::fs::write(&events, stream()).unwrap();
    let line = format!(
        "replay fixtures/deployments/contoso --id-seed 1 --events {} --store {}",
        events.display(),
        store.display()
    );
    let replayed = run(&line);
    assert_eq!(replayed.status, 0, "{}", replayed.err);
    store
}

/// How many bytes of a store stand before its tables: a page that says what it is, and the log.
fn before_tables(store: &[u8]) -> usize {
    let pages = u32::from_le_bytes(*store[20..].first_chunk().unwrap());
    (usize::try_from(pages).unwrap() + 1) * 4096
}

/// Does something with the tables of a store as the redb database that they are.
fn with_tables<T>(path: &Path, work: impl FnOnce(&Database) -> T) -> T {
    let store = std::fs::read(path).unwrap();
    let (before, tables) = store.split_at(before_tables(&store));
    let alone = path.with_extension("tables");
    std::fs::write(&alone, tables).unwrap();
    let database = Database::open(&alone).unwrap();
    let result = work(&database);
    drop(database);
    std::fs::write(path, [before, &std::fs::read(&alone).unwrap()].concat()).unwrap();
    result
}

/// Every record of a table.
fn records<K: Key + 'static, V: Value + 'static>(
    path: &Path,
    table: TableDefinition<'_, K, V>,
) -> Vec<(Vec<u8>, Vec<u8>)> {
    with_tables(path, |database| {
        let table = database.begin_read().unwrap().open_table(table).unwrap();
        let records = table.range::<K::SelfType<'_>>(..).unwrap().map(|record| {
            let (key, value) = record.unwrap();
            (
                K::as_bytes(&key.value()).as_ref().to_vec(),
                V::as_bytes(&value.value()).as_ref().to_vec(),
            )
        });
        records.collect()
    })
}

/// What is done to a table: records put in, and records taken out.
#[derive(Clone, Debug, Default)]
struct Tampering {
    put: Vec<(Vec<u8>, Vec<u8>)>,
    take: Vec<Vec<u8>>,
}

fn tamper<K: Key + 'static, V: Value + 'static>(
    path: &Path,
    table: TableDefinition<'_, K, V>,
    tampering: &Tampering,
) {
    with_tables(path, |database| {
        let transaction = database.begin_write().unwrap();
        {
            let mut open = transaction.open_table(table).unwrap();
            for key in &tampering.take {
                open.remove(K::from_bytes(key)).unwrap().unwrap();
            }
            for (key, value) in &tampering.put {
                open.insert(K::from_bytes(key), V::from_bytes(value)).unwrap();
            }
        }
        transaction.commit().unwrap();
    });
}

/// The records of a table that are tried: the first, one in the middle, the last.
fn tried(count: usize) -> Vec<usize> {
    let mut tried = vec![0, count / 2, count - 1];
    tried.dedup();
    tried
}

/// Everything that is done to a table, with what must be named: how often, and whether the records
/// can be told.
fn tamperings(
    records: &[(Vec<u8>, Vec<u8>)],
    new_key: &[u8],
) -> Vec<(&'static str, Tampering, usize)> {
    let mut all = Vec::new();
    for number in tried(records.len()) {
        let (key, value) = &records[number];
        for place in [0, value.len() / 2, value.len() - 1] {
            let mut changed = value.clone();
            changed[place] ^= 0x10;
            let put = vec![(key.clone(), changed)];
            all.push(("changed", Tampering { put, ..Tampering::default() }, 1));
        }
        all.push(("removed", Tampering { take: vec![key.clone()], ..Tampering::default() }, 1));
        let (other_key, other) = &records[(number + 1) % records.len()];
        if other_key != key {
            let put = vec![(key.clone(), other.clone()), (other_key.clone(), value.clone())];
            all.push(("swapped", Tampering { put, ..Tampering::default() }, 2));
        }
        let put = vec![(new_key.to_vec(), value.clone())];
        all.push(("added", Tampering { put, ..Tampering::default() }, 1));
    }
    all
}

fn each<K: Key + 'static, V: Value + 'static>(
    intact: &Path,
    name: &str,
    new_key: &[u8],
    what_is_named: impl Fn(&str, &Tampering, &[&Damage]),
) {
    let table = TableDefinition::<K, V>::new(name);
    let copy = intact.with_extension("copy");
    std::fs::copy(intact, &copy).unwrap();
    let records = records(&copy, table);
    assert!(!records.is_empty(), "{name}");
    for (what, tampering, count) in tamperings(&records, new_key) {
        std::fs::copy(intact, &copy).unwrap();
        tamper(&copy, table, &tampering);
        let found = verify(copy.to_str().unwrap(), None).unwrap();
        let named: Vec<&Damage> =
            found.damages.iter().filter(|it| it.table == name && !it.key.is_empty()).collect();
        assert!(named.len() >= count, "{name}, {what}: {:?}", found.damages);
        assert!(
            found.damages.iter().all(|it| it.table == name || it.table == "meta"),
            "{name}, {what}: others are blamed: {:?}",
            found.damages
        );
        what_is_named(what, &tampering, &named);
    }
}

fn number(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(*bytes.first_chunk().unwrap())
}

#[test]
fn every_record_of_every_table_that_is_tampered_with_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let intact = verify(store.to_str().unwrap(), None).unwrap();
    assert!(intact.damages.is_empty(), "{:?}", intact.damages);
    assert_eq!(intact.records.len(), 13);
    for (name, count) in &intact.records {
        assert!(*count > 1 || name == "channels", "{name} has {count} records");
    }
    for name in BLOCKS {
        each::<u64, &[u8]>(&store, name, &1000_u64.to_le_bytes(), |what, tampering, named| {
            let keys = tampering.take.iter().chain(tampering.put.iter().map(|(key, _)| key));
            for key in keys.map(|key| number(key)) {
                let told = if name == "journal" {
                    format!("chunk from row {key}")
                } else {
                    format!("block {key} ")
                };
                assert!(
                    named.iter().any(|it| it.key.starts_with(&told)),
                    "{name}, {what}: {told} in {named:?}"
                );
            }
        });
    }
    for name in NAMES {
        each::<u64, &[u8]>(&store, name, &77_u64.to_le_bytes(), |what, tampering, named| {
            for key in tampering.take.iter().chain(tampering.put.iter().map(|(key, _)| key)) {
                let told = format!("bucket {}", number(key));
                assert!(
                    named.iter().any(|it| it.key == told),
                    "{name}, {what}: {told} in {named:?}"
                );
            }
        });
    }
    each::<u128, [u8; 16]>(&store, "guids", &77_u128.to_le_bytes(), |_, _, _| {});
    let new_text = [&[3][..], &9_u64.to_le_bytes()].concat();
    each::<(u8, u64), &[u8]>(&store, "texts", &new_text, |_, _, _| {});
    each::<&str, &[u8]>(&store, "meta", b"extra", |what, tampering, named| {
        for key in tampering.take.iter().chain(tampering.put.iter().map(|(key, _)| key)) {
            let told = std::str::from_utf8(key).unwrap();
            assert!(named.iter().any(|it| it.key == told), "meta, {what}: {told} in {named:?}");
        }
    });
}

#[test]
fn tables_that_are_removed_or_added_are_named() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    with_tables(&store, |database| {
        let transaction = database.begin_write().unwrap();
        transaction.delete_table(TableDefinition::<u64, &[u8]>::new("orders")).unwrap();
        transaction.open_table(TableDefinition::<u64, u64>::new("notes")).unwrap();
        transaction.commit().unwrap();
    });
    let ended = run(&format!("store verify --store {}", store.display()));
    assert_eq!(ended.status, 1);
    assert!(
        ended.out.contains("notes") && ended.out.contains("the table was added"),
        "{}",
        ended.out
    );
    assert!(ended.out.contains("orders") && ended.out.contains("does not exist"), "{}", ended.out);
    let ended = run(&format!("store export --store {}", store.display()));
    assert_eq!(ended.status, 2);
    assert!(
        ended.err.contains("is damaged") && ended.err.contains("store verify"),
        "{}",
        ended.err
    );
}

/// A record sealed as the store seals it: whoever knows the format can make one.
fn sealed(table: u8, key: u64, record: &[u8]) -> Vec<u8> {
    let seal = xxhash_rust::xxh3::xxh3_128_with_seed(record, key.rotate_left(8) ^ u64::from(table));
    [record, &seal.to_le_bytes()].concat()
}

#[test]
fn records_that_are_changed_together_with_their_seals_are_found_too() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let copy = store.with_extension("copy");
    for (name, number, key) in
        [("customers", 1, 1), ("queue", 4, 0), ("accounts", 5, 0), ("journal", 33, 0)]
    {
        let table = TableDefinition::<u64, &[u8]>::new(name);
        std::fs::copy(&store, &copy).unwrap();
        let (kept_key, kept) = records(&copy, table)
            .into_iter()
            .find(|(known, _)| *known == u64::to_le_bytes(key))
            .unwrap();
        let record = &kept[..kept.len() - 16];
        assert_eq!(sealed(number, key, record), kept, "{name}");
        let mut changed = record.to_vec();
        changed[40] ^= 1;
        let put = vec![(kept_key, sealed(number, key, &changed))];
        tamper(&copy, table, &Tampering { put, ..Tampering::default() });
        let found = verify(copy.to_str().unwrap(), None).unwrap();
        let of_table = found.damages.iter().find(|it| it.table == name);
        let what = if name == "journal" { "the chain is broken" } else { "" };
        assert!(of_table.is_some_and(|it| it.what.contains(what)), "{name}: {:?}", found.damages);
    }
}

#[test]
fn a_store_of_another_version_is_refused_by_its_number() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let mut bytes = std::fs::read(&store).unwrap();
    assert_eq!(bytes[..40], sealed(35, 0, &bytes[..24]));
    bytes[16] = 7;
    let newer = sealed(35, 0, &bytes[..24]);
    bytes[..40].copy_from_slice(&newer);
    std::fs::write(&store, bytes).unwrap();
    let replay =
        "replay fixtures/deployments/contoso --id-seed 1 --events fixtures/events/first-day.jsonl";
    for command in ["store status", "store verify", "store export", "store compact", replay] {
        let ended = run(&format!("{command} --store {}", store.display()));
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{command}: {}", ended.err);
        assert!(
            ended.err.contains("it has format 7, and this syncgate knows format 3"),
            "{}",
            ended.err
        );
    }
}

/// Runs a command line with at most 2 GiB of room, and says how it ended and after how long.
fn run_in_little_room(line: &str) -> (process::Run, Duration) {
    let mut command = Command::new("sh");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.args(["-c", "ulimit -v 2097152; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_syncgate")]);
    #[expect(clippy::disallowed_methods, reason = "the test asks how long it takes")]
    let began = Instant::now();
    let output = command.args(line.split(' ')).output().unwrap();
    let ended = process::Run {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8_lossy(&output.stdout).into_owned(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    };
    (ended, began.elapsed())
}

/// Numbers of a file that somebody made, with the seals that belong to them.
fn forgeries(store: &Path) -> Vec<(String, Vec<u8>)> {
    let intact = std::fs::read(store).unwrap();
    let forged = |name: String, work: &dyn Fn()| {
        work();
        let bytes = std::fs::read(store).unwrap();
        std::fs::write(store, &intact).unwrap();
        (name, bytes)
    };
    let mut all = Vec::new();
    let meta = TableDefinition::<&str, &[u8]>::new("meta");
    let (key, header) = records(store, meta).into_iter().find(|it| it.0 == b"header").unwrap();
    let header: serde_json::Value = serde_json::from_slice(&header[..header.len() - 16]).unwrap();
    let rows = (0..6).map(|kind| format!("/rows/{kind}"));
    let numbers = ["/journal", "/events", "/pending", "/frontier", "/last_chunk"];
    for place in rows.chain(numbers.map(str::to_owned)) {
        for number in [1_u64 << 40, u64::MAX - 1] {
            let mut header = header.clone();
            *header.pointer_mut(&place).unwrap() = number.into();
            let record = serde_json::to_vec(&header).unwrap();
            let seal_key = xxhash_rust::xxh3::xxh3_64(b"header");
            let put = vec![(key.clone(), sealed(34, seal_key, &record))];
            let tampering = Tampering { put, ..Tampering::default() };
            let work = || tamper(store, meta, &tampering);
            all.push(forged(format!("{number} at {place} of the header"), &work));
        }
    }
    // Where in the first record of a table a number stands, and how many bytes it has.
    for (name, table, at, bytes) in [
        ("channels", 0, 24, 8),
        ("channels", 0, 32, 8),
        ("queue", 4, 4, 4),
        ("queue", 4, 16, 8),
        ("queue", 4, 24, 8),
        ("customers", 1, 4, 4),
        ("orders", 2, 8, 8),
        ("accounts", 5, 0, 8),
        ("customer-names", 16, 8, 8),
        ("order-names", 17, 8, 8),
    ] {
        let definition = TableDefinition::<u64, &[u8]>::new(name);
        let (key, kept) = records(store, definition).into_iter().next().unwrap();
        let mut record = kept[..kept.len() - 16].to_vec();
        let forged_number = (1_u64 << (bytes * 8 - 2)).to_le_bytes();
        record[at..at + bytes].copy_from_slice(&forged_number[..bytes]);
        let put = vec![(key.clone(), sealed(table, number(&key), &record))];
        let tampering = Tampering { put, ..Tampering::default() };
        let work = || tamper(store, definition, &tampering);
        all.push(forged(format!("byte {at} of {name}"), &work));
    }
    let mut first = intact.clone();
    first[20..24].copy_from_slice(&(u32::MAX - 1).to_le_bytes());
    let page = sealed(35, 0, &first[..24]);
    first[..40].copy_from_slice(&page);
    all.push(("the length of the log".to_owned(), first));
    all
}

#[test]
fn forged_numbers_are_told_and_no_room_is_made_for_them() {
    let directory = tempfile::tempdir().unwrap();
    let store = store(directory.path());
    let more = directory.path().join("more.jsonl");
    std::fs::write(
        &more,
        "{\"job\":\"P-0001\"}\n{\"job\":\"synchronize-customers\"}\n{\"job\":\"1010\"}\n",
    )
    .unwrap();
    let copy = store.with_extension("copy");
    let replay = format!(
        "replay fixtures/deployments/contoso --id-seed 1 --append --events {}",
        more.display()
    );
    for (what, bytes) in forgeries(&store) {
        for command in ["store verify", "store customers", "store queue", "store export", &replay] {
            std::fs::write(&copy, &bytes).unwrap();
            let (ended, took) =
                run_in_little_room(&format!("{command} --store {}", copy.display()));
            let (status, err) = (ended.status, &ended.err);
            assert!((0..=2).contains(&status), "{what}, {command}: {status} {err}");
            assert!(!err.contains("panicked"), "{what}, {command}: {err}");
            assert!(took < Duration::from_secs(30), "{what}, {command}: {took:?}");
            assert!(command != "store verify" || status > 0, "{what} is not told");
        }
    }
}
