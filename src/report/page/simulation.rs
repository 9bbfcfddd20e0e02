//! A load that was played: decisions and calls hour by hour, the queue over time, how long
//! customers waited. Charts are drawn as pictures with axes; the same numbers stand in tables below
//! them.

use super::parts::{name, section, table, wide};
use crate::model::Outcome;
use crate::report::simulation::{SimulationView, duration, outage_in_words};
use crate::report::text::counted;
use crate::simulate::{Counted, Hour, PendingTarget};
use maud::{Markup, html};
use std::ops::Range;

/// The size of a picture, and of what its axes take: room for numbers as large as they are on a
/// narrow screen.
const WIDTH: u64 = 720;
const HEIGHT: u64 = 256;
const LEFT: u64 = 64;
const TOP: u64 = 20;
const BOTTOM: u64 = 38;
const PLOT: (u64, u64) = (WIDTH - LEFT - 32, HEIGHT - TOP - BOTTOM);
/// So many times stand at an axis at most, and so many bars in a picture.
const TIMES: u64 = 8;
const BARS: u64 = 240;
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
/// What may lie between two times at an axis.
const STEPS: [u64; 12] = [
    HOUR,
    2 * HOUR,
    3 * HOUR,
    4 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    2 * DAY,
    4 * DAY,
    7 * DAY,
    14 * DAY,
    56 * DAY,
];

/// Writes the section of a simulation.
pub(super) fn write(view: SimulationView<'_>) -> Markup {
    let simulated = view.simulated;
    let people = &simulated.counted;
    let slots = Slots::of(view);
    let by = slots.by();
    let content = html! {
        p.quiet {
            (duration(simulated.duration)) " from " (view.told(0)) " UTC: "
            (counted(people.decisions().iter().sum::<u64>(), "operation")) ", "
            (counted(people.calls(), "call")) " of the Real-time Service, "
            (counted(people.created, "customer")) " created, " (people.pending)
            " pending at the end. How much a job manages is an input, no claim about the product."
        }
        @if let Some(target) = &simulated.target { (target_told(view, target)) }
        div.pair {
            (part("decisions", &format!("Decisions {by}"), &decisions(view, &slots)))
            (part("calls", &format!("Calls of the Real-time Service {by}"), &calls(view, &slots)))
            (part("queue", "Rows that wait, over time", &queue(view)))
            (part("waits", "Time to account ID", &waits(people)))
        }
        h3 id="outages-title" { "Outages" }
        (outages(view))
        details { summary { "The numbers as a table" } (numbers(view, &slots)) }
    };
    section("simulation", "simulation-title", "A day before it happens", &content)
}

/// A part of the section, in a frame.
fn part(id: &str, title: &str, content: &Markup) -> Markup {
    let id = format!("{id}-title");
    html! { section aria-labelledby=(id) { h3 id=(id) { (title) } (content) } }
}

/// The hours of a load; of a long one several are put together.
struct Slots {
    /// How many hours each has.
    hours: u64,
    slots: Vec<Hour>,
}

/// Hours as one: what happened in all of them, and the most rows that waited in one.
fn together(hours: &[Hour]) -> Hour {
    let mut slot = Hour::default();
    for hour in hours {
        for (all, count) in slot.decisions.iter_mut().zip(hour.decisions) {
            *all += count;
        }
        slot.calls += hour.calls;
        slot.rows = slot.rows.max(hour.rows);
    }
    slot
}

impl Slots {
    fn of(view: SimulationView<'_>) -> Self {
        let all = &view.simulated.counted.hours;
        let hours = (all.len() as u64).div_ceil(BARS).max(1);
        // No more hours are put together than there are.
        let parts = all.chunks(usize::try_from(hours).unwrap_or(usize::MAX));
        Self { hours, slots: parts.map(together).collect() }
    }

    /// How the slots are called: `by hour`, `every 5 hours`.
    fn by(&self) -> String {
        if self.hours == 1 { "by hour".to_owned() } else { format!("every {} hours", self.hours) }
    }

    /// When a slot begins.
    fn begin(&self, number: u64) -> u64 {
        number * self.hours * HOUR
    }
}

fn target_told(view: SimulationView<'_>, target: &PendingTarget) -> Markup {
    let (class, word) = if target.is_met() { ("pass", "met") } else { ("fail", "missed") };
    html! {
        p {
            "Target for pending customers, " (duration(target.target)) ": "
            span.result.(class) { (word) } ", " (duration(target.longest)) " at worst. "
            @match &target.helps {
                Some(halved) => {
                    "What helps most is " b { (view.job(&halved.job)) }
                    " every " (duration(halved.halved))
                    " instead of " (duration(halved.recurrence)) ": " (duration(halved.longest))
                    " at worst."
                }
                None => { "Halving a single recurrence makes it no shorter." }
            }
        }
    }
}

/// The plane of a picture: a time to the right, a count upwards.
struct Plane<'a> {
    view: SimulationView<'a>,
    /// What lies between two lines, and the count at the top.
    step: u64,
    top: u64,
}

impl<'a> Plane<'a> {
    /// A plane for counts up to this.
    fn new(view: SimulationView<'a>, most: u64) -> Self {
        let step = round_step(most);
        Self { view, step, top: most.div_ceil(step).max(1) * step }
    }

    fn x(&self, at: u64) -> u64 {
        LEFT + at.min(self.view.simulated.duration) * PLOT.0 / self.view.simulated.duration
    }

    /// How high a count stands above the axis.
    fn height(&self, count: u64) -> u64 {
        count * PLOT.1 / self.top
    }

    fn y(&self, count: u64) -> u64 {
        TOP + PLOT.1 - self.height(count)
    }

    /// A picture with its axes.
    fn picture(&self, label: &str, content: &Markup) -> Markup {
        let (right, bottom) = (LEFT + PLOT.0, TOP + PLOT.1);
        let counts = || (0..=self.top / self.step).map(|number| number * self.step);
        html! {
            svg.graph viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
                @for outage in self.outages() { (outage) }
                @for count in counts().skip(1) {
                    line.grid x1=(LEFT) x2=(right) y1=(self.y(count)) y2=(self.y(count)) {}
                }
                (content)
                line.axis x1=(LEFT) x2=(LEFT) y1=(TOP) y2=(bottom) {}
                line.axis x1=(LEFT) x2=(right) y1=(bottom) y2=(bottom) {}
                @for count in counts() {
                    text x=(LEFT - 6) y=(self.y(count) + 5) text-anchor="end" { (short(count)) }
                }
                @for (at, told) in self.times() {
                    line.axis x1=(self.x(at)) x2=(self.x(at)) y1=(bottom) y2=(bottom + 4) {}
                    text x=(self.x(at)) y=(bottom + 28) text-anchor="middle" { (told) }
                }
            }
        }
    }

    /// The times that stand at the axis: whole hours of the clock, or days at their midnight.
    fn times(&self) -> impl Iterator<Item = (u64, String)> {
        let (begin, duration) = (self.view.begin(), self.view.simulated.duration);
        // No load is longer than as many of the longest steps.
        let step = STEPS.into_iter().find(|step| duration <= TIMES * step).unwrap_or(56 * DAY);
        let into_step = begin.rem_euclid(step.min(DAY).cast_signed()).cast_unsigned();
        let first = (step.min(DAY) - into_step) % step.min(DAY);
        let ticks = (0..).map(move |number| first + number * step);
        let within = ticks.take_while(move |at| *at <= duration);
        within.map(move |at| {
            let is_midnight = (begin + at.cast_signed()).rem_euclid(DAY.cast_signed()) == 0;
            let form = if duration > DAY && is_midnight { "%m-%d" } else { "%H:%M" };
            (at, self.view.formatted(at, form))
        })
    }

    /// What fails, behind the rest.
    fn outages(&self) -> impl Iterator<Item = Markup> {
        self.view.simulated.counted.outages.iter().map(|catch_up| {
            let period = &catch_up.outage.period;
            let from = self.x(period.start.max(0).cast_unsigned());
            let to = self.x(period.end.max(0).cast_unsigned());
            let width = to.saturating_sub(from).max(1);
            let (_, channel) = self.view.outage(catch_up);
            let kind = outage_in_words(catch_up);
            html! {
                rect.outage x=(from) y=(TOP) width=(width) height=(PLOT.1) {
                    title { (kind) @if let Some(channel) = channel { " of " (channel) } }
                }
            }
        })
    }

    /// A bar of an hour that begins at a height and is so high.
    fn bar(&self, class: &str, (begin, end): (u64, u64), from: u64, count: u64) -> Markup {
        let (left, right) = (self.x(begin), self.x(end));
        let (top, bottom) = (self.y(from + count), self.y(from));
        html! {
            @if count > 0 {
                rect.(class) x=(left + 1) y=(top) width=(right.saturating_sub(left + 1).max(1))
                    height=(bottom - top) {
                    title { (self.view.time(begin)) ": " (count) " " (class) }
                }
            }
        }
    }
}

/// A round number of which some four make up a count: 1, 2 or 5 with noughts.
fn round_step(most: u64) -> u64 {
    let mut power = 1;
    loop {
        for step in [power, 2 * power, 5 * power] {
            if most <= 4 * step {
                return step;
            }
        }
        power *= 10;
    }
}

/// A count of an axis: `500`, `20k`, `1.5M`.
fn short(count: u64) -> String {
    match count {
        0..10_000 => count.to_string(),
        10_000..1_000_000 => format!("{}k", count / 1000),
        _ if count.is_multiple_of(1_000_000) => format!("{}M", count / 1_000_000),
        _ => format!("{}.{}M", count / 1_000_000, count % 1_000_000 / 100_000),
    }
}

fn decisions(view: SimulationView<'_>, slots: &Slots) -> Markup {
    let most = slots.slots.iter().map(|slot| slot.decisions.iter().sum()).fold(0, u64::max);
    let plane = Plane::new(view, most);
    let bars = html! {
        @for (number, slot) in (0..).zip(&slots.slots) {
            @let period = (slots.begin(number), slots.begin(number + 1));
            @for (from, outcome, count) in stacked(slot.decisions) {
                (plane.bar(outcome.as_str(), period, from, count))
            }
        }
    };
    let label = "Decisions over time by outcome; the table below has the numbers";
    html! {
        figure {
            (plane.picture(label, &bars))
            figcaption {
                @for outcome in Outcome::ALL { span.key.(outcome.as_str()) { (outcome.as_str()) } }
                (outage_key(view))
                span { "At most " (most) "." }
            }
        }
    }
}

/// What is shaded, where something is.
fn outage_key(view: SimulationView<'_>) -> Markup {
    let outages = &view.simulated.counted.outages;
    html! { @if !outages.is_empty() { span.key.outage { "outage" } } }
}

/// Counts one above the other: where each begins.
fn stacked(counts: [u64; 3]) -> impl Iterator<Item = (u64, Outcome, u64)> {
    let mut from = 0;
    Outcome::ALL.iter().zip(counts).map(move |(outcome, count)| {
        from += count;
        (from - count, *outcome, count)
    })
}

fn calls(view: SimulationView<'_>, slots: &Slots) -> Markup {
    let most = slots.slots.iter().map(|slot| slot.calls).fold(0, u64::max);
    let plane = Plane::new(view, most);
    let bars = html! {
        @for (number, slot) in (0..).zip(&slots.slots) {
            (plane.bar("calls", (slots.begin(number), slots.begin(number + 1)), 0, slot.calls))
        }
    };
    let label = "Calls of the Real-time Service over time; the table below has the numbers";
    html! {
        figure {
            (plane.picture(label, &bars))
            figcaption {
                span.key.calls { "calls" }
                (outage_key(view))
                span { "At most " (most) "." }
            }
        }
    }
}

/// The rows of all channels that are written and not completed, the most of each step.
fn queue(view: SimulationView<'_>) -> Markup {
    let counted = &view.simulated.counted;
    let most = counted.curve.iter().copied().fold(0, u64::max);
    let plane = Plane::new(view, most);
    let mut line = String::new();
    for (number, rows) in (0..).zip(&counted.curve) {
        line += &format!("{},{} ", plane.x(number * counted.step), plane.y(*rows));
    }
    let (end, bottom) = (LEFT + PLOT.0, TOP + PLOT.1);
    let last = counted.curve.last().map_or(bottom, |rows| plane.y(*rows));
    let told = "Rows that wait, over time; the table below has the most of each hour";
    let area = html! {
        polygon.area points={
            (LEFT) "," (bottom) " " (line) (end) "," (last) " " (end) "," (bottom)
        } {}
        polyline.line points={ (line) (end) "," (last) } {}
    };
    html! {
        figure {
            (plane.picture(told, &area))
            figcaption {
                span.key.rows { "rows of all channels" }
                (outage_key(view))
                span {
                    "Written and not completed, those in offline databases too: at most " (most)
                    "."
                }
            }
        }
    }
}

fn waits(counted: &Counted) -> Markup {
    let wait = |of_a_hundred| counted.wait(of_a_hundred).map_or_else(|| "–".to_owned(), duration);
    let rows = html! {
        @for (of_a_hundred, told) in [(50, "half of them"), (95, "95 of a hundred"), (100, "all")] {
            tr { th scope="row" { (told) } td { (wait(of_a_hundred)) } }
        }
    };
    html! {
        (table(Some("waited"), &["Of those who waited", "within"], &rows))
        p.quiet { "Customers who were created asynchronously and got their account ID in time." }
    }
}

fn outages(view: SimulationView<'_>) -> Markup {
    let outages = &view.simulated.counted.outages;
    let rows = html! {
        @for catch_up in outages {
            @let (_, channel) = view.outage(catch_up);
            @let period = &catch_up.outage.period;
            tr {
                th scope="row" { (outage_in_words(catch_up)) }
                td { @match channel { Some(channel) => (name(channel)), None => "all" } }
                td { (when(view, period)) }
                td { (catch_up.after.map_or_else(|| "not before the end".to_owned(), duration)) }
            }
        }
    };
    let columns = ["What", "Channel", "When", "Caught up after"];
    html! {
        @if outages.is_empty() {
            p.quiet { "None in this load." }
        } @else {
            (wide("outages-title", &table(Some("outages"), &columns, &rows)))
        }
    }
}

/// `2026-11-27 12:00 to 14:00`; the second day only where it is another.
fn when(view: SimulationView<'_>, period: &Range<i64>) -> Markup {
    let ([day, begin], [last, end]) = view.period(period);
    html! {
        span.day { (day) } " " (begin) " to "
        @if !last.is_empty() { span.day { (last) } " " }
        (end)
    }
}

fn numbers(view: SimulationView<'_>, slots: &Slots) -> Markup {
    let rows = html! {
        @for (number, slot) in (0_u64..).zip(&slots.slots) {
            tr {
                th scope="row" { (view.time(slots.begin(number))) }
                @for count in slot.decisions.iter().chain([&slot.calls, &slot.rows]) {
                    td.number { (count) }
                }
            }
        }
    };
    let columns = ["From", "sync", "async", "rejected", "Calls", "Most rows waiting"];
    table(Some("hourly"), &columns, &rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_have_round_numbers() {
        for (most, step) in [
            (0, 1),
            (1, 1),
            (4, 1),
            (5, 2),
            (393, 100),
            (709, 200),
            (2160, 1000),
            (864_000, 500_000),
        ] {
            assert_eq!(round_step(most), step, "{most}");
        }
        for (count, told) in [
            (0, "0"),
            (2000, "2000"),
            (20_000, "20k"),
            (1_000_000, "1M"),
            (1_500_000, "1.5M"),
            (100_000_000, "100M"),
        ] {
            assert_eq!(short(count), told);
        }
    }
}
