//! Documents of records whose values have names: what all readers of such give.

use super::text::Text;
use super::{Problem, Row, Visit};

/// What is known of a document beside its records.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::import) struct Document {
    /// Names of what it holds, the most trusted first.
    pub(in crate::import) names: Vec<String>,
    /// Whether something says that it is one of several pages.
    pub(in crate::import) goes_on: bool,
    /// How many records all its pages have together, where it says so.
    pub(in crate::import) total: Option<u64>,
    /// When it was taken.
    pub(in crate::import) taken: Option<String>,
    /// The table of those records that are called as its file is.
    pub(in crate::import) named_by_file: Option<usize>,
    /// Its records by kind, those that stand in others among them.
    pub(in crate::import) tables: Vec<Records>,
}

/// Records of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::import) struct Records {
    /// What they are called in the document: those that stand in others, and elements.
    pub(in crate::import) name: Option<String>,
    pub(in crate::import) headings: Vec<String>,
    /// How many there are.
    pub(in crate::import) rows: u64,
    /// Whether there is a list of them, be it empty.
    pub(in crate::import) is_list: bool,
}

impl Document {
    /// Whether another look shows the same tables: by names, headings, and whether there are
    /// records.
    pub(in crate::import) fn has_same_tables(&self, other: &Self) -> bool {
        let shown = |records: &Records| (records.rows > 0, records.is_list);
        let same = |(one, two): (&Records, &Records)| {
            one.name == two.name && one.headings == two.headings && shown(one) == shown(two)
        };
        self.names == other.names
            && self.tables.len() == other.tables.len()
            && self.tables.iter().zip(&other.tables).all(same)
    }
}

/// What takes the records of a document, as they are read.
pub(in crate::import) trait Taker {
    /// Whether the values under a heading of a table, with its number, are wanted.
    fn wants(&mut self, table: usize, number: usize, heading: &str) -> bool;

    /// Takes a record with its line; `None` for one that can't be used. `false`: no more is wanted.
    fn take(&mut self, table: usize, line: u32, row: Option<Row<'_>>) -> bool;
}

/// What reads the records of a document.
pub(in crate::import) type Reading = fn(&mut Text<'_>, &mut dyn Taker) -> Result<Document, Problem>;

/// One table of a document, read as it is looked at.
pub(in crate::import) struct Listed<'t, 'b> {
    pub(super) text: &'t mut Text<'b>,
    pub(super) read: Reading,
    pub(super) records: &'t Records,
    pub(super) table: usize,
}

impl Listed<'_, '_> {
    pub(super) fn each(&mut self, visit: &mut Visit<'_>) -> Result<(), Problem> {
        struct One<'v, 'f>(usize, &'v mut Visit<'f>);
        impl Taker for One<'_, '_> {
            fn wants(&mut self, table: usize, _: usize, _: &str) -> bool {
                table == self.0
            }

            fn take(&mut self, table: usize, line: u32, row: Option<Row<'_>>) -> bool {
                if table == self.0 {
                    (self.1)(line, row);
                }
                true
            }
        }
        (self.read)(self.text, &mut One(self.table, visit)).map(|_| ())
    }
}
