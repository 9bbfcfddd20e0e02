//! Zip archives, with every limit that keeps a hostile one harmless.

use super::read::Bytes;
use super::refusal::Problem;
use std::collections::HashSet;
use std::io::{self, ErrorKind, Read as _, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// No member may be larger.
const MAX_MEMBER: u64 = 64 << 20;
/// No member may expand more.
const MAX_RATIO: u64 = 100;
/// No archive may have more members.
const MAX_MEMBERS: usize = 10_000;
/// All members of an archive together may not be larger.
const MAX_TOTAL: u64 = 1 << 30;

/// No list of members may be longer: their names and comments have at most 64 KiB each.
const MAX_LIST: u64 = 64 << 20;

/// Whether bytes begin as a zip archive does.
pub(super) fn is_archive(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// An archive whose members were found harmless by name.
pub(super) struct Archive<'a> {
    zip: ZipArchive<&'a mut dyn Bytes>,
    names: Vec<String>,
    /// Names that several members have, of which only one can be read.
    doubles: HashSet<Vec<u8>>,
    total: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a mut dyn Bytes) -> Result<Self, Problem> {
        let open = |bytes| ZipArchive::new(bytes).map_err(|_| Problem::Archive);
        let zip = open(bytes)?;
        if zip.len() > MAX_MEMBERS {
            return Err(Problem::Members);
        }
        let list = zip.central_directory_start();
        let bytes = zip.into_inner();
        let doubles = doubles(bytes, list).map_err(|_| Problem::Archive)?;
        let mut zip = open(bytes)?;
        let mut names = Vec::new();
        for number in 0..zip.len() {
            let member = zip.by_index_raw(number).map_err(|_| Problem::Archive)?;
            let name = member.name().map_err(|_| Problem::Archive)?.into_owned();
            if escapes(&name) {
                return Err(Problem::Escape);
            }
            names.push(name.replace(char::is_control, "\u{fffd}"));
        }
        Ok(Self { zip, names, doubles, total: 0 })
    }

    /// What it was read from.
    pub(super) fn into_bytes(self) -> &'a mut dyn Bytes {
        self.zip.into_inner()
    }

    /// The members' names.
    pub(super) fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether several members have this name.
    pub(super) fn has_double(&self, name: &str) -> bool {
        self.doubles.contains(name.as_bytes())
    }

    /// Whether it is a workbook.
    pub(super) fn is_workbook(&self) -> bool {
        let is_it = |name: &String| name.replace('\\', "/").eq_ignore_ascii_case("xl/workbook.xml");
        self.names.iter().any(is_it)
    }

    /// The bytes of a member.
    pub(super) fn read(&mut self, number: usize) -> Result<Vec<u8>, Problem> {
        let member = self.zip.by_index(number).map_err(|error| match error {
            ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
                Problem::Packed
            }
            _ => Problem::Archive,
        })?;
        let packed = member.compressed_size();
        let most = MAX_MEMBER.min(packed.saturating_mul(MAX_RATIO));
        let mut bytes = Vec::new();
        let read =
            member.take(most + 1).read_to_end(&mut bytes).map_err(|error| match error.kind() {
                ErrorKind::Unsupported => Problem::Packed,
                _ => Problem::Archive,
            })? as u64;
        if read > most {
            return Err(if most == MAX_MEMBER { Problem::TooLarge } else { Problem::Bomb });
        }
        self.total += read;
        if self.total > MAX_TOTAL {
            return Err(Problem::TooMuch);
        }
        Ok(bytes)
    }
}

/// The names that stand more than once in the list of members, which readers keep one of.
pub(crate) fn doubles(bytes: &mut dyn Bytes, start: u64) -> io::Result<HashSet<Vec<u8>>> {
    let mut list = Vec::new();
    bytes.seek(SeekFrom::Start(start))?;
    bytes.take(MAX_LIST).read_to_end(&mut list)?;
    let mut rest = Some(list.as_slice());
    let (mut seen, mut doubles) = (HashSet::new(), HashSet::new());
    while let Some(entry) = rest.filter(|entry| entry.starts_with(b"PK\x01\x02")) {
        let length = |at: usize| match entry.get(at..at + 2) {
            Some([low, high]) => usize::from(u16::from_le_bytes([*low, *high])),
            _ => 0,
        };
        let (name, extra, comment) = (length(28), length(30), length(32));
        let Some(text) = entry.get(46..46 + name) else { break };
        if !seen.insert(text) {
            doubles.insert(text.to_vec());
        }
        rest = entry.get(46 + name + extra + comment..);
    }
    Ok(doubles)
}

/// Whether a member's path leads out of the directory that it would be unpacked to.
fn escapes(name: &str) -> bool {
    let absolute = name.starts_with(['/', '\\']) || name.contains([':', '\0']);
    absolute || name.split(['/', '\\']).any(|part| part == "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_out_are_seen() {
        for name in ["../a", "a/../../b", "/etc/passwd", "\\a", "a\\..\\b", "C:\\a", "c:a"] {
            assert!(escapes(name), "{name}");
        }
        for name in ["a.csv", "a/b..c/d", "..a", "POS functionality profiles.csv"] {
            assert!(!escapes(name), "{name}");
        }
    }
}
