//! The levels that a deployment sets for checks: nothing counts for less unseen.

use crate::check::{Checked, Level};
use crate::diagnostic::Sources;
use crate::model::{Deployment, or_blank, said};
use crate::report::document::{CODE, Location, location};
use crate::report::text::{Style, TextTable};
use schemars::JsonSchema;
use serde::Serialize;

/// What the findings of a check count as, and who answers for it.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct LevelDocument<'a> {
    #[schemars(extend("pattern" = CODE))]
    code: String,
    /// The check's own severity.
    from: &'static str,
    /// What its findings count as; `allow` where they are hidden.
    to: &'static str,
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    location: Location<'a>,
}

/// The levels of a JSON document.
pub(in crate::report) fn level_documents<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
) -> Vec<LevelDocument<'a>> {
    let document = |level: &'a Level| LevelDocument {
        code: level.code.to_string(),
        from: level.from.as_str(),
        to: level.word(),
        reason: level.reason.as_deref(),
        owner: level.owner.as_deref(),
        location: location(deployment.files(), level.span),
    };
    checked.levels.iter().map(document).collect()
}

/// What a level does, in a sentence: `SG110, an error, counts as a warning: … (…)`.
pub(in crate::report) fn level_in_words(level: &Level) -> String {
    let does = match level.to {
        Some(severity) => format!("counts as {}", with_article(severity.as_str())),
        None => "is hidden".to_owned(),
    };
    let from = with_article(level.from.as_str());
    format!("{}, {from}, {does} by [levels]{}", level.code, why(level))
}

/// Why, and who answers for it, as far as that is said.
fn why(level: &Level) -> String {
    let reason = said(level.reason.as_ref(), |reason| format!(": {reason}"));
    let owner = said(level.owner.as_ref(), |owner| format!(" ({owner})"));
    format!("{reason}{owner}")
}

fn with_article(word: &str) -> String {
    let article = if word.starts_with(['e', 'i']) { "an" } else { "a" };
    format!("{article} {word}")
}

/// The levels for people; empty where none is set.
pub(super) fn levels_human(
    files: &Sources,
    checked: &Checked,
    width: usize,
    style: Style,
) -> String {
    if checked.levels.is_empty() {
        return String::new();
    }
    let mut table = TextTable::new(["check", "is", "counts as", "because", "says", "at"]);
    for level in &checked.levels {
        let place =
            format!("{}:{}", files.path(level.span.file), files.position(level.span).start.line);
        table.row([
            level.code.to_string(),
            level.from.to_string(),
            level.word().to_owned(),
            or_blank(level.reason.as_deref()).to_owned(),
            or_blank(level.owner.as_deref()).to_owned(),
            place,
        ]);
    }
    let title = style.bold("What counts otherwise here, by [levels]:");
    format!("{title}\n{}\n", table.render_within(width, style))
}
