//! How long a customer that is created now waits until it is of use, stage by stage.

use super::Reported;
use super::affected::Told;
use super::overview::bar;
use super::parts::{names, panel, section, table, wide};
use crate::check::PendingTime;
use crate::model::{Duration, Rules};
use crate::report::check::pending::{key_in_words, stage_name, way_of};
use crate::report::text::counted;
use maud::{Markup, html};
use std::cmp::Reverse;

/// How long it takes on one way, and the channels where it takes that long.
type Times<'a> = (&'a PendingTime, Vec<&'a str>);

/// The times on a way, the longest first: one that never ends, then those that can't be told.
fn times(reported: Reported<'_>, way: usize) -> Vec<Times<'_>> {
    let mut times = reported.checked.waits_on(way);
    times.sort_by_key(|(time, channels)| {
        let seconds = time.at_most().map(Duration::seconds);
        Reverse((time.is_endless(), seconds.is_none(), seconds, channels.len()))
    });
    times
}

/// `62 min`, and what is long or not whole minutes as files write it.
fn in_words(duration: Duration) -> String {
    match duration.seconds() {
        seconds if seconds % 60 == 0 && seconds < 3 * 3600 => format!("{} min", seconds / 60),
        _ => duration.to_string(),
    }
}

fn at_most(time: &PendingTime) -> String {
    match time.at_most() {
        _ if time.is_endless() => "perhaps never".to_owned(),
        Some(time) => format!("after at most {}", in_words(time)),
        None => "after an unknown time".to_owned(),
    }
}

/// Whether it is longer than the business allows.
fn is_late(reported: Reported<'_>, time: &PendingTime) -> bool {
    let is_over =
        |allowed: Duration| time.at_most().is_some_and(|time| time.seconds() > allowed.seconds());
    time.is_endless() || reported.engine.deployment().pending_target().is_some_and(is_over)
}

/// Writes what is seen first: the longest time on the way that is told first.
pub(super) fn write_first(reported: Reported<'_>) -> Markup {
    let ways = reported.engine.rules().ways.iter();
    let Some(first) = ways.clone().position(|way| way.first) else { return html! {} };
    let times = times(reported, first);
    let title = "A customer created now is usable";
    match times.first() {
        Some(longest) => {
            panel("pending", "pending-first", title, &content(reported, &times, longest))
        }
        None => html! {},
    }
}

fn content(reported: Reported<'_>, all: &[Times<'_>], (time, channels): &Times<'_>) -> Markup {
    let class = match time.at_most() {
        _ if is_late(reported, time) => "most late",
        Some(_) => "most",
        None => "most untold",
    };
    let count: usize = all.iter().map(|(_, channels)| channels.len()).sum();
    html! {
        p class=(class) { (at_most(time)) }
        (bar(&parts(time)))
        dl.stages { (stages(reported.engine.rules(), time)) }
        p.more {
            @if let Some(typically) = time.typically() {
                "Typically after " (in_words(typically)) ". "
            }
            @if let Some(target) = reported.engine.deployment().pending_target() {
                "The business allows " (target.to_string()) ". "
            }
            @if channels.len() < count {
                "At " (channels.len()) " of " (counted(count, "channel")) ". "
            }
            a href="#pending" { "Every way" }
        }
    }
}

fn stages(rules: &Rules, time: &PendingTime) -> Markup {
    html! {
        @for (number, (name, interval)) in rows(rules, time).enumerate() {
            div {
                dt { span.dot.(shade(number)) aria-hidden="true" {} (name) }
                dd.number { (interval) }
            }
        }
    }
}

/// The class of a stage's colour.
fn shade(number: usize) -> String {
    format!("s{}", number % 5)
}

/// The stages, then what is not given.
fn rows<'a>(
    rules: &'a Rules,
    time: &'a PendingTime,
) -> impl Iterator<Item = (String, String)> + 'a {
    let stages = time.stages.iter().map(|stage| {
        (stage_name(rules, stage), stage.interval.map_or_else(|| "never".to_owned(), in_words))
    });
    let missing = time.missing.iter();
    stages.chain(missing.map(|key| (key_in_words(rules, key), "not given".to_owned())))
}

/// How the time is made up, in seconds; a stage that never comes takes no room.
fn parts(time: &PendingTime) -> Vec<(String, u64)> {
    // A bar has no room for what never ends; the words beside it say that.
    let seconds = time.stages.iter().map(|stage| stage.interval.map_or(0, Duration::seconds));
    seconds.enumerate().map(|(number, seconds)| (shade(number), seconds)).collect()
}

/// Writes every way with its channels.
pub(super) fn write(reported: Reported<'_>) -> Markup {
    let ways = 0..reported.engine.rules().ways.len();
    let all: Vec<Times<'_>> = ways.flat_map(|way| times(reported, way)).collect();
    if all.is_empty() {
        return html! {};
    }
    let rows = html! { @for times in &all { (row(reported, times)) } };
    let heads = ["The customer is", "At most", "Typically", "Stores", "Stage by stage"];
    let content = html! {
        p.quiet {
            "At worst each stage has just been missed, so the times add up; typically half of each \
             wait is over. Channels with the same time stand together."
        }
        (wide("pending-title", &table(Some("ways"), &heads, &rows)))
    };
    section("pending", "pending-title", "How long a new customer waits", &content)
}

fn row(reported: Reported<'_>, (time, channels): &Times<'_>) -> Markup {
    let rules = reported.engine.rules();
    let title = &way_of(rules, time).title;
    let is_first = way_of(rules, time).first;
    let class = if is_first && is_late(reported, time) { "late" } else { "" };
    let stages: Vec<String> =
        rows(rules, time).map(|(name, interval)| format!("{name}: {interval}")).collect();
    let told = Told::of(channels.clone(), reported.engine.channels().count());
    let in_words = |duration: Option<Duration>| match duration {
        _ if time.is_endless() => "perhaps never".to_owned(),
        Some(duration) => in_words(duration),
        None => "unknown".to_owned(),
    };
    html! {
        tr {
            th scope="row" class=(class) { (title) }
            td.number { (in_words(time.at_most())) }
            td.number { (in_words(time.typically())) }
            td.where { (told.count) (names(&told.named, 8)) }
            td { (stages.join(" + ")) }
        }
    }
}
