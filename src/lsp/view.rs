//! What requests look at.

use super::address::address_of;
use super::examine::{ExaminedFolder, Told};
use super::folder::{Documents, File, Folder};
use super::text::Units;
use crate::model::Rules;
use crate::model::format::Format;
use gen_lsp_types::Uri;

/// What a request looks at: a file, and what is known around it.
pub(super) struct View<'a> {
    pub(super) file: &'a File,
    pub(super) folder: &'a Folder,
    /// The format of the file.
    pub(super) format: &'a Format,
    pub(super) rules: &'a Rules,
    pub(super) units: Units,
    /// What was found last in its directory.
    pub(super) examined: Option<&'a ExaminedFolder>,
    /// Whether that is of what is written now.
    pub(super) is_fresh: bool,
    pub(super) documents: &'a Documents,
}

impl View<'_> {
    /// What is told of the file, where that is of what is written now.
    pub(super) fn told(&self) -> &[Told] {
        let examined = self.examined.filter(|_| self.is_fresh);
        examined.and_then(|it| it.told.get(&self.file.path)).map_or(&[], Vec::as_slice)
    }

    /// The address of a file.
    pub(super) fn address(&self, path: &str) -> Uri {
        address(path, self.documents)
    }
}

/// The address of a file, as the client writes it where it has the file open.
pub(super) fn address(path: &str, documents: &Documents) -> Uri {
    let open = documents.get(path).map(|open| open.uri.clone());
    Uri(open.unwrap_or_else(|| address_of(path)))
}
