//! What an incomplete section does not list is unknown: leaving records of it out may make a check
//! undecided, and nothing else; a record that says nothing of the matter, likewise.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[expect(dead_code, reason = "the worlds of the oracle are used here, the oracle is not")]
mod lints;

use lints::{Tape, World};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;
use syncgate::check::{CheckResult, Checked, check};
use syncgate::diagnostic::Code;
use syncgate::engine::Engine;
use syncgate::model::format::Form;
use syncgate::model::{Deployment, Rules};
use syncgate::whatif::plan::{Action, Plan, State};
use syncgate::whatif::typical_situations;

/// How many deployments are tried: more where the environment asks for a longer run.
#[expect(clippy::disallowed_methods, reason = "a longer run is asked for by the environment")]
fn cases(usual: u32) -> u32 {
    let times = std::env::var("SYNCGATE_LONG_RUN").ok().and_then(|times| times.parse::<u32>().ok());
    usual * times.unwrap_or(1)
}

/// A deployment's text in parts: what stands before the first header, then each table.
fn parts(text: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    for line in text.lines() {
        if line.starts_with('[') {
            parts.push(String::new());
        }
        let part = parts.last_mut().unwrap();
        part.push_str(line);
        part.push('\n');
    }
    parts
}

/// The section of a part: `channel` of `[[channel]]`, `features` of `[features.clienteling]`.
fn section_of(part: &str) -> &str {
    part.trim_start_matches('[').split([']', '.']).next().unwrap()
}

/// The text with each section at random incomplete, and records of these left out at random.
fn with_gaps(rules: &Arc<Rules>, text: &str, dice: &mut impl Iterator<Item = u8>) -> String {
    let lists = |id: &str| {
        let section = rules.format.section(id).map(|(_, section)| &section.form);
        matches!(section, Some(Form::Records | Form::Features)) && id != "waiver"
    };
    let parts = parts(text);
    let sections: BTreeSet<&str> =
        parts.iter().map(|part| section_of(part)).filter(|id| lists(id)).collect();
    let open: BTreeSet<&str> =
        sections.into_iter().filter(|_| dice.next().unwrap_or(0).is_multiple_of(3)).collect();
    let mut gaps = String::new();
    for part in &parts {
        let section = section_of(part);
        if open.contains(section) && dice.next().unwrap_or(0).is_multiple_of(2) {
            continue;
        }
        gaps.push_str(part);
        if section == "deployment" {
            writeln!(gaps, "incomplete = {:?}", Vec::from_iter(&open)).unwrap();
        }
    }
    gaps
}

/// Records that say nothing of what any check asks of them.
const BESIDE_THE_POINT: [(&str, &str); 5] = [
    ("batch-job", "[[batch-job]]\nname = \"post-statement\"\nstatus = \"ended\"\n"),
    ("distribution-schedule", "[[distribution-schedule]]\njob = \"1020\"\nactive = false\n"),
    ("features", "[features.clienteling]\nenabled = false\n"),
    ("scheduler-job", "[[scheduler-job]]\nid = \"1090\"\nexclude-from-offline-databases = true\n"),
    (
        "channel-database",
        "[[channel-database]]\nname = \"beside\"\ngroup = \"\"\n\
            pause-data-synchronization = false\n",
    ),
];

fn read(rules: &Arc<Rules>, text: &str) -> (Deployment, Checked) {
    let loaded = Deployment::from_text(rules, "generated.toml", text);
    let valid = loaded.valid().map(|_| ());
    assert!(valid.is_ok(), "{}\n{text}", valid.unwrap_err());
    let (deployment, findings) = loaded.as_read();
    let checked = check(&deployment, findings, true);
    (deployment, checked)
}

/// What was found: by code, the subjects; less what says only that something is not known.
fn found(checked: &Checked) -> BTreeSet<(Code, String)> {
    let findings = checked.findings.iter().filter(|finding| finding.code != Code::UNDECIDED);
    findings
        .map(|finding| {
            let subject = finding.subject.as_ref();
            (finding.code, subject.map(|subject| subject.id.clone()).unwrap_or_default())
        })
        .collect()
}

fn results(checked: &Checked) -> BTreeMap<Code, CheckResult> {
    checked.checks.iter().map(|report| (report.code, report.result)).collect()
}

fn compare(before: &Checked, after: &Checked) -> Result<(), TestCaseError> {
    for (one, other) in before.checks.iter().zip(&after.checks) {
        let (before, after) = (one.result, other.result);
        // A record that a check looks at says something of its matter; where only sections were
        // missing for it to be looked at, it was right before.
        let is_free = match before {
            CheckResult::NotApplicable => true,
            CheckResult::Undecided => one.missing.iter().all(|key| !key.contains('.')),
            _ => false,
        };
        let is_looked_at = is_free && other.examined > one.examined && after == CheckResult::Pass;
        prop_assert!(
            before == after || after == CheckResult::Undecided || is_looked_at,
            "{}: {:?} became {:?}",
            one.code,
            before,
            after
        );
    }
    let (before, after) = (found(before), found(after));
    let new: Vec<_> = after.difference(&before).collect();
    prop_assert!(new.is_empty(), "found only where less is known: {:?}", new);
    Ok(())
}

/// A decision that is another where less is known says that it rests on what is not given.
fn decisions_tell(before: &Engine, after: &Engine) -> Result<(), TestCaseError> {
    for channel in after.channels() {
        let Ok(known) = before.channel(channel.id()) else { continue };
        for name in before.rules().operations.iter().map(|operation| &operation.id) {
            let operation = before.operation(name).unwrap();
            for column in typical_situations() {
                let Ok(with_gaps) = channel.trace(operation, column.situation) else { continue };
                let Ok(decision) = known.decide(operation, column.situation) else { continue };
                let same = decision.rule() == with_gaps.decision().rule();
                prop_assert!(
                    same || !with_gaps.assumed().is_empty(),
                    "{} at {}: {} became {} and assumes nothing",
                    name,
                    channel.id(),
                    decision.rule(),
                    with_gaps.decision().rule()
                );
            }
        }
    }
    Ok(())
}

#[test]
fn what_an_incomplete_section_does_not_list_is_unknown() {
    let rules = Rules::embedded();
    let config =
        ProptestConfig { max_shrink_iters: 20_000, ..ProptestConfig::with_cases(cases(2_000)) };
    proptest!(config, |(
        bytes in prop::collection::vec(any::<u8>(), 0..640),
        dice in prop::collection::vec(any::<u8>(), 64),
    )| {
        let whole = lints::toml(&World::of(&mut Tape::new(&bytes)));
        let gaps = with_gaps(&rules, &whole, &mut dice.iter().copied());
        let told = |error| TestCaseError::fail(format!("{error}\n{whole}\nwith gaps:\n{gaps}"));
        let (before, checked) = read(&rules, &whole);
        let (after, checked_after) = read(&rules, &gaps);
        compare(&checked, &checked_after).map_err(told)?;
        let engines = Engine::new(&rules, &before).unwrap();
        decisions_tell(&engines, &Engine::new(&rules, &after).unwrap()).map_err(told)?;
        let mut more = gaps.clone();
        for (section, record) in BESIDE_THE_POINT {
            if after.section(section).is_some() && !gaps.contains(record.lines().nth(1).unwrap()) {
                more.push_str(record);
            }
        }
        let (_, checked_more) = read(&rules, &more);
        compare(&checked_after, &checked_more).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{gaps}\nwith more:\n{more}"))
        })?;
    });
}

/// Keys without which a documented default counts, or which a record must have.
const NEVER_LOST: [&str; 5] =
    ["commerce-version", "kind", "offline-database-group", "upload-interval", "download-interval"];

/// The text with values at random lost; each record keeps its first line, which says which it is.
fn with_losses(text: &str, dice: &mut impl Iterator<Item = u8>) -> String {
    let mut left = String::new();
    for part in parts(text) {
        // What stands before the first header says which sections are there.
        let kept = if part.starts_with("[[") { 2 } else { 1 };
        for (number, line) in part.lines().enumerate() {
            let key = line.split(" = ").next().unwrap();
            // A channel and a database say what they are.
            let may_be_lost = line.contains(" = ")
                && part.starts_with('[')
                && number >= kept
                && !NEVER_LOST.contains(&key);
            if !may_be_lost || !dice.next().unwrap_or(1).is_multiple_of(8) {
                left.push_str(line);
                left.push('\n');
            }
        }
    }
    left
}

#[test]
fn what_a_record_no_longer_says_is_unknown() {
    let rules = Rules::embedded();
    let config =
        ProptestConfig { max_shrink_iters: 20_000, ..ProptestConfig::with_cases(cases(1_000)) };
    proptest!(config, |(
        bytes in prop::collection::vec(any::<u8>(), 0..640),
        dice in prop::collection::vec(any::<u8>(), 256),
    )| {
        let whole = lints::toml(&World::of(&mut Tape::new(&bytes)));
        let left = with_losses(&whole, &mut dice.iter().copied());
        let (_, checked) = read(&rules, &whole);
        let (_, mut checked_after) = read(&rules, &left);
        // That nothing refers to a record is said of the files, as they are.
        checked_after.findings.retain(|finding| finding.code != Code::UNREFERENCED);
        compare(&checked, &checked_after).map_err(|error| {
            TestCaseError::fail(format!("{error}\n{whole}\nwith losses:\n{left}"))
        })?;
    });
}

const SOME_JOBS: &str = "
[deployment]
commerce-version = \"10.0.40\"
incomplete = [\"batch-job\", \"features\"]

[features.async-address-creation]
enabled = true

[[batch-job]]
name = \"post-statement\"

[[waiver]]
code = \"SG102\"
reason = \"agreed\"
owner = \"retail IT\"
";

#[test]
fn a_waiver_is_not_unused_while_its_check_is_undecided() {
    let rules = Rules::embedded();
    let (_, checked) = read(&rules, SOME_JOBS);
    assert_eq!(results(&checked)[&Code::new(102)], CheckResult::Undecided);
    assert!(!found(&checked).iter().any(|(code, _)| *code == Code::UNUSED_WAIVER));
}

#[test]
fn a_plan_says_where_to_look_what_an_incomplete_section_leaves_open() {
    let rules = Rules::embedded();
    let (deployment, _) = read(&rules, SOME_JOBS);
    let feature = |name| rules.feature_named(name).unwrap();
    let plan = Plan::disable(&deployment, &[feature("async-address-creation")]).unwrap();
    let dependent = Action::Disable(feature("edit-customers-async"));
    let step = plan.steps.iter().find(|step| step.action == dependent).unwrap();
    assert_eq!(step.state, State::ToCheck);
}
