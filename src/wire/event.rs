//! An event as a JSON line.

use super::flat::{self, Flat};
use super::object::{Field, Word, line_message, unknown_key};
use crate::lifecycle::EventLine;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;

const KEYS: [&str; 18] = [
    "at",
    "operation",
    "channel",
    "customer",
    "order",
    "loyalty_enrollment_blocked",
    "affiliation_hidden_in_channels",
    "sale",
    "connection",
    "real_time_service",
    "job",
    "feature",
    "enabled",
    "functionality_profile",
    "set",
    "fail_synchronization",
    "error",
    "correct",
];

/// The same keys as programs write them.
const QUOTED: [&str; 18] = [
    "\"at\":",
    "\"operation\":",
    "\"channel\":",
    "\"customer\":",
    "\"order\":",
    "\"loyalty_enrollment_blocked\":",
    "\"affiliation_hidden_in_channels\":",
    "\"sale\":",
    "\"connection\":",
    "\"real_time_service\":",
    "\"job\":",
    "\"feature\":",
    "\"enabled\":",
    "\"functionality_profile\":",
    "\"set\":",
    "\"fail_synchronization\":",
    "\"error\":",
    "\"correct\":",
];

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
    let Fields(line) = serde_json::from_str(line).map_err(|error| line_message(&error))?;
    Ok(line)
}

/// An event in a plain line: what nearly all are. `None` where something is unusual or wrong.
fn parse_plain(line: &str) -> Option<EventLine<'_>> {
    let mut event = EventLine::default();
    flat::read(line, &QUOTED, |key, value| {
        if let Flat::Boolean(value) = value {
            let place = match key {
                5 => &mut event.loyalty_enrollment_blocked,
                6 => &mut event.affiliation_hidden_in_channels,
                12 => &mut event.enabled,
                _ => return None,
            };
            return place.replace(value).is_none().then_some(());
        }
        let Flat::Text(text) = value else { return None };
        let place = match key {
            0 => &mut event.at,
            1 => &mut event.operation,
            2 => &mut event.channel,
            3 => &mut event.customer,
            4 => &mut event.order,
            7 => &mut event.sale,
            8 => &mut event.connection,
            9 => &mut event.real_time_service,
            10 => &mut event.job,
            11 => &mut event.feature,
            13 => &mut event.functionality_profile,
            15 => &mut event.fail_synchronization,
            16 => &mut event.error,
            17 => &mut event.correct,
            _ => return None,
        };
        place.replace(Cow::Borrowed(text)).is_none().then_some(())
    })?;
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

struct Fields<'a>(EventLine<'a>);

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

#[derive(Default)]
struct Given<'a> {
    words: [Field<Word<'a>>; 12],
    blocked: Field<bool>,
    hidden: Field<bool>,
    enabled: Field<bool>,
    set: Field<Settings<'a>>,
}

/// The keys whose values are words, in the order of [`Given::words`].
const WORDS: [&str; 12] = [
    "at",
    "operation",
    "channel",
    "customer",
    "order",
    "sale",
    "connection",
    "real_time_service",
    "job",
    "feature",
    "functionality_profile",
    "fail_synchronization",
];

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an event, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut given = Given::default();
                let (mut error, mut correct) = (Field::default(), Field::default());
                while let Some(Word(key)) = map.next_key()? {
                    match &*key {
                        "loyalty_enrollment_blocked" => given.blocked.read(&key, &mut map)?,
                        "affiliation_hidden_in_channels" => given.hidden.read(&key, &mut map)?,
                        "enabled" => given.enabled.read(&key, &mut map)?,
                        "set" => given.set.read(&key, &mut map)?,
                        "error" => error.read(&key, &mut map)?,
                        "correct" => correct.read(&key, &mut map)?,
                        word => {
                            let number = WORDS.iter().position(|known| *known == word);
                            let field = number.and_then(|number| given.words.get_mut(number));
                            field
                                .ok_or_else(|| unknown_key::<A::Error>(word, &KEYS))?
                                .read(word, &mut map)?;
                        }
                    }
                }
                Ok(given.line(error, correct))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'a> Given<'a> {
    fn line(self, error: Field<Word<'a>>, correct: Field<Word<'a>>) -> Fields<'a> {
        let text = |field: Field<Word<'a>>| field.take().map(|Word(text)| text);
        let [
            at,
            operation,
            channel,
            customer,
            order,
            sale,
            connection,
            service,
            job,
            feature,
            profile,
            fail,
        ] = self.words.map(text);
        Fields(EventLine {
            at,
            operation,
            channel,
            customer,
            order,
            loyalty_enrollment_blocked: self.blocked.take(),
            affiliation_hidden_in_channels: self.hidden.take(),
            sale,
            connection,
            real_time_service: service,
            job,
            feature,
            enabled: self.enabled.take(),
            functionality_profile: profile,
            set: self.set.take().map(|Settings(settings)| settings),
            fail_synchronization: fail,
            error: text(error),
            correct: text(correct),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read() {
        let line = r#"{"at":"2026-11-20T08:00:00Z","operation":"create-customer","channel":"h","customer":"a"}"#;
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
        assert_eq!(QUOTED.map(str::to_owned), KEYS.map(|key| format!("\"{key}\":")));
        for (number, key) in KEYS.iter().enumerate().filter(|(_, key)| **key != "set") {
            let value = if matches!(number, 5 | 6 | 12) { "true" } else { "\"x\"" };
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
    fn wrong_events_say_where_and_what() {
        let message = |line: &str| parse_event(line).map(|_| ()).unwrap_err();
        assert_eq!(
            message(r#"{"jop":"1010"}"#),
            "column 6: unknown key `jop`; did you mean `job`?"
        );
        assert!(message(r#"{"job":"a","job":"b"}"#).ends_with("the key `job` is there twice"));
        assert!(message(r#"{"set":{"a":true,"a":false}}"#).ends_with("the key `a` is there twice"));
        assert!(message(r#"{"set":{"a":"x"}}"#).contains("expected a boolean"));
        assert!(means_operation(r#"{"operation":1}"#) && means_operation(r#"{"operation":"#));
        assert!(!means_operation(r#"{"job":"operation"}"#) && !means_operation("x"));
    }
}
