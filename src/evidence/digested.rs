//! Bytes that are counted and digested as they are written.

use crate::digest::RunningDigest;
use std::io::{self, Write};

/// Where bytes go, with their digest.
pub(super) struct Digested<W> {
    to: W,
    digest: RunningDigest,
    bytes: u64,
}

impl<W: Write> Digested<W> {
    pub(super) fn new(to: W) -> Self {
        Self { to, digest: RunningDigest::default(), bytes: 0 }
    }

    /// The SHA-256 of all that was written, and how much that is.
    pub(super) fn end(self) -> Sum {
        Sum { sha256: self.digest.end(), bytes: self.bytes }
    }
}

/// What a file holds, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sum {
    /// SHA-256 in lower-case hexadecimal.
    pub(super) sha256: String,
    /// Its length.
    pub(super) bytes: u64,
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        let (taken, _) = bytes.split_at(written);
        self.digest.add(taken);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
