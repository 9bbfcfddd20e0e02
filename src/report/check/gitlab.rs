//! `check --format gitlab`: a Code Quality report, as merge requests show it.

use super::grounds::{grounds_in_words, stated};
use super::levels::level_in_words;
use crate::check::{Checked, Level};
use crate::diagnostic::{Finding, Severity, Sources, Span};
use crate::model::{Deployment, said};
use crate::report::findings::controls;
use schemars::JsonSchema;
use serde::Serialize;

/// A finding as GitLab's Code Quality reads it.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Issue<'a> {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Place<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Place<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Lines {
    begin: usize,
}

/// `check --format gitlab`: an issue for each finding, each level that is set, and the verdict.
///
/// Of several deployments, whose issues stand in one list, a fingerprint tells whose it is too.
pub fn check_gitlab<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
    is_alone: bool,
) -> Vec<Issue<'a>> {
    let files = deployment.files();
    let findings = checked.findings.iter().map(|finding| issue(files, deployment.path(), finding));
    let levels = checked.levels.iter().map(|level| of_level(files, level));
    let told_apart = |issue: Issue<'a>| {
        let whose = format!("{}\0{}", deployment.path(), issue.fingerprint);
        Issue { fingerprint: crate::digest::sha256(whose.as_bytes()), ..issue }
    };
    let issues = findings.chain(levels).chain([of_verdict(deployment, checked)]);
    issues.map(|issue| if is_alone { issue } else { told_apart(issue) }).collect()
}

fn issue<'a>(files: &'a Sources, path: &'a str, finding: &'a Finding) -> Issue<'a> {
    let help = said(finding.help.as_ref(), |help| format!("; {help}"));
    let controls = said(controls(finding), |controls| format!("; {controls}"));
    let waived =
        said(finding.waived.as_ref(), |waived| format!(" (waived: {})", waived.in_words()));
    Issue {
        description: format!("{}{help}{controls}{waived}", finding.message),
        check_name: finding.code.to_string(),
        fingerprint: finding.fingerprint(),
        severity: match finding.severity {
            _ if !finding.counts() => "info",
            Severity::Info => "info",
            Severity::Warning => "minor",
            Severity::Error => "critical",
        },
        location: finding
            .span
            .map_or(Place { path, lines: Lines { begin: 1 } }, |it| place(files, it)),
    }
}

/// The verdict, which is a new issue where it or what it stands on has changed.
fn of_verdict<'a>(deployment: &'a Deployment, checked: &Checked) -> Issue<'a> {
    let stated = format!("{}: {}", checked.verdict, stated(deployment));
    Issue {
        description: format!("{}: {}", checked.verdict, grounds_in_words(deployment)),
        check_name: "verdict".to_owned(),
        fingerprint: crate::digest::sha256(format!("verdict\0{stated}").as_bytes()),
        severity: "info",
        location: Place { path: deployment.path(), lines: Lines { begin: 1 } },
    }
}

fn of_level<'a>(files: &'a Sources, level: &Level) -> Issue<'a> {
    let description = level_in_words(level);
    Issue {
        fingerprint: crate::digest::sha256(format!("level\0{}", level.code).as_bytes()),
        description,
        check_name: level.code.to_string(),
        severity: "info",
        location: place(files, level.span),
    }
}

fn place(files: &Sources, span: Span) -> Place<'_> {
    let path = files.path(span.file);
    // Paths are those of the repository, where the merge request has them.
    let path = path.strip_prefix("./").unwrap_or(path);
    Place { path, lines: Lines { begin: files.position(span).start.line } }
}
