//! The rows of all tables, with only the columns that the rules name, and the place of each.

use super::read::Grid;
use super::recognise::Found;
use super::refusal::Problem;
use super::values;
use crate::model::{Export, ExportForm, Rules};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// Where a row stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    /// The number of the file.
    pub(super) file: usize,
    /// The line or row, from 1.
    pub(super) line: u32,
}

/// A file of which something was used.
#[derive(Debug)]
pub(super) struct File {
    pub(super) path: String,
    pub(super) sha256: String,
    /// How many bytes it has.
    pub(super) size: usize,
}

/// A row of an export.
#[derive(Debug)]
struct Row {
    place: Place,
    /// The number of its table.
    table: usize,
    cells: Vec<Option<Box<str>>>,
}

/// A row, read by the keys of its export.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'a> {
    pub(super) export: &'a Export,
    pub(super) place: Place,
    /// The columns of its export that its table has.
    columns: &'a [bool],
    cells: &'a [Option<Box<str>>],
}

impl<'a> Cell<'a> {
    /// What the row says under `key`.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.cells.get(self.export.column(key)?)?.as_deref()
    }

    /// The id of a row of another table; 0 is none.
    pub(super) fn recid(&self, key: &str) -> Option<&'a str> {
        self.text(key).filter(|recid| *recid != "0")
    }

    /// Whether its table has the column.
    pub(super) fn has(&self, key: &str) -> bool {
        let column = self.export.column(key).and_then(|number| self.columns.get(number));
        column.is_some_and(|there| *there)
    }

    /// The heading of a column, as the rules write it; empty for one that the table does not have.
    pub(super) fn heading(&self, key: &str) -> &'a str {
        if self.has(key) { self.declared(key) } else { "" }
    }

    /// The heading that a column would have.
    pub(super) fn declared(&self, key: &str) -> &'a str {
        let column = self.export.column(key).and_then(|number| self.export.columns.get(number));
        column.and_then(|(_, headings)| headings.first()).map_or("", String::as_str)
    }
}

/// Every table that was recognised.
#[derive(Debug, Default)]
pub(super) struct ExportTables {
    pub(super) files: Vec<File>,
    rows: Vec<Row>,
    known: Vec<ExportTable>,
    counted: usize,
    /// When the exports were taken, and the file that says so last.
    pub(super) taken: Option<(Timestamp, usize)>,
}

/// A table that was recognised, or a page of one.
#[derive(Debug)]
struct ExportTable {
    /// The number of its export.
    export: usize,
    /// The number of its file.
    file: usize,
    /// The columns of its export that it has.
    columns: Vec<bool>,
    rows: u64,
    /// How many rows could not be used.
    unusable: usize,
    extent: Extent,
}

/// How much of a table its file says that it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Whether nothing says that there is more.
    pub(super) complete: bool,
    /// How many rows all its pages have together.
    pub(super) total: Option<u64>,
}

impl Extent {
    /// All that there is.
    pub(super) const WHOLE: Self = Self { complete: true, total: None };
}

/// The sizes of the pages that services and tools give: a table of as many rows may go on.
const PAGES: [u64; 3] = [1_000, 5_000, 10_000];

impl ExportTable {
    fn is_whole(&self) -> bool {
        self.extent.total.map_or(self.extent.complete, |total| total == self.rows)
    }

    /// Whether it may be followed by another page, since it is as long as one.
    fn is_full_page(&self) -> bool {
        self.extent.total.is_none() && PAGES.contains(&self.rows)
    }
}

/// What there is of a kind of tables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Presence<'a> {
    /// Whether there is any.
    pub(super) is_there: bool,
    /// A file that has not all rows.
    pub(super) partial: Option<&'a str>,
    /// Whether a dump that is whole makes up for that.
    pub(super) is_made_up: bool,
    /// Whether rows of it could not be used.
    pub(super) has_unusable: bool,
}

impl Presence<'_> {
    /// Whether every row is there.
    pub(super) const fn has_all_pages(self) -> bool {
        self.is_there && (self.partial.is_none() || self.is_made_up)
    }

    /// Whether every row is there, and could be used.
    pub(super) const fn is_whole(self) -> bool {
        self.has_all_pages() && !self.has_unusable
    }
}

/// What became of the rows of a table.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// The lines of rows that can't be used.
    pub(super) unusable: Vec<u32>,
    /// The lines of rows with a cell that a spreadsheet shows as an error.
    pub(super) damaged: Vec<u32>,
    /// How many rows were deleted.
    pub(super) deleted: usize,
}

impl ExportTables {
    /// Adds a table, and tells what became of its rows.
    pub(super) fn add(
        &mut self,
        rules: &Rules,
        file: File,
        found: &Found,
        grid: &Grid<'_>,
        extent: Extent,
    ) -> Result<Added, Problem> {
        let file = self.file(file);
        let table = self.known.len();
        let blanks = Blanks::new(rules);
        let mut added = Added::default();
        let mut count = 0;
        let rows = &mut self.rows;
        grid.each(found.head, &mut |line, cells| {
            count += 1;
            let Some(cells) = cells else {
                added.unusable.push(line);
                return;
            };
            let cell = |column: Option<usize>| column.and_then(|column| cells.get(column));
            match cell(found.deleted).and_then(|cell| blanks.given(cell)) {
                None => {}
                Some(said) => match values::yes_no(rules, &said).flatten() {
                    Some(false) => {}
                    Some(true) => return added.deleted += 1,
                    None => return added.unusable.push(line),
                },
            }
            let texts = || found.columns.iter().map(|column| cell(*column));
            if texts().flatten().any(|cell| blanks.is_damaged(cell)) {
                added.damaged.push(line);
            }
            let cells: Vec<_> =
                texts().map(|cell| cell.and_then(|cell| blanks.given(cell))).collect();
            if cells.iter().any(Option::is_some) {
                rows.push(Row { place: Place { file, line }, table, cells });
            }
        })?;
        self.known.push(ExportTable {
            export: found.export,
            file,
            columns: found.columns.iter().map(Option::is_some).collect(),
            rows: count,
            unusable: added.unusable.len(),
            extent,
        });
        Ok(added)
    }

    fn file(&mut self, file: File) -> usize {
        if let Some(known) = self.files.iter().position(|known| known.path == file.path) {
            return known;
        }
        self.files.push(file);
        self.files.len() - 1
    }

    /// A table was recognised of which nothing is kept.
    pub(super) fn counted(&mut self) {
        self.counted += 1;
    }

    /// Some file says when it was taken: the last such moment counts. `false` where that is none.
    pub(super) fn taken(&mut self, moment: &str, file: File) -> bool {
        let Ok(moment) = moment.parse() else { return false };
        if self.taken.is_none_or(|(last, _)| last < moment) {
            self.taken = Some((moment, self.file(file)));
        }
        true
    }

    pub(super) fn recognised(&self) -> usize {
        self.known.len() + self.counted
    }

    /// The rows of a kind: those of dumps first, which win, then in the order of files and lines.
    pub(super) fn of<'a>(&'a self, rules: &'a Rules, kind: &str) -> Vec<Cell<'a>> {
        let cell = |row: &'a Row| {
            let table = self.known.get(row.table)?;
            let export = rules.exports.get(table.export).filter(|export| export.kind == kind)?;
            Some(Cell { export, place: row.place, columns: &table.columns, cells: &row.cells })
        };
        let mut cells: Vec<_> = self.rows.iter().filter_map(cell).collect();
        cells.sort_by_key(|cell| (cell.export.form, cell.place));
        cells
    }

    /// Whether a table of a kind has a column.
    pub(super) fn has_column(&self, rules: &Rules, kind: &str, key: &str) -> bool {
        self.known.iter().any(|table| {
            let export = rules.exports.get(table.export).filter(|export| export.kind == kind);
            let column = export.and_then(|export| table.columns.get(export.column(key)?));
            column.is_some_and(|there| *there)
        })
    }

    /// The tables of each file: the export, and the number of rows.
    pub(super) fn found<'a>(
        &'a self,
        rules: &'a Rules,
        file: usize,
    ) -> impl Iterator<Item = (&'a Export, u64)> {
        let tables = self.known.iter().filter(move |table| table.file == file);
        tables.filter_map(|table| Some((rules.exports.get(table.export)?, table.rows)))
    }

    /// The tables by name, with the rows of all their files.
    pub(super) fn all(&self, rules: &Rules) -> Vec<(String, u64)> {
        let mut all: Vec<(String, u64)> = Vec::new();
        for table in &self.known {
            let Some(export) = rules.exports.get(table.export) else { continue };
            match all.iter_mut().find(|(id, _)| *id == export.id) {
                Some((_, rows)) => *rows += table.rows,
                None => all.push((export.id.clone(), table.rows)),
            }
        }
        all
    }

    /// Whether every row of an export is there: each of its files is whole, or its pages have all
    /// rows together.
    fn is_whole(&self, export: usize) -> bool {
        let pages = || self.known.iter().filter(|table| table.export == export);
        let total = pages().filter_map(|page| page.extent.total).max();
        let is_whole =
            pages().all(ExportTable::is_whole) && !pages().all(ExportTable::is_full_page);
        is_whole || total == Some(pages().map(|page| page.rows).sum())
    }

    /// What there is of a kind.
    pub(super) fn presence(&self, rules: &Rules, kind: &str) -> Presence<'_> {
        let mut presence = Presence::default();
        for table in &self.known {
            let export = rules.exports.get(table.export).filter(|export| export.kind == kind);
            let Some(export) = export else { continue };
            presence.is_there = true;
            presence.has_unusable |= table.unusable > 0;
            if self.is_whole(table.export) {
                presence.is_made_up |= export.form == ExportForm::Dump;
            } else if presence.partial.is_none() && (!table.is_whole() || table.is_full_page()) {
                presence.partial = self.files.get(table.file).map(|file| file.path.as_str());
            }
        }
        presence
    }

    /// Ids of the exports of which every row is there.
    pub(super) fn whole(&self, rules: &Rules) -> BTreeSet<String> {
        let there =
            self.known.iter().map(|table| table.export).filter(|export| self.is_whole(*export));
        there
            .filter_map(|number| rules.exports.get(number))
            .map(|export| export.id.clone())
            .collect()
    }
}

/// The words for a cell that says nothing, and for one that a spreadsheet could not fill.
struct Blanks<'r> {
    blank: &'r [String],
    damaged: &'r [String],
}

impl<'r> Blanks<'r> {
    fn new(rules: &'r Rules) -> Self {
        let words = |value| values::words(rules, "blank", value);
        Self { blank: words("blank"), damaged: words("damaged") }
    }

    fn is_damaged(&self, cell: &str) -> bool {
        self.damaged.iter().any(|word| word == cell.trim())
    }

    /// What a cell says, if anything: a whole number as such, also where a tool made it a fraction;
    /// line ends as they are in a deployment.
    fn given(&self, cell: &str) -> Option<Box<str>> {
        let cell = cell.trim();
        if cell.is_empty() || self.is_damaged(cell) || self.blank.iter().any(|word| word == cell) {
            return None;
        }
        let cell = whole_number(cell).unwrap_or(cell);
        Some(if cell.contains('\r') { cell.replace("\r\n", "\n").into() } else { cell.into() })
    }
}

/// The number before a point and zeros alone.
fn whole_number(cell: &str) -> Option<&str> {
    let (whole, rest) = cell.split_once('.')?;
    let are = |text: &str, is: fn(&u8) -> bool| !text.is_empty() && text.bytes().all(|b| is(&b));
    (are(whole, u8::is_ascii_digit) && are(rest, |byte| *byte == b'0')).then_some(whole)
}
