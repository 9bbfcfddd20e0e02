//! An event as a JSON line.

use super::csv_events::refused;
use super::flat::{Flat, Members};
use super::object::{Field, Word, line_message, unknown_key};
use crate::lifecycle::EventLine;
use crate::model::{EventKey, EventPart, event_keys};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Reads an event; names are not looked up.
///
/// # Errors
///
/// The line is no JSON object, or has an unknown or a double key; the message says which, and
/// where.
pub fn parse_event(line: &str) -> Result<EventLine<'_>, String> {
    if let Some(event) = parse_plain(line) {
        return Ok(event);
    }
    let read = serde_json::from_str(line);
    let fields: Fields<'_> = read.map_err(|error| match refused(line) {
        Some(message) => message,
        None => line_message(&error),
    })?;
    Ok(fields.event())
}

/// An event in a plain line: what nearly all are. `None` where something is unusual or wrong.
fn parse_plain(line: &str) -> Option<EventLine<'_>> {
    let mut event = EventLine::default();
    let mut nulls = 0;
    let mut members = Members::of(line)?;
    while members.has_more() {
        let (key, value) = members.next(EventKey::QUOTED)?;
        let key = *EventKey::ALL.get(key)?;
        // What is null counts as left out, and may not be there twice either.
        if nulls & key.bit() != 0 || (value == Flat::Null && is_given(&event, key)) {
            return None;
        }
        if value == Flat::Null {
            nulls |= key.bit();
        } else {
            put(&mut event, key, value)?;
        }
    }
    Some(event)
}

/// Whether a line that is no valid event is meant as an operation event: it has that key, or it
/// cannot be read and contains it.
pub fn means_operation(line: &str) -> bool {
    match serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(line) {
        Ok(object) => object.contains_key("operation"),
        Err(_) => line.contains("\"operation\""),
    }
}

/// What a valid event that is no operation is answered.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AppliedEvent {
    /// The number of the event.
    sequence: u64,
    /// The key that says what happened.
    applied: &'static str,
    /// The event's own keys.
    #[serde(flatten)]
    event: serde_json::Map<String, serde_json::Value>,
}

impl AppliedEvent {
    /// The answer to a valid event by its line; `None` for a line that is none.
    pub fn of(sequence: u64, line: &str) -> Option<Self> {
        let mut event: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).ok()?;
        // What is null counts as left out.
        event.retain(|_, value| !value.is_null());
        let mut starts = EventKey::ALL.iter().filter(|key| key.part() == EventPart::Starts);
        let applied = starts.find(|key| event.contains_key(key.as_str()))?.as_str();
        Some(Self { sequence, applied, event })
    }
}

/// The settings of a profile: keys and booleans.
struct Settings<'a>(Vec<(Cow<'a, str>, bool)>);

impl<'de> Deserialize<'de> for Settings<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Settings<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of settings, each true or false")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut settings: Vec<(Cow<'de, str>, bool)> = Vec::new();
                while let Some(Word(key)) = map.next_key()? {
                    if settings.iter().any(|(known, _)| *known == key) {
                        return Err(serde::de::Error::custom(format_args!(
                            "the key `{key}` is there twice"
                        )));
                    }
                    settings.push((key, map.next_value()?));
                }
                Ok(Settings(settings))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// A whole number, none or more.
struct Count(u64);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Number;
        impl Visitor<'_> for Number {
            type Value = Count;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, none or more")
            }

            fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Count(number))
            }
        }
        deserializer.deserialize_u64(Number)
    }
}

/// How `serde_json` reads each sort of value.
macro_rules! read {
    (text) => { Word<'a> };
    (boolean) => { bool };
    (count) => { Count };
    (texts) => { Vec<Word<'a>> };
    (settings) => { Settings<'a> };
}

/// A plain value of each sort, where it is one.
macro_rules! plain {
    (text, $value:ident) => {
        if let Flat::Text(text) = $value { Some(Cow::Borrowed(text)) } else { None }
    };
    (boolean, $value:ident) => {
        if let Flat::Boolean(value) = $value { Some(value) } else { None }
    };
    (count, $value:ident) => {
        if let Flat::Number(number) = $value { number.parse().ok() } else { None }
    };
    // Lists and objects are not plain.
    (texts, $value:ident) => {
        None
    };
    (settings, $value:ident) => {
        None
    };
}

/// What was read, as an event holds it.
macro_rules! held {
    (text, $field:expr) => {
        $field.take().map(|Word(text)| text)
    };
    (boolean, $field:expr) => {
        $field.take()
    };
    (count, $field:expr) => {
        $field.take().map(|Count(number)| number)
    };
    (texts, $field:expr) => {
        $field.take().map(|texts| texts.into_iter().map(|Word(text)| text).collect())
    };
    (settings, $field:expr) => {
        $field.take().map(|Settings(settings)| settings)
    };
}

macro_rules! declare {
    ($($key:ident: $held:ident, $value:expr, $part:expr, $text:literal;)*) => {
        /// Puts a plain value where its key says; `None` where it is of another sort, or not the
        /// first.
        #[inline]
        fn put<'a>(event: &mut EventLine<'a>, key: EventKey, value: Flat<'a>) -> Option<()> {
            match key {
                $( EventKey::$key => {
                    event.$key.replace(plain!($held, value)?).is_none().then_some(())
                } )*
            }
        }

        /// Whether an event has a value of this key.
        fn is_given(event: &EventLine<'_>, key: EventKey) -> bool {
            match key { $( EventKey::$key => event.$key.is_some(), )* }
        }

        #[derive(Default)]
        struct Fields<'a> {
            $( $key: Field<read!($held)>, )*
        }

        impl<'a> Fields<'a> {
            fn read<A: MapAccess<'a>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
                match key {
                    $( stringify!($key) => self.$key.read(key, map), )*
                    unknown => Err(unknown_key::<A::Error>(unknown, EventKey::NAMES)),
                }
            }

            fn event(self) -> EventLine<'a> {
                EventLine { $( $key: held!($held, self.$key), )* }
            }
        }
    };
}
event_keys!(declare);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Fields::default();
                while let Some(Word(key)) = map.next_key()? {
                    fields.read(&key, &mut map)?;
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
    use crate::model::EventValue;

    #[test]
    fn events_are_read() {
        let line = concat!(
            r#"{"at":"2026-11-20T08:00:00Z","operation":"create-customer","#,
            r#""channel":"h","customer":"a"}"#
        );
        let event = parse_event(line).unwrap();
        assert_eq!(event.operation.as_deref(), Some("create-customer"));
        assert_eq!(event.at.as_deref(), Some("2026-11-20T08:00:00Z"));
        let line = r#"{"functionality_profile":"STORE","set":{"offline_order_creation":true}}"#;
        assert_eq!(
            parse_event(line).unwrap().set.unwrap(),
            [(Cow::from("offline_order_creation"), true)]
        );
    }

    #[test]
    fn plain_and_unusual_lines_are_read_alike() {
        let plain =
            |key: &&EventKey| !matches!(key.value(), EventValue::Settings | EventValue::Texts);
        for key in EventKey::ALL.iter().filter(plain) {
            let value = match key.value() {
                EventValue::Boolean => "true",
                EventValue::Count => "17",
                _ => "\"x\"",
            };
            let key = key.as_str();
            let plain = format!("{{\"{key}\":{value}}}");
            let unusual =
                format!("{{\"\\u{:04x}{}\":{value}}}", u32::from(key.as_bytes()[0]), &key[1..]);
            assert!(parse_plain(&unusual).is_none());
            assert_eq!(
                format!("{:?}", parse_plain(&plain).unwrap()),
                format!("{:?}", parse_event(&unusual).unwrap())
            );
        }
    }

    #[test]
    fn nulls_are_plain_and_count_as_left_out() {
        let line = r#"{"at":null,"operation":"edit-customer","channel":"h","order":null}"#;
        let event = parse_plain(line).unwrap();
        assert!(event.at.is_none() && event.order.is_none());
        for twice in [r#"{"order":null,"order":"a"}"#, r#"{"order":"a","order":null}"#] {
            assert!(parse_plain(twice).is_none());
            assert!(parse_event(twice).unwrap_err().contains("is there twice"), "{twice}");
        }
    }

    #[test]
    fn wrong_events_say_where_and_what() {
        let message = |line: &str| parse_event(line).map(|_| ()).unwrap_err();
        assert_eq!(
            message(r#"{"jop":"1010"}"#),
            "column 6: unknown key `jop`; did you mean `job`?"
        );
        assert!(message(r#"{"job":"a","job":"b"}"#).ends_with("the key `job` is there twice"));
        assert!(message(r#"{"set":{"a":true,"a":false}}"#).ends_with("the key `a` is there twice"));
        assert!(message(r#"{"set":{"a":"x"}}"#).contains("expected a boolean"));
        for rows in ["-1", "1.5", "\"1\"", "99999999999999999999"] {
            let line = format!(r#"{{"job":"a","rows":{rows}}}"#);
            assert!(message(&line).contains("expected a whole number, none or more"), "{rows}");
        }
        assert!(message(r#"{"job":"a","channels":"b"}"#).contains("expected a sequence"));
        assert!(means_operation(r#"{"operation":1}"#) && means_operation(r#"{"operation":"#));
        assert!(!means_operation(r#"{"job":"operation"}"#) && !means_operation("x"));
    }
}
