//! What was observed of a request, as a JSON line or a line of CSV.

use super::lines::{MAX_LINE_BYTES, Transcoder};
use super::object::{Field, Word, line_message, one_of};
use super::request::{Fields, Request};
use crate::model::{Outcome, SituationFact};
use csv::{ByteRecord, ReaderBuilder};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};
use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

/// A request with what came of it.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// The request.
    pub request: Request<'a>,
    /// The facts of the situation that it states.
    pub stated: Vec<SituationFact>,
    /// How the operation ended.
    pub outcome: Outcome,
    /// The error id that the product gave, where it is known.
    pub error_id: Option<String>,
}

/// The keys of an observation that a request has not.
const NAMES: [&str; 3] = ["observed_outcome", "observed_error_id", "at"];

/// Reads an observation.
///
/// # Errors
///
/// As [`super::parse_request`]; and where `observed_outcome` is missing or no outcome.
pub fn parse_observed(line: &str) -> Result<Observed<'_>, String> {
    let fields: ObservedFields<'_> =
        serde_json::from_str(line).map_err(|error| line_message(&error))?;
    let outcome = fields.outcome.take().map(|Word(word)| word);
    let outcome = outcome.ok_or("missing key `observed_outcome`")?;
    Ok(Observed {
        stated: fields.request.stated(),
        request: fields.request.request()?,
        outcome: one_of("observed_outcome", &outcome, Outcome::ALL, Outcome::as_str)?,
        error_id: fields.error_id.take().map(|Word(text)| text.into_owned()),
    })
}

#[derive(Default)]
struct ObservedFields<'a> {
    request: Fields<'a>,
    outcome: Field<Word<'a>>,
    error_id: Field<Word<'a>>,
    /// When; it is for those who read the file.
    at: Field<Word<'a>>,
}

impl<'de> Deserialize<'de> for ObservedFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = ObservedFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an observation, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = ObservedFields::default();
                while let Some(Word(key)) = map.next_key()? {
                    match &*key {
                        "observed_outcome" => fields.outcome.read(&key, &mut map)?,
                        "observed_error_id" => fields.error_id.read(&key, &mut map)?,
                        "at" => fields.at.read(&key, &mut map)?,
                        key => fields.request.read(key, &mut map, &NAMES)?,
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Reads CSV with headings: each line as the JSON object that it stands for.
pub struct CsvLines<R: Read> {
    reader: csv::Reader<BufReader<Transcoder<R>>>,
    headings: Vec<String>,
}

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
        let mut source = BufReader::with_capacity(64 << 10, Transcoder::new(source));
        let first = source.fill_buf()?;
        // A split has a first part, be it empty.
        let first = first.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let count = |sign: u8| memchr::memchr_iter(sign, first).count();
        // Where the language writes numbers with a comma, spreadsheets write semicolons.
        let separator = [b',', b';', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign));
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(separator.unwrap_or(b','));
        let mut reader = builder.from_reader(source);
        let mut headings = ByteRecord::new();
        reader.read_byte_record(&mut headings)?;
        let text = |cell: &[u8]| String::from_utf8_lossy(cell).trim().to_owned();
        Ok(Self { headings: headings.iter().map(text).collect(), reader })
    }

    /// The next line that is not blank; `None` at the end.
    ///
    /// # Errors
    ///
    /// Reading fails.
    pub fn next_line(&mut self) -> io::Result<Option<CsvLine>> {
        let mut record = ByteRecord::new();
        if !self.reader.read_byte_record(&mut record)? {
            return Ok(None);
        }
        // A record that was read has its place.
        let line = record.position().map_or(0, csv::Position::line);
        Ok(Some((line, self.object(&record))))
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
            if object.insert(heading.clone(), value(heading, cell)).is_some() {
                return Err(format!("the column `{heading}` is there twice"));
            }
        }
        Ok(Value::Object(object).to_string())
    }
}

/// What a cell stands for: a fact that is true or false is written so, also in capitals.
fn value(heading: &str, cell: &str) -> Value {
    let fact = SituationFact::from_word(&heading.replace('_', "-"));
    match cell.to_ascii_lowercase().as_str() {
        "true" if fact.is_some() => Value::Bool(true),
        "false" if fact.is_some() => Value::Bool(false),
        _ => Value::from(cell),
    }
}

/// A message about a line of JSON that was made of CSV, where columns count otherwise.
pub fn without_column(message: &str) -> &str {
    match message.strip_prefix("column ").and_then(|rest| rest.split_once(": ")) {
        Some((column, message)) if column.bytes().all(|it| it.is_ascii_digit()) => message,
        _ => message,
    }
}
