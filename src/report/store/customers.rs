//! `store customers`: every customer, as a POS user of the channel sees them.

use super::records::records_json;
use crate::model::Catalogue;
use crate::report::text::{Style, Table};
use crate::store::CustomerLine;
use serde_json::{Value, json};
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
    let mut table = Table::new(["customer", "channel", "account ID", "operations", ""]);
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
    rules: &Catalogue,
    customers: impl Iterator<Item = Result<CustomerLine, E>>,
) -> Result<(), E> {
    let records = customers.map(|customer| Ok(customer_json(&customer?)));
    records_json(to, rules, "customers", records)
}

fn customer_json(customer: &CustomerLine) -> Value {
    json!({
        "customer": customer.name,
        "channel": customer.channel,
        "state": customer.state.as_str(),
        "displayed_account_id": customer.displayed_account_id,
        "failing": customer.failing,
        "operations": customer.operations,
    })
}
