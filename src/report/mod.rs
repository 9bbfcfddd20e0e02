//! What people and machines read: one small renderer per format. Everything here returns text; nothing prints.

mod csv;
pub mod document;
pub mod explain;
mod features;
mod human;
mod list;
mod matrix;
pub mod schema;
mod table;
mod trace;
mod verification;

pub use features::{FeatureView, features_dot, features_human, features_json, features_mermaid};
pub use human::{Style, check_human, findings_human};
pub use list::{LISTS, list};
pub use matrix::{matrix_csv, matrix_human, matrix_json};
pub use table::Table;
pub use trace::{decision_human, decision_json};
pub use verification::{verification_human, verification_json};
