//! A text as an editor sees it: lines, and positions in the units that were agreed on.

use super::outline::Outline;
use gen_lsp_types::{Position, Range};
use std::sync::OnceLock;

/// What positions in a line count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Units {
    /// Bytes of UTF-8.
    Utf8,
    /// Code units of UTF-16.
    #[default]
    Utf16,
}

impl Units {
    fn of(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
        }
    }
}

/// A text with its lines and, once it was asked for, its outline.
#[derive(Debug)]
pub(super) struct Text {
    content: String,
    /// Where lines begin.
    lines: Vec<usize>,
    outline: OnceLock<Outline>,
}

impl Text {
    pub(super) fn new(text: String) -> Self {
        let bytes = text.as_bytes();
        let ends = bytes.iter().enumerate().filter(|(at, byte)| match byte {
            b'\n' => true,
            // Alone it ends a line for editors, though not for TOML.
            b'\r' => bytes.get(at + 1) != Some(&b'\n'),
            _ => false,
        });
        let lines = std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect();
        Self { content: text, lines, outline: OnceLock::new() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.content
    }

    pub(super) fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(&self.content))
    }

    /// The bytes of a line, counted from 0, without what ends it.
    pub(super) fn line(&self, number: usize) -> std::ops::Range<usize> {
        let end = self.content.len();
        let start = self.lines.get(number).copied().unwrap_or(end);
        let next = self.lines.get(number + 1).copied().unwrap_or(end);
        let line = self.content.get(start..next).map(|line| line.trim_end_matches(['\n', '\r']));
        start..line.map_or(next, |line| start + line.len())
    }

    /// The number of the line that a byte stands in.
    pub(super) fn line_of(&self, byte: usize) -> usize {
        self.lines.partition_point(|start| *start <= byte).saturating_sub(1)
    }

    /// The byte at a position; one behind a line's end is at its end.
    pub(super) fn byte(&self, position: Position, units: Units) -> usize {
        let line = self.line(position.line as usize);
        let mut left = position.character as usize;
        let characters = self.content.get(line.clone()).into_iter().flat_map(str::char_indices);
        for (at, character) in characters {
            let size = units.of(character);
            if left < size {
                return line.start + at;
            }
            left -= size;
        }
        line.end
    }

    /// The position of a byte.
    pub(super) fn position(&self, byte: usize, units: Units) -> Position {
        let byte = byte.min(self.content.len());
        let number = self.line_of(byte);
        let line = self.line(number);
        let before = self.content.get(line.clone()).into_iter().flat_map(str::char_indices);
        let before = before.take_while(|(at, _)| line.start + at < byte);
        let character: usize = before.map(|(_, character)| units.of(character)).sum();
        Position { line: small(number), character: small(character) }
    }

    /// The range of some bytes.
    pub(super) fn range(&self, bytes: std::ops::Range<usize>, units: Units) -> Range {
        Range {
            start: self.position(bytes.start, units),
            end: self.position(bytes.end.max(bytes.start), units),
        }
    }

    /// The same with some of it replaced.
    pub(super) fn replaced(&self, range: Range, by: &str, units: Units) -> Self {
        let start = self.byte(range.start, units);
        let end = self.byte(range.end, units).max(start);
        let parts = [self.content.get(..start), Some(by), self.content.get(end..)];
        Self::new(parts.into_iter().flatten().collect())
    }
}

#[expect(clippy::expect_used, reason = "a position that is cut would point elsewhere")]
fn small(number: usize) -> u32 {
    u32::try_from(number).expect("texts hold some MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_what_was_agreed_on() {
        let text = Text::new("ä😀x\r\ny\rz\n".to_owned());
        for (units, byte, line, character) in [
            (Units::Utf16, 2, 0, 1),
            (Units::Utf16, 6, 0, 3),
            (Units::Utf16, 7, 0, 4),
            (Units::Utf8, 6, 0, 6),
            (Units::Utf16, 9, 1, 0),
            (Units::Utf16, 11, 2, 0),
            (Units::Utf16, 13, 3, 0),
        ] {
            let position = Position { line, character };
            assert_eq!(text.position(byte, units), position, "{byte}");
            assert_eq!(text.byte(position, units), byte, "{position:?}");
        }
        // Within a character, behind a line and behind the text.
        assert_eq!(text.byte(Position { line: 0, character: 2 }, Units::Utf16), 2);
        assert_eq!(text.byte(Position { line: 0, character: 99 }, Units::Utf16), 7);
        assert_eq!(text.byte(Position { line: 99, character: 9 }, Units::Utf16), 13);
    }

    #[test]
    fn a_change_replaces_what_it_says() {
        let text = Text::new("a = 1\nb = 2\n".to_owned());
        let range = Range {
            start: Position { line: 0, character: 4 },
            end: Position { line: 1, character: 1 },
        };
        assert_eq!(text.replaced(range, "x\ny", Units::Utf16).as_str(), "a = x\ny = 2\n");
    }
}
