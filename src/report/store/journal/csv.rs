//! `store audit --format csv`.

use crate::model::{SituationFact, said};
use crate::report::text::{CsvTable, or_empty};
use crate::store::AuditRecord;
use std::io::{self, Write};

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
        or_empty(record.at().as_deref()),
        record.configuration().to_string(),
        if line > 0 { line.to_string() } else { String::new() },
        or_empty(record.operation().map(|operation| operation.id.as_str())),
        or_empty(record.channel.as_deref()),
        or_empty(record.customer.as_deref()),
        or_empty(record.order.as_deref()),
    ];
    cells.extend(
        SituationFact::ALL
            .iter()
            .map(|fact| or_empty(record.situation().map(|now| now.word(*fact)))),
    );
    let rule = record.rule();
    let account = record.account.as_ref();
    cells.extend([
        or_empty(rule.map(|rule| rule.outcome.as_str())),
        or_empty(record.reason()),
        or_empty(rule.map(|rule| rule.id.as_str())),
        or_empty(rule.map(|rule| rule.basis.as_str())),
        said(rule, |rule| rule.sources.join(" ")),
        or_empty(rule.and_then(|rule| rule.error_id.as_deref())),
        or_empty(account.map(|(account, _)| account.as_str())),
        or_empty(account.map(|(_, shown)| shown.as_str())),
        record.note.clone(),
    ]);
    cells
}
