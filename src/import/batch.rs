//! Batch jobs, of which databases have millions: what tells quickly which of them matter.

use crate::model::{Export, Rules};
use std::collections::HashSet;
use std::sync::Arc;

/// Record ids that others refer to.
pub(super) type Referred = HashSet<Box<str>>;

/// What is looked at of each batch job.
pub(super) struct BatchColumns {
    /// The columns of the export that have its name, when it began, and its record id.
    pub(super) id: usize,
    pub(super) start: usize,
    pub(super) recid: Option<usize>,
    /// The record ids of those that schedules run, where all schedules were read.
    pub(super) referred: Option<Arc<Referred>>,
    /// With what the names begin and end that the rules know.
    ends: Vec<bool>,
}

impl BatchColumns {
    /// Those of an export; `None` where it is none of batch jobs.
    pub(super) fn of(
        export: &Export,
        rules: &Rules,
        referred: Option<Arc<Referred>>,
    ) -> Option<Self> {
        if export.kind != "batch-job" {
            return None;
        }
        let mut known = vec![false; ENDS];
        for ends in rules.names.batch_jobs.keys().filter_map(|name| ends(name)) {
            if let Some(known) = known.get_mut(ends) {
                *known = true;
            }
        }
        Some(Self {
            id: export.column("id")?,
            start: export.column("start")?,
            recid: export.column("recid"),
            referred,
            ends: known,
        })
    }

    /// Whether the rules may know a name, which is quicker to tell than whether they do.
    pub(super) fn may_know(&self, name: &str) -> bool {
        ends(name).is_none_or(|ends| self.ends.get(ends) == Some(&true))
    }
}

/// How many pairs of letters of ASCII there are.
const ENDS: usize = 1 << 14;

/// The number of the first and the last letter of a name, in small letters; `None` where it has
/// others than those of ASCII.
fn ends(name: &str) -> Option<usize> {
    let letter = |letter: Option<&u8>| letter.map(|it| usize::from(it.to_ascii_lowercase()));
    let bytes = name.as_bytes();
    let (first, last) = (letter(bytes.first())?, letter(bytes.last())?);
    name.is_ascii().then_some(first << 7 | last)
}
