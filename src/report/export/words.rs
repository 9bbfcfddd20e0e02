//! The words of a situation, and its number.

use crate::model::{Situation, SituationFact};

/// The words of a fact, each with what it adds to the number of the situation.
pub(super) fn parts(fact: SituationFact) -> impl Iterator<Item = (&'static str, usize)> {
    let words = fact.words().iter().zip(0..);
    words.map(move |(word, value)| (*word, Situation::default().with(fact, value).index()))
}

/// The word that a fact has where nothing is said of it.
pub(super) fn default(fact: SituationFact) -> &'static str {
    Situation::default().word(fact)
}
