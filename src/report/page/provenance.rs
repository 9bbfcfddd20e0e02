//! What the page was made from, and what the statements and documents are that it cites.

use super::Reported;
use super::parts::{entry, joined, path, prose, section};
use crate::digest::below;
use crate::model::{Document, Statement};
use crate::report::sources::{Cited, described, link, place};
use maud::{Markup, html};

/// Writes the statements that rules and findings rest on, and the documents that say them.
pub(super) fn write_sources(reported: Reported<'_>) -> Markup {
    let cited = cited(reported);
    let content = html! {
        details {
            summary { "What the cited statements say" }
            dl.sources { @for it in &cited.statements { (statement(it)) } }
        }
        details {
            summary { "The documents that say so" }
            dl.sources.documents { @for it in &cited.documents { (document(it)) } }
        }
    };
    section("sources", "sources-title", "Sources", &content)
}

fn cited(reported: Reported<'_>) -> Cited<'_> {
    let by_rules = reported.engine.rules().rules.iter().flat_map(|rule| &rule.sources);
    let by_findings = reported.checked.findings.iter().flat_map(|finding| &finding.sources);
    let ids = by_rules.chain(by_findings).map(String::as_str);
    Cited::of(&reported.engine.rules().evidence, ids)
}

fn statement(statement: &Statement) -> Markup {
    html! {
        div id=(statement.id) tabindex="-1" {
            dt { (statement.id) }
            dd {
                (prose(&statement.text))
                small { (joined(&statement.documents, ", ", linked)) }
            }
        }
        "\n"
    }
}

/// A document, which leads to where it is public: nothing is asked of anyone before a click, and
/// then not told where it came from.
fn document(document: &Document) -> Markup {
    let title = described(document);
    html! {
        div id=(document.id) tabindex="-1" {
            dt { (document.id) }
            dd {
                @if let Some(link) = &document.link {
                    a href=(link) rel="noreferrer noopener" { (title) }
                } @else {
                    (title)
                }
                small {
                    (place(document))
                    @if document.link.is_none() { "; " (link(document)) }
                }
            }
        }
        "\n"
    }
}

/// What stands on the first page of a print: of what it tells, in full.
pub(super) fn printed(reported: Reported<'_>) -> Markup {
    let (rules, deployment) = (reported.engine.rules(), reported.engine.deployment());
    html! {
        p.printed { "Deployment SHA-256 " code.digest { (deployment.digest()) } }
        p.printed { "Rules " (path(&rules.source)) " SHA-256 " code.digest { (rules.digest()) } }
        @if let Some(store) = reported.store {
            p.printed { "Store head " code.digest { (store.head) } }
        }
    }
}

/// Writes the digests of all that the page was made from.
pub(super) fn write(reported: Reported<'_>) -> Markup {
    let content = html! {
        dl.provenance { (made_from(reported)) }
        p.quiet {
            "A digest of several files is the SHA-256 of the sorted lines that sha256sum prints \
             for them. The same input gives the same page, byte by byte."
        }
    };
    section("provenance", "provenance-title", "What this page was made from", &content)
}

fn made_from(reported: Reported<'_>) -> Markup {
    let (rules, deployment) = (reported.engine.rules(), reported.engine.deployment());
    let told = |file| below(deployment.path(), file);
    html! {
        (entry("syncgate", &html! { (env!("CARGO_PKG_VERSION")) }))
        (entry("Rules", &html! { (path(&rules.source)) ", SHA-256 " (code(&rules.digest())) }))
        @for added in &rules.added { (entry("Checks added", &html! { code { (path(added)) } })) }
        (entry("Deployment", &html! { "SHA-256 " (code(&deployment.digest())) }))
        @for file in deployment.files().files() {
            (entry("File", &digested(told(&file.path), file.sha256())))
        }
        @if let Some(store) = reported.store { (entry("Store head", &code(&store.head))) }
    }
}

fn linked(id: &String) -> Markup {
    html! { a href={ "#" (id) } { (id) } }
}

fn code(text: &str) -> Markup {
    html! { code { (text) } }
}

fn digested(file: &str, digest: &str) -> Markup {
    html! { code { (path(file)) } " " code.digest { (digest) } }
}
