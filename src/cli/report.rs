//! `syncgate report`

use super::common::Gate;
use super::simulate::{play, read_load, simulation};
use super::{Common, Exit, Failure, Given, one_from_standard_input, refuse_errors};
use crate::check::check;
use crate::diagnostic::Finding;
use crate::engine::Engine;
use crate::model::{Creation, Customer, Deployment, Outcome};
use crate::report::{Baseline, Reported, SimulationView, StoreView, WaitingCustomer, report_html};
use crate::simulate::Simulated;
use crate::store::{AuditReader, Status, Store};
use std::collections::HashMap;

/// Write one self-contained HTML page: the verdict, every finding, every operation, an explorer,
/// what a store has seen
#[derive(Debug, clap::Args)]
pub(super) struct Report {
    #[command(flatten)]
    deployment: Given,
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

impl Report {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let kept = [self.store.as_deref(), self.load.as_deref()];
        common.spares(&kept.into_iter().flatten().collect::<Vec<_>>())?;
        if let Some(load) = &self.load {
            one_from_standard_input(self.deployment.path(), load, "the load")?;
        }
        let loaded = common.read(self.deployment.path())?;
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let others: Vec<Finding> =
            findings.iter().filter(|finding| !finding.is_missing_version()).cloned().collect();
        refuse_errors(deployment.files(), &others)?;
        let checked = check(&deployment, findings, whole);
        let engine = Engine::new(deployment.rules(), &deployment)
            .map_err(|error| Failure::unusable(error.to_string()))?;
        let store = self.store.as_deref().map(|path| view(path, &deployment)).transpose()?;
        let load = self.load.as_deref();
        let simulated = load.map(|load| self.simulated(&engine, load)).transpose()?;
        let simulation = simulated.as_ref();
        let page = report_html(Reported {
            engine: &engine,
            checked: &checked,
            store: store.as_ref(),
            simulation: simulation.map(|simulated| SimulationView { engine: &engine, simulated }),
        });
        common.output()?.whole(&page)?;
        let baselines = if self.gate { common.baselines(None)? } else { None };
        let nothing = Baseline::default();
        let known = baselines.as_ref().map(|known| known.of(deployment.name(), true));
        let baseline = known.map(|known| known.unwrap_or(&nothing));
        let complains = self.gate && common.complains(Gate::default(), &checked, baseline)?;
        Ok(if complains { Exit::Complaints } else { Exit::Fine })
    }
}

impl Report {
    /// The load, played; that needs the version, as every decision does.
    fn simulated(&self, engine: &Engine, path: &str) -> Result<Simulated, Failure> {
        if engine.deployment().given_version().is_none() {
            let why = "the deployment gives no `commerce-version`, so there is nothing to play";
            return Err(Failure::unusable(why));
        }
        let load = read_load(path)?;
        play(&simulation(engine, &load)?, engine, self.seed, None)
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
