//! `check --format junit`: a test case for each check, and one for each finding of the files.

use super::grounds::grounds_in_words;
use super::human::verdict_line;
use super::levels::level_in_words;
use crate::check::{CheckReport, CheckResult, Checked};
use crate::diagnostic::{Finding, Severity, Sources, Waived};
use crate::digest::below;
use crate::model::{Deployment, or_blank, said};
use crate::report::document::provenance;
use crate::report::markup::junit_text;
use crate::report::text::Style;
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use std::collections::HashSet;
use std::time::Duration;

/// `check --format junit`; what is merely worth knowing is a failure where `notes_fail` says so.
pub fn check_junit<'a>(
    all: impl IntoIterator<Item = (&'a Deployment, &'a Checked)>,
    notes_fail: bool,
) -> String {
    let all: Vec<_> = all.into_iter().collect();
    let suites = all.iter().flat_map(|(deployment, checked)| {
        // Suites and cases of several deployments are told apart by what was asked for.
        let path = (all.len() > 1).then(|| deployment.path());
        suites(deployment, checked, path, notes_fail)
    });
    report("syncgate check", suites.collect())
}

/// A report whose cases have different names, as readers that compare runs need them; what does
/// not depend on the clock takes no time.
pub(in crate::report) fn report(name: &str, mut suites: Vec<TestSuite>) -> String {
    let mut known = HashSet::new();
    for suite in &mut suites {
        for case in &mut suite.test_cases {
            let own = case.name.as_str().to_owned();
            for number in 2.. {
                if known.insert(case.name.as_str().to_owned()) {
                    break;
                }
                case.name = format!("{own} ({number})").into();
            }
            case.set_time(Duration::ZERO);
        }
        suite.set_time(Duration::ZERO);
    }
    let mut report = Report::new(name);
    report.set_time(Duration::ZERO).add_test_suites(suites);
    junit_text(&report)
}

fn suites(
    deployment: &Deployment,
    checked: &Checked,
    path: Option<&str>,
    notes_fail: bool,
) -> [TestSuite; 2] {
    let rules = deployment.rules();
    let (of_path, whose) =
        (said(path, |path| format!("{path} ")), said(path, |path| format!("{path}: ")));
    let suite = |what: &str| format!("{of_path}{what}");
    let mut checks = TestSuite::new(suite("checks"));
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
    // A check that fails for something else has no room for what is waived of it.
    for finding in &checked.findings {
        if let Some(waived) = &finding.waived {
            checks.add_property((format!("waiver.{}", finding.code), waived.in_words()));
        }
    }
    for report in &checked.checks {
        let is_noted = !notes_fail && checked.is_noted(report);
        checks.add_test_case(check_case(deployment, checked, report, &whose, is_noted));
    }
    let verdict = verdict_line(checked, Style::Plain);
    checks.set_system_out(format!("{verdict}{}", grounds_in_words(deployment)));
    let mut files = TestSuite::new(suite("files"));
    for finding in checked.findings.iter().filter(|finding| rules.check(finding.code).is_none()) {
        files.add_test_case(file_case(deployment, finding, &whose, notes_fail));
    }
    [checks, files]
}

fn check_case(
    deployment: &Deployment,
    checked: &Checked,
    report: &CheckReport,
    whose: &str,
    is_noted: bool,
) -> TestCase {
    let check = deployment.rules().check(report.code);
    let title = or_blank(check.map(|check| check.title.as_str()));
    let found = || checked.findings.iter().filter(|finding| finding.code == report.code);
    let standing: Vec<&Finding> = found().filter(|finding| finding.counts()).collect();
    let status = match report.result {
        CheckResult::Pass => TestCaseStatus::success(),
        CheckResult::Fail if is_noted => noted(&standing),
        CheckResult::Fail => failure(deployment.files(), &standing),
        CheckResult::Undecided => {
            skipped(&format!("undecided: not given: {}", report.missing.join(", ")))
        }
        CheckResult::NotApplicable => skipped("not applicable: there is nothing that it speaks of"),
        CheckResult::Waived => skipped(&waived(found())),
    };
    let mut case = TestCase::new(format!("{whose}{} {title}", report.code), status);
    case.set_classname("syncgate.checks").set_assertions(report.examined);
    evidence_of(&mut case, &deployment.rules().controls_of(report.code));
    case
}

fn file_case(
    deployment: &Deployment,
    finding: &Finding,
    whose: &str,
    notes_fail: bool,
) -> TestCase {
    let files = deployment.files();
    let status = match finding.severity {
        _ if !finding.counts() => skipped(&waived(std::iter::once(finding))),
        Severity::Info if !notes_fail => noted(&[finding]),
        Severity::Info | Severity::Warning | Severity::Error => failure(files, &[finding]),
    };
    // A line is no name: it moves with whatever is written above it.
    let file =
        said(finding.span, |span| below(deployment.path(), files.path(span.file)).to_owned());
    let subject = said(finding.subject.as_ref(), |it| format!(" {} {}", it.kind, it.id));
    let detail = said(Some(finding.detail.as_str()).filter(|it| !it.is_empty()), |detail| {
        format!(": {}", detail.replace('\0', " "))
    });
    let name = format!("{whose}{} {file}{subject}{detail}", finding.code);
    let mut case = TestCase::new(name.trim_end(), status);
    case.set_classname("syncgate.files");
    evidence_of(&mut case, &finding.controls);
    case
}

/// Says of which controls a case is evidence, where there are any.
fn evidence_of(case: &mut TestCase, controls: &[String]) {
    if !controls.is_empty() {
        case.add_property(("controls", controls.join(", ").as_str()));
    }
}

/// What is worth knowing fails nothing.
fn noted(findings: &[&Finding]) -> TestCaseStatus {
    let messages: Vec<&str> = findings.iter().map(|finding| finding.message.as_str()).collect();
    skipped(&format!("noted: {}", messages.join("; ")))
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
    let mut reasons: Vec<String> =
        findings.filter_map(|finding| finding.waived.as_ref()).map(Waived::in_words).collect();
    reasons.dedup();
    match reasons.as_slice() {
        [] => "waived: its level is allow".to_owned(),
        reasons => format!("waived: {}", reasons.join("; ")),
    }
}
