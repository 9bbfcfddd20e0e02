//! A pack, written.

use super::material::{Bound, Material, Unfit};
use super::parts::{PARTS, SIGN_OFF};
use crate::check::Verdict;
use crate::digest::Digested;
use crate::report::document::pretty;
use crate::report::{FORM, ManifestDocument, PackedFile};
use schemars::JsonSchema;
use serde::Serialize;
use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipWriter};

/// Where the manifest stands in a pack.
pub(super) const MANIFEST: &str = "manifest.json";
/// Where the list of exports stands.
pub(super) const EXPORTS: &str = "exports/exports.json";
/// Where the state of a store stands.
pub(super) const STORE: &str = "store.json";

/// What stands in a pack by its digest alone, since nothing there can make it anew.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The exports that the deployment was made of.
    pub exports: Vec<ExportDigest>,
    /// `store status --format json` of a store, where there is one.
    pub store: Option<String>,
}

/// An export: its content stays where it is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ExportDigest {
    /// Its name.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its bytes in lower-case hexadecimal.
    pub sha256: String,
}

#[derive(Serialize)]
struct ExportsDocument<'a> {
    version: u32,
    exports: &'a [ExportDigest],
}

/// A pack in memory.
#[derive(Debug)]
pub struct Packed {
    /// The bytes of the zip.
    pub bytes: Vec<u8>,
    /// The digest over its files.
    pub digest: String,
    /// Whether the deployment may go live.
    pub verdict: Verdict,
}

/// Makes a pack of files, of what they come to, and of what stands beside them.
///
/// # Errors
///
/// A file can't be read.
pub fn pack(material: &Material, bound: &Bound, beside: &Beside) -> Result<Packed, Unfit> {
    let mut archive = Archive::new();
    let failed = |error: io::Error| Unfit::Other(format!("can't write a zip: {error}"));
    for (path, bytes) in material.files()? {
        archive.add(path, |to| to.write_all(bytes)).map_err(failed)?;
    }
    let exports = ExportsDocument { version: FORM, exports: &beside.exports };
    archive.add(EXPORTS, |to| to.write_all(pretty(&exports).as_bytes())).map_err(failed)?;
    for part in PARTS.iter().chain([&SIGN_OFF]) {
        archive.add(part.path, |to| (part.write)(bound, to)).map_err(failed)?;
    }
    if let Some(store) = &beside.store {
        archive.add(STORE, |to| to.write_all(store.as_bytes())).map_err(failed)?;
    }
    let manifest = ManifestDocument::of(material.version, std::mem::take(&mut archive.files));
    archive.add(MANIFEST, |to| to.write_all(pretty(&manifest).as_bytes())).map_err(failed)?;
    let bytes = archive.finish().map_err(failed)?;
    Ok(Packed { bytes, digest: manifest.digest, verdict: bound.checked.verdict })
}

/// A zip that is being written.
struct Archive {
    zip: ZipWriter<Cursor<Vec<u8>>>,
    files: Vec<PackedFile>,
}

impl Archive {
    fn new() -> Self {
        Self { zip: ZipWriter::new(Cursor::new(Vec::new())), files: Vec::new() }
    }

    /// Adds a file; nothing tells when or where that was.
    fn add(
        &mut self,
        path: &str,
        write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> io::Result<()> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .last_modified_time(DateTime::default())
            .system(System::Unix)
            .unix_permissions(0o644)
            .large_file(true);
        self.zip.start_file(path, options)?;
        let mut file = Digested::new(io::BufWriter::with_capacity(1 << 16, &mut self.zip));
        write(&mut file)?;
        file.flush()?;
        let sum = file.end();
        self.files.push(PackedFile { path: path.to_owned(), sha256: sum.sha256 });
        Ok(())
    }

    fn finish(self) -> io::Result<Vec<u8>> {
        Ok(self.zip.finish()?.into_inner())
    }
}
