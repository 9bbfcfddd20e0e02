//! What was observed of a request, as a JSON line or a line of CSV.

use super::object::{Field, Word, line_message, one_of};
use super::request::{Fields, Request};
use crate::model::{Outcome, SituationFact};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::fmt;

/// A request with what came of it.
#[derive(Clone, Debug)]
pub struct Observed<'a> {
    /// The request.
    pub request: Request<'a>,
    /// The facts of the situation that it states.
    pub stated: Vec<SituationFact>,
    /// How the operation ended.
    pub outcome: Outcome,
    /// The error id that the product gave, where it is known.
    pub error_id: Option<String>,
}

/// The keys of an observation that a request has not.
const NAMES: [&str; 3] = ["observed_outcome", "observed_error_id", "at"];

/// Reads an observation.
///
/// # Errors
///
/// As [`super::parse_request`]; and where `observed_outcome` is missing or no outcome.
pub fn parse_observed(line: &str) -> Result<Observed<'_>, String> {
    let fields: ObservedFields<'_> =
        serde_json::from_str(line).map_err(|error| line_message(&error))?;
    let outcome = fields.outcome.take().map(|Word(word)| word);
    let outcome = outcome.ok_or("missing key `observed_outcome`")?;
    Ok(Observed {
        stated: fields.request.stated(),
        request: fields.request.request()?,
        outcome: one_of("observed_outcome", &outcome, Outcome::ALL, Outcome::as_str)?,
        error_id: fields.error_id.take().map(|Word(text)| text.into_owned()),
    })
}

#[derive(Default)]
struct ObservedFields<'a> {
    request: Fields<'a>,
    outcome: Field<Word<'a>>,
    error_id: Field<Word<'a>>,
    /// When; it is for those who read the file.
    at: Field<Word<'a>>,
}

impl<'de> Deserialize<'de> for ObservedFields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = ObservedFields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an observation, which is a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = ObservedFields::default();
                while let Some(Word(key)) = map.next_key()? {
                    match &*key {
                        "observed_outcome" => fields.outcome.read(&key, &mut map)?,
                        "observed_error_id" => fields.error_id.read(&key, &mut map)?,
                        "at" => fields.at.read(&key, &mut map)?,
                        key => fields.request.read(key, &mut map, &NAMES)?,
                    }
                }
                Ok(fields)
            }
        }
        deserializer.deserialize_map(Object)
    }
}
