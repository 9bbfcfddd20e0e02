//! The tokens of JSON, as far as a window of the text goes and on.

use super::super::text::Text;
use super::super::{MAX_FIELD, Problem};
use crate::wire::plain_length;

/// Values stand in one another no deeper in a record that can be used.
const MAX_DEPTH: usize = 128;

/// Reads token after token.
pub(super) struct Scan<'t, 'b> {
    pub(super) text: &'t mut Text<'b>,
    unescaped: String,
    /// Whether each value that is being skipped and holds others is an object.
    open: Vec<bool>,
    /// Whether what was read since this was reset has half a character, or is nested too deep.
    pub(super) is_broken: bool,
}

/// Where a text stands, until the next token is read.
#[derive(Clone, Copy)]
pub(super) enum Piece {
    Window(usize, usize),
    Unescaped,
}

impl<'t, 'b> Scan<'t, 'b> {
    pub(super) fn new(text: &'t mut Text<'b>) -> Self {
        Self { text, unescaped: String::new(), open: Vec::new(), is_broken: false }
    }

    pub(super) fn malformed(&mut self) -> Problem {
        Problem::Json { line: self.text.line() as usize, column: self.text.column() }
    }

    pub(super) fn piece(&self, piece: Piece) -> &str {
        match piece {
            Piece::Window(from, to) => self.text.part(from, to),
            Piece::Unescaped => &self.unescaped,
        }
    }

    /// The next byte that is not white space, which is skipped; `None` at the end.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Option<u8>, Problem> {
        loop {
            let rest = self.text.rest();
            let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            if let Some(blanks) = rest.iter().position(|byte| !blank(byte)) {
                let byte = rest.get(blanks).copied();
                self.text.at += blanks;
                return Ok(byte);
            }
            self.text.at += rest.len();
            if !self.text.more()? {
                return Ok(None);
            }
        }
    }

    /// Whether the next byte is `byte`, which is passed then.
    #[inline]
    pub(super) fn is(&mut self, byte: u8) -> Result<bool, Problem> {
        let is_it = self.next()? == Some(byte);
        self.text.at += usize::from(is_it);
        Ok(is_it)
    }

    pub(super) fn expect(&mut self, byte: u8) -> Result<(), Problem> {
        if self.is(byte)? { Ok(()) } else { Err(self.malformed()) }
    }

    /// What follows a member of a list or an object: another, or the `end`.
    #[inline]
    pub(super) fn goes_on(&mut self, end: u8) -> Result<bool, Problem> {
        match self.next()? {
            Some(b',') => {
                self.text.at += 1;
                Ok(true)
            }
            Some(byte) if byte == end => {
                self.text.at += 1;
                Ok(false)
            }
            _ => Err(self.malformed()),
        }
    }

    /// Passes `word` where it comes next in the window.
    #[inline]
    pub(super) fn passes(&mut self, word: &[u8]) -> bool {
        let is_it = self.text.rest().starts_with(word);
        self.text.at += if is_it { word.len() } else { 0 };
        is_it
    }

    /// A text, at its first quote.
    #[inline]
    pub(super) fn string(&mut self) -> Result<Piece, Problem> {
        if self.next()? != Some(b'"') {
            return Err(self.malformed());
        }
        let mut length = 1;
        let mut is_escaped = false;
        loop {
            let rest = self.text.rest();
            let Some(plain) = rest.get(length..).and_then(plain_length) else {
                self.longer()?;
                continue;
            };
            length += plain;
            match rest.get(length..length + 2) {
                _ if rest.get(length) == Some(&b'"') => break,
                Some([b'\\', _]) => (is_escaped, length) = (true, length + 2),
                None if rest.get(length) == Some(&b'\\') => self.longer()?,
                _ => {
                    self.text.at += length;
                    return Err(self.malformed());
                }
            }
        }
        if length > MAX_FIELD {
            return Err(Problem::Field { line: self.text.line() });
        }
        let (from, to) = (self.text.at + 1, self.text.at + length);
        if is_escaped && !self.unescape(from, to) {
            return Err(self.malformed());
        }
        self.text.at = to + 1;
        Ok(if is_escaped { Piece::Unescaped } else { Piece::Window(from, to) })
    }

    /// Reads on in a token that the window cuts.
    fn longer(&mut self) -> Result<(), Problem> {
        if self.text.rest().len() > MAX_FIELD {
            return Err(Problem::Field { line: self.text.line() });
        }
        if self.text.more()? { Ok(()) } else { Err(self.malformed()) }
    }

    /// Takes the escapes out of a text; `false` where one is none.
    fn unescape(&mut self, from: usize, to: usize) -> bool {
        self.unescaped.clear();
        let mut rest = self.text.part(from, to);
        while let Some(place) = memchr::memchr(b'\\', rest.as_bytes()) {
            let (plain, escape) = rest.split_at(place);
            let (_, escape) = escape.split_at(1);
            self.unescaped.push_str(plain);
            let mut behind = escape.chars();
            let character = match behind.next() {
                Some(plain @ ('"' | '\\' | '/')) => plain,
                Some('b') => '\u{8}',
                Some('f') => '\u{c}',
                Some('n') => '\n',
                Some('r') => '\r',
                Some('t') => '\t',
                Some('u') => {
                    let Some(first) = escape.get(1..).and_then(unit) else { return false };
                    behind = escape.split_at(5).1.chars();
                    let low = escape.get(5..).and_then(|rest| unit(rest.strip_prefix("\\u")?));
                    let pair = [Some(first), low.filter(|_| (0xd800..0xdc00).contains(&first))];
                    match char::decode_utf16(pair.into_iter().flatten()).next() {
                        Some(Ok(character)) => {
                            if character.len_utf16() == 2 {
                                behind = escape.split_at(11).1.chars();
                            }
                            character
                        }
                        _ => {
                            self.is_broken = true;
                            char::REPLACEMENT_CHARACTER
                        }
                    }
                }
                _ => return false,
            };
            self.unescaped.push(character);
            rest = behind.as_str();
        }
        self.unescaped.push_str(rest);
        true
    }

    /// A number, as it is written.
    pub(super) fn number(&mut self) -> Result<Piece, Problem> {
        let is_of = |byte: &u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let mut length;
        loop {
            let rest = self.text.rest();
            length = rest.iter().take_while(|byte| is_of(byte)).count();
            if length < rest.len() || !self.text.more()? {
                break;
            }
            if length > MAX_FIELD {
                return Err(Problem::Field { line: self.text.line() });
            }
        }
        let (from, to) = (self.text.at, self.text.at + length);
        if !is_number(self.text.part(from, to)) {
            return Err(self.malformed());
        }
        self.text.at = to;
        Ok(Piece::Window(from, to))
    }

    /// One of the words that JSON has.
    pub(super) fn word(&mut self) -> Result<&'static str, Problem> {
        while self.text.rest().len() < 5 && self.text.more()? {}
        for word in ["true", "false", "null"] {
            if self.passes(word.as_bytes()) {
                return Ok(word);
            }
        }
        Err(self.malformed())
    }

    /// Passes a value, whatever it holds.
    pub(super) fn skip(&mut self) -> Result<(), Problem> {
        debug_assert!(self.open.is_empty(), "a value is skipped to its end");
        loop {
            let holds = match self.next()? {
                Some(b'{') => Some(true),
                Some(b'[') => Some(false),
                Some(b'"') => self.string().map(|_| None)?,
                Some(b'-' | b'0'..=b'9') => self.number().map(|_| None)?,
                _ => self.word().map(|_| None)?,
            };
            if let Some(is_object) = holds {
                self.text.at += 1;
                self.is_broken |= self.open.len() > MAX_DEPTH;
                if !self.is(if is_object { b'}' } else { b']' })? {
                    self.open.push(is_object);
                    self.member(is_object)?;
                    continue;
                }
            }
            loop {
                let Some(is_object) = self.open.last().copied() else { return Ok(()) };
                if self.goes_on(if is_object { b'}' } else { b']' })? {
                    self.member(is_object)?;
                    break;
                }
                self.open.pop();
            }
        }
    }

    /// Passes the key of a member of an object.
    fn member(&mut self, is_object: bool) -> Result<(), Problem> {
        if is_object {
            self.string()?;
            self.expect(b':')?;
        }
        Ok(())
    }
}

/// The code unit that a text begins with, in four digits.
fn unit(digits: &str) -> Option<u16> {
    let digits = digits.get(..4)?;
    let are_digits = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(digits, 16).ok().filter(|_| are_digits)
}

/// Whether a text is a number of JSON.
fn is_number(text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let text = text.strip_prefix('-').unwrap_or(text);
    let (text, power) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    digits(whole) && (whole == "0" || !whole.starts_with('0')) && digits(part) && digits(power)
}
