//! What the measurements share: running contenders in turn, medians, pseudo-random inputs, tables,
//! and programs with their peak memory.
//!
//! Nothing is measured alone. Contenders are run A B C A B C, so that whatever else the machine
//! does meets all of them, and each is compared with the others within one round before the median
//! over the rounds is taken.

pub mod base;
pub mod child;
pub mod deployments;
pub mod events;
pub mod random;
pub mod sqlite;
pub mod table;
pub mod timing;

use std::path::PathBuf;

/// A path within the repository, whatever the current directory is.
pub fn repository(path: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")).join(path)
}

/// The release binary: `SYNCGATE_BINARY`, or where `cargo build --release` puts it; says so where
/// it is not there.
pub fn binary() -> Option<PathBuf> {
    let path = std::env::var_os("SYNCGATE_BINARY")
        .map_or_else(|| repository("target/release/syncgate"), PathBuf::from);
    if path.is_file() {
        return Some(path);
    }
    println!("skipped: there is no {}", path.display());
    println!("build it with `cargo build --release`, or name it in SYNCGATE_BINARY");
    None
}
