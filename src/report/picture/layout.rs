//! Where the nodes of a directed graph go: in layers from left to right, parts that are not joined
//! side by side.
//!
//! Crates that do this were tried on the product's own graph (123 boxes of different heights, 88
//! arrows, 35 parts). `rust-sugiyama` 0.4 draws it with no crossing where there are 4 here, and
//! packs no parts; but its layout hangs on the order of hash maps, so that the same input does not
//! give the same page (1,127 of 1,500 random graphs came out otherwise the second time), an edge
//! from a node to itself makes it panic, and it does not come to an end on some graphs with two
//! edges between the same nodes. `dagre` 0.1 and `layout-rs` 0.1 draw all parts below each other,
//! in 2.8 and 14 times the area, and take 0.3 and 1.7 s unoptimized.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::iter::successors;

/// What nodes take up, and what is left free around them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The width of a node.
    pub(super) width: i32,
    /// What is left free between two layers.
    pub(super) between_layers: i32,
    /// What is left free above the next node of a layer.
    pub(super) between_nodes: i32,
    /// What is left free above the next part.
    pub(super) between_parts: i32,
    /// No row of parts is wider, unless one part alone is.
    pub(super) most: i32,
}

impl Sizes {
    /// Where layers begin, from left to right.
    fn lefts(self) -> impl Iterator<Item = i32> {
        successors(Some(0), move |left| Some(left + self.width + self.between_layers))
    }
}

/// A node's upper left corner.
pub(super) type Place = (i32, i32);

/// Where an edge begins and where it ends, by the numbers of the nodes.
pub(super) type Edge = (usize, usize);

/// A node to be placed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Its height.
    pub(super) height: i32,
    /// Parts with a node of a low rank come first.
    pub(super) rank: u8,
}

/// Where everything is.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The place of every node.
    pub(super) places: Vec<Place>,
    /// The width of it all.
    pub(super) width: i32,
    /// The height of it all.
    pub(super) height: i32,
}

/// What a list that follows the nodes has for one of them.
#[expect(clippy::expect_used, reason = "edges and layers hold numbers of nodes")]
pub(super) fn at<T>(of_nodes: &[T], node: usize) -> &T {
    of_nodes.get(node).expect("edges and layers hold numbers of nodes")
}

#[expect(clippy::expect_used, reason = "edges and layers hold numbers of nodes")]
fn at_mut<T>(of_nodes: &mut [T], node: usize) -> &mut T {
    of_nodes.get_mut(node).expect("edges and layers hold numbers of nodes")
}

/// Places the nodes.
pub(super) fn lay_out(nodes: &[Node], edges: &[Edge], sizes: Sizes) -> Layout {
    let mut parts: Vec<Part> = parts(nodes.len(), edges)
        .iter()
        .map(|members| Part::new(members, nodes, edges, sizes))
        .collect();
    // The largest first; of equal ones the order of their nodes is kept.
    parts.sort_by_key(|part| (part.rank, Reverse(part.height)));
    let mut columns = Columns::for_parts(&parts, sizes);
    let mut places = vec![(0, 0); nodes.len()];
    for part in &parts {
        let (left, top) = columns.put(part);
        for (node, (x, y)) in &part.places {
            *at_mut(&mut places, *node) = (left + x, top + y);
        }
    }
    let rights = places.iter().map(|(x, _)| x + sizes.width);
    let bottoms = places.iter().zip(nodes).map(|((_, y), node)| y + node.height);
    Layout { width: rights.fold(0, i32::max), height: bottoms.fold(0, i32::max), places }
}

/// The nodes that edges join, however indirectly, in parts.
fn parts(count: usize, edges: &[Edge]) -> Vec<Vec<usize>> {
    let mut part_of: Vec<usize> = (0..count).collect();
    for (from, to) in edges {
        let (one, other) = (*at(&part_of, *from), *at(&part_of, *to));
        for part in part_of.iter_mut().filter(|part| **part == one.max(other)) {
            *part = one.min(other);
        }
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, part) in part_of.into_iter().enumerate() {
        parts.entry(part).or_default().push(node);
    }
    parts.into_values().collect()
}

/// How far down each column is taken up by parts.
struct Columns {
    taken: Vec<i32>,
    sizes: Sizes,
}

impl Columns {
    /// As many columns as fit, and no fewer than the widest part has.
    fn for_parts(parts: &[Part], sizes: Sizes) -> Self {
        let fitting = sizes.lefts().take_while(|left| left + sizes.width <= sizes.most).count();
        let count = parts.iter().map(|part| part.columns).fold(fitting.max(1), usize::max);
        Self { taken: vec![0; count], sizes }
    }

    /// Puts a part where it comes furthest up; of such places the leftmost.
    #[expect(clippy::expect_used, reason = "there are as many columns as the widest part has")]
    fn put(&mut self, part: &Part) -> Place {
        let tops = self.taken.windows(part.columns);
        let tops = tops.map(|columns| columns.iter().copied().fold(0, i32::max));
        let (column, (left, top)) = (self.sizes.lefts().zip(tops).enumerate())
            .min_by_key(|(_, (_, top))| *top)
            .expect("there are as many columns as the widest part has");
        for taken in self.taken.iter_mut().skip(column).take(part.columns) {
            *taken = top + part.height + self.sizes.between_parts;
        }
        (left, top)
    }
}

/// Nodes that are joined, placed among themselves.
struct Part {
    places: Vec<(usize, Place)>,
    columns: usize,
    height: i32,
    rank: u8,
}

impl Part {
    /// Of at least one node.
    fn new(members: &[usize], nodes: &[Node], edges: &[Edge], sizes: Sizes) -> Self {
        let within = |(from, _): &Edge| members.contains(from);
        let edges: Vec<Edge> = edges.iter().copied().filter(within).collect();
        let mut layers = Layers::new(members, nodes, &edges, sizes.between_nodes);
        layers.order();
        layers.settle();
        let places = layers.places(sizes);
        let bottoms = places.iter().map(|(node, (_, y))| y + at(nodes, *node).height);
        let height = bottoms.fold(0, i32::max);
        let rank = members.iter().map(|node| at(nodes, *node).rank).fold(u8::MAX, u8::min);
        Self { places, columns: layers.columns.len(), height, rank }
    }
}

/// In which layer each node of a part is: each edge leads from an earlier layer to a later one.
fn depths(members: &[usize], nodes: usize, edges: &[Edge]) -> Vec<usize> {
    let mut depths = vec![0; nodes];
    // As many rounds as there are nodes suffice where there is no cycle; with one, the rest is as
    // good as any.
    for _ in members {
        for (from, to) in edges {
            let least = (at(&depths, *from) + 1).min(members.len() - 1);
            let depth = at_mut(&mut depths, *to);
            *depth = least.max(*depth);
        }
    }
    // A node that nothing leads to stands right before the first that it leads to.
    for node in members.iter().filter(|node| edges.iter().all(|(_, to)| to != *node)) {
        let leads_to = edges.iter().filter(|(from, _)| from == node);
        if let Some(next) = leads_to.map(|(_, to)| *at(&depths, *to)).min() {
            *at_mut(&mut depths, *node) = next.saturating_sub(1);
        }
    }
    depths
}

/// The nodes of a part in layers.
struct Layers<'a> {
    columns: Vec<Vec<usize>>,
    nodes: &'a [Node],
    neighbours: Vec<BTreeSet<usize>>,
    tops: Vec<i32>,
    gap: i32,
}

impl<'a> Layers<'a> {
    fn new(members: &[usize], nodes: &'a [Node], edges: &[Edge], gap: i32) -> Self {
        let mut columns: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let depths = depths(members, nodes.len(), edges);
        for node in members {
            columns.entry(*at(&depths, *node)).or_default().push(*node);
        }
        let mut neighbours = vec![BTreeSet::new(); nodes.len()];
        for (from, to) in edges {
            at_mut(&mut neighbours, *from).insert(*to);
            at_mut(&mut neighbours, *to).insert(*from);
        }
        let columns = columns.into_values().collect();
        Self { columns, nodes, neighbours, tops: vec![0; nodes.len()], gap }
    }

    fn height(&self, node: usize) -> i32 {
        at(self.nodes, node).height
    }

    fn top(&self, node: usize) -> i32 {
        *at(&self.tops, node)
    }

    fn middle(&self, node: usize) -> i32 {
        self.top(node) + self.height(node) / 2
    }

    /// The mean of the positions of a node's neighbours, in hundredths; `None` for a node without.
    fn mean(&self, node: usize, position: impl Fn(usize) -> i32) -> Option<i32> {
        let neighbours = at(&self.neighbours, node).iter();
        let (sum, count) =
            neighbours.fold((0, 0), |(sum, count), other| (sum + position(*other), count + 1));
        (count > 0).then(|| sum * 100 / count)
    }

    /// Sorts each layer by where its neighbours are, a few times to and fro.
    fn order(&mut self) {
        for round in 0..8 {
            let mut positions = vec![0; self.nodes.len()];
            for (node, position) in self.columns.iter().flat_map(|layer| layer.iter().zip(0..)) {
                *at_mut(&mut positions, *node) = position;
            }
            let position = |node: usize| *at(&positions, node);
            let mut columns = std::mem::take(&mut self.columns);
            // On the way to, the first layer stays as it is.
            for layer in columns.iter_mut().skip(usize::from(round % 2 == 0)) {
                layer.sort_by_key(|node| {
                    self.mean(*node, position).unwrap_or_else(|| position(*node) * 100)
                });
            }
            self.columns = columns;
        }
    }

    /// Gives each node its height in the picture: as near to the middle of its neighbours as those
    /// above let it.
    fn settle(&mut self) {
        let mut layers = self.columns.clone();
        for layer in &layers {
            self.stack(layer);
        }
        for _ in 0..16 {
            layers.reverse();
            for layer in &layers {
                self.settle_layer(layer);
            }
        }
        let members = || self.columns.iter().flatten();
        let least = members().map(|node| self.top(*node)).fold(i32::MAX, i32::min);
        self.tops.iter_mut().for_each(|top| *top -= least);
    }

    /// Puts the nodes of a layer below each other.
    fn stack(&mut self, layer: &[usize]) {
        let mut next = 0;
        for node in layer {
            *at_mut(&mut self.tops, *node) = next;
            next += self.height(*node) + self.gap;
        }
    }

    fn settle_layer(&mut self, layer: &[usize]) {
        let mut free = i32::MIN;
        let (mut tops, mut pushed, mut count) = (Vec::new(), 0, 0);
        for node in layer {
            let wanted = self.wanted(*node);
            let top = free.max(wanted);
            tops.push(top);
            free = top + self.height(*node) + self.gap;
            pushed += top - wanted;
            count += 1;
        }
        // What was pushed down is taken up again by the mean, so that a crowd stands around where
        // it wants to.
        for (node, top) in layer.iter().zip(tops) {
            *at_mut(&mut self.tops, *node) = top - pushed / count;
        }
    }

    /// Where a node would stand if it were alone in its layer.
    fn wanted(&self, node: usize) -> i32 {
        let mean = self.mean(node, |other| self.middle(other));
        mean.map_or_else(|| self.top(node), |mean| mean / 100 - self.height(node) / 2)
    }

    /// The place of each node.
    fn places(&self, sizes: Sizes) -> Vec<(usize, Place)> {
        let layers = self.columns.iter().zip(sizes.lefts());
        let place = |node: usize, left: i32| (node, (left, self.top(node)));
        layers.flat_map(|(layer, left)| layer.iter().map(move |node| place(*node, left))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes =
        Sizes { width: 100, between_layers: 20, between_nodes: 10, between_parts: 20, most: 500 };

    fn nodes(heights: &[i32], ranks: &[u8]) -> Vec<Node> {
        heights
            .iter()
            .zip(ranks)
            .map(|(height, rank)| Node { height: *height, rank: *rank })
            .collect()
    }

    fn overlap(heights: &[i32], places: &[Place]) -> bool {
        (0..places.len()).any(|one| {
            (0..one).any(|other| {
                let ((x, y), (s, t)) = (places[one], places[other]);
                (x - s).abs() < SIZES.width && y < t + heights[other] && t < y + heights[one]
            })
        })
    }

    #[test]
    fn nothing_overlaps_and_edges_lead_to_the_right() {
        let edges = [(0, 1), (0, 2), (0, 3), (4, 0), (5, 3), (6, 7), (8, 3), (3, 9)];
        let heights = [40, 50, 40, 60, 40, 40, 40, 40, 70, 40, 40, 40];
        let Layout { places, width, height } = lay_out(&nodes(&heights, &[0; 12]), &edges, SIZES);
        assert!(!overlap(&heights, &places), "{places:?}");
        assert!(edges.iter().all(|(from, to)| places[*from].0 < places[*to].0), "{places:?}");
        assert!(places.iter().zip(heights).all(|((x, y), own)| {
            *x >= 0 && *y >= 0 && x + SIZES.width <= width && y + own <= height
        }));
    }

    #[test]
    fn what_matters_most_comes_first() {
        let nodes = nodes(&[40; 6], &[2, 2, 2, 0, 1, 2]);
        let places = lay_out(&nodes, &[(0, 1), (1, 2)], SIZES).places;
        assert_eq!((places[3], places[4]), ((0, 0), (120, 0)));
    }

    #[test]
    fn a_cycle_is_drawn_too() {
        let edges = [(0, 1), (1, 2), (2, 0), (1, 1), (0, 1)];
        let places = lay_out(&nodes(&[40; 3], &[0; 3]), &edges, SIZES).places;
        assert!(!overlap(&[40; 3], &places), "{places:?}");
    }

    #[test]
    fn no_nodes_take_no_place() {
        let nothing = Layout { places: Vec::new(), width: 0, height: 0 };
        assert_eq!(lay_out(&[], &[], SIZES), nothing);
    }
}
