//! What Dynamics 365 exports, as the rules know it.

use crate::model::name::fold;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How an export gives its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ExportForm {
    /// A table as the database holds it: record ids and numbers. It wins over an entity.
    Dump,
    /// A data entity, or what a page of headquarters exports: names and words.
    Entity,
}

/// A table or entity that headquarters exports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// Its name: of the table, or of the public entity set.
    pub id: String,
    /// How it gives its rows.
    pub form: ExportForm,
    /// What one of its rows is.
    pub kind: String,
    /// The section of a deployment that its rows are records of, where they are.
    pub section: Option<String>,
    /// What it gives beside what its columns name: `section.key`.
    pub fills: Vec<String>,
    /// Columns that only a dump joined with other tables has.
    pub joined: Vec<String>,
    /// Whether only links to a lake have it: the database keeps its rows in another table.
    pub linked: bool,
    /// Other names of it: the entity's name in a package, its label.
    pub names: Vec<String>,
    /// Headings that tell it from every other, where its name is not known.
    pub marks: Vec<String>,
    /// What its columns hold, with the headings that each answers to.
    pub columns: Vec<(String, Vec<String>)>,
    /// The page that exports it, where it is one.
    pub page: Option<String>,
    /// What it says.
    pub text: String,
}

impl Export {
    /// The number of the column that holds `key`.
    pub fn column(&self, key: &str) -> Option<usize> {
        self.columns.iter().position(|(id, _)| id == key)
    }

    /// Whether it gives a section of a deployment, or a `section.key`.
    pub fn gives(&self, wanted: &str) -> bool {
        let is_own = |section: &str| self.section.as_deref() == Some(section);
        let has_column =
            |key: &str| self.column(key).or_else(|| self.column(&format!("{key}-recid"))).is_some();
        self.fills.iter().any(|filled| filled == wanted)
            || is_own(wanted)
            || wanted
                .split_once('.')
                .is_some_and(|(section, key)| is_own(section) && has_column(key))
    }
}

/// The words that exports use for the values of a deployment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportValues {
    /// What they are values of.
    pub id: String,
    /// Each value, with the words for it.
    pub values: Vec<(String, Vec<String>)>,
    /// The number of the value that a folded word is for; of several the first.
    pub folded: BTreeMap<String, usize>,
}

impl ExportValues {
    /// What these words are for.
    pub fn new(id: String, values: Vec<(String, Vec<String>)>) -> Self {
        let mut folded = BTreeMap::new();
        for (number, (_, words)) in values.iter().enumerate() {
            for word in words {
                folded.entry(fold(word).into_owned()).or_insert(number);
            }
        }
        Self { id, values, folded }
    }
}
