//! Looking after the file of a store: making it smaller, and copying it.

use super::verify::verify;
use crate::store::error::StoreError;
use crate::store::file::disk;
use crate::store::file::reader::open_to_read;
use crate::store::file::store_file::StoreFile;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::Path;

/// How many bytes are copied at once.
const COPY_BYTES: usize = 64 << 10;

/// Makes the file of a store as small as its content allows; its size before and after, in bytes.
///
/// # Errors
///
/// The store can't be opened or written.
pub fn compact(path: &str) -> Result<(u64, u64), StoreError> {
    let file = StoreFile::open(path)?;
    let before = size(path)?;
    file.compact()?;
    Ok((before, size(path)?))
}

/// A backup that was made.
#[derive(Clone, Debug)]
pub struct Backup {
    /// Its size in bytes.
    pub bytes: u64,
    /// The digest of the whole store, which `store verify --head` takes.
    pub head: String,
}

/// Copies the store at `path` to `to`, while nobody writes to it: under another name, verified,
/// synced, then renamed. A backup that was there before is replaced; any other file is not.
///
/// # Errors
///
/// The store is in use or damaged, or the copy can't be written.
pub fn backup(path: &str, to: &str) -> Result<Backup, StoreError> {
    if [path, to].contains(&disk::IN_MEMORY) {
        return Err(StoreError::InMemory);
    }
    let (source, target) = (Path::new(path), Path::new(to));
    let fail = |error| StoreError::of_io(path, error);
    let mut file = disk::open(source).map_err(fail)?;
    disk::lock_shared(&file).map_err(fail)?;
    if disk::exists(target) && (disk::is_same(source, target) || open_to_read(to).is_err()) {
        return Err(StoreError::TargetExists { path: to.to_owned() });
    }
    let copy =
        disk::open_new(&disk::temporary(to)).map_err(|error| StoreError::of_target(to, error))?;
    copy_to(path, to, &mut file, copy, disk::publish)
}

/// A file that is written from its beginning.
pub(crate) trait Target: Write {
    fn empty(&mut self) -> io::Result<()>;
    fn sync(&mut self) -> io::Result<()>;
}

impl Target for File {
    fn empty(&mut self) -> io::Result<()> {
        self.set_len(0)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_all()
    }
}

/// Copies a store into a file that has the temporary name of `to`, and publishes it where that went
/// well; else nothing of it stays.
pub(crate) fn copy_to(
    path: &str,
    to: &str,
    file: &mut impl Read,
    mut copy: impl Target,
    publish: impl FnOnce(&Path, &Path) -> io::Result<()>,
) -> Result<Backup, StoreError> {
    let temporary = disk::temporary(to);
    let fail = |error| StoreError::of_target(to, error);
    let mut file = BufReader::with_capacity(COPY_BYTES, file);
    let copied = copy.empty().and_then(|()| io::copy(&mut file, &mut copy));
    let copied = copied.and_then(|bytes| copy.sync().map(|()| bytes));
    drop(copy);
    let checked = copied.map_err(fail).and_then(|bytes| checked(&temporary, path, bytes));
    match checked
        .and_then(|backup| publish(&temporary, Path::new(to)).map_err(fail).map(|()| backup))
    {
        Ok(backup) => Ok(backup),
        Err(error) => {
            disk::remove(&temporary);
            Err(error)
        }
    }
}

/// A copy without damage: one that carried damage on would not be a backup.
fn checked(copy: &Path, path: &str, bytes: u64) -> Result<Backup, StoreError> {
    let damaged = |what: String| StoreError::Damaged { path: path.to_owned(), what };
    let verified = verify(&copy.to_string_lossy(), None)?;
    match (verified.damages.first(), verified.head) {
        (None, Some(head)) => Ok(Backup { bytes, head }),
        (Some(damage), _) => Err(damaged(damage.to_string())),
        (None, None) => Err(damaged("the header can't be read".to_owned())),
    }
}

fn size(path: &str) -> Result<u64, StoreError> {
    let file = disk::open(Path::new(path)).map_err(|error| StoreError::of_io(path, error))?;
    file.metadata().map(|it| it.len()).map_err(|error| StoreError::of_io(path, error))
}
