//! CSV and its relatives: the delimiter is the one that the line of headings has most of, unless a
//! line above says it.

use super::{Head, Lines, MAX_ABOVE, MAX_FIELD, Problem, Top, Visit};
use std::borrow::Cow;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Text with delimiters.
#[derive(Debug)]
pub(in crate::import) struct Delimited<'t> {
    text: &'t str,
    /// Where the rows begin: tools put a line above that says what kind of object or which
    /// delimiter follows.
    begin: usize,
    /// Those that may be it, the likelier first.
    delimiters: Vec<u8>,
}

impl<'t> Delimited<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let (said, begin) = preamble(text);
        let rows = text.get(begin..).unwrap_or(text);
        let delimiters = said.map_or_else(|| delimiters(rows), |said| vec![said]);
        Self { text, begin, delimiters }
    }

    fn reader(&self, delimiter: u8) -> csv::Reader<&'t [u8]> {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(delimiter).has_headers(false).flexible(true);
        builder.from_reader(self.text.as_bytes().get(self.begin..).unwrap_or_default())
    }

    pub(super) fn tops(&self) -> Vec<Top> {
        let top = |delimiter: &u8| {
            let records = self.reader(*delimiter).into_records().map_while(Result::ok);
            let rows = records.take(MAX_ABOVE).map(|record| {
                let short = |cell: &str| cell.len() <= MAX_FIELD;
                let text = |cell: &str| if short(cell) { cell.trim() } else { "" }.to_owned();
                record.iter().map(text).collect()
            });
            Top { delimiter: *delimiter, rows: rows.collect() }
        };
        self.delimiters.iter().map(top).collect()
    }

    pub(super) fn each(&self, head: Head, visit: &mut Visit<'_>) -> Result<(), Problem> {
        let mut reader = self.reader(head.delimiter);
        let mut record = csv::StringRecord::new();
        let mut columns = 0;
        let mut lines = Lines::new(self.text);
        let mut last = (0, 1);
        let mut number = 0;
        while reader.read_record(&mut record).map_err(|_| Problem::Cut { line: last.1 })? {
            let offset = self.offset(&record);
            let line = lines.at(offset);
            last = (offset, line);
            if record.iter().any(|cell| cell.len() > MAX_FIELD) {
                return Err(Problem::Field { line });
            }
            number += 1;
            if head.covers(number - 1) {
                columns = columns.max(record.len());
                continue;
            }
            if is_decoration(&record) {
                continue;
            }
            let cells: Vec<Cow<'_, str>> = record.iter().map(Cow::Borrowed).collect();
            visit(line, (record.len() == columns).then_some(&cells));
        }
        let (offset, line) = last;
        if Self::is_cut(self.text.get(offset..).unwrap_or_default(), head.delimiter) {
            Err(Problem::Cut { line })
        } else {
            Ok(())
        }
    }

    /// Where a record begins in the text: behind the line ends that the one before it left.
    fn offset(&self, record: &csv::StringRecord) -> usize {
        let offset = record.position().map_or(0, csv::Position::byte);
        let offset = self.begin + super::offset(offset);
        let rest = self.text.as_bytes().get(offset..).unwrap_or_default();
        offset + rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count()
    }

    /// Whether the last row of a text ends within quotation marks: a field began with one, and they
    /// do not pair.
    fn is_cut(row: &str, delimiter: u8) -> bool {
        let begins = |pair: &[u8]| matches!(pair, [before, b'"'] if *before == delimiter);
        let quoted = row.starts_with('"') || row.as_bytes().windows(2).any(begins);
        quoted && row.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
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
    let first = |delimiter: u8| lines().next().map_or(0, |line| count(delimiter, line));
    let most = |delimiter: u8| lines().map(|line| count(delimiter, line)).max().unwrap_or(0);
    let mut found: Vec<u8> = DELIMITERS.into_iter().filter(|one| most(*one) > 0).collect();
    found.sort_by_key(|one| std::cmp::Reverse((first(*one), most(*one))));
    if found.is_empty() { vec![b','] } else { found }
}

/// Whether a row is what query tools put around a result: a rule below the headings, a count below
/// the rows.
fn is_decoration(record: &csv::StringRecord) -> bool {
    let rule = |cell: &str| cell.len() > 1 && cell.trim().bytes().all(|byte| byte == b'-');
    let count = |cell: &str| cell.starts_with('(') && cell.trim_end().ends_with(')');
    record.iter().all(rule) || record.len() == 1 && record.iter().all(count)
}
