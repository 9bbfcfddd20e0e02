//! What a plan says in words, whatever the format.

use crate::engine::Engine;
use crate::model::{FeatureId, Node, Rules, SettingId, first_name, or_blank, said};
use crate::report::features::id_of;
use crate::report::text::counted;
use crate::whatif::plan::{Action, Aim, Conflict, Plan, PlanStep, Stages, State};
use crate::whatif::{Compared, Effect};
use std::collections::BTreeSet;

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
    pub(super) fn rules(self) -> &'a Rules {
        self.engine.rules()
    }

    /// `edit-customers-async (Enable editing customers in asynchronous mode)`
    pub(super) fn feature(self, id: FeatureId) -> String {
        let feature = self.rules().feature(id);
        match first_name(&feature.names) {
            Some(name) => format!("{} ({name})", feature.id),
            None => feature.id.clone(),
        }
    }

    pub(super) fn id(self, feature: FeatureId) -> &'a str {
        id_of(self.rules(), feature)
    }

    pub(super) fn ids(self, features: &[FeatureId]) -> Vec<&'a str> {
        features.iter().map(|id| self.id(*id)).collect()
    }

    /// What a step says to do.
    pub(super) fn what(self, step: &PlanStep) -> String {
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
                let statement = rules.evidence.statement(statement);
                format!("wait: {}", or_blank(statement.map(|it| it.text.trim_end_matches('.'))))
            }
        }
    }

    /// Where in headquarters.
    pub(super) fn page(self, step: &PlanStep) -> Option<String> {
        let rules = self.rules();
        let section =
            |id: &str| rules.format.section(id).and_then(|(_, section)| section.page.clone());
        match &step.action {
            Action::Update { .. } => {
                rules.setting_of("deployment.commerce-version", None).map(|setting| setting.page)
            }
            Action::Set { setting, records } => self.page_of_setting(*setting, records),
            Action::Ensure(Node::Setting(setting)) => rules.setting(*setting).page.clone(),
            Action::Enable(_) | Action::Disable(_) => section("features"),
            Action::Run(job) | Action::Schedule(job) => rules.job(*job).page.clone(),
            Action::Ensure(_) | Action::Wait(_) => None,
        }
    }

    /// Where the records are that a setting is turned on in: those of two kinds are on two pages.
    fn page_of_setting(self, setting: SettingId, records: &[String]) -> Option<String> {
        let (rules, deployment) = (self.rules(), self.engine.deployment());
        let setting = rules.setting(setting);
        let Some((section, key)) = &setting.key else { return setting.page.clone() };
        let record = |id: &String| deployment.record(section, deployment.find(section, id)?);
        let kinds = records.iter().map(|id| record(id)?.kind());
        let kinds: BTreeSet<Option<&str>> = kinds.collect();
        let kind = kinds.first().copied().flatten().filter(|_| kinds.len() == 1);
        Some(rules.setting_of(&format!("{section}.{key}"), kind)?.page)
    }

    pub(super) fn title(self) -> String {
        let wanted: Vec<String> = self.plan.wanted.iter().map(|id| self.feature(*id)).collect();
        format!("{} {}", self.plan.aim, wanted.join(", "))
    }

    pub(super) fn conflict(self, conflict: &Conflict) -> String {
        let own = self.id(conflict.feature);
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
        let text = said(conflict.text.as_ref(), |text| format!(" ({text})"));
        format!("{own} conflicts with: {with}; {is}{text}")
    }

    /// Everything to beware of, one line each.
    pub(super) fn warnings(self) -> Vec<String> {
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
        let left = plan.left_without.iter().map(|node| self.rules().node_quoted(*node));
        warnings.extend(left.map(|name| format!("this needs what is turned off: {name}")));
        warnings
    }
}

/// All effects of a change, whatever their cause.
pub(super) fn effects<'e>(compared: &Compared<'e>) -> Vec<Effect<'e>> {
    compared.causes.iter().flat_map(|cause| cause.effects.clone()).collect()
}

/// How many decisions the whole plan changes, and what is effective after it.
pub(super) fn summary(planned: Planned<'_>) -> String {
    let changes = said(planned.stages.all_changes(), |compared| {
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
    format!("{effective}; {changes}")
}

/// Those of the features asked for that channels decide by after the last step.
pub(super) fn effective_after(planned: Planned<'_>) -> Vec<FeatureId> {
    let Some(last) = planned.stages.last() else { return Vec::new() };
    planned.plan.wanted.iter().copied().filter(|id| last.states().is_effective(*id)).collect()
}

/// How to go back: what was switched, in the opposite order, then the same jobs.
pub(super) fn back_out(planned: Planned<'_>) -> Vec<String> {
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
