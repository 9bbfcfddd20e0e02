//! A reader for the lines that programs write: one flat JSON object, text without escapes, small
//! numbers. It is several times faster than a general one, and knows its limits: whatever else a
//! line holds is left to `serde_json`, which also says what is wrong with a line. The two are
//! compared in tests: what this one takes, the other takes alike.

use super::ends::{below, equal, first_end};

/// A value of a flat object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flat<'a> {
    /// Text without escapes.
    Text(&'a str),
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number of at most 18 digits, as it is written.
    Number(&'a str),
    /// `null`.
    Null,
}

/// The members of a flat object, one after the other.
///
/// Keys are written as JSON has them, quoted and with the colon. A program writes them in the same
/// order every time, so the one that came next last time is tried first, all its bytes at once.
pub(super) struct Members<'a> {
    reader: Reader<'a>,
    /// The number of the key that likely comes next.
    expected: usize,
    /// Whether the object's end was not read yet.
    is_open: bool,
}

impl<'a> Members<'a> {
    /// Those of a line; `None` if it is left to `serde_json`, as of all that follows here.
    #[inline]
    pub(super) fn of(line: &'a str) -> Option<Self> {
        let mut reader = Reader { line, at: 0 };
        reader.expect(b'{')?;
        let is_open = reader.next() != Some(b'}');
        if !is_open {
            reader.at += 1;
            reader.end()?;
        }
        Some(Self { reader, expected: 0, is_open })
    }

    /// Whether there is another one.
    #[inline]
    pub(super) fn has_more(&self) -> bool {
        self.is_open
    }

    /// The number of the next one's key among `keys`, and its value.
    #[inline]
    pub(super) fn next(&mut self, keys: &[&str]) -> Option<(usize, Flat<'a>)> {
        let reader = &mut self.reader;
        let key = reader.key(keys, self.expected)?;
        self.expected = key + 1;
        let value = reader.value()?;
        match reader.next()? {
            b',' => reader.at += 1,
            b'}' => {
                reader.at += 1;
                reader.end()?;
                self.is_open = false;
            }
            _ => return None,
        }
        Some((key, value))
    }

    /// The text of the members that were not read yet, to the end of the line; nothing behind the
    /// last.
    #[inline]
    pub(super) fn rest(&self) -> Option<&'a str> {
        self.is_open.then(|| self.reader.line.get(self.reader.at..))?
    }
}

struct Reader<'a> {
    line: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    #[inline]
    fn peek(&self) -> Option<u8> {
        self.line.as_bytes().get(self.at).copied()
    }

    /// The next byte that is not white space, which is skipped.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
        self.peek()
    }

    #[inline]
    fn expect(&mut self, byte: u8) -> Option<()> {
        let found = self.next()?;
        self.at += 1;
        (found == byte).then_some(())
    }

    #[inline]
    fn end(&mut self) -> Option<()> {
        self.next().is_none().then_some(())
    }

    /// The number of the next key, which is likely the expected one; the colon is skipped.
    #[inline]
    fn key(&mut self, keys: &[&str], expected: usize) -> Option<usize> {
        let rest = self.line.as_bytes().get(self.at..)?;
        if let Some(key) = keys.get(expected)
            && rest.starts_with(key.as_bytes())
        {
            self.at += key.len();
            return Some(expected);
        }
        let key = self.text()?;
        self.expect(b':')?;
        keys.iter().position(|known| known.get(1..known.len() - 2) == Some(key))
    }

    #[inline]
    fn text(&mut self) -> Option<&'a str> {
        self.expect(b'"')?;
        let rest = self.line.as_bytes().get(self.at..)?;
        let length = plain_length(rest)?;
        let text = self.line.get(self.at..self.at + length)?;
        self.at += length;
        // A tab that ends plain text is no white space before the quote: JSON has none within text.
        let is_end = self.peek() == Some(b'"');
        self.at += 1;
        is_end.then_some(text)
    }

    #[inline]
    fn value(&mut self) -> Option<Flat<'a>> {
        match self.next()? {
            b'"' => self.text().map(Flat::Text),
            b't' => self.word("true", Flat::Boolean(true)),
            b'f' => self.word("false", Flat::Boolean(false)),
            b'n' => self.word("null", Flat::Null),
            b'0'..=b'9' => self.number(),
            _ => None,
        }
    }

    #[inline]
    fn word(&mut self, word: &str, value: Flat<'a>) -> Option<Flat<'a>> {
        let found = self.line.as_bytes().get(self.at..)?.starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(value)
    }

    fn number(&mut self) -> Option<Flat<'a>> {
        let rest = self.line.get(self.at..)?;
        let length = rest.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(rest.len());
        let digits = rest.get(..length)?;
        let is_whole = !matches!(rest.as_bytes().get(length), Some(b'.' | b'e' | b'E'));
        let is_plain = length <= 18 && is_whole && (length == 1 || !digits.starts_with('0'));
        self.at += length;
        is_plain.then_some(Flat::Number(digits))
    }
}

/// How many bytes of plain text come before the first quote, backslash or control character.
#[inline]
pub(crate) fn plain_length(bytes: &[u8]) -> Option<usize> {
    let marks = |word| equal(word, b'"') | equal(word, b'\\') | below(word, 0x20);
    first_end(bytes, marks, |byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Map, Value};

    const KEYS: [&str; 8] =
        ["\"a\":", "\"b\":", "\"c\":", "\"d\":", "\"e\":", "\"f\":", "\"\":", "\"ä\":"];
    const NAMES: [&str; 8] = ["a", "b", "c", "d", "e", "f", "", "ä"];

    fn flat(line: &str) -> Option<Vec<(String, Value)>> {
        let mut read = Members::of(line)?;
        let mut members = Vec::new();
        while read.has_more() {
            let (key, value) = read.next(&KEYS)?;
            let value = match value {
                Flat::Text(text) => Value::from(text),
                Flat::Boolean(value) => Value::from(value),
                Flat::Number(digits) => {
                    digits.parse().map(|number: u64| Value::from(number)).ok()?
                }
                Flat::Null => Value::Null,
            };
            members.push((NAMES[key].to_owned(), value));
        }
        Some(members)
    }

    /// Whatever is taken, `serde_json` takes alike; keys given twice are the caller's to find.
    fn compare(line: &str) {
        let Some(members) = flat(line) else { return };
        let read: Map<String, Value> =
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let mut expected = Map::new();
        for (key, value) in members {
            expected.insert(key, value);
        }
        assert_eq!(read, expected, "{line}");
    }

    #[test]
    fn plain_objects_are_taken() {
        for line in
            ["{}", " { } ", r#"{"a":"ä","b":true,"c":false,"d":null,"e":0,"f":123456789012345678}"#]
        {
            assert!(flat(line).is_some(), "{line}");
            compare(line);
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_serde() {
        for line in [
            "",
            "{",
            "[]",
            "{}x",
            "{,}",
            r#"{"a"}"#,
            r#"{"a":1,}"#,
            r#"{"a":01}"#,
            r#"{"a":1.5}"#,
            r#"{"a":1e5}"#,
            r#"{"a":-1}"#,
            r#"{"a":[1]}"#,
            r#"{"a":{}}"#,
            r#"{"a\u0062":1}"#,
            r#"{"a":"\n"}"#,
            r#"{"a":tru}"#,
            r#"{"a":truex}"#,
            "{\"a\":\"\u{1}\"}",
            "{\"a\":\"b\t\"}",
            "{\"a\":\"b\n\"}",
            "{\"a\r\":1}",
            r#"{"a":1 "b":2}"#,
            r#"{"a":1234567890123456789}"#,
            "{'a':1}",
        ] {
            assert_eq!(flat(line), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn plain_text_ends_where_a_byte_by_byte_look_says(
            bytes in proptest::collection::vec(byte(), 0..40)
        ) {
            let plain = |byte: &u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
            prop_assert_eq!(plain_length(&bytes), bytes.iter().position(|byte| !plain(byte)));
            let start = bytes.iter().copied().filter(plain);
            let long: Vec<u8> = start.chain(bytes.iter().copied()).collect();
            prop_assert_eq!(plain_length(&long), long.iter().position(|byte| !plain(byte)));
        }

        #[test]
        fn lines_like_json_are_read_alike(
            line in "[{}\"\\\\:, \t\n\ra-c0-2tfnulrse.\\-\u{e4}\u{1}]{0,40}"
        ) {
            compare(&line);
        }

        #[test]
        fn objects_are_read_alike(
            members in proptest::collection::vec(("[a-g]{0,2}|ä", value()), 0..8)
        ) {
            let members = members.iter().map(|(key, value)| format!("\"{key}\":{value}"));
            let body: Vec<String> = members.collect();
            compare(&format!("{{{}}}", body.join(",")));
        }
    }

    fn byte() -> impl Strategy<Value = u8> {
        prop_oneof![Just(b'"'), Just(b'\\'), 0_u8..0x23, any::<u8>()]
    }

    fn value() -> impl Strategy<Value = String> {
        prop_oneof![
            Just("true".to_owned()),
            Just("false".to_owned()),
            Just("null".to_owned()),
            any::<i64>().prop_map(|number| number.to_string()),
            "[0-9]{1,3}",
            any::<f64>().prop_map(|number| number.to_string()),
            any::<String>().prop_map(|text| Value::from(text).to_string()),
            Just("[1,2]".to_owned()),
        ]
    }
}
