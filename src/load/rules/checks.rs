//! Go-live checks: their names bound to facts.

use super::bind::{Binder, optional, owned};
use crate::diagnostic::{Code, Finding, Severity, Span};
use crate::model::check_facts::{fact_named, facts_of, subject_name, subject_named, subjects};
use crate::model::format::Kind;
use crate::model::{
    Check, CheckFact, Comparison, Fields, Placed, Scalar, SubjectKind, Template, TemplatePart,
    Test, Value,
};

/// How another fact is compared with.
type WithFact = fn(CheckFact) -> Comparison;

/// Comparisons with another fact, by the name they have in the rules.
const WITH_FACTS: [(&str, WithFact); 3] = [
    ("not-fact", Comparison::NotFact),
    ("below-fact", Comparison::BelowFact),
    ("above-fact", Comparison::AboveFact),
];

impl Binder<'_> {
    pub(super) fn check(&mut self, fields: Fields<'_>) -> Option<Check> {
        let code = fields.code("code")?;
        self.code_is_free(code, fields.span("code"));
        let name = owned(fields, "subject");
        let Some(subject) = subject_named(&name, &self.rules) else {
            let known = subjects(&self.rules);
            self.dangling(
                "kind of subject",
                &name,
                fields.span("subject"),
                known.iter().map(String::as_str),
            );
            return None;
        };
        if fields.map("fails").is_empty() {
            let message =
                format!("`{code}` says nothing under `fails`, so every subject would be wrong");
            let help = "add a fact and the value that shows that something is wrong: `fails = \
                { fact = value }`";
            self.out_of_range(message, fields.span("fails"), help);
        }
        Some(Check {
            code,
            severity: fields.text("severity").and_then(Severity::from_word)?,
            title: owned(fields, "title"),
            given: self.tests(fields, "given", subject),
            fails: self.tests(fields, "fails", subject),
            subject,
            message: self.template(fields, "message", subject),
            help: self.template(fields, "help", subject),
            why: owned(fields, "why"),
            at: optional(fields, "at")
                .and_then(|name| self.check_fact(subject, &name, fields.span("at"))),
            instead_of: fields.code("instead-of"),
            sources: self.sources(fields, "sources"),
            span: fields.record.span,
        })
    }

    /// The fact that a name means for a kind of subject; a finding where there is none.
    fn check_fact(&mut self, subject: SubjectKind, name: &str, span: Span) -> Option<CheckFact> {
        let fact = fact_named(subject, name, &self.rules);
        if fact.is_none() {
            let what = format!("fact of a {}", subject_name(subject, &self.rules));
            let known = facts_of(subject, &self.rules);
            self.dangling(&what, name, span, known.iter().map(String::as_str));
        }
        fact
    }

    /// A text with facts in braces.
    fn template(&mut self, fields: Fields<'_>, key: &str, subject: SubjectKind) -> Template {
        let text = owned(fields, key);
        let mut parts = Vec::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once('{')
            && let Some((name, after)) = after.split_once('}')
        {
            parts.push(TemplatePart::Text(before.to_owned()));
            parts.extend(match name {
                "id" => Some(TemplatePart::Id),
                "found" => Some(TemplatePart::Found),
                name => self.check_fact(subject, name, fields.span(key)).map(TemplatePart::Fact),
            });
            rest = after;
        }
        parts.push(TemplatePart::Text(rest.to_owned()));
        Template { text, parts }
    }

    fn tests(&mut self, fields: Fields<'_>, key: &str, subject: SubjectKind) -> Vec<Test> {
        let mut tests = Vec::new();
        for (name, value) in fields.map(key) {
            let Some(fact) = self.check_fact(subject, &name.value, name.span) else { continue };
            let comparisons = self.comparisons(fields, key, value, subject);
            match <[Comparison; 1]>::try_from(comparisons) {
                Ok([comparison]) => {
                    self.comparison_makes_sense(&name.value, &fact, &comparison, value.span);
                    tests.push(Test { fact, comparison });
                }
                Err(_) => {
                    let message =
                        format!("`{}` is compared with nothing, or in two ways", name.value);
                    let finding = Finding::new(Code::OUT_OF_RANGE, message)
                        .at(value.span)
                        .detail(name.value.clone());
                    let help = "a value, a list of values, or one of `not`, `below`, `above`, \
                        `not-fact`, \
                                `below-fact`, `above-fact`";
                    self.findings.push(finding.help(help));
                }
            }
        }
        tests
    }

    /// The comparisons that the value of a test means: one, where it is right.
    fn comparisons(
        &mut self,
        fields: Fields<'_>,
        key: &str,
        given: &Placed<Value>,
        subject: SubjectKind,
    ) -> Vec<Comparison> {
        let Value::Nested(record) = &given.value else {
            return vec![Comparison::Is(scalars(&given.value))];
        };
        let Some(Kind::Map(kind)) = fields.section.key(key).map(|(_, declared)| &declared.kind)
        else {
            return Vec::new();
        };
        let Kind::Comparison(section) = &**kind else { return Vec::new() };
        let bounds = record.fields(section);
        let bound = |key: &str| bounds.value(key).and_then(|value| scalars(value).pop());
        let mut found: Vec<Comparison> = Vec::new();
        found.extend(bounds.value("not").map(|value| Comparison::IsNot(scalars(value))));
        found.extend(bound("below").map(Comparison::Below));
        found.extend(bound("above").map(Comparison::Above));
        for (key, compare) in WITH_FACTS {
            if let Some(name) = bounds.text(key) {
                found.extend(self.check_fact(subject, name, bounds.span(key)).map(compare));
            }
        }
        found
    }
}

fn scalars(value: &Value) -> Vec<Scalar> {
    match value {
        Value::Boolean(value) => vec![Scalar::Boolean(*value)],
        Value::Integer(number) => vec![Scalar::Number(*number)],
        Value::Text(text) => vec![Scalar::Text(text.clone())],
        Value::List(values) => values.iter().flat_map(|placed| scalars(&placed.value)).collect(),
        _ => Vec::new(),
    }
}
