//! The engine against `decisions.rego`: every request at every channel of fifty deployments, and
//! a fault in each of several places of the Rego is noticed.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

#[path = "../tests/common/mod.rs"]
mod common;
#[path = "../tests/oracle/mod.rs"]
mod oracle;

use common::generated::deployment;
use common::{deployment_toml, moments, valid};
use oracle::{Configuration, Now, OPERATIONS};
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use syncgate::engine::Engine;
use syncgate::model::{Rules, Situation};

const POLICY: &str = include_str!("decisions.rego");
const DEPLOYMENTS: usize = 50;

/// The deployments, each as the facts of its channels.
fn deployments() -> Vec<Vec<Configuration>> {
    let mut runner = TestRunner::deterministic();
    (0..DEPLOYMENTS).map(|_| deployment().new_tree(&mut runner).unwrap().current()).collect()
}

fn policy(text: &str) -> regorus::Engine {
    let mut engine = regorus::Engine::new();
    engine.add_policy("decisions.rego".to_owned(), text.to_owned()).unwrap();
    engine
}

fn configuration_json(it: &Configuration) -> Value {
    let (major, minor, patch, build) = it.version;
    let features = it.features.iter().map(|(id, setting)| {
        (*id, json!({ "enabled": setting.enabled, "enabled_at": setting.enabled_at }))
    });
    let runs: Vec<Value> =
        it.runs.iter().map(|(job, at)| json!({ "job": job, "at": at })).collect();
    json!({
        "version": [major, minor, patch, build],
        "channel_kind": it.channel_kind,
        "supports_offline": it.supports_offline,
        "default_customer_search_mode": it.default_customer_search_mode,
        "create_customer_in_async_mode": it.create_customer_in_async_mode,
        "create_customer_order_in_async_mode": it.create_customer_order_in_async_mode,
        "real_time_order_creation_with_async_backup": it.real_time_order_creation_with_async_backup,
        "offline_customer_creation": it.offline_customer_creation,
        "offline_order_creation": it.offline_order_creation,
        "offline_group": it.offline_group.map(|filter| [filter]),
        "channel_group": it.channel_group.map(|filter| [filter]),
        "features": features.collect::<std::collections::BTreeMap<_, _>>(),
        "runs": runs,
    })
}

fn now_json(now: &Now) -> Value {
    json!({
        "connection": now.connection,
        "real_time_service": now.real_time_service,
        "customer": now.customer,
        "order": now.order,
        "loyalty_enrollment_blocked": now.loyalty_enrollment_blocked,
        "affiliation_hidden_in_channels": now.affiliation_hidden_in_channels,
    })
}

/// What the Rego answers at a channel: by operation, then by moment.
fn answers(
    policy: &mut regorus::Engine,
    configuration: &Configuration,
    moments: &[(Now, Situation)],
) -> Value {
    let moments: Vec<Value> = moments.iter().map(|(now, _)| now_json(now)).collect();
    let input = json!({
        "configuration": configuration_json(configuration),
        "operations": OPERATIONS,
        "moments": moments,
    });
    policy.set_input(regorus::Value::from_json_str(&input.to_string()).unwrap());
    let answers = policy.eval_rule("data.decisions.answers".to_owned()).unwrap();
    serde_json::from_str(&answers.to_json_str().unwrap()).unwrap()
}

/// What was compared, and the first differences.
#[derive(Default)]
struct Compared {
    decisions: usize,
    impossible: usize,
    differences: Vec<String>,
}

/// Compares every request at every channel of a deployment.
fn compare(
    policy: &mut regorus::Engine,
    configurations: &[Configuration],
    moments: &[(Now, Situation)],
    compared: &mut Compared,
) {
    let rules = Rules::embedded();
    let engine = Engine::new(&rules, &valid(&rules, &deployment_toml(configurations))).unwrap();
    for (channel, configuration) in engine.channels().zip(configurations) {
        let answers = answers(policy, configuration, moments);
        assert_eq!(answers.as_array().map(Vec::len), Some(OPERATIONS.len()), "{answers}");
        for (number, name) in OPERATIONS.iter().enumerate() {
            let operation = engine.operation(name).unwrap();
            let of_it = answers[number].as_array().unwrap();
            assert_eq!(of_it.len(), moments.len(), "{name}: not every request is answered");
            for ((now, situation), expected) in moments.iter().zip(of_it) {
                let found = channel.decide(operation, *situation).map_or(Value::Null, |decision| {
                    json!({
                        "outcome": decision.outcome().as_str(),
                        "reason": decision.reason(),
                        "rule": decision.rule(),
                        "basis": decision.basis().as_str(),
                        "sources": decision.sources(),
                        "error_id": decision.error_id(),
                    })
                });
                match found {
                    Value::Null => compared.impossible += 1,
                    _ => compared.decisions += 1,
                }
                if found != *expected {
                    let told = format!("{name} {now:?}\n{configuration:?}\n{found}\n{expected}");
                    compared.differences.push(told);
                }
            }
        }
    }
}

#[test]
fn every_decision_is_the_one_of_the_rego() {
    let (deployments, moments, next) = (deployments(), moments(), AtomicUsize::new(0));
    let work = || {
        let (mut policy, mut compared) = (policy(POLICY), Compared::default());
        while let Some(configurations) = deployments.get(next.fetch_add(1, Ordering::Relaxed)) {
            compare(&mut policy, configurations, &moments, &mut compared);
        }
        compared
    };
    let all: Vec<Compared> = std::thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let differences: Vec<&String> = all.iter().flat_map(|it| &it.differences).collect();
    let (count, first) = (differences.len(), differences.first());
    assert!(differences.is_empty(), "{count} differences, such as {}", first.unwrap());
    let decisions: usize = all.iter().map(|it| it.decisions).sum();
    let impossible: usize = all.iter().map(|it| it.impossible).sum();
    println!("{decisions} decisions, {impossible} impossible requests");
    assert!(decisions > 300_000 && impossible > 100_000, "{decisions} {impossible}");
}

#[test]
fn a_fault_in_the_rego_is_noticed() {
    let (deployments, moments) = (deployments(), moments());
    let faults = [
        (
            "\"async-address-creation\": [10, 0, 22, 0]",
            "\"async-address-creation\": [10, 0, 50, 0]",
        ),
        ("if not undistributed(feature)", "if undistributed(feature)"),
        ("_in_async_mode\", false)", "_in_async_mode\", true)"),
        ("config.offline_group == null\n", ""),
        ("config.supports_offline == false", "config.supports_offline != true"),
        ("not operation in without_customer\n", ""),
        ("\"offline\", \"async\", \"pos-offline\"", "\"offline\", \"sync\", \"pos-offline\""),
        ("\toffline_orders\n", ""),
        ("\"search-customers\": [\"documented\"", "\"search-customers\": [\"inferred\""),
        ("UpdateAsyncCustomerNotSupported", "UpdateAsyncCustomer"),
    ];
    let is_unnoticed = |(right, wrong): &(&str, &str)| {
        assert!(POLICY.contains(right), "`{right}` is not there");
        let mut policy = policy(&POLICY.replacen(right, wrong, 1));
        deployments.iter().all(|configurations| {
            let mut compared = Compared::default();
            compare(&mut policy, configurations, &moments, &mut compared);
            compared.differences.is_empty()
        })
    };
    let unnoticed: Vec<_> = faults.into_iter().filter(is_unnoticed).collect();
    assert!(unnoticed.is_empty(), "nobody notices {unnoticed:?}");
}
