//! `cases --format jsonl`.

use super::case_id;
use crate::model::{Basis, Outcome};
use crate::whatif::Case;
use crate::wire::Facts;
use schemars::JsonSchema;
use serde::Serialize;

/// A request with the answer that is expected.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct CaseDocument<'a> {
    id: String,
    /// The deployment, as it was named.
    deployment: &'a str,
    /// The number of the pair that it is one of: the two differ in one fact and in outcome.
    #[serde(skip_serializing_if = "Option::is_none")]
    pair: Option<usize>,
    /// The rules that it reaches.
    covers: [&'a str; 1],
    request: CaseRequest<'a>,
    expect: CaseAnswer<'a>,
}

/// A request with every fact that the operation's rules mention.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseRequest<'a> {
    operation: &'a str,
    channel: &'a str,
    #[serde(flatten)]
    facts: Facts,
}

/// What the answer must have; null for a key that it must not have.
#[derive(Debug, Serialize, JsonSchema)]
struct CaseAnswer<'a> {
    outcome: Outcome,
    reason: &'a str,
    rule: &'a str,
    basis: Basis,
    sources: &'a [String],
    error_id: Option<&'a str>,
}

/// A case as a JSON object.
pub fn case_json<'a>(case: &Case<'a>) -> impl Serialize + use<'a> {
    let engine = case.channel.engine();
    let decision = case.decision;
    let facts = case.facts.iter().map(|fact| (*fact, case.situation.word(*fact)));
    CaseDocument {
        id: case_id(case),
        deployment: engine.deployment().path(),
        pair: case.pair,
        covers: [decision.rule()],
        request: CaseRequest {
            operation: &engine.rules().operation(case.operation).id,
            channel: case.channel.id(),
            facts: Facts(facts.collect()),
        },
        expect: CaseAnswer {
            outcome: decision.outcome(),
            reason: decision.reason(),
            rule: decision.rule(),
            basis: decision.basis(),
            sources: decision.sources(),
            error_id: decision.error_id(),
        },
    }
}
