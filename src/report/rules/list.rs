//! `rules list`: what the rules know.

use super::listed::{Column, Holds, LISTS, ListCell, Listed, columns_of, listed};
use crate::model::Rules;
use crate::report::document::{Provenance, provenance};
use crate::report::text::{Style, TextTable, csv_text};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// `rules list --format human`: one of [`LISTS`] as a table, or without a name how many entries
/// each has.
pub fn list_human(rules: &Rules, list: Option<&str>, style: Style) -> String {
    let mut tables = listed(rules, list);
    if list == Some("facts") {
        tables.iter_mut().for_each(summarize_features);
    }
    let texts: Vec<String> = tables.iter().map(|table| human(table, style)).collect();
    texts.join("\n")
}

/// One line for the facts of all features: each is said by its name.
fn summarize_features(facts: &mut Listed) {
    let is_feature = |entry: &Vec<ListCell>| match entry.first() {
        Some(ListCell::Text(id)) => id.starts_with("feature."),
        _ => false,
    };
    facts.entries.retain(|entry| !is_feature(entry));
    let text = |text: &str| ListCell::Text(text.to_owned());
    facts.entries.push(vec![
        text("feature.<id>"),
        ListCell::Texts(["false", "true"].map(str::to_owned).into()),
        text("false"),
        text("whether the feature is effective"),
    ]);
}

fn human(table: &Listed, style: Style) -> String {
    let is_shown = |(_, heading, _): &&Column| !heading.is_empty();
    let headings = table.columns.iter().filter(is_shown).map(|(_, heading, _)| *heading);
    let mut text = TextTable::new(headings);
    for entry in &table.entries {
        let cells = table.columns.iter().zip(entry).filter(|(column, _)| is_shown(column));
        text.row(cells.map(|((_, _, holds), cell)| in_words(*holds, cell)));
    }
    text.render(style)
}

fn in_words(holds: Holds, cell: &ListCell) -> String {
    match (holds, cell) {
        (_, ListCell::Text(text)) => text.clone(),
        (_, ListCell::Number(number)) => number.to_string(),
        (Holds::Perhaps(nothing), ListCell::Nothing) => nothing.to_owned(),
        (_, ListCell::Nothing) => String::new(),
        (Holds::Counted, ListCell::Texts(texts)) => texts.len().to_string(),
        (Holds::Texts(none), ListCell::Texts(texts)) if texts.is_empty() => none.to_owned(),
        (_, ListCell::Texts(texts)) => texts.join(", "),
    }
}

/// `rules list --format csv`: a line for each entry; where a list has several tables, with the
/// columns of all of them.
pub fn list_csv(rules: &Rules, list: Option<&str>) -> String {
    let tables = listed(rules, list);
    let mut keys: Vec<&str> = Vec::new();
    for (key, _, _) in tables.iter().flat_map(|table| table.columns) {
        if !keys.contains(key) {
            keys.push(key);
        }
    }
    csv_text(|lines| {
        lines.row(&keys)?;
        for table in &tables {
            for entry in &table.entries {
                lines.row(keys.iter().map(|key| cell_under(key, table, entry)))?;
            }
        }
        Ok(())
    })
}

/// What an entry of a list has under a key; nothing under one of another list.
fn cell_under(key: &str, table: &Listed, entry: &[ListCell]) -> String {
    let mut cells = table.columns.iter().zip(entry);
    let cell = cells.find(|((its, _, _), _)| *its == key).map(|(_, cell)| cell);
    cell.map_or_else(String::new, csv_cell)
}

/// Of several texts, none of which has a blank in it, one cell.
fn csv_cell(cell: &ListCell) -> String {
    match cell {
        ListCell::Text(text) => text.clone(),
        ListCell::Nothing => String::new(),
        ListCell::Number(number) => number.to_string(),
        ListCell::Texts(texts) => texts.join(" "),
    }
}

/// `rules list --format json`.
pub fn list_json<'a>(rules: &'a Rules, list: Option<&'a str>) -> impl Serialize + use<'a> {
    let entries = listed(rules, list).into_iter().flat_map(|Listed { columns, entries }| {
        entries.into_iter().map(move |cells| ListEntry { columns, cells })
    });
    ListDocument {
        version: 1,
        list,
        entries: entries.collect(),
        provenance: provenance(rules, None),
    }
}

/// What the rules know of one sort.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct ListDocument<'a> {
    version: u32,
    /// The list; null where it is asked how many entries each has.
    #[schemars(extend("enum" = lists()))]
    list: Option<&'a str>,
    #[schemars(schema_with = "entries_schema")]
    entries: Vec<ListEntry>,
    provenance: Provenance<'a>,
}

fn lists() -> Vec<Option<&'static str>> {
    LISTS.into_iter().map(Some).chain([None]).collect()
}

/// An entry, as an object of its columns.
#[derive(Debug)]
struct ListEntry {
    columns: &'static [Column],
    cells: Vec<ListCell>,
}

impl Serialize for ListEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let keys = self.columns.iter().map(|(key, _, _)| *key);
        serializer.collect_map(keys.zip(&self.cells))
    }
}

impl Serialize for ListCell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Nothing => serializer.serialize_none(),
            Self::Number(number) => number.serialize(serializer),
            Self::Texts(texts) => texts.serialize(serializer),
        }
    }
}

/// The entries of each list, by the same columns that they are made of.
fn entries_schema(_: &mut SchemaGenerator) -> Schema {
    let all = LISTS.into_iter().map(Some).chain([None]);
    let entries = all.flat_map(columns_of).map(|columns| {
        let keys: Vec<&str> = columns.iter().map(|(key, _, _)| *key).collect();
        let properties: Map<String, Value> = columns
            .iter()
            .map(|(key, _, holds)| ((*key).to_owned(), cell_schema(*holds)))
            .collect();
        json!({ "type": "object", "properties": properties, "required": keys })
    });
    let entries: Vec<Value> = entries.collect();
    schemars::json_schema!({ "type": "array", "items": { "anyOf": entries } })
}

fn cell_schema(holds: Holds) -> Value {
    match holds {
        Holds::Text => json!({ "type": "string" }),
        Holds::Perhaps(_) => json!({ "type": ["string", "null"] }),
        Holds::Number => json!({ "type": "integer", "minimum": 0 }),
        Holds::Texts(_) | Holds::Counted => {
            json!({ "type": "array", "items": { "type": "string" } })
        }
    }
}
