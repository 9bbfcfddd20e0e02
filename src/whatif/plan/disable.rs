//! Turning features off.

use super::enable::{run, wait};
use super::needs::switch;
use super::{Action, Aim, CannotDisable, Clock, Plan, PlanStep, State};
use crate::features::{Enabled, States, runs_after};
use crate::model::{Deployment, EdgeKind, FeatureId, Node};
use std::collections::BTreeSet;

pub(super) fn plan(
    deployment: &Deployment,
    wanted: &[FeatureId],
) -> Result<Plan, Vec<CannotDisable>> {
    let states = States::of(deployment);
    let is_on = |id: FeatureId| states.get(id).enabled.is_on();
    let is_unknown = |id: FeatureId| states.get(id).enabled == Enabled::Unknown;
    let refusals: Vec<CannotDisable> =
        wanted.iter().filter_map(|id| refusal(deployment, &states, *id)).collect();
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let graph = states.prerequisites();
    let dependents: BTreeSet<FeatureId> = wanted
        .iter()
        .filter(|id| is_on(**id) || is_unknown(**id))
        .flat_map(|id| graph.dependents(*id))
        .filter(|id| (is_on(*id) || is_unknown(*id)) && !wanted.contains(id))
        .collect();
    let (staying, leaving): (Vec<FeatureId>, Vec<FeatureId>) =
        dependents.into_iter().partition(|id| refusal(deployment, &states, *id).is_some());
    let mut plan = Plan::new(Aim::Disable, wanted, deployment.clone());
    // A mandatory feature needs no prerequisites; one that can't be turned off keeps waiting for
    // them.
    plan.losing_effect = staying.into_iter().filter(|id| !is_mandatory(&states, *id)).collect();
    let mut clock = Clock::after(deployment);
    let all: BTreeSet<FeatureId> = leaving.iter().chain(wanted).copied().collect();
    let order =
        graph.enabling_order(all.iter().copied()).into_iter().rev().filter(|id| all.contains(id));
    let order: Vec<FeatureId> = order.collect();
    for id in &order {
        let mut step = PlanStep::new(Action::Disable(*id), State::Done, *id);
        if is_on(*id) {
            step.state = State::ToDo;
            step.edits = switch(deployment, *id, false, None);
        } else if is_unknown(*id) {
            step.state = State::ToCheck;
        }
        if !wanted.contains(id) {
            let needs = order.iter().filter(|needed| graph.closure(*id).contains(needed));
            step.features = needs.copied().collect();
            step = step.note("it requires what is turned off");
        }
        plan.push(step);
    }
    let switched = order.iter().filter(|id| is_on(**id));
    let sequences: Vec<_> = switched.map(|id| runs_after(deployment.rules(), *id)).collect();
    run(&mut plan, &sequences, &mut clock);
    wait(&mut plan, deployment);
    plan.left_without = left_without(deployment, &order);
    Ok(plan)
}

fn is_mandatory(states: &States, id: FeatureId) -> bool {
    states.get(id).enabled == Enabled::Mandatory
}

fn refusal(deployment: &Deployment, states: &States, id: FeatureId) -> Option<CannotDisable> {
    let rules = deployment.rules();
    let feature = rules.feature(id);
    let state = states.get(id);
    if let (Enabled::Mandatory, Some(since)) = (state.enabled, feature.mandatory_since) {
        let version = deployment.version();
        return Some(CannotDisable::Mandatory { feature: feature.id.clone(), since, version });
    }
    let irreversible = |edge: &&crate::model::Edge| {
        edge.kind == EdgeKind::Irreversible && edge.from.contains(&Node::Feature(id))
    };
    let edge = rules.edges.iter().find(irreversible).filter(|_| state.enabled.is_on())?;
    Some(CannotDisable::Irreversible { feature: feature.id.clone(), edge: edge.id.clone() })
}

/// What requires a feature that is turned off and is no feature itself.
fn left_without(deployment: &Deployment, off: &[FeatureId]) -> Vec<Node> {
    let edges = deployment.rules().edges.iter().filter(|edge| {
        edge.kind == EdgeKind::Requires
            && edge.to.iter().any(|node| matches!(node, Node::Feature(id) if off.contains(id)))
    });
    let mut nodes: Vec<Node> = Vec::new();
    for node in edges.flat_map(|edge| &edge.from).filter(|node| !matches!(node, Node::Feature(_))) {
        if !nodes.contains(node) {
            nodes.push(*node);
        }
    }
    nodes
}
