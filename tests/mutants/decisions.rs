//! Judges of decisions: the oracle over generated deployments, the cases that are written down,
//! and the scenarios.

use crate::common::generated::deployment;
use crate::common::{deployment_toml, moments};
use crate::fixtures;
use crate::oracle::{self, Answer, Configuration, Now, OPERATIONS};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use syncgate::engine::{Channel, Decision, Engine};
use syncgate::load::{InputFile, LoadedScenario, Scenario};
use syncgate::model::{Deployment, Rules, Situation};
use syncgate::scenario::play;
use syncgate::wire::{DecisionWriter, parse_request};

/// How many deployments the oracle decides.
const DEPLOYMENTS: usize = 48;

/// What no answer has the number of: the request is impossible.
const IMPOSSIBLE: u32 = u32::MAX;

/// A deployment, and the number of the oracle's answer to every request at each of its channels.
struct Generated {
    toml: String,
    expected: Vec<Vec<u32>>,
}

/// What the oracle says.
pub struct Oracle {
    moments: Vec<(Now, Situation)>,
    answers: Vec<Answer>,
    generated: Vec<Generated>,
}

impl Oracle {
    pub fn new() -> Self {
        let mut runner = TestRunner::deterministic();
        let mut oracle = Self { moments: moments(), answers: Vec::new(), generated: Vec::new() };
        let mut numbers = BTreeMap::new();
        for _ in 0..DEPLOYMENTS {
            let configurations = deployment().new_tree(&mut runner).unwrap().current();
            let toml = deployment_toml(&configurations);
            let expected = configurations.iter().map(|it| oracle.answers_of(it, &mut numbers));
            let expected = expected.collect();
            oracle.generated.push(Generated { toml, expected });
        }
        oracle
    }

    fn answers_of(
        &mut self,
        configuration: &Configuration,
        numbers: &mut BTreeMap<String, u32>,
    ) -> Vec<u32> {
        let mut all = Vec::new();
        for operation in OPERATIONS {
            for (now, _) in &self.moments {
                let answer = oracle::decide(configuration, operation, now);
                all.push(answer.map_or(IMPOSSIBLE, |answer| {
                    *numbers.entry(answer.rule.clone()).or_insert_with(|| {
                        self.answers.push(answer);
                        u32::try_from(self.answers.len() - 1).unwrap()
                    })
                }));
            }
        }
        all
    }

    /// Whether the rules decide otherwise somewhere.
    pub fn notices(&self, rules: &Arc<Rules>) -> bool {
        let Some(operations) =
            OPERATIONS.iter().map(|name| rules.operation_named(name)).collect::<Option<Vec<_>>>()
        else {
            return true;
        };
        // A rule says the same wherever it decides.
        let mut known: BTreeMap<_, u32> = BTreeMap::new();
        for generated in &self.generated {
            let Ok(engine) = engine(rules, &generated.toml) else { return true };
            for (channel, expected) in engine.channels().zip(&generated.expected) {
                let mut expected = expected.iter();
                for operation in &operations {
                    for (_, situation) in &self.moments {
                        let wanted = *expected.next().unwrap();
                        let found =
                            channel.decide(*operation, *situation).map_or(IMPOSSIBLE, |decision| {
                                let id = decision.rule_id();
                                *known.entry(id).or_insert_with(|| self.number(decision))
                            });
                        if found != wanted {
                            return true;
                        }
                    }
                }
            }
        }
        false
    }

    /// The number of the answer that a decision is; where the oracle gives none such, no number.
    fn number(&self, decision: Decision<'_>) -> u32 {
        let found = self.answers.iter().position(|answer| {
            decision.outcome().as_str() == answer.outcome
                && decision.reason() == answer.reason
                && decision.rule() == answer.rule
                && decision.basis().as_str() == answer.basis
                && decision.sources() == answer.sources.as_slice()
                && decision.error_id() == answer.error_id.as_deref()
        });
        found.map_or(IMPOSSIBLE - 1, |at| u32::try_from(at).unwrap())
    }
}

/// The engine of a deployment, unless it is found wrong.
pub fn engine(rules: &Arc<Rules>, toml: &str) -> Result<Engine, ()> {
    let loaded = Deployment::from_text(rules, "deployment.toml", toml);
    Engine::new(rules, loaded.valid().map_err(|_| ())?).map_err(|_| ())
}

/// The engine of a deployment of the fixtures.
pub fn engine_of(rules: &Arc<Rules>, path: &str) -> Result<Engine, ()> {
    let loaded = Deployment::load_by(rules, path).map_err(|_| ())?;
    Engine::new(rules, loaded.valid().map_err(|_| ())?).map_err(|_| ())
}

/// The requests of `fixtures/decisions` by deployment, each with what is expected.
pub struct Cases(BTreeMap<String, Vec<(String, Value)>>);

impl Cases {
    pub fn read() -> Self {
        let mut cases: BTreeMap<String, Vec<(String, Value)>> = BTreeMap::new();
        for path in fixtures::below("fixtures/decisions") {
            for line in fixtures::read(&path).lines() {
                let case: Value = serde_json::from_str(line).unwrap();
                let request = case.get("line").and_then(Value::as_str).map(str::to_owned);
                let request = request.unwrap_or_else(|| case["request"].to_string());
                let of = format!("fixtures/deployments/{}", case["deployment"].as_str().unwrap());
                cases.entry(of).or_default().push((request, case["expect"].clone()));
            }
        }
        Self(cases)
    }

    /// Whether the rules answer one of them otherwise.
    pub fn notices(&self, rules: &Arc<Rules>) -> bool {
        self.0.iter().any(|(deployment, cases)| {
            let Ok(engine) = engine_of(rules, deployment) else { return true };
            let writer = DecisionWriter::new(&engine);
            cases.iter().any(|(request, expect)| differs(expect, answer(&engine, &writer, request)))
        })
    }
}

/// The answer to a request; `None` where it is refused.
fn answer(engine: &Engine, writer: &DecisionWriter, line: &str) -> Option<Value> {
    let request = parse_request(line).ok()?;
    let operation = engine.operation(&request.operation).ok()?;
    let channel: Channel<'_> = engine.channel(&request.channel).ok()?;
    let decision = channel.decide(operation, request.situation).ok()?;
    let mut line = Vec::new();
    writer.write(&mut line, request.id, operation, channel, decision);
    Some(serde_json::from_slice(&line).unwrap())
}

fn differs(expect: &Value, answer: Option<Value>) -> bool {
    let refused = answer.is_none();
    let answer = answer.unwrap_or(Value::Null);
    expect.as_object().unwrap().iter().any(|(key, wanted)| match key.as_str() {
        "error" => wanted.as_bool() != Some(refused),
        key => answer.get(key).unwrap_or(&Value::Null) != wanted,
    })
}

/// The scenarios by deployment.
pub struct Scenarios(BTreeMap<String, Vec<LoadedScenario>>);

impl Scenarios {
    pub fn read() -> Self {
        let mut scenarios: BTreeMap<String, Vec<LoadedScenario>> = BTreeMap::new();
        let files = fixtures::below("fixtures/scenarios");
        for path in files.into_iter().filter(|path| !path.ends_with("README.md")) {
            let file = InputFile { bytes: Ok(fixtures::bytes(&path)), path };
            let loaded = Scenario::from_file(file);
            let name = loaded.scenario.deployment.rsplit('/').next().unwrap();
            let deployment = format!("fixtures/deployments/{name}");
            scenarios.entry(deployment).or_default().push(loaded);
        }
        Self(scenarios)
    }

    /// Whether one of them goes otherwise.
    pub fn notices(&self, rules: &Arc<Rules>) -> bool {
        self.0.iter().any(|(deployment, scenarios)| {
            let Ok(engine) = engine_of(rules, deployment) else { return true };
            scenarios.iter().any(|loaded| {
                !loaded.clone().with_names_of(rules).is_valid()
                    || !play(&engine, &loaded.scenario).is_ok_and(|play| play.failure.is_none())
            })
        })
    }
}
