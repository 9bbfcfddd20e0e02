//! Files as redb sees them: a reader's view that never writes, whatever redb does to open it.

use redb::StorageBackend;
use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::sync::{Mutex, PoisonError};

/// The size of the pages in which a reader keeps what redb would write.
const PAGE: usize = 4096;

/// A file that is only read: what redb writes, to repair what a crash left behind, stays in memory.
#[derive(Debug)]
pub(crate) struct Overlay {
    file: File,
    written: Mutex<Written>,
}

#[derive(Debug)]
struct Written {
    len: u64,
    pages: BTreeMap<u64, Vec<u8>>,
}

impl Overlay {
    pub(crate) fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self { file, written: Mutex::new(Written { len, pages: BTreeMap::new() }) })
    }

    /// Bytes of the file itself; past its end they are zero.
    fn read_file(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let (mut rest, mut offset) = (out, offset);
        while !rest.is_empty() {
            match read_at(&self.file, rest, offset) {
                Ok(0) => {
                    rest.fill(0);
                    return Ok(());
                }
                Ok(read) => {
                    rest = rest.split_at_mut(read).1;
                    offset += read as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, out, offset)
}

#[cfg(windows)]
fn read_at(file: &File, out: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, out, offset)
}

/// Where in its page a byte is.
#[expect(clippy::expect_used, reason = "another byte would be read or written in silence")]
fn within(at: u64) -> usize {
    usize::try_from(at % PAGE as u64).expect("a page is small")
}

/// The parts of `len` bytes from `offset` on, page by page: page, offset within it, offset within
/// the bytes, length.
fn parts(offset: u64, len: usize) -> impl Iterator<Item = (u64, usize, usize, usize)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        let at = offset + done as u64;
        let within = within(at);
        let count = (len - done).min(PAGE - within);
        let part = (at / PAGE as u64, within, done, count);
        done += count;
        (count > 0).then_some(part)
    })
}

impl StorageBackend for Overlay {
    fn len(&self) -> io::Result<u64> {
        Ok(self.written.lock().unwrap_or_else(PoisonError::into_inner).len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        if offset + out.len() as u64 > written.len {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file ends before that"));
        }
        self.read_file(offset, out)?;
        for (page, within, from, count) in parts(offset, out.len()) {
            // What nobody has written is as the file has it.
            if let Some(kept) = written.pages.get(&page) {
                let (kept, _) = kept.split_at(within).1.split_at(count);
                out.split_at_mut(from).1.split_at_mut(count).0.copy_from_slice(kept);
            }
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.len = len;
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        for (page, within, from, count) in parts(offset, data.len()) {
            let place = match written.pages.entry(page) {
                std::collections::btree_map::Entry::Occupied(kept) => kept.into_mut(),
                std::collections::btree_map::Entry::Vacant(vacant) => {
                    let mut bytes = vec![0; PAGE];
                    self.read_file(page * PAGE as u64, &mut bytes)?;
                    vacant.insert(bytes)
                }
            };
            let (bytes, _) = data.split_at(from).1.split_at(count);
            place.split_at_mut(within).1.split_at_mut(count).0.copy_from_slice(bytes);
        }
        Ok(())
    }
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the test has a file of its own")]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_never_reaches_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("file");
        let bytes: Vec<u8> =
            (0..3 * PAGE + 100).map(|at| u8::try_from(at % 251).unwrap()).collect();
        std::fs::write(&path, &bytes).unwrap();
        let overlay = Overlay::new(File::open(&path).unwrap()).unwrap();
        let mut expected = bytes.clone();
        // Within a page, over the edge of two, over a whole one, and up to the end of the file.
        for (offset, len) in [(10, 5), (PAGE - 3, 7), (PAGE - 1, PAGE + 2), (3 * PAGE + 90, 10)] {
            let data = vec![u8::try_from(len % 256).unwrap() ^ 0xa5; len];
            expected[offset..offset + len].copy_from_slice(&data);
            overlay.write(offset as u64, &data).unwrap();
            let mut read = vec![0; expected.len()];
            overlay.read(0, &mut read).unwrap();
            assert!(read == expected, "after {len} bytes at {offset}");
        }
        overlay.set_len(4 * PAGE as u64).unwrap();
        let mut grown = [1; 8];
        overlay.read(4 * PAGE as u64 - 8, &mut grown).unwrap();
        assert_eq!(grown, [0; 8]);
        assert!(
            overlay.read(4 * PAGE as u64 - 4, &mut grown).is_err(),
            "there is nothing past the end"
        );
        overlay.sync_data().unwrap();
        assert!(std::fs::read(&path).unwrap() == bytes);
    }
}
