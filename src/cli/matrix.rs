//! `syncgate matrix`

use super::{Common, Exit, Failure, Given};
use crate::engine::{Channel, Engine};
use crate::report::{document, matrix_csv, matrix_human, matrix_json};
use crate::whatif::Matrix;
use clap::ValueEnum;

/// Show every operation in every situation, channels that behave alike together
#[derive(Debug, clap::Args)]
pub(super) struct MatrixCommand {
    #[command(flatten)]
    deployment: Given,
    /// Only this channel; may be given several times
    #[arg(long, value_name = "ID")]
    channel: Vec<String>,
    /// How to print; human shows typical situations, the others all of them
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Csv,
}

impl MatrixCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let (engine, versions) = common.engine_at_any_version(self.deployment.path())?;
        let channels = self.channels(&engine)?;
        let matrix = Matrix::of_channels(&engine, channels).at_any_of(&versions);
        if matrix.groups().is_empty() {
            return Err(Failure::unusable(
                "the deployment has no channel, so there is nothing to show",
            ));
        }
        let output = common.output()?;
        let text = match self.format {
            Format::Human => matrix_human(&matrix, output.style()),
            Format::Json => document::pretty(&matrix_json(&matrix)),
            Format::Csv => matrix_csv(&matrix),
        };
        output.whole(&text)?;
        Ok(Exit::Fine)
    }

    /// The channels asked for, each once, in the order of the deployment.
    fn channels<'e>(&self, engine: &'e Engine) -> Result<Vec<Channel<'e>>, Failure> {
        if self.channel.is_empty() {
            return Ok(engine.channels().collect());
        }
        let named = self.channel.iter().map(|id| engine.channel(id));
        let mut channels: Vec<Channel<'e>> = named
            .collect::<Result<_, _>>()
            .map_err(|error| Failure::unusable(error.to_string()))?;
        channels.sort_by_key(|channel| channel.number());
        channels.dedup_by_key(|channel| channel.number());
        Ok(channels)
    }
}
