//! Documents, statements, contradictions, failures: what the rules cite.

use super::bind::{Binder, optional, owned};
use super::format::UNKNOWN;
use super::prerequisites::names;
use crate::model::{Contradiction, Document, Evidence, Fields, KnownFailure, Statement, Term};

impl Binder<'_> {
    /// What the rules rest on.
    pub(super) fn evidence(&mut self) -> Evidence {
        let mut evidence = Evidence::default();
        for fields in self.each("document") {
            self.tells_all(fields);
            evidence.documents.push(Document {
                id: fields.record.id.clone(),
                title: owned(fields, "title"),
                language: owned(fields, "language"),
                translation: optional(fields, "translation"),
                note: optional(fields, "note"),
                date: fields.date("date").map(|date| date.to_string()),
                dating: optional(fields, "dating"),
                version: optional(fields, "version"),
                repository: optional(fields, "repository"),
                path: optional(fields, "path"),
                link: optional(fields, "link"),
                unknown: fields.texts("unknown"),
            });
        }
        for fields in self.each("statement") {
            let documents = self.documents(fields);
            evidence.statements.push(Statement {
                id: fields.record.id.clone(),
                text: owned(fields, "text"),
                documents,
                tag: optional(fields, "tag"),
                superseded_by: optional(fields, "superseded-by"),
                note: optional(fields, "note"),
            });
        }
        for fields in self.each("contradiction") {
            let documents = self.documents(fields);
            let statements = self.sources(fields, "statements");
            evidence.contradictions.push(Contradiction {
                id: fields.record.id.clone(),
                subject: owned(fields, "subject"),
                one: owned(fields, "one"),
                other: owned(fields, "other"),
                reading: owned(fields, "reading"),
                documents,
                statements,
            });
        }
        for fields in self.each("failure") {
            let documents = self.documents(fields);
            evidence.failures.push(KnownFailure {
                id: fields.record.id.clone(),
                symptom: owned(fields, "symptom"),
                cause: owned(fields, "cause"),
                fix: owned(fields, "fix"),
                documents,
            });
        }
        for fields in self.each("term") {
            let statements = self.sources(fields, "statements");
            evidence.terms.push(Term {
                id: fields.record.id.clone(),
                names: names(fields),
                text: owned(fields, "text"),
                page: optional(fields, "page"),
                statements,
            });
        }
        evidence
    }

    /// Tells what a document neither gives nor says not to be known. What stands beside the rules
    /// is public nowhere.
    fn tells_all(&mut self, document: Fields<'_>) {
        let unknown = document.texts("unknown");
        let is_beside = document.value("path").is_some() && document.value("repository").is_none();
        for key in UNKNOWN {
            let is_unknown = unknown.iter().any(|it| it == key);
            let message = match (document.value(key).is_some(), is_unknown) {
                (true, true) => "is given and said to be unknown",
                (false, false) if key != "link" || !is_beside => "is not given",
                _ => continue,
            };
            let id = &document.record.id;
            let message = format!("`{key}` of the document `{id}` {message}");
            let help = "give it, or else name it under `unknown`: one of both";
            self.out_of_range(message, document.record.span, help);
        }
    }
}
