//! A look into a file before it is read.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Whether a text gives a key of a table. Large files are read once, and not for this: what stands
/// before the first header behind the key is enough, where it is valid.
pub(super) fn gives(text: &str, table: &str, key: &str) -> bool {
    let is_given = |read: &DeTable<'_>| {
        let table = read.get(table).map(Spanned::get_ref);
        matches!(table, Some(DeValue::Table(table)) if table.contains_key(key))
    };
    // With a backslash a key may be written in other letters.
    if !text.contains(key) && !text.contains('\\') {
        return false;
    }
    let (beginning, errors) = DeTable::parse_recoverable(before_next_header(text, key));
    if errors.is_empty() && is_given(beginning.get_ref()) {
        return true;
    }
    is_given(DeTable::parse_recoverable(text).0.get_ref())
}

/// A text up to the first header behind a word; all of it where there is none.
fn before_next_header<'t>(text: &'t str, word: &str) -> &'t str {
    let header = text.find(word).and_then(|at| {
        let (_, rest) = text.split_at(at);
        Some(at + rest.find("\n[")? + 1)
    });
    // Behind it no other may stand.
    header.and_then(|header| text.get(..header)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_sees_what_reading_all_sees() {
        for (text, expected) in [
            ("", false),
            ("[b]\nc = 1\n", false),
            ("[a]\nb = 1\n[c]\n", true),
            ("[a]\r\nb = 1\r\n[c]\r\nd =", true),
            ("[c]\nd = 1\n[a]\nb = 1", true),
            ("a.b = 1", true),
            ("a = { b = 1 }\n[c]\n", true),
            ("[a]\n\"\\u0062\" = 1\n", true),
            ("# b\n[c]\nb = 1\n[a]\nb = 2\n", true),
            ("# b\n[c]\nb = 1\n[a]\nd = 2\n", false),
            ("[c]\nd = \"\"\"\n[a]\nb = 1\n[e]\n\"\"\"\n", false),
            ("[c]\nd = [\n[1],\n\"b\",\n[2]]\n[a]\nb = 1\n", true),
            ("[c]\nd =\n[a]\nb = 1\n", true),
        ] {
            assert_eq!(gives(text, "a", "b"), expected, "{text:?}");
        }
    }
}
