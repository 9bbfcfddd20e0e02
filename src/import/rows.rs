//! The rows of all tables, with only the columns that the rules name, and the place of each.

use super::batch::{BatchColumns, Referred};
use super::cells::{Blanks, Given, LOST, NOTHING, Texts};
use super::moments::{DATES, Orders};
use super::presence::{Extent, Presence};
use super::read::Row;
use super::recognise::Found;
use super::refusal::Problem;
use super::values;
use crate::model::{Export, ExportForm, Rules, or_blank};
use foldhash::fast::FixedState;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

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
    pub(super) size: u64,
}

/// A row, read by the keys of its export.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell<'a> {
    pub(super) export: &'a Export,
    pub(super) place: Place,
    table: &'a ExportTable,
    /// The number of the row in its table.
    row: usize,
}

impl<'a> Cell<'a> {
    /// What the row says under `key`.
    pub(super) fn text(&self, key: &str) -> Option<&'a str> {
        self.table.text(self.row, self.export.column(key)?)
    }

    /// Whether the row says something under `key` that can't be used, which is told: it is not what
    /// a row means that says nothing.
    pub(super) fn is_lost(&self, key: &str) -> bool {
        self.export.column(key).is_some_and(|column| self.table.is_lost(self.row, column))
    }

    /// Whether it is the same row; several may stand in one place.
    pub(super) fn is_row(&self, other: Self) -> bool {
        std::ptr::eq(self.table, other.table) && self.row == other.row
    }

    /// The id of a row of another table; 0 is none.
    pub(super) fn recid(&self, key: &str) -> Option<&'a str> {
        self.text(key).filter(|recid| *recid != "0")
    }

    /// Whether its table has the column.
    pub(super) fn has(&self, key: &str) -> bool {
        let column = self.export.column(key).and_then(|number| self.table.columns.get(number));
        column.is_some_and(|there| *there)
    }

    /// The heading of a column, as the rules write it; empty for one that the table does not have.
    pub(super) fn heading(&self, key: &str) -> &'a str {
        if self.has(key) { self.declared(key) } else { "" }
    }

    /// The heading that a column would have.
    pub(super) fn declared(&self, key: &str) -> &'a str {
        let column = self.export.column(key).and_then(|number| self.export.columns.get(number));
        let heading = column.and_then(|(_, headings)| headings.first());
        or_blank(heading.map(String::as_str))
    }
}

/// Every table that was recognised.
#[derive(Debug, Default)]
pub(super) struct ExportTables {
    pub(super) files: Vec<File>,
    known: Vec<ExportTable>,
    counted: usize,
    /// When the exports were taken, and the file that says so last.
    pub(super) taken: Option<(Timestamp, usize)>,
}

/// A table that was recognised, or a page of one: of its cells those that the rules name.
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
    /// Of each row that says something its line, and the number of each cell's text.
    lines: Vec<u32>,
    cells: Vec<u32>,
    texts: Texts,
    /// What the dates of each column tell of the order of day and month.
    orders: Vec<Orders>,
    /// How many rows have a name that the rules do not know, and that is not kept.
    unlisted: u64,
}

impl ExportTable {
    fn text(&self, row: usize, column: usize) -> Option<&str> {
        let number = *self.cells.get(row * self.columns.len() + column)?;
        self.texts.get(number).filter(|_| number < LOST)
    }

    /// The rows that say something.
    fn cells<'a>(
        &'a self,
        export: &'a Export,
    ) -> impl DoubleEndedIterator<Item = Cell<'a>> + use<'a> {
        self.lines.iter().enumerate().map(move |(row, line)| {
            let place = Place { file: self.file, line: *line };
            Cell { export, place, table: self, row }
        })
    }

    fn is_lost(&self, row: usize, column: usize) -> bool {
        self.cells.get(row * self.columns.len() + column) == Some(&LOST)
    }
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

/// Why a cell that stands in its row can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Loss {
    /// A spreadsheet shows an error in it.
    Damaged,
    /// Another cell under the same heading says something else.
    Twice,
    /// It holds a list or a record instead of a value.
    Nested,
    /// Its heading stands for several fields, which is told of the heading.
    Torn,
}

/// What became of the rows of a table.
#[derive(Debug, Default)]
pub(super) struct Added {
    /// The lines of rows that can't be used.
    pub(super) unusable: Vec<u32>,
    /// The lines of those that may be deleted, which can't be told.
    pub(super) undeletable: Vec<u32>,
    /// The lines of rows with a cell that can't be used, by why, and by the column of the export.
    pub(super) lost: BTreeMap<(Loss, usize), Vec<u32>>,
    /// How many rows were deleted.
    pub(super) deleted: usize,
}

/// A table that is being read.
pub(super) struct Adding<'r> {
    rules: &'r Rules,
    /// What was found of it; more where records have values that the first ones lack.
    pub(super) found: Found,
    blanks: Blanks<'r>,
    table: ExportTable,
    pub(super) added: Added,
    /// Of each column of the export whether it holds dates.
    dates: Vec<bool>,
    /// What batch jobs are looked at by.
    job: Option<BatchColumns>,
    /// The names of those that the rules do not know, as far as they are listed.
    listed: HashSet<Box<str>, FixedState>,
    /// What can't be kept.
    problem: Option<Problem>,
}

/// No more names are listed of what the rules do not know.
pub(super) const MAX_LISTED: usize = 1000;

impl<'r> Adding<'r> {
    /// Begins a table; `None` for one of an export that the rules do not have.
    pub(super) fn new(
        rules: &'r Rules,
        found: Found,
        referred: Option<Arc<Referred>>,
    ) -> Option<Self> {
        let export = rules.exports.get(found.export)?;
        let table = ExportTable {
            export: found.export,
            file: 0,
            columns: vec![false; found.columns.len()],
            rows: 0,
            unusable: 0,
            extent: Extent::WHOLE,
            lines: Vec::new(),
            cells: Vec::new(),
            texts: Texts::new(),
            orders: vec![Orders::default(); found.columns.len()],
            unlisted: 0,
        };
        let (blanks, added) = (Blanks::new(rules), Added::default());
        let job = BatchColumns::of(export, rules, referred);
        let dates = export.columns.iter().map(|(key, _)| DATES.contains(&key.as_str())).collect();
        let (listed, problem) = (HashSet::default(), None);
        Some(Self { rules, found, blanks, table, added, dates, job, listed, problem })
    }

    /// Takes a row; `None` for one that can't be used.
    pub(super) fn row(&mut self, line: u32, row: Option<Row<'_>>) {
        self.table.rows += 1;
        let Some(row) = row else { return self.added.unusable.push(line) };
        match self.is_deleted(row) {
            Some(false) => {}
            Some(true) => return self.added.deleted += 1,
            None => return self.added.undeletable.push(line),
        }
        if let Err(problem) = self.keep(line, row) {
            self.problem.get_or_insert(problem);
        }
    }

    /// Whether a row is said to be deleted; `None` where that can't be told.
    fn is_deleted(&self, row: Row<'_>) -> Option<bool> {
        let mut deleted = None;
        for column in &self.found.deleted {
            let said = match row.get(*column).map(|cell| self.blanks.of(cell)) {
                Some(Given::Text(said)) => values::yes_no(self.rules, &said).flatten()?,
                Some(Given::Damaged | Given::Nested) => return None,
                None if row.is_nested(*column) => return None,
                Some(Given::Nothing) | None => continue,
            };
            if deleted.is_some_and(|other| other != said) {
                return None;
            }
            deleted = Some(said);
        }
        // What says nothing of it is there.
        Some(deleted.unwrap_or(false))
    }

    /// What a row says in a column of the export, which may be there twice.
    #[inline]
    fn cell<'c>(&self, row: Row<'c>, number: usize, column: usize) -> Result<Given<'c>, Loss> {
        if self.found.doubles.is_empty() && self.found.torn.is_empty() {
            return self.only(row, column);
        }
        self.agreed(row, number, column)
    }

    /// What a row says in a column.
    #[inline]
    fn given<'c>(&self, row: Row<'c>, column: usize) -> Given<'c> {
        row.get(column).map_or(Given::Nothing, |cell| self.blanks.of(cell))
    }

    /// What a row says in a column that is there once.
    #[inline]
    fn only<'c>(&self, row: Row<'c>, column: usize) -> Result<Given<'c>, Loss> {
        if row.is_nested(column) {
            return Err(Loss::Nested);
        }
        match self.given(row, column) {
            Given::Damaged => Err(Loss::Damaged),
            Given::Nested => Err(Loss::Nested),
            said @ (Given::Nothing | Given::Text(_)) => Ok(said),
        }
    }

    /// What a row says in a column whose heading may be there more than once: what all say.
    fn agreed<'c>(&self, row: Row<'c>, number: usize, column: usize) -> Result<Given<'c>, Loss> {
        let doubles = self.found.doubles.iter().filter(|(of, _)| *of == number);
        let doubles = doubles.map(|(_, double)| *double);
        // A record has a value under the name that it uses, a row has cells under all headings.
        let is_there = |column: &usize| !self.found.are_records || row.has(*column);
        let mut columns = std::iter::once(column).chain(doubles).filter(is_there);
        let Some(first) = columns.next() else { return Ok(Given::Nothing) };
        if self.found.torn.contains(&number) {
            return Err(Loss::Torn);
        }
        if std::iter::once(first).chain(columns.clone()).any(|column| row.is_nested(column)) {
            return Err(Loss::Nested);
        }
        let said = self.given(row, first);
        if columns.any(|other| self.given(row, other) != said) {
            return Err(Loss::Twice);
        }
        self.only(row, first)
    }

    /// What a row says in a column of the export; what can't be used is noted, and how dates are
    /// written.
    #[inline]
    fn seen<'c>(
        &mut self,
        line: u32,
        row: Row<'c>,
        number: usize,
        column: usize,
    ) -> Result<Given<'c>, Loss> {
        let given = self.cell(row, number, column);
        match &given {
            Err(loss) => self.added.lost.entry((*loss, number)).or_default().push(line),
            Ok(Given::Text(text)) if self.dates.get(number) == Some(&true) => {
                if let Some(orders) = self.table.orders.get_mut(number) {
                    orders.see_text(text);
                }
            }
            Ok(_) => {}
        }
        given
    }

    /// Whether a cell surely can be used, and tells nothing of the order of day and month: of a row
    /// that is not kept nothing else counts.
    #[inline]
    fn is_plain(&self, row: Row<'_>, number: usize, column: usize) -> bool {
        if !self.found.doubles.is_empty() || !self.found.torn.is_empty() || row.is_nested(column) {
            return false;
        }
        let text = row.get(column).map_or(&[][..], str::as_bytes);
        let Some(first) = text.first() else { return true };
        let has_year_first =
            || text.first_chunk::<4>().is_some_and(|year| year.iter().all(u8::is_ascii_digit));
        let is_date = self.dates.get(number) == Some(&true);
        !self.blanks.may_begin(*first) && (!is_date || has_year_first())
    }

    /// Keeps what a row says.
    fn keep(&mut self, line: u32, row: Row<'_>) -> Result<(), Problem> {
        let first = self.table.cells.len();
        let unknown = self.unknown(row);
        let is_needed = unknown != Some(false) || self.is_referred_to(row);
        let mut says = false;
        for number in 0..self.found.columns.len() {
            let column = self.found.columns.get(number).copied().flatten();
            if !is_needed && column.is_none_or(|column| self.is_plain(row, number, column)) {
                continue;
            }
            let given = column.map(|column| self.seen(line, row, number, column));
            let mut kept = NOTHING;
            if let Some(Err(_)) = given {
                says = true;
                kept = LOST;
            } else if let Some(Ok(Given::Text(text))) = given {
                says = true;
                let is_dropped = match (unknown, &self.job) {
                    _ if !is_needed => true,
                    (Some(is_listed), Some(job)) => {
                        number == job.start || number == job.id && !is_listed
                    }
                    _ => false,
                };
                if !is_dropped {
                    kept = self.table.texts.number(&text)?;
                }
            }
            self.table.cells.push(kept);
        }
        if says && is_needed {
            self.table.lines.push(line);
        } else {
            self.table.cells.truncate(first);
        }
        Ok(())
    }

    /// Whether a schedule may run the batch job of a row.
    fn is_referred_to(&self, row: Row<'_>) -> bool {
        let Some(BatchColumns { recid: number, referred: Some(referred), .. }) = &self.job else {
            return true;
        };
        let number = *number;
        let column = number.and_then(|number| self.found.columns.get(number).copied().flatten());
        // A row without an id is run by none.
        let (Some(number), Some(column)) = (number, column) else { return false };
        matches!(self.cell(row, number, column), Ok(Given::Text(id)) if referred.contains(&*id))
    }

    /// Whether the name of a batch job that the rules do not know is listed; `None` where they know
    /// it, or it is none. Databases have millions of those: what is needed of one is what a
    /// schedule that it runs says of it.
    fn unknown(&mut self, row: Row<'_>) -> Option<bool> {
        let job = self.job.as_ref()?;
        let cell = row.get((*self.found.columns.get(job.id)?)?)?;
        let Given::Text(name) = self.blanks.of(cell) else { return None };
        if job.may_know(&name) && self.rules.batch_job_named(&name).is_some() {
            return None;
        }
        let is_listed = self.listed.contains(&*name) || self.listed.len() < MAX_LISTED;
        if is_listed && !self.listed.contains(&*name) {
            self.listed.insert(Box::from(&*name));
        }
        self.table.unlisted += u64::from(!is_listed);
        Some(is_listed)
    }
}

impl ExportTables {
    /// Adds a table that was read, and tells what became of its rows.
    pub(super) fn add(
        &mut self,
        adding: Adding<'_>,
        file: File,
        extent: Extent,
    ) -> Result<Added, Problem> {
        let Adding { found, mut table, added, problem, .. } = adding;
        problem.map_or(Ok(()), Err)?;
        table.file = self.file(file);
        table.columns = found.columns.iter().map(Option::is_some).collect();
        table.unusable = added.unusable.len() + added.undeletable.len();
        table.extent = extent;
        table.texts.end();
        let place = self.known.partition_point(|known| known.file <= table.file);
        self.known.insert(place, table);
        Ok(added)
    }

    fn file(&mut self, file: File) -> usize {
        let number = self.files.iter().position(|known| known.path == file.path);
        let number = number.unwrap_or(self.files.len());
        match self.files.get_mut(number) {
            Some(known) => *known = file,
            None => self.files.push(file),
        }
        number
    }

    /// Keeps the place of a file that is read after all others.
    pub(super) fn keep_place(&mut self, path: &str) {
        let (path, sha256) = (path.to_owned(), String::new());
        self.file(File { path, sha256, size: 0 });
    }

    /// Whether the place of a file was kept, and it was not read yet.
    pub(super) fn is_expected(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path && file.sha256.is_empty())
    }

    /// The record ids of the batch jobs that schedules run.
    pub(super) fn referred(&self, rules: &Rules) -> Referred {
        let schedules = self.of(rules, "schedule");
        schedules.filter_map(|cell| cell.text("batch-job-recid")).map(Box::from).collect()
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

    /// The tables of a kind: dumps first, which win, then in the order of files.
    fn of_kind<'a>(&'a self, rules: &'a Rules, kind: &str) -> Vec<(&'a Export, &'a ExportTable)> {
        let of_kind = |table: &'a ExportTable| {
            let export = rules.exports.get(table.export).filter(|export| export.kind == kind)?;
            Some((export, table))
        };
        let mut tables: Vec<_> = self.known.iter().filter_map(of_kind).collect();
        tables.sort_by_key(|(export, table)| (export.form, table.file));
        tables
    }

    /// The rows of a kind: those of dumps first, which win, then in the order of files and lines.
    pub(super) fn of<'a>(
        &'a self,
        rules: &'a Rules,
        kind: &str,
    ) -> impl DoubleEndedIterator<Item = Cell<'a>> + use<'a> {
        self.of_kind(rules, kind).into_iter().flat_map(|(export, table)| table.cells(export))
    }

    /// How many rows of a kind have a name that is not known, and was not kept.
    pub(super) fn unlisted(&self, rules: &Rules, kind: &str) -> u64 {
        self.of_kind(rules, kind).iter().map(|(_, table)| table.unlisted).sum()
    }

    /// What the dates of a file under some keys tell of the order of day and month.
    pub(super) fn orders(&self, rules: &Rules, kind: &str, file: usize, keys: &[&str]) -> Orders {
        let mut orders = Orders::default();
        let tables = self.of_kind(rules, kind).into_iter();
        for (export, table) in tables.filter(|(_, table)| table.file == file) {
            let columns = keys.iter().filter_map(|key| table.orders.get(export.column(key)?));
            columns.for_each(|other| orders.add(*other));
        }
        orders
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
