//! Files below `fixtures`, read once for all mutants.

pub use crate::process::read;
use crate::process::{self, path};
use std::path::Path;

/// The paths directly in a directory, sorted.
pub fn entries(directory: &str) -> Vec<String> {
    process::entries(directory).iter().map(|name| format!("{directory}/{name}")).collect()
}

/// The paths of all files below a directory, or of the file itself, sorted.
pub fn below(relative: &str) -> Vec<String> {
    if !Path::new(&path(relative)).is_dir() {
        return vec![relative.to_owned()];
    }
    entries(relative).iter().flat_map(|relative| below(relative)).collect()
}

pub fn bytes(relative: &str) -> Vec<u8> {
    std::fs::read(path(relative)).unwrap()
}
