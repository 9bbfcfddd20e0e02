//! Names of the rules: what each means, and what to write instead of one that means nothing.

use crate::model::format::Kind;
use crate::model::name::{fold, nearest};
use crate::model::{Rules, first_name, said};

/// The names of one kind in the rules.
pub(super) struct KnownNames<'a> {
    pub(super) rules: &'a Rules,
    pub(super) kind: &'a Kind,
}

impl KnownNames<'_> {
    pub(super) fn what(&self) -> &'static str {
        match self.kind {
            Kind::Feature => "feature",
            Kind::BatchJob => "batch job",
            Kind::ChannelTable => "table",
            _ => "job",
        }
    }

    /// The id that a name means, and the names that are canonical.
    pub(super) fn meaning(&self, text: &str) -> Option<(String, Vec<String>)> {
        let with_name = |id: &str, names| {
            let canonical =
                [Some(id), first_name(names)].into_iter().flatten().map(str::to_owned).collect();
            (id.to_owned(), canonical)
        };
        match self.kind {
            Kind::Feature => {
                let feature = self.rules.feature(self.rules.feature_named(text)?);
                Some(with_name(&feature.id, &feature.names))
            }
            Kind::ChannelTable => {
                let table = self.rules.channel_table(self.rules.channel_table_named(text)?);
                Some((table.id.clone(), vec![table.id.clone()]))
            }
            _ => {
                let named = match self.kind {
                    Kind::BatchJob => self.rules.batch_job_named(text),
                    _ => self.rules.distribution_job_named(text),
                };
                let job = self.rules.job(named?);
                Some(with_name(&job.id, &job.names))
            }
        }
    }

    /// What to do about a name that means nothing here, and the known one that is nearest.
    pub(super) fn help(&self, text: &str) -> (String, Option<String>) {
        if let Some(help) = self.misplaced(text) {
            return (help, None);
        }
        let near = match self.kind {
            Kind::Feature => nearest(
                text,
                self.rules.features.iter().flat_map(|feature| {
                    std::iter::once(&feature.id)
                        .chain(feature.names.iter().flat_map(|(_, names)| names))
                        .chain(&feature.classes)
                        .map(String::as_str)
                }),
            ),
            Kind::ChannelTable => {
                nearest(text, self.rules.channel_tables.iter().map(|table| table.id.as_str()))
            }
            _ => nearest(
                text,
                self.rules.jobs.iter().flat_map(|job| {
                    std::iter::once(&job.id)
                        .chain(job.names.iter().flat_map(|(_, names)| names))
                        .map(String::as_str)
                }),
            ),
        };
        let list = match self.kind {
            Kind::Feature => "features",
            _ => "jobs",
        };
        let help = near.map_or_else(
            || format!("`syncgate rules list {list}` has the names that are known"),
            |near| format!("did you mean `{near}`?"),
        );
        (help, near.map(str::to_owned))
    }

    /// What to do with a name that is known, but means something else.
    fn misplaced(&self, text: &str) -> Option<String> {
        if let Some(job) = self.rules.job_named(text).map(|id| self.rules.job(id)) {
            let section = match job.kind {
                crate::model::JobKind::Batch => "batch-job",
                _ => "distribution-schedule",
            };
            return Some(format!(
                "`{}` is a job of another kind: put it under [[{section}]]",
                job.id
            ));
        }
        let folded = fold(text);
        let setting = self.rules.setting(*self.rules.names.settings.get(&*folded)?);
        let page = said(setting.page.as_deref(), |page| format!(", at {page}"));
        Some(match &setting.key {
            Some((section, key)) => {
                format!("it is a setting, not a feature: write `{key}` in `{section}`{page}")
            }
            None => format!("it is a setting, not a feature{page}; a deployment does not hold it"),
        })
    }
}
