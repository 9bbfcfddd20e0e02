//! Facts, operations and the rules that decide them.

use super::ids::{ChannelTableId, FactId, FeatureId, OperationId, ReasonId};
use crate::diagnostic::Span;
use crate::model::decision::{Basis, Outcome};
use crate::model::situation::SituationFact;
use crate::model::version::Version;
use crate::model::words::words;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Something that is known about a request: one of a finite set of values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Fact {
    /// Its name, such as `connection` or `feature.edit-customers-async`.
    pub id: String,
    /// The words of its values, at most 64; `false` and `true` for a boolean.
    pub words: Vec<String>,
    /// Where its value comes from.
    pub origin: Origin,
    /// The number of the value it has where none is given; `None` where one must be given.
    pub default: Option<usize>,
    /// The version before which it counts as its default.
    pub since: Option<Version>,
    /// Boolean facts that must be true, or it counts as its default.
    pub requires: Vec<FactId>,
    /// What it is.
    pub text: String,
    /// Statement numbers that speak of it.
    pub sources: Vec<String>,
    /// Where it is declared; the feature's place for a feature's fact.
    pub span: Span,
}

impl Fact {
    /// The number of its default, or where it has none of its first value.
    pub fn default_or_first(&self) -> usize {
        self.default.unwrap_or(0)
    }
}

/// Where the value of a fact comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// The situation.
    Situation(SituationFact),
    /// A key of the record that the channel reaches in a section of the deployment.
    Setting {
        /// The section.
        section: String,
        /// The key.
        key: String,
    },
    /// The effective state of a feature.
    Feature(FeatureId),
}

/// One condition: a fact has one of some values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The fact.
    pub fact: FactId,
    /// The values it may have, a bit for each.
    pub values: u64,
    /// Where the condition is written.
    pub span: Span,
}

impl Condition {
    /// Whether it holds for the value with this number.
    pub fn allows(&self, value: usize) -> bool {
        value < 64 && self.values >> value & 1 == 1
    }
}

/// A combination that cannot be.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Impossible {
    /// The conditions that exclude each other.
    pub when: Vec<Condition>,
    /// Why.
    pub text: String,
}

words! {
    /// What an operation brings into being.
    Creation {
        /// A customer.
        Customer = "customer",
        /// A customer order or quotation.
        Order = "order",
    }
}

/// A customer operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own in the rules")]
pub struct Operation {
    /// Its name, such as `create-customer`.
    pub id: String,
    /// Its POS operations: number and name.
    pub pos: Vec<(String, String)>,
    /// Its names in the API of the Commerce Scale Unit.
    pub api: Vec<String>,
    /// What it does.
    pub text: String,
    /// The kinds of channel that offer it; empty for all.
    pub channels: Vec<String>,
    /// Whether it is done to a customer.
    pub needs_customer: bool,
    /// Whether it is done to an order.
    pub needs_order: bool,
    /// What it brings into being.
    pub creates: Option<Creation>,
    /// Whether it ends an order.
    pub cancels_order: bool,
    /// Whether it is among those that every retailer asks about: the report shows these on its
    /// first screen.
    pub asked_first: bool,
    /// The table that an async operation adds a row to.
    pub writes: Option<ChannelTableId>,
    /// Whether it only looks something up, so that an async answer leaves no row.
    pub reads_only: bool,
    /// Its rules, guards first, as indices of [`Rules::rules`](crate::model::Rules::rules).
    pub rules: Range<usize>,
    /// Where it is declared.
    pub span: Span,
}

impl Operation {
    /// Every name it answers to: its own, its POS numbers and names, its API names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let pos = self.pos.iter().flat_map(|(number, name)| [number.as_str(), name.as_str()]);
        std::iter::once(self.id.as_str()).chain(pos).chain(self.api.iter().map(String::as_str))
    }
}

/// A rule of an operation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Rule {
    /// `<operation>/<rule>`.
    pub id: String,
    /// The operation.
    pub operation: OperationId,
    /// Conditions that must all hold, in file order.
    pub when: Vec<Condition>,
    /// How the operation ends.
    pub outcome: Outcome,
    /// Why.
    pub reason: ReasonId,
    /// On what authority.
    pub basis: Basis,
    /// Statement numbers.
    pub sources: Vec<String>,
    /// The product's error id.
    pub error_id: Option<String>,
    /// What else to know, such as a contradiction between sources.
    pub note: Option<String>,
    /// Where it is written; the operation's place for a guard.
    pub span: Span,
}

/// A reason that rules give.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// Its code.
    pub id: String,
    /// What it means.
    pub text: String,
    /// What can be done about it.
    pub help: Option<String>,
    /// The product's error ids, each with the operations it holds for; none named is all.
    pub errors: Vec<(String, Vec<OperationId>)>,
    /// Where it is declared.
    pub span: Span,
}
