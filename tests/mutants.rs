//! Every mutant of the rules is noticed: by loading, by the proof of the rules, by the oracle, a
//! case, a scenario, a check's fixture, an import or the catalogue. What is not noticed stands in
//! `fixtures/mutants.txt` with the reason.
//!
//! Not among them are `invariants.toml`, which is a judge itself, and the texts and evidence of
//! `sources.toml` and `terms.toml`, on which no decision rests.
//!
//! A sample is tried, the same until the rules change; all of them where the environment asks for a
//! longer run. `SYNCGATE_MUTANTS` names files, such as `facts.toml,jobs.toml`, to try those alone.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "the test reads fixtures and the environment")]
#![expect(unreachable_pub, reason = "the modules belong to a test")]

#[path = "mutants/catalogue.rs"]
mod catalogue;
#[path = "mutants/checks.rs"]
mod checks;
mod common;
#[path = "mutants/decisions.rs"]
mod decisions;
#[path = "mutants/deployments.rs"]
mod deployments;
#[path = "mutants/document.rs"]
mod document;
#[path = "mutants/explained.rs"]
mod explained;
#[path = "mutants/fixtures.rs"]
mod fixtures;
#[path = "mutants/imports.rs"]
mod imports;
#[expect(dead_code, reason = "the test of the checks alone asks for all of it")]
mod lints;
#[path = "mutants/mutate.rs"]
mod mutate;
mod oracle;
#[path = "common/process.rs"]
mod process;
#[path = "mutants/worlds.rs"]
mod worlds;

use catalogue::Catalogue;
use checks::Checks;
use decisions::{Cases, Oracle, Scenarios};
use deployments::Deployments;
use document::Node;
use explained::Explained;
use imports::Imports;
use mutate::{Mutant, mutants};
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use syncgate::engine::verify;
use syncgate::load::InputFile;
use syncgate::model::Rules;
use worlds::Lints;

/// The files, each with its judges: the cheapest first, then those that notice most.
const FILES: [(&str, &[Judge]); 8] = [
    ("operations.toml", &[CATALOGUE, VERIFY, ORACLE, CASES, SCENARIOS]),
    ("facts.toml", &[CATALOGUE, ORACLE, VERIFY, CHECKS, SCENARIOS]),
    ("features.toml", &[CATALOGUE, ORACLE, VERIFY, CHECKS]),
    ("jobs.toml", &[CATALOGUE, ORACLE, SCENARIOS, CHECKS]),
    ("checks.toml", &[CATALOGUE, OWN_CHECKS, LINTS]),
    ("deployment.toml", &[CATALOGUE, DEPLOYMENTS, CHECKS, IMPORTS]),
    ("exports.toml", &[CATALOGUE, IMPORTS]),
    ("reasons.toml", &[CATALOGUE, ORACLE]),
];

/// One mutant in so many is tried where no longer run is asked for.
const SAMPLE: usize = 32;

/// Who looks at the rules of a mutant, and whether something is noticed.
type Judge = (&'static str, fn(&Bench, &Subject<'_>) -> bool);

const CATALOGUE: Judge =
    ("catalogue", |bench, subject| bench.catalogue.difference(&subject.document).is_some());
const VERIFY: Judge = ("verify", |_, subject| !verify(&subject.rules).findings.is_empty());
const ORACLE: Judge = ("oracle", |bench, subject| bench.oracle.notices(&subject.rules));
const CASES: Judge = ("cases", |bench, subject| bench.cases.notices(&subject.rules));
const SCENARIOS: Judge = ("scenarios", |bench, subject| bench.scenarios.notices(&subject.rules));
const OWN_CHECKS: Judge =
    ("checks", |bench, subject| bench.checks.notice(&subject.rules, subject.record));
const CHECKS: Judge = ("checks", |bench, subject| bench.checks.notice(&subject.rules, ""));
const LINTS: Judge = ("lints", |bench, subject| bench.lints.notice(&subject.rules, subject.record));
const DEPLOYMENTS: Judge =
    ("deployments", |bench, subject| bench.deployments.notice(&subject.rules));
const IMPORTS: Judge = ("imports", |bench, subject| bench.imports.notice(&subject.rules));

/// What is judged: the rules that a mutant makes.
struct Subject<'m> {
    /// The record that is changed; blank where it may be any.
    record: &'m str,
    /// The file that is.
    document: Node,
    rules: Arc<Rules>,
}

/// What all mutants are judged by.
struct Bench {
    texts: Vec<InputFile>,
    documents: BTreeMap<&'static str, Node>,
    catalogue: Catalogue,
    oracle: Oracle,
    cases: Cases,
    scenarios: Scenarios,
    checks: Checks,
    deployments: Deployments,
    imports: Imports,
    lints: Lints,
}

impl Bench {
    fn new() -> (Self, Vec<Mutant>) {
        let rules = Rules::embedded();
        let texts = rules.texts();
        let (mut documents, mut all) = (BTreeMap::new(), Vec::new());
        for (file, _) in FILES {
            let source = texts.iter().find(|text| text.path.ends_with(file)).unwrap();
            let text = std::str::from_utf8(source.bytes.as_ref().unwrap()).unwrap();
            let (document, mutants) = mutants(file, text);
            documents.insert(file, document);
            all.extend(mutants);
        }
        let bench = Self {
            texts,
            documents,
            catalogue: Catalogue::read(),
            oracle: Oracle::new(),
            cases: Cases::read(),
            scenarios: Scenarios::read(),
            checks: Checks::read(),
            deployments: Deployments::read(&rules),
            imports: Imports::read(),
            lints: Lints::new(&rules),
        };
        (bench, all)
    }

    /// The rules with another text for one file; `None` where they are found wrong.
    fn rules(&self, file: &str, text: &str) -> Option<Arc<Rules>> {
        let mut inputs = self.texts.clone();
        for input in inputs.iter_mut().filter(|input| input.path.ends_with(file)) {
            input.bytes = Ok(text.as_bytes().to_vec());
        }
        let loaded = Rules::from_files("mutant", inputs, Vec::new());
        let (rules, findings) = loaded.as_read();
        findings.is_empty().then_some(rules)
    }

    /// Who notices a mutant first.
    fn noticed(&self, mutant: &Mutant) -> Option<&'static str> {
        let document = mutant.changed(&self.documents[mutant.file]);
        let Some(rules) = self.rules(mutant.file, &document.written()) else {
            return Some("loading");
        };
        let subject = Subject { record: mutant.record(), document, rules };
        let (_, judges) = FILES.iter().find(|(file, _)| *file == mutant.file).unwrap();
        judges.iter().find(|(_, judge)| judge(self, &subject)).map(|(name, _)| *name)
    }
}

/// What both tests use, with all mutants.
fn bench() -> &'static (Bench, Vec<Mutant>) {
    static BENCH: OnceLock<(Bench, Vec<Mutant>)> = OnceLock::new();
    BENCH.get_or_init(Bench::new)
}

/// Whether all mutants are tried.
fn is_long_run() -> bool {
    std::env::var("SYNCGATE_LONG_RUN").is_ok()
}

/// The mutants to try.
fn tried(all: &'static [Mutant]) -> Vec<&'static Mutant> {
    let named = std::env::var("SYNCGATE_MUTANTS").ok();
    let files: Option<Vec<&str>> = named.as_ref().map(|files| files.split(',').collect());
    for file in files.iter().flatten() {
        assert!(FILES.iter().any(|(known, _)| known == file), "no file is called {file}");
    }
    let is_asked = |mutant: &&Mutant| files.as_ref().is_none_or(|it| it.contains(&mutant.file));
    let digest = Rules::embedded().digest();
    let number = |digit: char| digit.to_digit(16).unwrap_or_default() as usize;
    let first = digest.chars().map(number).sum::<usize>() % SAMPLE;
    let (step, first) = if is_long_run() { (1, 0) } else { (SAMPLE, first) };
    all.iter().filter(is_asked).skip(first).step_by(step).collect()
}

/// Who noticed each mutant, on two threads.
fn judged(bench: &Bench, mutants: &[&Mutant]) -> Vec<Option<&'static str>> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(vec![None; mutants.len()]));
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(mutant) = mutants.get(number) else { break };
            let noticed = catch_unwind(AssertUnwindSafe(|| bench.noticed(mutant)));
            let noticed = noticed.unwrap_or_else(|_| panic!("it panics: {mutant:?}"));
            results.lock().unwrap()[number] = noticed;
        }
    };
    std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        for thread in threads {
            thread.join().unwrap();
        }
    });
    results.into_inner().unwrap()
}

#[test]
#[expect(clippy::print_stdout, reason = "a long run tells who noticed how many")]
fn every_mutant_of_the_rules_is_noticed_or_explained() {
    let (bench, all) = bench();
    let explained = Explained::read();
    let unknown = explained.without_mutant(all);
    assert!(unknown.is_empty(), "explained, and no such mutant: {unknown:#?}");
    let mutants = tried(all);
    assert!(!mutants.is_empty(), "nothing is tried");
    let noticed = judged(bench, &mutants);
    let (mut survive, mut needless) = (Vec::new(), Vec::new());
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for (mutant, noticed) in mutants.iter().zip(noticed) {
        *counts.entry((mutant.file, noticed.unwrap_or("nobody"))).or_default() += 1;
        let line = format!("{}: {}", mutant.file, mutant.name);
        match (noticed, explained.has(&line)) {
            (None, false) => survive.push(line),
            (Some(who), true) => needless.push(format!("{line} ({who})")),
            _ => {}
        }
    }
    println!("{counts:#?}");
    assert!(survive.is_empty(), "{} survive:\n{}", survive.len(), survive.join("\n"));
    assert!(needless.is_empty(), "explained, and noticed: {needless:#?}");
}

#[test]
fn the_rules_themselves_are_noticed_by_nobody() {
    let (bench, _) = bench();
    let mut texts = bench.texts.clone();
    for (file, document) in &bench.documents {
        let text = document.written();
        assert_eq!(document::parse(&text), *document, "{file} is written as it was read");
        assert_eq!(bench.catalogue.difference(document), None);
        for input in texts.iter_mut().filter(|input| input.path.ends_with(file)) {
            input.bytes = Ok(text.clone().into_bytes());
        }
    }
    let (rules, findings) = Rules::from_files("as written", texts, Vec::new()).as_read();
    assert!(findings.is_empty(), "{findings:#?}");
    let mut judges: BTreeMap<&str, Judge> = BTreeMap::new();
    judges.extend(FILES.iter().flat_map(|(_, judges)| *judges).map(|judge| (judge.0, *judge)));
    judges.insert(CHECKS.0, CHECKS);
    let document = bench.documents["checks.toml"].clone();
    let subject = Subject { record: "", document, rules };
    let noticed: Vec<&str> = judges
        .values()
        .filter(|(_, judge)| judge(bench, &subject))
        .map(|(name, _)| *name)
        .collect();
    assert!(noticed.is_empty(), "{noticed:?}");
    assert!(bench.deployments.len() > 100, "{}", bench.deployments.len());
    assert!(bench.lints.len() > 5000, "{}", bench.lints.len());
    let outer = |section: &str| section.split('.').next().unwrap().to_owned();
    let known =
        |section: &&str| bench.documents.values().any(|it| it.get(&outer(section)).is_some());
    let sections: Vec<&str> = bench.catalogue.sections().collect();
    assert!(sections.iter().all(known), "{sections:?}");
}
