//! Answers as JSON Lines.

use super::Clerk;
use super::assumed::Assumed;
use super::text::TextPart;
use crate::batch::desk::{Asked, RequestId, Unanswered};
use crate::engine::Engine;
use crate::report::{assumed_member, explained_members};
use crate::wire::DecisionWriter;
use serde_json::Value;
use std::borrow::Cow;
use std::sync::Arc;

/// Answers requests by lines of JSON.
#[derive(Debug)]
pub struct JsonAnswers<'e> {
    engine: &'e Engine,
    writer: Arc<DecisionWriter>,
    assumed: Assumed<'e>,
    explain: bool,
    part: TextPart,
}

impl<'e> JsonAnswers<'e> {
    /// Answers of an engine; `explain` adds the rules that were tried.
    pub fn new(engine: &'e Engine, writer: &Arc<DecisionWriter>, explain: bool) -> Self {
        let assumed = Assumed::new(engine, assumed_member);
        Self { engine, writer: Arc::clone(writer), assumed, explain, part: TextPart::default() }
    }

    /// A message as it stands between the quotes of a JSON string.
    pub fn escape(message: &str) -> Cow<'_, str> {
        if !message.contains(|it: char| matches!(it, '"' | '\\' | '\0'..='\x1f')) {
            return Cow::Borrowed(message);
        }
        let quoted = Value::from(message).to_string();
        let inner = quoted.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
        Cow::Owned(inner.unwrap_or(&quoted).to_owned())
    }
}

impl Clerk for JsonAnswers<'_> {
    type Part = TextPart;

    fn answer(&mut self, id: RequestId<'_>, place: u64, asked: Asked) {
        let decision = match asked.decided(self.engine) {
            Ok(decision) => decision,
            Err(why) => return self.refuse(id, place, Unanswered::Told(&why)),
        };
        let Asked { operation, situation, .. } = asked;
        let line = &mut self.part.bytes;
        line.push(b'{');
        write_id(line, id);
        let rule = decision.rule_id().index();
        self.writer.write_members(line, operation, asked.channel, rule);
        line.extend_from_slice(self.assumed.of(asked).as_bytes());
        let channel = asked.channel(self.engine);
        if self.explain
            && let Ok(trace) = channel.trace(operation, situation)
        {
            line.extend_from_slice(explained_members(channel, &trace).as_bytes());
        }
        line.extend_from_slice(b"}\n");
    }

    fn refuse(&mut self, id: RequestId<'_>, place: u64, refusal: Unanswered<'_>) {
        self.part.refused += 1;
        let line = &mut self.part.bytes;
        line.push(b'{');
        write_id(line, id);
        line.extend_from_slice(b"\"error\":{\"line\":");
        line.extend_from_slice(place.to_string().as_bytes());
        line.extend_from_slice(b",\"message\":\"");
        self.part.message(refusal, place, Self::escape);
        self.part.bytes.extend_from_slice(b"\"}}\n");
    }

    fn part(&mut self) -> TextPart {
        std::mem::take(&mut self.part)
    }
}

fn write_id(line: &mut Vec<u8>, id: RequestId<'_>) {
    let mut put = |text: &str| {
        line.extend_from_slice(b"\"id\":");
        line.extend_from_slice(text.as_bytes());
        line.push(b',');
    };
    match id {
        RequestId::Left => {}
        RequestId::Json(text) => put(text),
        RequestId::Text(text) => put(&Value::from(text).to_string()),
        RequestId::Number(number) => put(&number.to_string()),
    }
}
