//! The TOML files of a directory: what an editor has not saved yet, else what the disk has.

use super::address::{directory_and_name, is_nameless, joined};
use super::outline::Word;
use super::role::{Holds, Role};
use super::text::Text;
use crate::load::files::InputFile;
use crate::load::text::decode;
use crate::model::SectionName;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the server sees of the disk.
pub trait Disk {
    /// The TOML files directly in a directory, sorted by name; none where it can't be read.
    fn files(&self, directory: &str) -> Vec<InputFile>;

    /// The directory of the checks of one's own that hold for a directory, where the nearest
    /// `syncgate.toml` names one.
    fn own_checks(&self, directory: &str) -> Option<String>;
}

/// A file of a directory.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Its path.
    pub(super) path: String,
    /// Its text; empty where it has none.
    pub(super) text: Arc<Text>,
    /// What it is.
    pub(super) role: Role,
    /// What the disk has; `None` where an editor has the text.
    saved: Option<Arc<Result<Vec<u8>, String>>>,
}

impl File {
    /// The file as `load` reads it.
    pub(super) fn input(&self) -> InputFile {
        let bytes = match &self.saved {
            Some(saved) => Result::clone(saved),
            None => Ok(self.text.as_str().as_bytes().to_vec()),
        };
        InputFile { path: self.path.clone(), bytes }
    }

    /// The directory of the deployment that a scenario is about, where it names one.
    pub(super) fn about(&self) -> Option<String> {
        let is_it =
            |path: &[Word]| matches!(path, [word] if word.text == SectionName::Deployment.as_str());
        let mut entries = self.text.outline().blocks.first()?.entries.iter();
        let named = entries.find(|entry| is_it(&entry.path))?.value.as_ref()?.word()?;
        let to = joined(directory_of(&self.path), &named.text);
        let is_file = to.strip_suffix(".toml").is_some();
        Some(if is_file { directory_of(&to).to_owned() } else { to })
    }
}

/// A document that an editor has open.
#[derive(Clone, Debug)]
pub(super) struct Open {
    /// Its address, as the editor writes it.
    pub(super) uri: String,
    /// The number of its last change.
    pub(super) version: i32,
    /// Its text.
    pub(super) text: Arc<Text>,
}

/// The documents that are open, by path.
pub(super) type Documents = BTreeMap<String, Open>;

/// The files of one directory.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// The files, by name.
    pub(super) files: Vec<File>,
}

impl Folder {
    /// The directory as it is now; what has not changed since `self` is kept.
    pub(super) fn renewed(&self, directory: &str, documents: &Documents, disk: &dyn Disk) -> Self {
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        // What is no file, such as a text without a name, is alone.
        let saved = if is_nameless(directory) { Vec::new() } else { disk.files(directory) };
        for InputFile { path, bytes } in saved {
            let file = self.kept(&path, &bytes).unwrap_or_else(|| {
                let text = bytes.clone().ok().and_then(|bytes| decode(bytes).ok());
                // What is no text is told where it is read, and has nothing to look at.
                let text = Arc::new(Text::new(text.unwrap_or_default()));
                let path = path.clone();
                File { path, text, role: Role::Deployment, saved: Some(Arc::new(bytes)) }
            });
            files.insert(path, file);
        }
        for (path, open) in documents.iter().filter(|(path, _)| directory_of(path) == directory) {
            let text = Arc::clone(&open.text);
            let file = File { path: path.clone(), text, role: Role::Deployment, saved: None };
            files.insert(path.clone(), file);
        }
        let mut folder = Self { files: files.into_values().collect() };
        folder.assign_roles();
        folder
    }

    fn assign_roles(&mut self) {
        let named = self.files.iter().map(|file| (directory_and_name(&file.path).1, &*file.text));
        let holds = Holds::of(named);
        for file in &mut self.files {
            file.role = Role::of(directory_and_name(&file.path).1, &file.text, holds);
        }
    }

    /// A file that the disk still has as it was.
    fn kept(&self, path: &str, bytes: &Result<Vec<u8>, String>) -> Option<File> {
        let file = self.files.iter().find(|file| file.path == path)?;
        file.saved.as_deref().is_some_and(|saved| saved == bytes).then(|| file.clone())
    }

    /// Puts a text in the place of what a file has.
    pub(super) fn put(&mut self, path: &str, text: &Arc<Text>) {
        if let Some(file) = self.files.iter_mut().find(|file| file.path == path) {
            file.text = Arc::clone(text);
            file.saved = None;
        }
        self.assign_roles();
    }

    /// The file at a path.
    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The files of one role.
    pub(super) fn of_role(&self, role: Role) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.role == role)
    }
}

/// The directory of a path; what is no file has itself.
pub(super) fn directory_of(path: &str) -> &str {
    if is_nameless(path) { path } else { directory_and_name(path).0 }
}
