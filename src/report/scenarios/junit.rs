//! `test --format junit`.

use super::played::{Played, reached, told};
use crate::model::Rules;
use crate::report::check::junit::report;
use crate::scenario::FailedStep;
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

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
    let mut suites = vec![suite];
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
        suites.push(suite);
    }
    report("syncgate test", suites)
}

fn failure_status(one: &Played, failure: &FailedStep) -> TestCaseStatus {
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
