//! `syncgate report`

use super::check::each_once;
use super::common::Gate;
use super::output::Output;
use super::simulate::{play, read_load, simulation};
use super::{Common, Exit, Failure, one_from_standard_input, refuse_errors};
use crate::check::{Checked, check};
use crate::diagnostic::Finding;
use crate::engine::Engine;
use crate::load::Load;
use crate::model::{Creation, Customer, Deployment, Outcome};
use crate::report::{
    Baseline, INDEX, Portfolio, PortfolioPage, Reported, SimulationView, StoreView,
    WaitingCustomer, page_files, portfolio_html, report_html,
};
use crate::simulate::Simulated;
use crate::store::{AuditReader, Status, Store};
use std::collections::HashMap;
use std::io::Write as _;
use std::path::Path;

/// Write one self-contained HTML page: the verdict, every finding, every operation, an explorer,
/// what a store has seen; of several deployments a page for each, and one that leads to them
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    /// The deployments: directories of TOML files, files, folders or zips of exports, or - for
    /// standard input; where none is given, what syncgate.toml says, else the current directory.
    /// Of several, --output is the directory of their pages
    #[arg(value_name = "DEPLOYMENT")]
    deployments: Vec<String>,
    /// A store whose decisions and pending customers are shown too
    #[arg(long, value_name = "FILE")]
    store: Option<String>,
    /// A load to play, whose hours, queues and outages are shown too
    #[arg(long, value_name = "FILE")]
    load: Option<String>,
    /// Where chance begins for that load
    #[arg(long, value_name = "N", default_value_t = 0, requires = "load")]
    seed: u64,
    /// Exit as check would: 1 where there is an error, or the verdict is undecided
    #[arg(long)]
    gate: bool,
}

/// A deployment with its page.
struct Written {
    deployment: Deployment,
    checked: Checked,
    page: String,
}

impl Report {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let kept = [self.store.as_deref(), self.load.as_deref()];
        common.spares(&kept.into_iter().flatten().collect::<Vec<_>>())?;
        let load = self.load.as_deref().map(|load| self.read_load(common, load)).transpose()?;
        let all = match self.deployments.as_slice() {
            several @ [_, _, ..] => {
                self.portfolio(common, &each_once(several.to_vec()), load.as_ref())?
            }
            one => {
                let path = common.deployment(one.first().map(String::as_str))?;
                let written = self.written(common, path, load.as_ref())?;
                common.output()?.whole(&written.page)?;
                vec![written]
            }
        };
        let complains = self.gate && complains(common, &all)?;
        Ok(if complains { Exit::Complaints } else { Exit::Fine })
    }

    /// The load that is asked for, read once for all deployments.
    fn read_load(&self, common: &Common, load: &str) -> Result<Load, Failure> {
        let paths: Vec<&str> = match self.deployments.as_slice() {
            [] => vec![common.deployment(None)?],
            paths => paths.iter().map(String::as_str).collect(),
        };
        for path in paths {
            one_from_standard_input(Some(path), load, "the load")?;
        }
        read_load(load)
    }

    /// The page of one deployment.
    fn written(
        &self,
        common: &Common,
        path: &str,
        load: Option<&Load>,
    ) -> Result<Written, Failure> {
        let loaded = common.read(Some(path))?;
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let others: Vec<Finding> =
            findings.iter().filter(|finding| !finding.is_missing_version()).cloned().collect();
        refuse_errors(deployment.files(), &others)?;
        let checked = check(&deployment, findings, whole);
        let engine = Engine::new(deployment.rules(), &deployment)
            .map_err(|error| Failure::unusable(error.to_string()))?;
        let store = self.store.as_deref().map(|path| view(path, &deployment)).transpose()?;
        let simulated = load.map(|load| self.simulated(&engine, load)).transpose();
        let simulated = simulated.map_err(|failure| match self.deployments.len() {
            0 | 1 => failure,
            _ => failure.of(path),
        })?;
        let simulation = simulated.as_ref();
        let page = report_html(Reported {
            engine: &engine,
            checked: &checked,
            store: store.as_ref(),
            simulation: simulation.map(|simulated| SimulationView { engine: &engine, simulated }),
        });
        Ok(Written { deployment, checked, page })
    }

    /// Writes a page for each of several deployments, and one that leads to them.
    fn portfolio(
        &self,
        common: &Common,
        paths: &[String],
        load: Option<&Load>,
    ) -> Result<Vec<Written>, Failure> {
        let directory = common.output.as_deref().filter(|path| *path != "-");
        let directory =
            directory.map(Path::new).filter(|path| !path.is_file()).ok_or_else(|| {
                Failure::unusable(
                    "several deployments have a page each: name the directory for them with \
                    --output DIR",
                )
            })?;
        if let Some(store) = &self.store {
            return Err(Failure::unusable(format!(
                "`{store}` is the store of one deployment, and several are named"
            )));
        }
        let all = each(paths, |path| self.written(common, path, load))?;
        let rules = common.rules()?;
        let files = page_files(paths.iter().map(String::as_str));
        let pages = all.iter().zip(&files).map(|(it, file)| PortfolioPage {
            file: file.clone(),
            deployment: &it.deployment,
            checked: &it.checked,
        });
        let portfolio = Portfolio { rules: &rules, pages: pages.collect() };
        let index = portfolio_html(&portfolio);
        let texts = files.iter().zip(all.iter().map(|it| it.page.as_str()));
        let texts = texts.map(|(file, text)| (file.as_str(), text));
        write_together(directory, texts.chain([(INDEX, index.as_str())]))?;
        Ok(all)
    }
}

/// Whether `check` of these would exit with complaints.
fn complains(common: &Common, all: &[Written]) -> Result<bool, Failure> {
    let baselines = common.baselines(None)?;
    let nothing = Baseline::default();
    for Written { deployment, checked, .. } in all {
        let known = baselines.as_ref().map(|it| it.of(deployment.name(), all.len() == 1));
        let baseline = known.map(|known| known.unwrap_or(&nothing));
        if common.complains(Gate::default(), checked, baseline)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is made of each path; where that fails for some, what all of them tell.
fn each<T>(paths: &[String], one: impl Fn(&str) -> Result<T, Failure>) -> Result<Vec<T>, Failure> {
    let (mut made, mut refused) = (Vec::new(), String::new());
    for path in paths {
        match one(path) {
            Ok(one) => made.push(one),
            Err(Failure::Findings(findings, Exit::Unusable)) => refused.push_str(&findings),
            Err(other) => return Err(other),
        }
    }
    if refused.is_empty() { Ok(made) } else { Err(Failure::Findings(refused, Exit::Unusable)) }
}

/// Writes files into a directory: none has its name before all of them are written, and the last
/// one, which leads to the others, gets it last.
fn write_together<'t>(
    directory: &Path,
    files: impl Iterator<Item = (&'t str, &'t str)>,
) -> Result<(), Failure> {
    let failure =
        |error| Failure::unusable(format!("can't write to `{}`: {error}", directory.display()));
    std::fs::create_dir_all(directory).map_err(failure)?;
    let mut written = Vec::new();
    for (file, text) in files {
        let mut output = Output::open(Some(&directory.join(file).to_string_lossy()))?;
        output.write_all(text.as_bytes()).and_then(|()| output.flush()).map_err(failure)?;
        written.push(output);
    }
    written.into_iter().try_for_each(Output::finish)
}

impl Report {
    /// The load, played; that needs the version, as every decision does.
    fn simulated(&self, engine: &Engine, load: &Load) -> Result<Simulated, Failure> {
        if engine.deployment().given_version().is_none() {
            let why = "the deployment gives no `commerce-version`, so there is nothing to play";
            return Err(Failure::unusable(why));
        }
        play(&simulation(engine, load)?, engine, self.seed, None)
    }
}

/// So many pending customers are shown one by one.
const MOST_WAITING: usize = 200;

/// What the page shows of a store.
fn view(path: &str, deployment: &Deployment) -> Result<StoreView, Failure> {
    let mut store = Store::open(path)?;
    let status = store.status();
    same_configuration(path, &status, deployment)?;
    let mut view = StoreView::default();
    view.head = status.head;
    view.events = status.events_applied;
    view.customers = status.customers;
    view.pending = status.pending;
    for slot in 0..status.customers {
        if view.waiting.len() as u64 == status.pending.min(MOST_WAITING as u64) {
            break;
        }
        let customer = store.customer(slot)?;
        if customer.state == Customer::Pending {
            view.waiting.push(WaitingCustomer {
                name: customer.name,
                channel: customer.channel,
                failing: customer.failing,
                operations: customer.operations,
                since: None,
            });
        }
    }
    read_journal(&mut store, &mut view)?;
    Ok(view)
}

/// Refuses a store whose latest configuration is not the deployment by its rules.
pub(super) fn same_configuration(
    path: &str,
    status: &Status,
    deployment: &Deployment,
) -> Result<(), Failure> {
    let asked = (deployment.rules().digest(), deployment.digest());
    match status.configurations.last() {
        Some((rules, kept)) if (rules, kept) != (&asked.0, &asked.1) => {
            let (what, kept, asked) = if rules == &asked.0 {
                ("deployment", kept, &asked.1)
            } else {
                ("rules", rules, &asked.0)
            };
            Err(Failure::unusable(format!(
                "`{path}` was last configured by another {what}: its digest there is {kept}, and \
                    here {asked}; name the deployment of the store, or `replay --reconfigure`"
            )))
        }
        _ => Ok(()),
    }
}

/// Counts the decisions of the journal, and finds when the customers that wait were created.
fn read_journal(store: &mut Store, view: &mut StoreView) -> Result<(), Failure> {
    let mut waiting: HashMap<String, usize> = view
        .waiting
        .iter()
        .enumerate()
        .map(|(number, customer)| (customer.name.clone(), number))
        .collect();
    let mut reader = AuditReader::new(store);
    while let Some(record) = reader.next(store)? {
        let moment = record.moment();
        if let Some(moment) = moment {
            view.happened(moment);
        }
        let (Some(rule), Some(reason)) = (record.rule(), record.reason()) else { continue };
        view.decided(rule.outcome, reason, moment);
        let creates =
            record.operation().and_then(|operation| operation.creates) == Some(Creation::Customer);
        if creates
            && rule.outcome != Outcome::Rejected
            && let Some(number) = record.customer.as_deref().and_then(|name| waiting.remove(name))
            && let Some(customer) = view.waiting.get_mut(number)
        {
            customer.since = moment;
        }
    }
    Ok(())
}
