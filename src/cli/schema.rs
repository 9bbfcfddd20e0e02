//! `syncgate schema`

use super::output::Output;
use super::{Common, Exit, Failure};
use crate::model::Rules;
use crate::report::document;
use crate::report::schema::{BESIDE, SCHEMAS, schema, schemas_human};
use std::path::Path;

/// Print the JSON Schema of a format; without a name, which there are
#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    /// The format
    #[arg(value_parser = names())]
    name: Option<String>,
}

fn names() -> clap::builder::PossibleValuesParser {
    SCHEMAS.iter().map(|entry| entry.name).collect::<Vec<_>>().into()
}

impl Schema {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let rules = common.rules()?;
        let output = common.output()?;
        let text = match self.name.as_deref() {
            Some(name) => document::pretty(&schema(&rules, name)),
            None => schemas_human(output.style()),
        };
        output.whole(&text)?;
        Ok(Exit::Fine)
    }
}

/// Writes the schema of what stands in a directory beside it, where its files refer to it.
pub(super) fn write_beside(directory: &Path, rules: &Rules) -> Result<(), Failure> {
    let path = directory.join(BESIDE);
    let text = document::pretty(&schema(rules, "deployment-part"));
    Output::open(Some(&path.to_string_lossy()))?.whole(&text)
}
