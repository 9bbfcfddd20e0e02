//! Why facts differ between two deployments, and what follows from each.

use super::compare::{Cause, Change, ChangedFact, Effect, PairDifference};
use crate::engine::{Channel, Decision, Engine};
use crate::features::{Enabled, FeatureState};
use crate::model::{Fact, FactId, FeatureId, Fields, JobId, Origin, Rules, SectionName};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A fact with the records it was and is read from, by number, and its old and new value.
type FactKey = (FactId, [Option<usize>; 2], [usize; 2]);

/// The causes met so far.
pub(super) struct Causes<'e> {
    old: &'e Engine,
    new: &'e Engine,
    known: BTreeMap<Vec<FactKey>, usize>,
    found: Vec<Cause<'e>>,
    /// For each cause, the number of each of its effects.
    effects: Vec<BTreeMap<Change, usize>>,
}

impl<'e> Causes<'e> {
    pub(super) fn new(old: &'e Engine, new: &'e Engine) -> Self {
        Self { old, new, known: BTreeMap::new(), found: Vec::new(), effects: Vec::new() }
    }

    /// Adds a channel with the difference between what it was and is.
    pub(super) fn add(
        &mut self,
        before: Channel<'e>,
        after: Channel<'e>,
        difference: &PairDifference,
    ) {
        for (facts, changes) in &difference.changes {
            let number = self.number(facts, before, after);
            let (Some(cause), Some(effects)) =
                (self.found.get_mut(number), self.effects.get_mut(number))
            else {
                continue;
            };
            cause.channels.push((before, after));
            for (change, situations) in changes {
                let number = *effects.entry(*change).or_insert(cause.effects.len());
                if let Some(effect) = cause.effects.get_mut(number) {
                    effect.decisions += situations.count;
                    continue;
                }
                cause.effects.push(Effect {
                    operation: change.operation,
                    old: Decision::of_cell(self.old.rules(), change.old),
                    new: Decision::of_cell(self.new.rules(), change.new),
                    decisions: situations.count,
                    channel: after,
                    example: situations.first,
                });
            }
        }
    }

    /// The number of the cause that some facts of a channel are.
    pub(super) fn number(
        &mut self,
        facts: &[FactId],
        before: Channel<'e>,
        after: Channel<'e>,
    ) -> usize {
        let key: Vec<FactKey> = facts.iter().map(|fact| self.key(*fact, before, after)).collect();
        let number = *self.known.entry(key).or_insert(self.found.len());
        if number == self.found.len() {
            let facts = facts.iter().filter_map(|fact| self.changed_fact(*fact, before, after));
            let facts = facts.collect();
            self.found.push(Cause { facts, channels: Vec::new(), effects: Vec::new() });
            self.effects.push(BTreeMap::new());
        }
        number
    }

    /// The facts of each cause, by number.
    pub(super) fn facts(self) -> Vec<Vec<ChangedFact<'e>>> {
        self.found.into_iter().map(|cause| cause.facts).collect()
    }

    /// The causes, those that matter most first.
    pub(super) fn finish(mut self) -> Vec<Cause<'e>> {
        for cause in &mut self.found {
            cause.effects.sort_by_key(|effect| (!effect.changes_outcome(), effect.operation));
        }
        self.found.sort_by_key(|cause| (!cause.changes_outcome(), Reverse(cause.changed())));
        self.found
    }

    fn key(&self, id: FactId, before: Channel<'_>, after: Channel<'_>) -> FactKey {
        let fact = self.new.rules().fact(id);
        let number = |engine: &Engine, channel: Channel<'_>| {
            let record = shared_record(channel, fact)?;
            engine.deployment().find(&record.section.id, &record.record.id)
        };
        let value = |channel: Channel<'_>| channel.configuration().value(id);
        let records = [number(self.old, before), number(self.new, after)];
        (id, records, [value(before), value(after)])
    }

    fn changed_fact(
        &self,
        id: FactId,
        before: Channel<'e>,
        after: Channel<'e>,
    ) -> Option<ChangedFact<'e>> {
        let fact = self.new.rules().fact(id);
        let word = |channel: Channel<'e>| {
            let value = channel.configuration().value(id);
            fact.words.get(value).map(String::as_str)
        };
        let named = |record: Fields<'e>| (record.section.id.as_str(), record.record.id.as_str());
        let why = match &fact.origin {
            Origin::Feature(feature) => self.why_feature(*feature),
            Origin::Setting { key, .. } => self.why_setting(fact, key, before, after),
            Origin::Situation(_) => Vec::new(),
        };
        Some(ChangedFact {
            fact,
            old: word(before)?,
            new: word(after)?,
            old_record: shared_record(before, fact).map(named),
            new_record: shared_record(after, fact).map(named),
            old_place: before.place_of(fact),
            new_place: after.place_of(fact),
            why,
        })
    }

    /// Why a setting counts otherwise although the record that gives it says the same.
    fn why_setting(
        &self,
        fact: &Fact,
        key: &str,
        before: Channel<'_>,
        after: Channel<'_>,
    ) -> Vec<String> {
        let said = |channel: Channel<'_>| {
            channel
                .source_of(fact)
                .and_then(|record| record.value(key)?.as_word().map(str::to_owned))
        };
        if said(before) != said(after) {
            return Vec::new();
        }
        let versions = (self.old.deployment().version(), self.new.deployment().version());
        let mut why = Vec::new();
        if let Some(since) =
            fact.since.filter(|since| (*since > versions.0) != (*since > versions.1))
        {
            why.push(format!(
                "it counts from {since} on; the version was {} and is {}",
                versions.0, versions.1
            ));
        }
        let rules = self.new.rules();
        for required in &fact.requires {
            let value = |channel: Channel<'_>| channel.configuration().value(*required);
            if value(before) != value(after) {
                let required = rules.fact(*required);
                why.push(format!("it counts only with {}, which changed", required.id));
            }
        }
        why
    }

    fn why_feature(&self, id: FeatureId) -> Vec<String> {
        let (old, new) = (self.old.states().get(id), self.new.states().get(id));
        let rules = self.new.rules();
        if new.effective {
            let version = self.new.deployment().version().to_string();
            Obstacles { rules, with: old, without: new, version }.overcome()
        } else {
            let version = self.new.deployment().version().to_string();
            Obstacles { rules, with: new, without: old, version }.arisen()
        }
    }
}

/// The record that a channel reads a setting from, unless that is the channel itself.
fn shared_record<'e>(channel: Channel<'e>, fact: &Fact) -> Option<Fields<'e>> {
    let format = &channel.engine().rules().format;
    channel.source_of(fact).filter(|record| !format.is(&record.section.id, SectionName::Channel))
}

/// What keeps a feature from being effective in one of two states.
struct Obstacles<'a> {
    rules: &'a Rules,
    with: &'a FeatureState,
    without: &'a FeatureState,
    version: String,
}

impl Obstacles<'_> {
    /// What happened that a feature became effective.
    fn overcome(&self) -> Vec<String> {
        let mut why = Vec::new();
        let version = &self.version;
        if self.without.enabled == Enabled::Mandatory {
            return vec![format!("it is mandatory in {version}")];
        }
        if !self.with.enabled.is_on() {
            why.push(match self.without.enabled {
                Enabled::ByDefault => format!("it is on by default in {version}"),
                _ => "it was enabled in headquarters".to_owned(),
            });
        }
        if !self.with.exists {
            why.push(format!("{version} has it"));
        }
        why.extend(
            self.features().map(|name| format!("{name}, which it requires, became effective")),
        );
        why.extend(self.jobs().map(|name| format!("{name} has run since it was enabled")));
        why
    }

    /// What happened that it is effective no more.
    fn arisen(&self) -> Vec<String> {
        let mut why = Vec::new();
        let version = &self.version;
        if !self.with.enabled.is_on() {
            why.push(match self.without.enabled {
                Enabled::Mandatory => format!("it is not mandatory in {version}, and not enabled"),
                Enabled::ByDefault => {
                    format!("it is not on by default in {version}, and not enabled")
                }
                _ => "it is not enabled in headquarters any more".to_owned(),
            });
        }
        if !self.with.exists {
            why.push(format!("{version} does not have it"));
        }
        why.extend(
            self.features()
                .map(|name| format!("{name}, which it requires, is not effective any more")),
        );
        why.extend(self.jobs().map(|name| format!("{name} has not run since it was enabled")));
        why
    }

    fn features(&self) -> impl Iterator<Item = &str> {
        let blocking =
            self.with.blocked_by.iter().filter(|id| !self.without.blocked_by.contains(id));
        blocking.map(|id| self.rules.feature(*id).id.as_str())
    }

    fn jobs(&self) -> impl Iterator<Item = String> {
        let outstanding = self.with.undistributed.iter();
        let outstanding =
            outstanding.filter(|job: &&JobId| !self.without.undistributed.contains(job));
        outstanding.map(|job| self.rules.job(*job).title())
    }
}
