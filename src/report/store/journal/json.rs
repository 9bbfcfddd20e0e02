//! `store audit --format json`.

use crate::model::Rules;
use crate::report::document::Provenance;
use crate::report::store::records::records_json;
use crate::store::AuditRecord;
use schemars::JsonSchema;
use std::io::{self, Write};

/// `store audit --format json`.
///
/// # Errors
///
/// A row can't be read, or the document not be written.
pub fn journal_json<E: From<io::Error>>(
    to: impl Write,
    rules: &Rules,
    records: impl Iterator<Item = Result<AuditRecord, E>>,
) -> Result<(), E> {
    records_json(to, rules, "journal", records)
}

/// The journal of a store.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "it is written while it is read, and described here")]
pub(in crate::report) struct JournalDocument<'a> {
    version: u32,
    journal: Vec<AuditRecord>,
    provenance: Provenance<'a>,
}
