//! Go-live checks, and the facts of a deployment that they look at.

use super::ids::{FeatureId, JobId};
use crate::diagnostic::{Code, Severity, Span};
use crate::model::version::Version;
use crate::model::words;
use serde::{Deserialize, Serialize};

/// A go-live check.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Check {
    /// Its code.
    pub code: Code,
    /// Its severity.
    pub severity: Severity,
    /// What it looks for, in a few words.
    pub title: String,
    /// The kind of subject it looks at.
    pub subject: SubjectKind,
    /// Which subjects it looks at; all of these must hold.
    pub given: Vec<Test>,
    /// What is wrong with a subject; all of these must hold.
    pub fails: Vec<Test>,
    /// What to tell.
    pub message: Template,
    /// What to do about it.
    pub help: Template,
    /// Why it matters.
    pub why: String,
    /// The fact whose place it points at.
    pub at: Option<CheckFact>,
    /// A general check that it takes the place of.
    pub instead_of: Option<Code>,
    /// Statement numbers that justify it.
    pub sources: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A control that checks are evidence of, by an auditor's name for it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Control {
    /// What auditors call it.
    pub id: String,
    /// What it demands.
    pub title: String,
    /// The checks that are evidence of it.
    pub codes: Vec<Code>,
    /// Where it is declared.
    pub span: Span,
}

/// A kind of subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubjectKind {
    /// The records of the section with this number.
    Section(usize),
    /// The jobs that the rules know.
    Job,
}

/// What a check tells, with facts of the subject in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// As it was written.
    pub text: String,
    /// Its parts in order.
    pub parts: Vec<TemplatePart>,
}

/// A part of a [`Template`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TemplatePart {
    /// Text as it is.
    Text(String),
    /// The id of the subject.
    Id,
    /// The values that make the check fail: those of the first fact under `fails` that it lists.
    Found,
    /// The value of a fact.
    Fact(CheckFact),
}

/// One condition of a check: a fact of the subject compared with a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Test {
    /// The fact.
    pub fact: CheckFact,
    /// What it is compared with.
    pub comparison: Comparison,
}

impl Test {
    /// Whether it comes out the same for every subject.
    pub fn is_shared(&self) -> bool {
        let other = match &self.comparison {
            Comparison::NotFact(other)
            | Comparison::BelowFact(other)
            | Comparison::AboveFact(other) => Some(other),
            Comparison::Is(_)
            | Comparison::IsNot(_)
            | Comparison::Below(_)
            | Comparison::Above(_) => None,
        };
        self.fact.is_shared() && other.is_none_or(CheckFact::is_shared)
    }
}

/// How a check compares a fact. A fact may have several values, such as all that a list holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// One of its values is one of these; with none of these, it has no value.
    Is(Vec<Scalar>),
    /// None of its values is one of these; with none of these, it has a value.
    IsNot(Vec<Scalar>),
    /// It is less, older or shorter than this.
    Below(Scalar),
    /// It is more, newer or longer than this.
    Above(Scalar),
    /// None of its values is a value of this fact.
    NotFact(CheckFact),
    /// It is less, older or shorter than this fact.
    BelowFact(CheckFact),
    /// It is more, newer or longer than this fact.
    AboveFact(CheckFact),
}

/// A key of a section: the numbers of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KeyOf {
    /// The section.
    pub section: usize,
    /// The key in it.
    pub key: usize,
}

/// A fact that a check looks at, as its name means it for the kind of subject.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum CheckFact {
    /// A key of the subject's record: `enabled`.
    Own(KeyOf),
    /// A key of a section that is one table: `parameters.try-count`.
    Single(KeyOf),
    /// A key of the record that a channel's facts are read from: `channel-schema.…`.
    Reached(KeyOf),
    /// A key of the records that a key of the subject refers to: `default-customer.…`.
    Referred {
        /// The key that refers.
        by: KeyOf,
        /// The key of the record.
        key: KeyOf,
    },
    /// A key of the record with this id: `scheduler-job.1010.…`.
    Recorded {
        /// The id.
        id: String,
        /// The key of the record.
        key: KeyOf,
    },
    /// A key of every record of a section: `some.functionality-profile.…`.
    Some(KeyOf),
    /// How many records a section has: `number-of.channel`.
    NumberOf(usize),
    /// Whether headquarters has a feature on: `feature.multiple-contacts`.
    Feature(FeatureId),
    /// What follows from the records of a job: `job.synchronize-orders.scheduled`.
    Job(JobId, JobFact),
    /// The same of the subject, a job: `scheduled`.
    OfJob(JobFact),
    /// What follows from the schedules that name the subject, a channel database group:
    /// `covered-by.1010`.
    Covered(JobId, CoverFact),
    /// What follows from a record of a feature.
    OfFeature(FeatureFact),
    /// Whether the subject, a channel schema, serves databases of channels and no offline ones:
    /// `serves-channels-only`.
    ServesChannelsOnly,
    /// Whether a channel uses the subject, a channel database group: `used`.
    Used,
    /// How long a customer created in the channel waits on the way with this number:
    /// `at-most.usable`.
    Way(usize, WayFact),
    /// The interval given for the exchange with this number, of the channel's database group:
    /// `interval.upload`.
    Exchange(usize),
    /// Whether the subject's last run is older than twice its recurrence: `overdue`.
    Overdue,
}

impl CheckFact {
    /// Whether it is the same for every subject.
    pub fn is_shared(&self) -> bool {
        matches!(
            self,
            Self::Single(_)
                | Self::Recorded { .. }
                | Self::Some(_)
                | Self::NumberOf(_)
                | Self::Feature(_)
                | Self::Job(..)
        )
    }
}

words! {
    /// What follows from the records of a job.
    JobFact {
        /// Its id.
        Job = "job",
        /// What people call it.
        Title = "title",
        /// Whether a record of it recurs and is waiting or executing.
        Recurring = "recurring",
        /// Whether a record of it, or of a job that stands for it, is active, recurs and is waiting
        /// or executing.
        Scheduled = "scheduled",
        /// How often it runs: the shortest recurrence of its active records.
        Recurrence = "recurrence",
        /// How many of its records are executing.
        Executing = "executing",
    }
}

words! {
    /// What follows from the distribution schedules of a job for a channel database group.
    CoverFact {
        /// Whether an active one, or one of a job that stands for it, names the group.
        CoveredBy = "covered-by",
        /// How many active ones name the group.
        SchedulesOf = "schedules-of",
    }
}

words! {
    /// How long a customer that is created in a channel waits until it is of use.
    WayFact {
        /// The whole of each wait.
        AtMost = "at-most",
        /// Half of each wait.
        Typically = "typically",
    }
}

words! {
    /// What follows from a record of a feature.
    FeatureFact {
        /// Its id.
        Feature = "feature",
        /// Whether the deployment's version has it.
        Exists = "exists",
        /// The version from which it exists.
        Since = "since",
        /// Whether everything it requires is on.
        PrerequisitesMet = "prerequisites-met",
        /// The names of what it requires and is not on.
        MissingPrerequisites = "missing-prerequisites",
        /// Whether every job that must follow it has run since it was enabled.
        JobsHaveRun = "jobs-have-run",
        /// The names of those that have not.
        OutstandingJobs = "outstanding-jobs",
        /// The names of the jobs to run once it and all it requires is on.
        JobsToRun = "jobs-to-run",
    }
}

/// A value of a check's fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
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
