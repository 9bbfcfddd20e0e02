//! `check --format sarif`: SARIF 2.1.0, as code scanning services read it.

use super::Examined;
use super::baseline::Baseline;
use super::json::check_reports;
use super::levels::level_documents;
use crate::check::{CheckReport, CheckResult, Checked};
use crate::diagnostic::{Code, EXPLANATIONS, Finding, Severity, Sources, Span};
use crate::model::{Deployment, Rules, or_blank};
use crate::report::document::provenance;
use crate::report::explain::in_general;
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

/// The pipeline that a check runs in, as Advanced Security for Azure DevOps asks for it.
#[derive(Clone, Debug)]
pub struct AzurePipeline {
    /// What tells the run from others: organization, project, pipeline, phase, branch, build.
    pub run: String,
    /// The number of the pipeline.
    pub definition_id: String,
    /// The name of the pipeline.
    pub definition_name: String,
    /// The GUID of the phase.
    pub phase_id: String,
    /// The name of the phase.
    pub phase_name: String,
}

/// How the id of a run and the names of its properties begin for Azure DevOps.
const AZURE: &str = "azuredevops/pipeline/build/";

/// `check --format sarif`: a run for each deployment.
pub fn check_sarif(all: Vec<Examined<'_>>, pipeline: Option<&AzurePipeline>) -> Value {
    let runs = all
        .into_iter()
        .map(|(deployment, checked, baseline)| run(deployment, checked, baseline, pipeline));
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": runs.collect::<Vec<_>>(),
    })
}

fn run(
    deployment: &Deployment,
    checked: &Checked,
    baseline: Option<&Baseline>,
    pipeline: Option<&AzurePipeline>,
) -> Value {
    let rules = deployment.rules();
    let descriptors = descriptors(rules);
    let found = checked.findings.iter().map(|finding| {
        let mut result = result(deployment.files(), finding, &descriptors);
        if let Some(baseline) = baseline {
            result.insert("baselineState".to_owned(), json!(baseline.word(finding)));
        }
        Value::Object(result)
    });
    let undecided = checked.checks.iter().filter(|it| it.result == CheckResult::Undecided);
    let open = undecided.map(|report| {
        let mut result = open(deployment, checked, report, &descriptors);
        if let Some(baseline) = baseline {
            let word = if baseline.decided(report.code) { "new" } else { "unchanged" };
            result.insert("baselineState".to_owned(), json!(word));
        }
        Value::Object(result)
    });
    json!({
        "tool": { "driver": {
            "name": "syncgate",
            "fullName": concat!("syncgate ", env!("CARGO_PKG_VERSION")),
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": descriptors.iter().map(rule).collect::<Vec<_>>(),
        }},
        "automationDetails": automation(deployment, pipeline),
        "columnKind": "unicodeCodePoints",
        "results": found.chain(open).collect::<Vec<_>>(),
        "properties": {
            "verdict": checked.verdict.as_str(),
            "deployment": deployment.name(),
            "checks": check_reports(checked),
            "levels": level_documents(deployment, checked),
            "provenance": provenance(rules, Some(deployment)),
        },
    })
}

/// What tells runs of one kind from others: the pipeline, and outside of any in its place what
/// says that there was none, because Azure DevOps takes no run without.
fn automation(deployment: &Deployment, pipeline: Option<&AzurePipeline>) -> Value {
    let name = deployment.name().unwrap_or(deployment.path());
    let none = AzurePipeline {
        run: format!("syncgate/{name}/"),
        definition_id: "1".to_owned(),
        definition_name: "none".to_owned(),
        phase_id: guid(name),
        phase_name: "none".to_owned(),
    };
    let AzurePipeline { run, definition_id, definition_name, phase_id, phase_name } =
        pipeline.unwrap_or(&none);
    json!({
        "id": format!("{AZURE}{run}"),
        "properties": {
            (format!("{AZURE}buildDefinitionId")): definition_id,
            (format!("{AZURE}buildDefinitionName")): definition_name,
            (format!("{AZURE}phaseId")): phase_id,
            (format!("{AZURE}phaseName")): phase_name,
        },
    })
}

/// A GUID that is the same for the same text.
fn guid(text: &str) -> String {
    let digest = crate::digest::sha256(text.as_bytes());
    let mut digits = digest.chars();
    let mut group = |length| digits.by_ref().take(length).collect::<String>();
    let groups = [group(8), group(4), group(4), group(4), group(12)];
    groups.join("-")
}

/// A check that could not be decided, where the first value that it lacks would stand.
fn open(
    deployment: &Deployment,
    checked: &Checked,
    report: &CheckReport,
    descriptors: &[Descriptor],
) -> Map<String, Value> {
    let code = report.code.to_string();
    let is_gap = |finding: &&Finding| {
        finding.code == Code::UNDECIDED && report.missing.contains(&finding.detail)
    };
    let gap = checked.findings.iter().find(is_gap);
    let title = descriptors.iter().find(|it| it.code == code).map(|it| it.title.as_str());
    let missing = report.missing.join(", ");
    let text = format!("could not be decided: {}; not given: {missing}", or_blank(title));
    let locations = gap.map(|gap| place(deployment.files(), gap));
    let print = crate::digest::sha256(format!("open\0{code}").as_bytes());
    let print: String = print.chars().take(32).collect();
    let mut result = Map::new();
    let mut insert = |key: &str, value: Value| result.insert(key.to_owned(), value);
    insert("ruleId", json!(code));
    if let Some(index) = descriptors.iter().position(|descriptor| descriptor.code == code) {
        insert("ruleIndex", json!(index));
    }
    insert("kind", json!("open"));
    insert("level", json!("none"));
    insert("message", json!({ "text": text }));
    insert("locations", json!(locations.into_iter().collect::<Vec<_>>()));
    insert("partialFingerprints", json!({ "syncgate/v1": print }));
    insert("properties", json!({ "missing": report.missing }));
    result
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
        help: in_general(&check.help.text),
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
    let help = format!(
        "{}\n`syncgate explain {}` says more.",
        sentence(&descriptor.help),
        descriptor.code
    );
    json!({
        "id": descriptor.code,
        "name": in_pascal_case(&descriptor.title),
        "shortDescription": { "text": descriptor.title },
        "fullDescription": { "text": descriptor.why },
        "help": { "text": help },
        "defaultConfiguration": { "level": level(descriptor.severity) },
        "properties": { "sources": descriptor.sources },
    })
}

/// A title as an identifier, as readers of SARIF show rules: `JobsRunWhenTheyShould`.
fn in_pascal_case(title: &str) -> String {
    let words = title.split(|character: char| !character.is_ascii_alphanumeric());
    words
        .flat_map(|word| {
            word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1))
        })
        .collect()
}

/// A text that begins with a capital and ends with a full stop.
fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    let text: String = first.chain(characters).collect();
    if text.ends_with('.') { text } else { format!("{text}.") }
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
    // What could not be decided has not failed, and so no level.
    let is_open = finding.code == Code::UNDECIDED;
    if is_open {
        insert("kind", json!("open"));
    }
    insert("level", json!(if is_open { "none" } else { level(finding.severity) }));
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
    let controls = &finding.controls;
    json!({
        "help": finding.help, "subject": subject, "setting": setting, "sources": sources,
        "controls": controls,
    })
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
