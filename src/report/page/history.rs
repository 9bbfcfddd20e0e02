//! From a store: decisions over time and by reason, and the customers that are still pending.

use super::first::header;
use super::markup::Html;
use crate::model::Outcome;
use crate::report::text::counted;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;

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
    /// Decisions of each outcome by the minute they were made in, counted from 1970.
    minutes: BTreeMap<i64, [u64; 3]>,
    /// Decisions of events that give no time.
    timeless: u64,
    /// The last moment that an event gives, in seconds since 1970.
    last: Option<i64>,
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
    /// When they were created, in seconds since 1970.
    pub since: Option<i64>,
}

impl StoreView {
    /// Counts a decision, made at a moment in seconds since 1970.
    pub fn decided(&mut self, outcome: Outcome, reason: &str, moment: Option<i64>) {
        match self.reasons.get_mut(&(reason.to_owned(), outcome)) {
            Some(count) => *count += 1,
            None => {
                self.reasons.insert((reason.to_owned(), outcome), 1);
            }
        }
        match moment {
            Some(seconds) => {
                let counts = self.minutes.entry(seconds.div_euclid(60)).or_default();
                if let Some(count) = counts.get_mut(outcome as usize) {
                    *count += 1;
                }
            }
            None => self.timeless += 1,
        }
    }

    /// Notes the moment of any event.
    pub fn happened(&mut self, seconds: i64) {
        self.last = self.last.max(Some(seconds));
    }
}

/// Writes the section of a store.
pub(super) fn write(html: &mut Html, store: &StoreView) {
    html.within("section", &[("id", "store"), ("aria-labelledby", "store-title")], |html| {
        html.leaf("h2", &[("id", "store-title")], "What the store has seen");
        let decisions: u64 = store.reasons.values().sum();
        let text = format!(
            "{} events, {decisions} decisions, {} customers, {} of them pending.",
            store.events, store.customers, store.pending
        );
        html.leaf("p", &[("class", "quiet")], &text);
        over_time(html, store);
        html.within("div", &[("class", "pair")], |html| {
            by_reason(html, store, decisions);
            waiting(html, store);
        });
    });
    html.line();
}

/// How long a bar of the chart may stand for, in minutes.
const STEPS: [i64; 12] = [1, 5, 15, 30, 60, 180, 360, 720, 1440, 10_080, 43_200, 525_600];
/// No more bars than this, unless even the longest step gives more.
const BARS: i64 = 48;

/// Decisions of each outcome in equal steps of time, and how long a step is in minutes.
fn bars(store: &StoreView) -> (Vec<(i64, [u64; 3])>, i64) {
    let (Some((first, _)), Some((last, _))) =
        (store.minutes.first_key_value(), store.minutes.last_key_value())
    else {
        return (Vec::new(), 1);
    };
    let fits = |step: &&i64| last.div_euclid(**step) - first.div_euclid(**step) < BARS;
    let step = STEPS.iter().find(fits).copied().unwrap_or((last - first) / BARS + 1);
    let mut bars: Vec<(i64, [u64; 3])> = (first.div_euclid(step)..=last.div_euclid(step))
        .map(|number| (number * step, [0; 3]))
        .collect();
    for (minute, counts) in &store.minutes {
        let number = usize::try_from(minute.div_euclid(step) - first.div_euclid(step)).unwrap_or(0);
        if let Some((_, bar)) = bars.get_mut(number) {
            bar.iter_mut().zip(counts).for_each(|(bar, count)| *bar += count);
        }
    }
    (bars, step)
}

fn moment(seconds: i64) -> String {
    let text = Timestamp::from_second(seconds).map(|moment| moment.to_string()).unwrap_or_default();
    text.replace('T', " ").replace(":00Z", "")
}

/// `15 minutes`, `1 day`.
fn step_words(minutes: i64) -> String {
    let (count, unit) = match minutes {
        days if days % 1440 == 0 => (days / 1440, "day"),
        hours if hours % 60 == 0 => (hours / 60, "hour"),
        minutes => (minutes, "minute"),
    };
    counted(usize::try_from(count).unwrap_or(1), unit)
}

fn over_time(html: &mut Html, store: &StoreView) {
    let (bars, step) = bars(store);
    html.leaf("h3", &[("id", "time-title")], "Decisions over time");
    let most = bars.iter().map(|(_, counts)| counts.iter().sum::<u64>()).max().unwrap_or(0);
    if most == 0 {
        html.leaf("p", &[("class", "quiet")], "No event gives a time.");
        return;
    }
    html.within("figure", &[], |html| {
        chart(html, &bars, most);
        html.within("figcaption", &[], |html| {
            for outcome in Outcome::ALL {
                html.leaf("span", &[("class", &format!("key {outcome}"))], outcome.as_str());
            }
            let ends = |bar: Option<&(i64, _)>| {
                bar.map_or(String::new(), |(minute, _)| moment(minute * 60))
            };
            let mut text = format!(
                "{} to {} UTC, a bar for {}; the highest is {most}.",
                ends(bars.first()),
                ends(bars.last()),
                step_words(step)
            );
            if store.timeless > 0 {
                let _ = write!(text, " {} decisions have no time.", store.timeless);
            }
            html.leaf("span", &[], &text);
        });
    });
    html.within("details", &[], |html| {
        html.leaf("summary", &[], "The same as a table");
        html.within("table", &[], |html| {
            header(html, &["From (UTC)", "sync", "async", "rejected"]);
            html.within("tbody", &[], |html| {
                for (minute, counts) in
                    bars.iter().filter(|(_, counts)| counts.iter().any(|count| *count > 0))
                {
                    html.within("tr", &[], |html| {
                        html.leaf("th", &[("scope", "row")], &moment(minute * 60));
                        for count in counts {
                            html.leaf("td", &[("class", "number")], &count.to_string());
                        }
                    });
                }
            });
        });
    });
}

fn chart(html: &mut Html, bars: &[(i64, [u64; 3])], most: u64) {
    const HEIGHT: u64 = 140;
    let width = bars.len() * 20;
    let view = format!("0 0 {width} {HEIGHT}");
    let attributes = [
        ("class", "chart"),
        ("viewBox", view.as_str()),
        ("preserveAspectRatio", "none"),
        ("role", "img"),
        ("aria-label", "Decisions over time by outcome; the table below has the numbers"),
    ];
    html.within("svg", &attributes, |html| {
        for (number, (minute, counts)) in bars.iter().enumerate() {
            let mut bottom = HEIGHT;
            for (outcome, count) in Outcome::ALL.iter().zip(counts).filter(|(_, count)| **count > 0)
            {
                let height = (count * HEIGHT / most).max(1).min(bottom);
                bottom -= height;
                let place = [(number * 20 + 2).to_string(), bottom.to_string(), height.to_string()];
                let [x, y, height] = place.each_ref().map(String::as_str);
                let attributes = [
                    ("class", outcome.as_str()),
                    ("x", x),
                    ("y", y),
                    ("width", "16"),
                    ("height", height),
                ];
                html.within("rect", &attributes, |html| {
                    html.leaf("title", &[], &format!("{}: {count} {outcome}", moment(minute * 60)));
                });
            }
        }
    });
}

fn by_reason(html: &mut Html, store: &StoreView, decisions: u64) {
    html.within("section", &[("aria-labelledby", "reason-title")], |html| {
        html.leaf("h3", &[("id", "reason-title")], "By reason");
        let mut reasons: Vec<(&(String, Outcome), &u64)> = store.reasons.iter().collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        html.within("table", &[("class", "numbers")], |html| {
            header(html, &["Reason", "Outcome", "Decisions", "Share"]);
            html.within("tbody", &[], |html| {
                for ((reason, outcome), count) in reasons {
                    html.within("tr", &[], |html| {
                        html.leaf("th", &[("scope", "row")], reason);
                        html.within("td", &[], |html| {
                            html.leaf(
                                "span",
                                &[("class", &format!("chip {outcome}"))],
                                outcome.as_str(),
                            );
                        });
                        html.leaf("td", &[("class", "number")], &count.to_string());
                        html.leaf("td", &[("class", "number")], &share(*count, decisions));
                    });
                }
            });
        });
    });
}

/// A share in percent, with one digit after the point.
fn share(part: u64, whole: u64) -> String {
    let tenths = part.saturating_mul(1000) / whole.max(1);
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn waiting(html: &mut Html, store: &StoreView) {
    html.within("section", &[("aria-labelledby", "waiting-title")], |html| {
        html.leaf("h3", &[("id", "waiting-title")], "Customers still pending");
        if store.waiting.is_empty() {
            html.leaf(
                "p",
                &[("class", "quiet")],
                "None: every customer has an account that the channel knows.",
            );
            return;
        }
        html.within("table", &[("class", "waiting")], |html| {
            header(html, &["Customer", "Channel", "Since (UTC)", "For", "Operations", "State"]);
            html.within("tbody", &[], |html| {
                for customer in &store.waiting {
                    html.within("tr", &[], |html| waiting_customer(html, customer, store.last));
                }
            });
        });
        let more = store.pending.saturating_sub(store.waiting.len() as u64);
        if more > 0 {
            html.leaf(
                "p",
                &[("class", "quiet")],
                &format!("and {more} more, which store customers lists"),
            );
        }
    });
}

fn waiting_customer(html: &mut Html, customer: &WaitingCustomer, last: Option<i64>) {
    html.within("th", &[("scope", "row")], |html| html.name(&customer.name));
    html.within("td", &[], |html| html.name(&customer.channel));
    html.leaf("td", &[], &customer.since.map_or("–".to_owned(), moment));
    let waited = customer.since.zip(last).map(|(since, last)| (last - since) / 60);
    html.leaf(
        "td",
        &[("class", "number")],
        &waited.map_or("–".to_owned(), |minutes| format!("{minutes} min")),
    );
    html.leaf("td", &[("class", "number")], &customer.operations.to_string());
    let state =
        if customer.failing { ("fails", "synchronizing fails") } else { ("waits", "waits") };
    html.leaf("td", &[("class", state.0)], state.1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_few_and_hold_every_decision() {
        for spread in [1, 50, 3000, 90_000, 40_000_000] {
            let mut store = StoreView::default();
            for number in 0..200 {
                store.decided(
                    Outcome::Async,
                    "pos-offline",
                    Some(1_795_000_000 + number * spread * 60 / 200),
                );
            }
            let (bars, _) = bars(&store);
            assert!(bars.len() <= 49, "{spread}: {}", bars.len());
            assert_eq!(bars.iter().map(|(_, counts)| counts[1]).sum::<u64>(), 200);
        }
    }

    #[test]
    fn what_has_no_time_is_counted_too() {
        let mut store = StoreView::default();
        store.decided(Outcome::Sync, "real-time", None);
        assert_eq!((bars(&store).0.len(), store.timeless), (0, 1));
        assert_eq!(share(1, 3), "33.3 %");
        assert_eq!(step_words(1440), "1 day");
        assert_eq!(step_words(180), "3 hours");
    }
}
