//! `compare --format json`.

use super::UnreadableLine;
use crate::engine::Engine;
use crate::model::Outcome;
use crate::report::decision::{ChangeDocument, change, place};
use crate::report::document::{Location, Provenance, provenance};
use crate::whatif::{ComparedObservations, Discrepancy, LikelyCause};
use crate::wire::{Decided, fact_name};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::value::RawValue;

/// What really happened against what should have.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct ObservationsDocument<'a> {
    version: u32,
    /// How many observations could be read.
    observed: u64,
    differ: usize,
    differences: Vec<DifferenceDocument<'a>>,
    /// The causes of these, those that explain most first.
    causes: Vec<CauseDocument<'a>>,
    /// By operation and channel.
    summary: Vec<CountDocument<'a>>,
    /// The lines that are no observations.
    unreadable: Vec<UnreadableDocument<'a>>,
    provenance: Provenance<'a>,
}

/// An observation that is not as it should be.
#[derive(Debug, Serialize, JsonSchema)]
struct DifferenceDocument<'a> {
    /// The id of the observation, whatever that is; null where it has none.
    #[schemars(with = "serde_json::Value")]
    id: Option<&'a RawValue>,
    line: u64,
    operation: &'a str,
    channel: &'a str,
    expected: Decided<'a>,
    observed: OutcomeDocument<'a>,
    /// The likeliest single fact that explains it.
    cause: Option<ChangeDocument<'a>>,
}

/// How an operation was seen to end.
#[derive(Debug, Serialize, JsonSchema)]
struct OutcomeDocument<'a> {
    outcome: Outcome,
    error_id: Option<&'a str>,
}

/// A single fact that explains observations.
#[derive(Debug, Serialize, JsonSchema)]
struct CauseDocument<'a> {
    fact: String,
    /// The value it has.
    value: &'a str,
    /// The value that it would have.
    to: &'a str,
    /// Where the deployment sets the fact.
    location: Option<Location<'a>>,
    /// How many of the observations that differ it explains.
    explains: u64,
    /// How many of the observations that agree it contradicts.
    contradicted: u64,
}

/// How often an operation was observed at a channel.
#[derive(Debug, Serialize, JsonSchema)]
struct CountDocument<'a> {
    operation: &'a str,
    channel: &'a str,
    observed: u64,
    differ: u64,
}

/// A line that is no observation.
#[derive(Debug, Serialize, JsonSchema)]
struct UnreadableDocument<'a> {
    line: u64,
    message: &'a str,
}

/// `compare --format json`.
pub fn observations_json<'a>(
    engine: &'a Engine,
    compared: &'a ComparedObservations<'a>,
    unreadable: &'a [UnreadableLine],
) -> impl Serialize + use<'a> {
    let operation = |id| engine.rules().operation(id).id.as_str();
    let summary = compared.summary.iter().map(|counted| CountDocument {
        operation: operation(counted.operation),
        channel: counted.channel.id(),
        observed: counted.observed,
        differ: counted.differ,
    });
    let unreadable =
        unreadable.iter().map(|it| UnreadableDocument { line: it.line, message: &it.message });
    ObservationsDocument {
        version: 1,
        observed: compared.observed,
        differ: compared.discrepancies.len(),
        differences: compared.discrepancies.iter().map(|it| difference(engine, it)).collect(),
        causes: compared.causes.iter().map(cause).collect(),
        summary: summary.collect(),
        unreadable: unreadable.collect(),
        provenance: provenance(engine.rules(), Some(engine.deployment())),
    }
}

fn difference<'a>(engine: &'a Engine, discrepancy: &'a Discrepancy<'a>) -> DifferenceDocument<'a> {
    let observation = &discrepancy.observation;
    DifferenceDocument {
        // It was read as JSON.
        id: discrepancy.id.as_deref().and_then(|id| serde_json::from_str(id).ok()),
        line: discrepancy.line,
        operation: &engine.rules().operation(observation.operation).id,
        channel: discrepancy.channel.id(),
        expected: discrepancy.decision.into(),
        observed: OutcomeDocument {
            outcome: observation.outcome,
            error_id: observation.error_id.as_deref(),
        },
        cause: discrepancy.cause.as_ref().map(|it| change(discrepancy.channel, it)),
    }
}

fn cause<'a>(cause: &'a LikelyCause<'a>) -> CauseDocument<'a> {
    let found = cause.change.found;
    CauseDocument {
        fact: fact_name(&found.fact.id),
        value: found.word,
        to: cause.change.to,
        location: place(cause.channel, cause.change.place),
        explains: cause.explains,
        contradicted: cause.contradicted,
    }
}
