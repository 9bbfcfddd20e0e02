//! What people and machines read: one small renderer per format. Everything here returns text;
//! nothing prints.

mod csv;
mod diff;
pub mod document;
pub mod explain;
mod features;
mod github;
pub(crate) mod human;
mod junit;
mod list;
mod matrix;
mod page;
mod pending;
mod picture;
mod plan;
mod sarif;
#[cfg(feature = "store")]
mod scenarios;
pub mod schema;
mod table;
mod trace;
mod verification;

pub use csv::check_csv;
pub use diff::{diff_human, diff_json};
pub use features::{FeatureView, features_dot, features_human, features_json, features_mermaid};
pub use github::check_github;
pub use human::{Style, check_human, findings_human};
pub use junit::check_junit;
pub use list::{LISTS, list};
pub use matrix::{matrix_csv, matrix_human, matrix_json};
pub use page::{Reported, StoreView, WaitingCustomer, report_html};
pub use picture::features_svg;
pub use plan::{Planned, plan_human, plan_json, plan_markdown};
pub use sarif::check_sarif;
#[cfg(feature = "store")]
pub use scenarios::{Played, scenarios_human, scenarios_json, scenarios_junit};
pub use table::Table;
pub use trace::{decision_human, decision_json};
pub use verification::{verification_human, verification_json};
