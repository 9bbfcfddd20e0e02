//! A digest that is computed beside the work that gives its bytes.

use crate::digest::{Digested, Digesting, Sum};
use std::io::{self, Read, Write};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

/// So many bytes are handed over at once; what is shorter needs no other thread.
const PIECE: usize = 256 << 10;
/// So many pieces wait at most.
const WAITING: usize = 2;

/// SHA-256 of what goes through it, computed by a thread of its own; never more than a few pieces
/// are held.
#[derive(Debug)]
pub struct Apart {
    /// The piece that is being filled, and how far it is.
    piece: Vec<u8>,
    filled: usize,
    other: Option<Other>,
}

/// The other thread.
#[derive(Debug)]
struct Other {
    full: SyncSender<Vec<u8>>,
    /// Pieces that were taken up, to be filled again.
    empty: Receiver<Vec<u8>>,
    thread: JoinHandle<Sum>,
}

impl Default for Apart {
    fn default() -> Self {
        Self::new()
    }
}

impl Apart {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { piece: Vec::new(), filled: 0, other: None }
    }

    /// Reads some bytes on their way, at most so many; none at the end.
    ///
    /// # Errors
    ///
    /// As `from`, or there is no other thread to be had.
    pub fn read(&mut self, from: &mut impl Read, most: usize) -> io::Result<&[u8]> {
        let start = self.room()?;
        let (_, room) = self.piece.split_at_mut(start);
        let most = most.min(room.len());
        let (room, _) = room.split_at_mut(most);
        let read = from.read(room)?;
        self.filled += read;
        let (read, _) = room.split_at(read);
        Ok(read)
    }

    /// Where there is room for a byte or more.
    fn room(&mut self) -> io::Result<usize> {
        if self.filled == self.piece.len() && self.filled > 0 {
            self.hand_over()?;
        }
        if self.piece.is_empty() {
            self.piece = vec![0; PIECE];
        }
        Ok(self.filled)
    }

    fn hand_over(&mut self) -> io::Result<()> {
        if self.other.is_none() {
            self.other = Some(Other::new()?);
        }
        let full = std::mem::take(&mut self.piece);
        self.filled = 0;
        if let Some(other) = &self.other {
            // The other thread ends only when nothing more can come, or in a panic, which is
            // met where it is joined.
            let _ = other.full.send(full);
            // Where none was taken up yet, another is made.
            self.piece = other.empty.try_recv().unwrap_or_default();
        }
        Ok(())
    }

    /// What went through it, in short.
    pub fn end(self) -> Sum {
        let Self { mut piece, filled, other } = self;
        piece.truncate(filled);
        let Some(Other { full, empty, thread }) = other else {
            let mut digested = Digested::new(io::sink());
            add(&mut digested, &piece);
            return digested.end();
        };
        // As above: a panic is met below.
        let _ = full.send(piece);
        drop((full, empty));
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Digesting for Apart {
    fn add(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            self.read(&mut bytes, usize::MAX)?;
        }
        Ok(())
    }

    fn end(self: Box<Self>) -> Sum {
        (*self).end()
    }
}

impl Other {
    fn new() -> io::Result<Self> {
        let (full, pieces) = sync_channel::<Vec<u8>>(WAITING);
        let (emptied, empty) = channel();
        let work = move || {
            let mut digested = Digested::new(io::sink());
            for piece in pieces {
                add(&mut digested, &piece);
                // At the end nobody takes pieces back.
                let _ = emptied.send(piece);
            }
            digested.end()
        };
        let thread = thread::Builder::new().name("digest".to_owned()).spawn(work)?;
        Ok(Self { full, empty, thread })
    }
}

#[expect(clippy::expect_used, reason = "bytes that are left out would give another digest")]
fn add(digested: &mut Digested<io::Sink>, piece: &[u8]) {
    digested.write_all(piece).expect("a sink takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::sha256;

    #[test]
    fn it_is_the_digest_of_what_went_through() {
        for length in [0, 1, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE, 7 * PIECE + 3] {
            let bytes: Vec<u8> = (0..=250).cycle().take(length).collect();
            for most in [1000, PIECE * 2] {
                let (mut from, mut apart, mut seen) = (&bytes[..], Apart::new(), Vec::new());
                loop {
                    let read = apart.read(&mut from, most).unwrap();
                    if read.is_empty() {
                        break;
                    }
                    seen.extend_from_slice(read);
                }
                let sum = apart.end();
                assert_eq!((sum.sha256, sum.bytes), (sha256(&bytes), length as u64), "{length}");
                assert!(seen == bytes, "{length}");
            }
        }
    }
}
