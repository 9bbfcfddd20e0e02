//! Columns of few texts, written as numbers in a dictionary by who knows them: the crate would look
//! each text of each row up again.

use bytes::Bytes;
use parquet::basic::{Compression, Encoding};
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::column::writer::ColumnCloseResult;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::metadata::ColumnChunkMetaData;
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use parquet::schema::types::ColumnDescPtr;

/// So many values make a page.
const PAGE_VALUES: usize = 20_000;

/// Texts of rows, each by its number.
#[derive(Clone, Debug, Default)]
pub struct Coded {
    /// The number of each row's text; [`Self::NULL`] is none.
    pub codes: Vec<u32>,
    /// The texts, each of which some row has.
    pub texts: Vec<ByteArray>,
}

impl Coded {
    /// No text.
    pub const NULL: u32 = u32::MAX;

    /// A column of a row group, and what is to be known of it. It is not packed: numbers of few
    /// bits are small already.
    pub(super) fn chunk(
        &self,
        column: ColumnDescPtr,
    ) -> Result<(Bytes, ColumnCloseResult), ParquetError> {
        let mut written = TrackedWrite::new(Vec::new());
        let mut pages = SerializedPageWriter::new(&mut written);
        let has_texts = !self.texts.is_empty();
        let mut data_begins = 0;
        if has_texts {
            let page = Page::DictionaryPage {
                buf: self.dictionary()?.into(),
                num_values: count(self.texts.len())?,
                encoding: Encoding::PLAIN,
                is_sorted: false,
            };
            data_begins = put(&mut pages, page)?;
        }
        let encoding = if has_texts { Encoding::RLE_DICTIONARY } else { Encoding::PLAIN };
        for codes in self.codes.chunks(PAGE_VALUES) {
            let page = Page::DataPage {
                buf: self.page(codes)?.into(),
                num_values: count(codes.len())?,
                encoding,
                def_level_encoding: Encoding::RLE,
                rep_level_encoding: Encoding::RLE,
                statistics: None,
            };
            put(&mut pages, page)?;
        }
        pages.close()?;
        let bytes = Bytes::from(written.into_inner()?);
        let (length, rows) = (bytes.len() as u64, self.codes.len() as u64);
        let signed = |number: u64| number.cast_signed();
        let metadata = ColumnChunkMetaData::builder(column)
            .set_compression(Compression::UNCOMPRESSED)
            .set_encodings(vec![Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY])
            .set_total_compressed_size(signed(length))
            .set_total_uncompressed_size(signed(length))
            .set_num_values(signed(rows))
            .set_dictionary_page_offset(has_texts.then_some(0))
            .set_data_page_offset(signed(data_begins))
            .build()?;
        let close = ColumnCloseResult {
            bytes_written: length,
            rows_written: rows,
            metadata,
            bloom_filter: None,
            column_index: None,
            offset_index: None,
        };
        Ok((bytes, close))
    }

    /// The texts, each behind its length.
    fn dictionary(&self) -> Result<Vec<u8>, ParquetError> {
        let mut bytes = Vec::new();
        for text in &self.texts {
            bytes.extend_from_slice(&count(text.len())?.to_le_bytes());
            bytes.extend_from_slice(text.data());
        }
        Ok(bytes)
    }

    /// Which of some rows have a text, and the numbers of those.
    fn page(&self, codes: &[u32]) -> Result<Vec<u8>, ParquetError> {
        let is_given = |code: &u32| *code != Self::NULL;
        let mut given = Vec::new();
        let all_given = codes.iter().all(is_given);
        if all_given {
            put_run(&mut given, 1, codes.len(), 1)?;
        } else {
            let levels: Vec<u32> = codes.iter().map(|code| u32::from(is_given(code))).collect();
            put_numbers(&mut given, &levels, 1)?;
        }
        let mut bytes = count(given.len())?.to_le_bytes().to_vec();
        bytes.append(&mut given);
        if !self.texts.is_empty() {
            let most = count(self.texts.len() - 1)?;
            let width = (u32::BITS - most.leading_zeros()).max(1);
            bytes.push(u8::try_from(width).map_err(|_| too_many())?);
            if all_given {
                put_numbers(&mut bytes, codes, width)?;
            } else {
                let dense: Vec<u32> = codes.iter().copied().filter(is_given).collect();
                put_numbers(&mut bytes, &dense, width)?;
            }
        }
        Ok(bytes)
    }
}

fn too_many() -> ParquetError {
    ParquetError::General("more than a page can have".to_owned())
}

fn count(number: usize) -> Result<u32, ParquetError> {
    u32::try_from(number).map_err(|_| too_many())
}

/// Writes a page that is not packed; how many bytes it takes.
fn put(pages: &mut SerializedPageWriter<'_, Vec<u8>>, page: Page) -> Result<u64, ParquetError> {
    let size = page.buffer().len();
    Ok(pages.write_page(CompressedPage::new(page, size))?.bytes_written)
}

/// Adds numbers of `width` bits: as one run where all are the same, else packed bit by bit.
fn put_numbers(bytes: &mut Vec<u8>, numbers: &[u32], width: u32) -> Result<(), ParquetError> {
    let Some(first) = numbers.first() else { return Ok(()) };
    if numbers.iter().all(|number| number == first) {
        return put_run(bytes, *first, numbers.len(), width);
    }
    put_header(bytes, count(numbers.len().div_ceil(8))? << 1 | 1);
    for eight in numbers.chunks(8) {
        // Eight numbers of up to 32 bits are `width` whole bytes.
        let (mut word, mut bits) = (0_u64, 0);
        let missing = std::iter::repeat_n(&0, 8 - eight.len());
        for number in eight.iter().chain(missing) {
            word |= u64::from(*number) << bits;
            bits += width;
            while bits >= 32 {
                bytes.extend_from_slice(word.to_le_bytes().first_chunk::<4>().unwrap_or(&[0; 4]));
                word >>= 32;
                bits -= 32;
            }
        }
        bytes.extend(word.to_le_bytes().iter().take(bits as usize / 8));
    }
    Ok(())
}

/// Adds the same number again and again.
fn put_run(bytes: &mut Vec<u8>, number: u32, times: usize, width: u32) -> Result<(), ParquetError> {
    put_header(bytes, count(times)? << 1);
    bytes.extend(number.to_le_bytes().iter().take(width.div_ceil(8) as usize));
    Ok(())
}

/// Adds the header of a run.
fn put_header(bytes: &mut Vec<u8>, mut header: u32) {
    while header >= 0x80 {
        bytes.push((header & 0x7f | 0x80).to_le_bytes()[0]);
        header >>= 7;
    }
    bytes.push(header.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::columnar::hybrid::Hybrid;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_are_read_as_they_were_written(
            numbers in proptest::collection::vec(any::<u32>(), 0..200), width in 1_u32..=32,
            is_run in any::<bool>()
        ) {
            let kept = |number: &u32| number & (u32::MAX >> (32 - width));
            let mut numbers: Vec<u32> = numbers.iter().map(kept).collect();
            if is_run {
                numbers.fill(kept(&7));
            }
            let mut bytes = Vec::new();
            put_numbers(&mut bytes, &numbers, width).unwrap();
            let mut hybrid = Hybrid::new(bytes.into(), u8::try_from(width).unwrap()).unwrap();
            let mut read = Vec::new();
            hybrid.take(numbers.len(), &mut read).unwrap();
            prop_assert_eq!(read, numbers);
        }
    }
}
