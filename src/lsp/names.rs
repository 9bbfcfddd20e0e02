//! The words of the rules, as completion offers them: each with what it is called.

use crate::model::format::Kind;
use crate::model::{JobKind, Names, Rules, first_name, or_blank};
use std::collections::BTreeSet;

/// A word that may be written, and by what it is found.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    /// The word.
    pub(super) id: String,
    /// What people call it, or what it says.
    pub(super) detail: String,
    /// Every other name that it has.
    pub(super) names: Vec<String>,
}

impl Offer {
    /// A word without other names.
    pub(super) fn plain(id: &str, detail: &str) -> Self {
        Self { id: id.to_owned(), detail: detail.to_owned(), names: Vec::new() }
    }

    fn named<'n>(id: &str, names: &'n Names, others: impl Iterator<Item = &'n String>) -> Self {
        let mut seen = BTreeSet::new();
        let all = names.iter().flat_map(|(_, names)| names).chain(others);
        let names_of = all.filter(|name| *name != id && seen.insert(name.as_str())).cloned();
        let detail = or_blank(first_name(names)).to_owned();
        Self { id: id.to_owned(), detail, names: names_of.collect() }
    }
}

/// Every feature.
pub(super) fn features(rules: &Rules) -> Vec<Offer> {
    let features = rules.features.iter();
    features.map(|it| Offer::named(&it.id, &it.names, it.classes.iter())).collect()
}

/// Every operation.
pub(super) fn operations(rules: &Rules) -> Vec<Offer> {
    let offer = |it: &crate::model::Operation| Offer {
        id: it.id.clone(),
        detail: it.text.clone(),
        names: it.names().skip(1).map(str::to_owned).collect(),
    };
    rules.operations.iter().map(offer).collect()
}

/// The code of every check.
pub(super) fn codes(rules: &Rules) -> Vec<Offer> {
    let mut seen = BTreeSet::new();
    let checks = rules.checks.iter().filter(|check| seen.insert(check.code));
    checks.map(|check| Offer::plain(&check.code.to_string(), &check.title)).collect()
}

/// Everything that the rules know by a name of this kind.
pub(super) fn names_of(rules: &Rules, kind: &Kind) -> Vec<Offer> {
    let is_batch = |it: &crate::model::Job| it.kind == JobKind::Batch;
    let jobs = |batch: bool| {
        let jobs = rules.jobs.iter().filter(move |job| is_batch(job) == batch);
        jobs.map(|job| Offer::named(&job.id, &job.names, std::iter::empty())).collect()
    };
    match kind {
        Kind::Feature => features(rules),
        Kind::BatchJob => jobs(true),
        Kind::DistributionJob => jobs(false),
        Kind::ChannelTable => {
            let tables = rules.channel_tables.iter();
            tables.map(|table| Offer::plain(&table.id, "a table of channel databases")).collect()
        }
        _ => Vec::new(),
    }
}

/// The id of what a name of this kind means, where it means anything.
pub(super) fn meaning(rules: &Rules, kind: &Kind, name: &str) -> Option<String> {
    let job = |id| rules.job(id).id.clone();
    match kind {
        Kind::Feature => Some(rules.feature(rules.feature_named(name)?).id.clone()),
        Kind::BatchJob => rules.batch_job_named(name).map(job),
        Kind::DistributionJob => rules.distribution_job_named(name).map(job),
        Kind::ChannelTable => {
            Some(rules.channel_table(rules.channel_table_named(name)?).id.clone())
        }
        _ => None,
    }
}
