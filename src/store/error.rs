//! What can go wrong with a store, each with what to do about it.

use super::file::disk;
use std::io;

/// Why a store can't be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// There is no file.
    #[error("there is no store at `{path}`; `syncgate replay` makes one")]
    Missing {
        /// The path.
        path: String,
    },
    /// A store in memory is asked for that no file has.
    #[error(
        "`:memory:` is a store that ends with the `replay` which made it: there is none to look \
            at; name a file"
    )]
    InMemory,
    /// There is none, but what is left of making one.
    #[error(
        "there is no store at `{path}`: making it was interrupted, and `{path}.new` holds nothing \
            yet; run `syncgate replay` again"
    )]
    HalfMade {
        /// The path.
        path: String,
    },
    /// The directory is missing in which a file is to be made.
    #[error(
        "`{path}` can't be made: its directory does not exist; make it first, or name another file"
    )]
    NoDirectory {
        /// The path.
        path: String,
    },
    /// A backup would overwrite something else.
    #[error("`{path}` is there already and is no backup of another time; name another file")]
    TargetExists {
        /// The path.
        path: String,
    },
    /// Another process has it open.
    #[error("the store `{path}` is in use by another process; try again when that has ended")]
    InUse {
        /// The path.
        path: String,
    },
    /// The file is something else.
    #[error(
        "`{path}` is not a syncgate store, or its beginning is damaged: {what}; name another \
            file, or take it from a backup"
    )]
    NotAStore {
        /// The path.
        path: String,
        /// How that is seen.
        what: &'static str,
    },
    /// The file is of another version of the format.
    #[error(
        "the store `{path}` is of another version: it has {found}, and this syncgate knows format \
            {known}; use the version that wrote it"
    )]
    OtherVersion {
        /// The path.
        path: String,
        /// The format of the file.
        found: String,
        /// The format that is known.
        known: u16,
    },
    /// The file may only be read.
    #[error(
        "the store `{path}` can't be written: {source}; mend its permissions, or work on a copy"
    )]
    ReadOnly {
        /// The path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// The disk is full.
    #[error(
        "no room left to write the store `{path}`; make room and run the same command again, \
            which goes on where it stopped"
    )]
    Full {
        /// The path.
        path: String,
    },
    /// Reading or writing fails.
    #[error(
        "the store `{path}` can't be read or written: {source}; everything up to the last commit \
            is safe"
    )]
    Io {
        /// The path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// Something in the file is not what was written.
    #[error(
        "the store `{path}` is damaged: {what}; `syncgate store verify` names the damage, a \
            backup mends it"
    )]
    Damaged {
        /// The path.
        path: String,
        /// What.
        what: String,
    },
    /// The store belongs to another configuration.
    #[error(
        "the store `{path}` was made with {what}; use the same, or `--reconfigure` to go on with \
            the new one"
    )]
    OtherConfiguration {
        /// The path.
        path: String,
        /// What differs.
        what: String,
    },
    /// Other rules have other tables.
    #[error(
        "the store `{path}` can't go on with these rules: the table `{table}` of its queue is not \
            in the same place in them; add tables at the end, or begin a new store"
    )]
    OtherTables {
        /// The path.
        path: String,
        /// The table.
        table: String,
    },
    /// The rules that rows were written by are not understood any more.
    #[error(
        "the store `{path}` can't go on with these rules: those that it was made with are not \
            valid any more, so that nobody can tell whether the tables of its queue are the same; \
            use the version that wrote it, or begin a new store"
    )]
    UnknownTables {
        /// The path.
        path: String,
    },
    /// Rows of the journal have no room for the number of another configuration.
    #[error(
        "the store `{path}` has had 65,536 configurations, and its journal can't tell more apart; \
            begin a new store"
    )]
    TooManyConfigurations {
        /// The path.
        path: String,
    },
    /// The stream is not the one that was applied.
    #[error(
        "{what}; nothing was changed. Give the same stream to go on with it, or `--append` to \
            apply a new one after it"
    )]
    OtherStream {
        /// What differs.
        what: String,
    },
    /// The stream can't be read.
    #[error("the events can't be read: {0}")]
    Events(#[from] io::Error),
    /// The answers can't be written.
    #[error("the answers can't be written: {0}")]
    Output(io::Error),
}

impl StoreError {
    /// What an error of redb means for the store at `path`.
    pub(super) fn of(path: &str, error: impl Into<redb::Error>) -> Self {
        let path = path.to_owned();
        match error.into() {
            redb::Error::DatabaseAlreadyOpen => Self::InUse { path },
            redb::Error::Io(source) => Self::of_io(&path, source),
            redb::Error::PreviousIo => {
                Self::Io { path, source: io::Error::other("an earlier read or write failed") }
            }
            redb::Error::UpgradeRequired(found) => {
                let found = format!("redb's file format {found}");
                Self::OtherVersion { path, found, known: super::file::header::SCHEMA }
            }
            redb::Error::Corrupted(why) => {
                Self::Damaged { path, what: format!("its pages are not what was written ({why})") }
            }
            other => Self::Damaged { path, what: other.to_string() },
        }
    }

    /// What an error of the operating system means for the store at `path`.
    pub(super) fn of_io(path: &str, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound if disk::exists(&disk::temporary(&path)) => {
                Self::HalfMade { path }
            }
            io::ErrorKind::NotFound => Self::Missing { path },
            io::ErrorKind::IsADirectory => Self::NotAStore { path, what: "it is a directory" },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path, source }
            }
            io::ErrorKind::WouldBlock => Self::InUse { path },
            io::ErrorKind::InvalidData => Self::Damaged { path, what: source.to_string() },
            _ => Self::Io { path, source },
        }
    }

    /// What an error of the operating system means for a file that is to be made at `path`.
    pub(super) fn of_target(path: &str, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => {
                Self::NoDirectory { path: path.to_owned() }
            }
            _ => Self::of_io(path, source),
        }
    }

    /// Whether the reader of the answers is gone, which ends the program quietly.
    pub fn is_closed_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe)
    }
}
