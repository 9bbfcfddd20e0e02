//! `syncgate simulate`

use super::output::{self, Output, error_style, note};
use super::{Common, Exit, Failure, Given, one_from_standard_input, refuse_errors};
use crate::engine::Engine;
use crate::load::{Load, LoadedLoad};
use crate::report::{
    SimulationView, document, findings_human, simulation_csv, simulation_human, simulation_json,
};
use crate::simulate::{EventWriter, Simulated, Simulation, SimulationError};
use clap::ValueEnum;
use std::io::{BufWriter, Write as _};

/// Play a load before it happens: who calls headquarters, what waits, and how long
#[derive(Debug, clap::Args)]
pub(super) struct Simulate {
    #[command(flatten)]
    deployment: Given,
    /// The load: a TOML file, or - for standard input
    #[arg(long, value_name = "FILE")]
    load: String,
    /// Where chance begins: the same number gives the same arrivals
    #[arg(long, value_name = "N", default_value_t = 0)]
    seed: u64,
    /// Write the events that are played, for `replay`
    #[arg(long, value_name = "FILE")]
    events: Option<String>,
    /// Play the same load on this deployment too
    #[arg(long, value_name = "DEPLOYMENT")]
    compare: Option<String>,
    /// How to print; csv is hour by hour
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Csv,
}

impl Simulate {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        one_from_standard_input(self.deployment.path(), &self.load, "the load")?;
        if let Some(compare) = &self.compare {
            one_from_standard_input(Some(compare), &self.load, "the load")?;
            one_from_standard_input(self.deployment.path(), compare, "the one to compare with")?;
        }
        common.spares(&[&self.load])?;
        self.spares_the_load(common)?;
        let rules = common.rules()?;
        let mut engines = vec![common.engine_by(&rules, self.deployment.path())?];
        if let Some(compare) = &self.compare {
            engines.push(common.engine_by(&rules, Some(compare))?);
        }
        let load = read_load(&self.load)?;
        // Both must know the load before anything is played or written.
        let simulations = engines.iter().map(|engine| simulation(engine, &load));
        let simulations = simulations.collect::<Result<Vec<_>, _>>()?;
        let mut played = Vec::new();
        for (simulation, engine) in simulations.iter().zip(&engines) {
            let events = self.events.as_deref().filter(|_| played.is_empty());
            played.push(play(simulation, engine, self.seed, events)?);
        }
        let views: Vec<SimulationView<'_>> = engines
            .iter()
            .zip(&played)
            .map(|(engine, simulated)| SimulationView { engine, simulated })
            .collect();
        let output = common.output()?;
        let text = match self.format {
            Format::Human => simulation_human(&views, self.seed, output.style()),
            Format::Json => document::pretty(&simulation_json(&views)),
            Format::Csv => simulation_csv(&views),
        };
        output.whole(&text)?;
        Ok(Exit::Fine)
    }

    /// Refuses to put the events in the place of what the command works on.
    fn spares_the_load(&self, common: &Common) -> Result<(), Failure> {
        let Some(events) = self.events.as_deref() else { return Ok(()) };
        if events == "-" && matches!(common.output.as_deref(), None | Some("-")) {
            let both = "the events and the output can't both go to standard output";
            return Err(Failure::unusable(format!("{both}; name a file for one of them")));
        }
        let others = [Some(self.load.as_str()), common.output.as_deref()];
        match others.into_iter().flatten().find(|other| output::is_same_file(events, other)) {
            Some(other) => Err(Failure::unusable(format!(
                "`--events {events}` would take the place of `{other}`; name another file"
            ))),
            None => Ok(()),
        }
    }
}

/// A load, whose file must be right.
pub(super) fn read_load(path: &str) -> Result<Load, Failure> {
    let LoadedLoad { load, findings } = Load::load(path)?;
    refuse_errors(&load.files, &findings)?;
    Ok(load)
}

/// A load on a deployment, which must know its names.
pub(super) fn simulation<'e>(engine: &'e Engine, load: &Load) -> Result<Simulation<'e>, Failure> {
    Simulation::new(engine, load).map_err(|findings| {
        let text = findings_human(&load.files, &findings, error_style());
        Failure::Findings(text, Exit::Unusable)
    })
}

/// Plays a load; the events that are played go to a file, if one is named.
pub(super) fn play(
    simulation: &Simulation<'_>,
    engine: &Engine,
    seed: u64,
    events: Option<&str>,
) -> Result<Simulated, Failure> {
    let failed = |error: SimulationError| match error {
        SimulationError::Events(error) => Failure::from(error),
        error => Failure::unusable(error.to_string()),
    };
    let Some(path) = events else { return simulation.play(seed, None).map_err(failed) };
    let mut output = Output::open(Some(path))?;
    let mut to = BufWriter::with_capacity(256 << 10, &mut output);
    let mut writer = EventWriter::new(engine, &mut to);
    let simulated = simulation.play(seed, Some(&mut writer)).map_err(failed)?;
    to.flush()?;
    drop(to);
    output.finish()?;
    if path != "-" {
        note(&format!("the events are in {path}"));
    }
    Ok(simulated)
}
