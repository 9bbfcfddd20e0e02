//! Exit statuses.

use std::process::{ExitCode, Termination};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to complain of.
    Fine,
    /// Findings, failed scenarios, changed decisions, invalid input lines, damage.
    Complaints,
    /// Wrong usage, unreadable or invalid files, a store that can't be opened, nothing to examine.
    Unusable,
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Fine => 0,
            Self::Complaints => 1,
            Self::Unusable => 2,
        })
    }
}
