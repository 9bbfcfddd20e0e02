//! Why a command could not do its work.

use super::exit::Exit;
use std::io;

/// Why a command could not do its work.
#[derive(Debug)]
pub(super) enum Failure {
    /// Said on standard error; the exit status follows.
    Told(String, Exit),
    /// Findings, rendered already, with the exit status.
    Findings(String, Exit),
    /// A store is damaged.
    Damaged(String),
    /// The reader of the output is gone.
    ClosedPipe,
}

impl Failure {
    /// Wrong usage, or something that can't be read, written or used.
    pub(super) fn unusable(message: impl Into<String>) -> Self {
        Self::Told(message.into(), Exit::Unusable)
    }

    /// The same, of one of several that a command works on.
    pub(super) fn of(self, path: &str) -> Self {
        match self {
            Self::Told(message, exit) => Self::Told(format!("`{path}`: {message}"), exit),
            Self::Findings(text, exit) => Self::Findings(format!("of `{path}`:\n{text}"), exit),
            other @ (Self::Damaged(_) | Self::ClosedPipe) => other,
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::unusable(format!("can't write the output: {error}")),
        }
    }
}

impl From<crate::load::ReadError> for Failure {
    fn from(error: crate::load::ReadError) -> Self {
        Self::unusable(error.to_string())
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        match error {
            error if error.is_closed_pipe() => Self::ClosedPipe,
            error @ crate::store::StoreError::Damaged { .. } => Self::Damaged(error.to_string()),
            error => Self::unusable(error.to_string()),
        }
    }
}
