//! Invariants and checks.

use super::bind::{Binder, optional, owned};
use crate::diagnostic::{Code, Finding, Severity};
use crate::model::{
    Answers, Basis, Check, Claim, Comparison, FeatureId, Fields, Invariant, OperationId, Outcome, Placed,
    Scalar, Test, Value,
};

impl Binder<'_> {
    pub(super) fn promises(&mut self) {
        for fields in self.each("invariant") {
            if let Some(invariant) = self.invariant(fields) {
                self.catalogue.invariants.push(invariant);
            }
        }
        for fields in self.each("check") {
            if let Some(check) = self.check(fields) {
                self.catalogue.checks.push(check);
            }
        }
        self.catalogue.checks.sort_by_key(|check| check.code);
    }

    fn invariant(&mut self, fields: Fields<'_>) -> Option<Invariant> {
        let mut operations = self.operations_named(fields, "operations");
        if fields.value("operations").is_none() {
            operations = self.operations_that(fields.text("operations-that"));
        }
        Some(Invariant {
            id: fields.record.id.clone(),
            text: owned(fields, "text"),
            operations,
            when: self.conditions(fields, "when"),
            answering: self.answers(fields, "answering").unwrap_or_default(),
            claim: self.claim(fields)?,
            sources: self.sources(fields, "sources"),
            span: fields.record.span,
        })
    }

    fn operations_that(&self, need: Option<&str>) -> Vec<OperationId> {
        let operations = self.catalogue.operations.iter().enumerate().filter(|(_, operation)| match need {
            Some("need-customer") => operation.needs_customer,
            Some("need-order") => operation.needs_order,
            _ => true,
        });
        operations.map(|(index, _)| OperationId::new(index)).collect()
    }

    fn claim(&mut self, fields: Fields<'_>) -> Option<Claim> {
        let always = self.answers(fields, "always").map(Claim::Always);
        let never = self.answers(fields, "never").map(Claim::Never);
        let compared = fields.value("turning-on").map(|_| self.turned_on(fields)).and_then(|turning_on| {
            if fields.boolean("same") == Some(true) && fields.value("while").is_some() {
                return Some(Claim::SameWithoutPrerequisites { turning_on });
            }
            let (from, to) = (self.answers(fields, "from")?, self.answers(fields, "never-to")?);
            Some(Claim::NeverFromTo { turning_on, from, to })
        });
        let claims: Vec<Claim> = always.into_iter().chain(never).chain(compared).collect();
        let [claim] = <[Claim; 1]>::try_from(claims).ok().or_else(|| {
            let message = format!("the invariant `{}` claims nothing, or more than one thing", fields.record.id);
            self.out_of_range(
                message,
                fields.record.span,
                "give `always`, or `never`, or `turning-on` with `from` and `never-to`, or `turning-on` with `while` and `same`",
            );
            None
        })?;
        Some(claim)
    }

    /// The features that are turned on: those named, or with `any` all that decisions depend on.
    fn turned_on(&mut self, fields: Fields<'_>) -> Vec<FeatureId> {
        let mut features = Vec::new();
        for placed in fields.list("turning-on") {
            match placed.value.as_text() {
                Some("any") => features.extend(crate::graph::deciding_features(&self.catalogue)),
                Some(name) => features.extend(self.feature(name, placed.span)),
                None => {}
            }
        }
        features
    }

    fn answers(&mut self, fields: Fields<'_>, key: &str) -> Option<Answers> {
        let given = fields.nested(key)?;
        let mut reasons = Vec::new();
        for placed in given.list("reason") {
            reasons.extend(placed.value.as_text().and_then(|name| self.reason(name, placed.span)));
        }
        Some(Answers {
            outcomes: given.texts("outcome").iter().filter_map(|word| Outcome::from_word(word)).collect(),
            reasons,
            bases: given.texts("basis").iter().filter_map(|word| Basis::from_word(word)).collect(),
        })
    }

    fn check(&mut self, fields: Fields<'_>) -> Option<Check> {
        let code = fields.code("code")?;
        if code.number() < 100 {
            self.out_of_range(
                format!("`{code}` is no code of a check"),
                fields.span("code"),
                "SG1nn, or SG9nn for your own",
            );
        }
        let subject = owned(fields, "subject");
        let facts = crate::check::facts_of(&subject, &self.catalogue);
        let Some(facts) = facts else {
            let known = crate::check::subjects(&self.catalogue);
            self.dangling(
                "kind of subject",
                &subject,
                fields.span("subject"),
                known.iter().map(String::as_str),
            );
            return None;
        };
        Some(Check {
            code,
            severity: fields.text("severity").and_then(Severity::from_word)?,
            title: owned(fields, "title"),
            given: self.tests(fields, "given", &facts),
            fails: self.tests(fields, "fails", &facts),
            subject,
            message: owned(fields, "message"),
            help: owned(fields, "help"),
            why: owned(fields, "why"),
            at: optional(fields, "at"),
            instead_of: fields.code("instead-of"),
            sources: self.sources(fields, "sources"),
            span: fields.record.span,
        })
    }

    fn tests(&mut self, fields: Fields<'_>, key: &str, facts: &[String]) -> Vec<Test> {
        let mut tests = Vec::new();
        for (fact, value) in fields.map(key) {
            if !facts.contains(&fact.value) {
                let what = format!("fact of a {}", fields.text("subject").unwrap_or_default());
                self.dangling(&what, &fact.value, fact.span, facts.iter().map(String::as_str));
                continue;
            }
            match comparison(fields, key, value) {
                Some(comparison) => tests.push(Test { fact: fact.value.clone(), comparison }),
                None => {
                    let message = format!("`{}` is compared with nothing, or in two ways", fact.value);
                    let finding =
                        Finding::new(Code::OUT_OF_RANGE, message).at(value.span).detail(fact.value.clone());
                    self.findings
                        .push(finding.help("a value, a list of values, or one of `not`, `below`, `above`"));
                }
            }
        }
        tests
    }
}

/// The comparison that the value of a test means.
fn comparison(fields: Fields<'_>, key: &str, given: &Placed<Value>) -> Option<Comparison> {
    let Value::Nested(record) = &given.value else { return Some(Comparison::Is(scalars(&given.value))) };
    let (_, declared) = fields.section.key(key)?;
    let crate::model::format::Kind::Map(kind) = &declared.kind else { return None };
    let crate::model::format::Kind::Comparison(section) = &**kind else { return None };
    let bounds = record.fields(section);
    let not = bounds.value("not").map(|value| Comparison::IsNot(scalars(value)));
    let below = bounds.value("below").and_then(|value| scalars(value).pop()).map(Comparison::Below);
    let above = bounds.value("above").and_then(|value| scalars(value).pop()).map(Comparison::Above);
    let given: Vec<Comparison> = not.into_iter().chain(below).chain(above).collect();
    <[Comparison; 1]>::try_from(given).ok().map(|[one]| one)
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
