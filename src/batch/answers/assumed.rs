//! What decisions rest on that the deployment does not give. Channels of one configuration that are
//! given the same facts share it, so that it is found out a few times, not for every request.

use crate::batch::desk::Asked;
use crate::engine::{Configuration, Engine, FactValue};
use crate::model::{OperationId, Situation, indexed};
use foldhash::fast::FixedState;
use std::collections::HashMap;

/// What is written of it, by channels that share it, operation and situation.
#[derive(Debug)]
pub(super) struct Assumed<'e> {
    engine: &'e Engine,
    write: fn(&[FactValue<'_>]) -> String,
    classes: HashMap<(&'e Configuration, Vec<bool>), usize, FixedState>,
    /// The class of each channel, once it is known.
    class: Vec<Option<usize>>,
    /// The number of the text of each class, operation and situation; [`Self::UNKNOWN`] until it is
    /// found out.
    known: Vec<u32>,
    texts: Vec<String>,
    numbers: HashMap<String, u32, FixedState>,
}

impl<'e> Assumed<'e> {
    pub(super) fn new(engine: &'e Engine, write: fn(&[FactValue<'_>]) -> String) -> Self {
        Self {
            engine,
            write,
            classes: HashMap::default(),
            class: vec![None; engine.channels().count()],
            known: Vec::new(),
            texts: Vec::new(),
            numbers: HashMap::default(),
        }
    }

    /// What a decision rests on, as it is written.
    pub(super) fn of(&mut self, asked: Asked) -> &str {
        let number = self.number(asked);
        self.text(number)
    }

    /// The text with a number.
    pub(super) fn text(&self, number: u32) -> &str {
        indexed::<String>(&self.texts, number as usize)
    }

    /// The number of the text of what a decision rests on.
    pub(super) fn number(&mut self, asked: Asked) -> u32 {
        let operations = self.engine.rules().operations.len();
        let class = match self.class.get(asked.channel) {
            Some(Some(class)) => *class,
            _ => self.classified(asked, operations),
        };
        let place = (class * operations + asked.operation.index()) * Situation::COUNT
            + asked.situation.index();
        match self.known.get(place) {
            Some(number) if *number != Self::UNKNOWN => *number,
            _ => self.found(asked, asked.operation, place),
        }
    }

    /// No text has it: there are no more of them than places, and those fit into memory.
    const UNKNOWN: u32 = u32::MAX;
    /// So many classes are remembered.
    const CLASSES: usize = 500;

    #[cold]
    fn classified(&mut self, asked: Asked, operations: usize) -> usize {
        let channel = asked.channel(self.engine);
        if self.classes.len() >= Self::CLASSES {
            self.classes.clear();
            self.class.fill(None);
            self.known.clear();
        }
        let next = self.classes.len();
        let key = (channel.configuration(), channel.given());
        let class = *self.classes.entry(key).or_insert(next);
        if class == next {
            self.known.resize((next + 1) * operations * Situation::COUNT, Self::UNKNOWN);
        }
        if let Some(place) = self.class.get_mut(asked.channel) {
            *place = Some(class);
        }
        class
    }

    #[cold]
    fn found(&mut self, asked: Asked, operation: OperationId, place: usize) -> u32 {
        let channel = asked.channel(self.engine);
        let text = (self.write)(&channel.assumed(operation, asked.situation));
        let next = u32::try_from(self.texts.len()).unwrap_or(Self::UNKNOWN);
        let number = *self.numbers.entry(text.clone()).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        if let Some(place) = self.known.get_mut(place) {
            *place = number;
        }
        number
    }
}
