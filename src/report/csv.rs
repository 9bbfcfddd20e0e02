//! CSV (RFC 4180) that spreadsheets open without running anything.

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
        assert_eq!(table.text(), "'=1+1,'@x,'-1,'+1,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\r\nplain\r\n");
    }
}
