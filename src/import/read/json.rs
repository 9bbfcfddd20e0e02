//! OData and other JSON: a list of objects, bare or in one of the envelopes that tools put around
//! it, one object alone, or one on each line.

use super::{Cells, Lines, Problem};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

/// What is known of a JSON document beside its records.
#[derive(Debug, Default)]
pub(in crate::import) struct Document {
    /// Names of what it holds, the most trusted first.
    pub(in crate::import) names: Vec<String>,
    /// Whether all records are there: it is not one of several pages.
    pub(in crate::import) complete: bool,
    /// How many records all its pages have together, where it says so.
    pub(in crate::import) total: Option<u64>,
    /// When it was taken.
    pub(in crate::import) taken: Option<String>,
    /// The records; `None` where there are none.
    pub(in crate::import) cells: Option<Cells>,
    /// Records that stand in others, by the name of what they are.
    pub(in crate::import) nested: Vec<(String, Cells)>,
}

/// What tools put around a list of records, or around that; keys that none of them knows make it a
/// record itself.
#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "@odata.context", alias = "odata.metadata", alias = "@context")]
    context: Option<Value>,
    #[serde(rename = "@odata.nextLink", alias = "odata.nextLink", alias = "@nextLink")]
    next: Option<IgnoredAny>,
    #[serde(rename = "@odata.count", alias = "odata.count", alias = "@count")]
    total: Option<Value>,
    #[serde(rename = "recordCount")]
    count: Option<Value>,
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    records: Option<&'a RawValue>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    results: Option<&'a RawValue>,
    #[serde(borrow)]
    d: Option<&'a RawValue>,
    entity: Option<Value>,
    collection: Option<Value>,
    truncated: Option<Value>,
    #[serde(rename = "pulledAt")]
    pulled_at: Option<Value>,
}

impl<'a> Envelope<'a> {
    /// What is inside and begins with `mark`, where there is such a thing.
    fn inside(&self, mark: char) -> Option<&'a RawValue> {
        let all = [self.value, self.records, self.results, self.data, self.body, self.d];
        all.into_iter().flatten().find(|raw| raw.get().starts_with(mark))
    }
}

/// Envelopes stand in one another no deeper.
const MAX_ENVELOPES: usize = 4;

/// Reads a document, or several, one after the other: a list, an envelope, or records.
pub(in crate::import) fn document(text: &str) -> Result<Document, Problem> {
    let mut document = Document { complete: true, ..Document::default() };
    let mut rows = Rows { text, lines: Lines::new(text), nested: Vec::new() };
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    for value in values {
        rows.value(value.map_err(|error| malformed(&error))?, 0, &mut document)?;
    }
    document.nested = rows.nested;
    Ok(document)
}

/// The rows of a document, as it is read.
struct Rows<'t> {
    text: &'t str,
    lines: Lines<'t>,
    nested: Vec<(String, Cells)>,
}

impl<'t> Rows<'t> {
    fn value(
        &mut self,
        raw: &'t RawValue,
        depth: usize,
        document: &mut Document,
    ) -> Result<(), Problem> {
        if raw.get().starts_with('[') {
            return self.list(raw, document).map(|_| ());
        }
        if !raw.get().starts_with('{') {
            let line = self.line(raw);
            document.cells.get_or_insert_default().rows.push((line, None));
            return Ok(());
        }
        let envelope: Envelope<'t> = parse(raw)?;
        let text =
            |value: &Option<Value>| value.as_ref().and_then(Value::as_str).map(str::to_owned);
        let set = text(&envelope.context).as_deref().and_then(entity_set).map(str::to_owned);
        let names = [set, text(&envelope.collection), text(&envelope.entity)];
        document.taken = text(&envelope.pulled_at).or(document.taken.take());
        document.complete &= envelope.next.is_none() && !is_said(envelope.truncated.as_ref());
        match envelope.total.as_ref().map(number) {
            None => {}
            // A number of rows that can't be read may be any.
            Some(None) => document.complete = false,
            Some(total) => document.total = document.total.max(total),
        }
        if let Some(list) = envelope.inside('[') {
            document.names.extend(names.into_iter().flatten());
            let read = self.list(list, document)?;
            let is_all = |count| number(count).is_some_and(|count| count <= read);
            document.complete &= envelope.count.as_ref().is_none_or(is_all);
        } else if let Some(inner) = envelope.inside('{').filter(|_| depth < MAX_ENVELOPES) {
            document.names.extend(names.into_iter().flatten());
            self.value(inner, depth + 1, document)?;
        } else {
            document.names.splice(0..0, names.into_iter().flatten().take(1));
            self.record(raw, document.cells.get_or_insert_default())?;
        }
        Ok(())
    }

    /// Adds the records of a list, and gives their number.
    fn list(&mut self, raw: &'t RawValue, document: &mut Document) -> Result<u64, Problem> {
        let records: Vec<&RawValue> = parse(raw)?;
        let cells = document.cells.get_or_insert_default();
        for record in &records {
            self.record(record, cells)?;
        }
        Ok(records.len() as u64)
    }

    fn line(&mut self, raw: &RawValue) -> u32 {
        // Both are of the same text, so that the one begins within the other.
        let offset = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.lines.at(offset)
    }

    fn record(&mut self, raw: &RawValue, cells: &mut Cells) -> Result<(), Problem> {
        let line = self.line(raw);
        let Ok(Value::Object(record)) = serde_json::from_str(raw.get()) else {
            cells.rows.push((line, None));
            return Ok(());
        };
        let row = record.into_iter().filter_map(|(name, value)| match value {
            Value::Array(inner) => {
                self.nest(&name, line, inner);
                None
            }
            // What a delta link leaves of a deleted record.
            Value::Object(_) if name == "@removed" => Some((cells.column(&name), "1".to_owned())),
            value => Some((cells.column(&name), plain(value)?)),
        });
        let row = row.collect();
        cells.row(line, row)
    }

    /// Keeps records that stand in another, as composite entities have them, as a table of its own.
    fn nest(&mut self, name: &str, line: u32, records: Vec<Value>) {
        let known = self.nested.iter().position(|(known, _)| known == name);
        let number = known.unwrap_or_else(|| {
            self.nested.push((name.to_owned(), Cells::default()));
            self.nested.len() - 1
        });
        let Some((_, cells)) = self.nested.get_mut(number) else { return };
        for record in records {
            let Value::Object(record) = record else { continue };
            let row = record
                .into_iter()
                .filter_map(|(name, value)| Some((cells.column(&name), plain(value)?)))
                .collect();
            cells.rows.push((line, Some(row)));
        }
    }
}

/// Whether a tool says that something holds, in whatever words.
fn is_said(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::String(text)) => !text.eq_ignore_ascii_case("false"),
        Some(_) => true,
    }
}

fn number(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// The entity set that a context address ends in.
fn entity_set(context: &str) -> Option<&str> {
    let (_, set) = context.rsplit_once('#')?;
    set.split(['(', '/']).next()
}

fn malformed(error: &serde_json::Error) -> Problem {
    Problem::Json { line: error.line().max(1), column: error.column().max(1) }
}

fn parse<'t, T: Deserialize<'t>>(raw: &'t RawValue) -> Result<T, Problem> {
    serde_json::from_str(raw.get()).map_err(|error| malformed(&error))
}

/// A value as text; lists and objects are none that a deployment has.
fn plain(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
