//! `syncgate.toml`: what the commands of a repository are about, so that nobody has to say it.

use super::declare::{key, word};
use super::files::{self, InputFile, ReadError, SETTINGS};
use super::reader::{RawSections, RawValue, Reader, add_file};
use crate::diagnostic::{Finding, Sources};
use crate::model::Value;
use crate::model::format::{Format, Kind};
use std::io::{self, ErrorKind};
use std::path::Path;

/// What a file of settings says; each option of the command line wins over it.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The deployment, where none is named.
    pub deployment: Option<String>,
    /// Checks of one's own to add.
    pub checks: Option<String>,
    /// The least severity of a finding that counts for the exit status.
    pub fail_on: Option<String>,
    /// Whether an undecided verdict counts for nothing.
    pub allow_undecided: bool,
    /// An earlier check.
    pub baseline: Option<String>,
}

/// The settings with what is wrong with their file.
#[derive(Clone, Debug, Default)]
pub struct LoadedSettings {
    /// What the file says.
    pub settings: Settings,
    /// Every mistake in it.
    pub findings: Vec<Finding>,
    /// The file.
    pub files: Sources,
}

/// The keys of the file, in this order.
pub(super) fn format() -> Format {
    Format {
        root: vec![
            key("deployment", Kind::Text, "the deployment, relative to this file"),
            key("checks", Kind::Text, "checks of one's own to add, relative to this file"),
            key(
                "fail-on",
                word(&["info", "warning", "error"]),
                "the least severity of a finding that makes the exit status 1",
            ),
            key("allow-undecided", Kind::Boolean, "whether an undecided verdict may pass"),
            key("baseline", Kind::Text, "an earlier check, relative to this file"),
        ],
        sections: Vec::new(),
        relied: Vec::new(),
    }
}

impl Settings {
    /// Reads the nearest file of settings, in a directory or above it; none where there is none.
    ///
    /// # Errors
    ///
    /// The file is there and can't be read, or is none.
    pub fn nearest(directory: &Path) -> Result<LoadedSettings, ReadError> {
        let found = directory.ancestors().map(|above| above.join(SETTINGS));
        // What is there under that name and is no file, or a link that leads nowhere, was meant.
        match found.into_iter().find(|path| path.exists() || path.is_symlink()) {
            Some(path) if path.is_dir() => {
                let path = told_from(directory, &path);
                let why = "it is a directory, and settings are a file";
                Err(ReadError::Io { path, source: io::Error::new(ErrorKind::IsADirectory, why) })
            }
            Some(path) => Self::load(directory, &path),
            None => Ok(LoadedSettings::default()),
        }
    }

    fn load(directory: &Path, path: &Path) -> Result<LoadedSettings, ReadError> {
        let told = told_from(directory, path);
        let inputs = files::read(&path.to_string_lossy()).map_err(|error| match error {
            ReadError::Io { source, .. } => ReadError::Io { path: told.clone(), source },
            ReadError::Empty { .. } => ReadError::Empty { path: told.clone() },
        })?;
        let told = inputs.into_iter().map(|input| InputFile { path: told.clone(), ..input });
        Ok(Self::from_files(directory, path, told.collect()))
    }

    /// Reads the settings at `path` from a file that was read already; what they name is told as
    /// somebody in the directory would write it.
    pub fn from_files(directory: &Path, path: &Path, inputs: Vec<InputFile>) -> LoadedSettings {
        let format = format();
        let mut loaded = LoadedSettings::default();
        let mut raw = RawSections::new(&format);
        for input in inputs {
            let (file, _) = add_file(&mut loaded.files, input, &mut loaded.findings);
            let text = loaded.files.text(file).to_owned();
            let mut reader = Reader::new(&format, None, &mut loaded.findings);
            reader.read(file, &text, &mut raw, |_| true);
        }
        let value = |name: &str| {
            let number = format.root.iter().position(|key| key.id == name)?;
            match raw.root.get(number)? {
                RawValue::Given(placed) => Some(placed.value.clone()),
                _ => None,
            }
        };
        let text = |name| value(name)?.as_text().map(str::to_owned);
        let beside = |name| {
            let written = text(name)?;
            let beside = path.parent().map(|above| above.join(&written));
            Some(beside.map_or(written, |beside| told_from(directory, &beside)))
        };
        loaded.settings = Settings {
            deployment: beside("deployment"),
            checks: beside("checks"),
            fail_on: text("fail-on"),
            allow_undecided: matches!(value("allow-undecided"), Some(Value::Boolean(true))),
            baseline: beside("baseline"),
        };
        loaded
    }
}

/// A path as somebody in a directory would write it, where it lies there.
fn told_from(directory: &Path, path: &Path) -> String {
    path.strip_prefix(directory).unwrap_or(path).to_string_lossy().into_owned()
}
