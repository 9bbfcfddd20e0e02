//! How long a customer stays pending at worst, with the stages of the way.

use crate::check::{Checked, PendingTime, Stage};
use crate::diagnostic::Subject;
use crate::model::{Catalogue, Deployment, Duration, Value as Given};
use crate::report::text::{Style, Table, affected};
use serde_json::{Value, json};

/// What the business allows, where the deployment says so: `[targets] pending-customer`.
pub(in crate::report) fn target(deployment: &Deployment) -> Option<Duration> {
    match deployment.table("targets")?.value("pending-customer")? {
        Given::Duration(target) => Some(*target),
        _ => None,
    }
}

/// What a stage is called.
pub(in crate::report) fn stage_name(rules: &Catalogue, stage: &Stage) -> String {
    let job = stage.job.map(|job| rules.job(job));
    job.map_or_else(|| "Commerce Data Exchange".to_owned(), crate::model::Job::title)
}

/// The pending times of a JSON document: channels with the same way together.
pub(super) fn pending_json(deployment: &Deployment, checked: &Checked) -> Value {
    let rules = deployment.rules();
    let times = checked.pending_by_way();
    let times = times.iter().map(|(time, channels)| {
        let stages = time.stages.iter().map(|stage| {
            json!({
                "job": stage.job.map(|job| &rules.job(job).id),
                "name": stage_name(rules, stage),
                "interval": stage.interval.map(|interval| interval.to_string()),
            })
        });
        json!({
            "channels": channels,
            "at_most": time.at_most().map(|time| time.to_string()),
            "at_most_seconds": time.at_most().map(Duration::seconds),
            "endless": time.is_endless(),
            "stages": stages.collect::<Vec<_>>(),
            "missing": time.missing,
        })
    });
    let target = target(deployment).map(|target| target.to_string());
    json!({ "target": target, "times": times.collect::<Vec<_>>() })
}

/// The pending times for people; empty where there is no channel.
pub(super) fn pending_human(deployment: &Deployment, checked: &Checked, style: Style) -> String {
    let times = checked.pending_by_way();
    if times.is_empty() {
        return String::new();
    }
    let mut table = Table::new(["at most", "of", "because each stage may just have been missed"]);
    for (time, channels) in times {
        let subjects: Vec<Subject> =
            channels.iter().map(|channel| Subject::new("channel", *channel)).collect();
        let whose = match subjects.as_slice() {
            [one] => one.id.clone(),
            several => affected(&several.iter().collect::<Vec<_>>()),
        };
        table.row([at_most(time), whose, way(deployment.rules(), time)]);
    }
    let allowed = target(deployment).map(|target| format!(", where the business allows {target}"));
    let title =
        format!("How long a new customer stays pending at worst{}:", allowed.unwrap_or_default());
    format!("{}\n{}\n", style.bold(&title), table.render(style))
}

fn at_most(time: &PendingTime) -> String {
    match time.at_most() {
        _ if time.is_endless() => "for ever".to_owned(),
        Some(time) => time.to_string(),
        None => "not known".to_owned(),
    }
}

fn way(rules: &Catalogue, time: &PendingTime) -> String {
    let stages = time.stages.iter().map(|stage| {
        let interval =
            stage.interval.map_or_else(|| "never".to_owned(), |interval| interval.to_string());
        format!("{} {interval}", stage_name(rules, stage))
    });
    let missing = time.missing.iter().map(|missing| format!("{missing} is not given"));
    stages.chain(missing).collect::<Vec<_>>().join(" + ")
}
