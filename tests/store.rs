//! The store from the command line: each event exactly once, evidence, and damage that is named.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{Run, run};
use serde_json::Value;
use std::path::{Path, PathBuf};

const CONTOSO: &str = "fixtures/deployments/contoso";
const FIRST_DAY: &str = "fixtures/events/first-day.jsonl";

/// A directory for a store, and the store's path in it.
fn room() -> (tempfile::TempDir, PathBuf) {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("store.redb");
    (directory, store)
}

fn replay(events: impl AsRef<Path>, store: &Path, more: &str) -> Run {
    let line =
        format!("replay {CONTOSO} --events {} --store {} {more}", events.as_ref().display(), store.display());
    run(line.trim_end())
}

fn export(store: &Path) -> String {
    let exported = run(&format!("store export --store {}", store.display()));
    assert_eq!(exported.status, 0, "{}", exported.err);
    exported.out
}

#[test]
fn an_export_has_everything_once_and_in_order() {
    let (_directory, store) = room();
    let replayed = replay(FIRST_DAY, &store, "--id-seed 1");
    assert_eq!(
        (replayed.status, replayed.out),
        (0, process::read("fixtures/events/first-day.answers.jsonl"))
    );
    let exported = export(&store);
    let lines: Vec<Value> = exported.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds = lines.iter().map(|line| line["record"].as_str().unwrap()).collect::<Vec<_>>();
    let order =
        ["configuration", "headquarters-customer", "channel-customer", "order", "queue-row", "journal"];
    assert!(kinds.is_sorted_by_key(|kind| order.iter().position(|known| known == kind).unwrap()));
    let count = |kind: &str| kinds.iter().filter(|known| **known == kind).count();
    assert_eq!(order.map(count), [1, 12, 12, 9, 30, 98]);
    assert_eq!(export(&store), exported);
}
