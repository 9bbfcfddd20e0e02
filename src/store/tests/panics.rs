//! Whose panic it is: one of redb over a damaged file is damage, one of ours is ours.

use super::{Memory, empty};
use crate::foreign;
use crate::ledger::{BlockChange, BlockKind, Changes, Counters};
use crate::store::StoreError;
use crate::store::file::pages::{PANICS_BELOW, Pages};
use crate::store::file::store_file::{Durability, StoreFile};
use crate::store::file::tables::GUIDS;
use redb::StorageBackend;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Commits so many blocks, in the thread of bulk commits.
fn commit(file: &mut StoreFile, blocks: u64) -> Result<(), StoreError> {
    let block = |number| BlockChange { kind: BlockKind::Customers, number, bytes: &[1; 128] };
    let changes = Changes {
        blocks: (0..blocks).map(block).collect(),
        names: &[],
        guids: &[],
        texts: Vec::new(),
        journal: &[],
        counters: &Counters::default(),
    };
    file.commit(&changes, "", Durability::Bulk)?;
    file.settle()
}

#[test]
fn a_panic_of_redb_in_the_commit_thread_is_damage() {
    let memory = Memory::of(empty());
    let mut file = StoreFile::open_in(PANICS_BELOW, memory.clone()).unwrap();
    match commit(&mut file, 3) {
        Err(StoreError::Damaged { what, .. }) => assert_eq!(what, "its pages make no sense"),
        other => panic!("{other:?}"),
    }
    drop(file);
    assert!(!foreign::is_within(), "what panics later is ours");
    commit(&mut StoreFile::open_in("store", memory).unwrap(), 3).unwrap();
}

/// A file whose every use is a mistake of ours, once it is armed.
#[derive(Debug)]
struct Mistaken(Memory, std::sync::Arc<std::sync::atomic::AtomicBool>);

impl Mistaken {
    fn file(&self) -> &Memory {
        assert!(!self.1.load(std::sync::atomic::Ordering::Relaxed), "a mistake of ours");
        &self.0
    }
}

impl StorageBackend for Mistaken {
    fn len(&self) -> io::Result<u64> {
        self.file().len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file().read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.file().set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file().sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file().write(offset, data)
    }
}

/// The text of the panic that work ends with.
fn panic_of<T>(work: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(work)).err().expect("it panics");
    (*panic.downcast::<&str>().expect("with a text")).to_owned()
}

#[test]
fn a_panic_of_ours_stays_one_wherever_it_happens() {
    let armed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
    let file = || Mistaken(Memory::of(empty()), std::sync::Arc::clone(&armed));
    let arm = |is| armed.store(is, std::sync::atomic::Ordering::Relaxed);

    // In what is made of a record, while redb holds its page.
    let pages = Pages::open("store", redb::backends::InMemoryBackend::new()).unwrap();
    let tables = pages.write(false).unwrap();
    tables.table(GUIDS).unwrap().insert(1, [0; 16], |_| ()).unwrap();
    tables.commit().unwrap();
    let table = pages.read().unwrap().table(GUIDS).unwrap();
    let read = || table.get(1, |_| -> u8 { panic!("a mistake of ours") });
    assert_eq!(panic_of(read), "a mistake of ours");
    assert!(table.get(1, |_| ()).unwrap().is_some(), "and redb goes on");

    // In the file below redb, in the thread that asked and in that of a commit.
    let mut store = StoreFile::open_in("store", file()).unwrap();
    arm(true);
    assert_eq!(panic_of(|| commit(&mut store, 1)), "a mistake of ours");
    arm(false);
    drop(store);
    let layout_file = file();
    arm(true);
    assert_eq!(panic_of(|| Pages::open("store", layout_file)), "a mistake of ours");
    arm(false);
}
