//! Aligned columns of text.

use super::shown::{shown, shown_in_colour};
use super::style::Style;
use anstream::adapter::strip_str;

/// Rows of cells, each column as wide as its widest cell.
#[derive(Clone, Debug, Default)]
pub struct TextTable {
    header: Vec<String>,
    rows: Vec<Vec<Cell>>,
}

/// The lines of a cell.
type Cell = Vec<String>;

/// How far the columns are apart.
const GAP: usize = 2;

/// A column that has to share its room becomes no narrower.
const NARROWEST: usize = 8;

/// A longer word is broken where there is not room for all.
const LONG: usize = 38;

impl TextTable {
    /// A table with these headings.
    pub fn new<'a>(header: impl IntoIterator<Item = &'a str>) -> Self {
        Self { header: header.into_iter().map(str::to_owned).collect(), rows: Vec::new() }
    }

    /// Adds a row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(|cell| vec![cell.into()]).collect());
    }

    /// Adds a row whose cells have several lines.
    pub fn row_of_lines(&mut self, cells: impl IntoIterator<Item = Vec<String>>) {
        self.rows.push(cells.into_iter().collect());
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
        self.render_within(usize::MAX, style)
    }

    /// The table as text, in lines of at most so many characters where words leave room for that.
    pub fn render_within(&self, width: usize, style: Style) -> String {
        let shown = |line: &String| match style {
            Style::Plain => shown(line).into_owned(),
            Style::Coloured => shown_in_colour(line).into_owned(),
        };
        let header: Vec<Cell> = self.header.iter().map(|cell| vec![cell.clone()]).collect();
        let rows: Vec<Vec<Cell>> = std::iter::once(&header)
            .chain(&self.rows)
            .map(|row| row.iter().map(|cell| cell.iter().map(shown).collect()).collect())
            .collect();
        let widths = widths(&rows, width);
        let mut text = String::new();
        for (number, row) in rows.iter().enumerate().skip(usize::from(header.is_empty())) {
            for line in lines(row, &widths) {
                text.push_str(&if number == 0 { style.dim(&line) } else { line });
                text.push('\n');
            }
        }
        text
    }
}

/// How wide each column is: as its widest line, unless all together are wider than there is room.
fn widths(rows: &[Vec<Cell>], most: usize) -> Vec<usize> {
    let columns = rows.iter().map(Vec::len).fold(0, usize::max);
    let over_lines = |column: usize, measure: fn(&str) -> usize| {
        let lines = rows.iter().filter_map(|row| row.get(column)).flatten();
        lines.map(|line| measure(line)).fold(0, usize::max)
    };
    let mut widths: Vec<usize> = (0..columns).map(|column| over_lines(column, visible)).collect();
    let room = most.saturating_sub(GAP * columns.saturating_sub(1));
    if widths.iter().sum::<usize>() <= room {
        return widths;
    }
    // What can be broken between words is, before words are.
    for least in [|line: &str| longest_word(line).min(LONG), |_: &str| NARROWEST] {
        let least: Vec<usize> =
            (0..columns).map(|column| over_lines(column, least).max(NARROWEST)).collect();
        while widths.iter().sum::<usize>() > room {
            let wide = widths.iter_mut().zip(&least).filter(|(width, least)| **width > **least);
            let Some((widest, _)) = wide.max_by_key(|(width, _)| **width) else { break };
            *widest -= 1;
        }
    }
    widths
}

/// The lines of a row.
fn lines(row: &[Cell], widths: &[usize]) -> Vec<String> {
    let cells: Vec<Cell> = row
        .iter()
        .zip(widths)
        .map(|(cell, width)| cell.iter().flat_map(|line| wrapped(line, *width)).collect())
        .collect();
    let height = cells.iter().map(Vec::len).fold(0, usize::max);
    let line = |number: usize| {
        let mut line = String::new();
        for (cell, width) in cells.iter().zip(widths) {
            // A cell with fewer lines than its neighbour leaves the others blank.
            let part = cell.get(number).map_or("", String::as_str);
            let padding = width.saturating_sub(visible(part)) + GAP;
            line.push_str(&format!("{part}{}", " ".repeat(padding)));
        }
        line.trim_end().to_owned()
    };
    (0..height).map(line).collect()
}

/// A line, broken between words where it is wider than that, and within those that are wider.
fn wrapped(line: &str, width: usize) -> Vec<String> {
    if visible(line) <= width {
        return vec![line.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in line.split(' ') {
        match lines.last_mut() {
            Some(last) if visible(last) + 1 + visible(word) <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ if visible(word) <= width => lines.push(word.to_owned()),
            _ => lines.extend(broken(word, width)),
        }
    }
    lines
}

/// A word, broken behind its signs where those are near enough.
fn broken(word: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for part in word.split_inclusive(['-', '.', '_', '/', ':', ',']) {
        match lines.last_mut() {
            Some(last) if visible(last) + visible(part) <= width => last.push_str(part),
            _ => {
                let characters: Vec<char> = part.chars().collect();
                let pieces = characters.chunks(width.max(1));
                lines.extend(pieces.map(|piece| piece.iter().collect::<String>()));
            }
        }
    }
    lines
}

fn longest_word(line: &str) -> usize {
    line.split(' ').map(visible).fold(0, usize::max)
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
            table.render(Style::Coloured),
            format!("{}    x\nnone  y\n", Style::Coloured.bad("no"))
        );
    }

    #[test]
    fn a_table_fits_where_words_leave_room() {
        let mut table = TextTable::new(["key", "codes", "at"]);
        table.row(["a.b".to_owned(), "SG101, SG102, SG103, SG104, SG105".to_owned(), "x:1".into()]);
        table.row_of_lines([vec!["c".into(), "  d".into()], vec!["e\nf".into()], vec![]]);
        assert_eq!(
            table.render_within(24, Style::Plain),
            "key  codes           at\n\
             a.b  SG101, SG102,   x:1\n     SG103, SG104,\n     SG105\n\
             c    e\\nf\n  d\n"
        );
        assert_eq!(table.render(Style::Plain).lines().count(), 4);
        let mut table = TextTable::new([]);
        table.row(["functionality-profile.offline-order-creation", "SG117, SG118"]);
        assert_eq!(
            table.render_within(40, Style::Plain),
            "functionality-profile.offline-  SG117,\norder-creation                  SG118\n"
        );
    }
}
