//! `test --format human`.

use super::played::{Played, reached, told};
use crate::model::{Rules, or_blank};
use crate::report::findings::pointed;
use crate::report::text::{Style, TextTable, counted};
use crate::scenario::FailedStep;

/// `test`: each scenario on a line, those that failed with the step; the rules that none reached.
pub fn scenarios_human(rules: &Rules, played: &[Played], coverage: bool, style: Style) -> String {
    let mut text = String::new();
    let mut table = TextTable::new([]);
    for one in played {
        let mark = if one.play.failure.is_none() { style.good("ok") } else { style.bad("FAILED") };
        let steps = style.dim(&counted(one.steps(), "step"));
        table.row([mark, one.name().to_owned(), steps, style.dim(one.path())]);
    }
    text.push_str(&table.render(style));
    for one in played {
        if let Some(failure) = &one.play.failure {
            text.push('\n');
            text.push_str(&failed(one, failure, style));
        }
    }
    if coverage {
        text.push('\n');
        text.push_str(&coverage_human(rules, played, style));
    }
    let failed = played.iter().filter(|one| one.play.failure.is_some()).count();
    let verdict = if failed == 0 { style.good("ok") } else { style.bad("failed") };
    let passed = played.len() - failed;
    text.push_str(&format!(
        "\n{verdict}: {}: {passed} passed, {failed} failed\n",
        counted(played.len(), "scenario")
    ));
    text
}

fn failed(one: &Played, failure: &FailedStep, style: Style) -> String {
    let title = format!("step {} of `{}` is not as expected", failure.step, one.name());
    let places: Vec<_> = failure.mismatches.iter().map(|it| (it.span, told(it))).collect();
    let mut text = pointed(&one.loaded.files, &title, &places, style);
    text.push('\n');
    if let Some(answer) = &failure.answer {
        text.push_str(&format!("  {} {answer}\n", style.dim("the answer was")));
    }
    text
}

fn coverage_human(rules: &Rules, played: &[Played], style: Style) -> String {
    let reached = reached(rules, played);
    let mut table = TextTable::new(["rule", "scenarios", "reached by"]);
    for (rule, by) in reached.iter().filter(|(_, by)| !by.is_empty()) {
        let first = or_blank(by.first().map(|played| played.name()));
        let more = if by.len() > 1 { format!("{first}, …") } else { first.to_owned() };
        table.row([(*rule).to_owned(), by.len().to_string(), more]);
    }
    let mut text = table.render(style);
    let unreached: Vec<&str> =
        reached.iter().filter(|(_, by)| by.is_empty()).map(|(rule, _)| *rule).collect();
    let of = reached.len();
    text.push_str(&format!("\n{} of {of} rules reached\n", of - unreached.len()));
    for rule in unreached {
        text.push_str(&format!("  {} {rule}\n", style.bad("not reached:")));
    }
    text
}
