//! From files to valid deployments and rules. The only module that reads files and knows the `toml`
//! crate.
//!
//! Raw → valid: `reader` turns TOML into raw records by a format, `assembly` puts the records of
//! all files together, and what comes out are types that only valid values have. Every mistake on
//! the way is a finding.

mod assembly;
mod dates;
mod declare;
mod deployment;
pub mod files;
mod names;
mod peek;
mod places;
mod reader;
mod rules;
mod scenario;
mod settings;
mod syntax;
pub mod text;
mod traffic;
mod values;

pub use assembly::{ANSWERS, IMPORTED};
pub use deployment::{Invalid, Loaded, Located, OtherVersion};
pub use files::{InputFile, ReadError};
pub use places::{ExportFile, ExportPlaces, OfExports};
pub use rules::LoadedRules;
pub use scenario::{LoadedScenario, Scenario};
pub use settings::{LoadedSettings, Settings};
pub use traffic::{Load, LoadedLoad};

/// The format of rule files.
pub fn rules_format() -> crate::model::format::Format {
    rules::format::rules()
}

/// The format of `syncgate.toml`.
pub fn settings_format() -> crate::model::format::Format {
    settings::format()
}

/// The format of scenario files.
pub fn scenario_format() -> crate::model::format::Format {
    scenario::format()
}

/// The format of loads.
pub fn load_format() -> crate::model::format::Format {
    traffic::format()
}
