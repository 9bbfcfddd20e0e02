//! `syncgate store status` and `syncgate store customers`

use super::super::output::Output;
use super::super::{Common, Failure};
use super::write_records;
use crate::report::document::provenance;
use crate::report::{Style, Table};
use crate::store::{Status, Store};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

pub(super) fn status_human(status: &Status, style: Style) -> String {
    let mut text = String::new();
    let decisions: Vec<String> =
        status.decisions.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    let customers =
        format!("{} ({} pending, {} synced)", status.customers, status.pending, status.synced);
    for (what, value) in [
        ("events applied", events_applied(status)),
        ("customers", customers),
        ("decisions", decisions.join(", ")),
        ("head", status.head.clone()),
    ] {
        let _ = writeln!(text, "{}  {value}", style.dim(&format!("{what:<15}")));
    }
    for (number, (rules, deployment)) in status.configurations.iter().enumerate() {
        let what = style.dim(&format!("{:<15}", format!("configuration {number}")));
        let _ = writeln!(text, "{what}  rules {}, deployment {}", short(rules), short(deployment));
    }
    if !status.queue.is_empty() {
        let mut table = Table::new(["queue", "offline", "rows", "uploaded", "completed"]);
        for queue in &status.queue {
            let counts = [
                queue.counts.offline,
                queue.counts.rows,
                queue.counts.uploaded,
                queue.counts.completed,
            ];
            let cells =
                std::iter::once(queue.table.clone()).chain(counts.iter().map(u64::to_string));
            table.row(cells);
        }
        text.push('\n');
        text.push_str(&table.render(style));
    }
    text
}

fn events_applied(status: &Status) -> String {
    let mut text = status.events_applied.to_string();
    if status.streams.len() > 1 {
        let _ = write!(text, " in {} streams", status.streams.len());
    }
    let invalid: u64 = status.streams.iter().map(|(_, invalid)| invalid).sum();
    if invalid > 0 {
        let _ = write!(text, ", {invalid} not valid");
    }
    text
}

/// The beginning of a digest: enough to tell two apart.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

pub(super) fn status_json(status: &Status, common: &Common) -> Result<Value, Failure> {
    let queue: Map<String, Value> = status
        .queue
        .iter()
        .map(|queue| {
            let counts = queue.counts;
            let counts = json!({
                "offline": counts.offline,
                "rows": counts.rows,
                "uploaded": counts.uploaded,
                "completed": counts.completed,
            });
            (queue.table.clone(), counts)
        })
        .collect();
    let decisions: Map<String, Value> = status
        .decisions
        .iter()
        .map(|(outcome, count)| (outcome.to_string(), json!(count)))
        .collect();
    let streams = status
        .streams
        .iter()
        .map(|(events, invalid)| json!({ "events": events, "invalid": invalid }));
    let streams: Vec<Value> = streams.collect();
    let configurations: Vec<Value> = status
        .configurations
        .iter()
        .map(|(rules, deployment)| json!({ "rules": rules, "deployment": deployment }))
        .collect();
    Ok(json!({
        "version": 1,
        "head": status.head,
        "events_applied": status.events_applied,
        "streams": streams,
        "customers": status.customers,
        "pending": status.pending,
        "synced": status.synced,
        "queue": queue,
        "decisions": decisions,
        "configurations": configurations,
        "provenance": provenance(&*common.rules()?, None),
    }))
}

pub(super) fn customers_human(output: Output, store: &mut Store) -> Result<(), Failure> {
    let mut table = Table::new(["customer", "channel", "account ID", "operations", ""]);
    for slot in 0..store.customer_count() {
        let customer = store.customer(slot)?;
        let failing = if customer.failing { "synchronizing fails" } else { "" };
        table.row([
            customer.name,
            customer.channel,
            customer.displayed_account_id,
            customer.operations.to_string(),
            failing.to_owned(),
        ]);
    }
    if table.is_empty() {
        return output.whole("no customers\n");
    }
    let text = table.render(output.style());
    output.whole(&text)
}

pub(super) fn customers_json(
    output: Output,
    store: &mut Store,
    common: &Common,
) -> Result<(), Failure> {
    let mut slots = 0..store.customer_count();
    write_records(output, common, "customers", || {
        let Some(slot) = slots.next() else { return Ok(None) };
        let customer = store.customer(slot)?;
        Ok(Some(json!({
            "customer": customer.name,
            "channel": customer.channel,
            "state": customer.state.as_str(),
            "displayed_account_id": customer.displayed_account_id,
            "failing": customer.failing,
            "operations": customer.operations,
        })))
    })
}
