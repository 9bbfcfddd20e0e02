//! What everything in a pack follows from: files, read.

use crate::check::{Checked, check};
use crate::diagnostic::{Finding, Severity, Sources};
use crate::engine::{Engine, verify};
use crate::load::{InputFile, Loaded};
use crate::model::{Deployment, Rules, Version};
use crate::whatif::at_every_version;
use std::sync::Arc;

/// The files that a pack is made of, with their paths in it.
#[derive(Clone, Debug)]
pub struct Material {
    files: Vec<InputFile>,
    /// The version of headquarters, where it is given beside the files.
    pub(super) version: Option<Version>,
}

/// Why no pack can be made of files.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The rules or the deployment have errors.
    #[error("there are errors in the files")]
    Findings {
        /// What was found.
        findings: Vec<Finding>,
        /// The files that the findings point into.
        files: Box<Sources>,
    },
    /// Something else, in a sentence.
    #[error("{0}")]
    Other(String),
}

/// Where the parts of a deployment, of rules and of added checks stand in a pack.
pub(super) const DEPLOYMENT: &str = "deployment";
const RULES: &str = "rules";
const CHECKS: &str = "checks";

/// What files say, once they are read, checked and bound.
#[derive(Debug)]
pub struct Bound {
    pub(super) engine: Engine,
    pub(super) checked: Checked,
    /// What the deployment would be at other versions, where it gives none.
    pub(super) versions: Vec<Engine>,
}

impl Bound {
    /// The deployment, as it is in the pack.
    pub fn deployment(&self) -> &Deployment {
        self.engine.deployment()
    }
}

impl Material {
    /// The files of a deployment, of a set of rules, the embedded ones where none is given, and of
    /// checks to add. Of every path its last part counts: where files lie makes no difference.
    pub fn new(
        deployment: Vec<InputFile>,
        rules: Option<Vec<InputFile>>,
        checks: Vec<InputFile>,
        version: Option<Version>,
    ) -> Self {
        let rules = rules.unwrap_or_else(|| Rules::embedded().texts());
        let given = [(DEPLOYMENT, deployment), (RULES, rules), (CHECKS, checks)];
        let placed = given.into_iter().flat_map(|(directory, files)| placed(directory, files));
        Self { files: placed.collect(), version }
    }

    /// The material that lies in a pack, by paths there.
    pub(super) fn from_pack(files: Vec<InputFile>, version: Option<Version>) -> Self {
        Self { files, version }
    }

    /// The files below a directory of the pack.
    fn below(&self, directory: &str) -> Vec<InputFile> {
        let is_below = |file: &&InputFile| directory_of(&file.path) == Some(directory);
        self.files.iter().filter(is_below).cloned().collect()
    }

    /// Every file with its bytes.
    ///
    /// # Errors
    ///
    /// A file could not be read.
    pub(super) fn files(&self) -> Result<Vec<(&str, &[u8])>, Unfit> {
        let read = self.files.iter().map(|file| match &file.bytes {
            Ok(bytes) => Ok((&*file.path, &**bytes)),
            Err(why) => Err(Unfit::Other(format!("can't read `{}`: {why}", file.path))),
        });
        read.collect()
    }

    /// Reads the rules and the deployment, checks it, and makes it ready to decide.
    ///
    /// # Errors
    ///
    /// There are errors in the files.
    pub fn bind(&self) -> Result<Bound, Unfit> {
        let rules = self.rules()?;
        let loaded = Deployment::from_files(&rules, DEPLOYMENT, self.below(DEPLOYMENT));
        let loaded = self.versioned(loaded)?;
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let is_error = |it: &Finding| it.severity == Severity::Error && !it.is_missing_version();
        if findings.iter().any(is_error) {
            let files = Box::new(deployment.files().clone());
            return Err(Unfit::Findings { findings, files });
        }
        let checked = check(&deployment, findings, whole);
        let unfit = |error: crate::engine::EngineError| Unfit::Other(error.to_string());
        let engine = Engine::new(&rules, &deployment).map_err(unfit)?;
        let is_open = deployment.given_version().is_none();
        let versions =
            if is_open { at_every_version(&deployment).map_err(unfit)? } else { Vec::new() };
        Ok(Bound { engine, checked, versions })
    }

    fn versioned(&self, loaded: Loaded) -> Result<Loaded, Unfit> {
        let Some(version) = self.version else { return Ok(loaded) };
        let other = |other| Unfit::Other(format!("{other}, not {version} as given beside it"));
        loaded.with_version(version).map_err(other)
    }

    /// The rules with the checks that are added; the embedded ones need no proof.
    fn rules(&self) -> Result<Arc<Rules>, Unfit> {
        let embedded = Rules::embedded();
        let (files, checks) = (self.below(RULES), self.below(CHECKS));
        let is_embedded = is_same(&embedded.texts(), &files);
        if is_embedded && checks.is_empty() {
            return Ok(embedded);
        }
        let source = if is_embedded { &*embedded.source } else { RULES };
        let loaded = Rules::from_files(source, files, checks);
        let (rules, mut findings) = loaded.as_read();
        let is_error = |it: &Finding| it.severity == Severity::Error;
        if !is_embedded && !findings.iter().any(is_error) {
            findings.extend(verify(&rules).findings);
        }
        if findings.iter().any(is_error) {
            return Err(Unfit::Findings { findings, files: Box::new(rules.files.clone()) });
        }
        Ok(rules)
    }
}

/// Whether two sets of files hold the same, wherever they lie.
fn is_same(some: &[InputFile], others: &[InputFile]) -> bool {
    let by_name = |files: &[InputFile]| {
        let mut all: Vec<_> =
            files.iter().map(|it| (name(&it.path).to_owned(), it.bytes.clone())).collect();
        all.sort();
        all
    };
    by_name(some) == by_name(others)
}

fn placed(directory: &str, files: Vec<InputFile>) -> Vec<InputFile> {
    let placed = files.into_iter().map(|file| {
        let name = match name(&file.path) {
            "-" => "standard-input.toml",
            name => name,
        };
        InputFile { path: format!("{directory}/{name}"), bytes: file.bytes }
    });
    placed.collect()
}

/// Whether a path of a pack is one of those that all else follows from.
pub(super) fn is_material(path: &str) -> bool {
    directory_of(path).is_some_and(|it| [DEPLOYMENT, RULES, CHECKS].contains(&it))
}

/// The first part of a path that has several.
fn directory_of(path: &str) -> Option<&str> {
    path.split_once('/').map(|(directory, _)| directory)
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}
