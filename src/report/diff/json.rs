//! `diff --format json`.

use crate::diagnostic::Sources;
use crate::engine::Engine;
use crate::model::Rules;
use crate::report::document::{
    DeploymentProvenance, FindingDocument, Location, RecordDocument, RulesProvenance, VERSION,
    finding, findings, location,
};
use crate::whatif::diff::{Became, ChangedFindings, ChangedSetting, Difference};
use crate::whatif::{Cause, ChangedFact, ChangedHistory, Compared, Effect};
use crate::wire::{Decided, Facts, fact_name};
use schemars::JsonSchema;
use serde::Serialize;

/// What differs between two deployments.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct DiffDocument<'a> {
    version: u32,
    settings: Vec<SettingChange<'a>>,
    findings: FindingChanges<'a>,
    decisions: DecisionChanges<'a>,
    /// Of `--requests`: what of them ends otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    requests: Option<RequestChanges<'a>>,
    provenance: BothProvenances<'a>,
}

/// A value that differs.
#[derive(Debug, Serialize, JsonSchema)]
struct SettingChange<'a> {
    section: &'a str,
    /// The id of the record; empty for a section that is one.
    id: &'a str,
    /// What became of the record.
    record: Became,
    key: &'a str,
    old: Option<&'a str>,
    new: Option<&'a str>,
    old_location: Option<Location<'a>>,
    new_location: Option<Location<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FindingChanges<'a> {
    new: Vec<FindingDocument<'a>>,
    gone: Vec<FindingDocument<'a>>,
    changed: Vec<FindingChange<'a>>,
}

/// A finding whose severity or waiver differs.
#[derive(Debug, Serialize, JsonSchema)]
struct FindingChange<'a> {
    old: FindingDocument<'a>,
    new: FindingDocument<'a>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct DecisionChanges<'a> {
    /// How many channels both deployments have.
    channels: usize,
    channels_added: Vec<&'a str>,
    channels_removed: Vec<&'a str>,
    compared: u64,
    changed: u64,
    changed_outcomes: u64,
    causes: Vec<CauseDocument<'a>>,
}

/// What of a history ends otherwise; decisions of a cause are requests.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestChanges<'a> {
    /// How many were decided.
    compared: u64,
    /// How many are not valid.
    invalid: u64,
    /// How many end otherwise.
    changed: u64,
    /// How many of those are of channels that only the old deployment has.
    of_channels_removed: u64,
    /// How many of those are of channels that only the new one has.
    of_channels_added: u64,
    causes: Vec<CauseDocument<'a>>,
    /// How many end otherwise by channel, the most first.
    channels: Vec<ChangedOfChannel<'a>>,
    /// The same by operation.
    operations: Vec<ChangedOfOperation<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangedOfChannel<'a> {
    channel: &'a str,
    changed: u64,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ChangedOfOperation<'a> {
    operation: &'a str,
    changed: u64,
}

/// Facts that changed, and the decisions that they change.
#[derive(Debug, Serialize, JsonSchema)]
struct CauseDocument<'a> {
    facts: Vec<FactChange<'a>>,
    channels: Vec<&'a str>,
    changed: u64,
    effects: Vec<EffectDocument<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FactChange<'a> {
    fact: String,
    old: &'a str,
    new: &'a str,
    old_record: Option<RecordDocument<'a>>,
    new_record: Option<RecordDocument<'a>>,
    why: &'a [String],
    old_location: Option<Location<'a>>,
    new_location: Option<Location<'a>>,
}

/// A way in which decisions change, with a request that shows it; a decision that is null is
/// impossible there.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct EffectDocument<'a> {
    operation: &'a str,
    decisions: u64,
    other_outcome: bool,
    old: Option<Decided<'a>>,
    new: Option<Decided<'a>>,
    example: RequestDocument<'a>,
}

/// A request as `decide --input` reads it.
#[derive(Debug, Serialize, JsonSchema)]
struct RequestDocument<'a> {
    operation: &'a str,
    channel: &'a str,
    #[serde(flatten)]
    situation: Facts,
}

/// Of what version, rules, and of which two deployments, a document speaks.
#[derive(Debug, Serialize, JsonSchema)]
struct BothProvenances<'a> {
    syncgate: &'static str,
    rules: RulesProvenance<'a>,
    old: DeploymentProvenance<'a>,
    new: DeploymentProvenance<'a>,
}

/// `diff --format json`.
pub fn diff_json<'a>(
    old: &'a Engine,
    new: &'a Engine,
    difference: &'a Difference<'a>,
    history: Option<&'a ChangedHistory<'a>>,
) -> impl Serialize + use<'a> {
    let files = (old.deployment().files(), new.deployment().files());
    DiffDocument {
        version: 1,
        settings: difference.settings.iter().map(|it| setting_json(files, it)).collect(),
        findings: findings_json(files, &difference.findings),
        decisions: decisions_json(new.rules(), files, &difference.decisions),
        requests: history.map(|history| requests_json(new.rules(), files, history)),
        provenance: BothProvenances {
            syncgate: VERSION,
            rules: RulesProvenance::of(new.rules()),
            old: DeploymentProvenance::of(old.deployment()),
            new: DeploymentProvenance::of(new.deployment()),
        },
    }
}

/// The files of the old deployment and of the new one.
type Files<'a> = (&'a Sources, &'a Sources);

fn setting_json<'a>(files: Files<'a>, setting: &'a ChangedSetting<'_>) -> SettingChange<'a> {
    SettingChange {
        section: &setting.section.id,
        id: &setting.id,
        record: setting.record,
        key: setting.key,
        old: setting.old.as_ref().map(|(text, _)| text.as_str()),
        new: setting.new.as_ref().map(|(text, _)| text.as_str()),
        old_location: setting.old.as_ref().map(|(_, span)| location(files.0, *span)),
        new_location: setting.new.as_ref().map(|(_, span)| location(files.1, *span)),
    }
}

fn findings_json<'a>(files: Files<'a>, found: &'a ChangedFindings) -> FindingChanges<'a> {
    let both = found.changed.iter();
    FindingChanges {
        new: findings(files.1, &found.new),
        gone: findings(files.0, &found.gone),
        changed: both
            .map(|(was, is)| FindingChange {
                old: finding(files.0, was),
                new: finding(files.1, is),
            })
            .collect(),
    }
}

fn decisions_json<'a>(
    rules: &'a Rules,
    files: Files<'a>,
    compared: &'a Compared<'_>,
) -> DecisionChanges<'a> {
    let causes = compared.causes.iter();
    DecisionChanges {
        channels: compared.channels,
        channels_added: compared.added.iter().map(|channel| channel.id()).collect(),
        channels_removed: compared.removed.iter().map(|channel| channel.id()).collect(),
        compared: compared.decisions,
        changed: compared.changed(),
        changed_outcomes: compared.changed_outcomes(),
        causes: causes.map(|cause| cause_json(rules, files, cause)).collect(),
    }
}

fn requests_json<'a>(
    rules: &'a Rules,
    files: Files<'a>,
    history: &'a ChangedHistory<'_>,
) -> RequestChanges<'a> {
    let channels = history.channels.iter();
    let operations = history.operations.iter();
    RequestChanges {
        compared: history.requests,
        invalid: history.invalid,
        changed: history.changed,
        of_channels_removed: history.removed,
        of_channels_added: history.added,
        causes: history.causes.iter().map(|cause| cause_json(rules, files, cause)).collect(),
        channels: channels
            .map(|(channel, changed)| ChangedOfChannel { channel, changed: *changed })
            .collect(),
        operations: operations
            .map(|(operation, changed)| ChangedOfOperation {
                operation: &rules.operation(*operation).id,
                changed: *changed,
            })
            .collect(),
    }
}

fn cause_json<'a>(rules: &'a Rules, files: Files<'a>, cause: &'a Cause<'_>) -> CauseDocument<'a> {
    CauseDocument {
        facts: cause.facts.iter().map(|fact| fact_json(files, fact)).collect(),
        channels: cause.channels.iter().map(|(_, channel)| channel.id()).collect(),
        changed: cause.changed(),
        effects: cause.effects.iter().map(|effect| effect_json(rules, effect)).collect(),
    }
}

fn fact_json<'a>(files: Files<'a>, fact: &'a ChangedFact<'_>) -> FactChange<'a> {
    FactChange {
        fact: fact_name(&fact.fact.id),
        old: fact.old,
        new: fact.new,
        old_record: fact.old_record.map(RecordDocument::from),
        new_record: fact.new_record.map(RecordDocument::from),
        why: &fact.why,
        old_location: fact.old_place.map(|span| location(files.0, span)),
        new_location: fact.new_place.map(|span| location(files.1, span)),
    }
}

/// A way in which decisions change, with a request that shows it.
pub(in crate::report) fn effect_json<'a>(
    rules: &'a Rules,
    effect: &Effect<'a>,
) -> EffectDocument<'a> {
    let operation = rules.operation(effect.operation).id.as_str();
    EffectDocument {
        operation,
        decisions: effect.decisions,
        other_outcome: effect.changes_outcome(),
        old: effect.old.map(Decided::from),
        new: effect.new.map(Decided::from),
        example: RequestDocument {
            operation,
            channel: effect.channel.id(),
            situation: Facts::of(effect.example),
        },
    }
}
