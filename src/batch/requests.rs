//! Where requests come from: a stream in one of the formats, given out in pieces.

use super::answers::Clerk;
use super::cells::{Headings, separator};
use super::chunk::{Chunk, Chunks, Ends};
#[cfg(feature = "parquet")]
use super::column::Column;
#[cfg(feature = "parquet")]
use super::columns::answer_columns;
use super::desk::Desk;
use super::format::BatchFormat;
#[cfg(feature = "parquet")]
use crate::columnar::{TableError, TableReader, TableRun};
use crate::wire::REQUEST_KEYS;
use std::fmt;
use std::io::{self, Read};
use std::sync::Arc;

/// Why a batch comes to no end.
#[derive(Debug, thiserror::Error)]
pub enum BatchError {
    /// The requests can't be read.
    #[error("can't read `{path}`: {error}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// The requests are no table of requests.
    #[error("{0}")]
    NoRequests(String),
    /// The table of requests is damaged.
    #[cfg(feature = "parquet")]
    #[error(transparent)]
    Table(#[from] TableError),
    /// The answers can't be written.
    #[error("can't write the answers: {0}")]
    Output(#[from] io::Error),
}

/// Requests, given out in pieces.
pub struct Requests<'s> {
    path: String,
    source: Source<'s>,
}

/// What is read of a stream.
type Stream<'s> = Chunks<Box<dyn Read + Send + 's>>;

enum Source<'s> {
    Lines(Stream<'s>),
    /// With what stood behind the headings of the first chunk.
    Cells(Stream<'s>, Arc<Headings>, Option<Chunk>),
    #[cfg(feature = "parquet")]
    Columns(Box<TableReader>, Arc<[Column]>),
}

/// Some requests that follow each other.
pub(super) enum Piece {
    Lines(Chunk),
    Cells(Arc<Headings>, Chunk),
    #[cfg(feature = "parquet")]
    Columns(Arc<[Column]>, TableRun),
}

impl fmt::Debug for Requests<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Requests").field("path", &self.path).finish_non_exhaustive()
    }
}

impl<'s> Requests<'s> {
    /// Requests of a stream of lines or of CSV; `path` is its name in messages.
    ///
    /// # Errors
    ///
    /// The stream can't be read, or has no headings.
    pub fn stream(
        path: &str,
        format: BatchFormat,
        stream: Box<dyn Read + Send + 's>,
    ) -> Result<Self, BatchError> {
        let path = path.to_owned();
        let mut chunks = Chunks::new(stream, Ends::Lines);
        if format != BatchFormat::Csv {
            return Ok(Self { path, source: Source::Lines(chunks) });
        }
        let unreadable = |error: io::Error| BatchError::Unreadable { path: path.clone(), error };
        let separator = separator(chunks.first_line().map_err(unreadable)?);
        chunks.records(separator);
        let first = chunks.next().map_err(unreadable)?.ok_or_else(|| {
            BatchError::NoRequests(format!(
                "`{path}` is empty; its first line names its columns, some of: {}",
                REQUEST_KEYS.join(", ")
            ))
        })?;
        let (headings, rest) =
            Headings::read(&first, separator).map_err(|((line, column), it)| {
                BatchError::NoRequests(format!("{path}:{line}: column {column}: {it}"))
            })?;
        Ok(Self { path, source: Source::Cells(chunks, Arc::new(headings), Some(rest)) })
    }

    /// Requests of a table in Parquet; `path` is its name in messages.
    ///
    /// # Errors
    ///
    /// It is damaged, no table of requests, or no Parquet file.
    #[cfg(feature = "parquet")]
    pub fn table(path: &str, file: std::fs::File) -> Result<Self, BatchError> {
        let mut table = TableReader::open(path, file)?;
        let names = table.names();
        let wrong = |(_, message)| BatchError::NoRequests(format!("{path}: {message}"));
        let columns = Column::named(&names).map_err(wrong)?;
        table.ask((0..columns.len()).collect()).map_err(wrong)?;
        let source = Source::Columns(Box::new(table), columns.into());
        Ok(Self { path: path.to_owned(), source })
    }

    /// The same without their ids, for who does not look at them: those of a table are not read.
    ///
    /// # Errors
    ///
    /// A column can't be read.
    #[cfg(feature = "parquet")]
    pub fn without_ids(mut self) -> Result<Self, BatchError> {
        if let Source::Columns(table, columns) = &mut self.source {
            let kept = (0..).zip(columns.iter()).filter(|(_, column)| **column != Column::Id);
            let (numbers, kept): (Vec<usize>, Vec<Column>) = kept.unzip();
            table.ask(numbers).map_err(|(_, message)| {
                BatchError::NoRequests(format!("{}: {message}", self.path))
            })?;
            *columns = kept.into();
        }
        Ok(self)
    }

    /// Whether all ids are whole numbers, or not given.
    pub fn has_numbers(&self) -> bool {
        match &self.source {
            #[cfg(feature = "parquet")]
            Source::Columns(table, columns) => {
                let id = columns.iter().position(|column| *column == Column::Id);
                id.is_some_and(|id| table.is_numbers(id))
            }
            Source::Lines(_) | Source::Cells(..) => false,
        }
    }

    /// The next piece; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Piece>, BatchError> {
        let read = match &mut self.source {
            Source::Lines(chunks) => chunks.next().map(|it| it.map(Piece::Lines)),
            Source::Cells(chunks, headings, first) => {
                let chunk = match first.take() {
                    Some(first) => Ok(Some(first)),
                    None => chunks.next(),
                };
                chunk.map(|it| it.map(|chunk| Piece::Cells(Arc::clone(headings), chunk)))
            }
            #[cfg(feature = "parquet")]
            Source::Columns(table, columns) => {
                let run = table.next_run()?;
                return Ok(run.map(|run| Piece::Columns(Arc::clone(columns), run)));
            }
        };
        read.map_err(|error| BatchError::Unreadable { path: self.path.clone(), error })
    }
}

impl Piece {
    /// Answers each request.
    pub(super) fn answer(&self, desk: &mut Desk<'_>, answers: &mut impl Clerk) {
        match self {
            Self::Lines(chunk) => chunk.answer_lines(desk, answers),
            Self::Cells(headings, chunk) => headings.answer_cells(chunk, desk, answers),
            #[cfg(feature = "parquet")]
            Self::Columns(columns, run) => answer_columns(columns, run, desk, answers),
        }
    }
}
