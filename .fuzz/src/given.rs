//! What several targets are given.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use syncgate::load::InputFile;
use syncgate::{Deployment, Engine, Rules};

/// The deployment that everything is played on.
pub const CONTOSO: &str = "fixtures/deployments/contoso";

/// A line that begins so begins a file; its name is the rest of the line.
const FILE: &str = "#=== ";

/// The rules that are part of the library.
pub fn rules() -> &'static Arc<Rules> {
    static RULES: OnceLock<Arc<Rules>> = OnceLock::new();
    RULES.get_or_init(Rules::embedded)
}

/// An engine that is ready to decide.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let loaded = Deployment::load(CONTOSO).expect("run from the root of the project");
        Engine::new(rules(), loaded.valid().expect("contoso is valid")).expect("contoso decides")
    })
}

/// The files in an input: one called `first`, unless lines between them name others.
pub fn files(first: &str, bytes: &[u8]) -> Vec<InputFile> {
    let mut files = vec![(first.to_owned(), Vec::new())];
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if let Some(name) = line.strip_prefix(FILE.as_bytes()) {
            let name = String::from_utf8_lossy(name.trim_ascii()).into_owned();
            files.push((name, Vec::new()));
        } else if let Some((_, bytes)) = files.last_mut() {
            bytes.extend_from_slice(line);
        }
    }
    // What stands before the first name is a file only where something stands there.
    if files.len() > 1 && files[0].1.is_empty() {
        files.remove(0);
    }
    files.into_iter().map(|(path, bytes)| InputFile { path, bytes: Ok(bytes) }).collect()
}

/// A path that is nobody else's, in memory where the machine has such a directory.
pub fn path(name: &str) -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let directory = if memory.is_dir() { memory } else { std::env::temp_dir() };
    directory.join(format!("syncgate-fuzz-{}-{name}", std::process::id()))
}

/// Bytes that are given out a few at a time.
pub struct Dripping<'a> {
    bytes: &'a [u8],
    at: usize,
    step: usize,
}

impl<'a> Dripping<'a> {
    /// At most so many bytes at a time.
    pub fn new(bytes: &'a [u8], step: usize) -> Self {
        Self { bytes, at: 0, step }
    }
}

impl Read for Dripping<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let rest = &self.bytes[self.at.min(self.bytes.len())..];
        let count = rest.len().min(room.len()).min(self.step);
        room[..count].copy_from_slice(&rest[..count]);
        self.at += count;
        Ok(count)
    }
}

impl Seek for Dripping<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let from = |base: usize, by: i64| (base as u64).checked_add_signed(by);
        let at = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::End(by) => from(self.bytes.len(), by),
            SeekFrom::Current(by) => from(self.at, by),
        };
        let at = at.ok_or(io::ErrorKind::InvalidInput)?;
        self.at = usize::try_from(at).map_err(|_| io::ErrorKind::InvalidInput)?;
        Ok(at)
    }
}
