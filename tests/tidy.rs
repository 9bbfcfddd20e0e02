//! Style is tested too: what the sources, the rules and the documents must not drift from.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{entries, read, run};
use std::collections::BTreeSet;

/// Every file below a directory of the project with one of these endings.
fn files(directory: &str, endings: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for name in entries(directory) {
        let path = format!("{directory}/{name}");
        if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        } else if !name.contains('.') && std::path::Path::new(&process::path(&path)).is_dir() {
            found.extend(files(&path, endings));
        }
    }
    found
}

#[test]
fn only_the_modules_that_may_know_a_dependency_know_it() {
    let homes = [
        ("toml::", "src/load/"),
        ("petgraph::", "src/features/"),
        ("redb::", "src/store/"),
        ("clap::", "src/cli/"),
        ("annotate_snippets::", "src/report/findings.rs"),
        ("indicatif::", "src/cli/"),
    ];
    for file in files("src", &[".rs"]) {
        let text = read(&file);
        for (dependency, home) in homes {
            let uses = text.lines().any(|line| {
                line.contains(&format!("use {dependency}"))
                    || line.contains(&format!(" {dependency}"))
            });
            assert!(
                !uses || file.starts_with(home),
                "{file} knows {dependency}, which is for {home}"
            );
        }
    }
}

#[test]
fn nothing_points_back() {
    // Each module may use those before it, and nothing else of ours.
    let allowed: [(&str, &[&str]); 12] = [
        ("diagnostic", &["digest"]),
        ("model", &["diagnostic"]),
        ("features", &["model"]),
        ("engine", &["model", "features", "diagnostic"]),
        ("check", &["model", "features", "diagnostic"]),
        ("whatif", &["model", "features", "engine", "check", "diagnostic"]),
        ("load", &["model", "features", "diagnostic", "check", "digest", "engine"]),
        ("ledger", &["model"]),
        ("lifecycle", &["model", "features", "engine", "ledger"]),
        ("wire", &["model", "engine", "lifecycle"]),
        ("scenario", &["model", "engine", "lifecycle", "ledger", "load", "wire", "diagnostic"]),
        (
            "report",
            &[
                "model",
                "features",
                "engine",
                "check",
                "whatif",
                "diagnostic",
                "digest",
                "load",
                "scenario",
                "store",
                "ledger",
                "import",
            ],
        ),
    ];
    for (module, may_use) in allowed {
        let path = format!("src/{module}");
        let sources = if module.contains('.') { vec![path] } else { files(&path, &[".rs"]) };
        let name = module.trim_end_matches(".rs");
        for file in sources {
            for line in read(&file).lines().filter(|line| !line.trim_start().starts_with("//")) {
                for part in line.split("crate::").skip(1) {
                    let used: String = part
                        .chars()
                        .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
                        .collect();
                    let is_allowed =
                        used == name || may_use.contains(&used.as_str()) || used.is_empty();
                    assert!(is_allowed, "{file} uses crate::{used}: {line}");
                }
            }
        }
    }
}

#[test]
fn files_are_short_and_lines_end_well() {
    let endings = [".rs", ".toml", ".md", ".jsonl", ".css", ".js"];
    let mut all = files("src", &endings);
    all.extend(files("tests", &endings));
    all.extend(files("rules", &endings));
    all.extend(["README.md", "CHANGELOG.md", "Cargo.toml"].map(str::to_owned));
    for file in all {
        let text = read(&file);
        assert!(
            text.ends_with('\n') && !text.ends_with("\n\n"),
            "{file} does not end with one line feed"
        );
        for (number, line) in text.lines().enumerate() {
            assert!(
                !line.ends_with(' ') && !line.contains('\t'),
                "{file}:{} has a tab or ends with a space",
                number + 1
            );
        }
        let lines = text.lines().count();
        assert!(!file.starts_with("src/") || lines <= 640, "{file} has {lines} lines");
    }
}

#[test]
fn every_lint_is_turned_off_with_a_reason() {
    let mut sources = files("src", &[".rs"]);
    sources.extend(files("tests", &[".rs"]));
    for file in sources {
        let text = read(&file);
        for attribute in ["#[allow(", "#![allow(", "#[expect(", "#![expect("] {
            for (place, _) in text.match_indices(attribute).filter(|_| file != "tests/tidy.rs") {
                let end = text.get(place..).unwrap().find(")]").unwrap() + place;
                assert!(
                    text.get(place..end).unwrap().contains("reason = "),
                    "{file}: {}",
                    text.get(place..end).unwrap()
                );
            }
        }
    }
}

#[test]
fn the_top_level_is_tidy() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "src",
        "rules",
        "fixtures",
        "tests",
        "benches",
        "target",
    ];
    for name in entries(".") {
        assert!(name.starts_with('.') || known.contains(&name.as_str()), "{name} is out of place");
    }
}

#[test]
fn readme_commands_stand_alone_and_fixtures_are_described() {
    let readme = read("README.md");
    let commands: Vec<&str> =
        readme.lines().filter(|line| line.starts_with("    cargo ")).collect();
    assert!(commands.iter().any(|line| line.trim() == "cargo test"));
    assert!(commands.iter().any(|line| line.starts_with("    cargo run --release -- replay ")));
    let described = read("fixtures/README.md");
    for directory in entries("fixtures").iter().filter(|name| !name.contains('.')) {
        assert!(
            described.contains(&format!("## `{directory}/`")),
            "fixtures/README.md does not describe {directory}"
        );
    }
    for deployment in entries("fixtures/deployments") {
        assert!(
            described.contains(&format!("| `{deployment}` |")),
            "fixtures/README.md does not describe {deployment}"
        );
    }
}

#[test]
fn every_subcommand_is_in_the_manual_and_the_completions() {
    let help = run("--help").out;
    let commands: BTreeSet<&str> = help
        .lines()
        .skip_while(|line| !line.starts_with("Commands:"))
        .skip(1)
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|command| *command != "help")
        .collect();
    assert!(commands.len() >= 10, "{commands:?}");
    let manual = run("man").out;
    let completions = run("completions bash").out;
    for command in commands {
        assert!(manual.contains(&format!("syncgate\\-{command}")), "{command} has no manual");
        assert!(completions.contains(command), "{command} has no completions");
    }
}
