//! `check --format csv`: a line for each finding.

use super::grounds::grounds_in_words;
use super::levels::level_in_words;
use crate::check::{Checked, Level};
use crate::diagnostic::{Finding, Sources};
use crate::model::{Deployment, or_blank, said};
use crate::report::text::csv_text;

/// The columns, in order.
const COLUMNS: [&str; 24] = [
    "deployment",
    "name",
    "verdict",
    "digest",
    "severity",
    "code",
    "message",
    "help",
    "file",
    "line",
    "column",
    "end-line",
    "end-column",
    "subject-kind",
    "subject",
    "setting",
    "page",
    "sources",
    "fingerprint",
    "waived",
    "waiver-owner",
    "waiver-expires",
    "controls",
    "grounds",
];

/// `check --format csv`: a line for each finding and each level that is set, one without a code
/// where there is neither.
pub fn check_csv<'a>(all: impl IntoIterator<Item = (&'a Deployment, &'a Checked)>) -> String {
    csv_text(|lines| {
        lines.row(COLUMNS)?;
        for (deployment, checked) in all {
            let files = deployment.files();
            let of_deployment = [
                deployment.path().to_owned(),
                or_blank(deployment.name()).to_owned(),
                checked.verdict.to_string(),
                deployment.digest(),
            ];
            let grounds = grounds_in_words(deployment);
            let findings = checked.findings.iter().map(|finding| cells(files, finding));
            let levels = checked.levels.iter().map(|level| level_cells(files, level));
            let mut rows: Vec<[String; 19]> = findings.chain(levels).collect();
            if rows.is_empty() {
                rows.push([const { String::new() }; 19]);
            }
            for row in rows {
                lines.row(of_deployment.iter().chain(&row).chain([&grounds]))?;
            }
        }
        Ok(())
    })
}

/// A level stands where a finding would, with its reason and owner as those of a waiver.
fn level_cells(files: &Sources, level: &Level) -> [String; 19] {
    let place = files.position(level.span);
    let owned = |text: Option<&str>| or_blank(text).to_owned();
    let mut cells = [const { String::new() }; 19];
    let filled = [
        (1, level.code.to_string()),
        (2, level_in_words(level)),
        (4, files.path(level.span.file).to_owned()),
        (5, place.start.line.to_string()),
        (6, place.start.column.to_string()),
        (7, place.end.line.to_string()),
        (8, place.end.column.to_string()),
        (9, "levels".to_owned()),
        (10, level.code.to_string()),
        (15, owned(level.reason.as_deref())),
        (16, owned(level.owner.as_deref())),
    ];
    for (column, text) in filled {
        if let Some(cell) = cells.get_mut(column) {
            *cell = text;
        }
    }
    cells
}

fn cells(files: &Sources, finding: &Finding) -> [String; 19] {
    let place = finding.span.map(|span| files.position(span));
    let number = |number: Option<usize>| said(number, |number| number.to_string());
    let text = |text: Option<&String>| said(text, String::clone);
    let subject = finding.subject.as_ref();
    let setting = finding.setting.as_ref();
    let waived = finding.waived.as_ref();
    [
        finding.severity.to_string(),
        finding.code.to_string(),
        finding.message.clone(),
        text(finding.help.as_ref()),
        said(finding.span, |span| files.path(span.file).to_owned()),
        number(place.as_ref().map(|place| place.start.line)),
        number(place.as_ref().map(|place| place.start.column)),
        number(place.as_ref().map(|place| place.end.line)),
        number(place.as_ref().map(|place| place.end.column)),
        text(subject.map(|subject| &subject.kind)),
        text(subject.map(|subject| &subject.id)),
        text(setting.map(|setting| &setting.name)),
        text(setting.map(|setting| &setting.page)),
        finding.sources.join(" "),
        finding.fingerprint(),
        said(waived, |waived| waived.why().to_owned()),
        text(waived.and_then(|waived| waived.owner.as_ref())),
        text(waived.and_then(|waived| waived.expires.as_ref())),
        finding.controls.join(" "),
    ]
}
