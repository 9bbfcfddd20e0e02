//! What counts for less here than it would: levels and waivers, with who answers for each and until
//! when.

use super::Reported;
use super::parts::{day, more, name, panel, prose, section, table, wide};
use crate::check::Level;
use crate::diagnostic::{Code, Span};
use crate::model::{Fields, KeyName, SectionName};
use crate::report::text::counted;
use jiff::civil::Date;
use maud::{Markup, html};

/// So many exceptions are seen first.
const MOST: usize = 4;

/// A level that is set, or a waiver.
struct Exception<'a> {
    code: Code,
    /// What it does, in a few words.
    does: String,
    /// The only subject of a waiver.
    subject: Option<&'a str>,
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    expires: Option<Date>,
    span: Span,
}

/// Every exception, waivers first.
fn exceptions(reported: Reported<'_>) -> Vec<Exception<'_>> {
    let waivers = reported.engine.deployment().records(SectionName::Waiver);
    let waivers = waivers.filter_map(|record| waiver(reported, record));
    waivers.chain(reported.checked.levels.iter().map(level)).collect()
}

fn level(level: &Level) -> Exception<'_> {
    let does = match level.to {
        Some(severity) => format!("counts as {severity}, not {}", level.from),
        None => format!("is hidden, {} by itself", level.from),
    };
    Exception {
        code: level.code,
        does,
        subject: None,
        reason: level.reason.as_deref(),
        owner: level.owner.as_deref(),
        expires: None,
        span: level.span,
    }
}

/// A waiver; `None` where it does not say of what, which is an error of the deployment.
fn waiver<'a>(reported: Reported<'a>, record: Fields<'a>) -> Option<Exception<'a>> {
    let span = record.record.span;
    let of_this = |finding: &&crate::diagnostic::Finding| {
        finding.waived.as_ref().is_some_and(|waived| waived.span == span)
    };
    let does = match reported.checked.findings.iter().filter(of_this).count() {
        0 => "waives nothing now".to_owned(),
        some => format!("waived, {}", counted(some, "finding")),
    };
    Some(Exception {
        code: record.code(KeyName::Code)?,
        does,
        subject: record.text(KeyName::Subject),
        reason: record.text(KeyName::Reason),
        owner: record.text(KeyName::Owner),
        expires: record.date(KeyName::Expires),
        span,
    })
}

/// Whether there is any.
pub(super) fn has_any(reported: Reported<'_>) -> bool {
    !exceptions(reported).is_empty()
}

/// Writes what is seen first of them; nothing where there is none.
pub(super) fn write_first(reported: Reported<'_>) -> Markup {
    let all = exceptions(reported);
    let others = all.len().saturating_sub(MOST);
    let content = html! {
        ul { @for one in all.iter().take(MOST) { li { (first(one)) } } }
        @if others > 0 { (more("#exceptions", &format!("{others} more, and why"))) }
    };
    if all.is_empty() {
        return html! {};
    }
    panel("exceptions", "exceptions-first", "What counts for less here", &content)
}

fn first(one: &Exception<'_>) -> Markup {
    html! {
        a.code href="#exceptions" { (one.code.to_string()) }
        (one.does)
        @if let Some(subject) = one.subject { ": " (name(subject)) }
        small.clamp {
            (owner(one)) " · " (until(one))
            @if let Some(reason) = one.reason { " · " (name(reason)) }
        }
    }
}

fn owner(one: &Exception<'_>) -> Markup {
    html! { @match one.owner { Some(owner) => (name(owner)), None => "no owner" } }
}

fn until(one: &Exception<'_>) -> Markup {
    let text = |date| html! { "until " (day(date)) };
    one.expires.map_or(html! { "without an end" }, text)
}

/// Writes all of them.
pub(super) fn write(reported: Reported<'_>) -> Markup {
    let all = exceptions(reported);
    let columns = ["Check", "What is done", "Of", "Because", "Owner", "Until", "At"];
    let rows = html! { @for one in &all { (row(reported, one)) } };
    let content = match all.len() {
        0 => html! { p.quiet { "Nothing: no level is set, and no finding is waived." } },
        _ => wide("exceptions-title", &table(Some("excepted"), &columns, &rows)),
    };
    section(
        "exceptions",
        "exceptions-title",
        "What counts for less here, and who says so",
        &content,
    )
}

fn row(reported: Reported<'_>, one: &Exception<'_>) -> Markup {
    let files = reported.engine.deployment().files();
    html! {
        tr {
            th scope="row" { (one.code.to_string()) }
            td { (one.does) }
            td { @match one.subject { Some(subject) => (name(subject)), None => "every subject" } }
            td { (prose(one.reason.unwrap_or("no reason is given"))) }
            td { (owner(one)) }
            td { (until(one)) }
            td { (super::findings::place(files, one.span)) }
        }
    }
}
