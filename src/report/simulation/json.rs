//! `simulate --format json`.

use super::view::{SimulationView, duration};
use crate::report::document::{Provenance, provenance};
use crate::simulate::Halved;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::BTreeMap;

/// A load that was played on one deployment, or on two.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(in crate::report) enum SimulationsDocument<'a> {
    One(Box<SimulationDocument<'a>>),
    Several {
        version: u32,
        /// The one that was asked for first.
        deployments: Vec<SimulationDocument<'a>>,
    },
}

/// A load that was played on one deployment.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct SimulationDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<u32>,
    operations: OperationsDocument<'a>,
    real_time_calls: CallsDocument,
    customers: CreatedDocument,
    /// By channel, in the order of the deployment.
    queue: Vec<ChannelQueueDocument<'a>>,
    /// By their beginning.
    outages: Vec<OutageDocument<'a>>,
    /// How long customers may be pending, where the deployment has a target.
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<TargetDocument<'a>>,
    provenance: Provenance<'a>,
}

/// Decisions, by outcome and by reason.
#[derive(Debug, Serialize, JsonSchema)]
struct OperationsDocument<'a> {
    total: u64,
    sync: u64,
    #[serde(rename = "async")]
    asynchronous: u64,
    rejected: u64,
    by_reason: &'a BTreeMap<String, u64>,
}

/// Calls of the Real-time Service.
#[derive(Debug, Serialize, JsonSchema)]
struct CallsDocument {
    total: u64,
    peak_per_hour: u64,
    /// One number for each hour since the beginning.
    by_hour: Vec<u64>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct CreatedDocument {
    created: u64,
    pending_at_end: u64,
    time_to_account_id: WaitsDocument,
}

/// Order statistics by nearest rank; null where no customer became synced.
#[derive(Debug, Serialize, JsonSchema)]
struct WaitsDocument {
    p50: Option<String>,
    p95: Option<String>,
    max: Option<String>,
}

/// Rows of a channel that are written and not completed.
#[derive(Debug, Serialize, JsonSchema)]
struct ChannelQueueDocument<'a> {
    channel: &'a str,
    peak_rows: u64,
    /// Null where there never was a row.
    peak_at: Option<String>,
    /// Null where rows still wait.
    drained_at: Option<String>,
}

/// Something that failed for a while.
#[derive(Debug, Serialize, JsonSchema)]
struct OutageDocument<'a> {
    kind: &'static str,
    channel: Option<&'a str>,
    begin: String,
    end: String,
    /// From its end until no more rows waited than ever before its beginning; null where that did
    /// not come.
    caught_up_after: Option<String>,
}

/// How long customers may be pending, and how long they are.
#[derive(Debug, Serialize, JsonSchema)]
struct TargetDocument<'a> {
    pending_customer: String,
    longest: String,
    met: bool,
    /// The recurrence that, halved, makes the longest the shortest; null where none makes it
    /// shorter.
    helps_most: Option<HalvedDocument<'a>>,
}

/// A recurrence that is halved.
#[derive(Debug, Serialize, JsonSchema)]
struct HalvedDocument<'a> {
    job: &'a str,
    recurrence: String,
    halved: String,
    longest: String,
}

/// `simulate --format json`.
pub fn simulation_json<'a>(views: &[SimulationView<'a>]) -> impl Serialize + use<'a> {
    match views {
        [view] => SimulationsDocument::One(Box::new(document(*view, Some(1)))),
        views => SimulationsDocument::Several {
            version: 1,
            deployments: views.iter().map(|view| document(*view, None)).collect(),
        },
    }
}

fn document(view: SimulationView<'_>, version: Option<u32>) -> SimulationDocument<'_> {
    let counted = &view.simulated.counted;
    let [sync, asynchronous, rejected] = counted.decisions();
    let by_hour: Vec<u64> = counted.hours.iter().map(|hour| hour.calls).collect();
    let wait = |of_a_hundred| counted.wait(of_a_hundred).map(duration);
    SimulationDocument {
        version,
        operations: OperationsDocument {
            total: sync + asynchronous + rejected,
            sync,
            asynchronous,
            rejected,
            by_reason: &counted.by_reason,
        },
        real_time_calls: CallsDocument {
            total: counted.calls(),
            peak_per_hour: by_hour.iter().copied().fold(0, u64::max),
            by_hour,
        },
        customers: CreatedDocument {
            created: counted.created,
            pending_at_end: counted.pending,
            time_to_account_id: WaitsDocument { p50: wait(50), p95: wait(95), max: wait(100) },
        },
        queue: queue(view),
        outages: outages(view),
        target: view.simulated.target.as_ref().map(|target| TargetDocument {
            pending_customer: duration(target.target),
            longest: duration(target.longest),
            met: target.is_met(),
            helps_most: target.helps.as_ref().map(halved),
        }),
        provenance: provenance(view.engine.rules(), Some(view.engine.deployment())),
    }
}

fn halved(halved: &Halved) -> HalvedDocument<'_> {
    HalvedDocument {
        job: &halved.job,
        recurrence: duration(halved.recurrence),
        halved: duration(halved.halved),
        longest: duration(halved.longest),
    }
}

fn queue(view: SimulationView<'_>) -> Vec<ChannelQueueDocument<'_>> {
    let moment = |at: u64| view.moment(at.cast_signed());
    let queues = view.queues().map(|(channel, queue)| ChannelQueueDocument {
        channel,
        peak_rows: queue.peak,
        peak_at: queue.peak_at.map(moment),
        drained_at: queue.drained_at.map(moment),
    });
    queues.collect()
}

fn outages(view: SimulationView<'_>) -> Vec<OutageDocument<'_>> {
    let outages = view.simulated.counted.outages.iter().map(|catch_up| {
        let (kind, channel) = view.outage(catch_up);
        OutageDocument {
            kind,
            channel,
            begin: view.moment(catch_up.outage.period.start),
            end: view.moment(catch_up.outage.period.end),
            caught_up_after: catch_up.after.map(duration),
        }
    });
    outages.collect()
}
