//! What the records of a deployment say of jobs: which are a job's own, whether it runs again and
//! again, when it last ran.

use crate::model::relied::RUNS;
use crate::model::{
    Deployment, Fields, JobEffect, JobId, JobKind, KeyName, Rules, SectionName, Value,
};
use jiff::Timestamp;

/// The section of a deployment that holds the jobs of a kind, and its key that names the job.
pub fn records_of(kind: JobKind) -> (SectionName, KeyName) {
    match kind {
        JobKind::Batch => (SectionName::BatchJob, KeyName::Name),
        JobKind::Download | JobKind::Upload => (SectionName::DistributionSchedule, KeyName::Job),
    }
}

/// A job and those that stand for it: for a download, the jobs that contain every download.
pub fn with_stand_ins(rules: &Rules, id: JobId) -> Vec<JobId> {
    let is_download = rules.job(id).kind == JobKind::Download;
    let stands_in = rules.job_ids().filter(|other| {
        is_download && *other != id && rules.job(*other).does.contains(&JobEffect::EveryDownload)
    });
    std::iter::once(id).chain(stands_in).collect()
}

/// The records of some jobs of one kind; none where their section is absent.
pub fn records<'a>(deployment: &'a Deployment, jobs: &[JobId]) -> Vec<Fields<'a>> {
    let rules = deployment.rules();
    let jobs: Vec<_> = jobs.iter().map(|job| rules.job(*job)).collect();
    let Some((section, key)) = jobs.first().map(|job| records_of(job.kind)) else {
        return Vec::new();
    };
    let is_one = |name: &str| jobs.iter().any(|job| job.id == name);
    let is_named = |record: &Fields<'a>| record.text(key).is_some_and(is_one);
    deployment.records(section).filter(is_named).collect()
}

/// Whether a record runs again and again: waiting or executing (S-156), recurring, and active
/// (S-160) where that is looked at.
///
/// # Errors
///
/// The key that would have to be given for it to be known.
pub fn runs(record: Fields<'_>, must_be_active: bool) -> Result<bool, KeyName> {
    let active = match record.section.key(KeyName::Active) {
        Some(_) if must_be_active => record.boolean(KeyName::Active),
        _ => Some(true),
    };
    let status = record.text(KeyName::Status).map(|status| RUNS.contains(&status));
    let recurs = record
        .value(KeyName::Recurrence)
        .map(|recurrence| !matches!(recurrence, Value::NoRecurrence));
    let parts =
        [(KeyName::Active, active), (KeyName::Status, status), (KeyName::Recurrence, recurs)];
    if parts.iter().any(|(_, part)| *part == Some(false)) {
        return Ok(false);
    }
    match parts.iter().find(|(_, part)| part.is_none()) {
        Some((key, _)) => Err(*key),
        None => Ok(true),
    }
}

/// Whether some record of the job itself is active and runs again and again.
///
/// # Errors
///
/// What would have to be given for it to be known: `section.key`, or the section.
pub fn is_scheduled(deployment: &Deployment, id: JobId) -> Result<bool, String> {
    let job = deployment.rules().job(id);
    let (section, _) = records_of(job.kind);
    if !deployment.is_complete(section) {
        return Err(section.to_string());
    }
    let runs: Vec<_> =
        records(deployment, &[id]).into_iter().map(|record| runs(record, true)).collect();
    if runs.contains(&Ok(true)) {
        return Ok(true);
    }
    let missing = runs.into_iter().find_map(Result::err);
    missing.map_or(Ok(false), |key| Err(format!("{section}.{key}")))
}

/// What tells when a job last ran and says nothing: a later run may be among them.
#[derive(Clone, Copy, Debug)]
pub enum SilentRun<'a> {
    /// A record of it, or of a job that stands for it.
    Of(Fields<'a>),
    /// The key of a table, by section and key, that its runs are also told by.
    Recorded(&'a str, &'a str),
}

/// What could tell of a later run of a job than is known, beside records that are not listed.
pub fn silent_runs(deployment: &Deployment, id: JobId) -> Vec<SilentRun<'_>> {
    let rules = deployment.rules();
    let records = records(deployment, &with_stand_ins(rules, id)).into_iter();
    let silent = records.filter(|record| record.value(KeyName::LastRun).is_none());
    let recorded = rules.job(id).recorded_at.as_ref().filter(|(section, key)| {
        deployment.table(section).is_none_or(|table| table.value(key).is_none())
    });
    let recorded = recorded.map(|(section, key)| SilentRun::Recorded(section, key));
    silent.map(SilentRun::Of).chain(recorded).collect()
}

/// When a job last ran: the latest of all its records, and for a download also of the jobs that
/// stand for all.
pub fn last_run(deployment: &Deployment, id: JobId) -> Option<Timestamp> {
    let job = deployment.rules().job(id);
    let recorded = job
        .recorded_at
        .as_ref()
        .and_then(|(section, key)| deployment.table(section)?.date_time(key));
    let records = records(deployment, &with_stand_ins(deployment.rules(), id));
    records
        .into_iter()
        .filter_map(|record| record.date_time(KeyName::LastRun))
        .chain(recorded)
        .max()
}
