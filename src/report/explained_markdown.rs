//! What anything means, as Markdown.

use super::explain::{Entry, meant};
use super::text::text_markdown;
use crate::model::{Rules, or_blank};

/// What a name means, as Markdown: of things of these kinds, of all where there are none; `None`
/// where nothing of them is called so.
pub fn explained_markdown(rules: &Rules, name: &str, kinds: &[&str]) -> Option<String> {
    let entries = meant(rules, name).ok()?.into_iter();
    let entries = entries.filter(|entry| kinds.is_empty() || kinds.contains(&entry.kind));
    let texts: Vec<String> = entries.map(|entry| one(&entry)).collect();
    (!texts.is_empty()).then(|| texts.join("\n\n"))
}

/// An entry: its lines stay lines, and what is set in is code.
fn one(entry: &Entry<'_>) -> String {
    let title = or_blank(entry.names.first().copied());
    let mut text = format!("**{}** ({})\n\n", text_markdown(title), entry.kind);
    let mut is_code = false;
    for line in entry.text.lines() {
        // Every line stands two blanks to the right.
        let line = line.strip_prefix("  ").unwrap_or(line);
        let was_code = std::mem::replace(&mut is_code, line.starts_with("  "));
        if is_code != was_code {
            text.push_str("```\n");
        }
        match (is_code, line.is_empty()) {
            (true, _) => text.push_str(&format!("{}\n", line.trim_start())),
            (false, true) => text.push('\n'),
            (false, false) => text.push_str(&format!("{}  \n", text_markdown(line))),
        }
    }
    if is_code {
        text.push_str("```\n");
    }
    text
}
