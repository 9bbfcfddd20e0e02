//! Which channels a finding is about: those that lead to its record, however indirectly.

use crate::diagnostic::{Finding, Subject};
use crate::model::{Deployment, Fields, Value};
use std::collections::{BTreeMap, BTreeSet};

/// For every record that channels lead to, which of them do.
pub(super) struct Affected<'a> {
    deployment: &'a Deployment,
    channels: usize,
    /// By section and number of the record.
    by_record: BTreeMap<(&'a str, usize), BTreeSet<usize>>,
}

impl<'a> Affected<'a> {
    pub(super) fn of(deployment: &'a Deployment) -> Self {
        let mut by_record: BTreeMap<(&str, usize), BTreeSet<usize>> = BTreeMap::new();
        let mut channels = 0;
        for (number, channel) in deployment.records("channel").enumerate() {
            channels += 1;
            let mut open = referred(deployment, channel);
            let mut seen = BTreeSet::new();
            while let Some(record) = open.pop() {
                if seen.insert(record) {
                    by_record.entry(record).or_default().insert(number);
                    open.extend(
                        deployment
                            .record(record.0, record.1)
                            .map(|next| referred(deployment, next))
                            .unwrap_or_default(),
                    );
                }
            }
        }
        Self { deployment, channels, by_record }
    }

    /// The channels that findings are about, by number.
    pub(super) fn by(&self, findings: &[&Finding]) -> BTreeSet<usize> {
        findings.iter().flat_map(|finding| self.by_subject(finding.subject.as_ref())).collect()
    }

    fn by_subject(&self, subject: Option<&Subject>) -> BTreeSet<usize> {
        let every = || (0..self.channels).collect();
        let Some(subject) = subject.filter(|subject| !subject.id.is_empty()) else {
            return every();
        };
        let Some(number) = self.deployment.find(&subject.kind, &subject.id) else { return every() };
        if subject.kind == "channel" {
            return BTreeSet::from([number]);
        }
        let Some(section) =
            self.deployment.section(&subject.kind).map(|(section, _)| section.id.as_str())
        else {
            return every();
        };
        if let Some(channels) = self.by_record.get(&(section, number)) {
            return channels.clone();
        }
        // A record that no channel leads to, and that leads to some that channels do: a schedule to
        // its groups.
        let leads_to: Vec<(&str, usize)> = self
            .deployment
            .record(section, number)
            .map(|record| referred(self.deployment, record))
            .unwrap_or_default();
        if leads_to.is_empty() {
            return every();
        }
        leads_to.iter().filter_map(|record| self.by_record.get(record)).flatten().copied().collect()
    }

    /// `every channel`, `houston`, `3 of 12 channels: houston, austin, dallas`; with how many there
    /// are in all.
    pub(super) fn told(&self, channels: &BTreeSet<usize>, most: usize) -> Told<'a> {
        let ids = |number: &usize| {
            self.deployment.record("channel", *number).map(|it| it.record.id.as_str())
        };
        let named: Vec<&str> = channels.iter().take(most).filter_map(ids).collect();
        let count = match channels.len() {
            0 => "no channel".to_owned(),
            1 if self.channels == 1 => "the only channel".to_owned(),
            all if all == self.channels => format!("all {all} channels"),
            some => format!("{some} of {} channels", self.channels),
        };
        let is_all = channels.len() == self.channels && self.channels > 1;
        Told {
            count,
            more: channels.len().saturating_sub(named.len()),
            named: if is_all { Vec::new() } else { named },
        }
    }
}

/// Channels in words.
pub(super) struct Told<'a> {
    /// How many.
    pub(super) count: String,
    /// The first of them; none where they are all.
    pub(super) named: Vec<&'a str>,
    /// How many others.
    pub(super) more: usize,
}

/// The records that a record leads to.
fn referred<'a>(deployment: &'a Deployment, record: Fields<'a>) -> Vec<(&'a str, usize)> {
    let mut found = Vec::new();
    for key in &record.section.keys {
        let Some(section) = key.kind.refers_to() else { continue };
        let Some((section, _)) = deployment.section(section) else { continue };
        for placed in record.list(&key.id) {
            if let Value::Reference { target: Some(target), .. } = &placed.value {
                found.push((section.id.as_str(), *target));
            }
        }
    }
    found
}
