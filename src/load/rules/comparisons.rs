//! What makes no sense in a check although every name in it is known: a value that the fact never
//! has, an order where there is none, a code that is taken, checks that take each other's place.

use super::bind::Binder;
use crate::diagnostic::{Code, Span};
use crate::model::check_facts::{Sort, sort_of};
use crate::model::name::nearest;
use crate::model::{CheckFact, Comparison, Duration, Scalar, Version};
use std::collections::BTreeSet;

impl Sort {
    /// What it is called, and how a value of it is written.
    fn described(&self) -> (&'static str, String) {
        match self {
            Self::Boolean => ("yes or no", "`true` or `false`".to_owned()),
            Self::Number => ("a number", "a whole number, without quotes".to_owned()),
            Self::Duration => ("a duration", "a duration such as `\"1h30m\"`".to_owned()),
            Self::Moment => {
                ("a moment", "compare it with another moment: `{ below-fact = \"…\" }`".to_owned())
            }
            Self::Version => ("a version", "a version such as `\"10.0.31\"`".to_owned()),
            Self::Word(words) => ("a word", format!("one of: {}", words.join(", "))),
            Self::Text => ("text", "text, in quotes".to_owned()),
        }
    }

    /// Whether a fact of this sort can have a value.
    fn has(&self, value: &Scalar) -> bool {
        match (self, value) {
            (Self::Boolean, Scalar::Boolean(_))
            | (Self::Number, Scalar::Number(_))
            | (Self::Text, Scalar::Text(_)) => true,
            (Self::Duration, Scalar::Text(text)) => {
                text == "none" || text.parse::<Duration>().is_ok()
            }
            (Self::Version, Scalar::Text(text)) => text.parse::<Version>().is_ok(),
            (Self::Word(words), Scalar::Text(text)) => words.contains(text),
            _ => false,
        }
    }

    /// Whether one value can be less than another.
    fn has_order(&self) -> bool {
        matches!(self, Self::Number | Self::Duration | Self::Moment | Self::Version)
    }
}

impl Binder<'_> {
    /// Tells of a comparison that could never hold, or never fail.
    pub(super) fn comparison_makes_sense(
        &mut self,
        name: &str,
        fact: &CheckFact,
        comparison: &Comparison,
        span: Span,
    ) {
        let sort = sort_of(fact, &self.rules);
        let (values, in_order) = match comparison {
            Comparison::Is(values) | Comparison::IsNot(values) => (values.as_slice(), false),
            Comparison::Below(bound) | Comparison::Above(bound) => {
                (std::slice::from_ref(bound), true)
            }
            Comparison::BelowFact(_) | Comparison::AboveFact(_) => (&[][..], true),
            Comparison::NotFact(_) => (&[][..], false),
        };
        if in_order && !sort.has_order() {
            let message = format!(
                "`{name}` is {}, of which none is below or above another",
                sort.described().0
            );
            self.out_of_range(message, span, "a value, a list of values, or `not`");
            return;
        }
        for value in values.iter().filter(|value| !sort.has(value)) {
            self.odd_value(name, &sort, value, span);
        }
        if let Comparison::NotFact(other)
        | Comparison::BelowFact(other)
        | Comparison::AboveFact(other) = comparison
        {
            let other = sort_of(other, &self.rules);
            if std::mem::discriminant(&other) != std::mem::discriminant(&sort) {
                let (one, other) = (sort.described().0, other.described().0);
                let message =
                    format!("`{name}` is {one}, and is compared with a fact that is {other}");
                self.out_of_range(message, span, &format!("compare it with a fact that is {one}"));
            }
        }
    }

    fn odd_value(&mut self, name: &str, sort: &Sort, value: &Scalar, span: Span) {
        let written = match value {
            Scalar::Boolean(value) => value.to_string(),
            Scalar::Number(number) => number.to_string(),
            Scalar::Version(version) => version.to_string(),
            Scalar::Text(text) => text.clone(),
        };
        let (what, mut help) = sort.described();
        if let Sort::Word(words) = sort
            && let Some(near) = nearest(&written, words.iter().map(String::as_str))
        {
            help = format!("did you mean `{near}`?");
        }
        self.out_of_range(format!("`{name}` is {what}, and never `{written}`"), span, &help);
    }

    /// Tells of a code that is not one for a check, or not one for the checks of one's own.
    pub(super) fn code_is_free(&mut self, code: Code, span: Span) {
        let path = self.rules.files.path(span.file);
        let is_own = self.rules.added.iter().any(|added| added == path);
        if code.number() < 100 {
            let help = "SG1nn, or SG900 to SG999 for your own";
            self.out_of_range(format!("`{code}` is no code of a check"), span, help);
        } else if is_own && code.number() < 900 {
            let message = format!("`{code}` is not for checks of one's own");
            self.out_of_range(message, span, "SG900 to SG999 are");
        }
    }

    /// Tells of checks that take the place of none, or of each other, so that none of them would be
    /// told.
    pub(super) fn replacements(&mut self) {
        let checks = self.each("check");
        let replaced = checks.filter_map(|check| {
            Some((check.code("code")?, check.code("instead-of")?, check.span("instead-of")))
        });
        let replaced: Vec<(Code, Code, Span)> = replaced.collect();
        let known: BTreeSet<Code> = self.rules.checks.iter().map(|check| check.code).collect();
        for (code, general, span) in &replaced {
            if !known.contains(general) {
                let names: Vec<String> = known.iter().map(ToString::to_string).collect();
                self.dangling(
                    "check",
                    &general.to_string(),
                    *span,
                    names.iter().map(String::as_str),
                );
            } else if leads_to(*general, *code, &replaced) {
                let (message, help) = if code == general {
                    (
                        format!("`{code}` takes its own place"),
                        "leave `instead-of` out, or it is never told",
                    )
                } else {
                    let message =
                        format!("`{code}` takes the place of `{general}`, which leads back to it");
                    (message, "leave one `instead-of` out, or none of them is ever told")
                };
                self.out_of_range(message, *span, help);
            }
        }
    }
}

/// Whether the checks that one takes the place of lead to another.
fn leads_to(from: Code, to: Code, replaced: &[(Code, Code, Span)]) -> bool {
    let mut reached = BTreeSet::from([from]);
    loop {
        let next = replaced
            .iter()
            .filter(|(code, ..)| reached.contains(code))
            .map(|(_, general, _)| *general);
        let before = reached.len();
        reached = reached.iter().copied().chain(next).collect();
        if reached.contains(&to) || reached.len() == before {
            return reached.contains(&to);
        }
    }
}
