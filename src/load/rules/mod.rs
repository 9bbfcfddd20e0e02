//! A rule set: from the files of `rules/`, or of a directory that replaces them, to a valid
//! [`Rules`](crate::model::Rules).

mod bind;
mod checks;
mod comparisons;
mod deployment;
mod evidence;
mod exports;
pub(super) mod format;
mod operations;
mod prerequisites;
mod promises;

use super::assembly::Assembly;
use super::files::InputFile;
use super::reader::{RawSections, Reader, add_file};
use crate::diagnostic::{self, Finding, Severity, Sources};
use crate::model::Rules;
use crate::model::format::Section;
use bind::Binder;
use std::sync::Arc;

/// Rules as they were read, with everything that was found on the way.
#[derive(Clone, Debug)]
pub struct LoadedRules {
    rules: Arc<Rules>,
    findings: Vec<Finding>,
}

impl LoadedRules {
    /// Rules in which nothing was found.
    pub(crate) fn faultless(rules: Arc<Rules>) -> Self {
        Self { rules, findings: Vec::new() }
    }

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

/// What a directory of checks may hold.
const OF_CHECKS: [&str; 2] = ["check", "control"];

impl Rules {
    /// Reads rules from files that were read already; `added` may hold checks and controls only.
    pub fn from_files(source: &str, inputs: Vec<InputFile>, added: Vec<InputFile>) -> LoadedRules {
        let mut findings = Vec::new();
        let mut files = Sources::default();
        let format = format::rules();
        let paths = added.iter().map(|file| file.path.clone()).collect();
        let given = inputs.into_iter().map(|input| (input, false));
        let all: Vec<_> = given
            .chain(added.into_iter().map(|input| (input, true)))
            .map(|(input, only_checks)| (add_file(&mut files, input, &mut findings), only_checks))
            .collect();
        let mut raw = RawSections::new(&format);
        let mut reader = Reader::new(&format, None, &mut findings);
        for ((file, readable), only_checks) in all {
            raw.incomplete |= !readable;
            let allowed = |section: &Section| !only_checks || OF_CHECKS.contains(&&*section.id);
            reader.read(file, files.text(file), &mut raw, allowed);
        }
        let whole = !raw.incomplete;
        let assembly = Assembly { format: &format, files: &files, findings: &mut findings, whole };
        let sections = assembly.assemble(raw).sections;
        let rules = Binder::new(&format, &sections, &mut findings).bind(files, source, paths);
        diagnostic::sort(&mut findings, &rules.files);
        LoadedRules { rules: Arc::new(rules), findings }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_record_too_many_is_told_in_whichever_file_it_stands() {
        let half = "[[document]]\n".repeat(50_001);
        let file = |path: &str| InputFile { path: path.into(), bytes: Ok(half.clone().into()) };
        let inputs = vec![file("a.toml"), file("b.toml")];
        let (rules, findings) = Rules::from_files("test", inputs, Vec::new()).as_read();
        let told = findings.iter().filter(|finding| finding.message.contains("more than"));
        let places: Vec<&str> = told.map(|it| rules.files.path(it.span.unwrap().file)).collect();
        assert_eq!(places, ["b.toml"]);
    }
}
