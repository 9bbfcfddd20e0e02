//! `features --format human`.

use super::view::{FeatureView, id_of, name_of, obstacles};
use crate::engine::Engine;
use crate::features::{Enabled, Standing};
use crate::model::{EdgeKind, FeatureId, Node, Rules};
use crate::report::text::{Style, TextTable, shown};

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
    let (rules, states) = (engine.rules(), engine.states());
    let all = FeatureView::All.features(states, rules);
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
        text.push_str(&format!("{}\n", style.bold("Enabled, and not effective in channels:")));
        for id in waiting {
            let standing = states.get(id).standing();
            text.push_str(&format!(
                "  {}  {}\n",
                id_of(rules, id),
                standing_human(standing, style)
            ));
            for obstacle in obstacles(engine.deployment(), states, id) {
                text.push_str(&format!("      {}\n", shown(&obstacle)));
            }
        }
        text.push('\n');
    }
    let effective = with(&[Standing::Effective]);
    if !effective.is_empty() {
        text.push_str(&format!("{}\n", style.bold("Effective:")));
        let mut table = TextTable::new([]);
        for id in effective {
            let enabled = states.get(id).enabled;
            let how = match enabled {
                Enabled::Mandatory => "mandatory",
                Enabled::ByDefault => "on by default",
                _ => "",
            };
            table.row(["", id_of(rules, id), name_of(rules, id), how]);
        }
        text.push_str(&table.render(style));
        text.push('\n');
    }
    let off = with(&[Standing::Off]);
    let off: Vec<&str> = off.into_iter().map(|id| id_of(rules, id)).collect();
    text.push_str(&format!(
        "{} {}\n",
        style.bold(&format!("Off ({}):", off.len())),
        style.dim(&off.join(", "))
    ));
    text
}

fn explained(engine: &Engine, id: FeatureId, style: Style) -> String {
    let (rules, states) = (engine.rules(), engine.states());
    let feature = rules.feature(id);
    let standing = states.get(id).standing();
    let mut text = format!(
        "{}: {}\n{}\n",
        style.bold(&feature.id),
        standing_human(standing, style),
        name_of(rules, id)
    );
    text.push_str(&format!("  {}\n", feature.text));
    let obstacles = obstacles(engine.deployment(), states, id);
    if !obstacles.is_empty() {
        text.push_str(&format!("\n{}\n", style.bold("What keeps it from being effective:")));
        for obstacle in obstacles {
            text.push_str(&format!("  - {obstacle}\n"));
        }
    }
    let needed = states.prerequisites().enabling_order([id]);
    if needed.len() > 1 {
        text.push_str(&format!("\n{}\n", style.bold("What it requires, in the order to enable:")));
        for (number, needed) in needed.iter().enumerate() {
            let standing = states.get(*needed).standing();
            text.push_str(&format!(
                "  {}. {}  {}\n",
                number + 1,
                id_of(rules, *needed),
                standing_human(standing, style)
            ));
        }
    }
    for (title, kind) in [
        ("Settings it needs:", EdgeKind::Setting),
        ("Jobs to run after enabling it:", EdgeKind::ThenRun),
        ("Jobs to schedule:", EdgeKind::Schedule),
        ("It conflicts with:", EdgeKind::Conflicts),
        ("It switches on:", EdgeKind::Implies),
    ] {
        section(&mut text, rules, style, title, rules.edges_from(id, kind).map(|(_, node)| node));
    }
    let others = rules.edges_from(id, EdgeKind::Requires).map(|(_, node)| node);
    let others = others.filter(|node| !matches!(node, Node::Feature(_)));
    section(&mut text, rules, style, "What else it requires:", others);
    if rules
        .edges
        .iter()
        .any(|edge| edge.kind == EdgeKind::Irreversible && edge.from.contains(&Node::Feature(id)))
    {
        text.push_str(&format!("\n{}\n", style.bad("It can't be turned off again.")));
    }
    text
}

fn section(
    text: &mut String,
    rules: &Rules,
    style: Style,
    title: &str,
    nodes: impl Iterator<Item = Node>,
) {
    let nodes: Vec<Node> = nodes.collect();
    if nodes.is_empty() {
        return;
    }
    text.push_str(&format!("\n{}\n", style.bold(title)));
    for node in nodes {
        text.push_str(&format!("  - {}\n", rules.node_name(node)));
    }
}

fn dependents(engine: &Engine, id: FeatureId, style: Style) -> String {
    let (rules, states) = (engine.rules(), engine.states());
    let shown = FeatureView::Dependents(id).features(states, rules);
    let mut text = format!("{} {}\n", style.bold("What requires"), style.bold(id_of(rules, id)));
    let mut table = TextTable::new([]);
    for dependent in shown.into_iter().filter(|dependent| *dependent != id) {
        let standing = states.get(dependent).standing();
        table.row(["", id_of(rules, dependent), name_of(rules, dependent), standing.as_str()]);
    }
    if table.is_empty() {
        text.push_str("  nothing\n");
    } else {
        text.push_str(&table.render(style));
    }
    text
}
