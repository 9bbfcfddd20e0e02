//! Requests as CSV with headings.

use super::answers::Clerk;
use super::chunk::{Chunk, LineBytes};
use super::column::{Column, with_word};
use super::desk::{Desk, RequestId, Unanswered};
use crate::model::{Situation, SituationFact};
use crate::wire::{MAX_LINE_BYTES, Quotes, ToldSituations};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

/// The headings of a table.
#[derive(Debug)]
pub(super) struct Headings {
    columns: Vec<Column>,
    /// How many of them come before those that are facts, all of which stand behind the others.
    names: Option<usize>,
    separator: u8,
}

/// What separates the cells of a table, by its first line: where the language writes numbers with a
/// comma, spreadsheets write semicolons.
pub(super) fn separator(first_line: &[u8]) -> u8 {
    let count = |sign: &u8| memchr::memchr_iter(*sign, first_line).count();
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

impl Headings {
    /// The headings that stand first in a chunk, and what stands behind them; or the line and
    /// column of what is wrong with them, and what that is.
    pub(super) fn read(
        chunk: &Chunk,
        separator: u8,
    ) -> Result<(Self, Chunk), ((u64, usize), String)> {
        let mut record = ByteRecord::new();
        let mut reader = reader(&chunk.bytes, separator);
        // Memory is always read, and records of any length are taken.
        let _ = reader.read_byte_record(&mut record);
        let line = chunk.first_line;
        if chunk.is_open {
            return Err(((line, record.len().max(1)), Quotes::NOT_CLOSED.to_owned()));
        }
        let names: Vec<String> =
            record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        let columns =
            Column::named(&names).map_err(|(column, message)| ((line, column + 1), message))?;
        let (headings, rest) = chunk.bytes.split_at(read_so_far(&reader, &chunk.bytes));
        let lines = memchr::memchr_iter(b'\n', headings).count() as u64;
        let rest =
            Chunk { first_line: chunk.first_line + lines, bytes: rest.to_vec(), is_open: false };
        let is_name = |column: &Column| !matches!(column, Column::Fact(_));
        let names = columns.iter().take_while(|column| is_name(column)).count();
        let names = (columns.iter().filter(|column| is_name(column)).count() == names
            && names < columns.len())
        .then_some(names);
        Ok((Self { columns, names, separator }, rest))
    }

    /// Answers each line of a chunk as a request.
    pub(super) fn answer_cells(
        &self,
        chunk: &Chunk,
        desk: &mut Desk<'_>,
        answers: &mut impl Clerk,
    ) {
        if memchr::memchr(b'"', &chunk.bytes).is_some() {
            self.answer_records(chunk, desk, answers);
            return;
        }
        // Without quotes a cell ends at the next separator, and a record with its line.
        for LineBytes { number, bytes, .. } in chunk.lines() {
            let read = |desk: &mut Desk<'_>| self.plain_row(bytes, &mut desk.told);
            answer(number, bytes.len(), read, desk, answers);
        }
    }

    /// The same by a reader that knows quotes.
    fn answer_records(&self, chunk: &Chunk, desk: &mut Desk<'_>, answers: &mut impl Clerk) {
        let mut record = ByteRecord::new();
        let mut reader = reader(&chunk.bytes, self.separator);
        // Memory is always read, and records of any length are taken.
        while reader.read_byte_record(&mut record).unwrap_or(false) {
            if chunk.is_open {
                // The cell whose quote is open may have taken in whatever follows.
                let before = record.iter().take(record.len().saturating_sub(1));
                let id = self.row(before).id.map_or(RequestId::Left, identified);
                let told = Unanswered::Told(Quotes::NOT_CLOSED);
                answers.refuse(id, chunk.first_line, told);
                continue;
            }
            let line = chunk.first_line + first_line(&reader, &record, &chunk.bytes) - 1;
            if is_blank(&record) {
                continue;
            }
            let read = |_: &mut Desk<'_>| self.row(record.iter());
            answer(line, record.as_slice().len(), read, desk, answers);
        }
    }

    /// What a line without quotes says.
    fn plain_row<'a>(&self, line: &'a [u8], told: &mut ToldSituations) -> Row<'a> {
        let mut cells = Split { rest: Some(line), separator: self.separator };
        let all = cells.clone();
        let Some(names) = self.names else { return self.row(all) };
        let mut row = Row::default();
        for (number, cell) in cells.by_ref().take(names).enumerate() {
            self.take(&mut row, number, cell);
        }
        let Some(facts) = cells.rest else { return self.row(all) };
        if let Some(known) = told.get(facts) {
            row.situation = known;
            return row;
        }
        let row = self.row(all);
        if row.problem.is_none() {
            told.remember(facts, row.situation);
        }
        row
    }

    fn row<'a>(&self, cells: impl Iterator<Item = &'a [u8]>) -> Row<'a> {
        let mut row = Row::default();
        let mut count = 0;
        for cell in cells {
            self.take(&mut row, count, cell);
            count += 1;
        }
        let columns = self.columns.len();
        if count < columns {
            row.tell(|| format!("the line ends after cell {count} of {columns}"));
        }
        row
    }

    /// Takes the cell of a column.
    fn take<'a>(&self, row: &mut Row<'a>, number: usize, cell: &'a [u8]) {
        let Ok(cell) = std::str::from_utf8(cell) else {
            row.tell(|| format!("cell {}: not text in UTF-8 or UTF-16", number + 1));
            return;
        };
        let cell = cell.trim();
        match self.columns.get(number) {
            _ if cell.is_empty() => {}
            Some(Column::Id) => row.id = Some(cell),
            Some(Column::Operation) => row.operation = Some(cell),
            Some(Column::Channel) => row.channel = Some(cell),
            Some(Column::Fact(fact)) => row.know(*fact, cell),
            None => row.tell(|| format!("cell {} has no heading", number + 1)),
        }
    }
}

/// Answers a line of so many bytes by what `read` finds that it says.
fn answer<'a>(
    line: u64,
    length: usize,
    read: impl FnOnce(&mut Desk<'_>) -> Row<'a>,
    desk: &mut Desk<'_>,
    answers: &mut impl Clerk,
) {
    if length > MAX_LINE_BYTES {
        let message = "the line is longer than 1 MiB; is a quote not closed?";
        answers.refuse(RequestId::Left, line, Unanswered::Told(message));
        return;
    }
    let row = read(desk);
    let id = row.id.map_or(RequestId::Left, identified);
    let (channel, operation) = match (row.problem, row.channel, row.operation) {
        (Some(problem), ..) => return answers.refuse(id, line, Unanswered::Told(&problem)),
        (None, Some(channel), Some(operation)) => (channel, operation),
        (None, _, operation) => {
            let lacking = if operation.is_none() { "operation" } else { "channel" };
            let message = format!("missing key `{lacking}`");
            return answers.refuse(id, line, Unanswered::Told(&message));
        }
    };
    match desk.asked(channel, operation, row.situation) {
        Ok(asked) => answers.answer(id, line, asked),
        Err(refusal) => answers.refuse(id, line, refusal),
    }
}

/// The line on which a record begins that was just read: the line behind it, less its own.
fn first_line(reader: &Reader<&[u8]>, record: &ByteRecord, bytes: &[u8]) -> u64 {
    let within = memchr::memchr_iter(b'\n', record.as_slice()).count() as u64;
    let ended = bytes.split_at(read_so_far(reader, bytes)).0.ends_with(b"\n");
    reader.position().line().saturating_sub(within + u64::from(ended)).max(1)
}

/// How many of the bytes a reader has read.
fn read_so_far(reader: &Reader<&[u8]>, bytes: &[u8]) -> usize {
    // It reads what is in memory, whose length is a `usize`.
    usize::try_from(reader.position().byte()).map_or(bytes.len(), |read| read.min(bytes.len()))
}

/// Whether a line has nothing, not even a separator.
fn is_blank(record: &ByteRecord) -> bool {
    record.len() <= 1 && record.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace))
}

/// What a line says.
#[derive(Default)]
struct Row<'a> {
    id: Option<&'a str>,
    operation: Option<&'a str>,
    channel: Option<&'a str>,
    situation: Situation,
    /// The first thing that is wrong with it.
    problem: Option<String>,
}

impl Row<'_> {
    fn know(&mut self, fact: SituationFact, word: &str) {
        match with_word(self.situation, fact, word) {
            Ok(situation) => self.situation = situation,
            Err(message) => self.tell(|| message),
        }
    }

    fn tell(&mut self, message: impl FnOnce() -> String) {
        self.problem.get_or_insert_with(message);
    }
}

/// An id of a cell: a whole number as other programs write it, or text.
fn identified(cell: &str) -> RequestId<'_> {
    let digits = cell.strip_prefix('-').unwrap_or(cell);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit())
        && (1..=18).contains(&digits.len())
        && (cell == "0" || !digits.starts_with('0'));
    match cell.parse() {
        Ok(number) if is_plain => RequestId::Number(number),
        _ => RequestId::Text(cell),
    }
}

fn reader(bytes: &[u8], separator: u8) -> Reader<&[u8]> {
    let mut builder = ReaderBuilder::new();
    builder.has_headers(false).flexible(true).delimiter(separator);
    builder.terminator(Terminator::Any(b'\n')).from_reader(bytes)
}

/// The parts of a line between separators.
#[derive(Clone)]
struct Split<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let Some(end) = memchr::memchr(self.separator, rest) else {
            self.rest = None;
            return Some(rest);
        };
        let (cell, more) = rest.split_at(end);
        self.rest = more.split_first().map(|(_, more)| more);
        Some(cell)
    }
}
