//! Which channels a finding is about: those that lead to its record, however indirectly.

use crate::diagnostic::{Finding, Subject};
use crate::model::format::Key;
use crate::model::{Deployment, Fields, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A record, by its section and its number there.
type RecordId<'a> = (&'a str, usize);

/// For every record that channels lead to, which of them do.
pub(super) struct Affected<'a> {
    deployment: &'a Deployment,
    /// The channels' ids, by number.
    channels: Vec<&'a str>,
    by_record: BTreeMap<RecordId<'a>, BTreeSet<usize>>,
}

impl<'a> Affected<'a> {
    pub(super) fn of(deployment: &'a Deployment) -> Self {
        let mut by_record: BTreeMap<RecordId<'a>, BTreeSet<usize>> = BTreeMap::new();
        for (number, channel) in deployment.records("channel").enumerate() {
            for record in reached(deployment, channel) {
                by_record.entry(record).or_default().insert(number);
            }
        }
        let channels = deployment.records("channel").map(|it| it.record.id.as_str()).collect();
        Self { deployment, channels, by_record }
    }

    /// The channels that findings are about, by number.
    pub(super) fn by(&self, findings: &[&Finding]) -> BTreeSet<usize> {
        findings.iter().flat_map(|finding| self.by_subject(finding.subject.as_ref())).collect()
    }

    /// The channels that lead to a subject. What no channel leads to concerns them all: the
    /// deployment as a whole, a feature, a job.
    fn by_subject(&self, subject: Option<&Subject>) -> BTreeSet<usize> {
        subject
            .and_then(|subject| self.record_of(subject))
            .and_then(|record| self.leading_to(record))
            .unwrap_or_else(|| (0..self.channels.len()).collect())
    }

    /// The record that a subject is.
    fn record_of(&self, subject: &Subject) -> Option<RecordId<'a>> {
        let number = self.deployment.find(&subject.kind, &subject.id)?;
        let (section, _) = self.deployment.section(&subject.kind)?;
        Some((section.id.as_str(), number)).filter(|_| !subject.id.is_empty())
    }

    /// The channels that lead to a record; `None` where none does.
    fn leading_to(&self, record: RecordId<'a>) -> Option<BTreeSet<usize>> {
        if record.0 == "channel" {
            return Some(BTreeSet::from([record.1]));
        }
        self.by_record.get(&record).cloned().or_else(|| self.sharing_with(record))
    }

    /// The channels that lead to what a record leads to, such as a schedule to its groups; `None`
    /// where it leads to nothing.
    fn sharing_with(&self, record: RecordId<'a>) -> Option<BTreeSet<usize>> {
        let mut leads_to = referred(self.deployment, fields(self.deployment, record)).peekable();
        leads_to.peek()?;
        Some(leads_to.filter_map(|record| self.by_record.get(&record)).flatten().copied().collect())
    }

    /// Channels in words.
    pub(super) fn told(&self, channels: &BTreeSet<usize>) -> Told<'a> {
        let ids = self.channels.iter().enumerate();
        let named = ids.filter(|(number, _)| channels.contains(number)).map(|(_, id)| *id);
        Told::of(named.collect(), self.channels.len())
    }
}

/// Channels in words: `all 12 channels`; `2 of 12 channels`, houston and austin.
pub(super) struct Told<'a> {
    /// How many.
    pub(super) count: String,
    /// Which; none where they are all.
    pub(super) named: Vec<&'a str>,
}

impl<'a> Told<'a> {
    /// Some of so many channels in words.
    pub(super) fn of(named: Vec<&'a str>, every: usize) -> Self {
        let count = match named.len() {
            0 => "no channel".to_owned(),
            1 if every == 1 => "the only channel".to_owned(),
            all if all == every => format!("all {all} channels"),
            some => format!("{some} of {every} channels"),
        };
        let is_all = named.len() == every && every > 1;
        Self { count, named: if is_all { Vec::new() } else { named } }
    }
}

/// Every record that a channel leads to.
fn reached<'a>(deployment: &'a Deployment, channel: Fields<'a>) -> BTreeSet<RecordId<'a>> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<RecordId<'a>> = referred(deployment, channel).collect();
    while let Some(record) = open.pop() {
        if reached.insert(record) {
            open.extend(referred(deployment, fields(deployment, record)));
        }
    }
    reached
}

/// The records that a record refers to.
fn referred<'a>(
    deployment: &'a Deployment,
    record: Fields<'a>,
) -> impl Iterator<Item = RecordId<'a>> {
    record.section.keys.iter().flat_map(move |key| referred_by(deployment, record, key))
}

/// The records that one key of a record refers to.
fn referred_by<'a>(
    deployment: &'a Deployment,
    record: Fields<'a>,
    key: &'a Key,
) -> impl Iterator<Item = RecordId<'a>> {
    let section = key.kind.refers_to().and_then(|section| deployment.section(section));
    section.into_iter().flat_map(move |(section, _)| {
        let targets = record.list(&key.id).into_iter().filter_map(|placed| target(&placed.value));
        targets.map(|target| (section.id.as_str(), target))
    })
}

/// The number of the record that a value refers to.
fn target(value: &Value) -> Option<usize> {
    match value {
        Value::Reference { target, .. } => *target,
        _ => None,
    }
}

#[expect(clippy::expect_used, reason = "references are resolved to records that are there")]
fn fields<'a>(deployment: &'a Deployment, (section, number): RecordId<'a>) -> Fields<'a> {
    deployment.record(section, number).expect("references are resolved to records that are there")
}
