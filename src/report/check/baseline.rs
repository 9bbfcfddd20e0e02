//! An earlier `check --format json`, read back: what is new since then, and what is gone.

use crate::check::{CheckResult, Checked};
use crate::diagnostic::{Code, Finding, Severity};
use schemars::JsonSchema;
use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What an earlier check of a deployment found.
#[derive(Clone, Debug, Default)]
pub struct Baseline {
    found: BTreeMap<String, Earlier>,
    /// The codes of checks that were decided.
    decided: BTreeSet<String>,
}

/// A finding of an earlier check.
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
pub(in crate::report) struct Earlier {
    pub(in crate::report) code: String,
    pub(in crate::report) severity: String,
    pub(in crate::report) message: String,
    pub(in crate::report) fingerprint: String,
    /// Whether it was waived, and so did not count.
    #[serde(default, skip_serializing, deserialize_with = "is_there")]
    #[schemars(skip)]
    waived: bool,
}

/// Whether a key is there, whatever it holds.
fn is_there<'de, D: Deserializer<'de>>(reader: D) -> Result<bool, D::Error> {
    IgnoredAny::deserialize(reader).map(|_| true)
}

#[derive(Deserialize)]
struct EarlierDocument {
    version: u32,
    deployment: Option<String>,
    findings: Vec<Earlier>,
    checks: Vec<EarlierReport>,
}

#[derive(Deserialize)]
struct EarlierReport {
    code: String,
    result: String,
}

#[derive(Deserialize)]
struct EarlierDocuments {
    version: u32,
    deployments: Vec<EarlierDocument>,
}

/// What tells several earlier checks from one.
#[derive(Deserialize)]
struct Kind {
    deployments: Option<IgnoredAny>,
}

/// Why a text is no earlier check to compare with.
#[derive(Debug, thiserror::Error)]
pub enum BaselineError {
    /// It is no JSON, or no document of this kind.
    #[error("{0}")]
    Unreadable(#[from] serde_json::Error),
    /// It is of a version that is not known here.
    #[error("its `version` is {0}, and {VERSION} is known here")]
    Version(u32),
    /// It has no check in it, as where the files could not be read.
    #[error("its `checks` are empty, so that nothing says what was decided then")]
    NoChecks,
}

/// The version of the documents that are read.
const VERSION: u32 = 1;

/// The earlier checks of a file: one, or those of several deployments by their names.
#[derive(Clone, Debug)]
pub struct Baselines(Vec<(Option<String>, Baseline)>);

impl Baselines {
    /// Reads what `check --format json` printed.
    ///
    /// # Errors
    ///
    /// The text is no such document.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        let kind: Kind = serde_json::from_str(text)?;
        let documents = if kind.deployments.is_some() {
            let several: EarlierDocuments = serde_json::from_str(text)?;
            is_known(several.version)?;
            several.deployments
        } else {
            vec![serde_json::from_str(text)?]
        };
        for document in &documents {
            is_known(document.version)?;
            if document.checks.is_empty() {
                return Err(BaselineError::NoChecks);
            }
        }
        let baseline = |document: EarlierDocument| {
            let undecided = CheckResult::Undecided.as_str();
            let decided = document.checks.into_iter().filter(|report| report.result != undecided);
            let found = document.findings.into_iter();
            let baseline = Baseline {
                found: found.map(|finding| (finding.fingerprint.clone(), finding)).collect(),
                decided: decided.map(|report| report.code).collect(),
            };
            (document.deployment, baseline)
        };
        Ok(Self(documents.into_iter().map(baseline).collect()))
    }

    /// The earlier check of a deployment: the only one where one alone is compared, else the only
    /// one of its name.
    pub fn of(&self, name: Option<&str>, is_alone: bool) -> Option<&Baseline> {
        if let ([(_, only)], true) = (self.0.as_slice(), is_alone) {
            return Some(only);
        }
        let name = name?;
        let mut called = self.0.iter().filter(|(known, _)| known.as_deref() == Some(name));
        let (_, found) = called.next()?;
        called.next().is_none().then_some(found)
    }
}

fn is_known(version: u32) -> Result<(), BaselineError> {
    if version == VERSION { Ok(()) } else { Err(BaselineError::Version(version)) }
}

impl Baseline {
    /// Whether a check was decided then.
    pub(in crate::report) fn decided(&self, code: Code) -> bool {
        self.decided.contains(&code.to_string())
    }

    /// Whether a finding was found then too.
    pub fn knows(&self, finding: &Finding) -> bool {
        self.found.contains_key(&finding.fingerprint())
    }

    /// The word for it.
    pub(in crate::report) fn word(&self, finding: &Finding) -> &'static str {
        if self.knows(finding) { "unchanged" } else { "new" }
    }

    /// What was found then, and is not any more.
    pub(in crate::report) fn gone(&self, checked: &Checked) -> Vec<&Earlier> {
        let found: BTreeSet<String> = checked.findings.iter().map(Finding::fingerprint).collect();
        let gone = self.found.iter().filter(|(fingerprint, _)| !found.contains(*fingerprint));
        gone.map(|(_, earlier)| earlier).collect()
    }

    /// Whether a finding counted then as it does now: not waived, and no less severe.
    fn counted(&self, finding: &Finding) -> bool {
        let earlier = self.found.get(&finding.fingerprint()).filter(|earlier| !earlier.waived);
        let severity = earlier.and_then(|earlier| Severity::from_word(&earlier.severity));
        severity.is_some_and(|severity| severity >= finding.severity)
    }

    /// Whether something is worse than it was: a finding at least that severe that is new or counts
    /// for more, or a check that was decided and is not any more.
    pub fn is_worse(&self, checked: &Checked, least: Severity, and_undecided: bool) -> bool {
        let is_new = |finding: &Finding| {
            finding.counts() && finding.severity >= least && !self.counted(finding)
        };
        let mut open = checked.checks.iter().filter(|it| it.result == CheckResult::Undecided);
        checked.findings.iter().any(is_new)
            || (and_undecided && open.any(|report| self.decided(report.code)))
    }
}
