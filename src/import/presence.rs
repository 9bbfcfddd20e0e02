//! What there is of a table, and of a kind of tables.

/// How much of a table its file says that it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// Whether nothing says that there is more.
    pub(super) complete: bool,
    /// How many rows all its pages have together.
    pub(super) total: Option<u64>,
}

impl Extent {
    /// All that there is.
    pub(super) const WHOLE: Self = Self { complete: true, total: None };
}

/// What there is of a kind of tables.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Presence<'a> {
    /// Whether there is any.
    pub(super) is_there: bool,
    /// A file that has not all rows.
    pub(super) partial: Option<&'a str>,
    /// Whether a dump that is whole makes up for that.
    pub(super) is_made_up: bool,
    /// Whether rows of it could not be used.
    pub(super) has_unusable: bool,
}

impl Presence<'_> {
    /// Whether every row is there.
    pub(super) const fn has_all_pages(self) -> bool {
        self.is_there && (self.partial.is_none() || self.is_made_up)
    }

    /// Whether every row is there, and could be used.
    pub(super) const fn is_whole(self) -> bool {
        self.has_all_pages() && !self.has_unusable
    }
}
