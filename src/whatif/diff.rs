//! What differs between two deployments beside their decisions: settings and findings.

use crate::check::{Checked, check};
use crate::diagnostic::{Finding, Span};
use crate::engine::Engine;
use crate::model::format::Section;
use crate::model::{Deployment, Fields, words};
use crate::whatif::{Compared, compare};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that differs between two deployments.
#[derive(Clone, Debug)]
pub struct Difference<'e> {
    /// Values that differ, by section and record, in the order of the format.
    pub settings: Vec<ChangedSetting<'e>>,
    /// The findings that are not the same on both sides.
    pub findings: ChangedFindings,
    /// The decisions.
    pub decisions: Compared<'e>,
}

words! {
    /// What became of the record of a value.
    Became {
        /// Only the new deployment has it.
        Added = "added",
        /// Only the old one had it.
        Removed = "removed",
        /// Both have it.
        Changed = "changed",
    }
}

/// A value that differs.
#[derive(Clone, Debug)]
pub struct ChangedSetting<'e> {
    /// The section.
    pub section: &'e Section,
    /// The record's id, or what tells it apart; empty where the section is one table.
    pub id: String,
    /// What became of the record.
    pub record: Became,
    /// The key.
    pub key: &'e str,
    /// What the old deployment gives, and where.
    pub old: Option<(String, Span)>,
    /// What the new one gives.
    pub new: Option<(String, Span)>,
}

/// The findings of two deployments that are not the same.
#[derive(Clone, Debug, Default)]
pub struct ChangedFindings {
    /// Those of the new deployment that the old one does not have, by fingerprint.
    pub new: Vec<Finding>,
    /// Those of the old one that the new one does not have.
    pub gone: Vec<Finding>,
    /// Those of both that are waived, or of a severity, in one of them only: as they were, and as
    /// they are.
    pub changed: Vec<(Finding, Finding)>,
}

/// Compares two deployments in everything; `found` are the findings of their files.
pub fn diff<'e>(
    old: &'e Engine,
    new: &'e Engine,
    found: (Vec<Finding>, Vec<Finding>),
) -> Difference<'e> {
    let (before, after) =
        (check(old.deployment(), found.0, true), check(new.deployment(), found.1, true));
    Difference {
        settings: settings(old.deployment(), new.deployment()),
        findings: findings(&before, &after),
        decisions: compare(old, new),
    }
}

/// The values that differ between two deployments of the same rules.
pub fn settings<'e>(old: &'e Deployment, new: &'e Deployment) -> Vec<ChangedSetting<'e>> {
    let mut changed = Vec::new();
    for section in &new.rules().format.sections {
        let (before, after) = (records(old, section), records(new, section));
        // Those of the old deployment in its order, then those that only the new one has.
        let seen: BTreeSet<_> = before.iter().map(|(id, _)| id).collect();
        let added = after.iter().filter(|(id, _)| !seen.contains(id));
        let known: BTreeMap<_, _> = after.iter().map(|(id, record)| (id, *record)).collect();
        for (id, record) in &before {
            compare_records(section, Some(*record), known.get(id).copied(), &mut changed);
        }
        for (_, record) in added {
            compare_records(section, None, Some(*record), &mut changed);
        }
    }
    changed
}

/// The records of a section with what tells each apart: its id, and for those of one id, such as
/// the schedules of one job, their number among them.
fn records<'e>(
    deployment: &'e Deployment,
    section: &Section,
) -> Vec<((String, usize), Fields<'e>)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let numbered = deployment.records(&section.id).map(|record| {
        let id = crate::model::name::fold(&record.record.id).into_owned();
        let count = seen.entry(id.clone()).or_insert(0);
        *count += 1;
        ((id, *count), record)
    });
    numbered.collect()
}

fn compare_records<'e>(
    section: &'e Section,
    old: Option<Fields<'e>>,
    new: Option<Fields<'e>>,
    changed: &mut Vec<ChangedSetting<'e>>,
) {
    let Some(id) = new.or(old).map(|record| record.record.id.clone()) else { return };
    let record = match (old, new) {
        (None, _) => Became::Added,
        (_, None) => Became::Removed,
        _ => Became::Changed,
    };
    for key in &section.keys {
        let given = |record: Option<Fields<'e>>| {
            let placed = record?.placed(&key.id)?;
            Some((placed.value.to_string(), placed.span))
        };
        let (old, new) = (given(old), given(new));
        let text = |given: &Option<(String, Span)>| given.as_ref().map(|(text, _)| text.clone());
        if text(&old) != text(&new) {
            changed.push(ChangedSetting {
                section,
                id: id.clone(),
                record,
                key: &key.id,
                old,
                new,
            });
        }
    }
}

/// The findings that others do not have, each once.
fn only(all: &Checked, others: &BTreeMap<String, Finding>) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let only = all.findings.iter().filter(|finding| {
        let fingerprint = finding.fingerprint();
        !others.contains_key(&fingerprint) && seen.insert(fingerprint)
    });
    only.cloned().collect()
}

/// The findings that are not the same before and after.
pub fn findings(before: &Checked, after: &Checked) -> ChangedFindings {
    let by_fingerprint = |checked: &Checked| -> BTreeMap<String, Finding> {
        checked.findings.iter().map(|finding| (finding.fingerprint(), finding.clone())).collect()
    };
    let (old, new) = (by_fingerprint(before), by_fingerprint(after));
    let stands = |finding: &Finding| (finding.severity, finding.counts());
    let both = old.iter().filter_map(|(fingerprint, was)| Some((was, new.get(fingerprint)?)));
    let changed = both.filter(|(was, is)| stands(was) != stands(is));
    ChangedFindings {
        new: only(after, &old),
        gone: only(before, &new),
        changed: changed.map(|(was, is)| (was.clone(), is.clone())).collect(),
    }
}
