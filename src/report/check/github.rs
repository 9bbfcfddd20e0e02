//! `check --format github`: workflow commands that GitHub shows beside the lines of a change.

use super::grounds::grounds_in_words;
use super::human::verdict_line;
use super::levels::level_in_words;
use crate::check::{Checked, Verdict};
use crate::diagnostic::{Severity, Sources};
use crate::model::{Deployment, said};
use crate::report::findings::{Cause, causes, controls, worst_first};
use crate::report::text::{Style, affected, shown};

/// `check --format github`: an annotation for each cause, then the verdict.
pub fn check_github(deployment: &Deployment, checked: &Checked) -> String {
    let mut text = String::new();
    for cause in worst_first(causes(checked.findings.iter())) {
        text.push_str(&format!("{}\n", annotation(deployment.files(), &cause)));
    }
    for level in &checked.levels {
        let place = deployment.files().position(level.span).start;
        let file = property(deployment.files().path(level.span.file));
        let told = data(&level_in_words(level));
        let line = place.line;
        text.push_str(&format!("::notice file={file},line={line},title={}::{told}\n", level.code));
    }
    let level = match checked.verdict {
        Verdict::Go => "notice",
        Verdict::Undecided => "warning",
        Verdict::NoGo => "error",
    };
    let verdict = verdict_line(checked, Style::Plain);
    let told = format!("{}\n{}", verdict.trim_end(), shown(&grounds_in_words(deployment)));
    text.push_str(&format!("::{level} title=syncgate::{}\n", data(&told)));
    text
}

fn annotation(files: &Sources, cause: &Cause<'_>) -> String {
    let finding = cause.first;
    let level = match finding.severity {
        Severity::Error if finding.counts() => "error",
        Severity::Warning if finding.counts() => "warning",
        _ => "notice",
    };
    let mut text = format!("::{level} ");
    if let Some(span) = finding.span {
        let place = files.position(span);
        text.push_str(&format!(
            "file={},line={},",
            property(files.path(span.file)),
            place.start.line
        ));
        // Columns mean something to GitHub only within one line.
        if place.start.line == place.end.line {
            text.push_str(&format!("col={},endColumn={},", place.start.column, place.end.column));
        } else {
            text.push_str(&format!("endLine={},", place.end.line));
        }
    }
    let mut message = finding.message.clone();
    if cause.subjects.len() > 1 {
        message.push_str(&format!("\naffects {}", affected(&cause.subjects)));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("\n{help}"));
    }
    if let Some(setting) = &finding.setting {
        message.push_str(&format!("\nin headquarters: {}, at {}", setting.name, setting.page));
    }
    message.push_str(&said(controls(finding), |controls| format!("\n{controls}")));
    let mut title = finding.code.to_string();
    if let Some(waived) = &finding.waived {
        title.push_str(" (waived)");
        message.push_str(&format!("\nwaived: {}", waived.in_words()));
    }
    text.push_str(&format!("title={}::{}", property(&title), data(&message)));
    text
}

/// The message of a command.
fn data(text: &str) -> String {
    let lines = text.split('\n').map(|line| shown(line).replace('%', "%25"));
    lines.collect::<Vec<_>>().join("%0A")
}

/// A value before the message.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50 %\r\nof a:b, c"), r"50 %25\r%0Aof a:b, c");
        assert_eq!(property("a:b,c\n%"), "a%3Ab%2Cc%0A%25");
    }
}
