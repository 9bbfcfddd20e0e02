//! Exports of headquarters, read from files, folders and archives.

use super::Failure;
use super::output::{error_style, note};
use crate::digest::{Digested, Sum, below};
use crate::evidence::{Apart, ExportDigest};
use crate::import::{ANSWERS, IMPORTED, Imported, Importer, Refusal};
use crate::load::Loaded;
use crate::model::{Deployment, Rules};
use crate::report::import_told;
use jiff::Timestamp;
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Folders may lie no deeper in one another.
const MAX_DEPTH: usize = 16;

/// The endings of files that are exports, and no TOML.
const ENDINGS: [&str; 6] = ["csv", "json", "jsonl", "ndjson", "tsv", "xml"];

/// Whether a path given as a deployment holds exports instead: an archive, a file that is named as
/// one, or a folder without any TOML file but the answers.
pub(super) fn are_exports(path: &str) -> bool {
    let path = Path::new(path);
    if !path.is_dir() {
        let ending = path.extension().map(OsStr::to_ascii_lowercase);
        let is_named = ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending == *known));
        // What can't be read is no archive, and told where it is read as a deployment.
        return is_named && path.is_file() || begins_as_archive(path).unwrap_or(false);
    }
    let Ok(names) = names(path) else { return false };
    let is_toml = |name: &String| {
        Path::new(name).extension().is_some_and(|ending| ending == "toml") && name != ANSWERS
    };
    let mut files = Vec::new();
    !names.iter().any(is_toml)
        && walk(path, 0, &mut files).is_ok()
        && files.iter().any(|file| !file.ends_with(ANSWERS))
}

/// The names directly in a folder, without hidden ones.
#[expect(clippy::disallowed_methods, reason = "exports are read here")]
fn names(folder: &Path) -> io::Result<Vec<String>> {
    let names =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names
        .filter(|name: &io::Result<String>| !name.as_ref().is_ok_and(|name| name.starts_with('.')))
        .collect()
}

#[expect(clippy::disallowed_methods, reason = "exports are read here")]
fn begins_as_archive(path: &Path) -> io::Result<bool> {
    let mut beginning = [0; 4];
    if !path.is_file() {
        return Ok(false);
    }
    fs::File::open(path)?.read_exact(&mut beginning)?;
    Ok(&beginning == b"PK\x03\x04")
}

/// Every file below a folder, sorted; hidden ones are left out, and links to folders not followed.
#[expect(clippy::disallowed_methods, reason = "exports are read here")]
fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let (kind, path) = (entry.file_type()?, entry.path());
        if kind.is_dir() && !hidden && depth < MAX_DEPTH {
            walk(&path, depth + 1, files)?;
        } else if !hidden && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// The files that a path stands for: itself, or all that lies in a folder.
fn files_at(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    walk(path, 0, &mut files)?;
    Ok(files)
}

#[expect(clippy::disallowed_methods, reason = "exports are read here")]
fn open(path: &Path) -> io::Result<fs::File> {
    fs::File::open(path)
}

/// Reads exports from files, folders and archives; `as_of` is the moment they were taken, where it
/// is known.
pub(super) fn import(
    rules: &Arc<Rules>,
    paths: &[String],
    as_of: Option<Timestamp>,
) -> Result<Imported, Failure> {
    // A quarter of the work would be digests: they have a thread of their own.
    let mut importer = Importer::new(rules).with_digests(|| Box::new(Apart::new()));
    let (mut seen, mut later) = (BTreeSet::new(), Vec::new());
    let failure = |path: &Path, error: &io::Error| {
        Failure::unusable(format!("can't read `{}`: {error}", path.display()))
    };
    let refused = |refusal: Refusal| Failure::unusable(refusal.to_string());
    for given in paths {
        let path = Path::new(given);
        for file in files_at(path).map_err(|error| failure(path, &error))? {
            let name = file.to_string_lossy().replace('\\', "/");
            if !file.ends_with(IMPORTED) && seen.insert(name.clone()) {
                let mut bytes = open(&file).map_err(|error| failure(&file, &error))?;
                if !importer.add_or_wait(&name, &mut bytes).map_err(refused)? {
                    later.push((name, file));
                }
            }
        }
    }
    for (name, file) in later {
        let mut bytes = open(&file).map_err(|error| failure(&file, &error))?;
        importer.add_from(&name, &mut bytes).map_err(refused)?;
    }
    Ok(importer.finish(as_of))
}

/// The names, sizes and digests of exports: files, and all that lies in folders.
pub(super) fn listed(paths: &[String]) -> Result<Vec<ExportDigest>, Failure> {
    let mut exports = Vec::new();
    for given in paths {
        let failure =
            |error: io::Error| Failure::unusable(format!("can't read `{given}`: {error}"));
        for file in files_at(Path::new(given)).map_err(failure)? {
            let name = below(given, &file.to_string_lossy()).replace('\\', "/");
            let mut digested = Digested::new(io::sink());
            io::copy(&mut open(&file).map_err(failure)?, &mut digested).map_err(failure)?;
            let Sum { sha256, bytes } = digested.end();
            exports.push(ExportDigest { name, bytes, sha256 });
        }
    }
    exports.sort_by(|one, other| (&one.name, &one.sha256).cmp(&(&other.name, &other.sha256)));
    Ok(exports)
}

/// Tells what there is to know of an import.
pub(super) fn tell(imported: &Imported) {
    let style = error_style();
    for told in &imported.notes {
        note(&import_told(told, style));
    }
}

/// Reads exports as a deployment, whose findings point at their rows.
pub(super) fn load(rules: &Arc<Rules>, path: &str) -> Result<Loaded, Failure> {
    let paths = [path.to_owned()];
    let imported = import(rules, &paths, None)?;
    tell(&imported);
    if imported.recognised == 0 {
        let why = if Path::new(path).is_dir() {
            "holds no .toml file, and nothing in it is recognised as an export"
        } else {
            "is not recognised as an export; a deployment is TOML, in a file that ends with .toml"
        };
        return Err(Failure::unusable(format!("`{path}` {why}")));
    }
    if imported.answers.is_none() {
        note(&format!(
            "note: there is no {ANSWERS} beside the exports, so what no export holds, such as the \
                Commerce version, is unknown; \
             `import` makes one"
        ));
    }
    Ok(Deployment::from_exports(rules, path, imported.answers, imported.made))
}
