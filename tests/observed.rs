//! What really happened against what should have: each observation compared with plain decisions,
//! and causes that were planted found again.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;
mod oracle;
#[path = "common/process.rs"]
mod process;

use common::generated::deployment;
use common::{deployment_toml, moments, valid};
use oracle::{Configuration, FeatureSetting, OPERATIONS};
use process::{Run, run, run_with_input};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use syncgate::engine::Engine;
use syncgate::model::{Outcome, Rules, SituationFact};
use syncgate::whatif::{ComparedObservations, Observation, Observations};

const CONTOSO: &str = "fixtures/deployments/contoso";

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// What was observed, made of what an oracle says: every operation in every situation, with those
/// facts stated that are not left out.
fn observed<'e>(
    said: &'e Engine,
    real: &[Configuration],
    unstated: &[SituationFact],
) -> ComparedObservations<'e> {
    let mut observations = Observations::default();
    let mut line = 0;
    for (number, configuration) in real.iter().enumerate() {
        let channel = said.channel(&format!("c{number}")).unwrap();
        for name in OPERATIONS {
            let operation = said.operation(name).unwrap();
            for (now, situation) in moments() {
                let Some(answer) = oracle::decide(configuration, name, &now) else { continue };
                // What is not stated counts as its default.
                let seen = unstated.iter().fold(situation, |it, fact| it.with(*fact, 0));
                let stated = SituationFact::ALL.iter().copied();
                line += 1;
                let observation = Observation {
                    channel: channel.number(),
                    operation,
                    situation: seen,
                    stated: stated.filter(|fact| !unstated.contains(fact)).collect(),
                    outcome: Outcome::from_word(answer.outcome).unwrap(),
                    error_id: answer.error_id,
                };
                // Elsewhere the channel may be in situations that it can't be in here.
                let _ = observations.add(line, None, channel, observation);
            }
        }
    }
    observations.compare()
}

/// One thing of a deployment turned over.
fn turned_over(said: &[Configuration], which: usize, turn: usize) -> Vec<Configuration> {
    let mut real = said.to_vec();
    let flip = |value: &mut Option<bool>, default: bool| *value = Some(!value.unwrap_or(default));
    let one = &mut real[which % said.len()];
    match turn {
        0 => flip(&mut one.create_customer_in_async_mode, false),
        1 => flip(&mut one.create_customer_order_in_async_mode, false),
        2 => flip(&mut one.real_time_order_creation_with_async_backup, false),
        3 => flip(&mut one.offline_customer_creation, true),
        4 => flip(&mut one.offline_order_creation, false),
        5 => flip(&mut one.default_customer_search_mode, false),
        6 => one.offline_group = Some(Some(one.offline_group != Some(Some(true)))),
        feature => {
            let feature = common::generated::FEATURES[feature - 7];
            let before = oracle::effective(&real[0], feature);
            for one in &mut real {
                one.features
                    .insert(feature, FeatureSetting { enabled: Some(!before), enabled_at: None });
            }
        }
    }
    real
}

/// Checks that the cause of what differs is found, where it is a single fact.
fn planted_cause_is_found(said: &[Configuration], which: usize, turn: usize) -> bool {
    let rules = Rules::embedded();
    let real = turned_over(said, which, turn);
    let engine = |configurations: &[Configuration]| {
        Engine::new(&rules, &valid(&rules, &deployment_toml(configurations))).unwrap()
    };
    let (of_said, of_real) = (engine(said), engine(&real));
    let differing: Vec<_> = of_said
        .channels()
        .zip(of_real.channels())
        .map(|(said, real)| said.configuration().differing(real.configuration()))
        .collect();
    let facts: BTreeSet<_> = differing.iter().flatten().copied().collect();
    // A fact that others require is more than one, and one that nothing reads is none.
    let (1, false) = (facts.len(), differing.iter().any(|facts| facts.len() > 1)) else {
        return false;
    };
    let fact = rules.fact(*facts.first().unwrap());
    let compared = observed(&of_said, &real, &[]);
    let differ = compared.discrepancies.len() as u64;
    if differ == 0 {
        return false;
    }
    let told: Vec<_> = compared
        .causes
        .iter()
        .map(|it| (it.change.found.fact.id.as_str(), it.explains, it.contradicted))
        .collect();
    // Either stops what the other stops: nobody can tell them apart.
    let twin = match fact.id.as_str() {
        "filter-shared-customer-data-tables" => "offline-customer-creation",
        other => other,
    };
    let planted = [vec![(fact.id.as_str(), differ, 0)], vec![(twin, differ, 0)]];
    assert!(planted.contains(&told), "{} is told as {told:?}\n{said:?}", fact.id);
    assert!(compared.discrepancies.iter().all(|it| it.cause.is_some()));
    true
}

/// A store with these settings and all features but one.
fn store(bits: usize, off: Option<usize>) -> Configuration {
    let bit = |number: usize| Some(bits >> number & 1 == 1);
    let features = common::generated::FEATURES.iter().enumerate().map(|(number, id)| {
        (*id, FeatureSetting { enabled: Some(off != Some(number)), enabled_at: None })
    });
    Configuration {
        version: (10, 0, 40, 0),
        channel_kind: "store",
        supports_offline: Some(true),
        create_customer_in_async_mode: bit(0),
        create_customer_order_in_async_mode: bit(1),
        real_time_order_creation_with_async_backup: bit(2),
        offline_customer_creation: bit(3),
        offline_order_creation: bit(4),
        default_customer_search_mode: bit(5),
        offline_group: Some(bit(6)),
        channel_group: None,
        features: features.collect(),
        runs: Vec::new(),
    }
}

#[test]
fn a_planted_cause_is_found_whatever_the_fact() {
    let mut found = BTreeMap::new();
    for turn in 0..14 {
        for bits in 0..128 {
            let off = [None, Some(3)][bits % 2];
            let is_found = planted_cause_is_found(&[store(bits, off)], 0, turn);
            *found.entry(turn).or_insert(0) += usize::from(is_found);
        }
    }
    // The first feature is mandatory, and the others of editing are more than one fact.
    let missed: Vec<usize> =
        found.iter().filter(|(_, found)| **found == 0).map(|(turn, _)| *turn).collect();
    assert_eq!(missed, [7], "{found:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_planted_cause_is_found_among_several_channels(
        said in deployment(),
        which in 0..6_usize,
        turn in 0..14_usize,
    ) {
        planted_cause_is_found(&said, which, turn);
    }
}

#[test]
fn what_is_not_stated_may_be_the_cause() {
    let rules = Rules::embedded();
    let said = [store(0b11, None)];
    let engine = Engine::new(&rules, &valid(&rules, &deployment_toml(&said))).unwrap();
    for fact in SituationFact::ALL {
        let compared = observed(&engine, &said, &[*fact]);
        assert!(!compared.discrepancies.is_empty(), "{fact}");
        for discrepancy in &compared.discrepancies {
            let cause = discrepancy.cause.as_ref().unwrap();
            assert_eq!(cause.outcome, discrepancy.observation.outcome);
        }
        assert!(
            compared.causes.iter().any(|it| it.change.found.fact.id == fact.as_str()),
            "{fact}"
        );
    }
    assert!(observed(&engine, &said, &[]).discrepancies.is_empty());
}

fn compare(observed: &str, more: &str) -> Run {
    let line = format!("compare {CONTOSO} --observed - {more}");
    run_with_input(line.trim_end(), observed.as_bytes())
}

/// The cases of a deployment as somebody would have observed them.
fn as_observed(cover: &str) -> Vec<Value> {
    let cases = lines(&run(&format!("cases {CONTOSO} --cover {cover}")).out);
    let observation = |case: &Value| {
        let mut line = case["request"].clone();
        line["id"] = case["id"].clone();
        line["observed_outcome"] = case["expect"]["outcome"].clone();
        line["observed_error_id"] = case["expect"]["error_id"].clone();
        line["at"] = json!("2026-11-20T08:00:00Z");
        line
    };
    cases.iter().map(observation).collect()
}

fn jsonl(lines: &[Value]) -> String {
    lines.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect()
}

#[test]
fn observations_that_agree_are_fine_and_the_others_are_told() {
    let mut observed = as_observed("all");
    let fine = compare(&jsonl(&observed), "--format json");
    let document: Value = serde_json::from_str(&fine.out).unwrap();
    assert_eq!((fine.status, &document["differ"]), (0, &0.into()), "{}", fine.err);
    assert_eq!(document["observed"], observed.len());
    let counted = document["summary"].as_array().unwrap().iter();
    assert_eq!(
        counted.map(|it| it["observed"].as_u64().unwrap()).sum::<u64>(),
        observed.len() as u64
    );

    // Logs tell an error by its last part.
    let mut short = observed.clone();
    for line in &mut short {
        let last = line["observed_error_id"].as_str().and_then(|id| id.rsplit('_').next());
        line["observed_error_id"] = json!(last);
    }
    assert!(short.iter().any(|line| line["observed_error_id"].is_string()));
    assert_eq!(compare(&jsonl(&short), "").status, 0);

    // Another outcome, and another error id where one is known.
    let known = observed.iter().position(|it| it["observed_error_id"].is_string()).unwrap();
    observed[known]["observed_error_id"] = json!("Microsoft_Dynamics_Commerce_Runtime_Other");
    let unknown = observed.iter().position(|it| it["observed_outcome"] == "sync").unwrap();
    observed[unknown]["observed_error_id"] = json!("Microsoft_Dynamics_Commerce_Runtime_Other");
    observed[unknown + 1]["observed_outcome"] = json!("nonsense");
    let last = observed.len() - 1;
    observed[last]["observed_outcome"] = json!("sync");
    let text = jsonl(&observed);
    let told = compare(&text, "--format json");
    let document: Value = serde_json::from_str(&told.out).unwrap();
    assert_eq!(told.status, 1);
    let lines: Vec<u64> = document["differences"]
        .as_array()
        .unwrap()
        .iter()
        .map(|difference| difference["line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [known as u64 + 1, observed.len() as u64]);
    assert_eq!(document["differences"][0]["id"], observed[known]["id"]);
    assert_eq!(document["unreadable"][0]["line"], unknown + 2);
    assert!(told.err.contains(&format!("line {}: `nonsense` is no value of", unknown + 2)));
    assert_eq!(document["observed"], observed.len() - 1);
    let human = compare(&text, "");
    assert!(human.out.starts_with("2 otherwise than it should be: "), "{}", human.out);
    assert!(human.out.contains("1 line could not be read"), "{}", human.out);
}

#[test]
fn csv_is_read_as_json_lines_are() {
    let mut observed = as_observed("pairs");
    for line in observed.iter_mut().step_by(7) {
        line["observed_outcome"] = json!("sync");
        line.as_object_mut().unwrap().remove("observed_error_id");
        line.as_object_mut().unwrap().remove("customer");
    }
    let headings: Vec<&str> = "id operation channel connection real_time_service customer order \
        loyalty_enrollment_blocked affiliation_hidden_in_channels observed_outcome \
        observed_error_id at"
        .split_whitespace()
        .collect();
    let cell = |line: &Value, heading: &&str| match &line[*heading] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(value) => value.to_string().to_uppercase(),
        other => other.to_string(),
    };
    let document = |run: &Run| -> Value { serde_json::from_str(&run.out).unwrap() };
    let expected = document(&compare(&jsonl(&observed), "--format json"));
    for (separator, encode) in [(b',', false), (b';', true), (b'\t', false)] {
        let mut writer = csv::WriterBuilder::new().delimiter(separator).from_writer(Vec::new());
        writer.write_record(&headings).unwrap();
        for line in &observed {
            writer.write_record(headings.iter().map(|heading| cell(line, heading))).unwrap();
        }
        let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
        let bytes = if encode {
            std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
        } else {
            text.into_bytes()
        };
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::io::Write::write_all(&mut file.as_file(), &bytes).unwrap();
        let line = format!("compare {CONTOSO} --format json --observed {}", file.path().display());
        let mut read = document(&run(&line));
        // The headings are a line of their own.
        for difference in read["differences"].as_array_mut().unwrap() {
            difference["line"] = json!(difference["line"].as_u64().unwrap() - 1);
        }
        assert_eq!(read, expected, "separated by {:?}", char::from(separator));
    }
}

#[test]
fn wrong_lines_of_csv_say_what_is_wrong() {
    let file = tempfile::Builder::new().suffix(".CSV").tempfile().unwrap();
    let text = "operation,channel,customer,observed_outcome\n\
                612,houston,,async\n\
                612,nowhere,,async\n\
                612,houston,,\n\
                612,houston,new,async\n\
                612,web,,async,offline\n\
                \"two\nlines\",houston,,async\n\
                612,houston,pending,async\n";
    std::io::Write::write_all(&mut file.as_file(), text.as_bytes()).unwrap();
    let line = format!("compare {CONTOSO} --format json --observed {}", file.path().display());
    let ended = run(&line);
    let document: Value = serde_json::from_str(&ended.out).unwrap();
    let told: Vec<(u64, &str)> = document["unreadable"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (it["line"].as_u64().unwrap(), it["message"].as_str().unwrap()))
        .collect();
    assert_eq!((ended.status, &document["observed"]), (1, &2.into()));
    assert_eq!(told[0].0, 3);
    assert!(told[0].1.starts_with("unknown channel `nowhere`"), "{told:?}");
    assert_eq!(told[1], (4, "missing key `observed_outcome`"));
    assert!(told[2].1.starts_with("`new` is no value of `customer`"), "{told:?}");
    assert_eq!(told[3], (6, "cell 5 has no heading"));
    assert_eq!(told[4].0, 7);
    assert!(told[4].1.starts_with("unknown operation"), "{told:?}");
}

#[test]
fn junit_has_a_case_for_all_that_was_asked_alike() {
    let mut observed = as_observed("all");
    let twice = observed.clone();
    observed.extend(twice);
    observed[3]["observed_outcome"] = json!("sync");
    let text = compare(&(jsonl(&observed) + "nonsense\n"), "--format junit");
    let report = quick_junit::Report::deserialize_from_str(&text.out).unwrap();
    assert!(report.time.is_some() && report.test_suites.iter().all(|suite| suite.time.is_some()));
    let cases = &report.test_suites[0].test_cases;
    assert_eq!(cases.len() * 2, observed.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "names tell cases apart");
    let failed = cases
        .iter()
        .filter(|case| matches!(case.status, quick_junit::TestCaseStatus::NonSuccess { .. }));
    assert_eq!(failed.count(), 1);
    assert!(cases.iter().all(|case| case.time.is_some()));
    assert_eq!(report.test_suites[1].test_cases.len(), 1, "a line could not be read");
}

/// Each file of observations with what must be said of it: `differ`, and the causes as facts with
/// their values.
#[test]
fn fixtures_of_observations_have_their_causes() {
    let mut compared = 0;
    for entry in process::entries("fixtures/observed") {
        let Some(name) = entry.strip_suffix(".expect.json") else { continue };
        let expected: Value =
            serde_json::from_str(&process::read(&format!("fixtures/observed/{entry}"))).unwrap();
        let deployment = expected["deployment"].as_str().unwrap();
        let file = process::entries("fixtures/observed")
            .into_iter()
            .find(|it| it.rsplit_once('.').is_some_and(|(stem, _)| stem == name))
            .unwrap();
        let ended = run(&format!(
            "compare fixtures/deployments/{deployment} --observed fixtures/observed/{file} \
             --format json"
        ));
        let document: Value = serde_json::from_str(&ended.out).unwrap();
        assert_eq!(document["differ"], expected["differ"], "{file}: {document}");
        let causes = document["causes"].as_array().unwrap().iter();
        let causes: Vec<Value> =
            causes.map(|it| json!({ "fact": it["fact"], "to": it["to"] })).collect();
        assert_eq!(Value::Array(causes), expected["causes"], "{file}");
        compared += 1;
    }
    assert!(compared >= 2, "{compared}");
}

#[test]
fn nothing_to_compare_is_told() {
    let empty = compare("\n", "");
    assert_eq!((empty.status, &*empty.out), (2, ""));
    assert!(empty.err.contains("has no observation"), "{}", empty.err);
    for line in [
        "compare fixtures/deployments/contoso --observed fixtures/nowhere.jsonl",
        "compare fixtures/deployments/contoso --observed fixtures/observed",
        "compare fixtures/deployments/contoso",
        "compare - --observed -",
        "compare fixtures/broken/SG006 --observed fixtures/observed/contoso-sync-store.jsonl",
    ] {
        let ended = run(line);
        assert_eq!((ended.status, &*ended.out), (2, ""), "{line}");
        assert!(!ended.err.is_empty(), "{line}");
    }
}
