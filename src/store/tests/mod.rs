//! The store over disks that lose power and disks that fail, driven through the backend that redb
//! sees.

mod faults;
mod panics;
mod power;

use super::file::memory::{Memory, put};
use super::file::store_file::StoreFile;
use super::replay::asked::{EventStream, ReplayOptions, Summary, Watcher};
use super::replay::run::Replay;
use super::{Sink, StoreError};
use crate::engine::Engine;
use crate::model::{Deployment, Rules};
use redb::StorageBackend;
use std::io::{self, Read};
use std::sync::OnceLock;

/// A log so short that it is full after a few events.
const LOG_PAGES: u32 = 10;

fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let rules = Rules::embedded();
        let loaded = Deployment::load("fixtures/deployments/contoso").unwrap();
        Engine::new(&rules, loaded.valid().unwrap()).unwrap()
    })
}

/// A day's work: creations, edits, orders, offline hours, failures, every job.
fn day(events: usize) -> Vec<String> {
    let event = |number: usize| match number % 12 {
        0 | 5 => format!(
            r#"{{"operation":"create-customer","channel":"houston","customer":"c{number}"}}"#
        ),
        1 | 6 => {
            format!(
                r#"{{"operation":"edit-customer","channel":"houston","customer":"c{}"}}"#,
                number - 1
            )
        }
        2 => format!(
            r#"{{"operation":"create-customer-order","channel":"houston",{}"order":"o{number}"}}"#,
            format_args!(r#""customer":"c{}","#, number - 2)
        ),
        3 => r#"{"channel":"houston","connection":"offline"}"#.to_owned(),
        4 => format!(
            r#"{{"fail_synchronization":"c{}","error":"the party is there twice"}}"#,
            number - 4
        ),
        7 => r#"{"channel":"houston","connection":"online"}"#.to_owned(),
        8 => r#"{"job":"P-0001"}"#.to_owned(),
        9 => r#"{"job":"synchronize-customers"}"#.to_owned(),
        10 => r#"{"job":"1010"}"#.to_owned(),
        _ => format!(
            r#"{{"operation":"create-customer","channel":"seattle","customer":"c{number}"}}"#
        ),
    };
    (0..events).map(event).collect()
}

/// Events that come one after the other, each kept before the next is asked for.
struct Feed {
    lines: Vec<u8>,
    /// Called with how many events were kept whenever more is asked for.
    asked: Box<dyn FnMut(u64) + Send>,
}

impl EventStream for Feed {
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        Ok(Box::new(Reading { rest: &self.lines, given: 0, asked: &mut self.asked }))
    }

    fn reopens(&self) -> bool {
        false
    }
}

struct Reading<'a> {
    rest: &'a [u8],
    given: u64,
    asked: &'a mut (dyn FnMut(u64) + Send),
}

impl Read for Reading<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        (self.asked)(self.given);
        let line = self.rest.split_inclusive(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = line.len().min(out.len());
        out[..count].copy_from_slice(&line[..count]);
        self.rest = &self.rest[count..];
        self.given += u64::from(out[..count].ends_with(b"\n"));
        Ok(count)
    }
}

struct Nowhere;

impl Sink for Nowhere {
    fn take(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn show(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn is_hidden(&self) -> bool {
        false
    }
}

impl Watcher for Nowhere {
    fn progress(&mut self, _: u64, _: u64) {}

    fn invalid(&mut self, line: u64, message: &str) {
        panic!("line {line}: {message}");
    }
}

/// Replays events over a store, each kept before the next; `asked` hears how many are kept.
fn replay_over(
    backend: impl StorageBackend,
    events: &[String],
    asked: impl FnMut(u64) + Send + 'static,
) -> Result<Summary, StoreError> {
    let lines = events.iter().flat_map(|event| [event.as_bytes(), b"\n"].concat()).collect();
    let file = StoreFile::open_in("store", backend)?;
    let options = ReplayOptions { id_seed: Some(7), interactive: true, ..ReplayOptions::default() };
    let (mut sink, mut watcher) = (Nowhere, Nowhere);
    let mut feed = Feed { lines, asked: Box::new(asked) };
    Replay::begin(engine(), file, options, &mut sink, &mut watcher)?.run(&mut feed)
}

/// An empty store.
fn empty() -> Vec<u8> {
    let memory = Memory::default();
    StoreFile::create_in("store", memory.clone(), LOG_PAGES).unwrap();
    memory.bytes()
}

/// How many events a store has applied, and its head.
fn state(bytes: Vec<u8>) -> Result<(u64, String), StoreError> {
    let file = StoreFile::open_in("store", Memory::of(bytes))?;
    Ok((file.header.counters().events, file.header.head()))
}

/// The heads that a store has on its way through events, without any trouble.
struct Course {
    /// Before a command knew its configuration.
    empty: String,
    /// After each number of events.
    heads: Vec<String>,
}

impl Course {
    fn of(events: &[String]) -> Self {
        let memory = Memory::of(empty());
        let head = || state(memory.bytes()).unwrap().1;
        let empty = head();
        let heads = (0..=events.len()).map(|count| {
            replay_over(memory.clone(), &events[..count], |_| {}).unwrap();
            head()
        });
        Self { empty, heads: heads.collect() }
    }

    /// Whether a store that has applied so many events may have this head.
    fn has(&self, applied: u64, head: &str) -> bool {
        let expected = self.heads.get(usize::try_from(applied).unwrap());
        expected.is_some_and(|expected| expected == head) || applied == 0 && head == self.empty
    }

    fn end(&self) -> &str {
        &self.heads[self.heads.len() - 1]
    }
}

/// Numbers that look random and are the same every time.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }
}

/// How many cases a test tries: more where the environment asks for a longer run.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn at_least(usual: usize) -> usize {
    let times =
        std::env::var("SYNCGATE_LONG_RUN").ok().and_then(|times| times.parse::<usize>().ok());
    usual * times.unwrap_or(1)
}
