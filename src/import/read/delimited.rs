//! CSV and its relatives: the delimiter is the one that the line of headings has most of.

use super::{Lines, MAX_FIELD, Problem, Visit};
use std::borrow::Cow;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Text with delimiters.
#[derive(Debug)]
pub(in crate::import) struct Delimited<'t> {
    text: &'t str,
    delimiter: u8,
}

impl<'t> Delimited<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
        // Of several the first wins, so that a comma is not needed in a file of one column.
        let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        Self { text, delimiter }
    }

    fn reader(&self) -> csv::Reader<&'t [u8]> {
        let mut builder = csv::ReaderBuilder::new();
        builder.delimiter(self.delimiter).has_headers(false).flexible(true);
        builder.from_reader(self.text.as_bytes())
    }

    pub(super) fn headings(&self) -> Vec<String> {
        let first = self.reader().into_records().next();
        let Some(Ok(record)) = first else { return Vec::new() };
        record
            .iter()
            .filter(|cell| cell.len() <= MAX_FIELD)
            .map(|cell| cell.trim().to_owned())
            .collect()
    }

    pub(super) fn each(&self, visit: &mut Visit<'_>) -> Result<(), Problem> {
        let mut reader = self.reader();
        let mut record = csv::StringRecord::new();
        let mut columns = None;
        let mut lines = Lines::new(self.text);
        let mut last = (0, 1);
        while reader.read_record(&mut record).unwrap_or(false) {
            // A record begins behind the line ends that the one before it left.
            let offset = record.position().map_or(0, csv::Position::byte);
            let offset = usize::try_from(offset).unwrap_or(usize::MAX);
            let rest = self.text.as_bytes().get(offset..).unwrap_or_default();
            let ends = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let line = lines.at(offset + ends);
            last = (offset + ends, line);
            if record.iter().any(|cell| cell.len() > MAX_FIELD) {
                return Err(Problem::Field { line });
            }
            let Some(columns) = columns else {
                columns = Some(record.len());
                continue;
            };
            if is_decoration(&record) {
                continue;
            }
            let cells: Vec<Cow<'_, str>> = record.iter().map(Cow::Borrowed).collect();
            visit(line, (record.len() == columns).then_some(&cells));
        }
        let (offset, line) = last;
        if self.is_cut(self.text.get(offset..).unwrap_or_default()) {
            Err(Problem::Cut { line })
        } else {
            Ok(())
        }
    }

    /// Whether the last row of a text ends within quotation marks: a field began with one, and they
    /// do not pair.
    fn is_cut(&self, row: &str) -> bool {
        let begins = |pair: &[u8]| matches!(pair, [before, b'"'] if *before == self.delimiter);
        let quoted = row.starts_with('"') || row.as_bytes().windows(2).any(begins);
        quoted && row.bytes().filter(|byte| *byte == b'"').count() % 2 == 1
    }
}

/// Whether a row is what query tools put around a result: a rule below the headings, a count below
/// the rows.
fn is_decoration(record: &csv::StringRecord) -> bool {
    let rule = |cell: &str| cell.len() > 1 && cell.trim().bytes().all(|byte| byte == b'-');
    let count = |cell: &str| cell.starts_with('(') && cell.trim_end().ends_with(')');
    record.iter().all(rule) || record.len() == 1 && record.iter().all(count)
}
