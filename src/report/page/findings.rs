//! Every finding with its place, what to do and where; the values that are not given; how every
//! check ended.

use super::Reported;
use super::affected::Affected;
use super::first::{all_of, header, names};
use super::markup::{Html, source_links};
use crate::check::{CheckReport, CheckResult};
use crate::diagnostic::{Code, Finding, Severity, Sources};
use crate::model::Catalogue;
use crate::report::check::human::needed_by;
use crate::report::findings::{Alike, alike, causes};
use crate::report::text::counted;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// So many places of one finding are named.
const PLACES: usize = 200;

/// The class of a finding: its severity, or that it is waived.
pub(super) fn severity_class(finding: &Finding) -> &'static str {
    if finding.waived.is_some() { "waived" } else { finding.severity.as_str() }
}

/// A value that is not given, rather than something that is wrong.
pub(super) fn is_gap(finding: &Finding) -> bool {
    finding.code == Code::UNDECIDED && finding.counts() && finding.related.is_empty()
}

/// Writes the findings, the gaps and the checks.
pub(super) fn write(html: &mut Html, reported: Reported<'_>, affected: &Affected<'_>) {
    html.within("section", &[("id", "findings"), ("aria-labelledby", "findings-title")], |html| {
        html.leaf("h2", &[("id", "findings-title")], "Findings");
        let told = reported.checked.findings.iter().filter(|finding| !is_gap(finding));
        let mut found = alike(causes(told));
        found.sort_by_key(|it| (it.first.first.waived.is_some(), Reverse(it.first.first.severity)));
        if found.is_empty() {
            html.leaf("p", &[("class", "quiet")], "Nothing was found.");
        } else {
            filters(html, &found);
        }
        html.within("ol", &[("class", "findings"), ("id", "finding-list")], |html| {
            for alike in &found {
                html.line();
                finding(html, reported, alike, affected);
            }
        });
        html.line();
    });
    gaps(html, reported);
    checks(html, reported);
}

/// Boxes to tick for each severity, and a field to search; they do nothing without the script,
/// which shows them.
fn filters(html: &mut Html, found: &[Alike<'_>]) {
    html.within(
        "form",
        &[
            ("class", "filters scripted"),
            ("id", "filters"),
            ("aria-label", "Which findings are shown"),
        ],
        |html| {
            let count = |class: &str| {
                found.iter().filter(|it| severity_class(it.first.first) == class).count()
            };
            for class in [Severity::Error, Severity::Warning, Severity::Info]
                .map(Severity::as_str)
                .into_iter()
                .chain(["waived"])
            {
                let count = count(class);
                if count == 0 {
                    continue;
                }
                html.within("label", &[("class", &format!("toggle {class}"))], |html| {
                    html.void(
                        "input",
                        &[
                            ("type", "checkbox"),
                            ("name", "severity"),
                            ("value", class),
                            ("checked", ""),
                        ],
                    );
                    html.text(&format!("{class} "));
                    html.leaf("b", &[], &count.to_string());
                });
            }
            html.within("label", &[("class", "search")], |html| {
                html.leaf("span", &[("class", "hidden")], "Search findings");
                html.void(
                    "input",
                    &[
                        ("type", "search"),
                        ("name", "text"),
                        ("placeholder", "Search: code, store, setting …"),
                        ("autocomplete", "off"),
                    ],
                );
            });
            html.leaf("output", &[("id", "shown"), ("aria-live", "polite")], "");
        },
    );
}

fn finding(html: &mut Html, reported: Reported<'_>, alike: &Alike<'_>, affected: &Affected<'_>) {
    let (first, class) = (alike.first.first, severity_class(alike.first.first));
    let (id, classes) = (format!("f-{}", first.fingerprint()), format!("finding {class}"));
    html.within("li", &[("id", &id), ("class", &classes), ("data-severity", class)], |html| {
        html.within("h3", &[], |html| {
            html.leaf("span", &[("class", &format!("code {class}"))], &first.code.to_string());
            html.leaf("span", &[("class", "severity")], class);
            html.within("span", &[("class", "message")], |html| html.prose(&first.message));
        });
        html.within("dl", &[], |html| {
            what_to_do(html, first);
            entry(html, "Stores", |html| {
                let told = affected.told(&affected.by(&all_of(alike)), 8);
                html.text(&told.count);
                names(html, &told.named, told.more);
            });
            entry(html, "At", |html| {
                places(html, reported.engine.deployment().files(), &all_of(alike));
            });
            why(html, reported, first);
        });
    });
}

fn what_to_do(html: &mut Html, finding: &Finding) {
    if let Some(help) = &finding.help {
        entry(html, "Fix", |html| html.prose(help));
    }
    if let Some(setting) = &finding.setting {
        entry(html, "In headquarters", |html| {
            html.leaf("b", &[], &setting.name);
            html.text(&format!(", at {}", setting.page));
        });
    }
}

/// Why a finding matters, what it follows from, who says so, and who excused it.
fn why(html: &mut Html, reported: Reported<'_>, finding: &Finding) {
    let (catalogue, files) = (reported.engine.rules(), reported.engine.deployment().files());
    if let Some(check) = catalogue.check(finding.code) {
        entry(html, "Why", |html| html.prose(&check.why));
    }
    for related in &finding.related {
        entry(html, "See also", |html| {
            html.prose(&related.message);
            html.text(" ");
            html.leaf("code", &[("class", "place")], &place(files, related.span));
        });
    }
    if !finding.sources.is_empty() {
        entry(html, "Sources", |html| source_links(html, catalogue, &finding.sources));
    }
    if let Some(waived) = &finding.waived {
        entry(html, "Waived", |html| {
            html.text(waived.reason.as_deref().unwrap_or("no reason is given"));
            if let Some(owner) = &waived.owner {
                html.text(&format!(" · {owner}"));
            }
            if let Some(day) = &waived.expires {
                html.text(&format!(" · until {day}"));
            }
        });
    }
}

/// A term with what there is to say.
pub(super) fn entry(html: &mut Html, term: &str, content: impl FnOnce(&mut Html)) {
    html.within("div", &[], |html| {
        html.leaf("dt", &[], term);
        html.within("dd", &[], content);
    });
}

fn place(files: &Sources, span: crate::diagnostic::Span) -> String {
    let start = files.position(span).start;
    format!("{}:{}:{}", files.path(span.file), start.line, start.column)
}

fn places(html: &mut Html, files: &Sources, findings: &[&Finding]) {
    let mut places: Vec<String> =
        findings.iter().filter_map(|it| it.span).map(|span| place(files, span)).collect();
    places.dedup();
    let write = |html: &mut Html, places: &[String]| {
        for (number, place) in places.iter().enumerate() {
            if number > 0 {
                html.text(", ");
            }
            html.leaf("code", &[("class", "place")], place);
        }
    };
    let (shown, rest) = places.split_at(places.len().min(3));
    write(html, shown);
    if !rest.is_empty() {
        html.within("details", &[], |html| {
            html.leaf("summary", &[], &format!("{} more places", rest.len()));
            write(html, rest.get(..PLACES.min(rest.len())).unwrap_or_default());
            if rest.len() > PLACES {
                html.text(&format!(
                    " and {} more; the command check lists all",
                    rest.len() - PLACES
                ));
            }
        });
    }
}

/// Where headquarters shows a value or section that is not given.
fn page(catalogue: &Catalogue, key: &str) -> Option<String> {
    if let Some(setting) = catalogue.setting_of(key) {
        return Some(format!("{}, at {}", setting.name, setting.page));
    }
    let (_, section) = catalogue.format.section(key.split('.').next().unwrap_or(key))?;
    section.page.clone()
}

/// The exports that give a value or section.
pub(super) fn exports<'c>(catalogue: &'c Catalogue, key: &str) -> Vec<&'c str> {
    catalogue
        .exports
        .iter()
        .filter(|export| export.gives(key))
        .map(|export| export.id.as_str())
        .collect()
}

/// The values that are not given, each with its findings: those that decide most checks first,
/// errors before others.
pub(super) fn by_need(reported: Reported<'_>) -> Vec<(&str, Vec<&Finding>)> {
    let mut by_key: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in reported.checked.findings.iter().filter(|finding| is_gap(finding)) {
        by_key.entry(&finding.detail).or_default().push(finding);
    }
    let rules = reported.engine.rules();
    let is_error = |code| rules.check(code).is_some_and(|check| check.severity == Severity::Error);
    let mut by_need: Vec<(&str, Vec<&Finding>)> = by_key.into_iter().collect();
    by_need.sort_by_cached_key(|(key, _)| {
        let needing = reported
            .checked
            .checks
            .iter()
            .filter(|report| report.missing.iter().any(|it| it == key));
        let errors = needing.clone().filter(|report| is_error(report.code)).count();
        (Reverse(errors), Reverse(needing.count()))
    });
    by_need
}

/// What is not known, by value: of which records, needed by which checks, and what to export for
/// it.
fn gaps(html: &mut Html, reported: Reported<'_>) {
    let by_key = by_need(reported);
    html.within("section", &[("id", "unknown"), ("aria-labelledby", "gaps-title")], |html| {
        html.leaf("h2", &[("id", "gaps-title")], "Not checked, and what to export for it");
        if by_key.is_empty() {
            html.leaf(
                "p",
                &[("class", "quiet")],
                "Nothing: every check has the values that it needs.",
            );
            return;
        }
        html.within(
            "div",
            &[
                ("class", "wide"),
                ("tabindex", "0"),
                ("role", "group"),
                ("aria-labelledby", "gaps-title"),
            ],
            |html| {
                html.within("table", &[], |html| {
                    header(html, &["Not given", "Of", "Needed by", "To export", "In headquarters"]);
                    html.within("tbody", &[], |html| {
                        for (key, findings) in &by_key {
                            html.within("tr", &[], |html| gap(html, reported, key, findings));
                        }
                    });
                });
            },
        );
    });
    html.line();
}

fn gap(html: &mut Html, reported: Reported<'_>, key: &str, findings: &[&Finding]) {
    html.within("th", &[("scope", "row")], |html| html.leaf("code", &[], key));
    let named: Vec<&str> = findings
        .iter()
        .filter_map(|it| it.subject.as_ref())
        .map(|subject| subject.id.as_str())
        .filter(|id| !id.is_empty())
        .collect();
    html.within("td", &[("class", "where")], |html| {
        if named.is_empty() {
            html.text("the deployment");
        } else {
            html.text(&counted(named.len(), "record"));
            let shown = named.get(..named.len().min(5)).unwrap_or_default();
            names(html, shown, named.len() - shown.len());
        }
    });
    html.leaf("td", &[], &needed_by(reported.checked, key));
    let catalogue = reported.engine.rules();
    html.within("td", &[], |html| {
        let exports = exports(catalogue, key);
        for (number, export) in exports.iter().enumerate() {
            html.text(if number > 0 { " or " } else { "" });
            html.leaf("code", &[], export);
        }
        if exports.is_empty() {
            html.text("by hand");
        }
    });
    html.within("td", &[], |html| match page(catalogue, key) {
        Some(page) => html.text(&page),
        None => html.prose(findings.first().and_then(|it| it.help.as_deref()).unwrap_or("–")),
    });
}

/// How every check ended.
fn checks(html: &mut Html, reported: Reported<'_>) {
    let checks = &reported.checked.checks;
    html.within("section", &[("id", "checks"), ("aria-labelledby", "check-list-title")], |html| {
        html.leaf("h2", &[("id", "check-list-title")], "How every check ended");
        html.within("details", &[], |html| {
            html.leaf("summary", &[], &counted(checks.len(), "check"));
            html.within(
                "div",
                &[
                    ("class", "wide"),
                    ("tabindex", "0"),
                    ("role", "group"),
                    ("aria-labelledby", "check-list-title"),
                ],
                |html| {
                    html.within("table", &[], |html| {
                        header(
                            html,
                            &["Check", "What it makes sure of", "Result", "Examined", "Lacks"],
                        );
                        html.within("tbody", &[], |html| {
                            for report in checks {
                                html.within("tr", &[], |html| {
                                    check(html, reported.engine.rules(), report);
                                });
                            }
                        });
                    });
                },
            );
        });
    });
    html.line();
}

fn check(html: &mut Html, catalogue: &Catalogue, report: &CheckReport) {
    html.leaf("th", &[("scope", "row")], &report.code.to_string());
    let title = catalogue.check(report.code).map_or("", |check| check.title.as_str());
    html.within("td", &[], |html| html.prose(title));
    html.within("td", &[], |html| {
        let word = match report.result {
            CheckResult::NotApplicable => "did not apply",
            result => result.as_str(),
        };
        html.leaf("span", &[("class", &format!("result {}", report.result))], word);
    });
    html.leaf("td", &[("class", "number")], &report.examined.to_string());
    html.leaf("td", &[], &report.missing.join(", "));
}
