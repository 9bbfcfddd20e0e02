//! The columns of a table of requests, which are the keys of a request.

use crate::model::name::nearest;
use crate::model::{Situation, SituationFact};
use crate::wire::REQUEST_KEYS;

/// A column of requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The caller's id.
    Id,
    /// The operation, by any of its names.
    Operation,
    /// The channel's id.
    Channel,
    /// A fact of the situation.
    Fact(SituationFact),
}

impl Column {
    /// The columns by their names; or the number of the one that is wrong, and what is wrong.
    pub(super) fn named(names: &[impl AsRef<str>]) -> Result<Vec<Self>, (usize, String)> {
        let mut columns = Vec::new();
        for (number, name) in names.iter().enumerate() {
            let column = Self::of(name.as_ref()).map_err(|message| (number, message))?;
            if columns.contains(&column) {
                return Err((number, format!("the column `{}` is there twice", name.as_ref())));
            }
            columns.push(column);
        }
        for (needed, name) in [(Self::Operation, "operation"), (Self::Channel, "channel")] {
            if !columns.contains(&needed) {
                let known = REQUEST_KEYS.join(", ");
                let message = format!("there is no column `{name}`; known columns: {known}");
                return Err((names.len(), message));
            }
        }
        Ok(columns)
    }

    fn of(name: &str) -> Result<Self, String> {
        match name {
            "id" => Ok(Self::Id),
            "operation" => Ok(Self::Operation),
            "channel" => Ok(Self::Channel),
            "" => Err("a column without a name; name it, or leave it out".to_owned()),
            name => {
                let fact = REQUEST_KEYS.contains(&name).then(|| name.replace('_', "-"));
                let fact = fact.as_deref().and_then(SituationFact::from_word);
                fact.map(Self::Fact).ok_or_else(|| unknown(name))
            }
        }
    }
}

fn unknown(name: &str) -> String {
    match nearest(name, REQUEST_KEYS.iter().copied()) {
        Some(near) => format!("unknown column `{name}`; did you mean `{near}`?"),
        None => {
            let known = REQUEST_KEYS.join(", ");
            format!("unknown column `{name}`; leave it out, or name one of: {known}")
        }
    }
}

/// The same situation with another value of a fact by one of the spellings of its word.
pub(super) fn with_word(
    situation: Situation,
    fact: SituationFact,
    word: &str,
) -> Result<Situation, String> {
    let is = |known: &&'static str| SituationFact::spellings(known).any(|it| it == word);
    let value = fact.words().iter().position(is);
    match value.and_then(|value| u8::try_from(value).ok()) {
        Some(value) => Ok(situation.with(fact, value)),
        None => Err(no_value(fact, word)),
    }
}

/// That a word is no value of a fact.
pub(super) fn no_value(fact: SituationFact, word: &str) -> String {
    let key = fact.as_str().replace('-', "_");
    format!("`{word}` is no value of `{key}`; expected one of: {}", fact.words().join(", "))
}
