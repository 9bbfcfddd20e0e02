//! `simulate --format human`.

use super::view::{SimulationView, duration, outage_in_words};
use crate::model::said;
use crate::report::text::{Style, TextTable, counted};
use crate::simulate::{Hour, PendingTarget};
use std::cmp::Reverse;

/// How wide the longest bar is.
const BAR: u64 = 40;

/// Of more channels only those with most rows are told.
const QUEUES: usize = 12;

/// `simulate --format human`.
pub fn simulation_human(views: &[SimulationView<'_>], seed: u64, style: Style) -> String {
    let mut text = String::new();
    for view in views {
        let simulated = view.simulated;
        let title = style.bold(view.name());
        let (begin, length) = (view.told(0), duration(simulated.duration));
        text.push_str(&format!("{title}: {length} from {begin} UTC, seed {seed}\n\n"));
        text.push_str(&operations(*view, style));
        text.push_str(&calls(*view, style));
        text.push_str(&format!("\n{}\n", customers(*view)));
        if let Some(target) = &simulated.target {
            text.push_str(&format!("{}\n", target_told(*view, target, style)));
        }
        text.push_str(&queues(*view, style));
        text.push_str(&outages(*view, style));
        if views.len() > 1 {
            text.push('\n');
        }
    }
    if views.len() > 1 {
        text.push_str(&beside(views, style));
    }
    text
}

/// The operations that were tried, by outcome.
fn operations(view: SimulationView<'_>, style: Style) -> String {
    let counted = &view.simulated.counted;
    let mut table = TextTable::new(["operation", "sync", "async", "rejected"]);
    let rows = counted.operations.iter().map(|(name, counts)| (name.as_str(), *counts));
    for (name, counts) in rows.chain([("all", counted.decisions())]) {
        let counts = counts.iter().map(u64::to_string);
        table.row(std::iter::once(name.to_owned()).chain(counts));
    }
    let mut text = table.render(style);
    let mut table = TextTable::new(["reason", "decisions"]);
    for (reason, count) in &counted.by_reason {
        table.row([reason.clone(), count.to_string()]);
    }
    text.push('\n');
    text.push_str(&table.render(style));
    text
}

/// Calls of the Real-time Service by hour, as bars.
fn calls(view: SimulationView<'_>, style: Style) -> String {
    let counted = &view.simulated.counted;
    let most = counted.hours.iter().map(|hour| hour.calls).fold(0, u64::max);
    let total = counted.calls();
    let mut text =
        format!("\ncalls of the Real-time Service: {total}, at most {most} in an hour\n");
    if total == 0 {
        return text;
    }
    for (number, Hour { calls, .. }) in (0_u64..).zip(&counted.hours) {
        let bar: String = (0..(calls * BAR).div_ceil(most)).map(|_| '█').collect();
        let time = style.dim(&view.time(number * 3600));
        text.push_str(&format!("{time}  {bar:<40}  {calls}\n"));
    }
    text
}

fn customers(view: SimulationView<'_>) -> String {
    let people = &view.simulated.counted;
    let wait = |of_a_hundred| people.wait(of_a_hundred).map(duration);
    let created = counted(people.created, "customer");
    let mut text = format!("{created} created, {} pending at the end\n", people.pending);
    match (wait(50), wait(95), wait(100)) {
        (Some(half), Some(most), Some(all)) => {
            text.push_str(&format!(
                "time to account ID: half {half}, 95 of a hundred {most}, at most {all}"
            ));
        }
        _ => text.push_str("time to account ID: none waited for it and got it"),
    }
    text
}

fn target_told(view: SimulationView<'_>, target: &PendingTarget, style: Style) -> String {
    let (aim, longest) = (duration(target.target), duration(target.longest));
    let mut text = if target.is_met() {
        format!("{} the target of {aim}: {longest} at worst", style.good("met:"))
    } else {
        format!("{} the target of {aim}: {longest} at worst", style.bad("missed:"))
    };
    match &target.helps {
        Some(halved) => {
            let (job, recurrence) = (view.job(&halved.job), duration(halved.recurrence));
            let (half, longest) = (duration(halved.halved), duration(halved.longest));
            text.push_str(&format!("\nwhat helps most is {job} every {half} instead of "));
            text.push_str(&format!("{recurrence}: {longest} at worst"));
        }
        None => text.push_str("\nhalving a single recurrence makes it no shorter"),
    }
    text
}

fn queues(view: SimulationView<'_>, style: Style) -> String {
    let mut table = TextTable::new(["channel", "most rows", "at", "none left at"]);
    let told = |at: u64| view.told(at.cast_signed());
    let mut queues: Vec<_> = view.queues().filter(|(_, queue)| queue.peak > 0).collect();
    let more = queues.len().saturating_sub(QUEUES);
    if more > 0 {
        queues.sort_by_key(|(_, queue)| Reverse(queue.peak));
        queues.truncate(QUEUES);
    }
    for (channel, queue) in queues {
        let drained = queue.drained_at.map_or_else(|| "not before the end".to_owned(), told);
        let peak_at = said(queue.peak_at, told);
        table.row([channel.to_owned(), queue.peak.to_string(), peak_at, drained]);
    }
    if table.is_empty() {
        return String::new();
    }
    let mut text = format!("\n{}", table.render(style));
    if more > 0 {
        let more = counted(more as u64, "other channel");
        text.push_str(&format!("and {more} with no more rows; --format json has all\n"));
    }
    text
}

fn outages(view: SimulationView<'_>, style: Style) -> String {
    let mut table = TextTable::new(["outage", "channel", "when", "caught up after"]);
    for catch_up in &view.simulated.counted.outages {
        let (_, channel) = view.outage(catch_up);
        let ([day, begin], [last, end]) = view.period(&catch_up.outage.period);
        // The year stands above.
        let short = |day: &str| said(day.split_once('-'), |(_, day)| format!("{day} "));
        let when = format!("{}{begin} to {}{end}", short(&day), short(&last));
        let after = catch_up.after.map_or_else(|| "not before the end".to_owned(), duration);
        let channel = channel.unwrap_or("all").to_owned();
        table.row([outage_in_words(catch_up).to_owned(), channel, when, after]);
    }
    if table.is_empty() { String::new() } else { format!("\n{}", table.render(style)) }
}

/// Deployments beside each other.
fn beside(views: &[SimulationView<'_>], style: Style) -> String {
    let names = views.iter().map(|view| view.name());
    let mut table = TextTable::new(std::iter::once("").chain(names));
    let mut row = |what: &str, value: &dyn Fn(&SimulationView<'_>) -> String| {
        table.row(std::iter::once(what.to_owned()).chain(views.iter().map(value)));
    };
    for (outcome, what) in ["sync", "async", "rejected"].iter().enumerate() {
        row(what, &|view| {
            let counts = view.simulated.counted.decisions();
            counts.get(outcome).map_or_else(String::new, u64::to_string)
        });
    }
    row("Real-time Service calls", &|view| view.simulated.counted.calls().to_string());
    row("at most in an hour", &|view| {
        let hours = view.simulated.counted.hours.iter();
        hours.map(|hour| hour.calls).fold(0, u64::max).to_string()
    });
    for (of_a_hundred, what) in [
        (50, "time to account ID: half"),
        (95, "time to account ID: 95 of a hundred"),
        (100, "time to account ID: at most"),
    ] {
        row(what, &|view| {
            view.simulated.counted.wait(of_a_hundred).map_or_else(|| "-".to_owned(), duration)
        });
    }
    row("pending at the end", &|view| view.simulated.counted.pending.to_string());
    row("most rows waiting", &|view| {
        view.simulated.counted.curve.iter().max().map_or_else(String::new, u64::to_string)
    });
    table.render(style)
}
