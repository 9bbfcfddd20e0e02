//! The one place of the library that reads files: a deployment's or a rule set's TOML files, as
//! bytes.

use super::{peek, text};
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;

/// No input file may be larger: 64 MiB.
pub const MAX_FILE_BYTES: u64 = 64 << 20;

/// The name of a file of settings, which is never part of a deployment.
pub(crate) const SETTINGS: &str = "syncgate.toml";

/// An input file as it was found.
#[derive(Clone, Debug)]
pub struct InputFile {
    /// Its path, as given.
    pub path: String,
    /// Its bytes, or why it can't be taken.
    pub bytes: Result<Vec<u8>, String>,
}

/// A path that can't be read at all.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The operating system refuses.
    #[error("can't read `{path}`: {source}")]
    Io {
        /// The path.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A directory without anything to read.
    #[error("`{path}` holds no .toml file")]
    Empty {
        /// The directory.
        path: String,
    },
}

/// Reads `path`: a TOML file, or all `*.toml` directly in a directory, sorted by name; `-` is
/// standard input.
///
/// # Errors
///
/// The path does not exist or can't be read, or is a directory without a TOML file. A file within a
/// directory that can't be taken is no error here: it is returned with the reason.
pub fn read(path: &str) -> Result<Vec<InputFile>, ReadError> {
    let io_error = |source| ReadError::Io { path: path.to_owned(), source };
    if path == "-" {
        let bytes = read_limited(io::stdin().lock()).map_err(io_error)?;
        return Ok(vec![InputFile { path: path.to_owned(), bytes }]);
    }
    if !is_directory(path).map_err(io_error)? {
        let bytes = read_file(Path::new(path)).map_err(io_error)?;
        return Ok(vec![InputFile { path: path.to_owned(), bytes }]);
    }
    let mut names = toml_names(path).map_err(io_error)?;
    names.sort_unstable();
    if names.is_empty() {
        return Err(ReadError::Empty { path: path.to_owned() });
    }
    Ok(names.into_iter().map(|name| read_named(path, &name)).collect())
}

/// Reads the files of a deployment: as [`read`] does, without the scenarios of a directory.
///
/// # Errors
///
/// As [`read`].
pub fn read_deployment(path: &str) -> Result<Vec<InputFile>, ReadError> {
    let mut files = read(path)?;
    if files.len() > 1 || files.first().is_some_and(|file| file.path != path) {
        files.retain(|file| !has_steps(file) && !is_settings(file));
    }
    if files.is_empty() {
        return Err(ReadError::Empty { path: path.to_owned() });
    }
    Ok(files)
}

/// What a path given as a deployment stands for: a TOML file that gives no version of its own, such
/// as `answers.toml`, is a part of its directory, unless that holds several whole deployments.
pub fn standing_for(path: &str) -> String {
    let own = || path.to_owned();
    let is_toml = Path::new(path).extension().is_some_and(|ending| ending == "toml");
    // What can't be read stands for itself, and is told where it is loaded.
    if !is_toml || is_directory(path).unwrap_or(true) {
        return own();
    }
    let directory = match Path::new(path).parent().and_then(Path::to_str) {
        None => return own(),
        Some("") => ".",
        Some(directory) => directory,
    };
    let Ok(alone) = read(path) else { return own() };
    if alone.iter().any(is_settings) {
        return directory.to_owned();
    }
    if alone.iter().any(|file| has_steps(file) || gives_version(file)) {
        return own();
    }
    let Ok(others) = read_deployment(directory) else { return own() };
    let whole = others.iter().filter(|file| gives_version(file)).count();
    if others.len() > 1 && whole <= 1 { directory.to_owned() } else { own() }
}

/// Whether a file gives the version of headquarters, and so is not only a part of a deployment.
fn gives_version(file: &InputFile) -> bool {
    let text = file.bytes.as_ref().ok().and_then(|bytes| text::decode(bytes.clone()).ok());
    text.is_some_and(|text| peek::gives(&text, "deployment", "commerce-version"))
}

/// Whether a file says what commands are about.
fn is_settings(file: &InputFile) -> bool {
    Path::new(&file.path).file_name().is_some_and(|name| name == SETTINGS)
}

/// Reads a text: a file, or standard input.
///
/// # Errors
///
/// It can't be read, or is no text.
pub fn read_text(path: &str) -> Result<String, ReadError> {
    let io_error = |source| ReadError::Io { path: path.to_owned(), source };
    let bytes = match path {
        "-" => read_limited(io::stdin().lock()),
        _ => read_file(Path::new(path)),
    };
    let not_text = |problem: String| io_error(io::Error::new(io::ErrorKind::InvalidData, problem));
    let bytes = bytes.map_err(io_error)?.map_err(not_text)?;
    text::decode(bytes).map_err(|error| not_text(error.to_string()))
}

/// Whether a file is a scenario: it has a step.
fn has_steps(file: &InputFile) -> bool {
    let Ok(bytes) = &file.bytes else { return false };
    text::decode(bytes.clone()).is_ok_and(|text| is_scenario(&text))
}

/// Whether a text is a scenario: it has a step.
pub(crate) fn is_scenario(text: &str) -> bool {
    // Large files are looked through for the word alone first, which is much quicker.
    text.contains("step")
        && text.lines().any(|line| {
            let name =
                line.trim_start().strip_prefix("[[").and_then(|rest| rest.split("]]").next());
            name.is_some_and(|name| name.trim() == "step")
        })
}

#[expect(clippy::disallowed_methods, reason = "this is the seam through which inputs are read")]
fn is_directory(path: &str) -> io::Result<bool> {
    fs::metadata(path).map(|metadata| metadata.is_dir())
}

/// The names of the TOML files directly in a directory; hidden files are left out, as a shell's
/// `*.toml` leaves them.
#[expect(clippy::disallowed_methods, reason = "this is the seam through which inputs are read")]
fn toml_names(directory: &str) -> io::Result<Vec<std::ffi::OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name();
        let bytes = name.as_encoded_bytes();
        if bytes.ends_with(b".toml") && !bytes.starts_with(b".") && !entry.path().is_dir() {
            names.push(name);
        }
    }
    Ok(names)
}

/// The scenario files that `path` means: a file itself, or every TOML file with steps below a
/// directory, sorted.
///
/// # Errors
///
/// The path does not exist or can't be read.
pub fn scenarios(path: &str) -> Result<Vec<InputFile>, ReadError> {
    let io_error = |source| ReadError::Io { path: path.to_owned(), source };
    if path == "-" || !is_directory(path).map_err(io_error)? {
        return read(path);
    }
    let mut found = Vec::new();
    scenarios_below(path, &mut found).map_err(io_error)?;
    Ok(found)
}

fn scenarios_below(directory: &str, found: &mut Vec<InputFile>) -> io::Result<()> {
    let mut names = toml_names(directory)?;
    names.sort_unstable();
    // Deployments may stand beside scenarios; steps tell them apart.
    let is_scenario = |file: &InputFile| file.bytes.is_err() || has_steps(file);
    found.extend(names.iter().map(|name| read_named(directory, name)).filter(is_scenario));
    for below in directories(directory)? {
        scenarios_below(&below, found)?;
    }
    Ok(())
}

/// The directories directly in a directory, sorted; links are not followed.
#[expect(clippy::disallowed_methods, reason = "this is the seam through which inputs are read")]
fn directories(directory: &str) -> io::Result<Vec<String>> {
    let mut below = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            below.push(entry.path().to_string_lossy().into_owned());
        }
    }
    below.sort_unstable();
    Ok(below)
}

fn read_named(directory: &str, name: &std::ffi::OsStr) -> InputFile {
    let path = Path::new(directory).join(name);
    let bytes = read_file(&path).unwrap_or_else(|error| Err(format!("can't be read: {error}")));
    InputFile { path: path.to_string_lossy().into_owned(), bytes }
}

#[expect(clippy::disallowed_methods, reason = "this is the seam through which inputs are read")]
fn read_file(path: &Path) -> io::Result<Result<Vec<u8>, String>> {
    read_limited(fs::File::open(path)?)
}

fn read_limited(reader: impl io::Read) -> io::Result<Result<Vec<u8>, String>> {
    let mut bytes = Vec::new();
    reader.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Ok(Err("it is larger than 64 MiB".to_owned()));
    }
    Ok(Ok(bytes))
}
