//! A file of rules as a tree that can be changed and written back.

use std::fmt::Write as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    Text(String),
    /// As it is written: a number, a truth value, a moment.
    Plain(String),
    List(Vec<Node>),
    /// Keys in the order of the file.
    Table(Vec<(String, Node)>),
}

/// One step from a node to a node in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Key(String),
    At(usize),
}

/// The document that a text is.
pub fn parse(text: &str) -> Node {
    let table = DeTable::parse(text).unwrap();
    table_of(table.get_ref(), text)
}

fn table_of(table: &DeTable<'_>, text: &str) -> Node {
    let mut entries: Vec<_> = table.iter().collect();
    // The order of a file means something: rules are tried in it.
    entries.sort_by_key(|(key, _)| key.span().start);
    let entries = entries.into_iter();
    Node::Table(
        entries.map(|(key, value)| (key.get_ref().to_string(), node(value, text))).collect(),
    )
}

fn node(value: &Spanned<DeValue<'_>>, text: &str) -> Node {
    match value.get_ref() {
        DeValue::String(read) => Node::Text(read.to_string()),
        DeValue::Array(values) => Node::List(values.iter().map(|it| node(it, text)).collect()),
        DeValue::Table(table) => table_of(table, text),
        _ => Node::Plain(text[value.span()].to_owned()),
    }
}

impl Node {
    /// The document as TOML: each of its sections is one value.
    pub fn written(&self) -> String {
        let Self::Table(entries) = self else { panic!("a document is a table") };
        let mut text = String::new();
        for (key, value) in entries {
            quote(&mut text, key);
            text.push_str(" = ");
            value.write(&mut text);
            text.push('\n');
        }
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Text(read) => quote(text, read),
            Self::Plain(read) => text.push_str(read),
            Self::List(values) => {
                text.push('[');
                for value in values {
                    value.write(text);
                    text.push_str(", ");
                }
                text.push(']');
            }
            Self::Table(entries) => {
                text.push('{');
                for (number, (key, value)) in entries.iter().enumerate() {
                    text.push_str(if number == 0 { "" } else { ", " });
                    quote(text, key);
                    text.push_str(" = ");
                    value.write(text);
                }
                text.push('}');
            }
        }
    }

    /// The value under a key of a table.
    pub fn get(&self, key: &str) -> Option<&Self> {
        let Self::Table(entries) = self else { return None };
        entries.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The text under a key of a table.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.get(key) {
            Some(Self::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// What stands at the end of a path.
    pub fn at(&mut self, path: &[Step]) -> &mut Self {
        let Some((first, rest)) = path.split_first() else { return self };
        let inner = match (first, self) {
            (Step::At(number), Self::List(values)) => &mut values[*number],
            (Step::Key(key), Self::Table(entries)) => {
                &mut entries.iter_mut().find(|(name, _)| name == key).unwrap().1
            }
            _ => panic!("no such path"),
        };
        inner.at(rest)
    }

    /// Takes out what a step leads to.
    pub fn remove(&mut self, step: &Step) {
        match (step, self) {
            (Step::At(number), Self::List(values)) => {
                values.remove(*number);
            }
            (Step::Key(key), Self::Table(entries)) => entries.retain(|(name, _)| name != key),
            _ => panic!("no such step"),
        }
    }
}

/// A basic string of TOML.
fn quote(text: &mut String, read: &str) {
    text.push('"');
    for character in read.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            control if control.is_control() => {
                let _ = write!(text, "\\u{:04x}", u32::from(control));
            }
            other => text.push(other),
        }
    }
    text.push('"');
}
