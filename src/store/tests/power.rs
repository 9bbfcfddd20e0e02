//! Power cuts: whatever of the writes since the last sync is on the disk, no event that was kept is
//! lost.

use super::{Course, Dice, LOG_PAGES, Memory, at_least, day, empty, put, replay_over, state};
use crate::store::file::log::PAGE;
use crate::store::file::store_file::StoreFile;
use redb::StorageBackend;
use std::collections::HashSet;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

/// What a disk was asked to do.
#[derive(Clone, Debug)]
enum DiskStep {
    Write(u64, Vec<u8>),
    Length(u64),
    Sync,
    /// So many events were kept, and their answers shown.
    Kept(u64),
}

/// A disk that remembers every step.
#[derive(Clone, Debug)]
struct Recorder {
    memory: Memory,
    steps: Arc<Mutex<Vec<DiskStep>>>,
}

impl Recorder {
    fn note(&self, step: DiskStep) {
        self.steps.lock().unwrap().push(step);
    }
}

impl StorageBackend for Recorder {
    fn len(&self) -> io::Result<u64> {
        self.memory.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.memory.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.note(DiskStep::Length(len));
        self.memory.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.note(DiskStep::Sync);
        self.memory.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.note(DiskStep::Write(offset, data.to_vec()));
        self.memory.write(offset, data)
    }
}

/// The steps of replaying `events` over an empty store.
fn recorded(events: &[String]) -> Vec<DiskStep> {
    let recorder = Recorder { memory: Memory::of(empty()), steps: Arc::default() };
    let steps = recorder.steps.clone();
    let kept = steps.clone();
    replay_over(recorder, events, move |count| kept.lock().unwrap().push(DiskStep::Kept(count)))
        .unwrap();
    let mut steps = steps.lock().unwrap().clone();
    steps.push(DiskStep::Kept(events.len() as u64));
    steps
}

fn apply(bytes: &mut Vec<u8>, step: &DiskStep) {
    match step {
        DiskStep::Write(offset, data) => put(bytes, *offset, data).unwrap(),
        DiskStep::Length(len) => bytes.resize(usize::try_from(*len).unwrap(), 0),
        DiskStep::Sync | DiskStep::Kept(_) => {}
    }
}

/// Some of the 512-byte sectors of a write.
fn apply_torn(bytes: &mut Vec<u8>, step: &DiskStep, dice: &mut Dice) {
    let DiskStep::Write(offset, data) = step else { return apply(bytes, step) };
    for (sector, part) in data.chunks(512).enumerate() {
        if dice.below(2) == 0 {
            put(bytes, offset + 512 * sector as u64, part).unwrap();
        }
    }
}

/// What the disk may hold after a power cut: of the steps since the last sync none, all, some, or
/// some in part.
fn images(durable: &[u8], pending: &[DiskStep], dice: &mut Dice) -> Vec<Vec<u8>> {
    let all = |mut bytes: Vec<u8>, steps: &[DiskStep]| {
        for step in steps {
            apply(&mut bytes, step);
        }
        bytes
    };
    let mut images = vec![durable.to_vec(), all(durable.to_vec(), pending)];
    for _ in 0..6 {
        let mut some = durable.to_vec();
        pending.iter().filter(|_| dice.below(2) == 0).for_each(|step| apply(&mut some, step));
        images.push(some);
        let mut torn = durable.to_vec();
        for step in pending {
            apply_torn(&mut torn, step, dice);
        }
        images.push(torn);
    }
    if let Some((last, before)) = pending.split_last() {
        let mut torn = all(durable.to_vec(), before);
        apply_torn(&mut torn, last, dice);
        images.push(torn);
    }
    images
}

/// What is wrong with an image of which `kept` events were kept and up to `tried` begun; nothing,
/// if all is well.
fn wrong(image: Vec<u8>, kept: u64, course: &Course) -> Option<String> {
    let opened = catch_unwind(AssertUnwindSafe(|| state(image)));
    let (events, head) = match opened {
        Err(_) => return Some("opening it panics".to_owned()),
        Ok(Err(error)) => return Some(error.to_string()),
        Ok(Ok(state)) => state,
    };
    if events < kept {
        return Some(format!("{kept} events were kept, and {events} are there"));
    }
    (!course.has(events, &head)).then(|| format!("the state after {events} events is another"))
}

fn quietly<T>(work: impl FnOnce() -> T) -> T {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = work();
    std::panic::set_hook(told);
    result
}

/// Every image of the steps from `start` on with its number of kept events; with `syncs` false, as
/// if the disk ignored all syncs.
fn each_image(start: Vec<u8>, steps: &[DiskStep], syncs: bool, mut look: impl FnMut(Vec<u8>, u64)) {
    let mut dice = Dice(0x5eed);
    let (mut durable, mut pending, mut kept) = (start, Vec::new(), 0);
    let mut known = HashSet::new();
    for step in steps {
        match step {
            DiskStep::Kept(count) => {
                kept = *count;
                continue;
            }
            DiskStep::Sync if syncs => {
                for step in pending.drain(..) {
                    apply(&mut durable, &step);
                }
            }
            DiskStep::Sync => continue,
            step => pending.push(step.clone()),
        }
        for image in images(&durable, &pending, &mut dice) {
            if known.insert((xxhash_rust::xxh3::xxh3_128(&image), kept)) {
                look(image, kept);
            }
        }
    }
}

#[test]
fn no_power_cut_loses_an_event_that_was_kept() {
    let events = day(at_least(540));
    let (steps, course) = (recorded(&events), Course::of(&events));
    let (mut count, mut resumed) = (0_usize, 0);
    each_image(empty(), &steps, true, |image, kept| {
        count += 1;
        if let Some(what) = wrong(image.clone(), kept, &course) {
            panic!("image {count}, with {kept} events kept: {what}");
        }
        // Going on from a sample of them ends where an uninterrupted run ends.
        if count.is_multiple_of(499) {
            let memory = Memory::of(image);
            replay_over(memory.clone(), &events, |_| {}).unwrap();
            assert_eq!(
                state(memory.bytes()).unwrap().1,
                course.end(),
                "image {count}, gone on from"
            );
            resumed += 1;
        }
    });
    assert!(count >= 20_000 && resumed >= 40, "{count} images, {resumed} gone on from");
}

/// What a writer leaves that is killed after so many events, the last of them in the log alone.
pub(super) fn killed_after(kept: u64) -> Vec<u8> {
    let mut bytes = empty();
    let steps = recorded(&day(12));
    steps
        .iter()
        .take_while(|step| !matches!(step, DiskStep::Kept(count) if *count == kept))
        .for_each(|step| {
            apply(&mut bytes, step);
        });
    bytes
}

#[test]
fn no_power_cut_loses_what_is_taken_from_the_log() {
    let course = Course::of(&day(12));
    let mut count = 0;
    for kept in 3..8 {
        let start = killed_after(kept);
        let recorder = Recorder { memory: Memory::of(start.clone()), steps: Arc::default() };
        drop(StoreFile::open_in("store", recorder.clone()).unwrap());
        let steps = recorder.steps.lock().unwrap().clone();
        each_image(start, &steps, true, |image, _| {
            count += 1;
            assert_eq!(wrong(image, kept, &course), None, "image {count}, with {kept} events kept");
        });
    }
    assert!(count >= 500, "{count} images");
}

/// Of redb's first page one bit says which of two states is the newest, another whether it was
/// written in two phases: those are tried, and a sample of what else stands there and in the log.
#[test]
fn no_flipped_bit_of_what_a_killed_writer_leaves_loses_an_event() {
    // The first and the seventh event are kept by the tables, the others by the log.
    const KEPT: [u64; 4] = [1, 2, 6, 7];
    let course = Course::of(&day(12));
    let tables = PAGE * (LOG_PAGES as usize + 1);
    let of_tables = (0..32).chain((64..320).step_by(7)).map(|byte| tables + byte);
    let places: Vec<usize> = of_tables.chain((0..tables).step_by(499)).collect();
    let (mut told, mut lost) = (0, Vec::new());
    quietly(|| {
        for kept in KEPT {
            let left = killed_after(kept);
            for (place, bit) in places.iter().flat_map(|place| (0..8).map(move |bit| (*place, bit)))
            {
                let mut image = left.clone();
                image[place] ^= 1 << bit;
                match catch_unwind(|| state(image)) {
                    Ok(Ok((events, head))) if events == kept && course.has(events, &head) => {}
                    Ok(Ok((events, _))) => lost.push((place, bit, kept, events)),
                    Ok(Err(_)) | Err(_) => told += 1,
                }
            }
        }
    });
    assert!(lost.is_empty(), "place, bit, events kept, events found: {lost:?}");
    let tried = KEPT.len() * 8 * places.len();
    assert!(told * 5 > tried && told < tried, "{told} of {tried} flips told");
}

/// The control: were syncs ignored, these images would show it.
#[test]
fn a_disk_that_ignores_syncs_is_found_out() {
    let events = day(48);
    let (steps, course) = (recorded(&events), Course::of(&events));
    let (mut count, mut flagged) = (0_usize, 0_usize);
    quietly(|| {
        each_image(empty(), &steps, false, |image, kept| {
            // Before the first event nothing can be lost.
            if kept > 0 && count < 2000 {
                count += 1;
                flagged += usize::from(wrong(image, kept, &course).is_some());
            }
        });
    });
    assert!(count >= 500 && flagged * 2 >= count, "{flagged} of {count} images flagged");
}
