//! How to get from one deployment to another state of its features: the steps in their order, and
//! what follows from each.
//!
//! A plan is made from the prerequisite graph. What its steps change is not written down anywhere:
//! each step is applied to the deployment in memory, and the engine compares the decisions before
//! and after.

mod disable;
mod enable;
mod needs;

use crate::engine::{Engine, EngineError};
use crate::model::{
    Deployment, Edge, Edit, FeatureId, JobId, Node, Rules, SectionName, SettingId, Value, Version,
    words,
};
use crate::whatif::{Compared, compare};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// An ordered list of steps.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whether features are enabled or disabled.
    pub aim: Aim,
    /// The features asked for.
    pub wanted: Vec<FeatureId>,
    /// The steps.
    pub steps: Vec<PlanStep>,
    /// What can't be undone: features that stay on for good.
    pub irreversible: Vec<FeatureId>,
    /// What excludes a feature of the plan.
    pub conflicts: Vec<Conflict>,
    /// Features that stay on and lose their effect, since they can't be turned off first.
    pub losing_effect: Vec<FeatureId>,
    /// Whatever else needs a feature that is turned off, with the edge that says so.
    pub left_without: Vec<Node>,
    base: Deployment,
}

words! {
    /// What a plan is for.
    Aim {
        /// To turn features on.
        Enable = "enable",
        /// To turn features off.
        Disable = "disable",
    }
}

words! {
    /// Whether a step is still to be taken.
    State {
        /// It is.
        ToDo = "to-do",
        /// The deployment does not say; somebody has to look.
        ToCheck = "to-check",
        /// It is done already.
        Done = "done",
    }
}

/// One step.
#[derive(Clone, Debug)]
pub struct PlanStep {
    /// What to do.
    pub action: Action,
    /// Whether it is still to be done.
    pub state: State,
    /// The features that it is for.
    pub features: Vec<FeatureId>,
    /// The edges of the prerequisite graph that ask for it.
    pub edges: Vec<String>,
    /// What else to know.
    pub notes: Vec<String>,
    /// What it changes in the deployment.
    pub edits: Vec<Edit>,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Reach a version of headquarters.
    Update {
        /// The version it has.
        from: Version,
        /// The version it needs.
        to: Version,
    },
    /// Turn a setting on that a deployment holds: in these records of the section.
    Set {
        /// The setting's index.
        setting: SettingId,
        /// The ids of the records; empty where there is none yet.
        records: Vec<String>,
    },
    /// Make sure of something that no deployment holds.
    Ensure(Node),
    /// Turn a feature on.
    Enable(FeatureId),
    /// Turn a feature off.
    Disable(FeatureId),
    /// Run a job.
    Run(JobId),
    /// Schedule a job to recur.
    Schedule(JobId),
    /// Wait, for what this statement says.
    Wait(String),
}

/// Two things that exclude each other.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The feature of the plan.
    pub feature: FeatureId,
    /// What it excludes.
    pub with: Node,
    /// Whether that is on; `None` where the deployment does not say.
    pub active: Option<bool>,
    /// The edge that says so.
    pub edge: String,
    /// What else to know.
    pub text: Option<String>,
}

/// Why a feature can't be turned off.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotDisable {
    /// The version has it always on.
    #[error(
        "`{feature}` can't be turned off: it is mandatory since {since}, and this is {version}"
    )]
    Mandatory {
        /// The feature.
        feature: String,
        /// Since when.
        since: Version,
        /// The deployment's version.
        version: Version,
    },
    /// It stays on once it is.
    #[error("`{feature}` can't be turned off: once enabled it stays so ({edge})")]
    Irreversible {
        /// The feature.
        feature: String,
        /// The edge that says so.
        edge: String,
    },
}

impl Plan {
    /// The steps that make features effective.
    pub fn enable(deployment: &Deployment, wanted: &[FeatureId]) -> Self {
        enable::plan(deployment, wanted)
    }

    /// The steps that turn features off.
    ///
    /// # Errors
    ///
    /// Some can't be turned off; all of those are named.
    pub fn disable(
        deployment: &Deployment,
        wanted: &[FeatureId],
    ) -> Result<Self, Vec<CannotDisable>> {
        disable::plan(deployment, wanted)
    }

    fn new(aim: Aim, wanted: &[FeatureId], base: Deployment) -> Self {
        Self {
            aim,
            wanted: wanted.to_vec(),
            steps: Vec::new(),
            irreversible: Vec::new(),
            conflicts: Vec::new(),
            losing_effect: Vec::new(),
            left_without: Vec::new(),
            base,
        }
    }

    /// The deployment that the steps start from: as it is, where jobs whose runs are not recorded
    /// count as not run since.
    pub fn base(&self) -> &Deployment {
        &self.base
    }

    /// Whether nothing is left to do or to look at.
    pub fn is_done(&self) -> bool {
        self.steps.iter().all(|step| step.state == State::Done)
    }

    /// Every stage of the deployment: as it is, then after each step that changes it.
    ///
    /// # Errors
    ///
    /// A stage lacks a fact that has no default, which one of the deployment's own would too.
    pub fn stages(&self, rules: &Arc<Rules>) -> Result<Stages, EngineError> {
        let mut engines = vec![Engine::new(rules, &self.base)?];
        let mut after = Vec::new();
        let mut deployment = self.base.clone();
        for step in &self.steps {
            if !step.edits.is_empty() {
                deployment = step.apply(&deployment);
                engines.push(Engine::new(rules, &deployment)?);
            }
            after.push(engines.len() - 1);
        }
        Ok(Stages { engines, after })
    }

    /// Adds a step, unless it is in the plan already: then its reasons join those.
    fn push(&mut self, step: PlanStep) {
        match self.steps.iter_mut().find(|known| known.action == step.action) {
            Some(known) => {
                join(&mut known.features, step.features);
                join(&mut known.edges, step.edges);
                join(&mut known.notes, step.notes);
            }
            None => self.steps.push(step),
        }
    }
}

impl PlanStep {
    fn new(action: Action, state: State, feature: FeatureId) -> Self {
        let features = vec![feature];
        Self { action, state, features, edges: Vec::new(), notes: Vec::new(), edits: Vec::new() }
    }

    fn because(mut self, edge: &Edge) -> Self {
        self.edges.push(edge.id.clone());
        self.notes.extend(edge.text.clone());
        self
    }

    fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The deployment after this step.
    #[must_use]
    pub fn apply(&self, deployment: &Deployment) -> Deployment {
        self.edits.iter().fold(deployment.clone(), |deployment, edit| deployment.edited(edit))
    }
}

/// The stages of a deployment on the way through a plan.
#[derive(Clone, Debug)]
pub struct Stages {
    engines: Vec<Engine>,
    /// For each step the number of the stage after it.
    after: Vec<usize>,
}

impl Stages {
    /// The decisions that a step changes; `None` where it touches nothing that decisions depend on.
    pub fn changes(&self, step: usize) -> Option<Compared<'_>> {
        let after = *self.after.get(step)?;
        let before =
            step.checked_sub(1).map_or(Some(0), |before| self.after.get(before).copied())?;
        (before != after)
            .then(|| Some(compare(self.engines.get(before)?, self.engines.get(after)?)))?
    }

    /// The decisions that the whole plan changes.
    pub fn all_changes(&self) -> Option<Compared<'_>> {
        Some(compare(self.engines.first()?, self.engines.last()?))
    }

    /// The deployment after a step.
    pub fn after(&self, step: usize) -> Option<&Engine> {
        self.engines.get(*self.after.get(step)?)
    }

    /// The deployment after the last step.
    pub fn last(&self) -> Option<&Engine> {
        self.engines.last()
    }
}

/// Times after everything that a deployment records.
struct Clock(Timestamp);

impl Clock {
    fn after(deployment: &Deployment) -> Self {
        let sections = [
            SectionName::Features,
            SectionName::DistributionSchedule,
            SectionName::BatchJob,
            SectionName::Deployment,
        ];
        let records = sections.iter().flat_map(|section| deployment.records(*section));
        let values = records.flat_map(|fields| fields.record.values.iter().flatten());
        let moments = values.filter_map(|placed| match placed.value {
            Value::DateTime(moment) => Some(moment),
            _ => None,
        });
        // Where nothing is recorded, every time comes after it.
        Self(moments.max().unwrap_or(Timestamp::UNIX_EPOCH))
    }

    fn now(&self) -> Timestamp {
        self.0
    }

    /// A second later.
    fn tick(&mut self) -> Timestamp {
        // After the last moment that can be written comes no other.
        self.0 = self.0.checked_add(SignedDuration::from_secs(1)).unwrap_or(Timestamp::MAX);
        self.0
    }
}

/// Adds what is not there yet.
fn join<T: PartialEq>(known: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for one in more {
        if !known.contains(&one) {
            known.push(one);
        }
    }
}
