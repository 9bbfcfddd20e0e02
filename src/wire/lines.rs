//! Lines of a stream, in constant memory: UTF-8 or UTF-16, with or without a byte order mark.

use std::io::{self, Read};

/// A longer line is invalid: 1 MiB.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// How much is read at a time.
const CHUNK_BYTES: usize = 64 << 10;

/// One line that is not blank.
#[derive(Debug)]
pub struct Line<'a> {
    /// Its number, counted from 1 over all lines, blank ones included.
    pub number: u64,
    /// Its text without the line end, or why it has none.
    pub text: Result<&'a str, LineProblem>,
    /// The line's bytes as they were read (transcoded to UTF-8), without the line end; cut where it
    /// is too long.
    pub bytes: &'a [u8],
}

/// Why a line can't be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineProblem {
    /// It is longer than [`MAX_LINE_BYTES`].
    #[error("the line is longer than 1 MiB")]
    TooLong,
    /// It is not text.
    #[error("column {column}: not text in UTF-8 or UTF-16")]
    NotText {
        /// The column of the first byte that is none, in characters.
        column: usize,
    },
}

impl LineProblem {
    /// What is wrong with bytes that are no text.
    pub(crate) fn not_text(bytes: &[u8], error: &std::str::Utf8Error) -> Self {
        let (valid, _) = bytes.split_at(error.valid_up_to());
        Self::NotText { column: String::from_utf8_lossy(valid).chars().count() + 1 }
    }
}

/// Reads a stream line by line.
#[derive(Debug)]
pub struct Lines<R> {
    source: Transcoder<R>,
    buffer: Vec<u8>,
    /// The part of the buffer that has not been given out.
    start: usize,
    end: usize,
    /// How far from `start` on no line end was found.
    searched: usize,
    number: u64,
    at_end: bool,
}

impl<R: Read> Lines<R> {
    /// The lines of `source`.
    pub fn new(source: R) -> Self {
        Self {
            source: Transcoder::new(source),
            buffer: vec![0; CHUNK_BYTES],
            start: 0,
            end: 0,
            searched: 0,
            number: 0,
            at_end: false,
        }
    }

    /// The next line that is not blank; `None` at the end. `before_read` is called before more is
    /// read, when all that was read has been given out: the moment to flush what answers it.
    ///
    /// # Errors
    ///
    /// Reading, or `before_read`, fails.
    pub fn next_line<E: From<io::Error>>(
        &mut self,
        mut before_read: impl FnMut() -> Result<(), E>,
    ) -> Result<Option<Line<'_>>, E> {
        loop {
            let Some((start, end, too_long)) = self.advance(&mut before_read)? else {
                return Ok(None);
            };
            let bytes = between(&self.buffer, start, end);
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            if !too_long && bytes.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            // The borrow checker can't see that `bytes` is not used when the loop goes on, so it is
            // taken again.
            let bytes = between(&self.buffer, start, end);
            let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
            let text = if too_long {
                Err(LineProblem::TooLong)
            } else {
                std::str::from_utf8(bytes).map_err(|error| LineProblem::not_text(bytes, &error))
            };
            return Ok(Some(Line { number: self.number, text, bytes }));
        }
    }

    /// The next line as a range of the buffer, and whether it was too long and cut.
    fn advance<E: From<io::Error>>(
        &mut self,
        before_read: &mut impl FnMut() -> Result<(), E>,
    ) -> Result<Option<(usize, usize, bool)>, E> {
        let mut too_long = false;
        loop {
            let unsearched = between(&self.buffer, self.start + self.searched, self.end);
            if let Some(found) = memchr::memchr(b'\n', unsearched) {
                let (start, end) = (self.start, self.start + self.searched + found);
                self.start = end + 1;
                self.searched = 0;
                self.number += 1;
                return Ok(Some((start, end, too_long || self.is_too_long(start, end))));
            }
            self.searched = self.end - self.start;
            if self.is_too_long(self.start, self.end) {
                // What was read of it is dropped, and the rest will be.
                too_long = true;
                (self.start, self.end, self.searched) = (0, 0, 0);
            }
            if self.at_end {
                if self.searched == 0 && !too_long {
                    return Ok(None);
                }
                let (start, end) = (self.start, self.end);
                (self.start, self.searched) = (self.end, 0);
                self.number += 1;
                return Ok(Some((start, end, too_long)));
            }
            before_read()?;
            self.fill()?;
        }
    }

    /// Whether so much is longer than a line may be: a carriage return at its end belongs to no
    /// line.
    fn is_too_long(&self, start: usize, end: usize) -> bool {
        let bytes = between(&self.buffer, start, end);
        bytes.strip_suffix(b"\r").unwrap_or(bytes).len() > MAX_LINE_BYTES
    }

    fn fill(&mut self) -> io::Result<()> {
        self.buffer.copy_within(self.start..self.end, 0);
        (self.start, self.end) = (0, self.end - self.start);
        if self.buffer.len() < self.end + CHUNK_BYTES {
            self.buffer.resize(self.end + CHUNK_BYTES, 0);
        }
        let (_, room) = self.buffer.split_at_mut(self.end);
        let read = self.source.read(room)?;
        self.end += read;
        self.at_end = read == 0;
        Ok(())
    }
}

fn between(bytes: &[u8], start: usize, end: usize) -> &[u8] {
    bytes.split_at(end).0.split_at(start).1
}

#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

/// Gives UTF-8 whatever the source gives. What is no text stays none: half a surrogate pair becomes
/// a byte that UTF-8 does not have.
#[derive(Debug)]
pub(crate) struct Transcoder<R> {
    source: R,
    /// `None` until the first bytes are seen.
    encoding: Option<Encoding>,
    /// UTF-8 that did not fit into what the caller offered.
    pending: Vec<u8>,
    /// UTF-16 that is not a whole character yet.
    raw: Vec<u8>,
}

impl<R: Read> Read for Transcoder<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.encoding.is_none() {
            self.sniff()?;
        }
        if !self.pending.is_empty() {
            return Ok(self.give(room));
        }
        match self.encoding {
            Some(Encoding::Utf16(unit)) => self.read_utf16(room, unit),
            _ => read_some(&mut self.source, room),
        }
    }
}

impl<R: Read> Transcoder<R> {
    pub(crate) fn new(source: R) -> Self {
        Self { source, encoding: None, pending: Vec::new(), raw: Vec::new() }
    }

    fn give(&mut self, room: &mut [u8]) -> usize {
        let count = room.len().min(self.pending.len());
        for (place, byte) in room.iter_mut().zip(self.pending.drain(..count)) {
            *place = byte;
        }
        count
    }

    /// Looks at the first bytes, as `load::text` does for whole files.
    fn sniff(&mut self) -> io::Result<()> {
        let mut first = [0; 3];
        let mut count = 0;
        while count < first.len() {
            match read_some(&mut self.source, first.split_at_mut(count).1)? {
                0 => break,
                read => count += read,
            }
        }
        let (first, _) = first.split_at(count);
        let (encoding, mark) = match first {
            [0xef, 0xbb, 0xbf] => (Encoding::Utf8, 3),
            [0xff, 0xfe, ..] => (Encoding::Utf16(u16::from_le_bytes), 2),
            [0xfe, 0xff, ..] => (Encoding::Utf16(u16::from_be_bytes), 2),
            [one, 0, ..] if *one != 0 => (Encoding::Utf16(u16::from_le_bytes), 0),
            [0, two, ..] if *two != 0 => (Encoding::Utf16(u16::from_be_bytes), 0),
            _ => (Encoding::Utf8, 0),
        };
        self.encoding = Some(encoding);
        let (_, rest) = first.split_at(mark);
        match encoding {
            Encoding::Utf8 => self.pending.extend_from_slice(rest),
            Encoding::Utf16(_) => self.raw.extend_from_slice(rest),
        }
        Ok(())
    }

    fn read_utf16(&mut self, room: &mut [u8], unit: fn([u8; 2]) -> u16) -> io::Result<usize> {
        while self.pending.is_empty() {
            let known = self.raw.len();
            self.raw.resize(known + CHUNK_BYTES, 0);
            let read = read_some(&mut self.source, self.raw.split_at_mut(known).1)?;
            self.raw.truncate(known + read);
            self.transcode(unit, read == 0);
            if read == 0 {
                break;
            }
        }
        Ok(self.give(room))
    }

    /// Moves whole characters from `raw` to `pending`; at the end, everything.
    fn transcode(&mut self, unit: fn([u8; 2]) -> u16, at_end: bool) {
        let (pairs, odd) = self.raw.as_chunks::<2>();
        let mut units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
        let mut rest = odd.to_vec();
        if !at_end && let Some(last @ 0xd800..=0xdbff) = units.last().copied() {
            units.pop();
            let bytes = if unit([1, 0]) == 1 { last.to_le_bytes() } else { last.to_be_bytes() };
            rest.splice(0..0, bytes);
        }
        for decoded in char::decode_utf16(units) {
            match decoded {
                Ok(character) => {
                    self.pending.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
                Err(_) => self.pending.push(0xff),
            }
        }
        if at_end && !rest.is_empty() {
            self.pending.push(0xff);
            rest.clear();
        }
        self.raw = rest;
    }
}

fn read_some(source: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(room) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Dripping;

    fn lines(bytes: &[u8], step: usize) -> Vec<(u64, Result<String, LineProblem>)> {
        let mut lines = Lines::new(Dripping(bytes, step));
        let mut read = Vec::new();
        while let Some(line) = lines.next_line(|| io::Result::Ok(())).unwrap() {
            read.push((line.number, line.text.map(str::to_owned)));
        }
        read
    }

    #[test]
    fn lines_are_counted_blank_ones_skipped_whatever_the_encoding() {
        let text = "ä\r\n\n  \n{\"😀\":1}\nlast";
        let expected = vec![
            (1, Ok("ä".to_owned())),
            (4, Ok("{\"😀\":1}".to_owned())),
            (5, Ok("last".to_owned())),
        ];
        let utf16 = |mark: u16, bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            std::iter::once(mark).chain(text.encode_utf16()).flat_map(bytes).collect()
        };
        let inputs = [
            text.as_bytes().to_vec(),
            ["\u{feff}", text].concat().into_bytes(),
            utf16(0xfeff, u16::to_le_bytes),
            utf16(0xfeff, u16::to_be_bytes),
        ];
        for input in inputs {
            for step in [1, 2, 3, 5, 1000] {
                assert_eq!(lines(&input, step), expected);
            }
        }
        assert!(
            lines(b"", 1).is_empty() && lines(b"\n\n", 1).is_empty() && lines(b"a", 1).len() == 1
        );
    }

    #[test]
    fn what_is_no_text_is_told_and_the_rest_goes_on() {
        assert_eq!(
            lines(b"a\n\xc3\xa4b\xff\nc", 4),
            [
                (1, Ok("a".into())),
                (2, Err(LineProblem::NotText { column: 3 })),
                (3, Ok("c".into()))
            ]
        );
        let lone = [0xff, 0xfe, b'a', 0, 0x00, 0xd8, b'\n', 0, b'b', 0, b'x'];
        assert_eq!(lines(&lone, 3).len(), 2);
        assert!(lines(&lone, 3).iter().all(|(_, text)| text.is_err()));
    }

    #[test]
    fn lines_that_are_too_long_are_told_in_constant_memory() {
        let mut input = vec![b'x'; 5 * MAX_LINE_BYTES];
        input.extend_from_slice(b"\nnext\n");
        input.extend(vec![b'y'; MAX_LINE_BYTES]);
        input.push(b'\n');
        input.extend(vec![b'z'; MAX_LINE_BYTES + 1]);
        let read = lines(&input, 70_000);
        assert_eq!(read.len(), 4);
        assert_eq!(read[0], (1, Err(LineProblem::TooLong)));
        assert_eq!(read[1], (2, Ok("next".into())));
        assert_eq!(read[2].1.as_ref().unwrap().len(), MAX_LINE_BYTES);
        assert_eq!(read[3], (4, Err(LineProblem::TooLong)));
        let mut lines = Lines::new(Dripping(&input, 70_000));
        while lines.next_line(|| io::Result::Ok(())).unwrap().is_some() {}
        assert!(lines.buffer.len() < 3 * MAX_LINE_BYTES);
    }

    #[test]
    fn answers_can_be_flushed_before_waiting_for_more() {
        let mut lines = Lines::new(Dripping(b"a\nb\nc\n", 2));
        let mut waits = Vec::new();
        let mut given = 0;
        loop {
            let mut waited = 0;
            let more = lines.next_line(|| {
                waited += 1;
                io::Result::Ok(())
            });
            waits.push((given, waited));
            if more.unwrap().is_none() {
                break;
            }
            given += 1;
        }
        // Each line is given out before the next is waited for.
        assert!(waits.iter().all(|(_, waited)| *waited >= 1), "{waits:?}");
    }
}
