//! A deployment: from files to records that are found valid.

use super::assembly::{Assembled, Assembly};
use super::files::{self, InputFile, ReadError};
use super::places::{OfExports, Relocation};
use super::reader::{RawSections, Reader, add_file};
use crate::diagnostic::{self, Code, FileId, Finding, Severity, Sources, Subject};
use crate::model::{Contents, Deployment, Fields, KeyName, Rules, SectionName, Version, indexed};
use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

/// A deployment as it was read, with everything that was found on the way.
#[derive(Clone, Debug)]
pub struct Loaded {
    deployment: Deployment,
    findings: Vec<Finding>,
    whole: bool,
}

/// A finding with its file and line, for messages.
#[derive(Clone, Copy, Debug)]
pub struct Located<'a> {
    /// The finding.
    pub finding: &'a Finding,
    /// The files it points into.
    pub files: &'a Sources,
}

impl fmt::Display for Located<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Finding { code, severity, message, .. } = self.finding;
        if let Some(span) = self.finding.span {
            let start = self.files.position(span).start;
            write!(f, "{}:{}:{}: ", self.files.path(span.file), start.line, start.column)?;
        }
        write!(f, "{severity}[{code}]: {message}")
    }
}

/// The version that was asked for is not the one that a file gives.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{place}` says that the version is {given}")]
pub struct OtherVersion {
    /// The version that the file gives.
    pub given: Version,
    /// The file and line.
    pub place: String,
}

/// A deployment that is not valid: its findings say why.
#[derive(Clone, Debug)]
pub struct Invalid {
    /// Every finding, errors and others, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// The files they point into.
    pub files: Sources,
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors = self.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let located = errors.map(|finding| Located { finding, files: &self.files }.to_string());
        f.write_str(&located.collect::<Vec<_>>().join("\n"))
    }
}

impl std::error::Error for Invalid {}

impl Loaded {
    /// Everything that was found, in the order of files and lines.
    pub fn findings(&self) -> impl Iterator<Item = Located<'_>> {
        self.findings.iter().map(|finding| Located { finding, files: self.deployment.files() })
    }

    /// The deployment.
    ///
    /// # Errors
    ///
    /// There is an error among the findings.
    pub fn valid(&self) -> Result<&Deployment, Invalid> {
        if self.findings.iter().any(|finding| finding.severity == Severity::Error) {
            return Err(Invalid {
                findings: self.findings.clone(),
                files: self.deployment.files().clone(),
            });
        }
        Ok(&self.deployment)
    }

    /// The deployment as far as it could be read, with its findings; wrong values count as not
    /// given.
    pub fn as_read(self) -> (Deployment, Vec<Finding>) {
        (self.deployment, self.findings)
    }

    /// The same, with the version of headquarters where no file gives it.
    ///
    /// # Errors
    ///
    /// A file gives another version.
    pub fn with_version(mut self, version: Version) -> Result<Self, OtherVersion> {
        let given = self.deployment.table("deployment").and_then(|table| {
            Some((table.version("commerce-version")?, table.span("commerce-version")))
        });
        if let Some((given, span)) = given {
            let files = self.deployment.files();
            let place = format!("{}:{}", files.path(span.file), files.position(span).start.line);
            return if given == version { Ok(self) } else { Err(OtherVersion { given, place }) };
        }
        let found = self.findings.len();
        self.findings.retain(|finding| !finding.is_missing_version());
        if self.findings.len() < found {
            self.deployment = self.deployment.at_version(version);
        }
        Ok(self)
    }

    /// The files that were read.
    pub fn files(&self) -> &Sources {
        self.deployment.files()
    }

    /// Whether every file could be read to its end, so that what is missing is really missing.
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

impl Deployment {
    /// Reads a deployment by these rules: a directory, whose `*.toml` are read as one, or a file.
    ///
    /// # Errors
    ///
    /// The files can't be read at all. Mistakes in them are no errors here, but findings of what is
    /// returned.
    pub fn load_by(rules: &Arc<Rules>, path: &str) -> Result<Loaded, ReadError> {
        let path = files::standing_for(path);
        let inputs = files::read_deployment(&path)?;
        Ok(Self::from_files(rules, &path, inputs))
    }

    /// Reads a deployment from a text that stands for one file called `path`.
    pub fn from_text(rules: &Arc<Rules>, path: &str, text: &str) -> Loaded {
        let file = InputFile { path: path.to_owned(), bytes: Ok(text.as_bytes().to_vec()) };
        Self::from_files(rules, path, vec![file])
    }

    /// Reads a deployment from files that were read already.
    pub fn from_files(rules: &Arc<Rules>, path: &str, inputs: Vec<InputFile>) -> Loaded {
        Self::assembled(rules, path, inputs, None)
    }

    /// Reads a deployment that was made of exports, and the answers that people added to them.
    pub fn from_exports(
        rules: &Arc<Rules>,
        path: &str,
        answers: Option<InputFile>,
        made: OfExports,
    ) -> Loaded {
        Self::assembled(rules, path, answers.into_iter().collect(), Some(made))
    }

    fn assembled(
        rules: &Arc<Rules>,
        path: &str,
        inputs: Vec<InputFile>,
        made: Option<OfExports>,
    ) -> Loaded {
        let mut findings = Vec::new();
        let mut files = Sources::default();
        let mut raw = RawSections::new(&rules.format);
        let added: Vec<_> =
            inputs.into_iter().map(|input| add_file(&mut files, input, &mut findings)).collect();
        let mut reader = Reader::new(&rules.format, Some(rules), &mut findings);
        for (file, readable) in added {
            raw.incomplete |= !readable;
            reader.read(file, files.text(file), &mut raw, |_| true);
        }
        if let Some(OfExports { toml, places }) = made {
            reader.read(FileId::MADE, &toml, &mut raw, |_| true);
            Relocation::new(&mut files, places, &toml).apply(&mut raw, &mut findings);
            files.set_made(toml);
        }
        let whole = !raw.incomplete;
        let assembly =
            Assembly { format: &rules.format, files: &files, findings: &mut findings, whole };
        let assembled = assembly.assemble(raw);
        findings.extend(waivers_without_reason(rules, &assembled));
        let unreferenced = if whole { assembled.unreferenced } else { Vec::new() };
        let contents = Contents {
            rules: Arc::clone(rules),
            path: path.to_owned(),
            files,
            sections: assembled.sections,
            headers: assembled.headers,
            index: assembled.index,
            unread: assembled.unread,
            incomplete: assembled.incomplete,
            incomplete_keys: assembled.incomplete_keys,
            unreferenced,
        };
        let deployment = Deployment::new(contents);
        findings.extend(unreferenced_records(&deployment));
        diagnostic::sort(&mut findings, deployment.files());
        Loaded { deployment, findings, whole }
    }
}

/// Records that others should refer to, and none does; where one may by what is not given, which
/// checks tell, nothing is said.
fn unreferenced_records(deployment: &Deployment) -> Vec<Finding> {
    let finding = |record: Fields<'_>| {
        let (section, id) = (record.section, &record.record.id);
        let message = format!("nothing refers to the {} `{id}`", section.title);
        Finding::new(Code::UNREFERENCED, message)
            .at(record.record.span)
            .help("refer to it, or leave it out")
            .about(Subject::new(&section.id, &**id))
    };
    let closed = deployment
        .unreferenced()
        .filter(|(section, _)| deployment.may_refer_to(&section.id).is_empty());
    closed.flat_map(|(_, records)| records).map(finding).collect()
}

/// Waivers without a reason. Those of errors are told where they are applied, with all they lack.
fn waivers_without_reason(rules: &Rules, assembled: &Assembled) -> Vec<Finding> {
    let Some((number, section)) = rules.format.section(SectionName::Waiver) else {
        return Vec::new();
    };
    let waivers = indexed(&assembled.sections, number).iter().flatten();
    let raised = codes_raised_to_errors(rules, assembled);
    let is_error = |code: Code| {
        rules.severity_of(code) == Some(Severity::Error) || raised.contains(&code.to_string())
    };
    let waivers = waivers.map(|record| record.fields(section)).filter(|waiver| {
        waiver.value(KeyName::Reason).is_none()
            && waiver.code(KeyName::Code).is_some_and(|code| !is_error(code))
    });
    let reason = KeyName::Reason.as_str();
    let finding = |waiver: Fields<'_>| {
        Finding::new(Code::MISSING_KEY, format!("missing `{reason}` in `{}`", section.id))
            .at(waiver.record.span)
            .help(format!("add `{reason} = …`: why the exception is acceptable"))
            .about(Subject::new(&section.id, &*waiver.record.id))
            .detail(reason)
    };
    waivers.map(finding).collect()
}

/// The codes whose findings a deployment makes errors.
fn codes_raised_to_errors(rules: &Rules, assembled: &Assembled) -> HashSet<String> {
    let Some((number, section)) = rules.format.section(SectionName::Levels) else {
        return HashSet::new();
    };
    let levels = indexed(&assembled.sections, number).iter().flatten();
    let levels = levels.map(|record| record.fields(section));
    let raised = levels
        .filter(|level| level.text(KeyName::Level) == Some(Severity::Error.as_str()))
        .map(|level| level.record.id.clone());
    raised.collect()
}
