//! Document symbols: sections and their records.

use super::shape::{Written, records};
use super::view::View;
use crate::model::format::Form;
use gen_lsp_types::{DocumentSymbol, SymbolKind};
use std::ops::Range;

/// The sections of a file, each with its records.
pub(super) fn symbols(view: &View<'_>) -> Vec<DocumentSymbol> {
    let mut sections: Vec<DocumentSymbol> = Vec::new();
    let mut last: Option<&str> = None;
    for record in records(view.file.text.outline(), view.format) {
        let section = record.section;
        let of_record = of_record(view, &record);
        // Records in a row have their section in common.
        let same = sections.last_mut().filter(|_| last == Some(section.id.as_str()));
        match (same, &section.form) {
            (_, Form::Single) => sections.push(DocumentSymbol {
                name: section.id.clone(),
                kind: SymbolKind::Namespace,
                ..of_record
            }),
            (Some(parent), _) => {
                parent.range.end = of_record.range.end;
                parent.children.get_or_insert_default().push(of_record);
            }
            (None, _) => sections.push(DocumentSymbol {
                name: section.id.clone(),
                detail: Some(section.text.clone()),
                kind: SymbolKind::Namespace,
                children: Some(vec![of_record.clone()]),
                ..of_record
            }),
        }
        last = Some(section.id.as_str());
    }
    sections
}

fn of_record(view: &View<'_>, record: &Written<'_, '_>) -> DocumentSymbol {
    let section = record.section;
    let title = record.title().map(|word| word.text.trim()).filter(|title| !title.is_empty());
    let range = |bytes: Range<usize>| view.file.text.range(bytes, view.units);
    let text = view.file.text.as_str().get(record.span.clone());
    // Blank lines and what belongs to the next record are not its own.
    let end = text.map_or(record.span.end, |text| record.span.start + text.trim_end().len());
    #[expect(deprecated, reason = "the protocol still has it, and it is left out")]
    DocumentSymbol {
        name: title.unwrap_or(&section.title).to_owned(),
        detail: Some(section.title.clone()),
        kind: SymbolKind::Object,
        tags: None,
        deprecated: None,
        range: range(record.span.start..end.max(record.head.end)),
        selection_range: range(record.head.clone()),
        children: None,
    }
}
