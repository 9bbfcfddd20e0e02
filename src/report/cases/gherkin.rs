//! `cases --format gherkin`: a feature with a scenario for each case.

use super::case_id;
use crate::engine::Engine;
use crate::report::document::{VERSION, provenance};
use crate::whatif::Case;

/// The beginning of the feature that the cases of a deployment make.
pub fn feature_gherkin(engine: &Engine) -> String {
    let deployment = engine.deployment();
    let provenance = provenance(engine.rules(), Some(deployment));
    let digest = provenance.deployment_digest().unwrap_or("unknown");
    format!(
        "# syncgate {VERSION}, rules {}, deployment {digest}\nFeature: {}\n",
        provenance.rules_digest(),
        on_one_line(deployment.name().unwrap_or(deployment.path()))
    )
}

/// The scenario of a case.
pub fn case_gherkin(case: &Case<'_>) -> String {
    let (engine, decision) = (case.channel.engine(), case.decision);
    let mut text = format!("\n  Scenario: {}\n", on_one_line(&case_id(case)));
    let mut step = |keyword: &str, what: &str, value: &str| {
        text.push_str(&format!("    {keyword} {what} {}\n", quoted(value)));
    };
    step("Given", "the channel is", case.channel.id());
    for fact in &case.facts {
        step("And", &format!("{fact} is"), case.situation.word(*fact));
    }
    step("When", "somebody tries", &engine.rules().operation(case.operation).id);
    step("Then", "the outcome is", decision.outcome().as_str());
    step("And", "the reason is", decision.reason());
    step("And", "the rule is", decision.rule());
    step("And", "the basis is", decision.basis().as_str());
    step("And", "the sources are", &decision.sources().join(" "));
    if let Some(error_id) = decision.error_id() {
        step("And", "the error id is", error_id);
    }
    text
}

/// A text in quotes, as step expressions read it back.
fn quoted(text: &str) -> String {
    format!("\"{}\"", on_one_line(&text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A text without what would end the line.
fn on_one_line(text: &str) -> String {
    let ends_line = |sign: char| sign.is_control() || matches!(sign, '\u{2028}' | '\u{2029}');
    text.chars().map(|sign| if ends_line(sign) { ' ' } else { sign }).collect()
}
