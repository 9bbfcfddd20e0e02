//! What must hold: invariants of the rules, go-live checks of deployments.

use super::ids::{FeatureId, OperationId, ReasonId};
use super::rules::{Condition, Rule};
use crate::diagnostic::{Code, Severity, Span};
use crate::model::decision::{Basis, Outcome};
use crate::model::version::Version;

/// Which answers are meant: those with one of these outcomes, reasons and bases; an empty list is all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug)]
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
#[derive(Clone, Debug)]
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

/// A go-live check.
#[derive(Clone, Debug)]
pub struct Check {
    /// Its code.
    pub code: Code,
    /// Its severity.
    pub severity: Severity,
    /// What it looks for, in a few words.
    pub title: String,
    /// The kind of subject it looks at.
    pub subject: String,
    /// Which subjects it looks at; all of these must hold.
    pub given: Vec<Test>,
    /// What is wrong with a subject; all of these must hold.
    pub fails: Vec<Test>,
    /// What to tell; `{name}` stands for a fact of the subject.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Why it matters.
    pub why: String,
    /// The fact whose place it points at.
    pub at: Option<String>,
    /// A general check that it takes the place of.
    pub instead_of: Option<Code>,
    /// Statement numbers that justify it.
    pub sources: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// One condition of a check: a fact of the subject compared with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Test {
    /// The fact.
    pub fact: String,
    /// What it is compared with.
    pub comparison: Comparison,
}

/// How a check compares a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// It is one of these.
    Is(Vec<Scalar>),
    /// It is none of these.
    IsNot(Vec<Scalar>),
    /// It is less, older or shorter than this.
    Below(Scalar),
    /// It is more, newer or longer than this.
    Above(Scalar),
}

/// A value of a check's fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number; durations in seconds, moments in seconds since 1970.
    Number(i64),
    /// A version.
    Version(Version),
    /// A word or a name.
    Text(String),
}
