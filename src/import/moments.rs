//! The dates and times of exports, in the spelling of whatever made them.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::Offset;

/// The columns of exports that hold dates.
pub(super) const DATES: [&str; 4] = ["date", "added", "end", "start"];

/// A moment in an export; one without a time is the beginning of its day, one without an offset is
/// in UTC, as the database keeps it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The date that stands for none.
    Never,
    /// A moment.
    At(Timestamp),
    /// One whose day and month could be swapped: read with the day first, and with the month first.
    Either(Timestamp, Timestamp),
    /// One written with the day first, and that could not be otherwise.
    DayFirst(Timestamp),
    /// One written with the month first, and that could not be otherwise.
    MonthFirst(Timestamp),
}

impl Reading {
    /// The moment, where there is one and only one.
    pub(super) const fn moment(self) -> Option<Timestamp> {
        match self {
            Self::At(moment) | Self::DayFirst(moment) | Self::MonthFirst(moment) => Some(moment),
            Self::Never | Self::Either(..) => None,
        }
    }
}

/// Which of day and month is written first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    DayFirst,
    MonthFirst,
}

/// The orders of day and month that dates are written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Orders {
    day: bool,
    month: bool,
}

impl Orders {
    /// Looks at a text, which may be no date.
    pub(super) fn see_text(&mut self, text: &str) {
        // Most dates have the year first, or are none.
        let begins = text.bytes().take(4).take_while(u8::is_ascii_digit).count();
        if (1..=2).contains(&begins) {
            match reading(text) {
                Some(Reading::DayFirst(_)) => self.day = true,
                Some(Reading::MonthFirst(_)) => self.month = true,
                _ => {}
            }
        }
    }

    pub(super) const fn add(&mut self, other: Self) {
        self.day |= other.day;
        self.month |= other.month;
    }

    /// The order, where there is one.
    pub(super) const fn order(self) -> Option<Order> {
        match (self.day, self.month) {
            (true, false) => Some(Order::DayFirst),
            (false, true) => Some(Order::MonthFirst),
            _ => None,
        }
    }
}

/// What a text means as a date, with or without a time; `None` where it is none.
pub(super) fn reading(text: &str) -> Option<Reading> {
    let text = text.trim();
    if let Some(milliseconds) = text.strip_prefix("/Date(") {
        // As PowerShell 5.1 writes JSON.
        let number = milliseconds.strip_suffix(")/")?.parse().ok()?;
        return Timestamp::from_millisecond(number)
            .ok()
            .map(|moment| never_or(moment, Reading::At));
    }
    let (date, rest) = dates(text)?;
    let (time, offset) = time(rest)?;
    let at = |date: Date| offset.to_timestamp(date.to_datetime(time)).ok();
    Some(match date {
        Dates::One(date, of) => {
            // 1900-01-01, in whatever zone it was written.
            if date.year() <= 1900 { Reading::Never } else { of(at(date)?) }
        }
        Dates::Two(day_first, _) if day_first.year() <= 1900 => Reading::Never,
        Dates::Two(day_first, month_first) => Reading::Either(at(day_first)?, at(month_first)?),
    })
}

fn never_or(moment: Timestamp, of: fn(Timestamp) -> Reading) -> Reading {
    let first: DateTime = Offset::UTC.to_datetime(moment);
    if first.year() <= 1900 { Reading::Never } else { of(moment) }
}

/// What the date in a text may be.
enum Dates {
    /// One date, and what its spelling says of the order.
    One(Date, fn(Timestamp) -> Reading),
    /// The date with the day first, and with the month first.
    Two(Date, Date),
}

/// The date that a text begins with, and what is behind it.
fn dates(text: &str) -> Option<(Dates, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || c == 'T').unwrap_or(text.len());
    let (word, rest) = text.split_at_checked(end)?;
    if let Some(date) = numbers(word) {
        return Some((date, rest));
    }
    named(text)
}

/// A date in numbers: the year first or last.
fn numbers(word: &str) -> Option<Dates> {
    let mark = word.chars().find(|c| !c.is_ascii_digit()).filter(|c| "-/.".contains(*c));
    let Some(mark) = mark else { return compact(word) };
    let mut parts = word.trim_end_matches('.').split(mark);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    if first.len() == 4 {
        return Some(Dates::One(date(first, second, third)?, Reading::At));
    }
    if third.len() != 4 {
        return None;
    }
    match (date(third, second, first), date(third, first, second)) {
        (Some(one), Some(two)) if one == two => Some(Dates::One(one, Reading::At)),
        (Some(day_first), Some(month_first)) => Some(Dates::Two(day_first, month_first)),
        (Some(day_first), None) => Some(Dates::One(day_first, Reading::DayFirst)),
        (None, Some(month_first)) => Some(Dates::One(month_first, Reading::MonthFirst)),
        (None, None) => None,
    }
}

/// A date without marks between its parts.
fn compact(word: &str) -> Option<Dates> {
    let is_date = word.len() == 8 && word.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range| word.get(range).filter(|_| is_date);
    Some(Dates::One(date(part(0..4)?, part(4..6)?, part(6..8)?)?, Reading::At))
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    let is_short = |text: &str| (1..=2).contains(&text.len());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fits = is_short(month) && is_short(day) && [year, month, day].into_iter().all(digits);
    fits.then(|| Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok())?
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date whose month has its English name: `Nov 20 2026`, `20 November 2026`, `20-Nov-2026`.
fn named(text: &str) -> Option<(Dates, &str)> {
    let mut rest = text;
    let mut words = Vec::new();
    while words.len() < 3 {
        rest = rest.trim_start_matches([' ', '-', ',']);
        let end = rest.find([' ', '-', ',', 'T']).unwrap_or(rest.len());
        let (word, behind) = rest.split_at_checked(end.max(1))?;
        words.push(word);
        rest = behind;
    }
    let [first, second, year] = words.as_slice() else { return None };
    let month = |word: &str| {
        let word = word.to_ascii_lowercase();
        let names = MONTHS.iter().position(|name| word.starts_with(name) && word.len() <= 9)?;
        Some((names + 1).to_string())
    };
    let (month, day) = match (month(first), month(second)) {
        (Some(month), None) => (month, second),
        (None, Some(month)) => (month, first),
        _ => return None,
    };
    let date = date(year, &month, day).filter(|_| year.len() == 4)?;
    Some((Dates::One(date, Reading::At), rest))
}

/// The time of day that a text is, and its offset from UTC.
fn time(text: &str) -> Option<(Time, Offset)> {
    let text = text.trim().trim_start_matches(['T', ',']).trim_start();
    let (text, offset) = offset(text)?;
    if text.is_empty() {
        return Some((Time::midnight(), offset));
    }
    let upper = text.to_ascii_uppercase();
    let half = [("AM", 0), ("PM", 12)].into_iter().find_map(|(mark, hours)| {
        Some((upper.strip_suffix(mark)?.trim_end().to_owned(), Some(hours)))
    });
    let (clock, half) = half.unwrap_or((upper, None));
    let mut parts = clock.split([':', '.']);
    let hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = parts.next().map_or(Some(0), |part| part.parse().ok())?;
    let fraction = parts.next().unwrap_or("0");
    let is_end = parts.next().is_none() && fraction.bytes().all(|byte| byte.is_ascii_digit());
    let hour = match half {
        Some(hours) if (1..=12).contains(&hour) => hour % 12 + hours,
        Some(_) => return None,
        None => hour,
    };
    Some((Time::new(hour, minute, second, 0).ok().filter(|_| is_end)?, offset))
}

/// A text without the offset that it ends in, and that offset: UTC where there is none.
fn offset(text: &str) -> Option<(&str, Offset)> {
    for mark in ["Z", "UTC", "GMT"] {
        if let Some(rest) = text.strip_suffix(mark) {
            return Some((rest.trim_end(), Offset::UTC));
        }
    }
    let Some(place) = text.rfind(['+', '-']) else { return Some((text, Offset::UTC)) };
    let (rest, offset) = text.split_at_checked(place)?;
    let digits: String = offset.chars().filter(|c| *c != ':').skip(1).collect();
    let is_offset = matches!(digits.len(), 2 | 4) && digits.bytes().all(|b| b.is_ascii_digit());
    let hours: i32 = digits.get(..2).filter(|_| is_offset)?.parse().ok()?;
    let minutes: i32 =
        digits.get(2..).filter(|text| !text.is_empty()).map_or(Ok(0), str::parse).ok()?;
    let seconds = (hours * 60 + minutes) * 60;
    let seconds = if offset.starts_with('-') { -seconds } else { seconds };
    Some((rest.trim_end(), Offset::from_seconds(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn moments_are_read_as_they_are_written() {
        for (texts, moment) in [
            (
                &[
                    "2026-11-20T07:45:00Z",
                    "2026-11-20 07:45:00.000",
                    "2026-11-20T07:45:00.0000000",
                    "2026-11-20 07:45",
                    "2026-11-20 09:45:00 +02:00",
                    "2026-11-20T09:45:00+0200",
                    "2026/11/20 07:45",
                    "Nov 20 2026  7:45AM",
                    "20-Nov-2026 07:45:00",
                    "20 November 2026 7:45 am",
                    "November 20, 2026 7:45:00 AM",
                    "/Date(1795160700000)/",
                ][..],
                "2026-11-20T07:45:00Z",
            ),
            (
                &["2026-01-05", "20260105", "Jan 5 2026", "2026-01-05 00:00:00.000"][..],
                "2026-01-05T00:00:00Z",
            ),
            (
                &["5/5/2026 12:30 AM", "5.5.2026 0:30", "05/05/2026 00:30:00"][..],
                "2026-05-05T00:30:00Z",
            ),
        ] {
            for text in texts {
                assert_eq!(reading(text), Some(Reading::At(at(moment))), "{text}");
            }
        }
        let day = Some(Reading::DayFirst(at("2026-11-20T15:00:00Z")));
        assert_eq!(reading("20.11.2026 15:00"), day);
        assert_eq!(reading("20.11.2026 15.00"), day);
        let month = Some(Reading::MonthFirst(at("2026-11-20T15:00:00Z")));
        assert_eq!(reading("11/20/2026 3:00:00 PM"), month);
        let either = Reading::Either(at("2026-05-01T00:00:00Z"), at("2026-01-05T00:00:00Z"));
        assert_eq!(reading("1/5/2026"), Some(either));
        for never in ["1900-01-01", "1900-01-01 00:00:00.000", "1/1/1900", "1/2/1900 12:00:00 AM"] {
            assert_eq!(reading(never), Some(Reading::Never), "{never}");
        }
        for text in [
            "",
            "soon",
            "13/13/2026",
            "1/2/3",
            "99999999999/1/2026",
            "1/5",
            "2026-11-20 25:00",
            "2026-11-20 13:00 PM",
            "2026-11-20 noon",
            "5.63714E+09",
            "2026-11-20 07:45:00 +9:9",
        ] {
            assert_eq!(reading(text), None, "{text}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_is_known_where_dates_agree() {
        let of = |texts: &[&str]| {
            let mut orders = Orders::default();
            for text in texts {
                orders.see_text(text);
            }
            orders.order()
        };
        assert_eq!(of(&["1/5/2026", "1/15/2026"]), Some(Order::MonthFirst));
        assert_eq!(of(&["1/5/2026", "15/1/2026"]), Some(Order::DayFirst));
        assert_eq!(of(&["1/5/2026", "2026-01-15"]), None);
        assert_eq!(of(&["1/15/2026", "15/1/2026"]), None);
    }
}
