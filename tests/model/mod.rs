//! A deliberately naive model of a store, written from section 7 of the decision table alone:
//! lists, and scans over them. Decisions come from the oracle.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test crate includes this module and uses what it needs"
)]

use crate::oracle::{self, Answer, Configuration, FeatureSetting, Now};
use std::collections::{BTreeMap, BTreeSet};

/// The channels of the deployment `contoso`, in its order: id and profile.
pub const CHANNELS: [(&str, &str); 4] =
    [("houston", "STORE"), ("seattle", "MALL"), ("san-francisco", "MALL"), ("web", "WEB")];
/// The features that are switched, each with the jobs that must run before channels know.
pub const FEATURES: [(&str, &[&str]); 5] = [
    ("async-address-creation", &["1110"]),
    ("enhanced-async-customer-creation", &["1110"]),
    ("edit-customers-async", &["1110", "1010", "1070"]),
    ("multiple-contacts", &["1110"]),
    ("cancel-async-orders", &["1110"]),
];
pub const JOBS: [&str; 8] = [
    "P-0001",
    "synchronize-customers",
    "1010",
    "synchronize-orders",
    "post-statement",
    "1110",
    "1070",
    "9999",
];
pub const SETTINGS: [&str; 5] = [
    "create_customer_in_async_mode",
    "create_customer_order_in_async_mode",
    "real_time_order_creation_with_async_backup",
    "offline_customer_creation",
    "offline_order_creation",
];

/// What happens.
#[derive(Clone, Debug)]
pub enum Event {
    Operation {
        operation: &'static str,
        channel: usize,
        customer: Option<u8>,
        order: Option<u8>,
        blocked: bool,
        hidden: bool,
    },
    Connection {
        channel: usize,
        connection: &'static str,
    },
    RealTimeService(&'static str),
    Job {
        job: &'static str,
        channels: Option<Vec<usize>>,
        rows: Option<u64>,
    },
    Sale {
        sale: u8,
        channel: usize,
        customer: u8,
    },
    Feature {
        feature: usize,
        enabled: bool,
    },
    Profile {
        profile: &'static str,
        key: &'static str,
        value: bool,
    },
    Fail {
        customer: u8,
        error: u8,
    },
    Correct {
        customer: u8,
    },
}

impl Event {
    /// A job that acts on every channel and takes all that it finds.
    pub fn job(job: &'static str) -> Self {
        Self::Job { job, channels: None, rows: None }
    }

    /// The event as a line of a stream.
    pub fn line(&self) -> String {
        match self {
            Self::Operation { operation, channel, customer, order, blocked, hidden } => {
                let customer =
                    customer.map(|it| format!(r#","customer":"c{it}""#)).unwrap_or_default();
                let order = order.map(|it| format!(r#","order":"o{it}""#)).unwrap_or_default();
                format!(
                    "{{\"operation\":\"{operation}\",\"channel\":\"{}\"{customer}{order},\
                     \"loyalty_enrollment_blocked\":{blocked},\
                     \"affiliation_hidden_in_channels\":{hidden}}}",
                    CHANNELS[*channel].0
                )
            }
            Self::Connection { channel, connection } => {
                format!(r#"{{"channel":"{}","connection":"{connection}"}}"#, CHANNELS[*channel].0)
            }
            Self::RealTimeService(state) => format!(r#"{{"real_time_service":"{state}"}}"#),
            Self::Job { job, channels, rows } => {
                let ids = channels.as_ref().map(|channels| {
                    let ids = channels.iter().map(|it| format!("\"{}\"", CHANNELS[*it].0));
                    format!(r#","channels":[{}]"#, ids.collect::<Vec<_>>().join(","))
                });
                let rows = rows.map(|rows| format!(r#","rows":{rows}"#));
                format!(
                    r#"{{"job":"{job}"{}{}}}"#,
                    ids.unwrap_or_default(),
                    rows.unwrap_or_default()
                )
            }
            Self::Sale { sale, channel, customer } => {
                format!(
                    r#"{{"sale":"t{sale}","channel":"{}","customer":"c{customer}"}}"#,
                    CHANNELS[*channel].0
                )
            }
            Self::Feature { feature, enabled } => {
                format!(r#"{{"feature":"{}","enabled":{enabled}}}"#, FEATURES[*feature].0)
            }
            Self::Profile { profile, key, value } => {
                format!(r#"{{"functionality_profile":"{profile}","set":{{"{key}":{value}}}}}"#)
            }
            Self::Fail { customer, error } => {
                format!(r#"{{"fail_synchronization":"c{customer}","error":"error {error}"}}"#)
            }
            Self::Correct { customer } => format!(r#"{{"correct":"c{customer}"}}"#),
        }
    }
}

/// What became of the last event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    #[default]
    Done,
    Invalid,
    Decided(Answer),
}

#[derive(Clone, Debug)]
pub struct Customer {
    pub name: u8,
    channel: usize,
    /// In headquarters from the start, seen by every channel.
    immediate: bool,
    pub account: Option<u64>,
    /// The channels that know the account, and those that it waits for.
    known: BTreeSet<usize>,
    waits: BTreeSet<usize>,
    pub failing: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum OrderState {
    Pending,
    InHeadquarters,
    Cancelled,
}

#[derive(Clone, Debug)]
pub struct Order {
    pub name: u8,
    channel: usize,
    state: OrderState,
}

/// What a row is about.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Creation,
    Change,
    Request,
    Order(u8),
    Cancellation(u8),
    Sale,
}

/// A row, as anybody can see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    pub channel: &'static str,
    pub table: &'static str,
    /// `None` in an offline database.
    pub counter: Option<u64>,
    pub uploaded: bool,
    pub completed: bool,
    pub error: Option<String>,
}

#[derive(Clone, Debug)]
struct Queued {
    channel: usize,
    table: &'static str,
    kind: Kind,
    customer: Option<u8>,
    counter: Option<u64>,
    completed: bool,
    error: Option<String>,
}

/// A setting or a feature: what headquarters has, and by channel what jobs have brought and what
/// the channel decides by.
#[derive(Clone, Debug)]
struct Known {
    headquarters: bool,
    brought: [bool; 4],
    decides: [bool; 4],
    /// Jobs that have yet to run, by channel.
    outstanding: [BTreeSet<&'static str>; 4],
}

/// The model.
#[derive(Clone, Debug)]
pub struct Model {
    pub last: Outcome,
    pub customers: Vec<Customer>,
    pub orders: Vec<Order>,
    sales: BTreeSet<u8>,
    queue: Vec<Queued>,
    counters: [u64; 4],
    uploaded: [u64; 4],
    /// The last account that was sent to each channel.
    sent: [u64; 4],
    offline: [bool; 4],
    real_time_service: &'static str,
    accounts: u64,
    features: Vec<Known>,
    settings: BTreeMap<(&'static str, &'static str), Known>,
}

impl Default for Model {
    fn default() -> Self {
        let known = |value| Known {
            headquarters: value,
            brought: [value; 4],
            decides: [value; 4],
            outstanding: Default::default(),
        };
        let profiles = [
            ("STORE", [true, true, false, true, true]),
            ("MALL", [false, true, true, true, false]),
            ("WEB", [true, false, false, true, false]),
        ];
        let settings = profiles.iter().flat_map(|(profile, values)| {
            SETTINGS.iter().zip(values).map(|(key, value)| ((*profile, *key), known(*value)))
        });
        Self {
            last: Outcome::Done,
            customers: Vec::new(),
            orders: Vec::new(),
            sales: BTreeSet::new(),
            queue: Vec::new(),
            counters: [0; 4],
            uploaded: [0; 4],
            sent: [0; 4],
            offline: [false; 4],
            real_time_service: "available",
            accounts: 0,
            features: vec![known(true); FEATURES.len()],
            settings: settings.collect(),
        }
    }
}

const CREATE: [&str; 2] = ["create-customer", "create-from-other-company"];
const ORDER: [&str; 2] = ["create-customer-order", "create-quotation"];
const OF_ORDERS: [&str; 2] = ["edit-customer-order", "cancel-customer-order"];
const WITHOUT_CUSTOMER: [&str; 5] = [
    "search-all-stores",
    "search-customers",
    "issue-loyalty-card",
    "request-b2b-onboarding",
    "manage-b2b-user",
];
/// What only looks something up leaves no row.
const READS_ONLY: [&str; 2] = ["search-all-stores", "search-customers"];

/// The table that an async operation adds a row to.
fn table(operation: &str) -> &'static str {
    match operation {
        "create-address" | "edit-address" => "RETAILASYNCADDRESSV2",
        "capture-secondary-contact" => "RETAILASYNCCUSTOMERCONTACT",
        "add-affiliation" | "remove-affiliation" | "inherit-default-affiliations" => {
            "RETAILASYNCCUSTOMERAFFILIATION"
        }
        "edit-customer-attributes" => "RETAILASYNCCUSTOMERATTRIBUTEV2",
        "create-customer-order" | "create-quotation" | "cancel-customer-order" => "transactions",
        "request-b2b-onboarding" | "manage-b2b-user" => "requests",
        _ => "RETAILASYNCCUSTOMERV2",
    }
}

impl Model {
    fn customer(&self, name: u8) -> Option<&Customer> {
        self.customers.iter().find(|customer| customer.name == name)
    }

    /// How a channel sees a customer.
    pub fn sees(&self, channel: usize, name: u8) -> &'static str {
        match self.customer(name) {
            Some(it) if it.immediate || it.known.contains(&channel) => "synced",
            Some(it) if it.channel == channel => "pending",
            _ => "none",
        }
    }

    /// How a channel sees an order.
    pub fn sees_order(&self, channel: usize, name: u8) -> &'static str {
        match self.orders.iter().find(|order| order.name == name) {
            Some(Order { state: OrderState::InHeadquarters, .. }) => "in-headquarters",
            Some(Order { state: OrderState::Pending, channel: own, .. }) if *own == channel => {
                "pending"
            }
            _ => "none",
        }
    }

    /// Every row, in the order in which they were written.
    pub fn rows(&self) -> Vec<Row> {
        let row = |it: &Queued| Row {
            channel: CHANNELS[it.channel].0,
            table: it.table,
            counter: it.counter,
            uploaded: it.counter.is_some_and(|counter| counter <= self.uploaded[it.channel]),
            completed: it.completed,
            error: it.error.clone(),
        };
        self.queue.iter().map(row).collect()
    }

    pub fn pending(&self) -> usize {
        self.customers.iter().filter(|it| self.sees(it.channel, it.name) == "pending").count()
    }

    fn configuration(&self, channel: usize) -> Configuration {
        let profile = CHANNELS[channel].1;
        let setting = |key: &'static str| Some(self.settings[&(profile, key)].decides[channel]);
        let features = FEATURES.iter().zip(&self.features).map(|((id, _), known)| {
            (*id, FeatureSetting { enabled: Some(known.decides[channel]), enabled_at: None })
        });
        Configuration {
            version: (10, 0, 40, 0),
            channel_kind: if profile == "WEB" { "online" } else { "store" },
            supports_offline: Some(channel < 2),
            create_customer_in_async_mode: setting(SETTINGS[0]),
            create_customer_order_in_async_mode: setting(SETTINGS[1]),
            real_time_order_creation_with_async_backup: setting(SETTINGS[2]),
            default_customer_search_mode: None,
            offline_customer_creation: setting(SETTINGS[3]),
            offline_order_creation: setting(SETTINGS[4]),
            offline_group: (channel < 2).then_some(Some(false)),
            channel_group: Some(Some(false)),
            features: features.collect(),
            runs: Vec::new(),
        }
    }

    /// What the model is after an event.
    pub fn after(mut self, event: &Event) -> Self {
        self.last = Outcome::Done;
        match event {
            Event::Operation { .. } => self.operation(event),
            Event::Connection { channel, connection } => self.connect(*channel, connection),
            Event::RealTimeService(state) => self.real_time_service = state,
            Event::Job { job, channels, rows } => {
                // A channel that is named twice is still one.
                let channels: BTreeSet<usize> = match channels {
                    Some(channels) => channels.iter().copied().collect(),
                    None => (0..4).collect(),
                };
                self.job(job, &Vec::from_iter(channels), rows.unwrap_or(u64::MAX));
            }
            Event::Sale { sale, channel, customer } => {
                if self.sales.contains(sale) || self.sees(*channel, *customer) == "none" {
                    self.last = Outcome::Invalid;
                } else {
                    self.sales.insert(*sale);
                    self.queue_row(*channel, "transactions", Kind::Sale, Some(*customer));
                }
            }
            Event::Feature { feature, enabled } => {
                let known = &mut self.features[*feature];
                known.headquarters = *enabled;
                let jobs: BTreeSet<_> = FEATURES[*feature].1.iter().copied().collect();
                known.outstanding = std::array::from_fn(|_| jobs.clone());
            }
            Event::Profile { profile, key, value } => {
                self.settings.get_mut(&(*profile, *key)).unwrap().headquarters = *value;
            }
            Event::Fail { customer, error } => {
                self.set_failing(*customer, Some(&format!("error {error}")));
            }
            Event::Correct { customer } => self.set_failing(*customer, None),
        }
        self
    }

    fn set_failing(&mut self, name: u8, error: Option<&str>) {
        for customer in self.customers.iter_mut().filter(|it| it.name == name) {
            customer.failing = error.map(str::to_owned);
        }
    }

    fn connect(&mut self, channel: usize, connection: &str) {
        if connection == "offline" && channel >= 2 {
            self.last = Outcome::Invalid;
            return;
        }
        self.offline[channel] = connection == "offline";
        if !self.offline[channel] {
            for row in
                self.queue.iter_mut().filter(|row| row.channel == channel && row.counter.is_none())
            {
                self.counters[channel] += 1;
                row.counter = Some(self.counters[channel]);
            }
            self.reach(channel);
        }
    }

    /// What download jobs have brought reaches a channel whose POS is online.
    fn reach(&mut self, channel: usize) {
        for customer in &mut self.customers {
            if customer.waits.remove(&channel) {
                customer.known.insert(channel);
            }
        }
        for known in self.features.iter_mut().chain(self.settings.values_mut()) {
            known.decides[channel] = known.brought[channel];
        }
    }

    fn queue_row(&mut self, channel: usize, table: &'static str, kind: Kind, customer: Option<u8>) {
        let counter = (!self.offline[channel]).then(|| {
            self.counters[channel] += 1;
            self.counters[channel]
        });
        let row = Queued { channel, table, kind, customer, counter, completed: false, error: None };
        self.queue.push(row);
    }

    fn operation(&mut self, event: &Event) {
        let Event::Operation { operation, channel, customer, order, blocked, hidden } = event
        else {
            return;
        };
        let (operation, channel) = (*operation, *channel);
        let creates_order = ORDER.contains(&operation);
        let lacks_customer = customer.is_none() && !WITHOUT_CUSTOMER.contains(&operation);
        let lacks_order = order.is_none() && (creates_order || OF_ORDERS.contains(&operation));
        let customer_in_use = CREATE.contains(&operation)
            && customer.is_some_and(|name| self.customer(name).is_some());
        let order_in_use = creates_order
            && order.is_some_and(|name| self.orders.iter().any(|order| order.name == name));
        if lacks_customer || lacks_order || customer_in_use || order_in_use {
            self.last = Outcome::Invalid;
            return;
        }
        let now = Now {
            connection: if self.offline[channel] { "offline" } else { "online" },
            real_time_service: self.real_time_service,
            customer: customer.map_or("none", |name| self.sees(channel, name)),
            order: order.map_or("none", |name| self.sees_order(channel, name)),
            loyalty_enrollment_blocked: *blocked,
            affiliation_hidden_in_channels: *hidden,
        };
        let answer = oracle::decide(&self.configuration(channel), operation, &now).unwrap();
        match answer.outcome {
            "sync" => self.takes_effect(operation, channel, *customer, *order, true),
            "async" => self.takes_effect(operation, channel, *customer, *order, false),
            _ => {}
        }
        self.last = Outcome::Decided(answer);
    }

    fn takes_effect(
        &mut self,
        operation: &'static str,
        channel: usize,
        customer: Option<u8>,
        order: Option<u8>,
        sync: bool,
    ) {
        let mut kind = if customer.is_some() { Kind::Change } else { Kind::Request };
        if CREATE.contains(&operation) {
            kind = Kind::Creation;
            let account = sync.then(|| self.next_account());
            let name = customer.unwrap();
            self.customers.push(Customer {
                name,
                channel,
                immediate: sync,
                account,
                known: BTreeSet::new(),
                waits: BTreeSet::new(),
                failing: None,
            });
        }
        if ORDER.contains(&operation) {
            let name = order.unwrap();
            kind = Kind::Order(name);
            let state = if sync { OrderState::InHeadquarters } else { OrderState::Pending };
            self.orders.push(Order { name, channel, state });
        }
        if operation == "cancel-customer-order" {
            kind = Kind::Cancellation(order.unwrap());
            if sync {
                self.settle(order.unwrap(), &OrderState::Cancelled);
            }
        }
        if !sync && !READS_ONLY.contains(&operation) {
            self.queue_row(channel, table(operation), kind, customer);
        }
    }

    fn next_account(&mut self) -> u64 {
        self.accounts += 1;
        self.accounts
    }

    fn settle(&mut self, name: u8, state: &OrderState) {
        for order in
            self.orders.iter_mut().filter(|it| it.name == name && it.state != OrderState::Cancelled)
        {
            order.state = state.clone();
        }
    }

    fn job(&mut self, job: &'static str, channels: &[usize], rows: u64) {
        let all = job == "9999";
        let most = usize::try_from(rows).unwrap_or(usize::MAX);
        for channel in channels {
            for known in &mut self.features {
                if all {
                    known.outstanding[*channel].clear();
                } else {
                    known.outstanding[*channel].remove(job);
                }
                if known.outstanding[*channel].is_empty() {
                    known.brought[*channel] = known.headquarters;
                }
            }
            if all || job == "1070" {
                for known in self.settings.values_mut() {
                    known.brought[*channel] = known.headquarters;
                }
            }
        }
        match job {
            "P-0001" => self.upload(channels, rows),
            "synchronize-customers" => {
                let waiting = self.waiting(channels, |row| row.table != "transactions");
                for row in waiting.into_iter().take(most) {
                    self.process(row);
                }
            }
            "1010" | "9999" => {
                for channel in channels {
                    let sent = self.sent[*channel].saturating_add(rows).min(self.accounts);
                    self.sent[*channel] = sent;
                    for customer in &mut self.customers {
                        if customer.account.is_some_and(|account| account <= sent) {
                            customer.waits.insert(*channel);
                        }
                    }
                }
            }
            "synchronize-orders" => {
                let fits =
                    |row: &Queued| matches!(row.kind, Kind::Order(_) | Kind::Cancellation(_));
                self.documents(channels, most, fits);
            }
            "post-statement" => self.documents(channels, most, |row| row.kind == Kind::Sale),
            _ => {}
        }
        for channel in 0..4 {
            if !self.offline[channel] {
                self.reach(channel);
            }
        }
    }

    fn upload(&mut self, channels: &[usize], rows: u64) {
        let mut by_id = channels.to_vec();
        by_id.sort_by_key(|channel| CHANNELS[*channel].0);
        by_id.dedup();
        let mut rows = rows;
        for channel in by_id {
            let taken = rows.min(self.counters[channel] - self.uploaded[channel]);
            self.uploaded[channel] += taken;
            rows -= taken;
        }
    }

    /// Uploaded rows of some channels that are not processed, by channel id, then counter.
    fn waiting(&self, channels: &[usize], fits: impl Fn(&Queued) -> bool) -> Vec<usize> {
        let uploaded =
            |row: &Queued| row.counter.is_some_and(|it| it <= self.uploaded[row.channel]);
        let mut rows: Vec<usize> = (0..self.queue.len())
            .filter(|index| {
                let row = &self.queue[*index];
                channels.contains(&row.channel) && uploaded(row) && !row.completed && fits(row)
            })
            .collect();
        rows.sort_by_key(|index| {
            (CHANNELS[self.queue[*index].channel].0, self.queue[*index].counter)
        });
        rows
    }

    fn documents(&mut self, channels: &[usize], most: usize, fits: fn(&Queued) -> bool) {
        for index in self.waiting(channels, fits).into_iter().take(most) {
            let customer = self.queue[index].customer;
            let tables = ["RETAILASYNCCUSTOMERV2", "RETAILASYNCADDRESSV2"];
            let before = |row: &Queued| row.customer == customer && tables.contains(&row.table);
            for row in self.waiting(channels, before) {
                self.process(row);
            }
            self.process(index);
        }
    }

    fn process(&mut self, index: usize) {
        let row = self.queue[index].clone();
        let failing =
            row.customer.and_then(|name| self.customer(name)).and_then(|it| it.failing.clone());
        if failing.is_some() {
            self.queue[index].error = failing;
            return;
        }
        match &row.kind {
            Kind::Creation => {
                let name = row.customer.unwrap();
                let place = self.customers.iter().position(|it| it.name == name).unwrap();
                if self.customers[place].account.is_none() {
                    self.customers[place].account = Some(self.next_account());
                }
            }
            Kind::Order(name) => self.settle(*name, &OrderState::InHeadquarters),
            Kind::Cancellation(name) => self.settle(*name, &OrderState::Cancelled),
            Kind::Change | Kind::Request | Kind::Sale => {}
        }
        self.queue[index].completed = true;
        self.queue[index].error = None;
    }
}
