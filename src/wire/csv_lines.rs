//! CSV with headings, each line as the JSON object that it stands for.

use super::lines::{MAX_LINE_BYTES, Transcoder};
use super::quotes::Quotes;
use crate::model::SituationFact;
use csv::{ByteRecord, ReaderBuilder, Terminator};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// Reads CSV with headings: each line as the JSON object that it stands for.
pub struct CsvLines<R: Read> {
    reader: csv::Reader<Watched<BufReader<Transcoder<R>>>>,
    headings: Vec<String>,
    /// The line at hand.
    record: ByteRecord,
    value: Cell,
}

/// A source behind which stands a line feed, so that every line has one, and what is known of it.
struct Watched<R> {
    source: R,
    quotes: Quotes,
    /// How many bytes were read, with the line feed at the end.
    count: u64,
    at_end: bool,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.at_end || room.is_empty() {
            return Ok(0);
        }
        let mut read = self.source.read(room)?;
        if read == 0 {
            self.at_end = true;
            read = (&b"\n"[..]).read(room)?;
        } else {
            self.quotes.read(room.split_at(read).0);
        }
        self.count += read as u64;
        Ok(read)
    }
}

/// What a cell under a heading stands for, or what is wrong with it.
pub(super) type Cell = fn(&str, &str) -> Result<Value, String>;

/// A line of CSV: its number, and the JSON object or what is wrong with it.
pub type CsvLine = (u64, Result<String, String>);

impl<R: Read> fmt::Debug for CsvLines<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CsvLines").field("headings", &self.headings).finish_non_exhaustive()
    }
}

impl<R: Read> CsvLines<R> {
    /// The lines of `source`, which begins with the headings; cells are separated by what separates
    /// those.
    ///
    /// # Errors
    ///
    /// The headings can't be read.
    pub fn new(source: R) -> io::Result<Self> {
        Self::with(source, observed_value)
    }

    /// The same where cells stand for something else.
    pub(super) fn with(source: R, value: Cell) -> io::Result<Self> {
        let mut source = BufReader::with_capacity(64 << 10, Transcoder::new(source));
        let first = source.fill_buf()?;
        let has = |sign: u8| memchr::memchr(sign, first).is_some();
        // Lines that old programs end by a carriage return alone have no line feed at all.
        let end = if has(b'\r') && !has(b'\n') { b'\r' } else { b'\n' };
        // A split has a first part, be it empty.
        let first = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |sign: u8| memchr::memchr_iter(sign, first).count();
        // Where the language writes numbers with a comma, spreadsheets write semicolons.
        let separator = [b',', b';', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign));
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true);
        builder.terminator(Terminator::Any(end));
        let separator = separator.unwrap_or(b',');
        let quotes = Quotes::new(separator, end);
        let source = Watched { source, quotes, count: 0, at_end: false };
        let mut reader = builder.delimiter(separator).from_reader(source);
        let mut headings = ByteRecord::new();
        reader.read_byte_record(&mut headings)?;
        let text = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
        let headings = headings.iter().map(text).collect();
        let lines = Self { reader, headings, record: ByteRecord::new(), value };
        if lines.is_open() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, Quotes::NOT_CLOSED));
        }
        Ok(lines)
    }

    /// The headings.
    #[cfg(feature = "store")]
    pub(super) fn headings(&self) -> &[String] {
        &self.headings
    }

    /// Whether a cell of the line at hand is not blank.
    #[cfg(feature = "store")]
    pub(super) fn is_given(&self, heading: &str) -> bool {
        let number = self.headings.iter().position(|it| it == heading);
        let cell = number.and_then(|number| self.record.get(number));
        cell.is_some_and(|cell| !cell.iter().all(u8::is_ascii_whitespace))
    }

    /// Whether the line at hand is the last one, in which a quote is not closed.
    fn is_open(&self) -> bool {
        let source = self.reader.get_ref();
        let is_last = source.at_end && self.reader.position().byte() >= source.count;
        is_last && source.quotes.is_open()
    }

    /// The next line that is not blank; `None` at the end.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn next_line(&mut self) -> io::Result<Option<CsvLine>> {
        loop {
            if !self.reader.read_byte_record(&mut self.record)? {
                return Ok(None);
            }
            if self.is_open() {
                break;
            }
            let record = &self.record;
            if record.len() > 1 || !record.as_slice().iter().all(u8::is_ascii_whitespace) {
                break;
            }
        }
        // The line that ends behind it, less those within: blank lines before it do not count.
        let within = memchr::memchr_iter(b'\n', self.record.as_slice()).count() as u64;
        let behind = self.reader.position().line().saturating_sub(within);
        if self.is_open() {
            // No line ends behind it: the one at the end is within.
            return Ok(Some((behind, Err(Quotes::NOT_CLOSED.to_owned()))));
        }
        Ok(Some((behind.saturating_sub(1), self.object(&self.record))))
    }

    /// The object of a record: a cell that is blank is left out.
    fn object(&self, record: &ByteRecord) -> Result<String, String> {
        if record.as_slice().len() > MAX_LINE_BYTES {
            return Err("the line is longer than 1 MiB".to_owned());
        }
        let mut object = Map::new();
        for (number, cell) in record.iter().enumerate() {
            let cell = std::str::from_utf8(cell)
                .map_err(|_| format!("cell {}: not text in UTF-8 or UTF-16", number + 1))?;
            let cell = cell.trim();
            if cell.is_empty() {
                continue;
            }
            let heading = self.headings.get(number).filter(|heading| !heading.is_empty());
            let heading = heading.ok_or_else(|| format!("cell {} has no heading", number + 1))?;
            if object.insert(heading.clone(), (self.value)(heading, cell)?).is_some() {
                return Err(format!("the column `{heading}` is there twice"));
            }
        }
        Ok(Value::Object(object).to_string())
    }
}

/// A message about a line of JSON that was made of CSV, where columns count otherwise.
pub fn without_column(message: &str) -> &str {
    match message.strip_prefix("column ").and_then(|rest| rest.split_once(": ")) {
        Some((column, message)) if column.bytes().all(|it| it.is_ascii_digit()) => message,
        _ => message,
    }
}

/// What a cell stands for: a fact that is true or false is written so, also in capitals.
#[expect(clippy::unnecessary_wraps, reason = "other cells may be wrong")]
fn observed_value(heading: &str, cell: &str) -> Result<Value, String> {
    let fact = SituationFact::from_word(&heading.replace('_', "-"));
    Ok(match cell.to_ascii_lowercase().as_str() {
        "true" if fact.is_some() => Value::Bool(true),
        "false" if fact.is_some() => Value::Bool(false),
        _ => Value::from(cell),
    })
}
