//! A script that makes the tables, and a view that decides each row of a table of requests.

mod dialect;
mod request;
mod view;

pub use dialect::Dialect;
pub use request::RequestColumns;

use super::data::DataTable;
use super::head::comment;
use super::tables::{Exported, PREFIX, tables};

/// The script for a dialect. No literal in it has a line end, so that it may be split where a line
/// ends with a semicolon.
pub fn sql(exported: &Exported<'_>, dialect: Dialect, request: &RequestColumns) -> String {
    let operations = exported.behaviours.engine().rules().operations.len();
    let mut views = vec![("decided", view::decided(dialect, request, operations))];
    if exported.old.is_some() {
        views.push(("changed", view::changed(dialect, request, operations)));
    }
    let mut statements: Vec<String> = Vec::new();
    let whole = dialect.whole();
    statements.extend(whole.map(|(begin, _)| begin.to_owned()));
    // Views that an earlier script has made stand on its tables.
    for name in ["changed", "decided"] {
        let stays = views.iter().any(|(other, _)| *other == name);
        statements.extend(dialect.without_view(&format!("{PREFIX}{name}"), stays));
    }
    for table in tables(exported) {
        statements.extend(dialect.emptied(&table));
        statements.extend(inserts(dialect, &table));
    }
    let view = |(name, query): &(&str, String)| dialect.view(&format!("{PREFIX}{name}"), query);
    statements.extend(views.iter().map(view));
    statements.extend(whole.map(|(_, commit)| commit.to_owned()));
    statements.push(spellings(dialect));
    let mut script = header(exported, dialect);
    for statement in statements {
        script.push_str(&statement);
        script.push_str(dialect.end());
    }
    script
}

fn inserts(dialect: Dialect, table: &DataTable) -> Vec<String> {
    let columns: Vec<String> = table.columns.iter().map(|it| dialect.name(it.name)).collect();
    let start = format!("INSERT INTO {} ({}) VALUES\n", table.name, columns.join(", "));
    let rows = dialect.rows(table);
    rows.chunks(dialect.rows_at_once()).map(|rows| start.clone() + &rows.join(",\n")).collect()
}

/// The query of how operations and channels are spelled.
fn spellings(dialect: Dialect) -> String {
    let of = |kind: &str| {
        format!(
            "SELECT DISTINCT '{kind}' AS kind, {}{} AS name FROM {PREFIX}request q WHERE q.{kind} \
                IS NOT NULL",
            dialect.text_of(&format!("q.{kind}")),
            dialect.exactly()
        )
    };
    format!(
        "-- Names are looked up by their exact spelling. What this finds, saved as CSV with its \
            column names or as JSON,\n-- goes to `--names FILE` of the next export, which knows \
            what each spelling means.\n{}\nUNION ALL\n{}",
        of("channel"),
        of("operation")
    )
}

/// What the script is, where it comes from, and what its answers mean.
fn header(exported: &Exported<'_>, dialect: Dialect) -> String {
    let what =
        format!("tables, and the view {PREFIX}decided with a row for each of {PREFIX}request");
    let mut text = comment(exported, "--", &what);
    text.push_str(match dialect {
        Dialect::Tsql => {
            "--\n-- This dialect was never executed by its makers: they have no such server. Check \
            the counts. Texts there that differ in\n-- blanks at their end are equal; such names \
            mean the same here, and stand once. Text is compared by\n-- Latin1_General_100_BIN2, \
            whatever the collation of the database. An INSERT has at most 1000 rows. Read the\n\
            -- file as UTF-8: sqlcmd -f 65001. An endpoint that lets no script make tables takes \
            the view alone, over the tables\n-- that export --to csv writes.\n"
        }
        Dialect::Spark => {
            "--\n-- Spark 3 without Hive: SET spark.sql.legacy.createHiveTableByDefault=false \
            first. spark-sql -f runs the script.\n"
        }
        _ => "",
    });
    text.push('\n');
    text
}
