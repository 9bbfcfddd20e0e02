//! Parameters of the Commerce scheduler, and configuration parameters.

use super::{Build, Record, Section, fact};
use crate::model::format::Kind;
use crate::model::name::fold;

impl Build<'_> {
    pub(super) fn parameters(&mut self) -> Section {
        const KEYS: [&str; 2] = ["try-count", "full-dataset-generation-interval-days"];
        let mut records = Vec::new();
        for cell in self.rows("parameters") {
            let mut record = Record::new(cell, "");
            for key in KEYS {
                let Some(text) = cell.text(key) else { continue };
                if text.bytes().all(|byte| byte.is_ascii_digit()) {
                    record.facts.push(fact(cell, key, key, text.to_owned()));
                } else {
                    let heading = cell.heading(key);
                    self.unusable(cell, &format!("the value under {heading} is no number"));
                }
            }
            records.push(record);
        }
        let format = self.rules.format.section("parameters").map(|(_, section)| section);
        for cell in self.rows("parameter") {
            let (Some(name), Some(value)) = (cell.text("id"), cell.text("value")) else { continue };
            let known = format
                .and_then(|format| format.keys.iter().find(|key| fold(&key.id) == fold(name)));
            // The product has many others, of which no decision asks.
            let Some(key) = known else { continue };
            let Kind::Integer { least, most } = key.kind else { continue };
            let value = value.parse().ok().filter(|value: &i64| (least..=most).contains(value));
            let Some(value) = value else {
                self.unusable(cell, "the value is none that the parameter may have");
                continue;
            };
            let mut record = Record::new(cell, "");
            record.facts.push(fact(cell, "value", &key.id, value.to_string()));
            records.push(record);
        }
        let kept: Vec<Record> = records.into_iter().filter(|one| !one.facts.is_empty()).collect();
        self.merged("parameters", kept, false)
    }
}
