//! Durations as deployments write them: `1h30m`.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A whole number of seconds, more than none; those that are read are at most a thousand years.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Duration(u64);

/// The text is no duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected whole numbers with d, h, m or s, each once and from the longest to the shortest, \
        such as `1h30m`"
)]
pub struct MalformedDuration;

/// No duration that is read is longer: sums and doubles of some are numbers yet.
const MOST: u64 = 1000 * 366 * 86_400;

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

impl Duration {
    /// A duration of `seconds`; `None` for 0.
    pub fn from_seconds(seconds: u64) -> Option<Self> {
        (seconds > 0).then_some(Self(seconds))
    }

    /// How many seconds it is.
    pub fn seconds(self) -> u64 {
        self.0
    }

    /// The same, as numbers of a deployment are.
    #[expect(clippy::expect_used, reason = "another number would decide checks in silence")]
    pub fn number(self) -> i64 {
        i64::try_from(self.0).expect("it is some durations of at most a thousand years")
    }
}

impl FromStr for Duration {
    type Err = MalformedDuration;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut units = UNITS.iter();
        let mut rest = text;
        let mut total = 0_u64;
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or(MalformedDuration)?;
            let (number, tail) = rest.split_at_checked(digits).ok_or(MalformedDuration)?;
            let mut tail = tail.chars();
            let unit = tail.next().ok_or(MalformedDuration)?;
            let (_, seconds) = units.find(|(name, _)| *name == unit).ok_or(MalformedDuration)?;
            let number: u64 = number.parse().map_err(|_| MalformedDuration)?;
            let part = number.checked_mul(*seconds).ok_or(MalformedDuration)?;
            total = total.checked_add(part).ok_or(MalformedDuration)?;
            if total > MOST {
                return Err(MalformedDuration);
            }
            rest = tail.as_str();
        }
        Self::from_seconds(total).ok_or(MalformedDuration)
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        for (name, seconds) in UNITS {
            let number = rest / seconds;
            if number > 0 {
                write!(f, "{number}{name}")?;
            }
            rest %= seconds;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_written() {
        for (text, seconds) in [
            ("366000d", 31_622_400_000),
            ("1h30m", 5_400),
            ("15m", 900),
            ("1d", 86_400),
            ("90s", 90),
            ("1d2h3m4s", 93_784),
        ] {
            let duration: Duration = text.parse().unwrap();
            assert_eq!(duration.seconds(), seconds);
            assert_eq!(duration.to_string().parse(), Ok(duration));
        }
        assert_eq!("90s".parse::<Duration>().unwrap().to_string(), "1m30s");
    }

    #[test]
    fn malformed_durations_are_refused() {
        let wrong = [
            "",
            "15",
            "m",
            "15 m",
            "1m1h",
            "1h1h",
            "0s",
            "0d0h",
            "-1h",
            "1.5h",
            "1w",
            "1H",
            "15m ",
            "99999999999999999999s",
            "9999999999999999999d",
            "366001d",
            "9223372036854775807s",
            "1µ",
        ];
        for text in wrong {
            assert_eq!(text.parse::<Duration>(), Err(MalformedDuration), "{text}");
        }
    }
}
