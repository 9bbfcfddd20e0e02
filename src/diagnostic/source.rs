//! The files that findings point into, and the way from a byte range to a line and a column.

use crate::digest::{below, of_files};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

/// The number of a file in [`Sources`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FileId(u32);

impl FileId {
    /// The file added first.
    pub const FIRST: Self = Self(0);
    /// A text that no file holds, until its places are taken back to where they come from.
    pub(crate) const MADE: Self = Self(u32::MAX);
}

/// A range of bytes in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// The range `range` of `file`.
    pub fn new(file: FileId, range: Range<usize>) -> Self {
        Self { file, start: offset(range.start), end: offset(range.end) }
    }

    /// The range as byte offsets.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

#[expect(clippy::expect_used, reason = "a span that is cut would point elsewhere")]
fn offset(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("inputs hold some MiB")
}

/// A line and a column, both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in the line.
    pub column: usize,
}

/// One input file, as it was read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFile {
    /// The path as it was given.
    pub path: String,
    /// Its text, decoded.
    #[serde(borrow)]
    pub text: Cow<'static, str>,
    /// SHA-256 of its bytes as they were on disk, in hexadecimal; `None` where the text is those
    /// bytes.
    sha256: Option<String>,
    /// The digest of the text, once somebody asked for it: a page does again and again.
    #[serde(skip)]
    of_text: OnceLock<String>,
    /// Whether it is an export of headquarters, whose text is shown only in part.
    pub is_export: bool,
    /// Where lines begin.
    line_starts: Vec<u32>,
}

/// Where the line begins that a byte stands in.
pub(crate) fn line_start(text: &str, byte: usize) -> usize {
    let mut before = text.bytes().take(byte);
    // The first line has no end of another before it, and begins with the text.
    before.rposition(|byte| byte == b'\n').map_or(0, |end| end + 1)
}

impl SourceFile {
    fn new(path: String, text: Cow<'static, str>, sha256: Option<String>) -> Self {
        let ends = text.match_indices('\n');
        let starts = ends.map(|(end, _)| offset(end + 1));
        let line_starts = std::iter::once(0).chain(starts).collect();
        let of_text = OnceLock::new();
        Self { path, text, sha256, of_text, is_export: false, line_starts }
    }

    /// SHA-256 of its bytes as they were on disk, in hexadecimal.
    pub fn sha256(&self) -> &str {
        let of_text = || crate::digest::sha256(self.text.as_bytes());
        self.sha256.as_ref().unwrap_or_else(|| self.of_text.get_or_init(of_text))
    }

    fn position(&self, offset: usize) -> Position {
        let offset = offset.min(self.text.len());
        let starts = &self.line_starts;
        let line = starts.partition_point(|start| *start as usize <= offset);
        // The first line begins with the text.
        let start = starts.iter().take(line).next_back().map_or(0, |start| *start as usize);
        // Bytes that begin a character, so that an offset within one is told as what it is.
        let before = self.text.bytes().take(offset).skip(start);
        let characters = before.filter(|byte| *byte & 0b1100_0000 != 0b1000_0000);
        Position { line, column: characters.count() + 1 }
    }
}

/// All files of one load.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Sources {
    files: Vec<SourceFile>,
    made: Option<String>,
}

impl Sources {
    /// Adds a file that was read from `path` and gives its number; `sha256` is the digest of its
    /// bytes, `None` where the text is those bytes.
    #[expect(clippy::expect_used, reason = "findings would point into another file")]
    pub fn add(&mut self, path: String, text: String, sha256: Option<String>) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).expect("nobody has billions of files"));
        self.files.push(SourceFile::new(path, text.into(), sha256));
        id
    }

    /// Adds an export of headquarters; `text` is what is shown of it.
    pub(crate) fn add_export(&mut self, path: String, text: String, sha256: String) -> FileId {
        let id = self.add(path, text, Some(sha256));
        if let Some(file) = self.files.last_mut() {
            file.is_export = true;
        }
        id
    }

    /// Keeps the text that was made of the exports.
    pub(crate) fn set_made(&mut self, text: String) {
        self.made = Some(text);
    }

    /// The text that was made of the exports, where there are any: it says all that was taken from
    /// them.
    pub fn made_of_exports(&self) -> Option<&str> {
        self.made.as_deref()
    }

    /// The bytes of a line, counted from 1, without its line feed.
    pub(crate) fn line(&self, id: FileId, line: u32) -> Range<usize> {
        let Some(file) = self.file(id) else { return 0..0 };
        let number = line.saturating_sub(1) as usize;
        let start = file.line_starts.get(number).map_or(file.text.len(), |start| *start as usize);
        let length = file.text.bytes().skip(start).position(|byte| byte == b'\n');
        start..length.map_or(file.text.len(), |length| start + length)
    }

    /// The file with this number.
    pub fn file(&self, id: FileId) -> Option<&SourceFile> {
        self.files.get(id.0 as usize)
    }

    /// Every file, in the order added.
    pub fn files(&self) -> &[SourceFile] {
        &self.files
    }

    /// The path of a file, empty for a number that is not known.
    pub fn path(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| file.path.as_str())
    }

    /// Whether a file has this name, wherever it lies.
    pub fn is_named(&self, id: FileId, name: &str) -> bool {
        self.path(id).rsplit(['/', '\\']).next() == Some(name)
    }

    /// The text of a file, empty for a number that is not known.
    pub fn text(&self, id: FileId) -> &str {
        self.file(id).map_or("", |file| &*file.text)
    }

    /// The first position of a span and the one after its last.
    pub fn position(&self, span: Span) -> Range<Position> {
        self.at(span.file, span.start)..self.at(span.file, span.end)
    }

    /// The first position of a span.
    pub(crate) fn start(&self, span: Span) -> Position {
        self.at(span.file, span.start)
    }

    fn at(&self, file: FileId, offset: u32) -> Position {
        let start = Position { line: 1, column: 1 };
        self.file(file).map_or(start, |file| file.position(offset as usize))
    }

    /// The digest over all files: SHA-256 of the sorted lines `<sha256>  <path>`, as `sha256sum`
    /// prints them in `directory`. One thing has one digest, wherever it lies.
    pub fn digest(&self, directory: &str) -> String {
        let files = self.files.iter();
        of_files(files.map(|file| (below(directory, &file.path), file.sha256())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_from_one() {
        let mut sources = Sources::default();
        let file = sources.add("a.toml".into(), "ä = 1\r\nbö = \"x\"\n".into(), None);
        let at = |start, end| {
            let range = sources.position(Span::new(file, start..end));
            ((range.start.line, range.start.column), (range.end.line, range.end.column))
        };
        assert_eq!(at(0, 2), ((1, 1), (1, 2)));
        assert_eq!(at(5, 6), ((1, 5), (1, 6)));
        assert_eq!(at(8, 11), ((2, 1), (2, 3)));
        assert_eq!(at(18, 18), ((3, 1), (3, 1)));
        assert_eq!(at(900, 901), ((3, 1), (3, 1)), "offsets past the end stay at the end");
    }
}
