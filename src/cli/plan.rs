//! `syncgate plan`

use super::features::feature;
use super::{Common, Exit, Failure, Given};
use crate::report::{Planned, document, plan_human, plan_json, plan_markdown};
use crate::whatif::plan::Plan;
use clap::ValueEnum;

/// Lay out the steps that turn features on or off, and what follows from each
#[derive(Debug, clap::Args)]
#[command(
    override_usage = "syncgate plan [OPTIONS] [DEPLOYMENT] <--enable <FEATURE>...|--disable \
        <FEATURE>...>"
)]
#[command(group = clap::ArgGroup::new("aim").required(true).args(["enable", "disable"]))]
pub(super) struct PlanCommand {
    #[command(flatten)]
    deployment: Given,
    /// Features to make effective, by id, name or any alias
    #[arg(long, value_name = "FEATURE", num_args = 1..)]
    enable: Vec<String>,
    /// Features to turn off
    #[arg(long, value_name = "FEATURE", num_args = 1..)]
    disable: Vec<String>,
    /// How to print; markdown is a runbook to work through
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Markdown,
}

impl PlanCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let rules = common.rules()?;
        let mut wanted = Vec::new();
        for name in self.enable.iter().chain(&self.disable) {
            let is_path = name.contains(['/', '\\', '.']);
            if self.deployment.path().is_none() && is_path && rules.feature_named(name).is_none() {
                return Err(Failure::unusable(format!(
                    "`{name}` is no feature; a deployment stands before the features: `syncgate \
                        plan {name} --enable …`"
                )));
            }
            let id = feature(&rules, name)?;
            if !wanted.contains(&id) {
                wanted.push(id);
            }
        }
        let engine = common.engine_by(&rules, self.deployment.path())?;
        let plan = if self.disable.is_empty() {
            Plan::enable(engine.deployment(), &wanted)
        } else {
            Plan::disable(engine.deployment(), &wanted).map_err(|refusals| {
                let told: Vec<String> = refusals.iter().map(ToString::to_string).collect();
                Failure::unusable(told.join("\n"))
            })?
        };
        let stages =
            plan.stages(engine.rules()).map_err(|error| Failure::unusable(error.to_string()))?;
        let planned = Planned { engine: &engine, plan: &plan, stages: &stages };
        let output = common.output()?;
        let text = match self.format {
            Format::Human => plan_human(planned, output.style()),
            Format::Json => document::pretty(&plan_json(planned)),
            Format::Markdown => plan_markdown(planned),
        };
        output.whole(&text)?;
        Ok(Exit::Fine)
    }
}
