//! `explain --format json`: what anything means, for programs.

use super::document::{Provenance, provenance};
use super::explain::{EXPLAINED, Entry, meant};
use crate::model::{Rules, or_blank};
use schemars::JsonSchema;
use serde::Serialize;

/// What a word means.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct ExplanationDocument<'a> {
    version: u32,
    /// What was asked; null where it was only asked what can be explained.
    name: Option<&'a str>,
    /// Everything that is called so.
    entries: Vec<ExplainedDocument<'a>>,
    /// What can be explained, where nothing else was asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    explained: Vec<ExplainableDocument>,
    provenance: Provenance<'a>,
}

/// Something that is called so.
#[derive(Debug, Serialize, JsonSchema)]
struct ExplainedDocument<'a> {
    /// What it is: `feature`, `reason`, …
    kind: &'static str,
    /// Its proper name.
    name: &'a str,
    /// Everything it is called, the proper name first.
    names: Vec<&'a str>,
    /// What there is to say, line by line.
    text: String,
}

/// A sort of thing that can be explained.
#[derive(Debug, Serialize, JsonSchema)]
struct ExplainableDocument {
    what: &'static str,
    /// Such a thing.
    example: &'static str,
}

/// `explain --format json` of a word, or of several that make one name.
///
/// # Errors
///
/// Nothing is called so; the names most like it, which may be none.
pub fn explained_json<'a>(
    rules: &'a Rules,
    name: &'a str,
) -> Result<impl Serialize + use<'a>, Vec<String>> {
    let entries = meant(rules, name)?;
    Ok(ExplanationDocument {
        version: 1,
        name: Some(name),
        entries: entries.into_iter().map(explained).collect(),
        explained: Vec::new(),
        provenance: provenance(rules, None),
    })
}

/// `explain --format json` without a word: what can be explained.
pub fn overview_json(rules: &Rules) -> impl Serialize {
    let explained = EXPLAINED.map(|(what, example)| ExplainableDocument { what, example });
    ExplanationDocument {
        version: 1,
        name: None,
        entries: Vec::new(),
        explained: explained.into(),
        provenance: provenance(rules, None),
    }
}

fn explained(entry: Entry<'_>) -> ExplainedDocument<'_> {
    // For people every line stands two blanks to the right of the title.
    let lines = entry.text.trim_end().lines().map(|line| line.strip_prefix("  ").unwrap_or(line));
    ExplainedDocument {
        kind: entry.kind,
        name: or_blank(entry.names.first().copied()),
        text: lines.collect::<Vec<_>>().join("\n"),
        names: entry.names,
    }
}
