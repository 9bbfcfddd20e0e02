//! `syncgate store queue` and `syncgate store audit`

use super::super::output::Output;
use super::super::{Common, Failure, listed};
use super::{Asked, Format, guarded, write_records};
use crate::ledger::JournalKind;
use crate::model::name::nearest;
use crate::model::{Outcome, SituationFact};
use crate::report::Table;
use crate::store::{AuditFilter, AuditReader, AuditRecord, Place, QueueLine, QueueReader, Store};
use clap::ValueEnum;

/// Every row of the queue: where it is, what it waits for, and its last error
#[derive(Debug, clap::Args)]
pub(super) struct Queue {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// Only rows of this channel
    #[arg(long, value_name = "ID")]
    channel: Option<String>,
    /// Only rows about this customer, by the caller's name
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// Only rows that are not processed yet
    #[arg(long)]
    waiting: bool,
}

impl Queue {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        guarded(&self.asked.store, || {
            let mut store = Store::open(&self.asked.store)?;
            know(&mut store, self.channel.as_deref(), self.customer.as_deref())?;
            let mut rows = QueueReader::new(&store);
            let mut next = || {
                while let Some(row) = rows.next(&mut store)? {
                    if self.takes(&row) {
                        return Ok(Some(row));
                    }
                }
                Ok(None)
            };
            let output = common.output()?;
            match self.asked.format {
                Format::Human => queue_human(output, next),
                Format::Json => write_records(output, common, "queue", &mut next),
            }
        })
    }

    fn takes(&self, row: &QueueLine) -> bool {
        self.channel.as_ref().is_none_or(|channel| *channel == row.channel)
            && self.customer.as_ref().is_none_or(|customer| Some(customer) == row.customer.as_ref())
            && !(self.waiting && row.place == Place::Completed.as_str())
    }
}

fn queue_human(
    output: Output,
    mut next: impl FnMut() -> Result<Option<QueueLine>, Failure>,
) -> Result<(), Failure> {
    let mut table = Table::new([
        "channel",
        "counter",
        "table",
        "operation",
        "customer",
        "order or sale",
        "where",
        "waits for",
    ]);
    while let Some(row) = next()? {
        let waits = match (row.waits_for, row.error) {
            (waits, None) => waits.unwrap_or_default(),
            (waits, Some(error)) => format!("{}: {error}", waits.unwrap_or_default()),
        };
        table.row([
            row.channel,
            row.counter.map(|counter| counter.to_string()).unwrap_or_default(),
            row.table,
            row.operation,
            row.customer.unwrap_or_default(),
            row.order.or(row.sale).unwrap_or_default(),
            row.place.to_owned(),
            waits,
        ]);
    }
    if table.is_empty() {
        return output.whole("no rows\n");
    }
    let text = table.render(output.style());
    output.whole(&text)
}

/// The journal: every event, what was asked, which rule decided, and how it ended
#[derive(Debug, clap::Args)]
pub(super) struct Audit {
    /// The store
    #[arg(long, value_name = "FILE")]
    pub(super) store: String,
    /// Only decisions about this customer, by the caller's name
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// Only decisions of this channel
    #[arg(long, value_name = "ID")]
    channel: Option<String>,
    /// Only decisions that ended so
    #[arg(long, value_parser = outcome)]
    outcome: Option<Outcome>,
    /// Only decisions for this reason
    #[arg(long, value_name = "CODE")]
    reason: Option<String>,
    /// Only decisions by this rule
    #[arg(long, value_name = "OPERATION/RULE")]
    rule: Option<String>,
    /// Only events from this moment or day on; events without a time are left out
    #[arg(long, value_name = "TIME", value_parser = since)]
    since: Option<(i64, u32)>,
    /// Only events up to this moment or day; events without a time are left out
    #[arg(long, value_name = "TIME", value_parser = until)]
    until: Option<(i64, u32)>,
    /// How to print
    #[arg(long, value_enum, default_value_t = AuditFormat::Human)]
    format: AuditFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AuditFormat {
    Human,
    Json,
    Csv,
}

fn outcome(word: &str) -> Result<Outcome, String> {
    Outcome::from_word(word).ok_or_else(|| "expected sync, async or rejected".to_owned())
}

/// The first moment that a text means.
fn since(text: &str) -> Result<(i64, u32), String> {
    moment(text, 0)
}

/// The moment after the last one that a text means.
fn until(text: &str) -> Result<(i64, u32), String> {
    moment(text, 1)
}

/// A moment, or the beginning of a day in UTC, `after` the moment or day itself.
fn moment(text: &str, after: i64) -> Result<(i64, u32), String> {
    let expected = "expected a day such as 2026-11-20, or a date and time with an offset, such as \
        2026-11-20T08:00:00Z";
    let at = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains(['T', 't']) => {
            let begins = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| expected)?;
            begins
                .timestamp()
                .checked_add(jiff::SignedDuration::from_hours(24 * after))
                .map_err(|_| expected)?
        }
        _ => {
            let at: jiff::Timestamp = text.parse().map_err(|_| expected)?;
            at.checked_add(jiff::SignedDuration::from_nanos(after)).map_err(|_| expected)?
        }
    };
    let nanoseconds = at.as_nanosecond();
    let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).unwrap_or(i64::MAX);
    Ok((seconds, u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).unwrap_or(0)))
}

impl Audit {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let path = self.store.clone();
        guarded(&path, || {
            let mut store = Store::open(&path)?;
            know(&mut store, self.channel.as_deref(), None)?;
            let filter = AuditFilter {
                customer: self.customer,
                channel: self.channel,
                outcome: self.outcome,
                reason: self.reason,
                rule: self.rule,
                since: self.since,
                before: self.until,
            };
            know_rules(&store, &filter)?;
            let mut rows = AuditReader::new(&store);
            let mut next = || {
                while let Some(record) = rows.next(&mut store)? {
                    if filter.takes(&record) {
                        return Ok(Some(record));
                    }
                }
                Ok(None)
            };
            let output = common.output()?;
            match self.format {
                AuditFormat::Human => audit_human(output, next),
                AuditFormat::Json => write_records(output, common, "journal", &mut next),
                AuditFormat::Csv => audit_csv(output, next),
            }
        })
    }
}

/// Refuses names that nothing in the store has, so that a slip is no empty answer.
fn know(store: &mut Store, channel: Option<&str>, customer: Option<&str>) -> Result<(), Failure> {
    if let Some(channel) = channel {
        known("channel", channel, &store.channels().collect::<Vec<_>>(), None)?;
    }
    if let Some(customer) = customer
        && !store.has_customer(customer)?
    {
        return Err(Failure::unusable(format!("the store has no customer `{customer}`")));
    }
    Ok(())
}

fn know_rules(store: &Store, filter: &AuditFilter) -> Result<(), Failure> {
    // Earlier configurations may know others.
    let Some(rules) = store.only_rules() else { return Ok(()) };
    if let Some(reason) = &filter.reason {
        let reasons: Vec<&str> = rules.reasons.iter().map(|it| it.id.as_str()).collect();
        known("reason", reason, &reasons, Some("reasons"))?;
    }
    if let Some(rule) = &filter.rule {
        known(
            "rule",
            rule,
            &rules.rules.iter().map(|it| it.id.as_str()).collect::<Vec<_>>(),
            None,
        )?;
    }
    Ok(())
}

/// Refuses a name that is not known; `list` is the list of the rules that has those that are.
fn known(what: &str, name: &str, known: &[&str], list: Option<&str>) -> Result<(), Failure> {
    if known.contains(&name) {
        return Ok(());
    }
    let near = nearest(name, known.iter().copied());
    let near = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let message = format!("unknown {what} `{name}`{near}");
    Err(Failure::unusable(match list {
        Some(list) => listed(&message, list),
        None => message,
    }))
}

fn audit_human(
    output: Output,
    mut next: impl FnMut() -> Result<Option<AuditRecord>, Failure>,
) -> Result<(), Failure> {
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
    while let Some(record) = next()? {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        let (outcome, what) = match (record.kind(), record.rule()) {
            (JournalKind::Decision, Some(rule)) => (rule.outcome.as_str(), rule.id.clone()),
            (JournalKind::InvalidOperation | JournalKind::InvalidEvent, _) => {
                ("invalid", record.note.clone())
            }
            _ => ("", record.note.clone()),
        };
        table.row([
            record.sequence().to_string(),
            record.at().unwrap_or_default(),
            text(record.channel.as_deref()),
            text(record.customer.as_deref()),
            text(record.order.as_deref()),
            outcome.to_owned(),
            text(record.reason()),
            what,
        ]);
    }
    if table.is_empty() {
        return output.whole("no rows\n");
    }
    let text = table.render(output.style());
    output.whole(&text)
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

fn audit_csv(
    output: Output,
    mut next: impl FnMut() -> Result<Option<AuditRecord>, Failure>,
) -> Result<(), Failure> {
    let failed = |error: csv::Error| Failure::from(std::io::Error::from(error));
    let mut writer = csv::Writer::from_writer(output);
    let facts = SituationFact::ALL.iter().map(|fact| {
        let key = fact.as_str().replace('-', "_");
        // The names of customer and order have columns of their own.
        if matches!(fact, SituationFact::Customer | SituationFact::Order) {
            format!("{key}_state")
        } else {
            key
        }
    });
    let [before, after] = COLUMNS;
    let header: Vec<String> = before
        .iter()
        .map(|name| (*name).to_owned())
        .chain(facts)
        .chain(after.iter().map(|name| (*name).to_owned()))
        .collect();
    writer.write_record(&header).map_err(failed)?;
    while let Some(record) = next()? {
        writer.write_record(csv_row(&record)).map_err(failed)?;
    }
    let output = writer.into_inner().map_err(|error| Failure::from(error.into_error()))?;
    output.finish()
}

fn csv_row(record: &AuditRecord) -> Vec<String> {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    let mut row = vec![
        record.sequence().to_string(),
        record.kind().to_string(),
        record.at().unwrap_or_default(),
        record.configuration().to_string(),
        if record.line() > 0 { record.line().to_string() } else { String::new() },
        text(record.operation().map(|operation| operation.id.as_str())),
        text(record.channel.as_deref()),
        text(record.customer.as_deref()),
        text(record.order.as_deref()),
    ];
    row.extend(SituationFact::ALL.iter().map(|fact| {
        let value = record.situation().and_then(|now| fact.words().get(now.value(*fact)));
        text(value.copied())
    }));
    let rule = record.rule();
    row.extend([
        text(rule.map(|rule| rule.outcome.as_str())),
        text(record.reason()),
        text(rule.map(|rule| rule.id.as_str())),
        text(rule.map(|rule| rule.basis.as_str())),
        rule.map(|rule| rule.sources.join(" ")).unwrap_or_default(),
        text(rule.and_then(|rule| rule.error_id.as_deref())),
        text(record.account.as_ref().map(|(account, _)| account.as_str())),
        text(record.account.as_ref().map(|(_, shown)| shown.as_str())),
        record.note.clone(),
    ]);
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_begin_and_end_where_people_expect() {
        let day = 86_400;
        // 1970-01-02 and a moment in it.
        assert_eq!((since("1970-01-02"), until("1970-01-02")), (Ok((day, 0)), Ok((2 * day, 0))));
        assert_eq!(since("1970-01-02T00:00:01Z"), Ok((day + 1, 0)));
        assert_eq!(
            until("1970-01-02T00:00:01Z"),
            Ok((day + 1, 1)),
            "the moment itself is included"
        );
        assert_eq!(since("1970-01-02T02:00:00+02:00"), Ok((day, 0)));
        // Nanoseconds count forwards before 1970 too.
        assert_eq!(since("1969-12-31T23:59:59.25Z"), Ok((-1, 250_000_000)));
        for wrong in ["", "yesterday", "1970-13-01", "1970-01-02T00:00:01", "1970-01-02 "] {
            assert!(since(wrong).unwrap_err().starts_with("expected a day"), "{wrong}");
        }
    }
}
