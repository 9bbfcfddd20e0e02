//! Policy: levels, waivers, attestation, and the verdict over what is left. Nothing lowers a
//! verdict unseen: what lowers an error says why and who answers for it, or is not done.

use crate::diagnostic::{Code, Finding, Related, Severity, Span, Subject, Waived};
use crate::model::name::fold;
use crate::model::relied::ALLOW;
use crate::model::{Deployment, Fields, KeyName, SectionName, or_blank, said, words};
use std::collections::BTreeMap;

words! {
    /// Whether a deployment may go live.
    Verdict {
        /// It may.
        Go = "go",
        /// An error stands against it.
        NoGo = "no-go",
        /// No error is known, and a check that could find one could not be decided.
        Undecided = "undecided",
    }
}

/// The level that a deployment sets for a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    /// The check.
    pub code: Code,
    /// Its own severity.
    pub from: Severity,
    /// What its findings count as; `None` where they are hidden.
    pub to: Option<Severity>,
    /// Why.
    pub reason: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Where it is set.
    pub span: Span,
}

impl Level {
    /// Whether its findings count for less than they would.
    pub fn lowers(&self) -> bool {
        self.to < Some(self.from)
    }

    /// The word for what its findings count as.
    pub fn word(&self) -> &'static str {
        self.to.map_or(ALLOW, Severity::as_str)
    }
}

/// What a deployment sets for checks and is allowed to, by code, and findings about the rest.
pub(super) struct Levels {
    pub(super) set: BTreeMap<Code, Level>,
    pub(super) findings: Vec<Finding>,
}

impl Levels {
    pub(super) fn of(deployment: &Deployment) -> Self {
        let mut levels = Self { set: BTreeMap::new(), findings: Vec::new() };
        for record in deployment.records(SectionName::Levels) {
            let Some(level) = level(deployment, record) else { continue };
            let lowers_error = level.from == Severity::Error && level.lowers();
            let missing = unsaid(record);
            if lowers_error && !missing.is_empty() {
                levels.findings.push(unanswered(record, level.code, "[levels] lowers", &missing));
            } else {
                levels.set.insert(level.code, level);
            }
        }
        levels
    }

    /// The severity of a code's findings: what is set, else the check's own; `None` where they are
    /// hidden, or nothing is known by the code.
    pub(super) fn severity(&self, deployment: &Deployment, code: Code) -> Option<Severity> {
        match self.set.get(&code) {
            Some(level) => level.to,
            None => deployment.rules().severity_of(code),
        }
    }

    /// Gives findings the severity that is set; those that are hidden are taken out and counted by
    /// code.
    pub(super) fn apply(&self, findings: &mut Vec<Finding>) -> BTreeMap<Code, usize> {
        let mut hidden = BTreeMap::new();
        findings.retain_mut(|finding| match self.set.get(&finding.code).map(|level| level.to) {
            Some(Some(severity)) => {
                finding.severity = severity;
                true
            }
            Some(None) => {
                *hidden.entry(finding.code).or_insert(0) += 1;
                false
            }
            None => true,
        });
        hidden
    }
}

/// What a record sets; `None` where it does not say what, which is told as such.
#[expect(clippy::expect_used, reason = "a level that is lost would change verdicts in silence")]
fn level(deployment: &Deployment, record: Fields<'_>) -> Option<Level> {
    let code: Code = record.record.id.parse().expect("levels are read under codes");
    let to = match record.text(KeyName::Level)? {
        ALLOW => None,
        word => Some(Severity::from_word(word).expect("rules have no others")),
    };
    Some(Level {
        code,
        from: deployment.rules().severity_of(code)?,
        to,
        reason: stated(record, KeyName::Reason).map(str::to_owned),
        owner: stated(record, KeyName::Owner).map(str::to_owned),
        span: record.record.span,
    })
}

/// A text that says something.
fn stated(record: Fields<'_>, key: KeyName) -> Option<&str> {
    record.text(key).filter(|text| !text.trim().is_empty())
}

/// Which of reason and owner a record does not say.
fn unsaid(record: Fields<'_>) -> Vec<KeyName> {
    let keys = [KeyName::Reason, KeyName::Owner];
    keys.into_iter().filter(|key| stated(record, *key).is_none()).collect()
}

fn unanswered(record: Fields<'_>, code: Code, what: &str, missing: &[KeyName]) -> Finding {
    let missing: Vec<&str> = missing.iter().map(|key| key.as_str()).collect();
    let missing = missing.join(" and ");
    Finding::new(Code::UNANSWERED, format!("{what} `{code}`, an error, without {missing}"))
        .at(record.record.span)
        .help(format!("add {missing}; until then the error counts"))
        .about(Subject::new(&record.section.id, code.to_string()))
        .detail(or_blank(stated(record, KeyName::Subject)).to_owned())
}

/// Marks the findings that waivers cover, and tells of waivers that expired, cover nothing, or
/// answer for nothing.
///
/// Nothing is told of a waiver whose check rests on what is incomplete: it may be needed yet.
pub(super) fn apply_waivers(
    deployment: &Deployment,
    levels: &Levels,
    findings: &mut Vec<Finding>,
    is_open: impl Fn(Code) -> bool,
) {
    let mut told = Vec::new();
    for record in deployment.records(SectionName::Waiver) {
        let Some(waiver) = Waiver::of(deployment, record) else { continue };
        let is_error = |severity| severity == Some(Severity::Error);
        let is_error = is_error(deployment.rules().severity_of(waiver.code))
            || is_error(levels.severity(deployment, waiver.code));
        let missing = if is_error { unsaid(record) } else { Vec::new() };
        if !missing.is_empty() {
            told.push(unanswered(record, waiver.code, "a waiver covers", &missing));
        }
        let mut used = false;
        for finding in findings.iter_mut().filter(|finding| waiver.covers(finding)) {
            used = true;
            match waiver.note() {
                Some(note) => finding.related.push(note),
                None if missing.is_empty() && finding.waived.is_none() => {
                    finding.waived = Some(waiver.waived());
                }
                None => {}
            }
        }
        if !used && !is_open(waiver.code) {
            told.push(unused(record, waiver.code));
        } else if used && waiver.holds == Holds::NotKnown {
            told.push(timeless(record, waiver.code));
        }
    }
    findings.append(&mut told);
}

/// Whether a record's last day is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Yes,
    NoLonger,
    /// The deployment does not say what day it is.
    NotKnown,
}

/// Whether a record with a last day holds at the deployment's moment.
fn holds(deployment: &Deployment, record: Fields<'_>) -> Holds {
    let today = deployment.as_of().map(|moment| jiff::tz::Offset::UTC.to_datetime(moment).date());
    match (record.date(KeyName::Expires), today) {
        (Some(_), None) => Holds::NotKnown,
        (Some(last_day), Some(today)) if today > last_day => Holds::NoLonger,
        _ => Holds::Yes,
    }
}

struct Waiver<'a> {
    record: Fields<'a>,
    code: Code,
    subject: Option<String>,
    last_day: Option<String>,
    holds: Holds,
}

impl<'a> Waiver<'a> {
    fn of(deployment: &Deployment, record: Fields<'a>) -> Option<Self> {
        Some(Self {
            record,
            code: record.code(KeyName::Code)?,
            subject: record.text(KeyName::Subject).map(|subject| fold(subject).into_owned()),
            last_day: record.date(KeyName::Expires).map(|day| day.to_string()),
            holds: holds(deployment, record),
        })
    }

    fn covers(&self, finding: &Finding) -> bool {
        let id = finding.subject.as_ref().map(|subject| fold(&subject.id));
        let is_subject = |subject: &String| id.as_deref() == Some(subject.as_str());
        finding.code == self.code && self.subject.as_ref().is_none_or(is_subject)
    }

    /// Why it waives nothing now, where that is for its last day.
    fn note(&self) -> Option<Related> {
        let last_day = self.last_day.as_deref()?;
        let message = match self.holds {
            Holds::Yes => return None,
            Holds::NoLonger => format!("a waiver of it expired on {last_day}"),
            Holds::NotKnown => format!(
                "a waiver of it holds until {last_day}, and `as-of` does not say what day it is"
            ),
        };
        Some(Related { message, span: self.record.span(KeyName::Expires) })
    }

    fn waived(&self) -> Waived {
        Waived {
            reason: stated(self.record, KeyName::Reason).map(str::to_owned),
            owner: stated(self.record, KeyName::Owner).map(str::to_owned),
            expires: self.last_day.clone(),
            span: self.record.record.span,
        }
    }
}

/// The attestation of a deployment, where it no longer holds or that can't be told.
pub(super) fn attestation(deployment: &Deployment) -> Option<Finding> {
    let record = deployment.table(SectionName::Attestation)?;
    let last_day = record.date(KeyName::Expires)?;
    let by = said(stated(record, KeyName::By), |by| format!(" by {by}"));
    let (message, help) = match holds(deployment, record) {
        Holds::Yes => return None,
        Holds::NoLonger => (
            format!("the attestation{by} expired on {last_day}"),
            "have the values looked at again, and say until when that holds",
        ),
        Holds::NotKnown => (
            format!("whether the attestation{by} has expired can't be told: `as-of` is not given"),
            "add `as-of` to [deployment]",
        ),
    };
    let finding = Finding::new(Code::UNATTESTED, message).at(record.span(KeyName::Expires));
    Some(finding.help(help).about(Subject::new(&record.section.id, "")))
}

fn unused(waiver: Fields<'_>, code: Code) -> Finding {
    let whom = said(waiver.text(KeyName::Subject), |subject| format!(" of `{subject}`"));
    Finding::new(Code::UNUSED_WAIVER, format!("nothing found as `{code}`{whom} is there to waive"))
        .at(waiver.record.span)
        .help("remove the waiver, or correct its code and subject")
        .about(Subject::new("waiver", code.to_string()))
        .detail(or_blank(waiver.text(KeyName::Subject)))
}

fn timeless(waiver: Fields<'_>, code: Code) -> Finding {
    Finding::new(
        Code::UNDECIDED,
        "whether the waiver has expired can't be told: `as-of` is not given",
    )
    .at(waiver.span(KeyName::Expires))
    .help("add `as-of` to [deployment]; until then the waiver waives nothing")
    .about(Subject::new("waiver", code.to_string()))
    .detail("deployment.as-of")
}
