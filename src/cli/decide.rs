//! `syncgate decide`

use super::common::open_stream;
use super::output::Output;
use super::{Common, Exit, Failure, Given, listed, one_from_standard_input};
use crate::engine::{Channel, Engine};
use crate::model::{Connection, Customer, OperationId, Order, RealTimeService, Situation};
use crate::report::{assumed_member, decision_human, decision_json, document, explained_members};
use crate::wire::{DecisionWriter, Lines, parse_request};
use clap::ValueEnum;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use foldhash::fast::FixedState;
use std::collections::HashMap;
use std::io::{self, Read, Write as _};

/// Decide one operation, or a stream of requests
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("request").required(true).args(["input", "operation"]))]
pub(super) struct Decide {
    #[command(flatten)]
    deployment: Given,
    /// Requests as JSON Lines, answered in the same order; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = OF_ONE)]
    input: Option<String>,
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
        }
        let engine = common.engine(self.deployment.path())?;
        match (&self.input, &self.operation, &self.channel) {
            (Some(path), ..) => {
                let input = open_stream(path)?;
                let mut output = common.output()?;
                let exit = stream(&engine, input, self.explain, &mut output)?;
                output.finish()?;
                Ok(exit)
            }
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

/// Answers requests line by line, in constant memory.
fn stream(
    engine: &Engine,
    input: impl Read,
    explain: bool,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let writer = DecisionWriter::new(engine);
    let channels: HashMap<&str, Channel<'_>, FixedState> =
        engine.channels().map(|channel| (channel.id(), channel)).collect();
    let operations: HashMap<&str, _, FixedState> = engine
        .rules()
        .operations
        .iter()
        .filter_map(|operation| {
            Some((operation.id.as_str(), engine.operation(&operation.id).ok()?))
        })
        .collect();
    let mut assumed = Assumed::default();
    let mut lines = Lines::new(input);
    let mut answers: Vec<u8> = Vec::with_capacity(128 << 10);
    let mut exit = Exit::Fine;
    loop {
        // What was read is answered before more is waited for.
        let line = lines.next_line(|| show(&mut answers, output)).map_err(|error| match error {
            Problem::Read(error) => Failure::unusable(format!("can't read the requests: {error}")),
            Problem::Write(failure) => failure,
        })?;
        let Some(line) = line else { break };
        let text = line.text;
        let request = text.as_deref().map_err(ToString::to_string).and_then(parse_request);
        let answered = request.and_then(|request| {
            let channel = match channels.get(&*request.channel) {
                Some(channel) => *channel,
                None => engine.channel(&request.channel).map_err(|error| error.to_string())?,
            };
            let operation = match operations.get(&*request.operation) {
                Some(operation) => *operation,
                None => engine.operation(&request.operation).map_err(|error| error.to_string())?,
            };
            let decision =
                channel.decide(operation, request.situation).map_err(|error| error.to_string())?;
            writer.write(&mut answers, request.id, operation, channel, decision);
            // What is known beyond the decision stands behind it.
            answers.pop();
            let assumed = assumed.of(channel, operation, request.situation);
            answers.extend_from_slice(assumed.as_bytes());
            if explain {
                let trace = channel.trace(operation, request.situation);
                let trace = trace.map_err(|error| error.to_string())?;
                answers.extend_from_slice(explained_members(channel, &trace).as_bytes());
            }
            answers.push(b'}');
            Ok(())
        });
        if let Err(message) = answered {
            DecisionWriter::write_error(&mut answers, text.as_deref().ok(), line.number, &message);
            exit = Exit::Complaints;
        }
        answers.push(b'\n');
    }
    show(&mut answers, output).map_err(|problem| match problem {
        Problem::Read(error) => Failure::from(error),
        Problem::Write(failure) => failure,
    })?;
    Ok(exit)
}

/// What decisions rest on that is not given, as the member of a line that says so, by channel,
/// operation and situation: the same is asked again and again.
#[derive(Default)]
struct Assumed(HashMap<(usize, usize, usize), String, FixedState>);

impl Assumed {
    /// So many are remembered, whatever the number of channels.
    const MOST: usize = 1 << 18;

    fn of(&mut self, channel: Channel<'_>, operation: OperationId, situation: Situation) -> &str {
        if self.0.len() >= Self::MOST {
            self.0.clear();
        }
        let key = (channel.number(), operation.index(), situation.index());
        let member = || assumed_member(&channel.assumed(operation, situation));
        self.0.entry(key).or_insert_with(member)
    }
}

/// What can go wrong between a request and its answer.
enum Problem {
    Read(io::Error),
    Write(Failure),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Self::Read(error)
    }
}

fn show(answers: &mut Vec<u8>, output: &mut Output) -> Result<(), Problem> {
    let written = output.write_all(answers).and_then(|()| output.flush());
    answers.clear();
    written.map_err(|error| Problem::Write(Failure::from(error)))
}
