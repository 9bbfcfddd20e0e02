//! Who answers for the values that people typed.

use crate::load::IMPORTED;
use crate::model::{Deployment, Fields, KeyName, SectionName};
use crate::report::document::{Location, Provenance, location, provenance};
use schemars::JsonSchema;
use serde::Serialize;

/// The values of a deployment that no export shows, and who answers for them.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::report) struct AttestationsDocument<'a> {
    version: u32,
    /// Who answers for them; `null` where nobody does.
    attestation: Option<AttestationDocument<'a>>,
    /// The values that were typed, in the order of sections and records.
    values: Vec<TypedValueDocument<'a>>,
    provenance: Provenance<'a>,
}

/// Who answers for values, since when, until when, and by what evidence.
#[derive(Debug, Serialize, JsonSchema)]
struct AttestationDocument<'a> {
    by: Option<&'a str>,
    on: Option<String>,
    expires: Option<String>,
    evidence: Option<&'a str>,
    location: Location<'a>,
}

/// A value that was typed.
#[derive(Debug, Serialize, JsonSchema)]
struct TypedValueDocument<'a> {
    section: &'a str,
    /// The record; empty where the section is one table.
    id: &'a str,
    key: &'a str,
    location: Location<'a>,
}

/// The values of a deployment that stand in no file that `import` wrote, and who answers for them.
pub fn attestations_json(deployment: &Deployment) -> impl Serialize {
    let attestation = deployment.table(SectionName::Attestation);
    AttestationsDocument {
        version: 1,
        attestation: attestation.map(|record| attested(deployment, record)),
        values: typed(deployment),
        provenance: provenance(deployment.rules(), Some(deployment)),
    }
}

fn attested<'a>(deployment: &'a Deployment, record: Fields<'a>) -> AttestationDocument<'a> {
    AttestationDocument {
        by: record.text(KeyName::By),
        on: record.date(KeyName::On).map(|day| day.to_string()),
        expires: record.date(KeyName::Expires).map(|day| day.to_string()),
        evidence: record.text(KeyName::Evidence),
        location: location(deployment.files(), record.record.span),
    }
}

/// What says who answers, and what counts how: that is no value of the environment.
const OF_PEOPLE: [SectionName; 3] =
    [SectionName::Attestation, SectionName::Levels, SectionName::Waiver];

fn typed(deployment: &Deployment) -> Vec<TypedValueDocument<'_>> {
    let files = deployment.files();
    let mut values = Vec::new();
    for section in &deployment.rules().format.sections {
        if OF_PEOPLE.iter().any(|name| name.as_str() == section.id) {
            continue;
        }
        for record in deployment.records(&*section.id) {
            for (key, value) in section.keys.iter().zip(&record.record.values) {
                let Some(value) = value else { continue };
                if files.is_named(value.span.file, IMPORTED) {
                    continue;
                }
                values.push(TypedValueDocument {
                    section: &section.id,
                    id: &record.record.id,
                    key: &key.id,
                    location: location(files, value.span),
                });
            }
        }
    }
    values
}
