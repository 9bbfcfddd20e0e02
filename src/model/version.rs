//! Versions of the product, such as `10.0.31`.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

/// A version of three or four numbers, compared number by number; a fourth that is left out counts
/// as 0.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Version {
    parts: [u32; 4],
    given: u8,
}

/// The text is not three or four numbers with dots between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected three or four numbers with dots between them, such as `10.0.31`")]
pub struct MalformedVersion;

impl Version {
    /// One before all others.
    pub const EARLIEST: Self = Self { parts: [0; 4], given: 3 };

    /// The version `major.minor.patch`.
    pub fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self { parts: [major, minor, patch, 0], given: 3 }
    }
}

impl FromStr for Version {
    type Err = MalformedVersion;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut version = Self { parts: [0; 4], given: 0 };
        let mut places = version.parts.iter_mut();
        for part in text.split('.') {
            let place = places.next().ok_or(MalformedVersion)?;
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(MalformedVersion);
            }
            *place = part.parse().map_err(|_| MalformedVersion)?;
            version.given += 1;
        }
        if version.given < 3 { Err(MalformedVersion) } else { Ok(version) }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch, build] = self.parts;
        write!(f, "{major}.{minor}.{patch}")?;
        if self.given == 4 { write!(f, ".{build}") } else { Ok(()) }
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.parts == other.parts
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts.hash(state);
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts.cmp(&other.parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_compare_by_number() {
        assert!(version("10.0.9") < version("10.0.24"));
        assert!(version("10.0.31") < version("10.0.31.1"));
        assert_eq!(version("10.0.31"), version("10.0.31.0"));
        assert_eq!(version("10.0.31.0").to_string(), "10.0.31.0");
    }

    #[test]
    fn malformed_versions_are_refused() {
        for wrong in [
            "",
            "10",
            "10.0",
            "10.0.",
            ".0.1",
            "10.0.31.1.2",
            "10.0.x",
            "10.0.+1",
            "10.0.-1",
            " 10.0.1",
        ] {
            assert_eq!(wrong.parse::<Version>(), Err(MalformedVersion), "{wrong}");
        }
        assert_eq!("10.0.99999999999".parse::<Version>(), Err(MalformedVersion));
    }
}
