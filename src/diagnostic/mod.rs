//! Findings: what is wrong with a file, where, why and how to mend it.
//!
//! A finding is data. Nothing here prints; `report` has one small renderer per output format.

mod code;
mod source;

pub use code::{Code, EXPLANATIONS, Explanation, NotACode};
pub(crate) use source::line_start;
pub use source::{FileId, Position, SourceFile, Sources, Span};

use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fmt;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely to hurt.
    Warning,
    /// Will fail, or lose data.
    Error,
}

impl Severity {
    /// Every severity, from the least to the most.
    pub const ALL: [Self; 3] = [Self::Info, Self::Warning, Self::Error];

    /// The word used in files and output: `info`, `warning` or `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// The severity that a word means.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == word)
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a finding is about: a section of a deployment (or a kind of rule) and the id of the record
/// in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subject {
    /// The section's name, such as `channel`.
    pub kind: String,
    /// The record's id, such as `houston`.
    pub id: String,
}

impl Subject {
    /// A subject of the section `kind` with the id `id`.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self { kind: kind.into(), id: id.into() }
    }
}

/// Where headquarters shows the setting a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingPage {
    /// The setting's label on the page.
    pub name: String,
    /// The path of the page.
    pub page: String,
}

/// Another place that belongs to a finding, and why it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    /// What stands there.
    pub message: String,
    /// The place.
    pub span: Span,
}

/// The waiver that covers a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waived {
    /// Why the exception is acceptable.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// The last day it holds, as `YYYY-MM-DD`.
    pub expires: Option<String>,
    /// Where the waiver stands.
    pub span: Span,
}

impl Waived {
    /// Why the exception is acceptable, or that nobody says so.
    pub fn why(&self) -> &str {
        self.reason.as_deref().unwrap_or("no reason is given")
    }

    /// The same with who answers for it, and until when: `… (retail IT), until 2027-01-31`.
    pub fn in_words(&self) -> String {
        let owner = self.owner.iter().map(|owner| format!(" ({owner})"));
        let until = self.expires.iter().map(|day| format!(", until {day}"));
        std::iter::once(self.why().to_owned()).chain(owner).chain(until).collect()
    }
}

/// One thing that is wrong, or worth knowing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: lower case, no full stop, what the user wrote in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// Where it stands; `None` where there is no file to point at.
    pub span: Option<Span>,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// What it is about.
    pub subject: Option<Subject>,
    /// Where headquarters shows the setting.
    pub setting: Option<SettingPage>,
    /// Statement numbers that say so.
    pub sources: Vec<String>,
    /// The controls that its check is evidence of.
    pub controls: Vec<String>,
    /// What tells two findings of one code and subject apart, such as a key; part of the
    /// fingerprint.
    pub detail: String,
    /// The waiver that covers it.
    pub waived: Option<Waived>,
    /// What may be written where it stands to mend it, the likeliest first.
    pub instead: Vec<String>,
}

impl Finding {
    /// A finding of `code`, at that code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity(),
            message: message.into(),
            help: None,
            span: None,
            related: Vec::new(),
            subject: None,
            setting: None,
            sources: Vec::new(),
            controls: Vec::new(),
            detail: String::new(),
            waived: None,
            instead: Vec::new(),
        }
    }

    /// The same, standing at `span`.
    #[must_use]
    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same, mended by writing something else where it stands.
    #[must_use]
    pub fn instead<T: Into<String>>(mut self, texts: impl IntoIterator<Item = T>) -> Self {
        self.instead.extend(texts.into_iter().map(Into::into));
        self
    }

    /// The same, about a record.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(subject);
        self
    }

    /// The same, with one more place that belongs to it.
    #[must_use]
    pub fn related(mut self, message: impl Into<String>, span: Span) -> Self {
        self.related.push(Related { message: message.into(), span });
        self
    }

    /// The same, told apart from others of its code and subject by `detail`.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    /// A hash of code, subject and detail that stays the same while lines move: 32 hexadecimal
    /// digits.
    pub fn fingerprint(&self) -> String {
        let (kind, id) =
            self.subject.as_ref().map_or(("", ""), |s| (s.kind.as_str(), s.id.as_str()));
        let identity = format!("{}\0{kind}\0{id}\0{}", self.code, self.detail);
        crate::digest::sha256(identity.as_bytes()).chars().take(32).collect()
    }

    /// Whether it says that the version of headquarters is not given, which is told before all
    /// else.
    pub fn is_missing_version(&self) -> bool {
        self.code == Code::MISSING_KEY && self.detail == "commerce-version"
    }

    /// Whether it counts against a verdict: not waived.
    pub fn counts(&self) -> bool {
        self.waived.is_none()
    }
}

/// Gives findings that agree in code, subject and detail, such as those of two schedules of one
/// job, different fingerprints: the second says that it is, and so on.
pub(crate) fn tell_apart(findings: &mut [Finding]) {
    let mut told: HashMap<(Code, Option<&Subject>, &str), usize> = HashMap::new();
    let numbered = findings.iter().map(|finding| {
        let number = told.entry((finding.code, finding.subject.as_ref(), &finding.detail));
        let number = number.or_default();
        *number += 1;
        *number
    });
    let numbers: Vec<usize> = numbered.collect();
    for (finding, number) in findings.iter_mut().zip(numbers).filter(|(_, number)| *number > 1) {
        finding.detail = format!("{}\0{number}", finding.detail);
    }
}

/// Sorts findings as they are reported: by file, line and code, then by what they say.
pub fn sort(findings: &mut [Finding], sources: &Sources) {
    let at = |finding: &Finding, span: Span| {
        let start = sources.start(span);
        (sources.path(span.file), start.line, finding.code, start.column)
    };
    let place = |finding: &Finding| finding.span.map(|span| at(finding, span));
    findings.sort_by_cached_key(|finding| {
        let first = !finding.is_missing_version();
        (first, place(finding), finding.code, finding.message.clone())
    });
}
