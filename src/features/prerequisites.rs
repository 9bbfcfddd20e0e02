//! The prerequisite graph: what a feature needs, in which order to enable, what is effective and
//! why not.
//!
//! The only module that knows `petgraph`. Only `requires` edges between features gate; what else a
//! feature needs (a setting, a job, data) is for the checks.

use crate::model::{EdgeKind, FeatureId, Node, Origin, Rules, indexed};
use petgraph::Direction;
use petgraph::algo::{tarjan_scc, toposort};
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{Bfs, Reversed};
use std::collections::{BTreeSet, VecDeque};

/// The `requires` edges between features, from the one that needs to the one that is needed.
#[derive(Clone, Debug)]
pub struct Prerequisites {
    graph: DiGraph<FeatureId, ()>,
}

fn node_of(feature: FeatureId) -> NodeIndex {
    NodeIndex::new(feature.index())
}

impl Prerequisites {
    /// The graph of the rules.
    pub fn of(rules: &Rules) -> Self {
        let mut graph = DiGraph::new();
        for feature in rules.feature_ids() {
            graph.add_node(feature);
        }
        for edge in rules.edges.iter().filter(|edge| edge.kind == EdgeKind::Requires) {
            for from in &edge.from {
                for to in &edge.to {
                    if let (Node::Feature(from), Node::Feature(to)) = (from, to) {
                        graph.update_edge(node_of(*from), node_of(*to), ());
                    }
                }
            }
        }
        Self { graph }
    }

    fn feature(&self, node: NodeIndex) -> FeatureId {
        self.graph[node]
    }

    /// The features that `feature` itself requires, by number.
    pub fn direct(&self, feature: FeatureId) -> Vec<FeatureId> {
        let neighbors = self.graph.neighbors_directed(node_of(feature), Direction::Outgoing);
        let mut direct: Vec<FeatureId> = neighbors.map(|node| self.feature(node)).collect();
        direct.sort_unstable();
        direct
    }

    /// All features that `feature` requires, however indirectly, without itself.
    pub fn closure(&self, feature: FeatureId) -> BTreeSet<FeatureId> {
        let mut walk = Bfs::new(&self.graph, node_of(feature));
        let mut reached: BTreeSet<FeatureId> =
            std::iter::from_fn(|| walk.next(&self.graph)).map(|node| self.feature(node)).collect();
        reached.remove(&feature);
        reached
    }

    /// All features that require `feature`, however indirectly, without itself.
    pub fn dependents(&self, feature: FeatureId) -> BTreeSet<FeatureId> {
        let reversed = Reversed(&self.graph);
        let mut walk = Bfs::new(&reversed, node_of(feature));
        let mut reached: BTreeSet<FeatureId> =
            std::iter::from_fn(|| walk.next(&reversed)).map(|node| self.feature(node)).collect();
        reached.remove(&feature);
        reached
    }

    /// `features` and all that they require, each after what it requires.
    pub fn enabling_order(&self, features: impl IntoIterator<Item = FeatureId>) -> Vec<FeatureId> {
        let mut wanted = BTreeSet::new();
        for feature in features {
            wanted.extend(self.closure(feature));
            wanted.insert(feature);
        }
        self.order().into_iter().filter(|feature| wanted.contains(feature)).collect()
    }

    /// Every feature after those it requires; of features that require each other, none is left
    /// out.
    fn order(&self) -> Vec<FeatureId> {
        // Features that require each other have no order, which is told of the rules; here they
        // come together.
        let sorted = toposort(&self.graph, None).unwrap_or_else(|_| {
            let components = tarjan_scc(&self.graph);
            components.into_iter().rev().flatten().collect()
        });
        sorted.into_iter().rev().map(|node| self.feature(node)).collect()
    }

    /// One cycle of each set of features that require each other, from its first feature on.
    fn cycles(&self) -> Vec<Vec<FeatureId>> {
        let mut cycles: Vec<Vec<FeatureId>> = tarjan_scc(&self.graph)
            .into_iter()
            .filter_map(|component| self.shortest_cycle(component.into_iter().min()?))
            .collect();
        cycles.sort();
        cycles
    }

    /// The shortest way from a node back to itself.
    fn shortest_cycle(&self, start: NodeIndex) -> Option<Vec<FeatureId>> {
        let mut ways = VecDeque::from([vec![start]]);
        let mut seen = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            let mut next: Vec<NodeIndex> = self.graph.neighbors(*way.last()?).collect();
            next.sort();
            for node in next {
                if node == start {
                    return Some(way.into_iter().map(|node| self.feature(node)).collect());
                }
                if seen.insert(node) {
                    ways.push_back(way.iter().copied().chain([node]).collect());
                }
            }
        }
        None
    }

    /// Which features are effective, by number, where `own` says of each what it is by itself.
    ///
    /// A mandatory feature needs no prerequisites; another is effective where it is on and all that
    /// it requires is.
    pub fn effective(&self, own: impl Fn(FeatureId) -> Own) -> Vec<bool> {
        let mut effective = vec![false; self.graph.node_count()];
        for feature in self.order() {
            let is_effective = match own(feature) {
                Own::Mandatory => true,
                Own::Off => false,
                Own::On => {
                    let needed = self.direct(feature);
                    needed.iter().all(|needed| *indexed(&effective, needed.index()))
                }
            };
            if let Some(place) = effective.get_mut(feature.index()) {
                *place = is_effective;
            }
        }
        effective
    }
}

/// What a feature is by itself, before its prerequisites are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Own {
    /// It cannot be off.
    Mandatory,
    /// It is enabled, exists in this version, and is distributed.
    On,
    /// It is not.
    Off,
}

/// One cycle of each set of features that require each other.
pub(crate) fn cycles(rules: &Rules) -> Vec<Vec<FeatureId>> {
    Prerequisites::of(rules).cycles()
}

/// The features that decisions depend on: those that rules mention, and all that they require.
pub fn deciding_features(rules: &Rules) -> Vec<FeatureId> {
    let mentioned = rules.rules.iter().flat_map(|rule| &rule.when).filter_map(|condition| {
        match rules.fact(condition.fact).origin {
            Origin::Feature(feature) => Some(feature),
            Origin::Situation(_) | Origin::Setting { .. } => None,
        }
    });
    let mut features = Prerequisites::of(rules).enabling_order(mentioned);
    features.sort_unstable();
    features
}
