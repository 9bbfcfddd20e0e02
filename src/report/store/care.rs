//! `store verify`, `store compact` and `store backup`.

use crate::model::Catalogue;
use crate::report::document::provenance;
use crate::report::text::{Style, Table, counted};
use crate::store::{Backup, Damage, Verified};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// `store verify --format human`; `path` is where the store lies.
pub fn verified_human(path: &str, verified: &Verified, style: Style) -> String {
    let records: u64 = verified.records.iter().map(|(_, count)| count).sum();
    let read = format!("{records} records in {} tables read", verified.records.len());
    let head = verified.head.as_deref().unwrap_or("can't be read");
    if verified.damages.is_empty() {
        return format!("{}: {read}, nothing is damaged\nhead {head}\n", style.good("intact"));
    }
    let mut table = Table::new(["table", "record", "what is wrong"]);
    for Damage { table: name, key, what } in &verified.damages {
        table.row([name, key, what]);
    }
    let mut text = table.render(style);
    let count = counted(verified.damages.len(), "damage");
    let _ = writeln!(
        text,
        "\n{}: {count}, {read}; put a backup in the place of `{path}`, or replay its events into \
            a new store\nhead {head}",
        style.bad("damaged")
    );
    text
}

/// `store verify --format json`.
pub fn verified_json(rules: &Catalogue, verified: &Verified) -> Value {
    json!({
        "version": 1,
        "damaged": !verified.damages.is_empty(),
        "damages": verified.damages,
        "records": verified.records.iter().cloned().collect::<BTreeMap<_, _>>(),
        "head": verified.head,
        "provenance": provenance(rules, None),
    })
}

/// `store compact --format human`; sizes are in bytes.
pub fn compacted_human(before: u64, after: u64) -> String {
    format!("{after} bytes, {before} before\n")
}

/// `store compact --format json`; sizes are in bytes.
pub fn compacted_json(rules: &Catalogue, before: u64, after: u64) -> Value {
    json!({
        "version": 1,
        "bytes": after,
        "bytes_before": before,
        "provenance": provenance(rules, None),
    })
}

/// `store backup --format human`; `to` is where the copy lies.
pub fn backup_human(to: &str, made: &Backup) -> String {
    format!("{} bytes copied to {to}\nhead {}\n", made.bytes, made.head)
}

/// `store backup --format json`; `to` is where the copy lies.
pub fn backup_json(rules: &Catalogue, to: &str, made: &Backup) -> Value {
    json!({
        "version": 1,
        "to": to,
        "bytes": made.bytes,
        "head": made.head,
        "provenance": provenance(rules, None),
    })
}
