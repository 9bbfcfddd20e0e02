//! How long a customer stays pending at worst, with the stages of the way.

use crate::check::{Checked, PendingTime, Stage};
use crate::diagnostic::Subject;
use crate::model::{Deployment, Duration, KeyName, Rules, SectionName, Value as Given, said};
use crate::report::text::{Style, TextTable, affected};
use schemars::JsonSchema;
use serde::Serialize;

/// What the business allows, where the deployment says so: `[targets] pending-customer`.
pub(in crate::report) fn target(deployment: &Deployment) -> Option<Duration> {
    match deployment.table(SectionName::Targets)?.value(KeyName::PendingCustomer)? {
        Given::Duration(target) => Some(*target),
        _ => None,
    }
}

/// What a stage is called.
pub(in crate::report) fn stage_name(rules: &Rules, stage: &Stage) -> String {
    let job = stage.job.map(|job| rules.job(job));
    job.map_or_else(|| "Commerce Data Exchange".to_owned(), crate::model::Job::title)
}

/// How long a customer stays pending at worst.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct PendingDocument<'a> {
    /// What the business allows.
    target: Option<String>,
    /// Channels with the same way together.
    times: Vec<TimeDocument<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct TimeDocument<'a> {
    channels: Vec<&'a str>,
    at_most: Option<String>,
    at_most_seconds: Option<u64>,
    /// Whether a stage of the way never comes.
    endless: bool,
    stages: Vec<StageDocument<'a>>,
    /// Values that are not given.
    missing: &'a [String],
}

/// A stage of the way to headquarters and back.
#[derive(Debug, Serialize, JsonSchema)]
struct StageDocument<'a> {
    /// The id of its job, where it is one.
    job: Option<&'a str>,
    name: String,
    interval: Option<String>,
}

/// The pending times of a JSON document.
pub(super) fn pending_document<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
) -> PendingDocument<'a> {
    let rules = deployment.rules();
    let times = checked.pending_by_way().into_iter();
    PendingDocument {
        target: target(deployment).map(|target| target.to_string()),
        times: times.map(|(time, channels)| time_document(rules, time, channels)).collect(),
    }
}

fn time_document<'a>(
    rules: &'a Rules,
    time: &'a PendingTime,
    channels: Vec<&'a str>,
) -> TimeDocument<'a> {
    let stages = time.stages.iter().map(|stage| StageDocument {
        job: stage.job.map(|job| rules.job(job).id.as_str()),
        name: stage_name(rules, stage),
        interval: stage.interval.map(|interval| interval.to_string()),
    });
    TimeDocument {
        channels,
        at_most: time.at_most().map(|time| time.to_string()),
        at_most_seconds: time.at_most().map(Duration::seconds),
        endless: time.is_endless(),
        stages: stages.collect(),
        missing: &time.missing,
    }
}

/// The pending times for people; empty where there is no channel.
pub(super) fn pending_human(deployment: &Deployment, checked: &Checked, style: Style) -> String {
    let times = checked.pending_by_way();
    if times.is_empty() {
        return String::new();
    }
    let mut table =
        TextTable::new(["at most", "of", "because each stage may just have been missed"]);
    for (time, channels) in times {
        let subjects: Vec<Subject> =
            channels.iter().map(|channel| Subject::new("channel", *channel)).collect();
        let whose = match subjects.as_slice() {
            [one] => one.id.clone(),
            several => affected(&several.iter().collect::<Vec<_>>()),
        };
        table.row([at_most(time), whose, way(deployment.rules(), time)]);
    }
    let allowed = |target| format!(", where the business allows {target}");
    let allowed = said(target(deployment), allowed);
    let title = format!("How long a new customer stays pending at worst{allowed}:");
    format!("{}\n{}\n", style.bold(&title), table.render(style))
}

fn at_most(time: &PendingTime) -> String {
    match time.at_most() {
        _ if time.is_endless() => "for ever".to_owned(),
        Some(time) => time.to_string(),
        None => "not known".to_owned(),
    }
}

fn way(rules: &Rules, time: &PendingTime) -> String {
    let stages = time.stages.iter().map(|stage| {
        let interval =
            stage.interval.map_or_else(|| "never".to_owned(), |interval| interval.to_string());
        format!("{} {interval}", stage_name(rules, stage))
    });
    let missing = time.missing.iter().map(|missing| format!("{missing} is not given"));
    stages.chain(missing).collect::<Vec<_>>().join(" + ")
}
