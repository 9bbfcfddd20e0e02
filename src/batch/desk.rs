//! Where requests are taken: their names looked up, and what can't be decided sent back.

#[cfg(feature = "parquet")]
use super::meanings::Meanings;
use crate::engine::{Channel, Decision, Engine};
use crate::model::{OperationId, SectionName, Situation};
use crate::wire::ToldSituations;
use foldhash::fast::FixedState;
use std::collections::HashMap;
#[cfg(feature = "parquet")]
use std::sync::Arc;

/// A request whose names are looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Asked {
    /// The channel, by its number.
    pub channel: usize,
    /// The operation.
    pub operation: OperationId,
    /// The situation.
    pub situation: Situation,
}

/// The caller's id of a request.
#[derive(Clone, Copy, Debug)]
pub enum RequestId<'a> {
    /// There is none.
    Left,
    /// As it is written in JSON.
    Json(&'a str),
    /// Text.
    Text(&'a str),
    /// A whole number.
    Number(i64),
}

/// What a request names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Named {
    /// A channel.
    Channel,
    /// An operation.
    Operation,
}

/// Why a request has no decision.
#[derive(Clone, Copy, Debug)]
pub enum Unanswered<'a> {
    /// This is told.
    Told(&'a str),
    /// A name is unknown; what is nearest to it is found out once for all requests.
    Unknown(Named, &'a str),
}

/// So many spellings are remembered.
const SPELLINGS: usize = 1 << 15;
/// Longer ones are not.
const SPELLING_BYTES: usize = 256;

/// Looks names up, those that are spelled otherwise than the deployment spells them once.
#[derive(Debug)]
pub struct Desk<'e> {
    engine: &'e Engine,
    /// Another one, whose channels are known too.
    also: Option<&'e Engine>,
    channels: HashMap<&'e str, usize, FixedState>,
    operations: HashMap<&'e str, OperationId, FixedState>,
    spelled_channels: HashMap<String, usize, FixedState>,
    spelled_operations: HashMap<String, OperationId, FixedState>,
    /// Of the one table or stream whose requests it takes.
    pub(super) told: ToldSituations,
    /// What the dictionary of each column means, of the row group and size that stand beside it.
    #[cfg(feature = "parquet")]
    meanings: HashMap<usize, (usize, usize, Meanings), FixedState>,
}

impl<'e> Desk<'e> {
    /// A desk of an engine.
    pub fn new(engine: &'e Engine) -> Self {
        let rules = engine.rules();
        let operations = rules.operation_ids();
        Self {
            engine,
            also: None,
            channels: engine.channels().map(|it| (it.id(), it.number())).collect(),
            operations: operations.map(|it| (rules.operation(it).id.as_str(), it)).collect(),
            spelled_channels: HashMap::default(),
            spelled_operations: HashMap::default(),
            told: ToldSituations::default(),
            #[cfg(feature = "parquet")]
            meanings: HashMap::default(),
        }
    }

    /// What the dictionary of a column means, by row group and column; it has so many texts.
    #[cfg(feature = "parquet")]
    pub(super) fn meanings(
        &mut self,
        (group, column): (usize, usize),
        texts: usize,
        find: impl FnOnce(&mut Self) -> Meanings,
    ) -> Meanings {
        match self.meanings.get(&column) {
            Some((known, size, meanings)) if (*known, *size) == (group, texts) => {
                Arc::clone(meanings)
            }
            _ => {
                let found = find(self);
                self.meanings.insert(column, (group, texts, Arc::clone(&found)));
                found
            }
        }
    }

    /// A desk that also knows the channels of another engine of the same rules. Those that it alone
    /// has come after the others, each by its number there.
    pub fn of_both(engine: &'e Engine, also: &'e Engine) -> Self {
        let mut desk = Self::new(engine);
        let others = engine.channels().count();
        for channel in also.channels() {
            if engine.deployment().find(SectionName::Channel, channel.id()).is_none() {
                desk.channels.insert(channel.id(), others + channel.number());
            }
        }
        desk.also = Some(also);
        desk
    }

    /// The number of the channel that a name means.
    pub(super) fn channel(&mut self, name: &str) -> Option<usize> {
        if let Some(known) = self.channels.get(name) {
            return Some(*known);
        }
        let (engine, also) = (self.engine, self.also);
        remembered(&mut self.spelled_channels, name, |name| numbered(engine, also, name))
    }

    /// The operation that a name means.
    pub(super) fn operation(&mut self, name: &str) -> Option<OperationId> {
        if let Some(known) = self.operations.get(name) {
            return Some(*known);
        }
        let engine = self.engine;
        remembered(&mut self.spelled_operations, name, |name| engine.rules().operation_named(name))
    }

    /// What a request by names asks.
    pub(super) fn asked<'n>(
        &mut self,
        channel: &'n str,
        operation: &'n str,
        situation: Situation,
    ) -> Result<Asked, Unanswered<'n>> {
        let unknown = Unanswered::Unknown;
        let number = self.channel(channel).ok_or(unknown(Named::Channel, channel))?;
        let operation = self.operation(operation).ok_or(unknown(Named::Operation, operation))?;
        Ok(Asked { channel: number, operation, situation })
    }
}

/// The number of a channel as a desk of one or both engines numbers it.
fn numbered(engine: &Engine, also: Option<&Engine>, name: &str) -> Option<usize> {
    let find = |engine: &Engine| engine.deployment().find(SectionName::Channel, name);
    let other = || Some(engine.channels().count() + find(also?)?);
    find(engine).or_else(other)
}

fn remembered<T: Copy>(
    known: &mut HashMap<String, T, FixedState>,
    name: &str,
    find: impl FnOnce(&str) -> Option<T>,
) -> Option<T> {
    if let Some(found) = known.get(name) {
        return Some(*found);
    }
    // One that means nothing is found to do so again, which takes less than to remember it.
    let found = find(name)?;
    if name.len() <= SPELLING_BYTES {
        if known.len() >= SPELLINGS {
            known.clear();
        }
        known.insert(name.to_owned(), found);
    }
    Some(found)
}

impl Asked {
    /// The channel.
    #[expect(clippy::expect_used, reason = "a desk knows the channels of its engine")]
    pub fn channel(self, engine: &Engine) -> Channel<'_> {
        engine.channel_at(self.channel).expect("a desk knows the channels of its engine")
    }

    /// The decision, or why there is none.
    pub(super) fn decided(self, engine: &Engine) -> Result<Decision<'_>, String> {
        let decision = self.channel(engine).decide(self.operation, self.situation);
        decision.map_err(|error| error.to_string())
    }
}
