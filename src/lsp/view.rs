//! What requests look at.

use super::address::address_of;
use super::examine::{ExaminedFolder, Told};
use super::folder::{Documents, File, Folder};
use super::text::{Change, Units};
use crate::model::Rules;
use crate::model::format::Format;
use gen_lsp_types::{Diagnostic, Uri};
use std::ops::Range;

/// What a request looks at: a file, and what is known around it.
pub(super) struct View<'a> {
    pub(super) file: &'a File,
    pub(super) folder: &'a Folder,
    /// The directory of the deployment that the file is a part of, or is about.
    pub(super) deployment: &'a Folder,
    /// The scenarios that are known to be about that deployment, and their format.
    pub(super) scenarios: Vec<&'a File>,
    pub(super) scenario_format: &'a Format,
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

/// A finding whose place is as it was when it was found.
#[derive(Debug)]
pub(super) struct Standing<'a> {
    pub(super) told: &'a Told,
    /// Where it stands now.
    pub(super) bytes: Range<usize>,
}

impl View<'_> {
    /// What was found last in the file, but for what points at a place that has been touched since:
    /// that may be mended by now, and its place is not known.
    pub(super) fn told(&self) -> impl Iterator<Item = Standing<'_>> {
        let path = &self.file.path;
        let found = self.examined.and_then(|examined| {
            let then = examined.files.iter().find(|then| then.path == *path)?;
            let change = Change::between(&then.text, &self.file.text);
            (then.role == self.file.role).then_some((change, examined.told.get(path)?))
        });
        found.into_iter().flat_map(|(change, all)| {
            all.iter()
                .filter_map(move |told| Some(Standing { told, bytes: change.moved(&told.bytes)? }))
        })
    }

    /// What a client is told of a finding, where it stands now.
    pub(super) fn diagnostic(&self, standing: &Standing<'_>) -> Diagnostic {
        let told = standing.told.diagnostic.clone();
        if self.is_fresh {
            return told;
        }
        let range = self.file.text.range(standing.bytes.clone(), self.units);
        // Where other places are by now is not looked up.
        Diagnostic { range, related_information: None, ..told }
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
