//! `syncgate store queue` and `syncgate store audit`

use super::super::{Common, Failure, listed};
use super::asked::{Asked, Format};
use crate::model::Outcome;
use crate::model::name::unknown;
use crate::report::{journal_csv, journal_human, journal_json, queue_human, queue_json};
use crate::store::{AuditFilter, AuditReader, Place, QueueLine, QueueReader, Store};
use clap::ValueEnum;
use jiff::{SignedDuration, Timestamp};
use std::iter;

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
        let mut store = Store::open(&self.asked.store)?;
        know(&mut store, self.channel.as_deref(), self.customer.as_deref())?;
        let mut reader = QueueReader::new(&store);
        let rows = iter::from_fn(|| reader.next(&mut store).transpose())
            .map(|row| row.map_err(Failure::from))
            .filter(|row| row.as_ref().map_or(true, |row| self.takes(row)));
        let output = common.output()?;
        match self.asked.format {
            Format::Human => {
                let text = queue_human(rows, output.style())?;
                output.whole(&text)
            }
            Format::Json => {
                let rules = common.rules()?;
                output.streamed(|to| queue_json(to, &rules, rows))
            }
        }
    }

    fn takes(&self, row: &QueueLine) -> bool {
        self.channel.as_ref().is_none_or(|channel| *channel == row.channel)
            && self.customer.as_ref().is_none_or(|customer| Some(customer) == row.customer.as_ref())
            && !(self.waiting && row.place == Place::Completed.as_str())
    }
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
    since: Option<Timestamp>,
    /// Only events up to this moment or day; events without a time are left out
    #[arg(long, value_name = "TIME", value_parser = until)]
    until: Option<Timestamp>,
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
fn since(text: &str) -> Result<Timestamp, String> {
    moment(text, 0)
}

/// The moment after the last one that a text means.
fn until(text: &str) -> Result<Timestamp, String> {
    moment(text, 1)
}

/// A moment, or the beginning of a day in UTC, `after` the moment or day itself.
fn moment(text: &str, after: i64) -> Result<Timestamp, String> {
    let expected = "expected a day such as 2026-11-20, or a date and time with an offset, such as \
        2026-11-20T08:00:00Z";
    let (at, step) = match text.parse::<jiff::civil::Date>() {
        Ok(day) if !text.contains(['T', 't']) => {
            let begins = day.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| expected)?;
            (begins.timestamp(), SignedDuration::from_hours(24 * after))
        }
        _ => (text.parse().map_err(|_| expected)?, SignedDuration::from_nanos(after)),
    };
    at.checked_add(step).map_err(|_| expected.to_owned())
}

impl Audit {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let mut store = Store::open(&self.store)?;
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
        let mut reader = AuditReader::new(&store);
        let records = iter::from_fn(|| reader.next(&mut store).transpose())
            .map(|record| record.map_err(Failure::from))
            .filter(|record| record.as_ref().map_or(true, |record| filter.takes(record)));
        let output = common.output()?;
        match self.format {
            AuditFormat::Human => {
                let text = journal_human(records, output.style())?;
                output.whole(&text)
            }
            AuditFormat::Json => {
                let rules = common.rules()?;
                output.streamed(|to| journal_json(to, &rules, records))
            }
            AuditFormat::Csv => output.streamed(|to| journal_csv(to, records)),
        }
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
    let message = unknown(what, name, known.iter().copied());
    Err(Failure::unusable(match list {
        Some(list) => listed(&message, list),
        None => message,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_begin_and_end_where_people_expect() {
        let at = |text: &str| Ok(text.parse::<Timestamp>().unwrap());
        let day = "1970-01-02T00:00:00Z";
        let next = "1970-01-03T00:00:00Z";
        assert_eq!((since("1970-01-02"), until("1970-01-02")), (at(day), at(next)));
        assert_eq!(since("1970-01-02T00:00:01Z"), at("1970-01-02T00:00:01Z"));
        assert_eq!(
            until("1970-01-02T00:00:01Z"),
            at("1970-01-02T00:00:01.000000001Z"),
            "the moment itself is included"
        );
        assert_eq!(since("1970-01-02T02:00:00+02:00"), at(day));
        assert_eq!(since("1969-12-31T23:59:59.25Z"), at("1969-12-31T23:59:59.25Z"));
        for wrong in ["", "yesterday", "1970-13-01", "1970-01-02T00:00:01", "1970-01-02 "] {
            assert!(since(wrong).unwrap_err().starts_with("expected a day"), "{wrong}");
        }
    }
}
