//! What is said otherwise in each dialect of SQL.

use crate::model::words;
use crate::report::export::data::{DataColumn, DataKind, DataTable, Datum, Presence};
use std::collections::BTreeSet;

words! {
    /// A dialect of SQL.
    Dialect {
        /// `DuckDB`.
        Duckdb = "duckdb",
        /// `PostgreSQL`.
        Postgres = "postgres",
        /// `SQLite`.
        Sqlite = "sqlite",
        /// Spark SQL: Databricks, Fabric, Synapse.
        Spark = "spark",
        /// `ClickHouse`.
        Clickhouse = "clickhouse",
        /// Transact-SQL: SQL Server and Azure SQL; a lakehouse's endpoint takes the view alone.
        Tsql = "tsql",
    }
}

/// Names that some dialect would take for a word of its own.
const RESERVED: [&str; 4] = ["order", "key", "rule", "value"];

impl Dialect {
    /// A name as an identifier.
    pub(super) fn name(self, name: &str) -> String {
        if !RESERVED.contains(&name) {
            return name.to_owned();
        }
        match self {
            Self::Duckdb | Self::Postgres | Self::Sqlite => format!("\"{name}\""),
            Self::Spark | Self::Clickhouse => format!("`{name}`"),
            Self::Tsql => format!("[{name}]"),
        }
    }

    /// An expression as text; null stays null.
    pub(super) fn text_of(self, expression: &str) -> String {
        let text = match self {
            Self::Duckdb => "VARCHAR",
            Self::Postgres | Self::Sqlite => "TEXT",
            Self::Spark => "STRING",
            Self::Clickhouse => "Nullable(String)",
            Self::Tsql => "nvarchar(4000)",
        };
        format!("CAST({expression} AS {text})")
    }

    /// What follows a text that is compared byte by byte, whatever its column or database says.
    pub(super) fn exactly(self) -> &'static str {
        match self {
            Self::Duckdb | Self::Spark | Self::Clickhouse => "",
            Self::Postgres => " COLLATE \"C\"",
            Self::Sqlite => " COLLATE BINARY",
            Self::Tsql => " COLLATE Latin1_General_100_BIN2",
        }
    }

    /// A text as a literal without a line end; `None` where the engine has no such text.
    pub(super) fn literal(self, text: &str) -> Option<String> {
        let doubled = text.replace('\'', "''");
        let is_plain = !text.contains(|it: char| it.is_ascii_control() || it == '\\');
        match self {
            Self::Duckdb => Some(concatenated(&doubled, "", "chr", " || ")),
            Self::Sqlite => Some(concatenated(&doubled, "", "char", " || ")),
            // A text there has no such character.
            Self::Postgres if text.contains('\0') => None,
            Self::Postgres if is_plain => Some(format!("'{doubled}'")),
            Self::Postgres => {
                Some(format!("E'{}'", escaped(&doubled, |code| format!("\\x{code:02x}"))))
            }
            Self::Clickhouse => {
                Some(format!("'{}'", escaped(&doubled, |code| format!("\\x{code:02X}"))))
            }
            Self::Spark => {
                let escaped = escaped(text, |code| format!("\\u{code:04x}")).replace('\'', "\\'");
                // What stands in braces after a dollar would be replaced before it is read.
                Some(format!("'{}'", escaped.replace('$', "\\u0024")))
            }
            Self::Tsql => {
                // No key may be longer.
                let fits = text.encode_utf16().count() <= 450;
                // `sqlcmd` replaces what stands in brackets after a dollar.
                let doubled = doubled.replace("$(", "$\0(");
                let parts = doubled.split('\0').map(|it| concatenated(it, "N", "NCHAR", " + "));
                let no_null = !text.contains('\0');
                (fits && no_null).then(|| parts.collect::<Vec<_>>().join(" + "))
            }
        }
    }

    /// How many rows one statement takes.
    pub(super) fn rows_at_once(self) -> usize {
        match self {
            Self::Tsql => 1000,
            Self::Duckdb | Self::Postgres | Self::Sqlite => 5000,
            // Each statement is a job, or a part of the table.
            Self::Spark | Self::Clickhouse => 50_000,
        }
    }

    /// What stands between one statement and the next.
    pub(super) fn end(self) -> &'static str {
        match self {
            Self::Tsql => ";\nGO\n",
            _ => ";\n",
        }
    }

    /// The statements before and after all others, so that all is done or nothing.
    pub(super) fn whole(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Duckdb | Self::Postgres | Self::Sqlite => Some(("BEGIN", "COMMIT")),
            Self::Spark | Self::Clickhouse | Self::Tsql => None,
        }
    }

    fn column_type(self, column: &DataColumn) -> &'static str {
        match (self, column.kind, column.presence) {
            (Self::Duckdb, DataKind::Text, _) => "VARCHAR",
            (Self::Postgres, DataKind::Text, _) => "TEXT COLLATE \"C\"",
            (Self::Sqlite, DataKind::Text, _) => "TEXT",
            (Self::Spark, DataKind::Text, _) => "STRING",
            (Self::Spark, DataKind::Number, _) => "INT",
            // What a row lacks that was looked up in vain is null whatever the settings are.
            (Self::Clickhouse, DataKind::Text, Presence::Unique) => "String",
            (Self::Clickhouse, DataKind::Number, Presence::Unique) => "Int32",
            (Self::Clickhouse, DataKind::Text, _) => "Nullable(String)",
            (Self::Clickhouse, DataKind::Number, _) => "Nullable(Int32)",
            (Self::Tsql, DataKind::Text, Presence::Unique) => {
                "nvarchar(450) COLLATE Latin1_General_100_BIN2"
            }
            (Self::Tsql, DataKind::Text, _) => "nvarchar(450)",
            (Self::Tsql, DataKind::Number, _) => "int",
            (_, DataKind::Number, _) => "INTEGER",
        }
    }

    fn column(self, column: &DataColumn) -> String {
        let typed = format!("{} {}", self.name(column.name), self.column_type(column));
        match (self, column.presence) {
            (Self::Spark | Self::Clickhouse, _) | (_, Presence::Sometimes) => typed,
            (_, Presence::Unique) => format!("{typed} NOT NULL PRIMARY KEY"),
            (_, Presence::Always) => format!("{typed} NOT NULL"),
        }
    }

    /// The statements that make a table, empty, whether it is there already or not.
    pub(super) fn emptied(self, table: &DataTable) -> Vec<String> {
        let columns: Vec<String> = table.columns.iter().map(|it| self.column(it)).collect();
        let (name, columns) = (&table.name, columns.join(", "));
        match self {
            Self::Duckdb => vec![format!("CREATE OR REPLACE TABLE {name} ({columns})")],
            // What others have made of the table stays.
            Self::Postgres => vec![
                format!("CREATE TABLE IF NOT EXISTS {name} ({columns})"),
                format!("DELETE FROM {name}"),
            ],
            Self::Sqlite | Self::Spark | Self::Tsql => vec![
                format!("DROP TABLE IF EXISTS {name}"),
                format!("CREATE TABLE {name} ({columns})"),
            ],
            Self::Clickhouse => {
                let key = table.columns.iter().find(|it| it.presence == Presence::Unique);
                let key = key.map_or("tuple()".to_owned(), |column| self.name(column.name));
                vec![format!(
                    "CREATE OR REPLACE TABLE {name} ({columns}) ENGINE = MergeTree ORDER BY {key}"
                )]
            }
        }
    }

    /// The statement without which a view would need tables that are replaced; `stays` where the
    /// view is made again.
    pub(super) fn without_view(self, name: &str, stays: bool) -> Option<String> {
        // There the tables stay, and so do the views that others have put on this one.
        let is_kept = self == Self::Postgres && stays;
        (!is_kept).then(|| format!("DROP VIEW IF EXISTS {name}"))
    }

    /// The statement that makes a view.
    pub(super) fn view(self, name: &str, query: &str) -> String {
        match self {
            Self::Duckdb | Self::Spark | Self::Clickhouse => {
                format!("CREATE OR REPLACE VIEW {name} AS\n{query}")
            }
            // A view that is replaced keeps its columns there, with their types: where those of the
            // requests have changed, it is made anew.
            Self::Postgres => format!(
                "DO $syncgate$ BEGIN\nCREATE OR REPLACE VIEW {name} AS\n{query}; EXCEPTION WHEN \
                    invalid_table_definition THEN\nDROP VIEW {name}; CREATE VIEW {name} AS\n\
                    {query}; END $syncgate$"
            ),
            Self::Sqlite | Self::Tsql => format!("CREATE VIEW {name} AS\n{query}"),
        }
    }

    /// Those rows of a table that the engine can have, each as it is written between brackets.
    pub(super) fn rows(self, table: &DataTable) -> Vec<String> {
        let mut keys: BTreeSet<&str> = BTreeSet::new();
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            // Names that differ in blanks at their end are one there, and mean the same here.
            if self == Self::Tsql
                && let Some(Datum::Text(key)) = row.first()
                && !keys.insert(key.trim_end_matches(' '))
            {
                continue;
            }
            let values: Option<Vec<String>> = row.iter().map(|value| self.value(value)).collect();
            rows.extend(values.map(|values| format!("({})", values.join(","))));
        }
        rows
    }

    fn value(self, value: &Datum) -> Option<String> {
        match value {
            Datum::Null => Some("NULL".to_owned()),
            Datum::Number(number) => Some(number.to_string()),
            Datum::Text(text) => self.literal(text),
        }
    }
}

/// A text whose quotes are doubled as a literal, with a call for each control character.
fn concatenated(doubled: &str, prefix: &str, function: &str, joint: &str) -> String {
    let mut literal = format!("{prefix}'");
    for character in doubled.chars() {
        if character.is_ascii_control() {
            let code = u32::from(character);
            literal.push_str(&format!("'{joint}{function}({code}){joint}{prefix}'"));
        } else {
            literal.push(character);
        }
    }
    literal.push('\'');
    literal
}

/// A text with `escape` for each control character, and backslashes doubled.
fn escaped(text: &str, escape: impl Fn(u32) -> String) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            it if it.is_ascii_control() => escaped.push_str(&escape(u32::from(it))),
            it => escaped.push(it),
        }
    }
    escaped
}
