//! `store status`: how many events, customers, decisions and queue rows there are.

use crate::ledger::QueueCounts;
use crate::model::{Outcome, Rules};
use crate::report::document::{Provenance, in_order, provenance};
use crate::report::text::{Style, TextTable};
use crate::store::Status;
use schemars::JsonSchema;
use serde::Serialize;

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
        text.push_str(&format!("{}  {value}\n", style.dim(&format!("{what:<15}"))));
    }
    for (number, (rules, deployment)) in status.configurations.iter().enumerate() {
        let what = style.dim(&format!("{:<15}", format!("configuration {number}")));
        text.push_str(&format!(
            "{what}  rules {}, deployment {}\n",
            short(rules),
            short(deployment)
        ));
    }
    if !status.queue.is_empty() {
        let mut table = TextTable::new(["queue", "offline", "rows", "uploaded", "completed"]);
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
        text.push_str(&format!(" in {} streams", status.streams.len()));
    }
    let invalid: u64 = status.streams.iter().map(|(_, invalid)| invalid).sum();
    if invalid > 0 {
        text.push_str(&format!(", {invalid} not valid"));
    }
    text
}

/// The beginning of a digest: enough to tell two apart.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}

/// The state of a store.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct StatusDocument<'a> {
    version: u32,
    /// The digest of the whole store.
    head: &'a str,
    events_applied: u64,
    /// The streams that were applied, one after the other.
    streams: Vec<StreamDocument>,
    customers: u64,
    pending: u64,
    synced: u64,
    /// By table.
    #[serde(serialize_with = "in_order")]
    #[schemars(with = "std::collections::BTreeMap<String, QueueDocument>")]
    queue: Vec<(&'a str, QueueDocument)>,
    /// By outcome.
    #[serde(serialize_with = "in_order")]
    #[schemars(with = "std::collections::BTreeMap<String, u64>")]
    decisions: Vec<(Outcome, u64)>,
    /// What decided, the last one last.
    configurations: Vec<ConfigurationDocument<'a>>,
    provenance: Provenance<'a>,
}

/// How many events a stream had, and how many of them were not valid.
#[derive(Debug, Serialize, JsonSchema)]
struct StreamDocument {
    events: u64,
    invalid: u64,
}

/// How many rows of a table stand where.
#[derive(Debug, Serialize, JsonSchema)]
struct QueueDocument {
    offline: u64,
    rows: u64,
    uploaded: u64,
    completed: u64,
}

/// Digests of rules and of a deployment.
#[derive(Debug, Serialize, JsonSchema)]
struct ConfigurationDocument<'a> {
    rules: &'a str,
    deployment: &'a str,
}

/// `store status --format json`.
pub fn status_json<'a>(rules: &'a Rules, status: &'a Status) -> impl Serialize + use<'a> {
    let streams = status.streams.iter();
    let configurations = status.configurations.iter();
    StatusDocument {
        version: 1,
        head: &status.head,
        events_applied: status.events_applied,
        streams: streams
            .map(|(events, invalid)| StreamDocument { events: *events, invalid: *invalid })
            .collect(),
        customers: status.customers,
        pending: status.pending,
        synced: status.synced,
        queue: status.queue.iter().map(|it| (it.table.as_str(), queue_json(it.counts))).collect(),
        decisions: status.decisions.clone(),
        configurations: configurations
            .map(|(rules, deployment)| ConfigurationDocument { rules, deployment })
            .collect(),
        provenance: provenance(rules, None),
    }
}

fn queue_json(counts: QueueCounts) -> QueueDocument {
    QueueDocument {
        offline: counts.offline,
        rows: counts.rows,
        uploaded: counts.uploaded,
        completed: counts.completed,
    }
}
