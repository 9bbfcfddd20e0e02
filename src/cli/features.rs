//! `syncgate features`

use super::{Common, Exit, Failure, Given, listed};
use crate::model::name::unknown;
use crate::model::{FeatureId, Rules};
use crate::report::{
    FeatureView, document, features_dot, features_human, features_json, features_mermaid,
    features_svg,
};
use clap::ValueEnum;

/// Show the prerequisite graph with each feature's state
#[derive(Debug, clap::Args)]
pub(super) struct Features {
    #[command(flatten)]
    deployment: Given,
    /// What keeps this feature from being effective; by id, name or any alias
    #[arg(long, value_name = "FEATURE", conflicts_with = "dependents")]
    explain: Option<String>,
    /// What requires this feature
    #[arg(long, value_name = "FEATURE")]
    dependents: Option<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    Human,
    Json,
    Dot,
    Mermaid,
    /// A picture, for light and dark
    Svg,
}

impl Features {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let engine = common.engine(self.deployment.path())?;
        let view = match (&self.explain, &self.dependents) {
            (Some(name), _) => FeatureView::Explain(feature(engine.rules(), name)?),
            (None, Some(name)) => FeatureView::Dependents(feature(engine.rules(), name)?),
            (None, None) => FeatureView::All,
        };
        let output = common.output()?;
        let text = match self.format {
            Format::Human => features_human(&engine, view, output.style()),
            Format::Json => document::pretty(&features_json(&engine, view)),
            Format::Dot => features_dot(&engine, view),
            Format::Mermaid => features_mermaid(&engine, view),
            Format::Svg => features_svg(&engine, view),
        };
        output.whole(&text)?;
        Ok(Exit::Fine)
    }
}

/// The feature that a name means.
pub(super) fn feature(rules: &Rules, name: &str) -> Result<FeatureId, Failure> {
    rules.feature_named(name).ok_or_else(|| {
        let known = rules.features.iter().map(|feature| feature.id.as_str());
        Failure::unusable(listed(&unknown("feature", name, known), "features"))
    })
}
