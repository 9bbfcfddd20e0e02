//! `check --format human`: findings, what could not be decided, and the verdict.

use super::baseline::{Baseline, Earlier};
use super::grounds::grounds_in_words;
use crate::check::{CheckResult, Checked, Verdict};
use crate::diagnostic::{Code, Finding, Severity};
use crate::model::{Deployment, said};
use crate::report::findings::findings_human;
use crate::report::text::{Style, TextTable, counted, shown};
use std::collections::BTreeSet;

/// How wide the values that are not given may be told where no terminal says how wide it is.
const GAPS_WIDTH: usize = 100;

/// `check --format human`, with tables that fit a terminal of this width.
pub fn check_human(
    deployment: &Deployment,
    checked: &Checked,
    baseline: Option<&Baseline>,
    width: Option<usize>,
    style: Style,
) -> String {
    let is_gap = |finding: &&Finding| {
        finding.code == Code::UNDECIDED && finding.counts() && finding.related.is_empty()
    };
    let told = checked.findings.iter().filter(|finding| !is_gap(finding));
    let mut text = findings_human(deployment.files(), told, style);
    let gaps: Vec<&Finding> = checked.findings.iter().filter(is_gap).collect();
    let gaps_width = width.unwrap_or(GAPS_WIDTH);
    text.push_str(&super::gaps::gaps_human(deployment, checked, &gaps, gaps_width, style));
    // In a file or a pipe what people wrote stands on one line, to be found.
    let width = width.unwrap_or(usize::MAX);
    text.push_str(&super::levels::levels_human(deployment.files(), checked, width, style));
    text.push_str(&super::pending::pending_human(deployment, checked, width, style));
    text.push_str(&said(baseline, |it| since_human(checked, it, style)));
    text.push_str(&format!("{}\n", style.dim(&shown(&grounds_in_words(deployment)))));
    text.push_str(&verdict_line(checked, style));
    text
}

/// What is new since an earlier check, and what is gone.
fn since_human(checked: &Checked, baseline: &Baseline, style: Style) -> String {
    let new: Vec<&Finding> =
        checked.findings.iter().filter(|finding| !baseline.knows(finding)).collect();
    let gone = baseline.gone(checked);
    if new.is_empty() && gone.is_empty() {
        return format!(
            "{}\n\n",
            style.bold("Nothing is new since the baseline, and nothing gone.")
        );
    }
    let mut table = TextTable::new(["since the baseline", "severity", "code", "finding"]);
    for finding in new {
        let severity = finding.severity.to_string();
        table.row(["new".into(), severity, finding.code.to_string(), finding.message.clone()]);
    }
    for earlier in gone {
        let Earlier { severity, code, message, .. } = earlier.clone();
        table.row(["gone".into(), severity, code, message]);
    }
    format!("{}\n", table.render(style))
}

/// The last line: the verdict, and how many checks ended in which way.
pub(in crate::report) fn verdict_line(checked: &Checked, style: Style) -> String {
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

/// How many checks ended in each way, in words: `4 passed, 1 failed, 1 noted, 1 could not be
/// decided, 0 waived, 2 did not apply`.
fn tally(checked: &Checked) -> String {
    let count = |result| checked.count_results(result);
    let noted = checked.count_noted();
    format!(
        "{} passed, {} failed, {noted} noted, {} could not be decided, {} waived, {} did not apply",
        count(CheckResult::Pass),
        count(CheckResult::Fail) - noted,
        count(CheckResult::Undecided),
        count(CheckResult::Waived),
        count(CheckResult::NotApplicable),
    )
}
