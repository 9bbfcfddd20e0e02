//! What the rules know: facts, operations and their rules, features and what they need, jobs, reasons, invariants and
//! sources.

use super::decision::{Basis, Outcome};
use super::format::Format;
use super::name::fold;
use super::record::Fields;
use super::situation::SituationFact;
use super::version::Version;
use super::words::words;
use crate::diagnostic::{Code, SettingPage, Severity, Sources, Span};
use std::collections::HashMap;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Declares a number that stands for a record of the catalogue.
macro_rules! ids {
    ($($(#[$about:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(u16);

        impl $name {
            /// The id of the record at `index`; an index beyond the limits of the rules gives one that names nothing.
            pub(crate) fn new(index: usize) -> Self {
                Self(u16::try_from(index).unwrap_or(u16::MAX))
            }

            /// The record's index.
            pub fn index(self) -> usize {
                usize::from(self.0)
            }
        }
    )+};
}

ids! {
    /// The number of a fact in [`Catalogue::facts`].
    FactId,
    /// The number of an operation in [`Catalogue::operations`].
    OperationId,
    /// The number of a rule in [`Catalogue::rules`].
    RuleId,
    /// The number of a reason in [`Catalogue::reasons`].
    ReasonId,
    /// The number of a feature in [`Catalogue::features`].
    FeatureId,
    /// The number of a job in [`Catalogue::jobs`].
    JobId,
}

/// Something that is known about a request: one of a finite set of values.
#[derive(Clone, Debug)]
pub struct Fact {
    /// Its name, such as `connection` or `feature.edit-customers-async`.
    pub id: String,
    /// The words of its values, at most 64; `false` and `true` for a boolean.
    pub words: Vec<String>,
    /// Where its value comes from.
    pub origin: Origin,
    /// The number of the value it has where none is given; `None` where one must be given.
    pub default: Option<usize>,
    /// The version before which it counts as its default.
    pub since: Option<Version>,
    /// Boolean facts that must be true, or it counts as its default.
    pub requires: Vec<FactId>,
    /// What it is.
    pub text: String,
    /// Statement numbers that speak of it.
    pub sources: Vec<String>,
    /// Where it is declared; the feature's place for a feature's fact.
    pub span: Span,
}

/// Where the value of a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The situation.
    Situation(SituationFact),
    /// A key of the record that the channel reaches in a section of the deployment.
    Setting {
        /// The section.
        section: String,
        /// The key.
        key: String,
    },
    /// The effective state of a feature.
    Feature(FeatureId),
}

/// One condition: a fact has one of some values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The fact.
    pub fact: FactId,
    /// The values it may have, a bit for each.
    pub values: u64,
    /// Where the condition is written.
    pub span: Span,
}

impl Condition {
    /// Whether it holds for the value with this number.
    pub fn allows(&self, value: usize) -> bool {
        value < 64 && self.values >> value & 1 == 1
    }
}

/// A combination that cannot be.
#[derive(Clone, Debug)]
pub struct Impossible {
    /// The conditions that exclude each other.
    pub when: Vec<Condition>,
    /// Why.
    pub text: String,
}

words! {
    /// What an operation brings into being.
    Creation {
        /// A customer.
        Customer = "customer",
        /// A customer order or quotation.
        Order = "order",
    }
}

/// A customer operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Its name, such as `create-customer`.
    pub id: String,
    /// Its POS operations: number and name.
    pub pos: Vec<(String, String)>,
    /// Its names in the API of the Commerce Scale Unit.
    pub api: Vec<String>,
    /// What it does.
    pub text: String,
    /// The kinds of channel that offer it; empty for all.
    pub channels: Vec<String>,
    /// Whether it is done to a customer.
    pub needs_customer: bool,
    /// Whether it is done to an order.
    pub needs_order: bool,
    /// What it brings into being.
    pub creates: Option<Creation>,
    /// Whether it ends an order.
    pub cancels_order: bool,
    /// The table that an async operation adds a row to, by its index in [`Catalogue::tables`].
    pub writes: Option<usize>,
    /// Its rules, guards first, as indices of [`Catalogue::rules`].
    pub rules: Range<usize>,
    /// Where it is declared.
    pub span: Span,
}

impl Operation {
    /// Every name it answers to: its own, its POS numbers and names, its API names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let pos = self.pos.iter().flat_map(|(number, name)| [number.as_str(), name.as_str()]);
        std::iter::once(self.id.as_str()).chain(pos).chain(self.api.iter().map(String::as_str))
    }
}

/// A rule of an operation.
#[derive(Clone, Debug)]
pub struct Rule {
    /// `<operation>/<rule>`.
    pub id: String,
    /// The operation.
    pub operation: OperationId,
    /// Conditions that must all hold, in file order.
    pub when: Vec<Condition>,
    /// How the operation ends.
    pub outcome: Outcome,
    /// Why.
    pub reason: ReasonId,
    /// On what authority.
    pub basis: Basis,
    /// Statement numbers.
    pub sources: Vec<String>,
    /// The product's error id.
    pub error_id: Option<String>,
    /// What else to know, such as a contradiction between sources.
    pub note: Option<String>,
    /// Where it is written; the operation's place for a guard.
    pub span: Span,
}

/// A reason that rules give.
#[derive(Clone, Debug)]
pub struct Reason {
    /// Its code.
    pub id: String,
    /// What it means.
    pub text: String,
    /// What can be done about it.
    pub help: Option<String>,
    /// The product's error ids, each with the operations it holds for; none named is all.
    pub errors: Vec<(String, Vec<OperationId>)>,
    /// Where it is declared.
    pub span: Span,
}

/// Names in several languages: language code and names, English first.
pub type Names = Vec<(String, Vec<String>)>;

/// A feature of Feature management.
#[derive(Clone, Debug)]
pub struct Feature {
    /// Its id, such as `edit-customers-async`.
    pub id: String,
    /// Its number in the dossier of features, such as `F4`.
    pub node: Option<String>,
    /// Its names; the first English one is canonical.
    pub names: Names,
    /// Its class names in the product.
    pub classes: Vec<String>,
    /// The version that introduced it; `None` where not known, which counts as every version.
    pub since: Option<Version>,
    /// How `since` is known where no source says it: `assumed` or `inferred`.
    pub since_basis: Option<String>,
    /// The version since which it is on unless turned off.
    pub on_by_default_since: Option<Version>,
    /// The version since which it cannot be turned off.
    pub mandatory_since: Option<Version>,
    /// What it does.
    pub text: String,
    /// Documents that speak of it.
    pub documents: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A setting that edges of the prerequisite graph speak of.
#[derive(Clone, Debug)]
pub struct Setting {
    /// Its id.
    pub id: String,
    /// Its number in the dossier of features, where it has one.
    pub node: Option<String>,
    /// Its names; the first English one is canonical.
    pub names: Names,
    /// The page that shows it.
    pub page: Option<String>,
    /// The section and key of a deployment that hold it; `None` where none does.
    pub key: Option<(String, String)>,
    /// The version that introduced it.
    pub since: Option<Version>,
    /// What it does.
    pub text: String,
    /// Documents that speak of it.
    pub documents: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// Something that edges speak of and no deployment holds: data, another application's version, a capability.
#[derive(Clone, Debug)]
pub struct Circumstance {
    /// Its id.
    pub id: String,
    /// What it is.
    pub text: String,
    /// Where it is declared.
    pub span: Span,
}

/// A job: of a distribution schedule, or a batch job.
#[derive(Clone, Debug)]
pub struct Job {
    /// Its id: the number of a distribution schedule's job, such as `1010`, or a name.
    pub id: String,
    /// What runs it.
    pub kind: JobKind,
    /// Its names; the first English one is canonical.
    pub names: Names,
    /// The page that shows it.
    pub page: Option<String>,
    /// What it does.
    pub text: String,
    /// What it does to the store.
    pub does: Vec<JobEffect>,
    /// The section and key of a deployment that record its last run beside its own records.
    pub recorded_at: Option<(String, String)>,
    /// Documents that speak of it.
    pub documents: Vec<String>,
    /// Statement numbers that speak of it.
    pub statements: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

impl Job {
    /// Its canonical name: id and first English name.
    pub fn title(&self) -> String {
        match first_name(&self.names) {
            Some(name) if self.kind == JobKind::Batch => name.to_owned(),
            Some(name) => format!("{} ({name})", self.id),
            None => self.id.clone(),
        }
    }
}

/// A table that scheduler subjobs carry; async operations add rows to some.
#[derive(Clone, Debug)]
pub struct Table {
    /// Its name.
    pub id: String,
    /// What it holds.
    pub text: String,
    /// What processes the rows that async operations add to it; `None` where none do.
    pub processed_by: Option<JobEffect>,
    /// Whether a customer's rows are processed with the customer's orders and sales (S-033, S-034).
    pub with_orders: bool,
}

words! {
    /// What runs a job.
    JobKind {
        /// A distribution schedule, from headquarters to the channels.
        Download = "download",
        /// A distribution schedule, from the channels to headquarters.
        Upload = "upload",
        /// A batch job of headquarters.
        Batch = "batch",
    }
}

words! {
    /// What a job does to the store (section 7 of the decision table).
    JobEffect {
        /// Rows of the channels reach headquarters.
        Upload = "upload",
        /// Customers get their accounts; rows of customers and requests are applied.
        SynchronizeCustomers = "synchronize-customers",
        /// Uploaded orders and cancellations are applied.
        SynchronizeOrders = "synchronize-orders",
        /// Uploaded sales are applied.
        PostSales = "post-sales",
        /// Account IDs reach every channel.
        SendAccounts = "send-accounts",
        /// Settings of functionality profiles reach every channel.
        SendProfiles = "send-profiles",
        /// The state of features that name no job of their own reaches every channel.
        SendFeatures = "send-features",
        /// It counts as a run of every download job.
        EveryDownload = "every-download",
    }
}

words! {
    /// How two nodes of the prerequisite graph are joined.
    EdgeKind {
        /// The one cannot work without the other.
        Requires = "requires",
        /// The one needs a setting, which does not keep it from being effective.
        Setting = "setting",
        /// A job must run after the one is enabled.
        ThenRun = "then-run",
        /// The one switches the other on.
        Implies = "implies",
        /// The two exclude each other.
        Conflicts = "conflicts",
        /// The one cannot be turned off again.
        Irreversible = "irreversible",
        /// The one makes the other needless.
        Substitutes = "substitutes",
        /// A job must be scheduled to recur.
        Schedule = "schedule",
    }
}

/// An end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Node {
    /// A feature.
    Feature(FeatureId),
    /// A setting, by its index.
    Setting(usize),
    /// A circumstance, by its index.
    Circumstance(usize),
    /// A job.
    Job(JobId),
}

/// An edge of the prerequisite graph.
#[derive(Clone, Debug)]
pub struct Edge {
    /// Its number, such as `E1`.
    pub id: String,
    /// Where it begins.
    pub from: Vec<Node>,
    /// What it says.
    pub kind: EdgeKind,
    /// Where it leads.
    pub to: Vec<Node>,
    /// The first and last version it holds for.
    pub versions: Option<(Version, Version)>,
    /// What else to know.
    pub text: Option<String>,
    /// On what authority.
    pub basis: Basis,
    /// Documents that say so.
    pub documents: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

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

/// A document that statements are read from.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its key, such as `ACM-22`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Its language.
    pub language: String,
    /// Who translated it: `human` or `machine`; `None` for an original.
    pub translation: Option<String>,
    /// Its date, as it gives it.
    pub date: Option<String>,
    /// The version it speaks of, for pages of what is new.
    pub version: Option<String>,
}

/// A numbered statement about the product.
#[derive(Clone, Debug)]
pub struct Statement {
    /// Its number, such as `S-016`.
    pub id: String,
    /// What it says, in our own words.
    pub text: String,
    /// The documents that say it.
    pub documents: Vec<String>,
    /// How it is known where it was not read: `inferred`, `third-party` or `legacy`.
    pub tag: Option<String>,
    /// The statement that took its place.
    pub superseded_by: Option<String>,
    /// What else to know.
    pub note: Option<String>,
}

/// Two sources that disagree, and the reading that the rules follow.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// Its number, such as `C1`.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// What the one says.
    pub one: String,
    /// What the other says.
    pub other: String,
    /// What the rules follow.
    pub reading: String,
    /// The documents concerned.
    pub documents: Vec<String>,
    /// The statements concerned.
    pub statements: Vec<String>,
}

/// A failure that people met in production.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its number, such as `R3`.
    pub id: String,
    /// What was seen.
    pub symptom: String,
    /// What caused it.
    pub cause: String,
    /// What mended it.
    pub fix: String,
    /// Documents that tell of it.
    pub documents: Vec<String>,
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

/// Everything that the rules know.
#[derive(Clone, Debug)]
pub struct Catalogue {
    /// The files they were read from.
    pub files: Sources,
    /// Where they come from: `embedded`, or the directory.
    pub source: String,
    /// Files of checks that were added to them.
    pub added: Vec<String>,
    /// The format of a deployment.
    pub format: Format,
    /// How a channel reaches a record of a section: each step follows the first reference given.
    pub reach: HashMap<String, Vec<Vec<String>>>,
    /// The facts: those declared, then one for each feature.
    pub facts: Vec<Fact>,
    /// Combinations that cannot be.
    pub impossible: Vec<Impossible>,
    /// The operations.
    pub operations: Vec<Operation>,
    /// The rules of all operations.
    pub rules: Vec<Rule>,
    /// The reasons.
    pub reasons: Vec<Reason>,
    /// The features.
    pub features: Vec<Feature>,
    /// The settings of the prerequisite graph.
    pub settings: Vec<Setting>,
    /// The circumstances of the prerequisite graph.
    pub circumstances: Vec<Circumstance>,
    /// The edges of the prerequisite graph.
    pub edges: Vec<Edge>,
    /// The jobs.
    pub jobs: Vec<Job>,
    /// Tables that scheduler subjobs carry.
    pub tables: Vec<Table>,
    /// The invariants.
    pub invariants: Vec<Invariant>,
    /// The go-live checks.
    pub checks: Vec<Check>,
    /// The documents.
    pub documents: Vec<Document>,
    /// The statements.
    pub statements: Vec<Statement>,
    /// The contradictions.
    pub contradictions: Vec<Contradiction>,
    /// The failures.
    pub failures: Vec<Failure>,
    /// What names mean.
    pub names: NameIndex,
}

/// What folded names mean.
#[derive(Clone, Debug, Default)]
pub struct NameIndex {
    /// Features by id, names and class names.
    pub features: HashMap<String, FeatureId>,
    /// Jobs of distribution schedules by id and names.
    pub distribution_jobs: HashMap<String, JobId>,
    /// Batch jobs by id and names; one has the name of a distribution schedule's job.
    pub batch_jobs: HashMap<String, JobId>,
    /// Operations by name, POS number, POS name and API name.
    pub operations: HashMap<String, OperationId>,
    /// Settings of the prerequisite graph by id and names.
    pub settings: HashMap<String, usize>,
}

/// The first English name.
pub fn first_name(names: &Names) -> Option<&str> {
    let english = names.iter().find(|(language, _)| language == "en").or_else(|| names.first())?;
    english.1.first().map(String::as_str)
}

impl Catalogue {
    /// The fact with this number.
    pub fn fact(&self, id: FactId) -> Option<&Fact> {
        self.facts.get(id.index())
    }

    /// The fact with this name.
    pub fn fact_named(&self, name: &str) -> Option<FactId> {
        self.facts.iter().position(|fact| fact.id == name).map(FactId::new)
    }

    /// The operation with this number.
    pub fn operation(&self, id: OperationId) -> Option<&Operation> {
        self.operations.get(id.index())
    }

    /// The operation that a name, POS number or API name means.
    pub fn operation_named(&self, name: &str) -> Option<OperationId> {
        self.names.operations.get(&*fold(name)).copied()
    }

    /// The rule with this number.
    pub fn rule(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(id.index())
    }

    /// The reason with this number.
    pub fn reason(&self, id: ReasonId) -> Option<&Reason> {
        self.reasons.get(id.index())
    }

    /// The code of a reason.
    pub fn reason_code(&self, id: ReasonId) -> &str {
        self.reason(id).map_or("", |reason| reason.id.as_str())
    }

    /// The feature with this number.
    pub fn feature(&self, id: FeatureId) -> Option<&Feature> {
        self.features.get(id.index())
    }

    /// The feature that an id, a name in any language, or a class name means.
    pub fn feature_named(&self, name: &str) -> Option<FeatureId> {
        let folded = fold(name);
        let class = folded.strip_prefix("dynamics.ax.application.").unwrap_or(&folded);
        self.names.features.get(class).copied()
    }

    /// The job with this number.
    pub fn job(&self, id: JobId) -> Option<&Job> {
        self.jobs.get(id.index())
    }

    /// The job that an id or a name in any language means; a distribution schedule's before a batch job.
    pub fn job_named(&self, name: &str) -> Option<JobId> {
        self.distribution_job_named(name).or_else(|| self.batch_job_named(name))
    }

    /// The job of a distribution schedule that an id or a name in any language means.
    pub fn distribution_job_named(&self, name: &str) -> Option<JobId> {
        self.names.distribution_jobs.get(&*fold(name)).copied()
    }

    /// The batch job that an id or a name in any language means.
    pub fn batch_job_named(&self, name: &str) -> Option<JobId> {
        self.names.batch_jobs.get(&*fold(name)).copied()
    }

    /// The id of a node of the prerequisite graph.
    pub fn node_id(&self, node: Node) -> &str {
        let id = match node {
            Node::Feature(id) => self.feature(id).map(|feature| &feature.id),
            Node::Setting(index) => self.settings.get(index).map(|setting| &setting.id),
            Node::Circumstance(index) => self.circumstances.get(index).map(|circumstance| &circumstance.id),
            Node::Job(id) => self.job(id).map(|job| &job.id),
        };
        id.map_or("", String::as_str)
    }

    /// What a node of the prerequisite graph is called.
    pub fn node_name(&self, node: Node) -> String {
        let name = match node {
            Node::Feature(id) => self.feature(id).and_then(|feature| first_name(&feature.names)),
            Node::Setting(index) => self.settings.get(index).and_then(|setting| first_name(&setting.names)),
            Node::Circumstance(index) => {
                self.circumstances.get(index).map(|circumstance| circumstance.text.as_str())
            }
            Node::Job(id) => return self.job(id).map(Job::title).unwrap_or_default(),
        };
        name.unwrap_or_else(|| self.node_id(node)).to_owned()
    }

    /// The node of the prerequisite graph with this id.
    pub fn node_named(&self, id: &str) -> Option<Node> {
        let feature = self
            .features
            .iter()
            .position(|feature| feature.id == id)
            .map(|i| Node::Feature(FeatureId::new(i)));
        let setting = || self.settings.iter().position(|setting| setting.id == id).map(Node::Setting);
        let circumstance = || self.circumstances.iter().position(|it| it.id == id).map(Node::Circumstance);
        let job = || self.jobs.iter().position(|job| job.id == id).map(|i| Node::Job(JobId::new(i)));
        feature.or_else(setting).or_else(circumstance).or_else(job)
    }

    /// Where headquarters shows what a deployment holds under `section.key`.
    pub fn setting_of(&self, key: &str) -> Option<SettingPage> {
        let (section, key) = key.split_once('.')?;
        let (_, section) = self.format.section(section)?;
        section.setting(section.key(key)?.1)
    }

    /// Where headquarters shows a value of a record; for a feature, the feature itself.
    pub fn setting_of_record(&self, fields: Fields<'_>, key: &str) -> Option<SettingPage> {
        if let Some(feature) =
            self.feature_named(&fields.record.id).filter(|_| fields.section.id == "features")
        {
            let name = first_name(&self.feature(feature)?.names)?.to_owned();
            return Some(SettingPage { name, page: fields.section.page.clone()? });
        }
        fields.section.setting(fields.section.key(key)?.1)
    }

    /// Each edge of one kind that leads from a feature, with the node it leads to.
    pub fn edges_from(&self, feature: FeatureId, kind: EdgeKind) -> impl Iterator<Item = (&Edge, Node)> {
        let from = Node::Feature(feature);
        let edges = self.edges.iter().filter(move |edge| edge.kind == kind && edge.from.contains(&from));
        edges.flat_map(|edge| edge.to.iter().map(move |node| (edge, *node)))
    }

    /// The jobs that must run after a feature is enabled, before a channel knows of it.
    pub fn then_run(&self, feature: FeatureId) -> impl Iterator<Item = JobId> {
        self.edges_from(feature, EdgeKind::ThenRun).filter_map(|(_, node)| match node {
            Node::Job(job) => Some(job),
            _ => None,
        })
    }

    /// The go-live check with this code.
    pub fn check(&self, code: Code) -> Option<&Check> {
        self.checks.iter().find(|check| check.code == code)
    }

    /// The facts that an operation's guards and rules mention, in the order of their numbers.
    pub fn mentioned(&self, operation: &Operation) -> Vec<FactId> {
        let rules = self.rules.get(operation.rules.clone()).unwrap_or_default();
        let mut facts: Vec<FactId> =
            rules.iter().flat_map(|rule| rule.when.iter().map(|condition| condition.fact)).collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }
}

/// A rule set, loaded and found valid; cheap to clone and shared between threads.
#[derive(Clone, Debug)]
pub struct Rules(Arc<Catalogue>);

impl Rules {
    /// A handle on `catalogue`, which `load` has found valid.
    pub(crate) fn new(catalogue: Catalogue) -> Self {
        Self(Arc::new(catalogue))
    }
}

impl Deref for Rules {
    type Target = Catalogue;

    fn deref(&self) -> &Catalogue {
        &self.0
    }
}

impl Rules {
    /// Whether both are the same rule set, loaded once.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
