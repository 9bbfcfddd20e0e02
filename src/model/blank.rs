//! Where nothing to say is an empty text: in a cell, or at the end of a sentence.

/// What is there; what is not leaves its place in a line or a table blank.
pub(crate) fn or_blank(text: Option<&str>) -> &str {
    text.unwrap_or_default()
}

/// What is said of something that is there; of what is not, nothing is said.
pub(crate) fn said<T>(what: Option<T>, how: impl FnOnce(T) -> String) -> String {
    what.map(how).unwrap_or_default()
}
