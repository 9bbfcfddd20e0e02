//! A text as an editor sees it: lines, and positions in the units that were agreed on.

use super::outline::Outline;
use gen_lsp_types::Position;
use std::ops::Range;
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
        // Alone a carriage return ends a line for editors, though not for TOML.
        let is_end =
            |at: &usize| bytes.get(*at) == Some(&b'\n') || bytes.get(at + 1) != Some(&b'\n');
        let ends = memchr::memchr2_iter(b'\n', b'\r', bytes).filter(is_end);
        let lines = std::iter::once(0).chain(ends.map(|at| at + 1)).collect();
        Self { content: text, lines, outline: OnceLock::new() }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.content
    }

    pub(super) fn outline(&self) -> &Outline {
        self.outline.get_or_init(|| Outline::of(&self.content))
    }

    /// The bytes of a line, counted from 0, without what ends it.
    pub(super) fn line(&self, number: usize) -> Range<usize> {
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
    pub(super) fn range(&self, bytes: Range<usize>, units: Units) -> gen_lsp_types::Range {
        gen_lsp_types::Range {
            start: self.position(bytes.start, units),
            end: self.position(bytes.end.max(bytes.start), units),
        }
    }

    /// The same with some of it replaced.
    pub(super) fn replaced(&self, range: gen_lsp_types::Range, by: &str, units: Units) -> Self {
        let start = self.byte(range.start, units);
        let end = self.byte(range.end, units).max(start);
        let parts = [self.content.get(..start), Some(by), self.content.get(end..)];
        Self::new(parts.into_iter().flatten().collect())
    }
}

/// What was done to a text: all that differs, as one piece.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// The bytes that others stand in the place of; none where the texts are the same.
    before: Option<Range<usize>>,
    /// Where the others end.
    end: usize,
}

impl Change {
    pub(super) fn between(before: &Text, after: &Text) -> Self {
        let (old, new) = (before.content.as_bytes(), after.content.as_bytes());
        if std::ptr::eq(before, after) || old == new {
            return Self { before: None, end: 0 };
        }
        let same = |pair: &(&u8, &u8)| pair.0 == pair.1;
        let start = old.iter().zip(new).take_while(same).count();
        // What both begin with does not count again at their ends.
        let rests = (old.iter().skip(start).rev()).zip(new.iter().skip(start).rev());
        let kept = rests.take_while(same).count();
        Self { before: Some(start..old.len() - kept), end: new.len() - kept }
    }

    /// Where some bytes of the old text stand in the new one; `None` where something was done to
    /// them, or right beside them.
    pub(super) fn moved(&self, bytes: &Range<usize>) -> Option<Range<usize>> {
        let Some(before) = &self.before else { return Some(bytes.clone()) };
        if bytes.end < before.start {
            return Some(bytes.clone());
        }
        let moved = |byte: usize| byte - before.end + self.end;
        (bytes.start > before.end).then(|| moved(bytes.start)..moved(bytes.end))
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
        let range = gen_lsp_types::Range {
            start: Position { line: 0, character: 4 },
            end: Position { line: 1, character: 1 },
        };
        assert_eq!(text.replaced(range, "x\ny", Units::Utf16).as_str(), "a = x\ny = 2\n");
    }

    #[test]
    fn what_is_far_from_a_change_moves_and_what_it_touches_is_lost() {
        let old = Text::new("ab cd ef".to_owned());
        for (new, expected) in [
            ("ab cd ef", [Some(0..2), Some(3..5), Some(6..8)]),
            ("ab c1d ef", [Some(0..2), None, Some(7..9)]),
            ("ab  cd ef", [Some(0..2), None, Some(7..9)]),
            ("ab ef", [Some(0..2), None, None]),
            ("x", [None, None, None]),
            ("", [None, None, None]),
            ("ab cd ef gh", [Some(0..2), Some(3..5), None]),
            ("1\nab cd ef", [None, Some(5..7), Some(8..10)]),
        ] {
            let change = Change::between(&old, &Text::new(new.to_owned()));
            assert_eq!([0..2, 3..5, 6..8].map(|it| change.moved(&it)), expected, "{new:?}");
        }
    }
}
