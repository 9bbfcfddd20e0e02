//! Judges of imports: the bundled exports, and those that could be read wrong.

use crate::fixtures;
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use syncgate::import::{Imported, Importer};
use syncgate::model::{Deployment, Rules};

/// Exports, and what must come of them.
struct Case {
    files: Vec<(String, Vec<u8>)>,
    expected: Expected,
}

enum Expected {
    /// All of `imported.toml`.
    Whole(String),
    /// Lines that it has or lacks, and codes of checks that fail or do not.
    Parts { has: Vec<String>, lacks: Vec<String>, failed: Vec<String>, not_failed: Vec<String> },
}

pub struct Imports(Vec<Case>);

impl Imports {
    pub fn read() -> Self {
        let mut cases = Vec::new();
        for path in fixtures::entries("fixtures/exports") {
            if let Some(export) = path.strip_suffix(".imported.toml") {
                cases.push(Case::new(export, Expected::Whole(fixtures::read(&path))));
            }
        }
        for path in fixtures::entries("fixtures/exports/misread") {
            let Some(export) = path.strip_suffix(".expect.json") else { continue };
            let expect: Value = serde_json::from_str(&fixtures::read(&path)).unwrap();
            let texts = |key: &str| {
                let list = expect[key].as_array().into_iter().flatten();
                list.map(|text| text.as_str().unwrap().to_owned()).collect()
            };
            let (has, lacks) = (texts("imported"), texts("lacks"));
            let (failed, not_failed) = (texts("failed"), texts("not-failed"));
            cases.push(Case::new(export, Expected::Parts { has, lacks, failed, not_failed }));
        }
        Self(cases)
    }

    /// Whether one of them comes out otherwise.
    pub fn notice(&self, rules: &Arc<Rules>) -> bool {
        self.0.iter().any(|case| case.differs(rules))
    }
}

impl Case {
    fn new(export: &str, expected: Expected) -> Self {
        let files = fixtures::below(export).into_iter();
        let files = files.filter(|path| !Path::new(path).ends_with("imported.toml"));
        let files = files.map(|path| {
            let bytes = fixtures::bytes(&path);
            (path, bytes)
        });
        Self { files: files.collect(), expected }
    }

    fn imported(&self, rules: &Arc<Rules>) -> Option<Imported> {
        let mut importer = Importer::new(rules);
        for (path, bytes) in &self.files {
            importer.add(path, bytes.clone()).ok()?;
        }
        Some(importer.finish(None))
    }

    fn differs(&self, rules: &Arc<Rules>) -> bool {
        let Some(imported) = self.imported(rules) else { return true };
        let toml = imported.made.toml.clone();
        let Expected::Parts { has, lacks, failed, not_failed } = &self.expected else {
            return !matches!(&self.expected, Expected::Whole(text) if *text == toml);
        };
        let facts: Vec<&str> = toml.lines().filter(|line| !line.starts_with('#')).collect();
        let facts = facts.join("\n");
        if !has.iter().all(|text| toml.contains(text)) || lacks.iter().any(|it| facts.contains(it))
        {
            return true;
        }
        if failed.is_empty() && not_failed.is_empty() {
            return false;
        }
        let loaded = Deployment::from_exports(rules, "exports", imported.answers, imported.made);
        let found = loaded.check().findings;
        let is_found = |code: &String| found.iter().any(|it| it.code.to_string() == *code);
        !failed.iter().all(is_found) || not_failed.iter().any(is_found)
    }
}
