//! What a TOML file is: part of a deployment, a scenario, rules, checks of one's own, or settings.

use super::text::Text;
use crate::load::files::{SETTINGS, is_scenario};
use crate::model::format::Format;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// A part of the deployment of its directory.
    Deployment,
    /// A scenario.
    Scenario,
    /// Checks and controls of one's own.
    Checks,
    /// A part of the rules of its directory.
    Rules,
    /// `syncgate.toml`.
    Settings,
}

/// The formats of all files.
#[derive(Debug)]
pub(super) struct Formats {
    pub(super) rules: Format,
    pub(super) scenario: Format,
    pub(super) settings: Format,
}

impl Formats {
    pub(super) fn new() -> Self {
        Self {
            rules: crate::load::rules_format(),
            scenario: crate::load::scenario_format(),
            settings: crate::load::settings_format(),
        }
    }
}

/// What checks of one's own may hold.
pub(super) const OF_CHECKS: [&str; 2] = ["check", "control"];
/// The section that declares the format of a deployment, which every set of rules has.
const OF_RULES: &str = "section";

impl Role {
    /// What a file is, by its name and its headers; `in_rules` says whether its directory holds
    /// rules.
    pub(super) fn of(name: &str, text: &Text, in_rules: bool) -> Self {
        if name == SETTINGS {
            return Self::Settings;
        }
        if is_scenario(text.as_str()) {
            return Self::Scenario;
        }
        if in_rules {
            return Self::Rules;
        }
        let mut headers = headers(text).peekable();
        let has_any = headers.peek().is_some();
        if has_any && headers.all(|name| OF_CHECKS.contains(&name)) {
            return Self::Checks;
        }
        Self::Deployment
    }

    /// Whether a text declares the format of a deployment, as one file of each set of rules does.
    pub(super) fn is_of_rules(text: &Text) -> bool {
        headers(text).any(|name| name == OF_RULES)
    }
}

fn headers(text: &Text) -> impl Iterator<Item = &str> {
    let blocks = text.outline().blocks.iter().skip(1);
    blocks.filter_map(|block| block.path.first().map(|word| word.text.as_str()))
}
