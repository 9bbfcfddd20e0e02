//! What Dynamics 365 exports.

use super::bind::{Binder, optional, owned};
use crate::load::declare::{key, map, records, required, texts, word};
use crate::model::format::{Kind, Section};
use crate::model::{Export, ExportForm, ExportValues, Fields, Value};

impl Binder<'_> {
    pub(super) fn exports(&mut self) {
        for fields in self.each("export") {
            self.rules.exports.push(Export {
                id: fields.record.id.clone(),
                form: if fields.text("form") == Some("dump") {
                    ExportForm::Dump
                } else {
                    ExportForm::Entity
                },
                kind: owned(fields, "kind"),
                section: optional(fields, "section"),
                fills: fields.texts("fills"),
                joined: fields.texts("joined"),
                linked: fields.boolean("linked") == Some(true),
                names: fields.texts("names"),
                marks: fields.texts("marks"),
                columns: lists(fields, "columns"),
                page: optional(fields, "page"),
                text: owned(fields, "text"),
            });
        }
        for fields in self.each("export-values") {
            let values = ExportValues::new(fields.record.id.clone(), lists(fields, "values"));
            self.rules.export_values.push(values);
        }
    }
}

/// The sections of rule files that hold it.
pub(super) fn sections() -> Vec<Section> {
    let kinds = word(&KINDS);
    vec![
        records(
            "export",
            "a table or entity that headquarters exports",
            vec![
                required("id", Kind::Text, "the table's name, or the entity set's"),
                required(
                    "form",
                    word(&["dump", "entity"]),
                    "a table with record ids, or an entity with names",
                ),
                required("kind", kinds, "what one of its rows is"),
                key(
                    "section",
                    Kind::Text,
                    "the section of a deployment that its rows are records of",
                ),
                key(
                    "fills",
                    texts(),
                    "keys of a deployment that it gives beside those its columns name",
                ),
                key("joined", texts(), "columns that only a dump joined with other tables has"),
                key("linked", Kind::Boolean, "whether only links to a lake have it"),
                key("names", texts(), "other names of it"),
                key("marks", texts(), "headings that tell it, where its name is not known"),
                required(
                    "columns",
                    map(texts()),
                    "what its columns hold, with the headings of each",
                ),
                key("page", Kind::Text, "the page that exports it"),
                required("text", Kind::Text, "what it says"),
            ],
        ),
        records(
            "export-values",
            "the words that exports use for values",
            vec![
                required("id", Kind::Text, "what they are values of"),
                required("values", map(texts()), "each value, with the words for it"),
            ],
        ),
    ]
}

/// What a row may be; `import` knows how each becomes a part of a deployment.
const KINDS: [&str; 30] = [
    "pos-profile",
    "online-profile",
    "store",
    "channel",
    "online-channel",
    "register",
    "offline-profile",
    "group",
    "database",
    "database-channel",
    "live-database",
    "interval",
    "channel-address-book",
    "address-book",
    "button",
    "button-grid",
    "affiliation",
    "schema",
    "schema-filter",
    "scheduler-job",
    "scheduler-subjob",
    "schedule",
    "schedule-group",
    "schedule-job",
    "batch-job",
    "feature",
    "feature-label",
    "feature-translation",
    "parameters",
    "parameter",
];

/// A table of lists, in file order.
fn lists(fields: Fields<'_>, key: &str) -> Vec<(String, Vec<String>)> {
    let texts = |value: &Value| match value {
        Value::List(values) => {
            values.iter().filter_map(|placed| placed.value.as_text()).map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    fields.map(key).iter().map(|(name, list)| (name.value.clone(), texts(&list.value))).collect()
}
