//! Aligned columns of text.

use super::style::Style;
use anstream::adapter::strip_str;

/// Rows of cells, each column as wide as its widest cell.
#[derive(Clone, Debug, Default)]
pub struct TextTable {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl TextTable {
    /// A table with these headings.
    pub fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        Self { header: header.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether it has no rows.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as text, or `none` where it has no rows.
    #[cfg(feature = "store")]
    pub fn render_or(&self, none: &str, style: Style) -> String {
        if self.is_empty() { none.to_owned() } else { self.render(style) }
    }

    /// The table as text, two spaces between columns.
    pub fn render(&self, style: Style) -> String {
        let columns = self.rows.iter().map(Vec::len).fold(self.header.len(), usize::max);
        let width = |column: usize| {
            let cells = self.rows.iter().chain([&self.header]).filter_map(|row| row.get(column));
            cells.map(|cell| visible(cell)).fold(0, usize::max)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &[String]| {
            let cells = row.iter().zip(&widths).map(|(cell, width)| {
                let padding = width.saturating_sub(visible(cell));
                format!("{cell}{}", " ".repeat(padding))
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        let mut text = String::new();
        if !self.header.is_empty() {
            text.push_str(&style.dim(&line(&self.header)));
            text.push('\n');
        }
        for row in &self.rows {
            text.push_str(&line(row));
            text.push('\n');
        }
        text
    }
}

/// How many characters of a cell are seen: all but those that set a colour.
fn visible(cell: &str) -> usize {
    strip_str(cell).map(|plain| plain.chars().count()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_take_no_room() {
        assert_eq!(visible("sync"), 4);
        assert_eq!(visible(&format!("{} (x)", Style::Coloured.good("sync"))), 8);
        let mut table = TextTable::new([]);
        table.row([Style::Coloured.bad("no"), "x".to_owned()]);
        table.row(["none".to_owned(), "y".to_owned()]);
        assert_eq!(
            table.render(Style::Plain),
            format!("{}    x\nnone  y\n", Style::Coloured.bad("no"))
        );
    }
}
