//! How lines tell situations. There are a few hundred, and a program writes each of them in the
//! same words every time: where those were read before, they are not read again.

use crate::model::Situation;
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// So many texts are remembered, those that came first.
const TEXTS: usize = 1 << 12;
/// Longer ones are not.
const TEXT_BYTES: usize = 1 << 10;

/// The situations that texts were found to tell: what stands behind a request's names, all of it.
/// The texts are of one format, with the same columns.
#[derive(Debug, Default)]
pub(crate) struct ToldSituations(HashMap<Box<[u8]>, Situation, FixedState>);

impl ToldSituations {
    /// What a text was found to tell.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<Situation> {
        self.0.get(text).copied()
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Remembers what a text tells, whatever stands before it.
    pub(crate) fn remember(&mut self, text: &[u8], situation: Situation) {
        if self.0.len() < TEXTS && text.len() <= TEXT_BYTES {
            self.0.insert(text.into(), situation);
        }
    }
}
