//! A row of a table, as a reader gives it.

/// Where a cell of a row stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Span {
    /// Nowhere: it says nothing.
    #[default]
    Nowhere,
    /// In the row, where it says nothing.
    Blank,
    /// In the row, as a list or a record instead of a value.
    Nested,
    /// From and to in the text of the row.
    Text(usize, usize),
    /// From and to in what is not in the text as it is meant.
    Other(usize, usize),
}

/// The cells of a row; one that is not there says nothing.
#[derive(Clone, Copy, Debug)]
pub(in crate::import) struct Row<'r> {
    pub(super) text: &'r str,
    pub(super) other: &'r str,
    pub(super) cells: &'r [Span],
}

impl<'r> Row<'r> {
    /// What a cell says, if anything.
    pub(in crate::import) fn get(&self, column: usize) -> Option<&'r str> {
        match *self.cells.get(column)? {
            Span::Nowhere | Span::Blank | Span::Nested => None,
            Span::Text(from, to) => self.text.get(from..to),
            Span::Other(from, to) => self.other.get(from..to),
        }
    }

    /// Whether a cell stands in it, be it blank.
    pub(in crate::import) fn has(&self, column: usize) -> bool {
        self.cells.get(column).is_some_and(|cell| *cell != Span::Nowhere)
    }

    /// Whether a list or a record stands where a value should.
    pub(in crate::import) fn is_nested(&self, column: usize) -> bool {
        self.cells.get(column) == Some(&Span::Nested)
    }

    /// How many cells it has.
    pub(in crate::import) fn len(&self) -> usize {
        self.cells.len()
    }
}

/// A row with a text of its own, used again for the next.
#[derive(Debug, Default)]
pub(super) struct RowOf {
    text: String,
    cells: Vec<Span>,
    /// The column that likely comes next.
    pub(super) next: usize,
}

impl RowOf {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.next = 0;
    }

    /// Sets a cell; `true` where it said something else.
    #[inline]
    pub(super) fn set(&mut self, column: usize, text: &str) -> bool {
        let is_other = self.row().has(column) && self.row().get(column) != Some(text);
        let from = self.text.len();
        self.text.push_str(text);
        self.put(column, Span::Text(from, self.text.len()));
        is_other
    }

    /// Sets a cell that has no text of its own; `true` where it was something else.
    pub(super) fn mark(&mut self, column: usize, span: Span) -> bool {
        let is_other = self.row().has(column) && self.cells.get(column) != Some(&span);
        self.put(column, span);
        is_other
    }

    fn put(&mut self, column: usize, span: Span) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Span::Nowhere);
        }
        if let Some(cell) = self.cells.get_mut(column) {
            *cell = span;
        }
    }

    pub(super) fn row(&self) -> Row<'_> {
        Row { text: &self.text, other: "", cells: &self.cells }
    }
}
