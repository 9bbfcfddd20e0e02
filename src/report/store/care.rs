//! `store verify`, `store compact` and `store backup`.

use crate::model::Rules;
use crate::report::document::{Provenance, provenance};
use crate::report::text::{Style, TextTable, counted};
use crate::store::{Backup, Damage, StoreCounts, Verified};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// `store verify --format human`; `path` is where the store lies.
pub fn verified_human(path: &str, verified: &Verified, style: Style) -> String {
    let read = verified.counts.map_or("nothing could be counted".to_owned(), counts_in_words);
    let head = verified.head.as_deref().unwrap_or("can't be read");
    if verified.damages.is_empty() {
        return format!("{}: {read}, nothing is damaged\nhead {head}\n", style.good("intact"));
    }
    let mut table = TextTable::new(["table", "record", "what is wrong"]);
    for Damage { table: name, key, what } in &verified.damages {
        table.row([name, key, what]);
    }
    let mut text = table.render(style);
    let count = counted(verified.damages.len(), "damage");
    text.push_str(&format!(
        "\n{}: {count}, {read}; put a backup in the place of `{path}`, or replay its events into \
            a new store\nhead {head}\n",
        style.bad("damaged")
    ));
    text
}

/// `41 events, 9 customers, 5 orders, 2 sales and 30 rows of the queue read`.
fn counts_in_words(counts: StoreCounts) -> String {
    let events = counts.events.map_or("events not counted".to_owned(), |it| counted(it, "event"));
    let customers = counted(counts.customers, "customer");
    let (orders, sales) = (counted(counts.orders, "order"), counted(counts.sales, "sale"));
    let rows = counted(counts.queue_rows, "row");
    format!("{events}, {customers}, {orders}, {sales} and {rows} of the queue read")
}

/// `store verify --format json`.
pub fn verified_json<'a>(rules: &'a Rules, verified: &'a Verified) -> impl Serialize + use<'a> {
    let records = verified.records.iter();
    VerifiedDocument {
        version: 1,
        damaged: !verified.damages.is_empty(),
        damages: &verified.damages,
        counts: verified.counts,
        records: records.map(|(table, count)| (table.as_str(), *count)).collect(),
        head: verified.head.as_deref(),
        provenance: provenance(rules, None),
    }
}

/// What verifying a store found.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct VerifiedDocument<'a> {
    version: u32,
    damaged: bool,
    damages: &'a [Damage],
    /// What people count; null where nothing could be counted.
    counts: Option<StoreCounts>,
    /// How many records were read, by table.
    records: BTreeMap<&'a str, u64>,
    /// The digest of the whole store; null where it can't be read.
    head: Option<&'a str>,
    provenance: Provenance<'a>,
}

/// `store compact --format human`; sizes are in bytes.
pub fn compacted_human(before: u64, after: u64) -> String {
    format!("{after} bytes, {before} before\n")
}

/// `store compact --format json`; sizes are in bytes.
pub fn compacted_json(rules: &Rules, before: u64, after: u64) -> impl Serialize {
    CompactedDocument {
        version: 1,
        bytes: after,
        bytes_before: before,
        provenance: provenance(rules, None),
    }
}

/// The size of a store in bytes, and what it was before it was made smaller.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct CompactedDocument<'a> {
    version: u32,
    bytes: u64,
    bytes_before: u64,
    provenance: Provenance<'a>,
}

/// `store backup --format human`; `to` is where the copy lies.
pub fn backup_human(to: &str, made: &Backup) -> String {
    format!("{} bytes copied to {to}\nhead {}\n", made.bytes, made.head)
}

/// `store backup --format json`; `to` is where the copy lies.
pub fn backup_json<'a>(
    rules: &'a Rules,
    to: &'a str,
    made: &'a Backup,
) -> impl Serialize + use<'a> {
    BackupDocument {
        version: 1,
        to,
        bytes: made.bytes,
        head: &made.head,
        provenance: provenance(rules, None),
    }
}

/// A backup that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct BackupDocument<'a> {
    version: u32,
    /// Where it lies.
    to: &'a str,
    bytes: u64,
    /// The digest of the whole store.
    head: &'a str,
    provenance: Provenance<'a>,
}
