//! A verdict is not improved unseen: whatever is edited of `[levels]`, `[[waiver]]`, `answers.toml`
//! and `as-of`, every output tells what made it better, with who answers for it.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::fmt::Write as _;
use std::sync::Arc;
use syncgate::check::{Checked, Verdict, check};
use syncgate::diagnostic::Severity;
use syncgate::engine::Engine;
use syncgate::load::InputFile;
use syncgate::model::{Deployment, Rules};
use syncgate::report::{
    Reported, Style, check_azure, check_csv, check_github, check_gitlab, check_human, check_json,
    check_junit, check_markdown, check_sarif, document, report_html,
};

/// Deployments that errors stand against, each with the codes of those: one of the fixtures, or
/// contoso with a feature off that another needs, or the same with a waiver for it that is over.
const BASES: [(&str, &[&str]); 5] = [
    ("wingtip-policy", &["SG108", "SG152", "SG110", "SG111"]),
    ("litware-half-way", &["SG109", "SG105", "SG101"]),
    ("proseware-suomi", &["SG101", "SG102"]),
    (HALF, &["SG108"]),
    (WAIVED, &["SG108"]),
];
const HALF: &str = "contoso, half-way";
const WAIVED: &str = "contoso, with a waiver that is over";

type Files = Vec<(String, String)>;

/// A deployment as it is before anybody edits it: what an import wrote.
fn base(name: &str) -> Files {
    let directory = match name {
        HALF | WAIVED => "fixtures/deployments/contoso".to_owned(),
        fixture => format!("fixtures/deployments/{fixture}"),
    };
    let files = process::entries(&directory).into_iter();
    let read = |file: String| {
        let text = process::read(&format!("{directory}/{file}")).replace('\r', "");
        let mut text = text.split("[levels]").next().unwrap().to_owned();
        if directory.ends_with("contoso") {
            let on = "[features.async-address-creation]\nenabled = true";
            text = text.replace(on, &on.replace("true", "false"));
        }
        if name == WAIVED && file == "deployment.toml" {
            text.push_str("\n[[waiver]]\ncode = \"SG108\"\nreason = \"it follows in autumn\"\n");
            text.push_str("owner = \"retail IT\"\nexpires = 2026-10-31\n");
        }
        // Each as if an import had written it, so that answers win over it.
        (format!("d/{}/imported.toml", file.trim_end_matches(".toml")), text)
    };
    files.map(read).collect()
}

/// Who answers, and why, as far as that is said.
type Said = (Option<String>, Option<String>);

#[derive(Clone, Debug)]
struct LevelEdit {
    code: String,
    word: &'static str,
    said: Said,
}

#[derive(Clone, Debug)]
struct WaiverEdit {
    code: String,
    said: Said,
    /// Days after the moment of the deployment.
    expires: Option<i64>,
}

#[derive(Clone, Debug)]
enum AsOf {
    Kept,
    Removed,
    /// Hours after what it was.
    Moved(i64),
}

#[derive(Clone, Debug)]
struct Edit {
    base: &'static str,
    levels: Vec<LevelEdit>,
    waivers: Vec<WaiverEdit>,
    as_of: AsOf,
    answers: Vec<String>,
}

fn said() -> impl Strategy<Value = Said> {
    let text = |pattern: &'static str| proptest::option::weighted(0.85, pattern);
    (text("because [a-z]{9}"), text("owner [a-z]{9}"))
}

/// The codes that stand against a base, each of them several times as likely as others.
fn codes(rules: &Rules, errors: &[&str]) -> Vec<String> {
    let others = rules.checks.iter().map(|it| it.code.to_string());
    let often = std::iter::repeat_n(errors, 60).flatten().map(|it| (*it).to_owned());
    often.chain(others).collect()
}

fn levels(codes: Vec<String>) -> impl Strategy<Value = Vec<LevelEdit>> {
    let level = (select(codes), select(&["allow", "info", "warning", "error"][..]), said());
    let level = level.prop_map(|(code, word, said)| LevelEdit { code, word, said });
    proptest::collection::vec(level, 0..24)
}

fn waivers(codes: Vec<String>) -> impl Strategy<Value = Vec<WaiverEdit>> {
    let expires = proptest::option::of(select(&[-400_i64, -1, 0, 30, 400][..]));
    let waiver = (select(codes), said(), expires);
    let waiver = waiver.prop_map(|(code, said, expires)| WaiverEdit { code, said, expires });
    proptest::collection::vec(waiver, 0..16)
}

fn as_of() -> impl Strategy<Value = AsOf> {
    prop_oneof![
        3 => Just(AsOf::Kept),
        1 => Just(AsOf::Removed),
        2 => select(&[-9000_i64, -600, -500, -1, 1, 48, 9000][..]).prop_map(AsOf::Moved),
    ]
}

/// What people answer: values that exports gave otherwise, and values that they did not give.
fn answers(base: &str) -> impl Strategy<Value = Vec<String>> + use<> {
    let files = self::base(base);
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    let named = lines.filter_map(|line| line.strip_prefix("[features.")?.strip_suffix(']'));
    let features: Vec<String> =
        named.chain(["async-address-creation"; 6]).map(str::to_owned).collect();
    let feature = (select(features), any::<bool>())
        .prop_map(|(id, on)| format!("[features.{id}]\nenabled = {on}\n"));
    let job = (
        select(&["synchronize-customers", "synchronize-orders", "post-statement"][..]),
        select(&["waiting", "withhold", "error"][..]),
    )
        .prop_map(|(name, status)| {
            format!(
                "[[batch-job]]\nname = \"{name}\"\nstatus = \"{status}\"\nrecurrence = \"15m\"\n"
            )
        });
    let schedule = select(&["P-0001", "1010", "1070", "1110"][..]).prop_map(|job| {
        format!("[[distribution-schedule]]\njob = \"{job}\"\nactive = true\nstatus = \"waiting\"\n")
    });
    proptest::collection::vec(prop_oneof![4 => feature, 2 => job, 1 => schedule], 0..8)
}

/// An edit of one of the four, or of several at once.
fn edit(rules: &Arc<Rules>) -> impl Strategy<Value = Edit> + use<> {
    let rules = rules.clone();
    select(&BASES[..]).prop_flat_map(move |(base, errors)| {
        let codes = codes(&rules, errors);
        let all = (levels(codes.clone()), waivers(codes), as_of(), answers(base));
        (all, 0..6_u8).prop_map(move |((levels, waivers, as_of, answers), one)| {
            let alone = |number: u8| one == number || one > 3;
            Edit {
                base,
                levels: if alone(0) { levels } else { Vec::new() },
                waivers: if alone(1) { waivers } else { Vec::new() },
                as_of: if alone(2) { as_of } else { AsOf::Kept },
                answers: if alone(3) { answers } else { Vec::new() },
            }
        })
    })
}

const BEFORE: &str = "as-of = ";

/// The line of the files that says when they were taken.
fn moment_line(files: &Files) -> String {
    let mut lines = files.iter().flat_map(|(_, text)| text.lines());
    lines.find(|line| line.starts_with(BEFORE)).unwrap().to_owned()
}

impl Edit {
    fn said(told: &mut String, (reason, owner): &Said) {
        for (key, text) in [("reason", reason), ("owner", owner)] {
            if let Some(text) = text {
                let _ = writeln!(told, "{key} = \"{text}\"");
            }
        }
    }

    /// The files of the deployment, edited, and the digest of what people answered.
    fn files(&self) -> (Files, Option<String>) {
        let mut files = base(self.base);
        let line = moment_line(&files);
        let before: jiff::Timestamp = line.trim_start_matches(BEFORE).trim().parse().unwrap();
        let day = |days: i64| {
            let moment = before + jiff::SignedDuration::from_hours(24 * days);
            jiff::tz::Offset::UTC.to_datetime(moment).date()
        };
        let moved = match self.as_of {
            AsOf::Kept => line.clone(),
            AsOf::Removed => String::new(),
            AsOf::Moved(hours) => {
                format!("{BEFORE}{}", before + jiff::SignedDuration::from_hours(hours))
            }
        };
        for (_, text) in &mut files {
            *text = text.replace(&line, &moved);
        }
        let mut policy = String::new();
        let mut known = Vec::new();
        for LevelEdit { code, word, said } in &self.levels {
            if !known.contains(&code) {
                let _ = write!(policy, "[levels.{code}]\nlevel = \"{word}\"\n");
                Self::said(&mut policy, said);
                known.push(code);
            }
        }
        for WaiverEdit { code, said, expires } in &self.waivers {
            let _ = write!(policy, "[[waiver]]\ncode = \"{code}\"\n");
            Self::said(&mut policy, said);
            if let Some(days) = expires {
                let _ = writeln!(policy, "expires = {}", day(*days));
            }
        }
        files.push(("d/policy.toml".to_owned(), policy));
        let mut answered = self.answers.clone();
        answered.sort();
        answered.dedup_by_key(|it| it.lines().take(2).collect::<String>());
        let answers = (!answered.is_empty()).then(|| answered.concat());
        let digest = answers.as_ref().map(|it| syncgate::digest::sha256(it.as_bytes()));
        files.extend(answers.map(|it| ("d/answers.toml".to_owned(), it)));
        (files, digest)
    }
}

fn read(rules: &Arc<Rules>, files: Files) -> (Deployment, Checked) {
    let input = |(path, text): (String, String)| InputFile { path, bytes: Ok(text.into_bytes()) };
    let loaded = Deployment::from_files(rules, "d", files.into_iter().map(input).collect());
    let whole = loaded.is_whole();
    let (deployment, findings) = loaded.as_read();
    let checked = check(&deployment, findings, whole);
    (deployment, checked)
}

/// The better, the higher.
fn goodness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NoGo => 0,
        Verdict::Undecided => 1,
        Verdict::Go => 2,
    }
}

fn outputs(deployment: &Deployment, checked: &Checked) -> Vec<(&'static str, String)> {
    let three = || vec![(deployment, checked, None)];
    let engine = Engine::new(deployment.rules(), deployment).unwrap();
    let page = Reported { engine: &engine, checked, store: None, simulation: None };
    vec![
        ("human", check_human(deployment, checked, None, None, Style::Plain)),
        ("json", document::pretty(&check_json(three()))),
        ("sarif", document::pretty(&check_sarif(three(), None))),
        ("junit", check_junit([(deployment, checked)], false)),
        ("github", check_github(deployment, checked)),
        ("azure", check_azure(deployment, checked)),
        ("gitlab", document::pretty(&check_gitlab(deployment, checked, true))),
        ("markdown", check_markdown(deployment, checked)),
        ("csv", check_csv([(deployment, checked)])),
        ("page", report_html(page)),
    ]
}

/// What every output must have: one of the words of each.
fn traces(
    edit: &Edit,
    digest: Option<&str>,
    deployment: &Deployment,
    checked: &Checked,
) -> Vec<Vec<String>> {
    let mut traces: Vec<Vec<String>> = Vec::new();
    for level in checked.levels.iter().filter(|level| level.lowers()) {
        traces.push(vec![level.code.to_string()]);
        let said = [&level.reason, &level.owner].into_iter().flatten();
        traces.extend(said.map(|text| vec![text.clone()]));
        if level.from == Severity::Error {
            assert!(level.reason.is_some() && level.owner.is_some(), "{level:?}");
        }
    }
    for finding in &checked.findings {
        let Some(waived) = &finding.waived else { continue };
        traces.push(vec![finding.code.to_string()]);
        let said = [&waived.reason, &waived.owner].into_iter().flatten();
        traces.extend(said.map(|text| vec![text.clone()]));
        if finding.severity == Severity::Error {
            assert!(waived.reason.is_some() && waived.owner.is_some(), "{finding:?}");
        }
    }
    if let Some(digest) = digest {
        traces.push(vec![digest.chars().take(12).collect()]);
    }
    match (&edit.as_of, deployment.as_of()) {
        (AsOf::Kept, _) => {}
        (_, Some(moment)) => traces.push(vec![moment.to_string()]),
        (_, None) => {
            traces.push(["as of no stated moment", "\"as_of\": null"].map(str::to_owned).into());
        }
    }
    traces
}

#[test]
fn nothing_improves_a_verdict_without_a_trace_in_every_output() {
    let rules = Rules::embedded();
    let before = BASES.map(|(name, errors)| {
        let checked = read(&rules, base(name)).1;
        let standing = checked.findings.iter().filter(|it| it.severity == Severity::Error);
        let codes: Vec<String> = standing.map(|it| it.code.to_string()).collect();
        assert!(codes.iter().all(|code| errors.contains(&code.as_str())), "{name}: {codes:?}");
        (name, checked.verdict)
    });
    let improved = [const { Cell::new(0) }; 5];
    let config = Config { cases: 600, failure_persistence: None, ..Config::default() };
    let chance = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let tried = TestRunner::new_with_rng(config, chance).run(&edit(&rules), |edit| {
        let (files, digest) = edit.files();
        let (deployment, checked) = read(&rules, files);
        let known = before.iter().find(|(name, _)| *name == edit.base).unwrap().1;
        if goodness(checked.verdict) <= goodness(known) {
            return Ok(());
        }
        let traces = traces(&edit, digest.as_deref(), &deployment, &checked);
        prop_assert!(!traces.is_empty(), "{known} became {} by nothing", checked.verdict);
        for (output, text) in outputs(&deployment, &checked) {
            for trace in &traces {
                let is_there = trace.iter().any(|word| text.contains(word.as_str()));
                prop_assert!(
                    is_there,
                    "{output} lacks {trace:?}:\n{}",
                    text.get(..3000).unwrap_or(&text)
                );
            }
        }
        let kinds = [
            !edit.levels.is_empty(),
            !edit.waivers.is_empty(),
            !matches!(edit.as_of, AsOf::Kept),
            !edit.answers.is_empty(),
        ];
        let only = kinds.iter().filter(|it| **it).count() == 1;
        let kind = kinds.iter().position(|it| *it).filter(|_| only).unwrap_or(4);
        let of_kind = improved.get(kind).unwrap();
        of_kind.set(of_kind.get() + 1);
        Ok(())
    });
    let improved = improved.map(Cell::into_inner);
    assert!(tried.is_ok(), "{}", tried.unwrap_err());
    // Edits of levels alone, of waivers alone, of the moment, of answers, and of several did it.
    assert!(improved.iter().sum::<u32>() > 20, "{improved:?}");
    assert!(improved.iter().all(|count| *count > 0), "{improved:?}");
}
