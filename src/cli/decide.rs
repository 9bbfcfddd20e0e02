//! `syncgate decide`

use super::batch::Batch;
use super::{Common, Exit, Failure, Given, listed, one_from_standard_input};
use crate::engine::{Channel, Engine};
use crate::model::{Connection, Customer, Order, RealTimeService, Situation};
use crate::report::{decision_human, decision_json, document};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};

/// Decide one operation, or a stream of requests
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("request").required(true).args(["input", "operation"]))]
pub(super) struct Decide {
    #[command(flatten)]
    deployment: Given,
    /// Requests as JSON Lines, CSV with headings or Parquet, answered in the same order; - is
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_ONE)]
    input: Option<String>,
    #[command(flatten)]
    batch: Batch,
    /// The operation: its name, POS number or API name
    #[arg(long, value_name = "OP", requires = "channel")]
    operation: Option<String>,
    /// The channel's id
    #[arg(long, value_name = "ID")]
    channel: Option<String>,
    /// Whether the POS is offline
    #[arg(long, value_parser = words(Connection::ALL, Connection::as_str))]
    #[arg(default_value_t = Connection::Online)]
    connection: Connection,
    /// What a call of the Real-time Service would meet
    #[arg(long, value_parser = words(RealTimeService::ALL, RealTimeService::as_str))]
    #[arg(default_value_t = RealTimeService::Available)]
    real_time_service: RealTimeService,
    /// The customer as the channel sees it
    #[arg(long, value_parser = words(Customer::ALL, Customer::as_str))]
    #[arg(default_value_t = Customer::None)]
    customer: Customer,
    /// The order as the channel sees it
    #[arg(long, value_parser = words(Order::ALL, Order::as_str))]
    #[arg(default_value_t = Order::None)]
    order: Order,
    /// The customer is blocked for loyalty enrollment
    #[arg(long)]
    loyalty_enrollment_blocked: bool,
    /// The affiliation is hidden in channels
    #[arg(long)]
    affiliation_hidden_in_channels: bool,
    /// Show every rule tried, and what would change the outcome; of a stream in every line
    #[arg(long)]
    explain: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

/// What tells of one operation, and not of a stream of requests.
const OF_ONE: [&str; 8] = [
    "channel",
    "format",
    "connection",
    "real_time_service",
    "customer",
    "order",
    "loyalty_enrollment_blocked",
    "affiliation_hidden_in_channels",
];

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
}

/// Accepts the words of a fact.
fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    as_str: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let known = all.iter().map(|value| as_str(*value));
    PossibleValuesParser::new(known).try_map(move |word| {
        all.iter().copied().find(|value| as_str(*value) == word).ok_or("no such word")
    })
}

impl Decide {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        if let Some(input) = &self.input {
            one_from_standard_input(self.deployment.path(), input, "the requests")?;
            common.spares(&[input])?;
        }
        let engine = common.engine(self.deployment.path())?;
        match (&self.input, &self.operation, &self.channel) {
            (Some(path), ..) => self.batch.run(&engine, path, self.explain, common),
            (None, Some(operation), Some(channel)) => {
                self.single(&engine, operation, channel, common)
            }
            (None, ..) => Err(Failure::unusable("name the operation and its channel")),
        }
    }

    fn situation(&self) -> Situation {
        Situation::default()
            .connection(self.connection)
            .real_time_service(self.real_time_service)
            .customer(self.customer)
            .order(self.order)
            .loyalty_enrollment_blocked(self.loyalty_enrollment_blocked)
            .affiliation_hidden_in_channels(self.affiliation_hidden_in_channels)
    }

    fn single(
        &self,
        engine: &Engine,
        operation: &str,
        channel: &str,
        common: &Common,
    ) -> Result<Exit, Failure> {
        let unusable = |error: &dyn std::fmt::Display| Failure::unusable(error.to_string());
        let channel: Channel<'_> = engine.channel(channel).map_err(|error| unusable(&error))?;
        let operation = engine.operation(operation);
        let operation = operation
            .map_err(|error| Failure::unusable(listed(&error.to_string(), "operations")))?;
        let trace = channel.trace(operation, self.situation()).map_err(|error| unusable(&error))?;
        let output = common.output()?;
        let text = match self.format {
            Format::Human => {
                decision_human(channel, operation, &trace, self.explain, output.style())
            }
            Format::Json => {
                document::pretty(&decision_json(channel, operation, &trace, self.explain))
            }
        };
        output.whole(&text)?;
        Ok(Exit::Fine)
    }
}
