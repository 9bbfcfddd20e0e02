//! CSV and its relatives: the delimiter is the one that the line of headings has most of, unless a
//! line above says it.

use super::row::Span;
use super::text::Text;
use super::{Head, MAX_ABOVE, MAX_COLUMNS, MAX_FIELD, Problem, Row, Top, Visit};
use crate::wire::{equal, first_end};

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Text with delimiters.
pub(in crate::import) struct Delimited<'t, 'b> {
    text: &'t mut Text<'b>,
    /// Where the rows begin: tools put a line above that says what kind of object or which
    /// delimiter follows.
    begin: usize,
    /// Those that may be it, the likelier first.
    delimiters: Vec<u8>,
}

impl<'t, 'b> Delimited<'t, 'b> {
    pub(super) fn new(text: &'t mut Text<'b>) -> Result<Self, Problem> {
        text.rewind()?;
        let (said, begin) = preamble(text.window());
        let (_, rows) = text.window().split_at(begin);
        let delimiters = said.map_or_else(|| delimiters(rows), |said| vec![said]);
        Ok(Self { text, begin, delimiters })
    }

    /// The rows from the first on.
    fn rows(&mut self, delimiter: u8) -> Result<Rows<'_, 'b>, Problem> {
        self.text.rewind()?;
        self.text.at = self.begin;
        Ok(Rows::new(self.text, delimiter))
    }

    pub(super) fn tops(&mut self) -> Result<Vec<Top>, Problem> {
        let mut tops = Vec::new();
        for delimiter in self.delimiters.clone() {
            let mut records = self.rows(delimiter)?;
            let mut rows = Vec::new();
            while rows.len() < MAX_ABOVE {
                match records.next() {
                    Ok(true) => {}
                    // By another delimiter than its own any text may seem cut off.
                    Ok(false) | Err(Problem::Cut { .. } | Problem::Field { .. }) => break,
                    Err(problem) => return Err(problem),
                }
                let row = records.row();
                // A row that ends before a column has nothing there.
                let text = |column| row.get(column).unwrap_or_default().trim().to_owned();
                rows.push((0..row.len()).map(text).collect());
            }
            tops.push(Top { delimiter, rows });
        }
        Ok(tops)
    }

    pub(super) fn each(&mut self, head: Head, visit: &mut Visit<'_>) -> Result<(), Problem> {
        let mut rows = self.rows(head.delimiter)?;
        let (mut columns, mut number) = (0, 0);
        while rows.next()? {
            let row = rows.row();
            number += 1;
            if head.covers(number - 1) {
                columns = columns.max(row.len());
            } else if !is_decoration(row) {
                visit(rows.line, (row.len() == columns).then_some(row));
            }
        }
        Ok(())
    }
}

/// The rows of a text with delimiters, one after the other.
struct Rows<'t, 'b> {
    text: &'t mut Text<'b>,
    delimiter: u8,
    /// The line and the cells of the row, whose places count from its beginning.
    line: u32,
    cells: Vec<Span>,
    /// The cells with quotation marks in them, as they are meant.
    other: String,
    /// How many bytes of the window the row has.
    length: usize,
}

/// What is behind a cell.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behind {
    Cell,
    End,
}

impl<'t, 'b> Rows<'t, 'b> {
    fn new(text: &'t mut Text<'b>, delimiter: u8) -> Self {
        Self { text, delimiter, line: 1, cells: Vec::new(), other: String::new(), length: 0 }
    }

    fn row(&self) -> Row<'_> {
        let text = self.text.part(self.text.at, self.text.at + self.length);
        Row { text, other: &self.other, cells: &self.cells }
    }

    /// The byte at a place of the row; `None` at the end of the text.
    #[inline]
    fn byte(&mut self, at: usize) -> Result<Option<u8>, Problem> {
        loop {
            let byte = self.text.rest().get(at).copied();
            if byte.is_some() || !self.text.more()? {
                return Ok(byte);
            }
        }
    }

    /// Goes to the next row that has anything in it.
    fn next(&mut self) -> Result<bool, Problem> {
        self.text.at += self.length;
        self.length = 0;
        while let Some(b'\r' | b'\n') = self.byte(0)? {
            self.text.at += 1;
        }
        if self.byte(0)?.is_none() {
            return Ok(false);
        }
        self.line = self.text.line();
        self.cells.clear();
        self.other.clear();
        let mut at = 0;
        loop {
            let (place, behind) = self.plain_cells(at)?;
            if behind == Behind::End {
                self.length = place;
                return Ok(true);
            }
            let (cell, end) = match self.byte(place)? {
                Some(b'"') => self.quoted(place)?,
                _ => self.plain(place)?,
            };
            self.add(cell, end - place)?;
            if self.behind(end)? == Behind::End {
                self.length = end;
                return Ok(true);
            }
            at = end + 1;
        }
    }

    /// Whether a byte ends a cell that is not in quotation marks.
    #[inline]
    const fn ends_cell(&self, byte: u8) -> bool {
        byte == self.delimiter || matches!(byte, b'\r' | b'\n')
    }

    /// The place of the first byte that does.
    #[inline]
    fn next_end(&self, bytes: &[u8]) -> Option<usize> {
        let marks = |word| equal(word, self.delimiter) | equal(word, b'\r') | equal(word, b'\n');
        first_end(bytes, marks, |byte| self.ends_cell(byte))
    }

    /// Takes the cells without quotation marks that the window holds whole, and gives the end of
    /// the row, or where a cell begins that is none of these.
    #[inline]
    fn plain_cells(&mut self, begin: usize) -> Result<(usize, Behind), Problem> {
        let mut at = begin;
        loop {
            // Behind a delimiter the window may end.
            let rest = self.text.rest().get(at..).unwrap_or_default();
            let is_quoted = rest.first() == Some(&b'"');
            let Some(length) = self.next_end(rest).filter(|_| !is_quoted) else {
                return Ok((at, Behind::Cell));
            };
            let is_delimiter = rest.get(length) == Some(&self.delimiter);
            self.add(Span::Text(at, at + length), length)?;
            if !is_delimiter {
                return Ok((at + length, Behind::End));
            }
            at += length + 1;
        }
    }

    /// Adds a cell of so many bytes.
    #[inline]
    fn add(&mut self, cell: Span, length: usize) -> Result<(), Problem> {
        if length > MAX_FIELD {
            return Err(Problem::Field { line: self.line });
        }
        if self.cells.len() >= MAX_COLUMNS {
            return Err(Problem::Columns);
        }
        self.cells.push(cell);
        Ok(())
    }

    fn behind(&mut self, end: usize) -> Result<Behind, Problem> {
        let is_delimiter = self.byte(end)? == Some(self.delimiter);
        Ok(if is_delimiter { Behind::Cell } else { Behind::End })
    }

    /// Reads on in a cell that the window cuts; `false` at the end of the text.
    fn longer(&mut self, begin: usize) -> Result<bool, Problem> {
        if self.text.rest().len() - begin > MAX_FIELD {
            return Err(Problem::Field { line: self.line });
        }
        self.text.more()
    }

    /// Where a cell without quotation marks ends, of which `at` is a place.
    #[inline]
    fn end(&mut self, begin: usize, at: usize) -> Result<usize, Problem> {
        let mut at = at;
        loop {
            // The place may be behind all that was read yet.
            let rest = self.text.rest().get(at..).unwrap_or_default();
            if let Some(length) = self.next_end(rest) {
                return Ok(at + length);
            }
            at += rest.len();
            if !self.longer(begin)? {
                return Ok(at);
            }
        }
    }

    #[inline]
    fn plain(&mut self, begin: usize) -> Result<(Span, usize), Problem> {
        let end = self.end(begin, begin)?;
        Ok((Span::Text(begin, end), end))
    }

    /// A cell in quotation marks; two of them stand for one, and what is behind the last is text.
    fn quoted(&mut self, begin: usize) -> Result<(Span, usize), Problem> {
        let (mut from, mut at) = (begin + 1, begin + 1);
        let other = self.other.len();
        loop {
            // The quotation mark may be the last of what was read yet.
            let rest = self.text.rest().get(at..).unwrap_or_default();
            let Some(length) = memchr::memchr(b'"', rest) else {
                at += rest.len();
                if !self.longer(begin)? {
                    return Err(Problem::Cut { line: self.line });
                }
                continue;
            };
            at += length;
            match self.byte(at + 1)? {
                Some(b'"') => {
                    self.keep(from, at + 1);
                    at += 2;
                    from = at;
                }
                Some(byte) if !self.ends_cell(byte) => {
                    self.keep(from, at);
                    let end = self.end(begin, at + 1)?;
                    self.keep(at + 1, end);
                    return Ok((Span::Other(other, self.other.len()), end));
                }
                _ if from == begin + 1 => return Ok((Span::Text(from, at), at + 1)),
                _ => {
                    self.keep(from, at);
                    return Ok((Span::Other(other, self.other.len()), at + 1));
                }
            }
        }
    }

    /// Keeps a part of the row beside it.
    fn keep(&mut self, from: usize, to: usize) {
        let begin = self.text.at;
        self.other.push_str(self.text.part(begin + from, begin + to));
    }
}

/// The delimiter that the first lines say, and where what is below them begins: `sep=;` is Excel's,
/// `#TYPE` PowerShell's.
fn preamble(text: &str) -> (Option<u8>, usize) {
    let (mut said, mut begin) = (None, 0);
    for line in text.split_inclusive('\n') {
        let plain = line.trim().trim_matches('"').as_bytes();
        match plain {
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter] => said = Some(*delimiter),
            [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] if line.contains('\t') => {
                said = Some(b'\t');
            }
            _ if plain.starts_with(b"#TYPE ") => {}
            _ => break,
        }
        begin += line.len();
    }
    (said, begin)
}

/// The delimiters that the first lines have: the one first that the first line has most of, of
/// several the first, so that a comma is not needed in a file of one column.
fn delimiters(rows: &str) -> Vec<u8> {
    let lines = || rows.lines().filter(|line| !line.trim().is_empty()).take(MAX_ABOVE);
    let count = |delimiter: u8, line: &str| line.bytes().filter(|byte| *byte == delimiter).count();
    let each = |delimiter: u8| lines().map(move |line| count(delimiter, line));
    let first = |delimiter: u8| each(delimiter).next();
    let most = |delimiter: u8| each(delimiter).fold(0, usize::max);
    let mut found: Vec<u8> = DELIMITERS.into_iter().filter(|one| most(*one) > 0).collect();
    found.sort_by_key(|one| std::cmp::Reverse((first(*one), most(*one))));
    if found.is_empty() { vec![b','] } else { found }
}

/// Whether a row is what query tools put around a result: a rule below the headings, a count below
/// the rows.
fn is_decoration(row: Row<'_>) -> bool {
    let rule = |cell: &str| cell.len() > 1 && cell.trim().bytes().all(|byte| byte == b'-');
    let count = |cell: &str| cell.starts_with('(') && cell.trim_end().ends_with(')');
    match row.get(0).map(|first| first.as_bytes().first()) {
        Some(Some(b'(')) => row.len() == 1 && row.get(0).is_some_and(count),
        Some(Some(b'-' | b' ')) => (0..row.len()).all(|column| row.get(column).is_some_and(rule)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Cursor;

    /// The rows of a text with their lines, read so many bytes at a time.
    fn rows(text: &str, piece: usize) -> Result<Vec<(u32, Vec<String>)>, Problem> {
        let mut bytes = Cursor::new(text.as_bytes().to_vec());
        let mut text = Text::in_pieces(&mut bytes, piece)?;
        let mut reader = Rows::new(&mut text, b',');
        let mut rows = Vec::new();
        while reader.next()? {
            let row = reader.row();
            let cells = (0..row.len()).map(|column| row.get(column).unwrap().to_owned());
            rows.push((reader.line, cells.collect()));
        }
        Ok(rows)
    }

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(
            text in "[a\u{e4},;\"\r\n ]{0,60}|([ab]|\"[a,\n]*\"|,|\r\n){0,30}",
            piece in 4..20_usize,
        ) {
            let mut builder = csv::ReaderBuilder::new();
            let mut reader = builder.has_headers(false).flexible(true).from_reader(text.as_bytes());
            let records = reader.records().map(|record| {
                record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()
            });
            let expected: Vec<Vec<String>> = records.collect();
            match rows(&text, piece) {
                Ok(rows) => {
                    if !text.contains('"') {
                        for (line, row) in &rows {
                            let above = text.split('\n').nth(*line as usize - 1).unwrap();
                            prop_assert!(above.contains(&row[0]), "line {}: {:?}", line, row);
                        }
                    }
                    let rows: Vec<Vec<String>> = rows.into_iter().map(|(_, row)| row).collect();
                    prop_assert_eq!(rows, expected);
                }
                // What is cut off is refused, and may be so only where quotation marks do not pair.
                Err(problem) => {
                    prop_assert!(matches!(problem, Problem::Cut { .. }), "{:?}", problem);
                    prop_assert!(text.matches('"').count() > 0);
                }
            }
        }
    }

    #[test]
    fn only_what_ends_within_quotation_marks_is_cut() {
        for text in ["\"a", "a,\"b", "a\n\"b\"\"", "\"", "a,\"b\nc,d\n"] {
            assert!(matches!(rows(text, 4), Err(Problem::Cut { .. })), "{text}");
        }
        for text in ["a\"", "a,b\"c", "\"a\"", "\"a\"b\"", "\"\"\"\""] {
            assert!(rows(text, 4).is_ok(), "{text}");
        }
    }
}
