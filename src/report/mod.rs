//! What people and machines read: one small renderer per format. Everything here returns text;
//! nothing prints.

mod csv;
mod diff;
pub mod document;
pub mod explain;
mod features;
mod features_svg;
mod github;
mod html;
pub(crate) mod human;
mod junit;
mod list;
mod matrix;
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
pub use features_svg::features_svg;
pub use github::check_github;
pub use html::{Reported, StoreView, WaitingCustomer, report_html};
pub use human::{Style, check_human, findings_human};
pub use junit::check_junit;
pub use list::{LISTS, list};
pub use matrix::{matrix_csv, matrix_human, matrix_json};
pub use plan::{Planned, plan_human, plan_json, plan_markdown};
pub use sarif::check_sarif;
#[cfg(feature = "store")]
pub use scenarios::{Played, scenarios_human, scenarios_json, scenarios_junit};
pub use table::Table;
pub use trace::{decision_human, decision_json};
pub use verification::{verification_human, verification_json};
