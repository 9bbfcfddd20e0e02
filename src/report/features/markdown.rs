//! Where one feature stands, as Markdown.

use super::view::obstacles;
use crate::features::States;
use crate::model::{Deployment, FeatureId};
use crate::report::text::text_markdown;

/// Whether a feature is effective in a deployment, and if not, why not.
pub fn feature_markdown(deployment: &Deployment, id: FeatureId) -> String {
    let states = States::of(deployment);
    let standing = states.get(id).standing();
    let mut text = format!("In this deployment: **{standing}**\n");
    for obstacle in obstacles(deployment, &states, id) {
        text.push_str(&format!("- {}\n", text_markdown(&obstacle)));
    }
    text
}
