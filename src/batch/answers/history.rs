//! Requests of a history, decided by two deployments: how many end otherwise.

use super::Clerk;
use crate::batch::desk::{Asked, RequestId, Unanswered};
use crate::engine::{Channel, Engine};
use crate::model::{OperationId, Outcome, SectionName, Situation};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::sync::Arc;

/// So many of what is wrong are told.
const TOLD: usize = 10;

/// Counts what ends otherwise.
#[derive(Debug)]
pub struct HistoryClerk<'e> {
    sides: Arc<[Sides<'e>]>,
    part: HistoryPart,
}

/// A channel, as far as the old and the new deployment have it.
pub type Sides<'e> = (Option<Channel<'e>>, Option<Channel<'e>>);

/// What ends otherwise of a piece of requests.
#[derive(Debug, Default)]
pub struct HistoryPart {
    /// How many requests were decided.
    pub requests: u64,
    /// How many were not valid.
    pub refused: u64,
    /// What is wrong with the first of those, by line.
    pub told: Vec<(u64, String)>,
    /// How many end otherwise.
    pub changed: HashMap<(usize, OperationId, Situation), u64, FixedState>,
}

impl<'e> HistoryClerk<'e> {
    /// The channels as a desk of both numbers them: those of the new one first.
    pub fn sides(old: &'e Engine, new: &'e Engine) -> Arc<[Sides<'e>]> {
        let before = |after: &Channel<'_>| {
            old.channel_at(old.deployment().find(SectionName::Channel, after.id())?)
        };
        let after = new.channels().map(|after| (before(&after), Some(after)));
        // Those that both have are met by their numbers in the new one alone.
        after.chain(old.channels().map(|before| (Some(before), None))).collect()
    }

    /// Compares by these channels.
    pub fn new(sides: &Arc<[Sides<'e>]>) -> Self {
        Self { sides: Arc::clone(sides), part: HistoryPart::default() }
    }
}

fn ends(channel: Option<Channel<'_>>, asked: Asked) -> Option<Outcome> {
    let cell = channel?.table().cell(asked.operation, asked.situation)?;
    cell.is_decision().then(|| cell.outcome())
}

impl Clerk for HistoryClerk<'_> {
    type Part = HistoryPart;

    fn answer(&mut self, id: RequestId<'_>, place: u64, asked: Asked) {
        let Some((before, after)) = self.sides.get(asked.channel).copied() else { return };
        let (was, is) = (ends(before, asked), ends(after, asked));
        if was.is_none() && is.is_none() {
            let why = after.or(before).and_then(|channel| channel.cannot_be(asked.situation));
            // Where no rule decides, nothing else is to be told.
            let why = why.unwrap_or_else(|| "no rule decides this combination".to_owned());
            return self.refuse(id, place, Unanswered::Told(&why));
        }
        self.part.requests += 1;
        if was != is {
            let key = (asked.channel, asked.operation, asked.situation);
            *self.part.changed.entry(key).or_insert(0) += 1;
        }
    }

    fn refuse(&mut self, _: RequestId<'_>, place: u64, unanswered: Unanswered<'_>) {
        self.part.refused += 1;
        if self.part.told.len() < TOLD {
            let message = match unanswered {
                Unanswered::Told(message) => message.to_owned(),
                Unanswered::Unknown(named, name) => named.unknown(name).concat(),
            };
            self.part.told.push((place, message));
        }
    }

    fn part(&mut self) -> HistoryPart {
        std::mem::take(&mut self.part)
    }
}
