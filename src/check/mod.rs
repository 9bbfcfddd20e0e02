//! Go-live checks: every mistake that a deployment's values show, the policy that levels and waives
//! them, and the verdict.
//!
//! Checks are data, `rules/checks.toml`: for each subject of a kind, facts that `facts` derives,
//! and conditions on them. A fact that the deployment does not give leaves a check undecided;
//! nothing is guessed.

mod alike;
mod checked;
mod facts;
mod policy;
mod run;
mod tested;

pub use checked::{CheckReport, CheckResult, Checked};
pub use facts::{PendingTime, Stage};
pub use policy::{Level, Verdict};
pub use run::check;

use crate::load::Loaded;

impl Loaded {
    /// Runs every go-live check over what was read.
    pub fn check(&self) -> Checked {
        let (deployment, findings) = self.clone().as_read();
        check(&deployment, findings, self.is_whole())
    }
}
