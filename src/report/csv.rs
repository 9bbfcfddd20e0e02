//! CSV (RFC 4180) that spreadsheets open without running anything.

use crate::check::Checked;
use crate::model::Deployment;

/// `check --format csv`: a line for each finding.
pub fn check_csv(deployment: &Deployment, checked: &Checked) -> String {
    let files = deployment.files();
    let mut table = CsvTable::default();
    table.row([
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
    ]);
    for finding in &checked.findings {
        let place = finding.span.map(|span| files.position(span));
        let number = |number: Option<usize>| number.map(|it| it.to_string()).unwrap_or_default();
        let subject = finding.subject.as_ref();
        let setting = finding.setting.as_ref();
        let waived = finding.waived.as_ref();
        let text = |text: Option<&String>| text.cloned().unwrap_or_default();
        table.row([
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
            waived
                .map(|it| it.reason.clone().unwrap_or_else(|| "no reason is given".to_owned()))
                .unwrap_or_default(),
            text(waived.and_then(|waived| waived.owner.as_ref())),
            text(waived.and_then(|waived| waived.expires.as_ref())),
        ]);
    }
    table.text()
}

/// Lines of CSV.
#[derive(Debug, Default)]
pub(super) struct CsvTable {
    text: Vec<u8>,
}

impl CsvTable {
    /// Adds a line.
    pub(super) fn row<S: AsRef<str>>(&mut self, cells: impl IntoIterator<Item = S>) {
        let mut writer = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .flexible(true)
            .from_writer(&mut self.text);
        // Writing to memory can't fail.
        let _ = writer.write_record(cells.into_iter().map(|cell| harmless(cell.as_ref())));
        let _ = writer.flush();
    }

    /// All lines.
    pub(super) fn text(self) -> String {
        String::from_utf8(self.text).unwrap_or_default()
    }
}

/// The cell with an apostrophe before it where a spreadsheet would take it for a formula.
fn harmless(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_cells_are_quoted_where_needed() {
        let mut table = CsvTable::default();
        table.row(["=1+1", "@x", "-1", "+1", "a,b", "say \"hi\"", "two\nlines", ""]);
        table.row(["plain"]);
        assert_eq!(
            table.text(),
            "'=1+1,'@x,'-1,'+1,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\nplain\r\n"
        );
    }
}
