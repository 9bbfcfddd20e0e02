//! A deployment's decisions as tables to be joined.

use super::assumed::{AssumedValue, assumed};
use super::data::{DataColumn, DataKind, DataTable, Datum, Presence};
use crate::engine::{Channel, Engine};
use crate::model::{OperationId, RuleId, Rules, SectionName, Situation};
use crate::report::diff::fact_human;
use crate::report::document::provenance;
use crate::report::matrix::{answer, words};
use crate::report::text::counted;
use crate::whatif::{Behaviours, ChangedFact, MatrixRow, Transitions};
use crate::wire::Spellings;
use std::collections::BTreeMap;

/// What stands in the place of a class or an operation where a spelling means none.
pub(super) const UNKNOWN: i32 = -1;

/// What stands before the names of all tables.
pub(super) const PREFIX: &str = "syncgate_";

/// What is exported.
#[derive(Clone, Copy, Debug)]
pub struct Exported<'a> {
    /// The decisions.
    pub behaviours: &'a Behaviours<'a>,
    /// The decisions of the deployment as it was, where both are asked for.
    pub old: Option<&'a Behaviours<'a>>,
    /// How operations and channels are spelled in what is to be decided.
    pub spellings: &'a Spellings,
}

macro_rules! columns {
    ($($column:ident: $kind:ident $presence:ident $text:literal,)*) => {
        &[$(DataColumn {
            name: stringify!($column),
            kind: DataKind::$kind,
            presence: Presence::$presence,
            text: $text,
        }),*]
    };
}

const RULE: &[DataColumn] = columns! {
    rule: Number Unique "the rule's number",
    id: Text Always "its id: operation, stroke, rule",
    outcome: Text Always "sync, async or rejected",
    reason: Text Always "why, as a code",
    basis: Text Always "documented, inferred or undocumented",
    sources: Text Always "the statements that say so, joined by a blank; may be empty",
    error_id: Text Sometimes "the product's own error id, where one is known",
};
const OPERATION_NAME: &[DataColumn] = columns! {
    name: Text Unique "an exact spelling",
    operation: Number Always "the operation's number; -1 where the spelling means none",
};
const CHANNEL_NAME: &[DataColumn] = columns! {
    name: Text Unique "an exact spelling",
    class: Number Always "the number of the channel's class; -1 where the spelling means none",
};
const BEHAVIOUR: &[DataColumn] = columns! {
    k: Number Unique "the class times the number of operations, plus the operation",
    behaviour: Number Always "the number of its behaviour",
};
const CELL: &[DataColumn] = columns! {
    k: Number Unique "the behaviour times the number of situations, plus the situation",
    rule: Number Sometimes "the rule that decides; none where the situation cannot be",
};
const CHANNEL_CHANGE: &[DataColumn] = columns! {
    name: Text Unique "an exact spelling of a channel that both deployments have",
    change: Number Always "the number of what changes there",
};
const CHANGE: &[DataColumn] = columns! {
    k: Number Unique "the change times the number of operations, plus the operation, times the \
        number of situations, plus the situation",
    cause: Number Always "the number of why it ends otherwise",
};
const CAUSE: &[DataColumn] = columns! {
    cause: Number Unique "the number of the cause",
    facts: Text Always "the facts that changed, joined by semicolons",
};
const DECISION: &[DataColumn] = columns! {
    behaviour: Number Always "the number of the behaviour",
    operation: Text Always "the operation",
    connection: Text Always "the fact, or any where it makes no difference",
    real_time_service: Text Always "the same",
    customer: Text Always "the same",
    order: Text Always "the same",
    loyalty_enrollment_blocked: Text Always "the same",
    affiliation_hidden_in_channels: Text Always "the same",
    outcome: Text Always "sync, async or rejected",
    reason: Text Always "why, as a code",
    rule: Text Always "the id of the rule that decides",
    basis: Text Always "documented, inferred or undocumented",
    sources: Text Always "the statements that say so, joined by a blank; may be empty",
    error_id: Text Sometimes "the product's own error id, where one is known",
};
const PROVENANCE: &[DataColumn] = columns! {
    key: Text Unique "what is told",
    value: Text Sometimes "what it is",
};

/// The tables, in the order in which they are to be made.
pub fn tables(exported: &Exported<'_>) -> Vec<DataTable> {
    let behaviours = exported.behaviours;
    let rules = behaviours.engine().rules();
    let mut tables = vec![
        rule(rules),
        table(
            "operation_name",
            "what operations are called",
            OPERATION_NAME,
            named(exported.operations()),
        ),
    ];
    let channels = exported.channels();
    let names: Vec<&str> = channels.keys().map(String::as_str).collect();
    tables.extend(of_deployment("", behaviours, &names));
    if let Some(old) = exported.old {
        tables.extend(of_deployment("old_", old, &names));
        tables.extend(of_change(&Transitions::between(old, behaviours), behaviours, &names));
    }
    tables.push(decision(behaviours));
    tables.push(told(exported));
    tables
}

fn table(
    name: impl std::fmt::Display,
    text: &'static str,
    columns: &'static [DataColumn],
    rows: Vec<Vec<Datum>>,
) -> DataTable {
    DataTable { name: format!("{PREFIX}{name}"), text, columns, rows }
}

fn rule(rules: &Rules) -> DataTable {
    let row = |id: RuleId| {
        let rule = rules.rule(id);
        vec![
            Datum::count(id.index()),
            Datum::text(&rule.id),
            Datum::text(rule.outcome.as_str()),
            Datum::text(rules.reason_code(rule.reason)),
            Datum::text(rule.basis.as_str()),
            Datum::text(rule.sources.join(" ")),
            rule.error_id.as_deref().map_or(Datum::Null, Datum::text),
        ]
    };
    table("rule", "what each rule says", RULE, rules.rule_ids().map(row).collect())
}

/// What the channels of a deployment are called, and how they behave.
fn of_deployment(prefix: &str, of: &Behaviours<'_>, channels: &[&str]) -> [DataTable; 3] {
    let behaviours = of.pairs().iter().enumerate();
    let pair = |(pair, number): (usize, &usize)| vec![Datum::count(pair), Datum::count(*number)];
    let cells = of.all().iter().enumerate().flat_map(|(number, behaviour)| {
        let first = number * Situation::COUNT;
        (first..).zip(behaviour.rules()).map(|(k, rule)| cell(k, rule))
    });
    [
        table(
            format_args!("{prefix}channel_name"),
            "what channels are called, and with which others each behaves alike",
            CHANNEL_NAME,
            named(channel_names(of, channels)),
        ),
        table(
            format_args!("{prefix}behaviour"),
            "how each class of channels behaves in each operation",
            BEHAVIOUR,
            behaviours.map(pair).collect(),
        ),
        table(
            format_args!("{prefix}cell"),
            "the rule that decides, for each behaviour and situation",
            CELL,
            cells.collect(),
        ),
    ]
}

/// Why operations end otherwise than by the deployment as it was.
fn of_change(of: &Transitions<'_>, new: &Behaviours<'_>, channels: &[&str]) -> [DataTable; 3] {
    let engine = new.engine();
    let of_name = |name: &&str| {
        let number = engine.deployment().find(SectionName::Channel, name)?;
        let change = of.channels.get(engine.channel_at(number)?.id())?;
        Some(vec![Datum::text(*name), Datum::count(*change)])
    };
    let operations = engine.rules().operations.len();
    let mut changes = Vec::new();
    for (change, cells) in of.changes.iter().enumerate() {
        for (operation, situation, cause) in cells {
            let pair = change * operations + operation.index();
            let k = pair * Situation::COUNT + situation.index();
            changes.push(vec![Datum::count(k), Datum::count(*cause)]);
        }
    }
    let facts = |facts: &Vec<ChangedFact<'_>>| {
        Datum::Text(facts.iter().map(fact_human).collect::<Vec<_>>().join("; "))
    };
    let causes = of.causes.iter().enumerate();
    [
        table(
            "channel_change",
            "at which channels operations end otherwise, and which of them change alike",
            CHANNEL_CHANGE,
            channels.iter().filter_map(of_name).collect(),
        ),
        table("change", "which operations end otherwise, and why", CHANGE, changes),
        table(
            "cause",
            "why operations end otherwise",
            CAUSE,
            causes.map(|(cause, changed)| vec![Datum::count(cause), facts(changed)]).collect(),
        ),
    ]
}

/// A cell of a behaviour: a rule, or none where the situation cannot be.
fn cell(k: usize, rule: Option<RuleId>) -> Vec<Datum> {
    vec![Datum::count(k), rule.map_or(Datum::Null, |rule| Datum::count(rule.index()))]
}

fn named(names: BTreeMap<String, Option<usize>>) -> Vec<Vec<Datum>> {
    let means = |number: Option<usize>| number.map_or(Datum::Number(UNKNOWN), Datum::count);
    names.into_iter().map(|(name, number)| vec![Datum::Text(name), means(number)]).collect()
}

/// The number of the operation that each spelling means: every name of one, and those that were
/// seen; `None` where it means none.
fn operation_names(rules: &Rules, seen: &[String]) -> BTreeMap<String, Option<usize>> {
    let known = rules.operations.iter().flat_map(crate::model::Operation::names);
    let means = |name: &str| (name.to_owned(), rules.operation_named(name).map(OperationId::index));
    known.chain(seen.iter().map(String::as_str)).map(means).collect()
}

/// The number of the class that each spelling of a channel means; `None` where it means none.
fn channel_names(of: &Behaviours<'_>, names: &[&str]) -> BTreeMap<String, Option<usize>> {
    let deployment = of.engine().deployment();
    let means = |name: &&str| {
        let found = deployment.find(SectionName::Channel, name);
        ((*name).to_owned(), found.map(|number| of.class_of(number)))
    };
    names.iter().map(means).collect()
}

impl Exported<'_> {
    /// The number of the class that each spelling of a channel means: every id, and those that
    /// were seen.
    pub(super) fn channels(&self) -> BTreeMap<String, Option<usize>> {
        // What one of them has is known to the other, if only as a channel that it does not have.
        let both = std::iter::once(self.behaviours).chain(self.old);
        let ids = both.flat_map(|of| of.engine().channels().map(Channel::id));
        let seen = self.spellings.channels.iter().map(String::as_str);
        channel_names(self.behaviours, &ids.chain(seen).collect::<Vec<_>>())
    }

    /// The number of the operation that each spelling means.
    pub(super) fn operations(&self) -> BTreeMap<String, Option<usize>> {
        operation_names(self.behaviours.engine().rules(), &self.spellings.operations)
    }
}

/// A row for each behaviour and combination of the facts that make a difference to it.
fn decision(behaviours: &Behaviours<'_>) -> DataTable {
    let rules = behaviours.engine().rules();
    let rows = behaviours.all().iter().enumerate().flat_map(|(number, behaviour)| {
        let operation = &rules.operation(behaviour.operation).id;
        behaviour.rows(rules).into_iter().map(move |row| decided(number, operation, &row))
    });
    table("decision", "the same for people", DECISION, rows.collect())
}

fn decided(behaviour: usize, operation: &str, row: &MatrixRow<'_>) -> Vec<Datum> {
    let start = [Datum::count(behaviour), Datum::text(operation)].into_iter();
    let facts = words(row).map(Datum::text);
    let answer = answer(row).map(Datum::text).into_iter();
    let mut cells: Vec<Datum> = start.chain(facts).chain(answer).collect();
    if row.decision.error_id().is_none()
        && let Some(last) = cells.last_mut()
    {
        *last = Datum::Null;
    }
    cells
}

/// Where it all comes from.
pub(super) fn told(exported: &Exported<'_>) -> DataTable {
    let engine = exported.behaviours.engine();
    let rules = engine.rules();
    let provenance = provenance(rules, None);
    let mut told = vec![
        ("syncgate".to_owned(), Some(provenance.syncgate().to_owned())),
        ("rules.digest".to_owned(), Some(rules.digest())),
        ("rules.source".to_owned(), Some(rules.source.clone())),
    ];
    told.extend(of_deployment_told("deployment", engine));
    if let Some(old) = exported.old {
        told.extend(of_deployment_told("old-deployment", old.engine()));
    }
    let spellings = &exported.spellings.digest;
    told.extend(spellings.clone().map(|digest| ("names.sha256".to_owned(), Some(digest))));
    let row = |(key, value): (String, Option<String>)| {
        vec![Datum::Text(key), value.map_or(Datum::Null, Datum::Text)]
    };
    table("provenance", "where it comes from", PROVENANCE, told.into_iter().map(row).collect())
}

/// What is told of a deployment.
fn of_deployment_told(of: &str, engine: &Engine) -> Vec<(String, Option<String>)> {
    let deployment = engine.deployment();
    let mut told = vec![
        (format!("{of}.name"), deployment.name().map(str::to_owned)),
        (format!("{of}.digest"), Some(deployment.digest())),
        (format!("{of}.as-of"), deployment.as_of().map(|moment| moment.to_string())),
        (format!("{of}.version"), Some(deployment.version().to_string())),
    ];
    let assumed = assumed(engine).into_iter().map(|(AssumedValue { fact, word }, channels)| {
        let key = format!("{of}.assumed.{fact}={word}");
        (key, Some(counted(channels, "channel")))
    });
    told.extend(assumed);
    told
}
