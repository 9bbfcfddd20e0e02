//! `store audit --format human`.

use crate::ledger::JournalKind;
use crate::report::text::{Style, TextTable, or_empty};
use crate::store::AuditRecord;

/// `store audit --format human`.
///
/// # Errors
///
/// A row can't be read.
pub fn journal_human<E>(
    records: impl Iterator<Item = Result<AuditRecord, E>>,
    style: Style,
) -> Result<String, E> {
    let mut table = TextTable::new([
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
        or_empty(record.at().as_deref()),
        or_empty(record.channel.as_deref()),
        or_empty(record.customer.as_deref()),
        or_empty(record.order.as_deref()),
        outcome.to_owned(),
        or_empty(record.reason()),
        what.to_owned(),
    ]
}
