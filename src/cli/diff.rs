//! `syncgate diff`

use super::output::{error_style, note};
use super::{Common, Exit, Failure, batch, refuse_errors};
use crate::batch::{Desk, HistoryClerk, HistoryPart, run};
use crate::diagnostic::Finding;
use crate::engine::Engine;
use crate::model::Rules;
use crate::report::{diff_human, diff_json, document, history_human};
use crate::whatif::{ChangedHistory, EndedOtherwise, diff};
use clap::ValueEnum;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Show which settings, findings and decisions differ between two deployments, and why
#[derive(Debug, clap::Args)]
pub(super) struct DiffCommand {
    /// The deployment as it was: a directory of TOML files, one file, a folder or zip of exports,
    /// or - for standard input
    old: String,
    /// The deployment as it is, given in the same ways
    new: String,
    /// Requests that were made, as `decide --input` takes them: how many of them would end
    /// otherwise, and why
    #[arg(long, value_name = "FILE")]
    requests: Option<String>,
    /// How the requests are written; where it is not said, as their name ends, else JSON Lines
    #[arg(long, value_enum, value_name = "FORMAT", requires = "requests")]
    input_format: Option<batch::Format>,
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
        let asked = [Some(&self.old), Some(&self.new), self.requests.as_ref()];
        if asked.iter().flatten().filter(|path| **path == "-").count() > 1 {
            return Err(Failure::unusable(
                "only one of the deployments and the requests can come from standard input",
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
        let history = match &self.requests {
            Some(path) => {
                common.spares(&[path])?;
                Some(history(&old, &new, path, self.input_format)?)
            }
            None => None,
        };
        if let (Some(path), Some(history)) = (&self.requests, &history)
            && history.requests == 0
            && history.invalid == 0
        {
            return Err(Failure::unusable(format!("`{path}` has no request")));
        }
        let output = common.output()?;
        let text = match (self.format, &history) {
            (Format::Human, None) => diff_human(&old, &new, &difference, output.style()),
            (Format::Human, Some(history)) => history_human(&old, &new, history, output.style()),
            (Format::Json, _) => {
                document::pretty(&diff_json(&old, &new, &difference, history.as_ref()))
            }
        };
        output.whole(&text)?;
        if let Some(history) = history {
            let is_fine = history.changed == 0 && history.invalid == 0;
            return Ok(if is_fine { Exit::Fine } else { Exit::Complaints });
        }
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

/// What of the requests of a file ends otherwise.
fn history<'e>(
    old: &'e Engine,
    new: &'e Engine,
    path: &str,
    format: Option<batch::Format>,
) -> Result<ChangedHistory<'e>, Failure> {
    let requests = batch::requests(path, format)?.without_ids()?;
    let sides = HistoryClerk::sides(old, new);
    let (mut all, mut ended) = (HistoryPart::default(), EndedOtherwise::new());
    let (desk, clerk) = (|| Desk::of_both(new, old), || HistoryClerk::new(&sides));
    run(desk, requests, NonZeroUsize::MIN, clerk, |part| {
        all.requests += part.requests;
        all.refused += part.refused;
        all.told.extend(part.told.into_iter().take(10 - all.told.len().min(10)));
        for ((channel, operation, situation), count) in part.changed {
            let situations = ended.entry(channel).or_default().entry(operation).or_default();
            *situations.entry(situation).or_insert(0) += count;
        }
        Ok(())
    })?;
    for (line, message) in &all.told {
        note(&format!("{} line {line}: {message}", error_style().bad("invalid request:")));
    }
    Ok(ChangedHistory::new(old, new, (all.requests, all.refused), &ended))
}
