//! `syncgate test`

use super::{Common, Exit, Failure, refuse_errors};
use crate::engine::Engine;
use crate::load::{LoadedScenario, Scenario, files};
use crate::model::{Deployment, Rules};
use crate::report::document::pretty;
use crate::report::{Played, scenarios_human, scenarios_json, scenarios_junit};
use crate::scenario::play;
use clap::ValueEnum;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// Run scenario files: what a store does against what each step expects
#[derive(Debug, clap::Args)]
pub(super) struct Test {
    /// Scenario files, or directories: every TOML file with `step` records below them
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<String>,
    /// Say for every rule which scenarios reached it, and list the rules that none reached
    #[arg(long)]
    coverage: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Junit,
}

impl Test {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let rules = common.rules()?;
        let mut played = Vec::new();
        let mut engines = BTreeMap::new();
        for path in &self.paths {
            for file in files::scenarios(path)? {
                let loaded = Scenario::from_file(file);
                refuse_errors(&loaded.files, &loaded.findings)?;
                let engine = engine_of(&rules, &loaded, &mut engines)?;
                let play = play(engine, &loaded.scenario)
                    .map_err(|error| Failure::unusable(error.to_string()))?;
                played.push(Played { loaded, play });
            }
        }
        if played.is_empty() {
            return Err(Failure::unusable(format!(
                "no scenario in {}: a scenario is a TOML file with [[step]] records",
                self.paths.join(", ")
            )));
        }
        let output = common.output()?;
        let text = match self.format {
            Format::Human => scenarios_human(&rules, &played, self.coverage, output.style()),
            Format::Json => pretty(&scenarios_json(&rules, &played, self.coverage)),
            Format::Junit => scenarios_junit(&rules, &played, self.coverage),
        };
        output.whole(&text)?;
        let failed = played.iter().any(|one| one.play.failure.is_some());
        Ok(if failed { Exit::Complaints } else { Exit::Fine })
    }
}

/// The engine of a scenario's deployment, which is loaded once.
fn engine_of<'e>(
    rules: &Arc<Rules>,
    loaded: &LoadedScenario,
    engines: &'e mut BTreeMap<String, Engine>,
) -> Result<&'e Engine, Failure> {
    let directory = Path::new(loaded.path()).parent().unwrap_or(Path::new(""));
    let path = directory.join(&loaded.scenario.deployment).to_string_lossy().into_owned();
    if !engines.contains_key(&path) {
        let (deployment, findings) = Deployment::load_by(rules, &path)
            .map_err(|error| {
                Failure::unusable(format!("the scenario `{}`: {error}", loaded.path()))
            })?
            .as_read();
        refuse_errors(deployment.files(), &findings)?;
        let engine = Engine::new(rules, &deployment)
            .map_err(|error| Failure::unusable(error.to_string()))?;
        engines.insert(path.clone(), engine);
    }
    engines.get(&path).ok_or_else(|| Failure::unusable("the deployment is not loaded"))
}
