//! The text of an input, read a piece at a time, so that what is in memory does not grow with it.

use super::Problem;
use crate::digest::{Digested, Digesting, Sum};
use crate::load::text::TextDecoder;
use std::io::{self, Read, Seek};

/// An input that can be read again from its beginning.
pub trait Bytes: Read + Seek {}

impl<T: Read + Seek> Bytes for T {}

/// Begins the digest of an input.
pub type BeginDigest = fn() -> Box<dyn Digesting>;

/// A digest that is computed where the input is read.
pub(in crate::import) fn digest_here() -> Box<dyn Digesting> {
    Box::new(Digested::new(io::sink()))
}

/// So many bytes are read at once, where nothing else is said.
const PIECE: usize = 256 << 10;

/// Fills `room` with bytes, as far as there are any, and gives their number.
pub(in crate::import) fn fill(bytes: &mut dyn Bytes, room: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(rest) = room.get_mut(read..).filter(|rest| !rest.is_empty()) {
        match bytes.read(rest) {
            Ok(0) => break,
            Ok(more) => read += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

/// The SHA-256 and the size of an input.
pub(in crate::import) fn digest(bytes: &mut dyn Bytes) -> Result<Sum, Problem> {
    let mut digested = Digested::new(io::sink());
    let read = bytes.rewind().and_then(|()| io::copy(bytes, &mut digested));
    read.map_err(|error| Problem::Unreadable(error.to_string()))?;
    Ok(digested.end())
}

/// The text of an input, of which a window is in memory.
pub(in crate::import) struct Text<'b> {
    bytes: &'b mut dyn Bytes,
    /// How many are read at once.
    piece: usize,
    decoder: TextDecoder,
    /// Room for what is read; at its beginning bytes that were read and not decoded, the first of a
    /// character.
    raw: Vec<u8>,
    /// How many those are.
    kept: usize,
    is_last: bool,
    window: String,
    /// Where the reader stands in the window.
    pub(super) at: usize,
    /// The line at `counted` in the window.
    line: u32,
    counted: usize,
    /// How many characters of its line stand before the window.
    columns: usize,
    /// Of what was read since the beginning.
    digest: Box<dyn Digesting>,
    begin_digest: BeginDigest,
    /// Of the whole input, once it was read to its end.
    whole: Option<Sum>,
}

impl<'b> Text<'b> {
    pub(in crate::import) fn new(
        bytes: &'b mut dyn Bytes,
        begin_digest: BeginDigest,
    ) -> Result<Self, Problem> {
        Self::begun(bytes, PIECE, begin_digest)
    }

    /// The text, of which so many bytes are read at once, four at least.
    #[cfg(test)]
    pub(super) fn in_pieces(bytes: &'b mut dyn Bytes, piece: usize) -> Result<Self, Problem> {
        Self::begun(bytes, piece, digest_here)
    }

    fn begun(
        bytes: &'b mut dyn Bytes,
        piece: usize,
        begin_digest: BeginDigest,
    ) -> Result<Self, Problem> {
        let mut text = Self {
            bytes,
            piece,
            decoder: TextDecoder::default(),
            raw: Vec::new(),
            kept: 0,
            is_last: false,
            window: String::new(),
            at: 0,
            line: 1,
            counted: 0,
            columns: 0,
            digest: begin_digest(),
            begin_digest,
            whole: None,
        };
        text.rewind()?;
        Ok(text)
    }

    /// Goes back to the beginning, with its first piece in the window.
    pub(in crate::import) fn rewind(&mut self) -> Result<(), Problem> {
        self.bytes.rewind().map_err(|error| Problem::Unreadable(error.to_string()))?;
        self.decoder = TextDecoder::default();
        self.kept = 0;
        self.window.clear();
        (self.is_last, self.at, self.line, self.counted) = (false, 0, 1, 0);
        self.columns = 0;
        self.digest = (self.begin_digest)();
        self.more().map(|_| ())
    }

    /// What is in the window from where the reader stands.
    pub(super) fn rest(&self) -> &[u8] {
        self.window.as_bytes().get(self.at..).unwrap_or_default()
    }

    /// A part of the window.
    pub(super) fn part(&self, from: usize, to: usize) -> &str {
        self.window.get(from..to).unwrap_or_default()
    }

    /// The window.
    pub(in crate::import) fn window(&self) -> &str {
        &self.window
    }

    /// Reads another piece, and forgets what is before where the reader stands; `false` at the end.
    pub(super) fn more(&mut self) -> Result<bool, Problem> {
        if self.is_last {
            return Ok(false);
        }
        self.line_at(self.at);
        self.columns = self.column() - 1;
        self.window.drain(..self.at);
        (self.at, self.counted) = (0, 0);
        let unreadable = |error: io::Error| Problem::Unreadable(error.to_string());
        if self.raw.len() < self.kept + self.piece {
            self.raw.resize(self.kept + self.piece, 0);
        }
        let (_, room) = self.raw.split_at_mut(self.kept);
        let (room, _) = room.split_at_mut(self.piece);
        let read = fill(self.bytes, room).map_err(unreadable)?;
        let (new, _) = room.split_at(read);
        if self.whole.is_none() {
            self.digest.add(new).map_err(unreadable)?;
        }
        self.is_last = read < self.piece;
        let (there, _) = self.raw.split_at(self.kept + read);
        let decoded = self.decoder.decode(there, self.is_last, &mut self.window);
        let decoded = decoded.map_err(Problem::NotText)?;
        self.kept = there.len() - decoded;
        self.raw.copy_within(decoded..decoded + self.kept, 0);
        if self.is_last && self.whole.is_none() {
            let digest = std::mem::replace(&mut self.digest, (self.begin_digest)());
            self.whole = Some(digest.end());
        }
        Ok(true)
    }

    /// The line at a place of the window, which never goes back.
    pub(super) fn line_at(&mut self, place: usize) -> u32 {
        if place > self.counted {
            let (_, passed) = self.window.as_bytes().split_at(place).0.split_at(self.counted);
            let feeds = memchr::memchr_iter(b'\n', passed).count();
            // Lines beyond the four thousand millionth are told as that one.
            self.line = self.line.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
            self.counted = place;
        }
        self.line
    }

    /// The line where the reader stands.
    pub(super) fn line(&mut self) -> u32 {
        self.line_at(self.at)
    }

    /// The column where the reader stands, from 1.
    pub(super) fn column(&self) -> usize {
        let (passed, _) = self.window.as_bytes().split_at(self.at);
        // Bytes that begin a character: a mistake may stand within one.
        let characters = |bytes: &[u8]| bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        match memchr::memrchr(b'\n', passed) {
            Some(feed) => characters(passed.split_at(feed + 1).1) + 1,
            None => self.columns + characters(passed) + 1,
        }
    }

    /// The first byte that is not white space.
    pub(in crate::import) fn begins(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            let text = self.part(self.at, self.window.len());
            let blanks = text.len() - text.trim_start().len();
            self.at += blanks;
            let first = self.rest().first().copied();
            if first.is_some() || !self.more()? {
                return Ok(first);
            }
        }
    }

    /// The SHA-256 and the size of the input, which is read to its end where it was not.
    pub(in crate::import) fn digest(&mut self) -> Result<Sum, Problem> {
        loop {
            if let Some(whole) = &self.whole {
                return Ok(whole.clone());
            }
            self.at = self.window.len();
            self.more()?;
        }
    }
}
