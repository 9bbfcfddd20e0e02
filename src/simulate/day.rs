//! A load whose names are those of a deployment: what arrives where, what fails when, what jobs
//! manage. Times are whole seconds since the load began.

use crate::diagnostic::{Code, Finding, Span};
use crate::engine::{Channel, Engine};
use crate::load::Load;
use crate::model::name::nearest;
use crate::model::{
    Condition, Connection, Creation, Duration, Fields, JobId, KeyName, OperationId, Origin,
    RealTimeService, Rules, Situation, SituationFact, Value,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A load, as it is played on a deployment.
#[derive(Clone, Debug)]
pub(super) struct Day {
    /// When it begins.
    pub(super) begin: Timestamp,
    /// How many seconds it takes; nothing happens at or after its end.
    pub(super) duration: u64,
    /// Where that stands.
    pub(super) length: Span,
    pub(super) traffic: Vec<Traffic>,
    /// The outages, as the load lists them.
    pub(super) outages: Vec<Outage>,
    pub(super) capacities: BTreeMap<JobId, Capacity>,
    /// How many calls the Real-time Service takes in a minute.
    pub(super) calls_per_minute: Option<u64>,
}

impl Day {
    /// The moment so many seconds after the load began.
    ///
    /// # Errors
    ///
    /// It lies past the years that a moment has.
    pub(super) fn moment(&self, since: u64) -> Result<Timestamp, jiff::Error> {
        Timestamp::from_second(self.begin.as_second() + since.cast_signed())
    }
}

/// Operations that arrive.
#[derive(Clone, Debug)]
pub(super) struct Traffic {
    pub(super) operation: OperationId,
    pub(super) takes: Takes,
    /// Where they arrive, by id.
    pub(super) channels: Vec<usize>,
    pub(super) per_hour: u32,
    /// Where that stands.
    pub(super) rate: Span,
    /// When they arrive.
    pub(super) windows: Vec<Range<u64>>,
}

/// What an operation is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Takes {
    /// A customer who is new.
    NewCustomer,
    /// A new order of a customer of the channel.
    NewOrder,
    /// An order of the channel, and its customer.
    Order,
    /// A customer of the channel.
    Customer,
    /// Nobody in particular.
    Nothing,
}

/// Something that fails for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// What fails.
    pub kind: OutageKind,
    /// From when until when, in seconds since the load began; it may begin before.
    pub period: Range<i64>,
}

/// What fails for a while.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutageKind {
    /// The POS of a channel is offline.
    PosOffline(usize),
    /// Calls of the Real-time Service meet this.
    RealTimeService(RealTimeService),
    /// Headquarters is down.
    Servicing,
}

/// How much a job manages.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Capacity {
    /// How many rows it takes in a minute.
    pub(super) rows_per_minute: Option<u64>,
    /// How many seconds pass from its start to its effect.
    pub(super) takes: u64,
}

/// No load takes longer: 366 days.
const LONGEST: u64 = 366 * DAY;
const DAY: u64 = 86_400;
/// What a line of traffic means by each store and online channel.
const EVERYWHERE: &str = "*";
/// The kind of channel that works in headquarters itself.
const CALL_CENTER: &str = "call-center";
/// What the capacity of the Real-time Service stands under.
const REAL_TIME_SERVICE: &str = "real-time-service";

/// Looks the names of a load up.
///
/// # Errors
///
/// Names that are not known, and values that make no sense: with their places.
pub(super) fn bind(load: &Load, engine: &Engine) -> Result<Day, Vec<Finding>> {
    let mut binding = Binding { engine, findings: Vec::new() };
    let day = binding.day(load);
    match day.filter(|_| binding.findings.is_empty()) {
        Some(day) => Ok(day),
        None => Err(binding.findings),
    }
}

struct Binding<'e> {
    engine: &'e Engine,
    findings: Vec<Finding>,
}

impl<'e> Binding<'e> {
    fn wrong(&mut self, code: Code, span: Span, message: String, help: &str) {
        self.findings.push(Finding::new(code, message).at(span).help(help));
    }

    fn day(&mut self, load: &Load) -> Option<Day> {
        let whole = load.records("load").next()?;
        let begin = whole.date_time("begin")?;
        let duration = seconds(whole, "duration")?;
        if duration > LONGEST {
            let message = format!("a load of more than {} days", LONGEST / DAY);
            self.wrong(Code::OUT_OF_RANGE, whole.span("duration"), message, "play a shorter one");
        }
        self.within_all_years(whole, begin, duration);
        let traffic = load.records("traffic").filter_map(|it| self.traffic(it, begin, duration));
        let traffic = traffic.collect();
        let mut outages = Vec::new();
        for section in ["pos-offline", "real-time-service", "servicing"] {
            let found = load.records(section).filter_map(|it| self.outage(section, it, begin));
            outages.extend(found);
        }
        outages.sort_by_key(|outage| outage.period.start);
        let (mut capacities, mut calls_per_minute) = (BTreeMap::new(), None);
        let mut known = BTreeSet::new();
        for record in load.records("capacity") {
            self.capacity(record, &mut known, &mut capacities, &mut calls_per_minute);
        }
        let length = whole.span("duration");
        Some(Day { begin, duration, length, traffic, outages, capacities, calls_per_minute })
    }

    fn traffic(&mut self, record: Fields<'_>, begin: Timestamp, duration: u64) -> Option<Traffic> {
        let operation = self.operation(record);
        let channels = match record.text("channel") {
            Some(EVERYWHERE) => Some(self.everywhere()),
            _ => self.channel(record).map(|channel| vec![channel.number()]),
        };
        let from = self.time_of_day(record, "from", 0);
        let to = self.time_of_day(record, "to", DAY);
        let (from, to) = (from?, to?);
        if from == to {
            let message = "no time between `from` and `to`".to_owned();
            let help = "leave both out for the whole day";
            self.wrong(Code::OUT_OF_RANGE, record.span("to"), message, help);
        }
        let per_hour = u32::try_from(record.integer("per-hour")?).ok()?;
        let operation = operation?;
        Some(Traffic {
            takes: takes(self.engine.rules(), operation),
            operation,
            channels: channels?.into_iter().filter(|_| per_hour > 0).collect(),
            per_hour,
            rate: record.span("per-hour"),
            windows: windows(begin, duration, from, to),
        })
    }

    /// Each store and online channel, by id.
    fn everywhere(&self) -> Vec<usize> {
        let works =
            |channel: &Channel<'_>| channel.record().text(KeyName::Kind) != Some(CALL_CENTER);
        let mut channels: Vec<_> = self.engine.channels().filter(works).collect();
        channels.sort_by_key(|channel| channel.id());
        channels.iter().map(|channel| channel.number()).collect()
    }

    fn operation(&mut self, record: Fields<'_>) -> Option<OperationId> {
        match self.engine.operation(record.text("operation")?) {
            Ok(operation) => Some(operation),
            Err(error) => {
                let help = "`syncgate rules list operations` has them all";
                let span = record.span("operation");
                self.wrong(Code::UNKNOWN_NAME, span, error.to_string(), help);
                None
            }
        }
    }

    fn channel(&mut self, record: Fields<'_>) -> Option<Channel<'e>> {
        match self.engine.channel(record.text("channel")?) {
            Ok(channel) => Some(channel),
            Err(error) => {
                let help = "a load names channels of the deployment by their ids";
                self.findings.push(
                    Finding::new(Code::DANGLING, error.to_string())
                        .at(record.span("channel"))
                        .help(help),
                );
                None
            }
        }
    }

    fn outage(&mut self, section: &str, record: Fields<'_>, load: Timestamp) -> Option<Outage> {
        let kind = match section {
            "pos-offline" => {
                let channel = self.channel(record)?;
                let number = channel.number();
                let offline = Situation::default().connection(Connection::Offline);
                if let Some(reason) = channel.cannot_be(offline) {
                    let help = "only the POS of a store can be offline";
                    self.wrong(Code::OUT_OF_RANGE, record.span("channel"), reason, help);
                    return None;
                }
                OutageKind::PosOffline(number)
            }
            "real-time-service" => {
                let state = RealTimeService::from_word(record.text("state")?)?;
                OutageKind::RealTimeService(state)
            }
            _ => OutageKind::Servicing,
        };
        let begin = record.date_time("begin")?.as_second().saturating_sub(load.as_second());
        let length = seconds(record, "duration")?;
        self.within_all_years(record, record.date_time("begin")?, length);
        // A duration is of some thousand years at most.
        Some(Outage { kind, period: begin..begin.saturating_add(length.cast_signed()) })
    }

    /// Tells of a period that ends when there are no years any more.
    fn within_all_years(&mut self, record: Fields<'_>, begin: Timestamp, length: u64) {
        let length = SignedDuration::from_secs(length.cast_signed());
        if begin.checked_add(length).is_err() {
            let last = Timestamp::MAX.strftime("%Y-%m-%dT%H:%M:%SZ");
            let message = format!("it ends after {last}, the last moment there is");
            let help = "give a shorter `duration`";
            self.wrong(Code::OUT_OF_RANGE, record.span("duration"), message, help);
        }
    }

    fn capacity(
        &mut self,
        record: Fields<'_>,
        known: &mut BTreeSet<Option<JobId>>,
        capacities: &mut BTreeMap<JobId, Capacity>,
        calls_per_minute: &mut Option<u64>,
    ) {
        let Some(name) = record.text("job") else { return };
        let span = record.span("job");
        let rows_per_minute =
            record.integer("rows-per-minute").and_then(|rows| u64::try_from(rows).ok());
        let takes = seconds(record, "takes");
        let of = if name == REAL_TIME_SERVICE {
            if takes.is_some() {
                let message = "the Real-time Service `takes` nothing".to_owned();
                let help = "give `rows-per-minute`: how many calls it takes in a minute";
                self.wrong(Code::OUT_OF_RANGE, record.span("takes"), message, help);
            }
            *calls_per_minute = rows_per_minute;
            None
        } else if let Some(job) = self.engine.rules().job_named(name) {
            // A job that is not said to take time takes none.
            let capacity = Capacity { rows_per_minute, takes: takes.unwrap_or(0) };
            capacities.insert(job, capacity);
            Some(job)
        } else {
            let jobs = self.engine.rules().jobs.iter().map(|job| job.id.as_str());
            let near = nearest(name, jobs.chain([REAL_TIME_SERVICE]));
            let help = near.map_or_else(
                || "`syncgate rules list jobs` has them all".to_owned(),
                |near| format!("did you mean `{near}`?"),
            );
            self.wrong(Code::UNKNOWN_NAME, span, format!("unknown job `{name}`"), &help);
            return;
        };
        if !known.insert(of) {
            let message = format!("the capacity of `{name}` is there twice");
            self.wrong(Code::DUPLICATE, span, message, "remove one of the two");
        }
    }

    /// A time of the day in seconds.
    fn time_of_day(&mut self, record: Fields<'_>, key: &str, otherwise: u64) -> Option<u64> {
        let Some(text) = record.text(key) else { return Some(otherwise) };
        let time = time_of_day(text);
        if time.is_none() {
            let message = format!("malformed value `{text}`");
            let help = "a time of the day from `00:00` to `24:00`, such as `08:30`";
            self.wrong(Code::OUT_OF_RANGE, record.span(key), message, help);
        }
        time
    }
}

/// `08:30` or `08:30:15`, in seconds.
fn time_of_day(text: &str) -> Option<u64> {
    let mut parts = text.split(':').map(|part| {
        let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u64>().ok().filter(|_| is_number)
    });
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    let time = hour * 3600 + minute * 60 + second;
    (parts.next().is_none() && minute < 60 && second < 60 && time <= DAY).then_some(time)
}

fn seconds(record: Fields<'_>, key: &str) -> Option<u64> {
    match record.value(key)? {
        Value::Duration(duration) => Some(Duration::seconds(*duration)),
        _ => None,
    }
}

/// When it is between two times of the day, over midnight where the second is the earlier.
fn windows(begin: Timestamp, duration: u64, from: u64, to: u64) -> Vec<Range<u64>> {
    let midnight = begin.as_second().rem_euclid(DAY.cast_signed()).cast_unsigned();
    let length = if from < to { to - from } else { to + DAY - from };
    // In seconds since the midnight before the load began; the window of the day before may last.
    let days = 0..=(midnight + duration) / DAY + 1;
    let windows = days.map(|day| {
        let start = (day * DAY + from).checked_sub(DAY);
        let end = (day * DAY + from + length).saturating_sub(DAY);
        let since = |time: u64| time.saturating_sub(midnight).min(duration);
        // A window that began before the day before lasts from its midnight on.
        since(start.unwrap_or(0))..since(end)
    });
    let mut joined: Vec<Range<u64>> = Vec::new();
    for window in windows.filter(|window| !window.is_empty()) {
        match joined.last_mut().filter(|last| last.end == window.start) {
            Some(last) => last.end = window.end,
            None => joined.push(window),
        }
    }
    joined
}

/// What an operation is about, as far as its own declaration and its rules say.
fn takes(rules: &Rules, operation: OperationId) -> Takes {
    let declared = rules.operation(operation);
    let is_of_customer = |condition: &Condition| {
        rules.fact(condition.fact).origin == Origin::Situation(SituationFact::Customer)
    };
    let asks_for_customer =
        || rules.rules_of(declared).iter().flat_map(|rule| &rule.when).any(is_of_customer);
    match declared.creates {
        Some(Creation::Customer) => Takes::NewCustomer,
        Some(Creation::Order) => Takes::NewOrder,
        None if declared.needs_order => Takes::Order,
        None if declared.needs_customer || asks_for_customer() => Takes::Customer,
        None => Takes::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_are_read() {
        for (text, time) in [
            ("00:00", Some(0)),
            ("08:30", Some(30_600)),
            ("23:59:59", Some(86_399)),
            ("24:00", Some(86_400)),
            ("24:01", None),
            ("8:30", None),
            ("08:60", None),
            ("08:30:60", None),
            ("08", None),
            ("08:30:00:00", None),
            ("+8:30", None),
            ("", None),
        ] {
            assert_eq!(time_of_day(text), time, "{text}");
        }
    }

    #[test]
    fn windows_are_the_same_times_of_every_day() {
        // From 06:00 on for a day and a half.
        let begin = "2024-10-04T06:00:00Z".parse().unwrap();
        let windows = |from: u64, to: u64| {
            let windows = windows(begin, 36 * 3600, from * 3600, to * 3600);
            windows.iter().map(|it| (it.start / 3600, it.end / 3600)).collect::<Vec<_>>()
        };
        assert_eq!(windows(0, 24), [(0, 36)]);
        assert_eq!(windows(8, 20), [(2, 14), (26, 36)]);
        assert_eq!(windows(4, 7), [(0, 1), (22, 25)]);
        assert_eq!(windows(22, 8), [(0, 2), (16, 26)]);
    }
}
