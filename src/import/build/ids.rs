//! References between tables: by name, or by record id. One that may be of another row than it was
//! is no reference: it is left out and told.

use super::{Build, Fact, fact};
use crate::import::rows::Cell;
use crate::import::values;
use crate::import::write::quoted;
use crate::model::name::fold;
use std::collections::{HashMap, HashSet};

/// Why the row that a cell refers to can't be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// The cell can't be used, which is told where it is read.
    Cell,
    Damaged,
    Twice,
    NoTable,
    NoRow,
}

impl Lost {
    const fn why(self) -> &'static str {
        match self {
            Self::Cell => "can't be used",
            Self::Damaged => "was damaged by a spreadsheet",
            Self::Twice => "is that of two rows",
            Self::NoTable => "is of a table that is not at hand",
            Self::NoRow => "is of no row that is at hand",
        }
    }
}

/// What a row says under a key that refers to another row.
#[derive(Clone, Copy, Debug)]
pub(super) enum Referred<'a> {
    /// Nothing, or that it is none.
    Nothing,
    /// The name of the other row, and the heading that it stands under.
    To(&'a str, &'a str),
    /// Another row that can't be told.
    Lost(Lost),
}

impl Referred<'_> {
    /// What is said, or else what another row says.
    pub(super) fn or(self, other: Self) -> Self {
        if let Self::Nothing = self { other } else { self }
    }
}

/// The ids of the rows of some kinds.
#[derive(Debug, Default)]
pub(super) struct Ids<'a> {
    /// Of each record id the name; `None` where two rows have it.
    by_recid: HashMap<&'a str, Option<&'a str>>,
    /// The names, as they are compared.
    names: HashSet<String>,
    /// The names that begin with zeros, without those.
    without_zeros: HashSet<String>,
}

impl<'a> Ids<'a> {
    /// Adds the ids of a row.
    pub(super) fn add(&mut self, recid: Option<&'a str>, name: &'a str) {
        let folded = fold(name).into_owned();
        if folded.starts_with('0') {
            self.without_zeros.insert(folded.trim_start_matches('0').to_owned());
        }
        self.names.insert(folded);
        let Some(recid) = recid.filter(|recid| !values::is_damaged_recid(recid)) else { return };
        let known = self.by_recid.entry(recid).or_insert(Some(name));
        if known.is_some_and(|known| fold(known) != fold(name)) {
            *known = None;
        }
    }

    /// Whether a name seems to be one of these that lost the zeros before it, as a spreadsheet
    /// leaves it.
    fn lost_zeros(&self, name: &str) -> bool {
        let folded = fold(name);
        !self.names.contains(&*folded) && self.without_zeros.contains(&*folded)
    }

    /// The name of the row with a record id, or why it can't be told.
    fn named(&self, recid: &str) -> Result<&'a str, Lost> {
        if values::is_damaged_recid(recid) {
            return Err(Lost::Damaged);
        }
        match self.by_recid.get(recid) {
            Some(Some(name)) => Ok(name),
            Some(None) => Err(Lost::Twice),
            None if self.by_recid.is_empty() => Err(Lost::NoTable),
            None => Err(Lost::NoRow),
        }
    }

    /// The name of the row with a record id, where it can be told.
    pub(super) fn by_recid(&self, recid: &str) -> Option<&'a str> {
        self.named(recid).ok()
    }

    /// Whether some row is called so.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(&*fold(name))
    }
}

impl<'a> Build<'a> {
    /// The ids of the rows of a kind.
    pub(super) fn ids(&self, kind: &str) -> Ids<'a> {
        let mut ids = Ids::default();
        for cell in self.rows(kind) {
            if let Some(name) = cell.text("id").filter(|name| !values::is_damaged(name)) {
                ids.add(cell.recid("recid"), name);
            }
        }
        ids
    }

    /// A reference by name under `key`, or by record id under `key-recid`. One by name to a row
    /// that is not there is kept.
    pub(super) fn referred(&mut self, cell: Cell<'a>, key: &str, ids: &Ids<'a>) -> Referred<'a> {
        if let Some(name) = cell.text(key) {
            let heading = cell.heading(key);
            let damage = if values::is_damaged(name) {
                "was damaged by a spreadsheet"
            } else if ids.lost_zeros(name) {
                "seems to have lost the zeros that it began with"
            } else {
                return Referred::To(name, heading);
            };
            let message = format!("the id under {heading} {damage}, so {key} is left out");
            self.leave_out(cell, message, true);
            return Referred::Lost(Lost::Damaged);
        }
        let by_recid = format!("{key}-recid");
        let Some(recid) = cell.recid(&by_recid) else {
            let is_lost = cell.is_lost(key) || cell.is_lost(&by_recid);
            return if is_lost { Referred::Lost(Lost::Cell) } else { Referred::Nothing };
        };
        let heading = cell.heading(&by_recid);
        match ids.named(recid) {
            Ok(name) => Referred::To(name, heading),
            Err(lost) => {
                let why = lost.why();
                let message = format!("the record id under {heading} {why}, so {key} is left out");
                self.leave_out(cell, message, matches!(lost, Lost::Damaged | Lost::Twice));
                Referred::Lost(lost)
            }
        }
    }

    /// As [`Build::referred`], where it does not matter why a row refers to none.
    pub(super) fn reference(
        &mut self,
        cell: Cell<'a>,
        key: &str,
        ids: &Ids<'a>,
    ) -> Option<(&'a str, &'a str)> {
        match self.referred(cell, key, ids) {
            Referred::To(name, heading) => Some((name, heading)),
            Referred::Nothing | Referred::Lost(_) => None,
        }
    }

    pub(super) fn reference_fact(
        &mut self,
        cell: Cell<'a>,
        key: &str,
        ids: &Ids<'a>,
    ) -> Option<Fact> {
        let (name, heading) = self.reference(cell, key, ids)?;
        Some(Fact { heading: heading.to_owned(), ..fact(cell, "", key, quoted(name)) })
    }
}
