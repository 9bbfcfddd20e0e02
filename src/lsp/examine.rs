//! What is found in the files of a directory, and how an editor is told.

use super::address::address_of;
use super::folder::File;
use super::message::raw;
use super::role::Role;
use super::text::{Text, Units};
use crate::check::{CheckReport, Checked, check};
use crate::diagnostic::{FileId, Finding, Severity, Sources, Span};
use crate::load::{InputFile, Scenario, Settings};
use crate::model::{Deployment, Rules, Version};
use gen_lsp_types::{
    Code, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    Message, Range, Uri,
};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Everything that is to be looked at in a directory, apart from the server, so that it can be
/// looked at elsewhere.
#[derive(Debug)]
pub struct Examination {
    pub(super) directory: String,
    /// The number of the change that it follows.
    pub(super) revision: u64,
    pub(super) rules: RulesInUse,
    /// The version of headquarters, where the deployment does not give it.
    pub(super) version: Option<Version>,
    /// Checks of one's own that are added to the rules.
    pub(super) own_checks: Vec<InputFile>,
    pub(super) files: Vec<File>,
    /// The addresses of the files that are open.
    pub(super) addresses: BTreeMap<String, String>,
    pub(super) units: Units,
}

/// Rules, and what checks of one's own were added to them.
#[derive(Clone, Debug)]
pub(super) struct RulesInUse {
    /// The rules without such checks.
    pub(super) base: Arc<Rules>,
    /// The rules with them.
    pub(super) rules: Arc<Rules>,
    /// The checks that were added, as they were read.
    pub(super) added: Vec<InputFile>,
}

/// A finding and what an editor is told of it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) finding: Finding,
    /// Where it stands in the text that was looked at.
    pub(super) bytes: std::ops::Range<usize>,
    pub(super) diagnostic: Diagnostic,
}

/// What came of an [`Examination`].
#[derive(Debug)]
pub struct ExaminedFolder {
    pub(super) directory: String,
    pub(super) revision: u64,
    pub(super) rules: RulesInUse,
    /// The files that were looked at.
    pub(super) files: Vec<File>,
    /// The deployment, where the directory holds one.
    pub(super) deployment: Option<Deployment>,
    /// How each check of it ended.
    pub(super) checks: Vec<CheckReport>,
    /// What is told of each file, by path.
    pub(super) told: BTreeMap<String, Vec<Told>>,
    /// The same as it is sent.
    pub(super) written: BTreeMap<String, Box<RawValue>>,
}

impl RulesInUse {
    pub(super) fn new(base: Arc<Rules>) -> Self {
        Self { rules: Arc::clone(&base), base, added: Vec::new() }
    }

    /// The same with these checks of one's own, which are left out where they are wrong.
    fn with(self, added: Vec<InputFile>) -> Self {
        let same = |(one, other): (&InputFile, &InputFile)| {
            one.path == other.path && one.bytes == other.bytes
        };
        if self.added.len() == added.len() && self.added.iter().zip(&added).all(same) {
            return self;
        }
        let loaded = Rules::from_files(&self.base.source, self.base.texts(), added.clone());
        let rules = loaded.valid().map_or_else(|_| Arc::clone(&self.base), Arc::clone);
        Self { base: self.base, rules, added }
    }
}

impl Examination {
    /// The directory that is looked at.
    pub fn directory(&self) -> &str {
        &self.directory
    }

    /// Which change of the directory it looks at.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Looks at everything.
    pub fn run(mut self) -> ExaminedFolder {
        let own_checks = std::mem::take(&mut self.own_checks);
        self.rules = self.rules.with(own_checks);
        let mut told = BTreeMap::new();
        let (deployment, checks) = self.deployment(&mut told).unzip();
        self.rules_and_checks(&mut told);
        for file in self.of_role(Role::Scenario) {
            let loaded = Scenario::from_file(file.input()).with_names_of(&self.rules.rules);
            self.tell(&loaded.files, loaded.findings, &mut told);
        }
        for file in self.of_role(Role::Settings) {
            let (directory, path) = (Path::new(&self.directory), Path::new(&file.path));
            let loaded = Settings::from_files(directory, path, vec![file.input()]);
            self.tell(&loaded.files, loaded.findings, &mut told);
        }
        let Self { directory, revision, rules, files, .. } = self;
        // Where there is no deployment, no check was run.
        let checks = checks.unwrap_or_default();
        let written = told.iter().map(|(path, told)| {
            let diagnostics = told.iter().map(|told: &Told| &told.diagnostic);
            (path.clone(), raw(&diagnostics.collect::<Vec<_>>()))
        });
        let written = written.collect();
        ExaminedFolder { directory, revision, rules, files, deployment, checks, told, written }
    }

    fn of_role(&self, role: Role) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.role == role)
    }

    fn deployment(
        &self,
        told: &mut BTreeMap<String, Vec<Told>>,
    ) -> Option<(Deployment, Vec<CheckReport>)> {
        let inputs: Vec<InputFile> = self.of_role(Role::Deployment).map(File::input).collect();
        if inputs.is_empty() {
            return None;
        }
        let mut loaded = Deployment::from_files(&self.rules.rules, &self.directory, inputs);
        if let Some(version) = self.version {
            // Where a file gives another one, that counts: nobody is there to be refused.
            loaded = loaded.clone().with_version(version).unwrap_or(loaded);
        }
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let Checked { findings, checks, .. } = check(&deployment, findings, whole);
        self.tell(deployment.files(), findings, told);
        Some((deployment, checks))
    }

    /// Rules and checks of one's own: what is found in the files that are there, not in the rules
    /// that they are added to.
    fn rules_and_checks(&self, told: &mut BTreeMap<String, Vec<Told>>) {
        let inputs = |role| self.of_role(role).map(File::input).collect::<Vec<_>>();
        let (rules, checks) = (inputs(Role::Rules), inputs(Role::Checks));
        for loaded in [
            (!rules.is_empty()).then(|| Rules::from_files(&self.directory, rules, Vec::new())),
            (!checks.is_empty()).then(|| {
                let base = &self.rules.base;
                Rules::from_files(&base.source, base.texts(), checks)
            }),
        ]
        .into_iter()
        .flatten()
        {
            let (rules, findings) = loaded.as_read();
            self.tell(&rules.files, findings, told);
        }
    }

    /// Adds what is to be told of the files of the directory.
    fn tell(
        &self,
        files: &Sources,
        findings: Vec<Finding>,
        told: &mut BTreeMap<String, Vec<Told>>,
    ) {
        let texts: Vec<Option<&Arc<Text>>> = files
            .files()
            .iter()
            .map(|source| self.files.iter().find(|file| file.path == source.path))
            .map(|file| file.map(|file| &file.text))
            .collect();
        let places = Places { examination: self, files, texts };
        for finding in findings {
            // What stands nowhere is told where the first file begins.
            let span = finding.span.unwrap_or(Span::new(FileId::FIRST, 0..0));
            let path = files.path(span.file);
            let Some(range) = places.range(span) else { continue };
            let diagnostic = diagnostic(&finding, range, &places);
            let of_file = told.entry(path.to_owned()).or_default();
            of_file.push(Told { finding, bytes: span.range(), diagnostic });
        }
    }

    fn address(&self, path: &str) -> Uri {
        let open = self.addresses.get(path).cloned();
        Uri(open.unwrap_or_else(|| address_of(path)))
    }
}

/// The way from spans to places that an editor knows.
struct Places<'a> {
    examination: &'a Examination,
    files: &'a Sources,
    /// The texts of the files, by their numbers; `None` of files elsewhere.
    texts: Vec<Option<&'a Arc<Text>>>,
}

impl Places<'_> {
    /// The range of a span, where it is in a file of the directory.
    fn range(&self, span: Span) -> Option<Range> {
        let path = self.files.path(span.file);
        let numbers = self.files.files().iter().zip(&self.texts);
        let (_, text) = numbers.into_iter().find(|(file, _)| file.path == path)?;
        Some((*text)?.range(span.range(), self.examination.units))
    }

    fn location(&self, span: Span) -> Option<Location> {
        let uri = self.examination.address(self.files.path(span.file));
        Some(Location { uri, range: self.range(span)? })
    }
}

fn diagnostic(finding: &Finding, range: Range, places: &Places<'_>) -> Diagnostic {
    let severity = match finding.severity {
        _ if finding.waived.is_some() => DiagnosticSeverity::Hint,
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Info => DiagnosticSeverity::Information,
    };
    let related = finding.related.iter().filter_map(|related| {
        let location = places.location(related.span)?;
        Some(DiagnosticRelatedInformation { location, message: related.message.clone() })
    });
    let related: Vec<_> = related.collect();
    Diagnostic {
        range,
        severity: Some(severity),
        code: Some(Code::String(finding.code.to_string())),
        code_description: None,
        source: Some("syncgate".to_owned()),
        message: Message::String(finding.message.clone()),
        tags: finding.waived.as_ref().map(|_| vec![DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}
