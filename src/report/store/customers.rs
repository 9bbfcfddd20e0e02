//! `store customers`: every customer, as a POS user of the channel sees them.

use super::records::records_json;
use crate::model::{Customer, Rules};
use crate::report::document::Provenance;
use crate::report::text::{Style, TextTable};
use crate::store::CustomerLine;
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Write};

/// `store customers --format human`.
///
/// # Errors
///
/// A customer can't be read.
pub fn customers_human<E>(
    customers: impl Iterator<Item = Result<CustomerLine, E>>,
    style: Style,
) -> Result<String, E> {
    let mut table = TextTable::new(["customer", "channel", "account ID", "operations", ""]);
    for customer in customers {
        let customer = customer?;
        let failing = if customer.failing { "synchronizing fails" } else { "" };
        table.row([
            customer.name,
            customer.channel,
            customer.displayed_account_id,
            customer.operations.to_string(),
            failing.to_owned(),
        ]);
    }
    Ok(table.render_or("no customers\n", style))
}

/// `store customers --format json`.
///
/// # Errors
///
/// A customer can't be read, or the document not be written.
pub fn customers_json<E: From<io::Error>>(
    to: impl Write,
    rules: &Rules,
    customers: impl Iterator<Item = Result<CustomerLine, E>>,
) -> Result<(), E> {
    let records = customers.map(|customer| Ok(CustomerDocument::from(customer?)));
    records_json(to, rules, "customers", records)
}

/// Every customer of a store.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is written while it is read, and described here")]
pub(in crate::report) struct CustomersDocument<'a> {
    version: u32,
    customers: Vec<CustomerDocument>,
    provenance: Provenance<'a>,
}

/// A customer, as the channel that created them sees them.
#[derive(Debug, Serialize, JsonSchema)]
struct CustomerDocument {
    /// The caller's name.
    customer: String,
    channel: String,
    state: Customer,
    /// What a POS user sees as the account ID.
    displayed_account_id: String,
    /// Whether synchronizing fails.
    failing: bool,
    /// How many accepted operations there were.
    operations: u32,
}

impl From<CustomerLine> for CustomerDocument {
    fn from(line: CustomerLine) -> Self {
        Self {
            customer: line.name,
            channel: line.channel,
            state: line.state,
            displayed_account_id: line.displayed_account_id,
            failing: line.failing,
            operations: line.operations,
        }
    }
}
