//! What must hold whatever is configured.

use super::bind::{Binder, owned};
use crate::model::{
    Answers, Basis, Claim, Control, FeatureId, Fields, Invariant, OperationId, Outcome, Value,
};

impl Binder<'_> {
    pub(super) fn promises(&mut self) {
        for fields in self.each("invariant") {
            if let Some(invariant) = self.invariant(fields) {
                self.rules.invariants.push(invariant);
            }
        }
        for fields in self.each("check") {
            if let Some(check) = self.check(fields) {
                self.rules.checks.push(check);
            }
        }
        self.replacements();
        self.rules.checks.sort_by_key(|check| check.code);
        for fields in self.each("control") {
            let control = self.control(fields);
            self.rules.controls.push(control);
        }
    }

    fn control(&mut self, fields: Fields<'_>) -> Control {
        let mut codes = Vec::new();
        for placed in fields.list("codes") {
            let Value::Code(code) = placed.value else { continue };
            if self.rules.severity_of(code).is_none() {
                let known: Vec<String> =
                    self.rules.checks.iter().map(|check| check.code.to_string()).collect();
                let known = known.iter().map(String::as_str);
                self.dangling("check", &code.to_string(), placed.span, known);
            }
            codes.push(code);
        }
        Control {
            id: fields.record.id.clone(),
            title: owned(fields, "title"),
            codes,
            span: fields.record.span,
        }
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
            // Where it does not say which answers it is about, it is about all.
            answering: self.answers(fields, "answering").unwrap_or_default(),
            claim: self.claim(fields)?,
            sources: self.sources(fields, "sources"),
            span: fields.record.span,
        })
    }

    fn operations_that(&self, need: Option<&str>) -> Vec<OperationId> {
        let is_meant = |id: &OperationId| match need {
            Some("need-customer") => self.rules.operation(*id).needs_customer,
            Some("need-order") => self.rules.operation(*id).needs_order,
            _ => true,
        };
        self.rules.operation_ids().filter(is_meant).collect()
    }

    fn claim(&mut self, fields: Fields<'_>) -> Option<Claim> {
        let always = self.answers(fields, "always").map(Claim::Always);
        let never = self.answers(fields, "never").map(Claim::Never);
        let compared =
            fields.value("turning-on").map(|_| self.turned_on(fields)).and_then(|turning_on| {
                if fields.boolean("same") == Some(true) && fields.value("while").is_some() {
                    return Some(Claim::SameWithoutPrerequisites { turning_on });
                }
                let (from, to) = (self.answers(fields, "from")?, self.answers(fields, "never-to")?);
                Some(Claim::NeverFromTo { turning_on, from, to })
            });
        let claims: Vec<Claim> = always.into_iter().chain(never).chain(compared).collect();
        let [claim] = <[Claim; 1]>::try_from(claims).ok().or_else(|| {
            let message = format!(
                "the invariant `{}` claims nothing, or more than one \
                thing",
                fields.record.id
            );
            self.out_of_range(
                message,
                fields.record.span,
                "give `always`, or `never`, or `turning-on` with `from` and `never-to`, or \
                    `turning-on` with `while` and `same`",
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
                Some("any") => features.extend(crate::features::deciding_features(&self.rules)),
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
            outcomes: given
                .texts("outcome")
                .iter()
                .filter_map(|word| Outcome::from_word(word))
                .collect(),
            reasons,
            bases: given.texts("basis").iter().filter_map(|word| Basis::from_word(word)).collect(),
        })
    }
}
