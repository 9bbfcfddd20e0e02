//! Scenarios that were played, and which rules they reached.

use crate::load::LoadedScenario;
use crate::model::Rules;
use crate::scenario::{Mismatch, Play};

/// A scenario with what came of it.
#[derive(Clone, Debug)]
pub struct Played {
    /// The scenario as it was read.
    pub loaded: LoadedScenario,
    /// What came of it.
    pub play: Play,
}

impl Played {
    pub(super) fn path(&self) -> &str {
        self.loaded.path()
    }

    pub(super) fn name(&self) -> &str {
        &self.loaded.scenario.name
    }

    pub(super) fn steps(&self) -> usize {
        self.loaded.scenario.steps().count()
    }
}

/// Whether a scenario reached the rule of this number.
fn reaches(played: &Played, index: usize) -> bool {
    played.play.rules.iter().any(|rule| rule.index() == index)
}

/// For every rule the scenarios that reached it.
pub(super) fn reached<'p>(
    rules: &'p Rules,
    played: &'p [Played],
) -> Vec<(&'p str, Vec<&'p Played>)> {
    let by = |index: usize| played.iter().filter(move |played| reaches(played, index));
    rules
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| (rule.id.as_str(), by(index).collect()))
        .collect()
}

pub(super) fn told(mismatch: &Mismatch) -> String {
    let Mismatch { key, expected, found, .. } = mismatch;
    format!("{key}: expected {expected}, found {found}")
}
