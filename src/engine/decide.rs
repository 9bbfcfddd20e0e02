//! The engine: handles resolved once, a decision one lookup.

use super::fold::Configuration;
use super::table::{Cell, DecisionTable, DecisionTables};
use crate::features::States;
use crate::model::name::nearest;
use crate::model::{
    Basis, Deployment, Fields, OperationId, Outcome, Rule, RuleId, Rules, SectionName, Situation,
};
use std::fmt;
use std::sync::Arc;

/// Rules and a deployment, ready to decide. It does no I/O, is `Send + Sync`, and is cheap to share
/// by reference.
#[derive(Clone, Debug)]
pub struct Engine {
    deployment: Deployment,
    states: States,
    channels: Vec<ChannelEntry>,
    tables: DecisionTables,
}

#[derive(Clone, Debug)]
struct ChannelEntry {
    configuration: Configuration,
    table: Arc<DecisionTable>,
}

/// Why no engine can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The deployment was read by other rules, whose names mean other things.
    #[error("the deployment was read by other rules than those of the engine")]
    OtherRules,
    /// A fact without a default is not given.
    #[error("`{fact}` of the channel `{channel}` is not given and has no default")]
    Missing {
        /// The channel's id.
        channel: String,
        /// The fact.
        fact: String,
    },
}

/// A name that means nothing here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnknownName {
    /// What it should be: `channel` or `operation`.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// The known name most like it.
    pub nearest: Option<String>,
    /// Some known names, for one that is like none of them.
    pub known: Vec<String>,
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} `{}`", self.what, self.name)?;
        match &self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None if self.known.is_empty() => Ok(()),
            None => write!(f, "; among those known: {}", self.known.join(", ")),
        }
    }
}

impl UnknownName {
    fn new<'a>(what: &'static str, name: &str, known: impl Iterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.collect();
        let near = nearest(name, known.iter().copied()).map(str::to_owned);
        let known = known.iter().take(5).map(|known| format!("`{known}`")).collect();
        Self { what, name: name.to_owned(), nearest: near, known }
    }
}

impl Engine {
    /// Folds every channel of a deployment into the rules.
    ///
    /// # Errors
    ///
    /// The deployment was read by other rules, or lacks a fact that has no default.
    pub fn new(rules: &Arc<Rules>, deployment: &Deployment) -> Result<Self, EngineError> {
        if !Arc::ptr_eq(rules, deployment.rules()) {
            return Err(EngineError::OtherRules);
        }
        let states = States::of(deployment);
        let mut tables = DecisionTables::new(rules);
        let mut channels = Vec::new();
        for channel in deployment.records(SectionName::Channel) {
            let configuration =
                Configuration::of(deployment, &states, channel).map_err(|fact| {
                    EngineError::Missing { channel: channel.record.id.clone(), fact }
                })?;
            let table = tables.get(&configuration);
            channels.push(ChannelEntry { configuration, table });
        }
        Ok(Self { deployment: deployment.clone(), states, channels, tables })
    }

    /// The rules.
    pub fn rules(&self) -> &Arc<Rules> {
        self.deployment.rules()
    }

    /// The deployment.
    pub fn deployment(&self) -> &Deployment {
        &self.deployment
    }

    /// The state of every feature.
    pub fn states(&self) -> &States {
        &self.states
    }

    /// The tables of the deployment's configurations.
    pub fn tables(&self) -> &DecisionTables {
        &self.tables
    }

    /// The channel with this id, compared as names are.
    ///
    /// # Errors
    ///
    /// There is no such channel.
    pub fn channel(&self, id: &str) -> Result<Channel<'_>, UnknownName> {
        let found = self
            .deployment
            .find(SectionName::Channel, id)
            .and_then(|number| self.channel_at(number));
        let known =
            self.deployment.records(SectionName::Channel).map(|channel| channel.record.id.as_str());
        found.ok_or_else(|| UnknownName::new("channel", id, known))
    }

    /// The channel with this number, in the order of the deployment.
    pub fn channel_at(&self, number: usize) -> Option<Channel<'_>> {
        self.channels.get(number).map(|entry| Channel { engine: self, number, entry })
    }

    /// Every channel, in the order of the deployment.
    pub fn channels(&self) -> impl Iterator<Item = Channel<'_>> {
        (0..self.channels.len()).filter_map(|number| self.channel_at(number))
    }

    /// The operation that a name, POS number or API name means.
    ///
    /// # Errors
    ///
    /// There is no such operation.
    pub fn operation(&self, name: &str) -> Result<OperationId, UnknownName> {
        let rules = self.rules();
        rules.operation_named(name).ok_or_else(|| {
            let known = rules.operations.iter().flat_map(crate::model::Operation::names);
            // Numbers are near to each other, and none is meant by another.
            let known = known.filter(|known| known.len() > 3);
            UnknownName::new("operation", name, known)
        })
    }
}

/// A channel of an engine.
#[derive(Clone, Copy, Debug)]
pub struct Channel<'e> {
    engine: &'e Engine,
    number: usize,
    entry: &'e ChannelEntry,
}

impl<'e> Channel<'e> {
    /// The engine it belongs to.
    pub fn engine(self) -> &'e Engine {
        self.engine
    }

    /// Its number in the order of the deployment.
    pub fn number(self) -> usize {
        self.number
    }

    /// Its record.
    #[expect(clippy::expect_used, reason = "an engine has the channels of its deployment")]
    pub fn record(self) -> Fields<'e> {
        let record = self.engine.deployment.record(SectionName::Channel, self.number);
        record.expect("an engine has the channels of its deployment")
    }

    /// Its id, as the deployment writes it.
    pub fn id(self) -> &'e str {
        &self.record().record.id
    }

    /// Its facts; channels with equal ones behave alike.
    pub fn configuration(self) -> &'e Configuration {
        &self.entry.configuration
    }

    /// Its decision table.
    pub fn table(self) -> &'e DecisionTable {
        &self.entry.table
    }

    /// Why the channel cannot be in a situation; `None` where it can.
    pub fn cannot_be(self, situation: Situation) -> Option<String> {
        let value = |fact| super::trace::value(self, situation, fact);
        let holds = |impossible: &&crate::model::Impossible| {
            impossible.when.iter().all(|condition| condition.allows(value(condition.fact)))
        };
        let impossible = self.engine.rules().impossible.iter().find(holds)?;
        Some(format!("impossible for the channel `{}`: {}", self.id(), impossible.text))
    }

    /// What happens when the operation is tried in the situation: one lookup, no allocation.
    ///
    /// # Errors
    ///
    /// The channel can't be in that situation, or the operation is one of another engine.
    #[inline]
    pub fn decide(
        self,
        operation: OperationId,
        situation: Situation,
    ) -> Result<Decision<'e>, NotPossible> {
        match self.entry.table.cell(operation, situation) {
            Some(cell) if cell.is_decision() => Ok(Decision { rules: self.engine.rules(), cell }),
            _ => Err(not_possible(self.engine, self.number, operation, situation)),
        }
    }
}

/// Why there is no decision. It takes the parts of a [`Channel`], so that a decision need not have
/// one in memory.
#[cold]
fn not_possible(
    engine: &Engine,
    channel: usize,
    operation: OperationId,
    situation: Situation,
) -> NotPossible {
    let cannot_be = || engine.channel_at(channel)?.cannot_be(situation);
    let message = match engine.rules().operations.get(operation.index()) {
        None => "the operation is one of another engine".to_owned(),
        Some(operation) => cannot_be()
            .unwrap_or_else(|| format!("no rule of `{}` decides this combination", operation.id)),
    };
    NotPossible { message: message.into() }
}

/// A request that makes no sense: invalid input, not a rejection.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotPossible {
    message: Box<str>,
}

/// A decision; `Copy`, and everything it says is borrowed from the rules.
#[derive(Clone, Copy)]
pub struct Decision<'e> {
    rules: &'e Rules,
    cell: Cell,
}

impl<'e> Decision<'e> {
    /// The decision that a cell holds; `None` where it holds none.
    pub(crate) fn of_cell(rules: &'e Rules, cell: Cell) -> Option<Self> {
        cell.is_decision().then_some(Self { rules, cell })
    }

    /// The decision in `table` of an operation in a situation; `None` where there is none.
    pub(crate) fn in_table(
        rules: &'e Rules,
        table: &DecisionTable,
        operation: OperationId,
        situation: Situation,
    ) -> Option<Self> {
        Self::of_cell(rules, table.cell(operation, situation)?)
    }

    /// How the operation ends.
    #[inline]
    pub fn outcome(self) -> Outcome {
        self.cell.outcome()
    }

    /// The number of the rule that decided.
    #[inline]
    pub fn rule_id(self) -> RuleId {
        self.cell.rule()
    }

    fn decided(self) -> &'e Rule {
        self.rules.rule(self.rule_id())
    }

    /// The rule that decided: `<operation>/<rule>`.
    pub fn rule(self) -> &'e str {
        &self.decided().id
    }

    /// Why, as a code.
    pub fn reason(self) -> &'e str {
        self.rules.reason_code(self.decided().reason)
    }

    /// On what authority.
    pub fn basis(self) -> Basis {
        self.decided().basis
    }

    /// The statements that say so, by number.
    pub fn sources(self) -> &'e [String] {
        &self.decided().sources
    }

    /// The product's error id, where one is known.
    pub fn error_id(self) -> Option<&'e str> {
        self.decided().error_id.as_deref()
    }
}

impl fmt::Debug for Decision<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Decision")
            .field("outcome", &self.outcome())
            .field("reason", &self.reason())
            .field("rule", &self.rule())
            .finish_non_exhaustive()
    }
}
