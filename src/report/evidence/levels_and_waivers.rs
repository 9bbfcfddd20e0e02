//! What counts for less than it would, with whom and why.

use crate::check::Checked;
use crate::diagnostic::Finding;
use crate::model::{Deployment, Fields, KeyName, SectionName};
use crate::report::check::{LevelDocument, level_documents};
use crate::report::document::{CODE, Location, Provenance, location, provenance};
use schemars::JsonSchema;
use serde::Serialize;

/// The levels and waivers of a deployment.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct LevelsAndWaiversDocument<'a> {
    version: u32,
    levels: Vec<LevelDocument<'a>>,
    waivers: Vec<WaiverDocument<'a>>,
    provenance: Provenance<'a>,
}

/// A waiver, and what it covers.
#[derive(Debug, Serialize, JsonSchema)]
struct WaiverDocument<'a> {
    #[schemars(extend("pattern" = CODE))]
    code: String,
    /// The only subject that it covers; `null` where it covers every one.
    subject: Option<&'a str>,
    reason: Option<&'a str>,
    owner: Option<&'a str>,
    expires: Option<String>,
    /// The fingerprints of the findings that it waives.
    waives: Vec<String>,
    location: Location<'a>,
}

/// The levels that are set, and the waivers with what each of them waives.
pub fn levels_and_waivers_json<'a>(
    deployment: &'a Deployment,
    checked: &'a Checked,
) -> impl Serialize + use<'a> {
    let waivers = deployment.records(SectionName::Waiver);
    LevelsAndWaiversDocument {
        version: 1,
        levels: level_documents(deployment, checked),
        waivers: waivers.filter_map(|record| waiver(deployment, checked, record)).collect(),
        provenance: provenance(deployment.rules(), Some(deployment)),
    }
}

/// A waiver; `None` where it does not say of what, which is an error of the deployment.
fn waiver<'a>(
    deployment: &'a Deployment,
    checked: &Checked,
    record: Fields<'a>,
) -> Option<WaiverDocument<'a>> {
    let span = record.record.span;
    let waived = checked
        .findings
        .iter()
        .filter(|finding| finding.waived.as_ref().is_some_and(|waived| waived.span == span));
    Some(WaiverDocument {
        code: record.code(KeyName::Code)?.to_string(),
        subject: record.text(KeyName::Subject),
        reason: record.text(KeyName::Reason),
        owner: record.text(KeyName::Owner),
        expires: record.date(KeyName::Expires).map(|day| day.to_string()),
        waives: waived.map(Finding::fingerprint).collect(),
        location: location(deployment.files(), span),
    })
}
