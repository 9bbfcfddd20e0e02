//! A rule set: from the files of `rules/`, or of a directory that replaces them, to a valid [`Catalogue`](crate::model::Catalogue).

mod bind;
mod checks;
mod comparisons;
mod exports;
pub(super) mod format;
mod operations;
mod prerequisites;
mod promises;
mod texts;

use super::assembly::Assembly;
use super::files::{self, InputFile, ReadError};
use super::reader::{RawSections, Reader, add_file};
use crate::diagnostic::{self, Finding, Severity, Sources};
use crate::model::Rules;
use bind::Binder;
use std::sync::OnceLock;

/// The rule files as they are embedded: path and text.
const EMBEDDED: [(&str, &str); 10] = [
    ("rules/checks.toml", include_str!("../../../rules/checks.toml")),
    ("rules/deployment.toml", include_str!("../../../rules/deployment.toml")),
    ("rules/exports.toml", include_str!("../../../rules/exports.toml")),
    ("rules/facts.toml", include_str!("../../../rules/facts.toml")),
    ("rules/features.toml", include_str!("../../../rules/features.toml")),
    ("rules/invariants.toml", include_str!("../../../rules/invariants.toml")),
    ("rules/jobs.toml", include_str!("../../../rules/jobs.toml")),
    ("rules/operations.toml", include_str!("../../../rules/operations.toml")),
    ("rules/reasons.toml", include_str!("../../../rules/reasons.toml")),
    ("rules/sources.toml", include_str!("../../../rules/sources.toml")),
];

/// Rules as they were read, with everything that was found on the way.
#[derive(Clone, Debug)]
pub struct LoadedRules {
    rules: Rules,
    findings: Vec<Finding>,
}

impl LoadedRules {
    /// Everything that was found, in the order of files and lines.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The rules as far as they could be read, with their findings.
    pub fn as_read(self) -> (Rules, Vec<Finding>) {
        (self.rules, self.findings)
    }

    /// The rules.
    ///
    /// # Errors
    ///
    /// There is an error among the findings. That every combination is decided, no rule unreachable and every invariant
    /// kept is not looked at here, but by [`verify`](crate::engine::verify).
    pub fn valid(&self) -> Result<&Rules, super::Invalid> {
        if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(super::Invalid { findings: self.findings.clone(), files: self.rules.files.clone() });
        }
        Ok(&self.rules)
    }
}

impl Rules {
    /// The rules that are part of this library.
    pub fn embedded() -> Self {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(|| Self::from_files("embedded", embedded_files(), Vec::new()).rules).clone()
    }

    /// Reads a directory of rules, or a file; `checks` is a directory of checks to add.
    ///
    /// # Errors
    ///
    /// The files can't be read at all. Mistakes in them are findings of what is returned.
    pub fn load(path: Option<&str>, checks: Option<&str>) -> Result<LoadedRules, ReadError> {
        let inputs = path.map_or_else(|| Ok(embedded_files()), files::read)?;
        let added = checks.map_or_else(|| Ok(Vec::new()), files::read)?;
        Ok(Self::from_files(path.unwrap_or("embedded"), inputs, added))
    }

    /// Reads rules from files that were read already; `added` may hold checks only.
    pub fn from_files(source: &str, inputs: Vec<InputFile>, added: Vec<InputFile>) -> LoadedRules {
        let mut findings = Vec::new();
        let mut files = Sources::default();
        let format = format::rules();
        let mut raw = RawSections::new(&format);
        let mut read = |inputs: Vec<InputFile>,
                        only_checks: bool,
                        files: &mut Sources,
                        findings: &mut Vec<Finding>| {
            let inputs: Vec<_> = inputs.into_iter().map(|input| add_file(files, input, findings)).collect();
            let mut reader = Reader::new(&format, None, findings);
            for (file, readable) in inputs {
                raw.incomplete |= !readable;
                reader
                    .read(file, files.text(file), &mut raw, |section| !only_checks || section.id == "check");
            }
        };
        let paths = added.iter().map(|file| file.path.clone()).collect();
        read(inputs, false, &mut files, &mut findings);
        read(added, true, &mut files, &mut findings);
        let whole = !raw.incomplete;
        let (sections, _, _) =
            Assembly { format: &format, files: &files, findings: &mut findings, whole }.assemble(raw);
        let catalogue = Binder::new(&format, &sections, &mut findings).bind(files, source, paths);
        diagnostic::sort(&mut findings, &catalogue.files);
        LoadedRules { rules: Rules::new(catalogue), findings }
    }
}

fn embedded_files() -> Vec<InputFile> {
    let file = |(path, text): &(&str, &str)| InputFile {
        path: (*path).to_owned(),
        bytes: Ok(text.as_bytes().to_vec()),
    };
    EMBEDDED.iter().map(file).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_rules_are_valid_and_complete() {
        let loaded = Rules::from_files("embedded", embedded_files(), Vec::new());
        let told: Vec<String> = loaded
            .findings()
            .iter()
            .map(|finding| super::super::Located { finding, files: &loaded.rules.files }.to_string())
            .collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
        #[expect(clippy::disallowed_methods, reason = "the test looks at the files themselves")]
        let on_disk = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap();
        let mut on_disk: Vec<String> =
            on_disk.map(|entry| format!("rules/{}", entry.unwrap().file_name().to_string_lossy())).collect();
        on_disk.sort();
        assert_eq!(on_disk, EMBEDDED.map(|(path, _)| path), "every rule file is embedded");
    }
}
