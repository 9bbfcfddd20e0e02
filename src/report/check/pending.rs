//! How long a customer waits until it is of use: at worst and typically, with the stages of each
//! way.

use crate::check::{Checked, PendingTime, Stage};
use crate::diagnostic::Subject;
use crate::model::{Deployment, Duration, Rules, Wait, Way, indexed, said};
use crate::report::text::{Style, TextTable, affected};
use schemars::JsonSchema;
use serde::Serialize;

/// What a stage is called.
pub(in crate::report) fn stage_name(rules: &Rules, stage: &Stage) -> String {
    match stage.wait {
        Wait::Job(job) => rules.job(job).title(),
        Wait::Exchange(number) => indexed(&rules.exchanges, number).name.clone(),
    }
}

/// What a key of a deployment, `section.key` or a section, is called by people.
pub(in crate::report) fn key_in_words(rules: &Rules, written: &str) -> String {
    let (section, key) = written.split_once('.').unwrap_or((written, ""));
    let Some((_, section)) = rules.format.section(section) else { return written.to_owned() };
    match section.key(key) {
        Some((_, key)) => {
            format!("{} ({})", key.name.as_deref().unwrap_or(&key.id), section.title)
        }
        None => section.title.clone(),
    }
}

/// The way with this number.
pub(in crate::report) fn way_of<'a>(rules: &'a Rules, time: &PendingTime) -> &'a Way {
    indexed(&rules.ways, time.way)
}

/// How long a customer that is created in a channel waits until it is of use.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PendingDocument<'a> {
    /// What the business allows.
    target: Option<String>,
    /// Channels with the same times together.
    times: Vec<TimesDocument<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TimesDocument<'a> {
    channels: Vec<&'a str>,
    ways: Vec<TimeDocument<'a>>,
}

/// A way of a customer, and how long it takes.
#[derive(Debug, Serialize, JsonSchema)]
struct TimeDocument<'a> {
    /// The id of the way.
    way: &'a str,
    /// Where the customer then is.
    title: &'a str,
    /// The whole of each wait.
    at_most: Option<String>,
    at_most_seconds: Option<u64>,
    /// Half of each wait.
    typically: Option<String>,
    typically_seconds: Option<u64>,
    /// Whether a stage of the way never comes.
    endless: bool,
    stages: Vec<StageDocument<'a>>,
    /// Values that are not given.
    missing: &'a [String],
}

/// A stage of a way.
#[derive(Debug, Serialize, JsonSchema)]
struct StageDocument<'a> {
    /// The id of its job, where it is one.
    job: Option<&'a str>,
    name: String,
    interval: Option<String>,
}

/// The waits of a JSON document.
pub(super) fn pending_document<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
) -> PendingDocument<'a> {
    let rules = deployment.rules();
    let times = checked.waits().into_iter().map(|(times, channels)| {
        let ways = times.iter().map(|time| time_document(rules, time));
        TimesDocument { channels, ways: ways.collect() }
    });
    PendingDocument {
        target: deployment.pending_target().map(|target| target.to_string()),
        times: times.collect(),
    }
}

fn time_document<'a>(rules: &'a Rules, time: &'a PendingTime) -> TimeDocument<'a> {
    let way = way_of(rules, time);
    let stages = time.stages.iter().map(|stage| StageDocument {
        job: match stage.wait {
            Wait::Job(job) => Some(rules.job(job).id.as_str()),
            Wait::Exchange(_) => None,
        },
        name: stage_name(rules, stage),
        interval: stage.interval.map(|interval| interval.to_string()),
    });
    TimeDocument {
        way: &way.id,
        title: &way.title,
        at_most: time.at_most().map(|time| time.to_string()),
        at_most_seconds: time.at_most().map(Duration::seconds),
        typically: time.typically().map(|time| time.to_string()),
        typically_seconds: time.typically().map(Duration::seconds),
        endless: time.is_endless(),
        stages: stages.collect(),
        missing: &time.missing,
    }
}

/// The waits for people; empty where there is no channel.
pub(super) fn pending_human(
    deployment: &Deployment,
    checked: &Checked,
    width: usize,
    style: Style,
) -> String {
    let waits = checked.waits();
    if waits.is_empty() {
        return String::new();
    }
    let rules = deployment.rules();
    let mut table = TextTable::new(["at most", "typically", "until it is", "of", "waiting for"]);
    for (times, channels) in waits {
        let subjects: Vec<Subject> =
            channels.iter().map(|channel| Subject::new("channel", *channel)).collect();
        let whose = match subjects.as_slice() {
            [one] => one.id.clone(),
            several => affected(&several.iter().collect::<Vec<_>>()),
        };
        let mut whose = Some(whose);
        for time in times {
            let title = way_of(rules, time).title.clone();
            let typically = in_words(time, time.typically());
            // Whom it concerns is said once; what follows is the same channels'.
            let whose = whose.take().unwrap_or_else(|| "the same".to_owned());
            let waits = waits_in_words(rules, time);
            table.row([in_words(time, time.at_most()), typically, title, whose, waits]);
        }
    }
    let allowed = |target| format!(", where the business allows {target}");
    let allowed = said(deployment.pending_target(), allowed);
    let title = format!("How long a new customer waits{allowed}:");
    format!("{}\n{}\n", style.bold(&title), table.render_within(width, style))
}

fn in_words(time: &PendingTime, duration: Option<Duration>) -> String {
    match duration {
        _ if time.is_endless() => "for ever".to_owned(),
        Some(duration) => duration.to_string(),
        None => "not known".to_owned(),
    }
}

fn waits_in_words(rules: &Rules, time: &PendingTime) -> String {
    let stages = time.stages.iter().map(|stage| {
        let interval =
            stage.interval.map_or_else(|| "never".to_owned(), |interval| interval.to_string());
        format!("{} {interval}", stage_name(rules, stage))
    });
    let missing = time.missing.iter();
    let missing = missing.map(|key| format!("{} is not given", key_in_words(rules, key)));
    stages.chain(missing).collect::<Vec<_>>().join(" + ")
}
