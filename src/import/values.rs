//! What the words, numbers and dates of exports mean.

use crate::model::Rules;
use crate::model::name::fold;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;

/// The value of a kind that a word stands for: `Some(None)` for one that says nothing, `None` for
/// one that is not known.
#[expect(clippy::option_option, reason = "a word may be known, and say nothing")]
pub(super) fn word<'r>(rules: &'r Rules, of: &str, text: &str) -> Option<Option<&'r str>> {
    let values = rules.export_values.iter().find(|values| values.id == of)?;
    let text = fold(text);
    let means = |words: &Vec<String>| words.iter().any(|word| fold(word) == text);
    let (value, _) = values.values.iter().find(|(_, words)| means(words))?;
    Some(Some(value.as_str()).filter(|value| *value != "unknown"))
}

/// Yes or no.
#[expect(clippy::option_option, reason = "a word may be known, and say nothing")]
pub(super) fn yes_no(rules: &Rules, text: &str) -> Option<Option<bool>> {
    Some(word(rules, "yes-no", text)?.map(|value| value == "yes"))
}

/// Whether a text is, or holds, what nothing may pass on: a credential, a connection string, the
/// address of a person.
pub(super) fn is_private(rules: &Rules, text: &str) -> bool {
    let Some(private) = rules.export_values.iter().find(|values| values.id == "private") else {
        return false;
    };
    let text: String = fold(text).chars().filter(|c| !c.is_whitespace()).collect();
    private.values.iter().flat_map(|(_, marks)| marks).any(|mark| text.contains(mark.as_str()))
}

/// A date in an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// The date that stands for none.
    Never,
    /// A date whose day and month could be swapped.
    Ambiguous,
    /// A moment; a date without a time is its beginning, without an offset it is in UTC, as the
    /// database keeps it.
    At(Timestamp),
}

/// The date that a text means; `None` where it is none.
pub(super) fn when(text: &str) -> Option<When> {
    let moment = text.parse::<Timestamp>().ok();
    let civil = || {
        text.parse::<DateTime>()
            .ok()
            .or_else(|| Some(text.parse::<Date>().ok()?.to_datetime(jiff::civil::Time::midnight())))
    };
    let moment = moment.or_else(|| Offset::UTC.to_timestamp(civil()?).ok());
    match moment {
        Some(moment) => Some(at(moment)),
        None => local(text),
    }
}

/// A date as people of some country write it.
fn local(text: &str) -> Option<When> {
    let date = text.split_whitespace().next()?;
    let parts: Vec<i16> =
        date.split(['/', '.', '-']).map(str::parse).collect::<Result<_, _>>().ok()?;
    let [one, two, year] = parts.as_slice() else { return None };
    let date = |day: i16, month: i16| {
        Date::new(*year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    let (day_first, month_first) = (date(*one, *two), date(*two, *one));
    match (day_first, month_first) {
        _ if *year < 1000 => None,
        (Some(one), Some(two)) if one != two => Some(When::Ambiguous),
        (one, two) => {
            let midnight = one.or(two)?.to_datetime(jiff::civil::Time::midnight());
            Offset::UTC.to_timestamp(midnight).ok().map(at)
        }
    }
}

fn at(moment: Timestamp) -> When {
    // 1900-01-01, in whatever zone it was written.
    let first = Offset::UTC.to_datetime(moment);
    if first.year() <= 1900 { When::Never } else { When::At(moment) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_they_are_written() {
        let at = |text: &str| Some(When::At(text.parse().unwrap()));
        assert_eq!(when("2026-01-05 00:00:00.000"), at("2026-01-05T00:00:00Z"));
        assert_eq!(when("2026-01-05T02:00:00Z"), at("2026-01-05T02:00:00Z"));
        assert_eq!(when("2026-01-05"), at("2026-01-05T00:00:00Z"));
        assert_eq!(when("1/15/2026"), at("2026-01-15T00:00:00Z"));
        assert_eq!(when("15.1.2026"), at("2026-01-15T00:00:00Z"));
        assert_eq!(when("5/5/2026 10:00 AM"), at("2026-05-05T00:00:00Z"));
        assert_eq!(when("1/5/2026"), Some(When::Ambiguous));
        for none in ["1900-01-01", "1900-01-01 00:00:00.000", "1/1/1900", "1900-01-01T00:00:00Z"] {
            assert_eq!(when(none), Some(When::Never), "{none}");
        }
        for text in ["", "soon", "13/13/2026", "1/2/3", "99999999999/1/2026", "1/5"] {
            assert_eq!(when(text), None, "{text}");
        }
    }
}
