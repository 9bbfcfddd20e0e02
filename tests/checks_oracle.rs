//! Every go-live check that an independent oracle knows, over generated deployments: the same
//! subjects are wrong, and what can't be told can't be told by either.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]

mod lints;

use lints::{Tape, World, oracle, wanted};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syncgate::check::{Checked, check};
use syncgate::model::{Deployment, Duration, Rules};

/// How many deployments are tried: more where the environment asks for a longer run.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn cases(usual: u32) -> u32 {
    let times = std::env::var("SYNCGATE_LONG_RUN").ok().and_then(|times| times.parse::<u32>().ok());
    usual * times.unwrap_or(1)
}

fn checked(rules: &Arc<Rules>, text: &str) -> Checked {
    let loaded = Deployment::from_text(rules, "generated.toml", text);
    let valid = loaded.valid().map(|_| ());
    assert!(valid.is_ok(), "{}", valid.unwrap_err());
    let (deployment, findings) = loaded.as_read();
    check(&deployment, findings, true)
}

/// The subjects that checks found wrong by lint, less those that are another lint's to tell.
fn told(checked: &Checked) -> BTreeMap<u16, BTreeSet<String>> {
    let mut told: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for finding in
        checked.findings.iter().filter(|finding| (100..900).contains(&finding.code.number()))
    {
        let subject = finding.subject.as_ref().unwrap();
        told.entry(finding.code.number() - 100).or_default().insert(subject.id.clone());
    }
    told
}

/// Lints of which the oracle knows a part only: their subjects are compared where it knows them,
/// their results are not.
const IN_PART: [u16; 2] = [52, 53];

fn compare(world: &World, rules: &Arc<Rules>) -> Result<(), TestCaseError> {
    let checked = checked(rules, &lints::toml(world));
    let mut told = told(&checked);
    if let Some(subjects) = told.get_mut(&52) {
        subjects.retain(|id| {
            ["cancel-async-orders", "async-cancellation-contact-prompt"].contains(&id.as_str())
        });
    }
    if let Some(subjects) = told.get_mut(&53) {
        subjects.remove("cloud-powered-customer-search");
    }
    for (lint, expected) in oracle::lints(world) {
        let found = told.remove(&lint).unwrap_or_default();
        prop_assert_eq!(&found, &expected.wrong, "subjects of L{:02}", lint);
        let report =
            checked.checks.iter().find(|report| report.code.number() == 100 + lint).unwrap();
        if !IN_PART.contains(&lint) {
            prop_assert_eq!(
                report.result,
                wanted(&expected),
                "result of L{:02}: {:?}",
                lint,
                report
            );
        }
    }
    let mut features = world.features.iter().flatten();
    let search = features.find(|it| it.id == "cloud-powered-customer-search");
    let search = search.map(|feature| feature.enabled);
    for (number, channel) in world.channels.iter().flatten().enumerate() {
        let (id, times) = &checked.pending[number];
        prop_assert_eq!(id, &format!("channel {number}"));
        let on = |way: &str| {
            let way = rules.ways.iter().position(|known| known.id == way).unwrap();
            times.iter().find(|time| time.way == way)
        };
        let by_search = on("found-by-search");
        // Where it is not known whether there is cloud search, that is missing too.
        let searched = by_search.is_some() && search == Some(Some(true));
        prop_assert!(by_search.is_none() || search != Some(Some(false)));
        for (way, expected) in [
            ("in-headquarters", Some(oracle::in_headquarters(world, channel))),
            ("usable", Some(oracle::pending(world, channel))),
            ("found-elsewhere", oracle::found_elsewhere(world, number)),
            ("found-by-search", searched.then(|| oracle::found_by_search(world, channel))),
        ] {
            if way == "found-by-search" && !searched {
                continue;
            }
            let found = on(way).map(|time| {
                let known = time.stages.iter().filter_map(|stage| stage.interval);
                oracle::Pending {
                    endless: time.is_endless(),
                    unknown: !time.missing.is_empty(),
                    minutes: known.map(|every| every.seconds() / 60).sum(),
                }
            });
            prop_assert_eq!(&found, &expected, "{} of {}", way, id);
            let Some((time, expected)) = on(way).zip(expected) else { continue };
            let known = !expected.endless && !expected.unknown;
            let worst = known.then_some(expected.minutes * 60);
            prop_assert_eq!(time.at_most().map(Duration::seconds), worst);
            let half = known.then_some(expected.minutes * 30);
            prop_assert_eq!(time.typically().map(Duration::seconds), half);
        }
    }
    Ok(())
}

#[test]
fn checks_and_oracle_find_the_same() {
    let rules = Rules::embedded();
    let config =
        ProptestConfig { max_shrink_iters: 20_000, ..ProptestConfig::with_cases(cases(256)) };
    proptest!(config, |(bytes in prop::collection::vec(any::<u8>(), 0..640))| {
        let world = World::of(&mut Tape::new(&bytes));
        compare(&world, &rules).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{}", lints::toml(&world)))
        })?;
    });
}

#[test]
fn every_lint_of_the_oracle_is_met_wrong_right_and_unknown() {
    let mut met: BTreeMap<u16, BTreeSet<&str>> = BTreeMap::new();
    for bytes in lints::tapes(1).take(3000) {
        for (lint, verdict) in oracle::lints(&World::of(&mut Tape::new(&bytes))) {
            met.entry(lint).or_default().insert(wanted(&verdict).as_str());
        }
    }
    for (lint, results) in &met {
        for result in ["fail", "pass", "undecided"] {
            assert!(results.contains(result), "L{lint:02} is never {result}");
        }
    }
    assert!(met.len() >= 50, "{} lints", met.len());
}
