//! Findings and the verdict for people, in the manner of a modern compiler.

use super::document::tally;
use super::table::Table;
use crate::check::{CheckResult, Checked, Verdict};
use crate::diagnostic::{Code, Finding, Severity, Sources, Span, Subject};
use crate::model::Deployment;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt::{Display, Write as _};
use std::ops::Range;

/// Whether text is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// For files and pipes.
    Plain,
    /// For terminals.
    Coloured,
}

impl Style {
    fn paint(self, text: &str, code: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }

    /// What matters most.
    pub fn bold(self, text: &str) -> String {
        self.paint(text, "1")
    }

    /// What matters least.
    pub fn dim(self, text: &str) -> String {
        self.paint(text, "2")
    }

    /// What is well.
    pub fn good(self, text: &str) -> String {
        self.paint(text, "1;32")
    }

    /// What is wrong.
    pub fn bad(self, text: &str) -> String {
        self.paint(text, "1;31")
    }

    /// What is in doubt.
    pub fn doubtful(self, text: &str) -> String {
        self.paint(text, "1;33")
    }
}

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
        let several = known.get(&(finding.code, finding.span, finding.waived.is_some())).copied();
        match (several.and_then(|number: usize| causes.get_mut(number)), subject) {
            // A finding about nothing, or again about the same, is a cause of its own.
            (Some(cause), Some(subject)) if told.insert((several, subject)) => {
                cause.subjects.push(subject);
            }
            _ => {
                known.insert((finding.code, finding.span, finding.waived.is_some()), causes.len());
                told.extend(subject.map(|subject| (Some(causes.len()), subject)));
                causes.push(Cause { first: finding, subjects: subject.into_iter().collect() });
            }
        }
    }
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
        let name =
            finding.subject.as_ref().map_or(String::new(), |subject| format!("`{}`", subject.id));
        let message = if name.is_empty() {
            finding.message.clone()
        } else {
            finding.message.replace(&name, "``")
        };
        (finding.code, finding.waived.is_some(), message)
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
            (None, at) => at.unwrap_or_default(),
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
    let mut causes = causes(findings.into_iter());
    causes.sort_by_key(|cause| {
        (cause.first.waived.is_some(), std::cmp::Reverse(cause.first.severity))
    });
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
    let mut group = Group::with_title(level.primary_title(&finding.message).id(&code));
    match finding.span {
        Some(span) if files.text(span.file).is_empty() => {
            group = group.element(annotate_snippets::Origin::path(files.path(span.file)));
        }
        Some(span) => {
            let (lines, range) = lines_of(files, span);
            group = group.element(lines.annotation(AnnotationKind::Primary.span(range)));
        }
        None => {}
    }
    for related in &finding.related {
        let (lines, range) = lines_of(files, related.span);
        let annotation = AnnotationKind::Context.span(range).label(&related.message);
        group = group.element(lines.annotation(annotation));
    }
    if !alike.others.is_empty() {
        let others = others(files, &alike.others);
        group = group.element(Level::NOTE.with_name("the same of").message(others));
    }
    for (name, note) in notes(cause) {
        group = group.element(Level::NOTE.with_name(name).message(note));
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
    let first =
        text.get(..range.start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let rest = text.get(range.end..).and_then(|after| after.find('\n'));
    let last = rest.map_or(text.len(), |end| range.end + end);
    let lines = Snippet::source(text.get(first..last).unwrap_or_default())
        .path(files.path(span.file))
        .line_start(files.position(span).start.line);
    (lines, range.start - first..range.end - first)
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
    if let Some(waived) = &finding.waived {
        let reason = waived.reason.as_deref().unwrap_or("no reason is given");
        let owner = waived.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        let until = waived.expires.as_ref().map(|day| format!(", until {day}")).unwrap_or_default();
        notes.push(("waived", format!("{reason}{owner}{until}")));
    }
    notes
}

/// `287 channels: houston, austin, … and 285 more`.
pub(super) fn affected(subjects: &[&Subject]) -> String {
    let kind = subjects.first().map_or("", |subject| subject.kind.as_str());
    let plural = if kind.ends_with('s') { "" } else { "s" };
    let mut text = format!("{} {kind}{plural}: ", subjects.len());
    let shown: Vec<&str> = subjects.iter().take(5).map(|subject| subject.id.as_str()).collect();
    text.push_str(&shown.join(", "));
    if subjects.len() > shown.len() {
        let _ = write!(text, " and {} more", subjects.len() - shown.len());
    }
    text
}

/// `check --format human`.
pub fn check_human(deployment: &Deployment, checked: &Checked, style: Style) -> String {
    let is_gap = |finding: &&Finding| {
        finding.code == Code::UNDECIDED && finding.counts() && finding.related.is_empty()
    };
    let told = checked.findings.iter().filter(|finding| !is_gap(finding));
    let mut text = findings_human(deployment.files(), told, style);
    let gaps: Vec<&Finding> = checked.findings.iter().filter(is_gap).collect();
    if !gaps.is_empty() {
        text.push_str(&gaps_human(deployment.files(), checked, &gaps, style));
        text.push('\n');
    }
    text.push_str(&super::pending::pending_human(deployment, checked, style));
    text.push_str(&verdict_line(checked, style));
    text
}

/// The values that are not given, each with whose they are and where to add them.
fn gaps_human(files: &Sources, checked: &Checked, gaps: &[&Finding], style: Style) -> String {
    let mut by_key: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in gaps {
        by_key.entry(&finding.detail).or_default().push(finding);
    }
    let mut table = Table::new(["not given", "of", "needed by", "at"]);
    for (key, findings) in &by_key {
        let named = findings
            .iter()
            .filter_map(|finding| finding.subject.as_ref())
            .filter(|it| !it.id.is_empty());
        let whose = match named.collect::<Vec<_>>().as_slice() {
            [] => "the deployment".to_owned(),
            [one] => one.id.clone(),
            several => affected(several),
        };
        let place = findings
            .iter()
            .find_map(|finding| finding.span)
            .map(|span| format!("{}:{}", files.path(span.file), files.position(span).start.line));
        table.row([(*key).to_owned(), whose, needed_by(checked, key), place.unwrap_or_default()]);
    }
    let title = style.bold("What could not be decided, for want of these values:");
    format!("{title}\n{}", table.render(style))
}

/// The checks that need a value.
pub(super) fn needed_by(checked: &Checked, key: &str) -> String {
    let reports =
        checked.checks.iter().filter(|report| report.missing.iter().any(|missing| missing == key));
    let codes: Vec<String> = reports.map(|report| report.code.to_string()).collect();
    if codes.is_empty() { "decisions, which use a default".to_owned() } else { codes.join(", ") }
}

/// The last line: the verdict, and how many checks ended in which way.
pub(super) fn verdict_line(checked: &Checked, style: Style) -> String {
    let verdict = match checked.verdict {
        Verdict::Go => style.good("go"),
        Verdict::NoGo => style.bad("no-go"),
        Verdict::Undecided => style.doubtful("undecided"),
    };
    // What is not given is told at the end of the line.
    let gaps =
        checked.findings.iter().filter(|it| it.counts() && it.code == Code::UNDECIDED).count();
    let notes = checked.count(Severity::Info).saturating_sub(gaps);
    let counts = [
        (checked.count(Severity::Error), "error"),
        (checked.count(Severity::Warning), "warning"),
        (notes, "note"),
    ];
    let counts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    let counts = if counts.is_empty() { "nothing found".to_owned() } else { counts.join(", ") };
    let undecided = checked.checks.iter().filter(|report| report.result == CheckResult::Undecided);
    let missing: BTreeSet<&str> =
        undecided.flat_map(|report| &report.missing).map(String::as_str).collect();
    let why = match missing.len() {
        0 => String::new(),
        1..=3 => format!(" (not given: {})", missing.into_iter().collect::<Vec<_>>().join(", ")),
        several => format!(" ({several} values are not given)"),
    };
    format!("{verdict}: {counts}; {} checks: {}{why}\n", checked.checks.len(), tally(checked))
}

/// How many of something there are, in words: `1 step`, `2 steps`.
pub(crate) fn counted<N: Copy + Display + PartialEq + From<u8>>(count: N, what: &str) -> String {
    let s = if count == N::from(1) { "" } else { "s" };
    format!("{count} {what}{s}")
}
