//! Every operation in every situation, channels that behave alike together.

use super::decision::outcome_human;
use super::document::{Provenance, RecordDocument, provenance};
use super::text::{Style, csv_text, shown};
use crate::engine::Channel;
use crate::model::{KeyName, Operation, OperationId, Outcome, Rules, SituationFact, or_blank};
use crate::whatif::{DifferingFact, Group, Matrix, MatrixRow, typical_situations};
use crate::wire::{Decided, Facts, fact_name};
use schemars::JsonSchema;
use serde::Serialize;
use std::borrow::Cow;

/// The width of a column of outcomes, with the space after it.
const COLUMN: usize = 10;

/// `matrix --format human`: the typical situations as columns. The largest group is shown whole,
/// each other one where it differs.
pub fn matrix_human(matrix: &Matrix<'_>, style: Style) -> String {
    let mut text = String::new();
    let first = matrix.groups().first();
    for (number, group) in matrix.groups().iter().enumerate() {
        text.push_str(&format!("{}\n", style.bold(&shown(&title(group)))));
        for difference in group.differences() {
            text.push_str(&format!("  {}\n", shown(&difference_human(difference))));
        }
        let like = first.filter(|_| number > 0);
        text.push_str(&group_human(matrix, group, like, style));
        text.push('\n');
    }
    text.push_str(&format!(
        "{} situations that people ask about are shown, - for one that can't be there; --format \
            json and csv have all.\n",
        typical_situations().len()
    ));
    text
}

/// `300 stores that behave alike: houston, austin and 298 more`.
fn title(group: &Group<'_>) -> String {
    let ids: Vec<&str> = group.channels().iter().map(|channel| channel.id()).collect();
    let named = some_of(&ids, 5);
    match ids.len() {
        1 => format!("1 channel: {named}"),
        several => format!("{several} channels that behave alike: {named}"),
    }
}

/// The first of several names, and how many more there are.
pub(super) fn some_of(names: &[&str], most: usize) -> String {
    match names.split_at_checked(most) {
        Some((shown, more)) if !more.is_empty() => {
            format!("{} and {} more", shown.join(", "), more.len())
        }
        _ => names.join(", "),
    }
}

pub(super) fn difference_human(difference: &DifferingFact<'_>) -> String {
    let DifferingFact { fact, value, most, records } = difference;
    let ids: Vec<&str> = records.iter().map(|(_, id)| *id).collect();
    let through = match records.first() {
        Some((section, _)) => format!(" ({section} {})", some_of(&ids, 5)),
        None => String::new(),
    };
    format!("differs by {} = {value} instead of {most}{through}", fact.id)
}

fn group_human(
    matrix: &Matrix<'_>,
    group: &Group<'_>,
    like: Option<&Group<'_>>,
    style: Style,
) -> String {
    let operations = &matrix.engine().rules().operations;
    let width = operations.iter().map(|operation| operation.id.len()).fold(0, usize::max) + 2;
    let kinds = kinds(group);
    let (mut lines, mut elsewhere, mut alike) = (String::new(), Vec::new(), 0);
    for (id, operation) in operation_ids(matrix.engine().rules()) {
        let offering = &operation.channels;
        if !offering.is_empty() && !offering.iter().any(|kind| kinds.contains(&kind.as_str())) {
            elsewhere.push(operation.id.as_str());
            continue;
        }
        let own = outcomes(matrix, group, id);
        if like.is_some_and(|like| is_alike(&own, &outcomes(matrix, like, id))) {
            alike += 1;
        } else {
            lines.push_str(&format!("{:width$}{}\n", operation.id, cells(&own, style).trim_end()));
        }
    }
    let mut text = if lines.is_empty() { String::new() } else { header(width, style) + &lines };
    if alike > 0 {
        let alike = format!(
            "{alike} other operations end as in the first group, in every situation that can be \
                here"
        );
        text.push_str(&format!("{}\n", style.dim(&alike)));
    }
    if !elsewhere.is_empty() {
        text.push_str(&format!(
            "{}\n",
            style.dim(&format!("not offered there: {}", elsewhere.join(", ")))
        ));
    }
    text
}

/// Whether outcomes agree with others in every situation that is possible.
fn is_alike(own: &[Cell], other: &[Cell]) -> bool {
    own.iter().zip(other).all(|(own, other)| own == other || own.is_none())
}

/// The kinds of a group's channels.
fn kinds<'e>(group: &Group<'e>) -> Vec<&'e str> {
    group.channels().iter().filter_map(|channel| channel.record().text(KeyName::Kind)).collect()
}

/// Two lines: whom the columns are about, and what goes on.
fn header(width: usize, style: Style) -> String {
    let (mut whom, mut what) = (" ".repeat(width), format!("{:width$}", "operation"));
    let mut before = "";
    for column in typical_situations() {
        let place = what.chars().count();
        if column.whom != before {
            before = column.whom;
            let gap = place.saturating_sub(whom.chars().count());
            whom.push_str(&format!("{}{}", " ".repeat(gap), column.whom));
        }
        what.push_str(&format!("{:COLUMN$}", column.what));
    }
    format!("{}\n{}\n", style.dim(&whom), style.dim(what.trim_end()))
}

/// An outcome; `None` where the situation is impossible, `Some(None)` where it is not settled.
type Cell = Option<Option<Outcome>>;

/// The outcomes of an operation in the typical situations.
fn outcomes(matrix: &Matrix<'_>, group: &Group<'_>, operation: OperationId) -> Vec<Cell> {
    let decide = |situation| {
        let outcome = group.decide(matrix.engine(), operation, situation)?.outcome();
        Some(matrix.is_settled(group, operation, situation).then_some(outcome))
    };
    typical_situations().iter().map(|column| decide(column.situation)).collect()
}

fn cells(outcomes: &[Cell], style: Style) -> String {
    let cell = |outcome: &Cell| {
        let (word, shown) = match outcome {
            Some(Some(outcome)) => (outcome.as_str(), outcome_human(*outcome, style)),
            Some(None) => ("?", style.doubtful("?")),
            None => ("-", "-".to_owned()),
        };
        shown + &" ".repeat(COLUMN.saturating_sub(word.len()))
    };
    outcomes.iter().map(cell).collect()
}

pub(super) fn operation_ids(rules: &Rules) -> impl Iterator<Item = (OperationId, &Operation)> {
    rules.operation_ids().zip(&rules.operations)
}

/// Every operation in every situation, by groups of channels that behave alike.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MatrixDocument<'a> {
    version: u32,
    /// The name of the deployment.
    deployment: Option<&'a str>,
    groups: Vec<GroupDocument<'a>>,
    provenance: Provenance<'a>,
}

/// Channels that behave alike.
#[derive(Debug, Serialize, JsonSchema)]
struct GroupDocument<'a> {
    channels: Vec<&'a str>,
    /// What sets them apart from most channels.
    differences: Vec<DifferenceDocument<'a>>,
    operations: Vec<OperationDocument<'a>>,
}

/// A fact in which a group differs from most channels.
#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceDocument<'a> {
    fact: String,
    value: &'a str,
    /// The value that most channels have.
    instead_of: &'a str,
    /// Where the deployment sets it.
    records: Vec<RecordDocument<'a>>,
}

/// A decision for each combination of the facts that the operation depends on.
#[derive(Debug, Serialize, JsonSchema)]
struct OperationDocument<'a> {
    operation: &'a str,
    decisions: Vec<RowDocument<'a>>,
}

/// A decision, and when it is made; or what it needs.
#[derive(Debug, Serialize, JsonSchema)]
struct RowDocument<'a> {
    when: Facts,
    #[serde(flatten)]
    answer: Option<Decided<'a>>,
    /// Values without which the decision is not settled.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    missing: &'static [&'static str],
}

/// `matrix --format json`: every group with every operation, a decision for each combination of the
/// facts of the situation that the operation depends on.
pub fn matrix_json<'a>(matrix: &'a Matrix<'a>) -> impl Serialize + use<'a> {
    let engine = matrix.engine();
    MatrixDocument {
        version: 1,
        deployment: engine.deployment().name(),
        groups: matrix.groups().iter().map(|group| group_json(matrix, group)).collect(),
        provenance: provenance(engine.rules(), Some(engine.deployment())),
    }
}

fn group_json<'a>(matrix: &'a Matrix<'a>, group: &'a Group<'a>) -> GroupDocument<'a> {
    let operations = operation_ids(matrix.engine().rules());
    GroupDocument {
        channels: group.channels().iter().map(|channel| channel.id()).collect(),
        differences: group.differences().iter().map(difference_json).collect(),
        operations: operations
            .map(|(id, operation)| OperationDocument {
                operation: &operation.id,
                decisions: matrix.rows(group, id).into_iter().map(row_json).collect(),
            })
            .collect(),
    }
}

fn difference_json<'a>(difference: &'a DifferingFact<'_>) -> DifferenceDocument<'a> {
    DifferenceDocument {
        fact: fact_name(&difference.fact.id),
        value: difference.value,
        instead_of: difference.most,
        records: difference.records.iter().copied().map(RecordDocument::from).collect(),
    }
}

fn row_json(row: MatrixRow<'_>) -> RowDocument<'_> {
    let missing = if row.is_settled { &[][..] } else { &[VERSION] };
    let answer = row.is_settled.then(|| row.decision.into());
    RowDocument { when: Facts(row.facts), answer, missing }
}

/// What a decision that is not settled needs.
const VERSION: &str = "deployment.commerce-version";

/// The columns of a decision in CSV.
const ANSWERS: [&str; 6] = ["outcome", "reason", "rule", "basis", "sources", "error-id"];

/// `matrix --format csv`: a line for each group, operation and combination; `any` where the
/// operation does not depend on a fact. The channels of a group stand in one cell, separated by
/// spaces.
pub fn matrix_csv(matrix: &Matrix<'_>) -> String {
    csv_text(|lines| {
        let facts = SituationFact::ALL.iter().map(|fact| fact.as_str());
        lines.row(["group", "channels", "operation"].into_iter().chain(facts).chain(ANSWERS))?;
        for (number, group) in matrix.groups().iter().enumerate() {
            let number = (number + 1).to_string();
            let channels: Vec<&str> = group.channels().iter().copied().map(Channel::id).collect();
            let channels = channels.join(" ");
            for (id, operation) in operation_ids(matrix.engine().rules()) {
                for row in matrix.rows(group, id) {
                    let start = [&number, &channels, &operation.id].map(Cow::from);
                    lines.row(start.into_iter().chain(words(&row)).chain(answer(&row)))?;
                }
            }
        }
        Ok(())
    })
}

/// The cells of a decision; empty where it is not settled.
pub(super) fn answer<'a>(row: &MatrixRow<'a>) -> [Cow<'a, str>; 6] {
    let decision = row.decision;
    if !row.is_settled {
        return [const { Cow::Borrowed("") }; 6];
    }
    [
        decision.outcome().as_str().into(),
        decision.reason().into(),
        decision.rule().into(),
        decision.basis().as_str().into(),
        decision.sources().join(" ").into(),
        or_blank(decision.error_id()).into(),
    ]
}

/// The word of each fact of the situation.
pub(super) fn words<'a>(row: &MatrixRow<'_>) -> impl Iterator<Item = Cow<'a, str>> {
    SituationFact::ALL.iter().map(|fact| {
        row.facts.iter().find(|(own, _)| own == fact).map_or("any", |(_, word)| *word).into()
    })
}
