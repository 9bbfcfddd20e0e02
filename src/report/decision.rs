//! One decision, and why it is as it is.

use super::document::{Location, Provenance, location, provenance};
use super::text::{Style, shown};
use crate::diagnostic::Span;
use crate::engine::{Change, Channel, FactValue, Trace, TriedRule};
use crate::model::{OperationId, Outcome};
use crate::wire::{Decided, fact_name, word_json};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

pub(super) fn outcome_human(outcome: Outcome, style: Style) -> String {
    match outcome {
        Outcome::Sync => style.good(outcome.as_str()),
        Outcome::Async => style.doubtful(outcome.as_str()),
        Outcome::Rejected => style.bad(outcome.as_str()),
    }
}

pub(super) fn place_human(channel: Channel<'_>, place: Option<Span>) -> String {
    place.map_or_else(String::new, |span| {
        let files = channel.engine().deployment().files();
        format!(" ({}:{})", files.path(span.file), files.position(span).start.line)
    })
}

/// `decide --format human`: the decision and the defaults it rests on; to `explain` it, every rule
/// tried.
pub fn decision_human(
    channel: Channel<'_>,
    operation: OperationId,
    trace: &Trace<'_>,
    explain: bool,
    style: Style,
) -> String {
    let decision = trace.decision();
    let rules = channel.engine().rules();
    let name = rules.operation(operation).id.as_str();
    let mut text = format!(
        "{}: {name} at {}, because of {}\n",
        outcome_human(decision.outcome(), style),
        shown(channel.id()),
        style.bold(decision.reason())
    );
    let rule = rules.rule(decision.rule_id());
    let reason = rules.reason(rule.reason);
    text.push_str(&format!("  {}\n", reason.text));
    if let Some(help) = &reason.help {
        text.push_str(&format!("  {help}\n"));
    }
    let sources = if decision.sources().is_empty() {
        String::new()
    } else {
        format!(", {}", decision.sources().join(", "))
    };
    text.push_str(&format!(
        "\n  {}  {} ({}{sources})\n",
        style.dim("rule    "),
        decision.rule(),
        decision.basis()
    ));
    if let Some(error_id) = decision.error_id() {
        text.push_str(&format!("  {}  {error_id}\n", style.dim("error id")));
    }
    if let Some(note) = &rule.note {
        text.push_str(&format!("  {}  {note}\n", style.dim("note    ")));
    }
    for value in trace.assumed() {
        let given = format!("{} is not given and counts as {}", value.fact.id, value.word);
        text.push_str(&format!("  {}  {given}\n", style.dim("assumed ")));
    }
    if explain {
        text.push_str(&trace_human(channel, trace, style));
    }
    text
}

fn trace_human(channel: Channel<'_>, trace: &Trace<'_>, style: Style) -> String {
    let mut text = format!("\n{}\n", style.bold("Rules tried, in order:"));
    for step in trace.tried() {
        match &step.failed {
            None => {
                text.push_str(&format!("  {} {}\n", style.good("decides"), step.rule.id));
            }
            Some(failed) => {
                let place = place_human(channel, failed.place);
                text.push_str(&format!(
                    "  {} {}: {} is {}{}, not {}{place}\n",
                    style.dim("passed "),
                    step.rule.id,
                    failed.found.fact.id,
                    if failed.found.is_given { "" } else { "not given and counts as " },
                    failed.found.word,
                    failed.needed.join(" or ")
                ));
            }
        }
    }
    text.push_str(&format!("\n{}\n", style.bold("What would change the outcome:")));
    if trace.would_change().is_empty() {
        text.push_str("  no single fact\n");
    }
    for change in trace.would_change() {
        text.push_str(&format!(
            "  {} = {} instead of {}: {} by {}{}\n",
            change.found.fact.id,
            change.to,
            change.found.word,
            outcome_human(change.outcome, style),
            change.rule.id,
            place_human(channel, change.place)
        ));
    }
    text
}

/// A decision. A line of `decide --input` and of `replay` is put together from parts that are
/// rendered once, and has some of the same keys.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DecisionDocument<'a> {
    /// The id of the request, where it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    /// Of `replay`: the number of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    operation: &'a str,
    channel: &'a str,
    /// Of `replay`: the caller's name for the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'a str>,
    #[serde(flatten)]
    answer: Decided<'a>,
    /// Of `replay`: GUID or account ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    account_id: Option<&'a str>,
    /// Of `replay`: what a POS user sees as the account ID.
    #[serde(skip_serializing_if = "Option::is_none")]
    displayed_account_id: Option<&'a str>,
    /// What was not given and counts as its default.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    assumed: Vec<AssumedDocument>,
    /// Every rule tried, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    trace: Option<Vec<StepDocument<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    would_change: Option<Vec<ChangeDocument<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance<'a>>,
}

/// A fact with the default that it counts as.
#[derive(Debug, Serialize, JsonSchema)]
struct AssumedDocument {
    fact: String,
    value: Value,
}

/// A rule that was tried.
#[derive(Debug, Serialize, JsonSchema)]
struct StepDocument<'a> {
    rule: &'a str,
    decided: bool,
    failed: Option<FailedDocument<'a>>,
    /// Where the rule stands.
    location: Location<'a>,
}

/// The condition that kept a rule from deciding.
#[derive(Debug, Serialize, JsonSchema)]
struct FailedDocument<'a> {
    fact: String,
    /// The value it has.
    value: &'a str,
    /// The values it would need.
    needed: &'a [&'a str],
    /// Where the deployment sets it.
    location: Option<Location<'a>>,
}

/// A single fact whose change would change the outcome.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ChangeDocument<'a> {
    fact: String,
    /// The value it has.
    value: &'a str,
    /// The value that it would have.
    to: &'a str,
    outcome: Outcome,
    /// The rule that would decide.
    rule: &'a str,
    /// Where the deployment sets the fact.
    location: Option<Location<'a>>,
}

/// `decide --format json`: the decision, the defaults it rests on, provenance; to `explain` it,
/// every rule tried.
pub fn decision_json<'a>(
    channel: Channel<'a>,
    operation: OperationId,
    trace: &'a Trace<'_>,
    explain: bool,
) -> impl Serialize + use<'a> {
    let engine = channel.engine();
    DecisionDocument {
        id: None,
        sequence: None,
        operation: engine.rules().operation(operation).id.as_str(),
        channel: channel.id(),
        customer: None,
        answer: trace.decision().into(),
        account_id: None,
        displayed_account_id: None,
        assumed: trace.assumed().iter().map(assumed).collect(),
        trace: explain.then(|| steps(channel, trace)),
        would_change: explain.then(|| changes(channel, trace)),
        provenance: Some(provenance(engine.rules(), Some(engine.deployment()))),
    }
}

pub(super) fn place(channel: Channel<'_>, place: Option<Span>) -> Option<Location<'_>> {
    place.map(|span| location(channel.engine().deployment().files(), span))
}

fn assumed(value: &FactValue<'_>) -> AssumedDocument {
    AssumedDocument { fact: fact_name(&value.fact.id), value: word_json(value.word) }
}

/// What a decision rests on that is not given, as a member of its line behind others; empty where
/// there is nothing of the kind.
#[expect(clippy::expect_used, reason = "facts and words are text")]
pub fn assumed_member(values: &[FactValue<'_>]) -> String {
    let assumed: Vec<AssumedDocument> = values.iter().map(assumed).collect();
    if assumed.is_empty() {
        return String::new();
    }
    format!(",\"assumed\":{}", serde_json::to_string(&assumed).expect("every key is text"))
}

/// Every rule tried and what would change the outcome, as members of a line behind others.
#[expect(clippy::expect_used, reason = "an explanation has keys that are text")]
pub fn explained_members(channel: Channel<'_>, trace: &Trace<'_>) -> String {
    let tried = serde_json::to_string(&steps(channel, trace)).expect("every key is text");
    let changes = serde_json::to_string(&changes(channel, trace)).expect("every key is text");
    format!(",\"trace\":{tried},\"would_change\":{changes}")
}

fn steps<'a>(channel: Channel<'a>, trace: &'a Trace<'_>) -> Vec<StepDocument<'a>> {
    trace.tried().iter().map(|step| tried(channel, step)).collect()
}

fn changes<'a>(channel: Channel<'a>, trace: &'a Trace<'_>) -> Vec<ChangeDocument<'a>> {
    trace.would_change().iter().map(|it| change(channel, it)).collect()
}

fn tried<'a>(channel: Channel<'a>, step: &'a TriedRule<'_>) -> StepDocument<'a> {
    let failed = step.failed.as_ref().map(|failed| FailedDocument {
        fact: fact_name(&failed.found.fact.id),
        value: failed.found.word,
        needed: &failed.needed,
        location: place(channel, failed.place),
    });
    StepDocument {
        rule: &step.rule.id,
        decided: failed.is_none(),
        failed,
        location: location(&channel.engine().rules().files, step.rule.span),
    }
}

pub(super) fn change<'a>(channel: Channel<'a>, change: &'a Change<'_>) -> ChangeDocument<'a> {
    ChangeDocument {
        fact: fact_name(&change.found.fact.id),
        value: change.found.word,
        to: change.to,
        outcome: change.outcome,
        rule: &change.rule.id,
        location: place(channel, change.place),
    }
}

/// The answer to a line that is no valid request or event.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "such a line is written where lines are, and described here")]
pub(super) struct RefusalDocument<'a> {
    /// The id of the request, where it had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<Value>,
    /// Of `replay`: the number of the event.
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    error: RefusalError<'a>,
}

/// What is wrong with a line.
#[derive(Debug, JsonSchema)]
#[expect(dead_code, reason = "such a line is written where lines are, and described here")]
struct RefusalError<'a> {
    /// The number of the line, from 1.
    line: u64,
    message: &'a str,
}

/// What `decide` and `replay` answer.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is only described")]
pub(super) enum Answer<'a> {
    Decision(Box<DecisionDocument<'a>>),
    Refusal(RefusalDocument<'a>),
}
