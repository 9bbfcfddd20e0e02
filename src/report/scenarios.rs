//! Scenarios that were played: for people, as JSON and as JUnit; and which rules they reached.

use super::document::{location, pretty, provenance};
use super::findings::pointed;
use super::text::{Style, Table, counted};
use crate::load::LoadedScenario;
use crate::model::Rules;
use crate::scenario::{Failure, Mismatch, Play};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A scenario with what came of it.
#[derive(Clone, Debug)]
pub struct Played {
    /// The scenario as it was read.
    pub loaded: LoadedScenario,
    /// What came of it.
    pub play: Play,
}

impl Played {
    fn path(&self) -> &str {
        self.loaded.path()
    }

    fn name(&self) -> &str {
        &self.loaded.scenario.name
    }

    fn steps(&self) -> usize {
        self.loaded.scenario.steps().count()
    }
}

/// For every rule the scenarios that reached it.
fn reached<'p>(rules: &'p Rules, played: &'p [Played]) -> Vec<(&'p str, Vec<&'p Played>)> {
    let by = |index: usize| {
        played
            .iter()
            .filter(move |played| played.play.rules.iter().any(|rule| rule.index() == index))
    };
    rules
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (rule.id.as_str(), by(index).collect()))
        .collect()
}

/// `test`: each scenario on a line, those that failed with the step; the rules that none reached.
pub fn scenarios_human(rules: &Rules, played: &[Played], coverage: bool, style: Style) -> String {
    let mut text = String::new();
    let mut table = Table::new([]);
    for one in played {
        let mark = if one.play.failure.is_none() { style.good("ok") } else { style.bad("FAILED") };
        let steps = style.dim(&counted(one.steps(), "step"));
        table.row([mark, one.name().to_owned(), steps, style.dim(one.path())]);
    }
    text.push_str(&table.render(style));
    for one in played {
        if let Some(failure) = &one.play.failure {
            text.push('\n');
            text.push_str(&failed(one, failure, style));
        }
    }
    if coverage {
        text.push('\n');
        text.push_str(&coverage_human(rules, played, style));
    }
    let failed = played.iter().filter(|one| one.play.failure.is_some()).count();
    let verdict = if failed == 0 { style.good("ok") } else { style.bad("failed") };
    let passed = played.len() - failed;
    let _ = writeln!(
        text,
        "\n{verdict}: {}: {passed} passed, {failed} failed",
        counted(played.len(), "scenario")
    );
    text
}

fn failed(one: &Played, failure: &Failure, style: Style) -> String {
    let title = format!("step {} of `{}` is not as expected", failure.step, one.name());
    let places: Vec<_> = failure.mismatches.iter().map(|it| (it.span, told(it))).collect();
    let mut text = pointed(&one.loaded.files, &title, &places, style);
    text.push('\n');
    if let Some(answer) = &failure.answer {
        let _ = writeln!(text, "  {} {answer}", style.dim("the answer was"));
    }
    text
}

fn told(mismatch: &Mismatch) -> String {
    let Mismatch { key, expected, found, .. } = mismatch;
    format!("{key}: expected {expected}, found {found}")
}

fn coverage_human(rules: &Rules, played: &[Played], style: Style) -> String {
    let reached = reached(rules, played);
    let mut table = Table::new(["rule", "scenarios", "reached by"]);
    for (rule, by) in reached.iter().filter(|(_, by)| !by.is_empty()) {
        let first = by.first().map_or("", |played| played.name());
        let more = if by.len() > 1 { format!("{first}, …") } else { first.to_owned() };
        table.row([(*rule).to_owned(), by.len().to_string(), more]);
    }
    let mut text = table.render(style);
    let unreached: Vec<&str> =
        reached.iter().filter(|(_, by)| by.is_empty()).map(|(rule, _)| *rule).collect();
    let of = reached.len();
    let _ = writeln!(text, "\n{} of {of} rules reached", of - unreached.len());
    for rule in unreached {
        let _ = writeln!(text, "  {} {rule}", style.bad("not reached:"));
    }
    text
}

/// `test --format json`
pub fn scenarios_json(rules: &Rules, played: &[Played], coverage: bool) -> String {
    let scenarios: Vec<Value> = played.iter().map(|one| scenario_json(rules, one)).collect();
    let failed = played.iter().filter(|one| one.play.failure.is_some()).count();
    let mut document = json!({
        "version": 1,
        "scenarios": scenarios,
        "summary": { "passed": played.len() - failed, "failed": failed },
    });
    if let Some(object) = document.as_object_mut() {
        if coverage {
            object.insert("coverage".to_owned(), coverage_json(rules, played));
        }
        object.insert("provenance".to_owned(), provenance(rules, None));
    }
    pretty(&document)
}

fn scenario_json(rules: &Rules, one: &Played) -> Value {
    let by = one.play.rules.iter().filter_map(|rule| rules.rules.get(rule.index()));
    let failure = one.play.failure.as_ref().map(|failure| {
        let mismatches = failure.mismatches.iter().map(|it| {
            json!({
                "key": it.key,
                "expected": it.expected,
                "found": it.found,
                "location": location(&one.loaded.files, it.span),
            })
        });
        json!({
            "step": failure.step,
            "location": location(&one.loaded.files, failure.span),
            "mismatches": mismatches.collect::<Vec<_>>(),
            "answer": failure.answer,
        })
    });
    json!({
        "path": one.path(),
        "name": one.name(),
        "sources": one.loaded.scenario.sources,
        "steps": one.steps(),
        "passed": failure.is_none(),
        "failure": failure,
        "rules": by.map(|rule| rule.id.as_str()).collect::<Vec<_>>(),
    })
}

fn coverage_json(rules: &Rules, played: &[Played]) -> Value {
    let reached = reached(rules, played);
    let unreached: Vec<&str> =
        reached.iter().filter(|(_, by)| by.is_empty()).map(|(rule, _)| *rule).collect();
    let by = reached.iter().map(|(rule, by)| {
        json!({ "rule": rule, "scenarios": by.iter().map(|one| one.path()).collect::<Vec<_>>() })
    });
    json!({ "rules": by.collect::<Vec<_>>(), "unreached": unreached })
}

/// `test --format junit`: a test case for each scenario; with coverage, one for each rule.
pub fn scenarios_junit(rules: &Rules, played: &[Played], coverage: bool) -> String {
    let mut suite = TestSuite::new("scenarios");
    for one in played {
        let status = match &one.play.failure {
            None => TestCaseStatus::success(),
            Some(failure) => failure_status(one, failure),
        };
        let mut case = TestCase::new(one.name(), status);
        case.set_classname(one.path()).set_assertions(one.steps());
        suite.add_test_case(case);
    }
    let mut report = Report::new("syncgate test");
    report.add_test_suite(suite);
    if coverage {
        let mut suite = TestSuite::new("coverage");
        for (rule, by) in reached(rules, played) {
            let mut status = TestCaseStatus::success();
            if by.is_empty() {
                status = TestCaseStatus::skipped();
                status.set_message("no scenario reached it");
            }
            let mut case = TestCase::new(rule, status);
            case.set_classname("syncgate.rules");
            suite.add_test_case(case);
        }
        report.add_test_suite(suite);
    }
    report.to_string().unwrap_or_default()
}

fn failure_status(one: &Played, failure: &Failure) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    let lines: Vec<String> = failure
        .mismatches
        .iter()
        .map(|it| {
            let start = one.loaded.files.position(it.span).start;
            format!("{}:{}:{}: {}", one.path(), start.line, start.column, told(it))
        })
        .collect();
    status
        .set_message(format!("step {} is not as expected", failure.step))
        .set_description(lines.join("\n"));
    status
}
