//! What the names in a check mean: kinds of subject, and the facts of each.

use super::format::{Form, Kind, Section};
use super::relied::SectionName;
use super::rules::{
    CheckFact, CoverFact, FeatureFact, JobFact, KeyOf, Rules, SubjectKind, WayFact, indexed,
};

/// The name of the subjects that are jobs of the rules and not records of a section.
const JOB: &str = "job";

/// What a fact that is the interval of an exchange begins with.
const INTERVAL: &str = "interval";

/// The kinds of subject that checks may look at: the sections of a deployment, and `job`.
pub fn subjects(rules: &Rules) -> Vec<String> {
    let sections = rules.format.sections.iter().map(|section| section.id.clone());
    sections.chain([JOB.to_owned()]).collect()
}

/// The kind of subject that a name means.
pub fn subject_named(name: &str, rules: &Rules) -> Option<SubjectKind> {
    match name {
        JOB => Some(SubjectKind::Job),
        _ => rules.format.section(name).map(|(number, _)| SubjectKind::Section(number)),
    }
}

/// The name of a kind of subject.
pub fn subject_name(subject: SubjectKind, rules: &Rules) -> &str {
    match subject {
        SubjectKind::Section(number) => &indexed(&rules.format.sections, number).id,
        SubjectKind::Job => JOB,
    }
}

/// Whether the subjects are records of a section.
fn is(subject: SubjectKind, section: SectionName, rules: &Rules) -> bool {
    let section = rules.format.section(section).map(|(number, _)| SubjectKind::Section(number));
    section == Some(subject)
}

fn is_channel(subject: SubjectKind, rules: &Rules) -> bool {
    is(subject, SectionName::Channel, rules)
}

/// Facts that follow from a record, each with the section whose records have it.
const DERIVED: [(SectionName, &str, CheckFact); 4] = [
    (SectionName::DistributionSchedule, "overdue", CheckFact::Overdue),
    (SectionName::BatchJob, "overdue", CheckFact::Overdue),
    (SectionName::ChannelSchema, "serves-channels-only", CheckFact::ServesChannelsOnly),
    (SectionName::ChannelDatabaseGroup, "used", CheckFact::Used),
];

/// The fact that a name means for a kind of subject; `None` where there is no such fact.
pub fn fact_named(subject: SubjectKind, name: &str, rules: &Rules) -> Option<CheckFact> {
    let parts: Vec<&str> = name.split('.').collect();
    // What begins with a fixed word stands first: the last two forms take any words.
    match parts.as_slice() {
        [name] => own(subject, name, rules),
        ["feature", name] => rules.feature_named(name).map(CheckFact::Feature),
        ["job", name, fact] => {
            Some(CheckFact::Job(rules.job_named(name)?, JobFact::from_word(fact)?))
        }
        ["some", section, key] => key_of(section, key, rules).map(CheckFact::Some),
        ["number-of", section] => Some(CheckFact::NumberOf(rules.format.section(*section)?.0)),
        [fact, job] if CoverFact::from_word(fact).is_some() => {
            let of_groups = is(subject, SectionName::ChannelDatabaseGroup, rules);
            let covered = CheckFact::Covered(rules.job_named(job)?, CoverFact::from_word(fact)?);
            of_groups.then_some(covered)
        }
        [fact, way] if is_channel(subject, rules) && WayFact::from_word(fact).is_some() => {
            let number = rules.ways.iter().position(|known| known.id == *way)?;
            Some(CheckFact::Way(number, WayFact::from_word(fact)?))
        }
        [INTERVAL, exchange] if is_channel(subject, rules) => {
            let number = rules.exchanges.iter().position(|known| known.id == *exchange)?;
            Some(CheckFact::Exchange(number))
        }
        [place, key] => elsewhere(subject, place, key, rules),
        [section, id, key] => {
            let key = key_of(section, key, rules)?;
            // Without an id nothing says which of the records is meant.
            section_of(key, rules)?.identity?;
            Some(CheckFact::Recorded { id: (*id).to_owned(), key })
        }
        _ => None,
    }
}

/// A fact of the subject itself.
fn own(subject: SubjectKind, name: &str, rules: &Rules) -> Option<CheckFact> {
    let SubjectKind::Section(number) = subject else {
        return JobFact::from_word(name).map(CheckFact::OfJob);
    };
    let section = rules.format.sections.get(number)?;
    if let Some((key, _)) = section.key(name) {
        return Some(CheckFact::Own(KeyOf { section: number, key }));
    }
    if is(subject, SectionName::Features, rules) {
        return FeatureFact::from_word(name).map(CheckFact::OfFeature);
    }
    let mut derived = DERIVED.into_iter();
    let found = derived.find(|(of, fact, _)| *fact == name && is(subject, *of, rules));
    found.map(|(_, _, fact)| fact)
}

/// A key of another record: of the only one of its section, or one that the subject refers to.
fn elsewhere(subject: SubjectKind, place: &str, key: &str, rules: &Rules) -> Option<CheckFact> {
    if let Some((_, section)) = rules.format.section(place)
        && section.form == Form::Single
    {
        return key_of(place, key, rules).map(CheckFact::Single);
    }
    if is_channel(subject, rules) && rules.reach.contains_key(place) {
        return key_of(place, key, rules).map(CheckFact::Reached);
    }
    let SubjectKind::Section(number) = subject else { return None };
    let (by, declared) = rules.format.sections.get(number)?.key(place)?;
    let key = key_of(referred(&declared.kind)?, key, rules)?;
    Some(CheckFact::Referred { by: KeyOf { section: number, key: by }, key })
}

/// The section that values of a kind refer to.
fn referred(kind: &Kind) -> Option<&str> {
    match kind {
        Kind::Reference(to) => Some(to),
        Kind::List(inner) | Kind::OneOrMore(inner) => referred(inner),
        _ => None,
    }
}

fn key_of(section: &str, key: &str, rules: &Rules) -> Option<KeyOf> {
    let (section, declared) = rules.format.section(section)?;
    Some(KeyOf { section, key: declared.key(key)?.0 })
}

fn section_of(key: KeyOf, rules: &Rules) -> Option<&Section> {
    rules.format.sections.get(key.section)
}

/// The names of the facts of a kind of subject, for the nearest to what was written.
pub fn facts_of(subject: SubjectKind, rules: &Rules) -> Vec<String> {
    let format = &rules.format;
    let keys =
        |section: &Section| section.keys.iter().map(|key| key.id.clone()).collect::<Vec<_>>();
    let mut names: Vec<String> = Vec::new();
    if let SubjectKind::Section(number) = subject
        && let Some(section) = format.sections.get(number)
    {
        names.extend(keys(section));
        for declared in &section.keys {
            let target = referred(&declared.kind).and_then(|to| format.section(to));
            names.extend(
                target
                    .into_iter()
                    .flat_map(|(_, to)| keys(to))
                    .map(|key| format!("{}.{key}", declared.id)),
            );
        }
    }
    for section in &format.sections {
        let prefix = if section.form == Form::Single { "" } else { "some." };
        names.extend(keys(section).into_iter().map(|key| format!("{prefix}{}.{key}", section.id)));
        names.push(format!("number-of.{}", section.id));
    }
    names.extend(rules.reach.keys().filter_map(|place| format.section(place)).flat_map(
        |(_, section)| keys(section).into_iter().map(|key| format!("{}.{key}", section.id)),
    ));
    names.extend(rules.features.iter().map(|feature| format!("feature.{}", feature.id)));
    for job in &rules.jobs {
        names.extend(JobFact::ALL.iter().map(|fact| format!("job.{}.{fact}", job.id)));
        names.extend(CoverFact::ALL.iter().map(|fact| format!("{fact}.{}", job.id)));
    }
    for way in &rules.ways {
        names.extend(WayFact::ALL.iter().map(|fact| format!("{fact}.{}", way.id)));
    }
    names.extend(rules.exchanges.iter().map(|it| format!("{INTERVAL}.{}", it.id)));
    names.extend(JobFact::ALL.iter().map(ToString::to_string));
    names.extend(FeatureFact::ALL.iter().map(ToString::to_string));
    names.extend(DERIVED.map(|(_, name, _)| name.to_owned()));
    // More than there are, so that `fact_named` alone says which a kind of subject has.
    names.retain(|name| fact_named(subject, name, rules).is_some());
    names.sort();
    names.dedup();
    names
}

/// What the values of a fact are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sort {
    /// Yes or no.
    Boolean,
    /// Whole numbers.
    Number,
    /// Durations.
    Duration,
    /// Moments.
    Moment,
    /// Versions.
    Version,
    /// Some of these words.
    Word(Vec<String>),
    /// Names and other text.
    Text,
}

/// What the values of a fact are.
pub fn sort_of(fact: &CheckFact, rules: &Rules) -> Sort {
    match fact {
        CheckFact::NumberOf(_)
        | CheckFact::Covered(_, CoverFact::SchedulesOf)
        | CheckFact::Job(_, JobFact::Executing)
        | CheckFact::OfJob(JobFact::Executing) => Sort::Number,
        CheckFact::Way(..)
        | CheckFact::Exchange(_)
        | CheckFact::Job(_, JobFact::Recurrence)
        | CheckFact::OfJob(JobFact::Recurrence) => Sort::Duration,
        CheckFact::Job(_, JobFact::Job | JobFact::Title)
        | CheckFact::OfJob(JobFact::Job | JobFact::Title)
        | CheckFact::OfFeature(
            FeatureFact::Feature
            | FeatureFact::Since
            | FeatureFact::MissingPrerequisites
            | FeatureFact::OutstandingJobs
            | FeatureFact::JobsToRun,
        ) => Sort::Text,
        _ => {
            let key = key_behind(fact)
                .and_then(|key| rules.format.sections.get(key.section)?.keys.get(key.key));
            // What is no key and has no sort above says whether something is so.
            key.map_or(Sort::Boolean, |key| sort_of_kind(&key.kind))
        }
    }
}

fn sort_of_kind(kind: &Kind) -> Sort {
    match kind {
        Kind::Boolean => Sort::Boolean,
        Kind::Integer { .. } => Sort::Number,
        Kind::Duration | Kind::Recurrence => Sort::Duration,
        Kind::DateTime => Sort::Moment,
        Kind::Version => Sort::Version,
        Kind::Word(words) => Sort::Word(words.clone()),
        Kind::List(inner) | Kind::OneOrMore(inner) => sort_of_kind(inner),
        _ => Sort::Text,
    }
}

/// The key whose value a fact is; `None` for what follows from several.
pub fn key_behind(fact: &CheckFact) -> Option<KeyOf> {
    match fact {
        CheckFact::Own(key)
        | CheckFact::Single(key)
        | CheckFact::Reached(key)
        | CheckFact::Referred { key, .. }
        | CheckFact::Recorded { key, .. }
        | CheckFact::Some(key) => Some(*key),
        _ => None,
    }
}
