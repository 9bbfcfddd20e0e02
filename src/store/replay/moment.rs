//! The moments that events give.

/// The moment that an event gives.
#[expect(clippy::expect_used, reason = "another moment would be kept in silence")]
pub(crate) fn moment(text: &str) -> Result<(i64, u32), String> {
    let moment: jiff::Timestamp = text.parse().map_err(|_| {
        format!(
            "`{text}` is not a moment; expected a date and time with an offset, such as \
                2026-11-20T08:00:00Z"
        )
    })?;
    // Before 1970 the nanoseconds count backwards; they are kept counting forwards.
    let (mut seconds, mut nanoseconds) = (moment.as_second(), moment.subsec_nanosecond());
    if nanoseconds < 0 {
        seconds -= 1;
        nanoseconds += 1_000_000_000;
    }
    Ok((
        seconds,
        u32::try_from(nanoseconds).expect("fewer than a second has, and counting forwards"),
    ))
}
