//! Damaged files: what was flipped, cut off, appended or put back is named, or what is read is what
//! was written.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test damages its own files")]

#[path = "common/process.rs"]
mod process;

use process::run;
use std::io::{self, Read, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use syncgate::store::{
    EventStream, ReplayOptions, Sink, Store, StoreError, Watcher, replay, verify,
};
use syncgate::{Deployment, Engine, Rules};

/// Bytes of a page of redb.
const PAGE: usize = 4096;

/// A store of a trading day and a bit more, its export and its head.
struct Sound {
    directory: tempfile::TempDir,
    bytes: Vec<u8>,
    export: Vec<u8>,
    head: String,
}

impl Sound {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("sound.redb");
        let day = "fixtures/events/first-day.jsonl";
        let line = format!(
            "replay fixtures/deployments/contoso --events {day} --store {} --id-seed 1",
            store.display()
        );
        assert_eq!(run(&line).status, 0);
        let export = exported(&store).unwrap();
        let head = head(&store);
        Self { bytes: std::fs::read(&store).unwrap(), directory, export, head }
    }

    /// The store with damage done to it.
    fn damaged(&self, bytes: &[u8]) -> PathBuf {
        let path = self.directory.path().join("damaged.redb");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The damage is named, or what is read is what was written; never anything else, and never a
    /// panic of our own.
    fn is_told(&self, path: &Path, what: &str) -> bool {
        let verified = quietly(|| verify(&path.to_string_lossy(), Some(&self.head)));
        assert!(verified.is_some(), "{what}: verifying panics");
        let named = verified.unwrap().map_or(true, |verified| !verified.damages.is_empty());
        let export = quietly(|| exported(path));
        assert!(export.is_some(), "{what}: exporting panics");
        if let Ok(export) = export.unwrap() {
            assert!(export == self.export || named, "{what}: another export, and nothing is named");
        }
        named
    }
}

/// The export of a store.
fn exported(path: &Path) -> Result<Vec<u8>, String> {
    let mut export = Vec::new();
    let mut store = Store::open(&path.to_string_lossy()).map_err(|error| error.to_string())?;
    store.export(&mut export as &mut dyn Write).map_err(|error| error.to_string())?;
    Ok(export)
}

fn head(path: &Path) -> String {
    Store::open(&path.to_string_lossy()).unwrap().status().head
}

/// What work gives, unless it panics.
fn quietly<T>(work: impl FnOnce() -> T) -> Option<T> {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = catch_unwind(AssertUnwindSafe(work));
    std::panic::set_hook(told);
    result.ok()
}

/// What work on a store ends in when nobody else has it open. A process that another test is about
/// to start holds the locks of this one as well, for the moment until it runs its own program; a
/// lock that stays is told.
fn once_free<T>(mut work: impl FnMut() -> T, failed: impl Fn(&T) -> Option<&StoreError>) -> T {
    let is_held = |ended: &T| matches!(failed(ended), Some(StoreError::InUse { .. }));
    for _ in 0..1_000 {
        let ended = work();
        if !is_held(&ended) {
            return ended;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    work()
}

#[test]
fn damage_is_named_or_makes_no_difference() {
    let sound = Sound::new();
    let untouched = sound.damaged(&sound.bytes);
    assert!(!sound.is_told(&untouched, "nothing"), "the sound store is told to be damaged");

    // A page that can be wiped without a word is one that redb has given up: what stands there is
    // nobody's.
    let mut in_use = Vec::new();
    for page in (0..sound.bytes.len()).step_by(PAGE) {
        let mut bytes = sound.bytes.clone();
        bytes[page..page + PAGE].fill(0);
        let path = sound.damaged(&bytes);
        if sound.is_told(&path, &format!("page at {page} wiped")) {
            in_use.push(page);
        }
    }

    // Bits: all of the headers', and of bytes all over the pages in use, those that hold something.
    let used: Vec<usize> = in_use
        .iter()
        .flat_map(|page| *page..page + PAGE)
        .filter(|at| sound.bytes[*at] != 0)
        .collect();
    let of_headers = (0..320).step_by(5);
    let sampled: Vec<usize> =
        used.iter().copied().step_by(used.len() / 190).chain(of_headers).collect();
    let (mut flips, mut named) = (0, 0);
    for at in sampled {
        for bit in 0..8 {
            let mut bytes = sound.bytes.clone();
            bytes[at] ^= 1 << bit;
            let path = sound.damaged(&bytes);
            named += u32::from(sound.is_told(&path, &format!("bit {bit} of byte {at}")));
            flips += 1;
        }
    }
    assert!(flips >= 2000 && named * 2 > flips, "{named} of {flips} flips named");

    for len in (0..sound.bytes.len()).step_by(4096) {
        let path = sound.damaged(&sound.bytes[..len]);
        assert!(
            sound.is_told(&path, &format!("cut at {len}")),
            "cut at {len}, and nothing is named"
        );
    }
    for garbage in [vec![0; 1], vec![0xa5; 4096], vec![0; 65_536], sound.bytes[..8192].to_vec()] {
        let path = sound.damaged(&[sound.bytes.as_slice(), &garbage].concat());
        sound.is_told(&path, &format!("{} bytes appended", garbage.len()));
    }
}

#[test]
fn an_earlier_state_put_back_is_found_by_the_head() {
    let sound = Sound::new();
    let store = sound.damaged(&sound.bytes);
    let more = sound.directory.path().join("more.jsonl");
    std::fs::write(
        &more,
        "{\"operation\":\"create-customer\",\"channel\":\"houston\",\"customer\":\"new\"}\n",
    )
    .unwrap();
    let line = format!(
        "replay fixtures/deployments/contoso --append --events {} --store {} --id-seed 1",
        more.display(),
        store.display()
    );
    assert_eq!(run(&line).status, 0);
    let later = head(&store);
    let verified =
        |head: &str| run(&format!("store verify --store {} --head {head}", store.display()));
    assert_eq!(verified(&later).status, 0);
    std::fs::write(&store, &sound.bytes).unwrap();
    let put_back = verified(&later);
    assert_eq!(put_back.status, 1, "{}", put_back.err);
    assert!(put_back.out.contains("the head is"), "{}", put_back.out);
    assert_eq!(run(&format!("store verify --store {}", store.display())).status, 0);
}

/// A sample through the program itself: it always ends with a status of its own.
#[test]
fn the_program_outlives_every_damage() {
    let sound = Sound::new();
    let used: Vec<usize> = (0..sound.bytes.len()).filter(|at| sound.bytes[*at] != 0).collect();
    for at in used.iter().step_by(used.len() / 24).copied().chain([9, 12, 64, 128, 192]) {
        let mut bytes = sound.bytes.clone();
        bytes[at] ^= 0x80;
        for command in ["status --store", "export --store", "verify --store", "queue --store"] {
            let path = sound.damaged(&bytes);
            let ended = run(&format!("store {command} {}", path.display()));
            assert!(
                (0..=2).contains(&ended.status),
                "byte {at}, {command}: {} {}",
                ended.status,
                ended.err
            );
            assert!(!ended.err.contains("panicked"), "byte {at}, {command}: {}", ended.err);
        }
    }
}

/// What a caller of the library panics in, from within it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mistake {
    Stream,
    Sink,
    Watcher,
}

impl Mistake {
    fn here(self, place: Self) {
        assert!(self != place, "a mistake of the caller");
    }
}

struct Caller(Mistake, &'static [u8]);

impl Read for Caller {
    fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
        self.0.here(Mistake::Stream);
        self.1.read(to)
    }
}

impl EventStream for Caller {
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self))
    }

    fn reopens(&self) -> bool {
        false
    }
}

impl Sink for Mistake {
    fn take(&mut self, _: &[u8]) -> io::Result<()> {
        self.here(Self::Sink);
        Ok(())
    }

    fn show(&mut self) -> io::Result<()> {
        self.here(Self::Sink);
        Ok(())
    }

    fn is_hidden(&self) -> bool {
        false
    }
}

impl Watcher for Mistake {
    fn progress(&mut self, _: u64, _: u64) {
        self.here(Self::Watcher);
    }

    fn invalid(&mut self, _: u64, _: &str) {
        self.here(Self::Watcher);
    }
}

/// Here the store is a dependency, and who calls it makes the mistake: it is told as no damage, and
/// does none.
#[test]
fn a_panic_of_the_caller_is_no_damage() {
    let rules = Rules::embedded();
    let loaded = Deployment::load("fixtures/deployments/contoso").unwrap();
    let engine = Engine::new(&rules, loaded.valid().unwrap()).unwrap();
    let directory = tempfile::tempdir().unwrap();
    let lines: &[u8] =
        b"{\"operation\":\"create-customer\",\"channel\":\"houston\",\"customer\":\"alice\"}\n{\n";
    for mistake in [Mistake::Stream, Mistake::Sink, Mistake::Watcher] {
        for interactive in [false, true] {
            let store = directory.path().join(format!("{mistake:?}-{interactive}.redb"));
            let store = store.to_string_lossy();
            let options = ReplayOptions { interactive, ..ReplayOptions::default() };
            let attempt = || {
                quietly(|| {
                    let mut stream = Caller(mistake, lines);
                    let (mut sink, mut watcher) = (mistake, mistake);
                    replay(&engine, &store, &mut stream, options, &mut sink, &mut watcher)
                })
            };
            let ended = once_free(attempt, |ended| ended.as_ref()?.as_ref().err());
            assert!(ended.is_none(), "{mistake:?}, {interactive}: {ended:?}");
            let verified = once_free(|| verify(&store, None), |ended| ended.as_ref().err());
            let verified = verified.unwrap();
            assert!(verified.damages.is_empty(), "{mistake:?}: {:?}", verified.damages);
        }
    }
}
