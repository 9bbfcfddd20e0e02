//! Where the nodes of a directed graph go: in layers from left to right, parts that are not joined
//! side by side.

use std::collections::{BTreeMap, BTreeSet};

/// What a node takes up, and what is left free around it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// The width of a node.
    pub(super) width: i32,
    /// The height of each node.
    pub(super) between_layers: i32,
    /// What is left free above the next node of a layer.
    pub(super) between_nodes: i32,
    /// What is left free above the next part.
    pub(super) between_parts: i32,
    /// No row of parts is wider, unless one part alone is.
    pub(super) most: i32,
}

/// A node's upper left corner.
pub(super) type Place = (i32, i32);

/// The place of every node, and the width and height of it all. Parts with a node of a low rank
/// come first.
pub(super) fn lay_out(
    heights: &[i32],
    ranks: &[u8],
    edges: &[(usize, usize)],
    sizes: Sizes,
) -> (Vec<Place>, i32, i32) {
    let mut parts: Vec<Part> = parts(heights.len(), edges)
        .into_iter()
        .map(|nodes| Part::new(&nodes, heights, ranks, edges, sizes))
        .collect();
    // The largest first; of equal ones the order of their nodes is kept.
    parts.sort_by_key(|part| (part.rank, std::cmp::Reverse(part.height)));
    let step = sizes.width + sizes.between_layers;
    let count = usize::try_from((sizes.most + sizes.between_layers) / step).unwrap_or(1).max(1);
    // How far down each column is taken up.
    let mut taken = vec![0; count.max(parts.iter().map(|part| part.columns).max().unwrap_or(1))];
    let mut places = vec![(0, 0); heights.len()];
    for part in &parts {
        let tops =
            taken.windows(part.columns).map(|columns| columns.iter().copied().max().unwrap_or(0));
        let (column, top) = tops.enumerate().min_by_key(|(_, top)| *top).unwrap_or((0, 0));
        let left = i32::try_from(column).unwrap_or(0) * step;
        for (node, (x, y)) in &part.places {
            if let Some(place) = places.get_mut(*node) {
                *place = (left + x, top + y);
            }
        }
        taken
            .iter_mut()
            .skip(column)
            .take(part.columns)
            .for_each(|taken| *taken = top + part.height + sizes.between_parts);
    }
    let right = places.iter().map(|(x, _)| x + sizes.width).max().unwrap_or(0);
    let bottom = places.iter().zip(heights).map(|((_, y), height)| y + height).max().unwrap_or(0);
    (places, right, bottom)
}

/// The nodes that edges join, however indirectly, in parts.
fn parts(count: usize, edges: &[(usize, usize)]) -> Vec<Vec<usize>> {
    let mut part_of: Vec<usize> = (0..count).collect();
    for (from, to) in edges {
        let (Some(one), Some(other)) = (part_of.get(*from).copied(), part_of.get(*to).copied())
        else {
            continue;
        };
        part_of
            .iter_mut()
            .filter(|part| **part == one.max(other))
            .for_each(|part| *part = one.min(other));
    }
    let mut parts: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (node, part) in part_of.into_iter().enumerate() {
        parts.entry(part).or_default().push(node);
    }
    parts.into_values().collect()
}

/// Nodes that are joined, placed among themselves.
struct Part {
    places: Vec<(usize, Place)>,
    columns: usize,
    height: i32,
    rank: u8,
}

impl Part {
    fn new(
        nodes: &[usize],
        heights: &[i32],
        ranks: &[u8],
        edges: &[(usize, usize)],
        sizes: Sizes,
    ) -> Self {
        let within: Vec<(usize, usize)> = edges
            .iter()
            .copied()
            .filter(|(from, to)| nodes.contains(from) && nodes.contains(to))
            .collect();
        let mut layers = Layers::new(nodes, heights, &within, sizes.between_nodes);
        layers.order();
        layers.settle();
        let mut places = Vec::new();
        let mut height = 0;
        for (number, layer) in layers.columns.iter().enumerate() {
            let x = i32::try_from(number).unwrap_or(0) * (sizes.width + sizes.between_layers);
            for node in layer {
                let y = layers.top(*node);
                height = height.max(y + layers.height(*node));
                places.push((*node, (x, y)));
            }
        }
        let rank = nodes.iter().filter_map(|node| ranks.get(*node)).copied().min().unwrap_or(0);
        Self { places, columns: layers.columns.len(), height, rank }
    }
}

/// The nodes of a part in layers, each edge from an earlier layer to a later one.
struct Layers<'a> {
    columns: Vec<Vec<usize>>,
    heights: &'a [i32],
    neighbours: BTreeMap<usize, BTreeSet<usize>>,
    tops: BTreeMap<usize, i32>,
    gap: i32,
}

impl<'a> Layers<'a> {
    fn new(nodes: &[usize], heights: &'a [i32], edges: &[(usize, usize)], gap: i32) -> Self {
        let mut depth: BTreeMap<usize, usize> = nodes.iter().map(|node| (*node, 0)).collect();
        // As many rounds as there are nodes suffice where there is no cycle; with one, the rest is
        // as good as any.
        for _ in 0..nodes.len() {
            for (from, to) in edges {
                let least = depth.get(from).map_or(0, |depth| depth + 1).min(nodes.len() - 1);
                depth.entry(*to).and_modify(|depth| *depth = least.max(*depth));
            }
        }
        // A node that nothing leads to stands right before the first that it leads to.
        for node in nodes.iter().filter(|node| edges.iter().all(|(_, to)| to != *node)) {
            let next = edges
                .iter()
                .filter(|(from, _)| from == node)
                .filter_map(|(_, to)| depth.get(to))
                .min();
            if let Some(next) = next.copied() {
                depth.insert(*node, next.saturating_sub(1));
            }
        }
        let used: BTreeSet<usize> = depth.values().copied().collect();
        let layer = |wanted: &usize| {
            nodes.iter().copied().filter(|node| depth.get(node) == Some(wanted)).collect()
        };
        let columns = used.iter().map(layer).collect();
        let mut neighbours: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
        for (from, to) in edges {
            neighbours.entry(*from).or_default().insert(*to);
            neighbours.entry(*to).or_default().insert(*from);
        }
        Self { columns, heights, neighbours, tops: BTreeMap::new(), gap }
    }

    fn height(&self, node: usize) -> i32 {
        self.heights.get(node).copied().unwrap_or(0)
    }

    fn top(&self, node: usize) -> i32 {
        self.tops.get(&node).copied().unwrap_or(0)
    }

    fn middle(&self, node: usize) -> i32 {
        self.top(node) + self.height(node) / 2
    }

    /// The mean of what `position` says of a node's neighbours, in hundredths; `None` for a node
    /// without.
    fn mean(&self, node: usize, position: impl Fn(usize) -> Option<i32>) -> Option<i32> {
        let positions: Vec<i32> =
            self.neighbours.get(&node)?.iter().copied().filter_map(position).collect();
        let count = i32::try_from(positions.len()).ok().filter(|count| *count > 0)?;
        Some(positions.iter().sum::<i32>() * 100 / count)
    }

    /// Sorts each layer by where its neighbours are, a few times to and fro.
    fn order(&mut self) {
        for round in 0..8 {
            let positions: BTreeMap<usize, i32> =
                self.columns.iter().flat_map(|layer| layer.iter().copied().zip(0..)).collect();
            let count = self.columns.len();
            let numbers: Vec<usize> =
                if round % 2 == 0 { (1..count).collect() } else { (0..count).rev().collect() };
            for number in numbers {
                let Some(mut layer) = self.columns.get(number).cloned() else { continue };
                layer.sort_by_key(|node| {
                    let mean = self.mean(*node, |other| positions.get(&other).copied());
                    mean.unwrap_or_else(|| positions.get(node).copied().unwrap_or(0) * 100)
                });
                if let Some(place) = self.columns.get_mut(number) {
                    *place = layer;
                }
            }
        }
    }

    /// Gives each node its height in the picture: as near to the middle of its neighbours as those
    /// above let it.
    fn settle(&mut self) {
        for layer in self.columns.clone() {
            let mut next = 0;
            for node in layer {
                self.tops.insert(node, next);
                next += self.height(node) + self.gap;
            }
        }
        for round in 0..16 {
            let mut layers = self.columns.clone();
            if round % 2 == 0 {
                layers.reverse();
            }
            for layer in &layers {
                self.settle_layer(layer);
            }
        }
        let least = self.tops.values().copied().min().unwrap_or(0);
        self.tops.values_mut().for_each(|top| *top -= least);
    }

    fn settle_layer(&mut self, layer: &[usize]) {
        let wanted: Vec<i32> = layer
            .iter()
            .map(|node| {
                let middle =
                    self.mean(*node, |other| Some(self.middle(other))).map(|mean| mean / 100);
                middle.map_or_else(|| self.top(*node), |middle| middle - self.height(*node) / 2)
            })
            .collect();
        let mut free = i32::MIN;
        let mut tops = Vec::new();
        for (node, wanted) in layer.iter().zip(&wanted) {
            let top = free.max(*wanted);
            tops.push(top);
            free = top + self.height(*node) + self.gap;
        }
        // What was pushed down is taken up again by half, so that a crowd stands around where it
        // wants to.
        let pushed: i32 = tops.iter().zip(&wanted).map(|(top, wanted)| top - wanted).sum();
        let back = pushed / i32::try_from(layer.len().max(1)).unwrap_or(1);
        for (node, top) in layer.iter().zip(tops) {
            self.tops.insert(*node, top - back);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZES: Sizes =
        Sizes { width: 100, between_layers: 20, between_nodes: 10, between_parts: 20, most: 500 };

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
        let (places, width, height) = lay_out(&heights, &[0; 12], &edges, SIZES);
        assert!(!overlap(&heights, &places), "{places:?}");
        assert!(edges.iter().all(|(from, to)| places[*from].0 < places[*to].0), "{places:?}");
        assert!(places.iter().zip(heights).all(|((x, y), own)| {
            *x >= 0 && *y >= 0 && x + SIZES.width <= width && y + own <= height
        }));
    }

    #[test]
    fn what_matters_most_comes_first() {
        let (places, ..) = lay_out(&[40; 6], &[2, 2, 2, 0, 1, 2], &[(0, 1), (1, 2)], SIZES);
        assert_eq!((places[3], places[4]), ((0, 0), (120, 0)));
    }

    #[test]
    fn a_cycle_is_drawn_too() {
        let (places, ..) = lay_out(&[40; 3], &[0; 3], &[(0, 1), (1, 2), (2, 0)], SIZES);
        assert!(!overlap(&[40; 3], &places), "{places:?}");
    }

    #[test]
    fn no_nodes_take_no_place() {
        assert_eq!(lay_out(&[], &[], &[], SIZES), (Vec::new(), 0, 0));
    }
}
