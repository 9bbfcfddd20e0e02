//! `syncgate check`

use super::{Common, Exit, Failure};
use crate::check::{Checked, Verdict, check};
use crate::diagnostic::Severity;
use crate::load::files::{read_text, standing_for};
use crate::model::Deployment;
use crate::report::{
    Baseline, Baselines, check_azure, check_csv, check_github, check_gitlab, check_human,
    check_json, check_junit, check_markdown, check_sarif, document, several_human,
};
use clap::ValueEnum;

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

/// A deployment, checked, and the earlier check of it.
struct Examined<'b> {
    deployment: Deployment,
    checked: Checked,
    baseline: Option<&'b Baseline>,
}

impl Check {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let settings = common.settings()?;
        let baseline = self.baseline.as_ref().or(settings.baseline.as_ref());
        // A deployment that was not there earlier is new in all it has.
        let nothing = Baseline::default();
        let baselines = baseline.map(|path| baselines(path)).transpose()?;
        let mut paths = self.deployments.clone();
        if paths.is_empty() {
            paths.push(common.deployment(None)?.to_owned());
        }
        let mut all: Vec<Examined<'_>> = Vec::new();
        for path in each_once(paths) {
            let loaded = common.read(Some(&path))?;
            let whole = loaded.is_whole();
            let (deployment, findings) = loaded.as_read();
            let checked = check(&deployment, findings, whole);
            let known = baselines.as_ref().map(|known| known.of(deployment.name()));
            let baseline = known.map(|known| known.unwrap_or(&nothing));
            all.push(Examined { deployment, checked, baseline });
        }
        self.print(common, &all)?;
        let least = self
            .fail_on
            .map(FailOn::severity)
            .or_else(|| settings.fail_on.as_deref().and_then(Severity::from_word));
        let least = least.unwrap_or(Severity::Error);
        let allow_undecided = self.allow_undecided || settings.allow_undecided;
        let complains = |it: &Examined<'_>| it.complains(least, allow_undecided);
        Ok(if all.iter().any(complains) { Exit::Complaints } else { Exit::Fine })
    }

    fn print(&self, common: &Common, all: &[Examined<'_>]) -> Result<(), Failure> {
        let output = common.output()?;
        let both = || all.iter().map(|it| (&it.deployment, &it.checked));
        let three = || all.iter().map(|it| (&it.deployment, &it.checked, it.baseline));
        let one_by_one = |one: fn(&Deployment, &Checked) -> String| {
            both().map(|(deployment, checked)| one(deployment, checked)).collect::<String>()
        };
        let text = match self.format {
            Format::Human => {
                let style = output.style();
                let texts = all
                    .iter()
                    .map(|it| check_human(&it.deployment, &it.checked, it.baseline, style));
                let mut text = texts.collect::<Vec<_>>().join("\n");
                if all.len() > 1 {
                    text.push_str(&format!("\n{}", several_human(both(), style)));
                }
                text
            }
            Format::Json => document::pretty(&check_json(three().collect())),
            Format::Sarif => document::pretty(&check_sarif(three().collect())),
            Format::Junit => check_junit(both()),
            Format::Github => one_by_one(check_github),
            Format::Azure => one_by_one(check_azure),
            Format::Gitlab => {
                let issues: Vec<_> =
                    both().flat_map(|(deployment, it)| check_gitlab(deployment, it)).collect();
                document::pretty(&issues)
            }
            Format::Markdown => one_by_one(check_markdown),
            Format::Csv => check_csv(both()),
        };
        output.whole(&text)
    }
}

impl Examined<'_> {
    fn complains(&self, least: Severity, allow_undecided: bool) -> bool {
        let checked = &self.checked;
        if let Some(baseline) = self.baseline {
            return baseline.is_worse(checked, least, !allow_undecided);
        }
        let found =
            checked.findings.iter().any(|finding| finding.counts() && finding.severity >= least);
        found || (!allow_undecided && checked.verdict == Verdict::Undecided)
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

/// Several files of one directory stand for it once, so that hooks may pass what changed.
fn each_once(paths: Vec<String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for path in paths {
        let path = standing_for(&path);
        if !kept.contains(&path) {
            kept.push(path);
        }
    }
    kept
}

fn baselines(path: &str) -> Result<Baselines, Failure> {
    Baselines::read(&read_text(path)?).map_err(|error| {
        Failure::unusable(format!(
            "`{path}` is not what `check --format json` prints: {error}; write a baseline with \
             `check --format json --output FILE`"
        ))
    })
}
