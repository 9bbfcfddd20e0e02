//! The parts of a pack of evidence that speak of a deployment: its decision table in full, who
//! answers for what, how each check ended, a sheet to sign.

mod attestations;
mod controls;
mod decisions;
mod levels_and_waivers;
mod manifest;
mod recomputed;
mod sign_off;

pub use attestations::attestations_json;
pub use controls::controls_csv;
pub use decisions::write_decisions;
pub use levels_and_waivers::levels_and_waivers_json;
pub use manifest::{FORM, ManifestDocument, PackedFile};
pub use recomputed::{PackDifference, Recomputed, recomputed_human};
pub use sign_off::sign_off_markdown;

pub(super) use attestations::AttestationsDocument;
pub(super) use levels_and_waivers::LevelsAndWaiversDocument;
