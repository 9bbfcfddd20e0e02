//! `syncgate diff`

use super::{Common, Exit, Failure, refuse_errors};
use crate::diagnostic::Finding;
use crate::engine::Engine;
use crate::model::Rules;
use crate::report::{diff_human, diff_json, document};
use crate::whatif::diff;
use clap::ValueEnum;
use std::sync::Arc;

/// Show which settings, findings and decisions differ between two deployments, and why
#[derive(Debug, clap::Args)]
pub(super) struct DiffCommand {
    /// The deployment as it was: a directory of TOML files, one file, a folder or zip of exports,
    /// or - for standard input
    old: String,
    /// The deployment as it is, given in the same ways
    new: String,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

impl DiffCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        if self.old == "-" && self.new == "-" {
            return Err(Failure::unusable(
                "only one of the deployments can come from standard input",
            ));
        }
        let rules = common.rules()?;
        let (old, old_findings) = read(common, &rules, &self.old)?;
        let (new, new_findings) = read(common, &rules, &self.new)?;
        let difference = diff::diff(&old, &new, (old_findings, new_findings));
        if difference.decisions.channels == 0 {
            let why =
                "the deployments have no channel in common, so there is no decision to compare";
            return Err(Failure::unusable(why));
        }
        let output = common.output()?;
        let text = match self.format {
            Format::Human => diff_human(&old, &new, &difference, output.style()),
            Format::Json => document::pretty(&diff_json(&old, &new, &difference)),
        };
        output.whole(&text)?;
        Ok(if difference.decisions.causes.is_empty() { Exit::Fine } else { Exit::Complaints })
    }
}

fn read(
    common: &Common,
    rules: &Arc<Rules>,
    path: &str,
) -> Result<(Engine, Vec<Finding>), Failure> {
    let (deployment, findings) = common.read_by(rules, path)?.as_read();
    refuse_errors(deployment.files(), &findings)?;
    let engine =
        Engine::new(rules, &deployment).map_err(|error| Failure::unusable(error.to_string()))?;
    Ok((engine, findings))
}
