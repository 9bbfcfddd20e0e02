//! The moments that events give.

use jiff::Timestamp;

/// The moment that an event gives.
pub(crate) fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| {
        format!(
            "`{text}` is not a moment; expected a date and time with an offset, such as \
                2026-11-20T08:00:00Z"
        )
    })
}
