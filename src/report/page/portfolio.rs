//! Many deployments on one page: the verdicts, worst first, and how every check ended where; each
//! leads to the page of its deployment.

use super::overview::NOTED;
use super::parts::{entry, moment, name, path, prose, section, table, wide};
use super::{Portfolio, PortfolioPage, head};
use crate::check::{CheckReport, CheckResult, Checked, Verdict};
use crate::diagnostic::Severity;
use crate::model::{Deployment, Rules, SectionName};
use crate::report::text::counted;
use maud::{DOCTYPE, Markup, html};
use std::cmp::Reverse;

/// The page of all pages. The same input gives the same bytes.
pub(super) fn write(portfolio: &Portfolio<'_>) -> Markup {
    let mut pages: Vec<&PortfolioPage<'_>> = portfolio.pages.iter().collect();
    pages.sort_by_cached_key(|page| badness(page.checked));
    let counts = counts(&pages);
    let worst = pages.first().map_or("nothing", |page| page.checked.verdict.as_str());
    html! {
        (DOCTYPE) "\n"
        html lang="en" {
            (head::write(&format!("{worst}: {} deployments – syncgate", pages.len())))
            body {
                a.skip href="#main" { "Skip to the report" }
                header {
                    div.title {
                        h1 { (counted(pages.len(), "deployment")) }
                        p { (counts) " · syncgate " (env!("CARGO_PKG_VERSION")) }
                    }
                    nav aria-label="Sections" {
                        a href="#verdicts" { "Verdicts" }
                        a href="#matrix" { "Checks" }
                        a href="#provenance" { "Provenance" }
                    }
                }
                main #main tabindex="-1" {
                    (verdicts(&pages))
                    (matrix(portfolio.rules, &pages))
                    (provenance(portfolio.rules, &pages))
                }
            }
        }
        "\n"
    }
}

/// What makes a deployment come before others: the verdict, then how much stands against it.
type Badness = (u8, Reverse<usize>, Reverse<usize>, Reverse<usize>);

fn badness(checked: &Checked) -> Badness {
    let verdict = match checked.verdict {
        Verdict::NoGo => 0,
        Verdict::Undecided => 1,
        Verdict::Go => 2,
    };
    let count = |severity| Reverse(checked.count(severity));
    let undecided = Reverse(checked.count_results(CheckResult::Undecided));
    (verdict, count(Severity::Error), undecided, count(Severity::Warning))
}

/// `2 no-go, 1 undecided, 4 go`.
fn counts(pages: &[&PortfolioPage<'_>]) -> String {
    let count = |verdict| pages.iter().filter(|page| page.checked.verdict == verdict).count();
    let verdicts = [Verdict::NoGo, Verdict::Undecided, Verdict::Go];
    let some = verdicts.into_iter().map(|it| (count(it), it)).filter(|(count, _)| *count > 0);
    some.map(|(count, verdict)| format!("{count} {verdict}")).collect::<Vec<_>>().join(", ")
}

/// What a deployment is called; of one without a name, where it lies.
fn called(deployment: &Deployment) -> &str {
    deployment.name().unwrap_or(deployment.path())
}

fn verdicts(pages: &[&PortfolioPage<'_>]) -> Markup {
    let columns = [
        "Deployment",
        "Verdict",
        "Errors",
        "Warnings",
        "Undecided",
        "Exceptions",
        "As of",
        "Commerce",
        "Channels",
    ];
    let rows = html! { @for page in pages { (verdict(page)) } };
    let content = wide("verdicts-title", &table(Some("verdicts"), &columns, &rows));
    section("verdicts", "verdicts-title", "Verdicts, worst first", &content)
}

fn verdict(page: &PortfolioPage<'_>) -> Markup {
    let (deployment, checked) = (page.deployment, page.checked);
    let exceptions = deployment.records(SectionName::Waiver).count() + checked.levels.len();
    html! {
        tr {
            th scope="row" {
                a href=(page.file) { (name(called(deployment))) }
                small { bdi { (path(deployment.path())) } }
            }
            td { span.decided.(checked.verdict.as_str()) { (mark(checked.verdict)) } }
            td.number { (checked.count(Severity::Error)) }
            td.number { (checked.count(Severity::Warning)) }
            td.number { (checked.count_results(CheckResult::Undecided)) }
            td.number { (exceptions) }
            td { @match deployment.as_of() { Some(at) => (moment(at)), None => "not given" } }
            td {
                @match deployment.given_version() {
                    Some(version) => (version.to_string()),
                    None => "not given",
                }
            }
            td.number { (deployment.records(SectionName::Channel).count()) }
        }
    }
}

fn mark(verdict: Verdict) -> String {
    format!("{} {verdict}", super::overview::verdict_mark(verdict))
}

/// How each check ended in each deployment; those that failed somewhere come first.
fn matrix(rules: &Rules, pages: &[&PortfolioPage<'_>]) -> Markup {
    let first = pages.first().map_or(&[][..], |page| page.checked.checks.as_slice());
    let mut rows: Vec<(usize, &CheckReport)> = first.iter().enumerate().collect();
    rows.sort_by_cached_key(|(number, _)| {
        pages.iter().filter_map(|page| rank(page, *number)).min()
    });
    let content = html! {
        p.quiet {
            "A cell leads to the check on the page of its deployment. "
            (counted(rows.len(), "check")) ", those that failed somewhere first."
        }
        (wide("matrix-title", &html! {
            table.marks {
                thead {
                    tr {
                        th scope="col" { "Check" }
                        @for page in pages {
                            th scope="col" {
                                a href=(page.file) { (name(called(page.deployment))) }
                            }
                        }
                    }
                }
                tbody { @for (number, report) in &rows { (check(rules, pages, *number, report)) } }
            }
        }))
    };
    section("matrix", "matrix-title", "Checks by deployment", &content)
}

/// How bad the end of a check is, the worst lowest.
fn rank(page: &PortfolioPage<'_>, number: usize) -> Option<u8> {
    let report = page.checked.checks.get(number)?;
    Some(match report.result {
        CheckResult::Fail if page.checked.is_noted(report) => 3,
        CheckResult::Fail => 0,
        CheckResult::Undecided => 1,
        CheckResult::Waived => 2,
        CheckResult::Pass => 4,
        CheckResult::NotApplicable => 5,
    })
}

fn check(
    rules: &Rules,
    pages: &[&PortfolioPage<'_>],
    number: usize,
    report: &CheckReport,
) -> Markup {
    let title = rules.check(report.code).map(|check| check.title.as_str());
    html! {
        tr {
            th scope="row" {
                (report.code.to_string())
                @if let Some(title) = title { small { (prose(title)) } }
            }
            @for page in pages {
                td {
                    @if let Some(report) = page.checked.checks.get(number) {
                        @let (class, word) = ended(page.checked, report);
                        a.result.(class) href={ (page.file) "#c-" (report.code.to_string()) } {
                            (word)
                        }
                    }
                }
            }
        }
    }
}

/// The class and the word of how a check ended.
fn ended(checked: &Checked, report: &CheckReport) -> (&'static str, &'static str) {
    let class = report.result.as_str();
    match report.result {
        CheckResult::Fail if checked.is_noted(report) => (NOTED, "• noted"),
        CheckResult::Fail => (class, "✗ failed"),
        CheckResult::Undecided => (class, "? undecided"),
        CheckResult::Waived => (class, "~ waived"),
        CheckResult::Pass => (class, "✓ passed"),
        CheckResult::NotApplicable => (class, "– not here"),
    }
}

fn provenance(rules: &Rules, pages: &[&PortfolioPage<'_>]) -> Markup {
    let content = html! {
        dl.provenance {
            (entry("syncgate", &html! { (env!("CARGO_PKG_VERSION")) }))
            (entry("Rules", &html! {
                (path(&rules.source)) ", SHA-256 " code.digest { (rules.digest()) }
            }))
            @for added in &rules.added {
                (entry("Checks added", &html! { code { (path(added)) } }))
            }
            @for page in pages {
                (entry("Deployment", &html! {
                    code { (path(page.deployment.path())) } " SHA-256 "
                    code.digest { (page.deployment.digest()) }
                }))
            }
        }
        p.quiet {
            "A digest is the SHA-256 of the sorted lines that sha256sum prints for the files of a \
             deployment. The same input gives the same pages, byte by byte."
        }
    };
    section("provenance", "provenance-title", "What these pages were made from", &content)
}
