//! `store queue`: every row, where it is, what it waits for, and its last error.

use super::records::records_json;
use crate::model::Rules;
use crate::report::document::Provenance;
use crate::report::text::{Style, TextTable};
use crate::store::QueueLine;
use schemars::JsonSchema;
use std::io::{self, Write};

/// `store queue --format human`.
///
/// # Errors
///
/// A row can't be read.
pub fn queue_human<E>(
    rows: impl Iterator<Item = Result<QueueLine, E>>,
    style: Style,
) -> Result<String, E> {
    let mut table = TextTable::new([
        "channel",
        "counter",
        "table",
        "operation",
        "customer",
        "order or sale",
        "where",
        "waits for",
    ]);
    for row in rows {
        table.row(cells(row?));
    }
    Ok(table.render_or("no rows\n", style))
}

fn cells(row: QueueLine) -> [String; 8] {
    let waits = row.waits_for.unwrap_or_default();
    [
        row.channel,
        row.counter.map(|counter| counter.to_string()).unwrap_or_default(),
        row.table,
        row.operation,
        row.customer.unwrap_or_default(),
        row.order.or(row.sale).unwrap_or_default(),
        row.place.to_owned(),
        match row.error {
            Some(error) => format!("{waits}: {error}"),
            None => waits,
        },
    ]
}

/// `store queue --format json`.
///
/// # Errors
///
/// A row can't be read, or the document not be written.
pub fn queue_json<E: From<io::Error>>(
    to: impl Write,
    rules: &Rules,
    rows: impl Iterator<Item = Result<QueueLine, E>>,
) -> Result<(), E> {
    records_json(to, rules, "queue", rows)
}

/// Every row of the queue of a store.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is written while it is read, and described here")]
pub(in crate::report) struct QueueDocument<'a> {
    version: u32,
    queue: Vec<QueueLine>,
    provenance: Provenance<'a>,
}
