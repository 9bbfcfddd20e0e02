//! The views: a row for each request, by joins with tables whose names and numbers are unique.

use super::dialect::Dialect;
use super::request::{RequestColumns, column_of};
use crate::model::{Situation, SituationFact};
use crate::report::export::tables::PREFIX;
use crate::report::export::words::{default, parts};

/// What is looked up for a request in the tables of one deployment.
#[derive(Clone, Copy)]
struct Lookup<'a> {
    dialect: Dialect,
    /// What stands before the names of the deployment's own tables.
    of: &'a str,
    operations: usize,
}

/// The columns of a decision, by the names that they have there and in the table of rules.
const DECIDED: [(&str, &str); 6] = [
    ("outcome", "outcome"),
    ("reason", "reason"),
    ("rule", "id"),
    ("basis", "basis"),
    ("sources", "sources"),
    ("error_id", "error_id"),
];

/// What is told of a request; where tables are joined, an engine may call a column by both names.
const ASKED: &str = "f.id AS id, f.operation AS operation, f.channel AS channel";

/// The query of `syncgate_decided`.
pub(super) fn decided(dialect: Dialect, request: &RequestColumns, operations: usize) -> String {
    let lookup = Lookup { dialect, of: "", operations };
    let columns = DECIDED.map(|(name, of)| format!("r.{of} AS {}", dialect.name(name)));
    format!(
        "SELECT {ASKED}, {},\n  {} AS error\n{}\n{}",
        columns.join(", "),
        lookup.error("c", "b", "x"),
        facts(dialect, request),
        lookup.joins(["c", "b", "x", "r"]),
    )
}

/// The query of `syncgate_changed`: of the requests those that end otherwise than by the deployment
/// as it was.
pub(super) fn changed(dialect: Dialect, request: &RequestColumns, operations: usize) -> String {
    let new = Lookup { dialect, of: "", operations };
    let old = Lookup { of: "old_", ..new };
    let [before, after] = [("old_", "s"), ("", "r")].map(|(prefix, rule)| {
        let column = |(name, of)| format!("{rule}.{of} AS {}", dialect.name(name));
        [
            (&*format!("{prefix}outcome"), "outcome"),
            (&*format!("{prefix}reason"), "reason"),
            (&*format!("{prefix}rule"), "id"),
        ]
        .map(column)
        .join(", ")
    });
    format!(
        "SELECT * FROM (\nSELECT {ASKED}, {before},\n  {} AS old_error, {after},\n  {} AS \
            error,\n  {CAUSE} AS cause\n{}\n{}\n{}\n{}\n) d\n\
            WHERE COALESCE(d.old_outcome, 'none') <> COALESCE(d.outcome, 'none')",
        old.error("e", "p", "y"),
        new.error("c", "b", "x"),
        facts(dialect, request),
        new.joins(["c", "b", "x", "r"]),
        old.joins(["e", "p", "y", "s"]),
        new.cause(),
    )
}

/// Why a request ends otherwise.
const CAUSE: &str = "CASE WHEN e.class < 0 THEN 'the channel is new' \
    WHEN c.class < 0 THEN 'the channel is gone' ELSE w.facts END";

/// The requests with their operations: the texts by which their names are looked up, and the number
/// of the situation; null where a word of it is unknown.
fn facts(dialect: Dialect, request: &RequestColumns) -> String {
    let id = if request.has("id") {
        "q.id AS id".to_owned()
    } else {
        format!("{} AS id", dialect.text_of("NULL"))
    };
    let terms = SituationFact::ALL.iter().filter_map(|fact| term(dialect, request, *fact));
    let terms: Vec<String> = terms.collect();
    let situation = if terms.is_empty() { "0".to_owned() } else { terms.join("\n    + ") };
    format!(
        "FROM (\n  SELECT {id}, q.operation AS operation, q.channel AS channel,\n    {} AS \
            operation_text, {} AS channel_text,\n    {situation} AS situation\n  \
            FROM {PREFIX}request q\n) f\n\
            LEFT JOIN {PREFIX}operation_name o ON o.name = f.operation_text{}",
        dialect.text_of("q.operation"),
        dialect.text_of("q.channel"),
        dialect.exactly(),
    )
}

/// What a fact adds to the number of the situation: its first word is its default.
fn term(dialect: Dialect, request: &RequestColumns, fact: SituationFact) -> Option<String> {
    let column = column_of(fact);
    if !request.has(&column) {
        return None;
    }
    let column = dialect.text_of(&format!("q.{}", dialect.name(&column)));
    let mut cases = String::new();
    for (word, number) in parts(fact) {
        for word in SituationFact::spellings(word) {
            cases.push_str(&format!(" WHEN '{word}' THEN {number}"));
        }
    }
    let (default, exactly) = (default(fact), dialect.exactly());
    Some(format!("CASE COALESCE({column}, '{default}'){exactly}{cases} END"))
}

impl Lookup<'_> {
    /// The joins, with these names for channel, behaviour, cell and rule; the operation is `o`.
    /// Each finds at most one row, and none takes a row away.
    fn joins(self, [channel, behaviour, cell, rule]: [&str; 4]) -> String {
        let Self { of, operations, dialect } = self;
        let exactly = dialect.exactly();
        let count = Situation::COUNT;
        let rule_name = dialect.name("rule");
        format!(
            "LEFT JOIN {PREFIX}{of}channel_name {channel} ON {channel}.name = \
                f.channel_text{exactly}\n\
            LEFT JOIN {PREFIX}{of}behaviour {behaviour} ON {behaviour}.k = CASE WHEN \
                {channel}.class >= 0 AND o.operation >= 0 THEN {channel}.class * {operations} + \
                o.operation END\n\
            LEFT JOIN {PREFIX}{of}cell {cell} ON {cell}.k = {behaviour}.behaviour * {count} + \
                f.situation\n\
            LEFT JOIN {PREFIX}rule {rule} ON {rule}.{rule_name} = {cell}.{rule_name}"
        )
    }

    /// The joins that find the cause, for the channel's text and the operation.
    fn cause(self) -> String {
        let Self { operations, dialect, .. } = self;
        let exactly = dialect.exactly();
        let count = Situation::COUNT;
        format!(
            "LEFT JOIN {PREFIX}channel_change g ON g.name = f.channel_text{exactly}\n\
            LEFT JOIN {PREFIX}change h ON h.k = CASE WHEN o.operation >= 0 THEN (g.change * \
                {operations} + o.operation) * {count} + f.situation END\n\
            LEFT JOIN {PREFIX}cause w ON w.cause = h.cause"
        )
    }

    /// The first thing that is wrong.
    fn error(self, channel: &str, behaviour: &str, cell: &str) -> String {
        let rule = self.dialect.name("rule");
        format!(
            "CASE WHEN f.situation IS NULL THEN 'unknown-value' \
            WHEN f.operation_text IS NULL OR f.channel_text IS NULL THEN 'missing' \
            WHEN {channel}.class IS NULL THEN 'unresolved-channel' \
            WHEN {channel}.class < 0 THEN 'unknown-channel' \
            WHEN o.operation IS NULL THEN 'unresolved-operation' \
            WHEN {behaviour}.behaviour IS NULL THEN 'unknown-operation' \
            WHEN {cell}.{rule} IS NULL THEN 'impossible' END"
        )
    }
}
