//! What `check` prints: a small renderer for each format.

mod azure;
mod baseline;
mod csv;
pub(super) mod gaps;
mod github;
mod gitlab;
pub(super) mod grounds;
pub(super) mod human;
mod json;
pub(super) mod junit;
pub(super) mod levels;
mod markdown;
pub(super) mod pending;
mod sarif;
mod several;

pub use azure::check_azure;
pub use baseline::{Baseline, Baselines};
pub use csv::check_csv;
pub use github::check_github;
pub use gitlab::check_gitlab;
pub use human::check_human;
pub use json::check_json;
pub(super) use json::{CheckDocument, SeveralDocument};
pub use junit::check_junit;
#[cfg(feature = "import")]
pub(super) use levels::{LevelDocument, level_documents};
#[cfg(feature = "import")]
pub(super) use markdown::cell;
pub use markdown::check_markdown;
pub use sarif::{AzurePipeline, check_sarif};
pub use several::several_human;

use crate::check::Checked;
use crate::model::Deployment;

/// A deployment, checked, and an earlier check of it, where there is one to compare with.
pub type Examined<'a> = (&'a Deployment, &'a Checked, Option<&'a Baseline>);
