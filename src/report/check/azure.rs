//! `check --format azure`: logging commands that Azure Pipelines shows beside the run.

use super::grounds::grounds_in_words;
use super::human::verdict_line;
use super::levels::level_in_words;
use crate::check::{Checked, Verdict};
use crate::diagnostic::{Severity, Sources, Span};
use crate::model::{Deployment, said};
use crate::report::findings::{Cause, causes, controls, worst_first};
use crate::report::text::{Style, affected, shown};

/// `check --format azure`: an issue for each cause, errors first, then the verdict.
///
/// Azure Pipelines knows errors and warnings only: what is merely worth knowing, and what is
/// waived, stands there as plain lines.
pub fn check_azure(deployment: &Deployment, checked: &Checked) -> String {
    let mut text = String::new();
    for cause in worst_first(causes(checked.findings.iter())) {
        text.push_str(&issue(deployment.files(), &cause));
    }
    for level in &checked.levels {
        text.push_str(&format!("{}\n", plain(&level_in_words(level))));
    }
    text.push_str(&format!("{}\n", plain(&grounds_in_words(deployment))));
    let verdict = verdict_line(checked, Style::Plain);
    match checked.verdict {
        Verdict::Go => text.push_str(&format!("{}\n", plain(verdict.trim_end()))),
        Verdict::Undecided => {
            text.push_str(&format!(
                "##vso[task.logissue type=warning]{}\n",
                data(verdict.trim_end())
            ));
        }
        Verdict::NoGo => {
            text.push_str(&format!(
                "##vso[task.logissue type=error]{}\n",
                data(verdict.trim_end())
            ));
        }
    }
    text
}

fn issue(files: &Sources, cause: &Cause<'_>) -> String {
    let finding = cause.first;
    let mut message = format!("{}: {}", finding.code, finding.message);
    if cause.subjects.len() > 1 {
        message.push_str(&format!("; affects {}", affected(&cause.subjects)));
    }
    if let Some(help) = &finding.help {
        message.push_str(&format!("; {help}"));
    }
    message.push_str(&said(controls(finding), |controls| format!("; {controls}")));
    let kind = match finding.severity {
        Severity::Error if finding.counts() => "error",
        Severity::Warning if finding.counts() => "warning",
        _ => {
            let waived = finding.waived.as_ref();
            let waived =
                waived.map_or_else(String::new, |it| format!(" (waived: {})", it.in_words()));
            let at = place(files, finding.span, ": ");
            return format!("{}\n", plain(&format!("{at}{message}{waived}")));
        }
    };
    let at = finding.span.map_or_else(String::new, |span| {
        let start = files.position(span).start;
        format!(
            "sourcepath={};linenumber={};columnnumber={};",
            property(files.path(span.file)),
            start.line,
            start.column
        )
    });
    format!("##vso[task.logissue type={kind};{at}code={};]{}\n", finding.code, data(&message))
}

fn place(files: &Sources, span: Option<Span>, end: &str) -> String {
    span.map_or_else(String::new, |span| {
        format!("{}:{}{end}", files.path(span.file), files.position(span).start.line)
    })
}

/// A line with no command in it, wherever an agent looks for one.
fn plain(text: &str) -> String {
    shown(text).replace("##", "# #")
}

/// The message of a command.
fn data(text: &str) -> String {
    shown(text).replace('%', "%AZP25")
}

/// A value before the message.
fn property(text: &str) -> String {
    data(text).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command_early() {
        assert_eq!(data("50 %\r\nof a;b]"), r"50 %AZP25\r\nof a;b]");
        assert_eq!(plain("x\n##vso[task.complete]"), r"x\n# #vso[task.complete]");
        assert_eq!(property("a;b]c\n%"), r"a%3Bb%5Dc\n%AZP25");
    }
}
