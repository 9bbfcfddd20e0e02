//! Every go-live check over the fixtures of `fixtures/checks`: what makes it fire, what nearly
//! does, what leaves it undecided.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads fixtures")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use syncgate::check::{CheckResult, Checked, check};
use syncgate::diagnostic::{Code, Finding};
use syncgate::engine::Engine;
use syncgate::load::InputFile;
use syncgate::model::{
    Check, Deployment, Edge, EdgeKind, Node, Outcome, RealTimeService, Rules, Situation,
    TemplatePart,
};

/// A fixture: the code of its directory, its name without `.toml`, its text.
struct Fixture {
    code: Code,
    name: String,
    text: String,
}

fn fixtures() -> Vec<Fixture> {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/checks"));
    let mut fixtures = Vec::new();
    for directory in std::fs::read_dir(root).unwrap() {
        let directory = directory.unwrap().path();
        let code = directory.file_name().unwrap().to_str().unwrap().parse().unwrap();
        for file in std::fs::read_dir(&directory).unwrap() {
            let path = file.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            fixtures.push(Fixture { code, name, text: std::fs::read_to_string(&path).unwrap() });
        }
    }
    fixtures
}

/// The deployment of a fixture, checked; it must be free of mistakes of its own.
fn checked(fixture: &Fixture) -> (Deployment, Checked) {
    let loaded = Deployment::from_text(&Rules::embedded(), &fixture.name, &fixture.text);
    let valid = loaded.valid().map(|_| ());
    assert!(valid.is_ok(), "{} {}: {}", fixture.code, fixture.name, valid.unwrap_err());
    let whole = loaded.is_whole();
    let (deployment, findings) = loaded.as_read();
    let checked = check(&deployment, findings, whole);
    (deployment, checked)
}

fn result(checked: &Checked, code: Code) -> CheckResult {
    checked.checks.iter().find(|report| report.code == code).unwrap().result
}

fn of(checked: &Checked, code: Code) -> Vec<&Finding> {
    checked.findings.iter().filter(|finding| finding.code == code).collect()
}

#[test]
fn what_fires_fires_with_subject_place_and_message() {
    for fixture in fixtures().iter().filter(|fixture| fixture.name.starts_with("fires")) {
        let (deployment, checked) = checked(fixture);
        let told: Vec<String> = of(&checked, fixture.code)
            .iter()
            .map(|finding| {
                let subject = finding.subject.as_ref().unwrap();
                let place = deployment.files().position(finding.span.unwrap()).start;
                let (line, column) = (place.line, place.column);
                format!("{} {} {line}:{column} {}", subject.kind, subject.id, finding.message)
            })
            .collect();
        let expected: Vec<&str> =
            fixture.text.lines().filter_map(|line| line.strip_prefix("# expect: ")).collect();
        assert!(!expected.is_empty(), "{} {} expects nothing", fixture.code, fixture.name);
        assert_eq!(told, expected, "{} {}", fixture.code, fixture.name);
    }
}

#[test]
fn the_kind_of_every_subject_is_a_section() {
    for fixture in fixtures() {
        let (deployment, checked) = checked(&fixture);
        for subject in checked.findings.iter().filter_map(|finding| finding.subject.as_ref()) {
            let section = deployment.rules().format.section(&subject.kind);
            assert!(section.is_some(), "{} {}: {subject:?}", fixture.code, fixture.name);
        }
    }
}

#[test]
fn no_two_findings_have_one_fingerprint() {
    let schedule = "[[distribution-schedule]]\njob = \"1070\"\nactive = true\nrecurrence = \
        \"1h\"\nlast-run = 2026-01-01T00:00:00Z\n";
    let name = "two-schedules".to_owned();
    let text = format!(
        "[deployment]\ncommerce-version = \"10.0.40\"\nas-of = \
            2026-11-20T08:00:00Z\n{schedule}{schedule}"
    );
    let two = Fixture { code: "SG164".parse().unwrap(), name, text };
    assert_eq!(of(&checked(&two).1, two.code).len(), 2);
    for fixture in fixtures().iter().chain([&two]) {
        let checked = checked(fixture).1;
        let fingerprints: BTreeSet<String> =
            checked.findings.iter().map(Finding::fingerprint).collect();
        assert_eq!(fingerprints.len(), checked.findings.len(), "{} {}", fixture.code, fixture.name);
    }
}

/// What a misspelt name stands for might be the very thing that a check misses.
#[test]
fn nothing_is_missing_from_a_section_with_a_misspelt_name() {
    let profile =
        "[[functionality-profile]]\nid = \"STORE\"\ncreate-customer-in-async-mode = true\n";
    let batch = "[[batch-job]]\nname = \"synchronize-customers\"\nstatus = \
        \"waiting\"\nrecurrence = \"1h\"\n";
    for (right, wrong, code) in [
        (
            "[[distribution-schedule]]\njob = \"1010\"",
            "[[distribution-schedule]]\njob = \"P-001\"",
            "SG101",
        ),
        (batch, "[[batch-job]]\nname = \"synchronise-custmrs\"\n", "SG102"),
        (
            "[features.multiple-contacts]\nenabled = true",
            "[features.edit-custmers-async]\nenabled = true",
            "SG120",
        ),
    ] {
        let told = |section: &str| {
            let text =
                format!("[deployment]\ncommerce-version = \"10.0.40\"\n{section}\n{profile}");
            let (deployment, findings) =
                Deployment::from_text(&Rules::embedded(), "a", &text).as_read();
            result(&check(&deployment, findings, true), code.parse().unwrap())
        };
        let absent = right.replace("synchronize-customers", "synchronize-orders");
        assert_eq!(told(&absent), CheckResult::Fail, "{code}");
        assert_eq!(told(wrong), CheckResult::Undecided, "{code}");
    }
}

#[test]
fn nothing_is_guessed_from_a_version_that_is_not_given() {
    let mut undecided = BTreeSet::new();
    for fixture in fixtures() {
        let Some(line) = fixture.text.lines().find(|line| line.starts_with("commerce-version"))
        else {
            continue;
        };
        let with = |line_of_version: &str| {
            let text = fixture.text.replace(line, line_of_version);
            let (deployment, findings) =
                Deployment::from_text(&Rules::embedded(), &fixture.name, &text).as_read();
            let checked = check(&deployment, findings, true);
            checked.checks.iter().map(|report| (report.code, report.result)).collect::<Vec<_>>()
        };
        let versions = ["10.0.9", "10.0.20", "10.0.29", "10.0.33", "10.0.40", "10.0.60"];
        let known = versions.map(|version| with(&format!("commerce-version = \"{version}\"")));
        for (number, (code, result)) in with("").into_iter().enumerate() {
            if result == CheckResult::Undecided {
                undecided.insert(code);
                continue;
            }
            for (version, results) in versions.iter().zip(&known) {
                let of_version = results[number].1;
                // What needs another value than the version stays undecided once that is known.
                let fails = (result == CheckResult::Fail, of_version == CheckResult::Fail);
                assert!(
                    fails.0 == fails.1 || of_version == CheckResult::Undecided,
                    "{} {}: {code} is {result:?}, and in {version} {of_version:?}",
                    fixture.code,
                    fixture.name
                );
            }
        }
    }
    assert!(undecided.contains(&"SG110".parse().unwrap()), "{undecided:?}");
}

#[test]
fn near_misses_do_not_fire() {
    for fixture in fixtures().iter().filter(|fixture| fixture.name.starts_with("near-miss")) {
        let result = result(&checked(fixture).1, fixture.code);
        let is_quiet = matches!(result, CheckResult::Pass | CheckResult::NotApplicable);
        assert!(is_quiet, "{} {}: {result}", fixture.code, fixture.name);
    }
}

#[test]
fn what_is_missing_leaves_a_check_undecided_and_is_told() {
    for fixture in fixtures().iter().filter(|fixture| fixture.name.starts_with("undecided")) {
        let (_, checked) = checked(fixture);
        let whose = format!("{} {}", fixture.code, fixture.name);
        assert_eq!(result(&checked, fixture.code), CheckResult::Undecided, "{whose}");
        let report = checked.checks.iter().find(|report| report.code == fixture.code).unwrap();
        assert!(!report.missing.is_empty(), "{whose}");
        for missing in &report.missing {
            let told = of(&checked, Code::UNDECIDED).into_iter();
            let names = |finding: &&Finding| {
                finding.detail == *missing && finding.message.contains(&fixture.code.to_string())
            };
            assert_eq!(told.filter(names).count(), 1, "{whose}: {missing}");
        }
    }
}

#[test]
fn what_is_missing_is_told_where_its_record_stands() {
    // Behind others of their sections, so that no place is that of another one by chance.
    let text = r#"[deployment]
commerce-version = "10.0.40"

[[distribution-schedule]]
job = "1010"
active = true
status = "waiting"
recurrence = "1h"
channel-database-groups = []

[[distribution-schedule]]
job = "P-0001"
active = true
channel-database-groups = []

[[batch-job]]
name = "synchronize-orders"
status = "waiting"
recurrence = "1h"

[[batch-job]]
name = "synchronize-customers"
status = "waiting"
"#;
    let (deployment, checked) = checked(&Fixture {
        code: Code::UNDECIDED,
        name: "two of each".to_owned(),
        text: text.to_owned(),
    });
    let mut told = BTreeSet::new();
    for finding in of(&checked, Code::UNDECIDED) {
        let subject = finding.subject.as_ref().unwrap();
        let mut records = deployment.records(&*subject.kind);
        let record = records.find(|record| record.record.id == subject.id);
        if let Some(record) = record.filter(|_| !subject.id.is_empty()) {
            assert_eq!(finding.span, Some(record.record.span), "{}", finding.message);
            told.insert(&*subject.id);
        }
    }
    assert_eq!(
        told,
        BTreeSet::from(["1010", "P-0001", "synchronize-customers", "synchronize-orders"])
    );
}

/// A check of one's own that asks every store for what one of them says.
const OF_ONE: &str = r#"[[check]]
code = "SG901"
severity = "warning"
title = "houston supports offline"
subject = "channel"
given = { kind = "store" }
fails = { "channel.houston.supports-offline" = false }
message = "of `{id}`"
help = "mend it"
why = "House rule."
"#;

#[test]
fn what_one_record_lacks_is_missing_of_that_one_alone() {
    let input = |path: &str, text: &str| InputFile {
        path: path.to_owned(),
        bytes: Ok(text.as_bytes().to_vec()),
    };
    let embedded = Rules::embedded();
    let files = embedded.files.files().iter().map(|file| input(&file.path, &file.text));
    let added = vec![input("own.toml", OF_ONE)];
    let (rules, findings) = Rules::from_files("own", files.collect(), added).as_read();
    assert!(findings.is_empty(), "{findings:?}");
    let rules = Arc::new(rules);
    for stores in [["houston", "boston"], ["boston", "houston"]] {
        let store = |id| format!("[[channel]]\nid = \"{id}\"\nkind = \"store\"\n\n");
        let text = stores.map(store).concat();
        let text = format!("{text}[deployment]\ncommerce-version = \"10.0.40\"\n");
        let loaded = Deployment::from_text(&rules, "stores.toml", &text);
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let checked = check(&deployment, findings, whole);
        let told = of(&checked, Code::UNDECIDED).into_iter();
        let told = told.filter(|finding| finding.message.contains("SG901"));
        let of: Vec<&str> = told.map(|it| it.subject.as_ref().unwrap().id.as_str()).collect();
        assert_eq!(of, ["houston"], "{stores:?}");
    }
}

#[test]
fn every_part_of_every_check_is_shown_with_a_near_miss() {
    let fixtures = fixtures();
    let texts: BTreeMap<(Code, &str), &str> = fixtures
        .iter()
        .map(|fixture| ((fixture.code, fixture.name.as_str()), fixture.text.as_str()))
        .collect();
    let mut shown: Vec<(Code, String)> = Vec::new();
    for fixture in fixtures.iter().filter(|fixture| fixture.name.starts_with("fires")) {
        let twin = fixture.name.replace("fires", "near-miss");
        if texts
            .get(&(fixture.code, &*twin))
            .is_some_and(|text| differ_by_one_line(&fixture.text, text))
        {
            let (_, checked) = checked(fixture);
            shown.extend(
                of(&checked, fixture.code).iter().map(|it| (fixture.code, it.message.clone())),
            );
        }
    }
    for check in &Rules::embedded().checks {
        let is_shown =
            shown.iter().any(|(code, message)| *code == check.code && could_be(check, message));
        assert!(
            is_shown,
            "{}: no fixture fires `{}`, a line away from a near miss",
            check.code, check.message.text
        );
    }
    let undecided: BTreeSet<Code> = fixtures
        .iter()
        .filter(|fixture| fixture.name.starts_with("undecided"))
        .map(|fixture| fixture.code)
        .collect();
    let all: BTreeSet<Code> = Rules::embedded().checks.iter().map(|check| check.code).collect();
    assert_eq!(undecided, all, "every check can be undecided");
}

#[test]
fn mistakes_in_checks_of_ones_own_are_told_with_place_and_help() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/broken-checks");
    for file in std::fs::read_dir(root).unwrap() {
        let path = file.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let (rules, findings) = Rules::load(None, path.to_str()).unwrap().as_read();
        let told: Vec<String> = findings
            .iter()
            .map(|finding| {
                let place = rules.files.position(finding.span.unwrap()).start;
                let help = finding.help.as_deref().unwrap_or("no help");
                format!(
                    "{} {}:{} {} | {help}",
                    finding.code, place.line, place.column, finding.message
                )
            })
            .collect();
        let expected: Vec<&str> =
            text.lines().filter_map(|line| line.strip_prefix("# expect: ")).collect();
        assert_eq!(told, expected, "{}", path.display());
    }
}

/// Whether two texts are the same but for one line, changed, added or taken away.
fn differ_by_one_line(one: &str, other: &str) -> bool {
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("# expect: ")).map(str::to_owned).collect()
    };
    let (one, other) = (lines(one), lines(other));
    let before = one.iter().zip(&other).take_while(|(one, other)| one == other).count();
    let rest = |lines: &[String]| lines.len() - before;
    let after =
        one.iter().rev().zip(other.iter().rev()).take_while(|(one, other)| one == other).count();
    let after = after.min(rest(&one)).min(rest(&other));
    rest(&one) - after <= 1 && rest(&other) - after <= 1
}

/// Whether a message was made from a check's template: its fixed parts stand in it in order.
fn could_be(check: &Check, message: &str) -> bool {
    let mut rest = message;
    check.message.parts.iter().all(|part| match part {
        TemplatePart::Text(text) => match rest.find(text.as_str()) {
            Some(place) => {
                rest = &rest[place + text.len()..];
                true
            }
            None => false,
        },
        TemplatePart::Id | TemplatePart::Found | TemplatePart::Fact(_) => true,
    })
}

/// Every feature on but those that others require, in a version that does not have them all, and
/// no job run since.
fn everything_on(rules: &Rules) -> Fixture {
    let features = rules.features.iter().map(|feature| {
        let requires = |edge: &&Edge| edge.kind == EdgeKind::Requires;
        let itself = Node::Feature(rules.feature_named(&feature.id).unwrap());
        let on = !rules.edges.iter().filter(requires).any(|edge| edge.to.contains(&itself));
        format!("\"{}\" = {{ enabled = {on}, enabled-at = 2026-03-01T00:00:00Z }}\n", feature.id)
    });
    let schedules = rules.jobs.iter().map(|job| {
        let section = if job.id.starts_with(|it: char| it.is_ascii_digit()) {
            "distribution-schedule"
        } else {
            return String::new();
        };
        format!("[[{section}]]\njob = \"{}\"\nlast-run = 2026-02-01T00:00:00Z\n", job.id)
    });
    let head = "[deployment]\ncommerce-version = \"10.0.30\"\nas-of = 2026-04-01T00:00:00Z\n";
    let text = format!(
        "{head}[features]\n{}{}",
        features.collect::<String>(),
        schedules.collect::<String>()
    );
    Fixture { code: "SG110".parse().unwrap(), name: "everything-on".to_owned(), text }
}

#[test]
fn a_finding_about_a_feature_cites_what_speaks_of_it_and_its_edges() {
    let rules = Rules::embedded();
    let (_, checked) = checked(&everything_on(&rules));
    let edges = |found: &Finding| {
        let id = rules.feature_named(&found.subject.as_ref().unwrap().id).unwrap();
        let kinds = match found.code.number() {
            110 => Vec::new(),
            153 => vec![EdgeKind::ThenRun],
            _ => vec![EdgeKind::Requires, EdgeKind::Setting],
        };
        let edges = kinds.into_iter().flat_map(|kind| rules.edges_from(id, kind));
        let edges: BTreeSet<&String> = edges.flat_map(|(edge, _)| &edge.documents).collect();
        (edges, rules.feature(id).documents.iter().collect::<BTreeSet<&String>>())
    };
    for number in ["SG110", "SG152", "SG153"] {
        let code: Code = number.parse().unwrap();
        let findings = of(&checked, code);
        let general = rules.check(code).map(|check| &check.sources).unwrap();
        assert!(findings.len() >= 3, "{number}: {}", findings.len());
        for finding in findings {
            let (edges, own) = edges(finding);
            let told: BTreeSet<&String> =
                finding.sources.iter().filter(|it| !general.contains(it)).collect();
            assert!(told.is_superset(&own), "{number} {:?}: {told:?}", finding.subject);
            let more: Vec<&&String> = told.difference(&own).collect();
            assert!(
                more.iter().all(|it| edges.contains(**it)),
                "{number}: {more:?}, not {edges:?}"
            );
            let by_edges = edges.is_empty() || told.intersection(&edges).next().is_some();
            assert!(by_edges, "{number} {:?}: {told:?}", finding.subject);
        }
    }
}

const TWO_KINDS: &str = "
[deployment]
commerce-version = \"10.0.40\"
[[functionality-profile]]
id = \"STORE\"
kind = \"pos\"
create-customer-in-async-mode = true
create-customer-order-in-async-mode = false
real-time-order-creation-with-async-backup = true
default-customer-search-mode = true
[[functionality-profile]]
id = \"WEB\"
kind = \"online\"
create-customer-in-async-mode = true
create-customer-order-in-async-mode = false
real-time-order-creation-with-async-backup = true
default-customer-search-mode = true
[[functionality-profile]]
id = \"SHY\"
create-customer-in-async-mode = true
real-time-order-creation-with-async-backup = true
[[functionality-profile]]
id = \"SYNC\"
kind = \"online\"
create-customer-in-async-mode = false
[[channel]]
id = \"houston\"
kind = \"store\"
functionality-profile = \"STORE\"
needs = [\"loyalty\", \"customer-orders\"]
[[channel]]
id = \"web\"
kind = \"online\"
functionality-profile = \"WEB\"
needs = [\"loyalty\"]
[[channel]]
id = \"outlet\"
kind = \"online\"
functionality-profile = \"SYNC\"
[[channel]]
id = \"shy\"
kind = \"online\"
functionality-profile = \"SHY\"
";

/// A profile of stores and one of online channels are set on different pages: a finding names the
/// one of its own profile, and both only where nothing says of which kind that is.
#[test]
fn a_page_in_a_finding_is_the_one_of_the_profiles_kind() {
    let (pos, online) = ("POS setup > POS profiles", "Online store setup");
    let mut met: BTreeMap<Option<&str>, BTreeSet<Code>> = BTreeMap::new();
    let mut all = fixtures();
    all.push(Fixture { code: Code::new(112), name: "two kinds".into(), text: TWO_KINDS.into() });
    for fixture in all {
        let (deployment, checked) = checked(&fixture);
        for finding in &checked.findings {
            let page = finding.setting.as_ref().map(|setting| &setting.page);
            let Some(page) = page.filter(|it| it.contains("Functionality profiles")) else {
                continue;
            };
            let subject = finding.subject.as_ref().unwrap();
            let record = deployment.find(subject.kind.as_str(), &subject.id);
            let record = record.and_then(|it| deployment.record(subject.kind.as_str(), it));
            let profile = match subject.kind.as_str() {
                "channel" => {
                    let of = record.unwrap().target("functionality-profile").unwrap();
                    deployment.record("functionality-profile", of)
                }
                _ => record,
            };
            let kind = profile.and_then(|profile| profile.text("kind"));
            let told = (page.contains(pos), page.contains(online));
            let wanted = (kind != Some("online"), kind != Some("pos"));
            assert_eq!(told, wanted, "{} {}: {finding:?}", fixture.code, fixture.name);
            let kind = ["pos", "online"].into_iter().find(|it| Some(*it) == kind);
            met.entry(kind).or_default().insert(finding.code);
        }
    }
    // Findings of the profile itself and of channels that refer to it, and values not given.
    for (kind, codes) in [
        (Some("pos"), [111, 112, 113, 133, 143].as_slice()),
        (Some("online"), &[111, 113, 131, 133, 143]),
        (None, &[2, 133]),
    ] {
        for code in codes {
            assert!(met[&kind].contains(&Code::new(*code)), "{kind:?} SG{code:03}: {met:?}");
        }
    }
}

/// What an engine decides for a new customer of a channel while the Real-time Service fails so.
fn created(engine: &Engine, channel: &str, state: RealTimeService) -> Outcome {
    let situation = Situation::default().real_time_service(state);
    let create = engine.operation("create-customer").unwrap();
    engine.channel(channel).unwrap().decide(create, situation).unwrap().outcome()
}

/// SG131 says that sign-up is kept for later where the Real-time Service can't be reached, and
/// fails with any other error: so it is decided wherever it is told, and nowhere else.
#[test]
fn sign_up_in_servicing_ends_as_is_told() {
    let rules = Rules::embedded();
    let mut met = BTreeSet::new();
    let mut all = fixtures();
    all.push(Fixture { code: Code::new(131), name: "two kinds".into(), text: TWO_KINDS.into() });
    for fixture in all {
        let (deployment, checked) = checked(&fixture);
        let Ok(engine) = Engine::new(&rules, &deployment) else { continue };
        for channel in deployment.records("channel") {
            if channel.text("kind") != Some("online") {
                continue;
            }
            let id = channel.record.id.as_str();
            let told = of(&checked, Code::new(131)).into_iter().any(|finding| {
                finding.counts() && finding.subject.as_ref().is_some_and(|it| it.id == id)
            });
            let profile = channel.target("functionality-profile");
            let profile = profile.and_then(|it| deployment.record("functionality-profile", it));
            let is_known = profile
                .is_some_and(|profile| profile.boolean("create-customer-in-async-mode").is_some());
            if !is_known {
                assert!(!told, "{} {}: {id}", fixture.code, fixture.name);
                continue;
            }
            let unreachable = created(&engine, id, RealTimeService::CommunicationFailure);
            let error = created(&engine, id, RealTimeService::OtherFailure);
            let expected = if told { Outcome::Rejected } else { Outcome::Async };
            assert_eq!((unreachable, error), (Outcome::Async, expected), "{}: {id}", fixture.name);
            met.insert(told);
        }
    }
    assert_eq!(Vec::from_iter(met), [false, true]);
}

/// SG139 looks at stores as it does at online channels, and not at call centers.
#[test]
fn stores_need_an_address_book_of_their_default_customer_too() {
    let of_kind = |kind: &str| Fixture {
        code: Code::new(139),
        name: kind.to_owned(),
        text: format!(
            "[deployment]\ncommerce-version = \"10.0.40\"\n\
             [[default-customer]]\naccount = \"100001\"\naddress-books = [\"Own\"]\n\
             [[channel]]\nid = \"c\"\nkind = \"{kind}\"\ndefault-customer = \"100001\"\n\
             customer-address-books = [\"Other\"]\n"
        ),
    };
    for (kind, expected) in [
        ("store", CheckResult::Fail),
        ("online", CheckResult::Fail),
        ("call-center", CheckResult::NotApplicable),
    ] {
        let (_, checked) = checked(&of_kind(kind));
        assert_eq!(result(&checked, Code::new(139)), expected, "{kind}");
    }
}

/// A job that is canceled, withheld, ended or failed runs no more, however often it should: a
/// customer waits for ever. Where its status is not given, the time is not known.
#[test]
fn customers_wait_for_ever_for_a_job_that_does_not_run() {
    let text = |status: &str| {
        let schedule = |job: &str| {
            format!(
                "[[distribution-schedule]]\njob = \"{job}\"\nactive = true\n\
                 channel-database-groups = [\"G\"]\nrecurrence = \"15m\"\n{status}\n"
            )
        };
        format!(
            "[deployment]\ncommerce-version = \"10.0.40\"\n[targets]\npending-customer = \"2h\"\n\
             [[channel-database-group]]\nname = \"G\"\n\
             [[channel]]\nid = \"c\"\nkind = \"store\"\nchannel-database-group = \"G\"\n\
             {}{}[[batch-job]]\nname = \"synchronize-customers\"\nrecurrence = \"15m\"\n{status}\n",
            schedule("P-0001"),
            schedule("1010")
        )
    };
    let usable = |status: &str| {
        let fixture = Fixture { code: Code::new(125), name: status.into(), text: text(status) };
        let (deployment, checked) = checked(&fixture);
        let way = deployment.rules().ways.iter().position(|way| way.id == "usable").unwrap();
        let (_, times) = checked.pending.first().unwrap();
        let time = times.iter().find(|time| time.way == way).unwrap();
        (
            time.at_most().map(|it| it.to_string()),
            time.is_endless(),
            result(&checked, Code::new(125)),
        )
    };
    for runs in ["waiting", "executing"] {
        let found = usable(&format!("status = \"{runs}\""));
        assert_eq!(found, (Some("1h15m".to_owned()), false, CheckResult::Pass), "{runs}");
    }
    for stands in ["withhold", "ended", "canceled", "error"] {
        let found = usable(&format!("status = \"{stands}\""));
        assert_eq!(found, (None, true, CheckResult::Fail), "{stands}");
    }
    assert_eq!(usable(""), (None, false, CheckResult::Undecided));
}
