//! The readers: from text or bytes to rows of cells, whatever the format.

mod delimited;
mod document;
mod json;
mod row;
mod sheet;
mod text;
mod xml;

pub(super) use document::{Document, Reading, Records, Taker};
pub(super) use json::document as json;
pub(super) use row::Row;
pub(super) use sheet::sheets;
pub use text::{BeginDigest, Bytes};
pub(super) use text::{Text, digest, digest_here, fill};
pub(super) use xml::{Manifest, document as xml, manifest, refuse_document_type};

use super::refusal::Problem;

/// No field may be longer.
const MAX_FIELD: usize = 1 << 20;
/// No table of the product's database can have more columns.
pub(super) const MAX_COLUMNS: usize = 1024;

/// Rows of cells below headings, which may stand below a title or in two rows; an empty cell says
/// nothing.
pub(super) enum Grid<'t, 'b> {
    /// Text with delimiters, read as it is looked at.
    Delimited(delimited::Delimited<'t, 'b>),
    /// Records whose values have names, read as they are looked at.
    Listed(document::Listed<'t, 'b>),
    /// The sheet of a workbook.
    Sheet(sheet::Sheet),
}

/// Where the headings of a table stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    /// What stands between cells, in text.
    delimiter: u8,
    /// How many rows stand above.
    above: usize,
    /// How many rows they fill.
    rows: usize,
}

impl Head {
    /// The number of the row below.
    pub(super) const fn end(self) -> usize {
        self.above + self.rows
    }

    /// Whether a row, by its number, stands above what the headings are of.
    const fn covers(self, row: usize) -> bool {
        row < self.end()
    }
}

/// The first rows of a table, any of which may be its headings.
#[derive(Debug)]
pub(super) struct Top {
    delimiter: u8,
    rows: Vec<Vec<String>>,
}

/// Headings stand among so many first rows.
const MAX_ABOVE: usize = 12;

impl Top {
    pub(super) fn rows(&self) -> impl Iterator<Item = &Vec<String>> {
        self.rows.iter()
    }

    /// What may be the headings, the likelier first: single rows, then two of which the upper spans
    /// groups of columns.
    pub(super) fn heads(&self) -> impl Iterator<Item = (Head, Vec<String>)> {
        let delimiter = self.delimiter;
        let single = self.rows.iter().cloned().enumerate();
        let single = single.map(move |(above, row)| (Head { delimiter, above, rows: 1 }, row));
        let pairs = self.rows.iter().zip(self.rows.iter().skip(1)).enumerate();
        let pairs = pairs.map(move |(above, (upper, lower))| {
            (Head { delimiter, above, rows: 2 }, joined(upper, lower))
        });
        single.chain(pairs)
    }
}

/// What a row says in a column.
fn said(row: &[String], column: usize) -> Option<String> {
    row.get(column).filter(|text| !text.is_empty()).cloned()
}

/// Headings in two rows: below, where both say something, the lower counts.
fn joined(upper: &[String], lower: &[String]) -> Vec<String> {
    let width = upper.len().max(lower.len());
    (0..width)
        // A column whose heading is blank in both rows has none.
        .map(|column| said(lower, column).or_else(|| said(upper, column)).unwrap_or_default())
        .collect()
}

/// What is called for each row, with its line; `None` for a row that can't be used.
pub(super) type Visit<'v> = dyn FnMut(u32, Option<Row<'_>>) + 'v;

impl<'t, 'b> Grid<'t, 'b> {
    /// Text with delimiters.
    pub(super) fn delimited(text: &'t mut Text<'b>) -> Result<Self, Problem> {
        delimited::Delimited::new(text).map(Self::Delimited)
    }

    /// The records of one table of a document.
    pub(super) fn listed(
        text: &'t mut Text<'b>,
        read: Reading,
        records: &'t Records,
        table: usize,
    ) -> Self {
        Self::Listed(document::Listed { text, read, records, table })
    }

    /// The first rows, once for each delimiter that may be it.
    pub(super) fn tops(&mut self) -> Result<Vec<Top>, Problem> {
        let top = |rows| vec![Top { delimiter: 0, rows }];
        Ok(match self {
            Self::Delimited(text) => text.tops()?,
            Self::Listed(listed) => top(vec![listed.records.headings.clone()]),
            Self::Sheet(sheet) => top(sheet.top()),
        })
    }

    /// Whether it is a list of records in which there are none.
    pub(super) fn is_empty_list(&self) -> bool {
        match self {
            Self::Listed(listed) => listed.records.rows == 0,
            Self::Delimited(_) | Self::Sheet(_) => false,
        }
    }

    /// Whether its values have names, so that it has no other headings.
    pub(super) const fn are_records(&self) -> bool {
        matches!(self, Self::Listed(_))
    }

    /// Calls `visit` for each row below the headings.
    pub(super) fn each(&mut self, head: Head, visit: &mut Visit<'_>) -> Result<(), Problem> {
        match self {
            Self::Delimited(text) => text.each(head, visit),
            Self::Listed(listed) => listed.each(visit),
            Self::Sheet(sheet) => {
                sheet.each(head, visit);
                Ok(())
            }
        }
    }
}
