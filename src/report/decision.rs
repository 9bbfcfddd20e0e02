//! One decision, and why it is as it is.

use super::document::{location, provenance};
use super::text::Style;
use crate::diagnostic::Span;
use crate::engine::{Channel, Decision, Trace};
use crate::model::{OperationId, Outcome};
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) fn outcome_human(outcome: Outcome, style: Style) -> String {
    match outcome {
        Outcome::Sync => style.good(outcome.as_str()),
        Outcome::Async => style.doubtful(outcome.as_str()),
        Outcome::Rejected => style.bad(outcome.as_str()),
    }
}

fn place_human(channel: Channel<'_>, place: Option<Span>) -> String {
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
        channel.id(),
        style.bold(decision.reason())
    );
    let rule = rules.rule(decision.rule_id());
    let reason = rules.reason(rule.reason);
    let _ = writeln!(text, "  {}", reason.text);
    if let Some(help) = &reason.help {
        let _ = writeln!(text, "  {help}");
    }
    let sources = if decision.sources().is_empty() {
        String::new()
    } else {
        format!(", {}", decision.sources().join(", "))
    };
    let _ = writeln!(
        text,
        "\n  {}  {} ({}{sources})",
        style.dim("rule    "),
        decision.rule(),
        decision.basis()
    );
    if let Some(error_id) = decision.error_id() {
        let _ = writeln!(text, "  {}  {error_id}", style.dim("error id"));
    }
    if let Some(note) = &rule.note {
        let _ = writeln!(text, "  {}  {note}", style.dim("note    "));
    }
    for value in trace.assumed() {
        let given = format!("{} is not given and counts as {}", value.fact.id, value.word);
        let _ = writeln!(text, "  {}  {given}", style.dim("assumed "));
    }
    if explain {
        text.push_str(&trace_human(channel, trace, style));
    }
    text
}

fn trace_human(channel: Channel<'_>, trace: &Trace<'_>, style: Style) -> String {
    let mut text = format!("\n{}\n", style.bold("Rules tried, in order:"));
    for step in trace.steps() {
        match &step.failed {
            None => {
                let _ = writeln!(text, "  {} {}", style.good("decides"), step.rule.id);
            }
            Some(failed) => {
                let place = place_human(channel, failed.place);
                let _ = writeln!(
                    text,
                    "  {} {}: {} is {}{}, not {}{place}",
                    style.dim("passed "),
                    step.rule.id,
                    failed.found.fact.id,
                    if failed.found.is_given { "" } else { "not given and counts as " },
                    failed.found.word,
                    failed.needed.join(" or ")
                );
            }
        }
    }
    let _ = writeln!(text, "\n{}", style.bold("What would change the outcome:"));
    if trace.would_change().is_empty() {
        text.push_str("  no single fact\n");
    }
    for change in trace.would_change() {
        let _ = writeln!(
            text,
            "  {} = {} instead of {}: {} by {}{}",
            change.found.fact.id,
            change.to,
            change.found.word,
            outcome_human(change.outcome, style),
            change.rule.id,
            place_human(channel, change.place)
        );
    }
    text
}

/// `decide --format json`: the decision, the defaults it rests on, provenance; to `explain` it,
/// every rule tried.
pub fn decision_json(
    channel: Channel<'_>,
    operation: OperationId,
    trace: &Trace<'_>,
    explain: bool,
) -> Value {
    let decision = trace.decision();
    let engine = channel.engine();
    let rules = engine.rules();
    let mut document = json!({
        "operation": rules.operation(operation).id.as_str(),
        "channel": channel.id(),
        "outcome": decision.outcome().as_str(),
        "reason": decision.reason(),
        "rule": decision.rule(),
        "basis": decision.basis().as_str(),
        "sources": decision.sources(),
    });
    if let Some(object) = document.as_object_mut() {
        if let Some(error_id) = decision.error_id() {
            object.insert("error_id".to_owned(), json!(error_id));
        }
        if !trace.assumed().is_empty() {
            let assumed = trace.assumed().iter();
            let assumed = assumed
                .map(|value| json!({ "fact": fact_name(&value.fact.id), "value": value.word }));
            object.insert("assumed".to_owned(), assumed.collect());
        }
        if explain {
            object.insert("trace".to_owned(), steps_json(channel, trace));
            object.insert("would_change".to_owned(), changes_json(channel, trace));
        }
        object.insert("provenance".to_owned(), provenance(rules, Some(engine.deployment())));
    }
    document
}

/// What a decision says, as JSON.
pub(super) fn answer_json(decision: Decision<'_>) -> Value {
    let mut answer = json!({
        "outcome": decision.outcome().as_str(),
        "reason": decision.reason(),
        "rule": decision.rule(),
        "basis": decision.basis().as_str(),
        "sources": decision.sources(),
    });
    if let (Some(id), Some(answer)) = (decision.error_id(), answer.as_object_mut()) {
        answer.insert("error_id".to_owned(), json!(id));
    }
    answer
}

/// A fact as JSON spells it: with underscores.
pub(super) fn fact_name(id: &str) -> String {
    match id.strip_prefix("feature.") {
        Some(_) => id.to_owned(),
        None => id.replace('-', "_"),
    }
}

fn place_json(channel: Channel<'_>, place: Option<Span>) -> Option<Value> {
    place.map(|span| location(channel.engine().deployment().files(), span))
}

fn steps_json(channel: Channel<'_>, trace: &Trace<'_>) -> Value {
    let files = &channel.engine().rules().files;
    let steps = trace.steps().iter().map(|step| {
        let failed = step.failed.as_ref().map(|failed| {
            json!({
                "fact": fact_name(&failed.found.fact.id),
                "value": failed.found.word,
                "needed": failed.needed,
                "location": place_json(channel, failed.place),
            })
        });
        json!({
            "rule": step.rule.id,
            "decided": step.failed.is_none(),
            "failed": failed,
            "location": location(files, step.rule.span),
        })
    });
    Value::Array(steps.collect())
}

fn changes_json(channel: Channel<'_>, trace: &Trace<'_>) -> Value {
    let changes = trace.would_change().iter().map(|change| {
        json!({
            "fact": fact_name(&change.found.fact.id),
            "value": change.found.word,
            "to": change.to,
            "outcome": change.outcome.as_str(),
            "rule": change.rule.id,
            "location": place_json(channel, change.place),
        })
    });
    Value::Array(changes.collect())
}
