//! What the rules rest on: documents, statements, contradictions, failures.

use super::Names;
use serde::{Deserialize, Serialize};

/// All that the rules rest on.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Evidence {
    /// The documents.
    pub documents: Vec<Document>,
    /// The statements.
    pub statements: Vec<Statement>,
    /// The contradictions.
    pub contradictions: Vec<Contradiction>,
    /// The failures.
    pub failures: Vec<KnownFailure>,
    /// The terms.
    pub terms: Vec<Term>,
}

impl Evidence {
    /// The statement with this number.
    pub fn statement(&self, id: &str) -> Option<&Statement> {
        self.statements.iter().find(|statement| statement.id == id)
    }

    /// The document with this key.
    pub fn document(&self, id: &str) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == id)
    }
}

/// A document that statements are read from.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Document {
    /// Its key, such as `ACM-22`.
    pub id: String,
    /// What it is.
    pub title: String,
    /// Its language.
    pub language: String,
    /// Who translated it: `human` or `machine`; `None` for an original.
    pub translation: Option<String>,
    /// What else to know: which version of it was read, and what of its place is not known.
    pub note: Option<String>,
    /// Its date, where it gives one, as ISO 8601 has it.
    pub date: Option<String>,
    /// What is known of a date that is no day.
    pub dating: Option<String>,
    /// The version it speaks of, for pages of what is new.
    pub version: Option<String>,
    /// The public repository that it stands in.
    pub repository: Option<String>,
    /// Its path there, or beside these rules.
    pub path: Option<String>,
    /// Where it is public.
    pub link: Option<String>,
    /// What of `date`, `path` and `link` is not known of it.
    pub unknown: Vec<String>,
}

impl Document {
    /// Whether this is said not to be known of it.
    pub fn is_unknown(&self, key: &str) -> bool {
        self.unknown.iter().any(|unknown| unknown == key)
    }

    /// Its date, or else what is known of it.
    pub fn dated(&self) -> Option<&str> {
        self.date.as_deref().or(self.dating.as_deref())
    }
}

/// A numbered statement about the product.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// Its number, such as `S-016`.
    pub id: String,
    /// What it says, in our own words.
    pub text: String,
    /// The documents that say it.
    pub documents: Vec<String>,
    /// How it is known where it was not read: `inferred`, `third-party` or `legacy`.
    pub tag: Option<String>,
    /// The statement that took its place.
    pub superseded_by: Option<String>,
    /// What else to know.
    pub note: Option<String>,
}

/// Two sources that disagree, and the reading that the rules follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Contradiction {
    /// Its number, such as `C1`.
    pub id: String,
    /// What it is about.
    pub subject: String,
    /// What the one says.
    pub one: String,
    /// What the other says.
    pub other: String,
    /// What the rules follow.
    pub reading: String,
    /// The documents concerned.
    pub documents: Vec<String>,
    /// The statements concerned.
    pub statements: Vec<String>,
}

/// A failure that people met in production.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KnownFailure {
    /// Its number, such as `R3`.
    pub id: String,
    /// What was seen.
    pub symptom: String,
    /// What caused it.
    pub cause: String,
    /// What mended it.
    pub fix: String,
    /// Documents that tell of it.
    pub documents: Vec<String>,
}

/// A term that people meet, and that is no feature, setting, job or operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Term {
    /// The term itself.
    pub id: String,
    /// What else it is called, by language.
    pub names: Names,
    /// What it means.
    pub text: String,
    /// Where headquarters shows it.
    pub page: Option<String>,
    /// Statement numbers that speak of it.
    pub statements: Vec<String>,
}
