//! Lines of requests and events: what the flat reader takes, `serde_json` takes alike.

use syncgate::wire::{is_question, parse_event, parse_question, parse_request};

/// The same line with a character of its first text escaped, which the flat reader leaves to
/// `serde_json`.
fn escaped(line: &str) -> Option<String> {
    let (before, behind) = line.split_once('"')?;
    let mut rest = behind.chars();
    let first = rest.next().filter(|it| !matches!(it, '"' | '\\' | '\0'..='\x1f' | '\u{80}'..))?;
    Some(format!("{before}\"\\u{:04x}{}", u32::from(first), rest.as_str()))
}

fn alike<T: std::fmt::Debug>(line: &str, read: impl Fn(&str) -> Result<T, String>) {
    let Some(other) = escaped(line) else { return };
    match (read(line), read(&other)) {
        (Ok(one), Ok(other)) => assert_eq!(format!("{one:?}"), format!("{other:?}")),
        (one, other) => assert!(one.is_err() && other.is_err(), "{one:?}, {other:?}"),
    }
}

pub fn request(bytes: &[u8]) {
    let Ok(line) = std::str::from_utf8(bytes) else { return };
    alike(line, |line| parse_request(line).map(|request| format!("{request:?}")));
}

pub fn event(bytes: &[u8]) {
    let Ok(line) = std::str::from_utf8(bytes) else { return };
    alike(line, |line| parse_event(line).map(|event| format!("{event:?}")));
    if is_question(line) {
        alike(line, |line| parse_question(line).map(|question| format!("{question:?}")));
    }
}
