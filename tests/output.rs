//! What people see, and what the program leaves alone: tables that fit, names that do nothing to a
//! terminal, files that are not written over, mistakes that are told as what they are.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test writes its own files")]

#[path = "common/process.rs"]
mod process;

use process::{Run, finished, path, run, syncgate};
use serde_json::Value;
use std::path::{Path, PathBuf};
use syncgate::model::Rules;
use tempfile::TempDir;

/// A directory with files of its own.
fn directory(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).unwrap();
    }
    directory
}

/// Runs the program in a directory.
fn run_in(place: &Path, line: &str) -> Run {
    finished(&syncgate(line.split(' ')).current_dir(place).output().unwrap())
}

fn read(file: PathBuf) -> String {
    std::fs::read_to_string(file).unwrap()
}

fn contoso() -> String {
    read(PathBuf::from(path("fixtures/deployments/contoso/deployment.toml")))
}

#[test]
fn output_takes_the_place_of_no_file_that_was_read() {
    let place = directory(&[("deployment.toml", &contoso())]);
    std::fs::copy(path("fixtures/exports/contoso-package.zip"), place.path().join("x.zip"))
        .unwrap();
    let loops = place.path().join("link.json");
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path().join("deployment.toml"), &loops).unwrap();
    for line in [
        "check --format json --output deployment.toml",
        "check . --format sarif --output ./deployment.toml",
        "matrix deployment.toml --output deployment.toml",
        "features --format svg --output deployment.toml",
        "report --output deployment.toml",
        "check --output link.json",
        "check x.zip --output x.zip",
    ] {
        let ended = run_in(place.path(), line);
        assert_eq!(ended.status, 2, "{line}: {}", ended.err);
        assert!(ended.err.contains("would take the place of"), "{line}: {}", ended.err);
        assert_eq!(read(place.path().join("deployment.toml")), contoso(), "{line}");
    }
}

#[test]
fn what_several_paths_lead_to_is_checked_once() {
    let place = tempfile::tempdir().unwrap();
    let stores = place.path().join("stores");
    std::fs::create_dir_all(stores.join("more")).unwrap();
    std::fs::write(stores.join("deployment.toml"), contoso()).unwrap();
    std::fs::write(stores.join("more/deployment.toml"), contoso()).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink(&stores, place.path().join("link")).unwrap();
    let checked = |line: &str| {
        let out = run_in(place.path(), &format!("check {line} --format json")).out;
        let document: Value = serde_json::from_str(&out).unwrap();
        document.get("deployments").map_or(1, |all| all.as_array().unwrap().len())
    };
    assert_eq!(checked("stores stores/ ./stores stores/deployment.toml"), 1);
    #[cfg(unix)]
    assert_eq!(checked("stores link link/deployment.toml"), 1);
    // A directory within another is a deployment of its own.
    assert_eq!(checked("stores stores/more"), 2);
}

#[test]
fn settings_that_are_no_file_are_told() {
    let place = directory(&[("deployment.toml", &contoso())]);
    std::fs::create_dir(place.path().join("syncgate.toml")).unwrap();
    let ended = run_in(place.path(), "check");
    assert_eq!(ended.status, 2, "{}", ended.out);
    assert!(
        ended.err.contains("syncgate.toml") && ended.err.contains("directory"),
        "{}",
        ended.err
    );
    #[cfg(unix)]
    {
        let place = directory(&[("deployment.toml", &contoso())]);
        std::os::unix::fs::symlink("nowhere.toml", place.path().join("syncgate.toml")).unwrap();
        assert_eq!(run_in(place.path(), "check").status, 2);
    }
}

#[test]
fn a_baseline_that_is_none_is_told_as_what_it_is() {
    let good = run("check fixtures/deployments/contoso --format json").out;
    let mut other: Value = serde_json::from_str(&good).unwrap();
    let mut empty = other.clone();
    other["version"] = 2.into();
    empty["checks"] = Value::Array(Vec::new());
    for (text, told) in [
        (other.to_string(), "its `version` is 2"),
        (empty.to_string(), "`checks` are empty"),
        ("{}".to_owned(), "missing field `version`"),
        (good.replace("\"findings\"", "\"found\""), "missing field `findings`"),
        (r#"{"version":1,"deployments":[{"version":1}]}"#.to_owned(), "missing field"),
        (r#"{"version":3,"deployments":[]}"#.to_owned(), "its `version` is 3"),
        ("no JSON".to_owned(), "line 1"),
    ] {
        let place = directory(&[("deployment.toml", &contoso()), ("earlier.json", &text)]);
        let ended = run_in(place.path(), "check --baseline earlier.json");
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{text:.80}");
        assert!(ended.err.contains(told), "{told}: {}", ended.err);
        assert!(ended.err.contains("earlier.json") && !ended.err.contains("untagged"));
    }
}

/// Names that would end a line, set a colour, clear a terminal or turn the direction of text.
const HOSTILE: &str = "[deployment]\nname = \"go\\u001b[2J\\nno-go\"\ncommerce-version = \
    \"10.0.40\"\nas-of = 2026-11-20T08:00:00Z\n[[functionality-profile]]\nid = \
    \"P\\u001b[31m\\n1\"\ncreate-customer-in-async-mode = true\n[[channel-database-group]]\nname = \
    \"G\\u202e\\r\\nx\"\n[[channel]]\nid = \"h\\u001b]0;x\\u0007\\no|`u`*\"\nkind = \
    \"store\"\nfunctionality-profile = \"P\\u001b[31m\\n1\"\n[[distribution-schedule]]\njob = \
    \"1010\"\nchannel-database-groups = [\"G\\u202e\\r\\nx\"]\n[levels]\nSG106 = { level = \
    \"warning\", reason = \"a\\nb\\u001b[1m\", owner = \"x\\ty\" }\n";

#[test]
fn names_do_nothing_to_a_terminal() {
    let place = directory(&[("deployment.toml", HOSTILE), ("other.json", "")]);
    std::fs::create_dir(place.path().join("old")).unwrap();
    let old = HOSTILE.replace("mode = true", "mode = false");
    std::fs::write(place.path().join("old/deployment.toml"), old).unwrap();
    let channel = "h\u{1b}]0;x\u{7}\no|`u`*";
    for line in [
        "check",
        "check --format azure",
        "check --format github",
        "check --format markdown",
        "check . old",
        "matrix",
        "diff old .",
        "features",
        "plan --enable edit-customers-async",
        "decide --operation 612 --explain --channel",
    ] {
        let mut words: Vec<&str> = line.split(' ').collect();
        if line.ends_with("--channel") {
            words.push(channel);
        }
        let ended = finished(&syncgate(words).current_dir(place.path()).output().unwrap());
        assert!(ended.status < 2 && !ended.out.is_empty(), "{line}: {}", ended.err);
        let is_raw =
            |text: &str| text.chars().any(|it| it != '\n' && (it.is_control() || it == '\u{202e}'));
        let raw: Vec<&str> = ended.out.lines().filter(|line| is_raw(line)).collect();
        assert!(raw.is_empty(), "{line}: {raw:?}");
        // A name that ends a line would begin the next.
        for piece in ["no-go\"", "o|`u`*", "1`", "b (x"] {
            let begun = ended.out.lines().find(|line| line.starts_with(piece));
            assert_eq!(begun, None, "{line}");
        }
    }
}

#[test]
fn what_could_not_be_decided_fits_and_says_where_to_fill_it_in() {
    let place = tempfile::tempdir().unwrap();
    let imported = place.path().join("imported");
    let line = format!("import fixtures/exports/contoso-odata --output {}", imported.display());
    assert!(run(&line).status < 2);
    let answers = read(imported.join("answers.toml"));
    let ended = run(&format!("check {}", imported.display()));
    let begun = ended.out.find("What could not be decided").unwrap();
    let table = ended.out.get(begun..).unwrap();
    let table: Vec<&str> = table.lines().take_while(|line| !line.is_empty()).collect();
    assert!(table.len() > 60, "{}", ended.out);
    for line in &table {
        assert!(line.chars().count() <= 100, "{line}");
    }
    let text = table.join("\n");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    // What the values are called, where they go, and how to say that there are none.
    for word in ["Pause data synchronization", "fill in at", "none: `[]`"] {
        assert!(words.contains(word), "{word}: {text}");
    }
    let places = text.split_whitespace().filter_map(|word| word.strip_prefix("answers.toml:"));
    let lines: Vec<usize> = places.map(|line| line.parse().unwrap()).collect();
    assert!(lines.len() > 20, "{text}");
    let asked = |key: &str| answers.lines().position(|line| line.contains(key)).unwrap() + 1;
    for key in ["pause-data-synchronization = ", "needs = "] {
        assert!(lines.contains(&asked(key)), "{key}: {lines:?}");
    }
}

#[test]
fn a_note_is_noted_and_fails_nothing() {
    let path = "fixtures/deployments/contoso";
    let told = |line: &str| run(&format!("{line} {path}")).out;
    let document: Value = serde_json::from_str(&told("check --format json")).unwrap();
    let findings = document["findings"].as_array().unwrap();
    assert!(findings.iter().any(|it| it["severity"] == "info" && it["code"] != "SG002"));
    let verdict = told("check").lines().last().unwrap().to_owned();
    assert!(verdict.starts_with("go: ") && verdict.contains(" 0 failed, "), "{verdict}");
    assert!(verdict.contains(" noted, ") && !verdict.contains(" 0 noted"), "{verdict}");
}

#[test]
fn a_log_with_more_runs_than_services_take_is_told() {
    let place = tempfile::tempdir().unwrap();
    let mut line = "check --format sarif".to_owned();
    for number in 0..21 {
        if number == 20 {
            assert_eq!(run(&line).err, "");
        }
        let directory = place.path().join(format!("d{number}"));
        std::fs::create_dir(&directory).unwrap();
        let text = "[deployment]\ncommerce-version = \"10.0.40\"\n";
        std::fs::write(directory.join("deployment.toml"), text).unwrap();
        line.push_str(&format!(" {}", directory.display()));
    }
    let ended = run(&line);
    let log: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(log["runs"].as_array().unwrap().len(), 21);
    assert!(ended.err.contains("services take 20 at most"), "{}", ended.err);
}

#[test]
fn explanations_have_no_place_for_a_value_in_them() {
    let rules = Rules::embedded();
    let checks = rules.checks.iter().map(|check| check.code.to_string());
    let codes = (1..24).map(|number| format!("SG{number:03}"));
    let rest =
        ["features", "jobs", "reasons", "operations", "facts"].into_iter().flat_map(|list| {
            let out = run(&format!("rules list {list}")).out;
            let names: Vec<String> = out
                .lines()
                .skip(1)
                .filter_map(|line| line.split_whitespace().next())
                .map(str::to_owned)
                .collect();
            names
        });
    let (mut asked, mut told) = (0, 0);
    for name in checks.chain(codes).chain(rest) {
        let ended = finished(&syncgate(["explain", &name]).output().unwrap());
        asked += 1;
        told += usize::from(ended.status == 0);
        let mut rest = ended.out.as_str();
        while let Some((_, after)) = rest.split_once('{') {
            let inner = after.split('}').next().unwrap();
            let is_place = !inner.is_empty()
                && inner.chars().all(|it| it.is_ascii_alphanumeric() || ".-_".contains(it));
            assert!(!is_place, "{name}: {{{inner}}}");
            rest = after;
        }
    }
    assert!(asked > 200 && told > 180, "{asked} {told}");
    assert!(run("explain SG108").out.contains("enable the missing features first"));
    assert!(run("explain SG152").out.contains("turn on <missing prerequisites> first"));
}

#[test]
fn files_that_are_made_name_their_schema_and_have_it_beside_them() {
    let place = tempfile::tempdir().unwrap();
    let (begun, imported) = (place.path().join("begun"), place.path().join("imported"));
    run(&format!("init {}", begun.display()));
    run(&format!("import fixtures/exports/contoso-odata --output {}", imported.display()));
    for file in [
        begun.join("deployment.toml"),
        imported.join("imported.toml"),
        imported.join("answers.toml"),
    ] {
        let text = read(file.clone());
        let named = text.lines().next().and_then(|line| line.strip_prefix("#:schema ./"));
        let schema = file.with_file_name(named.unwrap());
        assert_eq!(read(schema), run("schema deployment-part").out);
    }
    // Importing again finds nothing in it that is an export, and leaves no doubt what is one.
    let again = format!("import {0} --output {0}", imported.display());
    assert!(!run(&again).err.contains("schema.json"));
}
