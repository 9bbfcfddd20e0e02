//! `features --format json`.

use super::view::{FeatureView, edges_among, id_of, obstacles};
use crate::engine::Engine;
use crate::features::{Enabled, FeatureState, Standing};
use crate::model::{Basis, Edge, EdgeKind, FeatureId, Node, Rules, first_name};
use crate::report::document::{Location, Provenance, location, provenance};
use crate::report::sources::SourcesDocument;
use schemars::JsonSchema;
use serde::Serialize;

/// The prerequisite graph with each feature's state.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct FeaturesDocument<'a> {
    version: u32,
    commerce_version: String,
    /// The feature asked about, where it is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<&'a str>,
    /// What keeps it from being effective, the first to overcome first.
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacles: Option<Vec<String>>,
    /// In the order to enable them.
    features: Vec<FeatureDocument<'a>>,
    edges: Vec<EdgeDocument<'a>>,
    /// What the edges cite.
    sources: SourcesDocument<'a>,
    provenance: Provenance<'a>,
}

/// A feature and its state.
#[derive(Debug, Serialize, JsonSchema)]
struct FeatureDocument<'a> {
    id: &'a str,
    name: Option<&'a str>,
    /// The code of its place in the graph.
    node: Option<&'a str>,
    /// The first version that has it.
    since: Option<String>,
    on_by_default_since: Option<String>,
    mandatory_since: Option<String>,
    enabled: Enabled,
    standing: Standing,
    effective: bool,
    requires: Vec<&'a str>,
    /// Those of them that are not effective.
    blocked_by: Vec<&'a str>,
    /// Jobs that have not run since it was enabled.
    not_run: Vec<&'a str>,
    /// Where the deployment has it.
    location: Option<Location<'a>>,
}

/// An edge of the graph.
#[derive(Debug, Serialize, JsonSchema)]
struct EdgeDocument<'a> {
    id: &'a str,
    kind: EdgeKind,
    from: Vec<&'a str>,
    to: Vec<&'a str>,
    /// The first and last version that it holds for.
    versions: Option<[String; 2]>,
    basis: Basis,
    documents: &'a [String],
    text: Option<&'a str>,
}

/// `features --format json`.
pub fn features_json(engine: &Engine, view: FeatureView) -> impl Serialize + use<'_> {
    let (rules, states, deployment) = (engine.rules(), engine.states(), engine.deployment());
    let shown = view.features(states, rules);
    let asked = view.asked();
    FeaturesDocument {
        version: 1,
        commerce_version: deployment.version().to_string(),
        feature: asked.map(|id| id_of(rules, id)),
        obstacles: asked.map(|id| obstacles(deployment, states, id)),
        features: shown.iter().map(|id| feature_json(engine, *id)).collect(),
        edges: edges_among(rules, view, &shown).map(|it| edge_json(rules, it)).collect(),
        sources: SourcesDocument::of(
            &rules.evidence,
            edges_among(rules, view, &shown).flat_map(|edge| &edge.documents),
        ),
        provenance: provenance(rules, Some(deployment)),
    }
}

fn edge_json<'a>(rules: &'a Rules, edge: &'a Edge) -> EdgeDocument<'a> {
    let ids = |nodes: &'a [Node]| nodes.iter().map(|node| rules.node_id(*node)).collect();
    EdgeDocument {
        id: &edge.id,
        kind: edge.kind,
        from: ids(&edge.from),
        to: ids(&edge.to),
        versions: edge.versions.map(|(first, last)| [first.to_string(), last.to_string()]),
        basis: edge.basis,
        documents: &edge.documents,
        text: edge.text.as_deref(),
    }
}

fn feature_json(engine: &Engine, id: FeatureId) -> FeatureDocument<'_> {
    let (rules, states, deployment) = (engine.rules(), engine.states(), engine.deployment());
    let (feature, state) = (rules.feature(id), states.get(id));
    let ids = |ids: &[FeatureId]| ids.iter().map(|id| id_of(rules, *id)).collect();
    let record = deployment.feature(id);
    FeatureDocument {
        id: &feature.id,
        name: first_name(&feature.names),
        node: feature.node.as_deref(),
        since: feature.since.map(|version| version.to_string()),
        on_by_default_since: feature.on_by_default_since.map(|version| version.to_string()),
        mandatory_since: feature.mandatory_since.map(|version| version.to_string()),
        enabled: state.enabled,
        standing: state.standing(),
        effective: state.effective,
        requires: ids(&states.prerequisites().direct(id)),
        blocked_by: ids(&state.blocked_by),
        not_run: not_run(rules, state),
        location: record.map(|it| location(deployment.files(), it.record.span)),
    }
}

/// The jobs that have not run since a feature was enabled.
fn not_run<'a>(rules: &'a Rules, state: &FeatureState) -> Vec<&'a str> {
    let jobs = state.undistributed.iter().map(|job| rules.job(*job));
    jobs.map(|job| job.id.as_str()).collect()
}
