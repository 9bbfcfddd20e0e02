//! Scenarios: all pass, together they reach every rule, and what fails is told.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{exists, read, run, run_with_input};
use serde_json::Value;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn all_pass_and_reach_every_rule() {
    let ended = run("test fixtures/scenarios --coverage --format json");
    let report = json(&ended.out);
    assert_eq!((ended.status, &report["summary"]["failed"]), (0, &Value::from(0)), "{}", ended.out);
    assert!(report["summary"]["passed"].as_u64().unwrap() >= 40);
    assert_eq!(report["coverage"]["unreached"], json("[]"));
    let sources: Vec<&str> = report["scenarios"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|scenario| scenario["sources"].as_array().unwrap())
        .filter_map(Value::as_str)
        .collect();
    for failure in ["R1", "R2", "R3", "R4", "R5", "R10", "R11", "R12", "R35"] {
        assert!(sources.contains(&failure), "no scenario shows {failure}");
    }
    for source in sources.iter().filter(|source| source.starts_with("S-")) {
        assert_eq!(run(&format!("explain {source}")).status, 0, "{source}");
    }
}

/// The parts of a cell between backticks.
fn quoted(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}

#[test]
fn every_sentence_of_the_documents_leads_somewhere() {
    let verified = json(&run("rules verify --format json").out);
    let names = |list: &str, key: &str| -> Vec<String> {
        verified[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it[key].as_str().unwrap().to_owned())
            .collect()
    };
    let invariants = names("invariants", "invariant");
    let rules: Vec<String> = verified["operations"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|operation| operation["rules"].as_array().unwrap())
        .map(|rule| rule["rule"].as_str().unwrap().to_owned())
        .collect();
    let table = read("fixtures/scenarios/README.md");
    let rows = table.lines().filter(|line| line.starts_with("| M") || line.starts_with("| Q"));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split('|').map(str::trim).collect()).collect();
    assert_eq!(rows.len(), 24 + 7);
    for row in &rows {
        let [_, sentence, _, statements, carried, scenario, _] = row[..] else {
            unreachable!("{row:?}")
        };
        for statement in statements.split(", ") {
            assert_eq!(run(&format!("explain {statement}")).status, 0, "{sentence}: {statement}");
        }
        if let Some(why) = carried.strip_prefix("informative: ") {
            assert!(!why.is_empty() && scenario.is_empty(), "{sentence}");
            continue;
        }
        for name in quoted(carried) {
            let known = rules.iter().chain(&invariants).any(|known| known == name);
            assert!(known, "{sentence}: {name} is neither rule nor invariant");
        }
        let path = format!("fixtures/scenarios/{}.toml", quoted(scenario).next().unwrap());
        assert!(exists(&path), "{sentence}: {path}");
    }
}

const HEAD: &str = "name = \"x\"\ndeployment = \"DEPLOYMENT\"\n\n[[step]]\n";

/// Runs a scenario of one step; gives exit status, standard output and standard error.
fn one_step(step: &str, arguments: &str) -> (i32, String, String) {
    let head = HEAD.replace("DEPLOYMENT", &process::path("fixtures/deployments/contoso"));
    let ended =
        run_with_input(format!("test -{arguments}").as_str(), format!("{head}{step}").as_bytes());
    (ended.status, ended.out, ended.err)
}

#[test]
fn what_is_not_as_expected_is_shown_where_it_was_expected() {
    let create = "operation = \"create-customer\"\nchannel = \"houston\"\ncustomer = \"alice\"\n";
    for (step, told) in [
        (
            format!("{create}expect = {{ outcome = \"sync\" }}\n"),
            "outcome: expected sync, found async",
        ),
        (format!("{create}expect = {{ outcom = \"sync\" }}\n"), "such as `outcome`"),
        (format!("{create}expect = {{ error = \"no\" }}\n"), "error: expected no, found nothing"),
        (
            "operation = \"create-customer\"\nchannel = \"houstn\"\n".to_owned(),
            "did you mean `houston`?",
        ),
        (
            "expect-queue = { channel = \"houston\", rows = 1 }\n".to_owned(),
            "rows: expected 1, found 0",
        ),
        (
            "expect-queue = { table = \"transaction\", rows = 0 }\n".to_owned(),
            "such as `transactions`",
        ),
        (
            "expect-customer = { customer = \"bob\", channel = \"web\", state = \"synced\" }\n"
                .to_owned(),
            "state: expected synced, found none",
        ),
        (
            "expect-order = { order = \"SO-1\", channel = \"web\", state = \"pending\" }\n"
                .to_owned(),
            "state: expected pending, found none",
        ),
        ("expect = { outcome = \"sync\" }\n".to_owned(), "expected an event in the same step"),
        ("job = \"P-0002\"\n".to_owned(), "a valid event"),
    ] {
        let (status, out, err) = one_step(&step, "");
        assert_eq!((status, err.as_str()), (1, ""), "{step}{out}");
        assert!(out.contains(told) && out.contains(" -:"), "{step}{out}");
        assert!(out.contains("failed: 1 scenario: 0 passed, 1 failed"), "{out}");
        let (_, out, _) = one_step(&step, " --format json");
        let failure = json(&out)["scenarios"][0]["failure"].clone();
        assert_eq!(failure["step"], 1, "{out}");
        assert!(failure["mismatches"][0]["location"]["line"].as_u64().unwrap() >= 4, "{out}");
        let (_, out, _) = one_step(&step, " --format junit");
        let report = quick_junit::Report::deserialize_from_str(&out).unwrap();
        assert_eq!((report.tests, report.failures), (1, 1), "{out}");
    }
}

#[test]
fn files_that_are_wrong_are_told_like_any_other() {
    for (step, told) in [
        ("operatoin = \"create-customer\"\n", "did you mean `operation`?"),
        (
            "expect-customer = { customer = \"a\", channel = \"web\", state = \"sinced\" }\n",
            "did you mean `synced`?",
        ),
        ("expect-queue = { rows = -1 }\n", "out of range"),
        ("job = 1010\n", "found the whole number 1010"),
        ("job = \n", "not valid TOML"),
    ] {
        let (status, out, err) = one_step(step, "");
        assert_eq!((status, out.as_str()), (2, ""), "{step}");
        assert!(err.contains(told) && err.contains(" -:5:"), "{step}{err}");
    }
    let directory = tempfile::tempdir().unwrap();
    let none = run(&format!("test {}", directory.path().display()));
    assert_eq!((none.status, none.out.as_str()), (2, ""));
    assert!(none.err.contains("no scenario in"), "{}", none.err);
    assert_eq!(run("test fixtures/nowhere").status, 2);
}

#[test]
fn coverage_tells_what_no_scenario_reaches() {
    let ended = run("test fixtures/scenarios/b2b --coverage");
    assert_eq!(ended.status, 0);
    assert!(ended.out.contains("not reached: create-customer/offline-filtered"), "{}", ended.out);
    assert!(
        !ended.out.contains("not reached: request-b2b-onboarding/b2b-request"),
        "{}",
        ended.out
    );
}
