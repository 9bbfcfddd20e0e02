//! `syncgate store`

use super::{Common, Exit, Failure};
use crate::report::document::{pretty, provenance};
use crate::report::{Style, Table};
use crate::store::{Status, Store};
use clap::{Subcommand, ValueEnum};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::BufWriter;

/// Look after a store
#[derive(Debug, clap::Args)]
pub(super) struct StoreCommand {
    #[command(subcommand)]
    command: StoreAction,
}

/// Which store, and how to print.
#[derive(Debug, clap::Args)]
struct Asked {
    /// The store
    #[arg(long, value_name = "FILE")]
    store: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Debug, Subcommand)]
enum StoreAction {
    /// How many events, customers, decisions and queue rows there are
    Status(Asked),
    /// Every customer, as a POS user of the channel sees them
    Customers(Asked),
    /// The logical content as JSON Lines: stores that went through the same events export the same bytes
    Export {
        /// The store
        #[arg(long, value_name = "FILE")]
        store: String,
    },
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

impl StoreCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        match self.command {
            StoreAction::Status(asked) => {
                let status = Store::open(&asked.store)?.status();
                let output = common.output()?;
                let text = match asked.format {
                    Format::Human => status_human(&status, output.style()),
                    Format::Json => pretty(&status_json(&status, common)?),
                };
                output.whole(&text)?;
            }
            StoreAction::Customers(asked) => {
                let mut store = Store::open(&asked.store)?;
                let output = common.output()?;
                let text = match asked.format {
                    Format::Human => customers_human(&mut store, output.style())?,
                    Format::Json => pretty(&customers_json(&mut store, common)?),
                };
                output.whole(&text)?;
            }
            StoreAction::Export { store } => {
                let mut store = Store::open(&store)?;
                let mut output = common.output()?;
                store.export(&mut BufWriter::with_capacity(256 << 10, &mut output))?;
                output.finish()?;
            }
        }
        Ok(Exit::Fine)
    }
}

fn status_human(status: &Status, style: Style) -> String {
    let mut text = String::new();
    let decisions: Vec<String> =
        status.decisions.iter().map(|(outcome, count)| format!("{count} {outcome}")).collect();
    let customers = format!("{} ({} pending, {} synced)", status.customers, status.pending, status.synced);
    for (what, value) in [
        ("events applied", status.events_applied.to_string()),
        ("customers", customers),
        ("decisions", decisions.join(", ")),
        ("head", status.head.clone()),
    ] {
        let _ = writeln!(text, "{}  {value}", style.dim(&format!("{what:<14}")));
    }
    if !status.queue.is_empty() {
        let mut table = Table::new(["queue", "offline", "rows", "uploaded", "completed"]);
        for queue in &status.queue {
            let counts =
                [queue.counts.offline, queue.counts.rows, queue.counts.uploaded, queue.counts.completed];
            let cells = std::iter::once(queue.table.clone()).chain(counts.iter().map(u64::to_string));
            table.row(cells);
        }
        text.push('\n');
        text.push_str(&table.render(style));
    }
    text
}

fn status_json(status: &Status, common: &Common) -> Result<Value, Failure> {
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
    let decisions: Map<String, Value> =
        status.decisions.iter().map(|(outcome, count)| (outcome.to_string(), json!(count))).collect();
    let configurations: Vec<Value> = status
        .configurations
        .iter()
        .map(|(rules, deployment)| json!({ "rules": rules, "deployment": deployment }))
        .collect();
    Ok(json!({
        "version": 1,
        "head": status.head,
        "events_applied": status.events_applied,
        "customers": status.customers,
        "pending": status.pending,
        "synced": status.synced,
        "queue": queue,
        "decisions": decisions,
        "configurations": configurations,
        "provenance": provenance(&*common.rules()?, None),
    }))
}

fn customers_human(store: &mut Store, style: Style) -> Result<String, Failure> {
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
    Ok(table.render(style))
}

fn customers_json(store: &mut Store, common: &Common) -> Result<Value, Failure> {
    let mut customers = Vec::new();
    for slot in 0..store.customer_count() {
        let customer = store.customer(slot)?;
        customers.push(json!({
            "customer": customer.name,
            "channel": customer.channel,
            "state": customer.state.as_str(),
            "displayed_account_id": customer.displayed_account_id,
            "failing": customer.failing,
            "operations": customer.operations,
        }));
    }
    Ok(json!({ "version": 1, "customers": customers, "provenance": provenance(&*common.rules()?, None) }))
}
