//! Records that say the same but for their names: what a check says of one of them, where it does
//! not speak of what tells them apart, it says of all. Of thousands of channels there are few
//! sorts.

use crate::model::format::{Form, Kind, Section};
use crate::model::{Check, CheckFact, Comparison, KeyOf, Record, Rules, SubjectKind, Value};
use std::collections::HashMap;
use std::hash::{Hash, Hasher};

/// The records of a section, sorted by what they say.
#[derive(Debug, Default)]
pub(super) struct Sorts {
    /// The number of the sort of each record.
    pub(super) of: Vec<usize>,
    /// How many there are.
    pub(super) count: usize,
}

impl Sorts {
    /// The sorts of the records of the section with this number.
    pub(super) fn of(rules: &Rules, number: usize, records: &[Record]) -> Self {
        let looked_at = looked_at(rules, number);
        let mut known: HashMap<Said<'_>, usize> = HashMap::new();
        let mut sorts = Self { of: Vec::with_capacity(records.len()), count: 0 };
        for record in records {
            let next = known.len();
            let said = Said { record, looked_at: &looked_at };
            sorts.of.push(*known.entry(said).or_insert(next));
        }
        sorts.count = known.len();
        sorts
    }
}

/// Which keys of a section make a difference to checks that can be said of a sort: all but those of
/// free text that none of these asks for, such as ids and names.
fn looked_at(rules: &Rules, number: usize) -> Vec<bool> {
    let section = rules.format.sections.get(number);
    let keys = section.into_iter().flat_map(|section| section.keys.iter().enumerate());
    let subject = SubjectKind::Section(number);
    let checks = rules.checks.iter().filter(|it| it.subject == subject && is_of_sorts(it, section));
    let asked: Vec<&CheckFact> = checks.flat_map(facts).collect();
    let is_asked = |key: usize| asked.contains(&&CheckFact::Own(KeyOf { section: number, key }));
    keys.map(|(number, key)| key.kind != Kind::Text || is_asked(number)).collect()
}

/// Whether what a check says of a record follows from what that says beside its name.
pub(super) fn is_of_sorts(check: &Check, section: Option<&Section>) -> bool {
    let is_named = |key: usize| section.is_none_or(|section| section.identity == Some(key));
    let has_names = section.is_some_and(|section| section.form == Form::Records);
    has_names
        && facts(check).all(|fact| match fact {
            CheckFact::Own(key) => !is_named(key.key),
            // Of a record among them, what that lacks is not what each of them lacks.
            CheckFact::Recorded { key, .. } | CheckFact::Some(key) => {
                check.subject != SubjectKind::Section(key.section)
            }
            CheckFact::Single(_)
            | CheckFact::Reached(_)
            | CheckFact::Referred { .. }
            | CheckFact::NumberOf(_)
            | CheckFact::Feature(_)
            | CheckFact::Job(..)
            | CheckFact::Way(..)
            | CheckFact::Exchange(_)
            | CheckFact::Overdue => true,
            CheckFact::OfJob(_)
            | CheckFact::Covered(..)
            | CheckFact::OfFeature(_)
            | CheckFact::ServesChannelsOnly
            | CheckFact::Used => false,
        })
}

/// The facts that a check asks for.
fn facts(check: &Check) -> impl Iterator<Item = &CheckFact> {
    check.given.iter().chain(&check.fails).flat_map(|test| {
        let other = match &test.comparison {
            Comparison::NotFact(other)
            | Comparison::BelowFact(other)
            | Comparison::AboveFact(other) => Some(other),
            _ => None,
        };
        std::iter::once(&test.fact).chain(other)
    })
}

/// What a record says, wherever it stands.
struct Said<'a> {
    record: &'a Record,
    looked_at: &'a [bool],
}

impl Said<'_> {
    fn values(&self) -> impl Iterator<Item = Option<&Value>> {
        let values = self.record.values.iter().zip(self.looked_at);
        let values = values.filter(|(_, is_looked_at)| **is_looked_at);
        values.map(|(value, _)| value.as_ref().map(|placed| &placed.value))
    }
}

impl PartialEq for Said<'_> {
    fn eq(&self, other: &Self) -> bool {
        // Records of one section have as many values.
        self.values().zip(other.values()).all(|pair| match pair {
            (Some(one), Some(other)) => is_same(one, other),
            (one, other) => one.is_none() && other.is_none(),
        })
    }
}

impl Eq for Said<'_> {}

impl Hash for Said<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        for value in self.values() {
            match value {
                Some(value) => digest(value, state),
                None => state.write_u8(0),
            }
        }
    }
}

/// Whether two values are the same, wherever they stand.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::List(some), Value::List(others)) => {
            let mut pairs = some.iter().zip(others);
            some.len() == others.len()
                && pairs.all(|(one, other)| is_same(&one.value, &other.value))
        }
        _ => one == other,
    }
}

/// Puts into a hash what most values differ in.
fn digest<H: Hasher>(value: &Value, state: &mut H) {
    match value {
        Value::Boolean(value) => state.write_u8(1 + u8::from(*value)),
        Value::Integer(number) => state.write_i64(*number),
        Value::List(values) => values.iter().for_each(|placed| digest(&placed.value, state)),
        other => other.as_text().hash(state),
    }
}
