//! What the checks of a deployment came to.

use super::facts::PendingTime;
use super::policy::{Level, Verdict};
use crate::diagnostic::{Code, Finding, Severity};
use crate::model::words;
use std::collections::BTreeMap;

words! {
    /// How a check ended.
    CheckResult {
        /// Nothing is wrong with any subject.
        Pass = "pass",
        /// Something is.
        Fail = "fail",
        /// Nothing known is wrong, and a value that it needs is not given.
        Undecided = "undecided",
        /// There is no subject it speaks of.
        NotApplicable = "not-applicable",
        /// Everything wrong is waived, or allowed by policy.
        Waived = "waived",
    }
}

/// How one check ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckReport {
    /// Its code.
    pub code: Code,
    /// How it ended.
    pub result: CheckResult,
    /// How many subjects it looked at.
    pub examined: usize,
    /// What the deployment would have to give for it to be decided: `section.key`.
    pub missing: Vec<String>,
}

/// Everything about a deployment: findings of its files and of the checks, and the verdict.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The findings, waived ones among them, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// How each check ended, by code.
    pub checks: Vec<CheckReport>,
    /// Whether the deployment may go live.
    pub verdict: Verdict,
    /// How long a customer created in each channel waits, by channel id, way by way.
    pub pending: Vec<(String, Vec<PendingTime>)>,
    /// What the deployment sets for checks and is allowed to, by code.
    pub levels: Vec<Level>,
}

impl Checked {
    /// How many findings that are not waived have this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.counts() && finding.severity == severity)
            .count()
    }

    /// How long customers wait, channels with the same times together, in the order of the
    /// deployment.
    pub fn waits(&self) -> Vec<(&[PendingTime], Vec<&str>)> {
        together(self.pending.iter().map(|(channel, times)| (times.as_slice(), channel.as_str())))
    }

    /// How long customers wait on one way, by its number in the rules.
    pub fn waits_on(&self, way: usize) -> Vec<(&PendingTime, Vec<&str>)> {
        let on_it = self.pending.iter().filter_map(|(channel, times)| {
            Some((times.iter().find(|time| time.way == way)?, channel.as_str()))
        });
        together(on_it)
    }

    /// Whether a check that failed found nothing worse than what is worth knowing.
    pub fn is_noted(&self, report: &CheckReport) -> bool {
        let of_check = self.findings.iter().filter(|it| it.code == report.code && it.counts());
        report.result == CheckResult::Fail
            && of_check.map(|finding| finding.severity).max() == Some(Severity::Info)
    }

    /// How many of the checks that failed only noted something.
    pub fn count_noted(&self) -> usize {
        self.checks.iter().filter(|report| self.is_noted(report)).count()
    }

    /// How many checks ended so.
    pub fn count_results(&self, result: CheckResult) -> usize {
        self.checks.iter().filter(|report| report.result == result).count()
    }
}

/// Channels with the same times together, in the order of the first of each.
fn together<'a, T: Ord + Copy>(
    channels: impl Iterator<Item = (T, &'a str)>,
) -> Vec<(T, Vec<&'a str>)> {
    let mut ways: Vec<(T, Vec<&str>)> = Vec::new();
    let mut known = BTreeMap::new();
    for (time, channel) in channels {
        let number = *known.entry(time).or_insert(ways.len());
        match ways.get_mut(number) {
            Some((_, channels)) => channels.push(channel),
            None => ways.push((time, vec![channel])),
        }
    }
    ways
}
