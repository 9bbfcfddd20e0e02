//! Limits: what is as large as it may be is taken, what is larger is told and refused, and neither
//! takes more memory than is written here.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the tests write the files that are too large")]

#[path = "common/process.rs"]
mod process;

use process::{Run, run, run_with_input};
use serde_json::Value;
use std::sync::Arc;
use syncgate::diagnostic::{Code, Finding};
use syncgate::engine::{Space, verify};
use syncgate::load::{InputFile, Load, Scenario, files};
use syncgate::model::{Condition, Deployment, Rules};

const MIB: usize = 1 << 20;

/// One bound: what is so large, and how it is told that it is too large.
struct Bound {
    what: &'static str,
    /// As large as it may be.
    most: usize,
    /// What is told of something so large; `None` where it is taken.
    told: fn(usize) -> Option<String>,
    /// A part of what is told.
    says: &'static str,
}

const BOUNDS: [Bound; 22] = [
    Bound { what: "a file", most: 64 * MIB, told: file, says: "larger than 64 MiB" },
    Bound { what: "lists of a deployment", most: 32, told: lists, says: DEEP },
    Bound { what: "tables of a deployment", most: 32, told: braces, says: DEEP },
    Bound { what: "lists and tables in turn", most: 32, told: both, says: DEEP },
    Bound { what: "names of a header", most: 32, told: header, says: DEEP },
    // The last name is that of the value, which may be anything but a table.
    Bound { what: "names of a key", most: 33, told: key, says: DEEP },
    Bound { what: "lists of rules", most: 32, told: lists_of_rules, says: DEEP },
    Bound { what: "lists of a scenario", most: 32, told: lists_of_a_scenario, says: DEEP },
    Bound { what: "lists of a load", most: 32, told: lists_of_a_load, says: DEEP },
    Bound { what: "records of a deployment", most: 100_000, told: records, says: MANY },
    Bound { what: "records of several files", most: 100_000, told: records_of_files, says: MANY },
    Bound { what: "records of rules", most: 100_000, told: records_of_rules, says: MANY },
    Bound { what: "steps of a scenario", most: 100_000, told: steps, says: MANY },
    Bound { what: "records of a load", most: 100_000, told: records_of_a_load, says: MANY },
    Bound { what: "facts of a space", most: 24, told: space, says: TOO_LARGE },
    Bound { what: "a request", most: MIB, told: request, says: LONG },
    Bound { what: "a request before CR LF", most: MIB, told: request_of_windows, says: LONG },
    Bound { what: "a request at the end", most: MIB, told: request_at_the_end, says: LONG },
    Bound { what: "a request in CSV", most: MIB, told: request_in_csv, says: LONG },
    Bound { what: "an observation", most: MIB, told: observation, says: LONG },
    Bound { what: "an event", most: MIB, told: event, says: LONG },
    Bound { what: "an event before CR LF", most: MIB, told: event_of_windows, says: LONG },
];

const DEEP: &str = "nested deeper than 32 levels";
const MANY: &str = "more than 100000 records";
const TOO_LARGE: &str = "more than 16777216 combinations";
const LONG: &str = "the line is longer than 1 MiB";

#[test]
fn what_is_as_large_as_it_may_be_is_taken_and_nothing_larger() {
    let mut wrong = Vec::new();
    for Bound { what, most, told, says } in BOUNDS {
        for (size, fits) in [(most - 1, true), (most, true), (most + 1, false)] {
            match told(size) {
                None if !fits => wrong.push(format!("{what} of {size} is taken")),
                Some(text) if fits || !text.contains(says) => {
                    let start: String = text.chars().take(300).collect();
                    wrong.push(format!("{what} of {size}: {start}"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is told of a limit among findings.
fn refused(findings: &[Finding]) -> Option<String> {
    let of_limit = findings.iter().filter(|finding| finding.code == Code::BAD_FILE);
    let told: Vec<&str> = of_limit.map(|finding| finding.message.as_str()).collect();
    assert!(told.len() < 2, "it is told once: {told:?}");
    told.first().map(|&message| message.to_owned())
}

fn input(path: &str, text: String) -> InputFile {
    InputFile { path: path.to_owned(), bytes: Ok(text.into_bytes()) }
}

fn file(size: usize) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("deployment.toml");
    std::fs::File::create(&path).unwrap().set_len(size as u64).unwrap();
    let mut read = files::read(path.to_str().unwrap()).unwrap();
    let bytes = read.pop().unwrap().bytes;
    bytes.map(|bytes| assert_eq!(bytes.len(), size)).err()
}

const START: &str = "[deployment]\ncommerce-version = \"10.0.40\"\n";

fn deployment(parts: Vec<String>) -> Option<String> {
    let numbered = parts.into_iter().enumerate();
    let files = numbered.map(|(number, text)| input(&format!("{number}.toml"), text)).collect();
    refused(&Deployment::from_files(&Rules::embedded(), ".", files).as_read().1)
}

fn rules(more: &str) -> (Arc<Rules>, Vec<Finding>) {
    let mut files = Rules::embedded().texts();
    files.push(input("more.toml", more.to_owned()));
    Rules::from_files("more", files, Vec::new()).as_read()
}

fn in_lists(depth: usize) -> String {
    format!("x = {}{}\n", "[".repeat(depth), "]".repeat(depth))
}

fn lists(depth: usize) -> Option<String> {
    deployment(vec![in_lists(depth)])
}

fn braces(depth: usize) -> Option<String> {
    let (open, close) = ("{ x = ".repeat(depth - 1), " }".repeat(depth - 1));
    deployment(vec![format!("x = {open}{{}}{close}\n")])
}

fn both(depth: usize) -> Option<String> {
    let open: String = (1..depth).map(|at| if at % 2 == 0 { "[" } else { "{ x = " }).collect();
    let close: String = (1..depth).rev().map(|at| if at % 2 == 0 { "]" } else { " }" }).collect();
    deployment(vec![format!("x = {open}[]{close}\n")])
}

fn header(depth: usize) -> Option<String> {
    deployment(vec![format!("[{}]\n", vec!["x"; depth].join("."))])
}

fn key(depth: usize) -> Option<String> {
    deployment(vec![format!("{} = 1\n", vec!["x"; depth].join("."))])
}

fn lists_of_rules(depth: usize) -> Option<String> {
    refused(&rules(&in_lists(depth)).1)
}

fn lists_of_a_scenario(depth: usize) -> Option<String> {
    refused(&Scenario::from_file(input("scenario.toml", in_lists(depth))).findings)
}

fn lists_of_a_load(depth: usize) -> Option<String> {
    refused(&Load::from_file(input("load.toml", in_lists(depth))).findings)
}

/// So many records of a kind, each with another name.
fn many(count: usize, kind: &str, key: &str) -> String {
    let record = |number| format!("[[{kind}]]\n{key} = \"{number}\"\n");
    (0..count).map(record).collect()
}

fn records(count: usize) -> Option<String> {
    // The header of the deployment is a record too.
    deployment(vec![format!("{START}{}", many(count - 1, "channel-schema", "name"))])
}

fn records_of_files(count: usize) -> Option<String> {
    let (one, other) = (count / 2, count - count / 2 - 1);
    let groups = many(other, "channel-database-group", "name");
    deployment(vec![format!("{START}{}", many(one, "channel-schema", "name")), groups])
}

fn records_of_rules(count: usize) -> Option<String> {
    let files = vec![input("more.toml", many(count, "statement", "id"))];
    refused(&Rules::from_files("more", files, Vec::new()).as_read().1)
}

fn steps(count: usize) -> Option<String> {
    let text = format!("name = \"x\"\ndeployment = \"x\"\n{}", many(count, "step", "job"));
    refused(&Scenario::from_file(input("scenario.toml", text)).findings)
}

fn records_of_a_load(count: usize) -> Option<String> {
    refused(&Load::from_file(input("load.toml", many(count, "traffic", "channel"))).findings)
}

/// The space of so many facts, each with two values.
fn space(facts: usize) -> Option<String> {
    let rules = Rules::embedded();
    let of_two = rules.fact_ids().filter(|id| rules.fact(*id).words.len() == 2);
    let space = Space::new(&rules, of_two.take(facts).collect());
    assert_eq!(space.facts().len(), facts);
    space.size().is_none().then(|| TOO_LARGE.to_owned())
}

#[test]
fn a_space_that_is_too_large_is_told_and_not_walked() {
    let mut rules = (*Rules::embedded()).clone();
    rules.operations.truncate(1);
    rules.invariants.clear();
    let facts = rules.fact_ids().filter(|id| rules.fact(*id).words.len() == 2);
    let span = rules.operations[0].span;
    let all = facts.map(|fact| Condition { fact, values: 1, span });
    let all: Vec<Condition> = all.collect();
    rules.rules[0].when = all;
    let proof = verify(&rules);
    assert_eq!(refused(&proof.findings), Some(format!("`create-customer` has {TOO_LARGE}")));
    assert_eq!(proof.combinations(), 0);
}

const CONTOSO: &str = "fixtures/deployments/contoso";

/// What is told of the second of three lines, of which the first and the last are right.
fn told_of(ended: &Run, told: impl Fn(&Value) -> Option<String>) -> Option<String> {
    let lines: Vec<Value> =
        ended.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [first, second, third] = lines.as_slice() else { panic!("{}", ended.err) };
    assert!(told(first).is_none() && told(third).is_none(), "{}", ended.out);
    told(second)
}

fn error_of(answer: &Value) -> Option<String> {
    let error = answer.get("error")?;
    assert_eq!(error["line"], 2, "{error}");
    Some(error["message"].as_str().unwrap().to_owned())
}

const REQUEST: &str = r#"{"operation":"create-customer","channel":"houston"}"#;

/// A request with an id that makes it so long.
fn long_request(size: usize) -> String {
    let (start, end) = (r#"{"id":""#, r#"","operation":"create-customer","channel":"houston"}"#);
    format!("{start}{}{end}", "i".repeat(size - start.len() - end.len()))
}

fn decided(input: &str) -> Option<String> {
    let ended = run_with_input(&format!("decide {CONTOSO} --input -"), input.as_bytes());
    told_of(&ended, error_of)
}

fn request(size: usize) -> Option<String> {
    decided(&format!("{REQUEST}\n{}\n{REQUEST}\n", long_request(size)))
}

fn request_of_windows(size: usize) -> Option<String> {
    decided(&format!("{REQUEST}\r\n{}\r\n{REQUEST}\r\n", long_request(size)))
}

fn request_at_the_end(size: usize) -> Option<String> {
    let input = format!("{REQUEST}\n{}", long_request(size));
    let ended = run_with_input(&format!("decide {CONTOSO} --input -"), input.as_bytes());
    let answer: Value = serde_json::from_str(ended.out.lines().nth(1).unwrap()).unwrap();
    error_of(&answer)
}

fn request_in_csv(size: usize) -> Option<String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("requests.csv");
    let rest = ",create-customer,houston";
    let long = "i".repeat(size - rest.len());
    let text = format!("id,operation,channel\na{rest}\n{long}{rest}\nb{rest}\n");
    std::fs::write(&path, text).unwrap();
    let ended = run(&format!("decide {CONTOSO} --input {}", path.display()));
    told_of(&ended, |answer| Some(answer.get("error")?["message"].as_str().unwrap().to_owned()))
}

fn observation(size: usize) -> Option<String> {
    let end = r#"","operation":"create-customer","channel":"houston","observed_outcome":"async"}"#;
    let long = |size: usize| format!(r#"{{"id":"{}{end}"#, "i".repeat(size - 7 - end.len()));
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("observed.jsonl");
    std::fs::write(&path, format!("{}\n{}\n{}\n", long(100), long(size), long(100))).unwrap();
    let ended = run(&format!("compare {CONTOSO} --observed {} --format json", path.display()));
    (ended.status != 0).then_some(ended.out + &ended.err)
}

/// A sale under a name that makes its line so long.
fn long_sale(size: usize) -> String {
    let (start, end) = (r#"{"sale":""#, r#"","channel":"houston","customer":"a"}"#);
    format!("{start}{}{end}", "s".repeat(size - start.len() - end.len()))
}

fn replayed(input: &str) -> Option<String> {
    let line = format!("replay {CONTOSO} --events - --store :memory: --id-seed 1 --answer all");
    told_of(&run_with_input(&line, input.as_bytes()), error_of)
}

const CREATE: &str = r#"{"operation":"create-customer","channel":"houston","customer":"a"}"#;
const JOB: &str = r#"{"job":"P-0001"}"#;

fn event(size: usize) -> Option<String> {
    replayed(&format!("{CREATE}\n{}\n{JOB}\n", long_sale(size)))
}

fn event_of_windows(size: usize) -> Option<String> {
    replayed(&format!("{CREATE}\r\n{}\r\n{JOB}\r\n", long_sale(size)))
}
