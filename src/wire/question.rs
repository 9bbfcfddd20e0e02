//! A question in a stream of events: what a channel sees, or whether it is as expected. It is no
//! event and changes nothing.

use super::object::{Field, Word, line_message, one_of, unknown_key};
use crate::model::{Customer, Order};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::fmt;

/// How `serde_json` reads each sort of value.
macro_rules! read {
    (text) => { Word<'de> };
    (count) => { u64 };
    ($object:ident) => { $object };
}

/// How each sort of value is kept.
macro_rules! kept {
    (text) => {
        String
    };
    (count) => {
        u64
    };
    ($object:ident) => {
        $object
    };
}

macro_rules! take {
    (text, $field:expr) => {
        $field.take().map(|Word(text)| text.into_owned())
    };
    ($other:ident, $field:expr) => {
        $field.take()
    };
}

/// An object that has these keys, each once at most; what is not given is not repeated.
macro_rules! object {
    (
        $(#[$about:meta])*
        $name:ident, $what:literal { $( $(#[$doc:meta])* $key:ident: $held:ident, )* }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
        pub struct $name {
            $(
                $(#[$doc])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub $key: Option<kept!($held)>,
            )*
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Object;
                impl<'de> Visitor<'de> for Object {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str(concat!($what, ", which is a JSON object"))
                    }

                    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<$name, A::Error> {
                        const NAMES: &[&str] = &[$(stringify!($key)),*];
                        $( let mut $key: Field<read!($held)> = Field::default(); )*
                        while let Some(Word(key)) = map.next_key()? {
                            match &*key {
                                $( stringify!($key) => $key.read(&key, &mut map)?, )*
                                unknown => return Err(unknown_key(unknown, NAMES)),
                            }
                        }
                        Ok($name { $( $key: take!($held, $key), )* })
                    }
                }
                deserializer.deserialize_map(Object)
            }
        }
    };
}

object! {
    /// A question as it is written: every key that any question may have. No name is looked up.
    QuestionLine, "a question" {
        /// When it is asked.
        at: text,
        /// What is asked for: `customer`.
        query: text,
        /// The caller's name for the customer.
        customer: text,
        /// The channel that is asked.
        channel: text,
        /// How a channel is expected to see a customer.
        expect_customer: ExpectedCustomer,
        /// How many rows of the queue are expected.
        expect_queue: ExpectedQueue,
        /// How a channel is expected to see an order.
        expect_order: ExpectedOrder,
    }
}

object! {
    /// How a channel is expected to see a customer.
    ExpectedCustomer, "what is expected of a customer" {
        /// The caller's name for the customer.
        customer: text,
        /// The channel.
        channel: text,
        /// The state.
        state: text,
    }
}

object! {
    /// How a channel is expected to see an order.
    ExpectedOrder, "what is expected of an order" {
        /// The caller's name for the order.
        order: text,
        /// The channel.
        channel: text,
        /// The state.
        state: text,
    }
}

object! {
    /// How many rows of the queue are expected, of those that fit.
    ExpectedQueue, "what is expected of the queue" {
        /// Of this channel.
        channel: text,
        /// About this customer.
        customer: text,
        /// Of this table.
        table: text,
        /// In offline databases.
        offline: count,
        /// In channel databases.
        rows: count,
        /// Of those, in headquarters.
        uploaded: count,
        /// Of all, processed.
        completed: count,
        /// Of all, failed in the last attempt.
        failed: count,
        /// The last error of a row; `none` for no error.
        last_error: text,
    }
}

/// A question; names are not looked up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question<'a> {
    /// How does the channel see the customer?
    Customer {
        /// The caller's name for the customer.
        customer: &'a str,
        /// The channel.
        channel: &'a str,
    },
    /// Does the channel see the customer so?
    ExpectCustomer {
        /// The caller's name for the customer.
        customer: &'a str,
        /// The channel.
        channel: &'a str,
        /// The state.
        state: Customer,
    },
    /// Does the channel see the order so?
    ExpectOrder {
        /// The caller's name for the order.
        order: &'a str,
        /// The channel.
        channel: &'a str,
        /// The state.
        state: Order,
    },
    /// Are there so many rows?
    ExpectQueue(&'a ExpectedQueue),
}

/// The keys that make a line a question.
const ASKING: [&str; 4] = ["query", "expect_customer", "expect_queue", "expect_order"];

/// Whether a line is a question, right or wrong: a JSON object with a key that asks. What cannot be
/// read is none, since nobody can tell.
pub fn is_question(line: &str) -> bool {
    // Nearly all lines are events, which have no such word. A key may also be written in escapes.
    let may_ask = |word: &str| memchr::memmem::find(line.as_bytes(), word.as_bytes()).is_some();
    if !may_ask("\"query\"") && !may_ask("\"expect_") && !may_ask("\\") {
        return false;
    }
    serde_json::from_str::<Keys>(line).is_ok_and(|Keys(asks)| asks)
}

/// Whether an object has a key that asks.
struct Keys(bool);

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Keys;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
                let mut asks = false;
                while let Some((Word(key), IgnoredAny)) = map.next_entry()? {
                    asks |= ASKING.contains(&&*key);
                }
                Ok(Keys(asks))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

/// Reads a question; names are not looked up.
///
/// # Errors
///
/// The line is no JSON object, or has an unknown or a double key; the message says which, and
/// where.
pub fn parse_question(line: &str) -> Result<QuestionLine, String> {
    serde_json::from_str(line).map_err(|error| line_message(&error))
}

impl QuestionLine {
    /// The question that the line asks.
    ///
    /// # Errors
    ///
    /// It asks nothing or several things, lacks something, or has a word that is not known.
    pub fn question(&self) -> Result<Question<'_>, String> {
        let asking = [
            self.query.is_some(),
            self.expect_customer.is_some(),
            self.expect_queue.is_some(),
            self.expect_order.is_some(),
        ];
        let mut asked = ASKING.iter().zip(asking).filter(|(_, is_there)| *is_there);
        let asks = match (asked.next(), asked.next()) {
            (Some((asks, _)), None) => *asks,
            (Some((one, _)), Some((other, _))) => {
                return Err(format!("the key `{other}` does not go with `{one}`"));
            }
            (None, _) => return Err(format!("no question: expected one of {}", ASKING.join(", "))),
        };
        if self.query.is_none() {
            let others = [("customer", &self.customer), ("channel", &self.channel)];
            if let Some((stray, _)) = others.iter().find(|(_, value)| value.is_some()) {
                return Err(format!("the key `{stray}` does not go with `{asks}`"));
            }
        }
        if let Some(query) = &self.query {
            one_of("query", query, &["customer"], |known| known)?;
            let channel = needed("", "channel", self.channel.as_deref())?;
            return Ok(Question::Customer {
                customer: named("", "customer", self.customer.as_deref())?,
                channel,
            });
        }
        let within = format!(" in `{asks}`");
        if let Some(wanted) = &self.expect_customer {
            let state = needed(&within, "state", wanted.state.as_deref())?;
            return Ok(Question::ExpectCustomer {
                customer: named(&within, "customer", wanted.customer.as_deref())?,
                channel: needed(&within, "channel", wanted.channel.as_deref())?,
                state: one_of("state", state, Customer::ALL, Customer::as_str)?,
            });
        }
        if let Some(wanted) = &self.expect_order {
            let state = needed(&within, "state", wanted.state.as_deref())?;
            return Ok(Question::ExpectOrder {
                order: named(&within, "order", wanted.order.as_deref())?,
                channel: needed(&within, "channel", wanted.channel.as_deref())?,
                state: one_of("state", state, Order::ALL, Order::as_str)?,
            });
        }
        let queue = self.expect_queue.as_ref();
        queue.map(Question::ExpectQueue).ok_or_else(|| "no question".to_owned())
    }
}

fn needed<'q>(within: &str, key: &str, value: Option<&'q str>) -> Result<&'q str, String> {
    value.ok_or_else(|| format!("missing key `{key}`{within}"))
}

/// A name of the caller's, which must not be blank.
fn named<'q>(within: &str, key: &str, value: Option<&'q str>) -> Result<&'q str, String> {
    let name = needed(within, key, value)?;
    if name.trim().is_empty() {
        return Err(format!("the name under `{key}`{within} is blank"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_from_events() {
        for question in [
            r#"{"query":"customer","customer":"a","channel":"h"}"#,
            r#"{"expect_queue":{}}"#,
            r#"{"\u0071uery":7}"#,
            r#" { "operation":"edit-customer" , "expect_order":null } "#,
        ] {
            assert!(is_question(question), "{question}");
        }
        for event in [
            r#"{"operation":"create-customer","channel":"h","customer":"query"}"#,
            r#"{"operation":"create-customer","channel":"\"query\"","customer":"expect_order"}"#,
            r#"{"fail_synchronization":"a","error":"\"query\":1"}"#,
            r#"{"set":{"query":1}}"#,
            r#"{"query":"customer""#,
            r#"["query"]"#,
            r#""query""#,
            "",
        ] {
            assert!(!is_question(event), "{event}");
        }
    }

    #[test]
    fn wrong_questions_say_where_and_what() {
        let message =
            |line: &str| parse_question(line).and_then(|it| it.question().map(drop)).unwrap_err();
        for (line, expected) in [
            (
                r#"{"query":"customer","custmer":"a"}"#,
                "column 29: unknown key `custmer`; did you mean `customer`?",
            ),
            (r#"{"query":"order"}"#, "`order` is no value of `query`; expected one of: customer"),
            (r#"{"query":"customer","customer":"a"}"#, "missing key `channel`"),
            (
                r#"{"query":"customer","customer":" ","channel":"h"}"#,
                "the name under `customer` is blank",
            ),
            (
                r#"{"query":"customer","expect_queue":{}}"#,
                "the key `expect_queue` does not go with `query`",
            ),
            (
                r#"{"expect_queue":{},"channel":"h"}"#,
                "the key `channel` does not go with `expect_queue`",
            ),
            (
                r#"{"expect_customer":{"customer":"a","channel":"h"}}"#,
                "missing key `state` in `expect_customer`",
            ),
            (
                r#"{"expect_order":{"order":"a","channel":"h","state":"open"}}"#,
                "`open` is no value of `state`; expected one of: none, pending, in-headquarters",
            ),
            (
                r#"{"expect_queue":null}"#,
                "no question: expected one of query, expect_customer, expect_queue, expect_order",
            ),
        ] {
            assert_eq!(message(line), expected, "{line}");
        }
        assert!(message(r#"{"expect_queue":{"rows":-1}}"#).starts_with("column 2"));
        assert!(
            message(r#"{"query":"customer","operation":"edit-customer"}"#)
                .contains("unknown key `operation`")
        );
    }
}
