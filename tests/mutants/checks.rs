//! Judges of checks: the fixtures of every check.

use crate::fixtures;
use std::sync::Arc;
use syncgate::check::{CheckResult, check};
use syncgate::diagnostic::{Code, Finding};
use syncgate::model::{Deployment, Rules};

/// A fixture of a check: what makes it fire, what nearly does, or what leaves it undecided.
struct Fixture {
    code: Code,
    name: String,
    text: String,
    expected: Vec<String>,
}

pub struct Checks(Vec<Fixture>);

impl Checks {
    pub fn read() -> Self {
        let fixture = |path: String| {
            let [name, code] = path.rsplit('/').take(2).collect::<Vec<_>>()[..] else {
                panic!("{path}")
            };
            let text = fixtures::read(&path);
            let expected = text.lines().filter_map(|line| line.strip_prefix("# expect: "));
            let expected = expected.map(str::to_owned).collect();
            Fixture { code: code.parse().unwrap(), name: name.to_owned(), text, expected }
        };
        Self(fixtures::below("fixtures/checks").into_iter().map(fixture).collect())
    }

    /// Whether a fixture of the check with this code, or of any where it is blank, comes out
    /// otherwise.
    pub fn notice(&self, rules: &Arc<Rules>, code: &str) -> bool {
        let code: Option<Code> = (!code.is_empty()).then(|| code.parse().unwrap());
        let own = |fixture: &&Fixture| code.is_none_or(|code| fixture.code == code);
        self.0.iter().filter(own).any(|fixture| fixture.differs(rules))
    }
}

impl Fixture {
    fn differs(&self, rules: &Arc<Rules>) -> bool {
        let loaded = Deployment::from_text(rules, &self.name, &self.text);
        if loaded.valid().is_err() {
            return true;
        }
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let checked = check(&deployment, findings, whole);
        let report = checked.checks.iter().find(|report| report.code == self.code);
        let Some(report) = report else { return true };
        if self.name.starts_with("near-miss") {
            return !matches!(report.result, CheckResult::Pass | CheckResult::NotApplicable);
        }
        if self.name.starts_with("undecided") {
            return report.result != CheckResult::Undecided || report.missing.is_empty();
        }
        let shown = |finding: &Finding| {
            let subject = finding.subject.as_ref().unwrap();
            let place = deployment.files().position(finding.span.unwrap()).start;
            let (kind, id) = (&subject.kind, &subject.id);
            format!("{kind} {id} {}:{} {}", place.line, place.column, finding.message)
        };
        let of_it = checked.findings.iter().filter(|finding| finding.code == self.code);
        of_it.map(shown).collect::<Vec<_>>() != self.expected
    }
}
