//! Events: what happens to a store, one after the other.

use crate::engine::Engine;
use crate::model::format::Kind;
use crate::model::name::nearest;
use crate::model::{Catalogue, Connection, FeatureId, JobId, OperationId, RealTimeService};
use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::collections::HashMap;

/// An event as it is written: every key that any event may have. Names are not looked up yet.
#[derive(Clone, Debug, Default)]
pub struct EventLine<'a> {
    /// When it happened, RFC 3339.
    pub at: Option<Cow<'a, str>>,
    /// An operation is tried.
    pub operation: Option<Cow<'a, str>>,
    /// The channel of an operation, a sale or a connection.
    pub channel: Option<Cow<'a, str>>,
    /// The caller's name for the customer.
    pub customer: Option<Cow<'a, str>>,
    /// The caller's name for the order.
    pub order: Option<Cow<'a, str>>,
    /// The customer's option, for this operation alone.
    pub loyalty_enrollment_blocked: Option<bool>,
    /// The affiliation's option, for this operation alone.
    pub affiliation_hidden_in_channels: Option<bool>,
    /// A cash-and-carry transaction, by the caller's name.
    pub sale: Option<Cow<'a, str>>,
    /// The POS of the channel goes offline or online.
    pub connection: Option<Cow<'a, str>>,
    /// The Real-time Service changes its state.
    pub real_time_service: Option<Cow<'a, str>>,
    /// A job runs.
    pub job: Option<Cow<'a, str>>,
    /// A feature is switched at headquarters.
    pub feature: Option<Cow<'a, str>>,
    /// On or off.
    pub enabled: Option<bool>,
    /// A functionality profile is changed at headquarters.
    pub functionality_profile: Option<Cow<'a, str>>,
    /// Its new settings, keys with underscores.
    pub set: Option<Vec<(Cow<'a, str>, bool)>>,
    /// Synchronizing this customer fails from now on.
    pub fail_synchronization: Option<Cow<'a, str>>,
    /// Why.
    pub error: Option<Cow<'a, str>>,
    /// The customer is corrected.
    pub correct: Option<Cow<'a, str>>,
}

/// An operation that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationEvent<'a> {
    /// The operation.
    pub operation: OperationId,
    /// The channel, by its number in the deployment.
    pub channel: usize,
    /// The caller's name for the customer.
    pub customer: Option<&'a str>,
    /// The caller's name for the order.
    pub order: Option<&'a str>,
    /// The customer's option Block customer for loyalty enrollment.
    pub loyalty_enrollment_blocked: bool,
    /// The affiliation's option Hide in channels.
    pub affiliation_hidden_in_channels: bool,
}

/// An event whose names are looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// An operation is tried.
    Operation(OperationEvent<'a>),
    /// A cash-and-carry transaction refers to a customer.
    Sale {
        /// The caller's name for it.
        sale: &'a str,
        /// The channel, by its number in the deployment.
        channel: usize,
        /// The caller's name for the customer.
        customer: &'a str,
    },
    /// The POS of a channel goes offline or online.
    Connection {
        /// The channel, by its number in the deployment.
        channel: usize,
        /// Its new state.
        connection: Connection,
    },
    /// The Real-time Service changes its state.
    RealTimeService(RealTimeService),
    /// A job runs.
    Job(JobId),
    /// A feature is switched at headquarters.
    Feature {
        /// The feature.
        feature: FeatureId,
        /// On or off.
        enabled: bool,
    },
    /// A functionality profile is changed at headquarters.
    Profile {
        /// The profile's id, as the deployment writes it.
        profile: String,
        /// Keys and their new values.
        set: Vec<(String, bool)>,
    },
    /// Synchronizing a customer fails from now on.
    FailSynchronization {
        /// The caller's name for the customer.
        customer: &'a str,
        /// Why.
        error: &'a str,
    },
    /// A customer is corrected.
    Correct {
        /// The caller's name for the customer.
        customer: &'a str,
    },
}

/// The names of a deployment, looked up without comparing them one by one.
#[derive(Clone, Debug)]
pub struct Directory {
    engine: Engine,
    channels: HashMap<String, usize, FixedState>,
    operations: HashMap<String, OperationId, FixedState>,
}

impl Directory {
    /// The names of an engine's deployment and rules.
    pub fn new(engine: &Engine) -> Self {
        let channels = engine.channels().map(|channel| (channel.id().to_owned(), channel.number()));
        let rules = engine.rules();
        let operations = rules.operation_ids().map(|id| (rules.operation(id).id.clone(), id));
        Self {
            channels: channels.collect(),
            operations: operations.collect(),
            engine: engine.clone(),
        }
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The channel with this id.
    ///
    /// # Errors
    ///
    /// There is none; the message names the nearest.
    pub fn channel(&self, id: &str) -> Result<usize, String> {
        if let Some(number) = self.channels.get(id) {
            return Ok(*number);
        }
        self.engine
            .channel(id)
            .map(crate::engine::Channel::number)
            .map_err(|error| error.to_string())
    }

    /// The operation with this name.
    ///
    /// # Errors
    ///
    /// There is none; the message names the nearest.
    pub fn operation(&self, name: &str) -> Result<OperationId, String> {
        if let Some(id) = self.operations.get(name) {
            return Ok(*id);
        }
        self.engine.operation(name).map_err(|error| error.to_string())
    }

    fn catalogue(&self) -> &Catalogue {
        self.engine.rules()
    }

    /// The event that a line means.
    ///
    /// # Errors
    ///
    /// The line is none or more than one event, lacks something, or names something that is not
    /// known.
    pub fn event<'l>(&self, line: &'l EventLine<'_>) -> Result<Event<'l>, String> {
        line.check_keys()?;
        if let Some(operation) = &line.operation {
            return self.operation_event(line, operation).map(Event::Operation);
        }
        if let Some(sale) = &line.sale {
            let channel = self.channel(needed("channel", line.channel.as_deref())?)?;
            let customer = needed("customer", line.customer.as_deref())?;
            return Ok(Event::Sale {
                sale: named("sale", sale)?,
                channel,
                customer: named("customer", customer)?,
            });
        }
        if let Some(job) = &line.job {
            let known = || self.catalogue().jobs.iter().map(|job| job.id.as_str());
            let id = self.catalogue().job_named(job);
            return id.map(Event::Job).ok_or_else(|| unknown("job", job, known()));
        }
        if let Some(feature) = &line.feature {
            let known = || self.catalogue().features.iter().map(|feature| feature.id.as_str());
            let id = self
                .catalogue()
                .feature_named(feature)
                .ok_or_else(|| unknown("feature", feature, known()))?;
            return Ok(Event::Feature {
                feature: id,
                enabled: line.enabled.ok_or("missing key `enabled`")?,
            });
        }
        if let Some(profile) = &line.functionality_profile {
            return self.profile_event(line, profile);
        }
        if let Some(customer) = &line.fail_synchronization {
            let error = line.error.as_deref().unwrap_or("synchronization fails");
            return Ok(Event::FailSynchronization {
                customer: named("fail_synchronization", customer)?,
                error,
            });
        }
        if let Some(customer) = &line.correct {
            return Ok(Event::Correct { customer: named("correct", customer)? });
        }
        if let Some(state) = &line.real_time_service {
            let state =
                word("real_time_service", state, RealTimeService::from_word, RealTimeService::ALL)?;
            return Ok(Event::RealTimeService(state));
        }
        let connection = needed("connection", line.connection.as_deref())?;
        let connection = word("connection", connection, Connection::from_word, Connection::ALL)?;
        let channel = self.channel(needed("channel", line.channel.as_deref())?)?;
        Ok(Event::Connection { channel, connection })
    }

    fn operation_event<'l>(
        &self,
        line: &'l EventLine<'_>,
        operation: &str,
    ) -> Result<OperationEvent<'l>, String> {
        let operation = self.operation(operation)?;
        let channel = self.channel(needed("channel", line.channel.as_deref())?)?;
        let customer = line.customer.as_deref().map(|name| named("customer", name)).transpose()?;
        let order = line.order.as_deref().map(|name| named("order", name)).transpose()?;
        Ok(OperationEvent {
            operation,
            channel,
            customer,
            order,
            loyalty_enrollment_blocked: line.loyalty_enrollment_blocked.unwrap_or(false),
            affiliation_hidden_in_channels: line.affiliation_hidden_in_channels.unwrap_or(false),
        })
    }

    fn profile_event<'l>(&self, line: &EventLine<'_>, profile: &str) -> Result<Event<'l>, String> {
        let deployment = self.engine.deployment();
        let number = deployment.find("functionality-profile", profile);
        let record = number.and_then(|number| deployment.record("functionality-profile", number));
        let record = record.ok_or_else(|| {
            let known =
                deployment.records("functionality-profile").map(|record| record.record.id.as_str());
            unknown("functionality profile", profile, known)
        })?;
        let mut set = Vec::new();
        for (key, value) in line.set.as_ref().ok_or("missing key `set`")? {
            let settings = || record.section.keys.iter().filter(|key| key.kind == Kind::Boolean);
            let written = |id: &str| id.replace('-', "_");
            let Some(found) = settings().find(|known| written(&known.id) == **key) else {
                let known: Vec<String> = settings().map(|known| written(&known.id)).collect();
                return Err(unknown("setting", key, known.iter().map(String::as_str)));
            };
            set.push((found.id.clone(), *value));
        }
        Ok(Event::Profile { profile: record.record.id.clone(), set })
    }
}

/// Every key but `at`, in the order of the bits of [`EventLine::given`].
const KEYS: [&str; 17] = [
    "operation",
    "sale",
    "job",
    "feature",
    "functionality_profile",
    "fail_synchronization",
    "correct",
    "real_time_service",
    "connection",
    "channel",
    "customer",
    "order",
    "loyalty_enrollment_blocked",
    "affiliation_hidden_in_channels",
    "enabled",
    "set",
    "error",
];
/// So many of the keys say what happens.
const KINDS: usize = 9;
/// For each of those, the keys that may stand beside it.
const BESIDE: [u32; KINDS] = [
    1 << 9 | 1 << 10 | 1 << 11 | 1 << 12 | 1 << 13,
    1 << 9 | 1 << 10,
    0,
    1 << 14,
    1 << 15,
    1 << 16,
    0,
    0,
    1 << 9,
];

impl EventLine<'_> {
    /// The keys that are given, a bit for each.
    fn given(&self) -> u32 {
        let given = [
            self.operation.is_some(),
            self.sale.is_some(),
            self.job.is_some(),
            self.feature.is_some(),
            self.functionality_profile.is_some(),
            self.fail_synchronization.is_some(),
            self.correct.is_some(),
            self.real_time_service.is_some(),
            self.connection.is_some(),
            self.channel.is_some(),
            self.customer.is_some(),
            self.order.is_some(),
            self.loyalty_enrollment_blocked.is_some(),
            self.affiliation_hidden_in_channels.is_some(),
            self.enabled.is_some(),
            self.set.is_some(),
            self.error.is_some(),
        ];
        given.iter().enumerate().fold(0, |bits, (number, given)| bits | u32::from(*given) << number)
    }

    /// Whether exactly one thing happens, and every key belongs to it.
    fn check_keys(&self) -> Result<(), String> {
        let given = self.given();
        let kind = given.trailing_zeros() as usize;
        let Some(beside) = BESIDE.get(kind) else {
            let kinds = KEYS.iter().take(KINDS).copied().collect::<Vec<_>>();
            return Err(format!("no event: expected one of the keys {}", kinds.join(", ")));
        };
        let stray = given & !(1 << kind) & !beside;
        match KEYS.get(stray.trailing_zeros() as usize) {
            Some(stray) => {
                let kind = KEYS.get(kind).copied().unwrap_or_default();
                Err(format!("the key `{stray}` does not go with `{kind}`"))
            }
            None => Ok(()),
        }
    }
}

fn needed<'l>(key: &str, value: Option<&'l str>) -> Result<&'l str, String> {
    value.ok_or_else(|| format!("missing key `{key}`"))
}

/// A name of the caller's, which must not be blank.
fn named<'l>(key: &str, name: &'l str) -> Result<&'l str, String> {
    if name.trim().is_empty() { Err(format!("the name under `{key}` is blank")) } else { Ok(name) }
}

fn word<T: Copy + std::fmt::Display>(
    key: &str,
    word: &str,
    read: fn(&str) -> Option<T>,
    all: &[T],
) -> Result<T, String> {
    read(word).ok_or_else(|| {
        let known: Vec<String> = all.iter().map(T::to_string).collect();
        format!("`{word}` is no value of `{key}`; expected one of: {}", known.join(", "))
    })
}

fn unknown<'k>(what: &str, name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let near =
        nearest(name, known).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    format!("unknown {what} `{name}`{near}")
}
