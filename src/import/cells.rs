//! What the cells of tables say, and how their texts are kept.

use super::refusal::Problem;
use super::values;
use crate::model::Rules;
use std::borrow::Cow;

/// The number of the text of a cell that says nothing.
pub(super) const NOTHING: u32 = u32::MAX;
/// That of a cell that says something which can't be used.
pub(super) const LOST: u32 = NOTHING - 1;

/// The texts of cells, one after the other. Cells that say the same shortly after each other share
/// one, as states, names and days do.
#[derive(Debug)]
pub(super) struct Texts {
    text: String,
    ends: Vec<u32>,
    /// Numbers of texts that were met lately, by what they begin and end with.
    lately: Vec<u32>,
}

/// So many texts are known lately.
const LATELY: usize = 1 << 10;

impl Texts {
    pub(super) fn new() -> Self {
        Self { text: String::new(), ends: Vec::new(), lately: vec![NOTHING; LATELY] }
    }

    pub(super) fn get(&self, number: u32) -> Option<&str> {
        let number = number as usize;
        let from = number.checked_sub(1).map_or(Some(0), |last| self.ends.get(last).copied())?;
        self.text.get(from as usize..*self.ends.get(number)? as usize)
    }

    /// The number of a text, which is kept where it is not yet.
    pub(super) fn number(&mut self, text: &str) -> Result<u32, Problem> {
        let place = Self::place(text);
        if let Some(known) = self.lately.get(place).copied()
            && self.get(known) == Some(text)
        {
            return Ok(known);
        }
        self.text.push_str(text);
        let (number, end) = (u32::try_from(self.ends.len()), u32::try_from(self.text.len()));
        let (Ok(number), Ok(end)) = (number, end) else { return Err(Problem::Cells) };
        self.ends.push(end);
        if let Some(lately) = self.lately.get_mut(place) {
            *lately = number;
        }
        Ok(number)
    }

    /// No more texts come.
    pub(super) fn end(&mut self) {
        self.lately = Vec::new();
    }

    /// Where a text is looked for among those met lately.
    fn place(text: &str) -> usize {
        let bytes = text.as_bytes();
        // A text without eight bytes is told by those that it has.
        let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |word| u64::from_le_bytes(*word));
        let ends = word(bytes.first_chunk()) ^ word(bytes.last_chunk()).rotate_left(31);
        let short = bytes.iter().take(7).fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        let mixed = (ends ^ short ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed >> 54) as usize
    }
}

/// What a cell says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given<'c> {
    Nothing,
    /// What a spreadsheet shows where it could not fill a cell.
    Damaged,
    /// What a tool writes for a list or a record that no cell holds.
    Nested,
    Text(Cow<'c, str>),
}

/// The words for a cell that says nothing, for one that a spreadsheet could not fill, and for one
/// that no value was put into.
pub(super) struct Blanks<'r> {
    blank: &'r [String],
    damaged: &'r [String],
    nested: &'r [String],
    /// Whether one of them begins with a byte.
    begins: [bool; 256],
}

impl<'r> Blanks<'r> {
    pub(super) fn new(rules: &'r Rules) -> Self {
        let words = |value| values::words(rules, "blank", value);
        let (blank, damaged, nested) = (words("blank"), words("damaged"), words("nested"));
        let mut begins = [false; 256];
        let all = blank.iter().chain(damaged).chain(nested);
        for first in all.filter_map(|word| word.bytes().next()) {
            if let Some(begins) = begins.get_mut(usize::from(first)) {
                *begins = true;
            }
        }
        Self { blank, damaged, nested, begins }
    }

    /// Whether a cell that begins with this may be one of them; blanks may stand before those.
    #[inline]
    pub(super) fn may_begin(&self, first: u8) -> bool {
        !first.is_ascii_graphic()
            || self.begins.get(usize::from(first)).is_some_and(|begins| *begins)
    }

    /// What a cell says, if anything: a whole number as such, also where a tool made it a fraction;
    /// line ends as they are in a deployment.
    pub(super) fn of<'c>(&self, cell: &'c str) -> Given<'c> {
        let cell = trimmed(cell);
        let is_one = |words: &[String]| words.iter().any(|word| word == cell);
        let Some(first) = cell.bytes().next() else { return Given::Nothing };
        if self.begins.get(usize::from(first)).is_some_and(|begins| *begins) {
            if is_one(self.damaged) {
                return Given::Damaged;
            }
            if is_one(self.nested) {
                return Given::Nested;
            }
            if is_one(self.blank) {
                return Given::Nothing;
            }
        }
        let number = if first.is_ascii_digit() { whole_number(cell) } else { None };
        let cell = number.unwrap_or(cell);
        let has_returns = memchr::memchr(b'\r', cell.as_bytes()).is_some();
        Given::Text(if has_returns { cell.replace("\r\n", "\n").into() } else { cell.into() })
    }
}

/// A text without white space around it, which most have none of.
#[inline]
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [one] if one.is_ascii_graphic() => text,
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// The number before a point and zeros alone.
#[inline]
fn whole_number(cell: &str) -> Option<&str> {
    let digits = cell.bytes().take_while(u8::is_ascii_digit).count();
    let (whole, rest) = cell.split_at_checked(digits)?;
    let zeros = rest.strip_prefix('.')?;
    let are_zeros = !zeros.is_empty() && zeros.bytes().all(|byte| byte == b'0');
    (are_zeros && !whole.is_empty()).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// As [`whole_number`], the long way.
    fn plainly(cell: &str) -> Option<&str> {
        let (whole, rest) = cell.split_once('.')?;
        let are = |text: &str, is: fn(char) -> bool| !text.is_empty() && text.chars().all(is);
        (are(whole, |c| c.is_ascii_digit()) && are(rest, |c| c == '0')).then_some(whole)
    }

    proptest! {
        #[test]
        fn what_is_quick_is_what_is_plain(
            cell in "[ \t\u{a0}\u{1}a\u{e4}]{0,2}[0-9]{0,2}\\.?[01]{0,2}[. \u{a0}\u{7f}]?",
        ) {
            prop_assert_eq!(trimmed(&cell), cell.trim());
            prop_assert_eq!(whole_number(&cell), plainly(&cell));
        }
    }
}
