//! Deployments made up at random, as the oracle sees them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test crate includes this module and uses what it needs"
)]

use crate::oracle::{Configuration, FeatureSetting};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The features that decisions depend on.
pub const FEATURES: [&str; 7] = [
    "order-performance",
    "async-address-creation",
    "enhanced-async-customer-creation",
    "edit-customers-async",
    "multiple-contacts",
    "cancel-async-orders",
    "cloud-powered-customer-search",
];

fn option(values: impl Strategy<Value = bool>) -> impl Strategy<Value = Option<bool>> {
    proptest::option::weighted(0.8, values)
}

fn settings() -> impl Strategy<Value = [Option<bool>; 7]> {
    proptest::array::uniform7(option(any::<bool>()))
}

fn features() -> impl Strategy<Value = BTreeMap<&'static str, FeatureSetting>> {
    let setting = (option(proptest::bool::weighted(0.8)), proptest::option::of(0..4_i64))
        .prop_map(|(enabled, enabled_at)| FeatureSetting { enabled, enabled_at });
    proptest::collection::btree_map(proptest::sample::select(&FEATURES[..]), setting, 0..=7)
}

fn runs() -> impl Strategy<Value = Vec<(&'static str, Option<i64>)>> {
    let job = proptest::sample::select(
        &["1110", "1010", "1070", "9999", "1090", "1010_CustomerSearch"][..],
    );
    proptest::collection::vec((job, proptest::option::of(0..4_i64)), 0..8)
}

prop_compose! {
    pub fn channel()(
        kind in proptest::sample::select(&["store", "store", "online", "call-center"][..]),
        [supports, search, customer, order, backup, offline_customer, offline_order] in settings(),
        offline_group in proptest::option::of(option(any::<bool>())),
        channel_group in proptest::option::of(option(any::<bool>())),
    ) -> Configuration {
        Configuration {
            version: (10, 0, 40, 0),
            channel_kind: kind,
            supports_offline: supports,
            default_customer_search_mode: search,
            create_customer_in_async_mode: customer,
            create_customer_order_in_async_mode: order,
            real_time_order_creation_with_async_backup: backup,
            offline_customer_creation: offline_customer,
            offline_order_creation: offline_order,
            offline_group,
            channel_group,
            features: BTreeMap::new(),
            runs: Vec::new(),
        }
    }
}

prop_compose! {
    /// One to five channels of one version, with one state of features and jobs.
    pub fn deployment()(
        mut channels in proptest::collection::vec(channel(), 1..6),
        patch in proptest::sample::select(
            &[13, 14, 17, 18, 19, 20, 21, 22, 23, 24, 27, 28, 29, 32, 33, 34, 35, 40][..]
        ),
        build in 0..2_u32,
        features in features(),
        runs in runs(),
    ) -> Vec<Configuration> {
        for channel in &mut channels {
            channel.version = (10, 0, patch, build);
            channel.features.clone_from(&features);
            channel.runs.clone_from(&runs);
        }
        channels
    }
}
