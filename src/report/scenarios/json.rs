//! `test --format json`.

use super::played::{Played, reached};
use crate::model::Rules;
use crate::report::document::{Location, Provenance, location, provenance};
use crate::scenario::{FailedStep, Mismatch};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// Scenarios that were played, and what came of each.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct ScenariosDocument<'a> {
    version: u32,
    scenarios: Vec<ScenarioDocument<'a>>,
    summary: Summary,
    /// Which rules they reached, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<CoverageDocument<'a>>,
    provenance: Provenance<'a>,
}

/// How many scenarios ended in each way.
#[derive(Debug, Serialize, JsonSchema)]
struct Summary {
    passed: usize,
    failed: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ScenarioDocument<'a> {
    path: &'a str,
    name: &'a str,
    /// The statements that it is about.
    sources: &'a [String],
    /// How many steps it has.
    steps: usize,
    passed: bool,
    /// The first step that is not as expected.
    failure: Option<FailureDocument<'a>>,
    /// The rules that decided.
    rules: Vec<&'a str>,
}

/// A step that is not as expected.
#[derive(Debug, Serialize, JsonSchema)]
struct FailureDocument<'a> {
    /// Its number, from 1.
    step: usize,
    location: Location<'a>,
    mismatches: Vec<MismatchDocument<'a>>,
    /// The answer to the event of the step, where it is one of an operation.
    answer: Option<&'a Value>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct MismatchDocument<'a> {
    key: &'a str,
    expected: &'a str,
    found: &'a str,
    location: Location<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CoverageDocument<'a> {
    rules: Vec<RuleDocument<'a>>,
    /// Rules that no scenario reached.
    unreached: Vec<&'a str>,
}

/// A rule with the paths of the scenarios that reached it.
#[derive(Debug, Serialize, JsonSchema)]
struct RuleDocument<'a> {
    rule: &'a str,
    scenarios: Vec<&'a str>,
}

/// `test --format json`.
pub fn scenarios_json<'a>(
    rules: &'a Rules,
    played: &'a [Played],
    coverage: bool,
) -> impl Serialize + use<'a> {
    let failed = played.iter().filter(|one| one.play.failure.is_some()).count();
    ScenariosDocument {
        version: 1,
        scenarios: played.iter().map(|one| scenario_json(rules, one)).collect(),
        summary: Summary { passed: played.len() - failed, failed },
        coverage: coverage.then(|| coverage_json(rules, played)),
        provenance: provenance(rules, None),
    }
}

fn scenario_json<'a>(rules: &'a Rules, one: &'a Played) -> ScenarioDocument<'a> {
    let by = one.play.rules.iter().filter_map(|rule| rules.rules.get(rule.index()));
    ScenarioDocument {
        path: one.path(),
        name: one.name(),
        sources: &one.loaded.scenario.sources,
        steps: one.steps(),
        passed: one.play.failure.is_none(),
        failure: one.play.failure.as_ref().map(|failure| failure_json(one, failure)),
        rules: by.map(|rule| rule.id.as_str()).collect(),
    }
}

fn failure_json<'a>(one: &'a Played, failure: &'a FailedStep) -> FailureDocument<'a> {
    FailureDocument {
        step: failure.step,
        location: location(&one.loaded.files, failure.span),
        mismatches: failure.mismatches.iter().map(|it| mismatch_json(one, it)).collect(),
        answer: failure.answer.as_ref(),
    }
}

fn mismatch_json<'a>(one: &'a Played, mismatch: &'a Mismatch) -> MismatchDocument<'a> {
    MismatchDocument {
        key: &mismatch.key,
        expected: &mismatch.expected,
        found: &mismatch.found,
        location: location(&one.loaded.files, mismatch.span),
    }
}

fn coverage_json<'a>(rules: &'a Rules, played: &'a [Played]) -> CoverageDocument<'a> {
    let reached = reached(rules, played);
    let unreached = reached.iter().filter(|(_, by)| by.is_empty());
    CoverageDocument {
        unreached: unreached.map(|(rule, _)| *rule).collect(),
        rules: reached
            .into_iter()
            .map(|(rule, by)| RuleDocument {
                rule,
                scenarios: by.iter().map(|one| one.path()).collect(),
            })
            .collect(),
    }
}
