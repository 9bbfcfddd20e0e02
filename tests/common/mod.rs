//! Deployments made from what the oracle sees of them.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test crate includes this module and uses what it needs"
)]

pub mod generated;

use crate::oracle::{Configuration, Now};
use std::fmt::Write as _;
use std::sync::Arc;
use syncgate::model::{Connection, Customer, Deployment, Order, RealTimeService, Rules, Situation};

/// TOML of a deployment with one channel `c0`, `c1`, … for each configuration. Version, features
/// and runs are those of the first.
pub fn deployment_toml(configurations: &[Configuration]) -> String {
    let mut toml = String::new();
    let Some(first) = configurations.first() else { return toml };
    let (major, minor, patch, build) = first.version;
    let _ = writeln!(toml, "[deployment]\ncommerce-version = \"{major}.{minor}.{patch}.{build}\"");
    for (id, setting) in &first.features {
        let _ = writeln!(toml, "[features.{id}]");
        if let Some(enabled) = setting.enabled {
            let _ = writeln!(toml, "enabled = {enabled}");
        }
        if let Some(at) = setting.enabled_at {
            let _ = writeln!(toml, "enabled-at = {}", moment(at));
        }
    }
    for (job, at) in &first.runs {
        let _ = writeln!(toml, "[[distribution-schedule]]\njob = \"{job}\"");
        if let Some(at) = at {
            let _ = writeln!(toml, "last-run = {}", moment(*at));
        }
    }
    for (number, configuration) in configurations.iter().enumerate() {
        channel_toml(&mut toml, number, configuration);
    }
    toml
}

/// `seconds` of the day 2026-11-20, as a TOML date-time.
fn moment(seconds: i64) -> String {
    let seconds = seconds.rem_euclid(86_400);
    format!("2026-11-20T{:02}:{:02}:{:02}Z", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

fn channel_toml(toml: &mut String, number: usize, configuration: &Configuration) {
    let _ = writeln!(toml, "[[functionality-profile]]\nid = \"p{number}\"");
    for (key, value) in [
        ("default-customer-search-mode", configuration.default_customer_search_mode),
        ("create-customer-in-async-mode", configuration.create_customer_in_async_mode),
        ("create-customer-order-in-async-mode", configuration.create_customer_order_in_async_mode),
        (
            "real-time-order-creation-with-async-backup",
            configuration.real_time_order_creation_with_async_backup,
        ),
        ("offline-customer-creation", configuration.offline_customer_creation),
        ("offline-order-creation", configuration.offline_order_creation),
    ] {
        if let Some(value) = value {
            let _ = writeln!(toml, "{key} = {value}");
        }
    }
    let groups =
        [("offline", configuration.offline_group), ("channel", configuration.channel_group)];
    for (kind, filter) in
        groups.iter().filter_map(|(kind, group)| group.map(|filter| (kind, filter)))
    {
        let name = format!("{kind}{number}");
        let _ = writeln!(toml, "[[channel-database-group]]\nname = \"{name}\"");
        // A schema without the value and no schema at all come to the same.
        if let Some(filter) = filter {
            let _ = writeln!(
                toml,
                "channel-schema = \"{name}\"\n[[channel-schema]]\nname = \
                    \"{name}\"\nfilter-shared-customer-data-tables = {filter}"
            );
        }
    }
    let _ = writeln!(
        toml,
        "[[channel]]\nid = \"c{number}\"\nkind = \"{}\"\nfunctionality-profile = \"p{number}\"",
        configuration.channel_kind
    );
    if configuration.offline_group.is_some() {
        let _ = writeln!(toml, "offline-database-group = \"offline{number}\"");
    }
    if configuration.channel_group.is_some() {
        let _ = writeln!(toml, "channel-database-group = \"channel{number}\"");
    }
    if let Some(supports) = configuration.supports_offline {
        let _ = writeln!(toml, "supports-offline = {supports}");
    }
}

/// The deployment that a TOML text stands for, which must be valid.
pub fn valid(rules: &Arc<Rules>, toml: &str) -> Deployment {
    match Deployment::from_text(rules, "deployment.toml", toml).valid() {
        Ok(deployment) => deployment.clone(),
        Err(invalid) => panic!("{invalid}\n{toml}"),
    }
}

/// Every moment, as the oracle and as the engine spell it.
pub fn moments() -> Vec<(Now, Situation)> {
    let mut moments = Vec::new();
    for connection in Connection::ALL {
        for service in RealTimeService::ALL {
            for customer in Customer::ALL {
                for order in Order::ALL {
                    for (blocked, hidden) in
                        [(false, false), (false, true), (true, false), (true, true)]
                    {
                        let now = Now {
                            connection: connection.as_str(),
                            real_time_service: service.as_str(),
                            customer: customer.as_str(),
                            order: order.as_str(),
                            loyalty_enrollment_blocked: blocked,
                            affiliation_hidden_in_channels: hidden,
                        };
                        let situation = Situation::default()
                            .connection(*connection)
                            .real_time_service(*service)
                            .customer(*customer)
                            .order(*order)
                            .loyalty_enrollment_blocked(blocked)
                            .affiliation_hidden_in_channels(hidden);
                        moments.push((now, situation));
                    }
                }
            }
        }
    }
    moments
}
