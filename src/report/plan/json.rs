//! `plan --format json`.

use super::planned::{Planned, back_out, effective_after, effects};
use crate::model::Node;
use crate::report::diff::{EffectDocument, effect_json};
use crate::report::document::{Provenance, provenance};
use crate::whatif::Compared;
use crate::whatif::plan::{Action, Aim, Conflict, PlanStep, State};
use schemars::JsonSchema;
use serde::Serialize;

/// The steps that turn features on or off, and what follows from each.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct PlanDocument<'a> {
    version: u32,
    aim: Aim,
    features: Vec<&'a str>,
    commerce_version: String,
    /// Whether nothing is left to do.
    done: bool,
    steps: Vec<StepDocument<'a>>,
    conflicts: Vec<ConflictDocument<'a>>,
    /// Features that can't be turned off again.
    irreversible: Vec<&'a str>,
    /// Features that can't be turned off, and lose their effect.
    losing_effect: Vec<&'a str>,
    /// What needs what is turned off.
    left_without: Vec<&'a str>,
    /// The features asked for that channels decide by after the last step.
    effective_after: Vec<&'a str>,
    /// How to go back.
    back_out: Vec<String>,
    /// Null where no channel decides.
    changes: Option<ChangesDocument>,
    provenance: Provenance<'a>,
}

/// What a step does.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum ActionWord {
    /// Brings headquarters to a version.
    Update,
    /// Turns a setting on.
    Set,
    /// Has people make sure of something.
    Ensure,
    /// Turns a feature on.
    Enable,
    /// Turns a feature off.
    Disable,
    /// Runs a job.
    Run,
    /// Gives a job a schedule.
    Schedule,
    /// Waits.
    Wait,
}

#[derive(Debug, Serialize, JsonSchema)]
struct StepDocument<'a> {
    /// Its number, from 1.
    step: usize,
    action: ActionWord,
    state: State,
    /// What it acts on: the id of a feature, setting or job.
    of: Option<&'a str>,
    /// The version that headquarters is brought to.
    to: Option<String>,
    /// The records whose setting is turned on.
    records: Option<&'a [String]>,
    text: String,
    /// Where in headquarters.
    page: Option<String>,
    /// The features that it is for.
    features: Vec<&'a str>,
    /// The edges that demand it.
    edges: &'a [String],
    notes: &'a [String],
    changes: Option<ChangesDocument>,
    effects: Vec<EffectDocument<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ConflictDocument<'a> {
    feature: &'a str,
    with: &'a str,
    /// Whether that holds; null where it is not known.
    active: Option<bool>,
    edge: &'a str,
    text: Option<&'a str>,
}

/// How many decisions change.
#[derive(Debug, Serialize, JsonSchema)]
struct ChangesDocument {
    compared: u64,
    changed: u64,
    changed_outcomes: u64,
}

impl From<&Compared<'_>> for ChangesDocument {
    fn from(compared: &Compared<'_>) -> Self {
        Self {
            compared: compared.decisions,
            changed: compared.changed(),
            changed_outcomes: compared.changed_outcomes(),
        }
    }
}

/// `plan --format json`.
pub fn plan_json(planned: Planned<'_>) -> impl Serialize + use<'_> {
    let Planned { plan, engine, stages } = planned;
    let steps = plan.steps.iter().enumerate();
    let left = plan.left_without.iter();
    PlanDocument {
        version: 1,
        aim: plan.aim,
        features: planned.ids(&plan.wanted),
        commerce_version: engine.deployment().version().to_string(),
        done: plan.is_done(),
        steps: steps.map(|(number, step)| step_json(planned, number, step)).collect(),
        conflicts: plan.conflicts.iter().map(|it| conflict_json(planned, it)).collect(),
        irreversible: planned.ids(&plan.irreversible),
        losing_effect: planned.ids(&plan.losing_effect),
        left_without: left.map(|node| planned.rules().node_id(*node)).collect(),
        effective_after: planned.ids(&effective_after(planned)),
        back_out: back_out(planned),
        changes: stages.all_changes().as_ref().map(ChangesDocument::from),
        provenance: provenance(engine.rules(), Some(engine.deployment())),
    }
}

fn conflict_json<'a>(planned: Planned<'a>, conflict: &'a Conflict) -> ConflictDocument<'a> {
    ConflictDocument {
        feature: planned.id(conflict.feature),
        with: planned.rules().node_id(conflict.with),
        active: conflict.active,
        edge: &conflict.edge,
        text: conflict.text.as_deref(),
    }
}

/// What a step does, and to what.
fn action(step: &PlanStep) -> (ActionWord, Option<Node>) {
    match &step.action {
        Action::Update { .. } => (ActionWord::Update, None),
        Action::Set { setting, .. } => (ActionWord::Set, Some(Node::Setting(*setting))),
        Action::Ensure(node) => (ActionWord::Ensure, Some(*node)),
        Action::Enable(id) => (ActionWord::Enable, Some(Node::Feature(*id))),
        Action::Disable(id) => (ActionWord::Disable, Some(Node::Feature(*id))),
        Action::Run(job) => (ActionWord::Run, Some(Node::Job(*job))),
        Action::Schedule(job) => (ActionWord::Schedule, Some(Node::Job(*job))),
        Action::Wait(_) => (ActionWord::Wait, None),
    }
}

fn step_json<'a>(planned: Planned<'a>, number: usize, step: &'a PlanStep) -> StepDocument<'a> {
    let rules = planned.rules();
    let (action, node) = action(step);
    let changes = planned.stages.changes(number);
    let effects = changes.iter().flat_map(effects);
    StepDocument {
        step: number + 1,
        action,
        state: step.state,
        of: node.map(|node| rules.node_id(node)),
        to: match &step.action {
            Action::Update { to, .. } => Some(to.to_string()),
            _ => None,
        },
        records: match &step.action {
            Action::Set { records, .. } => Some(records),
            _ => None,
        },
        text: planned.what(step),
        page: planned.page(step),
        features: planned.ids(&step.features),
        edges: &step.edges,
        notes: &step.notes,
        effects: effects.map(|effect| effect_json(rules, &effect)).collect(),
        changes: changes.as_ref().map(ChangesDocument::from),
    }
}
