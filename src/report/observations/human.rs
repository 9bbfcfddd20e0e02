//! `compare --format human`.

use super::{UnreadableLine, expected, observed, supposed};
use crate::engine::Engine;
use crate::report::decision::place_human;
use crate::report::text::{Style, TextTable, counted};
use crate::whatif::{ComparedObservations, Discrepancy};

/// So many observations that differ are told one by one.
const MOST: usize = 20;

/// `compare --format human`: how many differ, by what, and where.
pub fn observations_human(
    engine: &Engine,
    compared: &ComparedObservations<'_>,
    unreadable: &[UnreadableLine],
    style: Style,
) -> String {
    let differ = compared.discrepancies.len();
    let mut text = match differ {
        0 => style.good("as it should be"),
        _ => style.bad(&format!("{differ} otherwise than it should be")),
    };
    text.push_str(&format!(": {}\n", counted(compared.observed, "observation")));
    if !unreadable.is_empty() {
        let told = format!("{} could not be read", counted(unreadable.len() as u64, "line"));
        text.push_str(&format!("{}\n", style.bad(&told)));
    }
    text.push_str(&causes(compared, style));
    text.push_str(&differences(engine, compared, style));
    let mut table = TextTable::new(["operation", "channel", "observed", "differ"]);
    for counted in &compared.summary {
        table.row([
            engine.rules().operation(counted.operation).id.clone(),
            counted.channel.id().to_owned(),
            counted.observed.to_string(),
            counted.differ.to_string(),
        ]);
    }
    if !table.is_empty() {
        text.push_str(&format!("\n{}", table.render(style)));
    }
    text
}

/// What explains it, the likeliest first.
fn causes(compared: &ComparedObservations<'_>, style: Style) -> String {
    let mut text = String::new();
    for cause in &compared.causes {
        let contradicted = match cause.contradicted {
            0 => "none".to_owned(),
            several => several.to_string(),
        };
        text.push_str(&format!(
            "\n{} if {}{}\n  explains {} of {}; contradicted by {contradicted} of those that \
             agree\n",
            style.bold("Likely:"),
            supposed(&cause.change),
            place_human(cause.channel, cause.change.place),
            cause.explains,
            compared.discrepancies.len()
        ));
    }
    let unexplained = compared.discrepancies.iter().filter(|it| it.cause.is_none()).count();
    if unexplained > 0 {
        text.push_str(&format!("\n{unexplained} that no single fact explains\n"));
    }
    text
}

fn differences(engine: &Engine, compared: &ComparedObservations<'_>, style: Style) -> String {
    let mut table = TextTable::new(["line", "operation", "channel", "observed", "expected"]);
    let row = |discrepancy: &Discrepancy<'_>| {
        [
            discrepancy.line.to_string(),
            engine.rules().operation(discrepancy.observation.operation).id.clone(),
            discrepancy.channel.id().to_owned(),
            observed(&discrepancy.observation),
            expected(discrepancy),
        ]
    };
    compared.discrepancies.iter().take(MOST).for_each(|it| table.row(row(it)));
    if table.is_empty() {
        return String::new();
    }
    let more = match compared.discrepancies.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!("… and {more} more; `--format json` has them all\n"),
    };
    format!("\n{}{more}", table.render(style))
}
