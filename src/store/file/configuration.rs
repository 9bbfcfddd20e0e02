//! The configurations that decided, kept with the store: the files of rules and deployment.

use super::seal::digest;
use crate::diagnostic::Sources;
use crate::digest::{below, of_files};
use crate::load::InputFile;
use crate::model::{Deployment, Rules};
use serde::{Deserialize, Serialize};

/// Which configuration decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConfigurationDigest {
    /// The digest of the rules' files, without their directories.
    pub(crate) rules: String,
    /// The digest of the deployment's files, without their directories.
    pub(crate) deployment: String,
    /// The digest of the record that holds them.
    pub(crate) record: String,
    /// The seed of ids, where one was given.
    #[serde(default)]
    pub(crate) id_seed: Option<u64>,
}

/// A configuration, kept once: the files of rules and deployment.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ConfigurationRecord {
    /// `embedded`, or the directory of the rules.
    pub(crate) rules_source: String,
    /// The path of the deployment, as given.
    pub(crate) deployment_path: String,
    pub(crate) rules: Vec<KeptFile>,
    pub(crate) added: Vec<KeptFile>,
    pub(crate) deployment: Vec<KeptFile>,
}

/// A file of a configuration.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct KeptFile {
    pub(crate) path: String,
    pub(crate) sha256: String,
    pub(crate) text: String,
}

impl ConfigurationRecord {
    pub(crate) fn of(deployment: &Deployment) -> Self {
        let rules = deployment.rules();
        let (added, own): (Vec<KeptFile>, Vec<KeptFile>) =
            kept(&rules.files).into_iter().partition(|file| rules.added.contains(&file.path));
        Self {
            rules_source: rules.source.clone(),
            deployment_path: deployment.path().to_owned(),
            rules: own,
            added,
            deployment: kept(deployment.files()),
        }
    }

    #[expect(clippy::expect_used, reason = "an empty configuration would be kept in silence")]
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("it has texts and lists of them")
    }

    /// The digest of the rules' files, wherever these lie.
    pub(crate) fn rules_digest(&self) -> String {
        of_kept("", self.rules.iter().chain(&self.added))
    }

    /// The digest of the deployment's files, wherever these lie.
    pub(crate) fn deployment_digest(&self) -> String {
        of_kept(&self.deployment_path, self.deployment.iter())
    }

    /// The digests that a store has of a configuration, of which it keeps this record.
    pub(crate) fn digest(&self, record: &[u8], id_seed: Option<u64>) -> ConfigurationDigest {
        ConfigurationDigest {
            rules: self.rules_digest(),
            deployment: self.deployment_digest(),
            record: digest(record),
            id_seed,
        }
    }

    /// The rules and the deployment, read once more; `None` where they are not valid any more.
    pub(crate) fn load(&self) -> Option<Deployment> {
        let embedded = Rules::embedded();
        let same = |file: &&KeptFile| {
            embedded.files.files().iter().any(|known| known.sha256() == file.sha256)
        };
        let is_embedded = self.added.is_empty()
            && self.rules.iter().filter(same).count() == embedded.files.files().len();
        let rules = if is_embedded {
            embedded
        } else {
            Rules::from_files(&self.rules_source, inputs(&self.rules), inputs(&self.added))
                .valid()
                .ok()?
                .clone()
        };
        let loaded =
            Deployment::from_files(&rules, &self.deployment_path, inputs(&self.deployment));
        loaded.valid().ok().cloned()
    }
}

/// Of exports only what was taken from them is kept.
fn kept(files: &Sources) -> Vec<KeptFile> {
    let made = files.made_of_exports().map(|text| KeptFile {
        path: "imported.toml".to_owned(),
        sha256: crate::digest::sha256(text.as_bytes()),
        text: text.to_owned(),
    });
    let files = files.files().iter().filter(|file| !file.is_export).map(|file| KeptFile {
        path: file.path.clone(),
        sha256: file.sha256().to_owned(),
        text: file.text.to_string(),
    });
    files.chain(made).collect()
}

fn of_kept<'f>(directory: &str, files: impl Iterator<Item = &'f KeptFile>) -> String {
    of_files(files.map(|file| (below(directory, &file.path), file.sha256.as_str())))
}

fn inputs(files: &[KeptFile]) -> Vec<InputFile> {
    let input = |file: &KeptFile| InputFile {
        path: file.path.clone(),
        bytes: Ok(file.text.clone().into_bytes()),
    };
    files.iter().map(input).collect()
}
