//! `compare --format junit`.

use super::{UnreadableLine, expected, observed, supposed};
use crate::engine::Engine;
use crate::model::{SituationFact, said};
use crate::report::check::junit::report;
use crate::whatif::{ComparedObservations, Discrepancy, Observation};
use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};
use std::collections::BTreeMap;

/// What is asked alike: operation, channel and situation. It has one test case, by the same name
/// every time.
type Asked<'a> = (&'a str, &'a str, String);

/// `compare --format junit`: a test case for each operation, channel and situation that was
/// observed.
pub fn observations_junit(
    engine: &Engine,
    compared: &ComparedObservations<'_>,
    unreadable: &[UnreadableLine],
) -> String {
    let mut asked: BTreeMap<Asked<'_>, Vec<&Discrepancy<'_>>> = BTreeMap::new();
    for (observation, alike) in &compared.alike {
        asked.entry(case_of(engine, observation, alike.channel.id())).or_default();
    }
    for discrepancy in &compared.discrepancies {
        let case = case_of(engine, &discrepancy.observation, discrepancy.channel.id());
        asked.entry(case).or_default().push(discrepancy);
    }
    let mut suite = TestSuite::new("observations");
    for ((operation, channel, situation), differing) in asked {
        let status =
            if differing.is_empty() { TestCaseStatus::success() } else { failure(&differing) };
        let mut case = TestCase::new(format!("{operation} at {channel}, {situation}"), status);
        case.set_classname(format!("syncgate.{operation}"));
        suite.add_test_case(case);
    }
    let mut suites = vec![suite];
    if !unreadable.is_empty() {
        let mut suite = TestSuite::new("lines");
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        let lines = unreadable.iter().map(|it| format!("line {}: {}", it.line, it.message));
        let lines: Vec<String> = lines.collect();
        status.set_message(format!("{} could not be read", lines.len()));
        status.set_description(lines.join("\n"));
        let mut case = TestCase::new("every line is an observation", status);
        case.set_classname("syncgate.lines");
        suite.add_test_case(case);
        suites.push(suite);
    }
    report("syncgate compare", suites)
}

fn case_of<'a>(engine: &'a Engine, observation: &Observation, channel: &'a str) -> Asked<'a> {
    let situation = observation.situation;
    let unusual = SituationFact::ALL.iter().filter(|fact| situation.value(**fact) != 0);
    let unusual: Vec<String> =
        unusual.map(|fact| format!("{fact} = {}", situation.word(*fact))).collect();
    let situation = if unusual.is_empty() { "ordinary".to_owned() } else { unusual.join(", ") };
    (&engine.rules().operation(observation.operation).id, channel, situation)
}

fn failure(differing: &[&Discrepancy<'_>]) -> TestCaseStatus {
    let told = |it: &&Discrepancy<'_>| {
        let cause = said(it.cause.as_ref(), |change| format!("; likely if {}", supposed(change)));
        format!(
            "line {}: observed {}, expected {}{cause}",
            it.line,
            observed(&it.observation),
            expected(it)
        )
    };
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some(first) = differing.first() {
        let message =
            format!("observed {}, expected {}", observed(&first.observation), expected(first));
        status.set_message(message);
    }
    status.set_description(differing.iter().map(told).collect::<Vec<_>>().join("\n"));
    status
}
