//! What is seen first: the verdict, of what, the checks, what blocks, what happens, and what is not
//! known.

use super::Reported;
use super::affected::Affected;
use super::findings::{by_need, entry, severity_class};
use super::markup::{Html, cell_address, offering};
use crate::check::{CheckResult, Verdict};
use crate::diagnostic::{Finding, Severity};
use crate::engine::Channel;
use crate::model::{Connection, Operation, OperationId, Outcome, RealTimeService, Situation};
use crate::report::check::human::needed_by;
use crate::report::findings::{Alike, alike, causes};
use crate::report::text::counted;
use crate::whatif::Matrix;
use std::collections::{BTreeMap, BTreeSet};

/// So many of what blocks, and of what is not known, are seen first.
const MOST: usize = 4;

/// So many operations are seen first.
const MOST_OPERATIONS: usize = 6;

/// Writes the first screen.
pub(super) fn write(
    html: &mut Html,
    reported: Reported<'_>,
    matrix: &Matrix<'_>,
    affected: &Affected<'_>,
) {
    html.within(
        "section",
        &[("id", "overview"), ("class", "overview"), ("aria-label", "Overview")],
        |html| {
            verdict(html, reported);
            checks(html, reported);
            super::pending::write_first(html, reported);
            blockers(html, reported, affected);
            if reported.decides() {
                operations(html, matrix);
            }
            unknown(html, reported);
        },
    );
    html.line();
}

fn verdict(html: &mut Html, reported: Reported<'_>) {
    let verdict = reported.checked.verdict;
    let class = format!("panel verdict {verdict}");
    html.within("section", &[("class", &class), ("aria-labelledby", "verdict")], |html| {
        html.within("h2", &[("id", "verdict")], |html| {
            html.leaf("span", &[("class", "mark"), ("aria-hidden", "true")], verdict_mark(verdict));
            html.text(verdict.as_str());
        });
        html.within("p", &[], |html| html.prose(&why(reported)));
        html.within("dl", &[], |html| of_what(html, reported));
    });
}

/// Of when the page tells, and by which rules.
fn of_what(html: &mut Html, reported: Reported<'_>) {
    let (rules, deployment) = (reported.engine.rules(), reported.engine.deployment());
    entry(html, "As of", |html| match deployment.as_of() {
        Some(moment) => html.text(&moment.to_string()),
        None => html.text("not given"),
    });
    entry(html, "Commerce", |html| html.text(&deployment.version().to_string()));
    let digests = [
        ("Rules", &rules.source, rules.files.digest()),
        ("Deployment", &String::new(), deployment.files().digest()),
    ];
    for (what, from, digest) in digests {
        entry(html, what, |html| {
            html.name(from);
            html.text(" ");
            html.leaf("code", &[("title", &digest)], digest.get(..12).unwrap_or(&digest));
        });
    }
}

fn verdict_mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "✓",
        Verdict::NoGo => "✗",
        Verdict::Undecided => "?",
    }
}

/// One sentence why the verdict is as it is.
fn why(reported: Reported<'_>) -> String {
    let checked = reported.checked;
    let errors = checked.findings.iter().filter(|it| it.counts() && it.severity == Severity::Error);
    let errors: Vec<&Finding> = errors.collect();
    match checked.verdict {
        Verdict::NoGo => {
            let first = errors.first().map_or("", |finding| finding.message.as_str());
            match alike(causes(errors.iter().copied())).len() {
                1 => format!("An error stands against it: {first}."),
                several => format!("{several} errors stand against it, among them: {first}."),
            }
        }
        Verdict::Undecided => {
            let open =
                checked.checks.iter().filter(|report| report.result == CheckResult::Undecided);
            let missing: BTreeSet<&String> =
                open.clone().flat_map(|report| &report.missing).collect();
            format!(
                "No error is known, and {} could not be decided: {} not given.",
                counted(open.count(), "check"),
                if missing.len() == 1 {
                    "1 value is".to_owned()
                } else {
                    format!("{} values are", missing.len())
                }
            )
        }
        Verdict::Go => {
            let passed = checked.count_results(CheckResult::Pass);
            match checked.count(Severity::Warning) {
                0 => format!("{} passed, and nothing stands against it.", counted(passed, "check")),
                warnings => {
                    format!(
                        "{} passed; no error, and {} to weigh.",
                        counted(passed, "check"),
                        counted(warnings, "warning")
                    )
                }
            }
        }
    }
}

/// How checks ended, with the class of each.
const RESULTS: [(CheckResult, &str); 5] = [
    (CheckResult::Pass, "passed"),
    (CheckResult::Fail, "failed"),
    (CheckResult::Undecided, "undecided"),
    (CheckResult::Waived, "waived"),
    (CheckResult::NotApplicable, "did not apply"),
];

fn checks(html: &mut Html, reported: Reported<'_>) {
    let checked = reported.checked;
    html.within(
        "section",
        &[("class", "panel checks"), ("aria-labelledby", "checks-title")],
        |html| {
            html.leaf("h2", &[("id", "checks-title")], &counted(checked.checks.len(), "check"));
            html.within(
                "svg",
                &[
                    ("class", "bar"),
                    ("viewBox", "0 0 1000 10"),
                    ("preserveAspectRatio", "none"),
                    ("aria-hidden", "true"),
                ],
                |html| {
                    let all = checked.checks.len().max(1);
                    let mut from = 0;
                    for (result, _) in RESULTS {
                        let width = checked.count_results(result) * 1000 / all;
                        let (x, width_text) = (from.to_string(), width.to_string());
                        html.leaf(
                            "rect",
                            &[
                                ("class", result.as_str()),
                                ("x", &x),
                                ("width", &width_text),
                                ("height", "10"),
                            ],
                            "",
                        );
                        from += width;
                    }
                },
            );
            html.within("dl", &[("class", "counts")], |html| {
                for (result, word) in RESULTS {
                    html.within("div", &[("class", result.as_str())], |html| {
                        html.leaf("dt", &[], word);
                        html.leaf("dd", &[], &checked.count_results(result).to_string());
                    });
                }
            });
        },
    );
}

/// The errors that are not waived; where there is none, the warnings.
fn blockers(html: &mut Html, reported: Reported<'_>, affected: &Affected<'_>) {
    let checked = reported.checked;
    let severity =
        if checked.count(Severity::Error) > 0 { Severity::Error } else { Severity::Warning };
    let standing = checked.findings.iter().filter(|it| it.counts() && it.severity == severity);
    let mut found = alike(causes(standing));
    found.sort_by_key(|alike| std::cmp::Reverse(affected.by(&all_of(alike)).len()));
    let class = if found.is_empty() { "panel blockers none" } else { "panel blockers" };
    html.within("section", &[("class", class), ("aria-labelledby", "blockers-title")], |html| {
        let title = match severity {
            Severity::Error => "What blocks",
            _ if found.is_empty() => "Nothing blocks",
            _ => "Nothing blocks; to weigh",
        };
        html.leaf("h2", &[("id", "blockers-title")], title);
        if found.is_empty() {
            html.leaf("p", &[("class", "quiet")], "No finding is an error or a warning.");
            html.within("p", &[("class", "more")], |html| {
                html.leaf("a", &[("href", "#findings")], "All findings");
            });
            return;
        }
        html.within("table", &[], |html| {
            header(html, &["What breaks", "Stores", "In headquarters", "Fix"]);
            html.within("tbody", &[], |html| {
                for alike in found.iter().take(MOST) {
                    blocker(html, alike, affected);
                }
            });
        });
        let more = found.len().saturating_sub(MOST);
        html.within("p", &[("class", "more")], |html| {
            let text = match more {
                0 => "All findings".to_owned(),
                more => format!("{more} more, and all findings"),
            };
            html.leaf("a", &[("href", "#findings")], &text);
        });
    });
}

/// A row of column headers.
pub(super) fn header(html: &mut Html, columns: &[&str]) {
    html.within("thead", &[], |html| {
        html.within("tr", &[], |html| {
            for column in columns {
                html.leaf("th", &[("scope", "col")], column);
            }
        });
    });
}

/// Every finding of a group.
pub(super) fn all_of<'a>(alike: &Alike<'a>) -> Vec<&'a Finding> {
    std::iter::once(alike.first.first).chain(alike.others.iter().copied()).collect()
}

fn blocker(html: &mut Html, alike: &Alike<'_>, affected: &Affected<'_>) {
    let finding = alike.first.first;
    html.within("tr", &[], |html| {
        html.within("th", &[("scope", "row")], |html| {
            let (address, class) = (
                format!("#f-{}", finding.fingerprint()),
                format!("code {}", severity_class(finding)),
            );
            html.within("span", &[("class", "clamp")], |html| {
                html.leaf("a", &[("href", &address), ("class", &class)], &finding.code.to_string());
                html.prose(&finding.message);
            });
            if !alike.others.is_empty() {
                html.leaf("small", &[], &format!("and {} alike", alike.others.len()));
            }
        });
        html.within("td", &[("class", "where")], |html| {
            let told = affected.told(&affected.by(&all_of(alike)), 3);
            html.text(&told.count);
            names(html, &told.named, told.more);
        });
        html.within("td", &[("class", "where")], |html| match &finding.setting {
            Some(setting) => {
                html.leaf("b", &[("class", "clamp")], &setting.name);
                html.leaf("small", &[("class", "clamp")], &setting.page);
            }
            None => html.text("–"),
        });
        html.within("td", &[], |html| {
            html.within("span", &[("class", "clamp")], |html| {
                html.prose(finding.help.as_deref().unwrap_or("–"));
            });
        });
    });
}

/// Names, and how many more there are, in smaller letters.
pub(super) fn names(html: &mut Html, named: &[&str], more: usize) {
    if named.is_empty() {
        return;
    }
    html.within("small", &[("class", "clamp")], |html| {
        for (number, name) in named.iter().enumerate() {
            if number > 0 {
                html.text(", ");
            }
            html.name(name);
        }
        if more > 0 {
            html.text(&format!(" and {more} more"));
        }
    });
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
fn asked<'e>(matrix: &Matrix<'e>) -> Vec<(OperationId, &'e Operation)> {
    let operations = &matrix.engine().rules().operations;
    let names_some = operations.iter().any(|operation| operation.asked_first);
    let numbered = operations
        .iter()
        .enumerate()
        .map(|(number, operation)| (OperationId::new(number), operation));
    numbered
        .filter(|(_, operation)| operation.asked_first || !names_some)
        .take(MOST_OPERATIONS)
        .collect()
}

fn operations(html: &mut Html, matrix: &Matrix<'_>) {
    html.within(
        "section",
        &[("class", "panel operations"), ("aria-labelledby", "operations-title")],
        |html| {
            html.leaf("h2", &[("id", "operations-title")], "What happens to a known customer");
            html.within("table", &[], |html| {
                let columns: Vec<&str> = situations().iter().map(|(name, _)| *name).collect();
                header(html, &[&["Operation"][..], &columns].concat());
                html.within("tbody", &[], |html| {
                    for (id, operation) in asked(matrix) {
                        html.within("tr", &[], |html| {
                            html.leaf("th", &[("scope", "row")], &operation.id.replace('-', " "));
                            for (_, situation) in situations() {
                                html.within("td", &[], |html| {
                                    spread(html, matrix, id, operation, situation);
                                });
                            }
                        });
                    }
                });
            });
            html.within("p", &[("class", "more")], |html| {
                html.leaf(
                    "a",
                    &[("href", "#operations")],
                    "Every operation, pending customers, and each group of stores",
                );
            });
        },
    );
}

/// How an operation ends at most channels, and at how many it ends otherwise.
fn spread(
    html: &mut Html,
    matrix: &Matrix<'_>,
    id: OperationId,
    operation: &Operation,
    situation: Situation,
) {
    let mut ends: BTreeMap<Outcome, Vec<Channel<'_>>> = BTreeMap::new();
    for group in matrix.groups() {
        if let Some(decision) = group.decide(matrix.engine(), id, situation) {
            ends.entry(decision.outcome()).or_default().extend(offering(group, operation));
        }
    }
    let mut ends: Vec<(Outcome, Vec<Channel<'_>>)> =
        ends.into_iter().filter(|(_, it)| !it.is_empty()).collect();
    ends.sort_by_key(|(_, channels)| std::cmp::Reverse(channels.len()));
    let Some(((outcome, most), others)) = ends.split_first() else {
        html.leaf("span", &[("class", "quiet")], "nowhere");
        return;
    };
    chip(html, *outcome, &address(most, operation, situation));
    for (outcome, channels) in others {
        html.text(" ");
        let class = format!("differs {outcome}");
        let text = format!("{} {outcome}", channels.len());
        html.leaf(
            "a",
            &[("class", &class), ("href", &address(channels, operation, situation))],
            &text,
        );
    }
}

fn address(channels: &[Channel<'_>], operation: &Operation, situation: Situation) -> String {
    cell_address(channels.first().map_or("", |channel| channel.id()), &operation.id, situation)
}

/// An outcome that leads into the explorer.
pub(super) fn chip(html: &mut Html, outcome: Outcome, address: &str) {
    let class = format!("chip {outcome}");
    html.leaf("a", &[("class", &class), ("href", address)], outcome.as_str());
}

/// The values that are not given: for how many records, needed by which checks, where headquarters
/// shows them.
fn unknown(html: &mut Html, reported: Reported<'_>) {
    let by_key = by_need(reported);
    html.within(
        "section",
        &[("class", "panel unknown"), ("aria-labelledby", "unknown-title")],
        |html| {
            if by_key.is_empty() {
                html.leaf("h2", &[("id", "unknown-title")], "Everything was checked");
                html.leaf("p", &[("class", "quiet")], "No check lacks a value.");
                return;
            }
            html.leaf("h2", &[("id", "unknown-title")], "Not checked, for want of");
            html.within("ul", &[], |html| {
                for (key, findings) in by_key.iter().take(MOST) {
                    html.within("li", &[], |html| gap(html, reported, key, findings));
                }
            });
            if by_key.len() > MOST {
                html.within("p", &[("class", "more")], |html| {
                    html.leaf(
                        "a",
                        &[("href", "#unknown")],
                        &format!("{} more, and what to export", by_key.len() - MOST),
                    );
                });
            }
        },
    );
}

fn gap(html: &mut Html, reported: Reported<'_>, key: &str, findings: &[&Finding]) {
    html.leaf("code", &[], key);
    let about = findings
        .iter()
        .filter(|it| it.subject.as_ref().is_some_and(|subject| !subject.id.is_empty()))
        .count();
    if about > 0 {
        html.text(&format!(" of {}", counted(about, "record")));
    }
    html.within("small", &[("class", "clamp")], |html| {
        html.text(&format!("for {}", needed_by(reported.checked, key)));
        match super::findings::exports(reported.engine.rules(), key).first() {
            Some(export) => html.text(&format!(" · export {export}")),
            None => html.text(" · by hand"),
        }
    });
}
