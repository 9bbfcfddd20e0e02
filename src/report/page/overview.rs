//! What is seen first: the verdict, of what, the checks, what blocks, what happens, and what is not
//! known.

use super::Reported;
use super::address::cell_address;
use super::affected::Affected;
use super::findings::{all_of, by_need, exports, severity_class};
use super::operations::offering;
use super::parts::{chip, entry, moment, more, name, names, panel, prose, table};
use crate::check::{CheckResult, Checked, Verdict};
use crate::diagnostic::{Finding, Severity};
use crate::engine::Channel;
use crate::model::{Connection, Operation, OperationId, Outcome, RealTimeService, Situation};
use crate::report::check::gaps::needed_by;
use crate::report::findings::{Alike, alike, causes};
use crate::report::matrix::operation_ids;
use crate::report::text::counted;
use crate::whatif::Matrix;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// So many of what blocks, and of what is not known, are seen first.
const MOST: usize = 4;

/// So many operations are seen first.
const MOST_OPERATIONS: usize = 6;

/// Writes the first screen.
pub(super) fn write(
    reported: Reported<'_>,
    matrix: &Matrix<'_>,
    affected: &Affected<'_>,
) -> Markup {
    html! {
        section id="overview" class="overview" aria-label="Overview" {
            (verdict(reported))
            (checks(reported.checked))
            (super::pending::write_first(reported))
            (blockers(reported, affected))
            @if reported.decides() { (operations(matrix)) }
            (super::exceptions::write_first(reported))
            (unknown(reported))
        }
        "\n"
    }
}

fn verdict(reported: Reported<'_>) -> Markup {
    let verdict = reported.checked.verdict;
    html! {
        section.panel.verdict.(verdict.as_str()) aria-labelledby="verdict" {
            h2 #verdict {
                span.mark aria-hidden="true" { (verdict_mark(verdict)) }
                (verdict.as_str())
            }
            p { (prose(&why(reported.checked))) }
            dl { (of_what(reported)) }
        }
    }
}

/// Of when the page tells, and by which rules.
fn of_what(reported: Reported<'_>) -> Markup {
    let (rules, deployment) = (reported.engine.rules(), reported.engine.deployment());
    let as_of = deployment.as_of().map_or(html! { "not given" }, moment);
    html! {
        (entry("As of", &as_of))
        (entry("Commerce", &html! { (deployment.version().to_string()) }))
        (entry("Rules", &from(&rules.source, &rules.digest())))
        (entry("Deployment", &from("", &deployment.digest())))
    }
}

/// Where something is from, and the beginning of its digest.
fn from(source: &str, digest: &str) -> Markup {
    let beginning: String = digest.chars().take(12).collect();
    html! { (name(source)) " " code title=(digest) { (beginning) } }
}

pub(super) fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "✓",
        Verdict::NoGo => "✗",
        Verdict::Undecided => "?",
    }
}

/// One sentence why the verdict is as it is.
fn why(checked: &Checked) -> String {
    match checked.verdict {
        Verdict::NoGo => why_not(checked),
        Verdict::Undecided => why_undecided(checked),
        Verdict::Go => why_go(checked),
    }
}

fn why_not(checked: &Checked) -> String {
    let errors = || standing(checked, Severity::Error);
    let first: String = errors().take(1).map(|finding| finding.message.as_str()).collect();
    match alike(causes(errors())).len() {
        1 => format!("An error stands against it: {first}."),
        several => format!("{several} errors stand against it, among them: {first}."),
    }
}

fn why_undecided(checked: &Checked) -> String {
    let undecided = checked.checks.iter().filter(|it| it.result == CheckResult::Undecided);
    let missing: BTreeSet<&String> = undecided.flat_map(|report| &report.missing).collect();
    let open = counted(checked.count_results(CheckResult::Undecided), "check");
    let values = match missing.len() {
        1 => "1 value is".to_owned(),
        several => format!("{several} values are"),
    };
    format!("No error is known, and {open} could not be decided: {values} not given.")
}

fn why_go(checked: &Checked) -> String {
    let passed = counted(checked.count_results(CheckResult::Pass), "check");
    match checked.count(Severity::Warning) {
        0 => format!("{passed} passed, and nothing stands against it."),
        some => format!("{passed} passed; no error, and {} to weigh.", counted(some, "warning")),
    }
}

/// The findings of a severity that are not waived.
fn standing(checked: &Checked, severity: Severity) -> impl Iterator<Item = &Finding> {
    checked.findings.iter().filter(move |it| it.counts() && it.severity == severity)
}

/// How checks ended: the class of each, the word for it, and how many did. What is only worth
/// knowing is noted, not failed.
fn results(checked: &Checked) -> [(&'static str, &'static str, usize); 6] {
    let count = |result| checked.count_results(result);
    let noted = checked.count_noted();
    [
        (CheckResult::Pass.as_str(), "passed", count(CheckResult::Pass)),
        (CheckResult::Fail.as_str(), "failed", count(CheckResult::Fail) - noted),
        (NOTED, NOTED, noted),
        (CheckResult::Undecided.as_str(), "undecided", count(CheckResult::Undecided)),
        (CheckResult::Waived.as_str(), "waived", count(CheckResult::Waived)),
        (CheckResult::NotApplicable.as_str(), "did not apply", count(CheckResult::NotApplicable)),
    ]
}

/// How a check ended that found nothing worse than what is worth knowing.
pub(super) const NOTED: &str = "noted";

fn checks(checked: &Checked) -> Markup {
    let counts = results(checked);
    let content = html! {
        (bar(&counts.map(|(class, _, count)| (class.to_owned(), count as u64))))
        dl.counts {
            @for (class, word, count) in counts {
                div.(class) { dt { (word) } dd { (count) } }
            }
        }
    };
    panel("checks", "checks-title", &counted(checked.checks.len(), "check"), &content)
}

/// Parts of a whole beside each other: the class of each, and how much it is.
pub(super) fn bar(parts: &[(String, u64)]) -> Markup {
    let all = parts.iter().map(|(_, count)| count).sum::<u64>().max(1);
    // Ends are rounded, not widths, so that the parts fill the whole.
    let placed = parts.iter().scan(0, |before, (class, count)| {
        let left = *before * 1000 / all;
        *before += count;
        Some((class, left, *before * 1000 / all - left))
    });
    html! {
        svg class="bar" viewBox="0 0 1000 10" preserveAspectRatio="none" aria-hidden="true" {
            @for (class, left, width) in placed {
                rect.(class) x=(left) width=(width) height="10" {}
            }
        }
    }
}

/// The errors that are not waived; where there is none, the warnings.
fn blockers(reported: Reported<'_>, affected: &Affected<'_>) -> Markup {
    let checked = reported.checked;
    // What counts for less takes the room of one of them.
    let most = MOST - usize::from(super::exceptions::has_any(reported));
    let any_error = checked.count(Severity::Error) > 0;
    let severity = if any_error { Severity::Error } else { Severity::Warning };
    let mut found = alike(causes(standing(checked, severity)));
    found.sort_by_key(|alike| Reverse(affected.by(&all_of(alike)).len()));
    if found.is_empty() {
        return nothing_blocks();
    }
    let title = if any_error { "What blocks" } else { "Nothing blocks; to weigh" };
    let rows = html! { @for alike in found.iter().take(most) { (blocker(alike, affected)) } };
    let text = match found.len().saturating_sub(most) {
        0 => "All findings".to_owned(),
        more => format!("{more} more, and all findings"),
    };
    let content = html! {
        (table(None, &["What breaks", "Stores", "In headquarters", "Fix"], &rows))
        (more("#findings", &text))
    };
    panel("blockers", "blockers-title", title, &content)
}

fn nothing_blocks() -> Markup {
    let content = html! {
        p.quiet { "No finding is an error or a warning." }
        (more("#findings", "All findings"))
    };
    panel("blockers none", "blockers-title", "Nothing blocks", &content)
}

fn blocker(alike: &Alike<'_>, affected: &Affected<'_>) -> Markup {
    let finding = alike.first.first;
    let told = affected.told(&affected.by(&all_of(alike)));
    html! {
        tr {
            th scope="row" { (what_breaks(alike)) }
            td.where { (told.count) (names(&told.named, 3)) }
            td.where { (where_it_is_set(finding)) }
            td { span.clamp { (prose(finding.help.as_deref().unwrap_or("–"))) } }
        }
    }
}

fn what_breaks(alike: &Alike<'_>) -> Markup {
    let finding = alike.first.first;
    html! {
        span.clamp {
            a href={ "#f-" (finding.fingerprint()) } class={ "code " (severity_class(finding)) } {
                (finding.code.to_string())
            }
            (prose(&finding.message))
        }
        @if !alike.others.is_empty() { small { "and " (alike.others.len()) " alike" } }
    }
}

fn where_it_is_set(finding: &Finding) -> Markup {
    html! {
        @match &finding.setting {
            Some(setting) => {
                b.clamp { (setting.name) }
                small.clamp { (setting.page) }
            }
            None => "–",
        }
    }
}

/// The situations of the columns: a known customer and order.
fn situations() -> [(&'static str, Situation); 3] {
    let known = super::explorer::usual();
    [
        ("Online", known),
        ("Headquarters down", known.real_time_service(RealTimeService::CommunicationFailure)),
        ("POS offline", known.connection(Connection::Offline)),
    ]
}

/// The operations that are asked about first; of rules that name none, the first.
fn asked<'e>(matrix: &Matrix<'e>) -> impl Iterator<Item = (OperationId, &'e Operation)> {
    let rules = matrix.engine().rules();
    let names_some = rules.operations.iter().any(|operation| operation.asked_first);
    operation_ids(rules)
        .filter(move |(_, operation)| operation.asked_first || !names_some)
        .take(MOST_OPERATIONS)
}

fn operations(matrix: &Matrix<'_>) -> Markup {
    let [online, down, offline] = situations().map(|(name, _)| name);
    let rows = html! { @for (id, operation) in asked(matrix) { (row(matrix, id, operation)) } };
    let all = "Every operation, pending customers, and each group of stores";
    let content = html! {
        (table(Some("asked"), &["Operation", online, down, offline], &rows))
        (more("#operations", all))
    };
    panel("operations", "operations-title", "What happens to a known customer", &content)
}

fn row(matrix: &Matrix<'_>, id: OperationId, operation: &Operation) -> Markup {
    html! {
        tr {
            th scope="row" { (operation.id.replace('-', " ")) }
            @for (_, situation) in situations() {
                td { (spread(operation, situation, &ends(matrix, id, operation, situation))) }
            }
        }
    }
}

/// An outcome, one of the channels where an operation ends with it, and at how many it does.
struct End<'e> {
    outcome: Outcome,
    example: Channel<'e>,
    channels: usize,
}

/// How an operation ends, the outcome of most channels first.
fn ends<'e>(
    matrix: &Matrix<'e>,
    id: OperationId,
    operation: &Operation,
    situation: Situation,
) -> Vec<End<'e>> {
    let mut ends: BTreeMap<Outcome, End<'e>> = BTreeMap::new();
    for group in matrix.groups() {
        let offering = offering(group, operation);
        let decision = group.decide(matrix.engine(), id, situation);
        if let (Some(decision), Some(example)) = (decision, offering.first().copied()) {
            let outcome = decision.outcome();
            let end = ends.entry(outcome).or_insert(End { outcome, example, channels: 0 });
            end.channels += offering.len();
        }
    }
    let mut ends: Vec<End<'e>> = ends.into_values().collect();
    ends.sort_by_key(|end| Reverse(end.channels));
    ends
}

/// How an operation ends at most channels, and at how many it ends otherwise.
fn spread(operation: &Operation, situation: Situation, ends: &[End<'_>]) -> Markup {
    let address = |end: &End<'_>| cell_address(end.example.id(), &operation.id, situation);
    html! {
        @match ends {
            [] => span.quiet { "nowhere" },
            [most, others @ ..] => {
                (chip(most.outcome, &address(most)))
                @for other in others {
                    " "
                    a.differs.(other.outcome.as_str()) href=(address(other)) {
                        (other.channels) " " (other.outcome.as_str())
                    }
                }
            }
        }
    }
}

/// The values that are not given: for how many records, needed by which checks, where headquarters
/// shows them.
fn unknown(reported: Reported<'_>) -> Markup {
    let by_key = by_need(reported);
    let (title, content) = match by_key.len() {
        0 => ("Everything was checked", html! { p.quiet { "No check lacks a value." } }),
        _ => ("Not checked, for want of", wanted(reported, &by_key)),
    };
    panel("unknown", "unknown-title", title, &content)
}

fn wanted(reported: Reported<'_>, by_key: &[(&str, Vec<&Finding>)]) -> Markup {
    let others = by_key.len().saturating_sub(MOST);
    html! {
        ul {
            @for (key, findings) in by_key.iter().take(MOST) {
                li { (gap(reported, key, findings)) }
            }
        }
        @if others > 0 { (more("#unknown", &format!("{others} more, and what to export"))) }
    }
}

fn gap(reported: Reported<'_>, key: &str, findings: &[&Finding]) -> Markup {
    let subjects = findings.iter().filter_map(|finding| finding.subject.as_ref());
    let about = subjects.filter(|subject| !subject.id.is_empty()).count();
    html! {
        code { (key) }
        @if about > 0 { " of " (counted(about, "record")) }
        small.clamp {
            "for " (needed_by(reported.checked, key)) " · "
            @match exports(reported.engine.rules(), key).first() {
                Some(export) => { "export " (export) }
                None => "by hand",
            }
        }
    }
}
