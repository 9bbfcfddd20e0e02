//! `store audit`: the journal, every event with what was asked, which rule decided, and how it
//! ended.

use super::records::records_json;
use crate::ledger::JournalKind;
use crate::model::{Catalogue, SituationFact};
use crate::report::text::{CsvTable, Style, Table};
use crate::store::AuditRecord;
use std::io::{self, Write};

/// `store audit --format human`.
///
/// # Errors
///
/// A row can't be read.
pub fn journal_human<E>(
    records: impl Iterator<Item = Result<AuditRecord, E>>,
    style: Style,
) -> Result<String, E> {
    let mut table = Table::new([
        "event",
        "time",
        "channel",
        "customer",
        "order",
        "outcome",
        "reason",
        "by rule, or what happened",
    ]);
    for record in records {
        table.row(cells(&record?));
    }
    Ok(table.render_or("no rows\n", style))
}

fn cells(record: &AuditRecord) -> [String; 8] {
    let (outcome, what) = match (record.kind(), record.rule()) {
        (JournalKind::Decision, Some(rule)) => (rule.outcome.as_str(), rule.id.as_str()),
        (JournalKind::InvalidOperation | JournalKind::InvalidEvent, _) => {
            ("invalid", record.note.as_str())
        }
        _ => ("", record.note.as_str()),
    };
    [
        record.sequence().to_string(),
        record.at().unwrap_or_default(),
        text(record.channel.as_deref()),
        text(record.customer.as_deref()),
        text(record.order.as_deref()),
        outcome.to_owned(),
        text(record.reason()),
        what.to_owned(),
    ]
}

/// What is there, or an empty cell.
fn text(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// `store audit --format json`.
///
/// # Errors
///
/// A row can't be read, or the document not be written.
pub fn journal_json<E: From<io::Error>>(
    to: impl Write,
    rules: &Catalogue,
    records: impl Iterator<Item = Result<AuditRecord, E>>,
) -> Result<(), E> {
    records_json(to, rules, "journal", records)
}

/// The columns before the facts of the situation, and those after them.
const COLUMNS: [&[&str]; 2] = [
    &[
        "sequence",
        "kind",
        "at",
        "configuration",
        "line",
        "operation",
        "channel",
        "customer",
        "order",
    ],
    &[
        "outcome",
        "reason",
        "rule",
        "basis",
        "sources",
        "error_id",
        "account_id",
        "displayed_account_id",
        "note",
    ],
];

/// `store audit --format csv`: a line for each row of the journal, written while they are read.
///
/// # Errors
///
/// A row can't be read, or a line not be written.
pub fn journal_csv<E: From<io::Error>>(
    to: impl Write,
    records: impl Iterator<Item = Result<AuditRecord, E>>,
) -> Result<(), E> {
    let [before, after] = COLUMNS;
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let facts = SituationFact::ALL.iter().copied().map(column).collect();
    let mut lines = CsvTable::new(to);
    lines.row([names(before), facts, names(after)].concat())?;
    for record in records {
        lines.row(csv_cells(&record?))?;
    }
    Ok(lines.finish()?)
}

/// The column of a fact. The names of customer and order have columns of their own.
fn column(fact: SituationFact) -> String {
    let key = fact.as_str().replace('-', "_");
    match fact {
        SituationFact::Customer | SituationFact::Order => format!("{key}_state"),
        _ => key,
    }
}

fn csv_cells(record: &AuditRecord) -> Vec<String> {
    let line = record.line();
    let mut cells = vec![
        record.sequence().to_string(),
        record.kind().to_string(),
        record.at().unwrap_or_default(),
        record.configuration().to_string(),
        if line > 0 { line.to_string() } else { String::new() },
        text(record.operation().map(|operation| operation.id.as_str())),
        text(record.channel.as_deref()),
        text(record.customer.as_deref()),
        text(record.order.as_deref()),
    ];
    cells.extend(SituationFact::ALL.iter().map(|fact| {
        let value = record.situation().and_then(|now| fact.words().get(now.value(*fact)));
        text(value.copied())
    }));
    let rule = record.rule();
    let account = record.account.as_ref();
    cells.extend([
        text(rule.map(|rule| rule.outcome.as_str())),
        text(record.reason()),
        text(rule.map(|rule| rule.id.as_str())),
        text(rule.map(|rule| rule.basis.as_str())),
        rule.map(|rule| rule.sources.join(" ")).unwrap_or_default(),
        text(rule.and_then(|rule| rule.error_id.as_deref())),
        text(account.map(|(account, _)| account.as_str())),
        text(account.map(|(_, shown)| shown.as_str())),
        record.note.clone(),
    ]);
    cells
}
