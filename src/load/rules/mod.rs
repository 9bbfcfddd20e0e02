//! A rule set: from the files of `rules/`, or of a directory that replaces them, to a valid
//! [`Rules`](crate::model::Rules).

mod bind;
mod checks;
mod comparisons;
mod evidence;
mod exports;
pub(super) mod format;
mod operations;
mod prerequisites;
mod promises;

use super::assembly::Assembly;
use super::files::{self, InputFile, ReadError};
use super::reader::add_file;
use super::several::{FilePart, read_all};
use crate::diagnostic::{self, Finding, Severity, Sources};
use crate::model::{Evidence, Rules};
use bind::Binder;
use std::sync::{Arc, OnceLock};

/// Where the embedded rules say that they come from.
const SOURCE: &str = "embedded";
/// The embedded files of what the rules rest on and what people call it: a quarter of all text, and
/// no decision needs it.
const EVIDENCE: [&str; 2] = ["rules/sources.toml", "rules/terms.toml"];

/// The rule files as they are embedded: path and text.
const EMBEDDED: [(&str, &str); 11] = [
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
    ("rules/terms.toml", include_str!("../../../rules/terms.toml")),
];

/// Rules as they were read, with everything that was found on the way.
#[derive(Clone, Debug)]
pub struct LoadedRules {
    rules: Arc<Rules>,
    findings: Vec<Finding>,
}

impl LoadedRules {
    /// Everything that was found, in the order of files and lines.
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The rules as far as they could be read, with their findings.
    pub fn as_read(self) -> (Arc<Rules>, Vec<Finding>) {
        (self.rules, self.findings)
    }

    /// The rules.
    ///
    /// # Errors
    ///
    /// There is an error among the findings. That every combination is decided, no rule unreachable
    /// and every invariant kept is not looked at here, but by [`verify`](crate::engine::verify).
    pub fn valid(&self) -> Result<&Arc<Rules>, super::Invalid> {
        if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(super::Invalid {
                findings: self.findings.clone(),
                files: self.rules.files.clone(),
            });
        }
        Ok(&self.rules)
    }
}

impl Rules {
    /// The rules that are part of this library.
    pub fn embedded() -> Arc<Self> {
        static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
        Arc::clone(RULES.get_or_init(|| Self::read(None, &mut Vec::new())))
    }

    /// Reads a directory of rules, or a file; `checks` is a directory of checks to add. What the
    /// embedded rules rest on is not read before it is asked for.
    ///
    /// # Errors
    ///
    /// The files can't be read at all. Mistakes in them are findings of what is returned.
    pub fn load(path: Option<&str>, checks: Option<&str>) -> Result<LoadedRules, ReadError> {
        if path.is_none() && checks.is_none() {
            let mut findings = Vec::new();
            return Ok(LoadedRules { rules: Self::read(None, &mut findings), findings });
        }
        let inputs = path.map_or_else(|| Ok(embedded_files()), files::read)?;
        let added = checks.map_or_else(|| Ok(Vec::new()), files::read)?;
        Ok(Self::from_files(path.unwrap_or(SOURCE), inputs, added))
    }

    /// Reads rules from files that were read already; `added` may hold checks only.
    pub fn from_files(source: &str, inputs: Vec<InputFile>, added: Vec<InputFile>) -> LoadedRules {
        let mut findings = Vec::new();
        let rules = Self::read(Some((source, inputs, added)), &mut findings);
        LoadedRules { rules, findings }
    }

    /// Reads rules, the embedded ones where no others are given.
    fn read(
        given: Option<(&str, Vec<InputFile>, Vec<InputFile>)>,
        findings: &mut Vec<Finding>,
    ) -> Arc<Self> {
        let late: Option<fn(&Sources) -> Evidence> = given.is_none().then_some(embedded_evidence);
        let (source, inputs, added) =
            given.unwrap_or_else(|| (SOURCE, embedded_files(), Vec::new()));
        let mut files = Sources::default();
        let format = format::rules();
        let paths = added.iter().map(|file| file.path.clone()).collect();
        let given = inputs.into_iter().map(|input| (input, false));
        let all: Vec<_> = given
            .chain(added.into_iter().map(|input| (input, true)))
            .map(|(input, only_checks)| (add_file(&mut files, input, findings), only_checks))
            .collect();
        let parts: Vec<FilePart<'_>> = all
            .iter()
            .filter(|((file, _), _)| late.is_none() || !EVIDENCE.contains(&files.path(*file)))
            .map(|((file, _), only_checks)| FilePart {
                file: *file,
                text: files.text(*file),
                only: only_checks.then_some("check"),
            })
            .collect();
        let mut raw = read_all(&format, &parts, findings);
        raw.incomplete |= all.iter().any(|((_, readable), _)| !readable);
        let whole = !raw.incomplete;
        let sections =
            Assembly { format: &format, files: &files, findings, whole }.assemble(raw).sections;
        let rules = Binder::new(&format, &sections, findings).bind(files, source, paths, late);
        diagnostic::sort(findings, &rules.files);
        Arc::new(rules)
    }
}

/// What the embedded rules rest on; a test makes sure that it is without mistakes, and that what is
/// cited is there.
fn embedded_evidence(files: &Sources) -> Evidence {
    let format = format::rules();
    let mut findings = Vec::new();
    let parts: Vec<FilePart<'_>> = EVIDENCE
        .iter()
        .filter_map(|path| files.id_of(path))
        .map(|file| FilePart { file, text: files.text(file), only: None })
        .collect();
    let raw = read_all(&format, &parts, &mut findings);
    let sections = Assembly { format: &format, files, findings: &mut findings, whole: true }
        .assemble(raw)
        .sections;
    Binder::new(&format, &sections, &mut findings).evidence()
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
            .map(|finding| {
                super::super::Located { finding, files: &loaded.rules.files }.to_string()
            })
            .collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
        #[expect(clippy::disallowed_methods, reason = "the test looks at the files themselves")]
        let on_disk = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/rules")).unwrap();
        let mut on_disk: Vec<String> = on_disk
            .map(|entry| format!("rules/{}", entry.unwrap().file_name().to_string_lossy()))
            .collect();
        on_disk.sort();
        assert_eq!(on_disk, EMBEDDED.map(|(path, _)| path), "every rule file is embedded");
    }

    #[test]
    fn what_is_read_late_is_what_is_read_at_once() {
        let whole = Rules::from_files("embedded", embedded_files(), Vec::new()).rules;
        assert!(whole.evidence().statements.len() > 170);
        assert_eq!(
            format!("{:?}", Rules::embedded().evidence()),
            format!("{:?}", whole.evidence())
        );
        assert_eq!(Rules::embedded().files.digest(), whole.files.digest());
    }
}
