//! What findings and rules cite: statements, and the documents that they were read from, each with
//! what leads to it.

use crate::model::{Document, Evidence, Statement};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeSet;

/// What a document cites.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub(super) struct SourcesDocument<'a> {
    statements: Vec<StatementDocument<'a>>,
    documents: Vec<CitedDocument<'a>>,
}

/// A numbered statement about the product.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct StatementDocument<'a> {
    id: &'a str,
    text: &'a str,
    /// The keys of the documents that say it.
    documents: &'a [String],
}

/// A document that statements were read from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
struct CitedDocument<'a> {
    id: &'a str,
    title: &'a str,
    language: &'a str,
    /// What else to know, and what is not known of its place.
    note: Option<&'a str>,
    /// Its date as ISO 8601 has it.
    date: Option<&'a str>,
    /// What is known of a date that is no day.
    dating: Option<&'a str>,
    /// The version it speaks of.
    version: Option<&'a str>,
    /// The public repository that it stands in.
    repository: Option<&'a str>,
    /// Its path there, or beside the rules.
    path: Option<&'a str>,
    /// Where it is public.
    link: Option<&'a str>,
    /// What of its date, path and link is not known.
    unknown: &'a [String],
}

impl<'a> SourcesDocument<'a> {
    /// Those of the statements and documents with these numbers and keys, in the rules' order.
    pub(super) fn of<'b>(
        evidence: &'a Evidence,
        ids: impl IntoIterator<Item = &'b String>,
    ) -> Self {
        let cited = Cited::of(evidence, ids.into_iter().map(String::as_str));
        Self {
            statements: cited.statements.into_iter().map(StatementDocument::from).collect(),
            documents: cited.documents.into_iter().map(CitedDocument::from).collect(),
        }
    }
}

impl<'a> From<&'a Statement> for StatementDocument<'a> {
    fn from(it: &'a Statement) -> Self {
        Self { id: &it.id, text: &it.text, documents: &it.documents }
    }
}

impl<'a> From<&'a Document> for CitedDocument<'a> {
    fn from(it: &'a Document) -> Self {
        Self {
            id: &it.id,
            title: &it.title,
            language: &it.language,
            note: it.note.as_deref(),
            date: it.date.as_deref(),
            dating: it.dating.as_deref(),
            version: it.version.as_deref(),
            repository: it.repository.as_deref(),
            path: it.path.as_deref(),
            link: it.link.as_deref(),
            unknown: &it.unknown,
        }
    }
}

/// Statements that are cited, and the documents that say them or are cited themselves.
#[derive(Debug)]
pub(super) struct Cited<'a> {
    pub(super) statements: Vec<&'a Statement>,
    pub(super) documents: Vec<&'a Document>,
}

impl<'a> Cited<'a> {
    /// Those with these numbers and keys, in the rules' order.
    pub(super) fn of<'b>(evidence: &'a Evidence, ids: impl IntoIterator<Item = &'b str>) -> Self {
        let ids: BTreeSet<&str> = ids.into_iter().collect();
        let statements: Vec<&Statement> =
            evidence.statements.iter().filter(|it| ids.contains(it.id.as_str())).collect();
        let by_them = statements.iter().flat_map(|it| &it.documents).map(String::as_str);
        let keys: BTreeSet<&str> = ids.iter().copied().chain(by_them).collect();
        let documents = evidence.documents.iter().filter(|it| keys.contains(it.id.as_str()));
        Self { documents: documents.collect(), statements }
    }
}

/// `title (en, 2022-10-18)`, with what else is known of the document.
pub(super) fn described(document: &Document) -> String {
    let mut facts = vec![document.language.clone()];
    facts.extend(document.translation.as_ref().map(|who| format!("translated by {who}")));
    facts.push(document.dated().map_or_else(|| "date unknown".to_owned(), str::to_owned));
    facts.extend(document.version.as_ref().map(|version| format!("for {version}")));
    facts.extend(document.note.clone());
    format!("{} ({})", document.title, facts.join(", "))
}

/// Its repository and its path there; what of these is not known is said.
pub(super) fn place(document: &Document) -> String {
    let unknown = document.is_unknown("path").then_some("path unknown");
    let parts = [document.repository.as_deref(), document.path.as_deref().or(unknown)];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    parts.join(": ")
}

/// Where it is public.
pub(super) fn link(document: &Document) -> &str {
    match &document.link {
        Some(link) => link,
        None if document.is_unknown("link") => "link unknown",
        None => "not public",
    }
}
