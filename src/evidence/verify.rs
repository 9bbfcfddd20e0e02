//! A pack, recomputed from what is in it.

use super::material::{DEPLOYMENT, Material, Unfit, is_material};
use super::pack::{EXPORTS, MANIFEST, STORE};
use super::parts::{PARTS, SIGN_OFF};
use crate::check::Verdict;
use crate::diagnostic::Severity;
use crate::digest::{Digested, Sum};
use crate::import::doubles;
use crate::load::files::MAX_FILE_BYTES;
use crate::load::{InputFile, Located};
use crate::model::{Version, said};
use crate::report::{FORM, ManifestDocument, PackDifference, Recomputed};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read};
use zip::ZipArchive;

/// Why something is no pack.
#[derive(Debug, thiserror::Error)]
pub enum NoPack {
    /// It is no zip, or a damaged one.
    #[error("it is no zip that can be read: {0}")]
    Zip(String),
    /// There is no manifest at its root.
    #[error("there is no `manifest.json` at its root{0}")]
    NoManifest(String),
    /// The manifest can't be read.
    #[error("its `manifest.json` can't be read: {0}")]
    Manifest(String),
}

/// Makes a pack anew from what is in `bytes`, and compares everything.
///
/// # Errors
///
/// It is no pack.
pub fn recompute(bytes: &[u8]) -> Result<Recomputed, NoPack> {
    let mut files = Files::open(bytes)?;
    let manifest = files.manifest()?;
    let mut differences: Vec<PackDifference> = files
        .twice
        .iter()
        .map(|path| different(path, "stands in the pack more than once"))
        .collect();
    let listed: BTreeMap<&str, &str> =
        manifest.files.iter().map(|file| (&*file.path, &*file.sha256)).collect();
    if listed.len() < manifest.files.len() {
        differences.push(different(MANIFEST, "lists a file more than once"));
    }
    if manifest.recomputed_digest() != manifest.digest {
        differences.push(different(MANIFEST, "has another digest than the files that it lists"));
    }
    let here: BTreeSet<String> = files.paths.keys().cloned().collect();
    for path in listed.keys().filter(|path| !here.contains(**path)) {
        differences.push(different(path, "is listed, and missing"));
    }
    let (made, verdict) = match files.made(&manifest) {
        Ok((made, verdict)) => (made, Some(verdict)),
        Err(why) => {
            differences.push(different(DEPLOYMENT, &format!("can't be recomputed: {why}")));
            (BTreeMap::new(), None)
        }
    };
    for path in made.keys().filter(|path| !here.contains(**path) && !listed.contains_key(*path)) {
        differences.push(different(path, "is missing"));
    }
    for path in &here {
        differences.extend(files.compare(path, listed.get(&**path).copied(), made.get(&**path)));
    }
    differences.sort_by(|one, other| one.path.cmp(&other.path));
    let made_by = manifest.syncgate;
    Ok(Recomputed { made_by, digest: manifest.digest, verdict, differences })
}

fn different(path: &str, what: &str) -> PackDifference {
    PackDifference { path: path.to_owned(), what: what.to_owned() }
}

/// The files of a pack.
struct Files<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    /// The number of each file but the manifest.
    paths: BTreeMap<String, usize>,
    twice: Vec<String>,
}

impl<'a> Files<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, NoPack> {
        let no_zip = |error: zip::result::ZipError| NoPack::Zip(error.to_string());
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(no_zip)?;
        let mut paths = BTreeMap::new();
        for number in 0..zip.len() {
            let file = zip.by_index_raw(number).map_err(no_zip)?;
            let path = file.name().map_err(no_zip)?.into_owned();
            if !file.is_dir() {
                paths.insert(path, number);
            }
        }
        let list = zip.central_directory_start();
        let doubles = doubles(&mut Cursor::new(bytes), list)
            .map_err(|error| NoPack::Zip(error.to_string()))?;
        let mut twice: Vec<String> = doubles
            .iter()
            .map(|path| String::from_utf8_lossy(path).replace(char::is_control, "\u{fffd}"))
            .collect();
        twice.sort();
        Ok(Self { zip, paths, twice })
    }

    /// Takes the manifest out.
    fn manifest(&mut self) -> Result<ManifestDocument, NoPack> {
        let Some(number) = self.paths.remove(MANIFEST) else {
            let deeper = self.paths.keys().find(|path| path.ends_with("/manifest.json"));
            let hint = said(deeper, |path| {
                format!("; there is `{path}`: zip what is in its folder, not the folder")
            });
            return Err(NoPack::NoManifest(hint));
        };
        let bytes = self.read(number).map_err(|error| NoPack::Manifest(error.to_string()))?;
        let manifest: ManifestDocument =
            serde_json::from_slice(&bytes).map_err(|error| NoPack::Manifest(error.to_string()))?;
        if manifest.version != FORM {
            let what =
                format!("it is of form {}, and this syncgate reads form {FORM}", manifest.version);
            return Err(NoPack::Manifest(what));
        }
        Ok(manifest)
    }

    /// The bytes of a file that is part of the material, which can't be long.
    fn read(&mut self, number: usize) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.zip.by_index(number)?.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_FILE_BYTES {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it is longer than 64 MiB"));
        }
        Ok(bytes)
    }

    /// What would be made of the material in the pack, in short, and its verdict.
    fn made(
        &mut self,
        manifest: &ManifestDocument,
    ) -> Result<(BTreeMap<&'static str, Sum>, Verdict), String> {
        let version = manifest.commerce_version.as_deref().map(str::parse::<Version>);
        let version = version.transpose().map_err(|error| error.to_string())?;
        let material: Vec<(String, usize)> = self
            .paths
            .iter()
            .filter(|(path, _)| is_material(path))
            .map(|(path, number)| (path.clone(), *number))
            .collect();
        let mut inputs = Vec::new();
        for (path, number) in material {
            let bytes = self.read(number).map_err(|error| format!("`{path}`: {error}"))?;
            inputs.push(InputFile { path, bytes: Ok(bytes) });
        }
        let bound = Material::from_pack(inputs, version).bind().map_err(|unfit| told(&unfit))?;
        let mut made = BTreeMap::new();
        for part in &PARTS {
            let mut digested = Digested::new(io::sink());
            (part.write)(&bound, &mut digested).map_err(|error| error.to_string())?;
            made.insert(part.path, digested.end());
        }
        Ok((made, bound.checked.verdict))
    }

    /// What is the matter with a file that is there.
    fn compare(
        &mut self,
        path: &str,
        listed: Option<&str>,
        made: Option<&Sum>,
    ) -> Option<PackDifference> {
        let is_part = PARTS.iter().any(|part| part.path == path);
        if !is_part && !is_material(path) && ![EXPORTS, STORE, SIGN_OFF.path].contains(&path) {
            return Some(different(path, "is no part of a pack"));
        }
        let Some(listed) = listed else {
            return Some(different(path, "is not listed in the manifest"));
        };
        // People write into it.
        if path == SIGN_OFF.path {
            return None;
        }
        let most = made.map_or(MAX_FILE_BYTES, |made| made.bytes);
        let found = match self.sum(path, most) {
            Ok(Some(found)) => found,
            Ok(None) if made.is_some() => {
                return Some(different(path, "is longer than what follows from the deployment"));
            }
            Ok(None) => return Some(different(path, "is longer than 64 MiB")),
            Err(error) => return Some(different(path, &format!("can't be read: {error}"))),
        };
        match made {
            Some(made) if *made != found => {
                Some(different(path, "is not what follows from the deployment and the rules"))
            }
            _ if found.sha256 != listed => Some(different(path, "is not what the manifest lists")),
            _ => None,
        }
    }

    /// What a file holds, in short; `None` where that is longer than so many bytes.
    fn sum(&mut self, path: &str, most: u64) -> io::Result<Option<Sum>> {
        let Some(number) = self.paths.get(path) else { return Ok(None) };
        let mut digested = Digested::new(io::sink());
        io::copy(&mut self.zip.by_index(*number)?.take(most.saturating_add(1)), &mut digested)?;
        let sum = digested.end();
        Ok((sum.bytes <= most).then_some(sum))
    }
}

/// Why nothing can be made of the material, in a line.
fn told(unfit: &Unfit) -> String {
    let Unfit::Findings { findings, files } = unfit else { return unfit.to_string() };
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let located = errors.map(|finding| Located { finding, files }.to_string());
    located.collect::<Vec<_>>().join("; ")
}
