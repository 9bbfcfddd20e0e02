//! Faults: every single read, write and sync fails once or for good, and nothing is lost.

use super::power::killed_after;
use super::{Course, LOG_PAGES, Memory, at_least, day, empty, replay_over, state};
use crate::store::StoreError;
use crate::store::care::copies::{Target, copy_to};
use crate::store::file::store_file::StoreFile;
use redb::StorageBackend;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How a disk fails.
#[derive(Clone, Copy, Debug)]
struct Fault {
    /// At this step, counted from 0.
    at: u64,
    /// And at every one after it.
    for_good: bool,
    /// A write that fails is half done.
    torn: bool,
    kind: io::ErrorKind,
}

/// A disk that fails.
#[derive(Clone, Debug)]
struct Failing {
    memory: Memory,
    fault: Fault,
    steps: Arc<AtomicU64>,
}

impl Failing {
    fn new(memory: Memory, fault: Fault) -> Self {
        Self { memory, fault, steps: Arc::default() }
    }

    fn step(&self) -> io::Result<()> {
        let step = self.steps.fetch_add(1, Ordering::SeqCst);
        let fails = step == self.fault.at || self.fault.for_good && step > self.fault.at;
        if fails { Err(self.fault.kind.into()) } else { Ok(()) }
    }
}

impl StorageBackend for Failing {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.step()?;
        self.memory.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.step()?;
        self.memory.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.step()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let step = self.step();
        if step.is_err() && self.fault.torn {
            self.memory.write(offset, &data[..data.len() / 2])?;
        }
        step?;
        self.memory.write(offset, data)
    }
}

/// The ways in which a step may fail.
fn ways(at: u64) -> impl Iterator<Item = Fault> {
    let kinds = [io::ErrorKind::StorageFull, io::ErrorKind::Other];
    kinds.into_iter().flat_map(move |kind| {
        [(false, false), (false, true), (true, false), (true, true)].map(|(for_good, torn)| Fault {
            at,
            for_good,
            torn,
            kind,
        })
    })
}

/// How many steps some work takes on a disk that never fails.
fn steps(memory: Memory, work: impl FnOnce(Failing)) -> u64 {
    let never = Fault { at: u64::MAX, for_good: false, torn: false, kind: io::ErrorKind::Other };
    let failing = Failing::new(memory, never);
    let steps = Arc::clone(&failing.steps);
    work(failing);
    steps.load(Ordering::SeqCst)
}

/// A fault must be told as what it is.
fn told(error: &StoreError, fault: Fault) {
    let fits = match error {
        StoreError::Full { .. } => fault.kind == io::ErrorKind::StorageFull,
        StoreError::Io { .. } => true,
        _ => false,
    };
    assert!(fits, "{fault:?} is told as: {error}");
}

#[test]
fn a_fault_while_replaying_loses_nothing() {
    let events = day(at_least(14));
    let course = Course::of(&events);
    let start = empty();
    let all = steps(Memory::of(start.clone()), |disk| {
        replay_over(disk, &events, |_| {}).unwrap();
    });
    let mut failed = 0;
    for fault in (0..all).flat_map(ways) {
        let memory = Memory::of(start.clone());
        match replay_over(Failing::new(memory.clone(), fault), &events, |_| {}) {
            Ok(_) => {}
            Err(error) => {
                told(&error, fault);
                failed += 1;
            }
        }
        let (applied, head) =
            state(memory.bytes()).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert!(course.has(applied, &head), "{fault:?}: after {applied} events");
        replay_over(memory.clone(), &events, |_| {})
            .unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(state(memory.bytes()).unwrap().1, course.end(), "{fault:?}");
    }
    assert!(failed > all, "{failed} of {} runs failed", all * 8);
}

#[test]
fn a_fault_while_the_log_is_taken_over_loses_nothing() {
    let (start, course) = (killed_after(6), Course::of(&day(12)));
    let open = |disk: Failing| StoreFile::open_in("store", disk).map(drop);
    let all = steps(Memory::of(start.clone()), |disk| open(disk).unwrap());
    let mut failed = 0;
    for fault in (0..all).flat_map(ways) {
        let memory = Memory::of(start.clone());
        if let Err(error) = open(Failing::new(memory.clone(), fault)) {
            told(&error, fault);
            failed += 1;
        }
        let (applied, head) =
            state(memory.bytes()).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert!(applied == 6 && course.has(applied, &head), "{fault:?}: after {applied} events");
    }
    assert!(failed > all, "{failed} of {} runs failed", all * 8);
}

#[test]
fn a_fault_while_making_a_store_makes_none() {
    let all =
        steps(Memory::default(), |disk| StoreFile::create_in("store", disk, LOG_PAGES).unwrap());
    for fault in (0..all).flat_map(ways) {
        let failing = Failing::new(Memory::default(), fault);
        match StoreFile::create_in("store", failing.clone(), LOG_PAGES) {
            Ok(()) => {
                // A fault on the way out of redb: the file is synced again before it gets its name.
                state(failing.memory.bytes()).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
            }
            Err(error) => told(&error, fault),
        }
    }
}

#[test]
fn a_fault_while_compacting_changes_nothing_that_is_kept() {
    let events = day(120);
    let memory = Memory::of(empty());
    replay_over(memory.clone(), &events, |_| {}).unwrap();
    let (before, head) = (memory.bytes(), state(memory.bytes()).unwrap().1);
    let compact = |disk: Failing| StoreFile::open_in("store", disk).and_then(StoreFile::compact);
    let all = steps(Memory::of(before.clone()), |disk| compact(disk).unwrap());
    for fault in (0..all).flat_map(ways) {
        let memory = Memory::of(before.clone());
        if let Err(error) = compact(Failing::new(memory.clone(), fault)) {
            told(&error, fault);
        }
        let after = state(memory.bytes()).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(after.1, head, "{fault:?}");
    }
}

/// A file that fails as [`Failing`] does.
struct FailingFile {
    file: File,
    disk: Failing,
}

impl Read for FailingFile {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.disk.step()?;
        self.file.read(out)
    }
}

impl Write for FailingFile {
    fn write(&mut self, data: &[u8]) -> io::Result<usize> {
        let step = self.disk.step();
        if step.is_err() && self.disk.fault.torn {
            self.file.write_all(&data[..data.len() / 2])?;
        }
        step?;
        self.file.write(data)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Target for FailingFile {
    fn empty(&mut self) -> io::Result<()> {
        self.disk.step()?;
        self.file.empty()
    }

    fn sync(&mut self) -> io::Result<()> {
        self.disk.step()?;
        self.file.sync()
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test has files of its own")]
fn a_fault_while_making_a_backup_leaves_the_earlier_one() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).to_string_lossy().into_owned();
    let (store, backup) = (at("store.redb"), at("backup.redb"));
    let memory = Memory::of(empty());
    replay_over(memory.clone(), &day(60), |_| {}).unwrap();
    std::fs::write(&store, memory.bytes()).unwrap();
    let copy = |disk: &Failing| {
        let failing = |file: File| FailingFile { file, disk: disk.clone() };
        let mut source = failing(File::open(&store).unwrap());
        let target = failing(File::create(format!("{backup}.new")).unwrap());
        copy_to(&store, &backup, &mut source, target, |from, to| {
            disk.step()?;
            std::fs::rename(from, to)
        })
    };
    let all = steps(Memory::default(), |disk| drop(copy(&disk).unwrap()));
    assert!(all > 20, "{all} steps");
    for fault in (0..all).flat_map(ways) {
        std::fs::write(&backup, "the earlier one").unwrap();
        match copy(&Failing::new(Memory::default(), fault)) {
            Ok(_) => panic!("{fault:?}: nobody heard of it"),
            Err(error) => told(&error, fault),
        }
        assert_eq!(std::fs::read(&backup).unwrap(), b"the earlier one", "{fault:?}");
        assert!(
            !std::fs::exists(format!("{backup}.new")).unwrap(),
            "{fault:?}: something was left"
        );
    }
}
