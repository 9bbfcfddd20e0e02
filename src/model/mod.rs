//! The vocabulary: everything that rules, deployments and decisions are made of. No logic beyond
//! comparing and naming.

mod blank;
pub mod check_facts;
mod decision;
mod deployment;
mod duration;
mod event_keys;
pub mod format;
pub mod name;
mod record;
mod references;
pub mod relied;
mod rules;
mod situation;
mod version;
mod words;

pub(crate) use blank::{or_blank, said};
pub use decision::{Basis, Outcome};
pub(crate) use deployment::Contents;
pub use deployment::{Deployment, Edit};
pub use duration::{Duration, MalformedDuration};
#[cfg(feature = "store")]
pub(crate) use event_keys::event_keys;
pub use event_keys::{EventKey, EventPart, EventValue};
pub use record::{Fields, Placed, Record, Records, Value};
pub(crate) use references::MayRefer;
pub use relied::{KeyName, SectionName};
pub(crate) use rules::indexed;
pub(crate) use rules::indexed_mut;
pub use rules::{
    Answers, ChannelTable, ChannelTableId, Check, CheckFact, Circumstance, CircumstanceId, Claim,
    Comparison, Condition, Contradiction, Control, CoverFact, Creation, Document, Edge, EdgeKind,
    Evidence, Exchange, Export, ExportForm, ExportValues, Fact, FactId, Feature, FeatureFact,
    FeatureId, Impossible, Invariant, Job, JobEffect, JobFact, JobId, JobKind, KeyOf, KnownFailure,
    NameIndex, Names, Node, Operation, OperationId, Origin, Reason, ReasonId, Rule, RuleId, Rules,
    Scalar, Setting, SettingId, Statement, SubjectKind, Template, TemplatePart, Term, Test, Wait,
    Way, WayFact, first_name,
};
pub use situation::{Connection, Customer, Order, RealTimeService, Situation, SituationFact};
pub use version::{MalformedVersion, Version};
pub(crate) use words::words;
