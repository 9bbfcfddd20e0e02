//! The prerequisite graph with each feature's state: for people, as JSON, and as a picture.

mod graph;
mod human;
mod json;
#[cfg(feature = "lsp")]
mod markdown;
mod view;

pub use graph::{features_dot, features_mermaid};
pub use human::features_human;
pub(super) use json::FeaturesDocument;
pub use json::features_json;
#[cfg(feature = "lsp")]
pub use markdown::feature_markdown;
pub use view::FeatureView;
pub(super) use view::{edges_among, id_of, name_of, obstacles};
