//! Scenarios played in memory, step by step: what a store does is compared with what each step
//! expects.

mod expect;

use crate::diagnostic::Span;
use crate::engine::Engine;
use crate::ledger::{Counters, InMemory, Ledger, MemoryError};
use crate::lifecycle::{Applied, Environment, EventLine, EventSource, IdSource, Machine};
use crate::load::Scenario;
use crate::model::{EventKey, Fields, RuleId, Value, event_keys};
use crate::wire::DecisionWriter;
use serde_json::{Map, json};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// What came of playing a scenario.
#[derive(Clone, Debug)]
pub struct Play {
    /// The rules that decided.
    pub rules: BTreeSet<RuleId>,
    /// The first step that is not as expected; what stands behind it was not played.
    pub failure: Option<FailedStep>,
}

/// A step that is not as expected.
#[derive(Clone, Debug)]
pub struct FailedStep {
    /// The number of the step, from 1.
    pub step: usize,
    /// Where it begins.
    pub span: Span,
    /// What differs.
    pub mismatches: Vec<Mismatch>,
    /// The answer to the step's event, where it is one of an operation: a JSON object.
    pub answer: Option<serde_json::Value>,
}

/// One thing that is not as expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// Where it was expected.
    pub span: Span,
    /// The key, as the scenario writes it.
    pub key: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub found: String,
}

/// GUIDs that are the numbers of the events.
struct Numbers;

impl IdSource for Numbers {
    fn guid(&mut self, sequence: u64) -> u128 {
        u128::from(sequence)
    }
}

/// Keys of a step that say what is expected.
const EXPECTATIONS: [&str; 4] = ["expect", "expect-queue", "expect-customer", "expect-order"];

/// Plays a scenario on its deployment, from an empty store.
///
/// # Errors
///
/// The rows in memory contradict themselves, which no scenario should be able to bring about.
pub fn play(engine: &Engine, scenario: &Scenario) -> Result<Play, MemoryError> {
    let channels: Vec<String> = engine.channels().map(|channel| channel.id().to_owned()).collect();
    let ledger = Ledger::new(InMemory, Counters::default());
    let machine = Machine::new(engine, Environment::new(engine), ledger, &channels, 0)?;
    let mut stage =
        Stage { engine, machine, decisions: DecisionWriter::new(engine), rules: BTreeSet::new() };
    let mut failure = None;
    for (index, step) in scenario.steps().enumerate() {
        let (answer, mismatches) = stage.step(step)?;
        if !mismatches.is_empty() {
            failure =
                Some(FailedStep { step: index + 1, span: step.record.span, mismatches, answer });
            break;
        }
    }
    Ok(Play { rules: stage.rules, failure })
}

/// A scenario under way.
struct Stage<'e> {
    engine: &'e Engine,
    machine: Machine<InMemory>,
    decisions: DecisionWriter,
    rules: BTreeSet<RuleId>,
}

/// What an event was answered: an object of a decision's keys, or why it is not valid.
type Answered = Result<Option<serde_json::Value>, String>;

impl Stage<'_> {
    /// Applies a step's event and compares what it expects.
    fn step(
        &mut self,
        step: Fields<'_>,
    ) -> Result<(Option<serde_json::Value>, Vec<Mismatch>), MemoryError> {
        let mut mismatches = Vec::new();
        let is_event = step.section.keys.iter().any(|key| {
            key.id != "at"
                && !EXPECTATIONS.contains(&key.id.as_str())
                && step.value(&key.id).is_some()
        });
        let mut answer = None;
        if is_event {
            let answered = self.event(step)?;
            mismatches.extend(expect::answer(step, &answered));
            answer = answered.ok().flatten();
        } else if let Some(placed) = step.placed("expect") {
            mismatches.push(Mismatch {
                span: placed.span,
                key: "expect".to_owned(),
                expected: "an event in the same step".to_owned(),
                found: "none".to_owned(),
            });
        }
        mismatches.extend(self.queue(step)?);
        mismatches.extend(self.customer(step)?);
        mismatches.extend(self.order(step)?);
        Ok((answer, mismatches))
    }

    #[expect(clippy::expect_used, reason = "an empty answer would be compared in its place")]
    fn event(&mut self, step: Fields<'_>) -> Result<Answered, MemoryError> {
        let line = event_line(step);
        let directory = self.machine.directory();
        let source = EventSource {
            line: 0,
            text: "",
            at: None,
            is_operation: step.value("operation").is_some(),
        };
        let applied = self.machine.apply(directory.event(&line), &source, &mut Numbers)?;
        let answer = match applied {
            Applied::Invalid(message) => return Ok(Err(message)),
            Applied::Done => return Ok(Ok(None)),
            Applied::Decided(answer) => answer,
        };
        self.rules.insert(answer.rule);
        let mut members = vec![b'{'];
        self.decisions.write_members(
            &mut members,
            answer.operation,
            answer.channel,
            answer.rule.index(),
        );
        members.push(b'}');
        let mut object: Map<String, serde_json::Value> =
            serde_json::from_slice(&members).expect("what is written as JSON is JSON");
        object.insert("sequence".to_owned(), json!(self.machine.counters().events));
        if let Some(name) = step.text("customer") {
            object.insert("customer".to_owned(), json!(name));
        }
        let shown = match answer.customer {
            Some(slot) => self.machine.account_shown(slot, answer.customer_after)?,
            None => None,
        };
        if let Some((id, displayed)) = shown {
            object.insert("account_id".to_owned(), json!(id));
            object.insert("displayed_account_id".to_owned(), json!(displayed));
        }
        Ok(Ok(Some(serde_json::Value::Object(object))))
    }
}

/// The value of a step's key, of each sort. `at` is a moment, which a step keeps for its reader.
macro_rules! held {
    (text, $step:ident, $key:expr) => {
        $step.text($key).map(Cow::Borrowed)
    };
    (boolean, $step:ident, $key:expr) => {
        $step.boolean($key)
    };
    (count, $step:ident, $key:expr) => {
        $step.integer($key).and_then(|count| u64::try_from(count).ok())
    };
    (texts, $step:ident, $key:expr) => {
        $step.value($key).map(|_| $step.texts($key).into_iter().map(Cow::Owned).collect())
    };
    (settings, $step:ident, $key:expr) => {
        settings($step, $key)
    };
}

macro_rules! declare {
    ($($key:ident: $held:ident, $value:expr, $part:expr, $text:literal;)*) => {
        /// The event that a step's keys make.
        fn event_line(step: Fields<'_>) -> EventLine<'_> {
            EventLine { $( $key: held!($held, step, &EventKey::$key.hyphenated()), )* }
        }
    };
}
event_keys!(declare);

fn settings<'a>(step: Fields<'a>, key: &str) -> Option<Vec<(Cow<'a, str>, bool)>> {
    step.value(key)?;
    let settings = step.map(key).iter().filter_map(|(key, value)| match value.value {
        Value::Boolean(value) => Some((Cow::Owned(key.value.replace('-', "_")), value)),
        _ => None,
    });
    Some(settings.collect())
}
