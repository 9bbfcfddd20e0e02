//! The one seam to redb: every call into it is made here.
//!
//! A damaged file can make redb panic, where an assertion of its own does not hold. Such a panic is
//! told as damage, whatever thread it happens in and however this was compiled. A panic of ours is
//! a mistake of ours and stays a panic: what redb calls back, the file below it and what is made of
//! a record, is marked on its way through redb.

use crate::foreign;
use crate::store::error::StoreError;
use redb::{
    BackendError, Database, Key, MultimapTableHandle as _, ReadOnlyTable, ReadTransaction,
    ReadableDatabase as _, ReadableTable as _, ReadableTableMetadata as _, StorageBackend,
    TableDefinition, TableHandle as _, Value, WriteTransaction,
};
use std::any::Any;
use std::borrow::Borrow;
use std::io;
use std::ops::{Bound, Deref, DerefMut};
use std::panic::resume_unwind;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes redb may cache.
const CACHE_BYTES: usize = 256 << 20;

/// Committing to a store of this path panics as redb may: what is damaged by chance makes it panic
/// now here, now there, and with every version elsewhere.
#[cfg(test)]
pub(crate) const PANICS_BELOW: &str = "redb panics over this";

/// A panic of ours on its way through redb.
struct Ours(Box<dyn Any + Send>);

/// Calls into redb. Nothing is read from a table or a transaction after a panic: whoever gets the
/// error gives up, and redb itself refuses to go on with a lock that a panic left behind.
fn below<T>(path: &str, call: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, StoreError> {
    match foreign::call(true, call) {
        Ok(done) => done.map_err(|error| StoreError::of(path, error)),
        Err(panic) => match panic.downcast::<Ours>() {
            Ok(ours) => resume_unwind(ours.0),
            Err(_) => Err(StoreError::Damaged {
                path: path.to_owned(),
                what: "its pages make no sense".to_owned(),
            }),
        },
    }
}

/// Calls from redb back to us.
fn ours<T>(call: impl FnOnce() -> T) -> T {
    foreign::call(false, call).unwrap_or_else(|panic| resume_unwind(Box::new(Ours(panic))))
}

/// Something of redb's. Dropping it is a call into redb too, of which nobody asks how it went: what
/// a commit kept is kept, and what is not committed is not there.
struct Held<T>(Option<T>);

impl<T> Held<T> {
    fn new(it: T) -> Self {
        Self(Some(it))
    }
}

#[expect(clippy::expect_used, reason = "it is taken out only where it is dropped or used up")]
impl<T> Held<T> {
    fn into_inner(mut self) -> T {
        self.0.take().expect("it is used up once")
    }
}

#[expect(clippy::expect_used, reason = "it is taken out only where it is dropped or used up")]
impl<T> Deref for Held<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

#[expect(clippy::expect_used, reason = "it is taken out only where it is dropped or used up")]
impl<T> DerefMut for Held<T> {
    fn deref_mut(&mut self) -> &mut T {
        self.0.as_mut().expect("it is there until it is dropped")
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        if let Some(it) = self.0.take() {
            // Nobody asks how it went: what a commit kept is kept.
            let _ = below("", || {
                drop(it);
                Ok(())
            });
        }
    }
}

/// The file below redb, which is ours: its panics are. Its length is noted on the way.
#[derive(Debug)]
struct FileOfOurs<B>(B, Arc<AtomicU64>);

impl<B: StorageBackend> StorageBackend for FileOfOurs<B> {
    fn len(&self) -> io::Result<u64> {
        let len = ours(|| self.0.len())?;
        self.1.store(len, Ordering::Relaxed);
        Ok(len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        ours(|| self.0.read(offset, out))
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        ours(|| self.0.set_len(len))?;
        self.1.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        ours(|| self.0.sync_data())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        ours(|| self.0.write(offset, data))
    }

    fn close(&self) -> io::Result<()> {
        ours(|| self.0.close())
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        ours(|| self.0.try_lock_range(start, end))
    }

    fn try_lock_shared_range(
        &self,
        start: Bound<u64>,
        end: Bound<u64>,
    ) -> Result<bool, BackendError> {
        ours(|| self.0.try_lock_shared_range(start, end))
    }

    fn lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        ours(|| self.0.lock_range(start, end))
    }

    fn lock_shared_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        ours(|| self.0.lock_shared_range(start, end))
    }

    fn unlock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<(), BackendError> {
        ours(|| self.0.unlock_range(start, end))
    }

    fn query_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        ours(|| self.0.query_lock_range(start, end))
    }
}

/// The pages of a store, which redb keeps.
pub(crate) struct Pages {
    path: String,
    /// How many bytes the file has.
    len: Arc<AtomicU64>,
    database: Held<Database>,
}

impl std::fmt::Debug for Pages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pages").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Pages {
    /// Opens the pages in a file, or makes them in an empty one.
    pub(crate) fn open(path: &str, file: impl StorageBackend) -> Result<Self, StoreError> {
        let len = Arc::new(AtomicU64::new(0));
        let file = FileOfOurs(file, Arc::clone(&len));
        let database = below(path, || {
            let mut builder = Database::builder();
            builder.set_cache_size(CACHE_BYTES);
            Ok(builder.create_with_backend(file)?)
        })?;
        Ok(Self { path: path.to_owned(), len, database: Held::new(database) })
    }

    /// The tables as the last commit left them.
    pub(crate) fn read(&self) -> Result<ReadTables, StoreError> {
        let transaction = below(&self.path, || Ok(self.database.begin_read()?))?;
        let room = self.len.load(Ordering::Relaxed);
        Ok(ReadTables { path: self.path.clone(), room, transaction: Held::new(transaction) })
    }

    /// Begins a commit in two phases, so that what is opened after a crash is never taken for
    /// unfinished because of a flipped bit; with `quick_repair` it is opened fast then.
    pub(crate) fn write(&self, quick_repair: bool) -> Result<WriteTables, StoreError> {
        let transaction = below(&self.path, || {
            let mut transaction = self.database.begin_write()?;
            transaction.set_two_phase_commit(true);
            transaction.set_quick_repair(quick_repair);
            Ok(transaction)
        })?;
        Ok(WriteTables { path: self.path.clone(), transaction: Held::new(transaction) })
    }

    /// Whether every page is what was written.
    pub(crate) fn are_whole(&mut self) -> Result<bool, StoreError> {
        let Self { path, database, .. } = self;
        below(path, || Ok(database.check_integrity()?))
    }

    /// Makes the file as small as its content allows.
    pub(crate) fn compact(&mut self) -> Result<(), StoreError> {
        let Self { path, database, .. } = self;
        below(path, || Ok(database.compact().map(|_| ())?))
    }
}

/// The tables as one commit left them.
pub(crate) struct ReadTables {
    path: String,
    room: u64,
    transaction: Held<ReadTransaction>,
}

impl ReadTables {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// How many bytes the file has: nothing that is kept in it takes more.
    pub(crate) fn room(&self) -> u64 {
        self.room
    }

    /// A table.
    pub(crate) fn table<K: Key + 'static, V: Value + 'static>(
        &self,
        table: TableDefinition<'_, K, V>,
    ) -> Result<ReadTable<K, V>, StoreError> {
        let table = below(&self.path, || Ok(self.transaction.open_table(table)?))?;
        Ok(ReadTable { path: self.path.clone(), table: Held::new(table) })
    }

    /// The names of all tables, whatever is kept in them.
    pub(crate) fn names(&self) -> Result<Vec<String>, StoreError> {
        below(&self.path, || {
            let plain = self.transaction.list_tables()?.map(|table| table.name().to_owned());
            let several =
                self.transaction.list_multimap_tables()?.map(|table| table.name().to_owned());
            Ok(plain.chain(several).collect())
        })
    }
}

/// A table that is read. What is made of a record is made while its page is at hand.
pub(crate) struct ReadTable<K: Key + 'static, V: Value + 'static> {
    path: String,
    table: Held<ReadOnlyTable<K, V>>,
}

impl<K: Key + 'static, V: Value + 'static> ReadTable<K, V> {
    /// How many records it has.
    pub(crate) fn len(&self) -> Result<u64, StoreError> {
        below(&self.path, || Ok(self.table.len()?))
    }

    /// What `read` makes of a record; `None` where there is none of this key.
    pub(crate) fn get<'k, R>(
        &self,
        key: impl Borrow<K::SelfType<'k>>,
        read: impl FnOnce(V::SelfType<'_>) -> R,
    ) -> Result<Option<R>, StoreError> {
        below(&self.path, || {
            let Some(found) = self.table.get(key)? else { return Ok(None) };
            let value = found.value();
            Ok(Some(ours(|| read(value))))
        })
    }

    /// What `read` makes of the last record whose key is at most this one.
    pub(crate) fn last_until<R>(
        &self,
        key: K::SelfType<'_>,
        read: impl FnOnce(K::SelfType<'_>, V::SelfType<'_>) -> R,
    ) -> Result<Option<R>, StoreError> {
        below(&self.path, || {
            let Some(found) = self.table.range(..=key)?.next_back() else { return Ok(None) };
            let (key, value) = found?;
            let (key, value) = (key.value(), value.value());
            Ok(Some(ours(|| read(key, value))))
        })
    }

    /// Hands every record to `read`, in the order of the keys.
    pub(crate) fn each(
        &self,
        mut read: impl FnMut(K::SelfType<'_>, V::SelfType<'_>),
    ) -> Result<(), StoreError> {
        below(&self.path, || {
            for record in self.table.range::<K::SelfType<'_>>(..)? {
                let (key, value) = record?;
                let (key, value) = (key.value(), value.value());
                ours(|| read(key, value));
            }
            Ok(())
        })
    }
}

/// The tables while a commit is made.
pub(crate) struct WriteTables {
    path: String,
    transaction: Held<WriteTransaction>,
}

impl WriteTables {
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// A table, which is made where there is none.
    pub(crate) fn table<'t, K: Key + 'static, V: Value + 'static>(
        &'t self,
        table: TableDefinition<'_, K, V>,
    ) -> Result<WriteTable<'t, K, V>, StoreError> {
        let table = below(&self.path, || Ok(self.transaction.open_table(table)?))?;
        Ok(WriteTable { path: &self.path, table: Held::new(table) })
    }

    /// Keeps everything that was written; when this returns, it is durable.
    pub(crate) fn commit(self) -> Result<(), StoreError> {
        below(&self.path, || {
            #[cfg(test)]
            assert!(self.path != PANICS_BELOW, "an assertion of redb");
            Ok(self.transaction.into_inner().commit()?)
        })
    }
}

/// A table that is written.
pub(crate) struct WriteTable<'t, K: Key + 'static, V: Value + 'static> {
    path: &'t str,
    table: Held<redb::Table<'t, K, V>>,
}

impl<K: Key + 'static, V: Value + 'static> WriteTable<'_, K, V> {
    /// How many records it has.
    pub(crate) fn len(&self) -> Result<u64, StoreError> {
        below(self.path, || Ok(self.table.len()?))
    }

    /// What `read` makes of a record; `None` where there is none of this key.
    pub(crate) fn get<'k, R>(
        &self,
        key: impl Borrow<K::SelfType<'k>>,
        read: impl FnOnce(V::SelfType<'_>) -> R,
    ) -> Result<Option<R>, StoreError> {
        below(self.path, || {
            let Some(found) = self.table.get(key)? else { return Ok(None) };
            let value = found.value();
            Ok(Some(ours(|| read(value))))
        })
    }

    /// Puts a record; what `replaced` makes of the one that had its key.
    pub(crate) fn insert<'k, 'v, R>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
        value: impl Borrow<V::SelfType<'v>>,
        replaced: impl FnOnce(V::SelfType<'_>) -> R,
    ) -> Result<Option<R>, StoreError> {
        let Self { path, table } = self;
        below(path, || {
            let Some(old) = table.insert(key, value)? else { return Ok(None) };
            let value = old.value();
            Ok(Some(ours(|| replaced(value))))
        })
    }

    /// Takes a record out; what `removed` makes of it.
    pub(crate) fn remove<'k, R>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
        removed: impl FnOnce(V::SelfType<'_>) -> R,
    ) -> Result<Option<R>, StoreError> {
        let Self { path, table } = self;
        below(path, || {
            let Some(old) = table.remove(key)? else { return Ok(None) };
            let value = old.value();
            Ok(Some(ours(|| removed(value))))
        })
    }
}
