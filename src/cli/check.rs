//! `syncgate check`

use super::common::Gate;
use super::output::{self, note};
use super::pipeline::azure_pipeline;
use super::{Common, Exit, Failure};
use crate::check::{Checked, check};
use crate::diagnostic::Severity;
use crate::load::files::standing_for;
use crate::model::Deployment;
use crate::report::{
    Baseline, check_azure, check_csv, check_github, check_gitlab, check_human, check_json,
    check_junit, check_markdown, check_sarif, document, several_human,
};
use clap::ValueEnum;
use std::path::{Path, PathBuf};

/// Find every mistake in a deployment, and say whether it may go live
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The deployments: directories of TOML files, files, folders or zips of exports, or - for
    /// standard input; where none is given, what syncgate.toml says, else the current directory
    #[arg(value_name = "DEPLOYMENT")]
    deployments: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The least severity of a finding that makes the exit status 1: error, unless syncgate.toml
    /// says otherwise
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Exit as if nothing were wrong also where a check that matters could not be decided
    #[arg(long)]
    allow_undecided: bool,
    /// An earlier `check --format json`: only what is new since then counts for the exit status
    #[arg(long, value_name = "FILE")]
    baseline: Option<String>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, a test case for each check
    Junit,
    /// Workflow commands, shown beside the lines of a change
    Github,
    /// Logging commands of Azure Pipelines
    Azure,
    /// A Code Quality report, for merge requests
    Gitlab,
    /// A table, for the summary of a job or a comment
    Markdown,
    Csv,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(super) enum FailOn {
    Info,
    Warning,
    Error,
}

/// So many runs of a SARIF log are taken by services that show them.
const MOST_RUNS: usize = 20;

/// A deployment, checked, and the earlier check of it.
struct Examined<'b> {
    deployment: Deployment,
    checked: Checked,
    baseline: Option<&'b Baseline>,
}

impl Check {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let baselines = common.baselines(self.baseline.as_deref())?;
        // A deployment that was not there earlier is new in all it has.
        let nothing = Baseline::default();
        let mut paths = self.deployments.clone();
        if paths.is_empty() {
            paths.push(common.deployment(None)?.to_owned());
        }
        let mut all: Vec<Examined<'_>> = Vec::new();
        let paths = each_once(paths);
        let is_alone = paths.len() == 1;
        for path in paths {
            let loaded = common.read(Some(&path))?;
            let whole = loaded.is_whole();
            let (deployment, findings) = loaded.as_read();
            let checked = check(&deployment, findings, whole);
            let known = baselines.as_ref().map(|known| known.of(deployment.name(), is_alone));
            let baseline = known.map(|known| known.unwrap_or(&nothing));
            all.push(Examined { deployment, checked, baseline });
        }
        let gate = Gate {
            least: self.fail_on.map(FailOn::severity),
            allow_undecided: self.allow_undecided,
        };
        self.print(common, gate, &all)?;
        for it in &all {
            if common.complains(gate, &it.checked, it.baseline)? {
                return Ok(Exit::Complaints);
            }
        }
        Ok(Exit::Fine)
    }

    fn print(&self, common: &Common, gate: Gate, all: &[Examined<'_>]) -> Result<(), Failure> {
        let output = common.output()?;
        let both = || all.iter().map(|it| (&it.deployment, &it.checked));
        let three = || all.iter().map(|it| (&it.deployment, &it.checked, it.baseline));
        let one_by_one = |one: fn(&Deployment, &Checked) -> String| {
            both().map(|(deployment, checked)| one(deployment, checked)).collect::<String>()
        };
        let text = match self.format {
            Format::Human => {
                let (width, style) = (output.width(), output.style());
                let texts = all
                    .iter()
                    .map(|it| check_human(&it.deployment, &it.checked, it.baseline, width, style));
                let mut text = texts.collect::<Vec<_>>().join("\n");
                if all.len() > 1 {
                    text.push_str(&format!("\n{}", several_human(both(), style)));
                }
                text
            }
            Format::Json => document::pretty(&check_json(three().collect())),
            Format::Sarif => {
                let pipeline = azure_pipeline();
                if all.len() > MOST_RUNS {
                    note(&format!(
                        "note: a SARIF log of {} deployments has as many runs, and services take \
                            {MOST_RUNS} at most; check fewer at a time",
                        all.len()
                    ));
                }
                document::pretty(&check_sarif(three().collect(), pipeline.as_ref()))
            }
            Format::Junit => check_junit(both(), common.least(gate)? == Severity::Info),
            Format::Github => one_by_one(check_github),
            Format::Azure => one_by_one(check_azure),
            Format::Gitlab => {
                let is_alone = all.len() == 1;
                let issues: Vec<_> =
                    both().flat_map(|(one, it)| check_gitlab(one, it, is_alone)).collect();
                document::pretty(&issues)
            }
            Format::Markdown => one_by_one(check_markdown),
            Format::Csv => check_csv(both()),
        };
        output.whole(&text)
    }
}

impl FailOn {
    fn severity(self) -> Severity {
        match self {
            Self::Info => Severity::Info,
            Self::Warning => Severity::Warning,
            Self::Error => Severity::Error,
        }
    }
}

/// Several files of one directory stand for it once, so that hooks may pass what changed; so does
/// what several paths lead to.
pub(super) fn each_once(paths: Vec<String>) -> Vec<String> {
    let mut kept: Vec<(String, PathBuf)> = Vec::new();
    for path in paths {
        let path = plain(&standing_for(&path));
        let place = output::place(&path).unwrap_or_else(|| PathBuf::from(&path));
        if kept.iter().all(|(_, known)| *known != place) {
            kept.push((path, place));
        }
    }
    let places: Vec<PathBuf> = kept.iter().map(|(_, place)| place.clone()).collect();
    let stands = |above: &Path| places.iter().any(|place| place == above);
    // A file beside what stands for its whole directory is part of that.
    let is_part = |place: &PathBuf| {
        let is_toml = place.extension().is_some_and(|ending| ending == "toml");
        is_toml && place.is_file() && place.parent().is_some_and(stands)
    };
    kept.into_iter().filter(|(_, place)| !is_part(place)).map(|(path, _)| path).collect()
}

/// A path without what makes no difference: `./` before it, separators behind it.
fn plain(path: &str) -> String {
    let inner = path.trim_start_matches("./").trim_end_matches('/');
    if inner.is_empty() && !path.starts_with('/') { ".".to_owned() } else { inner.to_owned() }
}
