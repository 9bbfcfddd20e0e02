//! A pack, recomputed from what is in it.

use super::apart::Apart;
use super::material::{Bound, DEPLOYMENT, Material, Unfit, is_material};
use super::pack::{EXPORTS, MANIFEST, STORE};
use super::parts::{PARTS, Part, SIGN_OFF};
use crate::diagnostic::Severity;
use crate::digest::{Digested, Sum};
use crate::import::doubles;
use crate::load::files::MAX_FILE_BYTES;
use crate::load::{InputFile, Located};
use crate::model::{Version, said};
use crate::report::{FORM, ManifestDocument, PackDifference, Recomputed};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor, Read, Write};
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
    let bound = match files.bound(&manifest) {
        Ok(bound) => Some(bound),
        Err(why) => {
            differences.push(different(DEPLOYMENT, &format!("can't be recomputed: {why}")));
            None
        }
    };
    if bound.is_some() {
        let paths = PARTS.iter().map(|part| part.path);
        let missing = paths.filter(|path| !here.contains(*path) && !listed.contains_key(path));
        differences.extend(missing.map(|path| different(path, "is missing")));
    }
    for path in &here {
        let listed = listed.get(&**path).copied();
        differences.extend(files.compare(path, listed, bound.as_ref()));
    }
    let verdict = bound.map(|bound| bound.checked.verdict);
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

    /// What the material in the pack comes to.
    fn bound(&mut self, manifest: &ManifestDocument) -> Result<Bound, String> {
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
        Material::from_pack(inputs, version).bind().map_err(|unfit| told(&unfit))
    }

    /// What is the matter with a file that is there.
    fn compare(
        &mut self,
        path: &str,
        listed: Option<&str>,
        bound: Option<&Bound>,
    ) -> Option<PackDifference> {
        let part = PARTS.iter().find(|part| part.path == path);
        if part.is_none() && !is_material(path) && ![EXPORTS, STORE, SIGN_OFF.path].contains(&path)
        {
            return Some(different(path, "is no part of a pack"));
        }
        let Some(listed) = listed else {
            return Some(different(path, "is not listed in the manifest"));
        };
        // People write into it.
        if path == SIGN_OFF.path {
            return None;
        }
        let is_as = match part.zip(bound) {
            Some((part, bound)) => self.made_anew(part, bound, listed),
            None => self.sum(path).map(|found| match found {
                None => Is::LongerThanAny,
                Some(found) if found.sha256 != listed => Is::Unlisted,
                Some(_) => Is::Same,
            }),
        };
        let what = match is_as {
            Ok(Is::Same) => return None,
            Ok(Is::Longer) => "is longer than what follows from the deployment",
            Ok(Is::LongerThanAny) => "is longer than 64 MiB",
            Ok(Is::Other) => "is not what follows from the deployment and the rules",
            Ok(Is::Unlisted) => "is not what the manifest lists",
            Err(error) => return Some(different(path, &format!("can't be read: {error}"))),
        };
        Some(different(path, what))
    }

    /// How a part compares with what is made anew: piece by piece, so that neither is held whole.
    fn made_anew(&mut self, part: &Part, bound: &Bound, listed: &str) -> io::Result<Is> {
        let number = self.paths.get(part.path).copied();
        let number = number.ok_or(io::ErrorKind::NotFound)?;
        let there = self.zip.by_index(number)?;
        let mut facing = Facing { there, digest: Apart::new(), is_same: true };
        (part.write)(bound, &mut facing)?;
        let Facing { mut there, mut digest, is_same } = facing;
        if !digest.read(&mut there, 1)?.is_empty() {
            return Ok(Is::Longer);
        }
        // Where it is the same, so is its digest.
        let is_listed = is_same.then(|| digest.end().sha256 == listed);
        Ok(match is_listed {
            None => Is::Other,
            Some(false) => Is::Unlisted,
            Some(true) => Is::Same,
        })
    }

    /// What a file holds, in short; `None` where that is longer than any file may be.
    fn sum(&mut self, path: &str) -> io::Result<Option<Sum>> {
        let Some(number) = self.paths.get(path) else { return Ok(None) };
        let mut digested = Digested::new(io::sink());
        io::copy(&mut self.zip.by_index(*number)?.take(MAX_FILE_BYTES + 1), &mut digested)?;
        let sum = digested.end();
        Ok((sum.bytes <= MAX_FILE_BYTES).then_some(sum))
    }
}

/// How a file of a pack is.
enum Is {
    Same,
    Longer,
    LongerThanAny,
    Other,
    Unlisted,
}

/// A file that is there, read while what it should be is made.
struct Facing<R> {
    there: R,
    /// The digest of what is there.
    digest: Apart,
    is_same: bool,
}

impl<R: Read> Write for Facing<R> {
    fn write(&mut self, made: &[u8]) -> io::Result<usize> {
        if made.is_empty() {
            return Ok(0);
        }
        let there = self.digest.read(&mut self.there, made.len())?;
        self.is_same &= !there.is_empty() && made.starts_with(there);
        // Behind its end nothing can be the same.
        Ok(if there.is_empty() { made.len() } else { there.len() })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Why nothing can be made of the material, in a line.
fn told(unfit: &Unfit) -> String {
    let Unfit::Findings { findings, files } = unfit else { return unfit.to_string() };
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    let located = errors.map(|finding| Located { finding, files }.to_string());
    located.collect::<Vec<_>>().join("; ")
}
