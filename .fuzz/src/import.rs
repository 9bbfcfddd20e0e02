//! Exports of every format: the same in whatever pieces they come, and what is made of them is a
//! deployment that can be read.

use crate::deployment::told;
use crate::given::{Dripping, files as given, rules};
use std::io::{Cursor, Write};
use syncgate::Deployment;
use syncgate::import::{Imported, Importer};
use syncgate::load::InputFile;
use zip::write::SimpleFileOptions;

/// Files of JSON, CSV and XML, each with its name.
pub fn files(bytes: &[u8]) {
    read_back(&given("RetailStores.csv", bytes));
}

/// A zip or a workbook: one as it is, or one of the files that stand in the input, so that no
/// checksum is in the way.
pub fn archive(bytes: &[u8]) {
    if bytes.starts_with(b"PK") {
        let file = |name: &str| InputFile { path: name.to_owned(), bytes: Ok(bytes.to_vec()) };
        return read_back(&[file("exports.zip")]);
    }
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for file in given("xl/workbook.xml", bytes) {
        // Names that the crate does not write are none of ours.
        if zip.start_file(&file.path, options).is_ok() {
            zip.write_all(file.bytes.as_deref().unwrap_or_default()).expect("memory takes all");
        }
    }
    let packed = zip.finish().expect("memory takes all").into_inner();
    read_back(&[InputFile { path: "exports.zip".to_owned(), bytes: Ok(packed) }]);
}

fn imported(files: &[InputFile], step: usize) -> Result<Imported, String> {
    let mut importer = Importer::new(rules());
    for InputFile { path, bytes } in files {
        let bytes = bytes.as_deref().unwrap_or_default();
        let added = importer.add_from(path, &mut Dripping::new(bytes, step));
        added.map_err(|refusal| refusal.to_string())?;
    }
    Ok(importer.finish(None))
}

fn read_back(files: &[InputFile]) {
    let whole = imported(files, usize::MAX);
    let dripped = imported(files, 3);
    let shown = |it: &Result<Imported, String>| format!("{it:?}");
    let (whole, dripped) = match (whole, dripped) {
        (Ok(whole), Ok(dripped)) => (whole, dripped),
        (one, other) => return assert_eq!(shown(&one), shown(&other), "refused in one way only"),
    };
    assert_eq!(whole.made.toml, dripped.made.toml, "in other pieces something else");
    assert_eq!(whole.notes, dripped.notes, "in other pieces other notes");
    let skeleton = Deployment::from_text(rules(), "answers.toml", &whole.skeleton);
    assert!(skeleton.is_whole(), "answers that can't be read: {}", whole.skeleton);
    let text = Deployment::from_text(rules(), "imported.toml", &whole.made.toml);
    assert!(text.is_whole(), "what was made can't be read: {:?}\n{}", told(&text), whole.made.toml);
    let loaded = Deployment::from_exports(rules(), "fuzz", whole.answers, whole.made);
    assert_eq!(told(&loaded).len(), loaded.findings().count());
    loaded.check();
}
