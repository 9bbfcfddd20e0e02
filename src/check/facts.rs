//! The facts of a subject: the values of its record, and what follows from several of them.

use crate::diagnostic::{Related, Span};
use crate::graph::{Enabled, States};
use crate::model::{
    Catalogue, Deployment, Edge, EdgeKind, FeatureId, Fields, JobId, JobKind, Node, Scalar, Value,
};

/// What is known of a fact.
#[derive(Clone, Debug)]
pub(super) enum Known {
    /// Its value, and what to say for `{fact}` in a message.
    Value(Scalar, String),
    /// What the deployment would have to give: `section.key`, or a section.
    Missing(Vec<String>),
}

/// A fact of a subject.
#[derive(Clone, Debug)]
pub(super) struct SubjectFact {
    pub(super) known: Known,
    /// Where the deployment gives it.
    pub(super) place: Option<Span>,
    /// Other places that it follows from.
    pub(super) related: Vec<Related>,
}

impl SubjectFact {
    fn new(known: Known) -> Self {
        Self { known, place: None, related: Vec::new() }
    }

    fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        Self::new(Known::Value(Scalar::Text(text.clone()), text))
    }

    fn boolean(value: bool) -> Self {
        Self::new(Known::Value(Scalar::Boolean(value), value.to_string()))
    }
}

/// Something that checks look at: a record of a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct SubjectRecord<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) states: &'a States,
    pub(super) fields: Fields<'a>,
}

/// The kinds of subject that checks may look at: the sections of a deployment.
pub fn subjects(catalogue: &Catalogue) -> Vec<String> {
    catalogue.format.sections.iter().map(|section| section.id.clone()).collect()
}

/// Facts that every subject has.
const COMMON: [&str; 1] = ["commerce-version"];
/// Facts that features have beside the keys of their section.
const OF_FEATURES: [&str; 6] =
    ["feature", "exists", "since", "prerequisites-met", "missing-prerequisites", "jobs-have-run"];

/// The names of the facts of a kind of subject; `None` where there is no such kind.
pub fn facts_of(subject: &str, catalogue: &Catalogue) -> Option<Vec<String>> {
    let (_, section) = catalogue.format.section(subject)?;
    let derived: &[&str] = if subject == "features" { &OF_FEATURES } else { &[] };
    let keys = section.keys.iter().map(|key| key.id.as_str());
    let all = keys.chain(derived.iter().copied()).chain(COMMON).chain(["outstanding-jobs"]);
    Some(all.map(str::to_owned).collect())
}

impl SubjectRecord<'_> {
    /// A fact of the subject.
    pub(super) fn fact(&self, name: &str) -> SubjectFact {
        if name == "commerce-version" {
            return match self.deployment.table("deployment") {
                Some(table) => given(table, "commerce-version"),
                None => SubjectFact::new(Known::Missing(vec!["deployment.commerce-version".to_owned()])),
            };
        }
        if self.fields.section.id == "features"
            && let Some(feature) = self.deployment.rules().feature_named(&self.fields.record.id)
            && let Some(fact) = self.feature_fact(feature, name)
        {
            return fact;
        }
        given(self.fields, name)
    }

    fn feature_fact(&self, id: FeatureId, name: &str) -> Option<SubjectFact> {
        let feature = self.deployment.rules().feature(id)?;
        let state = self.states.get(id)?;
        Some(match name {
            "feature" => SubjectFact::text(&feature.id),
            "exists" => SubjectFact::boolean(state.exists),
            "since" => SubjectFact::text(
                feature.since.map_or_else(|| "any version".to_owned(), |since| since.to_string()),
            ),
            "prerequisites-met" => self.prerequisites(id).fact(),
            "missing-prerequisites" => SubjectFact::text(self.prerequisites(id).names()),
            "jobs-have-run" => self.jobs_have_run(id, &state.undistributed),
            "outstanding-jobs" => SubjectFact::text(self.job_names(&state.undistributed)),
            _ => return None,
        })
    }

    fn job_names(&self, jobs: &[JobId]) -> String {
        let names =
            jobs.iter().filter_map(|job| self.deployment.rules().job(*job)).map(crate::model::Job::title);
        names.collect::<Vec<_>>().join(", ")
    }

    /// Whether every job that must follow the feature has run since it was enabled.
    fn jobs_have_run(&self, id: FeatureId, undistributed: &[JobId]) -> SubjectFact {
        let rules = self.deployment.rules();
        let mut fact = SubjectFact::boolean(undistributed.is_empty());
        if undistributed.is_empty() {
            let mut missing = Vec::new();
            if self.fields.value("enabled-at").is_none() && rules.then_run(id).next().is_some() {
                missing.push("features.enabled-at".to_owned());
            }
            for job in
                rules.then_run(id).filter(|job| crate::graph::last_run(self.deployment, *job).is_none())
            {
                missing.extend(rules.job(job).map(last_run_key));
            }
            missing.sort();
            missing.dedup();
            if !missing.is_empty() {
                return SubjectFact::new(Known::Missing(missing));
            }
        }
        fact.place = Some(self.fields.span("enabled-at"));
        for job in undistributed.iter().filter_map(|job| rules.job(*job)) {
            fact.related.extend(last_run_place(self.deployment, job));
        }
        fact
    }

    /// What a feature requires, met or not.
    fn prerequisites(&self, id: FeatureId) -> Prerequisites {
        let rules = self.deployment.rules();
        let version = self.deployment.version();
        let mut found = Prerequisites::default();
        let edges = rules.edges_from(id, EdgeKind::Requires).chain(rules.edges_from(id, EdgeKind::Setting));
        for (edge, node) in edges {
            let holds_now = edge.versions.is_none_or(|(first, last)| (first..=last).contains(&version));
            if holds_now {
                self.prerequisite(edge, node, &mut found);
            }
        }
        found
    }

    fn prerequisite(&self, edge: &Edge, node: Node, found: &mut Prerequisites) {
        let rules = self.deployment.rules();
        let name = rules.node_name(node);
        let (met, place) = match node {
            Node::Feature(id) => self.feature_is_on(id),
            Node::Setting(index) => {
                match rules.settings.get(index).and_then(|setting| setting.key.as_ref()) {
                    Some((section, key)) => self.setting_is_on(section, key),
                    None => (Err(format!("prerequisite.{}", rules.node_id(node))), None),
                }
            }
            Node::Circumstance(_) => (Err(format!("prerequisite.{}", rules.node_id(node))), None),
            Node::Job(job) => self.job_is_scheduled(job),
        };
        match met {
            Ok(true) => {}
            Ok(false) => {
                found.unmet.push(name.clone());
                if let Some(span) = place {
                    found.related.push(Related { message: format!("{name} is not on ({})", edge.id), span });
                }
            }
            Err(missing) => found.missing.push(missing),
        }
    }

    fn feature_is_on(&self, id: FeatureId) -> (Result<bool, String>, Option<Span>) {
        let enabled = self.states.get(id).map_or(Enabled::NotListed, |state| state.enabled);
        let record = self.deployment.feature(id);
        let place = record.map(|record| record.span("enabled"));
        match enabled {
            Enabled::Unknown => (Err("features.enabled".to_owned()), place),
            enabled => (Ok(enabled.is_on()), place),
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
        (Ok(false), place)
    }

    /// Whether some record of the job runs again and again.
    fn job_is_scheduled(&self, id: JobId) -> (Result<bool, String>, Option<Span>) {
        let Some(job) = self.deployment.rules().job(id) else { return (Ok(true), None) };
        let (section, key) = match job.kind {
            JobKind::Batch => ("batch-job", "name"),
            JobKind::Download | JobKind::Upload => ("distribution-schedule", "job"),
        };
        if self.deployment.section(section).is_none() {
            return (Err(section.to_owned()), None);
        }
        let records: Vec<Fields<'_>> =
            self.deployment.records(section).filter(|record| record.text(key) == Some(&job.id)).collect();
        let runs: Vec<Result<bool, String>> = records.iter().map(|record| runs(*record)).collect();
        let place = records.first().map(|record| record.record.span);
        if runs.contains(&Ok(true)) {
            return (Ok(true), place);
        }
        let missing = runs.into_iter().find_map(Result::err);
        (missing.map_or(Ok(false), Err), place)
    }
}

/// Whether a schedule or batch job runs again and again: active, waiting or executing, recurring. `Err` names a key that
/// would have to be given.
fn runs(record: Fields<'_>) -> Result<bool, String> {
    let active = match record.section.key("active") {
        Some(_) => record.boolean("active"),
        None => Some(true),
    };
    let status = record.text("status").map(|status| matches!(status, "waiting" | "executing"));
    let recurs = record.value("recurrence").map(|recurrence| !matches!(recurrence, Value::NoRecurrence));
    let parts = [("active", active), ("status", status), ("recurrence", recurs)];
    if parts.iter().any(|(_, part)| *part == Some(false)) {
        return Ok(false);
    }
    match parts.iter().find(|(_, part)| part.is_none()) {
        Some((key, _)) => Err(format!("{}.{key}", record.section.id)),
        None => Ok(true),
    }
}

/// What of a feature's prerequisites is not met, and what cannot be told.
#[derive(Default)]
struct Prerequisites {
    unmet: Vec<String>,
    missing: Vec<String>,
    related: Vec<Related>,
}

impl Prerequisites {
    fn names(&self) -> String {
        self.unmet.join(", ")
    }

    fn fact(self) -> SubjectFact {
        let mut fact = SubjectFact::boolean(self.unmet.is_empty());
        if self.unmet.is_empty() && !self.missing.is_empty() {
            fact.known = Known::Missing(self.missing);
        }
        fact.related = self.related;
        fact
    }
}

fn last_run_key(job: &crate::model::Job) -> String {
    match job.kind {
        JobKind::Batch => "batch-job.last-run".to_owned(),
        JobKind::Download | JobKind::Upload => "distribution-schedule.last-run".to_owned(),
    }
}

fn last_run_place(deployment: &Deployment, job: &crate::model::Job) -> Option<Related> {
    let (section, key) = match job.kind {
        JobKind::Batch => ("batch-job", "name"),
        JobKind::Download | JobKind::Upload => ("distribution-schedule", "job"),
    };
    let records = deployment.records(section).filter(|record| record.text(key) == Some(&job.id));
    let newest = records.max_by_key(|record| record.date_time("last-run"))?;
    Some(Related { message: format!("{} last ran before that", job.title()), span: newest.span("last-run") })
}

/// A value of a record as a fact.
fn given(fields: Fields<'_>, key: &str) -> SubjectFact {
    let known = match fields.value(key).and_then(scalar) {
        Some((scalar, text)) => Known::Value(scalar, text),
        None => Known::Missing(vec![format!("{}.{key}", fields.section.id)]),
    };
    SubjectFact { known, place: Some(fields.span(key)), related: Vec::new() }
}

/// The scalar that a value is to a check, and how a message shows it.
fn scalar(value: &Value) -> Option<(Scalar, String)> {
    Some(match value {
        Value::Boolean(value) => (Scalar::Boolean(*value), value.to_string()),
        Value::Integer(number) => (Scalar::Number(*number), number.to_string()),
        Value::Version(version) => (Scalar::Version(*version), version.to_string()),
        Value::Duration(duration) => {
            (Scalar::Number(i64::try_from(duration.seconds()).unwrap_or(i64::MAX)), duration.to_string())
        }
        Value::NoRecurrence => (Scalar::Text("none".to_owned()), "none".to_owned()),
        Value::DateTime(moment) => (Scalar::Number(moment.as_second()), moment.to_string()),
        Value::Date(date) => (Scalar::Text(date.to_string()), date.to_string()),
        Value::Code(code) => (Scalar::Text(code.to_string()), code.to_string()),
        text => {
            let text = text.as_text()?;
            (Scalar::Text(text.to_owned()), text.to_owned())
        }
    })
}
