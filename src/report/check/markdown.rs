//! `check --format markdown`: for the summary of a job, or a comment.

use super::grounds::grounds_in_words;
use super::human::verdict_line;
use super::levels::level_in_words;
use crate::check::Checked;
use crate::diagnostic::{Severity, Sources};
use crate::model::{Deployment, said};
use crate::report::findings::{Cause, causes, controls, worst_first};
use crate::report::text::{Style, affected, escaped_markdown, shown};

/// `check --format markdown`: the verdict, then a row for each cause, errors first.
pub fn check_markdown(deployment: &Deployment, checked: &Checked) -> String {
    let name = deployment.name().unwrap_or(deployment.path());
    let verdict = verdict_line(checked, Style::Plain);
    let mut text = format!("## {}\n\n**{}**\n", cell(name), cell(verdict.trim_end()));
    text.push_str(&format!("\n{}\n", cell(&grounds_in_words(deployment))));
    let causes = worst_first(causes(checked.findings.iter()));
    if !causes.is_empty() {
        text.push_str("\n| | code | finding | at |\n|---|---|---|---|\n");
    }
    for cause in &causes {
        text.push_str(&row(deployment.files(), cause));
    }
    if !checked.levels.is_empty() {
        text.push('\n');
    }
    for level in &checked.levels {
        text.push_str(&format!("- {}\n", cell(&level_in_words(level))));
    }
    text
}

fn row(files: &Sources, cause: &Cause<'_>) -> String {
    let finding = cause.first;
    let level = match finding.severity {
        _ if !finding.counts() => "waived",
        Severity::Info => "note",
        Severity::Warning => "warning",
        Severity::Error => "**error**",
    };
    let mut message = cell(&finding.message);
    if cause.subjects.len() > 1 {
        message.push_str(&format!("; affects {}", cell(&affected(&cause.subjects))));
    }
    message.push_str(&said(finding.help.as_ref(), |help| format!("<br>{}", cell(help))));
    message.push_str(&said(controls(finding), |it| format!("<br>{}", cell(&it))));
    let waived =
        said(finding.waived.as_ref(), |it| format!("<br>waived: {}", cell(&it.in_words())));
    message.push_str(&waived);
    let at = said(finding.span, |span| {
        format!("{}:{}", cell(files.path(span.file)), files.position(span).start.line)
    });
    format!("| {level} | {} | {message} | {at} |\n", finding.code)
}

/// Text that stays in its cell and is no markup but code, which backticks hold.
pub(in crate::report) fn cell(text: &str) -> String {
    let text = shown(text);
    let parts: Vec<&str> = text.split('`').collect();
    // Two backticks beside each other, or one without another, would hold something else.
    let is_paired = parts.len() % 2 == 1;
    let [first, inner @ .., last] = parts.as_slice() else { return escaped_markdown(&text) };
    // What a table makes of a backslash before a bar within code differs from reader to reader.
    if !is_paired || inner.iter().any(|part| part.is_empty() || part.contains(r"\|")) {
        return escaped_markdown(&text);
    }
    let mut cell = escaped_markdown(first);
    for (number, part) in inner.iter().chain([last]).enumerate() {
        cell.push('`');
        // In code only what ends a cell is escaped, by the table.
        let is_code = number % 2 == 0;
        cell.push_str(&if is_code { part.replace('|', "\\|") } else { escaped_markdown(part) });
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_cell() {
        for (text, expected) in [
            ("a|b\n<i>*c*", r"a\|b\\n&lt;i&gt;\*c\*"),
            ("the profile `P_1 & <b>` is *off*", r"the profile `P_1 & <b>` is \*off\*"),
            ("`a|b\n` and `c\\d`", r"`a\|b\n` and `c\d`"),
            ("`a\\|b` and c", r"\`a\\\|b\` and c"),
            ("one ` alone `x` *", r"one \` alone \`x\` \*"),
            ("``x`` <b>", r"\`\`x\`\` &lt;b&gt;"),
            ("nothing `` here", r"nothing \`\` here"),
        ] {
            assert_eq!(cell(text), expected, "{text:?}");
        }
    }
}
