//! The rules that are part of this library, as the build bound them, and the doors that use them.

use crate::load::files::{self, InputFile, ReadError};
use crate::load::{Loaded, LoadedRules};
use crate::model::{Deployment, Rules};
use std::sync::{Arc, LazyLock};

/// What `src/build.rs` made of `rules/*.toml`.
const RULES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rules.bin"));

impl Rules {
    /// The rules that are part of this library.
    #[expect(clippy::expect_used, reason = "the build made the bytes, of the types that read them")]
    pub fn embedded() -> Arc<Self> {
        // One for all, so that a deployment and an engine that were made apart have the same.
        static EMBEDDED: LazyLock<Arc<Rules>> = LazyLock::new(|| {
            Arc::new(postcard::from_bytes(RULES).expect("the build made them of rules"))
        });
        Arc::clone(&EMBEDDED)
    }

    /// Reads a directory of rules, or a file, the embedded ones where none is given; `checks` is a
    /// directory of checks to add.
    ///
    /// # Errors
    ///
    /// The files can't be read at all. Mistakes in them are findings of what is returned.
    pub fn load(path: Option<&str>, checks: Option<&str>) -> Result<LoadedRules, ReadError> {
        let embedded = Self::embedded();
        if path.is_none() && checks.is_none() {
            return Ok(LoadedRules::faultless(embedded));
        }
        let inputs = path.map_or_else(|| Ok(embedded.texts()), files::read)?;
        let added = checks.map_or_else(|| Ok(Vec::new()), files::read)?;
        Ok(Self::from_files(path.unwrap_or(&embedded.source), inputs, added))
    }

    /// The texts that they were read from, as files.
    pub fn texts(&self) -> Vec<InputFile> {
        let files = self.files.files().iter();
        let file = files.map(|file| InputFile {
            path: file.path.clone(),
            bytes: Ok(file.text.as_bytes().to_vec()),
        });
        file.collect()
    }
}

impl Deployment {
    /// Reads a deployment by the embedded rules: a directory, whose `*.toml` are read as one, or a
    /// file.
    ///
    /// # Errors
    ///
    /// The files can't be read at all. Mistakes in them are no errors here, but findings of what is
    /// returned.
    pub fn load(path: &str) -> Result<Loaded, ReadError> {
        Self::load_by(&Rules::embedded(), path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rules/*.toml` as they are now.
    fn on_disk() -> LoadedRules {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
        let inputs = files::read(directory).unwrap().into_iter().map(|file| {
            let name = file.path.rsplit(['/', '\\']).next().unwrap();
            InputFile { path: format!("rules/{name}"), bytes: file.bytes }
        });
        Rules::from_files("embedded", inputs.collect(), Vec::new())
    }

    fn bytes(rules: &Rules) -> Vec<u8> {
        postcard::to_allocvec(rules).unwrap()
    }

    #[test]
    fn the_embedded_rules_are_what_the_files_say() {
        let loaded = on_disk();
        assert!(loaded.findings().is_empty(), "{:?}", loaded.findings());
        assert!(bytes(loaded.valid().unwrap()) == RULES, "the build read other rules");
        assert!(bytes(&Rules::embedded()) == RULES, "something is lost on the way");
        assert!(Rules::embedded().evidence.statements.len() > 170);
    }

    #[test]
    fn the_embedded_texts_are_those_of_the_embedded_rules() {
        let loaded = Rules::from_files("embedded", Rules::embedded().texts(), Vec::new());
        assert!(bytes(loaded.valid().unwrap()) == RULES);
    }
}
