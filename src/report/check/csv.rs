//! `check --format csv`: a line for each finding.

use crate::check::Checked;
use crate::diagnostic::{Finding, Sources};
use crate::model::Deployment;
use crate::report::text::csv_text;

/// The columns, in order.
const COLUMNS: [&str; 18] = [
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
];

/// `check --format csv`: a line for each finding.
pub fn check_csv(deployment: &Deployment, checked: &Checked) -> String {
    csv_text(|lines| {
        lines.row(COLUMNS)?;
        checked.findings.iter().try_for_each(|it| lines.row(cells(deployment.files(), it)))
    })
}

fn cells(files: &Sources, finding: &Finding) -> [String; 18] {
    let place = finding.span.map(|span| files.position(span));
    let number = |number: Option<usize>| number.map(|it| it.to_string()).unwrap_or_default();
    let text = |text: Option<&String>| text.cloned().unwrap_or_default();
    let subject = finding.subject.as_ref();
    let setting = finding.setting.as_ref();
    let waived = finding.waived.as_ref();
    [
        finding.severity.to_string(),
        finding.code.to_string(),
        finding.message.clone(),
        text(finding.help.as_ref()),
        finding.span.map(|span| files.path(span.file).to_owned()).unwrap_or_default(),
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
        waived.map(|it| it.why().to_owned()).unwrap_or_default(),
        text(waived.and_then(|waived| waived.owner.as_ref())),
        text(waived.and_then(|waived| waived.expires.as_ref())),
    ]
}
