//! `syncgate schema`

use super::{Common, Exit, Failure};
use crate::report::document;
use crate::report::schema::{SCHEMAS, schema, schemas_human};

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
