//! `plan --format human`.

use super::planned::{Planned, effects, summary};
use crate::report::diff::effects_human;
use crate::report::text::{Style, shown};
use crate::whatif::plan::State;

/// `plan --format human`.
pub fn plan_human(planned: Planned<'_>, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&format!("To {}:", planned.title())));
    if planned.plan.is_done() {
        text.push_str("  nothing is left to do\n");
    }
    for warning in planned.warnings() {
        text.push_str(&format!("  {} {warning}\n", style.doubtful("!")));
    }
    text.push('\n');
    for (number, step) in planned.plan.steps.iter().enumerate() {
        let mark = match step.state {
            State::ToDo => "     ".to_owned(),
            State::ToCheck => style.doubtful("check"),
            State::Done => style.good("done "),
        };
        text.push_str(&format!(
            "{:>3}. {mark} {}\n",
            number + 1,
            style.bold(&shown(&planned.what(step)))
        ));
        if step.state == State::Done {
            for note in &step.notes {
                text.push_str(&format!("           {}\n", style.dim(note)));
            }
            continue;
        }
        if let Some(page) = planned.page(step) {
            text.push_str(&format!("           at {page}\n"));
        }
        for note in &step.notes {
            text.push_str(&format!("           {note}\n"));
        }
        if !step.edges.is_empty() {
            let why = format!(
                "for {} ({})",
                planned.ids(&step.features).join(", "),
                step.edges.join(", ")
            );
            text.push_str(&format!("           {}\n", style.dim(&why)));
        }
        if let Some(compared) = planned.stages.changes(number).filter(|it| !it.causes.is_empty()) {
            text.push_str("           after which these decisions are other ones:\n");
            for line in effects_human(planned.rules(), &effects(&compared), style).lines() {
                text.push_str(&format!("      {line}\n"));
            }
        }
    }
    text.push_str(&format!("\n{}\n", summary(planned)));
    text
}
