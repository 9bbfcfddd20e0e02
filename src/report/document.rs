//! JSON documents: findings, and the provenance that every document carries.

use crate::diagnostic::{Finding, Sources, Span};
use crate::model::{Catalogue, Deployment};
use serde::Serialize;
use serde_json::{Value, json};

/// Of what version, rules and deployment a document speaks.
pub fn provenance(rules: &Catalogue, deployment: Option<&Deployment>) -> Value {
    let mut provenance = json!({
        "syncgate": env!("CARGO_PKG_VERSION"),
        "rules": { "digest": rules.files.digest(), "source": rules.source, "added": rules.added },
    });
    if let (Some(deployment), Some(object)) = (deployment, provenance.as_object_mut()) {
        let files: Vec<Value> = deployment
            .files()
            .files()
            .iter()
            .map(|file| json!({ "path": file.path, "sha256": file.sha256() }))
            .collect();
        object.insert(
            "deployment".to_owned(),
            json!({
                "digest": deployment.files().digest(),
                "as_of": deployment.as_of().map(|moment| moment.to_string()),
                "files": files,
            }),
        );
    }
    provenance
}

/// A place: file, first line and column, and the line and column after the last character; all
/// counted from 1.
pub fn location(files: &Sources, span: Span) -> Value {
    let range = files.position(span);
    json!({
        "file": files.path(span.file),
        "line": range.start.line,
        "column": range.start.column,
        "end_line": range.end.line,
        "end_column": range.end.column,
    })
}

/// A finding as a JSON object.
pub fn finding(files: &Sources, finding: &Finding) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|related| json!({ "message": related.message, "location": location(files, related.span) }))
        .collect();
    let mut object = json!({
        "code": finding.code.to_string(),
        "severity": finding.severity.as_str(),
        "message": finding.message,
        "help": finding.help,
        "fingerprint": finding.fingerprint(),
        "location": finding.span.map(|span| location(files, span)),
        "related": related,
        "subject": finding.subject.as_ref().map(|subject| json!({ "kind": subject.kind, "id": subject.id })),
        "setting": finding.setting.as_ref().map(|setting| json!({ "name": setting.name, "page": setting.page })),
        "sources": finding.sources,
    });
    if let (Some(waived), Some(object)) = (&finding.waived, object.as_object_mut()) {
        let waiver = json!({
            "reason": waived.reason,
            "owner": waived.owner,
            "expires": waived.expires,
            "location": location(files, waived.span),
        });
        object.insert("waived".to_owned(), waiver);
    }
    object
}

/// Findings that are not about a deployment's checks, such as those of rules.
pub fn findings(files: &Sources, found: &[Finding]) -> Vec<Value> {
    found.iter().map(|one| finding(files, one)).collect()
}

/// A document as text: indented, ended by a line feed.
pub fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}
