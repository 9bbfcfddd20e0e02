//! A request as a JSON line.

use super::flat::{self, Flat};
use super::object::{Field, Word, line_message, one_of, unknown_key};
use crate::model::{Connection, Customer, Order, RealTimeService, Situation};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

const KEYS: [&str; 9] = [
    "id",
    "operation",
    "channel",
    "connection",
    "real_time_service",
    "customer",
    "order",
    "loyalty_enrollment_blocked",
    "affiliation_hidden_in_channels",
];

/// The same keys as programs write them.
const QUOTED: [&str; 9] = [
    "\"id\":",
    "\"operation\":",
    "\"channel\":",
    "\"connection\":",
    "\"real_time_service\":",
    "\"customer\":",
    "\"order\":",
    "\"loyalty_enrollment_blocked\":",
    "\"affiliation_hidden_in_channels\":",
];

/// A request for one decision.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The caller's id, as it is written in JSON; it comes back with the decision.
    pub id: Option<&'a str>,
    /// The operation, by any of its names.
    pub operation: Cow<'a, str>,
    /// The channel's id.
    pub channel: Cow<'a, str>,
    /// The situation.
    pub situation: Situation,
}

/// Reads a request.
///
/// # Errors
///
/// The line is no JSON object, has an unknown or a double key, lacks `operation` or `channel`, or
/// has a value that is not known; the message says which, and where.
pub fn parse_request(line: &str) -> Result<Request<'_>, String> {
    if let Some(request) = parse_plain(line) {
        return Ok(request);
    }
    let fields: Fields<'_> = serde_json::from_str(line).map_err(|error| line_message(&error))?;
    fields.request()
}

/// A request in a plain line: what nearly all are. `None` where something is unusual or wrong.
fn parse_plain(line: &str) -> Option<Request<'_>> {
    let mut seen = 0_u16;
    let (mut id, mut operation, mut channel) = (None, None, None);
    let mut situation = Situation::default();
    flat::read(line, &QUOTED, |key, value| {
        match (key, value) {
            (0, Flat::Number(digits)) => id = Some(digits),
            (1, Flat::Text(text)) => operation = Some(text),
            (2, Flat::Text(text)) => channel = Some(text),
            (3, Flat::Text(word)) => situation = situation.connection(Connection::from_word(word)?),
            (4, Flat::Text(word)) => {
                situation = situation.real_time_service(RealTimeService::from_word(word)?);
            }
            (5, Flat::Text(word)) => situation = situation.customer(Customer::from_word(word)?),
            (6, Flat::Text(word)) => situation = situation.order(Order::from_word(word)?),
            (7, Flat::Boolean(blocked)) => {
                situation = situation.loyalty_enrollment_blocked(blocked);
            }
            (8, Flat::Boolean(hidden)) => {
                situation = situation.affiliation_hidden_in_channels(hidden);
            }
            _ => return None,
        }
        let is_first = seen >> key & 1 == 0;
        seen |= 1 << key;
        is_first.then_some(())
    })?;
    Some(Request {
        id,
        operation: Cow::Borrowed(operation?),
        channel: Cow::Borrowed(channel?),
        situation,
    })
}

/// The id of a line that is not a valid request, where it can be told.
pub(super) fn id_of(line: &str) -> Option<serde_json::Value> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).ok()?;
    object.get("id").filter(|id| !id.is_null()).cloned()
}

#[derive(Default)]
struct Fields<'a> {
    id: Field<&'a RawValue>,
    operation: Field<Word<'a>>,
    channel: Field<Word<'a>>,
    connection: Field<Word<'a>>,
    real_time_service: Field<Word<'a>>,
    customer: Field<Word<'a>>,
    order: Field<Word<'a>>,
    loyalty_enrollment_blocked: Field<bool>,
    affiliation_hidden_in_channels: Field<bool>,
}

impl<'a> Fields<'a> {
    fn request(self) -> Result<Request<'a>, String> {
        let mut situation = Situation::default();
        if let Some(Word(word)) = self.connection.take() {
            situation = situation.connection(one_of(
                "connection",
                &word,
                Connection::ALL,
                Connection::as_str,
            )?);
        }
        if let Some(Word(word)) = self.real_time_service.take() {
            let state =
                one_of("real_time_service", &word, RealTimeService::ALL, RealTimeService::as_str)?;
            situation = situation.real_time_service(state);
        }
        if let Some(Word(word)) = self.customer.take() {
            situation =
                situation.customer(one_of("customer", &word, Customer::ALL, Customer::as_str)?);
        }
        if let Some(Word(word)) = self.order.take() {
            situation = situation.order(one_of("order", &word, Order::ALL, Order::as_str)?);
        }
        if let Some(blocked) = self.loyalty_enrollment_blocked.take() {
            situation = situation.loyalty_enrollment_blocked(blocked);
        }
        if let Some(hidden) = self.affiliation_hidden_in_channels.take() {
            situation = situation.affiliation_hidden_in_channels(hidden);
        }
        let missing = |key: &str| format!("missing key `{key}`");
        Ok(Request {
            id: self.id.take().map(RawValue::get).filter(|id| *id != "null"),
            operation: self.operation.take().ok_or_else(|| missing("operation"))?.0,
            channel: self.channel.take().ok_or_else(|| missing("channel"))?.0,
            situation,
        })
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a request, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some(Word(key)) = map.next_key()? {
                    match &*key {
                        "id" => fields.id.read("id", &mut map)?,
                        "operation" => fields.operation.read("operation", &mut map)?,
                        "channel" => fields.channel.read("channel", &mut map)?,
                        "connection" => fields.connection.read("connection", &mut map)?,
                        "real_time_service" => {
                            fields.real_time_service.read("real_time_service", &mut map)?;
                        }
                        "customer" => fields.customer.read("customer", &mut map)?,
                        "order" => fields.order.read("order", &mut map)?,
                        "loyalty_enrollment_blocked" => {
                            fields
                                .loyalty_enrollment_blocked
                                .read("loyalty_enrollment_blocked", &mut map)?;
                        }
                        "affiliation_hidden_in_channels" => {
                            fields
                                .affiliation_hidden_in_channels
                                .read("affiliation_hidden_in_channels", &mut map)?;
                        }
                        unknown => return Err(unknown_key::<A::Error>(unknown, &KEYS)),
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read_with_defaults() {
        let line = r#"{"id":[1, {"a":2}],"operation":"edit-customer","channel":"h\u006fuston","customer":"pending","order":null}"#;
        let request = parse_request(line).unwrap();
        assert_eq!(request.id.unwrap(), r#"[1, {"a":2}]"#);
        assert_eq!((&*request.operation, &*request.channel), ("edit-customer", "houston"));
        assert_eq!(request.situation, Situation::default().customer(Customer::Pending));
        assert!(
            parse_request(r#"{"id":null,"operation":"a","channel":"b"}"#).unwrap().id.is_none()
        );
    }

    #[test]
    fn keys_are_quoted_as_programs_write_them() {
        assert_eq!(QUOTED.map(str::to_owned), KEYS.map(|key| format!("\"{key}\":")));
    }

    #[test]
    fn plain_and_unusual_lines_are_read_alike() {
        let plain = r#"{"id":7,"operation":"edit-customer","channel":"h","connection":"offline","real_time_service":"other-failure","customer":"synced","order":"in-headquarters","loyalty_enrollment_blocked":true,"affiliation_hidden_in_channels":true}"#;
        let unusual = plain.replace("edit", "\\u0065dit");
        let (one, other) = (parse_plain(plain).unwrap(), parse_request(&unusual).unwrap());
        assert!(parse_plain(&unusual).is_none());
        assert_eq!(
            (one.id, &one.operation, one.situation),
            (other.id, &other.operation, other.situation)
        );
        assert_eq!(one.situation.index(), Situation::COUNT - 1);
    }

    #[test]
    fn wrong_requests_say_where_and_what() {
        let message = |line: &str| parse_request(line).map(|_| ()).unwrap_err();
        assert_eq!(message(r#"{"operation":"a"}"#), "missing key `channel`");
        assert_eq!(
            message(r#"{"operaton":"a"}"#),
            "column 11: unknown key `operaton`; did you mean `operation`?"
        );
        assert_eq!(
            message(r#"{"channel":"a","channel":"a"}"#),
            "column 24: the key `channel` is there twice"
        );
        assert_eq!(
            message(r#"{"operation":"a","channel":"b","customer":"new"}"#),
            "`new` is no value of `customer`; expected one of: none, pending, synced"
        );
        assert!(message("[]").contains("a request, which is a JSON object"), "{}", message("[]"));
        assert!(message(r#"{"operation":7}"#).contains("expected text in quotes"));
        assert!(
            message(r#"{"operation":"a""#).starts_with("column 16: EOF"),
            "{}",
            message(r#"{"operation":"a""#)
        );
        assert_eq!(id_of(r#"{"id":7,"operation":"a","x":1}"#), Some(serde_json::json!(7)));
        assert_eq!(id_of("{\"id\":7"), None);
    }
}
