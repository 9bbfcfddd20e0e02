//! Decisions as JSON lines, put together from parts that are rendered once.

use super::decided::Decided;
use super::request::id_of;
use crate::engine::{Channel, Decision, Engine};
use crate::model::{OperationId, Rule, Rules, indexed};
use serde_json::json;

/// Writes decisions of one engine.
#[derive(Clone, Debug)]
pub struct DecisionWriter {
    /// `"operation":"…",` by operation.
    operations: Vec<String>,
    /// `"channel":"…",` by channel.
    channels: Vec<String>,
    /// What every decision by a rule says: `"outcome":"…",…`, by rule.
    rules: Vec<String>,
}

impl DecisionWriter {
    /// A writer for the operations, channels and rules of an engine.
    pub fn new(engine: &Engine) -> Self {
        let rules = engine.rules();
        Self {
            operations: rules
                .operations
                .iter()
                .map(|operation| member("operation", &operation.id))
                .collect(),
            channels: engine.channels().map(|channel| member("channel", channel.id())).collect(),
            rules: rules.rules.iter().map(|rule| rule_members(rules, rule)).collect(),
        }
    }

    /// Appends a decision as one JSON object, without a line end.
    pub fn write(
        &self,
        line: &mut Vec<u8>,
        id: Option<&str>,
        operation: OperationId,
        channel: Channel<'_>,
        decision: Decision<'_>,
    ) {
        line.push(b'{');
        if let Some(id) = id {
            line.extend_from_slice(b"\"id\":");
            line.extend_from_slice(id.as_bytes());
            line.push(b',');
        }
        self.write_members(line, operation, channel.number(), decision.rule_id().index());
        line.push(b'}');
    }

    /// Appends the members of a decision, without braces.
    pub fn write_members(
        &self,
        line: &mut Vec<u8>,
        operation: OperationId,
        channel: usize,
        rule: usize,
    ) {
        let parts = [
            indexed(&self.operations, operation.index()),
            indexed(&self.channels, channel),
            indexed(&self.rules, rule),
        ];
        for part in parts {
            line.extend_from_slice(part.as_bytes());
        }
    }

    /// Appends the answer to a line that is no valid request: `text` is the line, where it could be
    /// read.
    pub fn write_error(line: &mut Vec<u8>, text: Option<&str>, number: u64, message: &str) {
        let mut answer = serde_json::Map::new();
        if let Some(id) = text.and_then(id_of) {
            answer.insert("id".to_owned(), id);
        }
        answer.insert("error".to_owned(), json!({ "line": number, "message": message }));
        line.extend_from_slice(serde_json::Value::Object(answer).to_string().as_bytes());
    }
}

/// `"key":"text",` with the text as a JSON string.
fn member(key: &str, text: &str) -> String {
    format!("\"{key}\":{},", serde_json::Value::from(text))
}

/// The members of the JSON object that every decision by this rule has.
#[expect(clippy::expect_used, reason = "an answer is an object whose keys are text")]
fn rule_members(rules: &Rules, rule: &Rule) -> String {
    let answer = Decided::from((rule, rules.reason_code(rule.reason)));
    let object = serde_json::to_string(&answer).expect("every key is text");
    object.trim_start_matches('{').strip_suffix('}').expect("it is an object").to_owned()
}
