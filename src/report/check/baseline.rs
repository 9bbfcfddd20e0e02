//! An earlier `check --format json`, read back: what is new since then, and what is gone.

use crate::check::{CheckResult, Checked};
use crate::diagnostic::{Finding, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
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
}

#[derive(Deserialize)]
struct EarlierDocument {
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
#[serde(untagged)]
enum EarlierDocuments {
    Several { deployments: Vec<EarlierDocument> },
    One(EarlierDocument),
}

/// The earlier checks of a file: one, or those of several deployments by their names.
#[derive(Clone, Debug)]
pub struct Baselines(Vec<(Option<String>, Baseline)>);

impl Baselines {
    /// Reads what `check --format json` printed.
    ///
    /// # Errors
    ///
    /// The text is no such document.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let documents = match serde_json::from_str(text)? {
            EarlierDocuments::Several { deployments } => deployments,
            EarlierDocuments::One(document) => vec![document],
        };
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

    /// The earlier check of the deployment with this name: of one that is alone, whatever its name.
    pub fn of(&self, name: Option<&str>) -> Option<&Baseline> {
        match self.0.as_slice() {
            [(_, only)] => Some(only),
            several => several.iter().find(|it| it.0.as_deref() == name).map(|(_, known)| known),
        }
    }
}

impl Baseline {
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

    /// Whether something is worse than it was: a finding that is new and at least that severe, or a
    /// check that was decided and is not any more.
    pub fn is_worse(&self, checked: &Checked, least: Severity, and_undecided: bool) -> bool {
        let is_new = |finding: &Finding| {
            finding.counts() && finding.severity >= least && !self.knows(finding)
        };
        let is_open = |code: &str| self.decided.contains(code);
        let mut open = checked.checks.iter().filter(|it| it.result == CheckResult::Undecided);
        checked.findings.iter().any(is_new)
            || (and_undecided && open.any(|report| is_open(&report.code.to_string())))
    }
}
