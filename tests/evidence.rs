//! Packs: the same for the same input, identical when recomputed, and never when anything in them
//! was changed.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{entries, exists, path, read, run, temporary};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Write as _};
use syncgate::digest::{of_files, sha256};
use syncgate::evidence::{Beside, ExportDigest, Material, NoPack, Packed, Unfit, pack, recompute};
use syncgate::load::files;
use syncgate::model::{SituationFact, Version};
use syncgate::report::Recomputed;
use syncgate::{Deployment, Engine, Rules, Situation};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const CONTOSO: &str = "fixtures/deployments/contoso";

fn material(deployment: &str) -> Material {
    let inputs = files::read_deployment(&path(deployment)).unwrap();
    Material::new(inputs, None, Vec::new(), None)
}

fn packed(deployment: &str) -> Packed {
    made(&material(deployment), &Beside::default()).unwrap()
}

fn made(material: &Material, beside: &Beside) -> Result<Packed, Unfit> {
    pack(material, &material.bind()?, beside)
}

/// What is in a pack, by path.
fn opened(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = BTreeMap::new();
    for number in 0..zip.len() {
        let mut file = zip.by_index(number).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        files.insert(file.name().unwrap().into_owned(), bytes);
    }
    files
}

/// The same zipped again, by another hand: nothing packed, another order.
fn zipped<'f>(files: impl IntoIterator<Item = (&'f str, &'f [u8])>) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut directories: Vec<&str> = Vec::new();
    let mut files: Vec<(&str, &[u8])> = files.into_iter().collect();
    files.reverse();
    for (path, bytes) in files {
        if let Some((directory, _)) = path.split_once('/')
            && !directories.contains(&directory)
        {
            zip.add_directory(directory, options).unwrap();
            directories.push(directory);
        }
        zip.start_file(path, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn again(files: &BTreeMap<String, Vec<u8>>) -> Vec<u8> {
    zipped(files.iter().map(|(path, bytes)| (&**path, &**bytes)))
}

/// Writes a manifest that fits the files, as somebody does who forges.
fn sealed_again(files: &mut BTreeMap<String, Vec<u8>>) {
    let mut manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let sums: Vec<(String, String)> = files
        .iter()
        .filter(|(path, _)| *path != "manifest.json")
        .map(|(path, bytes)| (path.clone(), sha256(bytes)))
        .collect();
    let digest = json!(of_files(sums.iter().map(|(path, sum)| (&**path, sum))));
    let listed = sums.iter().map(|(path, sum)| json!({ "path": path, "sha256": sum }));
    let members = manifest.as_object_mut().unwrap();
    members.insert("digest".to_owned(), digest);
    members.insert("files".to_owned(), listed.collect());
    files.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
}

fn differing(recomputed: &Recomputed) -> Vec<&str> {
    recomputed.differences.iter().map(|difference| &*difference.path).collect()
}

#[test]
fn every_deployment_makes_one_pack_that_is_identical() {
    let mut packs = 0;
    for name in entries("fixtures/deployments") {
        let deployment = format!("fixtures/deployments/{name}");
        let one = match made(&material(&deployment), &Beside::default()) {
            Ok(packed) => packed,
            // As every other command refuses it.
            Err(Unfit::Findings { .. }) => {
                assert_eq!(run(&format!("report {deployment}")).status, 2, "{deployment}");
                continue;
            }
            Err(other) => panic!("{deployment}: {other}"),
        };
        assert_eq!(one.bytes, packed(&deployment).bytes, "{deployment}");
        for bytes in [&one.bytes, &again(&opened(&one.bytes))] {
            let recomputed = recompute(bytes).unwrap();
            assert_eq!(differing(&recomputed), [""; 0], "{deployment}");
            assert_eq!(recomputed.verdict, Some(one.verdict), "{deployment}");
            assert_eq!(recomputed.digest, one.digest, "{deployment}");
        }
        let files = opened(&one.bytes);
        let found: Value = serde_json::from_slice(&files["findings.json"]).unwrap();
        let loaded = Deployment::load(&path(&deployment)).unwrap();
        assert_eq!(found["verdict"], loaded.check().verdict.as_str(), "{deployment}");
        let digest = &found["provenance"]["deployment"]["digest"];
        assert_eq!(digest, &loaded.as_read().0.digest(), "{deployment}");
        packs += 1;
    }
    assert!(packs >= 10, "{packs}");
}

#[test]
fn whatever_is_changed_in_a_pack_is_named() {
    let files = opened(&packed(CONTOSO).bytes);
    for (path, bytes) in &files {
        let is_free = path == "SIGN-OFF.md";
        let mut changed = files.clone();
        let mut other = bytes.clone();
        let middle = other.len() / 2;
        other[middle] = if other[middle] == b'x' { b'y' } else { b'x' };
        other.extend_from_slice(b" ");
        changed.insert(path.clone(), other);
        let mut missing = files.clone();
        missing.remove(path);
        for (forged, is_removed) in [(changed, false), (missing, true)] {
            let told = match recompute(&again(&forged)) {
                Ok(recomputed) => differing(&recomputed).contains(&&**path),
                Err(NoPack::NoManifest(_) | NoPack::Manifest(_)) => path == "manifest.json",
                Err(NoPack::Zip(why)) => panic!("{path}: {why}"),
            };
            // People write into the sheet; that it is gone is told.
            assert_eq!(told, !is_free || is_removed, "{path}, removed: {is_removed}");
        }
    }
}

#[test]
fn what_follows_from_the_deployment_can_not_be_forged_with_its_manifest() {
    let files = opened(&packed("fixtures/deployments/litware-half-way").bytes);
    for path in [
        "findings.json",
        "decisions.csv",
        "report.html",
        "attestations.json",
        "levels-and-waivers.json",
        "controls.csv",
    ] {
        let mut forged = files.clone();
        let text = String::from_utf8(forged[path].clone()).unwrap();
        let (from, to) = match path {
            "findings.json" => ("\"verdict\": \"no-go\"", "\"verdict\": \"go\""),
            "decisions.csv" => (",rejected,", ",sync,"),
            "report.html" => ("no-go", "go"),
            _ => ("e", "E"),
        };
        let other = text.replacen(from, to, 1);
        forged.insert(path.to_owned(), other.into_bytes());
        assert!(forged != files, "{path}");
        sealed_again(&mut forged);
        assert_eq!(differing(&recompute(&again(&forged)).unwrap()), [path]);
    }
    // One file less, or one more, which the manifest knows of.
    let mut less = files.clone();
    less.remove("report.html");
    sealed_again(&mut less);
    assert_eq!(differing(&recompute(&again(&less)).unwrap()), ["report.html"]);
    let mut more = files.clone();
    more.insert("approval.pdf".to_owned(), b"signed".to_vec());
    sealed_again(&mut more);
    assert_eq!(differing(&recompute(&again(&more)).unwrap()), ["approval.pdf"]);
    // Another deployment is another pack: all that follows from it differs.
    let mut other = files.clone();
    let (path, bytes) = files.iter().find(|(path, _)| path.starts_with("deployment/")).unwrap();
    let text = String::from_utf8(bytes.clone()).unwrap();
    other.insert(path.clone(), format!("# another\n{text}").into_bytes());
    sealed_again(&mut other);
    assert!(differing(&recompute(&again(&other)).unwrap()).contains(&"findings.json"));
    // A version that is said to be another's does not keep anything from being compared.
    let mut foreign = files.clone();
    let manifest = String::from_utf8(files["manifest.json"].clone()).unwrap();
    let version = format!("\"syncgate\": \"{}\"", env!("CARGO_PKG_VERSION"));
    let manifest = manifest.replace(&version, "\"syncgate\": \"0.0.1\"");
    foreign.insert("manifest.json".to_owned(), manifest.into_bytes());
    foreign.insert("controls.csv".to_owned(), b"code\r\n".to_vec());
    let recomputed = recompute(&again(&foreign)).unwrap();
    assert_eq!(
        (recomputed.made_by.as_str(), differing(&recomputed)),
        ("0.0.1", vec!["controls.csv"])
    );
}

#[test]
fn a_name_twice_is_a_difference() {
    let files = opened(&packed(CONTOSO).bytes);
    let decoy = ("findingz.json", &b"{}"[..]);
    let all = files.iter().map(|(path, bytes)| (&**path, &**bytes));
    let mut bytes = zipped(all.chain([decoy]));
    let places: Vec<usize> = bytes
        .windows(decoy.0.len())
        .enumerate()
        .filter(|(_, window)| *window == decoy.0.as_bytes())
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places.len(), 2);
    for place in places {
        bytes[place..place + decoy.0.len()].copy_from_slice(b"findings.json");
    }
    assert!(differing(&recompute(&bytes).unwrap()).contains(&"findings.json"));
}

#[test]
fn what_is_no_pack_is_told() {
    assert!(matches!(recompute(b"not a zip"), Err(NoPack::Zip(_))));
    assert!(matches!(recompute(b""), Err(NoPack::Zip(_))));
    let files = opened(&packed(CONTOSO).bytes);
    let deeper: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(path, bytes)| (format!("pack/{path}"), bytes.clone())).collect();
    let told = recompute(&again(&deeper)).unwrap_err().to_string();
    assert!(told.contains("pack/manifest.json"), "{told}");
    for text in ["", "{}", "[1]", "{\"version\":2,\"syncgate\":\"\",\"files\":[],\"digest\":\"\"}"]
    {
        let mut broken = files.clone();
        broken.insert("manifest.json".to_owned(), text.as_bytes().to_vec());
        assert!(matches!(recompute(&again(&broken)), Err(NoPack::Manifest(_))), "{text}");
    }
}

#[test]
fn the_sheet_is_for_people_and_what_stands_beside_only_by_its_digest() {
    let export = ExportDigest { name: "features.csv".into(), bytes: 3, sha256: sha256(b"abc") };
    let beside = Beside { exports: vec![export], store: Some("{\"head\":\"1\"}\n".into()) };
    let one = made(&material(CONTOSO), &beside).unwrap();
    let mut files = opened(&one.bytes);
    assert_eq!(differing(&recompute(&one.bytes).unwrap()), [""; 0]);
    files.insert("SIGN-OFF.md".to_owned(), b"signed by A. B., 2026-11-20".to_vec());
    assert_eq!(differing(&recompute(&again(&files)).unwrap()), [""; 0]);
    for path in ["exports/exports.json", "store.json"] {
        let mut other = files.clone();
        other.get_mut(path).unwrap().push(b'\n');
        assert_eq!(differing(&recompute(&again(&other)).unwrap()), [path]);
    }
}

#[test]
fn a_version_beside_the_files_and_rules_of_ones_own_come_along() {
    let text = "[deployment]\nname = \"x\"\n[[channel]]\nid = \"a\"\nkind = \"store\"\n\
        [features.edit-customers-async]\nenabled = true\n";
    let input = |name: &str, text: &str| files::InputFile {
        path: name.to_owned(),
        bytes: Ok(text.as_bytes().to_vec()),
    };
    let version: Version = "10.0.40".parse().unwrap();
    let with = |version| {
        let inputs = vec![input("anywhere/x.toml", text)];
        made(&Material::new(inputs, None, Vec::new(), version), &Beside::default()).unwrap()
    };
    let (open, settled) = (with(None), with(Some(version)));
    for one in [&open, &settled] {
        assert_eq!(differing(&recompute(&one.bytes).unwrap()), [""; 0]);
    }
    let says = |one: &Packed| {
        let findings = String::from_utf8(opened(&one.bytes)["findings.json"].clone()).unwrap();
        findings.contains("`commerce-version`")
    };
    assert!(says(&open) && !says(&settled));
    let checks = "[[check]]\ncode = \"SG901\"\nseverity = \"info\"\ntitle = \"a name\"\n\
        subject = \"channel\"\nfails = { kind = \"store\" }\nmessage = \"{id} is a store\"\n\
        help = \"none\"\nwhy = \"it is\"\n";
    let inputs = vec![input("x.toml", text)];
    let checks = vec![input("mine.toml", checks)];
    let own = Material::new(inputs, None, checks, Some(version));
    let one = made(&own, &Beside::default()).unwrap();
    let files = opened(&one.bytes);
    assert!(String::from_utf8(files["findings.json"].clone()).unwrap().contains("SG901"));
    assert_eq!(differing(&recompute(&one.bytes).unwrap()), [""; 0]);
    let mut without = files.clone();
    without.remove("checks/mine.toml");
    sealed_again(&mut without);
    assert!(differing(&recompute(&again(&without)).unwrap()).contains(&"findings.json"));
}

#[test]
fn the_decision_table_says_what_is_decided_in_every_situation() {
    let files = opened(&packed(CONTOSO).bytes);
    let loaded = Deployment::load(&path(CONTOSO)).unwrap();
    let rules = Rules::embedded();
    let engine = Engine::new(&rules, loaded.valid().unwrap()).unwrap();
    let mut table = csv::Reader::from_reader(&*files["decisions.csv"]);
    let columns = table.headers().unwrap().clone();
    let facts: Vec<String> =
        SituationFact::ALL.iter().map(|fact| fact.as_str().replace('-', "_")).collect();
    let (before, after) = (["channel", "operation"], ["outcome", "reason", "rule", "basis"]);
    let expected: Vec<&str> = before
        .into_iter()
        .chain(facts.iter().map(String::as_str))
        .chain(after)
        .chain(["sources", "error_id"])
        .collect();
    assert_eq!(columns.iter().collect::<Vec<_>>(), expected);
    let mut lines: BTreeMap<(String, String), Vec<csv::StringRecord>> = BTreeMap::new();
    for line in table.records() {
        let line = line.unwrap();
        lines.entry((line[0].to_owned(), line[1].to_owned())).or_default().push(line);
    }
    for channel in engine.channels() {
        for operation in rules.operation_ids() {
            let id = rules.operation(operation).id.clone();
            let here = &lines[&(channel.id().to_owned(), id.clone())];
            for situation in Situation::all() {
                let all = SituationFact::ALL.iter();
                let words: Vec<&str> = all.map(|fact| situation.word(*fact)).collect();
                let fits = |line: &&csv::StringRecord| {
                    words
                        .iter()
                        .enumerate()
                        .all(|(fact, word)| line[2 + fact] == *"any" || line[2 + fact] == **word)
                };
                let fitting: Vec<&csv::StringRecord> = here.iter().filter(fits).collect();
                match channel.decide(operation, situation) {
                    Ok(decision) => {
                        assert_eq!(fitting.len(), 1, "{id} {words:?}");
                        assert_eq!(&fitting[0][8], decision.outcome().as_str(), "{id} {words:?}");
                        assert_eq!(&fitting[0][10], decision.rule(), "{id} {words:?}");
                    }
                    // It can't be, and no line says anything of it.
                    Err(_) => assert!(fitting.len() <= 1, "{id} {words:?}"),
                }
            }
        }
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "packs are read and written")]
fn the_command_line_writes_and_verifies() {
    let (one, other) = (temporary("one.zip"), temporary("other.zip"));
    let made = run(&format!("evidence {CONTOSO} --output {one}"));
    assert_eq!((made.status, made.out.as_str()), (0, ""), "{}", made.err);
    let verified = run(&format!("evidence --verify {one}"));
    assert_eq!(verified.status, 0, "{}", verified.err);
    assert!(verified.out.starts_with("identical"), "{}", verified.out);
    let mut files = opened(&std::fs::read(&one).unwrap());
    files.remove("report.html");
    std::fs::write(&other, again(&files)).unwrap();
    let verified = run(&format!("evidence --verify {other}"));
    assert_eq!(verified.status, 1, "{}", verified.err);
    assert!(verified.out.contains("report.html"), "{}", verified.out);
    for (line, word) in [
        (format!("evidence {CONTOSO}"), "--output"),
        (format!("evidence --verify {CONTOSO}/deployment.toml"), "no pack"),
        ("evidence --verify nowhere.zip".to_owned(), "nowhere.zip"),
        (format!("evidence --verify {one} --rules rules"), "brings its rules"),
        (format!("evidence {CONTOSO} --store nowhere.redb --output {one}.new"), "nowhere.redb"),
    ] {
        let refused = run(&line);
        assert_eq!(refused.status, 2, "{line}");
        assert!(refused.err.contains(word), "{line}: {}", refused.err);
    }
    assert!(!exists(&format!("{one}.new")));
    // A pack never takes the place of what it is made of.
    let alone = temporary("alone.toml");
    std::fs::copy(path("fixtures/report/hostile.toml"), &alone).unwrap();
    let refused = run(&format!("evidence {alone} --output {alone}"));
    assert_eq!(refused.status, 2, "{}", refused.err);
    assert_eq!(std::fs::read(&alone).unwrap(), read("fixtures/report/hostile.toml").as_bytes());
}

#[test]
#[expect(clippy::disallowed_methods, reason = "packs are read")]
fn a_finding_carries_its_controls_in_every_format() {
    let deployment = "fixtures/deployments/litware-half-way";
    let own = "fixtures/own-checks";
    let found = run(&format!("check {deployment} --checks {own} --format json"));
    let found: Value = serde_json::from_str(&found.out).unwrap();
    let (mut with, mut without) = (0, 0);
    for finding in found["findings"].as_array().unwrap() {
        let code = finding["code"].as_str().unwrap();
        let is_evidence = ["SG101", "SG109", "SG902"].contains(&code);
        let controls = if is_evidence { json!(["ITGC-7"]) } else { Value::Null };
        assert_eq!(finding["controls"], controls, "{code}");
        *(if is_evidence { &mut with } else { &mut without }) += 1;
    }
    assert!(with > 0 && without > 0, "{with} {without}");
    for format in
        ["human", "sarif", "junit", "github", "azure", "gitlab", "markdown", "csv", "json"]
    {
        let told = run(&format!("check {deployment} --checks {own} --format {format}"));
        assert!(told.out.contains("ITGC-7"), "{format}");
        let plain = run(&format!("check {deployment} --format {format}"));
        assert!(!plain.out.contains("ITGC-7"), "{format}");
    }
    let page = run(&format!("report {deployment} --checks {own}"));
    assert!(page.out.contains("ITGC-7"));
    let pack = temporary("controls.zip");
    assert_eq!(run(&format!("evidence {deployment} --checks {own} --output {pack}")).status, 0);
    let files = opened(&std::fs::read(&pack).unwrap());
    let controls = String::from_utf8(files["controls.csv"].clone()).unwrap();
    for line in controls.lines().skip(1) {
        let is_evidence = ["SG101", "SG109", "SG902"].iter().any(|code| line.starts_with(code));
        assert_eq!(line.contains("ITGC-7"), is_evidence, "{line}");
    }
    assert_eq!(run(&format!("evidence --verify {pack}")).status, 0);
}
