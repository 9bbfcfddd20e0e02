//! How long a customer that is created now stays pending at worst, stage by stage.

use super::Reported;
use super::affected::Told;
use super::overview::bar;
use super::parts::{names, panel, section, table, wide};
use crate::check::PendingTime;
use crate::model::{Duration, Rules};
use crate::report::check::pending::{stage_name, target};
use crate::report::text::counted;
use maud::{Markup, html};
use std::cmp::Reverse;

/// A way to headquarters and back, and the channels that have it.
type Way<'a> = (&'a PendingTime, Vec<&'a str>);

/// The ways there are, the longest first: one that never ends, then those that can't be told.
fn ways(reported: Reported<'_>) -> Vec<Way<'_>> {
    let mut ways = reported.checked.pending_by_way();
    ways.sort_by_key(|(time, channels)| {
        let seconds = time.at_most().map(Duration::seconds);
        Reverse((time.is_endless(), seconds.is_none(), seconds, channels.len()))
    });
    ways
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
    time.is_endless() || target(reported.engine.deployment()).is_some_and(is_over)
}

/// Writes what is seen first: the longest way.
pub(super) fn write_first(reported: Reported<'_>) -> Markup {
    let ways = ways(reported);
    let title = "A customer created now is real";
    match ways.first() {
        Some(way) => panel("pending", "pending-first", title, &longest(reported, &ways, way)),
        None => html! {},
    }
}

fn longest(reported: Reported<'_>, ways: &[Way<'_>], (time, channels): &Way<'_>) -> Markup {
    let class = match time.at_most() {
        _ if is_late(reported, time) => "most late",
        Some(_) => "most",
        None => "most untold",
    };
    let all: usize = ways.iter().map(|(_, channels)| channels.len()).sum();
    html! {
        p class=(class) { (at_most(time)) }
        (bar(&parts(time)))
        dl.stages { (stages(reported.engine.rules(), time)) }
        p.more {
            @if let Some(target) = target(reported.engine.deployment()) {
                "The business allows " (target.to_string()) ". "
            }
            @if channels.len() < all {
                "At " (channels.len()) " of " (counted(all, "channel")) ". "
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
    format!("s{}", number % 4)
}

/// The stages, then what is not given.
fn rows<'a>(
    rules: &'a Rules,
    time: &'a PendingTime,
) -> impl Iterator<Item = (String, String)> + 'a {
    let stages = time.stages.iter().map(|stage| {
        (stage_name(rules, stage), stage.interval.map_or_else(|| "never".to_owned(), in_words))
    });
    stages.chain(time.missing.iter().map(|missing| (missing.clone(), "not given".to_owned())))
}

/// How the time is made up, in seconds; a stage that never comes takes no room.
fn parts(time: &PendingTime) -> Vec<(String, u64)> {
    // A bar has no room for what never ends; the words beside it say that.
    let seconds = time.stages.iter().map(|stage| stage.interval.map_or(0, Duration::seconds));
    seconds.enumerate().map(|(number, seconds)| (shade(number), seconds)).collect()
}

/// Writes every way with its channels.
pub(super) fn write(reported: Reported<'_>) -> Markup {
    let ways = ways(reported);
    let rows = html! { @for way in &ways { (row(reported, way)) } };
    let content = html! {
        p.quiet {
            "Each stage may just have been missed, so the times add up. Channels with the same way \
             stand together."
        }
        (wide("pending-title", &table(None, &["Real", "Stores", "Stage by stage"], &rows)))
    };
    let title = "How long a new customer stays pending at worst";
    match ways.len() {
        0 => html! {},
        _ => section("pending", "pending-title", title, &content),
    }
}

fn row(reported: Reported<'_>, (time, channels): &Way<'_>) -> Markup {
    let class = if is_late(reported, time) { "late" } else { "" };
    let stages: Vec<String> = rows(reported.engine.rules(), time)
        .map(|(name, interval)| format!("{name}: {interval}"))
        .collect();
    let told = Told::of(channels.clone(), reported.engine.channels().count());
    html! {
        tr {
            th scope="row" class=(class) { (at_most(time)) }
            td.where { (told.count) (names(&told.named, 8)) }
            td { (stages.join(" + ")) }
        }
    }
}
