//! Values whose text was made of exports: every place in it is taken back to the file and row that
//! it came from.

use super::reader::{RawRecord, RawSections, RawValue};
use crate::diagnostic::{FileId, Finding, Sources, Span};
use crate::model::{Placed, Value};

/// An export of which something was used.
#[derive(Clone, Debug)]
pub struct ExportFile {
    /// Its path, as given; of a member of an archive below the archive's.
    pub path: String,
    /// What is shown of it: at each line only the facts that were taken from it.
    pub text: String,
    /// SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
}

/// Where the lines of a text stand in exports.
#[derive(Clone, Debug, Default)]
pub struct ExportPlaces {
    /// The exports.
    pub files: Vec<ExportFile>,
    /// For each line of the text the number of the file, and the line in it, from 1.
    pub lines: Vec<Option<(usize, u32)>>,
}

/// A deployment that was made of exports.
#[derive(Clone, Debug)]
pub struct OfExports {
    /// Its text.
    pub toml: String,
    /// Where the lines of the text come from.
    pub places: ExportPlaces,
}

/// Takes spans in a text back to the exports it was made of.
pub(super) struct Relocation {
    /// The bytes that the lines of the text begin at.
    starts: Vec<usize>,
    places: Vec<Option<Span>>,
}

impl Relocation {
    /// Adds the exports to `sources`.
    pub(super) fn new(sources: &mut Sources, places: ExportPlaces, text: &str) -> Self {
        let add = |file: ExportFile| sources.add_export(file.path, file.text, file.sha256);
        let files: Vec<FileId> = places.files.into_iter().map(add).collect();
        let feeds = text
            .bytes()
            .enumerate()
            .filter(|(_, byte)| *byte == b'\n')
            .map(|(offset, _)| offset + 1);
        let starts = std::iter::once(0).chain(feeds).collect();
        let span = |place: Option<(usize, u32)>| {
            let (file, line) = place?;
            let file = *files.get(file)?;
            Some(Span::new(file, sources.line(file, line)))
        };
        Self { starts, places: places.lines.into_iter().map(span).collect() }
    }

    fn place(&self, span: &mut Span) {
        if span.file != FileId::MADE {
            return;
        }
        // The first line begins at 0, so that some line has begun.
        let line = self.starts.partition_point(|start| *start <= span.range().start) - 1;
        let known = self.places.get(line).copied().flatten();
        // A line without a place of its own belongs to the one above it.
        let above = || self.places.iter().take(line).rev().find_map(|place| *place);
        // What stands above the first place was taken from no export.
        *span = known.or_else(above).unwrap_or(Span::new(FileId::FIRST, 0..0));
    }

    fn value(&self, placed: &mut Placed<Value>) {
        self.place(&mut placed.span);
        if let Value::List(values) = &mut placed.value {
            for value in values {
                self.value(value);
            }
        }
    }

    fn record(&self, record: &mut RawRecord) {
        self.place(&mut record.span);
        for found in &mut record.values {
            if let RawValue::Given(placed) | RawValue::Partial(placed) = found {
                self.value(placed);
            }
        }
    }

    /// Takes everything back that was read of the text.
    pub(super) fn apply(&self, raw: &mut RawSections, findings: &mut [Finding]) {
        raw.records.iter_mut().flatten().for_each(|record| self.record(record));
        raw.headers.iter_mut().flatten().for_each(|span| self.place(span));
        for finding in findings {
            finding.span.iter_mut().for_each(|span| self.place(span));
            finding.related.iter_mut().for_each(|related| self.place(&mut related.span));
        }
    }
}
