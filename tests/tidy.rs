//! Style is tested too: what the sources, the rules and the documents must not drift from.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

mod house;
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

fn has_ending(file: &str, ending: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|found| found == ending)
}

#[test]
fn files_are_short_and_lines_end_well() {
    let endings = [".rs", ".toml", ".md", ".jsonl", ".css", ".js"];
    let mut all = files("src", &endings);
    all.extend(files("tests", &endings));
    all.extend(files("benches/src", &endings));
    all.extend(files("rules", &endings));
    all.extend(["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Cargo.toml"].map(str::to_owned));
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
            assert!(
                !has_ending(&file, "rs") || line.chars().count() <= 100,
                "{file}:{} is wider than 100 columns",
                number + 1
            );
        }
        let lines = text.lines().count();
        assert!(!file.starts_with("src/") || lines <= 600, "{file} has {lines} lines");
    }
}

#[test]
fn the_top_level_is_tidy() {
    let known = [
        "Cargo.toml",
        "Cargo.lock",
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "LICENSE",
        "src",
        "rules",
        "fixtures",
        "findings",
        "tests",
        "benches",
        "findings",
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
