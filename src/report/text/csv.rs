//! CSV (RFC 4180) that spreadsheets open without running anything: everything that is printed as
//! CSV is written here.

use csv::{Terminator, Writer, WriterBuilder};
use std::io::{self, Write};

/// Lines of CSV.
#[derive(Debug)]
pub(in crate::report) struct CsvTable<W: Write>(Writer<W>);

impl<W: Write> CsvTable<W> {
    /// No lines yet.
    pub(in crate::report) fn new(to: W) -> Self {
        Self(WriterBuilder::new().terminator(Terminator::CRLF).flexible(true).from_writer(to))
    }

    /// Adds a line.
    pub(in crate::report) fn row<S: AsRef<str>>(
        &mut self,
        cells: impl IntoIterator<Item = S>,
    ) -> io::Result<()> {
        let cells = cells.into_iter().map(|cell| harmless(cell.as_ref()));
        Ok(self.0.write_record(cells)?)
    }

    /// Adds a line for programs: its cells stay as they are.
    pub(in crate::report) fn exact_row<'c>(
        &mut self,
        cells: impl IntoIterator<Item = &'c str>,
    ) -> io::Result<()> {
        Ok(self.0.write_record(cells)?)
    }

    /// Ends the last line.
    pub(in crate::report) fn finish(mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The lines that `write` adds, as text.
#[expect(clippy::expect_used, reason = "memory takes every byte, and cells are UTF-8")]
pub(in crate::report) fn csv_text(
    write: impl FnOnce(&mut CsvTable<&mut Vec<u8>>) -> io::Result<()>,
) -> String {
    let mut bytes = Vec::new();
    let mut lines = CsvTable::new(&mut bytes);
    write(&mut lines).expect("memory takes every line");
    lines.finish().expect("memory takes every line");
    String::from_utf8(bytes).expect("lines of text are text")
}

/// One cell as it stands in a line, quoted where it must be.
pub(crate) fn csv_cell(text: &str) -> String {
    let text = harmless(text);
    let is_plain = !text.contains(['"', ',', '\n', '\r']) && text.trim() == text;
    if is_plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

/// The cell with an apostrophe before it where a spreadsheet would take it for a formula.
fn harmless(cell: &str) -> String {
    match cell.chars().next() {
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n') => format!("'{cell}"),
        _ => cell.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_text_and_cells_are_quoted_where_needed() {
        let text = csv_text(|lines| {
            lines.row(["=1+1", "@x", "-1", "+1", "\n=1", "a,b", "say \"hi\"", "two\nlines", ""])?;
            lines.row(["plain"])
        });
        assert_eq!(
            text,
            "'=1+1,'@x,'-1,'+1,\"'\n=1\",\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\nplain\r\n"
        );
    }
}
