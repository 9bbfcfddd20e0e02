//! What the commands share: their common options, and how they read rules and deployments.

use super::exit::Exit;
use super::exports;
use super::failure::Failure;
use super::output::{self, Output, error_style};
use crate::diagnostic::{Finding, Severity, Sources};
use crate::engine::{Engine, verify};
use crate::load::Loaded;
use crate::model::{Deployment, Rules};
use crate::report::findings_human;

/// Options of every command.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Common {
    /// Rules to use instead of the embedded ones: a directory of TOML files
    #[arg(long, global = true, value_name = "DIR", help_heading = "Options of every command")]
    pub(super) rules: Option<String>,
    /// Checks of your own to add to them: a directory of TOML files with [[check]] records SG900 to
    /// SG999
    #[arg(long, global = true, value_name = "DIR", help_heading = "Options of every command")]
    pub(super) checks: Option<String>,
    /// Write to this file instead of standard output: whole, or not at all
    #[arg(long, global = true, value_name = "FILE", help_heading = "Options of every command")]
    pub(super) output: Option<String>,
}

/// What most commands are about.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Given {
    /// The deployment: a directory of TOML files, one file, a folder or zip of exports, or - for
    /// standard input; the current directory where none is given
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

    /// Refuses to put the output in the place of a file that the command works on.
    pub(super) fn spares(&self, kept: &[&str]) -> Result<(), Failure> {
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
    pub(super) fn rules_as_read(&self) -> Result<(Rules, Vec<Finding>), Failure> {
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
    pub(super) fn rules(&self) -> Result<Rules, Failure> {
        let (rules, findings) = self.rules_as_read()?;
        refuse_errors(&rules.files, &findings)?;
        Ok(rules)
    }

    /// A deployment as it was read.
    pub(super) fn read(&self, path: Option<&str>) -> Result<Loaded, Failure> {
        let rules = self.rules()?;
        read_deployment(&rules, path.unwrap_or("."))
    }

    /// A deployment, which must be valid, and its engine.
    pub(super) fn engine(&self, path: Option<&str>) -> Result<Engine, Failure> {
        engine_by(&self.rules()?, path)
    }
}

/// A deployment, which must be valid by these rules, and its engine.
pub(super) fn engine_by(rules: &Rules, path: Option<&str>) -> Result<Engine, Failure> {
    let (deployment, findings) = read_deployment(rules, path.unwrap_or("."))?.as_read();
    refuse_errors(deployment.files(), &findings)?;
    Engine::new(rules, &deployment).map_err(|error| Failure::unusable(error.to_string()))
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
pub(super) fn read_deployment(rules: &Rules, path: &str) -> Result<Loaded, Failure> {
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
