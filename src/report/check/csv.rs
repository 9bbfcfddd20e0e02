//! `check --format csv`: a line for each finding.

use crate::check::Checked;
use crate::diagnostic::{Finding, Sources};
use crate::model::{Deployment, said};
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
    ]
}
