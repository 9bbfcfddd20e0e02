//! SHA-256 digests of files and of sets of files, such that `sha256sum` gives the same.

use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&sha256_bytes(bytes))
}

/// SHA-256 of `bytes`.
pub fn sha256_bytes(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Where bytes go, counted and digested on the way.
#[derive(Debug)]
pub struct Digested<W> {
    to: W,
    digest: Sha256,
    bytes: u64,
}

/// What was written, in short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// SHA-256 in lower-case hexadecimal.
    pub sha256: String,
    /// The length.
    pub bytes: u64,
}

impl<W: Write> Digested<W> {
    /// Nothing written yet.
    pub fn new(to: W) -> Self {
        Self { to, digest: Sha256::default(), bytes: 0 }
    }

    /// What was written, in short.
    pub fn end(self) -> Sum {
        Sum { sha256: hexadecimal(&self.digest.finalize()), bytes: self.bytes }
    }
}

/// What computes a digest piece by piece, here or beside the work that gives the pieces.
pub trait Digesting {
    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// They can't be taken.
    fn add(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// What was added, in short.
    fn end(self: Box<Self>) -> Sum;
}

impl Digesting for Digested<io::Sink> {
    fn add(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn end(self: Box<Self>) -> Sum {
        (*self).end()
    }
}

impl<W: Write> Write for Digested<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        let (taken, _) = bytes.split_at(written);
        self.digest.update(taken);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// `bytes` in lower-case hexadecimal.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        text.push_str(&format!("{byte:02x}"));
        text
    })
}

/// The digest of a set of files: SHA-256 over the sorted lines `<sha256> <path>`, each ended by a
/// line feed.
///
/// Anyone can recompute it: `sha256sum FILE… | LC_ALL=C sort | sha256sum`.
pub fn of_files<'a>(files: impl IntoIterator<Item = (&'a str, impl std::fmt::Display)>) -> String {
    let mut lines: Vec<String> =
        files.into_iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect();
    lines.sort_unstable();
    sha256(lines.concat().as_bytes())
}

/// A path as it is told below a directory, wherever that lies: what follows the directory; of a
/// file that does not lie there its name.
pub fn below<'p>(directory: &str, path: &'p str) -> &'p str {
    let separators = ['/', '\\'];
    let rest = path.strip_prefix(directory.trim_end_matches(separators));
    match rest.and_then(|rest| rest.strip_prefix(separators)) {
        Some(rest) if !directory.is_empty() => rest,
        _ => path.rsplit(separators).next().unwrap_or(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lies_below_a_directory_is_told_without_it() {
        for (directory, path, told) in [
            ("a/b", "a/b/c.toml", "c.toml"),
            ("a/b/", "a/b/c.toml", "c.toml"),
            (".", "./c.toml", "c.toml"),
            ("a", "a/b/c.csv", "b/c.csv"),
            ("a/b/answers.toml", "a/b/imported.toml", "imported.toml"),
            ("a/b/c.toml", "a/b/c.toml", "c.toml"),
            ("a", "ab/c.toml", "c.toml"),
            ("", "rules/c.toml", "c.toml"),
            ("embedded", "rules/c.toml", "c.toml"),
            ("x\\y", "x\\y\\c.toml", "c.toml"),
        ] {
            assert_eq!(below(directory, path), told, "{directory} {path}");
        }
    }

    #[test]
    fn digests_are_those_of_sha256sum() {
        assert_eq!(sha256(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        let files = [("b", sha256(b"2")), ("a", sha256(b"1"))];
        // printf 1 > a; printf 2 > b; sha256sum a b | LC_ALL=C sort | sha256sum
        let expected = sha256(format!("{}  a\n{}  b\n", files[1].1, files[0].1).as_bytes());
        assert_eq!(of_files(files.iter().map(|(path, digest)| (*path, digest.as_str()))), expected);
    }
}
