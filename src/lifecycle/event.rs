//! Events: what happens to a store, one after the other.

use crate::engine::Engine;
use crate::ledger::Slot;
use crate::model::format::Kind;
use crate::model::name::unknown;
use crate::model::{
    Connection, EventKey, EventPart, FeatureId, JobId, OperationId, RealTimeService, Rules,
    SectionName, event_keys,
};
use foldhash::fast::FixedState;
use std::borrow::Cow;
use std::collections::HashMap;

/// How each sort of value is held: text borrowed from the line where it can be.
macro_rules! held {
    (text) => { Cow<'a, str> };
    (boolean) => { bool };
    (count) => { u64 };
    (texts) => { Vec<Cow<'a, str>> };
    // Keys with underscores.
    (settings) => { Vec<(Cow<'a, str>, bool)> };
}

macro_rules! declare {
    ($($key:ident: $held:ident, $value:expr, $part:expr, $text:literal;)*) => {
        /// An event as it is written: every key that any event may have. No name is looked up.
        #[derive(Clone, Debug, Default)]
        pub struct EventLine<'a> {
            $( #[doc = $text] pub $key: Option<held!($held)>, )*
        }

        /// For each key, those that may stand beside it.
        const BESIDE: &[u32] = &[$(beside(EventKey::$key)),*];

        impl EventLine<'_> {
            /// The keys that are given, a bit for each.
            fn given(&self) -> u32 {
                0 $( | if self.$key.is_some() { EventKey::$key.bit() } else { 0 } )*
            }
        }
    };
}
event_keys!(declare);

/// Whom an operation is about, or which order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventName<'a> {
    /// Who has this name, the caller's own.
    Written(&'a str),
    /// Who has the row of this number; with none, nobody yet. For callers that know the rows, and
    /// need no names.
    Slot(Option<Slot>),
}

impl<'a> EventName<'a> {
    /// The name, where there is one.
    pub fn written(self) -> Option<&'a str> {
        match self {
            Self::Written(name) => Some(name),
            Self::Slot(_) => None,
        }
    }
}

/// An operation that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OperationEvent<'a> {
    /// The operation.
    pub operation: OperationId,
    /// The channel, by its number in the deployment.
    pub channel: usize,
    /// The customer.
    pub customer: Option<EventName<'a>>,
    /// The order.
    pub order: Option<EventName<'a>>,
    /// The customer's option Block customer for loyalty enrollment.
    pub loyalty_enrollment_blocked: bool,
    /// The affiliation's option Hide in channels.
    pub affiliation_hidden_in_channels: bool,
}

/// A job that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobRun {
    /// The job.
    pub job: JobId,
    /// The channels that it acts on, by their numbers in the deployment; `None` for all.
    pub channels: Option<Vec<usize>>,
    /// The most rows it takes, by channel id, then counter; of a job that sends accounts, the most
    /// account IDs for each channel.
    pub rows: Option<u64>,
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
    Job(JobRun),
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

    fn rules(&self) -> &Rules {
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
            let known = || self.rules().jobs.iter().map(|job| job.id.as_str());
            let id = self.rules().job_named(job);
            let id = id.ok_or_else(|| unknown("job", job, known()))?;
            let channels = line.channels.as_ref().map(|ids| {
                ids.iter().map(|id| self.channel(id)).collect::<Result<Vec<usize>, String>>()
            });
            let channels = channels.transpose()?;
            return Ok(Event::Job(JobRun { job: id, channels, rows: line.rows }));
        }
        if let Some(feature) = &line.feature {
            let known = || self.rules().features.iter().map(|feature| feature.id.as_str());
            let id = self
                .rules()
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
            customer: customer.map(EventName::Written),
            order: order.map(EventName::Written),
            loyalty_enrollment_blocked: line.loyalty_enrollment_blocked == Some(true),
            affiliation_hidden_in_channels: line.affiliation_hidden_in_channels == Some(true),
        })
    }

    fn profile_event<'l>(&self, line: &EventLine<'_>, profile: &str) -> Result<Event<'l>, String> {
        let deployment = self.engine.deployment();
        let number = deployment.find(SectionName::FunctionalityProfile, profile);
        let record =
            number.and_then(|number| deployment.record(SectionName::FunctionalityProfile, number));
        let record = record.ok_or_else(|| {
            let known = deployment
                .records(SectionName::FunctionalityProfile)
                .map(|record| record.record.id.as_str());
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

/// The keys that say what happens.
const STARTS: u32 = {
    let (mut bits, mut keys) = (0, EventKey::ALL);
    while let [key, rest @ ..] = keys {
        if let EventPart::Starts = key.part() {
            bits |= key.bit();
        }
        keys = rest;
    }
    bits
};

/// The keys that may stand beside one that says what happens.
const fn beside(start: EventKey) -> u32 {
    let (mut bits, mut keys) = (EventKey::at.bit(), EventKey::ALL);
    while let [key, rest @ ..] = keys {
        if let EventPart::With(mut starts) = key.part() {
            while let [(known, _), others @ ..] = starts {
                if known.bit() == start.bit() {
                    bits |= key.bit();
                }
                starts = others;
            }
        }
        keys = rest;
    }
    bits
}

impl EventLine<'_> {
    /// Whether exactly one thing happens, and every key belongs to it.
    fn check_keys(&self) -> Result<(), String> {
        let given = self.given();
        let start = (given & STARTS).trailing_zeros() as usize;
        let (Some(start), Some(beside)) = (EventKey::ALL.get(start), BESIDE.get(start)) else {
            let starts = EventKey::ALL.iter().filter(|key| key.part() == EventPart::Starts);
            let starts: Vec<&str> = starts.map(|key| key.as_str()).collect();
            return Err(format!("no event: expected one of the keys {}", starts.join(", ")));
        };
        let stray = given & !start.bit() & !beside;
        // Another thing that happens is told before what goes with it.
        let first = if stray & STARTS == 0 { stray } else { stray & STARTS };
        match EventKey::ALL.get(first.trailing_zeros() as usize) {
            Some(stray) => {
                let (stray, start) = (stray.as_str(), start.as_str());
                Err(format!("the key `{stray}` does not go with `{start}`"))
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
