//! `syncgate init`

use super::output::note;
use super::schema::write_beside;
use super::{Common, Exit, Failure};
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

/// The deployment that `init` writes.
const TEMPLATE: &str = include_str!("init.toml");

/// Write a commented deployment to start from
#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// The directory to write it to; it is made where there is none, and nothing in it is
    /// overwritten
    directory: String,
}

impl Init {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        if common.output.is_some() {
            return Err(Failure::unusable(
                "init writes into its DIRECTORY and nowhere else; leave out `--output`",
            ));
        }
        let rules = common.rules()?;
        let directory = Path::new(&self.directory);
        // What can't be read can't be written, which is told then.
        if let Ok([first, ..]) = crate::load::files::read(&self.directory).as_deref() {
            let path = &first.path;
            return Err(Failure::unusable(format!(
                "`{path}` is there already, so nothing was written; name a directory without TOML \
                    files"
            )));
        }
        let path = directory.join("deployment.toml");
        let failure = |error: &io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => Failure::unusable(format!(
                "`{}` is there already; it was left as it is",
                path.display()
            )),
            _ => Failure::unusable(format!("can't write `{}`: {error}", path.display())),
        };
        fs::create_dir_all(directory).map_err(|error| failure(&error))?;
        write_new(&path).map_err(|error| failure(&error))?;
        write_beside(directory, &rules)?;
        note(&format!("wrote {}; next: syncgate check {}", path.display(), directory.display()));
        Ok(Exit::Fine)
    }
}

fn write_new(path: &Path) -> io::Result<()> {
    let mut file = fs::File::options().write(true).create_new(true).open(path)?;
    file.write_all(TEMPLATE.as_bytes())
}
