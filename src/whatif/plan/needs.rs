//! What a step needs to know of a deployment: whether a setting is on, a job scheduled, and how to
//! make it so.

use super::{Action, Clock, PlanStep, State};
use crate::features::{Enabled, States};
use crate::features::{is_scheduled, last_run, records_of};
use crate::model::{
    Deployment, Edge, Edit, FeatureId, Fields, JobId, KeyName, Node, SectionName, SettingId, Value,
    Version,
};

/// The deployment that steps are worked out against.
pub(super) struct Need<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) states: &'a States,
}

impl Need<'_> {
    /// The step for a prerequisite of a feature that is not a feature itself.
    pub(super) fn step(&self, feature: FeatureId, edge: &Edge, node: Node) -> Option<PlanStep> {
        let rules = self.deployment.rules();
        let step = match node {
            Node::Feature(_) => return None,
            Node::Job(job) => self.schedule(feature, job),
            Node::Circumstance(_) => PlanStep::new(Action::Ensure(node), State::ToCheck, feature),
            Node::Setting(id) => match &rules.setting(id).key {
                Some((section, key)) => self.setting(feature, id, section, key),
                None => PlanStep::new(Action::Ensure(node), State::ToCheck, feature),
            },
        };
        Some(step.because(edge))
    }

    /// A setting counts as on where one record has it on, as for the checks.
    fn setting(
        &self,
        feature: FeatureId,
        setting: SettingId,
        section: &str,
        key: &str,
    ) -> PlanStep {
        let records: Vec<(usize, Fields<'_>)> =
            self.deployment.records(section).enumerate().collect();
        let is =
            |value: Option<bool>| records.iter().any(|(_, record)| record.boolean(key) == value);
        let state = match () {
            () if is(Some(true)) => State::Done,
            () if records.is_empty() || is(None) || !self.deployment.is_complete(section) => {
                State::ToCheck
            }
            () => State::ToDo,
        };
        let open = records.iter().filter(|(_, record)| record.boolean(key) != Some(true));
        let ids = open.clone().map(|(_, record)| record.record.id.clone()).collect();
        let mut step = PlanStep::new(Action::Set { setting, records: ids }, state, feature);
        if state == State::ToDo {
            let rules = self.deployment.rules();
            let edit = |number: &usize| {
                Edit::of(rules, section, Some(*number), "").with(rules, key, Value::Boolean(true))
            };
            step.edits = open.map(|(number, _)| edit(number)).collect();
            if step.edits.len() > 1 {
                step = step
                    .note("choose where to turn it on; the decisions below are for all of these");
            }
        }
        step
    }

    /// A job that has to recur.
    pub(super) fn schedule(&self, feature: FeatureId, job: JobId) -> PlanStep {
        let state = match is_scheduled(self.deployment, job) {
            Ok(true) => State::Done,
            Ok(false) => State::ToDo,
            Err(_) => State::ToCheck,
        };
        PlanStep::new(Action::Schedule(job), state, feature)
    }

    /// Whether the other end of a conflict is on.
    pub(super) fn is_active(&self, node: Node) -> Option<bool> {
        let rules = self.deployment.rules();
        match node {
            Node::Feature(id) => match self.states.get(id).enabled {
                Enabled::Unknown => None,
                enabled => Some(enabled.is_on()),
            },
            Node::Setting(id) => {
                let (section, key) = rules.setting(id).key.as_ref()?;
                let values: Vec<Option<bool>> =
                    self.deployment.records(section).map(|record| record.boolean(key)).collect();
                match () {
                    () if values.contains(&Some(true)) => Some(true),
                    () if values.is_empty() || values.contains(&None) => None,
                    () if !self.deployment.is_complete(section) => None,
                    () => Some(false),
                }
            }
            Node::Circumstance(_) | Node::Job(_) => None,
        }
    }
}

/// Whether an edge holds for a version.
pub(super) fn holds_for(edge: &Edge, version: Version) -> bool {
    edge.versions.is_none_or(|(first, last)| (first..=last).contains(&version))
}

/// A run of a job now.
pub(super) fn run_of(deployment: &Deployment, job: JobId, at: jiff::Timestamp) -> Edit {
    let rules = deployment.rules();
    let job = rules.job(job);
    let (section, key) = records_of(job.kind);
    let number = deployment.records(section).position(|record| record.text(key) == Some(&job.id));
    let edit = Edit::of(rules, section, number, &job.id);
    let edit = edit.with(rules, KeyName::LastRun, Value::DateTime(at));
    match number {
        Some(_) => edit,
        None => edit.with(rules, key, Value::Name(job.id.clone())),
    }
}

/// The deployment in which a feature is on or off in headquarters.
pub(super) fn switch(
    deployment: &Deployment,
    id: FeatureId,
    enabled: bool,
    at: Option<jiff::Timestamp>,
) -> Vec<Edit> {
    let rules = deployment.rules();
    let feature = rules.feature(id);
    let record = deployment.find(SectionName::Features, &feature.id);
    let edit = Edit::of(rules, SectionName::Features, record, &feature.id);
    let edit = edit.with(rules, KeyName::Enabled, Value::Boolean(enabled));
    vec![match at {
        Some(at) => edit.with(rules, KeyName::EnabledAt, Value::DateTime(at)),
        None => edit,
    }]
}

/// The deployment in which jobs whose runs are not recorded ran before anything that is still to
/// come.
pub(super) fn with_runs_recorded(
    deployment: &Deployment,
    jobs: &[JobId],
    clock: &Clock,
) -> Deployment {
    let unknown = jobs.iter().filter(|job| last_run(deployment, **job).is_none());
    unknown.fold(deployment.clone(), |recorded, job| {
        recorded.edited(&run_of(&recorded, *job, clock.now()))
    })
}
