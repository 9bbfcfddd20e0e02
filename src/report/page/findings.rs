//! Every finding with its place, what to do and where; the values that are not given; how every
//! check ended.

use super::Reported;
use super::affected::Affected;
use super::overview::NOTED;
use super::parts::{day, entry, joined, names, path, prose, section, source_links, table, wide};
use crate::check::{CheckReport, CheckResult};
use crate::diagnostic::{Code, Finding, Severity, Sources, Span, Waived};
use crate::model::Rules;
use crate::report::check::gaps::needed_by;
use crate::report::findings::{Alike, alike, causes};
use crate::report::text::counted;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many places of one finding are seen at once, and so many more are named.
const PLACES: (usize, usize) = (3, 200);

/// The class of a finding: its severity, or that it is waived.
pub(super) fn severity_class(finding: &Finding) -> &'static str {
    if finding.waived.is_some() { "waived" } else { finding.severity.as_str() }
}

/// A value that is not given, rather than something that is wrong.
fn is_gap(finding: &Finding) -> bool {
    finding.code == Code::UNDECIDED && finding.counts() && finding.related.is_empty()
}

/// Every finding of a group.
pub(super) fn all_of<'a>(alike: &Alike<'a>) -> Vec<&'a Finding> {
    std::iter::once(alike.first.first).chain(alike.others.iter().copied()).collect()
}

/// Writes the findings, the gaps and the checks.
pub(super) fn write(reported: Reported<'_>, affected: &Affected<'_>) -> Markup {
    let told = || reported.checked.findings.iter().filter(|finding| !is_gap(finding));
    let contradicts = |finding: &&Finding| finding.code == Code::CONTRADICTED;
    let contradicting = alike(causes(told().filter(contradicts)));
    let mut found = alike(causes(told().filter(|finding| !contradicts(finding))));
    found.sort_by_key(|it| (it.first.first.waived.is_some(), Reverse(it.first.first.severity)));
    let content = html! {
        @if found.is_empty() {
            p.quiet { "Nothing was found." }
        } @else {
            (filters(&found))
        }
        ol class="findings" id="finding-list" {
            @for alike in &found { "\n" (finding(reported, alike, affected)) }
        }
    };
    html! {
        (section("findings", "findings-title", "Findings", &content))
        @if !contradicting.is_empty() {
            (contradictions(reported, &contradicting, affected))
        }
        (gaps(reported))
        (checks(reported))
    }
}

/// What people answered and exports do not say.
fn contradictions(reported: Reported<'_>, found: &[Alike<'_>], affected: &Affected<'_>) -> Markup {
    let content = html! {
        p.quiet {
            "What " code { "answers.toml" } " says counts; headquarters exported something else."
        }
        ol class="findings" {
            @for alike in found { "\n" (finding(reported, alike, affected)) }
        }
    };
    section("contradictions", "contradictions-title", "Answers against exports", &content)
}

/// Boxes to tick for each severity, and a field to search; they do nothing without the script,
/// which shows them.
fn filters(found: &[Alike<'_>]) -> Markup {
    let [error, warning, info] =
        [Severity::Error, Severity::Warning, Severity::Info].map(Severity::as_str);
    html! {
        form class="filters scripted" id="filters" aria-label="Which findings are shown" {
            @for class in [error, warning, info, "waived"] { (toggle(found, class)) }
            label.search {
                span.hidden { "Search findings" }
                input type="search" name="text" placeholder="Search: code, store, setting …"
                    autocomplete="off";
            }
            output #shown aria-live="polite" {}
        }
    }
}

/// A box to tick for the findings of a class, if there are any.
fn toggle(found: &[Alike<'_>], class: &str) -> Markup {
    let count = found.iter().filter(|it| severity_class(it.first.first) == class).count();
    html! {
        @if count > 0 {
            label.toggle.(class) {
                input type="checkbox" name="severity" value=(class) checked="";
                (class) " " b { (count) }
            }
        }
    }
}

fn finding(reported: Reported<'_>, alike: &Alike<'_>, affected: &Affected<'_>) -> Markup {
    let (first, all) = (alike.first.first, all_of(alike));
    let (class, told) = (severity_class(first), affected.told(&affected.by(&all)));
    html! {
        li.finding.(class) id={ "f-" (first.fingerprint()) } data-severity=(class) {
            h3 {
                span.code.(class) { (first.code.to_string()) }
                span.severity { (class) }
                span.message { (prose(&first.message)) }
            }
            dl {
                (what_to_do(first))
                (entry("Stores", &html! { (told.count) (names(&told.named, 8)) }))
                (entry("At", &places(reported.engine.deployment().files(), &all)))
                (why(reported, first))
            }
        }
    }
}

fn what_to_do(finding: &Finding) -> Markup {
    html! {
        @if let Some(help) = &finding.help { (entry("Fix", &prose(help))) }
        @if let Some(setting) = &finding.setting {
            (entry("In headquarters", &html! { b { (setting.name) } ", at " (setting.page) }))
        }
    }
}

/// Why a finding matters, what it follows from, who says so, and who excused it.
fn why(reported: Reported<'_>, finding: &Finding) -> Markup {
    let (rules, files) = (reported.engine.rules(), reported.engine.deployment().files());
    let see = |message: &str, span: Span| html! { (prose(message)) " " (place(files, span)) };
    html! {
        @if let Some(check) = rules.check(finding.code) { (entry("Why", &prose(&check.why))) }
        @for related in &finding.related {
            (entry("See also", &see(&related.message, related.span)))
        }
        @if !finding.controls.is_empty() {
            (entry("Controls", &html! { (finding.controls.join(", ")) }))
        }
        @if !finding.sources.is_empty() {
            (entry("Sources", &source_links(rules, &finding.sources)))
        }
        @if let Some(waived) = &finding.waived { (entry("Waived", &excuse(waived))) }
    }
}

fn excuse(waived: &Waived) -> Markup {
    html! {
        (waived.reason.as_deref().unwrap_or("no reason is given"))
        @if let Some(owner) = &waived.owner { " · " (owner) }
        @if let Some(last) = &waived.expires {
            " · until "
            @match last.parse() { Ok(date) => (day(date)), Err(_) => (last) }
        }
    }
}

/// `stores.toml:14:3`.
pub(super) fn place(files: &Sources, span: Span) -> Markup {
    let start = files.position(span).start;
    html! {
        code.place { (path(files.path(span.file))) ":" (start.line) ":" (start.column) }
    }
}

fn places(files: &Sources, findings: &[&Finding]) -> Markup {
    let mut spans: Vec<Span> = findings.iter().filter_map(|finding| finding.span).collect();
    spans.dedup_by_key(|span| (span.file, span.range().start));
    let (shown, rest) = spans.split_at(spans.len().min(PLACES.0));
    html! {
        (joined(shown, ", ", |span| place(files, *span)))
        @if !rest.is_empty() { (more_places(files, rest)) }
    }
}

fn more_places(files: &Sources, spans: &[Span]) -> Markup {
    html! {
        details {
            summary { (spans.len()) " more places" }
            (joined(spans.iter().take(PLACES.1), ", ", |span| place(files, *span)))
            @if spans.len() > PLACES.1 {
                " and " (spans.len() - PLACES.1) " more; the command check lists all"
            }
        }
    }
}

/// Where headquarters shows a value or section that is not given, of the records that lack it.
fn page(rules: &Rules, key: &str, findings: &[&Finding]) -> Option<String> {
    let settings = findings.iter().filter_map(|finding| finding.setting.as_ref());
    let pages: BTreeSet<&str> = settings.clone().map(|setting| setting.page.as_str()).collect();
    if let Some(setting) = settings.into_iter().next() {
        return Some(format!("{}, at {}", setting.name, Vec::from_iter(pages).join(", or ")));
    }
    let section = key.split_once('.').map_or(key, |(section, _)| section);
    rules.format.section(section)?.1.page.clone()
}

/// The exports that give a value or section.
pub(super) fn exports<'c>(rules: &'c Rules, key: &str) -> Vec<&'c str> {
    let giving = rules.exports.iter().filter(|export| export.gives(key));
    giving.map(|export| export.id.as_str()).collect()
}

/// The values that are not given, each with its findings: those that decide most checks first,
/// errors before others.
pub(super) fn by_need(reported: Reported<'_>) -> Vec<(&str, Vec<&Finding>)> {
    let mut by_key: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in reported.checked.findings.iter().filter(|finding| is_gap(finding)) {
        by_key.entry(&finding.detail).or_default().push(finding);
    }
    let mut by_need: Vec<(&str, Vec<&Finding>)> = by_key.into_iter().collect();
    by_need.sort_by_cached_key(|(key, _)| Reverse(need(reported, key)));
    by_need
}

/// How many checks need a value: those that would find errors, and all.
fn need(reported: Reported<'_>, key: &str) -> (usize, usize) {
    let rules = reported.engine.rules();
    let finds_errors = |it: &&CheckReport| {
        rules.check(it.code).is_some_and(|check| check.severity == Severity::Error)
    };
    let lacks = |report: &&CheckReport| report.missing.iter().any(|missing| missing == key);
    let needing = || reported.checked.checks.iter().filter(lacks);
    (needing().filter(finds_errors).count(), needing().count())
}

/// What is not known, by value: of which records, needed by which checks, and what to export for
/// it.
fn gaps(reported: Reported<'_>) -> Markup {
    let by_key = by_need(reported);
    let rows = html! { @for (key, findings) in &by_key { (gap(reported, key, findings)) } };
    let columns = ["Not given", "Of", "Needed by", "To export", "In headquarters"];
    let content = match by_key.len() {
        0 => html! { p.quiet { "Nothing: every check has the values that it needs." } },
        _ => wide("gaps-title", &table(Some("gaps"), &columns, &rows)),
    };
    section("unknown", "gaps-title", "Not checked, and what to export for it", &content)
}

fn gap(reported: Reported<'_>, key: &str, findings: &[&Finding]) -> Markup {
    html! {
        tr {
            th scope="row" { code { (key) } }
            td.where { (whose(findings)) }
            td { (needed_by(reported.checked, key)) }
            td { (to_export(reported.engine.rules(), key)) }
            td { (in_headquarters(reported.engine.rules(), key, findings)) }
        }
    }
}

/// The records that lack a value.
fn whose(findings: &[&Finding]) -> Markup {
    let subjects = findings.iter().filter_map(|finding| finding.subject.as_ref());
    let ids = subjects.map(|subject| subject.id.as_str()).filter(|id| !id.is_empty());
    let named: Vec<&str> = ids.collect();
    html! {
        @if named.is_empty() { "the deployment" } @else { (counted(named.len(), "record")) }
        (names(&named, 5))
    }
}

fn to_export(rules: &Rules, key: &str) -> Markup {
    let exports = exports(rules, key);
    html! {
        (joined(&exports, " or ", |export| html! { code { (export) } }))
        @if exports.is_empty() { "by hand" }
    }
}

fn in_headquarters(rules: &Rules, key: &str, findings: &[&Finding]) -> Markup {
    let help = || findings.iter().take(1).find_map(|finding| finding.help.as_deref());
    match page(rules, key, findings) {
        Some(page) => html! { (page) },
        None => prose(help().unwrap_or("–")),
    }
}

/// How every check ended.
fn checks(reported: Reported<'_>) -> Markup {
    let checks = &reported.checked.checks;
    let rows = html! { @for report in checks { (check(reported, report)) } };
    let columns = ["Check", "What it makes sure of", "Result", "Examined", "Lacks"];
    let content = html! {
        details {
            summary { (counted(checks.len(), "check")) }
            (wide("check-list-title", &table(Some("ended"), &columns, &rows)))
        }
    };
    section("checks", "check-list-title", "How every check ended", &content)
}

fn check(reported: Reported<'_>, report: &CheckReport) -> Markup {
    let (class, word) = match report.result {
        CheckResult::NotApplicable => (report.result.as_str(), "did not apply"),
        _ if reported.checked.is_noted(report) => (NOTED, NOTED),
        result => (result.as_str(), result.as_str()),
    };
    let rules = reported.engine.rules();
    html! {
        tr id={ "c-" (report.code.to_string()) } {
            th scope="row" { (report.code.to_string()) }
            td { (prose(title(rules, report))) }
            td { span.result.(class) { (word) } }
            td.number { (report.examined) }
            td { (report.missing.join(", ")) }
        }
    }
}

#[expect(clippy::expect_used, reason = "each of the rules' checks reports once")]
fn title<'c>(rules: &'c Rules, report: &CheckReport) -> &'c str {
    &rules.check(report.code).expect("each of the rules' checks reports once").title
}
