//! From a store: decisions over time and by reason, and the customers that are still pending.

use super::parts::{in_words, moment, name, section, table};
use crate::model::Outcome;
use crate::report::text::counted;
use jiff::Timestamp;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many decisions have each outcome.
type Counts = BTreeMap<Outcome, u64>;

/// What a page shows of a store.
#[derive(Clone, Debug, Default)]
pub struct StoreView {
    /// The digest of the whole store.
    pub head: String,
    /// How many events were applied.
    pub events: u64,
    /// How many customers there are.
    pub customers: u64,
    /// How many of them are pending in their own channel.
    pub pending: u64,
    /// The first of those.
    pub waiting: Vec<WaitingCustomer>,
    /// Decisions by reason and outcome.
    reasons: BTreeMap<(String, Outcome), u64>,
    /// Decisions by the minute they were made in, counted from 1970.
    minutes: BTreeMap<i64, Counts>,
    /// Decisions of events that give no time.
    timeless: u64,
    /// The last moment that an event gives.
    last: Option<Timestamp>,
}

/// A customer that headquarters does not know yet.
#[derive(Clone, Debug)]
pub struct WaitingCustomer {
    /// The caller's name.
    pub name: String,
    /// The channel that created them.
    pub channel: String,
    /// Whether synchronizing fails.
    pub failing: bool,
    /// How many accepted operations there were.
    pub operations: u32,
    /// When they were created.
    pub since: Option<Timestamp>,
}

impl StoreView {
    /// Counts a decision, made at a moment.
    pub fn decided(&mut self, outcome: Outcome, reason: &str, moment: Option<Timestamp>) {
        // A reason is copied once, however often decisions have it: journals are long.
        match self.reasons.iter_mut().find(|((known, its), _)| known == reason && *its == outcome) {
            Some((_, count)) => *count += 1,
            None => {
                self.reasons.insert((reason.to_owned(), outcome), 1);
            }
        }
        let Some(moment) = moment else {
            self.timeless += 1;
            return;
        };
        let minute = self.minutes.entry(moment.as_second().div_euclid(60)).or_default();
        *minute.entry(outcome).or_default() += 1;
    }

    /// Notes the moment of any event.
    pub fn happened(&mut self, moment: Timestamp) {
        self.last = self.last.max(Some(moment));
    }

    /// How many decisions there were.
    fn decisions(&self) -> u64 {
        self.reasons.values().sum()
    }
}

/// Writes the section of a store.
pub(super) fn write(store: &StoreView) -> Markup {
    let content = html! {
        p.quiet {
            (store.events) " events, " (store.decisions()) " decisions, " (store.customers)
            " customers, " (store.pending) " of them pending."
        }
        h3 id="time-title" { "Decisions over time" }
        (over_time(store))
        div.pair {
            (by_reason(store))
            (waiting(store))
        }
    };
    section("store", "store-title", "What the store has seen", &content)
}

/// How long a bar of the chart may stand for, in minutes.
const STEPS: [i64; 12] = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 10_080, 43_200, 525_600];
/// No more bars than this, unless even the longest step gives more.
const BARS: i64 = 48;

/// Decisions in equal steps of time.
struct Chart {
    /// How long a step is, in minutes.
    step: i64,
    /// The first step and the last, counted from 1970.
    ends: (i64, i64),
    /// The decisions of each step between, of those that have any.
    bars: BTreeMap<i64, Counts>,
    /// The decisions of the step with most.
    most: u64,
}

impl Chart {
    /// `None` where no decision has a time.
    fn of(minutes: &BTreeMap<i64, Counts>) -> Option<Self> {
        let (first, last) = (*minutes.first_key_value()?.0, *minutes.last_key_value()?.0);
        let fits = |step: &i64| last.div_euclid(*step) - first.div_euclid(*step) < BARS;
        let step = STEPS.into_iter().find(fits).unwrap_or((last - first) / BARS + 1);
        let mut bars: BTreeMap<i64, Counts> = BTreeMap::new();
        for (minute, counts) in minutes {
            let bar = bars.entry(minute.div_euclid(step)).or_default();
            for (outcome, count) in counts {
                *bar.entry(*outcome).or_default() += count;
            }
        }
        let most = bars.values().map(|counts| counts.values().sum()).max()?;
        Some(Self { step, ends: (first.div_euclid(step), last.div_euclid(step)), bars, most })
    }

    /// When a step begins.
    #[expect(clippy::expect_used, reason = "a step begins less than a year before a moment")]
    fn beginning(&self, bar: i64) -> Timestamp {
        Timestamp::from_second(bar * self.step * 60)
            .expect("a step begins less than a year before a moment")
    }
}

/// `15 minutes`, `1 day`.
fn step_words(minutes: i64) -> String {
    match minutes {
        days if days % 1440 == 0 => counted(days / 1440, "day"),
        hours if hours % 60 == 0 => counted(hours / 60, "hour"),
        minutes => counted(minutes, "minute"),
    }
}

fn over_time(store: &StoreView) -> Markup {
    let Some(chart) = Chart::of(&store.minutes) else {
        return html! { p.quiet { "No event gives a time." } };
    };
    html! {
        figure {
            div.plot {
                div.counts aria-hidden="true" { span { (chart.most) } span { "0" } }
                (drawing(&chart))
                div.times aria-hidden="true" {
                    span { (moment(chart.beginning(chart.ends.0))) }
                    span { (moment(chart.beginning(chart.ends.1))) }
                }
            }
            figcaption { (caption(&chart, store.timeless)) }
        }
        details { summary { "The same as a table" } (numbers(&chart)) }
    }
}

fn caption(chart: &Chart, timeless: u64) -> Markup {
    let (first, last) = (chart.beginning(chart.ends.0), chart.beginning(chart.ends.1));
    html! {
        @for outcome in Outcome::ALL { span.key.(outcome.as_str()) { (outcome.as_str()) } }
        span {
            (moment(first)) " to " (moment(last)) ", a bar for " (step_words(chart.step))
            "; the highest is " (chart.most) "."
            @if timeless > 0 { " " (timeless) " decisions have no time." }
        }
    }
}

fn numbers(chart: &Chart) -> Markup {
    let rows = html! {
        @for (bar, counts) in &chart.bars {
            tr {
                th scope="row" { (moment(chart.beginning(*bar))) }
                @for outcome in Outcome::ALL { td.number { (of(counts, *outcome)) } }
            }
        }
    };
    table(Some("times-table"), &["From", "sync", "async", "rejected"], &rows)
}

/// How many decisions have an outcome.
fn of(counts: &Counts, outcome: Outcome) -> u64 {
    // What was never counted was never there.
    counts.get(&outcome).copied().unwrap_or(0)
}

/// How high the chart is, in its own units, and how wide a bar with its gap.
const HEIGHT: u64 = 140;
const BAR: i64 = 20;

fn drawing(chart: &Chart) -> Markup {
    let width = (chart.ends.1 - chart.ends.0 + 1) * BAR;
    let label = "Decisions over time by outcome; the table below has the numbers";
    html! {
        svg class="chart" viewBox={ "0 0 " (width) " " (HEIGHT) } preserveAspectRatio="none"
            role="img" aria-label=(label) {
            @for (number, counts) in &chart.bars { (bar(chart, *number, counts)) }
        }
    }
}

/// The outcomes of a step, one above the other.
fn bar(chart: &Chart, number: i64, counts: &Counts) -> Markup {
    let left = (number - chart.ends.0) * BAR + 2;
    let stacked = counts.iter().scan(HEIGHT, |top, (outcome, count)| {
        let height = (count * HEIGHT / chart.most).max(1).min(*top);
        *top -= height;
        Some((outcome, count, *top, height))
    });
    html! {
        @for (outcome, count, top, height) in stacked {
            rect.(outcome.as_str()) x=(left) y=(top) width=(BAR - 4) height=(height) {
                title { (in_words(chart.beginning(number))) ": " (count) " " (outcome.as_str()) }
            }
        }
    }
}

fn by_reason(store: &StoreView) -> Markup {
    let mut reasons: Vec<(&(String, Outcome), &u64)> = store.reasons.iter().collect();
    reasons.sort_by_key(|(_, count)| Reverse(**count));
    let counts: Vec<u64> = reasons.iter().map(|(_, count)| **count).collect();
    let rows = html! {
        @for (((reason, outcome), count), share) in reasons.into_iter().zip(shares(&counts)) {
            tr {
                th scope="row" { (reason) }
                td { span.chip.(outcome.as_str()) { (outcome.as_str()) } }
                td.number { (count) }
                td.number { (share) }
            }
        }
    };
    html! {
        section aria-labelledby="reason-title" {
            h3 id="reason-title" { "By reason" }
            (table(Some("numbers"), &["Reason", "Outcome", "Decisions", "Share"], &rows))
        }
    }
}

/// The shares of parts in percent, with one digit after the point. They add up to 100: what
/// rounding down leaves over goes to those that lose most by it.
fn shares(parts: &[u64]) -> Vec<String> {
    let whole = parts.iter().map(|part| u128::from(*part)).sum::<u128>().max(1);
    let scaled = || parts.iter().map(|part| u128::from(*part) * 1000);
    let mut tenths: Vec<u128> = scaled().map(|part| part / whole).collect();
    let left = scaled().sum::<u128>() / whole - tenths.iter().sum::<u128>();
    let mut losing: Vec<(u128, &mut u128)> =
        scaled().map(|part| part % whole).zip(&mut tenths).collect();
    losing.sort_by_key(|(lost, _)| Reverse(*lost));
    for (_, tenths) in losing.into_iter().zip(0..left).map(|(part, _)| part) {
        *tenths += 1;
    }
    tenths.into_iter().map(|tenths| format!("{}.{} %", tenths / 10, tenths % 10)).collect()
}

/// `45 min`, `2 h 5 min`, `3 days 4 h`.
fn waited_words(minutes: i64) -> String {
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{} {hours} h", counted(days, "day")),
    }
}

fn waiting(store: &StoreView) -> Markup {
    html! {
        section aria-labelledby="waiting-title" {
            h3 id="waiting-title" { "Customers still pending" }
            @if store.waiting.is_empty() {
                p.quiet { "None: every customer has an account that the channel knows." }
            } @else {
                (waiting_customers(store))
            }
        }
    }
}

fn waiting_customers(store: &StoreView) -> Markup {
    let columns = ["Customer", "Channel", "Since", "For", "Operations", "State"];
    let rows = html! { @for one in &store.waiting { (waiting_customer(one, store.last)) } };
    let more = store.pending.saturating_sub(store.waiting.len() as u64);
    html! {
        (table(Some("waiting"), &columns, &rows))
        @if more > 0 { p.quiet { "and " (more) " more, which store customers lists" } }
    }
}

fn waiting_customer(customer: &WaitingCustomer, last: Option<Timestamp>) -> Markup {
    let waited = |since: Timestamp| Some((last?.as_second() - since.as_second()) / 60);
    let (class, state) =
        if customer.failing { ("fails", "synchronizing fails") } else { ("waits", "waits") };
    html! {
        tr {
            th scope="row" { (name(&customer.name)) }
            td { (name(&customer.channel)) }
            td { @match customer.since { Some(since) => (moment(since)), None => "–" } }
            td.number { (customer.since.and_then(waited).map_or("–".to_owned(), waited_words)) }
            td.number { (customer.operations) }
            td class=(class) { (state) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Option<Timestamp> {
        Timestamp::from_second(seconds).ok()
    }

    #[test]
    fn bars_are_few_and_hold_every_decision() {
        for spread in [1, 50, 3000, 90_000, 40_000_000] {
            let mut store = StoreView::default();
            for number in 0..200 {
                let moment = at(1_795_000_000 + number * spread * 60 / 200);
                store.decided(Outcome::Async, "pos-offline", moment);
            }
            let chart = Chart::of(&store.minutes).unwrap();
            assert!(chart.ends.1 - chart.ends.0 < 49, "{spread}: {:?}", chart.ends);
            let decisions = chart.bars.values().map(|counts| of(counts, Outcome::Async));
            assert_eq!(decisions.sum::<u64>(), 200);
        }
    }

    #[test]
    fn what_has_no_time_is_counted_too() {
        let mut store = StoreView::default();
        store.decided(Outcome::Sync, "real-time", None);
        assert!(Chart::of(&store.minutes).is_none() && store.timeless == 1);
        assert_eq!(step_words(1440), "1 day");
        assert_eq!(step_words(180), "3 hours");
        assert_eq!([45, 125, 4560].map(waited_words), ["45 min", "2 h 5 min", "3 days 4 h"]);
    }

    #[test]
    fn shares_add_up_to_the_whole() {
        assert_eq!(shares(&[1, 1, 1]), ["33.4 %", "33.3 %", "33.3 %"]);
        for parts in [&[7, 2, 2, 1, 999][..], &[1; 48], &[u64::MAX, 1], &[5]] {
            let tenths =
                |share: &String| share.replace(['.', ' ', '%'], "").parse::<u64>().unwrap();
            assert_eq!(shares(parts).iter().map(tenths).sum::<u64>(), 1000, "{parts:?}");
        }
        assert!(shares(&[]).is_empty());
    }
}
