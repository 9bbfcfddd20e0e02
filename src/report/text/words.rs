//! What is counted and named, in words.

use crate::diagnostic::Subject;
use crate::model::or_blank;
use std::fmt::Display;

/// `287 channels: houston, austin, … and 285 more`.
pub(in crate::report) fn affected(subjects: &[&Subject]) -> String {
    let kind = or_blank(subjects.first().map(|subject| subject.kind.as_str()));
    let plural = if kind.ends_with('s') { "" } else { "s" };
    let mut text = format!("{} {kind}{plural}: ", subjects.len());
    let shown: Vec<&str> = subjects.iter().take(5).map(|subject| subject.id.as_str()).collect();
    text.push_str(&shown.join(", "));
    if subjects.len() > shown.len() {
        text.push_str(&format!(" and {} more", subjects.len() - shown.len()));
    }
    text
}

/// How many of something there are, in words: `1 step`, `2 steps`.
pub(in crate::report) fn counted<N: Copy + Display + PartialEq + From<u8>>(
    count: N,
    what: &str,
) -> String {
    let s = if count == N::from(1) { "" } else { "s" };
    format!("{count} {what}{s}")
}

/// What is there, or an empty cell.
#[cfg(feature = "store")]
pub(in crate::report) fn or_empty(text: Option<&str>) -> String {
    or_blank(text).to_owned()
}
