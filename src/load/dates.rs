//! Dates as people and spreadsheets write them, which TOML does not have: told as dates.

use crate::diagnostic::line_start;

/// How dates are written in TOML: what to write instead of a text that is one to people.
pub(super) const WRITTEN: &str = "dates stand without quotes, year first: 2026-11-20, and a \
    moment with its offset: 2026-11-20T08:00:00Z";

/// The date that stands behind the `=` of a line, where that is none of TOML.
pub(super) fn on_the_line(text: &str, offset: usize) -> Option<&str> {
    let line = text.get(line_start(text, offset)..)?.lines().next()?;
    let (_, value) = line.split_once('=')?;
    let value = value.split('#').next().map(str::trim)?;
    is_date(value).then_some(value)
}

/// Whether a text begins with a day, a month and a year, whichever comes first, and goes on with
/// nothing or a time of day.
pub(super) fn is_date(text: &str) -> bool {
    let (day, time) = match text.trim().split_once([' ', 'T', ',']) {
        Some((day, time)) => (day, time.trim()),
        None => (text.trim(), ""),
    };
    let Some(separator) = day.chars().find(|character| !character.is_ascii_digit()) else {
        return false;
    };
    let parts: Vec<&str> = day.trim_end_matches('.').split(separator).collect();
    let is_number = |part: &&str| {
        (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let years = parts.iter().filter(|part| part.len() == 4).count();
    "/.-".contains(separator)
        && parts.len() == 3
        && parts.iter().all(is_number)
        && (years == 1 || separator == '/')
        && (time.is_empty() || time.starts_with(|character: char| character.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_people_are_known() {
        for date in [
            "20/11/2026",
            "11/20/2026 8:00 AM",
            "20.11.2026",
            "20.11.2026, 08:00",
            "20-11-2026",
            "2026-11-20",
            "2026-11-20T08:00:00Z",
            "2026/11/20",
            "1/2/26",
        ] {
            assert!(is_date(date), "{date}");
        }
        for other in ["", "10.0.40", "10.0.2345.1", "1h", "soon", "20/11", "1010", "a/b/2026"] {
            assert!(!is_date(other), "{other}");
        }
        let text = "[deployment]\nas-of = 20/11/2026 # taken\nname = \"x\"\n";
        assert_eq!(on_the_line(text, 23), Some("20/11/2026"));
        assert_eq!(on_the_line(text, 45), None);
    }
}
