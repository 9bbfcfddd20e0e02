//! The addresses of documents, and the paths of files behind them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What a path writes as it is.
const IN_PATHS: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The scheme of files.
const FILE: &str = "file://";

/// The path of the file at an address; of what is no file, the address itself.
pub(super) fn path_of(uri: &str) -> String {
    let Some(rest) = uri.strip_prefix(FILE) else { return uri.to_owned() };
    // `file://localhost/…` is `file:///…`.
    let path = rest.find('/').and_then(|start| rest.get(start..)).unwrap_or(rest);
    let path = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut start = path.chars().skip(1);
    let is_drive =
        start.next().is_some_and(|it| it.is_ascii_alphabetic()) && start.next() == Some(':');
    match path.strip_prefix('/') {
        Some(path) if is_drive => path.to_owned(),
        _ => path,
    }
}

/// The address of a file.
pub(super) fn address_of(path: &str) -> String {
    if is_nameless(path) {
        return path.to_owned();
    }
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{FILE}{slash}{}", utf8_percent_encode(path, IN_PATHS))
}

/// Whether what stands for a path is the address of a document that is no file.
pub(super) fn is_nameless(path: &str) -> bool {
    path.contains("://") || path.starts_with("untitled:")
}

/// The directory and the name of a path.
pub(super) fn directory_and_name(path: &str) -> (&str, &str) {
    match path.rsplit_once('/') {
        Some(("", name)) => ("/", name),
        Some((directory, name)) => (directory, name),
        None => (".", path),
    }
}

/// A path as it is written in a file of a directory: with slashes, and without steps upwards.
pub(super) fn joined(directory: &str, path: &str) -> String {
    let mut joined = directory.trim_end_matches('/').to_owned();
    if path.starts_with('/') {
        joined.clear();
    }
    for step in path.split(['/', '\\']) {
        match step {
            "" | "." => {}
            // Above the top there is nothing.
            ".." => joined.truncate(joined.rfind('/').unwrap_or(0)),
            name => {
                joined.push('/');
                joined.push_str(name);
            }
        }
    }
    if joined.is_empty() { "/".to_owned() } else { joined }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_lead_to_paths_and_back() {
        for (uri, path) in [
            ("file:///a/b.toml", "/a/b.toml"),
            ("file:///c%3A/a%20b/%C3%A4.toml", "c:/a b/ä.toml"),
            ("file:///a%20b/%C3%A4.toml", "/a b/ä.toml"),
            ("untitled:Untitled-1", "untitled:Untitled-1"),
        ] {
            assert_eq!(path_of(uri), path);
            assert_eq!(address_of(path), uri);
        }
        assert_eq!(path_of("file://localhost/a.toml"), "/a.toml");
        assert_eq!(directory_and_name("/a.toml"), ("/", "a.toml"));
        assert_eq!(directory_and_name("/a/b.toml"), ("/a", "b.toml"));
        for (path, to) in [
            (".", "/a/b"),
            ("../c", "/a/c"),
            ("c/./d.toml", "/a/b/c/d.toml"),
            ("../../..", "/"),
            ("/c/", "/c"),
        ] {
            assert_eq!(joined("/a/b", path), to, "{path}");
        }
    }
}
