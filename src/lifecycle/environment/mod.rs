//! What headquarters has set, what the channels know of it, and how the one becomes the other.

mod lines;

use crate::engine::{Configuration, DecisionTable, DecisionTables, Engine, Known};
use crate::features::{Enabled, Own, Prerequisites, States};
use crate::model::{
    Deployment, FeatureId, JobEffect, JobId, JobKind, RealTimeService, Rules, SectionName, Version,
};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What headquarters has set, where that may differ from what channels know.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Headquarters {
    /// Whether each feature is enabled.
    features: Vec<bool>,
    /// Settings of profiles that were changed.
    settings: Settings,
}

/// Settings by profile and key.
type Settings = BTreeMap<(String, String), bool>;

/// What jobs have brought to a channel, and what is still on its way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct View {
    /// Whether the channel takes each feature to be enabled.
    features: Vec<bool>,
    /// For each feature the jobs that have yet to run before the channel knows what headquarters
    /// has.
    outstanding: Vec<Vec<JobId>>,
    /// Settings of profiles that are not the deployment's own any more.
    settings: Settings,
}

/// The two views of a channel; most channels share theirs with the others.
#[derive(Clone, Debug)]
struct ChannelView {
    /// What jobs have brought, which waits while the POS is offline (S-079).
    brought: Arc<View>,
    /// What the channel decides by.
    decides: Arc<View>,
}

/// The configuration as it is now: it begins as the deployment and changes with events.
#[derive(Clone, Debug)]
pub struct Environment {
    deployment: Deployment,
    prerequisites: Arc<Prerequisites>,
    /// What the deployment gives, from which all began.
    given: (Headquarters, Arc<View>),
    headquarters: Headquarters,
    views: Vec<ChannelView>,
    /// What a call of the Real-time Service would meet.
    pub real_time_service: RealTimeService,
    tables: DecisionTables,
    by_channel: Vec<Arc<DecisionTable>>,
}

impl Environment {
    /// The deployment of an engine, as it is evaluated there.
    pub fn new(engine: &Engine) -> Self {
        let deployment = engine.deployment().clone();
        let (headquarters, view) = given(engine.states(), engine.rules());
        let given = Arc::new(view);
        let view = ChannelView { brought: Arc::clone(&given), decides: Arc::clone(&given) };
        let mut environment = Self {
            prerequisites: Arc::new(engine.states().prerequisites().clone()),
            given: (headquarters.clone(), given),
            headquarters,
            views: vec![view; deployment.records(SectionName::Channel).count()],
            real_time_service: RealTimeService::Available,
            tables: DecisionTables::new(engine.rules()),
            by_channel: Vec::new(),
            deployment,
        };
        environment.refresh();
        environment
    }

    /// The decision table of a channel, as it decides now.
    pub fn table(&self, channel: usize) -> Option<&DecisionTable> {
        self.by_channel.get(channel).map(|table| &**table)
    }

    /// Headquarters switches a feature.
    pub fn set_feature(&mut self, feature: FeatureId, enabled: bool) {
        let rules = self.deployment.rules();
        let mut jobs: Vec<JobId> = rules.then_run(feature).collect();
        if jobs.is_empty() {
            let sends = |id: &JobId| is_sender(rules.job(*id), JobEffect::SendFeatures);
            jobs = rules.job_ids().filter(sends).collect();
        }
        if let Some(state) = self.headquarters.features.get_mut(feature.index()) {
            *state = enabled;
        }
        let up_to_date: Vec<bool> = self.views.iter().map(ChannelView::is_up_to_date).collect();
        change(&mut self.views, None, |view| {
            let mut view = view.clone();
            view.outstanding.get_mut(feature.index())?.clone_from(&jobs);
            Some(view)
        });
        // Nothing has reached anybody: where nothing waited, nothing does.
        for (view, up_to_date) in self.views.iter_mut().zip(up_to_date) {
            if up_to_date {
                view.decides = Arc::clone(&view.brought);
            }
        }
    }

    /// Headquarters changes a setting of a functionality profile.
    pub fn set_profile(&mut self, profile: &str, key: &str, value: bool) {
        self.headquarters.settings.insert((profile.to_owned(), key.to_owned()), value);
    }

    /// A job runs for some channels, or for all: it counts as run later than everything before it.
    /// Whether it brought anything, which is to reach those that are online.
    pub fn job_ran(&mut self, job: JobId, channels: Option<&[usize]>) -> bool {
        let rules = self.deployment.rules();
        let ran = rules.job(job);
        let is_all = ran.does.contains(&JobEffect::EveryDownload);
        let counts =
            |other: &JobId| *other == job || is_all && rules.job(*other).kind == JobKind::Download;
        let sends_profiles = ran.does.contains(&JobEffect::SendProfiles);
        let headquarters = &self.headquarters;
        change(&mut self.views, channels, |view| {
            let brings_settings = sends_profiles && view.settings != headquarters.settings;
            if !brings_settings && !view.outstanding.iter().flatten().any(counts) {
                return None;
            }
            let mut view = view.clone();
            if brings_settings {
                view.settings.clone_from(&headquarters.settings);
            }
            let features = view.features.iter_mut().zip(&headquarters.features);
            for (outstanding, (known, enabled)) in view.outstanding.iter_mut().zip(features) {
                let waited = !outstanding.is_empty();
                outstanding.retain(|other| !counts(other));
                if waited && outstanding.is_empty() {
                    *known = *enabled;
                }
            }
            Some(view)
        })
    }

    /// What jobs have brought reaches some channels, whose POS is online.
    pub fn reach(&mut self, channels: impl Iterator<Item = usize>) {
        let mut changed = false;
        for channel in channels {
            let Some(view) = self.views.get_mut(channel) else { continue };
            if !view.is_up_to_date() {
                changed |= !view.decides.says_the_same(&view.brought);
                view.decides = Arc::clone(&view.brought);
            }
        }
        if changed {
            self.refresh();
        }
    }

    /// Where a view is among those that are known, to which it is added if it is new.
    fn place<'v>(&self, known: &mut Vec<Decides<'v>>, view: &'v View) -> usize {
        if let Some(place) = known.iter().position(|known| std::ptr::eq(known.view, view)) {
            return place;
        }
        let (rules, version) = (self.deployment.rules(), self.deployment.version());
        let effective = self.prerequisites.effective(|id| own(rules, view, version, id));
        known.push(Decides { view, effective });
        known.len() - 1
    }

    /// Folds what the channels know into their decision tables.
    #[expect(clippy::expect_used, reason = "left out, a channel would get the table of the next")]
    fn refresh(&mut self) {
        let mut known: Vec<Decides<'_>> = Vec::new();
        let mut tables = self.tables.clone();
        let channels = self.deployment.records(SectionName::Channel).zip(&self.views);
        let by_channel = channels.map(|(channel, view)| {
            let view = &view.decides;
            let place = self.place(&mut known, view);
            let known = known.get(place).expect("it was found or just added");
            let configuration = Configuration::of(&self.deployment, known, channel);
            tables.get(&configuration.expect("the engine was made of this deployment"))
        });
        self.by_channel = by_channel.collect();
        self.tables = tables;
    }
}

impl ChannelView {
    fn is_up_to_date(&self) -> bool {
        Arc::ptr_eq(&self.brought, &self.decides)
    }
}

impl View {
    /// Whether channels decide alike by both.
    fn says_the_same(&self, other: &Self) -> bool {
        self.features == other.features && self.settings == other.settings
    }
}

/// Changes what was brought to some channels, or to all; those that shared a view share the new
/// one. Whether any was changed.
fn change(
    views: &mut [ChannelView],
    channels: Option<&[usize]>,
    change: impl Fn(&View) -> Option<View>,
) -> bool {
    let mut changes: Vec<(Arc<View>, Option<Arc<View>>)> = Vec::new();
    let all: Vec<usize> = if channels.is_none() { (0..views.len()).collect() } else { Vec::new() };
    for channel in channels.unwrap_or(&all) {
        let Some(old) = views.get(*channel).map(|view| Arc::clone(&view.brought)) else { continue };
        let known = changes.iter().find(|(known, _)| Arc::ptr_eq(known, &old));
        let new = match known {
            Some((_, new)) => new.clone(),
            None => {
                let new = change(&old).map(|new| shared(views, new));
                changes.push((old, new.clone()));
                new
            }
        };
        if let (Some(new), Some(view)) = (new, views.get_mut(*channel)) {
            view.brought = new;
        }
    }
    changes.iter().any(|(_, new)| new.is_some())
}

/// The view that some channel has already, where one has: those that have become alike are one
/// again.
fn shared(views: &[ChannelView], new: View) -> Arc<View> {
    let mut brought = views.iter().map(|view| &view.brought);
    brought.find(|view| ***view == new).cloned().unwrap_or_else(|| Arc::new(new))
}

/// Whether a job by itself, not as one that stands for all, has an effect.
fn is_sender(job: &crate::model::Job, effect: JobEffect) -> bool {
    job.does.contains(&effect) && !job.does.contains(&JobEffect::EveryDownload)
}

/// What a deployment says of its features: channels know what is distributed.
fn given(states: &States, rules: &Rules) -> (Headquarters, View) {
    let (mut headquarters, mut view) = (Headquarters::default(), View::default());
    for state in rules.feature_ids().map(|feature| states.get(feature)) {
        let enabled =
            matches!(state.enabled, Enabled::Mandatory | Enabled::On | Enabled::ByDefault);
        let outstanding = state.undistributed.clone();
        headquarters.features.push(enabled);
        view.features.push(enabled && outstanding.is_empty());
        view.outstanding.push(outstanding);
    }
    (headquarters, view)
}

fn own(rules: &Rules, view: &View, version: Version, id: FeatureId) -> Own {
    let feature = rules.feature(id);
    if feature.mandatory_since.is_some_and(|since| since <= version) {
        return Own::Mandatory;
    }
    let exists = feature.since.is_none_or(|since| since <= version);
    let known = view.features.get(id.index()).is_some_and(|known| *known);
    if exists && known { Own::On } else { Own::Off }
}

/// What some channels decide by.
struct Decides<'a> {
    view: &'a View,
    effective: Vec<bool>,
}

impl Known for Decides<'_> {
    fn is_effective(&self, feature: FeatureId) -> bool {
        self.effective.get(feature.index()) == Some(&true)
    }

    fn setting(&self, profile: &str, key: &str) -> Option<bool> {
        if self.view.settings.is_empty() {
            return None;
        }
        self.view.settings.get(&(profile.to_owned(), key.to_owned())).copied()
    }
}
