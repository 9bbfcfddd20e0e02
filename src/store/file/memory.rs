//! A file that is none: bytes in memory, which end with whoever has them.

use redb::StorageBackend;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A file in memory; its clones are the same file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memory(Arc<Mutex<Vec<u8>>>);

impl Memory {
    /// A file that holds these bytes.
    #[cfg(test)]
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(bytes)))
    }

    /// What it holds.
    #[cfg(test)]
    pub(crate) fn bytes(&self) -> Vec<u8> {
        self.held().clone()
    }

    fn held(&self) -> MutexGuard<'_, Vec<u8>> {
        // Bytes are whole whatever somebody who held them has run into.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl StorageBackend for Memory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.held().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let held = self.held();
        let part = place(offset).and_then(|start| held.get(start..)?.get(..out.len()));
        out.copy_from_slice(part.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.held().resize(place(len).ok_or(io::ErrorKind::OutOfMemory)?, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        put(&mut self.held(), offset, data)
    }
}

/// Writes into bytes, which grow as a file would.
pub(crate) fn put(bytes: &mut Vec<u8>, offset: u64, data: &[u8]) -> io::Result<()> {
    let start = place(offset).ok_or(io::ErrorKind::OutOfMemory)?;
    let end = start.checked_add(data.len()).ok_or(io::ErrorKind::OutOfMemory)?;
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    bytes.split_at_mut(start).1.split_at_mut(data.len()).0.copy_from_slice(data);
    Ok(())
}

/// Where in memory a byte of the file is.
fn place(offset: u64) -> Option<usize> {
    usize::try_from(offset).ok()
}
