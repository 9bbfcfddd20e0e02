//! Features, settings and jobs, and the edges between them.

use super::checks::KeyOf;
use super::ids::{CircumstanceId, FeatureId, JobId, SettingId};
use crate::diagnostic::Span;
use crate::model::decision::Basis;
use crate::model::duration::Duration;
use crate::model::version::Version;
use crate::model::words::words;
use serde::{Deserialize, Serialize};

/// Names in several languages: language code and names, English first.
pub type Names = Vec<(String, Vec<String>)>;

/// A feature of Feature management.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Feature {
    /// Its id, such as `edit-customers-async`.
    pub id: String,
    /// Its number in the dossier of features, such as `F4`.
    pub node: Option<String>,
    /// Its names; the first English one is canonical.
    pub names: Names,
    /// Its class names in the product.
    pub classes: Vec<String>,
    /// The version that introduced it; `None` where not known, which counts as every version.
    pub since: Option<Version>,
    /// How `since` is known where no source says it: `assumed` or `inferred`.
    pub since_basis: Option<String>,
    /// The version since which it is on unless turned off.
    pub on_by_default_since: Option<Version>,
    /// The version since which it cannot be turned off.
    pub mandatory_since: Option<Version>,
    /// What it does.
    pub text: String,
    /// Documents that speak of it.
    pub documents: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// A setting that edges of the prerequisite graph speak of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setting {
    /// Its id.
    pub id: String,
    /// Its number in the dossier of features, where it has one.
    pub node: Option<String>,
    /// Its names; the first English one is canonical.
    pub names: Names,
    /// The page that shows it.
    pub page: Option<String>,
    /// The section and key of a deployment that hold it; `None` where none does.
    pub key: Option<(String, String)>,
    /// The version that introduced it.
    pub since: Option<Version>,
    /// What it does.
    pub text: String,
    /// Documents that speak of it.
    pub documents: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// Something that edges speak of and no deployment holds: data, another application's version, a
/// capability.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Circumstance {
    /// Its id.
    pub id: String,
    /// What it is.
    pub text: String,
    /// Where it is declared.
    pub span: Span,
}

/// A job: of a distribution schedule, or a batch job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Job {
    /// Its id: the number of a distribution schedule's job, such as `1010`, or a name.
    pub id: String,
    /// What runs it.
    pub kind: JobKind,
    /// Its names; the first English one is canonical.
    pub names: Names,
    /// The page that shows it.
    pub page: Option<String>,
    /// What it does.
    pub text: String,
    /// What it does to the store.
    pub does: Vec<JobEffect>,
    /// The section and key of a deployment that record its last run beside its own records.
    pub recorded_at: Option<(String, String)>,
    /// Documents that speak of it.
    pub documents: Vec<String>,
    /// Statement numbers that speak of it.
    pub statements: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

impl Job {
    /// Its canonical name: id and first English name.
    pub fn title(&self) -> String {
        match first_name(&self.names) {
            Some(name) if self.kind == JobKind::Batch => name.to_owned(),
            Some(name) => format!("{} ({name})", self.id),
            None => self.id.clone(),
        }
    }
}

/// What Commerce Data Exchange carries by itself, at an interval of a channel database group
/// (S-161).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Exchange {
    /// Its id.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The key of a channel database group that gives its interval.
    pub interval: KeyOf,
    /// The interval that counts where none is given.
    pub default: Duration,
}

/// What a customer waits for on a [`Way`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Wait {
    /// For Commerce Data Exchange: the number of an [`Exchange`].
    Exchange(usize),
    /// For a job.
    Job(JobId),
}

/// The way of a customer that is created in a channel, until it is of use somewhere (S-032,
/// S-155).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Way {
    /// Its id.
    pub id: String,
    /// Where the customer then is, in a few words.
    pub title: String,
    /// What the customer waits for, in order, as its own channel has it.
    pub waits: Vec<Wait>,
    /// What follows, as the other channels have it, the slowest of them.
    pub elsewhere: Vec<Wait>,
    /// Without this feature there is no such way.
    pub feature: Option<FeatureId>,
    /// Whether it is told first.
    pub first: bool,
    /// Statement numbers that justify it.
    pub sources: Vec<String>,
}

/// A table that scheduler subjobs carry; async operations add rows to some.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ChannelTable {
    /// Its name.
    pub id: String,
    /// What it holds.
    pub text: String,
    /// What processes the rows that async operations add to it; `None` where none do.
    pub processed_by: Option<JobEffect>,
    /// Whether a customer's rows are processed with the customer's orders and sales (S-033, S-034).
    pub with_orders: bool,
}

words! {
    /// What runs a job.
    JobKind {
        /// A distribution schedule, from headquarters to the channels.
        Download = "download",
        /// A distribution schedule, from the channels to headquarters.
        Upload = "upload",
        /// A batch job of headquarters.
        Batch = "batch",
    }
}

words! {
    /// What a job does to the store (section 7 of the decision table).
    JobEffect {
        /// Rows of the channels reach headquarters.
        Upload = "upload",
        /// Customers get their accounts; rows of customers and requests are applied.
        SynchronizeCustomers = "synchronize-customers",
        /// Uploaded orders and cancellations are applied.
        SynchronizeOrders = "synchronize-orders",
        /// Uploaded sales are applied.
        PostSales = "post-sales",
        /// Account IDs reach every channel.
        SendAccounts = "send-accounts",
        /// Settings of functionality profiles reach every channel.
        SendProfiles = "send-profiles",
        /// The state of features that name no job of their own reaches every channel.
        SendFeatures = "send-features",
        /// It counts as a run of every download job.
        EveryDownload = "every-download",
    }
}

words! {
    /// How two nodes of the prerequisite graph are joined.
    EdgeKind {
        /// The one cannot work without the other.
        Requires = "requires",
        /// The one needs a setting, which does not keep it from being effective.
        Setting = "setting",
        /// A job must run after the one is enabled.
        ThenRun = "then-run",
        /// The one switches the other on.
        Implies = "implies",
        /// The two exclude each other.
        Conflicts = "conflicts",
        /// The one cannot be turned off again.
        Irreversible = "irreversible",
        /// The one makes the other needless.
        Substitutes = "substitutes",
        /// A job must be scheduled to recur.
        Schedule = "schedule",
    }
}

/// An end of an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Node {
    /// A feature.
    Feature(FeatureId),
    /// A setting.
    Setting(SettingId),
    /// A circumstance.
    Circumstance(CircumstanceId),
    /// A job.
    Job(JobId),
}

/// An edge of the prerequisite graph.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Edge {
    /// Its number, such as `E1`.
    pub id: String,
    /// Where it begins.
    pub from: Vec<Node>,
    /// What it says.
    pub kind: EdgeKind,
    /// Where it leads.
    pub to: Vec<Node>,
    /// The first and last version it holds for.
    pub versions: Option<(Version, Version)>,
    /// What else to know.
    pub text: Option<String>,
    /// On what authority.
    pub basis: Basis,
    /// Documents that say so.
    pub documents: Vec<String>,
    /// Where it is declared.
    pub span: Span,
}

/// The first English name.
pub fn first_name(names: &Names) -> Option<&str> {
    let english = names.iter().find(|(language, _)| language == "en").or_else(|| names.first())?;
    english.1.first().map(String::as_str)
}
