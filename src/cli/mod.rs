//! The command line: one file for each subcommand. Files, the clock and the terminal are touched
//! here.

mod batch;
mod cases;
mod check;
mod common;
mod compare;
mod decide;
mod diff;
mod evidence;
mod exit;
mod explain;
mod export;
mod exports;
mod failure;
mod features;
mod import;
mod init;
mod lsp;
mod matrix;
mod output;
mod pipeline;
mod plan;
mod replay;
mod report;
mod rules;
mod schema;
mod shell;
mod simulate;
mod store;
mod test;

pub use exit::Exit;

use clap::{CommandFactory as _, Parser, Subcommand};
use common::{Common, Given, listed, one_from_standard_input, refuse_errors};
use failure::Failure;
use output::{error_style, note};
use std::ffi::OsString;

/// Says whether a Dynamics 365 Commerce customer operation completes in headquarters (sync), is
/// kept in the channel for the jobs (async), or does not happen (rejected); checks configurations
/// before go-live, and proves its own rules.
#[derive(Debug, Parser)]
#[command(name = "syncgate", version, max_term_width = 110, propagate_version = true)]
struct Arguments {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find every mistake in a deployment, and say whether it may go live
    Check(check::Check),
    /// Decide one operation, or a stream of requests
    Decide(decide::Decide),
    /// Show every operation in every situation, channels that behave alike together
    Matrix(matrix::MatrixCommand),
    /// Show which settings, findings and decisions differ between two deployments, and why
    Diff(diff::DiffCommand),
    /// Make test cases from the rules: requests with the decision that each must get
    Cases(cases::Cases),
    /// Compare what really happened with what should have, and name what explains the difference
    Compare(compare::Compare),
    /// Lay out the steps that turn features on or off, and what follows from each
    Plan(plan::PlanCommand),
    /// Show the prerequisite graph with each feature's state
    Features(features::Features),
    /// Prove the rules, or list what they know
    Rules(rules::RulesCommand),
    /// Run scenario files: what a store does against what each step expects
    Test(test::Test),
    /// Apply a stream of events to a store
    Replay(replay::Replay),
    /// Play a load before it happens: who calls headquarters, what waits, and how long
    Simulate(simulate::Simulate),
    /// Look after a store
    Store(store::StoreCommand),
    /// Write one self-contained HTML page about a deployment
    Report(report::Report),
    /// Write a pack of evidence that anyone can recompute, or recompute one
    Evidence(evidence::Evidence),
    /// Write the decisions for where the data is: tables and a view for a database, or rules for
    /// another engine
    Export(export::ExportCommand),
    /// Speak the Language Server Protocol on standard input and output, for an editor
    Lsp(lsp::Lsp),
    /// Say what anything means: a code, reason, rule, statement, feature, job, operation, error id
    Explain(explain::Explain),
    /// Print the JSON Schema of a format
    Schema(schema::Schema),
    /// Turn what Dynamics 365 exports into a deployment
    Import(import::Import),
    /// Write a commented deployment to start from
    Init(init::Init),
    /// Print completions for a shell
    Completions(shell::Completions),
    /// Print the manual page
    Man,
}

/// Parses the command line, runs the command, and says how the program ends.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    store::leave_damage_to_its_message();
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; everything else is wrong usage.
            let asked = !error.use_stderr();
            // Where nobody can read it, there is nobody to tell.
            let _ = error.print();
            return if asked { Exit::Fine } else { Exit::Unusable };
        }
    };
    let Arguments { common, command } = arguments;
    let result = match command {
        Command::Check(command) => command.run(&common),
        Command::Decide(command) => command.run(&common),
        Command::Matrix(command) => command.run(&common),
        Command::Diff(command) => command.run(&common),
        Command::Cases(command) => command.run(&common),
        Command::Compare(command) => command.run(&common),
        Command::Plan(command) => command.run(&common),
        Command::Features(command) => command.run(&common),
        Command::Rules(command) => command.run(&common),
        Command::Test(command) => command.run(&common),
        Command::Replay(command) => command.run(&common),
        Command::Simulate(command) => command.run(&common),
        Command::Store(command) => command.run(&common),
        Command::Report(command) => command.run(&common),
        Command::Evidence(command) => command.run(&common),
        Command::Export(command) => command.run(&common),
        Command::Lsp(command) => command.run(&common),
        Command::Explain(command) => command.run(&common),
        Command::Schema(command) => command.run(&common),
        Command::Import(command) => command.run(&common),
        Command::Init(command) => command.run(&common),
        Command::Completions(command) => command.run(&common, &mut Arguments::command()),
        Command::Man => shell::man(&common, Arguments::command()),
    };
    match result {
        Ok(exit) => exit,
        Err(Failure::ClosedPipe) => Exit::Fine,
        Err(Failure::Damaged(message)) => {
            note(&format!("{} {message}", error_style().bad("error:")));
            Exit::Unusable
        }
        Err(Failure::Told(message, exit)) => {
            note(&format!("{} {message}", error_style().bad("error:")));
            exit
        }
        Err(Failure::Findings(text, exit)) => {
            note(&text);
            exit
        }
    }
}
