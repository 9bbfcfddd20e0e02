//! `check --format sarif`: SARIF 2.1.0, as code scanning services read it.

use super::Examined;
use super::baseline::Baseline;
use super::json::check_reports;
use super::levels::level_documents;
use crate::check::Checked;
use crate::diagnostic::{EXPLANATIONS, Finding, Severity, Sources, Span};
use crate::model::{Deployment, Rules};
use crate::report::document::provenance;
use serde_json::{Map, Value, json};

/// Where the schema of SARIF is.
const SCHEMA: &str = concat!(
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/",
    "sarif-schema-2.1.0.json"
);

/// A rule as SARIF describes it.
struct Descriptor {
    code: String,
    title: String,
    why: String,
    help: String,
    severity: Severity,
    sources: Vec<String>,
}

/// `check --format sarif`: a run for each deployment.
pub fn check_sarif(all: Vec<Examined<'_>>) -> Value {
    let runs =
        all.into_iter().map(|(deployment, checked, baseline)| run(deployment, checked, baseline));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": runs.collect::<Vec<_>>(),
    })
}

fn run(deployment: &Deployment, checked: &Checked, baseline: Option<&Baseline>) -> Value {
    let rules = deployment.rules();
    let name = deployment.name().unwrap_or(deployment.path());
    let descriptors = descriptors(rules);
    let results = checked.findings.iter().map(|finding| {
        let mut result = result(deployment.files(), finding, &descriptors);
        if let Some(baseline) = baseline {
            result.insert("baselineState".to_owned(), json!(baseline.word(finding)));
        }
        Value::Object(result)
    });
    json!({
        "tool": { "driver": {
            "name": "syncgate",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": descriptors.iter().map(rule).collect::<Vec<_>>(),
        }},
        "automationDetails": { "id": format!("syncgate/{name}/") },
        "columnKind": "unicodeCodePoints",
        "results": results.collect::<Vec<_>>(),
        "properties": {
            "verdict": checked.verdict.as_str(),
            "deployment": deployment.name(),
            "checks": check_reports(checked),
            "levels": level_documents(deployment, checked),
            "provenance": provenance(rules, Some(deployment)),
        },
    })
}

/// Everything that may be found in a deployment, each code once.
fn descriptors(rules: &Rules) -> Vec<Descriptor> {
    let of_files = EXPLANATIONS.iter().filter(|it| it.code.number() < 20).map(|it| Descriptor {
        code: it.code.to_string(),
        title: it.title.to_owned(),
        why: it.why.to_owned(),
        help: it.fix.to_owned(),
        severity: it.severity,
        sources: Vec::new(),
    });
    let of_checks = rules.checks.iter().map(|check| Descriptor {
        code: check.code.to_string(),
        title: check.title.clone(),
        why: check.why.clone(),
        help: format!("run `syncgate explain {}`", check.code),
        severity: check.severity,
        sources: check.sources.clone(),
    });
    let mut descriptors: Vec<Descriptor> = of_files.chain(of_checks).collect();
    descriptors.sort_by(|one, other| one.code.cmp(&other.code));
    descriptors.dedup_by(|next, kept| next.code == kept.code);
    descriptors
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn rule(descriptor: &Descriptor) -> Value {
    json!({
        "id": descriptor.code,
        "shortDescription": { "text": descriptor.title },
        "fullDescription": { "text": descriptor.why },
        "help": { "text": descriptor.help },
        "defaultConfiguration": { "level": level(descriptor.severity) },
        "properties": { "sources": descriptor.sources },
    })
}

fn result(files: &Sources, finding: &Finding, descriptors: &[Descriptor]) -> Map<String, Value> {
    let code = finding.code.to_string();
    let message = match &finding.help {
        Some(help) => format!("{}\n{help}", finding.message),
        None => finding.message.clone(),
    };
    let mut result = Map::new();
    let mut insert = |key: &str, value: Value| result.insert(key.to_owned(), value);
    insert("ruleId", json!(code));
    if let Some(index) = descriptors.iter().position(|descriptor| descriptor.code == code) {
        insert("ruleIndex", json!(index));
    }
    insert("level", json!(level(finding.severity)));
    insert("message", json!({ "text": message }));
    insert("locations", json!([place(files, finding)]));
    let related = finding.related.iter().zip(1..).map(|(related, id)| {
        json!({
            "id": id,
            "message": { "text": related.message },
            "physicalLocation": physical(files, related.span),
        })
    });
    let related: Vec<Value> = related.collect();
    if !related.is_empty() {
        insert("relatedLocations", Value::Array(related));
    }
    insert("partialFingerprints", json!({ "syncgate/v1": finding.fingerprint() }));
    if let Some(waived) = &finding.waived {
        insert(
            "suppressions",
            json!([{
                "kind": "external",
                "status": "accepted",
                "justification": waived.why(),
                "location": { "physicalLocation": physical(files, waived.span) },
                "properties": { "owner": waived.owner, "expires": waived.expires },
            }]),
        );
    }
    insert("properties", properties(finding));
    result
}

fn properties(finding: &Finding) -> Value {
    let subject =
        finding.subject.as_ref().map(|subject| json!({ "kind": subject.kind, "id": subject.id }));
    let setting = finding
        .setting
        .as_ref()
        .map(|setting| json!({ "name": setting.name, "page": setting.page }));
    let sources = &finding.sources;
    json!({ "help": finding.help, "subject": subject, "setting": setting, "sources": sources })
}

fn place(files: &Sources, finding: &Finding) -> Value {
    let mut place = Map::new();
    if let Some(span) = finding.span {
        place.insert("physicalLocation".to_owned(), physical(files, span));
    }
    if let Some(subject) = finding.subject.as_ref().filter(|subject| !subject.id.is_empty()) {
        let name = format!("{}/{}", subject.kind, subject.id);
        place.insert(
            "logicalLocations".to_owned(),
            json!([{ "name": subject.id, "kind": subject.kind, "fullyQualifiedName": name }]),
        );
    }
    Value::Object(place)
}

fn physical(files: &Sources, span: Span) -> Value {
    let place = files.position(span);
    json!({
        "artifactLocation": { "uri": uri(files.path(span.file)) },
        "region": {
            "startLine": place.start.line,
            "startColumn": place.start.column,
            "endLine": place.end.line,
            "endColumn": place.end.column,
        },
    })
}

/// A path as a URI reference: relative where the path is.
fn uri(path: &str) -> String {
    let path = path.replace('\\', "/");
    let is_drive = path.as_bytes().get(1) == Some(&b':');
    let start = match path.starts_with('/') {
        true => "file://",
        false if is_drive => "file:///",
        false => "",
    };
    path.bytes().enumerate().fold(start.to_owned(), |mut uri, (number, byte)| {
        let plain =
            byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) || (is_drive && number == 1);
        if plain {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
        uri
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        for (path, expected) in [
            ("contoso/deployment.toml", "contoso/deployment.toml"),
            ("/srv/a b/ä.toml", "file:///srv/a%20b/%C3%A4.toml"),
            (r"C:\retail\x.toml", "file:///C:/retail/x.toml"),
            (r"go-live\x#1.toml", "go-live/x%231.toml"),
            ("-", "-"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
