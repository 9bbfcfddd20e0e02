//! What is effective in a deployment, and what keeps the rest from being so.

use super::jobs::{last_run, records_of, silent_runs};
use super::prerequisites::{Own, Prerequisites};
use crate::model::{
    Deployment, Feature, FeatureId, JobId, KeyName, SectionName, Version, indexed, words,
};
use jiff::Timestamp;

words! {
    /// How headquarters has a feature.
    Enabled {
        /// It cannot be turned off in this version.
        Mandatory = "mandatory",
        /// The deployment says that it is on.
        On = "on",
        /// The deployment does not say, and it is on by default in this version.
        ByDefault = "on-by-default",
        /// The deployment says that it is off.
        Off = "off",
        /// The deployment lists it without saying whether it is on, or does not list it and may
        /// not list everything; it is not on by default.
        Unknown = "unknown",
        /// The deployment lists every feature that is on, and not this one; it is not on by
        /// default.
        NotListed = "not-listed",
    }
}

impl Enabled {
    /// Whether headquarters has it on.
    pub fn is_on(self) -> bool {
        matches!(self, Self::Mandatory | Self::On | Self::ByDefault)
    }
}

/// The state of a feature in a deployment, and what keeps it from being effective.
#[derive(Clone, Debug)]
pub struct FeatureState {
    /// How headquarters has it.
    pub enabled: Enabled,
    /// Whether the deployment's version has it.
    pub exists: bool,
    /// The features it requires that are not effective.
    pub blocked_by: Vec<FeatureId>,
    /// The jobs that have not run since it was enabled.
    pub undistributed: Vec<JobId>,
    /// Whether channels decide by it.
    pub effective: bool,
    /// Whether that follows from what the deployment gives, and not from a default.
    pub is_known: bool,
}

/// The state of every feature in a deployment.
#[derive(Clone, Debug)]
pub struct States {
    states: Vec<FeatureState>,
    prerequisites: Prerequisites,
}

impl States {
    /// The states in a deployment.
    pub fn of(deployment: &Deployment) -> Self {
        let rules = deployment.rules();
        let prerequisites = Prerequisites::of(rules);
        let version = deployment.version();
        let features = rules.feature_ids().zip(&rules.features);
        let mut states: Vec<FeatureState> =
            features.map(|(id, feature)| own_state(deployment, id, feature, version)).collect();
        let effective = prerequisites.effective(|id| own(indexed(&states, id.index())));
        for (id, state) in rules.feature_ids().zip(&mut states) {
            let is_effective = |id: &FeatureId| *indexed(&effective, id.index());
            state.effective = is_effective(&id);
            state.blocked_by =
                prerequisites.direct(id).into_iter().filter(|id| !is_effective(id)).collect();
        }
        let mut states = Self { states, prerequisites };
        states.tell_known(deployment);
        states
    }

    /// Says of each feature whether its state follows from what the deployment gives: one thing
    /// known that keeps it from being effective is enough, whatever else is not known.
    fn tell_known(&mut self, deployment: &Deployment) {
        let all = deployment.rules().feature_ids();
        let mut known: Vec<Option<bool>> = vec![None; self.states.len()];
        for id in self.prerequisites.enabling_order(all) {
            let own = own_if_known(deployment, id, self.get(id));
            let needed = self.prerequisites.direct(id);
            let needed = needed.iter().map(|id| *indexed(&known, id.index()));
            let is_mandatory = self.get(id).enabled == Enabled::Mandatory;
            let parts: Vec<_> =
                std::iter::once(own).chain(needed.filter(|_| !is_mandatory)).collect();
            let effective = if parts.contains(&Some(false)) {
                Some(false)
            } else {
                parts.iter().all(|part| *part == Some(true)).then_some(true)
            };
            let places = known.get_mut(id.index()).zip(self.states.get_mut(id.index()));
            if let Some((place, state)) = places {
                *place = effective;
                state.is_known = effective.is_some();
            }
        }
    }

    /// The state of a feature.
    pub fn get(&self, id: FeatureId) -> &FeatureState {
        indexed(&self.states, id.index())
    }

    /// Whether a feature is effective.
    pub fn is_effective(&self, id: FeatureId) -> bool {
        self.get(id).effective
    }

    /// The graph.
    pub fn prerequisites(&self) -> &Prerequisites {
        &self.prerequisites
    }
}

/// What a state is before its prerequisites are looked at.
fn own(state: &FeatureState) -> Own {
    match state.enabled {
        Enabled::Mandatory => Own::Mandatory,
        enabled if enabled.is_on() && state.exists && state.undistributed.is_empty() => Own::On,
        _ => Own::Off,
    }
}

/// Whether a feature is on and distributed by itself, where the deployment gives all that says so.
fn own_if_known(deployment: &Deployment, id: FeatureId, state: &FeatureState) -> Option<bool> {
    let record = deployment.feature(id);
    let is_said = match record {
        Some(record) => record.value(KeyName::Enabled).is_some(),
        None => deployment.is_complete(SectionName::Features),
    };
    match state.enabled {
        Enabled::Mandatory => return Some(true),
        _ if !is_said => return None,
        enabled if !enabled.is_on() || !state.exists => return Some(false),
        _ => {}
    }
    let enabled_at = record.and_then(|record| record.date_time(KeyName::EnabledAt));
    let rules = deployment.rules();
    let has_run = rules.then_run(id).map(|job| {
        let ran = last_run(deployment, job)?;
        (ran >= enabled_at? || are_runs_known(deployment, job)).then_some(ran >= enabled_at?)
    });
    let has_run: Vec<Option<bool>> = has_run.collect();
    if has_run.contains(&Some(false)) {
        return Some(false);
    }
    has_run.iter().all(|ran| *ran == Some(true)).then_some(true)
}

/// Whether a job has not run later than is known: a run that is not listed, or not given, may be a
/// later one.
fn are_runs_known(deployment: &Deployment, job: JobId) -> bool {
    let section = records_of(deployment.rules().job(job).kind).0;
    deployment.is_complete(section) && silent_runs(deployment, job).is_empty()
}

fn own_state(
    deployment: &Deployment,
    id: FeatureId,
    feature: &Feature,
    version: Version,
) -> FeatureState {
    let since = |since: Option<Version>| since.is_some_and(|since| since <= version);
    let record = deployment.feature(id);
    let listed = record.map(|record| record.boolean(KeyName::Enabled));
    let by_default = since(feature.on_by_default_since);
    let lists_all = deployment.is_complete(SectionName::Features);
    let enabled = match listed {
        _ if since(feature.mandatory_since) => Enabled::Mandatory,
        Some(Some(true)) => Enabled::On,
        Some(Some(false)) => Enabled::Off,
        Some(None) | None if by_default => Enabled::ByDefault,
        Some(None) => Enabled::Unknown,
        None if !lists_all => Enabled::Unknown,
        None => Enabled::NotListed,
    };
    let enabled_at = record.and_then(|record| record.date_time(KeyName::EnabledAt));
    let undistributed = match enabled_at {
        Some(enabled_at) if enabled.is_on() && enabled != Enabled::Mandatory => {
            undistributed(deployment, id, enabled_at)
        }
        _ => Vec::new(),
    };
    FeatureState {
        enabled,
        exists: feature.since.is_none_or(|since| since <= version),
        blocked_by: Vec::new(),
        undistributed,
        effective: false,
        is_known: false,
    }
}

/// The jobs that must run after a feature is enabled, and last ran before that.
fn undistributed(deployment: &Deployment, feature: FeatureId, enabled_at: Timestamp) -> Vec<JobId> {
    let jobs = deployment.rules().then_run(feature);
    jobs.filter(|job| last_run(deployment, *job).is_some_and(|ran| ran < enabled_at)).collect()
}

words! {
    /// Where a feature stands, in one word.
    Standing {
        /// Channels decide by it.
        Effective = "effective",
        /// Headquarters has it enabled, and something it requires is not effective.
        Blocked = "blocked",
        /// Headquarters has it enabled, and jobs have not run since.
        NotDistributed = "not-distributed",
        /// Headquarters has it enabled, and the version does not have it.
        NotInVersion = "not-in-version",
        /// The deployment does not say whether it is on.
        Unknown = "unknown",
        /// Headquarters has it off.
        Off = "off",
    }
}

impl FeatureState {
    /// Where the feature stands; of several obstacles the first to overcome.
    pub fn standing(&self) -> Standing {
        match self {
            Self { effective: true, .. } => Standing::Effective,
            Self { enabled: Enabled::Unknown, .. } => Standing::Unknown,
            Self { enabled, .. } if !enabled.is_on() => Standing::Off,
            Self { exists: false, .. } => Standing::NotInVersion,
            Self { blocked_by, .. } if !blocked_by.is_empty() => Standing::Blocked,
            _ => Standing::NotDistributed,
        }
    }
}
