//! What `replay` tells at its end.

use crate::model::Outcome;
use crate::report::decision::Answer;
use crate::report::text::{Style, TextTable, counted};
use crate::store::{QuestionAnswer, Summary};
use crate::wire::AppliedEvent;
use schemars::JsonSchema;

/// The decisions by outcome and reason, then how many events there were.
pub fn replayed_human(summary: &Summary, style: Style) -> String {
    let mut table = TextTable::new([]);
    for ((outcome, reason), count) in &summary.decisions {
        table.row([String::new(), outcome.to_string(), reason.clone(), count.to_string()]);
    }
    let mut text = table.render(style);
    let resumed = match summary.resumed {
        0 => String::new(),
        resumed => format!(", {resumed} of them applied before"),
    };
    let invalid = match summary.invalid {
        0 => String::new(),
        invalid => format!(", {invalid} not valid"),
    };
    let questions = match (summary.questions, summary.unmet, summary.misasked) {
        (0, _, 0) => String::new(),
        (questions, unmet, misasked) => {
            let not_met = if unmet > 0 { format!(", {unmet} not met") } else { String::new() };
            let wrong =
                if misasked > 0 { format!(", {misasked} not valid") } else { String::new() };
            format!("{}{not_met}{wrong}\n", counted(questions + misasked, "question"))
        }
    };
    text.push_str(&format!(
        "{}{resumed}{invalid}: {} sync, {} async, {} rejected; {} of {} customers pending\n",
        counted(summary.events, "event"),
        decided(summary, Outcome::Sync),
        decided(summary, Outcome::Async),
        decided(summary, Outcome::Rejected),
        summary.pending,
        summary.customers
    ));
    text.push_str(&questions);
    text
}

/// How many decisions ended so.
fn decided(summary: &Summary, wanted: Outcome) -> u64 {
    let counts = summary.decisions.iter().filter(|((outcome, _), _)| *outcome == wanted);
    counts.map(|(_, count)| count).sum()
}

/// A line that `replay` prints.
#[derive(Debug, JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it is only described")]
pub(in crate::report) enum ReplayAnswer<'a> {
    Decided(Answer<'a>),
    Applied(AppliedEvent),
    Asked(Box<QuestionAnswer>),
}
