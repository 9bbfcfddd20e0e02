//! What `import` tells people.

use super::text::{Style, counted};
use crate::import::{ANSWERS, IMPORTED, Imported, Note};
use crate::model::said;
use std::path::Path;

/// Something that people should know of an import, as one line.
pub fn import_told(told: &Note, style: Style) -> String {
    let word = if told.complaint { style.bad("not used:") } else { "note:".to_owned() };
    let place = said(told.place.as_deref(), |place| format!("{place}: "));
    format!("{word} {place}{}", told.message)
}

/// How many exports were read into `directory`, and what to do next.
pub fn import_summary(imported: &Imported, directory: &Path) -> String {
    format!(
        "{} read into {}; next: fill in {}, then syncgate check {}",
        counted(imported.recognised as u64, "export"),
        directory.join(IMPORTED).display(),
        directory.join(ANSWERS).display(),
        directory.display()
    )
}
