//! What follows from a feature's record and from the prerequisite graph.

use super::{Facts, Gap, SubjectFact, unlisted};
use crate::diagnostic::{Related, Span};
use crate::features::{
    Enabled, SilentRun, is_scheduled, last_run, merge_runs, open_features, records, records_of,
    runs_to_open, silent_runs, with_stand_ins,
};
use crate::model::{
    Deployment, Edge, EdgeKind, FeatureFact, FeatureId, Fields, JobId, KeyName, Node, SectionName,
};

/// What gives the version, where that is not given.
const VERSION: &str = "deployment.commerce-version";

impl<'a> Facts<'a> {
    /// Whether headquarters has a feature on.
    pub(super) fn feature(&self, id: FeatureId) -> SubjectFact {
        let record = self.deployment.feature(id);
        let place = record.map(|record| record.span(KeyName::Enabled));
        let place = place.or_else(|| Some(self.deployment.place_of_section(SectionName::Features)));
        let enabled = self.states.get(id).enabled;
        let fact = match self.unsaid(id, enabled) {
            Some(gap) => SubjectFact::missing(gap),
            None => SubjectFact::boolean(enabled.is_on()),
        };
        fact.at(place)
    }

    /// What would have to be given for it to be known whether headquarters has a feature on.
    fn unsaid(&self, id: FeatureId, enabled: Enabled) -> Option<Gap> {
        match self.deployment.feature(id) {
            _ if enabled == Enabled::Mandatory => None,
            Some(record) if record.value(KeyName::Enabled).is_none() => {
                Some(Gap::in_record(record, KeyName::Enabled))
            }
            None if !self.deployment.is_complete(SectionName::Features) => {
                Some(Gap::new(SectionName::Features.as_str()))
            }
            _ => self.version_might_enable(id, enabled).then(|| Gap::new(VERSION)),
        }
    }

    /// Whether a feature that is not on would be in some version, where the version is not given.
    fn version_might_enable(&self, id: FeatureId, enabled: Enabled) -> bool {
        let feature = self.deployment.rules().feature(id);
        let by_default = feature.on_by_default_since.is_some() && enabled != Enabled::Off;
        !enabled.is_on()
            && self.deployment.given_version().is_none()
            && (by_default || feature.mandatory_since.is_some())
    }

    /// What follows from a feature's record.
    pub(super) fn of_feature(&self, fields: Fields<'a>, fact: FeatureFact) -> SubjectFact {
        let rules = self.deployment.rules();
        let Some(id) = rules.feature_named(&fields.record.id) else {
            return SubjectFact::default();
        };
        let (feature, state) = (rules.feature(id), self.states.get(id));
        match fact {
            FeatureFact::Feature => SubjectFact::text(&feature.id),
            FeatureFact::Exists
                if feature.since.is_some() && self.deployment.given_version().is_none() =>
            {
                SubjectFact::missing(Gap::new(VERSION))
            }
            FeatureFact::Exists => SubjectFact::boolean(state.exists).said_by(&feature.documents),
            FeatureFact::Since => SubjectFact::text(
                feature.since.map_or_else(|| "any version".to_owned(), |since| since.to_string()),
            ),
            FeatureFact::PrerequisitesMet => {
                self.prerequisites(id).fact().said_by(&feature.documents)
            }
            FeatureFact::MissingPrerequisites => SubjectFact::text(self.prerequisites(id).names()),
            FeatureFact::JobsHaveRun => self.jobs_have_run(fields, id),
            FeatureFact::OutstandingJobs => {
                SubjectFact::text(self.job_names(&self.outstanding(fields, id).0))
            }
            FeatureFact::JobsToRun => {
                let open = open_features(self.states, &[id]);
                let runs = merge_runs(&runs_to_open(rules, self.states, &open));
                let jobs: Vec<JobId> = runs.into_iter().map(|(job, ..)| job).collect();
                SubjectFact::text(self.job_names(&jobs))
            }
        }
    }

    fn job_names(&self, jobs: &[JobId]) -> String {
        let names =
            jobs.iter().map(|job| self.deployment.rules().job(*job)).map(crate::model::Job::title);
        names.collect::<Vec<_>>().join(", ")
    }

    /// Which jobs that must follow a feature have not run since it was enabled, and what would tell
    /// it of others.
    fn outstanding(&self, fields: Fields<'a>, id: FeatureId) -> (Vec<JobId>, Vec<Gap>) {
        let mut outstanding = Vec::new();
        let mut gaps = Vec::new();
        if self.states.get(id).enabled == Enabled::Mandatory {
            return (outstanding, gaps);
        }
        let enabled_at = fields.date_time(KeyName::EnabledAt);
        let might_be_mandatory = self.deployment.given_version().is_none()
            && self.deployment.rules().feature(id).mandatory_since.is_some();
        for job in self.deployment.rules().then_run(id) {
            let Some(enabled_at) = enabled_at else {
                return (outstanding, vec![Gap::in_record(fields, KeyName::EnabledAt)]);
            };
            let missing = self.missing_runs(job);
            match last_run(self.deployment, job) {
                Some(last_run) if last_run >= enabled_at => {}
                Some(_) if missing.is_empty() && might_be_mandatory => gaps.push(Gap::new(VERSION)),
                Some(_) if missing.is_empty() => outstanding.push(job),
                _ => gaps.extend(missing),
            }
        }
        (outstanding, gaps)
    }

    /// What would have to be given for the last run of a job to be known.
    fn missing_runs(&self, id: JobId) -> Vec<Gap> {
        let job = self.deployment.rules().job(id);
        let section = records_of(job.kind).0;
        let records = records(self.deployment, &with_stand_ins(self.deployment.rules(), id));
        let is_recorded = last_run(self.deployment, id).is_some();
        if records.is_empty() && !is_recorded {
            return vec![Gap::new(format!("{section}.last-run"))];
        }
        let silent = silent_runs(self.deployment, id).into_iter().map(|silent| match silent {
            SilentRun::Of(record) => Gap::in_record(record, KeyName::LastRun),
            SilentRun::Recorded(section, key) => Gap::new(format!("{section}.{key}")),
        });
        silent.chain(unlisted(self.deployment, section)).collect()
    }

    /// Whether every job that must follow the feature has run since it was enabled.
    fn jobs_have_run(&self, fields: Fields<'a>, id: FeatureId) -> SubjectFact {
        let (outstanding, gaps) = self.outstanding(fields, id);
        if outstanding.is_empty() && !gaps.is_empty() {
            return SubjectFact { gaps, ..SubjectFact::default() };
        }
        let mut fact =
            SubjectFact::boolean(outstanding.is_empty()).at(Some(fields.span(KeyName::EnabledAt)));
        for job in outstanding.iter().map(|job| self.deployment.rules().job(*job)) {
            fact.related.extend(last_run_place(self.deployment, job));
        }
        let rules = self.deployment.rules();
        for (edge, node) in rules.edges_from(id, EdgeKind::ThenRun) {
            if outstanding.iter().any(|job| node == Node::Job(*job)) {
                fact = fact.said_by(&edge.documents);
            }
        }
        fact.said_by(&rules.feature(id).documents)
    }

    /// What a feature requires, met or not.
    fn prerequisites(&self, id: FeatureId) -> Prerequisites {
        let rules = self.deployment.rules();
        let version = self.deployment.version();
        let mut found = Prerequisites::default();
        let edges =
            rules.edges_from(id, EdgeKind::Requires).chain(rules.edges_from(id, EdgeKind::Setting));
        for (edge, node) in edges {
            match edge.versions {
                Some(_) if self.deployment.given_version().is_none() => {
                    let mut of_some_version = Prerequisites::default();
                    self.prerequisite(edge, node, &mut of_some_version);
                    if !of_some_version.are_met() {
                        found.missing.push(VERSION.to_owned());
                    }
                }
                Some((first, last)) if !(first..=last).contains(&version) => {}
                _ => self.prerequisite(edge, node, &mut found),
            }
        }
        found
    }

    fn prerequisite(&self, edge: &Edge, node: Node, found: &mut Prerequisites) {
        let rules = self.deployment.rules();
        let name = rules.node_quoted(node);
        let (met, place) = match node {
            Node::Feature(id) => self.feature_is_on(id),
            Node::Setting(id) => match &rules.setting(id).key {
                Some((section, key)) => self.setting_is_on(section, key),
                None => (Err(format!("prerequisite.{}", rules.node_id(node))), None),
            },
            Node::Circumstance(_) => (Err(format!("prerequisite.{}", rules.node_id(node))), None),
            Node::Job(job) => self.job_is_scheduled(job),
        };
        match met {
            Ok(true) => {}
            Ok(false) => {
                found.unmet.push(name.clone());
                found.sources.extend_from_slice(&edge.documents);
                if let Some(span) = place {
                    found
                        .related
                        .push(Related { message: format!("{name} is not on ({})", edge.id), span });
                }
            }
            Err(missing) => found.missing.push(missing),
        }
    }

    fn feature_is_on(&self, id: FeatureId) -> (Result<bool, String>, Option<Span>) {
        let enabled = self.states.get(id).enabled;
        let record = self.deployment.feature(id);
        let place = record.map(|record| record.span(KeyName::Enabled));
        match self.unsaid(id, enabled) {
            Some(gap) => (Err(gap.key), place),
            None => (Ok(enabled.is_on()), place),
        }
    }

    /// A setting of a profile counts as on where one record has it on.
    fn setting_is_on(&self, section: &str, key: &str) -> (Result<bool, String>, Option<Span>) {
        let values: Vec<Option<bool>> =
            self.deployment.records(section).map(|record| record.boolean(key)).collect();
        let place = self.deployment.records(section).next().map(|record| record.span(key));
        if values.contains(&Some(true)) {
            return (Ok(true), place);
        }
        if values.is_empty() || values.contains(&None) {
            return (Err(format!("{section}.{key}")), place);
        }
        if !self.deployment.is_complete(section) {
            return (Err(section.to_owned()), place);
        }
        (Ok(false), place)
    }

    /// Whether some record of the job runs again and again.
    fn job_is_scheduled(&self, id: JobId) -> (Result<bool, String>, Option<Span>) {
        let first = records(self.deployment, &[id]).first().map(|record| record.record.span);
        (is_scheduled(self.deployment, id), first)
    }
}

/// What of a feature's prerequisites is not met, and what cannot be told.
#[derive(Default)]
struct Prerequisites {
    unmet: Vec<String>,
    missing: Vec<String>,
    related: Vec<Related>,
    /// The documents of the edges that are not met.
    sources: Vec<String>,
}

impl Prerequisites {
    fn are_met(&self) -> bool {
        self.unmet.is_empty() && self.missing.is_empty()
    }

    fn names(&self) -> String {
        self.unmet.join(", ")
    }

    fn fact(self) -> SubjectFact {
        let mut fact = SubjectFact::boolean(self.unmet.is_empty());
        if self.unmet.is_empty() && !self.missing.is_empty() {
            fact.values.clear();
            fact.gaps = self.missing.into_iter().map(Gap::new).collect();
        }
        fact.related = self.related;
        fact.said_by(&self.sources)
    }
}

fn last_run_place(deployment: &Deployment, job: &crate::model::Job) -> Option<Related> {
    let (section, key) = records_of(job.kind);
    let records = deployment.records(section).filter(|record| record.text(key) == Some(&job.id));
    let newest = records.max_by_key(|record| record.date_time(KeyName::LastRun))?;
    Some(Related {
        message: format!("{} last ran before that", job.title()),
        span: newest.span(KeyName::LastRun),
    })
}
