//! Judge of checks: the oracle of checks over generated deployments.

use crate::lints::{self, Tape, World, oracle, wanted};
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
        let worlds = lints::tapes(7).take(WORLDS).map(|bytes| {
            let world = World::of(&mut Tape::new(&bytes));
            let text = lints::toml(&world);
            let lints = oracle::lints(&world).into_iter();
            let expected = lints.map(|(lint, it)| (lint + 100, it.wrong.clone(), wanted(&it)));
            let checked = checked(rules, &text);
            let expected = expected.filter(|(code, wrong, result)| {
                found(&checked, *code) == Some((wrong.clone(), *result))
            });
            let expected = expected.collect();
            Seen { text, expected }
        });
        Self(worlds.collect())
    }

    /// Whether the check with this code, or any where it is blank, finds something else in one of
    /// them.
    pub fn notice(&self, rules: &Arc<Rules>, code: &str) -> bool {
        let code: Option<Code> = (!code.is_empty()).then(|| code.parse().unwrap());
        self.0.iter().any(|seen| {
            let is_meant = |number: u16| code.is_none_or(|code| code.number() == number);
            let mut expected = seen.expected.iter().filter(|it| is_meant(it.0)).peekable();
            if expected.peek().is_none() {
                return false;
            }
            let checked = checked(rules, &seen.text);
            expected.any(|(number, wrong, result)| {
                found(&checked, *number) != Some((wrong.clone(), *result))
            })
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
