//! Which features are shown, and what keeps a feature from being effective.

use crate::features::{Enabled, States};
use crate::model::{Deployment, Edge, FeatureId, Node, Rules, first_name, or_blank, said};
use std::collections::BTreeSet;

/// Which features are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeatureView {
    /// All of them.
    All,
    /// One feature, what it requires, and what keeps it from being effective.
    Explain(FeatureId),
    /// One feature and all that require it.
    Dependents(FeatureId),
}

impl FeatureView {
    /// The features shown, in enabling order.
    pub(in crate::report) fn features(self, states: &States, rules: &Rules) -> Vec<FeatureId> {
        let graph = states.prerequisites();
        match self {
            Self::All => graph.enabling_order(rules.feature_ids()),
            Self::Explain(id) => graph.enabling_order([id]),
            Self::Dependents(id) => {
                let shown: BTreeSet<FeatureId> =
                    graph.dependents(id).into_iter().chain([id]).collect();
                graph
                    .enabling_order(shown.iter().copied())
                    .into_iter()
                    .filter(|id| shown.contains(id))
                    .collect()
            }
        }
    }

    /// The feature asked about.
    pub(super) fn asked(self) -> Option<FeatureId> {
        match self {
            Self::All => None,
            Self::Explain(id) | Self::Dependents(id) => Some(id),
        }
    }
}

pub(in crate::report) fn id_of(rules: &Rules, feature: FeatureId) -> &str {
    &rules.feature(feature).id
}

pub(in crate::report) fn name_of(rules: &Rules, feature: FeatureId) -> &str {
    or_blank(first_name(&rules.feature(feature).names))
}

/// Everything that keeps a feature from being effective, the first to overcome first.
pub(in crate::report) fn obstacles(
    deployment: &Deployment,
    states: &States,
    id: FeatureId,
) -> Vec<String> {
    let rules = deployment.rules();
    let (feature, state) = (rules.feature(id), states.get(id));
    if state.effective {
        return Vec::new();
    }
    let mut obstacles = Vec::new();
    if !state.exists {
        let since = said(feature.since, |since| since.to_string());
        obstacles.push(format!("it exists from {since} on, and this is {}", deployment.version()));
    }
    for needed in &state.blocked_by {
        let standing = states.get(*needed).standing();
        obstacles.push(format!(
            "it requires {} ({}), which is {standing}",
            id_of(rules, *needed),
            name_of(rules, *needed)
        ));
    }
    match state.enabled {
        Enabled::Off => obstacles.push("headquarters has it off".to_owned()),
        Enabled::Unknown if deployment.feature(id).is_some() => {
            obstacles
                .push("the deployment lists it and does not say whether it is enabled".to_owned());
        }
        Enabled::Unknown => obstacles.push(
            "the deployment may not list every feature, and not this one, which counts as off"
                .to_owned(),
        ),
        Enabled::NotListed => {
            obstacles.push("the deployment does not list it, which counts as off".to_owned());
        }
        Enabled::Mandatory | Enabled::On | Enabled::ByDefault => {}
    }
    let jobs = state.undistributed.iter().map(|job| rules.job(*job));
    obstacles.extend(jobs.map(|job| format!("{} has not run since it was enabled", job.title())));
    obstacles
}

/// The edges that begin at a feature shown; of the whole graph, all of them.
pub(in crate::report) fn edges_among<'a>(
    rules: &'a Rules,
    view: FeatureView,
    shown: &[FeatureId],
) -> impl Iterator<Item = &'a Edge> {
    let begins_here = |node: &Node| matches!(node, Node::Feature(id) if shown.contains(id));
    rules
        .edges
        .iter()
        .filter(move |edge| view == FeatureView::All || edge.from.iter().any(begins_here))
}
