//! The rows of all tables, with only the columns that the rules name, and the place of each.

use super::read::Grid;
use super::recognise::Found;
use super::refusal::Problem;
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
}

/// A row of an export.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) place: Place,
    export: usize,
    cells: Vec<Option<Box<str>>>,
}

/// A row, read by the keys of its export.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'a> {
    pub(super) export: &'a Export,
    pub(super) place: Place,
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

    /// The heading of a column, as the rules write it.
    pub(super) fn heading(&self, key: &str) -> &'a str {
        let column = self.export.column(key).and_then(|number| self.export.columns.get(number));
        column.and_then(|(_, headings)| headings.first()).map_or("", String::as_str)
    }
}

/// Every table that was recognised.
#[derive(Debug, Default)]
pub(super) struct Tables {
    pub(super) files: Vec<File>,
    rows: Vec<Row>,
    known: Vec<Table>,
    counted: usize,
    /// When the exports were taken, and the file that says so last.
    pub(super) taken: Option<(Timestamp, usize)>,
}

/// A table that was recognised, or a page of one.
#[derive(Debug)]
struct Table {
    /// The number of its export.
    export: usize,
    /// The number of its file.
    file: usize,
    rows: u64,
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

impl Table {
    fn is_whole(&self) -> bool {
        self.extent.total.map_or(self.extent.complete, |total| total == self.rows)
    }
}

/// Whether the tables of a kind are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    Missing,
    Incomplete,
    There,
}

impl Tables {
    /// Adds a table, and gives the lines of rows that can't be used.
    pub(super) fn add(
        &mut self,
        path: &str,
        sha256: &str,
        found: &Found,
        grid: &Grid<'_>,
        extent: Extent,
    ) -> Result<Vec<u32>, Problem> {
        let file = self.file(path, sha256);
        let mut unusable = Vec::new();
        let mut count = 0;
        let rows = &mut self.rows;
        grid.each(&mut |line, cells| {
            count += 1;
            let Some(cells) = cells else {
                unusable.push(line);
                return;
            };
            let cell = |column: &Option<usize>| {
                (*column).and_then(|column| cells.get(column)).and_then(|cell| given(cell))
            };
            let cells: Vec<_> = found.columns.iter().map(cell).collect();
            if cells.iter().any(Option::is_some) {
                rows.push(Row { place: Place { file, line }, export: found.export, cells });
            }
        })?;
        self.known.push(Table { export: found.export, file, rows: count, extent });
        Ok(unusable)
    }

    fn file(&mut self, path: &str, sha256: &str) -> usize {
        if let Some(known) = self.files.iter().position(|file| file.path == path) {
            return known;
        }
        self.files.push(File { path: path.to_owned(), sha256: sha256.to_owned() });
        self.files.len() - 1
    }

    /// A table was recognised of which nothing is kept.
    pub(super) fn counted(&mut self) {
        self.counted += 1;
    }

    /// Some file says when it was taken: the last such moment counts.
    pub(super) fn taken(&mut self, moment: &str, path: &str, sha256: &str) {
        if let Ok(moment) = moment.parse()
            && self.taken.is_none_or(|(last, _)| last < moment)
        {
            self.taken = Some((moment, self.file(path, sha256)));
        }
    }

    pub(super) fn recognised(&self) -> usize {
        self.known.len() + self.counted
    }

    /// The rows of a kind: those of dumps first, which win, then in the order of files and lines.
    pub(super) fn of<'a>(&'a self, rules: &'a Rules, kind: &str) -> Vec<Cell<'a>> {
        let cell = |row: &'a Row| {
            let export = rules.exports.get(row.export).filter(|export| export.kind == kind)?;
            Some(Cell { export, place: row.place, cells: &row.cells })
        };
        let mut cells: Vec<_> = self.rows.iter().filter_map(cell).collect();
        cells.sort_by_key(|cell| (cell.export.form, cell.place));
        cells
    }

    /// Whether every row of an export is there: each of its files is whole, or its pages have all
    /// rows together.
    fn is_whole(&self, export: usize) -> bool {
        let pages = || self.known.iter().filter(|table| table.export == export);
        let total = pages().filter_map(|page| page.extent.total).max();
        pages().all(Table::is_whole) || total == Some(pages().map(|page| page.rows).sum())
    }

    /// Whether the tables of a kind are there, and the file of one that is not whole.
    pub(super) fn presence(&self, rules: &Rules, kind: &str) -> (Presence, Option<&str>) {
        let form = |table: &Table| {
            rules
                .exports
                .get(table.export)
                .filter(|export| export.kind == kind)
                .map(|export| export.form)
        };
        let mut presence = Presence::Missing;
        let mut partial = None;
        let mut whole_dump = false;
        for table in &self.known {
            let Some(form) = form(table) else { continue };
            presence = Presence::There;
            if self.is_whole(table.export) {
                whole_dump |= form == ExportForm::Dump;
            } else if partial.is_none() && !table.is_whole() {
                partial = self.files.get(table.file).map(|file| file.path.as_str());
            }
        }
        if partial.is_some() && !whole_dump {
            presence = Presence::Incomplete;
        }
        (presence, partial)
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

/// A cell that says something.
fn given(cell: &str) -> Option<Box<str>> {
    let cell = cell.trim();
    (!cell.is_empty() && cell != "NULL").then(|| cell.into())
}
