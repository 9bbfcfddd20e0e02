//! What must hold whatever is configured.

use super::ids::{FeatureId, OperationId, ReasonId};
use super::operations::{Condition, Rule};
use crate::diagnostic::Span;
use crate::model::decision::{Basis, Outcome};
use serde::{Deserialize, Serialize};

/// Which answers are meant: those with one of these outcomes, reasons and bases; an empty list is
/// all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// Outcomes.
    pub outcomes: Vec<Outcome>,
    /// Reasons.
    pub reasons: Vec<ReasonId>,
    /// Bases.
    pub bases: Vec<Basis>,
}

impl Answers {
    /// Whether a rule gives one of these answers.
    pub fn include(&self, rule: &Rule) -> bool {
        (self.outcomes.is_empty() || self.outcomes.contains(&rule.outcome))
            && (self.reasons.is_empty() || self.reasons.contains(&rule.reason))
            && (self.bases.is_empty() || self.bases.contains(&rule.basis))
    }
}

/// What must hold whatever is configured.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Invariant {
    /// Its name.
    pub id: String,
    /// What it promises.
    pub text: String,
    /// The operations it speaks of.
    pub operations: Vec<OperationId>,
    /// The combinations it speaks of.
    pub when: Vec<Condition>,
    /// The answers it speaks of.
    pub answering: Answers,
    /// What it claims of them.
    pub claim: Claim,
    /// Statement numbers that say so.
    pub sources: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// What an invariant claims.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Claim {
    /// The answer is one of these.
    Always(Answers),
    /// The answer is none of these.
    Never(Answers),
    /// Turning one feature on never leads from one of these answers to one of those.
    NeverFromTo {
        /// The features, each turned on alone.
        turning_on: Vec<FeatureId>,
        /// Before.
        from: Answers,
        /// After.
        to: Answers,
    },
    /// Turning one feature on while one of its prerequisites is off leaves the answer the same.
    SameWithoutPrerequisites {
        /// The features, each turned on alone.
        turning_on: Vec<FeatureId>,
    },
}
