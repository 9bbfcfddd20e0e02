//! `features --format dot` and `features --format mermaid`.

use super::view::{FeatureView, edges_among};
use crate::engine::Engine;
use crate::features::Standing;
use crate::model::{EdgeKind, Node};

/// A node or an edge of a picture.
struct Picture {
    /// Id, label and standing.
    nodes: Vec<(String, String, Option<Standing>)>,
    /// From, kind and to.
    edges: Vec<(String, EdgeKind, String)>,
}

/// The features that have an edge to another node, with those nodes.
fn picture(engine: &Engine, view: FeatureView) -> Picture {
    let (rules, states) = (engine.rules(), engine.states());
    let shown = view.features(states, rules);
    let mut nodes: Vec<Node> = shown.iter().map(|id| Node::Feature(*id)).collect();
    let mut edges = Vec::new();
    for edge in edges_among(rules, view, &shown) {
        for from in &edge.from {
            for to in &edge.to {
                for end in [from, to] {
                    if !nodes.contains(end) {
                        nodes.push(*end);
                    }
                }
                edges.push((
                    rules.node_id(*from).to_owned(),
                    edge.kind,
                    rules.node_id(*to).to_owned(),
                ));
            }
        }
    }
    let nodes = nodes.into_iter().map(|node| {
        let standing = match node {
            Node::Feature(id) => Some(states.get(id).standing()),
            Node::Setting(_) | Node::Circumstance(_) | Node::Job(_) => None,
        };
        (rules.node_id(node).to_owned(), rules.node_name(node), standing)
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
        text.push_str(&format!(
            "  {} [label={}, fillcolor={}{shape}];\n",
            quoted(id),
            quoted(label),
            quoted(fill(*standing))
        ));
    }
    for (from, kind, to) in &picture.edges {
        text.push_str(&format!(
            "  {} -> {} [label={}];\n",
            quoted(from),
            quoted(to),
            quoted(kind.as_str())
        ));
    }
    text.push_str("}\n");
    text
}

/// `features --format mermaid`.
#[expect(clippy::expect_used, reason = "an edge to another node would be drawn in silence")]
pub fn features_mermaid(engine: &Engine, view: FeatureView) -> String {
    let picture = picture(engine, view);
    // Ids of words that Mermaid reads as its own, such as `end`, would break it, so nodes are
    // numbered.
    let number = |id: &str| {
        let place = picture.nodes.iter().position(|(known, _, _)| known == id);
        place.expect("edges join nodes of their picture")
    };
    let mut text = "flowchart LR\n".to_owned();
    for (index, (_, label, standing)) in picture.nodes.iter().enumerate() {
        let label = label.replace('"', "#quot;");
        let (open, close) = if standing.is_some() { ("[", "]") } else { ("([", "])") };
        text.push_str(&format!("  n{index}{open}\"{label}\"{close}\n"));
        if standing.is_some() {
            text.push_str(&format!("  style n{index} fill:{}\n", fill(*standing)));
        }
    }
    for (from, kind, to) in &picture.edges {
        text.push_str(&format!("  n{} -- {kind} --> n{}\n", number(from), number(to)));
    }
    text
}
