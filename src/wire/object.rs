//! JSON objects read key by key, with messages that say what was found and what was expected.

use crate::model::name::nearest;
use serde::de::{self, Deserialize, Deserializer, Visitor};
use std::borrow::Cow;
use std::fmt;

/// Text of a JSON value, borrowed where it needs no unescaping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a>(pub(crate) Cow<'a, str>);

impl<'de> Deserialize<'de> for Word<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'de> Visitor<'de> for Text {
            type Value = Word<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text in quotes")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Word(Cow::Borrowed(text)))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Word(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// The value of a key that may be given once: `null` counts as left out.
#[derive(Clone, Debug)]
pub(crate) struct Field<T> {
    value: Option<T>,
    seen: bool,
}

impl<T> Default for Field<T> {
    fn default() -> Self {
        Self { value: None, seen: false }
    }
}

impl<T> Field<T> {
    /// Reads the value of `key`.
    pub(crate) fn read<'de, A: de::MapAccess<'de>>(
        &mut self,
        key: &str,
        map: &mut A,
    ) -> Result<(), A::Error>
    where
        T: Deserialize<'de>,
    {
        if std::mem::replace(&mut self.seen, true) {
            return Err(de::Error::custom(format_args!("the key `{key}` is there twice")));
        }
        self.value = map.next_value()?;
        Ok(())
    }

    /// Whether a value is given that is not `null`.
    pub(crate) fn is_given(&self) -> bool {
        self.value.is_some()
    }

    /// The value, where one is given that is not `null`.
    pub(crate) fn take(self) -> Option<T> {
        self.value
    }
}

/// The error for a key that is not known.
pub(crate) fn unknown_key<E: de::Error>(key: &str, known: &[&str]) -> E {
    match nearest(key, known.iter().copied()) {
        Some(near) => E::custom(format_args!("unknown key `{key}`; did you mean `{near}`?")),
        None => E::custom(format_args!("unknown key `{key}`; known keys: {}", known.join(", "))),
    }
}

/// The value of `all` whose word is `word`, or what was expected.
pub(crate) fn one_of<T: Copy>(
    key: &str,
    word: &str,
    all: &[T],
    as_str: impl Fn(T) -> &'static str,
) -> Result<T, String> {
    all.iter().copied().find(|value| as_str(*value) == word).ok_or_else(|| {
        let known: Vec<&str> = all.iter().map(|value| as_str(*value)).collect();
        format!("`{word}` is no value of `{key}`; expected one of: {}", known.join(", "))
    })
}

/// What `serde_json` says of a line, with the column and without the line number, which is always
/// 1.
pub(crate) fn line_message(error: &serde_json::Error) -> String {
    let text = error.to_string();
    match text.rsplit_once(" at line ") {
        // A value of another sort is told before the parser has counted its first character.
        Some((message, _)) => format!("column {}: {message}", error.column().max(1)),
        None => text,
    }
}
