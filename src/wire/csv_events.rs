//! Events as CSV: a stream of the same events as JSON Lines, each on the line on which it stands.

use super::csv_lines::CsvLines;
use crate::model::name::nearest;
use crate::model::{EventKey, EventValue};
use serde_json::{Value, json};
use std::io::{self, Read};

/// Before what is wrong with a line that could not be made one of JSON.
const REFUSED: &str = "!";

/// Reads CSV with headings, which are keys of events, as JSON Lines.
#[derive(Debug)]
pub struct CsvEvents<R: Read> {
    lines: CsvLines<R>,
    /// What was made and not given out.
    made: Vec<u8>,
    given: usize,
    /// How many lines were made.
    line: u64,
}

impl<R: Read> CsvEvents<R> {
    /// The events of `source`; `path` is its name in messages.
    ///
    /// # Errors
    ///
    /// The headings can't be read, or are no keys of events.
    pub fn new(path: &str, source: R) -> io::Result<Self> {
        let lines = CsvLines::with(source, event_value).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => {
                io::Error::new(error.kind(), format!("{path}:1: {error}"))
            }
            _ => error,
        })?;
        for (number, heading) in lines.headings().iter().enumerate() {
            let known = EventKey::NAMES.contains(&heading.as_str());
            let is_again = lines.headings().iter().take(number).any(|other| other == heading);
            if !known || is_again {
                let what = if known {
                    format!("the column `{heading}` is there twice")
                } else {
                    unknown(heading)
                };
                let message = format!("{path}:1: column {}: {what}", number + 1);
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Ok(Self { lines, made: Vec::new(), given: 0, line: 0 })
    }
}

fn unknown(heading: &str) -> String {
    match nearest(heading, EventKey::NAMES.iter().copied()) {
        Some(near) => format!("unknown column `{heading}`; did you mean `{near}`?"),
        None => format!(
            "unknown column `{heading}`; leave it out, or name one of: {}",
            EventKey::NAMES.join(", ")
        ),
    }
}

/// What a cell stands for; a list of channels or of settings is written as in JSON.
fn event_value(heading: &str, cell: &str) -> Result<Value, String> {
    let key = EventKey::ALL.iter().find(|key| key.as_str() == heading);
    let expected = |what: &str| format!("`{cell}` is no value of `{heading}`; expected {what}");
    match key.map(|key| key.value()) {
        Some(EventValue::Boolean) => match cell.to_ascii_lowercase().as_str() {
            "true" => Ok(Value::Bool(true)),
            "false" => Ok(Value::Bool(false)),
            _ => Err(expected("true or false")),
        },
        Some(EventValue::Count) => {
            let count: Result<u64, _> = cell.parse();
            count.map(Value::from).map_err(|_| expected("a whole number, none or more"))
        }
        Some(EventValue::Texts) => match serde_json::from_str(cell) {
            Ok(Value::Array(list)) if list.iter().all(Value::is_string) => Ok(Value::Array(list)),
            _ => Err(expected("a list as in JSON, such as [\"houston\"]")),
        },
        Some(EventValue::Settings) => match serde_json::from_str(cell) {
            Ok(Value::Object(settings)) if settings.values().all(Value::is_boolean) => {
                Ok(Value::Object(settings))
            }
            _ => Err(expected("an object as in JSON, each value true or false")),
        },
        _ => Ok(Value::from(cell)),
    }
}

/// What is wrong with a line, where that was found out when it was made.
pub(super) fn refused(line: &str) -> Option<String> {
    let refused: Value = serde_json::from_str(line.strip_prefix(REFUSED)?).ok()?;
    refused.get("message")?.as_str().map(str::to_owned)
}

impl<R: Read> Read for CsvEvents<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        while self.given == self.made.len() {
            let Some((line, object)) = self.lines.next_line()? else { return Ok(0) };
            self.made.clear();
            self.given = 0;
            while self.line + 1 < line {
                self.made.push(b'\n');
                self.line += 1;
            }
            let text = object.unwrap_or_else(|message| {
                // It may have been an operation, which is answered in its place.
                let is_operation = self.lines.is_given("operation");
                let mut refused = json!({ "message": message });
                if is_operation && let Some(refused) = refused.as_object_mut() {
                    refused.insert("operation".to_owned(), Value::Null);
                }
                format!("{REFUSED}{refused}")
            });
            self.made.extend_from_slice(text.as_bytes());
            self.made.push(b'\n');
            self.line += 1;
        }
        let (_, rest) = self.made.split_at(self.given);
        let count = rest.len().min(room.len());
        for (place, byte) in room.iter_mut().zip(rest) {
            *place = *byte;
        }
        self.given += count;
        Ok(count)
    }
}
