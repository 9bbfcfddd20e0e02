//! What people and machines read, by subject: one small renderer for each format of it. Everything
//! here returns or writes text; nothing prints.

mod cases;
mod check;
mod decision;
mod diff;
pub mod document;
#[cfg(feature = "import")]
mod evidence;
pub mod explain;
mod explained;
#[cfg(feature = "lsp")]
mod explained_markdown;
mod export;
mod features;
mod findings;
#[cfg(feature = "import")]
mod import;
mod markup;
mod matrix;
mod observations;
mod page;
mod picture;
mod plan;
mod rules;
#[cfg(feature = "store")]
mod scenarios;
pub mod schema;
#[cfg(feature = "store")]
mod simulation;
mod sources;
#[cfg(feature = "store")]
mod store;
mod text;

pub use cases::{CasesCsv, case_gherkin, case_json, feature_gherkin};
pub use check::{
    AzurePipeline, Baseline, Baselines, Examined, check_azure, check_csv, check_github,
    check_gitlab, check_human, check_json, check_junit, check_markdown, check_sarif, several_human,
};
pub use decision::{assumed_member, decision_human, decision_json, explained_members};
pub use diff::{diff_human, diff_json, history_human};
#[cfg(feature = "import")]
pub use evidence::{
    FORM, ManifestDocument, PackDifference, PackedFile, Recomputed, attestations_json,
    controls_csv, levels_and_waivers_json, recomputed_human, sign_off_markdown, write_decisions,
};
pub use explained::{explained_json, overview_json};
#[cfg(feature = "lsp")]
pub use explained_markdown::explained_markdown;
pub use export::{
    DATA_README_TITLE, DataColumn, DataKind, DataTable, Datum, Dialect, Exported, Presence,
    RequestColumns, data_csv, data_readme, dmn, jdm, rego, sql, tables,
};
#[cfg(feature = "lsp")]
pub use features::feature_markdown;
pub use features::{FeatureView, features_dot, features_human, features_json, features_mermaid};
pub use findings::findings_human;
#[cfg(feature = "import")]
pub use import::{import_summary, import_told};
pub use matrix::{matrix_csv, matrix_human, matrix_json};
pub use observations::{UnreadableLine, observations_human, observations_json, observations_junit};
pub use page::{
    INDEX, Portfolio, PortfolioPage, Reported, StoreView, WaitingCustomer, page_files,
    portfolio_html, report_html,
};
pub use picture::features_svg;
pub use plan::{Planned, plan_human, plan_json, plan_markdown};
pub use rules::{LISTS, list_csv, list_human, list_json, verification_human, verification_json};
#[cfg(feature = "store")]
pub use scenarios::{Played, scenarios_human, scenarios_json, scenarios_junit};
#[cfg(feature = "store")]
pub use simulation::{SimulationView, simulation_csv, simulation_human, simulation_json};
#[cfg(feature = "store")]
pub use store::{
    backup_human, backup_json, compacted_human, compacted_json, customers_human, customers_json,
    journal_csv, journal_human, journal_json, queue_human, queue_json, replayed_human,
    status_human, status_json, verified_human, verified_json,
};
pub(crate) use text::csv_cell;
#[cfg(feature = "lsp")]
pub use text::text_markdown;
pub use text::{Style, TextTable};
