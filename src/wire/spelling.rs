//! How operations and channels are spelled in a table of requests, as engines write it: what the
//! last query of an exported script gives.

use crate::digest::sha256;
use csv::ReaderBuilder;
use serde::Deserialize;

/// Spellings that were seen.
#[derive(Clone, Debug, Default)]
pub struct Spellings {
    /// Of channels.
    pub channels: Vec<String>,
    /// Of operations.
    pub operations: Vec<String>,
    /// SHA-256 of the text that they were read from, where there is one.
    pub digest: Option<String>,
}

/// One of them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelling {
    kind: Kind,
    name: String,
}

/// What it is a spelling of.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Channel,
    Operation,
}

impl Spellings {
    /// Reads CSV with the columns `kind` and `name`, JSON Lines of such objects, or a JSON array.
    ///
    /// # Errors
    ///
    /// The text is none of them; the message says where.
    pub fn read(text: &str) -> Result<Self, String> {
        let all: Vec<Spelling> = match text.trim_start().chars().next() {
            Some('[') => serde_json::from_str(text).map_err(|error| error.to_string())?,
            Some('{') => {
                let lines = serde_json::Deserializer::from_str(text).into_iter();
                lines.collect::<Result<_, _>>().map_err(|error| error.to_string())?
            }
            // The reader takes the rest of the file for a cell whose quote is not closed.
            _ if text.matches('"').count() % 2 == 1 => {
                return Err("a quote is not closed".to_owned());
            }
            _ => {
                let mut lines = ReaderBuilder::new().from_reader(text.as_bytes());
                lines.deserialize().collect::<Result<_, _>>().map_err(|error| error.to_string())?
            }
        };
        let mut read = Self { digest: Some(sha256(text.as_bytes())), ..Self::default() };
        for Spelling { kind, name } in all {
            match kind {
                Kind::Channel => read.channels.push(name),
                Kind::Operation => read.operations.push(name),
            }
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_engines_write_is_read() {
        let csv = "kind,name\r\nchannel,\" Houston \"\noperation,\"a,\"\"b\"\"\"\nchannel,\n";
        let lines = concat!(
            r#"{"kind":"channel","name":" Houston "}"#,
            "\n",
            r#"{"kind":"operation","name":"a,\"b\""}"#,
            "\n",
            r#"{"name":"","kind":"channel"}"#,
        );
        let array = format!("[{}]", lines.replace('\n', ","));
        for text in [csv, lines, &array] {
            let read = Spellings::read(text).unwrap();
            assert_eq!(read.operations, ["a,\"b\""], "{text}");
            assert_eq!(read.channels, [" Houston ", ""].map(str::to_owned), "{text}");
            assert_eq!(read.digest.unwrap().len(), 64);
        }
        assert!(Spellings::read("kind,name\n").unwrap().channels.is_empty());
        for (text, told) in [
            ("kind,name\nshop,a\n", "unknown variant `shop`, expected `channel` or `operation`"),
            ("a,b\nc,d\n", "unknown field `a`"),
            ("{\"kind\":\"channel\"", "EOF while parsing"),
            ("[1]", "invalid type"),
            ("kind,name\nchannel,\"a\nchannel,b\n", "a quote is not closed"),
        ] {
            let message = Spellings::read(text).map(|_| ()).unwrap_err();
            assert!(message.contains(told), "{message}");
        }
    }
}
