//! A deliberately naive oracle: the decision table, row by row, as plain code.
//!
//! It shares nothing with the engine it is compared with. Section numbers are those of the decision
//! table, S-numbers those of the statements it cites.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test crate includes this module and uses what it needs"
)]

use std::collections::BTreeMap;

/// A deployment as the oracle sees it: plain values, already looked up for one channel, except
/// features.
#[expect(
    clippy::option_option,
    reason = "a channel without the group and a group without the value differ"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    pub version: (u32, u32, u32, u32),
    /// `store`, `online` or `call-center`
    pub channel_kind: &'static str,
    /// as given on the channel
    pub supports_offline: Option<bool>,
    // Of the functionality profile; `None`: not given.
    pub default_customer_search_mode: Option<bool>,
    pub create_customer_in_async_mode: Option<bool>,
    pub create_customer_order_in_async_mode: Option<bool>,
    pub real_time_order_creation_with_async_backup: Option<bool>,
    pub offline_customer_creation: Option<bool>,
    pub offline_order_creation: Option<bool>,
    /// `Some(x)`: the channel names an offline database group; `x`: the filter of its schema, or
    /// `None` where the group names no schema or the value is not given.
    pub offline_group: Option<Option<bool>>,
    /// The same for the channel database group.
    pub channel_group: Option<Option<bool>>,
    /// The seven features by id; absent: not mentioned.
    pub features: BTreeMap<&'static str, FeatureSetting>,
    /// Last runs of job records: job id and time; a record without a time has `None`.
    pub runs: Vec<(&'static str, Option<i64>)>,
}

/// What the deployment says of one feature; without `enabled` it counts as not mentioned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeatureSetting {
    pub enabled: Option<bool>,
    pub enabled_at: Option<i64>,
}

/// The situation, in the spelling of section 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    pub connection: &'static str,
    pub real_time_service: &'static str,
    pub customer: &'static str,
    pub order: &'static str,
    pub loyalty_enrollment_blocked: bool,
    pub affiliation_hidden_in_channels: bool,
}

/// A decision, section 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub outcome: &'static str,
    pub reason: &'static str,
    pub rule: String,
    pub basis: &'static str,
    pub sources: Vec<&'static str>,
    pub error_id: Option<String>,
}

/// Every operation of section 4, in its order.
pub const OPERATIONS: &[&str] = &[
    "create-customer",
    "edit-customer",
    "edit-customer-attributes",
    "create-address",
    "edit-address",
    "capture-title",
    "capture-secondary-contact",
    "inherit-default-affiliations",
    "add-affiliation",
    "remove-affiliation",
    "issue-loyalty-card",
    "redeem-loyalty-points",
    "pay-customer-account",
    "create-customer-order",
    "create-quotation",
    "edit-customer-order",
    "cancel-customer-order",
    "search-customers",
    "search-all-stores",
    "create-from-other-company",
    "manage-client-book",
    "request-b2b-onboarding",
    "manage-b2b-user",
];

const SYNC: &str = "sync";
const ASYNC: &str = "async";
const REJECTED: &str = "rejected";

const DOCUMENTED: &str = "documented";
const INFERRED: &str = "inferred";
const UNDOCUMENTED: &str = "undocumented";

/// `None`: the request is impossible (invalid input), not a rejection.
#[must_use]
pub fn decide(configuration: &Configuration, operation: &str, now: &Now) -> Option<Answer> {
    if !well_spelled(configuration, operation, now) || impossible(configuration, now) {
        return None;
    }
    let case = Case { configuration, operation, now };
    Some(guards(&case).unwrap_or_else(|| rules(&case)))
}

/// Section 3: is the feature effective?
#[must_use]
pub fn effective(configuration: &Configuration, feature: &str) -> bool {
    if mandatory_since(feature).is_some_and(|since| since <= configuration.version) {
        return true;
    }
    enabled(configuration, feature)
        && since(feature).is_some_and(|since| since <= configuration.version)
        && requires(feature).iter().all(|required| effective(configuration, required))
        && distributed(configuration, feature)
}

/// The invariants of section 6 that speak of one decision (1-6, 9, 10).
///
/// # Errors
///
/// The first invariant that the answer breaks.
pub fn holds(
    configuration: &Configuration,
    operation: &str,
    now: &Now,
    answer: &Answer,
) -> Result<(), String> {
    let case = Case { configuration, operation, now };
    invariants_of_any_operation(&case, answer)?;
    if operation == "create-customer" {
        invariants_of_creation(&case, answer)?;
    }
    Ok(())
}

fn invariants_of_any_operation(case: &Case, answer: &Answer) -> Result<(), String> {
    let operation = case.operation;
    let sync = answer.outcome == SYNC;
    let rejected = answer.outcome == REJECTED;
    let loyalty = operation == "issue-loyalty-card" || operation == "redeem-loyalty-points";

    if case.offline() && sync {
        return broken("1: offline is never sync");
    }
    if loyalty && case.pending() && !rejected {
        return broken("5: a pending customer gets no loyalty card and redeems no points");
    }
    if sync && case.now.real_time_service != "available" {
        return broken("6: sync needs an available real-time service");
    }
    if needs_customer(operation) && case.now.customer == "none" && !rejected {
        return broken("9: without the customer it needs, an operation is rejected");
    }
    if answer.basis == UNDOCUMENTED && !rejected {
        return broken("10: an undocumented basis is a rejection");
    }
    Ok(())
}

fn invariants_of_creation(case: &Case, answer: &Answer) -> Result<(), String> {
    let sync = answer.outcome == SYNC;
    let rejected = answer.outcome == REJECTED;

    if case.async_customers() && sync {
        return broken("2: create-customer with async mode on is never sync");
    }
    // A call center offers no operation at all: the invariant speaks of channels that do.
    let offered = case.configuration.channel_kind != "call-center";
    let refused = case.now.real_time_service == "other-failure";
    if offered && !case.offline() && rejected && !refused {
        return broken("3: create-customer online is rejected on other-failure alone");
    }
    if case.filtered() && case.offline() && !rejected {
        return broken("4: with the filter on, an offline create-customer is rejected");
    }
    Ok(())
}

fn broken(invariant: &str) -> Result<(), String> {
    Err(format!("invariant {invariant}"))
}

// Section 2: facts.

struct Case<'a> {
    configuration: &'a Configuration,
    operation: &'a str,
    now: &'a Now,
}

impl Case<'_> {
    fn is(&self, operation: &str) -> bool {
        self.operation == operation
    }

    fn store(&self) -> bool {
        self.configuration.channel_kind == "store"
    }

    fn offline(&self) -> bool {
        self.now.connection == "offline"
    }

    fn pending(&self) -> bool {
        self.now.customer == "pending"
    }

    fn order_pending(&self) -> bool {
        self.now.order == "pending"
    }

    fn communication_failure(&self) -> bool {
        self.now.real_time_service == "communication-failure"
    }

    fn other_failure(&self) -> bool {
        self.now.real_time_service == "other-failure"
    }

    fn feature(&self, id: &str) -> bool {
        effective(self.configuration, id)
    }

    fn real_time_search(&self) -> bool {
        self.configuration.default_customer_search_mode.unwrap_or(false)
    }

    fn async_customers(&self) -> bool {
        let given = self.configuration.create_customer_in_async_mode;
        given.unwrap_or(false)
    }

    fn async_orders(&self) -> bool {
        let given = self.configuration.create_customer_order_in_async_mode;
        given.unwrap_or(false)
    }

    /// Section 3: false before 10.0.33 and without the async order mode (S-108, S-109).
    fn async_backup(&self) -> bool {
        let given = self.configuration.real_time_order_creation_with_async_backup;
        given.unwrap_or(false)
            && self.configuration.version >= (10, 0, 33, 0)
            && self.async_orders()
    }

    fn offline_customers(&self) -> bool {
        self.configuration.offline_customer_creation.unwrap_or(true)
    }

    fn offline_orders(&self) -> bool {
        self.configuration.offline_order_creation.unwrap_or(false)
    }

    /// The offline database group where the channel names one, else the channel database group.
    fn filtered(&self) -> bool {
        if let Some(filter) = self.configuration.offline_group {
            filter.unwrap_or(false)
        } else if let Some(filter) = self.configuration.channel_group {
            filter.unwrap_or(false)
        } else {
            false
        }
    }

    fn answer(
        &self,
        rule: &str,
        outcome: &'static str,
        reason: &'static str,
        basis: &'static str,
        sources: &[&'static str],
    ) -> Answer {
        Answer {
            outcome,
            reason,
            rule: format!("{}/{rule}", self.operation),
            basis,
            sources: sources.to_vec(),
            error_id: error_id(self.operation, reason),
        }
    }
}

fn well_spelled(configuration: &Configuration, operation: &str, now: &Now) -> bool {
    let services = ["available", "communication-failure", "other-failure"];
    OPERATIONS.contains(&operation)
        && ["store", "online", "call-center"].contains(&configuration.channel_kind)
        && ["online", "offline"].contains(&now.connection)
        && services.contains(&now.real_time_service)
        && ["none", "pending", "synced"].contains(&now.customer)
        && ["none", "pending", "in-headquarters"].contains(&now.order)
}

/// Section 2: only a store is ever offline, and only one that supports it.
fn impossible(configuration: &Configuration, now: &Now) -> bool {
    now.connection == "offline"
        && (configuration.channel_kind != "store" || configuration.supports_offline == Some(false))
}

// Section 3: features.

fn since(feature: &str) -> Option<(u32, u32, u32, u32)> {
    match feature {
        "order-performance" => Some((10, 0, 20, 0)),
        "async-address-creation" => Some((10, 0, 22, 0)),
        "enhanced-async-customer-creation" => Some((10, 0, 24, 0)),
        "edit-customers-async" => Some((10, 0, 29, 0)),
        "multiple-contacts" => Some((10, 0, 14, 0)),
        "cancel-async-orders" => Some((10, 0, 35, 0)),
        "cloud-powered-customer-search" => Some((10, 0, 18, 0)),
        _ => None,
    }
}

fn mandatory_since(feature: &str) -> Option<(u32, u32, u32, u32)> {
    if feature == "order-performance" { Some((10, 0, 28, 0)) } else { None }
}

fn requires(feature: &str) -> &'static [&'static str] {
    if feature == "edit-customers-async" {
        &["order-performance", "async-address-creation", "enhanced-async-customer-creation"]
    } else {
        &[]
    }
}

fn then_run(feature: &str) -> &'static [&'static str] {
    match feature {
        "edit-customers-async" => &["1110", "1010", "1070"],
        "cloud-powered-customer-search" => &["1010_CustomerSearch", "1110"],
        _ => &[],
    }
}

/// None of the seven is on by default: one that is not mentioned is not enabled.
fn enabled(configuration: &Configuration, feature: &str) -> bool {
    match configuration.features.get(feature) {
        Some(setting) => setting.enabled.unwrap_or(false),
        None => false,
    }
}

fn distributed(configuration: &Configuration, feature: &str) -> bool {
    let setting = configuration.features.get(feature);
    let Some(enabled_at) = setting.and_then(|setting| setting.enabled_at) else {
        return true;
    };
    for job in then_run(feature) {
        if let Some(last) = last_run(configuration, job)
            && last < enabled_at
        {
            return false;
        }
    }
    true
}

/// The latest time given by any record of the job or of 9999 (all jobs).
fn last_run(configuration: &Configuration, job: &str) -> Option<i64> {
    let mut last = None;
    for (id, time) in &configuration.runs {
        // `None` is less than any time.
        if (*id == job || *id == "9999") && *time > last {
            last = *time;
        }
    }
    last
}

// Section 4: operations and their rules.

fn needs_customer(operation: &str) -> bool {
    !matches!(
        operation,
        "create-customer"
            | "issue-loyalty-card"
            | "search-customers"
            | "search-all-stores"
            | "create-from-other-company"
            | "request-b2b-onboarding"
            | "manage-b2b-user"
    )
}

fn needs_order(operation: &str) -> bool {
    matches!(operation, "edit-customer-order" | "cancel-customer-order")
}

fn in_channel(case: &Case) -> bool {
    match case.operation {
        "create-quotation" | "manage-client-book" => case.store(),
        "request-b2b-onboarding" | "manage-b2b-user" => case.configuration.channel_kind == "online",
        _ => case.configuration.channel_kind != "call-center",
    }
}

fn guards(case: &Case) -> Option<Answer> {
    if !in_channel(case) {
        let reason = "operation-not-in-channel";
        return Some(case.answer("not-in-channel", REJECTED, reason, INFERRED, &[]));
    }
    if needs_customer(case.operation) && case.now.customer == "none" {
        let reason = "customer-not-found";
        return Some(case.answer("no-customer", REJECTED, reason, INFERRED, &[]));
    }
    if needs_order(case.operation) && case.now.order == "none" {
        let reason = "order-not-found";
        return Some(case.answer("no-order", REJECTED, reason, INFERRED, &[]));
    }
    None
}

fn rules(case: &Case) -> Answer {
    match case.operation {
        "create-customer" => create_customer(case),
        "edit-customer" | "edit-customer-attributes" => edit_customer(case),
        "create-address" => create_address(case),
        "edit-address" => edit_address(case),
        "capture-title" | "capture-secondary-contact" | "inherit-default-affiliations" => {
            capture(case)
        }
        "add-affiliation" | "remove-affiliation" => affiliation(case),
        "issue-loyalty-card" => issue_loyalty_card(case),
        "redeem-loyalty-points" | "pay-customer-account" => redeem_or_pay(case),
        "create-customer-order" | "create-quotation" => create_order(case),
        "edit-customer-order" | "cancel-customer-order" => change_order(case),
        "search-customers" => search_customers(case),
        "search-all-stores" | "create-from-other-company" => other_stores(case),
        "manage-client-book" => manage_client_book(case),
        "request-b2b-onboarding" | "manage-b2b-user" => b2b(case),
        other => unreachable!("no operation of section 4: {other}"),
    }
}

/// RT, with the basis and sources that the operation declares for `real-time`.
fn real_time_tail(case: &Case, basis: &'static str, sources: &[&'static str]) -> Answer {
    if case.communication_failure() {
        let id = "headquarters-unreachable";
        return case.answer(id, REJECTED, id, INFERRED, &["S-012", "S-018"]);
    }
    if case.other_failure() {
        let id = "headquarters-error";
        return case.answer(id, REJECTED, id, INFERRED, &["S-013"]);
    }
    case.answer("real-time", SYNC, "real-time", basis, sources)
}

/// The row `offline` of the operations that an offline POS does not offer.
fn not_available_offline(case: &Case, basis: &'static str, sources: &[&'static str]) -> Answer {
    case.answer("offline", REJECTED, "not-available-offline", basis, sources)
}

/// The row `pending` of the operations that wait for the account ID.
fn pending_sync(case: &Case, basis: &'static str, sources: &[&'static str]) -> Answer {
    case.answer("pending", REJECTED, "pending-sync", basis, sources)
}

/// The row `async-editing`.
fn async_editing(case: &Case, basis: &'static str, sources: &[&'static str]) -> Answer {
    case.answer("async-editing", ASYNC, "async-editing", basis, sources)
}

/// A row that the sources leave open.
fn undocumented(case: &Case, rule: &str) -> Answer {
    case.answer(rule, REJECTED, "undocumented", UNDOCUMENTED, &[])
}

/// Section 4.1.
fn create_customer(case: &Case) -> Answer {
    if case.offline() && case.filtered() {
        let reason = "customer-data-filtered-offline";
        let sources = ["S-016", "S-017"];
        return case.answer("offline-filtered", REJECTED, reason, DOCUMENTED, &sources);
    }
    if case.offline() && !case.offline_customers() {
        let rule = "offline-not-configured";
        let reason = "offline-creation-not-configured";
        return case.answer(rule, REJECTED, reason, DOCUMENTED, &["S-085"]);
    }
    if case.offline() {
        let sources = ["S-010", "S-011"];
        return case.answer("offline", ASYNC, "pos-offline", DOCUMENTED, &sources);
    }
    if case.async_customers() {
        let reason = "async-creation-mode";
        return case.answer("async-mode", ASYNC, reason, DOCUMENTED, &["S-007"]);
    }
    if case.communication_failure() {
        let rule = "communication-failure";
        let reason = "real-time-service-fallback";
        return case.answer(rule, ASYNC, reason, DOCUMENTED, &["S-012"]);
    }
    if case.other_failure() {
        let id = "headquarters-error";
        return case.answer(id, REJECTED, id, INFERRED, &["S-013"]);
    }
    let sources = ["S-002", "S-004"];
    case.answer("default", SYNC, "default-mode", DOCUMENTED, &sources)
}

/// Section 4.2: the attributes are inferred on the first three rows.
fn edit_customer(case: &Case) -> Answer {
    let basis = if case.is("edit-customer-attributes") { INFERRED } else { DOCUMENTED };
    if case.offline() {
        return not_available_offline(case, basis, &["S-086"]);
    }
    if case.feature("edit-customers-async") {
        return async_editing(case, basis, &["S-069", "S-070"]);
    }
    if case.pending() {
        return pending_sync(case, basis, &["S-053"]);
    }
    real_time_tail(case, DOCUMENTED, &["S-104"])
}

/// Section 4.3.
fn create_address(case: &Case) -> Answer {
    if case.offline() {
        return not_available_offline(case, INFERRED, &["S-086"]);
    }
    if case.feature("async-address-creation") {
        let reason = "async-address-creation";
        let sources = ["S-059", "S-060"];
        return case.answer("async-address", ASYNC, reason, DOCUMENTED, &sources);
    }
    if case.pending() {
        return pending_sync(case, INFERRED, &["S-064"]);
    }
    real_time_tail(case, DOCUMENTED, &["S-104"])
}

/// Section 4.4.
fn edit_address(case: &Case) -> Answer {
    if case.offline() {
        return not_available_offline(case, INFERRED, &["S-086"]);
    }
    if case.feature("edit-customers-async") {
        return async_editing(case, DOCUMENTED, &["S-065", "S-069"]);
    }
    if case.pending() {
        return pending_sync(case, INFERRED, &["S-053"]);
    }
    real_time_tail(case, DOCUMENTED, &["S-104"])
}

/// Section 4.5.
fn capture(case: &Case) -> Answer {
    if case.is("capture-secondary-contact") && case.store() && !case.feature("multiple-contacts") {
        let rule = "contacts-disabled";
        let reason = "multiple-contacts-disabled";
        return case.answer(rule, REJECTED, reason, DOCUMENTED, &["S-121"]);
    }
    if case.pending() && case.feature("enhanced-async-customer-creation") {
        let reason = "enhanced-async-creation";
        return case.answer("enhanced", ASYNC, reason, DOCUMENTED, &["S-066"]);
    }
    if case.pending() {
        let reason = "enhanced-creation-disabled";
        let source = match case.operation {
            "capture-title" => "S-066",
            "capture-secondary-contact" => "S-056",
            _ => "S-055",
        };
        return case.answer("not-enhanced", REJECTED, reason, INFERRED, &[source]);
    }
    if case.offline() {
        return not_available_offline(case, INFERRED, &["S-086"]);
    }
    if case.feature("edit-customers-async") {
        return async_editing(case, INFERRED, &["S-070"]);
    }
    real_time_tail(case, INFERRED, &["S-104"])
}

/// Section 4.6.
fn affiliation(case: &Case) -> Answer {
    if case.now.affiliation_hidden_in_channels && case.store() {
        let reason = "affiliation-hidden";
        return case.answer("hidden", REJECTED, reason, DOCUMENTED, &["S-136"]);
    }
    if case.offline() && case.pending() {
        return undocumented(case, "offline-pending");
    }
    if case.offline() {
        return case.answer("offline", ASYNC, "pos-offline", INFERRED, &["S-088"]);
    }
    if case.feature("edit-customers-async") {
        return async_editing(case, INFERRED, &["S-070"]);
    }
    if case.pending() && case.feature("enhanced-async-customer-creation") {
        return undocumented(case, "pending-enhanced");
    }
    if case.pending() {
        return pending_sync(case, INFERRED, &["S-053", "S-055"]);
    }
    real_time_tail(case, INFERRED, &["S-104"])
}

/// Section 4.7.
fn issue_loyalty_card(case: &Case) -> Answer {
    if case.now.customer == "none" {
        return undocumented(case, "anonymous");
    }
    if case.now.loyalty_enrollment_blocked {
        let reason = "loyalty-enrollment-blocked";
        return case.answer("blocked", REJECTED, reason, DOCUMENTED, &["S-135"]);
    }
    if case.offline() {
        return not_available_offline(case, DOCUMENTED, &["S-087"]);
    }
    if case.pending() {
        return pending_sync(case, DOCUMENTED, &["S-051"]);
    }
    real_time_tail(case, INFERRED, &["S-104"])
}

/// Section 4.8.
fn redeem_or_pay(case: &Case) -> Answer {
    if case.offline() {
        return not_available_offline(case, DOCUMENTED, &["S-176"]);
    }
    if case.pending() {
        return pending_sync(case, INFERRED, &["S-021"]);
    }
    if case.is("redeem-loyalty-points") {
        real_time_tail(case, DOCUMENTED, &["S-104"])
    } else {
        real_time_tail(case, INFERRED, &["S-104"])
    }
}

/// Section 4.9: of a quotation every row but the two offline ones is inferred.
fn create_order(case: &Case) -> Answer {
    let order = case.is("create-customer-order");
    let basis = if order { DOCUMENTED } else { INFERRED };

    if order && !case.store() {
        let reason = "e-commerce-order";
        return case.answer("e-commerce", ASYNC, reason, INFERRED, &["S-111"]);
    }
    if case.offline() && case.offline_orders() && case.async_orders() && !case.async_backup() {
        return case.answer("offline", ASYNC, "pos-offline", DOCUMENTED, &["S-116"]);
    }
    if case.offline() {
        let rule = "offline-not-available";
        let reason = "not-available-offline";
        return case.answer(rule, REJECTED, reason, DOCUMENTED, &["S-116"]);
    }
    if !case.async_orders() && case.pending() {
        let reason = "pending-customer-on-sync-order";
        let sources = ["S-052", "S-107"];
        return case.answer("pending-sync-order", REJECTED, reason, basis, &sources);
    }
    if case.pending() {
        let rule = "pending-async-order";
        let sources = ["S-106", "S-033"];
        return case.answer(rule, ASYNC, "async-order-mode", INFERRED, &sources);
    }
    if case.async_backup() && (case.communication_failure() || case.other_failure()) {
        let sources = ["S-108", "S-110"];
        return case.answer("async-backup", ASYNC, "async-backup", basis, &sources);
    }
    if case.async_backup() {
        let reason = "real-time-with-async-backup";
        return case.answer("real-time-first", SYNC, reason, basis, &["S-108"]);
    }
    if case.async_orders() {
        return case.answer("async-orders", ASYNC, "async-order-mode", basis, &["S-106"]);
    }
    if order {
        real_time_tail(case, DOCUMENTED, &["S-107"])
    } else {
        real_time_tail(case, INFERRED, &["S-104"])
    }
}

/// Section 4.10.
fn change_order(case: &Case) -> Answer {
    if case.offline() {
        return not_available_offline(case, DOCUMENTED, &["S-116"]);
    }
    if case.is("cancel-customer-order")
        && case.order_pending()
        && case.feature("cancel-async-orders")
    {
        let reason = "async-order-cancellation";
        return case.answer("async-cancel", ASYNC, reason, DOCUMENTED, &["S-113"]);
    }
    if case.order_pending() {
        let reason = "order-not-in-headquarters";
        return case.answer("order-pending", REJECTED, reason, DOCUMENTED, &["S-112"]);
    }
    real_time_tail(case, DOCUMENTED, &["S-104"])
}

/// Section 4.11.
fn search_customers(case: &Case) -> Answer {
    if case.offline() && case.real_time_search() {
        return undocumented(case, "offline-real-time-search");
    }
    if case.offline() {
        return case.answer("offline", ASYNC, "local-search", DOCUMENTED, &["S-177"]);
    }
    if !case.real_time_search() {
        return case.answer("local", ASYNC, "local-search", DOCUMENTED, &["S-127"]);
    }
    real_time_tail(case, DOCUMENTED, &["S-131"])
}

/// Section 4.11.
fn other_stores(case: &Case) -> Answer {
    if case.offline() {
        return not_available_offline(case, INFERRED, &["S-128", "S-130"]);
    }
    if case.is("search-all-stores") && case.feature("cloud-powered-customer-search") {
        return case.answer("indexed", ASYNC, "indexed-search", DOCUMENTED, &["S-179"]);
    }
    if case.is("search-all-stores") {
        real_time_tail(case, DOCUMENTED, &["S-128"])
    } else {
        real_time_tail(case, DOCUMENTED, &["S-130"])
    }
}

/// Section 4.12.
fn manage_client_book(case: &Case) -> Answer {
    if case.offline() {
        return not_available_offline(case, DOCUMENTED, &["S-176"]);
    }
    if case.pending() {
        return undocumented(case, "pending");
    }
    real_time_tail(case, INFERRED, &["S-104"])
}

/// Section 4.13.
fn b2b(case: &Case) -> Answer {
    let sources = ["S-140", "S-142"];
    case.answer("b2b-request", ASYNC, "b2b-request", DOCUMENTED, &sources)
}

/// Section 5.
fn error_id(operation: &str, reason: &str) -> Option<String> {
    let suffix = match reason {
        "pending-sync" => pending_sync_error(operation)?,
        "not-available-offline" => "RealtimeServiceNotSupported",
        "headquarters-unreachable" => "HeadquarterCommunicationFailure",
        "customer-not-found" => "CustomerNotFound",
        "loyalty-enrollment-blocked" => "CustomerBlockedForLoyaltyEnrollment",
        _ => return None,
    };
    Some(format!("Microsoft_Dynamics_Commerce_Runtime_{suffix}"))
}

/// Section 5: `pending-sync` has an error id on some operations only.
fn pending_sync_error(operation: &str) -> Option<&'static str> {
    match operation {
        "edit-customer"
        | "edit-customer-attributes"
        | "edit-address"
        | "add-affiliation"
        | "remove-affiliation" => Some("UpdateAsyncCustomerNotSupported"),
        _ => None,
    }
}
