//! How long a customer that is created now stays pending at worst, stage by stage.

use super::Reported;
use super::affected::Affected;
use super::first::{header, names};
use super::markup::Html;
use crate::check::PendingTime;
use crate::model::{Catalogue, Duration};
use crate::report::check::pending::{stage_name, target};
use crate::report::text::counted;
use std::cmp::Reverse;
use std::fmt::Write as _;

/// The ways there are, the longest first: one that never ends, then those that can't be told.
fn ways(reported: Reported<'_>) -> Vec<(&PendingTime, Vec<&str>)> {
    let mut ways = reported.checked.pending_by_way();
    ways.sort_by_key(|(time, channels)| {
        let seconds = time.at_most().map(Duration::seconds);
        Reverse((time.is_endless(), seconds.is_none(), seconds, channels.len()))
    });
    ways
}

/// `62 min`, and what is long or not whole minutes as files write it.
fn told(duration: Duration) -> String {
    match duration.seconds() {
        seconds if seconds % 60 == 0 && seconds < 3 * 3600 => format!("{} min", seconds / 60),
        _ => duration.to_string(),
    }
}

fn at_most(time: &PendingTime) -> String {
    match time.at_most() {
        _ if time.is_endless() => "perhaps never".to_owned(),
        Some(time) => format!("after at most {}", told(time)),
        None => "after an unknown time".to_owned(),
    }
}

/// Whether it is longer than the business allows.
fn is_late(reported: Reported<'_>, time: &PendingTime) -> bool {
    let allowed =
        target(reported.engine.deployment()).and_then(|target| target.parse::<Duration>().ok());
    time.is_endless()
        || allowed
            .zip(time.at_most())
            .is_some_and(|(allowed, time)| time.seconds() > allowed.seconds())
}

/// Writes what is seen first: the longest way.
pub(super) fn write_first(html: &mut Html, reported: Reported<'_>) {
    let ways = ways(reported);
    let Some((time, channels)) = ways.first() else { return };
    html.within(
        "section",
        &[("class", "panel pending"), ("aria-labelledby", "pending-first")],
        |html| {
            html.leaf("h2", &[("id", "pending-first")], "A customer created now is real");
            let class = match time.at_most() {
                _ if is_late(reported, time) => "most late",
                Some(_) => "most",
                None => "most untold",
            };
            html.leaf("p", &[("class", class)], &at_most(time));
            bar(html, time);
            html.within("dl", &[("class", "stages")], |html| {
                for (number, (name, interval)) in rows(reported.engine.rules(), time).enumerate() {
                    html.within("div", &[], |html| {
                        html.within("dt", &[], |html| {
                            html.leaf(
                                "span",
                                &[
                                    ("class", &format!("dot s{}", number % 4)),
                                    ("aria-hidden", "true"),
                                ],
                                "",
                            );
                            html.text(&name);
                        });
                        html.leaf("dd", &[("class", "number")], &interval);
                    });
                }
            });
            html.within("p", &[("class", "more")], |html| {
                let mut text = match target(reported.engine.deployment()) {
                    Some(target) => format!("The business allows {target}. "),
                    None => String::new(),
                };
                let all: usize = ways.iter().map(|(_, channels)| channels.len()).sum();
                if channels.len() < all {
                    let _ = write!(text, "At {} of {}. ", channels.len(), counted(all, "channel"));
                }
                html.text(&text);
                html.leaf("a", &[("href", "#pending")], "Every way");
            });
        },
    );
}

/// The stages, then what is not given.
fn rows<'a>(
    rules: &'a Catalogue,
    time: &'a PendingTime,
) -> impl Iterator<Item = (String, String)> + 'a {
    let stages = time.stages.iter().map(|stage| {
        (stage_name(rules, stage), stage.interval.map_or_else(|| "never".to_owned(), told))
    });
    stages.chain(time.missing.iter().map(|missing| (missing.clone(), "not given".to_owned())))
}

/// How the time is made up.
fn bar(html: &mut Html, time: &PendingTime) {
    let all: u64 =
        time.stages.iter().filter_map(|stage| stage.interval).map(Duration::seconds).sum();
    let attributes = [
        ("class", "bar"),
        ("viewBox", "0 0 1000 10"),
        ("preserveAspectRatio", "none"),
        ("aria-hidden", "true"),
    ];
    html.within("svg", &attributes, |html| {
        let mut from = 0;
        for (number, stage) in time.stages.iter().enumerate() {
            let width = stage.interval.map_or(0, Duration::seconds) * 1000 / all.max(1);
            let (class, x, text) =
                (format!("s{}", number % 4), from.to_string(), width.to_string());
            html.leaf(
                "rect",
                &[("class", &class), ("x", &x), ("width", &text), ("height", "10")],
                "",
            );
            from += width;
        }
    });
}

/// Writes every way with its channels.
pub(super) fn write(html: &mut Html, reported: Reported<'_>, affected: &Affected<'_>) {
    let ways = ways(reported);
    if ways.is_empty() {
        return;
    }
    html.within("section", &[("id", "pending"), ("aria-labelledby", "pending-title")], |html| {
        html.leaf(
            "h2",
            &[("id", "pending-title")],
            "How long a new customer stays pending at \
            worst",
        );
        let text = "Each stage may just have been missed, so the times add up. Channels with the \
            same way stand together.";
        html.leaf("p", &[("class", "quiet")], text);
        let attributes = [
            ("class", "wide"),
            ("tabindex", "0"),
            ("role", "group"),
            ("aria-labelledby", "pending-title"),
        ];
        html.within("div", &attributes, |html| {
            html.within("table", &[], |html| {
                header(html, &["Real", "Stores", "Stage by stage"]);
                html.within("tbody", &[], |html| {
                    for (time, channels) in &ways {
                        html.within("tr", &[], |html| {
                            way(html, reported, affected, time, channels);
                        });
                    }
                });
            });
        });
    });
    html.line();
}

fn way(
    html: &mut Html,
    reported: Reported<'_>,
    affected: &Affected<'_>,
    time: &PendingTime,
    channels: &[&str],
) {
    let class = if is_late(reported, time) { "late" } else { "" };
    html.leaf("th", &[("scope", "row"), ("class", class)], &at_most(time));
    html.within("td", &[("class", "where")], |html| {
        let deployment = reported.engine.deployment();
        let numbers = channels.iter().filter_map(|id| deployment.find("channel", id)).collect();
        let told = affected.told(&numbers, 8);
        html.text(&told.count);
        names(html, &told.named, told.more);
    });
    let stages: Vec<String> = rows(reported.engine.rules(), time)
        .map(|(name, interval)| format!("{name}: {interval}"))
        .collect();
    html.leaf("td", &[], &stages.join(" + "));
}
