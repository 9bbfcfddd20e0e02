//! `plan --format markdown`.

use super::planned::{Planned, back_out, effects, summary};
use crate::model::said;
use crate::report::text::counted;
use crate::whatif::Effect;
use crate::whatif::plan::{PlanStep, State};

/// `plan --format markdown`: a runbook for a cut-over, to be filled in.
pub fn plan_markdown(planned: Planned<'_>) -> String {
    let deployment = planned.engine.deployment();
    let mut text = format!("# Runbook: {}\n\n", planned.title());
    let as_of = said(deployment.as_of(), |moment| format!(", as of {moment}"));
    text.push_str(&format!(
        "For {}, version {}{as_of}. Rules {:.12}, deployment {:.12}.\n\n",
        deployment.name().unwrap_or("the deployment"),
        deployment.version(),
        planned.rules().digest(),
        deployment.digest()
    ));
    text.push_str(
        "Responsible: ____________  Date and time: ____________  Approved by: ____________\n\n",
    );
    let warnings = planned.warnings();
    if !warnings.is_empty() {
        text.push_str("## Beware\n\n");
        for warning in warnings {
            text.push_str(&format!("- {warning}\n"));
        }
        text.push('\n');
    }
    text.push_str("## Steps\n\n");
    for (number, step) in planned.plan.steps.iter().enumerate() {
        text.push_str(&markdown_step(planned, number, step));
    }
    text.push_str(&format!("\n{}.\n\n", capitalized(&summary(planned))));
    let back = back_out(planned);
    if !back.is_empty() {
        text.push_str("## Back-out\n\nDecided by: ____________\n\n");
        for (number, step) in back.iter().enumerate() {
            text.push_str(&format!("{}. [ ] {}\n", number + 1, capitalized(step)));
        }
    }
    text
}

fn markdown_step(planned: Planned<'_>, number: usize, step: &PlanStep) -> String {
    let done = if step.state == State::Done { "x" } else { " " };
    let mut text = format!("{}. [{done}] **{}**", number + 1, capitalized(&planned.what(step)));
    match step.state {
        State::Done => text.push_str(" (done already)\n"),
        State::ToCheck => {
            text.push_str(" (the deployment does not say; check)  \n   Owner: ____________\n");
        }
        State::ToDo => text.push_str("  \n   Owner: ____________ Done at: ____________\n"),
    }
    if let Some(page) = planned.page(step).filter(|_| step.state != State::Done) {
        text.push_str(&format!("   - In headquarters: {page}\n"));
    }
    for note in &step.notes {
        text.push_str(&format!("   - {}\n", capitalized(note)));
    }
    let changed = planned.stages.changes(number);
    for effect in changed.iter().flat_map(|compared| told_once(&effects(compared))) {
        let name = planned.rules().operation(effect.0).id.as_str();
        text.push_str(&format!(
            "   - Then `{name}` {}: {}\n",
            effect.1,
            counted(effect.2, "decision")
        ));
    }
    text
}

/// For each operation the outcomes that change, with how many decisions.
fn told_once(effects: &[Effect<'_>]) -> Vec<(crate::model::OperationId, String, u64)> {
    let mut told: Vec<(crate::model::OperationId, String, u64)> = Vec::new();
    for effect in effects {
        let word = |decision: Option<crate::engine::Decision<'_>>| {
            decision.map_or("impossible", |decision| decision.outcome().as_str())
        };
        let change = match (word(effect.old), word(effect.new)) {
            (old, new) if old == new => format!("stays {new} for another reason"),
            (old, new) => format!("ends {new} instead of {old}"),
        };
        match told.iter_mut().find(|(id, text, _)| *id == effect.operation && *text == change) {
            Some((_, _, decisions)) => *decisions += effect.decisions,
            None => told.push((effect.operation, change, effect.decisions)),
        }
    }
    told
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    said(characters.next(), |first| first.to_uppercase().chain(characters).collect())
}
