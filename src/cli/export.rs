//! `syncgate export`

use super::output::{Output, note};
use super::{Common, Exit, Failure, Given};
use crate::columnar::{RowWriter, TableCell, TableColumn};
use crate::load::files::read_text;
use crate::report::{
    DATA_README_TITLE, DataColumn, DataKind, DataTable, Datum, Dialect, Exported, RequestColumns,
    data_csv, data_readme, dmn, document, jdm, rego, sql, tables, write_decisions,
};
use crate::whatif::Behaviours;
use crate::wire::Spellings;
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::io::Write as _;
use std::path::Path;

/// Write the decisions for where the data is: tables and a view for a database, or rules for
/// another engine
#[derive(Debug, clap::Args)]
pub(super) struct ExportCommand {
    #[command(flatten)]
    deployment: Given,
    /// What to write
    #[arg(long, value_enum)]
    to: Form,
    /// The dialect of SQL
    #[arg(long, value_parser = dialect(), required_if_eq("to", "sql"))]
    dialect: Option<Dialect>,
    /// How operations and channels are spelled in the data: CSV or JSON with `kind` and `name`, as
    /// the last query of the script gives it; - is standard input
    #[arg(long, value_name = "FILE")]
    names: Option<String>,
    /// The columns that `syncgate_request` has, where some are lacking
    #[arg(long, value_name = "COLUMNS")]
    request_columns: Option<RequestColumns>,
    /// The deployment as it was: the script then also has a view of what ends otherwise
    #[arg(long, value_name = "DEPLOYMENT")]
    old: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    /// A script of tables and a view
    Sql,
    /// The tables, one file each in the directory of --output; `-` is the whole decision table
    Csv,
    /// The same tables in Parquet, one file each in the directory of --output
    Parquet,
    /// Decision tables of DMN 1.3, one for each operation
    Dmn,
    /// A policy in Rego, for OPA and others
    Rego,
    /// A graph of decision tables for the ZEN engine (`GoRules`)
    Jdm,
}

/// Accepts the words for dialects.
fn dialect() -> impl clap::builder::TypedValueParser<Value = Dialect> {
    PossibleValuesParser::new(Dialect::WORDS)
        .try_map(|word| Dialect::from_word(&word).ok_or("no such word"))
}

impl ExportCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        self.refuse_what_does_not_fit(common)?;
        let rules = common.rules()?;
        let engine = common.engine_by(&rules, self.deployment.path())?;
        if engine.channels().next().is_none() {
            let why = "the deployment has no channel, so there is no decision to export";
            return Err(Failure::unusable(why));
        }
        let old = match self.old.as_deref() {
            Some(path) => Some(common.engine_by(&rules, Some(path))?),
            None => None,
        };
        let spellings = self.spellings(common)?;
        let behaviours = Behaviours::of(&engine);
        let before = old.as_ref().map(Behaviours::of);
        let exported =
            Exported { behaviours: &behaviours, old: before.as_ref(), spellings: &spellings };
        self.write(&exported, common)?;
        Ok(Exit::Fine)
    }

    /// Options that the form has no use for would be passed over in silence, and standard input can
    /// be read once.
    fn refuse_what_does_not_fit(&self, common: &Common) -> Result<(), Failure> {
        let others = [
            ("--dialect", self.dialect.is_some()),
            ("--request-columns", self.request_columns.is_some()),
            ("--old", self.old.is_some()),
        ];
        if let Some((option, _)) = others.iter().find(|(_, given)| *given && self.to != Form::Sql) {
            return Err(Failure::unusable(format!("`{option}` says something of SQL alone")));
        }
        let is_whole = matches!(common.output.as_deref(), None | Some("-"));
        if self.to == Form::Csv && is_whole && self.names.is_some() {
            let why = "the whole table has no names to look up; name a directory by `--output DIR`";
            return Err(Failure::unusable(why));
        }
        let read = [self.deployment.path(), self.old.as_deref(), self.names.as_deref()];
        if read.iter().filter(|path| **path == Some("-")).count() > 1 {
            let why = "only one of the deployments and the names can come from standard input";
            return Err(Failure::unusable(why));
        }
        Ok(())
    }

    fn spellings(&self, common: &Common) -> Result<Spellings, Failure> {
        let Some(path) = self.names.as_deref() else { return Ok(Spellings::default()) };
        common.spares(&[path])?;
        Spellings::read(&read_text(path)?).map_err(|why| {
            Failure::unusable(format!(
                "`{path}` does not say how names are spelled: {why}; CSV or JSON with `kind` and \
                 `name` is expected, as the last query of the script gives it"
            ))
        })
    }

    fn write(&self, exported: &Exported<'_>, common: &Common) -> Result<(), Failure> {
        match (self.to, self.dialect) {
            (Form::Sql, Some(dialect)) => {
                let all = RequestColumns::default();
                let request = self.request_columns.as_ref().unwrap_or(&all);
                common.output()?.whole(&sql(exported, dialect, request))
            }
            (Form::Sql, None) => Err(Failure::unusable("name the dialect: `--dialect duckdb`")),
            (Form::Csv, _) => csv(exported, common),
            (Form::Parquet, _) => parquet(exported, common),
            (Form::Dmn, _) => common.output()?.whole(&dmn(exported)),
            (Form::Rego, _) => common.output()?.whole(&rego(exported)),
            (Form::Jdm, _) => common.output()?.whole(&document::pretty(&jdm(exported))),
        }
    }
}

/// The whole table on standard output, or the tables as files.
fn csv(exported: &Exported<'_>, common: &Common) -> Result<(), Failure> {
    match common.output.as_deref() {
        None | Some("-") => {
            common.output()?.streamed(|to| Ok(write_decisions(exported.behaviours.matrix(), to)?))
        }
        Some(directory) => data_files(exported, directory, "csv", |table, mut output| {
            data_csv(table, &mut output)?;
            Ok(output)
        }),
    }
}

/// The tables in Parquet, as files.
fn parquet(exported: &Exported<'_>, common: &Common) -> Result<(), Failure> {
    let Some(directory) = common.output.as_deref().filter(|path| *path != "-") else {
        let message = "tables are files: name a directory for them by `--output DIR`";
        return Err(Failure::unusable(message));
    };
    data_files(exported, directory, "parquet", |table, output| {
        let columns: Vec<TableColumn> = table.columns.iter().map(column).collect();
        let mut writer = RowWriter::new(output, &columns)?;
        for row in &table.rows {
            writer.row(row.iter().map(cell).collect())?;
        }
        Ok(writer.finish()?)
    })
}

fn column(column: &DataColumn) -> TableColumn {
    match column.kind {
        DataKind::Number => TableColumn::Number(column.name),
        DataKind::Text => TableColumn::Text(column.name),
    }
}

fn cell(value: &Datum) -> TableCell {
    match value {
        Datum::Null => TableCell::Null,
        Datum::Number(number) => TableCell::Number(i64::from(*number)),
        Datum::Text(text) => TableCell::Text(text.clone()),
    }
}

/// Writes the tables into a directory, each by `write`, and a page about them. None has its name
/// before all of them are written: tables of two exports would be joined wrong in silence.
fn data_files(
    exported: &Exported<'_>,
    directory: &str,
    ending: &str,
    mut write: impl FnMut(&DataTable, Output) -> Result<Output, Failure>,
) -> Result<(), Failure> {
    create_directory(directory)?;
    let page = format!("{directory}/README.md");
    spare_other_page(&page)?;
    let tables = tables(exported);
    let mut written = Vec::new();
    for table in &tables {
        let output = Output::open(Some(&format!("{directory}/{}.{ending}", table.name)))?;
        written.push(write(table, output)?);
    }
    let mut output = Output::open(Some(&page))?;
    output.write_all(data_readme(&tables, ending).as_bytes())?;
    written.push(output);
    written.into_iter().try_for_each(Output::finish)?;
    tell_of_others(directory, &tables, ending);
    Ok(())
}

/// Tells of tables that an earlier export has left in another format: the page is not about them.
fn tell_of_others(directory: &str, tables: &[DataTable], ending: &str) {
    let other = if ending == "csv" { "parquet" } else { "csv" };
    let paths = tables.iter().map(|table| format!("{directory}/{}.{other}", table.name));
    let left: Vec<String> = paths.filter(|path| Path::new(path).exists()).collect();
    if let Some(first) = left.first() {
        let others = match left.len() {
            1 => String::new(),
            more => format!(" and {} others", more - 1),
        };
        note(&format!("`{first}`{others} may be of an earlier export, and stay as they are"));
    }
}

/// The directory may be one that has a page of its own.
fn spare_other_page(path: &str) -> Result<(), Failure> {
    match read_text(path) {
        Ok(text) if !text.starts_with(DATA_README_TITLE) => Err(Failure::unusable(format!(
            "`{path}` is no page of an export, and would be replaced; name another directory"
        ))),
        _ => Ok(()),
    }
}

fn create_directory(path: &str) -> Result<(), Failure> {
    std::fs::create_dir_all(path)
        .map_err(|error| Failure::unusable(format!("can't write to `{path}`: {error}")))
}
