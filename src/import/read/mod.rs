//! The readers: from text or bytes to rows of cells, whatever the format.

mod delimited;
mod json;
mod sheet;
mod xml;

pub(super) use json::document;
pub(super) use sheet::sheets;
pub(super) use xml::{Manifest, manifest, refuse_document_type, rows as xml_rows};

use super::refusal::Problem;
use std::borrow::Cow;
use std::collections::HashMap;

/// No field may be longer.
const MAX_FIELD: usize = 1 << 20;
/// No table of the product's database can have more columns.
pub(super) const MAX_COLUMNS: usize = 1024;

/// Headings, and rows of cells below them; an empty cell says nothing.
#[derive(Debug)]
pub(super) enum Grid<'t> {
    /// Text with delimiters, read as it is looked at.
    Delimited(delimited::Delimited<'t>),
    /// Cells that were read already.
    Cells(Cells),
}

/// Cells that were read already.
#[derive(Debug, Default)]
pub(super) struct Cells {
    headings: Vec<String>,
    index: HashMap<String, usize>,
    /// Of each row its line, and its cells that say something; `None` for a row that can't be used.
    rows: Vec<(u32, Option<Sparse>)>,
}

/// The cells of a row that say something, with their columns.
type Sparse = Vec<(usize, String)>;

/// What is called for each row, with its line; `None` for a row that can't be used.
pub(super) type Visit<'v> = dyn FnMut(u32, Option<&[Cow<'_, str>]>) + 'v;

impl<'t> Grid<'t> {
    /// Text with delimiters.
    pub(super) fn delimited(text: &'t str) -> Self {
        Self::Delimited(delimited::Delimited::new(text))
    }

    pub(super) fn headings(&self) -> Vec<String> {
        match self {
            Self::Delimited(text) => text.headings(),
            Self::Cells(cells) => cells.headings.clone(),
        }
    }

    /// Calls `visit` for each row below the headings.
    pub(super) fn each(&self, visit: &mut Visit<'_>) -> Result<(), Problem> {
        match self {
            Self::Delimited(text) => text.each(visit),
            Self::Cells(cells) => {
                cells.each(visit);
                Ok(())
            }
        }
    }
}

impl Cells {
    fn with_headings(headings: Vec<String>) -> Self {
        Self { headings, ..Self::default() }
    }

    /// The number of the column with this heading, which is added where it is new.
    fn column(&mut self, heading: &str) -> usize {
        if let Some(number) = self.index.get(heading) {
            return *number;
        }
        let number = self.headings.len();
        self.headings.push(heading.to_owned());
        self.index.insert(heading.to_owned(), number);
        number
    }

    /// Adds a row.
    fn row(&mut self, line: u32, cells: Sparse) -> Result<(), Problem> {
        if cells.iter().any(|(_, cell)| cell.len() > MAX_FIELD) {
            return Err(Problem::Field { line });
        }
        self.rows.push((line, Some(cells)));
        Ok(())
    }

    fn each(&self, visit: &mut Visit<'_>) {
        let mut row: Vec<Cow<'_, str>> = vec![Cow::Borrowed(""); self.headings.len()];
        for (line, cells) in &self.rows {
            let Some(cells) = cells else {
                visit(*line, None);
                continue;
            };
            for (column, cell) in cells {
                row.get_mut(*column)
                    .into_iter()
                    .for_each(|place| *place = Cow::Borrowed(cell.as_str()));
            }
            visit(*line, Some(&row));
            for (column, _) in cells {
                row.get_mut(*column).into_iter().for_each(|place| *place = Cow::Borrowed(""));
            }
        }
    }
}

/// Counts the lines of a text as one goes on in it.
struct Lines<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self { text, offset: 0, line: 1 }
    }

    /// The line at `offset`, which never goes back.
    fn at(&mut self, offset: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.offset..offset).unwrap_or_default();
        let feeds = memchr::memchr_iter(b'\n', passed).count();
        self.line = self.line.saturating_add(u32::try_from(feeds).unwrap_or(u32::MAX));
        self.offset = self.offset.max(offset);
        self.line
    }
}
