//! Every decision is the one that the decision table gives: the engine against a naive oracle that
//! knows nothing of `rules/`, over the whole space, and over sampled deployments that leave values
//! out.
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

mod common;
mod oracle;

use common::generated::{FEATURES, deployment};
use common::{deployment_toml, moments, valid};
use oracle::{Answer, Configuration, FeatureSetting, Now, OPERATIONS};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;
use syncgate::engine::{Channel, Engine};
use syncgate::model::{OperationId, Rules, Situation};

fn engine(rules: &Arc<Rules>, configurations: &[Configuration]) -> Engine {
    Engine::new(rules, &valid(rules, &deployment_toml(configurations))).unwrap()
}

/// Compares one decision, looked up and walked, with the oracle's; gives whether there was one.
fn compare(
    channel: Channel<'_>,
    configuration: &Configuration,
    (name, operation): (&str, OperationId),
    (now, situation): (&Now, Situation),
) -> bool {
    let expected = oracle::decide(configuration, name, now);
    let Ok(decision) = channel.decide(operation, situation) else {
        assert_eq!(expected, None, "{name} {now:?} {configuration:?}");
        return false;
    };
    let expected = expected.unwrap_or_else(|| {
        panic!("the oracle finds it impossible: {name} {now:?} {configuration:?}")
    });
    let same = decision.outcome().as_str() == expected.outcome
        && decision.reason() == expected.reason
        && decision.rule() == expected.rule
        && decision.basis().as_str() == expected.basis
        && decision.sources() == expected.sources.as_slice()
        && decision.error_id() == expected.error_id.as_deref();
    assert!(same, "{name} {now:?} {configuration:?}\n{decision:?}\n{expected:?}");
    oracle::holds(configuration, name, now, &expected).unwrap();
    true
}

fn compare_all(
    rules: &Arc<Rules>,
    configurations: &[Configuration],
    moments: &[(Now, Situation)],
) -> usize {
    let engine = engine(rules, configurations);
    let operations: Vec<(&str, OperationId)> =
        OPERATIONS.iter().map(|name| (*name, engine.operation(name).unwrap())).collect();
    let mut decisions = 0;
    for (number, configuration) in configurations.iter().enumerate() {
        let channel = engine.channel(&format!("c{number}")).unwrap();
        for operation in &operations {
            for (now, situation) in moments {
                decisions +=
                    usize::from(compare(channel, configuration, *operation, (now, *situation)));
            }
        }
    }
    decisions
}

/// Every combination of the settings of a channel, with these features enabled.
fn channels(features: usize) -> Vec<Configuration> {
    let search = features >> 6 & 1 == 1;
    let features: BTreeMap<&'static str, FeatureSetting> = FEATURES
        .iter()
        .enumerate()
        .map(|(number, id)| {
            (*id, FeatureSetting { enabled: Some(features >> number & 1 == 1), enabled_at: None })
        })
        .collect();
    (0..192)
        .map(|bits: u32| {
            let bit = |number: u32| bits >> number & 1 == 1;
            Configuration {
                // Before 10.0.28, so that the feature which is mandatory since can be off.
                version: (10, 0, 27, 0),
                channel_kind: match bits / 64 {
                    0 => "online",
                    1 => "store",
                    _ => "call-center",
                },
                supports_offline: None,
                // Which features are on has a seventh bit: together they give every pair.
                default_customer_search_mode: Some(search),
                create_customer_in_async_mode: Some(bit(0)),
                create_customer_order_in_async_mode: Some(bit(1)),
                real_time_order_creation_with_async_backup: Some(bit(2)),
                offline_customer_creation: Some(bit(3)),
                offline_order_creation: Some(bit(4)),
                offline_group: None,
                channel_group: Some(Some(bit(5))),
                features: features.clone(),
                runs: Vec::new(),
            }
        })
        .collect()
}

/// Every combination of every operation: every kind of channel, every setting, every set of
/// enabled features, before and after the versions that make a difference. What only searches
/// depend on, the seventh feature and *Default customer search mode*, is on with the newest version
/// alone; the next test has the rest of their combinations.
#[test]
fn the_whole_space_equals_the_oracle() {
    let rules = Rules::embedded();
    assert_eq!(
        rules.operations.iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>(),
        OPERATIONS
    );
    let moments = moments();
    let work: Vec<(usize, u32)> = (0..64)
        .flat_map(|features| [27, 31, 40].map(|patch| (features, patch)))
        .chain((64..128).map(|features| (features, 40)))
        .collect();
    let halves: Vec<&[(usize, u32)]> = work.chunks(work.len().div_ceil(2)).collect();
    let decisions: usize = std::thread::scope(|scope| {
        let threads: Vec<_> = halves
            .into_iter()
            .map(|half| {
                let (rules, moments) = (&rules, &moments);
                scope.spawn(move || {
                    half.iter()
                        .map(|(features, patch)| {
                            let mut configurations = channels(*features);
                            for configuration in &mut configurations {
                                configuration.version = (10, 0, *patch, 0);
                            }
                            compare_all(rules, &configurations, moments)
                        })
                        .sum::<usize>()
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    // 23 operations × 216 situations of a store and 108 of each other kind × 64 settings of each,
    // less nothing.
    assert_eq!(decisions, 4 * 64 * 23 * 64 * (216 + 108 + 108));
}

/// Searches: with and without either of what they depend on, before the feature exists and after.
#[test]
fn every_search_equals_the_oracle() {
    let rules = Rules::embedded();
    let moments = moments();
    for (features, patch) in [0, 1 << 6].into_iter().flat_map(|on| [17, 18, 40].map(|to| (on, to)))
    {
        let mut configurations = channels(features);
        configurations.extend(channels(features).into_iter().map(|configuration| Configuration {
            default_customer_search_mode: configuration.default_customer_search_mode.map(|on| !on),
            ..configuration
        }));
        for configuration in &mut configurations {
            configuration.version = (10, 0, patch, 0);
        }
        compare_all(&rules, &configurations, &moments);
    }
}

/// The rules reached by the oracle are all the rules there are.
#[test]
fn the_oracle_reaches_every_rule() {
    let rules = Rules::embedded();
    let mut reached = std::collections::BTreeSet::new();
    // None, each alone, each but one, all.
    let sets = (0..7).flat_map(|one| [1 << one, 127 ^ 1 << one]).chain([0, 127]);
    for features in sets {
        for mut configuration in channels(features) {
            configuration.version = (10, 0, 40, 0);
            for (now, _) in moments() {
                let answers =
                    OPERATIONS.iter().filter_map(|name| oracle::decide(&configuration, name, &now));
                reached.extend(answers.map(|Answer { rule, .. }| rule));
            }
        }
    }
    let all: std::collections::BTreeSet<String> =
        rules.rules.iter().map(|rule| rule.id.clone()).collect();
    assert_eq!(reached, all);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn sampled_deployments_equal_the_oracle(configurations in deployment()) {
        compare_all(&Rules::embedded(), &configurations, &moments());
    }

    #[test]
    fn effective_features_equal_the_oracle_and_are_closed(configurations in deployment()) {
        let rules = Rules::embedded();
        let engine = engine(&rules, &configurations);
        for id in FEATURES {
            let feature = rules.feature_named(id).unwrap();
            let effective = engine.states().is_effective(feature);
            prop_assert_eq!(effective, oracle::effective(&configurations[0], id), "{}", id);
            let mandatory = rules.feature(feature).mandatory_since
                .is_some_and(|since| since <= engine.deployment().version());
            if effective && !mandatory {
                for needed in engine.states().prerequisites().closure(feature) {
                    prop_assert!(engine.states().is_effective(needed));
                }
            }
        }
    }

    #[test]
    fn walking_the_rules_gives_what_the_table_says(
        configurations in deployment(),
        moment in 0..Situation::COUNT,
    ) {
        let rules = Rules::embedded();
        let engine = engine(&rules, &configurations);
        let situation = Situation::from_index(moment).unwrap();
        for channel in engine.channels() {
            for name in OPERATIONS {
                let operation = engine.operation(name).unwrap();
                let Ok(decision) = channel.decide(operation, situation) else {
                    prop_assert!(channel.trace(operation, situation).is_err());
                    continue;
                };
                let trace = channel.trace(operation, situation).unwrap();
                let (last, tried) = trace.tried().split_last().unwrap();
                prop_assert_eq!(&last.rule.id, decision.rule());
                prop_assert!(last.failed.is_none());
                prop_assert!(tried.iter().all(|step| step.failed.is_some()));
                for change in trace.would_change() {
                    prop_assert_ne!(change.outcome, decision.outcome());
                }
            }
        }
    }
}
