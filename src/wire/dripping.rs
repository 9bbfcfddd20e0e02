//! A stream that comes in small pieces, for tests of whoever reads it.

use std::io::{self, Read};

/// Gives at most so many bytes at a time.
pub(crate) struct Dripping<'a>(pub(crate) &'a [u8], pub(crate) usize);

impl Read for Dripping<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(room.len()).min(self.0.len());
        let (given, rest) = self.0.split_at(count);
        room.split_at_mut(count).0.copy_from_slice(given);
        self.0 = rest;
        Ok(count)
    }
}
