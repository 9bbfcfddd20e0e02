//! Every operation in every situation, with channels that behave alike taken together.

use crate::engine::Configuration;
use crate::engine::{Channel, Decision, Engine, EngineError};
use crate::engine::{Compiler, DecisionTable};
use crate::model::{
    Connection, Customer, Deployment, Fact, FactId, OperationId, Order, Origin, RealTimeService,
    Rules, SectionName, Situation, SituationFact, Version,
};
use std::collections::{BTreeMap, BTreeSet};

/// The channels of an engine in groups that behave alike; the largest group first.
#[derive(Clone, Debug)]
pub struct Matrix<'e> {
    engine: &'e Engine,
    groups: Vec<Group<'e>>,
    /// What the same deployment would be at other versions, where it gives none.
    versions: &'e [Engine],
}

/// Channels that decide alike, every operation in every situation.
#[derive(Clone, Debug)]
pub struct Group<'e> {
    channels: Vec<Channel<'e>>,
    differences: Vec<DifferingFact<'e>>,
    table: &'e DecisionTable,
}

/// A fact by which a group differs from the largest one.
#[derive(Clone, Debug)]
pub struct DifferingFact<'e> {
    /// The fact.
    pub fact: &'e Fact,
    /// The value it has here.
    pub value: &'e str,
    /// The value it has in the largest group.
    pub most: &'e str,
    /// The records of the deployment that it is read from here, by section and id; none where the
    /// channels themselves say it, or a default is used.
    pub records: Vec<(&'e str, &'e str)>,
}

/// An operation in all the situations that it can't tell apart.
#[derive(Clone, Debug)]
pub struct MatrixRow<'e> {
    /// The facts it depends on, with their words.
    pub facts: Vec<(SituationFact, &'static str)>,
    /// One of the situations; those facts that it does not depend on are at their first value.
    pub situation: Situation,
    /// What happens.
    pub decision: Decision<'e>,
    /// Whether that does not need a version that the deployment does not give.
    pub is_settled: bool,
}

/// A situation worth a column of its own, with what to call it.
#[derive(Clone, Copy, Debug)]
pub struct TypicalSituation {
    /// Whom it is about.
    pub whom: &'static str,
    /// What goes on.
    pub what: &'static str,
    /// The situation.
    pub situation: Situation,
}

/// Situations that people ask about: a known customer and order, then a pending customer, then a
/// pending order.
pub fn typical_situations() -> [TypicalSituation; 8] {
    let known = Situation::default().customer(Customer::Synced).order(Order::InHeadquarters);
    let pending = Situation::default().customer(Customer::Pending).order(Order::Pending);
    let down = RealTimeService::CommunicationFailure;
    let column = |whom, what, situation| TypicalSituation { whom, what, situation };
    [
        column("synced customer", "online", known),
        column("synced customer", "HQ down", known.real_time_service(down)),
        column(
            "synced customer",
            "HQ error",
            known.real_time_service(RealTimeService::OtherFailure),
        ),
        column("synced customer", "offline", known.connection(Connection::Offline)),
        column("pending customer", "online", pending),
        column("pending customer", "HQ down", pending.real_time_service(down)),
        column("pending customer", "offline", pending.connection(Connection::Offline)),
        column("pending order", "online", known.order(Order::Pending)),
    ]
}

impl<'e> Matrix<'e> {
    /// The matrix of every channel.
    pub fn of(engine: &'e Engine) -> Self {
        Self::of_channels(engine, engine.channels())
    }

    /// The matrix of some channels.
    pub fn of_channels(
        engine: &'e Engine,
        channels: impl IntoIterator<Item = Channel<'e>>,
    ) -> Self {
        let mut by_table: BTreeMap<&DecisionTable, Vec<Channel<'e>>> = BTreeMap::new();
        for channel in channels {
            by_table.entry(channel.table()).or_default().push(channel);
        }
        let mut groups: Vec<Group<'e>> = by_table
            .into_iter()
            .map(|(table, channels)| Group { channels, differences: Vec::new(), table })
            .collect();
        // Of groups of one size, the one whose first channel comes first.
        groups.sort_by_key(|group| {
            (std::cmp::Reverse(group.channels.len()), group.channels.first().map(|it| it.number()))
        });
        let mut matrix = Self { engine, groups, versions: &[] };
        matrix.tell_apart();
        matrix
    }

    /// The same for a deployment that gives no version: what may depend on it is not settled.
    #[must_use]
    pub fn at_any_of(self, versions: &'e [Engine]) -> Self {
        Self { versions, ..self }
    }

    /// Whether a decision is the same at every version that the deployment may have.
    pub fn is_settled(
        &self,
        group: &Group<'e>,
        operation: OperationId,
        situation: Situation,
    ) -> bool {
        let own = group.decide(self.engine, operation, situation).map(Decision::rule);
        // What has no decision at this version must have none at the others.
        let is_own = |channel: Channel<'_>| {
            channel.decide(operation, situation).ok().map(Decision::rule) == own
        };
        let mut there = self.versions.iter().flat_map(|engine| {
            group.channels.iter().map(move |channel| engine.channel_at(channel.number()))
        });
        there.all(|channel| channel.is_some_and(is_own))
    }

    /// The engine.
    pub fn engine(&self) -> &'e Engine {
        self.engine
    }

    /// The groups, the largest first.
    pub fn groups(&self) -> &[Group<'e>] {
        &self.groups
    }

    fn tell_apart(&mut self) {
        let Some((largest, others)) = self.groups.split_first_mut() else { return };
        let Some(most) = largest.channels.first().map(|channel| channel.configuration()) else {
            return;
        };
        let compiler = Compiler::new(self.engine.rules());
        for group in others {
            group.differences = group.from(self.engine, most, &compiler);
        }
    }

    /// The decisions of an operation in a group: a row for each combination of the facts that it
    /// depends on, less those that cannot be.
    pub fn rows(&self, group: &Group<'e>, operation: OperationId) -> Vec<MatrixRow<'e>> {
        let facts = situation_facts(self.engine.rules(), operation);
        let row = |situation: Situation| {
            let word =
                |fact: &SituationFact| Some((*fact, *fact.words().get(situation.value(*fact))?));
            let facts = facts.iter().filter_map(word).collect();
            Some(MatrixRow {
                facts,
                situation,
                decision: group.decide(self.engine, operation, situation)?,
                is_settled: self.is_settled(group, operation, situation),
            })
        };
        combinations(&facts).into_iter().filter_map(row).collect()
    }
}

/// Every combination of the values of some facts; the others are at their first value.
pub(super) fn combinations(facts: &[SituationFact]) -> Vec<Situation> {
    let mut situations = vec![Situation::default()];
    for fact in facts {
        let values = (0..).take(fact.words().len());
        situations = situations
            .iter()
            .flat_map(|situation| values.clone().map(move |value| situation.with(*fact, value)))
            .collect();
    }
    situations
}

/// What a deployment would be at every version that makes a difference.
///
/// # Errors
///
/// As [`Engine::new`].
pub fn at_every_version(deployment: &Deployment) -> Result<Vec<Engine>, EngineError> {
    let rules = deployment.rules();
    let features = rules
        .features
        .iter()
        .flat_map(|feature| [feature.since, feature.on_by_default_since, feature.mandatory_since]);
    let facts = rules.facts.iter().map(|fact| fact.since);
    let versions: BTreeSet<Version> = features.chain(facts).flatten().collect();
    let engine = |version| Engine::new(rules, &deployment.at_version(version));
    versions.into_iter().map(engine).collect()
}

/// The facts of the situation that an operation depends on, also by being impossible.
pub fn situation_facts(rules: &Rules, operation: OperationId) -> Vec<SituationFact> {
    let mut mentioned = rules.mentioned(rules.operation(operation));
    mentioned
        .extend(rules.impossible.iter().flat_map(|it| &it.when).map(|condition| condition.fact));
    of_situation(rules, &mentioned)
}

/// The facts of the situation that an operation's guards and rules mention.
pub fn mentioned_situation_facts(rules: &Rules, operation: OperationId) -> Vec<SituationFact> {
    of_situation(rules, &rules.mentioned(rules.operation(operation)))
}

/// Those of some facts that are of the situation, each once, in their order.
fn of_situation(rules: &Rules, mentioned: &[FactId]) -> Vec<SituationFact> {
    let of_situation = |id: &FactId| match rules.fact(*id).origin {
        Origin::Situation(fact) => Some(fact),
        Origin::Setting { .. } | Origin::Feature(_) => None,
    };
    let mut facts: Vec<SituationFact> = mentioned.iter().filter_map(of_situation).collect();
    facts.sort_unstable();
    facts.dedup();
    facts
}

impl<'e> Group<'e> {
    /// The channels, in the order of the deployment; never none.
    pub fn channels(&self) -> &[Channel<'e>] {
        &self.channels
    }

    /// What makes it differ from the largest group; empty for that group itself.
    pub fn differences(&self) -> &[DifferingFact<'e>] {
        &self.differences
    }

    /// What happens at every one of its channels; `None` where the situation is impossible there.
    pub fn decide(
        &self,
        engine: &'e Engine,
        operation: OperationId,
        situation: Situation,
    ) -> Option<Decision<'e>> {
        Decision::in_table(engine.rules(), self.table, operation, situation)
    }

    /// The fewest facts that make of the configuration `most` one that decides as this group does.
    fn from(
        &self,
        engine: &'e Engine,
        most: &Configuration,
        compiler: &Compiler<'_>,
    ) -> Vec<DifferingFact<'e>> {
        let Some(own) = self.channels.first().map(|channel| channel.configuration()) else {
            return Vec::new();
        };
        let rules = engine.rules();
        let mut facts = most.differing(own);
        for fact in facts.clone() {
            let fewer: Vec<FactId> = facts.iter().copied().filter(|other| *other != fact).collect();
            let changed = most.with(own, &fewer, rules, engine.deployment().version());
            if compiler.table(&changed) == *self.table {
                facts = fewer;
            }
        }
        facts.into_iter().filter_map(|fact| self.difference(engine, fact, own, most)).collect()
    }

    fn difference(
        &self,
        engine: &'e Engine,
        id: FactId,
        own: &Configuration,
        most: &Configuration,
    ) -> Option<DifferingFact<'e>> {
        let fact = engine.rules().fact(id);
        let word = |configuration: &Configuration| fact.words.get(configuration.value(id));
        let mut records = Vec::new();
        // Where every channel says it for itself, the group names them already.
        let is_channel = |section| engine.rules().format.is(section, SectionName::Channel);
        let shared =
            !matches!(&fact.origin, Origin::Setting { section, .. } if is_channel(section));
        for channel in self.channels.iter().filter(|_| shared) {
            let record = channel
                .source_of(fact)
                .map(|record| (record.section.id.as_str(), record.record.id.as_str()));
            records.extend(record.filter(|record| !records.contains(record)));
        }
        Some(DifferingFact { fact, value: word(own)?, most: word(most)?, records })
    }
}
