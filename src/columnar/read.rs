//! Tables read row group by row group, a run of rows at a time.

use super::TableError;
use super::pages::TextPages;
use super::run::{ColumnRun, TableRun};
use crate::foreign;
use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, LogicalType, Type};
use parquet::column::reader::ColumnReader;
use parquet::errors::ParquetError;
use parquet::file::metadata::RowGroupMetaData;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::fs::File;
use std::io::BufReader;

/// So many rows are given out at once at most.
const RUN_ROWS: usize = 16 << 10;

/// Reads something of the file at `path`. Nothing is read from it after a panic: whoever gets the
/// error gives up.
fn below<T>(path: &str, read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, TableError> {
    let damaged = |what: String| TableError::Damaged { path: path.to_owned(), what };
    match foreign::call(true, read) {
        Ok(done) => done.map_err(|error| damaged(error.to_string())),
        Err(_) => Err(damaged("its pages make no sense".to_owned())),
    }
}

/// A file of which nothing is read beyond its end, however long damage says that it is.
struct Bounded(File);

impl Length for Bounded {
    fn len(&self) -> u64 {
        Length::len(&self.0)
    }
}

impl ChunkReader for Bounded {
    type T = BufReader<File>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > Length::len(self)) {
            return Err(ParquetError::EOF("it ends early".to_owned()));
        }
        self.0.get_bytes(start, length)
    }
}

/// Reads a table.
pub struct TableReader {
    path: String,
    file: SerializedFileReader<Bounded>,
    /// The columns to read, by their numbers in the file.
    asked: Vec<usize>,
    next_group: usize,
    /// How many rows of the row group at hand are left.
    left: usize,
    row: u64,
    open: Vec<OpenColumn>,
}

impl std::fmt::Debug for TableReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TableReader").field("path", &self.path).finish_non_exhaustive()
    }
}

enum OpenColumn {
    Texts(TextPages),
    /// What the crate decodes.
    Others(Box<ColumnReader>, OtherSort),
}

/// What is to be known of values that the crate decodes.
#[derive(Clone, Copy)]
struct OtherSort {
    is_optional: bool,
    /// Whether numbers have no sign.
    is_unsigned: bool,
}

/// What packs pages in a way that this build does not read, and what helps besides snappy.
fn unread(packed: Compression) -> Option<(&'static str, &'static str)> {
    match packed {
        Compression::UNCOMPRESSED | Compression::SNAPPY => None,
        Compression::ZSTD(_) if cfg!(feature = "zstd") => None,
        Compression::ZSTD(_) => Some(("ZSTD", ", or build with the feature `zstd`")),
        Compression::GZIP(_) => Some(("GZIP", "")),
        Compression::BROTLI(_) => Some(("BROTLI", "")),
        Compression::LZO => Some(("LZO", "")),
        Compression::LZ4 | Compression::LZ4_RAW => Some(("LZ4", "")),
    }
}

/// Whether the numbers of a column have no sign, and how many bits; old files say so otherwise.
fn unsigned_bits(column: &ColumnDescriptor) -> Option<i8> {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Integer(it)), _) => (!it.is_signed).then_some(it.bit_width),
        (_, ConvertedType::UINT_8) => Some(8),
        (_, ConvertedType::UINT_16) => Some(16),
        (_, ConvertedType::UINT_32) => Some(32),
        (_, ConvertedType::UINT_64) => Some(64),
        _ => None,
    }
}

/// What a column has, where its values are not what they are stored as.
fn other_sort(column: &ColumnDescriptor) -> Option<&'static str> {
    if unsigned_bits(column).is_some_and(|bits| bits > 32) {
        return Some("UINT_64");
    }
    let is_whole = |scale: i32| scale <= 0 && column.physical_type() != Type::BYTE_ARRAY;
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Decimal(it)), _) => (!is_whole(it.scale)).then_some("DECIMAL"),
        (_, ConvertedType::DECIMAL) => (!is_whole(column.type_scale())).then_some("DECIMAL"),
        (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => Some("DATE"),
        (Some(LogicalType::Time(_)), _)
        | (_, ConvertedType::TIME_MILLIS | ConvertedType::TIME_MICROS) => Some("TIME"),
        (Some(LogicalType::Timestamp(_)), _)
        | (_, ConvertedType::TIMESTAMP_MILLIS | ConvertedType::TIMESTAMP_MICROS) => {
            Some("TIMESTAMP")
        }
        _ => None,
    }
}

impl TableReader {
    /// Opens a table; `path` is its name in messages.
    ///
    /// # Errors
    ///
    /// It is no Parquet file, damaged, or packed in a way that this build does not read.
    pub fn open(path: &str, file: File) -> Result<Self, TableError> {
        let file = below(path, || SerializedFileReader::new(Bounded(file)))?;
        let groups = file.metadata().row_groups().iter();
        let mut chunks = groups.flat_map(RowGroupMetaData::columns);
        if let Some((codec, mend)) = chunks.find_map(|chunk| unread(chunk.compression())) {
            return Err(TableError::Packed { path: path.to_owned(), codec, mend });
        }
        let (path, asked, open) = (path.to_owned(), Vec::new(), Vec::new());
        Ok(Self { path, file, asked, next_group: 0, left: 0, row: 1, open })
    }

    /// The names of its columns: of one within another, its whole path.
    pub fn names(&self) -> Vec<String> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        schema.columns().iter().map(|column| column.path().string()).collect()
    }

    /// Whether a column has whole numbers.
    pub fn is_numbers(&self, column: usize) -> bool {
        let schema = self.file.metadata().file_metadata().schema_descr();
        let column = schema.columns().get(column);
        column.is_some_and(|it| matches!(it.physical_type(), Type::INT32 | Type::INT64))
    }

    /// Asks for columns by their numbers; or says of which one and why it can't be read.
    ///
    /// # Errors
    ///
    /// A column has values of another type, or lists.
    pub fn ask(&mut self, columns: Vec<usize>) -> Result<(), (usize, String)> {
        let schema = self.file.metadata().file_metadata().schema_descr();
        for number in &columns {
            let Some(column) = schema.columns().get(*number) else { continue };
            let is_plain = column.max_rep_level() == 0 && column.max_def_level() <= 1;
            let kind = column.physical_type();
            let is_known =
                matches!(kind, Type::BYTE_ARRAY | Type::INT32 | Type::INT64 | Type::BOOLEAN);
            let other = other_sort(column);
            if !is_plain || !is_known || other.is_some() {
                let stored = || other.map_or_else(|| kind.to_string(), str::to_owned);
                let found = if is_plain { stored() } else { "a list".to_owned() };
                let expected = "expected text, whole numbers up to INT64, or true and false";
                return Err((*number, format!("{found} in `{}`; {expected}", column.name())));
            }
        }
        self.asked = columns;
        Ok(())
    }

    /// The next rows; `None` at the end.
    ///
    /// # Errors
    ///
    /// The file is damaged.
    pub fn next_run(&mut self) -> Result<Option<TableRun>, TableError> {
        let path = self.path.clone();
        below(&path, || self.run())
    }

    fn run(&mut self) -> Result<Option<TableRun>, ParquetError> {
        while self.left == 0 {
            if self.next_group >= self.file.num_row_groups() {
                return Ok(None);
            }
            self.open_group(self.next_group)?;
            self.next_group += 1;
        }
        let mut rows = self.left.min(RUN_ROWS);
        for column in &mut self.open {
            if let OpenColumn::Texts(pages) = column {
                rows = rows.min(pages.left()?);
            }
        }
        if rows == 0 {
            return Err(ParquetError::General("fewer values than rows".to_owned()));
        }
        let columns: Result<Vec<_>, _> =
            self.open.iter_mut().map(|column| column.take(rows)).collect();
        let first_row = self.row;
        self.row += rows as u64;
        self.left -= rows;
        Ok(Some(TableRun { group: self.next_group - 1, first_row, rows, columns: columns? }))
    }

    fn open_group(&mut self, number: usize) -> Result<(), ParquetError> {
        let group = self.file.get_row_group(number)?;
        let rows = group.metadata().num_rows();
        let negative = |_| ParquetError::General("fewer rows than none".to_owned());
        self.left = usize::try_from(rows).map_err(negative)?;
        self.open.clear();
        for column in &self.asked {
            let described = group.metadata().schema_descr().column(*column);
            let is_optional = described.max_def_level() > 0;
            let is_unsigned = unsigned_bits(&described).is_some();
            let chunk = group.metadata().column(*column);
            let is_ours = described.physical_type() == Type::BYTE_ARRAY
                && chunk.encodings().all(|it| TextPages::ENCODINGS.contains(&it));
            self.open.push(if is_ours {
                let pages = group.get_column_page_reader(*column)?;
                OpenColumn::Texts(TextPages::new(pages, is_optional))
            } else {
                let sort = OtherSort { is_optional, is_unsigned };
                OpenColumn::Others(Box::new(group.get_column_reader(*column)?), sort)
            });
        }
        Ok(())
    }
}

/// Reads values of one sort by the crate.
macro_rules! others {
    ($reader:ident, $rows:ident, $is_optional:ident) => {{
        let (mut values, mut levels) = (Vec::new(), Vec::new());
        let levels_read = $is_optional.then_some(&mut levels);
        let (read, _, _) = $reader.read_records($rows, levels_read, None, &mut values)?;
        if read != $rows {
            return Err(ParquetError::General("fewer values than rows".to_owned()));
        }
        placed($is_optional.then_some(levels), values)
    }};
}

impl OpenColumn {
    fn take(&mut self, rows: usize) -> Result<ColumnRun, ParquetError> {
        let (reader, OtherSort { is_optional, is_unsigned }) = match self {
            Self::Texts(pages) => return pages.take(rows),
            Self::Others(reader, sort) => (reader, *sort),
        };
        Ok(match &mut **reader {
            ColumnReader::BoolColumnReader(reader) => {
                ColumnRun::Flags(others!(reader, rows, is_optional))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                let numbers = others!(reader, rows, is_optional);
                let wide = |number: i32| {
                    let unsigned = is_unsigned.then(|| i64::from(number.cast_unsigned()));
                    unsigned.unwrap_or_else(|| i64::from(number))
                };
                ColumnRun::Numbers(numbers.into_iter().map(|it| it.map(wide)).collect())
            }
            ColumnReader::Int64ColumnReader(reader) => {
                ColumnRun::Numbers(others!(reader, rows, is_optional))
            }
            ColumnReader::ByteArrayColumnReader(reader) => {
                ColumnRun::Texts(others!(reader, rows, is_optional))
            }
            _ => return Err(ParquetError::General("values of another type".to_owned())),
        })
    }
}

/// Values at their places, nulls between them.
fn placed<T>(levels: Option<Vec<i16>>, values: Vec<T>) -> Vec<Option<T>> {
    let mut values = values.into_iter();
    match levels {
        None => values.map(Some).collect(),
        Some(levels) => {
            levels.iter().map(|level| if *level == 0 { None } else { values.next() }).collect()
        }
    }
}
