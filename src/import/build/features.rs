//! Features: which are enabled, and since when.

use super::super::values::{self, When};
use super::{Build, Record, Section, fact};
use crate::import::rows::Cell;
use crate::import::write::quoted;
use crate::model::ExportForm;
use std::collections::HashMap;

impl<'a> Build<'a> {
    pub(super) fn features(&mut self) -> Section {
        let mut records = Vec::new();
        if self.is_there("features", &["feature"]) {
            let labels: HashMap<&str, Cell<'a>> = self
                .rows("feature-label")
                .into_iter()
                .filter_map(|cell| Some((cell.recid("feature-recid")?, cell)))
                .collect();
            for cell in self.rows("feature") {
                let label = cell.recid("recid").and_then(|recid| labels.get(recid)).copied();
                records.extend(self.feature(cell, label));
            }
        }
        self.merged("features", records)
    }

    fn feature(&mut self, cell: Cell<'a>, label: Option<Cell<'a>>) -> Option<Record> {
        let names =
            [cell.text("id"), cell.text("label"), label.and_then(|label| label.text("label"))];
        if names.iter().all(Option::is_none) {
            self.unusable(cell, &format!("the row has nothing under {}", cell.heading("id")));
            return None;
        }
        let known = names.into_iter().flatten().find_map(|name| self.rules.feature_named(name));
        let Some(feature) = known.and_then(|id| self.rules.feature(id)) else {
            self.is_unknown("features");
            return None;
        };
        let mut record = Record::new(cell, &feature.id);
        let dated = if cell.text("date").is_some() { cell } else { label.unwrap_or(cell) };
        let when = self.when(dated, "date");
        let (enabled, from) = self.is_enabled(cell, when);
        record.facts.push(fact(cell, from, "enabled", enabled?.to_string()));
        if let (Some(true), Some(When::At(moment))) = (enabled, when) {
            record.facts.push(fact(dated, "date", "enabled-at", moment.to_string()));
        }
        Some(record)
    }

    /// Whether a feature is enabled, and the column that says so: where no column says it itself,
    /// its date does.
    fn is_enabled(&mut self, cell: Cell<'a>, when: Option<When>) -> (Option<bool>, &'static str) {
        // The status of a grid is a picture, of which a sheet may have any sign or none.
        let said = match cell.export.form {
            ExportForm::Dump => self.boolean(cell, "enabled"),
            ExportForm::Entity => {
                cell.text("enabled").and_then(|text| values::yes_no(self.rules, text)).flatten()
            }
        };
        if said.is_some() || cell.export.form == ExportForm::Dump {
            return (said, "enabled");
        }
        let state =
            cell.text("state").and_then(|text| values::word(self.rules, "feature-state", text));
        if state == Some(Some("mandatory")) {
            return (Some(true), "state");
        }
        let enabled = match when {
            Some(When::Ambiguous) => true,
            Some(When::At(moment)) => self.as_of.is_none_or(|now| moment <= now),
            // A date that can't be read is told; what it says is unknown.
            None if cell.text("date").is_some() => return (None, "date"),
            Some(When::Never) | None => false,
        };
        (Some(enabled), "date")
    }
}

/// The header of a feature's record.
pub(in crate::import) fn header(id: &str) -> String {
    let is_bare =
        id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    if is_bare { format!("[features.{id}]") } else { format!("[features.{}]", quoted(id)) }
}
