//! Code actions: what mends a finding, or lets it pass with a reason.

use super::address::directory_and_name;
use super::outline::{Block, Word, is_bare, quoted};
use super::view::{Standing, View};
use crate::diagnostic::{Code, Finding};
use crate::load::{ANSWERS, IMPORTED};
use crate::model::format::{Format, Kind};
use crate::model::{KeyName, SectionName, said};
use gen_lsp_types::{CodeAction, CodeActionKind, TextEdit, WorkspaceEdit};
use std::collections::HashMap;
use std::ops::Range;

/// What can be done about what is found in a range.
pub(super) fn actions(
    view: &View<'_>,
    range: gen_lsp_types::Range,
    only: Option<&[CodeActionKind]>,
) -> Vec<CodeAction> {
    let wanted = |kind: &CodeActionKind| match kind {
        CodeActionKind::Empty | CodeActionKind::QuickFix => true,
        other => other.as_str().is_empty(),
    };
    if only.is_some_and(|only| !only.iter().any(wanted)) {
        return Vec::new();
    }
    let text = &view.file.text;
    let asked = text.byte(range.start, view.units)..text.byte(range.end, view.units);
    let touches = |standing: &Standing<'_>| {
        standing.bytes.start <= asked.end && asked.start <= standing.bytes.end
    };
    let told = view.told().filter(touches);
    told.flat_map(|standing| of_finding(view, &standing)).collect()
}

fn of_finding(view: &View<'_>, standing: &Standing<'_>) -> Vec<CodeAction> {
    let finding = &standing.told.finding;
    let mut actions = Vec::new();
    // What stands nowhere has nothing to write elsewhere.
    let place = finding.span.map(|_| standing.bytes.clone());
    let path = || view.file.path.clone();
    for (number, text) in finding.instead.iter().enumerate() {
        if let Some(span) = place.clone() {
            let edit = written_instead(view, span, text);
            let title = format!("Write `{text}`");
            actions.push(action(view, standing, title, (path(), edit), number == 0));
        }
    }
    if finding.code == Code::MISSING_KEY
        && let Some(edit) = place.clone().and_then(|span| missing_key(view, finding, span))
    {
        let title = format!("Add `{}`", finding.detail);
        actions.push(action(view, standing, title, (path(), edit), true));
    }
    if finding.code == Code::UNANSWERED {
        actions.extend(place.and_then(|span| unanswered(view, standing, span)));
    }
    let is_check = finding.code.is_lint() || finding.code.is_custom();
    if is_check && finding.waived.is_none() {
        let (path, edit) = waiver(view, finding);
        let title = format!("Waive {} here, with a reason and an owner", finding.code);
        actions.push(action(view, standing, title, (path, edit), false));
    }
    actions
}

fn action(
    view: &View<'_>,
    standing: &Standing<'_>,
    title: String,
    (path, edit): (String, TextEdit),
    is_preferred: bool,
) -> CodeAction {
    let changes = HashMap::from([(view.address(&path), vec![edit])]);
    CodeAction {
        title,
        kind: Some(CodeActionKind::QuickFix),
        diagnostics: Some(vec![view.diagnostic(standing)]),
        is_preferred: is_preferred.then_some(true),
        edit: Some(WorkspaceEdit { changes: Some(changes), ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    }
}

/// Another name in the place of the one that a finding points at.
fn written_instead(view: &View<'_>, span: Range<usize>, text: &str) -> TextEdit {
    let (bytes, new_text) = match word_at(view, span.start) {
        // A name in a key or header.
        Some((word, true)) if is_bare(text) => (word.span.clone(), text.to_owned()),
        Some((word, _)) => word.instead(text),
        None => (span, quoted(text)),
    };
    TextEdit { range: view.file.text.range(bytes, view.units), new_text }
}

/// The word that begins at a byte, and whether it is a name in a key or header.
fn word_at<'v>(view: &'v View<'_>, byte: usize) -> Option<(&'v Word, bool)> {
    use super::outline::{Entry, Node, What};
    fn in_node(node: &Node, byte: usize) -> Option<(&Word, bool)> {
        match &node.what {
            What::Text(word) => (word.span.start == byte).then_some((word, false)),
            What::List(items) => items.iter().find_map(|item| in_node(item, byte)),
            What::Inline(entries) => in_entries(entries, byte),
            What::Bare => None,
        }
    }
    fn in_entries(entries: &[Entry], byte: usize) -> Option<(&Word, bool)> {
        let behind = entries.partition_point(|entry| entry.span.start <= byte);
        let entry = entries.get(behind.checked_sub(1)?)?;
        let key = entry.path.iter().find(|word| word.span.start == byte);
        let key = key.map(|word| (word, true));
        key.or_else(|| in_node(entry.value.as_ref()?, byte))
    }
    let block = view.file.text.outline().block_at(byte)?;
    let name = block.path.iter().find(|word| word.span.start == byte);
    name.map(|word| (word, true)).or_else(|| in_entries(&block.entries, byte))
}

/// A key that is missing where a finding points at, with a value to fill in.
fn missing_key(view: &View<'_>, finding: &Finding, span: Range<usize>) -> Option<TextEdit> {
    let text = view.file.text.as_str();
    let key = finding.detail.as_str();
    let section = finding.subject.as_ref().map(|subject| subject.kind.as_str());
    let line = format!("{key} = {}", placeholder(view.format, section, key));
    let written = text.get(span.clone())?;
    let (at, new_text) = if written.starts_with('{') {
        // Within an inline table, before its end.
        let body = written.strip_suffix('}').unwrap_or(written).trim_end();
        let comma = if body == "{" || body.ends_with(',') { " " } else { ", " };
        (span.start + body.len(), format!("{comma}{line}"))
    } else if written.starts_with('[') {
        // It may have been written since.
        let block = view.file.text.outline().block_at(span.start)?;
        if is_given(block, key) {
            return None;
        }
        let end = view.file.text.line(view.file.text.line_of(span.start)).end;
        (end, format!("\n{line}"))
    } else {
        // What stands nowhere stands at the top: a key of the file, or a section with it.
        let section = section.filter(|id| view.format.section(*id).is_some());
        let header = section.map(|id| format!("[{id}]\n"));
        let behind = if section.is_some() { "\n" } else { "" };
        let header = said(header, |header| header);
        (0, format!("{header}{line}\n{behind}"))
    };
    Some(TextEdit { range: view.file.text.range(at..at, view.units), new_text })
}

/// A value that is to be filled in: one that no file is right with.
fn placeholder(format: &Format, section: Option<&str>, key: &str) -> &'static str {
    let of_section = section.and_then(|id| format.section(id)?.1.key(key));
    let of_root = || format.root.iter().find(|known| known.id == key);
    let key = of_section.map(|(_, key)| key).or_else(of_root);
    match key.map(|key| &key.kind) {
        Some(Kind::List(_) | Kind::OneOrMore(_)) => "[\"\"]",
        Some(Kind::Nested(_) | Kind::Map(_) | Kind::Comparison(_)) => "{}",
        _ => "\"\"",
    }
}

/// Reason and owner, where something is lowered without.
fn unanswered(view: &View<'_>, standing: &Standing<'_>, span: Range<usize>) -> Option<CodeAction> {
    let written = view.file.text.as_str().get(span.clone())?;
    if !written.starts_with("[[") {
        return None;
    }
    let block = view.file.text.outline().block_at(span.start)?;
    let missing = [KeyName::Reason, KeyName::Owner].map(KeyName::as_str);
    let missing: Vec<&str> = missing.into_iter().filter(|key| !is_given(block, key)).collect();
    if missing.is_empty() {
        return None;
    }
    let lines: Vec<String> = missing.iter().map(|key| format!("\n{key} = \"\"")).collect();
    let end = view.file.text.line(view.file.text.line_of(span.start)).end;
    let range = view.file.text.range(end..end, view.units);
    let title = format!("Add `{}`", missing.join("` and `"));
    let edit = TextEdit { range, new_text: lines.concat() };
    Some(action(view, standing, title, (view.file.path.clone(), edit), true))
}

/// Whether a key stands below a header.
fn is_given(block: &Block, key: &str) -> bool {
    let mut keys = block.entries.iter().filter_map(|entry| entry.path.first());
    keys.any(|word| word.text == key)
}

/// A waiver at the end of the file, or of the answers where the file is written by an import.
fn waiver(view: &View<'_>, finding: &Finding) -> (String, TextEdit) {
    let (directory, name) = directory_and_name(&view.file.path);
    let answers = format!("{directory}/{ANSWERS}");
    let answers = view.folder.file(&answers).filter(|_| name == IMPORTED);
    let file = answers.unwrap_or(view.file);
    let text = file.text.as_str();
    let mut lines = match text.trim_end_matches([' ', '\t']) {
        "" => String::new(),
        text if text.ends_with('\n') => "\n".to_owned(),
        _ => "\n\n".to_owned(),
    };
    lines.push_str(&format!("[[{}]]\n", SectionName::Waiver));
    let subject = finding.subject.as_ref().map(|subject| subject.id.as_str());
    let subject = subject.filter(|id| !id.is_empty());
    let code = finding.code.to_string();
    for (key, value) in [
        (KeyName::Code, Some(code.as_str())),
        (KeyName::Subject, subject),
        (KeyName::Reason, Some("")),
        (KeyName::Owner, Some("")),
    ] {
        if let Some(value) = value {
            lines.push_str(&format!("{key} = {}\n", quoted(value)));
        }
    }
    let range = file.text.range(text.len()..text.len(), view.units);
    (file.path.clone(), TextEdit { range, new_text: lines })
}
