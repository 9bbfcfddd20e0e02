//! A directory that is looked at, and what the client was told of it.

use super::examine::{ExaminedFolder, RulesInUse};
use super::folder::{Documents, Folder};
use super::message;
use super::view::address;
use serde_json::json;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A directory with documents that are open.
pub(super) struct Watched {
    pub(super) folder: Folder,
    /// The directory of the checks of one's own that hold here.
    pub(super) own_checks: Option<String>,
    pub(super) rules: RulesInUse,
    /// The number of its last change among all; none where it was only read.
    pub(super) revision: u64,
    /// The change that was last looked at, or is being so.
    pub(super) started: u64,
    pub(super) examined: Option<ExaminedFolder>,
    /// What the client was told last, by path.
    pub(super) published: BTreeMap<String, Published>,
}

/// What a client was told of a file.
pub(super) struct Published {
    /// The change of the document that it was told of, where it is open.
    pub(super) version: Option<i32>,
    /// What was found in it, if anything.
    pub(super) diagnostics: Option<Box<RawValue>>,
}

impl PartialEq for Published {
    fn eq(&self, other: &Self) -> bool {
        let texts = [self, other].map(|it| it.diagnostics.as_deref().map(RawValue::get));
        self.version == other.version && matches!(texts, [one, two] if one == two)
    }
}

impl Published {
    /// The message that tells it.
    pub(super) fn message(&self, path: &str, documents: &Documents) -> String {
        let nothing = message::raw(&json!([]));
        let diagnostics = self.diagnostics.as_deref().unwrap_or(&nothing);
        let uri = address(path, documents);
        let publication = message::Publication { uri: &uri.0, version: self.version, diagnostics };
        message::notification("textDocument/publishDiagnostics", &publication)
    }
}

impl Watched {
    /// Whether what is found is of what is written now.
    pub(super) fn is_fresh(&self) -> bool {
        self.examined.as_ref().is_some_and(|examined| examined.revision == self.revision)
    }
}
