//! `syncgate store export --to parquet`: the logical content as tables, one file each.

use super::super::output::{Output, spares};
use super::super::{Common, Failure};
use crate::columnar::{RowWriter, TableCell, TableColumn};
use crate::store::{Store, StoreError};
use TableColumn::{Flag, Number, Text};
use serde_json::Value;

/// A column, and where its value stands in a line of the export. No column is called as a word of
/// SQL is.
type ColumnAt = (TableColumn, &'static str);

const CUSTOMERS: &[ColumnAt] = &[
    (Text("customer"), "/customer"),
    (Text("customer_state"), "/state"),
    (Text("channel"), "/channel"),
    (Text("account_id"), "/account_id"),
    (Text("displayed_account_id"), "/displayed_account_id"),
    (Text("guid"), "/guid"),
    (Number("created"), "/created"),
    (Number("changed"), "/changed"),
    (Number("operations"), "/operations"),
    (Flag("failing"), "/failing"),
    (Text("error"), "/error"),
];

const ORDERS: &[ColumnAt] = &[
    (Text("order_name"), "/order"),
    (Text("order_state"), "/state"),
    (Text("operation"), "/operation"),
    (Text("customer"), "/customer"),
    (Text("channel"), "/channel"),
    (Number("created"), "/created"),
];

const QUEUE: &[ColumnAt] = &[
    (Text("channel"), "/channel"),
    (Text("channel_table"), "/table"),
    (Number("counter"), "/counter"),
    (Text("operation"), "/operation"),
    (Text("carries"), "/carries"),
    (Text("customer"), "/customer"),
    (Text("order_name"), "/order"),
    (Text("sale"), "/sale"),
    (Number("sequence"), "/sequence"),
    (Text("place"), "/where"),
    (Number("online_operation_completed"), "/online_operation_completed"),
    (Text("waits_for"), "/waits_for"),
    (Text("error"), "/error"),
];

const JOURNAL: &[ColumnAt] = &[
    (Number("sequence"), "/sequence"),
    (Text("kind"), "/kind"),
    (Text("moment"), "/at"),
    (Number("configuration"), "/configuration"),
    (Number("line"), "/line"),
    (Text("operation"), "/operation"),
    (Text("channel"), "/channel"),
    (Text("customer"), "/customer"),
    (Text("order_name"), "/order"),
    (Text("connection"), "/situation/connection"),
    (Text("real_time_service"), "/situation/real_time_service"),
    (Text("customer_state"), "/situation/customer"),
    (Text("order_state"), "/situation/order"),
    (Flag("loyalty_enrollment_blocked"), "/situation/loyalty_enrollment_blocked"),
    (Flag("affiliation_hidden_in_channels"), "/situation/affiliation_hidden_in_channels"),
    (Text("outcome"), "/outcome"),
    (Text("reason"), "/reason"),
    (Text("rule"), "/rule"),
    (Text("basis"), "/basis"),
    (Text("sources"), "/sources"),
    (Text("error_id"), "/error_id"),
    (Text("account_id"), "/account_id"),
    (Text("displayed_account_id"), "/displayed_account_id"),
    (Text("event"), "/event"),
    (Text("error"), "/error"),
    (Text("note"), "/note"),
];

/// What a line of the export says it is, the table that it goes to, and its columns.
const TABLES: [(&str, &str, &[ColumnAt]); 4] = [
    ("channel-customer", "customers", CUSTOMERS),
    ("order", "orders", ORDERS),
    ("queue-row", "queue", QUEUE),
    ("journal", "journal", JOURNAL),
];

/// Writes the tables into the directory that `--output` names.
pub(super) fn export(path: &str, common: &Common) -> Result<(), Failure> {
    let Some(directory) = common.output.as_deref().filter(|path| *path != "-") else {
        let message = "tables are files: name a directory for them by `--output DIR`";
        return Err(Failure::unusable(message));
    };
    let mut store = Store::open(path)?;
    create_directory(directory)?;
    let mut tables = Vec::new();
    for (record, name, columns) in TABLES {
        let file = format!("{directory}/{name}.parquet");
        spares(&file, &[path])?;
        let output = Output::open(Some(&file))?;
        let described: Vec<TableColumn> = columns.iter().map(|(column, _)| *column).collect();
        tables.push((record, columns, RowWriter::new(output, &described)?));
    }
    store.each_record(&mut |line| {
        let kind = line.get("record").and_then(Value::as_str);
        let table = tables.iter_mut().find(|(record, ..)| Some(*record) == kind);
        // What is in no table is told by other commands.
        let Some((_, columns, writer)) = table else { return Ok(()) };
        let row = columns.iter().map(|(_, place)| cell(line.pointer(place))).collect();
        writer.row(row).map_err(StoreError::Output)
    })?;
    // None has its name before all of them are written.
    let written = tables.into_iter().map(|(_, _, writer)| writer.finish());
    let written = written.collect::<Result<Vec<Output>, _>>()?;
    written.into_iter().try_for_each(Output::finish)
}

/// A value as a cell has it: lists are joined by blanks, an object is its JSON.
fn cell(value: Option<&Value>) -> TableCell {
    match value {
        None | Some(Value::Null) => TableCell::Null,
        Some(Value::Bool(flag)) => TableCell::Flag(*flag),
        Some(Value::String(text)) => TableCell::Text(text.clone()),
        Some(Value::Number(number)) => number.as_i64().map_or(TableCell::Null, TableCell::Number),
        Some(Value::Array(list)) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).collect();
            TableCell::Text(texts.join(" "))
        }
        Some(object) => TableCell::Text(object.to_string()),
    }
}

fn create_directory(path: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(path)
        .map_err(|error| Failure::unusable(format!("can't write to `{path}`: {error}")))
}
