//! Columns that tables at hand should have and none has: what they would give is unknown.

use super::rows::ExportTables;
use crate::model::format::Form;
use crate::model::{Export, Rules};

/// A key of a deployment that exports at hand should give, and none has a column for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoColumn {
    /// The key, as `section.key`.
    pub key: String,
    /// The export that should have the column, by its id.
    pub export: String,
    /// The heading that the column should have.
    pub heading: String,
}

/// The columns that are lacking, each once.
pub(super) fn lacking_columns(rules: &Rules, tables: &ExportTables) -> Vec<NoColumn> {
    let found = tables.all(rules);
    let is_there = |export: &&Export| found.iter().any(|(id, _)| *id == export.id);
    let there: Vec<&Export> = rules.exports.iter().filter(is_there).collect();
    let mut lacking: Vec<NoColumn> = Vec::new();
    for export in &there {
        let section = export.section.as_deref().and_then(|id| rules.format.section(id));
        // Whether a feature is on, several columns tell together; a sheet with none is told of.
        let Some((_, section)) = section.filter(|(_, section)| section.form != Form::Features)
        else {
            continue;
        };
        for (column, headings) in &export.columns {
            let key = column.strip_suffix("-recid").unwrap_or(column);
            // Without its id a table would not have been recognised.
            if column == "id" || export.joined.contains(column) || section.key(key).is_none() {
                continue;
            }
            let wanted = format!("{}.{key}", section.id);
            let is_given = there.iter().any(|other| gives(rules, tables, other, &wanted));
            if is_given || lacking.iter().any(|known| known.key == wanted) {
                continue;
            }
            let Some(heading) = headings.first() else { continue };
            let (export, heading) = (export.id.clone(), heading.clone());
            lacking.push(NoColumn { key: wanted, export, heading });
        }
    }
    lacking
}

/// Whether an export at hand gives a `section.key`: by a column that it has, or by what it fills.
fn gives(rules: &Rules, tables: &ExportTables, export: &Export, wanted: &str) -> bool {
    let Some((section, key)) = wanted.split_once('.') else { return false };
    let has = |column: &str| tables.has_column(rules, &export.kind, column);
    export.fills.iter().any(|filled| filled == wanted)
        || export.section.as_deref() == Some(section) && (has(key) || has(&format!("{key}-recid")))
}
