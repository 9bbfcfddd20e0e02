//! Mutants that nobody notices, and why: `fixtures/mutants.txt`.

use crate::fixtures;
use crate::mutate::Mutant;

/// Names of mutants, each with its reason.
pub struct Explained(Vec<String>);

impl Explained {
    /// A line is `FILE: MUTANT -- REASON`; others begin with `#` or are blank.
    pub fn read() -> Self {
        let text = fixtures::read("fixtures/mutants.txt");
        let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        let mutant = |line: &str| {
            let (mutant, reason) = line.split_once(" -- ").unwrap_or((line, ""));
            assert!(reason.len() > 10, "no reason: {line}");
            mutant.to_owned()
        };
        Self(lines.map(mutant).collect())
    }

    pub fn has(&self, mutant: &str) -> bool {
        self.0.iter().any(|explained| explained == mutant)
    }

    /// Those that are the name of none.
    pub fn without_mutant(&self, mutants: &[Mutant]) -> Vec<&str> {
        let names: Vec<String> =
            mutants.iter().map(|mutant| format!("{}: {}", mutant.file, mutant.name)).collect();
        let is_none = |explained: &&String| !names.contains(explained);
        self.0.iter().filter(is_none).map(String::as_str).collect()
    }
}
