//! From bytes to text: UTF-8 with or without a byte order mark, or UTF-16.

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

/// The text that `bytes` hold, without a byte order mark.
///
/// # Errors
///
/// The bytes are neither UTF-8 nor UTF-16.
pub fn decode(bytes: Vec<u8>) -> Result<String, NotText> {
    match bytes.as_slice() {
        [0xef, 0xbb, 0xbf, ..] => utf8(bytes, 3),
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(NotText::Utf32),
        [0xff, 0xfe, units @ ..] => utf16(units, 2, u16::from_le_bytes),
        [0xfe, 0xff, units @ ..] => utf16(units, 2, u16::from_be_bytes),
        // No format read here has a zero byte, so one beside an ASCII letter is UTF-16 without a
        // mark.
        [first, 0, ..] if *first != 0 => utf16(&bytes, 0, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => utf16(&bytes, 0, u16::from_be_bytes),
        _ => utf8(bytes, 0),
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

/// The text of code units that stand behind `mark` bytes.
fn utf16(units: &[u8], mark: usize, unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, odd) = units.as_chunks::<2>();
    if !odd.is_empty() {
        return Err(NotText::Utf16 { offset: mark + units.len() - 1 });
    }
    let mut text = String::with_capacity(pairs.len());
    let mut offset = mark;
    for decoded in char::decode_utf16(pairs.iter().map(|pair| unit(*pair))) {
        let character = decoded.map_err(|_| NotText::Utf16 { offset })?;
        offset += character.len_utf16() * 2;
        text.push(character);
    }
    Ok(text)
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
