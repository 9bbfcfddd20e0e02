//! The tables as CSV, one file each, with a page that says what their columns are.

use super::data::{DataColumn, DataKind, DataTable, Datum, Presence};
use crate::model::{Situation, SituationFact};
use crate::report::text::CsvTable;
use crate::wire::fact_name;
use std::borrow::Cow;
use std::io::{self, Write};

/// Writes a table as CSV. Cells are for programs that join them by their exact spelling: one that
/// a spreadsheet would take for a formula stays as it is.
///
/// # Errors
///
/// As `to`.
pub fn data_csv(table: &DataTable, to: &mut dyn Write) -> io::Result<()> {
    let mut lines = CsvTable::new(to);
    lines.exact_row(table.columns.iter().map(|column| column.name))?;
    for row in &table.rows {
        lines.exact_row(row.iter().map(cell).collect::<Vec<_>>().iter().map(AsRef::as_ref))?;
    }
    lines.finish()
}

fn cell(value: &Datum) -> Cow<'_, str> {
    match value {
        Datum::Null => "".into(),
        Datum::Number(number) => number.to_string().into(),
        Datum::Text(text) => text.into(),
    }
}

/// How the page begins.
pub const DATA_README_TITLE: &str = "# Decisions as tables\n";

/// What the page says of all of them, before the facts and behind them.
const INTRODUCTION: [&str; 2] = [
    "
A request is decided by joins: its operation and channel are looked up by their exact spelling, the
class and the operation give a behaviour, the behaviour and the situation a rule. The number of one
of the {} situations adds up, for each fact, the place of its word from 0 times this:

| fact | words | times |
|---|---|---|
",
    "
What is not given counts as its first word. An empty cell is none, but for sources and names.
",
];

/// A line for each fact of a situation.
fn facts() -> String {
    let line = |fact: &SituationFact| {
        let (words, times) = (fact.words().join(", "), Situation::default().with(*fact, 1).index());
        format!("| `{}` | {words} | {times} |\n", fact_name(fact.as_str()))
    };
    SituationFact::ALL.iter().map(line).collect()
}

/// A page that says what the files hold, each named after its table with `.ending`.
pub fn data_readme(tables: &[DataTable], ending: &str) -> String {
    let [begin, end] = INTRODUCTION;
    let begin = begin.replace("{}", &Situation::COUNT.to_string());
    let mut text = format!("{DATA_README_TITLE}{begin}{}{end}", facts());
    for table in tables {
        let title = format!("\n## {}.{ending}\n\n{}.\n\n", table.name, sentence(table.text));
        text.push_str(&title);
        text.push_str("| column | type | what it says |\n|---|---|---|\n");
        for column in table.columns {
            text.push_str(&format!("| `{}` | {} | {} |\n", column.name, kind(column), column.text));
        }
    }
    text
}

fn kind(column: &DataColumn) -> String {
    let kind = match column.kind {
        DataKind::Number => "number",
        DataKind::Text => "text",
    };
    match column.presence {
        Presence::Unique => format!("{kind}, unique"),
        Presence::Always => kind.to_owned(),
        Presence::Sometimes => format!("{kind}, or none"),
    }
}

/// The text with a capital letter.
fn sentence(text: &str) -> String {
    let (first, rest) = text.split_at(1);
    first.to_uppercase() + rest
}
