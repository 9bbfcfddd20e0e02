//! What a TOML file is: part of a deployment, a scenario, rules, checks of one's own, or settings.

use super::text::Text;
use crate::load::files::{SETTINGS, is_scenario};
use crate::model::SectionName;
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
    /// What a file is, by its name and its headers, in a directory that is so.
    pub(super) fn of(name: &str, text: &Text, holds: Holds) -> Self {
        if name == SETTINGS {
            return Self::Settings;
        }
        if is_scenario(text.as_str()) {
            return Self::Scenario;
        }
        let mut headers = headers(text).peekable();
        let has_any = headers.peek().is_some();
        let is_of_checks = has_any && headers.all(|name| OF_CHECKS.contains(&name));
        match holds {
            Holds::Rules => Self::Rules,
            Holds::Other if is_of_checks => Self::Checks,
            Holds::Deployment | Holds::Other => Self::Deployment,
        }
    }
}

/// What a directory holds, by all of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    /// A deployment: everything that is no scenario is read as a part of it, whatever it says.
    Deployment,
    /// Rules.
    Rules,
    /// Something else, such as checks of one's own, or nothing yet.
    Other,
}

impl Holds {
    /// What a directory with these texts holds: a deployment where one of them gives a section that
    /// every deployment may have and no rules do; rules where one declares the format of
    /// deployments, as one file of each set does.
    pub(super) fn of<'t>(files: impl Iterator<Item = (&'t str, &'t Text)>) -> Self {
        let mut holds = Self::Other;
        for (name, text) in files {
            if name == SETTINGS || is_scenario(text.as_str()) {
                continue;
            }
            for header in headers(text) {
                if SectionName::from_word(header).is_some() {
                    return Self::Deployment;
                }
                if header == OF_RULES {
                    holds = Self::Rules;
                }
            }
        }
        holds
    }
}

fn headers(text: &Text) -> impl Iterator<Item = &str> {
    let blocks = text.outline().blocks.iter().skip(1);
    blocks.filter_map(|block| block.path.first().map(|word| word.text.as_str()))
}
