//! The prerequisite graph as a picture: which feature needs what, where each stands, and which jobs
//! must run for it.

use super::{PictureArrow, PictureBox, draw};
use crate::engine::Engine;
use crate::features::{Enabled, Standing, deciding_features};
use crate::model::{Edge, EdgeKind, FeatureId, Node, Rules};
use crate::report::features::{FeatureView, edges_among, id_of, name_of, obstacles};
use crate::report::markup::document_text;
use maud::Markup;

/// `features --format svg`: a picture that stands alone.
pub fn features_svg(engine: &Engine, view: FeatureView) -> String {
    let all = |_: FeatureId| true;
    document_text(drawn(engine, view, "picture", true, all))
}

/// The same for the page, which has the styles: of the features that have an edge and are on, or
/// that one which is on needs; with `every`, of those too that are off and need nothing here.
pub(in crate::report) fn features_picture(engine: &Engine, every: bool) -> Markup {
    let (rules, states) = (engine.rules(), engine.states());
    let is_on = |id: FeatureId| states.get(id).standing() != Standing::Off;
    let needed = states.prerequisites().enabling_order(rules.feature_ids().filter(|id| is_on(*id)));
    let joined = |id: FeatureId| {
        let own = Node::Feature(id);
        rules
            .edges
            .iter()
            .any(|edge| is_drawn(edge.kind) && (edge.from.contains(&own) || edge.to.contains(&own)))
    };
    let name = if every { "every-picture" } else { "picture" };
    drawn(engine, FeatureView::All, name, false, |id| joined(id) && (every || needed.contains(&id)))
}

/// Jobs are said in words: as boxes they would join everything with everything.
fn is_drawn(kind: EdgeKind) -> bool {
    !matches!(kind, EdgeKind::ThenRun | EdgeKind::Schedule | EdgeKind::Irreversible)
}

fn drawn(
    engine: &Engine,
    view: FeatureView,
    id: &str,
    styled: bool,
    shown: impl Fn(FeatureId) -> bool,
) -> Markup {
    let (rules, states) = (engine.rules(), engine.states());
    let mut features = view.features(states, rules);
    features.retain(|id| shown(*id));
    let mut nodes: Vec<Node> = features.iter().map(|id| Node::Feature(*id)).collect();
    let mut arrows: Vec<PictureArrow> = Vec::new();
    // What is left out has no arrows, be it that they lead from it or to it.
    let is_left_out =
        |node: &Node| matches!(node, Node::Feature(id) if !shown(*id) && !features.contains(id));
    let is_whole = |edge: &&Edge| {
        let mut ends = edge.from.iter().chain(&edge.to);
        let of_feature = |node: &Node| matches!(node, Node::Feature(_));
        is_drawn(edge.kind) && (styled || ends.clone().any(of_feature)) && !ends.any(is_left_out)
    };
    for edge in edges_among(rules, view, &features).filter(is_whole) {
        for (from, to) in
            edge.from.iter().flat_map(|from| edge.to.iter().map(move |to| (*from, *to)))
        {
            let (from, to) = (number(&mut nodes, from), number(&mut nodes, to));
            arrows.push(PictureArrow { from, to, kind: edge.kind.as_str() });
        }
    }
    let boxes: Vec<PictureBox> = nodes.iter().map(|node| picture_box(engine, *node)).collect();
    let title = title(engine, &features);
    draw(&boxes, &arrows, &title, id, styled)
}

/// The number of a node, which is added where it is new.
fn number(nodes: &mut Vec<Node>, node: Node) -> usize {
    nodes.iter().position(|known| *known == node).unwrap_or_else(|| {
        nodes.push(node);
        nodes.len() - 1
    })
}

fn title(engine: &Engine, features: &[FeatureId]) -> String {
    let standing = |id: &FeatureId| engine.states().get(*id).standing();
    let count = |wanted| features.iter().filter(|id| standing(id) == wanted).count();
    let counts: Vec<String> = Standing::ALL
        .iter()
        .map(|standing| (standing, count(*standing)))
        .filter(|(_, count)| *count > 0)
        .map(|(standing, count)| format!("{count} {standing}"))
        .collect();
    format!(
        "Features and what they need, in {}: {}",
        engine.deployment().version(),
        counts.join(", ")
    )
}

fn picture_box(engine: &Engine, node: Node) -> PictureBox {
    match node {
        Node::Feature(id) => feature_box(engine, id),
        Node::Setting(_) => other_box(engine, node, "setting"),
        Node::Job(_) => other_box(engine, node, "job"),
        Node::Circumstance(_) => other_box(engine, node, "circumstance"),
    }
}

/// The box of what is no feature.
fn other_box(engine: &Engine, node: Node, kind: &str) -> PictureBox {
    PictureBox {
        label: engine.rules().node_name(node),
        notes: vec![kind.to_owned()],
        hint: format!("{}: {kind}", engine.rules().node_id(node)),
        class: "other".to_owned(),
        rank: u8::MAX,
    }
}

fn feature_box(engine: &Engine, id: FeatureId) -> PictureBox {
    let rules = engine.rules();
    let standing = engine.states().get(id).standing();
    let mut hint = vec![format!("{}: {}", id_of(rules, id), name_of(rules, id))];
    hint.extend(obstacles(engine.deployment(), engine.states(), id));
    PictureBox {
        label: rules.node_name(Node::Feature(id)),
        notes: [state_note(engine, id)].into_iter().chain(job_notes(rules, id)).collect(),
        hint: hint.join("\n"),
        class: standing.as_str().to_owned(),
        // First what decisions depend on, then what is on.
        rank: match standing {
            _ if deciding_features(rules).contains(&id) => 0,
            Standing::Off => 2,
            _ => 1,
        },
    }
}

/// `✓ effective, mandatory`.
fn state_note(engine: &Engine, id: FeatureId) -> String {
    let state = engine.states().get(id);
    let standing = state.standing();
    let how = match state.enabled {
        by_itself @ (Enabled::Mandatory | Enabled::ByDefault) if state.effective => {
            format!(", {}", by_itself.as_str().replace('-', " "))
        }
        _ => String::new(),
    };
    format!("{} {standing}{how}", mark(standing))
}

/// The jobs that a feature waits for: `then run 1070`.
fn job_notes(rules: &Rules, id: FeatureId) -> impl Iterator<Item = String> {
    let kinds = [(EdgeKind::ThenRun, "then run"), (EdgeKind::Schedule, "schedule")];
    kinds.into_iter().filter_map(move |(kind, what)| {
        let jobs = rules.edges_from(id, kind).map(|(_, job)| rules.node_id(job));
        let jobs: Vec<&str> = jobs.collect();
        (!jobs.is_empty()).then(|| format!("{what} {}", jobs.join(", ")))
    })
}

/// What stands beside a state, so that it is told by more than its colour.
pub(in crate::report) fn mark(standing: Standing) -> &'static str {
    match standing {
        Standing::Effective => "✓",
        Standing::Blocked | Standing::NotDistributed | Standing::NotInVersion => "✗",
        Standing::Unknown => "?",
        Standing::Off => "○",
    }
}
