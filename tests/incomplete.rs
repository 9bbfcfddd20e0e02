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

/// Keys that a record must have.
const NEVER_LOST: [&str; 2] = ["commerce-version", "kind"];
/// Keys that only a store has, so that another channel can't lose them.
const OF_STORES: [&str; 2] = ["offline-database-group", "offline-profile"];
/// Keys without which something else counts, unless the deployment says that they were lost.
const WITH_DEFAULTS: [&str; 3] = [
    "channel.offline-database-group",
    "channel-database-group.upload-interval",
    "channel-database-group.download-interval",
];

/// The text with values at random lost; each record keeps its first line, which says which it is.
fn with_losses(text: &str, dice: &mut impl Iterator<Item = u8>) -> String {
    let (mut left, mut lost) = (String::new(), BTreeSet::new());
    for part in parts(text) {
        // What stands before the first header says which sections are there.
        let kept = if part.starts_with("[[") { 2 } else { 1 };
        for (number, line) in part.lines().enumerate() {
            let key = line.split(" = ").next().unwrap();
            // A channel and a database say what they are.
            let may_be_lost = line.contains(" = ")
                && part.starts_with('[')
                && number >= kept
                && !NEVER_LOST.contains(&key)
                && !(part.contains("\nkind = \"online\"\n") && OF_STORES.contains(&key));
            if !may_be_lost || !dice.next().unwrap_or(1).is_multiple_of(8) {
                left.push_str(line);
                left.push('\n');
                continue;
            }
            let section = section_of(&part);
            lost.insert(format!("{section}.{key}"));
        }
    }
    let said: Vec<&str> = WITH_DEFAULTS.into_iter().filter(|key| lost.contains(*key)).collect();
    // A section that is incomplete says the same, and more.
    let said = said.iter().map(|key| {
        if dice.next().unwrap_or(0).is_multiple_of(4) {
            key.split_once('.').unwrap().0
        } else {
            key
        }
    });
    let said: BTreeSet<&str> = said.collect();
    left.replacen(
        "[deployment]\n",
        &format!("[deployment]\nincomplete = {:?}\n", Vec::from_iter(&said)),
        1,
    )
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
        let told = |error| TestCaseError::fail(format!("{error}\n{whole}\nwith losses:\n{left}"));
        let (before, checked) = read(&rules, &whole);
        let (after, checked_after) = read(&rules, &left);
        compare(&checked, &checked_after).map_err(told)?;
        let engines = Engine::new(&rules, &before).unwrap();
        decisions_tell(&engines, &Engine::new(&rules, &after).unwrap()).map_err(told)?;
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

const LOST_GROUP: &str = "
[deployment]
commerce-version = \"10.0.40\"
incomplete = [\"channel.offline-database-group\"]

[[channel-schema]]
name = \"AX7\"
filter-shared-customer-data-tables = false

[[channel-database-group]]
name = \"Default\"
channel-schema = \"AX7\"

[[channel]]
id = \"houston\"
kind = \"store\"
channel-database-group = \"Default\"
supports-offline = true
needs = [\"offline-customer-creation\"]

[[waiver]]
code = \"SG114\"
subject = \"houston\"
reason = \"agreed\"
owner = \"retail IT\"
";

#[test]
fn a_waiver_is_not_unused_while_its_check_is_undecided() {
    let rules = Rules::embedded();
    let (_, checked) = read(&rules, SOME_JOBS);
    assert_eq!(results(&checked)[&Code::new(102)], CheckResult::Undecided);
    assert!(!found(&checked).iter().any(|(code, _)| *code == Code::UNUSED_WAIVER));
    let (_, checked) = read(&rules, LOST_GROUP);
    assert_eq!(results(&checked)[&Code::new(114)], CheckResult::Undecided);
    assert!(!found(&checked).iter().any(|(code, _)| *code == Code::UNUSED_WAIVER));
    let (_, checked) = read(&rules, &LOST_GROUP.replace("incomplete = ", "# "));
    assert_eq!(results(&checked)[&Code::new(114)], CheckResult::Pass);
    assert!(found(&checked).iter().any(|(code, _)| *code == Code::UNUSED_WAIVER));
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

const PERHAPS_UNUSED: &str = "
[deployment]
commerce-version = \"10.0.40\"

[[functionality-profile]]
id = \"STORE\"

[[functionality-profile]]
id = \"OLD\"

[[channel-database-group]]
name = \"Default\"

[[channel]]
id = \"houston\"
kind = \"store\"
channel-database-group = \"Default\"

[[channel]]
id = \"boston\"
kind = \"store\"
functionality-profile = \"STORE\"
channel-database-group = \"Default\"
";

/// The findings with a code, or that say of it that it can't be decided: by what, and of whom.
fn told_of(checked: &Checked, code: Code) -> BTreeSet<(Code, String, String)> {
    let name = code.to_string();
    let told = checked.findings.iter().filter(|finding| {
        finding.code == code || finding.code == Code::UNDECIDED && finding.message.contains(&name)
    });
    told.map(|finding| {
        let id = finding.subject.as_ref().map(|subject| subject.id.clone()).unwrap_or_default();
        (finding.code, finding.detail.clone(), id)
    })
    .collect()
}

#[test]
fn what_may_refer_to_a_record_is_told_at_its_place() {
    let rules = Rules::embedded();
    let told = |text: &str| told_of(&read(&rules, text).1, Code::UNREFERENCED);
    let owned = |code, detail: &str, id: &str| (code, detail.to_owned(), id.to_owned());
    let undecided = owned(Code::UNDECIDED, "channel.functionality-profile", "houston");
    let unused = owned(Code::UNREFERENCED, "", "OLD");
    assert_eq!(told(PERHAPS_UNUSED), BTreeSet::from([undecided]));
    let houston = "id = \"houston\"\n";
    for profile in ["", "STORE"] {
        let given = format!("{houston}functionality-profile = \"{profile}\"\n");
        let text = PERHAPS_UNUSED.replace(houston, &given);
        assert_eq!(told(&text), BTreeSet::from([unused.clone()]), "{profile}");
    }
    let text = PERHAPS_UNUSED.replace(
        "[[channel]]\nid = \"houston\"\nkind = \"store\"\n",
        "[[channel]]\nid = \"houston\"\nkind = \"call-center\"\n",
    );
    assert_eq!(told(&text), BTreeSet::from([unused]), "a call center has no profile");
    let version = "commerce-version = \"10.0.40\"\n";
    let text = PERHAPS_UNUSED.replace(version, &format!("{version}incomplete = [\"channel\"]\n"));
    let section = owned(Code::UNDECIDED, "channel", "");
    assert!(told(&text).contains(&section), "{:?}", told(&text));
}
