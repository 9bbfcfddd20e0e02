//! Findings for people, in the manner of a modern compiler.

use super::text::{Style, affected, shown};
use crate::diagnostic::{Finding, Severity, Sources, Span, Subject, line_start};
use crate::model::{or_blank, said};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

/// Findings of one cause: the same code at the same place.
pub(super) struct Cause<'a> {
    pub(super) first: &'a Finding,
    pub(super) subjects: Vec<&'a Subject>,
}

pub(super) fn causes<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<Cause<'a>> {
    let mut causes: Vec<Cause<'a>> = Vec::new();
    let mut known = BTreeMap::new();
    let mut told = HashSet::new();
    for finding in findings {
        // What is missing as a whole has no name: such findings are no cause that records share.
        let subject = finding.subject.as_ref().filter(|subject| !subject.id.is_empty());
        let several = known.get(&(finding.code, finding.span, waiver(finding))).copied();
        match (several.and_then(|number: usize| causes.get_mut(number)), subject) {
            // A finding about nothing, or again about the same, is a cause of its own.
            (Some(cause), Some(subject)) if told.insert((several, subject)) => {
                cause.subjects.push(subject);
            }
            _ => {
                known.insert((finding.code, finding.span, waiver(finding)), causes.len());
                told.extend(subject.map(|subject| (Some(causes.len()), subject)));
                causes.push(Cause { first: finding, subjects: subject.into_iter().collect() });
            }
        }
    }
    causes
}

/// Where the waiver stands that covers a finding: what different ones cover is told apart.
fn waiver(finding: &Finding) -> Option<Span> {
    finding.waived.as_ref().map(|waived| waived.span)
}

/// Those that matter most first, and what is waived last.
pub(super) fn worst_first(mut causes: Vec<Cause<'_>>) -> Vec<Cause<'_>> {
    causes.sort_by_key(|cause| {
        (cause.first.waived.is_some(), std::cmp::Reverse(cause.first.severity))
    });
    causes
}

/// As many findings that say the same of different records are shown one by one; more are shown
/// once.
const APART: usize = 3;

/// Causes that say the same of different records, the first of them with the others.
pub(super) struct Alike<'a> {
    pub(super) first: Cause<'a>,
    pub(super) others: Vec<&'a Finding>,
}

pub(super) fn alike(causes: Vec<Cause<'_>>) -> Vec<Alike<'_>> {
    let says = |finding: &Finding| {
        let name = said(finding.subject.as_ref(), |subject| format!("`{}`", subject.id));
        let message = if name.is_empty() {
            finding.message.clone()
        } else {
            finding.message.replace(&name, "``")
        };
        // Profiles of two kinds are set on two pages.
        (finding.code, waiver(finding), message, finding.setting.clone())
    };
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    for cause in &causes {
        *counts.entry(says(cause.first)).or_insert(0) += 1;
    }
    let mut all: Vec<Alike<'_>> = Vec::new();
    let mut known = BTreeMap::new();
    for cause in causes {
        let said = says(cause.first);
        if counts.get(&said).is_none_or(|count| *count <= APART) {
            all.push(Alike { first: cause, others: Vec::new() });
            continue;
        }
        let number = *known.entry(said).or_insert(all.len());
        match all.get_mut(number) {
            Some(alike) => alike.others.push(cause.first),
            None => all.push(Alike { first: cause, others: Vec::new() }),
        }
    }
    all
}

/// `287 more: austin (stores.toml:14), … and 282 more`.
fn others(files: &Sources, others: &[&Finding]) -> String {
    const SHOWN: usize = 4;
    let place = |finding: &&Finding| {
        let at = finding
            .span
            .map(|span| format!("{}:{}", files.path(span.file), files.position(span).start.line));
        match (finding.subject.as_ref().filter(|subject| !subject.id.is_empty()), at) {
            (Some(subject), Some(at)) => format!("{} ({at})", subject.id),
            (Some(subject), None) => subject.id.clone(),
            (None, at) => or_blank(at.as_deref()).to_owned(),
        }
    };
    let shown: Vec<String> = others.iter().take(SHOWN).map(place).collect();
    let more = others.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{} others: {}{more}", others.len(), shown.join(", "))
}

/// Findings one after the other, each with the line it points at, what to do and where in
/// headquarters; those that matter most first.
pub fn findings_human<'a>(
    files: &Sources,
    findings: impl IntoIterator<Item = &'a Finding>,
    style: Style,
) -> String {
    let causes = worst_first(causes(findings.into_iter()));
    let mut text = String::new();
    for alike in alike(causes) {
        text.push_str(&render(files, &alike, style));
        text.push_str("\n\n");
    }
    text
}

fn render(files: &Sources, alike: &Alike<'_>, style: Style) -> String {
    let cause = &alike.first;
    let finding = cause.first;
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let level = match finding.waived {
        Some(_) => Level::NOTE.with_name("waived"),
        None => level,
    };
    let code = finding.code.to_string();
    let mut group = Group::with_title(level.primary_title(shown(&finding.message)).id(&code));
    match finding.span {
        Some(span) if files.text(span.file).is_empty() => {
            group = group.element(annotate_snippets::Origin::path(shown(files.path(span.file))));
        }
        Some(span) => {
            let (lines, range) = lines_of(files, span);
            group = group.element(lines.annotation(AnnotationKind::Primary.span(range)));
        }
        None => {}
    }
    for related in &finding.related {
        let (lines, range) = lines_of(files, related.span);
        let annotation = AnnotationKind::Context.span(range).label(shown(&related.message));
        group = group.element(lines.annotation(annotation));
    }
    if !alike.others.is_empty() {
        let others = others(files, &alike.others);
        group = group
            .element(Level::NOTE.with_name("the same of").message(shown(&others).into_owned()));
    }
    for (name, note) in notes(cause) {
        group = group.element(Level::NOTE.with_name(name).message(shown(&note).into_owned()));
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// An error of its own, with the lines that it speaks of and what is said at each place.
#[cfg(feature = "store")]
pub(super) fn pointed(
    files: &Sources,
    title: &str,
    places: &[(Span, String)],
    style: Style,
) -> String {
    let mut group = Group::with_title(Level::ERROR.primary_title(title));
    let line = |span: &Span| (span.file, files.position(*span).start.line);
    for on_one_line in places.chunk_by(|(one, _), (next, _)| line(one) == line(next)) {
        let mut snippet = None;
        for (span, label) in on_one_line {
            let (lines, range) = lines_of(files, *span);
            let lines = snippet.take().unwrap_or(lines);
            snippet = Some(lines.annotation(AnnotationKind::Primary.span(range).label(label)));
        }
        group = group.elements(snippet);
    }
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Coloured => Renderer::styled(),
    };
    renderer.render(&[group])
}

/// The lines that a place touches, and where in them it is. Only those lines are handed on, because
/// the renderer reads all that it is given, for every finding again.
fn lines_of(files: &Sources, span: Span) -> (Snippet<'_, Annotation<'_>>, Range<usize>) {
    let text = files.text(span.file);
    let range = span.range();
    let first = line_start(text, range.start);
    let rest = text.get(range.end..).and_then(|after| after.find('\n'));
    let last = rest.map_or(text.len(), |end| range.end + end);
    // The renderer shows a carriage return as a sign of its own; as long, a blank shows nothing.
    let lines = or_blank(text.get(first..last)).trim_end_matches('\r').replace("\r\n", " \n");
    let lines = Snippet::source(lines)
        .path(shown(files.path(span.file)))
        .line_start(files.position(span).start.line);
    (lines, range.start - first..range.end - first)
}

/// Of which controls a finding is evidence, where there are any.
pub(super) fn controls(finding: &Finding) -> Option<String> {
    let some = Some(&finding.controls).filter(|controls| !controls.is_empty());
    some.map(|controls| format!("controls: {}", controls.join(", ")))
}

/// What is said below a finding: name and text.
fn notes(cause: &Cause<'_>) -> Vec<(&'static str, String)> {
    let finding = cause.first;
    let mut notes = Vec::new();
    if cause.subjects.len() > 1 {
        notes.push(("affects", affected(&cause.subjects)));
    }
    notes.extend(finding.help.clone().map(|help| ("help", help)));
    if let Some(setting) = &finding.setting {
        notes.push(("in headquarters", format!("{}, at {}", setting.name, setting.page)));
    }
    if !finding.sources.is_empty() {
        notes.push(("sources", finding.sources.join(", ")));
    }
    if !finding.controls.is_empty() {
        notes.push(("controls", finding.controls.join(", ")));
    }
    if let Some(waived) = &finding.waived {
        notes.push(("waived", waived.in_words()));
    }
    notes
}
