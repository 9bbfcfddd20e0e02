//! Stores: what is damaged is told or makes no difference, and two ways to apply the same events
//! lead to the same store.

use crate::given::{engine, path};
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::OnceLock;
use syncgate::store::{
    EventStream, ReplayOptions, Sink, Store, StoreError, Summary, Watcher, replay, verify,
};

/// Bytes of a page.
const PAGE: usize = 4096;

/// A store that nothing has happened to.
struct Sound {
    bytes: Vec<u8>,
    export: Vec<u8>,
    head: String,
}

fn sound() -> &'static Sound {
    static SOUND: OnceLock<Sound> = OnceLock::new();
    SOUND.get_or_init(|| {
        let day = fs::read("fixtures/events/first-day.jsonl").expect("run from the project");
        let path = path("sound.redb");
        remove(&path);
        applied(&path, &day, false).1.expect("a day can be played");
        let store = Store::open(&name(&path)).expect("a sound store opens");
        let head = { store }.status().head;
        let export = exported(&path).expect("a sound store is exported");
        let bytes = fs::read(&path).expect("a store is a file");
        remove(&path);
        Sound { bytes, export, head }
    })
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn remove(path: &Path) {
    // It may not be there.
    let _ = fs::remove_file(path);
}

fn exported(path: &Path) -> Result<Vec<u8>, StoreError> {
    let mut export = Vec::new();
    Store::open(&name(path))?.export(&mut export)?;
    Ok(export)
}

/// A sound store of which six bytes at a time say what happens to it.
pub fn damaged(bytes: &[u8]) {
    let sound = sound();
    let mut file = sound.bytes.clone();
    for step in bytes.as_chunks::<6>().0.iter().take(64) {
        damage(&mut file, *step);
    }
    let path = path("damaged.redb");
    fs::write(&path, &file).expect("a file can be written");
    let verified = verify(&name(&path), Some(&sound.head));
    let named = verified.map_or(true, |verified| !verified.damages.is_empty());
    // Verifying may take what is in the log into the tables.
    fs::write(&path, &file).expect("a file can be written");
    if let Ok(export) = exported(&path) {
        assert!(named || export == sound.export, "another export, and nothing is named");
    }
    remove(&path);
}

/// What six bytes say happens to a file.
pub fn damage(file: &mut Vec<u8>, [what, a, b, c, d, value]: [u8; 6]) {
    if file.is_empty() {
        return;
    }
    let at = u32::from_le_bytes([a, b, c, d]) as usize % file.len();
    let page = at / PAGE * PAGE;
    let end = (page + PAGE).min(file.len());
    match what % 7 {
        0 => file[at] ^= value,
        1 => file[at] = value,
        2 => {
            let end = (at + 8).min(file.len());
            file[at..end].fill(value);
        }
        3 => file[page..end].fill(0),
        4 => {
            let other = usize::from(value) * PAGE;
            if other + PAGE <= file.len() && end == page + PAGE {
                file.copy_within(other..other + PAGE, page);
            }
        }
        5 => file.truncate(at),
        _ => file.resize(file.len() + usize::from(value) * 64, a),
    }
}

/// Events, once in bulk and once each kept before the next.
pub fn events(bytes: &[u8]) {
    let (bulk, one_by_one) = (path("bulk.redb"), path("one-by-one.redb"));
    for path in [&bulk, &one_by_one] {
        remove(path);
    }
    let (answers, done) = applied(&bulk, bytes, false);
    let (other_answers, other) = applied(&one_by_one, bytes, true);
    assert_eq!(answers, other_answers, "other answers");
    let told = |it: &Result<Summary, StoreError>| match it {
        Ok(summary) => format!("{summary:?}"),
        Err(_) => "it can't be done".to_owned(),
    };
    assert_eq!(told(&done), told(&other));
    if let Ok(summary) = done {
        assert_eq!(state(&bulk), state(&one_by_one), "other customers, queues or journals");
        // What was applied is not applied again.
        let again = applied(&bulk, bytes, false).1.expect("it was done before");
        assert_eq!((again.events, again.resumed), (summary.events, summary.events));
        for path in [&bulk, &one_by_one] {
            let verified = verify(&name(path), None).expect("what was written is a store");
            assert!(verified.damages.is_empty(), "{:?}", verified.damages);
        }
    }
    for path in [&bulk, &one_by_one] {
        remove(path);
    }
}

/// What a store holds.
fn state(path: &Path) -> (Vec<u8>, String) {
    let export = exported(path).expect("what was written is read");
    let mut store = Store::open(&name(path)).expect("what was written opens");
    (export, format!("{:?}", store.status().head))
}

/// What came of applying events to the store at a path, and the answers.
fn applied(path: &Path, bytes: &[u8], interactive: bool) -> (Vec<u8>, Result<Summary, StoreError>) {
    let options = ReplayOptions { id_seed: Some(1), interactive, ..ReplayOptions::default() };
    let mut told = Told::default();
    let mut watcher = Nobody;
    let mut events = Events(bytes);
    let done = replay(engine(), &name(path), &mut events, options, &mut told, &mut watcher);
    (told.0, done)
}

struct Events<'a>(&'a [u8]);

impl EventStream for Events<'_> {
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(self.0))
    }

    fn reopens(&self) -> bool {
        true
    }
}

#[derive(Default)]
struct Told(Vec<u8>);

impl Sink for Told {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn show(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn is_hidden(&self) -> bool {
        false
    }
}

struct Nobody;

impl Watcher for Nobody {
    fn progress(&mut self, _: u64, _: u64) {}

    fn invalid(&mut self, _: u64, _: &str) {}
}
