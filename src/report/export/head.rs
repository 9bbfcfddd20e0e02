//! What stands at the head of everything that is exported: where it comes from, and what it means.

use super::assumed::{AssumedValue, assumed};
use super::tables::Exported;
use crate::report::text::counted;

/// The head as comments, each line after `mark`; `what` it is.
pub(super) fn comment(exported: &Exported<'_>, mark: &str, what: &str) -> String {
    lines(exported, what)
        .iter()
        .fold(String::new(), |text, line| text + format!("{mark} {line}").trim_end() + "\n")
}

/// The lines of the head. Nothing in them is anybody's own text.
pub(super) fn lines(exported: &Exported<'_>, what: &str) -> Vec<String> {
    let engine = exported.behaviours.engine();
    let mut lines = vec![
        format!("syncgate {}: the decisions of a deployment as {what}.", env!("CARGO_PKG_VERSION")),
        format!("rules: {}", engine.rules().digest()),
    ];
    for (of, behaviours) in [("", Some(exported.behaviours)), ("as it was: ", exported.old)] {
        let Some(behaviours) = behaviours else { continue };
        let deployment = behaviours.engine().deployment();
        let as_of = match deployment.as_of() {
            Some(moment) => moment.to_string(),
            None => "a moment that it does not say".to_owned(),
        };
        lines.push(format!("deployment, {of}{}", deployment.digest()));
        lines.push(format!("  as of {as_of}, version {}", deployment.version()));
        let assumed = assumed(behaviours.engine());
        for (AssumedValue { fact, word }, channels) in assumed {
            let channels = counted(channels, "channel");
            lines.push(format!("  assumed, as no value is given at {channels}: {fact} = {word}"));
        }
    }
    lines.extend(MEANING.map(str::to_owned));
    lines
}

const MEANING: [&str; 6] = [
    "",
    "What a history means that is decided here: how each operation would end under this",
    "configuration and these rules. It does not say how the operation ended on its day: features,",
    "profiles, schemas and versions were then what they were, and a customer's state is what the",
    "row says. To see what a change does, decide by both configurations.",
    "",
];
