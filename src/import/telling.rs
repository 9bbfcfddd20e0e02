//! What is told of the headings and rows of a table.

use super::Importer;
use super::recognise::Found;
use super::rows::{Added, Loss, MAX_LISTED};
use crate::model::or_blank;

impl Importer<'_> {
    /// How a column of an export is headed, as the rules write it.
    fn heading(&self, found: &Found, column: usize) -> &str {
        let export = self.rules.exports.get(found.export);
        let column = export.and_then(|export| export.columns.get(column));
        or_blank(column.and_then(|(_, headings)| headings.first()).map(String::as_str))
    }

    pub(super) fn tell_headings(&mut self, path: &str, found: &Found) {
        for column in &found.torn {
            let heading = self.heading(found, *column);
            let message = format!(
                "the manifest gives the heading of {heading} to another field too: what stands \
                    under it does not count; map each field to a heading of its own"
            );
            self.complain(path, &message);
        }
        // Of records each may use another of these names.
        if found.are_records {
            return;
        }
        for (column, count) in found.several() {
            let heading = self.heading(found, column);
            let message = format!(
                "{count} columns have the heading {heading}: what they say counts only in rows \
                    where they say the same; export each column once, or name them apart"
            );
            self.complain(path, &message);
        }
    }

    pub(super) fn tell_rows(&mut self, path: &str, added: &Added, found: &Found) {
        let message = if found.are_records {
            "the record is no object with values, each under a name of its own, and can't be used"
        } else {
            "the row has another number of cells than the headings, and can't be used"
        };
        self.tell_lines(path, &added.unusable, message);
        let message = "what stands under IsDelete, IsDeleted or @removed is neither yes nor no, or \
            both, so the row may have been deleted, and can't be used";
        self.tell_lines(path, &added.undeletable, message);
        let lost = added.lost.iter().filter(|((loss, _), _)| *loss != Loss::Torn);
        for ((loss, column), lines) in lost {
            let heading = self.heading(found, *column);
            let message = match loss {
                Loss::Damaged => format!(
                    "the cell under {heading} holds an error instead of a value, and can't be used"
                ),
                Loss::Twice | Loss::Torn => {
                    format!("{heading} is there twice and says two things: none counts")
                }
                Loss::Nested => format!(
                    "a list or a record stands under {heading} instead of a value, and can't be \
                        used"
                ),
            };
            self.tell_lines(path, lines, &message);
        }
        if added.deleted > 0 {
            let message = match added.deleted {
                1 => "1 row was deleted, and does not count".to_owned(),
                rows => format!("{rows} rows were deleted, and do not count"),
            };
            self.note(path, message);
        }
    }

    /// Tells the same of each line, as far as anyone reads it.
    fn tell_lines(&mut self, path: &str, lines: &[u32], message: &str) {
        for line in lines.iter().take(MAX_LISTED) {
            self.complain(&format!("{path}:{line}"), message);
        }
        if let Some(more) = lines.len().checked_sub(MAX_LISTED).filter(|more| *more > 0) {
            self.complain(path, &format!("{more} more rows are like that"));
        }
    }
}
