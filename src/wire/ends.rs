//! Where texts end: the first of certain bytes, looked for eight at once.

/// A one in each byte of eight.
const ONES: u64 = u64::MAX / 0xff;

/// The place of the first byte that ends a text. Of eight bytes `marks` tells the first by
/// [`below`] and [`equal`], of a single one `is_end` does.
#[inline]
pub(crate) fn first_end(
    bytes: &[u8],
    marks: impl Fn(u64) -> u64,
    is_end: impl Fn(u8) -> bool,
) -> Option<usize> {
    let (words, rest) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let marked = marks(u64::from_le_bytes(*word));
        if marked != 0 {
            return Some(number * 8 + marked.trailing_zeros() as usize / 8);
        }
    }
    let place = rest.iter().position(|byte| is_end(*byte))?;
    Some(words.len() * 8 + place)
}

/// The highest bit of the first byte of eight that is below a bound of at most 128; bits of later
/// bytes may be set though these are not.
#[inline]
pub(crate) const fn below(word: u64, bound: u8) -> u64 {
    word.wrapping_sub(ONES * bound as u64) & !word & (ONES << 7)
}

/// The highest bit of the first byte of eight that is `byte`, as [`below`].
#[inline]
pub(crate) const fn equal(word: u64, byte: u8) -> u64 {
    below(word ^ (ONES * byte as u64), 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_first_end_is_the_first_of_those_bytes(
            bytes in prop::collection::vec(
                prop_oneof![
                    any::<u8>(),
                    0x1e..0x24u8,
                    prop::sample::select(b",-\x80\xac".to_vec()),
                ],
                0..40,
            ),
        ) {
            let marks = |word| equal(word, b',') | equal(word, b'"') | below(word, 0x20);
            let is_end = |byte: u8| matches!(byte, b',' | b'"' | 0..0x20);
            let slowly = bytes.iter().position(|byte| is_end(*byte));
            prop_assert_eq!(first_end(&bytes, marks, is_end), slowly);
        }
    }
}
