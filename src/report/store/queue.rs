//! `store queue`: every row, where it is, what it waits for, and its last error.

use super::records::records_json;
use crate::model::{Rules, said};
use crate::report::document::Provenance;
use crate::report::text::{Style, TextTable, or_empty};
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
    let waits = or_empty(row.waits_for.as_deref());
    [
        row.channel,
        said(row.counter, |counter| counter.to_string()),
        row.table,
        row.operation,
        or_empty(row.customer.as_deref()),
        or_empty(row.order.or(row.sale).as_deref()),
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
