//! JSON documents: places, findings, decisions, and the provenance that every document carries.
//! Each is a type, from which its schema is derived.

use crate::diagnostic::{Finding, SettingPage, Severity, Sources, Span, Subject, Waived};
use crate::digest::below;
use crate::model::{Deployment, Rules};
use schemars::JsonSchema;
use serde::Serialize;
#[cfg(feature = "store")]
use serde::Serializer;

/// The codes of findings.
pub(super) const CODE: &str = "^SG[0-9]{3}$";

/// The words of severities.
fn severities() -> Vec<&'static str> {
    Severity::ALL.iter().map(|severity| severity.as_str()).collect()
}

/// Of what version, rules and deployment a document speaks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Provenance<'a> {
    /// The version of syncgate.
    syncgate: &'static str,
    rules: RulesProvenance<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deployment: Option<DeploymentProvenance<'a>>,
}

impl Provenance<'_> {
    /// The version of syncgate.
    pub(super) fn syncgate(&self) -> &str {
        self.syncgate
    }

    /// The digest of the rules.
    pub(super) fn rules_digest(&self) -> &str {
        &self.rules.digest
    }

    /// The digest of the deployment; `None` where the document is about none.
    pub(super) fn deployment_digest(&self) -> Option<&str> {
        self.deployment.as_ref().map(|deployment| deployment.digest.as_str())
    }
}

/// Which rules decided.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct RulesProvenance<'a> {
    digest: String,
    /// Where they come from.
    source: &'a str,
    /// The directories of checks that were added.
    added: &'a [String],
}

impl<'a> RulesProvenance<'a> {
    pub(super) fn of(rules: &'a Rules) -> Self {
        Self { digest: rules.digest(), source: &rules.source, added: &rules.added }
    }
}

/// Which deployment is spoken of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct DeploymentProvenance<'a> {
    digest: String,
    /// The moment the configuration was taken.
    as_of: Option<String>,
    files: Vec<FileProvenance<'a>>,
}

/// A file, below the directory of the deployment, with the SHA-256 of its bytes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct FileProvenance<'a> {
    path: &'a str,
    sha256: &'a str,
}

impl<'a> DeploymentProvenance<'a> {
    pub(super) fn of(deployment: &'a Deployment) -> Self {
        let digests = deployment.files().files().iter().map(|file| FileProvenance {
            path: below(deployment.path(), &file.path),
            sha256: file.sha256(),
        });
        Self {
            digest: deployment.digest(),
            as_of: deployment.as_of().map(|moment| moment.to_string()),
            files: digests.collect(),
        }
    }
}

/// The version of syncgate, as documents have it.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Of what version, rules and deployment a document speaks.
pub fn provenance<'a>(rules: &'a Rules, deployment: Option<&'a Deployment>) -> Provenance<'a> {
    Provenance {
        syncgate: VERSION,
        rules: RulesProvenance::of(rules),
        deployment: deployment.map(DeploymentProvenance::of),
    }
}

/// A place: file, first line and column, and the line and column after the last character; all
/// counted from 1.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct Location<'a> {
    file: &'a str,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

pub(super) fn location(files: &Sources, span: Span) -> Location<'_> {
    let range = files.position(span);
    Location {
        file: files.path(span.file),
        line: range.start.line,
        column: range.start.column,
        end_line: range.end.line,
        end_column: range.end.column,
    }
}

/// A finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct FindingDocument<'a> {
    #[schemars(extend("pattern" = CODE))]
    code: String,
    #[schemars(extend("enum" = severities()))]
    severity: &'static str,
    message: &'a str,
    /// What to do about it.
    help: Option<&'a str>,
    /// The same for the same finding, wherever it stands.
    #[schemars(extend("pattern" = "^[0-9a-f]{32}$"))]
    fingerprint: String,
    location: Option<Location<'a>>,
    related: Vec<RelatedDocument<'a>>,
    subject: Option<SubjectDocument<'a>>,
    setting: Option<SettingDocument<'a>>,
    /// The statements that it rests on.
    sources: &'a [String],
    /// The controls that its check is evidence of.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    controls: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<WaivedDocument<'a>>,
    /// Whether an earlier check found it too: `new` or `unchanged`.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'static str>,
}

impl FindingDocument<'_> {
    /// The same, with the word for whether an earlier check found it too.
    pub(super) fn since(self, baseline: Option<&'static str>) -> Self {
        Self { baseline, ..self }
    }
}

/// Another place that a finding speaks of.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct RelatedDocument<'a> {
    message: &'a str,
    location: Location<'a>,
}

/// The record that a finding is about.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct SubjectDocument<'a> {
    /// The section.
    kind: &'a str,
    id: &'a str,
}

/// A setting of headquarters.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct SettingDocument<'a> {
    name: &'a str,
    /// Where it is set.
    page: &'a str,
}

/// The waiver that covers a finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct WaivedDocument<'a> {
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    expires: Option<&'a str>,
    location: Location<'a>,
}

/// A record of a deployment, by its section and id.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct RecordDocument<'a> {
    section: &'a str,
    id: &'a str,
}

impl<'a> From<(&'a str, &'a str)> for RecordDocument<'a> {
    fn from((section, id): (&'a str, &'a str)) -> Self {
        Self { section, id }
    }
}

impl<'a> From<&'a Subject> for SubjectDocument<'a> {
    fn from(subject: &'a Subject) -> Self {
        Self { kind: &subject.kind, id: &subject.id }
    }
}

impl<'a> From<&'a SettingPage> for SettingDocument<'a> {
    fn from(setting: &'a SettingPage) -> Self {
        Self { name: &setting.name, page: &setting.page }
    }
}

/// A finding as a JSON object.
pub(super) fn finding<'a>(files: &'a Sources, finding: &'a Finding) -> FindingDocument<'a> {
    let related = finding.related.iter().map(|related| RelatedDocument {
        message: &related.message,
        location: location(files, related.span),
    });
    FindingDocument {
        code: finding.code.to_string(),
        severity: finding.severity.as_str(),
        message: &finding.message,
        help: finding.help.as_deref(),
        fingerprint: finding.fingerprint(),
        location: finding.span.map(|span| location(files, span)),
        related: related.collect(),
        subject: finding.subject.as_ref().map(SubjectDocument::from),
        setting: finding.setting.as_ref().map(SettingDocument::from),
        sources: &finding.sources,
        controls: &finding.controls,
        waived: finding.waived.as_ref().map(|it| waived(files, it)),
        baseline: None,
    }
}

fn waived<'a>(files: &'a Sources, waived: &'a Waived) -> WaivedDocument<'a> {
    WaivedDocument {
        reason: waived.reason.as_deref(),
        owner: waived.owner.as_deref(),
        expires: waived.expires.as_deref(),
        location: location(files, waived.span),
    }
}

/// Findings that are not about a deployment's checks, such as those of rules.
pub(super) fn findings<'a>(files: &'a Sources, found: &'a [Finding]) -> Vec<FindingDocument<'a>> {
    found.iter().map(|one| finding(files, one)).collect()
}

/// Entries as a JSON object, in the order that they have.
#[cfg(feature = "store")]
pub(super) fn in_order<K: Serialize, V: Serialize, S: Serializer>(
    entries: &[(K, V)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(entries.iter().map(|(key, value)| (key, value)))
}

/// A document as text: indented, ended by a line feed.
///
/// # Panics
///
/// Never for a document of ours, whose keys are text.
#[expect(clippy::expect_used, reason = "a document of ours has keys that are text")]
pub fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("every key is text");
    text.push('\n');
    text
}

/// A document as one line of text.
///
/// # Panics
///
/// As [`pretty`].
#[expect(clippy::expect_used, reason = "a document of ours has keys that are text")]
pub fn line(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string(document).expect("every key is text");
    text.push('\n');
    text
}
