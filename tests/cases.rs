//! Test cases that are made from the rules, compared with plain decisions.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{run, run_with_input};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use syncgate::engine::{Channel, Engine};
use syncgate::model::{Deployment, OperationId, Outcome, Rules, Situation, SituationFact};
use syncgate::whatif::{Case, Cover, Matrix, each_case, mentioned_situation_facts};

const CONTOSO: &str = "fixtures/deployments/contoso";

/// The engines of the fixture deployments.
fn fixtures() -> Vec<(String, Engine)> {
    let rules = Rules::embedded();
    let engine = |name: String| {
        let path = format!("fixtures/deployments/{name}");
        let loaded = Deployment::load(&process::path(&path)).unwrap();
        Some((path, Engine::new(&rules, loaded.valid().ok()?).unwrap()))
    };
    process::entries("fixtures/deployments").into_iter().filter_map(engine).collect()
}

fn cases(engine: &Engine, cover: Cover) -> Vec<Case<'_>> {
    let mut cases = Vec::new();
    each_case(engine, cover, |case| {
        cases.push(case);
        Ok::<(), ()>(())
    })
    .unwrap();
    cases
}

/// Every decision there is: of each channel, operation and situation.
fn naive(engine: &Engine) -> Vec<(Channel<'_>, OperationId, Situation, String, Outcome)> {
    let mut all = Vec::new();
    for channel in engine.channels() {
        for operation in engine.rules().operation_ids() {
            for situation in Situation::all() {
                if let Ok(decision) = channel.decide(operation, situation) {
                    let rule = decision.rule().to_owned();
                    all.push((channel, operation, situation, rule, decision.outcome()));
                }
            }
        }
    }
    all
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_case_is_decided_as_it_expects() {
    let mut compared = 0;
    for (path, _) in fixtures() {
        for cover in Cover::WORDS {
            let made = run(&format!("cases {path} --cover {cover}"));
            assert_eq!((made.status, &*made.err), (0, ""), "{path}");
            let cases = lines(&made.out);
            let ids: BTreeSet<&str> = cases.iter().map(|it| it["id"].as_str().unwrap()).collect();
            assert_eq!(ids.len(), cases.len(), "{path} {cover}: ids tell cases apart");
            let requests: String =
                cases.iter().map(|case| case["request"].to_string() + "\n").collect();
            let answers = lines(
                &run_with_input(&format!("decide {path} --input -"), requests.as_bytes()).out,
            );
            assert_eq!(answers.len(), cases.len(), "{path} {cover}");
            for (case, answer) in cases.iter().zip(&answers) {
                assert_eq!(case["deployment"], *path);
                for (key, expected) in case["expect"].as_object().unwrap() {
                    assert_eq!(answer[key], *expected, "{case}");
                }
                assert_eq!(case["covers"], json!([answer["rule"]]));
                compared += 1;
            }
        }
    }
    assert!(compared > 5_000, "{compared}");
}

#[test]
fn rules_are_covered_each_by_one_case() {
    for (path, engine) in fixtures() {
        let reached: BTreeSet<String> = naive(&engine).into_iter().map(|it| it.3).collect();
        let covered: Vec<&str> =
            cases(&engine, Cover::Rules).iter().map(|case| case.decision.rule()).collect();
        assert_eq!(covered.len(), reached.len(), "{path}");
        let covered: BTreeSet<String> = covered.into_iter().map(str::to_owned).collect();
        assert_eq!(covered, reached, "{path}");
    }
}

/// The facts of the situation in which two situations differ.
fn differing(one: Situation, other: Situation) -> usize {
    SituationFact::ALL.iter().filter(|fact| one.value(**fact) != other.value(**fact)).count()
}

#[test]
fn outcomes_are_covered_by_pairs_that_differ_in_one_fact() {
    for (path, engine) in fixtures() {
        let mut possible: BTreeSet<(String, Outcome)> = BTreeSet::new();
        let mut decided: BTreeMap<_, (&str, Outcome)> = BTreeMap::new();
        let all = naive(&engine);
        for (channel, operation, situation, rule, outcome) in &all {
            decided.insert((channel.number(), *operation, *situation), (rule, *outcome));
        }
        for ((channel, operation, situation), (rule, outcome)) in &decided {
            for other in Situation::all().filter(|other| differing(*situation, *other) == 1) {
                match decided.get(&(*channel, *operation, other)) {
                    Some((_, other)) if other != outcome => {
                        possible.insert(((*rule).to_owned(), *other));
                    }
                    _ => {}
                }
            }
        }
        let mut covered: BTreeSet<(String, Outcome)> = BTreeSet::new();
        let cases = cases(&engine, Cover::Outcomes);
        assert_eq!(cases.len() % 2, 0);
        for (number, pair) in cases.chunks(2).enumerate() {
            let [one, other] = pair else { panic!("two make a pair") };
            assert_eq!((one.pair, other.pair), (Some(number + 1), Some(number + 1)));
            assert_eq!(one.channel.number(), other.channel.number());
            assert_eq!(one.operation, other.operation);
            assert_eq!(differing(one.situation, other.situation), 1, "{path}: {one:?} {other:?}");
            assert_ne!(one.decision.outcome(), other.decision.outcome());
            for (one, other) in [(one, other), (other, one)] {
                covered.insert((one.decision.rule().to_owned(), other.decision.outcome()));
            }
        }
        assert_eq!(covered, possible, "{path}");
    }
}

/// Two values of two facts; of an operation with one fact, that value twice.
type ValuePair = (SituationFact, usize, SituationFact, usize);

fn value_pairs(facts: &[SituationFact], situation: Situation) -> Vec<ValuePair> {
    let mut pairs = Vec::new();
    for one in facts {
        for other in facts.iter().filter(|other| *other != one || facts.len() == 1) {
            pairs.push((*one, situation.value(*one), *other, situation.value(*other)));
        }
    }
    pairs
}

#[test]
fn pairs_of_values_are_all_covered_and_all_is_everything() {
    for (path, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        let (pairs, all) = (cases(&engine, Cover::Pairs), cases(&engine, Cover::All));
        let mut made = 0;
        for group in matrix.groups() {
            let channel = group.channels()[0];
            for operation in engine.rules().operation_ids() {
                let facts = mentioned_situation_facts(engine.rules(), operation);
                // What is not mentioned has its first value in every case.
                let ordinary = |it: &Situation| {
                    SituationFact::ALL
                        .iter()
                        .all(|fact| facts.contains(fact) || it.value(*fact) == 0)
                };
                let possible: Vec<Situation> = Situation::all()
                    .filter(ordinary)
                    .filter(|it| channel.decide(operation, *it).is_ok())
                    .collect();
                let of = |cases: &[Case<'_>]| -> Vec<Situation> {
                    let own = cases.iter().filter(|case| {
                        case.operation == operation && case.channel.number() == channel.number()
                    });
                    own.map(|case| case.situation).collect()
                };
                assert_eq!(of(&all), possible, "{path}");
                let wanted: BTreeSet<ValuePair> =
                    possible.iter().flat_map(|it| value_pairs(&facts, *it)).collect();
                let chosen = of(&pairs);
                let covered: BTreeSet<ValuePair> =
                    chosen.iter().flat_map(|it| value_pairs(&facts, *it)).collect();
                assert_eq!(covered, wanted, "{path}");
                assert!(!chosen.is_empty() || possible.is_empty(), "{path}: one at least");
                assert!(chosen.len() <= possible.len());
                made += chosen.len();
            }
        }
        assert_eq!(made, pairs.len(), "{path}: each class by one of its channels");
        assert!(pairs.len() <= all.len(), "{path}");
    }
}

#[test]
fn csv_and_gherkin_have_the_same_cases() {
    for path in [CONTOSO, "fixtures/report/hostile.toml"] {
        let made =
            |format: &str| run(&format!("cases {path} --cover outcomes --format {format}")).out;
        let cases = lines(&made("jsonl"));
        assert!(!cases.is_empty(), "{path}");
        let csv = made("csv");
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headings = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), cases.len());
        for (row, case) in rows.iter().zip(&cases) {
            for (heading, cell) in headings.iter().zip(row) {
                let value = heading.split('.').try_fold(case, |value, key| value.get(key));
                let expected = match value {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::Array(values)) => {
                        values.iter().map(|it| it.as_str().unwrap()).collect::<Vec<_>>().join(" ")
                    }
                    Some(Value::String(text)) => text.clone(),
                    Some(other) => other.to_string(),
                };
                // What a spreadsheet would run has an apostrophe before it.
                let is_formula = expected.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
                let guard = if is_formula { "'" } else { "" };
                assert_eq!(cell, format!("{guard}{expected}"), "{heading}: {case}");
            }
        }
        let gherkin = made("gherkin");
        let scenarios: Vec<&str> =
            gherkin.lines().filter_map(|line| line.strip_prefix("  Scenario: ")).collect();
        assert_eq!(scenarios.len(), cases.len());
        assert_eq!(scenarios.iter().collect::<BTreeSet<_>>().len(), cases.len());
        assert_eq!(gherkin.lines().filter(|line| line.starts_with("Feature: ")).count(), 1);
        let known =
            ["#", "Feature: ", "  Scenario: ", "    Given ", "    And ", "    When ", "    Then "];
        for line in gherkin.lines().filter(|line| !line.is_empty()) {
            assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
        }
    }
}

#[test]
fn nothing_to_make_cases_of_is_told() {
    for line in [
        "cases fixtures/broken/SG006",
        "cases fixtures/deployments/contoso --cover nonsense",
        "cases fixtures/deployments/contoso --format json",
    ] {
        let ended = run(line);
        assert_eq!((ended.status, &*ended.out), (2, ""), "{line}");
        assert!(!ended.err.is_empty(), "{line}");
    }
    let none = run_with_input("cases -", b"[deployment]\ncommerce-version = \"10.0.40\"\n");
    assert_eq!(none.status, 2);
    assert!(none.err.contains("no channel"), "{}", none.err);
}
