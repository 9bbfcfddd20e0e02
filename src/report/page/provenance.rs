//! What the page was made from, and what the statements say that it cites.

use super::Reported;
use super::findings::entry;
use super::markup::Html;
use std::collections::BTreeSet;

/// Writes the statements that rules and findings rest on.
pub(super) fn write_sources(html: &mut Html, reported: Reported<'_>) {
    let catalogue = reported.engine.rules();
    let cited: BTreeSet<&str> = catalogue
        .rules
        .iter()
        .flat_map(|rule| &rule.sources)
        .chain(reported.checked.findings.iter().flat_map(|finding| &finding.sources))
        .map(String::as_str)
        .collect();
    html.within("section", &[("id", "sources"), ("aria-labelledby", "sources-title")], |html| {
        html.leaf("h2", &[("id", "sources-title")], "Sources");
        html.within("details", &[], |html| {
            html.leaf("summary", &[], "What the cited statements say");
            html.within("dl", &[("class", "sources")], |html| {
                for statement in catalogue
                    .evidence()
                    .statements
                    .iter()
                    .filter(|it| cited.contains(it.id.as_str()))
                {
                    html.within("div", &[("id", &statement.id), ("tabindex", "-1")], |html| {
                        html.leaf("dt", &[], &statement.id);
                        html.within("dd", &[], |html| {
                            html.prose(&statement.text);
                            html.leaf("small", &[], &statement.documents.join(", "));
                        });
                    });
                    html.line();
                }
            });
        });
    });
    html.line();
}

/// Writes the digests of all that the page was made from.
pub(super) fn write(html: &mut Html, reported: Reported<'_>) {
    let (rules, deployment) = (reported.engine.rules(), reported.engine.deployment());
    html.within("section", &[("id", "provenance"), ("aria-labelledby", "provenance-title")], |html| {
        html.leaf("h2", &[("id", "provenance-title")], "What this page was made from");
        html.within("dl", &[("class", "provenance")], |html| {
            entry(html, "syncgate", |html| html.text(env!("CARGO_PKG_VERSION")));
            entry(html, "Rules", |html| {
                html.text(&format!("{}, SHA-256 ", rules.source));
                html.leaf("code", &[], &rules.files.digest());
            });
            for added in &rules.added {
                entry(html, "Checks added", |html| html.leaf("code", &[], added));
            }
            entry(html, "Deployment", |html| {
                html.text("SHA-256 ");
                html.leaf("code", &[], &deployment.files().digest());
            });
            for file in deployment.files().files() {
                entry(html, "File", |html| {
                    html.leaf("code", &[], &file.path);
                    html.text(" ");
                    html.leaf("code", &[("class", "digest")], file.sha256());
                });
            }
            if let Some(store) = reported.store {
                entry(html, "Store head", |html| html.leaf("code", &[], &store.head));
            }
        });
        let text = "A digest of several files is the SHA-256 of the sorted lines that sha256sum \
            prints for them. The same input gives the same page, byte by byte.";
        html.leaf("p", &[("class", "quiet")], text);
    });
    html.line();
}
