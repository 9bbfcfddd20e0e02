//! A test of a check: how the values of a fact compare, where some of them may not be known.

use super::facts::{Gap, SubjectFact};
use crate::diagnostic::{Related, Span};
use crate::model::name::fold;
use crate::model::{CheckFact, Comparison, Duration, Scalar, Test, Version};
use std::borrow::Cow;
use std::cmp::Ordering;

/// A test of a check against a subject.
pub(super) struct Tested {
    pub(super) place: Option<Span>,
    /// The values that are among those it is compared with, as a message shows them.
    pub(super) found: Vec<String>,
    pub(super) related: Vec<Related>,
    /// The documents that say so of this very subject.
    pub(super) sources: Vec<String>,
    /// Whether it holds; `None` where that is not known.
    pub(super) holds: Option<bool>,
    /// What is missing for it to be known.
    pub(super) gaps: Vec<Gap>,
}

/// What a check may say of a subject that is not known.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Says {
    /// Nothing: it does not speak of such.
    Nothing,
    /// That nothing is wrong.
    Right,
    /// Anything.
    Wrong,
}

impl Says {
    /// What it says, unless there is no such subject, or nothing is wrong with it.
    pub(super) const fn unless(is_no_subject: bool, is_right: bool) -> Self {
        match (is_no_subject, is_right) {
            (true, _) => Self::Nothing,
            (false, true) => Self::Right,
            (false, false) => Self::Wrong,
        }
    }
}

/// Tests a subject by its facts.
pub(super) fn tested(test: &Test, fact_of: impl Fn(&CheckFact) -> SubjectFact) -> Tested {
    let fact = fact_of(&test.fact);
    let mut gaps = fact.gaps.clone();
    let other = match &test.comparison {
        Comparison::NotFact(other)
        | Comparison::BelowFact(other)
        | Comparison::AboveFact(other) => {
            let other = fact_of(other);
            gaps.extend(other.gaps.iter().cloned());
            other
        }
        _ => SubjectFact::default(),
    };
    let holds = match &test.comparison {
        Comparison::Is(values) => is_one_of(&fact, values),
        Comparison::IsNot(values) => is_one_of(&fact, values).map(|is| !is),
        Comparison::Below(bound) => any(&fact, |value| is_ordered(value, bound, Ordering::Less)),
        Comparison::Above(bound) => is_above(&fact, bound),
        Comparison::NotFact(_) => shares(&fact, &other).map(|shares| !shares),
        Comparison::BelowFact(_) => is_beyond(&fact, &other, Ordering::Less),
        Comparison::AboveFact(_) => is_beyond(&fact, &other, Ordering::Greater),
    };
    let wanted = match &test.comparison {
        Comparison::Is(values) => values.as_slice(),
        _ => &[],
    };
    let matching = || fact.values.iter().enumerate().filter(|(_, value)| is_among(value, wanted));
    let place = matching().next().map_or(fact.place, |(number, _)| fact.place_of(number));
    let found = matching().map(|(_, value)| fact.show(value)).collect();
    Tested { place, found, related: fact.related, sources: fact.sources, holds, gaps }
}

/// Whether a value satisfies a condition; what is not given might.
fn any(fact: &SubjectFact, condition: impl Fn(&Scalar) -> bool) -> Option<bool> {
    if fact.values.iter().any(condition) {
        return Some(true);
    }
    fact.gaps.is_empty().then_some(false)
}

/// Whether a value is above a bound; it is not where the most that it can be is not.
fn is_above(fact: &SubjectFact, bound: &Scalar) -> Option<bool> {
    let is_above = |value: &Scalar| is_ordered(value, bound, Ordering::Greater);
    any(fact, is_above).or_else(|| fact.limit().filter(|limit| !is_above(limit)).map(|_| false))
}

/// Whether a value is one of these, or with none of these, whether there is no value.
fn is_one_of(fact: &SubjectFact, wanted: &[Scalar]) -> Option<bool> {
    if wanted.is_empty() {
        return any(fact, |_| true).map(|has_values| !has_values);
    }
    any(fact, |value| is_among(value, wanted))
}

fn is_among(value: &Scalar, wanted: &[Scalar]) -> bool {
    wanted.iter().any(|other| like(value, other).is_some_and(|other| is_same(value, &other)))
}

/// Whether two facts have a value in common; what has none shares none.
fn shares(one: &SubjectFact, other: &SubjectFact) -> Option<bool> {
    if one.is_none() || other.is_none() {
        return Some(false);
    }
    if other.gaps.is_empty() {
        return any(one, |value| other.values.iter().any(|known| is_same(value, known)));
    }
    let shares =
        one.values.iter().any(|value| other.values.iter().any(|known| is_same(value, known)));
    shares.then_some(true)
}

/// Whether two values are the same; names are compared as names are.
fn is_same(one: &Scalar, other: &Scalar) -> bool {
    match (one, other) {
        (Scalar::Text(one), Scalar::Text(other)) => one == other || fold(one) == fold(other),
        _ => one == other,
    }
}

/// Whether a fact is less or more than another; it is neither where one of them has no value.
fn is_beyond(one: &SubjectFact, other: &SubjectFact, wanted: Ordering) -> Option<bool> {
    if one.is_none() || other.is_none() {
        return Some(false);
    }
    if !other.gaps.is_empty() {
        return None;
    }
    any(one, |value| other.values.iter().any(|bound| is_ordered(value, bound, wanted)))
}

/// Whether a value stands so to a bound; values of different sorts do not compare.
fn is_ordered(value: &Scalar, bound: &Scalar, wanted: Ordering) -> bool {
    like(value, bound).is_some_and(|bound| {
        std::mem::discriminant(value) == std::mem::discriminant(&*bound)
            && value.cmp(&bound) == wanted
    })
}

/// `written`, read as a value of the same sort as `scalar`: a version or a duration stands in rules
/// as text.
fn like<'w>(scalar: &Scalar, written: &'w Scalar) -> Option<Cow<'w, Scalar>> {
    match (scalar, written) {
        (Scalar::Version(_), Scalar::Text(text)) => {
            text.parse::<Version>().ok().map(|version| Cow::Owned(Scalar::Version(version)))
        }
        (Scalar::Number(_), Scalar::Text(text)) => {
            let duration: Duration = text.parse().ok()?;
            Some(Cow::Owned(Scalar::Number(duration.number())))
        }
        _ => Some(Cow::Borrowed(written)),
    }
}
