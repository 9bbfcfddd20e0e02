//! What a deployment would do: every cell of the matrix, every difference between two deployments,
//! every step of a plan, each compared with plain decisions.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

mod common;
#[path = "common/files.rs"]
mod files;
mod oracle;

use common::generated::{FEATURES, deployment};
use common::{deployment_toml, valid};
use files::{entries, path};
use oracle::{Configuration, FeatureSetting};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use syncgate::engine::{Decision, Engine};
use syncgate::features::States;
use syncgate::model::{Deployment, EdgeKind, FeatureId, Node, OperationId, Rules, Situation};
use syncgate::whatif::plan::{Action, CannotDisable, Plan, PlanStep, State};
use syncgate::whatif::{Compared, Matrix, compare, situation_facts};

/// The engines of the fixture deployments.
fn fixtures() -> Vec<(String, Engine)> {
    let rules = Rules::embedded();
    let root = "fixtures/deployments";
    let engine = |name: String| {
        let loaded = Deployment::load(&path(&format!("{root}/{name}"))).unwrap();
        let engine = Engine::new(&rules, loaded.valid().ok()?).unwrap();
        Some((name, engine))
    };
    entries(root).into_iter().filter_map(engine).collect()
}

fn operations(engine: &Engine) -> Vec<(String, OperationId)> {
    let operations = engine.rules().operations.iter();
    operations.map(|it| (it.id.clone(), engine.operation(&it.id).unwrap())).collect()
}

#[test]
fn cells_of_the_matrix_are_decisions() {
    let mut compared = 0;
    for (name, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        let grouped: Vec<usize> = matrix
            .groups()
            .iter()
            .flat_map(|group| group.channels().iter().map(|it| it.number()))
            .collect();
        let all: BTreeSet<usize> = (0..engine.channels().count()).collect();
        assert_eq!(grouped.len(), all.len(), "{name}: each channel once");
        assert_eq!(grouped.into_iter().collect::<BTreeSet<_>>(), all, "{name}");
        for group in matrix.groups() {
            for channel in group.channels() {
                for (id, operation) in operations(&engine) {
                    for situation in Situation::all() {
                        let cell = group.decide(&engine, operation, situation).map(Decision::rule);
                        let decided = channel.decide(operation, situation).ok().map(Decision::rule);
                        assert_eq!(
                            cell,
                            decided,
                            "{name}: {id} at {} in {situation:?}",
                            channel.id()
                        );
                        compared += 1;
                    }
                }
            }
        }
    }
    assert!(compared > 50_000, "{compared}");
}

#[test]
fn rows_of_the_matrix_cover_every_situation_once() {
    for (name, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        for group in matrix.groups() {
            for (id, operation) in operations(&engine) {
                let rows = matrix.rows(group, operation);
                let facts = situation_facts(engine.rules(), operation);
                for situation in Situation::all() {
                    let same = |row: &&syncgate::whatif::MatrixRow<'_>| {
                        facts
                            .iter()
                            .all(|fact| row.situation.value(*fact) == situation.value(*fact))
                    };
                    let found: Vec<&str> =
                        rows.iter().filter(same).map(|row| row.decision.rule()).collect();
                    let decided = group.channels()[0].decide(operation, situation).ok();
                    let decided: Vec<&str> =
                        decided.iter().map(|decision| decision.rule()).collect();
                    assert_eq!(found, decided, "{name}: {id} in {situation:?}");
                }
            }
        }
    }
}

#[test]
fn groups_differ_by_what_is_said() {
    for (name, engine) in fixtures() {
        let matrix = Matrix::of(&engine);
        let groups = matrix.groups();
        assert!(groups.windows(2).all(|pair| pair[0].channels().len() >= pair[1].channels().len()));
        for (number, group) in groups.iter().enumerate() {
            assert_eq!(group.differences().is_empty(), number == 0, "{name}");
            for difference in group.differences() {
                assert_ne!(difference.value, difference.most, "{name}");
                let index = engine.rules().fact_named(&difference.fact.id).unwrap();
                let value = group.channels()[0].configuration().value(index);
                assert_eq!(difference.fact.words[value], difference.value, "{name}");
            }
        }
    }
}

/// A few facts of a generated deployment turned over.
fn turned_over() -> impl Strategy<Value = (Vec<Configuration>, Vec<Configuration>)> {
    let turn = (any::<proptest::sample::Index>(), 0..10_usize);
    (deployment(), proptest::collection::vec(turn, 0..4)).prop_map(|(old, turns)| {
        let mut new = old.clone();
        for (which, turn) in turns {
            let index = which.index(new.len());
            turn_over(&mut new, index, turn);
        }
        (old, new)
    })
}

fn turn_over(all: &mut [Configuration], index: usize, turn: usize) {
    let flip = |value: &mut Option<bool>| *value = Some(*value != Some(true));
    let one = &mut all[index];
    match turn {
        0 => flip(&mut one.create_customer_in_async_mode),
        1 => flip(&mut one.create_customer_order_in_async_mode),
        2 => flip(&mut one.real_time_order_creation_with_async_backup),
        3 => flip(&mut one.offline_customer_creation),
        4 => flip(&mut one.offline_order_creation),
        5 => flip(&mut one.supports_offline),
        6 => one.channel_kind = if one.channel_kind == "store" { "online" } else { "store" },
        7 => one.offline_group = Some(Some(one.offline_group != Some(Some(true)))),
        8 => {
            let feature = FEATURES[index % FEATURES.len()];
            for one in all {
                let before = one.features.get(feature).and_then(|setting| setting.enabled);
                let enabled = Some(before != Some(true));
                one.features.insert(feature, FeatureSetting { enabled, enabled_at: None });
            }
        }
        _ => all.iter_mut().for_each(|one| one.version = (10, 0, 35, 0)),
    }
}

fn engine(rules: &Arc<Rules>, configurations: &[Configuration]) -> Engine {
    Engine::new(rules, &valid(rules, &deployment_toml(configurations))).unwrap()
}

/// What a decision says, in full.
type Said = (String, String, String, String, Vec<String>, Option<String>);

/// An operation, with what was said before and is now, and how often.
type Changed = BTreeMap<(String, Option<Said>, Option<Said>), u64>;

fn said(decision: Decision<'_>) -> Said {
    (
        decision.outcome().to_string(),
        decision.reason().to_owned(),
        decision.rule().to_owned(),
        decision.basis().to_string(),
        decision.sources().to_vec(),
        decision.error_id().map(str::to_owned),
    )
}

/// How many decisions there are of channels in both, and for each way in which they change, how
/// many do.
fn naive(old: &Engine, new: &Engine) -> (u64, Changed) {
    let (mut all, mut changed) = (0, BTreeMap::new());
    for before in old.channels() {
        let Ok(after) = new.channel(before.id()) else { continue };
        for (name, operation) in operations(new) {
            for situation in Situation::all() {
                let was = before.decide(operation, situation).ok().map(said);
                let is = after.decide(operation, situation).ok().map(said);
                all += u64::from(was.is_some() || is.is_some());
                if was != is {
                    *changed.entry((name.clone(), was, is)).or_insert(0) += 1;
                }
            }
        }
    }
    (all, changed)
}

/// The same, as the comparison tells it; every example and every cause is looked at.
fn told(old: &Engine, new: &Engine, compared: &Compared<'_>) -> Changed {
    let rules = new.rules();
    let mut told = BTreeMap::new();
    for cause in &compared.causes {
        assert!(!cause.facts.is_empty() && !cause.channels.is_empty() && !cause.effects.is_empty());
        for fact in &cause.facts {
            assert_ne!(fact.old, fact.new);
            let index = rules.fact_named(&fact.fact.id).unwrap();
            for (before, after) in &cause.channels {
                let word = |value: usize| fact.fact.words[value].as_str();
                assert_eq!(word(before.configuration().value(index)), fact.old);
                assert_eq!(word(after.configuration().value(index)), fact.new);
            }
            let is_feature = fact.fact.id.starts_with("feature.");
            assert!(
                !is_feature || !fact.why.is_empty(),
                "a feature changes for a reason: {fact:?}"
            );
        }
        for effect in &cause.effects {
            let name = rules.operation(effect.operation).id.clone();
            let (was, is) = (effect.old.map(said), effect.new.map(said));
            let id = effect.channel.id();
            let example = |engine: &Engine| {
                engine.channel(id).unwrap().decide(effect.operation, effect.example).ok().map(said)
            };
            assert_eq!((example(old), example(new)), (was.clone(), is.clone()));
            *told.entry((name, was, is)).or_insert(0) += effect.decisions;
        }
    }
    told
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn differences_are_those_of_a_full_comparison((old, new) in turned_over()) {
        let rules = Rules::embedded();
        let (old, new) = (engine(&rules, &old), engine(&rules, &new));
        let compared = compare(&old, &new);
        let (all, changed) = naive(&old, &new);
        prop_assert_eq!(compared.decisions, all);
        prop_assert_eq!(compared.changed(), changed.values().sum::<u64>());
        prop_assert_eq!(told(&old, &new, &compared), changed);
        let back = compare(&new, &old);
        prop_assert_eq!(back.changed(), compared.changed());
        prop_assert_eq!(back.changed_outcomes(), compared.changed_outcomes());
        prop_assert!(compare(&old, &old).causes.is_empty());
    }

    #[test]
    fn unlike_deployments_are_compared_in_full(old in deployment(), new in deployment()) {
        let rules = Rules::embedded();
        let (old, new) = (engine(&rules, &old), engine(&rules, &new));
        let compared = compare(&old, &new);
        let (all, changed) = naive(&old, &new);
        prop_assert_eq!(compared.decisions, all);
        prop_assert_eq!(told(&old, &new, &compared), changed);
        let both = compared.channels + compared.removed.len();
        prop_assert_eq!(both, old.channels().count());
        prop_assert_eq!(compared.channels + compared.added.len(), new.channels().count());
    }
}

#[test]
fn a_cause_is_the_fewest_facts_that_explain_it() {
    let rules = Rules::embedded();
    let deployment = |creation: bool, orders: bool| {
        valid(
            &rules,
            &format!(
                "[deployment]\ncommerce-version = \"10.0.40\"\n[[functionality-profile]]\nid = \
                    \"P\"\n\
             create-customer-in-async-mode = {creation}\ncreate-customer-order-in-async-mode = \
             {orders}\n\
             [[channel]]\nid = \"a\"\nkind = \"store\"\nfunctionality-profile = \"P\"\n\
             [[channel]]\nid = \"b\"\nkind = \"store\"\nfunctionality-profile = \"P\"\n"
            ),
        )
    };
    let (old, new) = (deployment(false, false), deployment(true, true));
    let (old, new) = (Engine::new(&rules, &old).unwrap(), Engine::new(&rules, &new).unwrap());
    let compared = compare(&old, &new);
    let said = compared.causes.iter().map(|cause| {
        let facts: Vec<&str> = cause.facts.iter().map(|fact| fact.fact.id.as_str()).collect();
        (facts, cause.channels.len(), cause.facts[0].new_record)
    });
    let causes: Vec<_> = said.collect();
    let through = Some(("functionality-profile", "P"));
    assert_eq!(
        causes,
        [
            (vec!["create-customer-order-in-async-mode"], 2, through),
            (vec!["create-customer-in-async-mode"], 2, through),
        ]
    );
}

fn feature(rules: &Arc<Rules>, name: &str) -> FeatureId {
    rules.feature_named(name).unwrap()
}

/// Applies steps one by one; each feature is turned on only when all it requires is on.
fn walk(plan: &Plan, steps: &[PlanStep]) -> Deployment {
    steps.iter().fold(plan.base().clone(), |deployment, step| {
        if let (Action::Enable(id), State::ToDo) = (&step.action, step.state) {
            let states = States::of(&deployment);
            let state = states.get(*id);
            assert!(state.exists && !state.enabled.is_on(), "{step:?}");
            for required in states.prerequisites().direct(*id) {
                assert!(states.get(required).enabled.is_on(), "{step:?} before what it requires");
            }
        }
        step.apply(&deployment)
    })
}

#[test]
fn plans_make_every_feature_of_every_fixture_effective() {
    let (mut planned, mut done) = (0, 0);
    for (name, engine) in fixtures() {
        let rules = engine.rules();
        for declared in &rules.features {
            let id = feature(rules, &declared.id);
            let plan = Plan::enable(engine.deployment(), &[id]);
            let before = engine.states().is_effective(id);
            let states = States::of(&walk(&plan, &plan.steps));
            assert!(states.is_effective(id), "{name}: {} {:#?}", declared.id, plan.steps);
            let switched = plan.steps.iter().any(|step| !step.edits.is_empty());
            assert_eq!(switched, !before, "{name}: {}", declared.id);
            let is_mandatory = states.get(id).enabled == syncgate::features::Enabled::Mandatory;
            let stays = rules.edges.iter().any(|edge| {
                edge.kind == EdgeKind::Irreversible && edge.from.contains(&Node::Feature(id))
            });
            let warned = plan.irreversible.contains(&id);
            assert_eq!(warned, stays && !before && !is_mandatory, "{name}: {}", declared.id);
            // Until its last job has run, a feature that names jobs and is switched on by the plan
            // is not effective.
            let jobs: Vec<_> = rules.then_run(id).collect();
            let is_its_job =
                |step: &PlanStep| matches!(&step.action, Action::Run(job) if jobs.contains(job));
            let is_new = plan
                .steps
                .iter()
                .any(|step| step.action == Action::Enable(id) && step.state == State::ToDo);
            if let Some(last) = plan.steps.iter().rposition(is_its_job).filter(|_| is_new) {
                let states = States::of(&walk(&plan, &plan.steps[..last]));
                assert!(!states.is_effective(id), "{name}: {}", declared.id);
            }
            planned += 1;
            done += usize::from(before);
        }
    }
    assert!(planned > 500 && done > 20, "{planned} {done}");
}

#[test]
fn what_is_turned_off_is_off_and_so_is_what_requires_it() {
    let (mut refused, mut disabled) = (0, 0);
    for (name, engine) in fixtures() {
        let (rules, states) = (engine.rules(), engine.states());
        let version = engine.deployment().version();
        for declared in &rules.features {
            let id = feature(rules, &declared.id);
            let is_on = states.get(id).enabled.is_on();
            let mandatory = declared.mandatory_since.is_some_and(|since| since <= version);
            let plan = match Plan::disable(engine.deployment(), &[id]) {
                Ok(plan) => plan,
                Err(refusals) => {
                    let told = matches!(refusals[0], CannotDisable::Mandatory { .. });
                    assert!(told == mandatory && is_on, "{name}: {refusals:?}");
                    refused += 1;
                    continue;
                }
            };
            assert!(!mandatory, "{name}: {}", declared.id);
            let after = States::of(&walk(&plan, &plan.steps));
            assert!(!after.get(id).enabled.is_on());
            let disable = plan.steps.iter().rev().find_map(|step| match step.action {
                Action::Disable(id) => Some(id),
                _ => None,
            });
            assert_eq!(disable, Some(id), "what requires it goes first");
            for dependent in after.prerequisites().dependents(id).into_iter().filter(|_| is_on) {
                let state = after.get(dependent);
                let stays = plan.losing_effect.contains(&dependent) || state.effective;
                assert!(!state.enabled.is_on() || stays, "{name}: {}", declared.id);
            }
            disabled += usize::from(is_on);
        }
    }
    assert!(refused > 10 && disabled > 10, "{refused} {disabled}");
}

/// A deployment's features as the oracle sees them.
fn seen_by_the_oracle(deployment: &Deployment) -> Configuration {
    let version = deployment.version().to_string();
    let version: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    let features = FEATURES.iter().filter_map(|id| {
        let record = deployment.feature(feature(deployment.rules(), id))?;
        let enabled_at = record.date_time("enabled-at").map(jiff::Timestamp::as_second);
        Some((*id, FeatureSetting { enabled: record.boolean("enabled"), enabled_at }))
    });
    let runs = deployment.records("distribution-schedule").map(|record| {
        let jobs = ["1110", "1010", "1070", "9999", "1090", "1010_CustomerSearch"];
        let job = jobs.into_iter().find(|job| record.text("job") == Some(job)).unwrap();
        (job, record.date_time("last-run").map(jiff::Timestamp::as_second))
    });
    Configuration {
        version: (version[0], version[1], version[2], version.get(3).copied().unwrap_or(0)),
        channel_kind: "store",
        supports_offline: None,
        create_customer_in_async_mode: None,
        create_customer_order_in_async_mode: None,
        real_time_order_creation_with_async_backup: None,
        default_customer_search_mode: None,
        offline_customer_creation: None,
        offline_order_creation: None,
        offline_group: None,
        channel_group: None,
        features: features.collect(),
        runs: runs.collect(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn plans_are_enough_and_no_switch_of_them_is_too_many(
        configurations in deployment(),
        wanted in proptest::sample::subsequence(FEATURES.to_vec(), 1..=3),
    ) {
        let rules = Rules::embedded();
        let before = valid(&rules, &deployment_toml(&configurations));
        let ids: Vec<FeatureId> = wanted.iter().map(|id| feature(&rules, id)).collect();
        let plan = Plan::enable(&before, &ids);
        let reached = seen_by_the_oracle(&walk(&plan, &plan.steps));
        for id in &wanted {
            prop_assert!(oracle::effective(&reached, id), "{id} {:#?}", plan.steps);
        }
        for (number, left_out) in plan.steps.iter().enumerate() {
            let switches = matches!(left_out.action, Action::Enable(_) | Action::Update { .. });
            if !switches || left_out.edits.is_empty() {
                continue;
            }
            let others = plan.steps.iter().enumerate().filter(|(other, _)| *other != number);
            let base = plan.base().clone();
            let without = others.fold(base, |deployment, (_, step)| step.apply(&deployment));
            let reached = seen_by_the_oracle(&without);
            let enough = wanted.iter().all(|id| oracle::effective(&reached, id));
            prop_assert!(!enough, "needless: {left_out:?}");
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn stages_change_what_the_whole_plan_changes(configurations in deployment()) {
        let rules = Rules::embedded();
        let before = valid(&rules, &deployment_toml(&configurations));
        let plan = Plan::enable(&before, &[feature(&rules, "edit-customers-async")]);
        let stages = plan.stages(&rules).unwrap();
        let base = Engine::new(&rules, plan.base()).unwrap();
        prop_assert!(compare(&Engine::new(&rules, &before).unwrap(), &base).causes.is_empty());
        let changed = |old: &Engine, new: &Engine| naive(old, new).1.values().sum::<u64>();
        let mut stage = base.clone();
        for (number, step) in plan.steps.iter().enumerate() {
            let next = stages.after(number).unwrap();
            let told = stages.changes(number).map_or(0, |compared| compared.changed());
            prop_assert_eq!(told, changed(&stage, next), "{:?}", step);
            stage = next.clone();
        }
        prop_assert_eq!(stages.all_changes().unwrap().changed(), changed(&base, &stage));
    }
}
