//! The facts of a subject: the values of its record, of others that it refers to, and what follows
//! from several.

mod features;
mod jobs;
mod pending;
mod schemas;

pub use pending::{PendingTime, Stage};

use super::alike::Sorts;
use crate::diagnostic::{Related, Span, Subject};
use crate::features::States;
use crate::features::records_of;
use crate::model::format::{Form, Kind, Section};
use crate::model::name::fold;
use crate::model::relied::NamesSection;
use crate::model::{
    CheckFact, Deployment, Duration, Fields, JobId, KeyName, KeyOf, MayRefer, Rules, Scalar, Value,
    indexed,
};
use jobs::{Schedules, may_be_inactive};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// A value that the deployment does not give.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// `section.key`, or a section that is absent.
    pub(super) key: String,
    /// The record that would give it; `None` where that is the subject's own.
    pub(super) of: Option<(Subject, Span)>,
}

impl Gap {
    /// A value of the subject itself, or a section.
    pub(super) fn new(key: impl Into<String>) -> Self {
        Self { key: key.into(), of: None }
    }

    /// A value of a record.
    fn in_record(fields: Fields<'_>, key: impl fmt::Display) -> Self {
        let of = Subject::new(&fields.section.id, &*fields.record.id);
        Self { key: format!("{}.{key}", fields.section.id), of: Some((of, fields.record.span)) }
    }

    /// Whether a whole section is meant.
    pub(super) fn is_a_section(&self) -> bool {
        !self.key.contains('.')
    }

    /// Whether a whole section is meant, or a value of a section that is one table: what no record
    /// stands for.
    pub(super) fn is_of_the_deployment(&self, rules: &Rules) -> bool {
        let section = self.key.split_once('.').map(|(section, _)| section);
        section.is_none_or(|section| {
            let known = rules.format.section(section);
            known.is_some_and(|(_, section)| section.form == Form::Single)
        })
    }
}

impl From<MayRefer<'_>> for Gap {
    fn from(may: MayRefer<'_>) -> Self {
        match may {
            MayRefer::Unlisted(section) => Self::new(&*section.id),
            MayRefer::By(record, key) => Self::in_record(record, &key.id),
        }
    }
}

/// More seconds than any duration has: those of what never comes.
const ENDLESS: i64 = i64::MAX;

/// A number of records.
#[expect(clippy::expect_used, reason = "another number would decide checks in silence")]
fn number(count: usize) -> i64 {
    i64::try_from(count).expect("a deployment has at most some 100,000 records")
}

/// How a message shows the numbers of a fact.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Unit {
    #[default]
    Plain,
    Seconds,
    Moment,
}

/// A fact of a subject: the values it has, and those that it may have but the deployment does not
/// give.
#[derive(Clone, Debug, Default)]
pub(super) struct SubjectFact {
    pub(super) values: Vec<Scalar>,
    pub(super) gaps: Vec<Gap>,
    /// What it is at most, whatever the gaps are.
    at_most: Option<i64>,
    unit: Unit,
    /// Where the deployment gives it.
    pub(super) place: Option<Span>,
    /// Where each value is given, where they are of several records.
    places: Vec<Option<Span>>,
    /// Other places that it follows from.
    pub(super) related: Vec<Related>,
    /// The documents that say so of this very subject, beside those of the check.
    pub(super) sources: Vec<String>,
}

impl SubjectFact {
    /// The fact with more documents that say so, each once.
    fn said_by(mut self, documents: &[String]) -> Self {
        for document in documents {
            if !self.sources.contains(document) {
                self.sources.push(document.clone());
            }
        }
        self
    }

    fn of(value: Scalar) -> Self {
        Self { values: vec![value], ..Self::default() }
    }

    fn text(text: impl Into<String>) -> Self {
        Self::of(Scalar::Text(text.into()))
    }

    fn boolean(value: bool) -> Self {
        Self::of(Scalar::Boolean(value))
    }

    fn number(count: usize) -> Self {
        Self::of(Scalar::Number(number(count)))
    }

    fn missing(gap: Gap) -> Self {
        Self::unknown(vec![gap])
    }

    fn unknown(gaps: Vec<Gap>) -> Self {
        Self { gaps, ..Self::default() }
    }

    /// Whether something is so: it is where that is known, and is not where nothing is missing.
    fn true_or(known: bool, gaps: Vec<Gap>) -> Self {
        if known || gaps.is_empty() { Self::boolean(known) } else { Self::unknown(gaps) }
    }

    fn at(mut self, place: Option<Span>) -> Self {
        self.place = place;
        self
    }

    /// One fact of many: all their values, the first place.
    fn joined(facts: impl IntoIterator<Item = Self>) -> Self {
        let mut joined = Self::default();
        for fact in facts {
            if !fact.values.is_empty() {
                joined.unit = fact.unit;
            }
            joined.places.extend(fact.values.iter().map(|_| fact.place));
            joined.values.extend(fact.values);
            joined.gaps.extend(fact.gaps);
            joined.related.extend(fact.related);
            joined.sources.extend(fact.sources);
            joined.place = joined.place.or(fact.place);
        }
        joined
    }

    /// Whether it is known to have no value.
    pub(super) fn is_none(&self) -> bool {
        self.values.is_empty() && self.gaps.is_empty()
    }

    /// The most that it can be, whatever is not given.
    pub(super) fn limit(&self) -> Option<Scalar> {
        self.at_most.map(Scalar::Number)
    }

    /// Where the value with this number is given.
    pub(super) fn place_of(&self, number: usize) -> Option<Span> {
        self.places.get(number).copied().flatten().or(self.place)
    }

    /// A value as a message shows it.
    pub(super) fn show(&self, value: &Scalar) -> String {
        self.unit.show(value)
    }

    /// Its values as a message shows them.
    pub(super) fn shown(&self) -> String {
        let texts: Vec<String> = self.values.iter().map(|value| self.unit.show(value)).collect();
        if texts.is_empty() { "not given".to_owned() } else { texts.join(", ") }
    }
}

impl Unit {
    fn show(self, value: &Scalar) -> String {
        match (self, value) {
            (_, Scalar::Boolean(value)) => value.to_string(),
            (_, Scalar::Text(text)) => text.clone(),
            (_, Scalar::Version(version)) => version.to_string(),
            (Self::Seconds, Scalar::Number(ENDLESS)) => "ever".to_owned(),
            (Self::Seconds, Scalar::Number(seconds)) => {
                let duration = u64::try_from(*seconds).ok().and_then(Duration::from_seconds);
                duration.map_or_else(|| "no time".to_owned(), |duration| duration.to_string())
            }
            (Self::Moment, Scalar::Number(second)) => jiff::Timestamp::from_second(*second)
                .map_or_else(|_| second.to_string(), |it| it.to_string()),
            (Self::Plain, Scalar::Number(number)) => number.to_string(),
        }
    }
}

/// Something that checks look at.
#[derive(Clone, Copy, Debug)]
pub(super) enum SubjectOf<'a> {
    /// A record of a section.
    Record(Fields<'a>),
    /// A job of the rules.
    Job(JobId),
}

/// The facts of a deployment's subjects.
pub(super) struct Facts<'a> {
    pub(super) deployment: &'a Deployment,
    states: &'a States,
    schedules: Schedules,
    /// Facts that are the same for every subject.
    shared: RefCell<HashMap<CheckFact, SubjectFact>>,
    /// The records of sections by what they say, by the number of the section.
    sorts: RefCell<HashMap<usize, Rc<Sorts>>>,
}

impl<'a> Facts<'a> {
    pub(super) fn of(deployment: &'a Deployment, states: &'a States) -> Self {
        Self {
            deployment,
            states,
            schedules: Schedules::of(deployment),
            shared: RefCell::default(),
            sorts: RefCell::default(),
        }
    }

    /// The records of a section by what they say.
    pub(super) fn sorts(&self, section: impl NamesSection) -> Rc<Sorts> {
        let rules = self.deployment.rules();
        // A section that is not there has no records.
        let number = rules.format.section(section).map(|(number, _)| number);
        let records = self.deployment.section(section).map(|(_, records)| records);
        let Some((number, records)) = number.zip(records) else { return Rc::default() };
        let mut known = self.sorts.borrow_mut();
        let sorts = known.entry(number);
        Rc::clone(sorts.or_insert_with(|| Rc::new(Sorts::of(rules, number, records))))
    }

    /// A fact of a subject.
    pub(super) fn fact(&self, subject: SubjectOf<'a>, fact: &CheckFact) -> SubjectFact {
        match (subject, fact) {
            (SubjectOf::Record(fields), CheckFact::Own(key)) => given(fields, *key),
            (SubjectOf::Record(fields), CheckFact::Reached(key)) => self.reached(fields, *key),
            (SubjectOf::Record(fields), CheckFact::Referred { by, key }) => {
                self.referred(fields, *by, *key)
            }
            (SubjectOf::Record(fields), CheckFact::OfFeature(name)) => {
                self.of_feature(fields, *name)
            }
            (SubjectOf::Record(fields), CheckFact::Covered(job, name)) => {
                let covered =
                    self.schedules.covered(self.deployment, &fields.record.id, *job, *name);
                covered.at(Some(fields.record.span))
            }
            (SubjectOf::Record(fields), CheckFact::Used) => {
                self.schedules.used(self.deployment, &fields.record.id)
            }
            (SubjectOf::Record(fields), CheckFact::ServesChannelsOnly) => {
                self.serves_channels_only(&fields.record.id)
            }
            (SubjectOf::Record(fields), CheckFact::Way(way, name)) => {
                self.way(fields, *way, *name).at(Some(fields.record.span))
            }
            (SubjectOf::Record(fields), CheckFact::Exchange(number)) => {
                self.exchange(fields, *number)
            }
            (SubjectOf::Record(fields), CheckFact::Overdue) => self.overdue(fields),
            (SubjectOf::Job(job), CheckFact::OfJob(name)) => {
                self.shared(&CheckFact::Job(job, *name))
            }
            _ => self.shared(fact),
        }
    }

    /// What a finding about a subject is about, and where to point for what has no place of its
    /// own.
    pub(super) fn identity(&self, subject: SubjectOf<'a>) -> (Subject, Span) {
        match subject {
            SubjectOf::Record(fields) => {
                (Subject::new(&fields.section.id, &*fields.record.id), fields.record.span)
            }
            SubjectOf::Job(id) => {
                let job = self.deployment.rules().job(id);
                let (section, _) = records_of(job.kind);
                (Subject::new(section, &job.id), self.deployment.place_of_section(section))
            }
        }
    }

    /// A fact that is the same for every subject.
    pub(super) fn shared(&self, fact: &CheckFact) -> SubjectFact {
        if let Some(known) = self.shared.borrow().get(fact) {
            return known.clone();
        }
        let found = match fact {
            CheckFact::Single(key) => self.of_single(*key),
            CheckFact::Recorded { id, key } => self.recorded(id, *key),
            CheckFact::Some(key) => self.some(*key),
            CheckFact::NumberOf(section) => self.number_of(*section),
            CheckFact::Feature(feature) => self.feature(*feature),
            CheckFact::Job(job, name) => self.job(*job, *name),
            // The others are of a subject, and bound to subjects that have them.
            _ => SubjectFact::default(),
        };
        self.shared.borrow_mut().insert(fact.clone(), found.clone());
        found
    }

    /// A section by its number, which facts are bound with.
    fn section(&self, number: usize) -> &'a Section {
        indexed(&self.deployment.rules().format.sections, number)
    }

    fn records(&self, section: &'a Section) -> impl Iterator<Item = Fields<'a>> + use<'a> {
        self.deployment.records(&section.id)
    }

    /// A key of a section that is one table.
    fn of_single(&self, key: KeyOf) -> SubjectFact {
        let section = self.section(key.section);
        match self.deployment.table(&section.id) {
            Some(fields) => given(fields, key),
            None => {
                let declared = indexed(&section.keys, key.key);
                SubjectFact::missing(Gap::new(format!("{}.{}", section.id, declared.id)))
            }
        }
    }

    /// A key of the record with this id. Of a section that does not list it, what is yes or no is
    /// no.
    fn recorded(&self, id: &str, key: KeyOf) -> SubjectFact {
        let section = self.section(key.section);
        let number = self.deployment.find(&section.id, id);
        if let Some(fields) = number.and_then(|number| self.deployment.record(&section.id, number))
        {
            return given(fields, key);
        }
        if !self.deployment.is_complete(&section.id) {
            return SubjectFact::missing(Gap::new(&section.id));
        }
        let is_boolean = indexed(&section.keys, key.key).kind == Kind::Boolean;
        let fact = if is_boolean { SubjectFact::boolean(false) } else { SubjectFact::default() };
        fact.at(self.deployment.header(&section.id))
    }

    /// A key of every record of a section.
    fn some(&self, key: KeyOf) -> SubjectFact {
        let section = self.section(key.section);
        let listed = self.records(section).map(|fields| given(fields, key));
        SubjectFact::joined(
            listed.chain(unlisted(self.deployment, &section.id).map(SubjectFact::missing)),
        )
    }

    fn number_of(&self, section: usize) -> SubjectFact {
        let section = self.section(section);
        match self.deployment.section(&section.id) {
            Some((_, records)) if self.deployment.is_complete(&section.id) => {
                SubjectFact::number(records.len()).at(self.deployment.header(&section.id))
            }
            _ => SubjectFact::missing(Gap::new(&section.id)),
        }
    }

    /// A key of the records that a key of the subject refers to.
    fn referred(&self, fields: Fields<'a>, by: KeyOf, key: KeyOf) -> SubjectFact {
        let (to, declared) = (self.section(key.section), indexed(&fields.section.keys, by.key));
        if fields.value(&declared.id).is_none() {
            return SubjectFact::missing(Gap::in_record(fields, &declared.id));
        }
        SubjectFact::joined(fields.list(&declared.id).into_iter().filter_map(|placed| {
            match &placed.value {
                Value::Reference { target: Some(target), .. } => {
                    Some(given(self.deployment.record(&to.id, *target)?, key))
                }
                Value::Reference { id, .. } if id.is_empty() => None,
                _ => Some(SubjectFact::missing(Gap::new(&to.id))),
            }
        }))
    }

    /// A key of the record that a channel's facts are read from.
    fn reached(&self, channel: Fields<'a>, key: KeyOf) -> SubjectFact {
        let section = self.section(key.section);
        match self.walk(channel, &section.id) {
            Ok(Some(fields)) => given(fields, key),
            Ok(None) => SubjectFact::default(),
            Err(gap) => SubjectFact::missing(gap),
        }
    }

    /// Follows a channel's references to a record of a section; `None` where the channel has none.
    fn walk(&self, channel: Fields<'a>, section: &str) -> Result<Option<Fields<'a>>, Gap> {
        let mut record = channel;
        for alternatives in self.deployment.rules().reach.get(section).into_iter().flatten() {
            let named = |key: &&String| record.text(*key).is_some_and(|id| !id.is_empty());
            let Some(key) = alternatives.iter().find(named) else {
                let missing = alternatives.iter().find(|key| record.value(*key).is_none());
                return missing.map_or(Ok(None), |key| Err(Gap::in_record(record, key)));
            };
            // What the channel refers to is another one where a key before this one was lost.
            if let Some(lost) = self.deployment.lost_before(record, alternatives) {
                return Err(Gap::in_record(record, lost));
            }
            let declared = record.section.key(key).map(|(_, key)| &key.kind);
            let Some(Kind::Reference(to)) = declared else { return Ok(None) };
            let target = record.target(key).and_then(|number| self.deployment.record(to, number));
            record = target.ok_or_else(|| Gap::new(to))?;
        }
        Ok(Some(record))
    }

    /// A fact of a record that an incomplete section does not list: what others say of it is as
    /// unknown as what it says itself.
    pub(super) fn of_unlisted(&self, record: Fields<'a>, fact: &CheckFact) -> SubjectFact {
        match fact {
            CheckFact::Covered(..) | CheckFact::Used | CheckFact::ServesChannelsOnly => {
                SubjectFact::missing(Gap::new(&record.section.id))
            }
            _ => self.fact(SubjectOf::Record(record), fact),
        }
    }

    /// Whether a recurring run is overdue: older than twice the recurrence. What is switched off is
    /// not meant to run.
    fn overdue(&self, fields: Fields<'a>) -> SubjectFact {
        if fields.boolean(KeyName::Active) == Some(false) {
            return SubjectFact::boolean(false);
        }
        let recurrence = match fields.value(KeyName::Recurrence) {
            Some(Value::Duration(recurrence)) => recurrence.number(),
            Some(_) => return SubjectFact::default(),
            None => return SubjectFact::missing(Gap::in_record(fields, KeyName::Recurrence)),
        };
        let Some(last_run) = fields.date_time(KeyName::LastRun) else {
            return SubjectFact::missing(Gap::in_record(fields, KeyName::LastRun));
        };
        let Some(now) = self.deployment.as_of() else {
            return SubjectFact::missing(Gap::new("deployment.as-of"));
        };
        let is_late = now.as_second() - last_run.as_second() > recurrence * 2;
        if is_late && may_be_inactive(fields) {
            return SubjectFact::missing(Gap::in_record(fields, KeyName::Active));
        }
        SubjectFact::boolean(is_late).at(Some(fields.span(KeyName::LastRun)))
    }
}

/// What is missing where a section may not list everything.
fn unlisted(deployment: &Deployment, section: impl NamesSection + fmt::Display) -> Option<Gap> {
    (!deployment.is_complete(section)).then(|| Gap::new(section.to_string()))
}

/// The value of a key of a record.
fn given(fields: Fields<'_>, key: KeyOf) -> SubjectFact {
    let declared = indexed(&fields.section.keys, key.key);
    match indexed(&fields.record.values, key.key) {
        Some(placed) => {
            let (values, unit) = scalars(&placed.value);
            SubjectFact { values, unit, place: Some(placed.span), ..SubjectFact::default() }
        }
        None => {
            SubjectFact::missing(Gap::in_record(fields, &declared.id)).at(Some(fields.record.span))
        }
    }
}

/// Whether two names are the same.
fn is_name(one: &str, other: &str) -> bool {
    one == other || fold(one) == fold(other)
}

/// The scalars that a value is to a check, and how a message shows them.
fn scalars(value: &Value) -> (Vec<Scalar>, Unit) {
    let (scalar, unit) = match value {
        Value::Boolean(value) => (Scalar::Boolean(*value), Unit::Plain),
        Value::Integer(number) => (Scalar::Number(*number), Unit::Plain),
        Value::Version(version) => (Scalar::Version(*version), Unit::Plain),
        Value::Duration(duration) => (Scalar::Number(duration.number()), Unit::Seconds),
        Value::DateTime(moment) => (Scalar::Number(moment.as_second()), Unit::Moment),
        Value::List(values) => {
            let parts = values.iter().map(|placed| scalars(&placed.value));
            let (values, units): (Vec<_>, Vec<_>) = parts.unzip();
            // Of an empty list there is nothing to show.
            return (values.concat(), units.first().copied().unwrap_or_default());
        }
        Value::Date(_) | Value::Code(_) | Value::NoRecurrence => {
            (Scalar::Text(value.to_string()), Unit::Plain)
        }
        other => match other.as_text() {
            Some("") | None => return (Vec::new(), Unit::Plain),
            Some(text) => (Scalar::Text(text.to_owned()), Unit::Plain),
        },
    };
    (vec![scalar], unit)
}
