//! What takes the records of a document while they are read.

use super::read::{Manifest, Row, Taker};
use super::recognise::{self, Found, Known};
use super::rows::Adding;

/// So many records show what a table is, unless later ones tell otherwise.
pub(super) const LOOK: usize = 100;

/// Looks at the first records of a document.
pub(super) struct Look(pub(super) usize);

impl Taker for Look {
    fn wants(&mut self, _: usize, _: usize, _: &str) -> bool {
        false
    }

    fn take(&mut self, _: usize, _: u32, _: Option<Row<'_>>) -> bool {
        self.0 = self.0.saturating_sub(1);
        self.0 > 0
    }
}

/// A table that is read: of customers nothing is.
pub(super) enum Taken<'r> {
    Customers(u64),
    Table(Box<Adding<'r>>),
}

impl Taken<'_> {
    pub(super) fn row(&mut self, line: u32, row: Option<Row<'_>>) {
        match self {
            Self::Customers(rows) => *rows += 1,
            Self::Table(adding) => adding.row(line, row),
        }
    }

    /// What was found of the table.
    pub(super) fn found(&self) -> Option<&Found> {
        match self {
            Self::Customers(_) => None,
            Self::Table(adding) => Some(&adding.found),
        }
    }
}

/// The records of a document, as its tables take them.
pub(super) struct Taking<'t, 'r> {
    pub(super) known: &'t Known<'r>,
    pub(super) part: Option<&'t Manifest>,
    pub(super) tables: Vec<Option<Taken<'r>>>,
}

impl Taker for Taking<'_, '_> {
    fn wants(&mut self, table: usize, number: usize, heading: &str) -> bool {
        match self.tables.get_mut(table) {
            Some(Some(Taken::Table(adding))) => {
                recognise::wants(self.known, &mut adding.found, (number, heading), self.part)
            }
            _ => false,
        }
    }

    fn take(&mut self, table: usize, line: u32, row: Option<Row<'_>>) -> bool {
        if let Some(Some(taken)) = self.tables.get_mut(table) {
            taken.row(line, row);
        }
        true
    }
}
