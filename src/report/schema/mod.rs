//! JSON Schemas: of what is read, made from the same tables that it is read by; of what is printed,
//! derived from the types that are written.

mod format;
mod names;
mod stream;
mod words;

use super::cases::CaseDocument;
use super::check::{CheckDocument, SeveralDocument};
use super::decision::Answer;
use super::diff::DiffDocument;
#[cfg(feature = "import")]
use super::evidence::{AttestationsDocument, LevelsAndWaiversDocument, ManifestDocument};
use super::explained::ExplanationDocument;
use super::features::FeaturesDocument;
use super::matrix::MatrixDocument;
use super::observations::ObservationsDocument;
use super::plan::PlanDocument;
use super::rules::{ListDocument, VerificationDocument};
#[cfg(feature = "store")]
use super::scenarios::ScenariosDocument;
#[cfg(feature = "store")]
use super::simulation::SimulationsDocument;
#[cfg(feature = "store")]
use super::store::{
    BackupDocument, CompactedDocument, CustomersDocument, JournalDocument, QueueDocument,
    ReplayAnswer, StatusDocument, VerifiedDocument,
};
use super::text::{Style, TextTable};
use crate::model::Rules;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema};
use serde_json::{Map, Value, json};

/// A format that has a schema.
#[derive(Clone, Copy, Debug)]
pub struct SchemaEntry {
    /// Its name.
    pub name: &'static str,
    /// What is so formatted.
    pub about: &'static str,
    body: fn(&Rules) -> Value,
}

const fn entry(name: &'static str, about: &'static str, body: fn(&Rules) -> Value) -> SchemaEntry {
    SchemaEntry { name, about, body }
}

/// Every format that has a schema.
pub const SCHEMAS: &[SchemaEntry] = &[
    entry("deployment", "a deployment, whole", format::deployment),
    entry("deployment-part", "one file of several that make a deployment", format::part),
    entry("rules", "a set of rules", |_| format::document(&crate::load::rules_format(), None)),
    entry("scenario", "a file of `test`", |rules| {
        format::document(&crate::load::scenario_format(), Some(rules))
    }),
    entry("load", "a file of `simulate`", |rules| {
        format::document(&crate::load::load_format(), Some(rules))
    }),
    entry("event", "a line of `replay --events`", stream::event),
    entry("request", "a line of `decide --input`", stream::request),
    entry("decision", "what `decide` and `replay` answer", |_| derived::<Answer<'_>>()),
    #[cfg(feature = "store")]
    entry("answer", "a line of `replay`, of questions and of `--answer all` too", |_| {
        derived::<ReplayAnswer<'_>>()
    }),
    entry("case", "a request with the answer that is expected, a line each", stream::case),
    entry("cases", "a line of `cases`", |_| derived::<CaseDocument<'_>>()),
    entry("findings", "`check --format json`", |_| derived::<CheckDocument<'_>>()),
    entry("findings-of-several", "`check A B --format json`", |_| derived::<SeveralDocument<'_>>()),
    entry("matrix", "`matrix --format json`", |_| derived::<MatrixDocument<'_>>()),
    entry("diff", "`diff --format json`", |_| derived::<DiffDocument<'_>>()),
    entry("observations", "`compare --format json`", |_| derived::<ObservationsDocument<'_>>()),
    entry("features", "`features --format json`", |_| derived::<FeaturesDocument<'_>>()),
    entry("plan", "`plan --format json`", |_| derived::<PlanDocument<'_>>()),
    #[cfg(feature = "import")]
    entry("manifest", "`manifest.json` of a pack", |_| derived::<ManifestDocument>()),
    #[cfg(feature = "import")]
    entry("attestations", "`attestations.json` of a pack", |_| {
        derived::<AttestationsDocument<'_>>()
    }),
    #[cfg(feature = "import")]
    entry("levels-and-waivers", "`levels-and-waivers.json` of a pack", |_| {
        derived::<LevelsAndWaiversDocument<'_>>()
    }),
    entry("rules-verify", "`rules verify --format json`", |_| {
        derived::<VerificationDocument<'_>>()
    }),
    entry("rules-list", "`rules list --format json`", |_| derived::<ListDocument<'_>>()),
    entry("explanation", "`explain --format json`", |_| derived::<ExplanationDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("test", "`test --format json`", |_| derived::<ScenariosDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("simulation", "`simulate --format json`", |_| derived::<SimulationsDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("store-status", "`store status --format json`", |_| derived::<StatusDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("store-customers", "`store customers --format json`", |_| {
        derived::<CustomersDocument<'_>>()
    }),
    #[cfg(feature = "store")]
    entry("store-queue", "`store queue --format json`", |_| derived::<QueueDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("store-audit", "`store audit --format json`", |_| derived::<JournalDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("store-verify", "`store verify --format json`", |_| derived::<VerifiedDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("store-compact", "`store compact --format json`", |_| derived::<CompactedDocument<'_>>()),
    #[cfg(feature = "store")]
    entry("store-backup", "`store backup --format json`", |_| derived::<BackupDocument<'_>>()),
];

/// The file beside a deployment that has the schema of its parts, by which editors and other
/// readers of TOML know it: its parts begin with `#:schema ./` and this name.
pub const BESIDE: &str = ".deployment-part.schema.json";

/// The schema of the format `name`; `None` for one that there is not.
pub fn schema(rules: &Rules, name: &str) -> Option<Value> {
    let entry = SCHEMAS.iter().find(|entry| entry.name == name)?;
    let mut schema = Map::from_iter([
        ("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema")),
        ("$id".to_owned(), json!(format!("urn:syncgate:schema:{name}"))),
        ("title".to_owned(), json!(format!("syncgate {name}"))),
    ]);
    if let Value::Object(body) = (entry.body)(rules) {
        schema.extend(body.into_iter().filter(|(key, _)| key != "title"));
    }
    Some(Value::Object(schema))
}

/// The formats that have a schema, as a table.
pub fn schemas_human(style: Style) -> String {
    let mut table = TextTable::new(["schema", "what it describes"]);
    for entry in SCHEMAS {
        table.row([entry.name, entry.about]);
    }
    table.render(style)
}

/// The schema of a type as it is written.
fn derived<T: JsonSchema>() -> Value {
    let mut settings = SchemaSettings::draft2020_12().for_serialize();
    settings.meta_schema = None;
    let settings = settings.with_transform(AsWritten);
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Says of every object that it has no other keys than those described, and leaves out how wide a
/// number is in memory, which no reader knows.
#[derive(Clone, Debug)]
struct AsWritten;

impl Transform for AsWritten {
    fn transform(&mut self, schema: &mut Schema) {
        if schema.get("properties").is_some() && schema.get("additionalProperties").is_none() {
            schema.insert("additionalProperties".to_owned(), json!(false));
        }
        let format = schema.get("format").and_then(Value::as_str);
        if format.is_some_and(|format| format.starts_with("uint") || format.starts_with("int")) {
            schema.remove("format");
        }
        transform_subschemas(self, schema);
    }
}
