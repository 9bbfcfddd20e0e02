//! What headquarters has set, what the channels know of it, and how the one becomes the other.

use crate::engine::{Configuration, DecisionTable, Engine, Known, Tables};
use crate::features::{Enabled, Own, Prerequisites, States};
use crate::model::{
    Deployment, FeatureId, JobEffect, JobId, JobKind, RealTimeService, Rules, SectionName, Version,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A feature's state at headquarters, and in the channels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FeatureState {
    /// Whether headquarters has it enabled.
    headquarters: bool,
    /// Whether the channels take it to be enabled.
    channels: bool,
    /// The jobs that have yet to run before channels know what headquarters has.
    outstanding: Vec<JobId>,
}

/// A setting of a profile that was changed: what headquarters has, and what channels know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SettingState {
    headquarters: bool,
    /// `None`: still the deployment's own.
    channels: Option<bool>,
}

/// The configuration as it is now: it begins as the deployment and changes with events.
#[derive(Clone, Debug)]
pub struct Environment {
    deployment: Deployment,
    prerequisites: Prerequisites,
    features: Vec<FeatureState>,
    effective: Vec<bool>,
    settings: BTreeMap<(String, String), SettingState>,
    /// What a call of the Real-time Service would meet.
    pub real_time_service: RealTimeService,
    tables: Tables,
    by_channel: Vec<Arc<DecisionTable>>,
}

impl Environment {
    /// The deployment of an engine, as it is evaluated there.
    pub fn new(engine: &Engine) -> Self {
        let deployment = engine.deployment().clone();
        let states = engine.states();
        let features = engine.rules().feature_ids().map(|feature| initial(states, feature));
        let mut environment = Self {
            prerequisites: states.prerequisites().clone(),
            features: features.collect(),
            effective: Vec::new(),
            settings: BTreeMap::new(),
            real_time_service: RealTimeService::Available,
            tables: Tables::new(engine.rules()),
            by_channel: Vec::new(),
            deployment,
        };
        environment.refresh();
        environment
    }

    fn rules(&self) -> &Arc<Rules> {
        self.deployment.rules()
    }

    /// The decision table of a channel, as it decides now.
    pub fn table(&self, channel: usize) -> Option<&DecisionTable> {
        self.by_channel.get(channel).map(|table| &**table)
    }

    /// Headquarters switches a feature.
    pub fn set_feature(&mut self, feature: FeatureId, enabled: bool) {
        let rules = self.deployment.rules();
        let mut outstanding: Vec<JobId> = rules.then_run(feature).collect();
        if outstanding.is_empty() {
            let sends = |id: &JobId| is_sender(rules.job(*id), JobEffect::SendFeatures);
            outstanding = rules.job_ids().filter(sends).collect();
        }
        if let Some(state) = self.features.get_mut(feature.index()) {
            state.headquarters = enabled;
            state.outstanding = outstanding;
        }
    }

    /// Headquarters changes a setting of a functionality profile.
    pub fn set_profile(&mut self, profile: &str, key: &str, value: bool) {
        let place = self.settings.entry((profile.to_owned(), key.to_owned()));
        place.or_insert(SettingState { headquarters: value, channels: None }).headquarters = value;
    }

    /// A job runs: it counts as run later than everything before it.
    pub fn job_ran(&mut self, job: JobId) {
        let rules = self.deployment.rules();
        let ran = rules.job(job);
        let is_all = ran.does.contains(&JobEffect::EveryDownload);
        let counts =
            |other: &JobId| *other == job || is_all && rules.job(*other).kind == JobKind::Download;
        let mut changed = false;
        for state in &mut self.features {
            if state.outstanding.is_empty() {
                continue;
            }
            state.outstanding.retain(|other| !counts(other));
            if state.outstanding.is_empty() && state.channels != state.headquarters {
                state.channels = state.headquarters;
                changed = true;
            }
        }
        if ran.does.contains(&JobEffect::SendProfiles) {
            for state in self
                .settings
                .values_mut()
                .filter(|state| state.channels != Some(state.headquarters))
            {
                state.channels = Some(state.headquarters);
                changed = true;
            }
        }
        if changed {
            self.refresh();
        }
    }

    /// Folds what the channels know into their decision tables.
    #[expect(clippy::expect_used, reason = "left out, a channel would get the table of the next")]
    fn refresh(&mut self) {
        let version = self.deployment.version();
        let own = |id: FeatureId| own(self.rules(), &self.features, version, id);
        self.effective = self.prerequisites.effective(own);
        let mut tables = self.tables.clone();
        let channels = self.deployment.records(SectionName::Channel).map(|channel| {
            let configuration = Configuration::of(&self.deployment, self, channel);
            tables.get(&configuration.expect("the engine was made of this deployment"))
        });
        self.by_channel = channels.collect();
        self.tables = tables;
    }

    /// What differs from the deployment, for a store to keep: a line for each feature and setting.
    pub fn to_lines(&self) -> Vec<String> {
        let rules = self.rules();
        let mut lines = vec![format!("real-time-service {}", self.real_time_service)];
        for (index, state) in self.features.iter().enumerate() {
            let Some(feature) = rules.features.get(index) else { continue };
            let jobs: Vec<&str> =
                state.outstanding.iter().map(|job| rules.job(*job).id.as_str()).collect();
            lines.push(format!(
                "feature {} {} {} {}",
                feature.id,
                state.headquarters,
                state.channels,
                jobs.join(",")
            ));
        }
        for ((profile, key), state) in &self.settings {
            let channels = state.channels.map_or_else(|| "-".to_owned(), |value| value.to_string());
            // The profile's id may hold spaces, so it comes last.
            lines.push(format!("profile {key} {} {channels} {profile}", state.headquarters));
        }
        lines
    }

    /// Takes over what [`Environment::to_lines`] gave; `None` where a line is not understood.
    #[must_use]
    pub fn with_lines<'l>(mut self, lines: impl Iterator<Item = &'l str>) -> Option<Self> {
        for line in lines {
            let (kind, rest) = line.split_once(' ')?;
            match kind {
                "real-time-service" => self.real_time_service = RealTimeService::from_word(rest)?,
                "feature" => self.take_feature(rest)?,
                "profile" => self.take_setting(rest)?,
                _ => return None,
            }
        }
        self.refresh();
        Some(self)
    }

    fn take_feature(&mut self, line: &str) -> Option<()> {
        let mut words = line.splitn(4, ' ');
        let rules = self.deployment.rules().clone();
        let id = words.next()?;
        let index = rules.features.iter().position(|feature| feature.id == id)?;
        let (headquarters, channels) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        let jobs = words.next()?.split(',').filter(|id| !id.is_empty());
        let job = |id: &str| rules.job_ids().find(|job| rules.job(*job).id == id);
        let outstanding: Option<Vec<JobId>> = jobs.map(job).collect();
        *self.features.get_mut(index)? =
            FeatureState { headquarters, channels, outstanding: outstanding? };
        Some(())
    }

    fn take_setting(&mut self, line: &str) -> Option<()> {
        let mut words = line.splitn(4, ' ');
        let key = words.next()?.to_owned();
        let headquarters = words.next()?.parse().ok()?;
        let channels = match words.next()? {
            "-" => None,
            word => Some(word.parse().ok()?),
        };
        let profile = words.next()?.to_owned();
        self.settings.insert((profile, key), SettingState { headquarters, channels });
        Some(())
    }
}

/// Whether a job by itself, not as one that stands for all, has an effect.
fn is_sender(job: &crate::model::Job, effect: JobEffect) -> bool {
    job.does.contains(&effect) && !job.does.contains(&JobEffect::EveryDownload)
}

/// What a deployment says of a feature: channels know what is distributed.
fn initial(states: &States, id: FeatureId) -> FeatureState {
    let state = states.get(id);
    let headquarters =
        matches!(state.enabled, Enabled::Mandatory | Enabled::On | Enabled::ByDefault);
    let outstanding = state.undistributed.clone();
    FeatureState { headquarters, channels: headquarters && outstanding.is_empty(), outstanding }
}

fn own(rules: &Rules, features: &[FeatureState], version: Version, id: FeatureId) -> Own {
    let feature = rules.feature(id);
    if feature.mandatory_since.is_some_and(|since| since <= version) {
        return Own::Mandatory;
    }
    let exists = feature.since.is_none_or(|since| since <= version);
    let known = features.get(id.index()).is_some_and(|state| state.channels);
    if exists && known { Own::On } else { Own::Off }
}

impl Known for Environment {
    fn is_effective(&self, feature: FeatureId) -> bool {
        self.effective.get(feature.index()) == Some(&true)
    }

    fn setting(&self, section: &str, record: &str, key: &str) -> Option<bool> {
        if section != "functionality-profile" || self.settings.is_empty() {
            return None;
        }
        self.settings.get(&(record.to_owned(), key.to_owned()))?.channels
    }
}
