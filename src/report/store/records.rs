//! JSON documents of many records.

use crate::model::Rules;
use crate::report::document::provenance;
use serde::Serialize;
use std::io::{self, Write};

/// Writes a document with records below `key`, one a line, while they are read.
pub(super) fn records_json<T: Serialize, E: From<io::Error>>(
    mut to: impl Write,
    rules: &Rules,
    key: &str,
    records: impl Iterator<Item = Result<T, E>>,
) -> Result<(), E> {
    write!(to, "{{\"version\":1,\"{key}\":[")?;
    let mut separator = "";
    for record in records {
        writeln!(to, "{separator}")?;
        serde_json::to_writer(&mut to, &record?).map_err(io::Error::from)?;
        separator = ",";
    }
    let provenance = serde_json::to_string(&provenance(rules, None)).map_err(io::Error::from)?;
    write!(to, "\n],\"provenance\":{provenance}}}\n")?;
    Ok(to.flush()?)
}
