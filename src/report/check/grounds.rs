//! On what a verdict stands beside its findings: the moment, and what people answered. Neither
//! changes a verdict unseen.

use crate::load::ANSWERS;
use crate::model::{Deployment, Fields, KeyName, SectionName, said};
use crate::report::text::counted;

/// `as of 2026-11-20T08:00:00Z; 3 values answered in answers.toml (9f2c…, by …); deployment 72…`.
pub(in crate::report) fn grounds_in_words(deployment: &Deployment) -> String {
    let digest = short(&deployment.digest()).to_owned();
    format!("{}; deployment {digest}", stated(deployment))
}

/// The same without the digest of the whole deployment.
pub(super) fn stated(deployment: &Deployment) -> String {
    let as_of = match deployment.as_of() {
        Some(moment) => format!("as of {moment}"),
        None => "as of no stated moment".to_owned(),
    };
    format!("{as_of}{}", answers(deployment))
}

/// What people answered: how many values, the beginning of the file's digest, and who answers for
/// it; empty where there is no such file.
fn answers(deployment: &Deployment) -> String {
    let files = deployment.files();
    let is_answers = |path: &str| path.rsplit(['/', '\\']).next() == Some(ANSWERS);
    let Some(file) = files.files().iter().find(|file| is_answers(&file.path)) else {
        return String::new();
    };
    let sections = deployment.rules().format.sections.iter();
    let records = sections.flat_map(|section| deployment.records(&*section.id));
    let values = records.flat_map(|fields| fields.record.values.iter().flatten());
    let count = values.filter(|value| files.is_named(value.span.file, ANSWERS)).count();
    let attested = deployment.table(SectionName::Attestation);
    let by = attested.and_then(|record: Fields<'_>| record.text(KeyName::By));
    let by = said(by, |by| format!(", by {by}"));
    let (values, digest) = (counted(count, "value"), file.sha256());
    format!("; {values} answered in {ANSWERS} ({}{by})", short(digest))
}

/// The beginning of a digest: enough to tell two apart.
fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
