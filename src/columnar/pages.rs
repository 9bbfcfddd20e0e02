//! The pages of a column of text.

use super::hybrid::Hybrid;
use super::run::ColumnRun;
use parquet::basic::Encoding;
use parquet::column::page::{Page, PageReader};
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use std::sync::Arc;

/// A column of text in one row group.
pub(super) struct TextPages {
    pages: Box<dyn PageReader>,
    dictionary: Arc<Vec<ByteArray>>,
    is_optional: bool,
    page: Option<OpenPage>,
}

/// A page that is read.
struct OpenPage {
    /// How many values are left, those that are null included.
    left: usize,
    /// Whether each is given; `None` where all are.
    levels: Option<Hybrid>,
    values: PageValues,
}

enum PageValues {
    /// Numbers in the dictionary.
    Numbers(Hybrid),
    /// Texts one after the other, each behind its length; the next one begins here.
    Plain(ByteArray, usize),
}

fn damaged(what: &str) -> ParquetError {
    ParquetError::General(what.to_owned())
}

/// Bytes from a place on.
fn from(bytes: &ByteArray, start: usize) -> Result<ByteArray, ParquetError> {
    let length = bytes.data().len().checked_sub(start);
    let length = length.ok_or_else(|| damaged("a page that ends early"))?;
    Ok(bytes.slice(start, length))
}

/// A number of four bytes.
fn length_at(bytes: &[u8], at: usize) -> Result<usize, ParquetError> {
    let four = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    let number = four.map(|four| u32::from_le_bytes(*four));
    number.map(|number| number as usize).ok_or_else(|| damaged("a page that ends early"))
}

/// The text at a place behind its length, and where the next one begins.
fn text_at(bytes: &ByteArray, at: usize) -> Result<(ByteArray, usize), ParquetError> {
    let length = length_at(bytes.data(), at)?;
    let end = (at + 4).checked_add(length).filter(|end| *end <= bytes.data().len());
    let end = end.ok_or_else(|| damaged("a text that ends early"))?;
    Ok((bytes.slice(at + 4, length), end))
}

impl TextPages {
    /// The encodings of pages that can be read so; others are left to the crate.
    pub(super) const ENCODINGS: [Encoding; 5] = [
        Encoding::PLAIN,
        Encoding::RLE,
        Encoding::RLE_DICTIONARY,
        Encoding::PLAIN_DICTIONARY,
        #[expect(deprecated, reason = "old writers list it, and use it for nothing here")]
        Encoding::BIT_PACKED,
    ];

    pub(super) fn new(pages: Box<dyn PageReader>, is_optional: bool) -> Self {
        Self { pages, dictionary: Arc::default(), is_optional, page: None }
    }

    /// How many values the page at hand has left; none at the end.
    pub(super) fn left(&mut self) -> Result<usize, ParquetError> {
        loop {
            if let Some(page) = self.page.as_ref().filter(|page| page.left > 0) {
                return Ok(page.left);
            }
            let Some(page) = self.pages.get_next_page()? else { return Ok(0) };
            self.open(page)?;
        }
    }

    fn open(&mut self, page: Page) -> Result<(), ParquetError> {
        let (bytes, count, encoding, levels) = match page {
            Page::DictionaryPage { buf, num_values, .. } => {
                return self.know(&ByteArray::from(buf), num_values);
            }
            Page::DataPage { buf, num_values, encoding, def_level_encoding, .. } => {
                let bytes = ByteArray::from(buf);
                if !self.is_optional {
                    (bytes, num_values, encoding, None)
                } else if def_level_encoding == Encoding::RLE {
                    let length = length_at(bytes.data(), 0)?;
                    let rest = from(&bytes, length.saturating_add(4))?;
                    (rest, num_values, encoding, Some(bytes.slice(4, length)))
                } else {
                    return Err(damaged("levels in an encoding of old"));
                }
            }
            Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, .. } => {
                let bytes = ByteArray::from(buf);
                let length = def_levels_byte_len as usize;
                let rest = from(&bytes, length)?;
                let levels = self.is_optional.then(|| bytes.slice(0, length));
                (rest, num_values, encoding, levels)
            }
        };
        let values = match encoding {
            Encoding::PLAIN => PageValues::Plain(bytes, 0),
            _ => match bytes.data().first() {
                Some(width) => PageValues::Numbers(Hybrid::new(from(&bytes, 1)?, *width)?),
                // A page of nulls alone may have nothing.
                None => PageValues::Numbers(Hybrid::new(bytes, 0)?),
            },
        };
        let levels = levels.map(|levels| Hybrid::new(levels, 1)).transpose()?;
        self.page = Some(OpenPage { left: count as usize, levels, values });
        Ok(())
    }

    fn know(&mut self, bytes: &ByteArray, count: u32) -> Result<(), ParquetError> {
        let (mut texts, mut at) = (Vec::new(), 0);
        for _ in 0..count {
            let (text, next) = text_at(bytes, at)?;
            texts.push(text);
            at = next;
        }
        self.dictionary = Arc::new(texts);
        Ok(())
    }

    /// The next values, no more than the page at hand has left.
    pub(super) fn take(&mut self, count: usize) -> Result<ColumnRun, ParquetError> {
        let page = self.page.as_mut().filter(|page| page.left >= count);
        let page = page.ok_or_else(|| damaged("fewer values than rows"))?;
        page.left -= count;
        // Which of the values are given, where some are not.
        let mut given = Vec::new();
        let mut present = count;
        if let Some(levels) = &mut page.levels {
            match levels.take_same(count)? {
                Some(0) => {
                    given.resize(count, 0);
                    present = 0;
                }
                Some(_) => {}
                None => {
                    levels.take(count, &mut given)?;
                    present = given.iter().filter(|level| **level != 0).count();
                }
            }
        }
        match &mut page.values {
            PageValues::Numbers(numbers) => {
                let mut dense = Vec::with_capacity(present);
                numbers.take(present, &mut dense)?;
                let known = self.dictionary.len();
                let most = dense.iter().fold(0, |most, number| *number.max(&most));
                if !dense.is_empty() && most as usize >= known {
                    return Err(damaged("a number beyond its dictionary"));
                }
                let codes = if present == count { dense } else { spread(&given, &dense) };
                Ok(ColumnRun::Codes(codes, Arc::clone(&self.dictionary)))
            }
            PageValues::Plain(bytes, at) => {
                let mut texts = Vec::with_capacity(count);
                for place in 0..count {
                    if given.get(place) == Some(&0) {
                        texts.push(None);
                        continue;
                    }
                    let (text, next) = text_at(bytes, *at)?;
                    *at = next;
                    texts.push(Some(text));
                }
                Ok(ColumnRun::Texts(texts))
            }
        }
    }
}

/// The numbers at their places, nulls between them.
fn spread(given: &[u32], dense: &[u32]) -> Vec<u32> {
    let mut dense = dense.iter().copied();
    let code = |level: &u32| if *level == 0 { None } else { dense.next() };
    given.iter().map(code).map(|code| code.unwrap_or(ColumnRun::NULL)).collect()
}
