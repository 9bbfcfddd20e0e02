//! A request as a JSON line.

use super::flat::{Flat, Members};
use super::object::{Field, Word, line_message, one_of, unknown_key};
use super::told::ToldSituations;
use crate::model::{Connection, Customer, Order, RealTimeService, Situation, SituationFact};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// The keys of a request: a line is a key and how it is read. Each but the first three is a fact of
/// the situation, set by the function of its name.
macro_rules! request_keys {
    ($give:ident) => {
        $give! {
            id: anything,
            operation: text,
            channel: text;
            connection: Connection,
            real_time_service: RealTimeService,
            customer: Customer,
            order: Order,
            loyalty_enrollment_blocked: bool,
            affiliation_hidden_in_channels: bool,
        }
    };
}

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
    parse_request_like(line, &mut ToldSituations::default())
}

/// Reads a request as [`parse_request`] does, one of many.
pub(crate) fn parse_request_like<'a>(
    line: &'a str,
    told: &mut ToldSituations,
) -> Result<Request<'a>, String> {
    if let Some(request) = parse_plain(line, told) {
        return Ok(request);
    }
    let fields: Fields<'_> = serde_json::from_str(line).map_err(|error| line_message(&error))?;
    fields.request()
}

/// A fact of a situation as a request has it.
trait Fact: Sized {
    /// How `serde_json` reads it.
    type Read<'a>: Deserialize<'a>;

    /// The value, or what was expected.
    fn given(key: &str, read: Self::Read<'_>) -> Result<Self, String>;

    /// A plain value.
    fn plain(value: Flat<'_>) -> Option<Self>;
}

impl Fact for bool {
    type Read<'a> = Self;

    fn given(_: &str, read: Self) -> Result<Self, String> {
        Ok(read)
    }

    fn plain(value: Flat<'_>) -> Option<Self> {
        if let Flat::Boolean(value) = value { Some(value) } else { None }
    }
}

macro_rules! word_facts {
    ($($fact:ident),*) => {
        $( impl Fact for $fact {
            type Read<'a> = Word<'a>;

            fn given(key: &str, Word(word): Word<'_>) -> Result<Self, String> {
                one_of(key, &word, Self::ALL, Self::as_str)
            }

            fn plain(value: Flat<'_>) -> Option<Self> {
                if let Flat::Text(word) = value { Self::from_word(word) } else { None }
            }
        } )*
    };
}
word_facts!(Connection, RealTimeService, Customer, Order);

macro_rules! declare {
    (
        $id:ident: anything, $operation:ident: text, $channel:ident: text;
        $($key:ident: $fact:ident,)*
    ) => {
        #[expect(non_camel_case_types, reason = "the names are the keys themselves")]
        #[derive(Clone, Copy)]
        enum Key { $id, $operation, $channel, $($key),* }

        const KEYS: &[Key] = &[Key::$id, Key::$operation, Key::$channel, $(Key::$key),*];
        /// The keys of a request, in the order in which programs write them.
        pub const REQUEST_KEYS: &[&str] = &[
            stringify!($id), stringify!($operation), stringify!($channel), $(stringify!($key)),*
        ];
        /// The same keys as programs write them.
        const QUOTED: &[&str] = &[
            concat!("\"", stringify!($id), "\":"),
            concat!("\"", stringify!($operation), "\":"),
            concat!("\"", stringify!($channel), "\":"),
            $(concat!("\"", stringify!($key), "\":")),*
        ];

        /// A request in a plain line: what nearly all are. `None` where something is unusual or
        /// wrong.
        fn parse_plain<'a>(line: &'a str, told: &mut ToldSituations) -> Option<Request<'a>> {
            /// Those that are no facts.
            const NAMES: u16 = 1 << Key::$id as u16 | 1 << Key::$operation as u16
                | 1 << Key::$channel as u16;
            let mut seen = 0_u16;
            let (mut id, mut operation, mut channel) = (None, None, None);
            let mut situation = Situation::default();
            // What stands behind the names, and which they are.
            let mut behind = None;
            let mut members = Members::of(line)?;
            while members.has_more() {
                let (number, value) = members.next(QUOTED)?;
                match (*KEYS.get(number)?, value) {
                    // What is null counts as left out.
                    (_, Flat::Null) => {}
                    (Key::$id, Flat::Number(digits)) => id = Some(digits),
                    (Key::$operation, Flat::Text(text)) => operation = Some(text),
                    (Key::$channel, Flat::Text(text)) => channel = Some(text),
                    $( (Key::$key, value) => situation = situation.$key($fact::plain(value)?), )*
                    _ => return None,
                }
                let is_first = seen >> number & 1 == 0;
                seen |= 1 << number;
                if !is_first {
                    return None;
                }
                if seen & !NAMES == 0 && operation.is_some() && channel.is_some()
                    && let Some(rest) = members.rest()
                {
                    if let Some(known) = told.get(rest.as_bytes()) {
                        situation = known;
                        behind = None;
                        break;
                    }
                    behind = Some((rest, seen));
                }
            }
            if let Some((rest, names)) = behind
                && seen & NAMES == names
            {
                told.remember(rest.as_bytes(), situation);
            }
            Some(Request {
                id,
                operation: Cow::Borrowed(operation?),
                channel: Cow::Borrowed(channel?),
                situation,
            })
        }

        #[derive(Default)]
        pub(super) struct Fields<'a> {
            $id: Field<&'a RawValue>,
            $operation: Field<Word<'a>>,
            $channel: Field<Word<'a>>,
            $( $key: Field<<$fact as Fact>::Read<'a>>, )*
        }

        impl<'a> Fields<'a> {
            /// Reads the value of a key, one of these or of a request with `more` keys.
            pub(super) fn read<A: MapAccess<'a>>(
                &mut self,
                key: &str,
                map: &mut A,
                more: &[&str],
            ) -> Result<(), A::Error> {
                match key {
                    stringify!($id) => self.$id.read(key, map),
                    stringify!($operation) => self.$operation.read(key, map),
                    stringify!($channel) => self.$channel.read(key, map),
                    $( stringify!($key) => self.$key.read(key, map), )*
                    unknown => {
                        let known = [REQUEST_KEYS, more].concat();
                        Err(unknown_key::<A::Error>(unknown, &known))
                    }
                }
            }

            /// The facts that are given.
            pub(super) fn stated(&self) -> Vec<SituationFact> {
                let mut stated = Vec::new();
                $( if self.$key.is_given() {
                    let fact = stringify!($key).replace('_', "-");
                    stated.extend(SituationFact::from_word(&fact));
                } )*
                stated
            }

            pub(super) fn request(self) -> Result<Request<'a>, String> {
                let mut situation = Situation::default();
                $( if let Some(read) = self.$key.take() {
                    situation = situation.$key($fact::given(stringify!($key), read)?);
                } )*
                let needed = |field: Field<Word<'a>>, key: &str| match field.take() {
                    Some(Word(text)) => Ok(text),
                    None => Err(format!("missing key `{key}`")),
                };
                Ok(Request {
                    id: self.$id.take().map(RawValue::get).filter(|id| *id != "null"),
                    operation: needed(self.$operation, stringify!($operation))?,
                    channel: needed(self.$channel, stringify!($channel))?,
                    situation,
                })
            }
        }
    };
}
request_keys!(declare);

/// The id of a line that is not a valid request, where it can be told.
pub(crate) fn id_of(line: &str) -> Option<serde_json::Value> {
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).ok()?;
    object.get("id").filter(|id| !id.is_null()).cloned()
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
                    fields.read(&key, &mut map, &[])?;
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

    fn parse_plain(line: &str) -> Option<Request<'_>> {
        super::parse_plain(line, &mut ToldSituations::default())
    }

    #[test]
    fn requests_are_read_with_defaults() {
        let line = concat!(
            r#"{"id":[1, {"a":2}],"operation":"edit-customer","channel":"h\u006fuston","#,
            r#""customer":"pending","order":null}"#
        );
        let request = parse_request(line).unwrap();
        assert_eq!(request.id.unwrap(), r#"[1, {"a":2}]"#);
        assert_eq!((&*request.operation, &*request.channel), ("edit-customer", "houston"));
        assert_eq!(request.situation, Situation::default().customer(Customer::Pending));
        assert!(
            parse_request(r#"{"id":null,"operation":"a","channel":"b"}"#).unwrap().id.is_none()
        );
    }

    #[test]
    fn plain_and_unusual_lines_are_read_alike() {
        let plain = concat!(
            r#"{"id":7,"operation":"edit-customer","channel":"h","connection":"offline","#,
            r#""real_time_service":"other-failure","customer":"synced","#,
            r#""order":"in-headquarters","loyalty_enrollment_blocked":true,"#,
            r#""affiliation_hidden_in_channels":true}"#
        );
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
    fn lines_with_nulls_are_plain() {
        let line = concat!(
            r#"{"id":null,"operation":"a","channel":"b","connection":null,"customer":"pending","#,
            r#""order":null,"loyalty_enrollment_blocked":null}"#
        );
        let request = parse_plain(line).unwrap();
        assert!(request.id.is_none());
        assert_eq!(request.situation, Situation::default().customer(Customer::Pending));
        assert!(parse_plain(r#"{"operation":"a","channel":null}"#).is_none());
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_plain_is_read_as_by_serde(
            lines in proptest::collection::vec((
                proptest::sample::subsequence(vec!["id", "operation", "channel"], 1..=3),
                proptest::collection::vec((
                    proptest::sample::select(REQUEST_KEYS),
                    proptest::sample::select(vec![
                        "null", "null", "7", "\"a\"", "\"none\"", "\"pending\"", "\"offline\"",
                        "true",
                    ]),
                ), 0..4),
                proptest::sample::select(vec!["}", "}", "}", "", ","]),
            ), 1..12)
        ) {
            // What was remembered of one line is all that a later one may find.
            let mut told = ToldSituations::default();
            for (names, members, end) in lines {
                let names = names.iter().map(|name| (*name, "\"a\""));
                let members = names.chain(members.iter().map(|(key, value)| (*key, *value)));
                let members: Vec<String> =
                    members.map(|(key, value)| format!("\"{key}\":{value}")).collect();
                let line = format!("{{{}{end}", members.join(","));
                let by_serde = || -> Result<Request<'_>, String> {
                    let fields: Fields<'_> =
                        serde_json::from_str(&line).map_err(|error| line_message(&error))?;
                    fields.request()
                };
                if let Some(plain) = super::parse_plain(&line, &mut told) {
                    let other = by_serde().unwrap();
                    proptest::prop_assert_eq!(
                        (plain.id, plain.operation, plain.channel, plain.situation),
                        (other.id, other.operation, other.channel, other.situation)
                    );
                }
            }
        }
    }

    #[test]
    fn what_was_told_before_is_known_behind_other_names() {
        let mut told = ToldSituations::default();
        let mut read = |line: &str| {
            super::parse_plain(line, &mut told).map(|request| (request.situation, told.count()))
        };
        let pending = Situation::default().customer(Customer::Pending);
        let first = r#"{"id":1,"operation":"a","channel":"b","customer":"pending"}"#;
        assert_eq!(read(first), Some((pending, 1)));
        assert_eq!(
            read(r#"{"channel":"c","operation":"d","customer":"pending"}"#),
            Some((pending, 1))
        );
        // A name among the facts belongs to its line alone.
        let within = r#"{"operation":"a","channel":"b","order":"none","id":2}"#;
        assert_eq!(read(within), Some((Situation::default(), 1)));
        // Nor is what ends a line known where the line does not end.
        assert_eq!(read(r#"{"operation":"a","channel":"b"}"#), Some((Situation::default(), 1)));
        assert_eq!(read(r#"{"operation":"a","channel":"b","#), None);
        assert_eq!(read(r#"{"customer":"none","operation":"a","channel":"b","#), None);
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
