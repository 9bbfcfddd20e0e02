//! What the commands share: their common options, and how they read rules and deployments.

use super::exit::Exit;
use super::exports;
use super::failure::Failure;
use super::output::{self, Output, error_style, note};
use crate::check::{Checked, Verdict};
use crate::diagnostic::{Finding, Severity, Sources};
use crate::engine::{Engine, verify};
use crate::load::files::read_text;
use crate::load::{Loaded, Settings};
use crate::model::{Deployment, MalformedVersion, Rules, Version};
use crate::report::{Baseline, Baselines, findings_human};
use crate::whatif::at_every_version;
use std::cell::OnceCell;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Common {
    /// Rules to use instead of the embedded ones: a directory of TOML files
    #[arg(long, global = true, value_name = "DIR", help_heading = "Options of every command")]
    pub(super) rules: Option<String>,
    /// Checks of your own to add to them: a directory of TOML files with the checks SG900 to SG999
    #[arg(long, global = true, value_name = "DIR", help_heading = "Options of every command")]
    pub(super) checks: Option<String>,
    /// The version of headquarters, where the deployment's files do not give it
    #[arg(
        long,
        global = true,
        value_name = "VERSION",
        value_parser = version,
        help_heading = "Options of every command"
    )]
    pub(super) commerce_version: Option<Version>,
    /// Write to this file instead of standard output: whole, or not at all
    #[arg(long, global = true, value_name = "FILE", help_heading = "Options of every command")]
    pub(super) output: Option<String>,
    /// What `syncgate.toml` says, once it was looked for.
    #[arg(skip)]
    pub(super) settings: OnceCell<Settings>,
}

/// What counts for the exit status of a check, as far as it is said.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gate {
    pub(super) least: Option<Severity>,
    pub(super) allow_undecided: bool,
}

/// What most commands are about.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Given {
    /// The deployment: a directory of TOML files, one file, a folder or zip of exports, or - for
    /// standard input; where none is given, what syncgate.toml says, else the current directory
    pub(super) deployment: Option<String>,
}

impl Given {
    pub(super) fn path(&self) -> Option<&str> {
        self.deployment.as_deref()
    }
}

impl Common {
    pub(super) fn output(&self) -> Result<Output, Failure> {
        Output::open(self.output.as_deref())
    }

    /// What the nearest `syncgate.toml` says, in the current directory or above it.
    #[expect(clippy::disallowed_methods, reason = "the settings of a repository stand above")]
    pub(super) fn settings(&self) -> Result<&Settings, Failure> {
        if let Some(known) = self.settings.get() {
            return Ok(known);
        }
        let here = std::env::current_dir();
        let here = here.map_err(|error| Failure::unusable(format!("no directory: {error}")))?;
        let loaded = Settings::nearest(&here)?;
        refuse_errors(&loaded.files, &loaded.findings)?;
        Ok(self.settings.get_or_init(|| loaded.settings))
    }

    /// The deployment that is asked for.
    pub(super) fn deployment<'a>(&'a self, asked: Option<&'a str>) -> Result<&'a str, Failure> {
        match asked {
            Some(path) => Ok(path),
            None => Ok(self.settings()?.deployment.as_deref().unwrap_or(".")),
        }
    }

    /// The checks of one's own, where there are any.
    pub(super) fn added_checks(&self) -> Result<Option<&str>, Failure> {
        match &self.checks {
            Some(path) => Ok(Some(path)),
            None => Ok(self.settings()?.checks.as_deref()),
        }
    }

    /// The earlier checks that are asked for, or that `syncgate.toml` names. There are none where
    /// they are about to be written for the first time.
    pub(super) fn baselines(&self, asked: Option<&str>) -> Result<Option<Baselines>, Failure> {
        let Some(path) = asked.or(self.settings()?.baseline.as_deref()) else { return Ok(None) };
        if path != "-" && !Path::new(path).exists() {
            let is_written = |output: &str| output::is_same_file(output, path);
            if self.output.as_deref().is_some_and(is_written) {
                return Ok(None);
            }
            let by =
                if asked.is_some() { "" } else { ", which `syncgate.toml` names as `baseline`" };
            return Err(Failure::unusable(format!(
                "there is no file `{path}`{by}; \
                 `syncgate check --format json --output {path}` writes it for the first time"
            )));
        }
        let baselines = Baselines::read(&read_text(path)?).map_err(|error| {
            Failure::unusable(format!(
                "`{path}` is not what `check --format json` prints: {error}; write a baseline \
                 with `check --format json --output FILE`"
            ))
        })?;
        Ok(Some(baselines))
    }

    /// The least severity that makes the exit status 1; `syncgate.toml` says it where the gate does
    /// not.
    pub(super) fn least(&self, gate: Gate) -> Result<Severity, Failure> {
        let settings = self.settings()?;
        let told = || settings.fail_on.as_deref().and_then(Severity::from_word);
        Ok(gate.least.or_else(told).unwrap_or(Severity::Error))
    }

    /// Whether what was found makes the exit status 1; `syncgate.toml` says what the gate does not.
    pub(super) fn complains(
        &self,
        gate: Gate,
        checked: &Checked,
        baseline: Option<&Baseline>,
    ) -> Result<bool, Failure> {
        let least = self.least(gate)?;
        let allow_undecided = gate.allow_undecided || self.settings()?.allow_undecided;
        if let Some(baseline) = baseline {
            return Ok(baseline.is_worse(checked, least, !allow_undecided));
        }
        let is_found = |finding: &Finding| finding.counts() && finding.severity >= least;
        let is_open = !allow_undecided && checked.verdict == Verdict::Undecided;
        Ok(is_open || checked.findings.iter().any(is_found))
    }

    /// Refuses to put the output in the place of a file that the command works on.
    pub(super) fn spares(&self, kept: &[&str]) -> Result<(), Failure> {
        self.output.as_deref().map_or(Ok(()), |path| output::spares(path, kept))
    }

    /// The rules as they are, with everything that was found in them; rules that are not the
    /// embedded ones are proved.
    pub(super) fn rules_as_read(&self) -> Result<(Arc<Rules>, Vec<Finding>), Failure> {
        let checks = self.added_checks()?;
        if self.rules.is_none() && checks.is_none() {
            return Ok((Rules::embedded(), Vec::new()));
        }
        let (rules, mut findings) = Rules::load(self.rules.as_deref(), checks)?.as_read();
        if findings.iter().all(|finding| finding.severity != Severity::Error)
            && self.rules.is_some()
        {
            findings.extend(verify(&rules).findings);
        }
        Ok((rules, findings))
    }

    /// The rules, which must be right.
    pub(super) fn rules(&self) -> Result<Arc<Rules>, Failure> {
        let (rules, findings) = self.rules_as_read()?;
        refuse_errors(&rules.files, &findings)?;
        Ok(rules)
    }

    /// A deployment as it was read.
    pub(super) fn read(&self, path: Option<&str>) -> Result<Loaded, Failure> {
        self.read_by(&self.rules()?, self.deployment(path)?)
    }

    /// A deployment as it was read by these rules, or exports as one; its version from the command
    /// line where it gives none.
    pub(super) fn read_by(&self, rules: &Arc<Rules>, path: &str) -> Result<Loaded, Failure> {
        let loaded = read_deployment(rules, path)?;
        let files = loaded.files().files().iter().map(|file| file.path.as_str());
        // An archive stands for the files in it.
        self.spares(&std::iter::once(path).chain(files).collect::<Vec<_>>())?;
        let Some(version) = self.commerce_version else { return Ok(loaded) };
        let asked = |other| Failure::unusable(format!("{other}, not {version} as asked"));
        loaded.with_version(version).map_err(asked)
    }

    /// A deployment, which must be valid but for its version, which may be lacking: then also what
    /// it would be at every version that makes a difference.
    pub(super) fn engine_at_any_version(
        &self,
        path: Option<&str>,
    ) -> Result<(Engine, Vec<Engine>), Failure> {
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
    pub(super) fn engine(&self, path: Option<&str>) -> Result<Engine, Failure> {
        self.engine_by(&self.rules()?, path)
    }

    /// A deployment, which must be valid by these rules, and its engine.
    pub(super) fn engine_by(
        &self,
        rules: &Arc<Rules>,
        path: Option<&str>,
    ) -> Result<Engine, Failure> {
        let (deployment, findings) = self.read_by(rules, self.deployment(path)?)?.as_read();
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
fn version(text: &str) -> Result<Version, MalformedVersion> {
    text.parse()
}

/// A file, or standard input, to read as it comes.
#[expect(clippy::disallowed_methods, reason = "streams are opened here")]
pub(super) fn open_stream(path: &str) -> Result<Box<dyn Read>, Failure> {
    if path == "-" {
        return Ok(Box::new(io::stdin().lock()));
    }
    let file = File::open(path)
        .map_err(|error| Failure::unusable(format!("can't read `{path}`: {error}")))?;
    Ok(Box::new(file))
}

/// Refuses to read both a deployment and what goes with it from standard input.
pub(super) fn one_from_standard_input(
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
pub(super) fn listed(message: &str, list: &str) -> String {
    let joint = if message.ends_with('?') { "" } else { ";" };
    format!("{message}{joint} `syncgate rules list {list}` has them all")
}

/// Reads a deployment, or exports as one.
pub(super) fn read_deployment(rules: &Arc<Rules>, path: &str) -> Result<Loaded, Failure> {
    if exports::are_exports(path) {
        return exports::load(rules, path);
    }
    Ok(Deployment::load_by(rules, path)?)
}

/// Fails where there is an error among findings, with all of them.
pub(super) fn refuse_errors(files: &Sources, findings: &[Finding]) -> Result<(), Failure> {
    if findings.iter().all(|finding| finding.severity != Severity::Error) {
        return Ok(());
    }
    Err(Failure::Findings(findings_human(files, findings, error_style()), Exit::Unusable))
}
