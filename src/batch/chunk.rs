//! A stream in pieces of whole lines or whole records, in constant memory: each piece is read on
//! whatever core has time for it.

use crate::wire::{MAX_LINE_BYTES, Quotes, Transcoder};
use std::io::{self, Read};

/// How much is read at a time.
const PIECE_BYTES: usize = 256 << 10;

/// Some whole lines or records, one after the other.
#[derive(Debug)]
pub(super) struct Chunk {
    /// The number of its first line.
    pub(super) first_line: u64,
    /// Its text in UTF-8, as far as it is text.
    pub(super) bytes: Vec<u8>,
    /// Whether it is the last record alone, in which a quote is not closed.
    pub(super) is_open: bool,
}

/// A line of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct LineBytes<'c> {
    /// Its number in the stream, from 1.
    pub(super) number: u64,
    /// Where it begins in the chunk's bytes.
    pub(super) at: usize,
    /// The line without its end.
    pub(super) bytes: &'c [u8],
}

/// Where lines or records of a text end.
#[derive(Clone, Copy, Debug)]
pub(super) enum Ends {
    /// At each line feed.
    Lines,
    /// At each line feed outside of quotes.
    Records(Quotes),
}

/// Reads a stream chunk by chunk.
#[derive(Debug)]
pub(super) struct Chunks<R> {
    source: Transcoder<R>,
    ends: Ends,
    /// What was read and not given out: the beginning of a line.
    rest: Vec<u8>,
    /// How much of it was looked at, and where its last end is.
    searched: usize,
    end: usize,
    /// The number of the next line.
    line: u64,
    /// Line feeds of what was left out of a line that is too long.
    dropped_lines: u64,
    at_end: bool,
}

impl<R: Read> Chunks<R> {
    pub(super) fn new(source: R, ends: Ends) -> Self {
        Self {
            source: Transcoder::new(source),
            ends,
            rest: Vec::new(),
            searched: 0,
            end: 0,
            line: 1,
            dropped_lines: 0,
            at_end: false,
        }
    }

    /// Says where records end, before anything is given out.
    pub(super) fn records(&mut self, separator: u8) {
        self.ends = Ends::Records(Quotes::new(separator, b'\n'));
        (self.searched, self.end) = (0, 0);
    }

    /// The first line that is not blank, as far as it is no longer than a line may be; it is not
    /// taken, but those before it are.
    pub(super) fn first_line(&mut self) -> io::Result<&[u8]> {
        loop {
            let found = memchr::memchr(b'\n', &self.rest);
            if let Some(end) = found
                && self.rest.split_at(end).0.iter().all(u8::is_ascii_whitespace)
            {
                self.rest.drain(..=end);
                self.line += 1;
                continue;
            }
            if found.is_some() || self.at_end || self.rest.len() > MAX_LINE_BYTES {
                let (line, _) = self.rest.split_at(found.unwrap_or(self.rest.len()));
                return Ok(line);
            }
            self.fill()?;
        }
    }

    /// The next lines, as many as were read at once; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Chunk>> {
        loop {
            self.search();
            if self.end > 0 {
                return Ok(Some(self.take(self.end)));
            }
            if self.at_end {
                let is_open = matches!(self.ends, Ends::Records(quotes) if quotes.is_open());
                let last = (!self.rest.is_empty()).then(|| self.take(self.rest.len()));
                return Ok(last.map(|last| Chunk { is_open, ..last }));
            }
            if self.rest.len() > MAX_LINE_BYTES + 1 {
                // Too long, as whoever reads it will say; the rest of it is left out.
                let (_, left_out) = self.rest.split_at(MAX_LINE_BYTES + 1);
                self.dropped_lines += memchr::memchr_iter(b'\n', left_out).count() as u64;
                self.rest.truncate(MAX_LINE_BYTES + 1);
                self.searched = self.rest.len();
            }
            self.fill()?;
        }
    }

    fn take(&mut self, length: usize) -> Chunk {
        let rest = self.rest.split_off(length);
        let bytes = std::mem::replace(&mut self.rest, rest);
        self.searched -= length;
        self.end = 0;
        let first_line = self.line;
        let lines = memchr::memchr_iter(b'\n', &bytes).count() as u64;
        self.line += lines + std::mem::take(&mut self.dropped_lines);
        Chunk { first_line, bytes, is_open: false }
    }

    fn fill(&mut self) -> io::Result<()> {
        let known = self.rest.len();
        self.rest.resize(known + PIECE_BYTES, 0);
        let (_, room) = self.rest.split_at_mut(known);
        let read = self.source.read(room)?;
        self.rest.truncate(known + read);
        self.at_end = read == 0;
        Ok(())
    }

    /// Looks for the last end in what was read.
    fn search(&mut self) {
        let (_, new) = self.rest.split_at(self.searched);
        match &mut self.ends {
            Ends::Lines => {
                if let Some(found) = memchr::memrchr(b'\n', new) {
                    self.end = self.searched + found + 1;
                }
            }
            Ends::Records(quotes) => {
                if let Some(end) = quotes.read(new) {
                    self.end = self.searched + end;
                }
            }
        }
        self.searched = self.rest.len();
    }
}

impl Chunk {
    /// Its lines, blank ones left out.
    pub(super) fn lines(&self) -> impl Iterator<Item = LineBytes<'_>> {
        let all = self.bytes.as_slice();
        let (mut next, mut number) = (0, self.first_line);
        std::iter::from_fn(move || {
            while let Some(rest) = all.get(next..).filter(|rest| !rest.is_empty()) {
                let (line, _) = rest.split_at(memchr::memchr(b'\n', rest).unwrap_or(rest.len()));
                let bytes = line.strip_suffix(b"\r").unwrap_or(line);
                let this = LineBytes { number, at: next, bytes };
                next += line.len() + 1;
                number += 1;
                if bytes.len() > MAX_LINE_BYTES || !bytes.iter().all(u8::is_ascii_whitespace) {
                    return Some(this);
                }
            }
            None
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Dripping;
    use proptest::prelude::*;

    fn chunks(bytes: &[u8], step: usize, ends: Ends) -> Vec<Chunk> {
        let mut chunks = Chunks::new(Dripping(bytes, step), ends);
        std::iter::from_fn(|| chunks.next().unwrap()).collect()
    }

    #[test]
    fn a_line_that_is_too_long_is_cut_and_counted() {
        let mut text = vec![b'x'; 3 * MAX_LINE_BYTES];
        text.extend_from_slice(b"\nnext\n");
        let read = chunks(&text, 70_000, Ends::Lines);
        let lines: Vec<_> = read.iter().flat_map(Chunk::lines).collect();
        assert_eq!(lines.len(), 2);
        let is_cut = |length| (MAX_LINE_BYTES + 1..MAX_LINE_BYTES + PIECE_BYTES).contains(&length);
        assert!(lines[0].number == 1 && is_cut(lines[0].bytes.len()));
        assert_eq!((lines[1].number, lines[1].bytes), (2, b"next".as_slice()));
        // A quote that nothing closes takes no more memory.
        let mut text = b"a\n\"".to_vec();
        text.extend(vec![b'\n'; 3 * MAX_LINE_BYTES]);
        let read = chunks(&text, 70_000, Ends::Records(Quotes::new(b',', b'\n')));
        assert_eq!(read.len(), 2);
        assert!(!read[0].is_open && read[1].is_open);
        assert!(read[1].first_line == 2 && is_cut(read[1].bytes.len()));
    }

    proptest! {
        #[test]
        fn records_are_cut_where_they_end(
            text in "[a,\"\r\n]{0,60}", step in 1_usize..9
        ) {
            let records = |bytes: &[u8]| -> Vec<csv::ByteRecord> {
                let mut builder = csv::ReaderBuilder::new();
                builder.has_headers(false).flexible(true).terminator(csv::Terminator::Any(b'\n'));
                builder.from_reader(bytes).byte_records().map(Result::unwrap).collect()
            };
            let read = chunks(text.as_bytes(), step, Ends::Records(Quotes::new(b',', b'\n')));
            let all: Vec<u8> = read.iter().flat_map(|chunk| chunk.bytes.clone()).collect();
            prop_assert_eq!(&all, text.as_bytes());
            let cut: Vec<_> = read.iter().flat_map(|chunk| records(&chunk.bytes)).collect();
            prop_assert_eq!(cut, records(text.as_bytes()));
            let mut line = 1;
            for chunk in &read {
                prop_assert_eq!(chunk.first_line, line);
                line += memchr::memchr_iter(b'\n', &chunk.bytes).count() as u64;
            }
        }
    }
}
