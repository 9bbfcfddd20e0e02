//! Policy: levels, waivers, and the verdict over what is left.

use crate::diagnostic::{Code, Finding, Related, Severity, Waived};
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

/// The levels that a deployment sets, by code; `None` hides a check's findings.
#[expect(clippy::expect_used, reason = "a level that is lost would change verdicts in silence")]
pub(super) fn levels(deployment: &Deployment) -> BTreeMap<Code, Option<Severity>> {
    let levels = deployment.records(SectionName::Levels).filter_map(|record| {
        let code: Code = record.record.id.parse().expect("levels are read under codes");
        match record.text(KeyName::Level)? {
            ALLOW => Some((code, None)),
            word => Some((code, Some(Severity::from_word(word).expect("rules have no others")))),
        }
    });
    levels.collect()
}

/// Gives findings the severity that the deployment sets; those that it allows are taken out and
/// counted by code.
pub(super) fn apply_levels(
    findings: &mut Vec<Finding>,
    levels: &BTreeMap<Code, Option<Severity>>,
) -> BTreeMap<Code, usize> {
    let mut allowed = BTreeMap::new();
    findings.retain_mut(|finding| match levels.get(&finding.code) {
        Some(Some(severity)) => {
            finding.severity = *severity;
            true
        }
        Some(None) => {
            *allowed.entry(finding.code).or_insert(0) += 1;
            false
        }
        None => true,
    });
    allowed
}

/// Marks the findings that waivers cover, and tells of waivers that expired, or cover nothing.
///
/// Nothing is told of a waiver whose check rests on an incomplete section: it may be needed yet.
pub(super) fn apply_waivers(
    deployment: &Deployment,
    findings: &mut Vec<Finding>,
    is_open: impl Fn(Code) -> bool,
) {
    let today = deployment.as_of().map(|moment| jiff::tz::Offset::UTC.to_datetime(moment).date());
    let mut told = Vec::new();
    for waiver in deployment.records(SectionName::Waiver) {
        let Some(code) = waiver.code(KeyName::Code) else { continue };
        let subject = waiver.text(KeyName::Subject).map(fold);
        let covers = |finding: &Finding| {
            let id = finding.subject.as_ref().map(|subject| fold(&subject.id));
            finding.code == code
                && subject.as_ref().is_none_or(|subject| id.as_ref() == Some(subject))
        };
        let last_day = waiver.date(KeyName::Expires);
        let is_over = |last_day: &jiff::civil::Date| today.is_some_and(|today| today > *last_day);
        let over = last_day.filter(is_over);
        let mut used = false;
        for finding in findings.iter_mut().filter(|finding| covers(finding)) {
            used = true;
            if let Some(last_day) = over {
                let message = format!("a waiver of it expired on {last_day}");
                finding.related.push(Related { message, span: waiver.span(KeyName::Expires) });
            } else if finding.waived.is_none() {
                finding.waived = Some(Waived {
                    reason: waiver.text(KeyName::Reason).map(str::to_owned),
                    owner: waiver.text(KeyName::Owner).map(str::to_owned),
                    expires: last_day.map(|day| day.to_string()),
                    span: waiver.record.span,
                });
            }
        }
        if !used && is_open(code) {
            continue;
        }
        if !used {
            told.push(unused(waiver, code));
        } else if last_day.is_some() && today.is_none() {
            told.push(timeless(waiver));
        }
    }
    findings.append(&mut told);
}

fn unused(waiver: Fields<'_>, code: Code) -> Finding {
    let whom = said(waiver.text(KeyName::Subject), |subject| format!(" of `{subject}`"));
    Finding::new(Code::UNUSED_WAIVER, format!("nothing found as `{code}`{whom} is there to waive"))
        .at(waiver.record.span)
        .help("remove the waiver, or correct its code and subject")
        .about(crate::diagnostic::Subject::new("waiver", code.to_string()))
        .detail(or_blank(waiver.text(KeyName::Subject)))
}

fn timeless(waiver: Fields<'_>) -> Finding {
    Finding::new(
        Code::UNDECIDED,
        "whether the waiver has expired can't be told: `as-of` is not given",
    )
    .at(waiver.span(KeyName::Expires))
    .help("add `as-of` to [deployment]; until then the waiver holds")
    .about(crate::diagnostic::Subject::new("waiver", or_blank(waiver.text(KeyName::Code))))
    .detail("deployment.as-of")
}
