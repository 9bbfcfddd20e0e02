//! What is effective in a deployment, and what keeps the rest from being so.

use super::jobs::last_run;
use super::prerequisites::{Own, Prerequisites};
use crate::model::{Deployment, Feature, FeatureId, JobId, Version, words};
use jiff::Timestamp;

/// How headquarters has a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enabled {
    /// It cannot be turned off in this version.
    Mandatory,
    /// The deployment says that it is on.
    On,
    /// The deployment does not say, and it is on by default in this version.
    ByDefault,
    /// The deployment says that it is off.
    Off,
    /// The deployment lists it without saying whether it is on, or does not list it and may not
    /// list everything; it is not on by default.
    Unknown,
    /// The deployment lists every feature that is on, and not this one; it is not on by default.
    NotListed,
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
        let catalogue = deployment.rules();
        let prerequisites = Prerequisites::of(catalogue);
        let version = deployment.version();
        let mut states: Vec<FeatureState> = catalogue
            .features
            .iter()
            .enumerate()
            .map(|(index, feature)| own_state(deployment, FeatureId::new(index), feature, version))
            .collect();
        let own = |id: FeatureId| states.get(id.index()).map_or(Own::Off, own);
        let effective = prerequisites.effective(own);
        for (index, state) in states.iter_mut().enumerate() {
            let is_effective = |id: &FeatureId| effective.get(id.index()) == Some(&true);
            let id = FeatureId::new(index);
            state.effective = is_effective(&id);
            state.blocked_by =
                prerequisites.direct(id).into_iter().filter(|id| !is_effective(id)).collect();
        }
        Self { states, prerequisites }
    }

    /// The state of a feature.
    pub fn get(&self, id: FeatureId) -> Option<&FeatureState> {
        self.states.get(id.index())
    }

    /// Whether a feature is effective.
    pub fn is_effective(&self, id: FeatureId) -> bool {
        self.get(id).is_some_and(|state| state.effective)
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

fn own_state(
    deployment: &Deployment,
    id: FeatureId,
    feature: &Feature,
    version: Version,
) -> FeatureState {
    let since = |since: Option<Version>| since.is_some_and(|since| since <= version);
    let record = deployment.feature(id);
    let listed = record.map(|record| record.boolean("enabled"));
    let by_default = since(feature.on_by_default_since);
    let lists_all = deployment.is_complete("features");
    let enabled = match listed {
        _ if since(feature.mandatory_since) => Enabled::Mandatory,
        Some(Some(true)) => Enabled::On,
        Some(Some(false)) => Enabled::Off,
        Some(None) | None if by_default => Enabled::ByDefault,
        Some(None) => Enabled::Unknown,
        None if !lists_all => Enabled::Unknown,
        None => Enabled::NotListed,
    };
    let enabled_at = record.and_then(|record| record.date_time("enabled-at"));
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
