//! The prerequisite graph with each feature's state: for people, as JSON, and as a picture.

use super::document::{location, provenance};
use super::text::Style;
use super::text::Table;
use crate::engine::Engine;
use crate::features::{Enabled, Standing, States};
use crate::model::{Catalogue, Deployment, EdgeKind, FeatureId, Node, first_name};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

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
    pub(super) fn features(self, states: &States, catalogue: &Catalogue) -> Vec<FeatureId> {
        let graph = states.prerequisites();
        match self {
            Self::All => graph.enabling_order(catalogue.feature_ids()),
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
    fn asked(self) -> Option<FeatureId> {
        match self {
            Self::All => None,
            Self::Explain(id) | Self::Dependents(id) => Some(id),
        }
    }
}

pub(super) fn id_of(catalogue: &Catalogue, feature: FeatureId) -> &str {
    &catalogue.feature(feature).id
}

pub(super) fn name_of(catalogue: &Catalogue, feature: FeatureId) -> &str {
    first_name(&catalogue.feature(feature).names).unwrap_or_default()
}

/// Everything that keeps a feature from being effective, the first to overcome first.
pub(super) fn obstacles(deployment: &Deployment, states: &States, id: FeatureId) -> Vec<String> {
    let catalogue = deployment.rules();
    let (feature, state) = (catalogue.feature(id), states.get(id));
    if state.effective {
        return Vec::new();
    }
    let mut obstacles = Vec::new();
    if !state.exists {
        let since = feature.since.map(|since| since.to_string()).unwrap_or_default();
        obstacles.push(format!("it exists from {since} on, and this is {}", deployment.version()));
    }
    for needed in &state.blocked_by {
        let standing = states.get(*needed).standing();
        obstacles.push(format!(
            "it requires {} ({}), which is {standing}",
            id_of(catalogue, *needed),
            name_of(catalogue, *needed)
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
    let jobs = state.undistributed.iter().map(|job| catalogue.job(*job));
    obstacles.extend(jobs.map(|job| format!("{} has not run since it was enabled", job.title())));
    obstacles
}

fn standing_human(standing: Standing, style: Style) -> String {
    match standing {
        Standing::Effective => style.good(standing.as_str()),
        Standing::Blocked | Standing::NotDistributed | Standing::NotInVersion => {
            style.bad(standing.as_str())
        }
        Standing::Unknown => style.doubtful(standing.as_str()),
        Standing::Off => style.dim(standing.as_str()),
    }
}

/// `features --format human`.
pub fn features_human(engine: &Engine, view: FeatureView, style: Style) -> String {
    match view {
        FeatureView::All => overview(engine, style),
        FeatureView::Explain(id) => explained(engine, id, style),
        FeatureView::Dependents(id) => dependents(engine, id, style),
    }
}

fn overview(engine: &Engine, style: Style) -> String {
    let (catalogue, states) = (engine.rules(), engine.states());
    let all = FeatureView::All.features(states, catalogue);
    let with = |wanted: &[Standing]| -> Vec<FeatureId> {
        let stands = |id: &&FeatureId| wanted.contains(&states.get(**id).standing());
        all.iter().filter(stands).copied().collect()
    };
    let mut text = String::new();
    let waiting = with(&[
        Standing::NotInVersion,
        Standing::Blocked,
        Standing::NotDistributed,
        Standing::Unknown,
    ]);
    if !waiting.is_empty() {
        let _ = writeln!(text, "{}", style.bold("Enabled, and not effective in channels:"));
        for id in waiting {
            let standing = states.get(id).standing();
            let _ =
                writeln!(text, "  {}  {}", id_of(catalogue, id), standing_human(standing, style));
            for obstacle in obstacles(engine.deployment(), states, id) {
                let _ = writeln!(text, "      {obstacle}");
            }
        }
        text.push('\n');
    }
    let effective = with(&[Standing::Effective]);
    if !effective.is_empty() {
        let _ = writeln!(text, "{}", style.bold("Effective:"));
        let mut table = Table::new([]);
        for id in effective {
            let enabled = states.get(id).enabled;
            let how = match enabled {
                Enabled::Mandatory => "mandatory",
                Enabled::ByDefault => "on by default",
                _ => "",
            };
            table.row(["", id_of(catalogue, id), name_of(catalogue, id), how]);
        }
        text.push_str(&table.render(style));
        text.push('\n');
    }
    let off = with(&[Standing::Off]);
    let off: Vec<&str> = off.into_iter().map(|id| id_of(catalogue, id)).collect();
    let _ = writeln!(
        text,
        "{} {}",
        style.bold(&format!("Off ({}):", off.len())),
        style.dim(&off.join(", "))
    );
    text
}

fn explained(engine: &Engine, id: FeatureId, style: Style) -> String {
    let (catalogue, states) = (engine.rules(), engine.states());
    let feature = catalogue.feature(id);
    let standing = states.get(id).standing();
    let mut text = format!(
        "{}: {}\n{}\n",
        style.bold(&feature.id),
        standing_human(standing, style),
        name_of(catalogue, id)
    );
    let _ = writeln!(text, "  {}", feature.text);
    let obstacles = obstacles(engine.deployment(), states, id);
    if !obstacles.is_empty() {
        let _ = writeln!(text, "\n{}", style.bold("What keeps it from being effective:"));
        for obstacle in obstacles {
            let _ = writeln!(text, "  - {obstacle}");
        }
    }
    let needed = states.prerequisites().enabling_order([id]);
    if needed.len() > 1 {
        let _ = writeln!(text, "\n{}", style.bold("What it requires, in the order to enable:"));
        for (number, needed) in needed.iter().enumerate() {
            let standing = states.get(*needed).standing();
            let _ = writeln!(
                text,
                "  {}. {}  {}",
                number + 1,
                id_of(catalogue, *needed),
                standing_human(standing, style)
            );
        }
    }
    for (title, kind) in [
        ("Settings it needs:", EdgeKind::Setting),
        ("Jobs to run after enabling it:", EdgeKind::ThenRun),
        ("Jobs to schedule:", EdgeKind::Schedule),
        ("It conflicts with:", EdgeKind::Conflicts),
        ("It switches on:", EdgeKind::Implies),
    ] {
        section(
            &mut text,
            catalogue,
            style,
            title,
            catalogue.edges_from(id, kind).map(|(_, node)| node),
        );
    }
    let others = catalogue.edges_from(id, EdgeKind::Requires).map(|(_, node)| node);
    let others = others.filter(|node| !matches!(node, Node::Feature(_)));
    section(&mut text, catalogue, style, "What else it requires:", others);
    if catalogue
        .edges
        .iter()
        .any(|edge| edge.kind == EdgeKind::Irreversible && edge.from.contains(&Node::Feature(id)))
    {
        let _ = writeln!(text, "\n{}", style.bad("It can't be turned off again."));
    }
    text
}

fn section(
    text: &mut String,
    catalogue: &Catalogue,
    style: Style,
    title: &str,
    nodes: impl Iterator<Item = Node>,
) {
    let nodes: Vec<Node> = nodes.collect();
    if nodes.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{}", style.bold(title));
    for node in nodes {
        let _ = writeln!(text, "  - {}", catalogue.node_name(node));
    }
}

fn dependents(engine: &Engine, id: FeatureId, style: Style) -> String {
    let (catalogue, states) = (engine.rules(), engine.states());
    let shown = FeatureView::Dependents(id).features(states, catalogue);
    let mut text =
        format!("{} {}\n", style.bold("What requires"), style.bold(id_of(catalogue, id)));
    let mut table = Table::new([]);
    for dependent in shown.into_iter().filter(|dependent| *dependent != id) {
        let standing = states.get(dependent).standing();
        table.row([
            "",
            id_of(catalogue, dependent),
            name_of(catalogue, dependent),
            standing.as_str(),
        ]);
    }
    if table.is_empty() {
        text.push_str("  nothing\n");
    } else {
        text.push_str(&table.render(style));
    }
    text
}

pub(super) fn enabled_word(enabled: Enabled) -> &'static str {
    match enabled {
        Enabled::Mandatory => "mandatory",
        Enabled::On => "on",
        Enabled::ByDefault => "on-by-default",
        Enabled::Off => "off",
        Enabled::Unknown => "unknown",
        Enabled::NotListed => "not-listed",
    }
}

/// `features --format json`.
pub fn features_json(engine: &Engine, view: FeatureView) -> Value {
    let (catalogue, states, deployment) = (engine.rules(), engine.states(), engine.deployment());
    let shown = view.features(states, catalogue);
    let features: Vec<Value> = shown.iter().map(|id| feature_json(engine, *id)).collect();
    let edges: Vec<Value> = edges_among(catalogue, view, &shown)
        .map(|edge| {
            let ids = |nodes: &[Node]| nodes.iter().map(|node| catalogue.node_id(*node)).collect::<Vec<_>>();
            json!({
                "id": edge.id,
                "kind": edge.kind.as_str(),
                "from": ids(&edge.from),
                "to": ids(&edge.to),
                "versions": edge.versions.map(|(first, last)| [first.to_string(), last.to_string()]),
                "basis": edge.basis.as_str(),
                "documents": edge.documents,
                "text": edge.text,
            })
        })
        .collect();
    let mut document =
        json!({ "version": 1, "commerce_version": deployment.version().to_string() });
    if let Some(object) = document.as_object_mut() {
        if let Some(id) = view.asked() {
            object.insert("feature".to_owned(), json!(id_of(catalogue, id)));
            object.insert("obstacles".to_owned(), json!(obstacles(deployment, states, id)));
        }
        object.insert("features".to_owned(), Value::Array(features));
        object.insert("edges".to_owned(), Value::Array(edges));
        object.insert("provenance".to_owned(), provenance(catalogue, Some(deployment)));
    }
    document
}

fn feature_json(engine: &Engine, id: FeatureId) -> Value {
    let (catalogue, states, deployment) = (engine.rules(), engine.states(), engine.deployment());
    let (feature, state) = (catalogue.feature(id), states.get(id));
    let version =
        |version: Option<crate::model::Version>| version.map(|version| version.to_string());
    let ids = |features: Vec<FeatureId>| -> Vec<&str> {
        features.iter().map(|id| id_of(catalogue, *id)).collect()
    };
    let jobs: Vec<&str> = state
        .undistributed
        .iter()
        .map(|job| catalogue.job(*job))
        .map(|job| job.id.as_str())
        .collect();
    json!({
        "id": feature.id,
        "name": first_name(&feature.names),
        "node": feature.node,
        "since": version(feature.since),
        "on_by_default_since": version(feature.on_by_default_since),
        "mandatory_since": version(feature.mandatory_since),
        "enabled": enabled_word(state.enabled),
        "standing": state.standing().as_str(),
        "effective": state.effective,
        "requires": ids(states.prerequisites().direct(id)),
        "blocked_by": ids(state.blocked_by.clone()),
        "not_run": jobs,
        "location": deployment.feature(id).map(|record| location(deployment.files(), record.record.span)),
    })
}

/// The edges that begin at a feature shown; of the whole graph, all of them.
pub(super) fn edges_among<'a>(
    catalogue: &'a Catalogue,
    view: FeatureView,
    shown: &'a [FeatureId],
) -> impl Iterator<Item = &'a crate::model::Edge> {
    let begins_here = |node: &Node| matches!(node, Node::Feature(id) if shown.contains(id));
    catalogue
        .edges
        .iter()
        .filter(move |edge| view == FeatureView::All || edge.from.iter().any(begins_here))
}

/// A node or an edge of a picture.
struct Picture {
    /// Id, label and standing.
    nodes: Vec<(String, String, Option<Standing>)>,
    /// From, kind and to.
    edges: Vec<(String, EdgeKind, String)>,
}

/// The features that have an edge to another node, with those nodes.
fn picture(engine: &Engine, view: FeatureView) -> Picture {
    let (catalogue, states) = (engine.rules(), engine.states());
    let shown = view.features(states, catalogue);
    let mut nodes: Vec<Node> = shown.iter().map(|id| Node::Feature(*id)).collect();
    let mut edges = Vec::new();
    for edge in edges_among(catalogue, view, &shown) {
        for from in &edge.from {
            for to in &edge.to {
                for end in [from, to] {
                    if !nodes.contains(end) {
                        nodes.push(*end);
                    }
                }
                edges.push((
                    catalogue.node_id(*from).to_owned(),
                    edge.kind,
                    catalogue.node_id(*to).to_owned(),
                ));
            }
        }
    }
    let nodes = nodes.into_iter().map(|node| {
        let standing = match node {
            Node::Feature(id) => Some(states.get(id).standing()),
            Node::Setting(_) | Node::Circumstance(_) | Node::Job(_) => None,
        };
        (catalogue.node_id(node).to_owned(), catalogue.node_name(node), standing)
    });
    Picture { nodes: nodes.collect(), edges }
}

fn fill(standing: Option<Standing>) -> &'static str {
    match standing {
        Some(Standing::Effective) => "#cdebd0",
        Some(Standing::Blocked | Standing::NotDistributed | Standing::NotInVersion) => "#f6cfcb",
        Some(Standing::Unknown) => "#fbe8b5",
        Some(Standing::Off) => "#e8e8e8",
        None => "#ffffff",
    }
}

/// `features --format dot`, for Graphviz.
pub fn features_dot(engine: &Engine, view: FeatureView) -> String {
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let picture = picture(engine, view);
    let mut text = "digraph features \
            {\n  rankdir=LR;\n  node [shape=box, style=filled, fontname=\"sans-serif\"];\n"
        .to_owned();
    for (id, label, standing) in &picture.nodes {
        let shape = if standing.is_some() { "" } else { ", style=\"rounded,filled\"" };
        let _ = writeln!(
            text,
            "  {} [label={}, fillcolor={}{shape}];",
            quoted(id),
            quoted(label),
            quoted(fill(*standing))
        );
    }
    for (from, kind, to) in &picture.edges {
        let _ = writeln!(
            text,
            "  {} -> {} [label={}];",
            quoted(from),
            quoted(to),
            quoted(kind.as_str())
        );
    }
    text.push_str("}\n");
    text
}

/// `features --format mermaid`.
pub fn features_mermaid(engine: &Engine, view: FeatureView) -> String {
    let picture = picture(engine, view);
    // Ids of words that Mermaid reads as its own, such as `end`, would break it, so nodes are
    // numbered.
    let number =
        |id: &str| picture.nodes.iter().position(|(known, _, _)| known == id).unwrap_or_default();
    let mut text = "flowchart LR\n".to_owned();
    for (index, (_, label, standing)) in picture.nodes.iter().enumerate() {
        let label = label.replace('"', "#quot;");
        let (open, close) = if standing.is_some() { ("[", "]") } else { ("([", "])") };
        let _ = writeln!(text, "  n{index}{open}\"{label}\"{close}");
        if standing.is_some() {
            let _ = writeln!(text, "  style n{index} fill:{}", fill(*standing));
        }
    }
    for (from, kind, to) in &picture.edges {
        let _ = writeln!(text, "  n{} -- {kind} --> n{}", number(from), number(to));
    }
    text
}
