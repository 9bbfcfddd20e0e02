//! Answers as CSV.

use super::Clerk;
use super::assumed::Assumed;
use super::text::TextPart;
use crate::batch::desk::{Asked, RequestId, Unanswered};
use crate::engine::{Engine, FactValue};
use crate::model::{Rules, indexed};
use crate::report::csv_cell;
use crate::wire::fact_name;
use serde_json::Value;
use std::borrow::Cow;

/// Answers requests by lines of CSV.
#[derive(Debug)]
pub struct CsvAnswers<'e> {
    engine: &'e Engine,
    assumed: Assumed<'e>,
    /// Cells by operation and by channel, and those that every decision by a rule has.
    operations: Vec<String>,
    channels: Vec<String>,
    rules: Vec<String>,
    part: TextPart,
}

impl<'e> CsvAnswers<'e> {
    /// The headings, with their line end.
    pub const HEADINGS: &'static str =
        "id,operation,channel,outcome,reason,rule,basis,sources,error_id,assumed,error\r\n";

    /// Answers of an engine.
    pub fn new(engine: &'e Engine) -> Self {
        let rules = engine.rules();
        Self {
            engine,
            assumed: Assumed::new(engine, assumed_cell),
            operations: rules.operations.iter().map(|it| csv_cell(&it.id)).collect(),
            channels: engine.channels().map(|it| csv_cell(it.id())).collect(),
            rules: rule_cells(rules),
            part: TextPart::default(),
        }
    }

    /// A message as it stands between the quotes of a cell.
    pub fn escape(message: &str) -> Cow<'_, str> {
        if message.contains('"') {
            Cow::Owned(message.replace('"', "\"\""))
        } else {
            Cow::Borrowed(message)
        }
    }
}

/// The cells that every decision by a rule has, by rule.
fn rule_cells(rules: &Rules) -> Vec<String> {
    let cells = rules.rules.iter().map(|rule| {
        let cells = [
            rule.outcome.as_str(),
            rules.reason_code(rule.reason),
            &rule.id,
            rule.basis.as_str(),
            &rule.sources.join(" "),
            // A blank cell is none.
            rule.error_id.as_deref().unwrap_or_default(),
        ];
        cells.map(csv_cell).join(",")
    });
    cells.collect()
}

/// What a decision rests on: `fact=value`, joined by blanks.
pub(super) fn assumed_text(values: &[FactValue<'_>]) -> String {
    let said = |value: &FactValue<'_>| format!("{}={}", fact_name(&value.fact.id), value.word);
    values.iter().map(said).collect::<Vec<_>>().join(" ")
}

fn assumed_cell(values: &[FactValue<'_>]) -> String {
    csv_cell(&assumed_text(values))
}

/// An id as text: JSON text without its quotes.
pub(super) fn id_text(id: RequestId<'_>) -> Option<Cow<'_, str>> {
    match id {
        RequestId::Left => None,
        RequestId::Text(text) => Some(Cow::Borrowed(text)),
        RequestId::Number(number) => Some(Cow::Owned(number.to_string())),
        RequestId::Json(json) if json.starts_with('"') => match serde_json::from_str(json) {
            Ok(Value::String(text)) => Some(Cow::Owned(text)),
            _ => Some(Cow::Borrowed(json)),
        },
        RequestId::Json(json) => Some(Cow::Borrowed(json)),
    }
}

impl CsvAnswers<'_> {
    fn id(&mut self, id: RequestId<'_>) {
        let bytes = &mut self.part.bytes;
        // A number is no formula, be it less than none.
        let is_number = match id {
            RequestId::Json(json) => {
                json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
            }
            RequestId::Number(_) => true,
            RequestId::Left | RequestId::Text(_) => false,
        };
        if let Some(text) = id_text(id) {
            let cell = if is_number { text } else { Cow::Owned(csv_cell(&text)) };
            bytes.extend_from_slice(cell.as_bytes());
        }
        bytes.push(b',');
    }
}

impl Clerk for CsvAnswers<'_> {
    type Part = TextPart;

    fn answer(&mut self, id: RequestId<'_>, place: u64, asked: Asked) {
        let decision = match asked.decided(self.engine) {
            Ok(decision) => decision,
            Err(why) => return self.refuse(id, place, Unanswered::Told(&why)),
        };
        self.id(id);
        let line = &mut self.part.bytes;
        let cells: [&str; 4] = [
            indexed::<String>(&self.operations, asked.operation.index()),
            indexed::<String>(&self.channels, asked.channel),
            indexed::<String>(&self.rules, decision.rule_id().index()),
            self.assumed.of(asked),
        ];
        for cell in cells {
            line.extend_from_slice(cell.as_bytes());
            line.push(b',');
        }
        line.extend_from_slice(b"\r\n");
    }

    fn refuse(&mut self, id: RequestId<'_>, place: u64, refusal: Unanswered<'_>) {
        self.part.refused += 1;
        self.id(id);
        let line = &mut self.part.bytes;
        line.extend_from_slice(format!(",,,,,,,,,\"line {place}: ").as_bytes());
        self.part.message(refusal, place, Self::escape);
        self.part.bytes.extend_from_slice(b"\"\r\n");
    }

    fn part(&mut self) -> TextPart {
        std::mem::take(&mut self.part)
    }
}
