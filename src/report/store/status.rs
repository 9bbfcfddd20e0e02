//! `store status`: how many events, customers, decisions and queue rows there are.

use crate::model::Catalogue;
use crate::report::document::provenance;
use crate::report::text::{Style, Table};
use crate::store::Status;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// `store status --format human`.
pub fn status_human(status: &Status, style: Style) -> String {
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

/// `store status --format json`.
pub fn status_json(rules: &Catalogue, status: &Status) -> Value {
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
    json!({
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
        "provenance": provenance(rules, None),
    })
}
