//! Judge of checks: the oracle of checks over generated deployments.

use crate::lints::oracle::{self, Verdict};
use crate::lints::{self, Tape, World};
use std::collections::BTreeSet;
use std::sync::Arc;
use syncgate::check::{CheckResult, Checked, check};
use syncgate::diagnostic::Code;
use syncgate::model::{Deployment, Rules};

/// How many deployments the oracle checks.
const WORLDS: usize = 200;

/// A deployment, and by code the subjects that are wrong and how the check ends.
struct Seen {
    text: String,
    expected: Vec<(u16, BTreeSet<String>, CheckResult)>,
}

pub struct Lints(Vec<Seen>);

impl Lints {
    /// What the oracle says of the checks that it knows whole: those that it sees as these rules
    /// do.
    pub fn new(rules: &Arc<Rules>) -> Self {
        let mut state: u64 = 7;
        let mut byte = |_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            state.to_be_bytes()[0]
        };
        let worlds = (0..WORLDS).map(|_| {
            let bytes: Vec<u8> = (0..640).map(&mut byte).collect();
            let world = World::of(&mut Tape::new(&bytes));
            let text = lints::toml(&world);
            let lints = oracle::lints(&world).into_iter();
            let expected = lints.map(|(lint, it)| (lint + 100, it.wrong.clone(), result(&it)));
            let checked = checked(rules, &text);
            let expected = expected.filter(|(code, wrong, result)| {
                found(&checked, *code) == Some((wrong.clone(), *result))
            });
            let expected = expected.collect();
            Seen { text, expected }
        });
        Self(worlds.collect())
    }

    /// Whether the check with this code finds something else in one of them.
    pub fn notice(&self, rules: &Arc<Rules>, code: &str) -> bool {
        let Ok(code) = code.parse::<Code>() else { return false };
        self.0.iter().any(|seen| {
            let expected = seen.expected.iter().find(|it| it.0 == code.number());
            let Some((number, wrong, result)) = expected else { return false };
            found(&checked(rules, &seen.text), *number) != Some((wrong.clone(), *result))
        })
    }

    /// How many verdicts there are.
    pub fn len(&self) -> usize {
        self.0.iter().map(|seen| seen.expected.len()).sum()
    }
}

fn checked(rules: &Arc<Rules>, text: &str) -> Checked {
    let (deployment, findings) = Deployment::from_text(rules, "generated.toml", text).as_read();
    check(&deployment, findings, true)
}

/// The subjects that a check found wrong, and how it ended.
fn found(checked: &Checked, code: u16) -> Option<(BTreeSet<String>, CheckResult)> {
    let of_it = checked.findings.iter().filter(|finding| finding.code.number() == code);
    let wrong = of_it.map(|finding| finding.subject.as_ref().unwrap().id.clone()).collect();
    let report = checked.checks.iter().find(|report| report.code.number() == code)?;
    Some((wrong, report.result))
}

fn result(verdict: &Verdict) -> CheckResult {
    match verdict {
        Verdict { wrong, .. } if !wrong.is_empty() => CheckResult::Fail,
        Verdict { unknown: true, .. } => CheckResult::Undecided,
        Verdict { looked: true, .. } => CheckResult::Pass,
        Verdict { open: true, .. } => CheckResult::Undecided,
        Verdict { .. } => CheckResult::NotApplicable,
    }
}
