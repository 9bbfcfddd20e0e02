//! What stands in a pack, each file with its digest.

use crate::digest::of_files;
use crate::model::Version;
use crate::report::document::VERSION;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The manifest of a pack.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestDocument {
    /// The version of its form.
    pub version: u32,
    /// The version of syncgate that made the pack.
    pub syncgate: String,
    /// The version of headquarters, where it was given beside the files of the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commerce_version: Option<String>,
    /// Every file but the manifest, by path.
    pub files: Vec<PackedFile>,
    /// SHA-256 of the lines that `sha256sum` prints for the files, sorted.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub digest: String,
}

/// A file of a pack.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PackedFile {
    /// Its path in the pack.
    pub path: String,
    /// SHA-256 of its bytes.
    #[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
    pub sha256: String,
}

/// The version of the manifest's form.
pub const FORM: u32 = 1;

impl ManifestDocument {
    /// The manifest of files.
    pub fn of(commerce_version: Option<Version>, mut files: Vec<PackedFile>) -> Self {
        files.sort_by(|one, other| one.path.cmp(&other.path));
        Self {
            version: FORM,
            syncgate: VERSION.to_owned(),
            commerce_version: commerce_version.map(|version| version.to_string()),
            digest: digest(&files),
            files,
        }
    }

    /// The digest that its own list of files has.
    pub fn recomputed_digest(&self) -> String {
        digest(&self.files)
    }
}

fn digest(files: &[PackedFile]) -> String {
    of_files(files.iter().map(|file| (&*file.path, &file.sha256)))
}
