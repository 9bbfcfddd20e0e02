//! OData and other JSON: a list of objects, bare or in one of the envelopes that tools put around
//! it.

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
    /// The records; `None` where there is no list of them.
    pub(in crate::import) cells: Option<Cells>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(rename = "@odata.context", alias = "odata.metadata", alias = "@context")]
    context: Option<String>,
    #[serde(rename = "@odata.nextLink", alias = "odata.nextLink", alias = "@nextLink")]
    next: Option<IgnoredAny>,
    #[serde(rename = "@odata.count", alias = "odata.count", alias = "@count")]
    total: Option<Value>,
    #[serde(rename = "recordCount")]
    count: Option<u64>,
    #[serde(borrow)]
    value: Option<Vec<&'a RawValue>>,
    #[serde(borrow)]
    records: Option<Vec<&'a RawValue>>,
    entity: Option<String>,
    collection: Option<String>,
    truncated: Option<bool>,
    #[serde(rename = "pulledAt")]
    pulled_at: Option<String>,
}

/// Reads a document.
pub(in crate::import) fn document(text: &str) -> Result<Document, Problem> {
    let trimmed = text.trim_start();
    if trimmed.starts_with('[') {
        let records: Vec<&RawValue> = parse(text)?;
        return Ok(Document {
            complete: true,
            cells: Some(cells(text, &records)?),
            ..Document::default()
        });
    }
    let envelope: Envelope<'_> = parse(text)?;
    let records = envelope.value.or(envelope.records);
    let read = records.as_ref().map_or(0, |records| records.len() as u64);
    let total = envelope.total.and_then(|total| plain(total)?.parse().ok());
    let cut = envelope.next.is_some() || envelope.truncated == Some(true);
    let set = envelope.context.as_deref().and_then(entity_set).map(str::to_owned);
    Ok(Document {
        names: set.into_iter().chain(envelope.collection).chain(envelope.entity).collect(),
        complete: !cut && envelope.count.is_none_or(|count| count <= read),
        total,
        taken: envelope.pulled_at,
        cells: records.map(|records| cells(text, &records)).transpose()?,
    })
}

/// The entity set that a context address ends in.
fn entity_set(context: &str) -> Option<&str> {
    let (_, set) = context.rsplit_once('#')?;
    set.split(['(', '/']).next()
}

fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, Problem> {
    serde_json::from_str(text)
        .map_err(|error| Problem::Json { line: error.line().max(1), column: error.column().max(1) })
}

fn cells(text: &str, records: &[&RawValue]) -> Result<Cells, Problem> {
    let mut cells = Cells::default();
    let mut lines = Lines::new(text);
    for raw in records {
        let offset = (raw.get().as_ptr() as usize).saturating_sub(text.as_ptr() as usize);
        let line = lines.at(offset);
        let Ok(Value::Object(record)) = serde_json::from_str(raw.get()) else {
            cells.rows.push((line, None));
            continue;
        };
        let row = record
            .into_iter()
            .filter_map(|(name, value)| Some((cells.column(&name), plain(value)?)));
        let row = row.collect();
        cells.row(line, row)?;
    }
    Ok(cells)
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
