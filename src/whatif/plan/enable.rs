//! Turning features on.

use super::needs::{Need, holds_for, run_of, switch, with_runs_recorded};
use super::{Action, Aim, Clock, Conflict, Plan, PlanStep, State};
use crate::features::{
    Enabled, Run, States, job_that, merge_runs, open_features, runs_to_open, told_by,
};
use crate::model::{Deployment, EdgeKind, FeatureId, JobEffect, JobId, Node, SectionName, Version};

/// What is known at the version that the plan reaches.
struct Target<'a> {
    need: Need<'a>,
    version: Version,
    /// The features that are not effective and have to be, each after what it requires.
    open: Vec<FeatureId>,
}

pub(super) fn plan(deployment: &Deployment, wanted: &[FeatureId]) -> Plan {
    let states = States::of(deployment);
    let version = deployment.version();
    let since = |id: &FeatureId| deployment.rules().feature(*id).since;
    let needed = open_features(&states, wanted).iter().filter_map(since).max();
    let target = needed.filter(|needed| *needed > version).unwrap_or(version);
    let updated = if target > version { deployment.at_version(target) } else { deployment.clone() };
    let before = states;
    let states = States::of(&updated);
    let open = open_features(&states, wanted);
    let mut clock = Clock::after(deployment);
    let jobs: Vec<JobId> = open.iter().flat_map(|id| deployment.rules().then_run(*id)).collect();
    let base = with_runs_recorded(deployment, &jobs, &clock);
    let mut plan = Plan::new(Aim::Enable, wanted, base);
    let target =
        Target { need: Need { deployment: &updated, states: &states }, version: target, open };
    target.reach_version(&mut plan, version);
    target.done(&mut plan, &before);
    for id in &target.open {
        target.switch_on(&mut plan, *id, &mut clock);
    }
    target.run_jobs(&mut plan, &mut clock);
    target.schedule(&mut plan);
    wait(&mut plan, deployment);
    target.conflicts(&mut plan);
    plan
}

impl Target<'_> {
    fn reach_version(&self, plan: &mut Plan, from: Version) {
        let rules = self.need.deployment.rules();
        let Some(first) = self.open.first().or(plan.wanted.first()).filter(|_| self.version > from)
        else {
            return;
        };
        let mut step =
            PlanStep::new(Action::Update { from, to: self.version }, State::ToDo, *first);
        step.features.clear();
        for id in self.need.states.prerequisites().enabling_order(plan.wanted.iter().copied()) {
            let feature = rules.feature(id);
            if feature.since.is_some_and(|since| since > from) {
                step.features.push(id);
            }
            let mandatory = feature.mandatory_since;
            if let Some(since) = mandatory.filter(|since| *since > from && *since <= self.version) {
                step.notes.push(format!(
                    "{} is mandatory from {since} on, and needs no switch",
                    feature.id
                ));
            }
        }
        step.edits.push(self.need.deployment.version_edit(self.version));
        plan.steps.push(step);
    }

    /// Features that are required and effective already; what the update brings stands there.
    fn done(&self, plan: &mut Plan, before: &States) {
        let states = self.need.states;
        for id in states.prerequisites().enabling_order(plan.wanted.iter().copied()) {
            if before.is_effective(id) && states.is_effective(id) {
                let mut step = PlanStep::new(Action::Enable(id), State::Done, id);
                if states.get(id).enabled == Enabled::Mandatory {
                    step = step.note("it is mandatory in this version");
                }
                plan.push(step);
            }
        }
    }

    fn switch_on(&self, plan: &mut Plan, id: FeatureId, clock: &mut Clock) {
        let rules = self.need.deployment.rules();
        let edges =
            rules.edges_from(id, EdgeKind::Requires).chain(rules.edges_from(id, EdgeKind::Setting));
        for (edge, node) in edges.filter(|(edge, _)| holds_for(edge, self.version)) {
            if let Some(step) = self.need.step(id, edge, node) {
                plan.push(step);
            }
        }
        let enabled = self.need.states.get(id).enabled;
        let state = if enabled.is_on() { State::Done } else { State::ToDo };
        let mut step = PlanStep::new(Action::Enable(id), state, id);
        if enabled == Enabled::Unknown {
            step = step.note("the deployment does not say whether it is on already");
        }
        if state == State::ToDo {
            step.edits = switch(self.need.deployment, id, true, Some(clock.tick()));
        }
        if let Some(job) =
            told_by(rules, id).map(|job| rules.job(job)).filter(|_| state == State::ToDo)
        {
            step = step.note(format!("channels know of it once {} has run", job.title()));
        }
        for (edge, node) in rules.edges_from(id, EdgeKind::Implies) {
            step.edges.push(edge.id.clone());
            step.notes.push(format!("it also switches on {}", rules.node_quoted(node)));
        }
        let stays = rules.edges.iter().find(|edge| {
            edge.kind == EdgeKind::Irreversible && edge.from.contains(&Node::Feature(id))
        });
        if let Some(edge) = stays.filter(|_| state == State::ToDo) {
            step.edges.push(edge.id.clone());
            step.notes.push("it can't be turned off again".to_owned());
            plan.irreversible.push(id);
        }
        plan.push(step);
    }

    /// The jobs that bring settings and features to the channels, each feature's in its order.
    fn run_jobs(&self, plan: &mut Plan, clock: &mut Clock) {
        let deployment = self.need.deployment;
        let rules = deployment.rules();
        let mut sequences = runs_to_open(rules, self.need.states, &self.open);
        let mut afterwards = Vec::new();
        for id in self.open.iter().filter(|id| !self.need.states.get(**id).enabled.is_on()) {
            // What is no job, such as starting the POS again, follows the jobs.
            let others = rules.edges_from(*id, EdgeKind::ThenRun);
            let others = others.filter(|(_, node)| !matches!(node, Node::Job(_)));
            afterwards.extend(others.map(|(edge, node)| {
                PlanStep::new(Action::Ensure(node), State::ToDo, *id).because(edge)
            }));
        }
        let sets = plan.steps.iter().find(|step| {
            step.edits.iter().any(|edit| edit.is_of(rules, SectionName::FunctionalityProfile))
        });
        if let (Some(step), Some(job)) = (sets, job_that(rules, JobEffect::SendProfiles)) {
            sequences.push(step.features.iter().take(1).map(|id| (job, None, *id)).collect());
        }
        run(plan, &sequences, clock);
        for step in afterwards {
            plan.push(step);
        }
    }

    fn schedule(&self, plan: &mut Plan) {
        let rules = self.need.deployment.rules();
        // What is on already has to be served as well.
        for id in self.need.states.prerequisites().enabling_order(plan.wanted.iter().copied()) {
            for (edge, node) in rules.edges_from(id, EdgeKind::Schedule) {
                if let Node::Job(job) = node {
                    plan.push(self.need.schedule(id, job).because(edge));
                }
            }
        }
    }

    fn conflicts(&self, plan: &mut Plan) {
        let rules = self.need.deployment.rules();
        let edges = rules.edges.iter().filter(|edge| edge.kind == EdgeKind::Conflicts);
        for edge in edges.filter(|edge| holds_for(edge, self.version)) {
            for id in &self.open {
                let own = Node::Feature(*id);
                let others: &[Node] = match () {
                    () if edge.from.contains(&own) => &edge.to,
                    () if edge.to.contains(&own) => &edge.from,
                    () => &[],
                };
                for with in others {
                    let planned = matches!(with, Node::Feature(other) if self.open.contains(other));
                    let active = if planned { Some(true) } else { self.need.is_active(*with) };
                    let (edge_id, text) = (edge.id.clone(), edge.text.clone());
                    plan.conflicts.push(Conflict {
                        feature: *id,
                        with: *with,
                        active,
                        edge: edge_id,
                        text,
                    });
                }
            }
        }
    }
}

/// A step for each job of the sequences, in an order that keeps all of theirs.
pub(super) fn run(plan: &mut Plan, sequences: &[Vec<Run>], clock: &mut Clock) {
    for (job, edges, features) in merge_runs(sequences) {
        let edits = vec![run_of(&plan.base, job, clock.tick())];
        let (action, state) = (Action::Run(job), State::ToDo);
        let step = PlanStep { action, state, features, edges, notes: Vec::new(), edits };
        // A job that has to run twice is two steps.
        plan.steps.push(step);
    }
}

/// The last step after jobs: what the cache still holds.
pub(super) fn wait(plan: &mut Plan, deployment: &Deployment) {
    /// Why waiting is needed.
    const CACHE: &str = "S-038";
    let runs = plan.steps.iter().any(|step| matches!(step.action, Action::Run(_)));
    let known = deployment.rules().evidence.statement(CACHE).is_some();
    if let Some(first) = plan.wanted.first().copied().filter(|_| runs && known) {
        let mut step = PlanStep::new(Action::Wait(CACHE.to_owned()), State::ToDo, first);
        step.features.clone_from(&plan.wanted);
        plan.steps.push(step);
    }
}
