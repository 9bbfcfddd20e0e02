//! `syncgate import`

use super::exports;
use super::output::{Output, note};
use super::schema::write_beside;
use super::{Common, Exit, Failure};
use crate::import::{ANSWERS, IMPORTED, Imported, missing, taken_at, worksheet};
use crate::load::files::read_deployment;
use crate::model::{Deployment, Rules};
use crate::report::import_summary;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

/// Turn what Dynamics 365 exports into a deployment
///
/// Takes OData JSON, data packages, dumps of tables as CSV or JSON, and the grid of Feature
/// management. --output is a directory: imported.toml in it is overwritten, answers.toml, which is
/// for what no export holds, is made once.
#[derive(Debug, clap::Args)]
pub(super) struct Import {
    /// The exports: files, folders or archives
    #[arg(value_name = "PATH", required_unless_present = "worksheet")]
    paths: Vec<String>,
    /// Print what to export next instead: where it is found, and which checks it decides
    #[arg(long)]
    worksheet: bool,
    /// The directory of the deployment to write; with --worksheet, the file to print to instead of
    /// standard output
    #[arg(long, value_name = "DIR")]
    output: Option<String>,
}

impl Import {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let common = &Common {
            output: self.output.clone().or_else(|| common.output.clone()),
            ..common.clone()
        };
        let rules = common.rules()?;
        if self.worksheet {
            return self.print_worksheet(common, &rules);
        }
        let Some(directory) = common.output.as_deref().filter(|output| *output != "-") else {
            return Err(Failure::unusable(
                "import needs --output DIR, the directory of the deployment",
            ));
        };
        let directory = Path::new(directory);
        let imported = exports::import(&rules, &self.paths, known_as_of(&rules, directory)?)?;
        exports::tell(&imported);
        tell_tables(&rules, &imported);
        if imported.recognised == 0 {
            return Err(Failure::unusable(
                "nothing was recognised as an export; nothing was written",
            ));
        }
        write(directory, &imported).map_err(|error| {
            Failure::unusable(format!("can't write to `{}`: {error}", directory.display()))
        })?;
        write_beside(directory, &rules)?;
        note(&import_summary(&imported, directory));
        tell_others(directory);
        let complaints = imported.notes.iter().any(|note| note.complaint);
        Ok(if complaints { Exit::Complaints } else { Exit::Fine })
    }

    fn print_worksheet(self, common: &Common, rules: &Arc<Rules>) -> Result<Exit, Failure> {
        if self.paths.is_empty() {
            common.output()?.whole(&worksheet(rules, &BTreeSet::new(), &[], None))?;
            return Ok(Exit::Fine);
        }
        let imported = exports::import(rules, &self.paths, None)?;
        exports::tell(&imported);
        let (deployment, _) =
            Deployment::from_exports(rules, "exports", imported.answers, imported.made).as_read();
        let text = worksheet(rules, &imported.whole, &imported.no_columns, Some(&deployment));
        common.output()?.whole(&text)?;
        Ok(Exit::Fine)
    }
}

/// Tells which files that are not of an import are parts of the same deployment: a deployment of
/// one's own would give the same records again.
fn tell_others(directory: &Path) {
    let is_other = |path: &str| {
        let name = Path::new(path).file_name();
        name.is_some_and(|name| name != IMPORTED && name != ANSWERS)
    };
    // What was just written can be read; if not, whoever reads the deployment is told.
    let Ok(files) = read_deployment(&directory.to_string_lossy()) else { return };
    let others: Vec<String> = files
        .iter()
        .filter(|file| is_other(&file.path))
        .map(|file| format!("`{}`", file.path))
        .collect();
    if !others.is_empty() {
        note(&format!(
            "note: also parts of this deployment, as they lie beside it: {}",
            others.join(", ")
        ));
    }
}

/// Tells which tables were found, and which not.
fn tell_tables(rules: &Arc<Rules>, imported: &Imported) {
    if imported.recognised == 0 {
        return;
    }
    let table = |(name, rows): &(String, u64)| format!("{name} ({rows})");
    let found: Vec<String> = imported.found.iter().map(table).collect();
    note(&format!("found, with the number of rows: {}", found.join(", ")));
    for line in missing(rules, &imported.whole, &imported.no_columns) {
        note(&format!("missing: {line}"));
    }
}

/// The moment that answers written earlier say the exports were taken at.
#[expect(clippy::disallowed_methods, reason = "answers that people gave are read here")]
fn known_as_of(rules: &Arc<Rules>, directory: &Path) -> Result<Option<Timestamp>, Failure> {
    let path = directory.join(ANSWERS);
    match fs::read(&path) {
        Ok(answers) => Ok(taken_at(rules, &answers)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        // Where the moment of the exports is not known, features that are scheduled would be on.
        Err(error) => Err(Failure::unusable(format!("can't read `{}`: {error}", path.display()))),
    }
}

/// Writes the answers where there are none yet, and what was imported whole, or not at all.
fn write(directory: &Path, imported: &Imported) -> io::Result<()> {
    fs::create_dir_all(directory)?;
    let given = imported.answers.as_ref().and_then(|answers| answers.bytes.as_deref().ok());
    let answers = given.unwrap_or(imported.skeleton.as_bytes());
    match fs::File::options().write(true).create_new(true).open(directory.join(ANSWERS)) {
        Ok(mut file) => file.write_all(answers)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let path = directory.join(IMPORTED);
    let output = Output::open(Some(&path.to_string_lossy()));
    output
        .and_then(|output| output.whole(&imported.made.toml))
        .map_err(|_| io::Error::other("imported.toml can't be written"))
}
