//! The fixtures are true: every decision case, every broken deployment, the first trading day.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{entries, exists, read, run, run_with_input};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn json(line: &str) -> Value {
    serde_json::from_str(line).unwrap()
}

/// In what an answer is not what a case expects: keys in `expect` are compared, `null` means
/// absent.
fn differences(expect: &Value, answer: &Value) -> Vec<String> {
    let expected = expect.as_object().unwrap().iter();
    let differs = expected.filter(|(key, wanted)| match key.as_str() {
        "error" => wanted.as_bool() != Some(answer.get("error").is_some()),
        key => answer.get(key).unwrap_or(&Value::Null) != *wanted,
    });
    differs
        .map(|(key, wanted)| format!("{key}: expected {wanted}, got {:?}", answer.get(key)))
        .collect()
}

#[test]
fn every_decision_case_is_answered_as_it_says() {
    let mut by_deployment: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for file in entries("fixtures/decisions") {
        for line in read(&format!("fixtures/decisions/{file}")).lines() {
            let case = json(line);
            by_deployment
                .entry(case["deployment"].as_str().unwrap().to_owned())
                .or_default()
                .push(case);
        }
    }
    let (mut failures, mut rules, mut count) = (Vec::new(), BTreeSet::new(), 0);
    for (deployment, cases) in &by_deployment {
        let input: String = cases
            .iter()
            .map(|case| match case.get("line") {
                Some(line) => format!("{}\n", line.as_str().unwrap()),
                None => format!("{}\n", case["request"]),
            })
            .collect();
        let answered = run_with_input(
            &format!("decide fixtures/deployments/{deployment} --input -"),
            input.as_bytes(),
        );
        let answers: Vec<Value> = answered.out.lines().map(json).collect();
        assert_eq!(answers.len(), cases.len(), "{}", answered.err);
        for (case, answer) in cases.iter().zip(&answers) {
            count += 1;
            rules.extend(answer["rule"].as_str().map(str::to_owned));
            let differences = differences(&case["expect"], answer);
            if !differences.is_empty() {
                failures.push(format!("{}: {differences:?}", case["id"]));
            }
        }
        let has_errors = answers.iter().any(|answer| answer.get("error").is_some());
        assert_eq!(answered.status, i32::from(has_errors));
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(count > 300);
    // Every rule there is has a case.
    let verified = json(&run("rules verify --format json").out);
    let all: BTreeSet<String> = verified["operations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|operation| operation["rules"].as_array().unwrap())
        .map(|rule| rule["rule"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        all.difference(&rules).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "rules without a case"
    );
}

/// The directories below `fixtures/broken` that have an `expect.json`.
fn broken_cases() -> Vec<String> {
    let mut cases = Vec::new();
    for code in entries("fixtures/broken") {
        let directory = format!("fixtures/broken/{code}");
        if exists(&format!("{directory}/expect.json")) {
            cases.push(directory.clone());
        }
        for case in entries(&directory) {
            let case = format!("{directory}/{case}");
            if exists(&format!("{case}/expect.json")) {
                cases.push(case);
            }
        }
    }
    cases
}

/// What a finding is not that a case expects.
fn finding_differs(expected: &Value, found: &Value) -> Option<String> {
    let file = found["location"]["file"].as_str().and_then(|file| file.rsplit('/').next());
    let contains = |key: &str, text: &Value| match expected.get(key) {
        Some(part) => text.as_str().is_some_and(|text| text.contains(part.as_str().unwrap())),
        None => true,
    };
    let given = |key: &str, value: &Value| expected.get(key).is_none_or(|wanted| wanted == value);
    let related: Vec<&Value> =
        found["related"].as_array().unwrap().iter().map(|it| &it["location"]["line"]).collect();
    let related_differ = expected
        .get("related_lines")
        .is_some_and(|wanted| wanted.as_array().unwrap().iter().collect::<Vec<_>>() != related);
    let differs = [
        ("code", expected["code"] != found["code"]),
        ("file", expected["file"].as_str() != file),
        ("line", expected["line"] != found["location"]["line"]),
        ("column", expected["column"] != found["location"]["column"]),
        ("severity", !given("severity", &found["severity"])),
        ("subject", !given("subject", &found["subject"])),
        ("message", !contains("message_contains", &found["message"])),
        ("help", !contains("help_contains", &found["help"])),
        ("related", related_differ),
    ];
    differs
        .iter()
        .find(|(_, differs)| *differs)
        .map(|(what, _)| format!("{what}: expected {expected}, found {found}"))
}

#[test]
fn every_broken_deployment_gives_exactly_its_findings() {
    let mut failures = Vec::new();
    let cases = broken_cases();
    for case in &cases {
        let expect = json(&read(&format!("{case}/expect.json")));
        let expected = expect["findings"].as_array().unwrap();
        // Broken rules are verified, a broken deployment is checked.
        let of_rules = exists(&format!("{case}/rules"));
        let checked = run(&if of_rules {
            format!("rules verify --rules {case}/rules --format json")
        } else {
            format!("check {case} --format json")
        });
        let report = json(&checked.out);
        let tells_undecided = expected.iter().any(|finding| finding["code"] == "SG002");
        let found: Vec<&Value> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|finding| of_rules || finding["code"].as_str().unwrap() < "SG016")
            .filter(|finding| tells_undecided || finding["code"] != "SG002")
            .collect();
        if found.len() != expected.len() {
            let told: Vec<String> =
                found.iter().map(|it| format!("{} {}", it["code"], it["message"])).collect();
            failures.push(format!("{case}: expected {} findings, found {told:#?}", expected.len()));
            continue;
        }
        failures.extend(
            expected
                .iter()
                .zip(found)
                .filter_map(|(expected, found)| finding_differs(expected, found))
                .map(|why| format!("{case}: {why}")),
        );
        let is_error =
            |finding: &Value| finding["severity"] == "error" && finding["waived"].is_null();
        let has_errors = report["findings"].as_array().unwrap().iter().any(is_error);
        let complains = has_errors || report["verdict"] == "undecided";
        assert_eq!(checked.status, i32::from(complains), "{case}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    let codes: BTreeSet<&str> = cases.iter().filter_map(|case| case.split('/').nth(2)).collect();
    for number in (1..=15).chain(20..=23) {
        assert!(
            codes.contains(format!("SG{number:03}").as_str()),
            "no broken deployment for SG{number:03}"
        );
    }
}

#[test]
fn the_first_trading_day_is_answered_as_recorded() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("first-day.redb");
    let line = format!(
        "replay fixtures/deployments/contoso --events fixtures/events/first-day.jsonl --store {} \
            --id-seed 1",
        store.display()
    );
    let day = run(&line);
    assert_eq!(day.status, 0, "{}", day.err);
    assert_eq!(day.out, read("fixtures/events/first-day.answers.jsonl"));
    let of = |name| read(&format!("fixtures/events/{name}.jsonl"));
    let before = |line: &&str| !line.contains("\"job\"");
    assert!(of("first-day").lines().take_while(before).eq(of("first-hour").lines()));
    // Once more: nothing is applied twice, and the answers are the same.
    let again = run(&line);
    assert_eq!(again.out, day.out);
    let status = json(&run(&format!("store status --store {} --format json", store.display())).out);
    assert_eq!(
        (&status["events_applied"], &status["customers"], &status["pending"]),
        (&98.into(), &12.into(), &0.into())
    );
}
