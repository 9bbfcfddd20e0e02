//! What an unknown name may be meant for. It is looked for in order, once for each name, and only
//! so often that a file full of unknown names takes about as long as a good one: so many names may
//! be compared in any file, and some more with the lines that were read. Where nothing was looked
//! for, that is told.

use super::desk::Named;
use crate::engine::{Channel, Engine};
use crate::model::Operation;
use crate::model::name::KnownNames;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// So many names are looked for at most.
const MOST_NAMES: usize = 1000;
/// So many names are looked for in any file, be it one line long.
const FIRST_NAMES: usize = 4;
/// So many known names may be compared in any file: some milliseconds.
const FIRST_COMPARED: u64 = 10_000;
/// Another one may be compared after so many lines: two names of a dozen letters take nearly twice
/// as long to compare as a good line to answer.
const LINES_BY_COMPARISON: u64 = 2;
/// What is told of a name that is not looked for.
const NOT_LOOKED_FOR: &str = "; too many names are unknown to look for the nearest of each";

/// Finds the nearest names.
#[derive(Debug)]
pub struct Hints<'e> {
    channels: Known<'e>,
    operations: Known<'e>,
}

impl<'e> Hints<'e> {
    /// For the names that an engine knows.
    pub fn new(engine: &'e Engine) -> Self {
        let names = || {
            let names = engine.rules().operations.iter().flat_map(Operation::names);
            // Numbers are near to each other, and none is meant by another.
            KnownNames::new(names.filter(|known| known.len() > 3))
        };
        let channels = KnownNames::new(engine.channels().map(Channel::id));
        Self { channels: Known::new(channels), operations: Known::new(names()) }
    }

    /// What stands behind the message that a name is unknown on a line, or in a row. Lines come in
    /// their order, so that it is the same whoever reads them.
    pub(super) fn behind(&mut self, named: Named, name: &str, line: u64) -> &str {
        match named {
            Named::Channel => self.channels.behind(name, line),
            Named::Operation => self.operations.behind(name, line),
        }
    }
}

#[derive(Debug)]
struct Known<'e> {
    names: KnownNames<'e>,
    /// What stands behind each name that was looked for.
    found: HashMap<String, String, FixedState>,
    /// What stands behind a name that is like none.
    among: String,
}

impl<'e> Known<'e> {
    fn new(names: KnownNames<'e>) -> Self {
        let some: Vec<String> = names.iter().take(5).map(|known| format!("`{known}`")).collect();
        let among = format!("; among those known: {}", some.join(", "));
        Self { names, found: HashMap::default(), among }
    }

    fn behind(&mut self, name: &str, line: u64) -> &str {
        if name.len() > KnownNames::MOST_BYTES {
            return &self.among;
        }
        if !self.may_look(line) && !self.found.contains_key(name) {
            return NOT_LOOKED_FOR;
        }
        let (names, among) = (&self.names, &self.among);
        self.found.entry(name.to_owned()).or_insert_with(|| match names.nearest(name) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => among.clone(),
        })
    }

    /// Whether another name may be looked for.
    fn may_look(&self, line: u64) -> bool {
        let searched = self.found.len();
        let compared = (searched * self.names.len()) as u64;
        searched < FIRST_NAMES
            || searched < MOST_NAMES && compared <= FIRST_COMPARED + line / LINES_BY_COMPARISON
    }
}

impl Named {
    /// The message that a name is unknown, in parts; something may be added to it.
    pub(super) fn unknown(self, name: &str) -> [&str; 3] {
        match self {
            Self::Channel => ["unknown channel `", name, "`"],
            Self::Operation => ["unknown operation `", name, "`"],
        }
    }
}
