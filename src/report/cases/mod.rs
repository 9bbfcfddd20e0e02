//! Test cases: as lines of JSON, as CSV and as Gherkin.

mod csv;
mod gherkin;
mod json;

pub use csv::CasesCsv;
pub use gherkin::{case_gherkin, feature_gherkin};
pub(super) use json::CaseDocument;
pub use json::case_json;

use crate::whatif::Case;

/// What a case is called: the same case is called so whatever else there is; no two of one run are
/// called alike.
fn case_id(case: &Case<'_>) -> String {
    let operation = &case.channel.engine().rules().operation(case.operation).id;
    let unusual = case.facts.iter().filter(|fact| case.situation.value(**fact) != 0);
    let unusual: Vec<String> =
        unusual.map(|fact| format!("{fact}={}", case.situation.word(*fact))).collect();
    let situation = if unusual.is_empty() { "ordinary".to_owned() } else { unusual.join(",") };
    let pair = case.pair.map_or_else(String::new, |pair| format!("pair-{pair}/"));
    format!("{pair}{operation}/{}/{situation}", case.channel.id())
}
