//! Records as they were read: values of the kind their key declares, each with its place.

use super::duration::Duration;
use super::format::Section;
use super::relied::{KeyName, NamesKey};
use super::version::Version;
use crate::diagnostic::{Code, Span};
use jiff::Timestamp;
use jiff::civil::Date;
use std::fmt;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// The value.
    pub value: T,
    /// Where it stands.
    pub span: Span,
}

impl<T> Placed<T> {
    /// `value`, standing at `span`.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A value of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Text, a word, or a name as it was written.
    Text(String),
    /// A name of the rules, resolved to its canonical id.
    Name(String),
    /// A reference to a record of another section.
    Reference {
        /// The id as it was written.
        id: String,
        /// The number of the record in its section; `None` where the section is not in the
        /// deployment.
        target: Option<usize>,
    },
    /// A version.
    Version(Version),
    /// A duration.
    Duration(Duration),
    /// The recurrence of what does not recur.
    NoRecurrence,
    /// A moment.
    DateTime(Timestamp),
    /// A date.
    Date(Date),
    /// The code of a check.
    Code(Code),
    /// Several values.
    List(Vec<Placed<Value>>),
    /// A table with keys of the author's choice, in file order.
    Map(Vec<(Placed<String>, Placed<Value>)>),
    /// A table with fixed keys.
    Nested(Record),
    /// Records within the record.
    Records(Vec<Record>),
}

/// A record of a section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its header, or the inline table.
    pub span: Span,
    /// What tells it apart in its section, in its canonical form; where nothing does, what it must
    /// say first, such as the job of a distribution schedule.
    pub id: String,
    /// Its values, by the number of their key in the section; `None` where not given.
    pub values: Vec<Option<Placed<Value>>>,
}

impl Record {
    /// The record with names to its values.
    pub fn fields<'a>(&'a self, section: &'a Section) -> Fields<'a> {
        Fields { section, record: self }
    }
}

/// A record, read by the names of its keys.
///
/// Each reader gives `None` where the value is not given, and also where it is not of the kind
/// asked for; which kind a key has is fixed by its format, so only the first can happen to correct
/// callers.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'a> {
    /// The declaration.
    pub section: &'a Section,
    /// The values.
    pub record: &'a Record,
}

impl<'a> Fields<'a> {
    /// The value of `key` with its place.
    pub fn placed(self, key: impl NamesKey) -> Option<&'a Placed<Value>> {
        let (number, _) = self.section.key(key)?;
        self.record.values.get(number)?.as_ref()
    }

    /// The value of `key`.
    pub fn value(self, key: impl NamesKey) -> Option<&'a Value> {
        self.placed(key).map(|placed| &placed.value)
    }

    /// Where `key` stands; the record's header where it is not given.
    pub fn span(self, key: impl NamesKey) -> Span {
        self.placed(key).map_or(self.record.span, |placed| placed.span)
    }

    /// A boolean.
    pub fn boolean(self, key: impl NamesKey) -> Option<bool> {
        match self.value(key)? {
            Value::Boolean(value) => Some(*value),
            _ => None,
        }
    }

    /// Whether something is switched on: what is not given is off.
    pub fn is_on(self, key: impl NamesKey) -> bool {
        self.boolean(key) == Some(true)
    }

    /// A whole number.
    pub fn integer(self, key: impl NamesKey) -> Option<i64> {
        match self.value(key)? {
            Value::Integer(value) => Some(*value),
            _ => None,
        }
    }

    /// Text, a word, a canonical name, or the id of a reference.
    pub fn text(self, key: impl NamesKey) -> Option<&'a str> {
        self.value(key)?.as_text()
    }

    /// Of which kind the record is, where it says so.
    pub fn kind(self) -> Option<&'a str> {
        self.text(KeyName::Kind.as_str())
    }

    /// A version.
    pub fn version(self, key: impl NamesKey) -> Option<Version> {
        match self.value(key)? {
            Value::Version(value) => Some(*value),
            _ => None,
        }
    }

    /// A moment.
    pub fn date_time(self, key: impl NamesKey) -> Option<Timestamp> {
        match self.value(key)? {
            Value::DateTime(value) => Some(*value),
            _ => None,
        }
    }

    /// A date.
    pub fn date(self, key: impl NamesKey) -> Option<Date> {
        match self.value(key)? {
            Value::Date(value) => Some(*value),
            _ => None,
        }
    }

    /// A check's code.
    pub fn code(self, key: impl NamesKey) -> Option<Code> {
        match self.value(key)? {
            Value::Code(value) => Some(*value),
            _ => None,
        }
    }

    /// The number of the record that a reference leads to.
    pub fn target(self, key: impl NamesKey) -> Option<usize> {
        match self.value(key)? {
            Value::Reference { target, .. } => *target,
            _ => None,
        }
    }

    /// The values of a list; a single value counts as a list of one.
    pub fn list(self, key: impl NamesKey) -> Vec<&'a Placed<Value>> {
        match self.placed(key) {
            Some(Placed { value: Value::List(values), .. }) => values.iter().collect(),
            Some(single) => vec![single],
            None => Vec::new(),
        }
    }

    /// The texts of a list.
    pub fn texts(self, key: impl NamesKey) -> Vec<String> {
        self.list(key)
            .into_iter()
            .filter_map(|placed| placed.value.as_text())
            .map(str::to_owned)
            .collect()
    }

    /// The entries of a table with keys of the author's choice.
    pub fn map(self, key: impl NamesKey) -> &'a [(Placed<String>, Placed<Value>)] {
        match self.value(key) {
            Some(Value::Map(entries)) => entries,
            _ => &[],
        }
    }

    /// The records within the record.
    pub fn records(self, key: impl NamesKey) -> Records<'a> {
        let section = self.section.key(key).map(|(_, key)| &key.kind);
        match (section, self.value(key)) {
            (Some(super::format::Kind::Records(section)), Some(Value::Records(records))) => {
                Records::new(section, records)
            }
            _ => Records::default(),
        }
    }

    /// The table with fixed keys under `key`.
    pub fn nested(self, key: impl NamesKey) -> Option<Fields<'a>> {
        let (_, declared) = self.section.key(key)?;
        match (&declared.kind, self.value(key)?) {
            (super::format::Kind::Nested(section), Value::Nested(record)) => {
                Some(record.fields(section))
            }
            _ => None,
        }
    }
}

/// The records of a section, in order.
#[derive(Clone, Debug, Default)]
pub struct Records<'a>(Option<(&'a Section, std::slice::Iter<'a, Record>)>);

impl<'a> Records<'a> {
    /// Records and their declaration.
    pub(super) fn new(section: &'a Section, records: &'a [Record]) -> Self {
        Self(Some((section, records.iter())))
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Fields<'a>;

    fn next(&mut self) -> Option<Fields<'a>> {
        let (section, records) = self.0.as_mut()?;
        records.next().map(|record| record.fields(section))
    }
}

impl fmt::Display for Value {
    /// The value for people: as a file writes it, texts without quotes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) | Self::Name(text) | Self::Reference { id: text, .. } => {
                f.write_str(text)
            }
            Self::Version(version) => write!(f, "{version}"),
            Self::Duration(duration) => write!(f, "{duration}"),
            Self::NoRecurrence => f.write_str("none"),
            Self::DateTime(moment) => write!(f, "{moment}"),
            Self::Date(date) => write!(f, "{date}"),
            Self::Code(code) => write!(f, "{code}"),
            Self::List(values) => {
                let values: Vec<String> =
                    values.iter().map(|placed| placed.value.to_string()).collect();
                write!(f, "[{}]", values.join(", "))
            }
            Self::Map(entries) => {
                let entries =
                    entries.iter().map(|(key, placed)| format!("{} = {}", key.value, placed.value));
                write!(f, "{{ {} }}", entries.collect::<Vec<_>>().join(", "))
            }
            Self::Nested(_) => f.write_str("{ … }"),
            Self::Records(records) => write!(f, "{} records", records.len()),
        }
    }
}

impl Value {
    /// The text of a text, word, name or reference.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Name(text) | Self::Reference { id: text, .. } => Some(text),
            _ => None,
        }
    }

    /// The word of a finite value: a text, or `true` and `false`.
    pub fn as_word(&self) -> Option<&str> {
        match self {
            Self::Boolean(true) => Some("true"),
            Self::Boolean(false) => Some("false"),
            other => other.as_text(),
        }
    }
}
