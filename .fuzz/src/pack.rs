//! Packs: what is in one is noticed where it is not what was packed.

use crate::given::CONTOSO;
use std::io::{Cursor, Read, Write};
use std::sync::OnceLock;
use syncgate::evidence::{Beside, Material, pack as packed, recompute};
use syncgate::load::files::read_deployment;
use zip::write::SimpleFileOptions;

/// A file of a pack.
type Member = (String, Vec<u8>);

/// What people write into.
const SIGN_OFF: &str = "SIGN-OFF.md";

/// What lists the files.
const MANIFEST: &str = "manifest.json";

/// The files of a pack that nothing has happened to.
fn sound() -> &'static Vec<Member> {
    static SOUND: OnceLock<Vec<Member>> = OnceLock::new();
    SOUND.get_or_init(|| {
        let files = read_deployment(CONTOSO).expect("run from the root of the project");
        let material = Material::new(files, None, Vec::new(), None);
        let bound = material.bind().expect("contoso is valid");
        let pack = packed(&material, &bound, &Beside::default()).expect("memory takes all").bytes;
        let mut zip = zip::ZipArchive::new(Cursor::new(pack)).expect("a pack is a zip");
        let count = zip.len();
        let member = |number: usize| {
            let mut file = zip.by_index(number).expect("a zip has its files");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).expect("a file can be read");
            (file.name().expect("names are text").into_owned(), bytes)
        };
        (0..count).map(member).collect()
    })
}

/// A zip as it is, or a sound pack of which six bytes at a time say what happens to it.
pub fn pack(bytes: &[u8]) {
    if bytes.starts_with(b"PK") {
        let told = || format!("{:?}", recompute(bytes));
        return assert_eq!(told(), told(), "the same bytes, and something else is told");
    }
    let mut members = sound().clone();
    for step in bytes.as_chunks::<6>().0.iter().take(8) {
        damage(&mut members, *step);
    }
    let matters = |members: &[Member]| -> Vec<Member> {
        let kept = members.iter().filter(|(path, _)| path != SIGN_OFF);
        let mut kept: Vec<Member> = kept.map(said).collect();
        kept.sort();
        kept
    };
    let is_as_packed = matters(&members) == matters(sound());
    let told = recompute(&zipped(&members));
    let is_noticed = told.as_ref().map_or(true, |told| !told.differences.is_empty());
    assert!(is_noticed || is_as_packed, "nobody notices");
}

/// A file as far as others depend on it: of the manifest what it says, however it is written, but
/// for the program that made the pack, which is told as it stands there.
fn said((path, bytes): &Member) -> Member {
    let manifest = (path == MANIFEST).then(|| serde_json::from_slice(bytes));
    let Some(Ok(serde_json::Value::Object(mut said))) = manifest else {
        return (path.clone(), bytes.clone());
    };
    if said.get("syncgate").is_some_and(serde_json::Value::is_string) {
        said.insert("syncgate".to_owned(), "any".into());
    }
    (path.clone(), serde_json::Value::from(said).to_string().into_bytes())
}

fn damage(members: &mut Vec<Member>, [what, which, a, b, c, value]: [u8; 6]) {
    if members.is_empty() {
        return;
    }
    let which = usize::from(which) % members.len();
    let bytes = &mut members[which].1;
    let at = u32::from_le_bytes([a, b, c, 0]) as usize % bytes.len().max(1);
    match what % 5 {
        0 if !bytes.is_empty() => bytes[at] = value,
        1 => bytes.truncate(at),
        2 => bytes.insert(at, value),
        3 => members.truncate(which),
        _ => {
            members.remove(which);
        }
    }
}

fn zipped(members: &[Member]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (path, bytes) in members {
        zip.start_file(path, options).expect("names of a pack are names");
        zip.write_all(bytes).expect("memory takes all");
    }
    zip.finish().expect("memory takes all").into_inner()
}
