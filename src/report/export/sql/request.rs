//! The table of requests that the user has.

use crate::model::SituationFact;
use crate::model::name::nearest;
use crate::wire::fact_name;
use std::collections::BTreeSet;

/// Which columns the table of requests has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestColumns(BTreeSet<String>);

/// The name of a fact's column.
pub(super) fn column_of(fact: SituationFact) -> String {
    fact_name(fact.as_str())
}

/// The columns that it may have.
fn all() -> impl Iterator<Item = String> {
    let facts = SituationFact::ALL.iter().copied().map(column_of);
    ["id", "operation", "channel"].map(str::to_owned).into_iter().chain(facts)
}

impl Default for RequestColumns {
    /// All of them.
    fn default() -> Self {
        Self(all().collect())
    }
}

impl std::str::FromStr for RequestColumns {
    type Err = String;

    /// Reads their names, joined by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let known: Vec<String> = all().collect();
        let given: BTreeSet<String> = text.split(',').map(|it| it.trim().to_owned()).collect();
        if let Some(other) = given.iter().find(|name| !known.contains(name)) {
            let near = nearest(other, known.iter().map(String::as_str));
            return Err(match near {
                Some(near) => format!("no column `{other}` is looked at; did you mean `{near}`?"),
                None => format!(
                    "no column `{other}` is looked at; those that are: {}",
                    known.join(", ")
                ),
            });
        }
        match ["operation", "channel"].into_iter().find(|needed| !given.contains(*needed)) {
            Some(lacking) => Err(format!("without a column `{lacking}` nothing can be decided")),
            None => Ok(Self(given)),
        }
    }
}

impl RequestColumns {
    /// Whether the table has a column.
    pub(super) fn has(&self, column: &str) -> bool {
        self.0.contains(column)
    }
}
