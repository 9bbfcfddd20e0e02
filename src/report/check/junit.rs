//! `check --format junit`: a test case for each check, and one for each finding of the files.

use super::human::verdict_line;
use super::levels::level_in_words;
use crate::check::{CheckReport, CheckResult, Checked};
use crate::diagnostic::{Finding, Severity, Sources, Waived};
use crate::model::{Deployment, or_blank, said};
use crate::report::document::provenance;
use crate::report::text::Style;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

/// `check --format junit`.
#[expect(clippy::expect_used, reason = "an empty report would be read as one of nothing")]
pub fn check_junit<'a>(all: impl IntoIterator<Item = (&'a Deployment, &'a Checked)>) -> String {
    let mut report = Report::new("syncgate check");
    let all: Vec<_> = all.into_iter().collect();
    for (deployment, checked) in &all {
        // Suites of several deployments are told apart by what was asked for.
        let whose = if all.len() > 1 { format!("{} ", deployment.path()) } else { String::new() };
        report.add_test_suites(suites(deployment, checked, &whose));
    }
    let text = report.to_string().expect("a report is text");
    // Two characters that names may have and XML may not.
    text.replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}

fn suites(deployment: &Deployment, checked: &Checked, whose: &str) -> [TestSuite; 2] {
    let rules = deployment.rules();
    let mut checks = TestSuite::new(format!("{whose}checks"));
    let provenance = provenance(rules, Some(deployment));
    for (name, value) in [
        ("verdict", checked.verdict.as_str()),
        ("syncgate", env!("CARGO_PKG_VERSION")),
        ("rules.digest", provenance.rules_digest()),
        ("deployment.digest", or_blank(provenance.deployment_digest())),
    ] {
        checks.add_property((name, value));
    }
    for level in &checked.levels {
        checks.add_property((format!("level.{}", level.code), level_in_words(level)));
    }
    for report in &checked.checks {
        checks.add_test_case(check_case(deployment, checked, report));
    }
    checks.set_system_out(verdict_line(checked, Style::Plain).trim_end());
    let mut files = TestSuite::new(format!("{whose}files"));
    for finding in checked.findings.iter().filter(|finding| rules.check(finding.code).is_none()) {
        files.add_test_case(file_case(deployment.files(), finding));
    }
    [checks, files]
}

fn check_case(deployment: &Deployment, checked: &Checked, report: &CheckReport) -> TestCase {
    let check = deployment.rules().check(report.code);
    let title = or_blank(check.map(|check| check.title.as_str()));
    let found = || checked.findings.iter().filter(|finding| finding.code == report.code);
    let standing: Vec<&Finding> = found().filter(|finding| finding.counts()).collect();
    let status = match report.result {
        CheckResult::Pass => TestCaseStatus::success(),
        CheckResult::Fail => failure(deployment.files(), &standing),
        CheckResult::Undecided => {
            skipped(&format!("undecided: not given: {}", report.missing.join(", ")))
        }
        CheckResult::NotApplicable => skipped("not applicable: there is nothing that it speaks of"),
        CheckResult::Waived => skipped(&waived(found())),
    };
    let mut case = TestCase::new(format!("{} {title}", report.code), status);
    case.set_classname("syncgate.checks").set_assertions(report.examined);
    case
}

fn file_case(files: &Sources, finding: &Finding) -> TestCase {
    let status = match finding.severity {
        _ if !finding.counts() => skipped(&waived(std::iter::once(finding))),
        Severity::Info => skipped(&finding.message),
        Severity::Warning | Severity::Error => failure(files, &[finding]),
    };
    let mut case = TestCase::new(format!("{} {}", finding.code, place(files, finding)), status);
    case.set_classname("syncgate.files");
    case
}

/// `deployment.toml:14:1`
fn place(files: &Sources, finding: &Finding) -> String {
    finding.span.map_or_else(String::new, |span| {
        let start = files.position(span).start;
        format!("{}:{}:{}", files.path(span.file), start.line, start.column)
    })
}

fn failure(files: &Sources, findings: &[&Finding]) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let lines = findings.iter().map(|finding| {
        let help = said(finding.help.as_ref(), |help| format!("\n    {help}"));
        format!("{}: {}: {}{help}", place(files, finding), finding.severity, finding.message)
    });
    if let Some(first) = findings.first() {
        let message = match findings.len() {
            1 => first.message.clone(),
            several => format!("{} (and {} more)", first.message, several - 1),
        };
        status.set_message(message).set_type(first.severity.as_str());
    }
    status.set_description(lines.collect::<Vec<_>>().join("\n"));
    status
}

fn skipped(message: &str) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(message);
    status
}

/// Why what was found is excused.
fn waived<'a>(findings: impl Iterator<Item = &'a Finding>) -> String {
    let mut reasons: Vec<&str> =
        findings.filter_map(|finding| finding.waived.as_ref()).map(Waived::why).collect();
    reasons.dedup();
    match reasons.as_slice() {
        [] => "waived: its level is allow".to_owned(),
        reasons => format!("waived: {}", reasons.join("; ")),
    }
}
