//! A plan: its steps, what follows from each, and a runbook to work through.

use super::diff::{effect_json, effects_human};
use super::document::provenance;
use super::text::{Style, counted};
use crate::engine::Engine;
use crate::model::{Catalogue, FeatureId, Node, first_name};
use crate::whatif::plan::{Action, Aim, Conflict, Plan, Stages, State, Step};
use crate::whatif::{Compared, Effect};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// A plan with the stages of its deployment.
#[derive(Clone, Copy, Debug)]
pub struct Planned<'a> {
    /// The deployment as it is.
    pub engine: &'a Engine,
    /// The plan.
    pub plan: &'a Plan,
    /// The deployment after each step.
    pub stages: &'a Stages,
}

impl<'a> Planned<'a> {
    fn rules(self) -> &'a Catalogue {
        self.engine.rules()
    }

    /// `edit-customers-async (Enable editing customers in asynchronous mode)`
    fn feature(self, id: FeatureId) -> String {
        let feature = self.rules().feature(id);
        match first_name(&feature.names) {
            Some(name) => format!("{} ({name})", feature.id),
            None => feature.id.clone(),
        }
    }

    fn ids(self, features: &[FeatureId]) -> Vec<&'a str> {
        let rules = self.rules();
        features.iter().map(|id| rules.feature(*id).id.as_str()).collect()
    }

    /// What a step says to do.
    fn what(self, step: &Step) -> String {
        let rules = self.rules();
        match &step.action {
            Action::Update { from, to } => {
                format!("update headquarters from {from} to {to} or newer")
            }
            Action::Set { setting, records } => {
                let name = rules.node_name(Node::Setting(*setting));
                match (step.state, records.is_empty()) {
                    (State::Done, _) | (_, true) => format!("have `{name}` on"),
                    _ => format!("turn `{name}` on in {}", records.join(", ")),
                }
            }
            Action::Ensure(Node::Circumstance(id)) => {
                let text = rules.circumstance(*id).text.trim_end_matches('.');
                format!("make sure: {text}")
            }
            Action::Ensure(node) => format!("make sure of `{}`", rules.node_name(*node)),
            Action::Enable(id) => format!("enable {}", self.feature(*id)),
            Action::Disable(id) => format!("disable {}", self.feature(*id)),
            Action::Run(job) => format!("run {}", rules.node_name(Node::Job(*job))),
            Action::Schedule(job) => {
                format!("schedule {} to recur", rules.node_name(Node::Job(*job)))
            }
            Action::Wait(statement) => {
                let statement = rules.evidence().statement(statement);
                format!("wait: {}", statement.map_or("", |it| it.text.trim_end_matches('.')))
            }
        }
    }

    /// Where in headquarters.
    fn page(self, step: &Step) -> Option<String> {
        let rules = self.rules();
        let section =
            |id: &str| rules.format.section(id).and_then(|(_, section)| section.page.clone());
        match &step.action {
            Action::Update { .. } => {
                rules.setting_of("deployment.commerce-version").map(|setting| setting.page)
            }
            Action::Set { setting, .. } | Action::Ensure(Node::Setting(setting)) => {
                rules.setting(*setting).page.clone()
            }
            Action::Enable(_) | Action::Disable(_) => section("features"),
            Action::Run(job) | Action::Schedule(job) => rules.job(*job).page.clone(),
            Action::Ensure(_) | Action::Wait(_) => None,
        }
    }

    fn title(self) -> String {
        let wanted: Vec<String> = self.plan.wanted.iter().map(|id| self.feature(*id)).collect();
        format!("{} {}", self.plan.aim, wanted.join(", "))
    }

    fn conflict(self, conflict: &Conflict) -> String {
        let own = self.ids(&[conflict.feature]).concat();
        let with = match conflict.with {
            Node::Circumstance(_) => {
                self.rules().node_name(conflict.with).trim_end_matches('.').to_owned()
            }
            node => format!("`{}`", self.rules().node_name(node)),
        };
        let is = match conflict.active {
            Some(true) => "which is on",
            Some(false) => "which is off",
            None => "make sure that it does not hold",
        };
        let text = conflict.text.as_ref().map(|text| format!(" ({text})")).unwrap_or_default();
        format!("{own} conflicts with: {with}; {is}{text}")
    }

    /// Everything to beware of, one line each.
    fn warnings(self) -> Vec<String> {
        let plan = self.plan;
        let conflicts = plan.conflicts.iter().filter(|conflict| conflict.active != Some(false));
        let mut warnings: Vec<String> = conflicts.map(|conflict| self.conflict(conflict)).collect();
        warnings.extend(
            plan.irreversible
                .iter()
                .map(|id| format!("{} can't be turned off again", self.feature(*id))),
        );
        warnings.extend(
            plan.losing_effect.iter().map(|id| {
                format!("{} can't be turned off, and loses its effect", self.feature(*id))
            }),
        );
        let left = plan.left_without.iter().map(|node| self.rules().node_name(*node));
        warnings.extend(
            left.map(|name| {
                format!("this needs what is turned off: {}", name.trim_end_matches('.'))
            }),
        );
        warnings
    }
}

/// All effects of a change, whatever their cause.
fn effects<'e>(compared: &Compared<'e>) -> Vec<Effect<'e>> {
    compared.causes.iter().flat_map(|cause| cause.effects.clone()).collect()
}

/// `plan --format human`.
pub fn plan_human(planned: Planned<'_>, style: Style) -> String {
    let mut text = format!("{}\n", style.bold(&format!("To {}:", planned.title())));
    if planned.plan.is_done() {
        text.push_str("  nothing is left to do\n");
    }
    for warning in planned.warnings() {
        let _ = writeln!(text, "  {} {warning}", style.doubtful("!"));
    }
    text.push('\n');
    for (number, step) in planned.plan.steps.iter().enumerate() {
        let mark = match step.state {
            State::ToDo => "     ".to_owned(),
            State::ToCheck => style.doubtful("check"),
            State::Done => style.good("done "),
        };
        let _ = writeln!(text, "{:>3}. {mark} {}", number + 1, style.bold(&planned.what(step)));
        if step.state == State::Done {
            for note in &step.notes {
                let _ = writeln!(text, "           {}", style.dim(note));
            }
            continue;
        }
        if let Some(page) = planned.page(step) {
            let _ = writeln!(text, "           at {page}");
        }
        for note in &step.notes {
            let _ = writeln!(text, "           {note}");
        }
        if !step.edges.is_empty() {
            let why = format!(
                "for {} ({})",
                planned.ids(&step.features).join(", "),
                step.edges.join(", ")
            );
            let _ = writeln!(text, "           {}", style.dim(&why));
        }
        if let Some(compared) = planned.stages.changes(number).filter(|it| !it.causes.is_empty()) {
            let _ = writeln!(text, "           after which these decisions are other ones:");
            for line in effects_human(planned.rules(), &effects(&compared), style).lines() {
                let _ = writeln!(text, "      {line}");
            }
        }
    }
    let _ = writeln!(text, "\n{}", summary(planned));
    text
}

/// How many decisions the whole plan changes, and what is effective after it.
fn summary(planned: Planned<'_>) -> String {
    let changes = planned.stages.all_changes().map(|compared| {
        format!(
            "{} of {} decisions of {} change, {} of them end otherwise",
            compared.changed(),
            compared.decisions,
            counted(compared.channels, "channel"),
            compared.changed_outcomes()
        )
    });
    let effective = match planned.plan.aim {
        Aim::Enable => {
            format!("effective then: {}", planned.ids(&effective_after(planned)).join(", "))
        }
        Aim::Disable => format!("off then: {}", planned.ids(&planned.plan.wanted).join(", ")),
    };
    format!("{effective}; {}", changes.unwrap_or_default())
}

/// Those of the features asked for that channels decide by after the last step.
fn effective_after(planned: Planned<'_>) -> Vec<FeatureId> {
    let Some(last) = planned.stages.last() else { return Vec::new() };
    planned.plan.wanted.iter().copied().filter(|id| last.states().is_effective(*id)).collect()
}

/// `plan --format json`.
pub fn plan_json(planned: Planned<'_>) -> Value {
    let Planned { plan, engine, stages } = planned;
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .enumerate()
        .map(|(number, step)| step_json(planned, number, step))
        .collect();
    let conflicts: Vec<Value> = plan
        .conflicts
        .iter()
        .map(|conflict| {
            json!({
                "feature": planned.ids(&[conflict.feature]).concat(),
                "with": planned.rules().node_id(conflict.with),
                "active": conflict.active,
                "edge": conflict.edge,
                "text": conflict.text,
            })
        })
        .collect();
    let left: Vec<&str> =
        plan.left_without.iter().map(|node| planned.rules().node_id(*node)).collect();
    let all = stages.all_changes();
    json!({
        "version": 1,
        "aim": plan.aim.as_str(),
        "features": planned.ids(&plan.wanted),
        "commerce_version": engine.deployment().version().to_string(),
        "done": plan.is_done(),
        "steps": steps,
        "conflicts": conflicts,
        "irreversible": planned.ids(&plan.irreversible),
        "losing_effect": planned.ids(&plan.losing_effect),
        "left_without": left,
        "effective_after": planned.ids(&effective_after(planned)),
        "back_out": back_out(planned),
        "changes": all.as_ref().map(changes_json),
        "provenance": provenance(engine.rules(), Some(engine.deployment())),
    })
}

fn step_json(planned: Planned<'_>, number: usize, step: &Step) -> Value {
    let rules = planned.rules();
    let (action, node) = match &step.action {
        Action::Update { .. } => ("update", None),
        Action::Set { setting, .. } => ("set", Some(Node::Setting(*setting))),
        Action::Ensure(node) => ("ensure", Some(*node)),
        Action::Enable(id) => ("enable", Some(Node::Feature(*id))),
        Action::Disable(id) => ("disable", Some(Node::Feature(*id))),
        Action::Run(job) => ("run", Some(Node::Job(*job))),
        Action::Schedule(job) => ("schedule", Some(Node::Job(*job))),
        Action::Wait(_) => ("wait", None),
    };
    let changes = planned.stages.changes(number);
    let effects: Vec<Value> = changes
        .iter()
        .flat_map(|compared| effects(compared))
        .map(|effect| effect_json(rules, &effect))
        .collect();
    json!({
        "step": number + 1,
        "action": action,
        "state": step.state.as_str(),
        "of": node.map(|node| rules.node_id(node)),
        "to": match &step.action { Action::Update { to, .. } => Some(to.to_string()), _ => None },
        "records": match &step.action { Action::Set { records, .. } => Some(records), _ => None },
        "text": planned.what(step),
        "page": planned.page(step),
        "features": planned.ids(&step.features),
        "edges": step.edges,
        "notes": step.notes,
        "changes": changes.as_ref().map(changes_json),
        "effects": effects,
    })
}

fn changes_json(compared: &Compared<'_>) -> Value {
    json!({
        "compared": compared.decisions,
        "changed": compared.changed(),
        "changed_outcomes": compared.changed_outcomes(),
    })
}

/// How to go back: what was switched, in the opposite order, then the same jobs.
fn back_out(planned: Planned<'_>) -> Vec<String> {
    let rules = planned.rules();
    let to_do = || planned.plan.steps.iter().filter(|step| step.state == State::ToDo);
    let switched = to_do().rev().filter_map(|step| match &step.action {
        Action::Enable(id) if planned.plan.irreversible.contains(id) => {
            Some(format!("{} stays on: it can't be turned off again", planned.feature(*id)))
        }
        Action::Enable(id) => Some(format!("disable {}", planned.feature(*id))),
        Action::Disable(id) => Some(format!("enable {}", planned.feature(*id))),
        Action::Set { setting, records } => {
            let name = rules.node_name(Node::Setting(*setting));
            Some(format!("turn `{name}` off again in {}", records.join(", ")))
        }
        _ => None,
    });
    let jobs = to_do().filter(|step| matches!(step.action, Action::Run(_) | Action::Wait(_)));
    let switched: Vec<String> = switched.collect();
    if switched.is_empty() {
        switched
    } else {
        switched.into_iter().chain(jobs.map(|step| planned.what(step))).collect()
    }
}

/// `plan --format markdown`: a runbook for a cut-over, to be filled in.
pub fn plan_markdown(planned: Planned<'_>) -> String {
    let deployment = planned.engine.deployment();
    let mut text = format!("# Runbook: {}\n\n", planned.title());
    let as_of = deployment.as_of().map(|moment| format!(", as of {moment}")).unwrap_or_default();
    let _ = writeln!(
        text,
        "For {}, version {}{as_of}. Rules {:.12}, deployment {:.12}.\n",
        deployment.name().unwrap_or("the deployment"),
        deployment.version(),
        planned.rules().files.digest(),
        deployment.files().digest()
    );
    let _ = writeln!(
        text,
        "Responsible: ____________  Date and time: ____________  Approved by: ____________\n"
    );
    let warnings = planned.warnings();
    if !warnings.is_empty() {
        text.push_str("## Beware\n\n");
        for warning in warnings {
            let _ = writeln!(text, "- {warning}");
        }
        text.push('\n');
    }
    text.push_str("## Steps\n\n");
    for (number, step) in planned.plan.steps.iter().enumerate() {
        text.push_str(&markdown_step(planned, number, step));
    }
    let _ = writeln!(text, "\n{}.\n", capitalized(&summary(planned)));
    let back = back_out(planned);
    if !back.is_empty() {
        text.push_str("## Back-out\n\nDecided by: ____________\n\n");
        for (number, step) in back.iter().enumerate() {
            let _ = writeln!(text, "{}. [ ] {}", number + 1, capitalized(step));
        }
    }
    text
}

fn markdown_step(planned: Planned<'_>, number: usize, step: &Step) -> String {
    let done = if step.state == State::Done { "x" } else { " " };
    let mut text = format!("{}. [{done}] **{}**", number + 1, capitalized(&planned.what(step)));
    match step.state {
        State::Done => text.push_str(" (done already)\n"),
        State::ToCheck => {
            text.push_str(" (the deployment does not say; check)  \n   Owner: ____________\n");
        }
        State::ToDo => text.push_str("  \n   Owner: ____________ Done at: ____________\n"),
    }
    if let Some(page) = planned.page(step).filter(|_| step.state != State::Done) {
        let _ = writeln!(text, "   - In headquarters: {page}");
    }
    for note in &step.notes {
        let _ = writeln!(text, "   - {}", capitalized(note));
    }
    let changed = planned.stages.changes(number);
    for effect in changed.iter().flat_map(|compared| told_once(&effects(compared))) {
        let name = &planned.rules().operation(effect.0).id;
        let _ =
            writeln!(text, "   - Then `{name}` {}: {}", effect.1, counted(effect.2, "decision"));
    }
    text
}

/// For each operation the outcomes that change, with how many decisions.
fn told_once(effects: &[Effect<'_>]) -> Vec<(crate::model::OperationId, String, u64)> {
    let mut told: Vec<(crate::model::OperationId, String, u64)> = Vec::new();
    for effect in effects {
        let word = |decision: Option<crate::engine::Decision<'_>>| {
            decision.map_or("impossible", |decision| decision.outcome().as_str())
        };
        let change = match (word(effect.old), word(effect.new)) {
            (old, new) if old == new => format!("stays {new} for another reason"),
            (old, new) => format!("ends {new} instead of {old}"),
        };
        match told.iter_mut().find(|(id, text, _)| *id == effect.operation && *text == change) {
            Some((_, _, decisions)) => *decisions += effect.decisions,
            None => told.push((effect.operation, change, effect.decisions)),
        }
    }
    told
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().chain(characters).collect())
        .unwrap_or_default()
}
