//! The build that later ones are measured beside, made from the history.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The commit that it is made of.
pub const COMMIT: &str = "7e733c6";

/// A checkout of [`COMMIT`] with its release build.
#[derive(Clone, Debug)]
pub struct Base {
    directory: PathBuf,
}

impl Base {
    /// The checkout that `SYNCGATE_BASE` names, or one below the system's temporary directory; it
    /// is made and built where it is not there, once. Says why where that can't be done.
    pub fn built() -> Option<Self> {
        let own = || std::env::temp_dir().join(format!("syncgate-{COMMIT}"));
        let directory = std::env::var_os("SYNCGATE_BASE").map_or_else(own, PathBuf::from);
        let base = Self { directory };
        let made = if base.binary().is_file() { Ok(()) } else { make(&base.directory) };
        match made {
            Ok(()) => Some(base),
            Err(error) => {
                println!("skipped: no build of {COMMIT} in {}: {error}", base.directory.display());
                None
            }
        }
    }

    /// Its program.
    pub fn binary(&self) -> PathBuf {
        self.path("target/release/syncgate")
    }

    /// A path within the checkout: what that build can read, today's can too.
    pub fn path(&self, path: &str) -> PathBuf {
        self.directory.join(path)
    }

    /// What it knows by a file of its rules.
    pub fn known(&self, rules: &str) -> io::Result<Known> {
        std::fs::read_to_string(self.path(rules)).map(Known)
    }
}

/// The records of a file of rules.
#[derive(Clone, Debug)]
pub struct Known(String);

impl Known {
    /// Whether a record has this id.
    pub fn has(&self, id: &str) -> bool {
        self.0.contains(&format!("id = \"{id}\""))
    }
}

/// Checks the commit out and builds it.
fn make(directory: &Path) -> io::Result<()> {
    println!("building {COMMIT} in {}, once", directory.display());
    let mut clone = Command::new("git");
    clone.args(["clone", "--quiet", "--no-checkout"]).arg(super::repository(".")).arg(directory);
    let mut checkout = Command::new("git");
    checkout.arg("-C").arg(directory).args(["checkout", "--quiet", COMMIT]);
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--quiet"]).current_dir(directory);
    build.env_remove("CARGO_TARGET_DIR");
    let is_there = directory.join("Cargo.toml").is_file();
    let steps = if is_there { vec![build] } else { vec![clone, checkout, build] };
    for mut step in steps {
        let status = step.status()?;
        if !status.success() {
            return Err(io::Error::other(format!("{step:?} ends with {status}")));
        }
    }
    Ok(())
}
