//! What `replay` tells at its end.

use crate::model::Outcome;
use crate::report::text::{Style, TextTable, counted};
use crate::store::Summary;

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
    text.push_str(&format!(
        "{}{resumed}{invalid}: {} sync, {} async, {} rejected; {} of {} customers pending\n",
        counted(summary.events, "event"),
        decided(summary, Outcome::Sync),
        decided(summary, Outcome::Async),
        decided(summary, Outcome::Rejected),
        summary.pending,
        summary.customers
    ));
    text
}

/// How many decisions ended so.
fn decided(summary: &Summary, wanted: Outcome) -> u64 {
    let counts = summary.decisions.iter().filter(|((outcome, _), _)| *outcome == wanted);
    counts.map(|(_, count)| count).sum()
}
