//! Requests as CSV with headings.

use super::answers::Clerk;
use super::chunk::Chunk;
use super::column::{Column, with_word};
use super::desk::{Desk, RequestId, Unanswered};
use crate::model::{Situation, SituationFact};
use crate::wire::{MAX_LINE_BYTES, Quotes};
use csv::{ByteRecord, Reader, ReaderBuilder, Terminator};

/// The headings of a table.
#[derive(Debug)]
pub(super) struct Headings {
    columns: Vec<Column>,
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
        Ok((Self { columns, separator }, rest))
    }

    /// Clerk each line of a chunk as a request.
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
        for (number, line) in chunk.lines() {
            let cells = Split { rest: Some(line), separator: self.separator };
            self.answer(number, line.len(), cells, desk, answers);
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
            self.answer(line, record.as_slice().len(), record.iter(), desk, answers);
        }
    }

    fn answer<'a>(
        &self,
        line: u64,
        length: usize,
        cells: impl Iterator<Item = &'a [u8]>,
        desk: &mut Desk<'_>,
        answers: &mut impl Clerk,
    ) {
        if length > MAX_LINE_BYTES {
            let message = "the line is longer than 1 MiB; is a quote not closed?";
            answers.refuse(RequestId::Left, line, Unanswered::Told(message));
            return;
        }
        let row = self.row(cells);
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

    fn row<'a>(&self, cells: impl Iterator<Item = &'a [u8]>) -> Row<'a> {
        let mut row = Row::default();
        let mut count = 0;
        for cell in cells {
            let column = self.columns.get(count).copied();
            count += 1;
            let Ok(cell) = std::str::from_utf8(cell) else {
                row.tell(|| format!("cell {count}: not text in UTF-8 or UTF-16"));
                continue;
            };
            let cell = cell.trim();
            match column {
                _ if cell.is_empty() => {}
                Some(Column::Id) => row.id = Some(cell),
                Some(Column::Operation) => row.operation = Some(cell),
                Some(Column::Channel) => row.channel = Some(cell),
                Some(Column::Fact(fact)) => row.know(fact, cell),
                None => row.tell(|| format!("cell {count} has no heading")),
            }
        }
        let columns = self.columns.len();
        if count < columns {
            row.tell(|| format!("the line ends after cell {count} of {columns}"));
        }
        row
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
struct Split<'a> {
    rest: Option<&'a [u8]>,
    separator: u8,
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.rest?;
        let Some(end) = rest.iter().position(|byte| *byte == self.separator) else {
            self.rest = None;
            return Some(rest);
        };
        let (cell, more) = rest.split_at(end);
        self.rest = more.split_first().map(|(_, more)| more);
        Some(cell)
    }
}
