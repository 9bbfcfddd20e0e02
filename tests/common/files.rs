//! Files of the project, which tests read.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "each test crate includes this module and uses what it needs"
)]

/// A path of the project; one that is absolute stays as it is.
pub fn path(relative: &str) -> String {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(relative);
    path.into_os_string().into_string().unwrap()
}

/// The files and directories of a directory of the project, sorted.
#[expect(clippy::disallowed_methods, reason = "fixtures are enumerated")]
pub fn entries(relative: &str) -> Vec<String> {
    let entries = std::fs::read_dir(path(relative)).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The text of a file of the project.
#[expect(clippy::disallowed_methods, reason = "fixtures are read")]
pub fn read(relative: &str) -> String {
    std::fs::read_to_string(path(relative)).unwrap()
}

/// Whether a path of the project is there.
#[expect(clippy::disallowed_methods, reason = "fixtures are looked for")]
pub fn exists(relative: &str) -> bool {
    std::fs::metadata(path(relative)).is_ok()
}
