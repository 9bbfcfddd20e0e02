//! The events that were played, as lines that `replay` reads.

use super::people::Named;
use crate::engine::{Channel, Engine};
use crate::lifecycle::{Event, JobRun};
use crate::model::{Connection, OperationId, RealTimeService};
use jiff::Timestamp;
use std::io::{self, Write};

/// Writes the events that are played, each with the moment it happens at.
pub struct EventWriter<'a> {
    to: &'a mut dyn Write,
    engine: &'a Engine,
    /// The moment that was written last, and its text.
    at: (Timestamp, String),
    line: Vec<u8>,
}

impl std::fmt::Debug for EventWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventWriter").field("at", &self.at).finish_non_exhaustive()
    }
}

impl<'a> EventWriter<'a> {
    /// A writer of events of this engine's deployment.
    pub fn new(engine: &'a Engine, to: &'a mut dyn Write) -> Self {
        let at = Timestamp::UNIX_EPOCH;
        Self { to, engine, at: (at, at.to_string()), line: Vec::new() }
    }

    /// Writes an event of the kinds that a load has, other than operations.
    pub(super) fn write(&mut self, at: Timestamp, event: &Event<'_>) -> io::Result<()> {
        self.begin(at);
        match event {
            Event::Connection { channel, connection } => {
                self.channel(*channel);
                self.member("connection", Some(Connection::as_str(*connection)));
            }
            Event::RealTimeService(state) => {
                self.member("real_time_service", Some(RealTimeService::as_str(*state)));
            }
            Event::Job(run) => self.job(run),
            // Operations are written with what their names are; a load has no others.
            _ => return Ok(()),
        }
        self.end()
    }

    fn begin(&mut self, at: Timestamp) {
        if self.at.0 != at {
            self.at = (at, at.to_string());
        }
        self.line.clear();
        self.member("at", None);
    }

    fn end(&mut self) -> io::Result<()> {
        self.line.extend_from_slice(b"}\n");
        self.to.write_all(&self.line)
    }

    /// A member of the line; that of the moment where no value is given.
    fn member(&mut self, key: &str, value: Option<&str>) {
        let value = value.unwrap_or(&self.at.1);
        self.line.push(if self.line.is_empty() { b'{' } else { b',' });
        self.line.push(b'"');
        self.line.extend_from_slice(key.as_bytes());
        self.line.extend_from_slice(b"\":");
        text(&mut self.line, value);
    }

    fn channel(&mut self, channel: usize) {
        let engine = self.engine;
        self.member("channel", engine.channel_at(channel).map(Channel::id));
    }

    /// Writes an operation: of a customer and an order, whose names follow from their numbers.
    pub(super) fn operation(
        &mut self,
        at: Timestamp,
        operation: OperationId,
        channel: usize,
        (customer, order): Named,
    ) -> io::Result<()> {
        self.begin(at);
        let engine = self.engine;
        self.member("operation", Some(&engine.rules().operation(operation).id));
        self.channel(channel);
        for (key, kind, whom) in [("customer", 'c', customer), ("order", 'o', order)] {
            if let Some(whom) = whom {
                self.member(key, Some(&format!("{kind}{}", whom.number())));
            }
        }
        self.end()
    }

    fn job(&mut self, run: &JobRun) {
        let engine = self.engine;
        self.member("job", Some(&engine.rules().job(run.job).id));
        if let Some(channels) = &run.channels {
            self.line.extend_from_slice(b",\"channels\":[");
            for (number, channel) in channels.iter().enumerate() {
                if number > 0 {
                    self.line.push(b',');
                }
                if let Some(channel) = engine.channel_at(*channel) {
                    text(&mut self.line, channel.id());
                }
            }
            self.line.push(b']');
        }
        if let Some(rows) = run.rows {
            self.line.extend_from_slice(format!(",\"rows\":{rows}").as_bytes());
        }
    }
}

/// Appends a JSON string.
fn text(line: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        line.push(b'"');
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
    } else {
        line.extend_from_slice(serde_json::Value::from(text).to_string().as_bytes());
    }
}
