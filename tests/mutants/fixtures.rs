//! Files below `fixtures`, read once for all mutants.

use std::path::Path;

/// The paths directly in a directory, sorted.
pub fn entries(directory: &str) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        path.to_str().unwrap().replace('\\', "/")
    });
    let mut entries: Vec<String> = entries.collect();
    entries.sort();
    entries
}

/// The paths of all files below a directory, or of the file itself, sorted.
pub fn below(path: &str) -> Vec<String> {
    if !Path::new(path).is_dir() {
        return vec![path.to_owned()];
    }
    entries(path).iter().flat_map(|path| below(path)).collect()
}

pub fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap()
}

pub fn bytes(path: &str) -> Vec<u8> {
    std::fs::read(path).unwrap()
}
