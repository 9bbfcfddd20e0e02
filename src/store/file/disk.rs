//! Files and directories: what the store does with them beside reading and writing pages.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The path of a store that is no file, and ends with whoever has it open.
pub const IN_MEMORY: &str = ":memory:";

/// Under what name a file is made before it gets its own.
pub(crate) fn temporary(path: &str) -> PathBuf {
    let target = Path::new(path);
    // A path without a name is none that a file can be made at, as the system says then.
    let mut name = target.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    target.with_file_name(name)
}

#[expect(clippy::disallowed_methods, reason = "the store is a file")]
pub(crate) fn exists(path: &Path) -> bool {
    std::fs::metadata(path).is_ok()
}

#[expect(clippy::disallowed_methods, reason = "the store is a file")]
pub(crate) fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

pub(crate) fn open_to_write(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).open(path)
}

/// A file that may be there from before, when a process was killed; what it holds is not touched
/// yet.
pub(crate) fn open_new(path: &Path) -> io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).open(path)
}

/// Keeps everybody else away for as long as the file is open.
pub(crate) fn lock(file: &File) -> io::Result<()> {
    locked(file.try_lock())
}

/// Keeps writers away for as long as the file is open.
pub(crate) fn lock_shared(file: &File) -> io::Result<()> {
    locked(file.try_lock_shared())
}

fn locked(tried: Result<(), TryLockError>) -> io::Result<()> {
    match tried {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// Gives a finished file its name, unless a file has that name already; the name outlives a power
/// cut.
pub(crate) fn publish_new(from: &Path, to: &Path) -> io::Result<()> {
    match std::fs::hard_link(from, to) {
        Ok(()) => std::fs::remove_file(from)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Some file systems have no links.
        Err(_) => std::fs::rename(from, to)?,
    }
    sync_directory(to)
}

/// Gives a finished file its name, in place of what has it; the name outlives a power cut.
pub(crate) fn publish(from: &Path, to: &Path) -> io::Result<()> {
    std::fs::rename(from, to)?;
    sync_directory(to)
}

pub(crate) fn remove(path: &Path) {
    // What can't be removed is overwritten the next time.
    let _ = std::fs::remove_file(path);
}

/// Whether both paths lead to one file.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    matches!((one.canonicalize(), other.canonicalize()), (Ok(one), Ok(other)) if one == other)
}

fn sync_directory(path: &Path) -> io::Result<()> {
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test has files of its own")]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_takes_no_name_that_is_in_use() {
        let directory = tempfile::tempdir().unwrap();
        let store = directory.path().join("store.redb");
        let made = temporary(&store.to_string_lossy());
        assert_eq!(made, directory.path().join("store.redb.new"));
        std::fs::write(&made, "first").unwrap();
        publish_new(&made, &store).unwrap();
        assert!(!exists(&made));
        std::fs::write(&made, "second").unwrap();
        assert_eq!(publish_new(&made, &store).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read(&store).unwrap(), b"first");
        publish(&made, &store).unwrap();
        assert_eq!(std::fs::read(&store).unwrap(), b"second");
        assert!(is_same(&store, &directory.path().join("./store.redb")));
        assert!(!is_same(&store, &made));
    }
}
