//! What the parser of TOML says of a file that is not valid, and what that makes doubtful.
//!
//! Of errors the crate gives a text and a place, and no kind: two of its texts are known here, and
//! a test says when it changes them.

use crate::diagnostic::line_start;
use std::ops::Range;
use toml::de::DeTable;

/// TOML may nest no deeper.
pub(super) const MAX_DEPTH: usize = 32;

/// How errors begin that tell of a key without a value.
const KEY_ALONE: [&str; 2] = ["key with no value", "missing value for key"];
/// What the error says that ends the reading of a file nested too deep.
const GIVEN_UP: &str = "recurs";

/// How many keys without a value are looked for before the rest of a file is left unread.
const MAX_KEYS_ALONE: usize = 50;

/// A file with every line blank whose key has no value, and what is wrong with these lines: the
/// parser gives up behind such a line, and what stands below it is worth reading.
pub(super) fn without_keys_alone(text: &str) -> (String, Vec<toml::de::Error>) {
    let mut text = text.to_owned();
    let mut alone = Vec::new();
    for _ in 0..MAX_KEYS_ALONE {
        let (_, errors) = DeTable::parse_recoverable(&text);
        let Some(error) = errors.into_iter().find(is_key_alone) else { break };
        let at = place_of(&error, &text).start;
        alone.push(error);
        let start = line_start(&text, at);
        let end =
            text.get(at..).and_then(|after| after.find('\n')).map_or(text.len(), |end| at + end);
        text.replace_range(start..end, &" ".repeat(end - start));
    }
    (text, alone)
}

/// Where an error of the parser stands; one that does not say where is told at the beginning.
pub(super) fn place_of(error: &toml::de::Error, text: &str) -> Range<usize> {
    error.span().unwrap_or(0..text.len().min(1))
}

pub(super) fn is_key_alone(error: &toml::de::Error) -> bool {
    KEY_ALONE.iter().any(|told| error.message().starts_with(told))
}

/// Whether the parser gave up because of how deep a file nests.
pub(super) fn is_given_up(error: &toml::de::Error) -> bool {
    error.message().contains(GIVEN_UP)
}

/// The first name of a dotted key that is one level too deep.
pub(super) fn deep_key(text: &str) -> Option<Range<usize>> {
    let mut line_start = 0;
    for line in text.split_inclusive('\n') {
        let key = line.split_once('=').map_or(line, |(key, _)| key);
        if let Some((dot, _)) = key.match_indices('.').nth(MAX_DEPTH - 2) {
            return Some(line_start + dot + 1..line_start + dot + 2);
        }
        line_start += line.len();
    }
    None
}

/// What a syntax error makes doubtful: where it stands, and behind a broken header all that belongs
/// below it.
pub(super) fn damage(text: &str, error: Range<usize>) -> Range<usize> {
    let start = line_start(text, error.start);
    let is_header = text.get(start..).is_some_and(|line| line.trim_start().starts_with('['));
    if !is_header {
        return error;
    }
    let next_header = text.get(error.end..).and_then(|below| below.find("\n["));
    start..next_header.map_or(text.len(), |at| error.end + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(text: &str) -> Vec<toml::de::Error> {
        DeTable::parse_recoverable(text).1
    }

    #[test]
    fn the_parser_says_what_is_known_of_it() {
        for text in ["a", "a\n", "a = 1\nb\nc = 2", "[x]\na.b\n"] {
            let errors = errors(text);
            assert!(errors.iter().any(is_key_alone), "{text:?}: {errors:?}");
        }
        for text in ["a =", "a = 1 2", "a = [1,, 2]", "[a\nb = 1", "a = 2026-99-99", "= 1"] {
            let errors = errors(text);
            assert!(!errors.is_empty(), "{text:?}");
            assert!(!errors.iter().any(is_key_alone), "{text:?}: {errors:?}");
            assert!(!errors.iter().any(is_given_up), "{text:?}: {errors:?}");
        }
        for (open, close) in [("[", "]"), ("{ a = ", " }")] {
            let text = format!("a = {}1{}", open.repeat(200), close.repeat(200));
            let errors = errors(&text);
            assert!(errors.iter().any(is_given_up), "{open}: {errors:?}");
        }
    }

    #[test]
    fn what_stands_below_a_key_alone_is_read() {
        let (text, alone) = without_keys_alone("a\nb = 1\nc\n");
        assert_eq!((text.as_str(), alone.len()), (" \nb = 1\n \n", 2));
        assert_eq!(errors(&text).len(), 0);
    }
}
