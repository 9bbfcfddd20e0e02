//! What the rules know: facts, operations and their rules, features and what they need, jobs,
//! reasons, invariants and sources.

mod checks;
mod exports;
mod ids;
mod operations;
mod prerequisites;
mod promises;
mod sources;

pub use checks::{
    Check, CheckFact, Comparison, Control, CoverFact, FeatureFact, JobFact, KeyOf, Scalar,
    SubjectKind, Template, TemplatePart, Test, WayFact,
};
pub use exports::{Export, ExportForm, ExportValues};
pub(crate) use ids::indexed;
pub(crate) use ids::indexed_mut;
pub use ids::{
    ChannelTableId, CircumstanceId, FactId, FeatureId, JobId, OperationId, ReasonId, RuleId,
    SettingId,
};
pub use operations::{Condition, Creation, Fact, Impossible, Operation, Origin, Reason, Rule};
pub use prerequisites::{
    ChannelTable, Circumstance, Edge, EdgeKind, Exchange, Feature, Job, JobEffect, JobKind, Names,
    Node, Setting, Wait, Way, first_name,
};
pub use promises::{Answers, Claim, Invariant};
pub use sources::{Contradiction, Document, Evidence, KnownFailure, Statement, Term};

use super::format::Format;
use super::name::fold;
use super::relied::{KeyName, SectionName};
use crate::diagnostic::{Code, SettingPage, Severity, Sources};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How the rules are asked for a record by its id, and for all ids.
macro_rules! records {
    ($($name:ident => $one:ident, $all:ident: $record:ty, $field:ident;)+) => {
        impl Rules {
            $(
                /// The record with this id, which must be of these rules.
                #[doc(hidden)]
                pub fn $one(&self, id: $name) -> &$record {
                    indexed(&self.$field, id.index())
                }

                /// The ids of all such records, in their order.
                #[doc(hidden)]
                pub fn $all(&self) -> impl DoubleEndedIterator<Item = $name> + use<> {
                    (0..self.$field.len()).filter_map($name::checked)
                }
            )+
        }
    };
}

records! {
    FactId => fact, fact_ids: Fact, facts;
    OperationId => operation, operation_ids: Operation, operations;
    RuleId => rule, rule_ids: Rule, rules;
    ReasonId => reason, reason_ids: Reason, reasons;
    FeatureId => feature, feature_ids: Feature, features;
    SettingId => setting, setting_ids: Setting, settings;
    CircumstanceId => circumstance, circumstance_ids: Circumstance, circumstances;
    JobId => job, job_ids: Job, jobs;
    ChannelTableId => channel_table, channel_table_ids: ChannelTable, channel_tables;
}

/// A rule set: everything that decisions, checks and imports know of Dynamics 365. `load` finds it
/// valid and shares it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(bound(deserialize = "'de: 'static"))]
pub struct Rules {
    /// The files they were read from.
    #[doc(hidden)]
    pub files: Sources,
    /// Where they come from: `embedded`, or the directory.
    #[doc(hidden)]
    pub source: String,
    /// Files of checks that were added to them.
    #[doc(hidden)]
    pub added: Vec<String>,
    /// The format of a deployment.
    #[doc(hidden)]
    pub format: Format,
    /// How a channel reaches a record of a section: each step follows the first reference given.
    #[doc(hidden)]
    pub reach: BTreeMap<String, Vec<Vec<String>>>,
    /// The facts: those declared, then one for each feature.
    #[doc(hidden)]
    pub facts: Vec<Fact>,
    /// Combinations that cannot be.
    #[doc(hidden)]
    pub impossible: Vec<Impossible>,
    /// The operations.
    #[doc(hidden)]
    pub operations: Vec<Operation>,
    /// The rules of all operations.
    #[doc(hidden)]
    pub rules: Vec<Rule>,
    /// The reasons.
    #[doc(hidden)]
    pub reasons: Vec<Reason>,
    /// The features.
    #[doc(hidden)]
    pub features: Vec<Feature>,
    /// The settings of the prerequisite graph.
    #[doc(hidden)]
    pub settings: Vec<Setting>,
    /// The circumstances of the prerequisite graph.
    #[doc(hidden)]
    pub circumstances: Vec<Circumstance>,
    /// The edges of the prerequisite graph.
    #[doc(hidden)]
    pub edges: Vec<Edge>,
    /// The jobs.
    #[doc(hidden)]
    pub jobs: Vec<Job>,
    /// What Commerce Data Exchange carries by itself.
    #[doc(hidden)]
    pub exchanges: Vec<Exchange>,
    /// The ways of a customer that is created in a channel, each until it is of use somewhere.
    #[doc(hidden)]
    pub ways: Vec<Way>,
    /// Tables that scheduler subjobs carry.
    #[doc(hidden)]
    pub channel_tables: Vec<ChannelTable>,
    /// The invariants.
    #[doc(hidden)]
    pub invariants: Vec<Invariant>,
    /// The go-live checks.
    #[doc(hidden)]
    pub checks: Vec<Check>,
    /// The controls that checks are evidence of.
    #[doc(hidden)]
    pub controls: Vec<Control>,
    /// What they rest on: documents, statements, contradictions and failures.
    #[doc(hidden)]
    pub evidence: Evidence,
    /// What headquarters exports.
    #[doc(hidden)]
    pub exports: Vec<Export>,
    /// What words in exports mean.
    #[doc(hidden)]
    pub export_values: Vec<ExportValues>,
    /// What names mean.
    #[doc(hidden)]
    pub names: NameIndex,
}

/// What folded names mean.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct NameIndex {
    /// Features by id, names and class names.
    pub features: BTreeMap<String, FeatureId>,
    /// Jobs of distribution schedules by id and names.
    pub distribution_jobs: BTreeMap<String, JobId>,
    /// Batch jobs by id and names; one has the name of a distribution schedule's job.
    pub batch_jobs: BTreeMap<String, JobId>,
    /// Operations by name, POS number, POS name and API name.
    pub operations: BTreeMap<String, OperationId>,
    /// Settings of the prerequisite graph by id and names.
    pub settings: BTreeMap<String, SettingId>,
}

impl Rules {
    /// The fact with this name.
    pub fn fact_named(&self, name: &str) -> Option<FactId> {
        self.fact_ids().find(|id| self.fact(*id).id == name)
    }

    /// The operation that a name, POS number or API name means.
    pub fn operation_named(&self, name: &str) -> Option<OperationId> {
        self.names.operations.get(&*fold(name)).copied()
    }

    /// The code of a reason.
    pub fn reason_code(&self, id: ReasonId) -> &str {
        &self.reason(id).id
    }

    /// The feature that an id, a name in any language, or a class name means.
    pub fn feature_named(&self, name: &str) -> Option<FeatureId> {
        let folded = fold(name);
        let class = folded.strip_prefix("dynamics.ax.application.").unwrap_or(&folded);
        self.names.features.get(class).copied()
    }

    /// The job that an id or a name in any language means; a distribution schedule's before a batch
    /// job.
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

    /// The table of channel databases that a name means.
    pub fn channel_table_named(&self, name: &str) -> Option<ChannelTableId> {
        let folded = fold(name);
        self.channel_table_ids().find(|id| fold(&self.channel_table(*id).id) == folded)
    }

    /// The id of a node of the prerequisite graph.
    pub fn node_id(&self, node: Node) -> &str {
        match node {
            Node::Feature(id) => &self.feature(id).id,
            Node::Setting(id) => &self.setting(id).id,
            Node::Circumstance(id) => &self.circumstance(id).id,
            Node::Job(id) => &self.job(id).id,
        }
    }

    /// What a node of the prerequisite graph is called.
    pub fn node_name(&self, node: Node) -> String {
        let name = match node {
            Node::Feature(id) => first_name(&self.feature(id).names),
            Node::Setting(id) => first_name(&self.setting(id).names),
            Node::Circumstance(id) => Some(self.circumstance(id).text.as_str()),
            Node::Job(id) => return self.job(id).title(),
        };
        name.unwrap_or_else(|| self.node_id(node)).to_owned()
    }

    /// What people call a node, marked as a name where it is one: a job is called by its number
    /// too, and so marked enough.
    pub fn node_quoted(&self, node: Node) -> String {
        let name = self.node_name(node);
        match node {
            Node::Job(_) => name,
            // A circumstance is a sentence of its own.
            Node::Circumstance(_) => format!("`{}`", name.trim_end_matches('.')),
            Node::Feature(_) | Node::Setting(_) => format!("`{name}`"),
        }
    }

    /// Every node of the prerequisite graph.
    pub fn nodes(&self) -> impl Iterator<Item = Node> + use<> {
        let features = self.feature_ids().map(Node::Feature);
        let settings = self.setting_ids().map(Node::Setting);
        let circumstances = self.circumstance_ids().map(Node::Circumstance);
        features.chain(settings).chain(circumstances).chain(self.job_ids().map(Node::Job))
    }

    /// The node of the prerequisite graph with this id.
    pub fn node_named(&self, id: &str) -> Option<Node> {
        self.nodes().find(|node| self.node_id(*node) == id)
    }

    /// The exchange whose interval a key of channel database groups gives.
    pub(crate) fn exchange_at(&self, key: KeyName) -> Option<&Exchange> {
        let (section, groups) = self.format.section(SectionName::ChannelDatabaseGroup)?;
        let interval = KeyOf { section, key: groups.key(key)?.0 };
        self.exchanges.iter().find(|exchange| exchange.interval == interval)
    }

    /// The same of rules that were not refused.
    #[expect(clippy::expect_used, reason = "another interval would be wrong in silence")]
    pub fn exchange(&self, key: KeyName) -> &Exchange {
        self.exchange_at(key).expect("rules are refused that lack the exchange")
    }

    /// Where headquarters shows what a deployment holds under `section.key`, of a record of this
    /// kind.
    pub fn setting_of(&self, key: &str, kind: Option<&str>) -> Option<SettingPage> {
        let (section, key) = key.split_once('.')?;
        let (_, section) = self.format.section(section)?;
        section.setting(section.key(key)?.1, kind)
    }

    /// Where headquarters shows whether a feature is on.
    pub fn page_of_feature(&self, feature: FeatureId) -> Option<SettingPage> {
        let name = first_name(&self.feature(feature).names)?.to_owned();
        let (_, section) = self.format.section("features")?;
        Some(SettingPage { name, page: section.page.clone()? })
    }

    /// Each edge of one kind that leads from a feature, with the node it leads to.
    pub fn edges_from(
        &self,
        feature: FeatureId,
        kind: EdgeKind,
    ) -> impl Iterator<Item = (&Edge, Node)> {
        let from = Node::Feature(feature);
        let edges =
            self.edges.iter().filter(move |edge| edge.kind == kind && edge.from.contains(&from));
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

    /// The digest over the files of the rules and of added checks, wherever these lie.
    pub fn digest(&self) -> String {
        self.files.digest("")
    }

    /// The severity of a go-live check: the highest of those that have the code.
    pub fn severity_of(&self, code: Code) -> Option<Severity> {
        let checks = self.checks.iter().filter(|check| check.code == code);
        checks.map(|check| check.severity).max()
    }

    /// The ids of the controls that a check is evidence of, in the order declared.
    pub fn controls_of(&self, code: Code) -> Vec<String> {
        let controls = self.controls.iter().filter(|control| control.codes.contains(&code));
        controls.map(|control| control.id.clone()).collect()
    }

    /// The rules of an operation of these rules, in the order in which they are tried.
    pub fn rules_of(&self, operation: &Operation) -> &[Rule] {
        ids::in_a_row(&self.rules, operation.rules.clone())
    }

    /// The ids of an operation's rules, in the order in which they are tried.
    pub fn rule_ids_of(&self, operation: &Operation) -> impl Iterator<Item = RuleId> + use<> {
        operation.rules.clone().filter_map(RuleId::checked)
    }

    /// The facts that an operation's guards and rules mention, in the order of their numbers.
    pub fn mentioned(&self, operation: &Operation) -> Vec<FactId> {
        let mut facts: Vec<FactId> = self
            .rules_of(operation)
            .iter()
            .flat_map(|rule| rule.when.iter().map(|condition| condition.fact))
            .collect();
        facts.sort_unstable();
        facts.dedup();
        facts
    }
}
