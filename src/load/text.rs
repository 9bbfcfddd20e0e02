//! From bytes to text: UTF-8 with or without a byte order mark, or UTF-16.
//!
//! `encoding_rs_io` is not used: it puts U+FFFD for what makes no sense and goes on, so that a
//! damaged id would be another id. Here the first such byte is told, with its offset. It also takes
//! UTF-16 without a mark, which exports have, for UTF-8.

/// Bytes that are no text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// A byte that UTF-8 does not have there.
    #[error("byte 0x{byte:02x} at offset {offset} is not UTF-8")]
    Utf8 {
        /// The byte.
        byte: u8,
        /// Its offset.
        offset: usize,
    },
    /// UTF-32, which nothing writes that is read here.
    #[error("it is UTF-32")]
    Utf32,
    /// Half a UTF-16 surrogate pair, or an odd number of bytes.
    #[error("the code unit at offset {offset} is not UTF-16")]
    Utf16 {
        /// Its offset in bytes.
        offset: usize,
    },
}

/// How text is written in bytes.
#[derive(Clone, Copy, Debug)]
enum Encoding {
    Utf8,
    Utf16(fn([u8; 2]) -> u16),
}

/// The encoding that the first bytes of a text show, and how many of them are its mark.
fn encoding(bytes: &[u8]) -> Result<(Encoding, usize), NotText> {
    let (little, big) = (u16::from_le_bytes, u16::from_be_bytes);
    match *bytes {
        [0xef, 0xbb, 0xbf, ..] => Ok((Encoding::Utf8, 3)),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(NotText::Utf32),
        [0xff, 0xfe, ..] => Ok((Encoding::Utf16(little), 2)),
        [0xfe, 0xff, ..] => Ok((Encoding::Utf16(big), 2)),
        // No format read here has a zero byte, so one beside an ASCII letter is UTF-16 without a
        // mark.
        [first, 0, ..] if first != 0 => Ok((Encoding::Utf16(little), 0)),
        [0, second, ..] if second != 0 => Ok((Encoding::Utf16(big), 0)),
        _ => Ok((Encoding::Utf8, 0)),
    }
}

/// The text that `bytes` hold, without a byte order mark.
///
/// # Errors
///
/// The bytes are neither UTF-8 nor UTF-16.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    match encoding(&bytes)? {
        (Encoding::Utf8, mark) => utf8(bytes, mark),
        (Encoding::Utf16(_), _) => {
            let mut text = String::with_capacity(bytes.len() / 2);
            TextDecoder::default().decode(&bytes, true, &mut text)?;
            Ok(text)
        }
    }
}

/// Decodes text that comes a piece after the other, as [`decode`] does at once.
#[derive(Debug, Default)]
pub struct TextDecoder {
    encoding: Option<Encoding>,
    /// How many bytes were decoded.
    offset: usize,
}

impl TextDecoder {
    /// Adds to `text` what `bytes` hold, and gives how many of them that was: all that are whole.
    /// The others are to come again, before what follows them; the first piece has at least four.
    ///
    /// # Errors
    ///
    /// The bytes are neither UTF-8 nor UTF-16.
    pub fn decode(
        &mut self,
        bytes: &[u8],
        is_last: bool,
        text: &mut String,
    ) -> Result<usize, NotText> {
        let (encoding, mark) = match self.encoding {
            Some(encoding) => (encoding, 0),
            None => encoding(bytes)?,
        };
        self.encoding = Some(encoding);
        self.offset += mark;
        let (_, bytes) = bytes.split_at(mark);
        let decoded = match encoding {
            Encoding::Utf8 => self.utf8(bytes, is_last, text),
            Encoding::Utf16(unit) => self.utf16(bytes, is_last, unit, text),
        }?;
        self.offset += decoded;
        Ok(mark + decoded)
    }

    fn utf8(&self, bytes: &[u8], is_last: bool, text: &mut String) -> Result<usize, NotText> {
        let Err(error) = std::str::from_utf8(bytes).map(|valid| text.push_str(valid)) else {
            return Ok(bytes.len());
        };
        // The beginning of a character may go on in the next piece.
        let goes_on = error.error_len().is_none() && !is_last;
        // What is not valid has bytes, and so a first piece.
        let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        text.push_str(valid);
        match bytes.get(valid.len()) {
            Some(byte) if !goes_on => {
                Err(NotText::Utf8 { byte: *byte, offset: self.offset + valid.len() })
            }
            _ => Ok(valid.len()),
        }
    }

    fn utf16(
        &self,
        bytes: &[u8],
        is_last: bool,
        unit: fn([u8; 2]) -> u16,
        text: &mut String,
    ) -> Result<usize, NotText> {
        let (pairs, odd) = bytes.as_chunks::<2>();
        if is_last && !odd.is_empty() {
            return Err(NotText::Utf16 { offset: self.offset + bytes.len() - 1 });
        }
        // The first half of a pair may have its other half in the next piece.
        let is_half = |pair: &[u8; 2]| (0xd800..0xdc00).contains(&unit(*pair));
        let pairs = match pairs.split_last() {
            Some((last, before)) if !is_last && is_half(last) => before,
            _ => pairs,
        };
        let mut decoded = 0;
        for character in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
            let offset = self.offset + decoded;
            let character = character.map_err(|_| NotText::Utf16 { offset })?;
            decoded += character.len_utf16() * 2;
            text.push(character);
        }
        Ok(decoded)
    }
}

/// Whether the text that `bytes` hold is those bytes: UTF-8 without a byte order mark.
pub(super) fn is_plain(bytes: &[u8]) -> bool {
    let is_marked = matches!(bytes, [0xef, 0xbb, 0xbf, ..] | [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    !is_marked && std::str::from_utf8(bytes).is_ok() && !matches!(bytes, [_, 0, ..] | [0, ..])
}

#[expect(clippy::expect_used, reason = "text ends at its first byte that is none")]
fn utf8(mut bytes: Vec<u8>, mark: usize) -> Result<String, NotText> {
    bytes.drain(..mark);
    String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        NotText::Utf8 {
            byte: *error.as_bytes().get(offset).expect("some byte ends what is text"),
            offset: offset + mark,
        }
    })
}

/// At most 60 characters of `text`.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.split_at(end).0),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_read_in_every_encoding() {
        let text = "a = \"ä€😀\"\r\n";
        let le = |mark: &[u8]| {
            [mark, &text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()].concat()
        };
        let be = |mark: &[u8]| {
            [mark, &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()].concat()
        };
        let mut encoded = vec![text.as_bytes().to_vec(), ["\u{feff}", text].concat().into_bytes()];
        encoded.extend([le(&[0xff, 0xfe]), be(&[0xfe, 0xff]), le(&[]), be(&[])]);
        for bytes in encoded {
            assert_eq!(decode(bytes).as_deref(), Ok(text));
        }
        assert_eq!(decode(Vec::new()).as_deref(), Ok(""));
    }

    /// Decodes bytes `size` at a time, the first four at least.
    fn in_pieces(bytes: &[u8], size: usize) -> Result<String, NotText> {
        let (mut text, mut decoder) = (String::new(), TextDecoder::default());
        let (mut at, mut end) = (0, 4.max(size).min(bytes.len()));
        loop {
            at += decoder.decode(&bytes[at..end], end == bytes.len(), &mut text)?;
            if end == bytes.len() {
                return Ok(text);
            }
            end = (end + size).min(bytes.len());
        }
    }

    #[test]
    fn text_in_pieces_is_the_same_text() {
        let text = "a = \"ä€😀\"\r\n😀😀";
        let units = |mark: &[u8], bytes: fn(u16) -> [u8; 2]| {
            [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<_>>()].concat()
        };
        let (little, big) = (units(&[0xff, 0xfe], u16::to_le_bytes), units(&[], u16::to_be_bytes));
        let broken =
            [&b"abcd\xe2\x82"[..], b"ab\xc3\x28c", b"\xff\xfea\0b", b"\xff\xfe\x00\xd8a\0"];
        let whole = [text.as_bytes(), &little, &big, "\u{feff}ä".as_bytes()];
        for bytes in whole.into_iter().chain(broken) {
            for size in 1..7 {
                assert_eq!(in_pieces(bytes, size), decode(bytes.to_vec()), "{bytes:?} by {size}");
            }
        }
    }

    #[test]
    fn what_is_no_text_is_refused_with_its_place() {
        assert_eq!(decode(b"ab\xff".to_vec()), Err(NotText::Utf8 { byte: 0xff, offset: 2 }));
        assert_eq!(
            decode(b"\xef\xbb\xbfab\xc3".to_vec()),
            Err(NotText::Utf8 { byte: 0xc3, offset: 5 })
        );
        assert_eq!(decode(vec![0xff, 0xfe, 0x61]), Err(NotText::Utf16 { offset: 2 }));
        assert_eq!(
            decode(vec![0xff, 0xfe, 0x61, 0, 0x00, 0xd8]),
            Err(NotText::Utf16 { offset: 4 })
        );
    }
}
