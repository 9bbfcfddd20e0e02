//! `plan --format human`.

use super::planned::{Planned, effects, summary};
use crate::report::diff::effects_human;
use crate::report::text::Style;
use crate::whatif::plan::State;
use std::fmt::Write as _;

/// `plan --format human`.
pub fn plan_human(planned: Planned<'_>, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&format!("To {}:", planned.title())));
    if planned.plan.is_done() {
        text.push_str("  nothing is left to do\n");
    }
    for warning in planned.warnings() {
        let _ = writeln!(text, "  {} {warning}", style.doubtful("!"));
    }
    text.push('\n');
    for (number, step) in planned.plan.steps.iter().enumerate() {
        let mark = match step.state {
            State::ToDo => "     ".to_owned(),
            State::ToCheck => style.doubtful("check"),
            State::Done => style.good("done "),
        };
        let _ = writeln!(text, "{:>3}. {mark} {}", number + 1, style.bold(&planned.what(step)));
        if step.state == State::Done {
            for note in &step.notes {
                let _ = writeln!(text, "           {}", style.dim(note));
            }
            continue;
        }
        if let Some(page) = planned.page(step) {
            let _ = writeln!(text, "           at {page}");
        }
        for note in &step.notes {
            let _ = writeln!(text, "           {note}");
        }
        if !step.edges.is_empty() {
            let why = format!(
                "for {} ({})",
                planned.ids(&step.features).join(", "),
                step.edges.join(", ")
            );
            let _ = writeln!(text, "           {}", style.dim(&why));
        }
        if let Some(compared) = planned.stages.changes(number).filter(|it| !it.causes.is_empty()) {
            let _ = writeln!(text, "           after which these decisions are other ones:");
            for line in effects_human(planned.rules(), &effects(&compared), style).lines() {
                let _ = writeln!(text, "      {line}");
            }
        }
    }
    let _ = writeln!(text, "\n{}", summary(planned));
    text
}
