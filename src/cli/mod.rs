//! The command line: one file for each subcommand. Files, the clock and the terminal are touched
//! here.

mod check;
mod decide;
mod diff;
mod exit;
mod explain;
mod exports;
mod features;
mod import;
mod init;
mod matrix;
mod output;
mod plan;
mod replay;
mod report;
mod rules;
mod schema;
mod shell;
mod store;
mod test;

pub use exit::Exit;

use crate::diagnostic::{Finding, Severity, Sources};
use crate::engine::{Engine, verify};
use crate::load::Loaded;
use crate::model::{Deployment, Rules, Version};
use crate::report::findings_human;
use crate::whatif::at_every_version;
use clap::{CommandFactory as _, Parser, Subcommand};
use output::{Output, error_style, note};
use std::ffi::OsString;
use std::io;

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

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
struct Common {
    /// Rules to use instead of the embedded ones: a directory of TOML files
    #[arg(long, global = true, value_name = "DIR", help_heading = "Options of every command")]
    rules: Option<String>,
    /// Checks of your own to add to them: a directory of TOML files with [[check]] records SG900 to
    /// SG999
    #[arg(long, global = true, value_name = "DIR", help_heading = "Options of every command")]
    checks: Option<String>,
    /// The version of headquarters, where the deployment's files do not give it
    #[arg(
        long,
        global = true,
        value_name = "VERSION",
        value_parser = version,
        help_heading = "Options of every command"
    )]
    commerce_version: Option<Version>,
    /// Write to this file instead of standard output: whole, or not at all
    #[arg(long, global = true, value_name = "FILE", help_heading = "Options of every command")]
    output: Option<String>,
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
    /// Look after a store
    Store(store::StoreCommand),
    /// Write one self-contained HTML page about a deployment
    Report(report::Report),
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

/// Why a command could not do its work.
#[derive(Debug)]
enum Failure {
    /// Said on standard error; the exit status follows.
    Told(String, Exit),
    /// Findings, rendered already, with the exit status.
    Findings(String, Exit),
    /// A store is damaged.
    Damaged(String),
    /// The reader of the output is gone.
    ClosedPipe,
}

impl Failure {
    /// Wrong usage, or something that can't be read, written or used.
    fn unusable(message: impl Into<String>) -> Self {
        Self::Told(message.into(), Exit::Unusable)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::ClosedPipe,
            _ => Self::unusable(format!("can't write the output: {error}")),
        }
    }
}

impl From<crate::load::ReadError> for Failure {
    fn from(error: crate::load::ReadError) -> Self {
        Self::unusable(error.to_string())
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Self {
        match error {
            error if error.is_closed_pipe() => Self::ClosedPipe,
            error @ crate::store::StoreError::Damaged { .. } => Self::Damaged(error.to_string()),
            error => Self::unusable(error.to_string()),
        }
    }
}

/// Parses the command line, runs the command, and says how the program ends.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are asked for; everything else is wrong usage.
            let asked = !error.use_stderr();
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
        Command::Plan(command) => command.run(&common),
        Command::Features(command) => command.run(&common),
        Command::Rules(command) => command.run(&common),
        Command::Test(command) => command.run(&common),
        Command::Replay(command) => command.run(&common),
        Command::Store(command) => command.run(&common),
        Command::Report(command) => command.run(&common),
        Command::Explain(command) => command.run(&common),
        Command::Schema(command) => command.run(&common),
        Command::Import(command) => command.run(&common),
        Command::Init(command) => command.run(&common),
        Command::Completions(command) => command.run(&common),
        Command::Man => shell::man(&common),
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

/// What most commands are about.
#[derive(Clone, Debug, clap::Args)]
struct Given {
    /// The deployment: a directory of TOML files, one file, a folder or zip of exports, or - for
    /// standard input; the current directory where none is given
    deployment: Option<String>,
}

impl Given {
    fn path(&self) -> Option<&str> {
        self.deployment.as_deref()
    }
}

impl Common {
    fn output(&self) -> Result<Output, Failure> {
        Output::open(self.output.as_deref())
    }

    /// Refuses to put the output in the place of a file that the command works on.
    fn spares(&self, kept: &[&str]) -> Result<(), Failure> {
        let Some(path) = self.output.as_deref() else { return Ok(()) };
        match kept.iter().find(|kept| output::is_same_file(path, kept)) {
            Some(kept) => Err(Failure::unusable(format!(
                "`--output {path}` would take the place of `{kept}`, which the command works on; \
                    name another file"
            ))),
            None => Ok(()),
        }
    }

    /// The rules as they are, with everything that was found in them; rules that are not the
    /// embedded ones are proved.
    fn rules_as_read(&self) -> Result<(Rules, Vec<Finding>), Failure> {
        if self.rules.is_none() && self.checks.is_none() {
            return Ok((Rules::embedded(), Vec::new()));
        }
        let (rules, mut findings) =
            Rules::load(self.rules.as_deref(), self.checks.as_deref())?.as_read();
        if findings.iter().all(|finding| finding.severity != Severity::Error)
            && self.rules.is_some()
        {
            findings.extend(verify(&rules).findings);
        }
        Ok((rules, findings))
    }

    /// The rules, which must be right.
    fn rules(&self) -> Result<Rules, Failure> {
        let (rules, findings) = self.rules_as_read()?;
        refuse_errors(&rules.files, &findings)?;
        Ok(rules)
    }

    /// A deployment as it was read.
    fn read(&self, path: Option<&str>) -> Result<Loaded, Failure> {
        self.read_by(&self.rules()?, path.unwrap_or("."))
    }

    /// A deployment as it was read by these rules, or exports as one; its version from the command
    /// line where it gives none.
    fn read_by(&self, rules: &Rules, path: &str) -> Result<Loaded, Failure> {
        let loaded = read_deployment(rules, path)?;
        let Some(version) = self.commerce_version else { return Ok(loaded) };
        let asked = |other| Failure::unusable(format!("{other}, not {version} as asked"));
        loaded.with_version(version).map_err(asked)
    }

    /// A deployment, which must be valid but for its version, which may be lacking: then also what
    /// it would be at every version that makes a difference.
    fn engine_at_any_version(&self, path: Option<&str>) -> Result<(Engine, Vec<Engine>), Failure> {
        let (deployment, mut findings) = self.read(path)?.as_read();
        let told = tell_missing_version(deployment.files(), &mut findings);
        refuse_errors(deployment.files(), &findings)?;
        let unusable = |error: crate::engine::EngineError| Failure::unusable(error.to_string());
        let engine = Engine::new(deployment.rules(), &deployment).map_err(unusable)?;
        let versions =
            if told { at_every_version(&deployment).map_err(unusable)? } else { Vec::new() };
        Ok((engine, versions))
    }

    /// A deployment, which must be valid, and its engine.
    fn engine(&self, path: Option<&str>) -> Result<Engine, Failure> {
        self.engine_by(&self.rules()?, path)
    }

    /// A deployment, which must be valid by these rules, and its engine.
    fn engine_by(&self, rules: &Rules, path: Option<&str>) -> Result<Engine, Failure> {
        let (deployment, findings) = self.read_by(rules, path.unwrap_or("."))?.as_read();
        refuse_errors(deployment.files(), &findings)?;
        Engine::new(rules, &deployment).map_err(|error| Failure::unusable(error.to_string()))
    }
}

/// Takes the finding that the version is not given out, and tells it; whether there was one.
fn tell_missing_version(files: &Sources, findings: &mut Vec<Finding>) -> bool {
    let (missing, others): (Vec<_>, Vec<_>) =
        std::mem::take(findings).into_iter().partition(Finding::is_missing_version);
    *findings = others;
    if !missing.is_empty() {
        note(&findings_human(files, &missing, error_style()));
    }
    !missing.is_empty()
}

/// A version of the command line.
fn version(text: &str) -> Result<Version, crate::model::MalformedVersion> {
    text.parse()
}

/// Refuses to read both a deployment and what goes with it from standard input.
fn one_from_standard_input(
    deployment: Option<&str>,
    other: &str,
    what: &str,
) -> Result<(), Failure> {
    if deployment == Some("-") && other == "-" {
        return Err(Failure::unusable(format!(
            "only one of the deployment and {what} can come from standard input"
        )));
    }
    Ok(())
}

/// What is wrong with a name, and which list has those that are known.
fn listed(message: &str, list: &str) -> String {
    let joint = if message.ends_with('?') { "" } else { ";" };
    format!("{message}{joint} `syncgate rules list {list}` has them all")
}

/// Reads a deployment, or exports as one.
fn read_deployment(rules: &Rules, path: &str) -> Result<Loaded, Failure> {
    if exports::are_exports(path) {
        return exports::load(rules, path);
    }
    Ok(Deployment::load_by(rules, path)?)
}

/// Fails where there is an error among findings, with all of them.
fn refuse_errors(files: &Sources, findings: &[Finding]) -> Result<(), Failure> {
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        return Ok(());
    }
    Err(Failure::Findings(findings_human(files, findings, error_style()), Exit::Unusable))
}

/// The command line as clap knows it, for completions and the manual.
fn command() -> clap::Command {
    Arguments::command()
}
