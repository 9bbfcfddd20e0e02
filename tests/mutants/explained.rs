//! Mutants that nobody notices, and why: `fixtures/mutants.txt`.

use crate::fixtures;
use crate::mutate::Mutant;

/// Names of mutants, in which `*` stands for anything, each with its reason.
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
        self.0.iter().any(|pattern| fits(pattern, mutant))
    }

    /// Those that are the name of none.
    pub fn without_mutant(&self, mutants: &[Mutant]) -> Vec<&str> {
        let names: Vec<String> =
            mutants.iter().map(|mutant| format!("{}: {}", mutant.file, mutant.name)).collect();
        let is_none = |pattern: &&String| !names.iter().any(|name| fits(pattern, name));
        self.0.iter().filter(is_none).map(String::as_str).collect()
    }
}

fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(first) else { return false };
    (0..=name.len()).filter(|at| name.is_char_boundary(*at)).any(|at| fits(rest, &name[at..]))
}
