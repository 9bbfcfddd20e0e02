//! A load that was played: decisions and calls hour by hour, the queue over time, how long
//! customers waited. Charts are drawn as pictures with axes; the same numbers stand in tables below
//! them.

use super::parts::{name, section, table};
use crate::model::Outcome;
use crate::report::simulation::{SimulationView, duration};
use crate::report::text::counted;
use crate::simulate::{Counted, PendingTarget};
use maud::{Markup, html};

/// The size of a picture, and of what its axes take.
const WIDTH: u64 = 720;
const HEIGHT: u64 = 190;
const LEFT: u64 = 56;
const TOP: u64 = 10;
const BOTTOM: u64 = 24;
const PLOT: (u64, u64) = (WIDTH - LEFT - 8, HEIGHT - TOP - BOTTOM);
/// So many times stand at an axis, about.
const TIMES: u64 = 8;

/// Writes the section of a simulation.
pub(super) fn write(view: SimulationView<'_>) -> Markup {
    let simulated = view.simulated;
    let people = &simulated.counted;
    let content = html! {
        p.quiet {
            (duration(simulated.duration)) " from " (view.told(0)) " UTC: "
            (counted(people.decisions().iter().sum::<u64>(), "operation")) ", "
            (counted(people.calls(), "call")) " of the Real-time Service, "
            (counted(people.created, "customer")) " created, " (people.pending)
            " pending at the end. How much a job manages is an input, no claim about the product."
        }
        @if let Some(target) = &simulated.target { (target_told(target)) }
        h3 { "Decisions by hour" }
        (decisions(view))
        h3 { "Calls of the Real-time Service by hour" }
        (calls(view))
        h3 { "Rows that wait, over time" }
        (queue(view))
        div.pair {
            (waits(people))
            (outages(view))
        }
        details { summary { "The hours as a table" } (hours(view)) }
    };
    section("simulation", "simulation-title", "A day before it happens", &content)
}

fn target_told(target: &PendingTarget) -> Markup {
    let (class, word) = if target.is_met() { ("pass", "met") } else { ("fail", "missed") };
    html! {
        p {
            "Target for pending customers, " (duration(target.target)) ": "
            span.result.(class) { (word) } ", " (duration(target.longest)) " at worst. "
            @match &target.helps {
                Some(halved) => {
                    "What helps most is " b { (halved.job) } " every " (duration(halved.halved))
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
    most: u64,
}

impl Plane<'_> {
    fn x(&self, at: u64) -> u64 {
        LEFT + at.min(self.view.simulated.duration) * PLOT.0 / self.view.simulated.duration
    }

    /// How high a count stands above the axis.
    fn height(&self, count: u64) -> u64 {
        count * PLOT.1 / self.most.max(1)
    }

    fn y(&self, count: u64) -> u64 {
        TOP + PLOT.1 - self.height(count)
    }

    /// A picture with its axes.
    fn picture(&self, label: &str, content: &Markup) -> Markup {
        let (right, bottom) = (LEFT + PLOT.0, TOP + PLOT.1);
        let middle = self.most / 2;
        html! {
            figure {
                svg.graph viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img" aria-label=(label) {
                    @for outage in self.outages() { (outage) }
                    @for count in [middle, self.most] {
                        line.grid x1=(LEFT) x2=(right) y1=(self.y(count)) y2=(self.y(count)) {}
                    }
                    (content)
                    line.axis x1=(LEFT) x2=(LEFT) y1=(TOP) y2=(bottom) {}
                    line.axis x1=(LEFT) x2=(right) y1=(bottom) y2=(bottom) {}
                    @for count in [0, middle, self.most] {
                        text x=(LEFT - 6) y=(self.y(count) + 4) text-anchor="end" { (count) }
                    }
                    @for at in self.times() {
                        line.axis x1=(self.x(at)) x2=(self.x(at)) y1=(bottom) y2=(bottom + 4) {}
                        text x=(self.x(at)) y=(bottom + 17) text-anchor="middle" {
                            (self.view.time(at))
                        }
                    }
                }
            }
        }
    }

    /// The times that stand at the axis: whole hours.
    fn times(&self) -> impl Iterator<Item = u64> {
        let duration = self.view.simulated.duration;
        let step = (duration / TIMES).div_ceil(3600).max(1) * 3600;
        (0..=duration / step).map(move |number| number * step)
    }

    /// What fails, behind the rest.
    fn outages(&self) -> impl Iterator<Item = Markup> {
        self.view.simulated.counted.outages.iter().map(|catch_up| {
            let period = &catch_up.outage.period;
            let from = self.x(period.start.max(0).cast_unsigned());
            let to = self.x(period.end.max(0).cast_unsigned());
            let width = to.saturating_sub(from).max(1);
            let (kind, channel) = self.view.outage(catch_up);
            html! {
                rect.outage x=(from) y=(TOP) width=(width) height=(PLOT.1) {
                    title { (kind) @if let Some(channel) = channel { " of " (channel) } }
                }
            }
        })
    }

    /// A bar of an hour that begins at a height and is so high.
    fn bar(&self, class: &str, hour: u64, from: u64, count: u64, told: &str) -> Markup {
        let (left, right) = (self.x(hour * 3600), self.x((hour + 1) * 3600));
        let (top, bottom) = (self.y(from + count), self.y(from));
        html! {
            rect.(class) x=(left + 1) y=(top) width=(right.saturating_sub(left + 1).max(1))
                height=(bottom - top) {
                title { (self.view.time(hour * 3600)) ": " (count) " " (told) }
            }
        }
    }
}

fn decisions(view: SimulationView<'_>) -> Markup {
    let hours = &view.simulated.counted.hours;
    let most = hours.iter().map(|hour| hour.decisions.iter().sum()).fold(0, u64::max);
    let plane = Plane { view, most };
    let bars = html! {
        @for (number, hour) in (0..).zip(hours) {
            @for (from, outcome, count) in stacked(hour.decisions) {
                (plane.bar(outcome.as_str(), number, from, count, outcome.as_str()))
            }
        }
    };
    html! {
        (plane.picture("Decisions by hour and outcome; the table below has the numbers", &bars))
        p.keys.quiet {
            @for outcome in Outcome::ALL { span.key.(outcome.as_str()) { (outcome.as_str()) } " " }
            "What is shaded is an outage; the highest hour has " (most) " decisions."
        }
    }
}

/// Counts one above the other: where each begins.
fn stacked(counts: [u64; 3]) -> impl Iterator<Item = (u64, Outcome, u64)> {
    let mut from = 0;
    Outcome::ALL.iter().zip(counts).map(move |(outcome, count)| {
        from += count;
        (from - count, *outcome, count)
    })
}

fn calls(view: SimulationView<'_>) -> Markup {
    let hours = &view.simulated.counted.hours;
    let plane = Plane { view, most: hours.iter().map(|hour| hour.calls).fold(0, u64::max) };
    let bars = html! {
        @for (number, hour) in (0..).zip(hours) {
            (plane.bar("calls", number, 0, hour.calls, "calls"))
        }
    };
    plane.picture("Calls of the Real-time Service by hour; the table below has the numbers", &bars)
}

/// The rows of all channels that are written and not completed, the most of each step.
fn queue(view: SimulationView<'_>) -> Markup {
    let counted = &view.simulated.counted;
    let plane = Plane { view, most: counted.curve.iter().copied().fold(0, u64::max) };
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
        (plane.picture(told, &area))
        p.quiet {
            "Rows of all channels that are written and not completed, those in offline databases \
             too; at most " (plane.most) "."
        }
    }
}

fn waits(counted: &Counted) -> Markup {
    let wait = |of_a_hundred| counted.wait(of_a_hundred).map_or_else(|| "–".to_owned(), duration);
    let rows = html! {
        @for (of_a_hundred, told) in [(50, "half of them"), (95, "95 of a hundred"), (100, "all")] {
            tr { th scope="row" { (told) } td.number { (wait(of_a_hundred)) } }
        }
    };
    html! {
        section aria-labelledby="waits-title" {
            h3 id="waits-title" { "Time to account ID" }
            (table(None, &["Of those who waited", "within"], &rows))
        }
    }
}

fn outages(view: SimulationView<'_>) -> Markup {
    let outages = &view.simulated.counted.outages;
    let rows = html! {
        @for catch_up in outages {
            @let (kind, channel) = view.outage(catch_up);
            tr {
                th scope="row" { (kind) }
                td { @match channel { Some(channel) => (name(channel)), None => "all" } }
                td { (view.told(catch_up.outage.period.start)) }
                td { (view.told(catch_up.outage.period.end)) }
                td { (catch_up.after.map_or_else(|| "not before the end".to_owned(), duration)) }
            }
        }
    };
    html! {
        section aria-labelledby="outages-title" {
            h3 id="outages-title" { "Outages" }
            @if outages.is_empty() { p.quiet { "None in this load." } } @else {
                (table(None, &["What", "Channel", "From", "To", "Caught up after"], &rows))
            }
        }
    }
}

fn hours(view: SimulationView<'_>) -> Markup {
    let rows = html! {
        @for (number, hour) in (0_u64..).zip(&view.simulated.counted.hours) {
            tr {
                th scope="row" { (view.time(number * 3600)) }
                @for count in hour.decisions.iter().chain([&hour.calls, &hour.rows]) {
                    td.number { (count) }
                }
            }
        }
    };
    let columns = ["From", "sync", "async", "rejected", "Calls", "Most rows waiting"];
    table(Some("numbers"), &columns, &rows)
}
