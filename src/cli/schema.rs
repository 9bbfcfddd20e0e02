//! `syncgate schema`

use super::{Common, Exit, Failure};
use crate::report::document;
use crate::report::schema::{SchemaName, schema};

/// Print the JSON Schema of a format
#[derive(Debug, clap::Args)]
pub(super) struct Schema {
    /// The format
    #[arg(value_parser = names())]
    name: String,
}

fn names() -> clap::builder::PossibleValuesParser {
    SchemaName::ALL.iter().map(|name| name.as_str()).collect::<Vec<_>>().into()
}

impl Schema {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let rules = common.rules()?;
        let name = SchemaName::from_word(&self.name).unwrap_or(SchemaName::Deployment);
        common.output()?.whole(&document::pretty(&schema(&rules, name)))?;
        Ok(Exit::Fine)
    }
}
