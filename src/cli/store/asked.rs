//! What every command of a store is asked with.

use clap::ValueEnum;

/// Which store, and how to print.
#[derive(Debug, clap::Args)]
pub(super) struct Asked {
    /// The store
    #[arg(long, value_name = "FILE")]
    pub(super) store: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
}

/// How to print.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    Human,
    Json,
}
