//! How formats are declared that are part of the program: those of rules and of scenarios.

use crate::model::format::{Form, Key, Kind, Section};

/// A key that may be left out.
pub(super) fn key(id: &str, kind: Kind, text: &str) -> Key {
    let (id, text) = (id.to_owned(), text.to_owned());
    Key {
        id,
        kind,
        required: false,
        name: None,
        page: None,
        pages: Vec::new(),
        text,
        sources: Vec::new(),
    }
}

/// A key that must be given.
pub(super) fn required(id: &str, kind: Kind, text: &str) -> Key {
    Key { required: true, ..key(id, kind, text) }
}

/// Records, told apart by their `id` or `code` where they must have one.
pub(super) fn records(id: &str, text: &str, keys: Vec<Key>) -> Section {
    let identity =
        keys.iter().position(|key| matches!(key.id.as_str(), "id" | "code") && key.required);
    Section {
        id: id.to_owned(),
        form: Form::Records,
        title: id.to_owned(),
        page: None,
        pages: Vec::new(),
        text: text.to_owned(),
        identity,
        referred: false,
        keys,
        relied: Vec::new(),
    }
}

/// Records that share ids.
pub(super) fn unidentified(id: &str, text: &str, keys: Vec<Key>) -> Section {
    Section { identity: None, ..records(id, text, keys) }
}

/// One of these words.
pub(super) fn word(words: &[&str]) -> Kind {
    Kind::Word(words.iter().map(|word| (*word).to_owned()).collect())
}

/// A list of values.
pub(super) fn list(kind: Kind) -> Kind {
    Kind::List(Box::new(kind))
}

/// A value, or a list of some.
pub(super) fn several(kind: Kind) -> Kind {
    Kind::OneOrMore(Box::new(kind))
}

/// Values by names.
pub(super) fn map(kind: Kind) -> Kind {
    Kind::Map(Box::new(kind))
}

/// A list of texts.
pub(super) fn texts() -> Kind {
    list(Kind::Text)
}
