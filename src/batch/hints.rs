//! What an unknown name may be meant for. It is looked for in order, once for each name, and so
//! often at most that a file full of unknown names takes no longer than a good one.

use super::desk::Named;
use crate::engine::{Channel, Engine};
use crate::model::Operation;
use crate::model::name::KnownNames;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// So many names are looked for at most.
const MOST_NAMES: usize = 1000;
/// So many known names are compared with them in all.
const MOST_COMPARED: usize = 160_000;

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

    /// What stands behind the message that a name is unknown.
    pub(super) fn behind(&mut self, named: Named, name: &str) -> &str {
        match named {
            Named::Channel => self.channels.behind(name),
            Named::Operation => self.operations.behind(name),
        }
    }
}

#[derive(Debug)]
struct Known<'e> {
    names: KnownNames<'e>,
    /// What stands behind each name that was looked for.
    found: HashMap<String, String, FixedState>,
}

impl<'e> Known<'e> {
    fn new(names: KnownNames<'e>) -> Self {
        Self { names, found: HashMap::default() }
    }

    fn behind(&mut self, name: &str) -> &str {
        let searched = self.found.len();
        let is_spent = searched >= MOST_NAMES || searched * self.names.len() >= MOST_COMPARED;
        if is_spent && !self.found.contains_key(name) {
            return "";
        }
        let names = &self.names;
        self.found.entry(name.to_owned()).or_insert_with(|| match names.nearest(name) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => {
                let some: Vec<String> =
                    names.iter().take(5).map(|known| format!("`{known}`")).collect();
                format!("; among those known: {}", some.join(", "))
            }
        })
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
