//! What headquarters exports, imported: every bundled export and every broken one, from the command
//! line.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the tests look at files themselves")]

#[path = "common/process.rs"]
mod process;

use process::{entries, path, read, run, temporary};
use proptest::prelude::*;
use serde_json::Value;
use std::io::{Cursor, Write as _};
use std::path::Path;
use syncgate::check::{CheckResult, check};
use syncgate::diagnostic::Code;
use syncgate::import::{Imported, Importer, Refusal};
use syncgate::load::Loaded;
use syncgate::model::{Deployment, Rules};

fn directory(name: &str) -> String {
    let directory = temporary(&format!("import-{name}"));
    let _ = std::fs::remove_dir_all(&directory);
    directory
}

fn texts(expected: &Value, key: &str) -> Vec<String> {
    let list = expected[key].as_array().cloned().unwrap_or_default();
    list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What is told of values that no deployment may have; what is missing or dangles is no fault of an
/// import.
fn malformed(loaded: &Loaded) -> Vec<String> {
    let is_malformed = |told: &String| {
        ["SG001", "SG003", "SG005", "SG007", "SG008", "SG010"]
            .iter()
            .any(|code| told.contains(code))
    };
    loaded.findings().map(|told| told.to_string()).filter(is_malformed).collect()
}

#[test]
fn broken_exports_are_told_and_refused() {
    let broken = entries("fixtures/exports/broken");
    let expectations = broken.iter().filter_map(|name| name.strip_suffix(".expect.json"));
    let mut cases = 0;
    for name in expectations {
        cases += 1;
        let expected: Value =
            serde_json::from_str(&read(&format!("fixtures/exports/broken/{name}.expect.json")))
                .unwrap();
        let output = directory(name);
        let done = run(&format!("import fixtures/exports/broken/{name} --output {output}"));
        assert_eq!(
            Some(i64::from(done.status)),
            expected["status"].as_i64(),
            "{name}: {}",
            done.err
        );
        for text in texts(&expected, "stderr") {
            assert!(done.err.contains(&text), "{name}: `{text}` is not told: {}", done.err);
        }
        assert!(!done.err.contains("canary"), "{name}: a message quotes the export: {}", done.err);
        let written = Path::new(&path(&output)).join("imported.toml");
        assert_eq!(
            written.exists(),
            done.status != 2,
            "{name}: what is refused leaves nothing behind"
        );
        let imported = std::fs::read_to_string(written).unwrap_or_default();
        assert!(
            !imported.contains("canary"),
            "{name}: a value passes through that must not: {imported}"
        );
        let checked = run(&format!("check fixtures/exports/broken/{name}"));
        assert!(
            !(checked.out + &checked.err).contains("canary"),
            "{name}: a value is shown that must not be"
        );
        for text in texts(&expected, "imported") {
            assert!(imported.contains(&text), "{name}: `{text}` is not imported: {imported}");
        }
        for text in texts(&expected, "lacks") {
            assert!(!imported.contains(&text), "{name}: `{text}` is imported: {imported}");
        }
    }
    assert!(cases >= 20, "{cases} cases");
    for name in broken.iter().filter(|name| !name.ends_with(".expect.json")) {
        assert!(broken.contains(&format!("{name}.expect.json")), "{name} has no expectation");
    }
}

/// Exports that could be read wrong: what must come out, what checks must not say, what is decided.
#[test]
fn what_could_be_misread_comes_out_right() {
    let names = entries("fixtures/exports/misread");
    let cases: Vec<&str> =
        names.iter().filter_map(|name| name.strip_suffix(".expect.json")).collect();
    for name in &cases {
        let from = format!("fixtures/exports/misread/{name}");
        let expected: Value = serde_json::from_str(&read(&format!("{from}.expect.json"))).unwrap();
        let output = directory(&format!("misread-{name}"));
        let done = run(&format!("import {from} --output {output}"));
        assert_eq!(
            Some(i64::from(done.status)),
            expected["status"].as_i64(),
            "{name}: {}",
            done.err
        );
        for text in texts(&expected, "stderr") {
            assert!(done.err.contains(&text), "{name}: `{text}` is not told: {}", done.err);
        }
        let imported = read(&format!("{output}/imported.toml"));
        for text in texts(&expected, "imported") {
            assert!(imported.contains(&text), "{name}: `{text}` is not imported: {imported}");
        }
        let facts: Vec<&str> = imported.lines().filter(|line| !line.starts_with('#')).collect();
        let facts = facts.join("\n");
        for text in texts(&expected, "lacks") {
            assert!(!facts.contains(&text), "{name}: `{text}` is imported: {imported}");
        }
        let told = malformed(&Deployment::load(&path(&output)).unwrap());
        assert!(told.is_empty(), "{name}: {told:?}");
        let checked = run(&format!("check {output} --format json"));
        let checked: Value = serde_json::from_str(&checked.out).unwrap();
        let findings = checked["findings"].as_array().unwrap();
        let has = |code: &String| findings.iter().any(|finding| finding["code"] == code.as_str());
        for code in texts(&expected, "failed") {
            assert!(has(&code), "{name}: {code} is not found");
        }
        for code in texts(&expected, "not-failed") {
            assert!(!has(&code), "{name}: {code} is found: {imported}");
        }
        let checks = checked["checks"].as_array().unwrap();
        for code in texts(&expected, "undecided") {
            let report = checks.iter().find(|report| report["code"] == code.as_str()).unwrap();
            assert_eq!(report["result"], "undecided", "{name}: {code}: {imported}");
        }
        let told = |missing: &str| {
            let [code, of, key] = missing.split(' ').collect::<Vec<_>>()[..] else { return false };
            findings.iter().any(|finding| {
                let message = finding["message"].as_str().unwrap();
                let says = message.contains(code) && message.contains(&format!("`{key}`"));
                finding["code"] == "SG002" && finding["subject"]["id"] == of && says
            })
        };
        for missing in texts(&expected, "missing") {
            assert!(told(&missing), "{name}: {missing} is not told: {findings:#?}");
        }
        for asked in expected["decide"].as_array().into_iter().flatten() {
            let (request, outcome) = (asked[0].as_str().unwrap(), &asked[1]);
            let answer = run(&format!("decide {output} {request} --format json"));
            let answer: Value = serde_json::from_str(&answer.out).unwrap();
            assert_eq!(&answer["outcome"], outcome, "{name}: {request}");
        }
    }
    assert!(cases.len() >= 40, "{} cases", cases.len());
    for name in names.iter().filter(|name| !name.ends_with(".expect.json")) {
        assert!(cases.contains(&name.as_str()), "{name} has no expectation");
    }
}

#[test]
fn a_table_as_long_as_a_page_may_go_on() {
    for (rows, may_go_on) in [(999, false), (1000, true), (5000, true), (10_000, true)] {
        let record = |number| serde_json::json!({"Name": format!("Group {number}")});
        let records: Vec<Value> = (0..rows).map(record).collect();
        let bytes = serde_json::to_vec(&records).unwrap();
        let imported = import(&[("RetailCdxDataGroups.json", bytes)]).unwrap();
        let lacks = imported.made.toml.contains("incomplete = [\"channel-database-group\"]");
        assert_eq!(lacks, may_go_on, "{rows} rows");
        // The last of several pages is shorter.
        let page = serde_json::to_vec(&records[..7]).unwrap();
        let all = serde_json::to_vec(&records).unwrap();
        let pages = [("RetailCdxDataGroups-1.json", all), ("RetailCdxDataGroups-2.json", page)];
        let imported = import(&pages).unwrap();
        assert!(!imported.made.toml.contains("incomplete"), "{rows} rows, and 7");
    }
}

#[test]
fn a_full_page_without_a_job_does_not_say_that_it_is_not_scheduled() {
    for (rows, result) in [(4_999, CheckResult::Fail), (5_000, CheckResult::Undecided)] {
        let record = |number| {
            let (recid, name) = (number + 7_000_000, format!("Stock count {number}"));
            serde_json::json!({"BatchJobRecId": recid, "JobDescription": name, "Status": "Ended"})
        };
        let mut records: Vec<Value> = (0..rows - 1).map(record).collect();
        // One that the rules know, so that the others are known not to be it.
        records.push(serde_json::json!({"JobDescription": "Synchronize orders", "Status": "Hold"}));
        let known = records.split_off(rows - 1);
        for (records, result) in [
            // What is not known may be any job.
            ([known.as_slice(), &records].concat(), CheckResult::Undecided),
            (vec![known[0].clone(); rows], result),
        ] {
            let bytes = serde_json::to_vec(&records).unwrap();
            let imported = import(&[("BatchJobs.json", bytes)]).unwrap();
            let checked = check(&deployment(&imported), Vec::new(), true);
            let code = Code::new(102);
            let report = checked.checks.iter().find(|report| report.code == code).unwrap();
            assert_eq!(report.result, result, "{rows} rows");
        }
    }
}

#[test]
fn batch_jobs_that_wait_for_schedules_say_what_they_say_at_once() {
    let job = |number: u32| {
        let (hour, minute) = (number / 60 % 24, number % 60);
        format!("{number},Stock count {number},1,2026-11-20 {hour:02}:{minute:02}:00,0x\n")
    };
    let headings = "RECID,CAPTION,STATUS,ENDDATETIME,RECURRENCEDATA\n".to_owned();
    let jobs = std::iter::once(headings).chain((0..1500).map(job)).collect::<Vec<_>>().concat();
    let schedules = "RECID,NAME,ACTIVE,BATCHJOBID\n1,1010,1,1401\n2,1070,1,99999\n";
    let files = [
        ("BATCHJOB.csv", jobs.into_bytes()),
        ("RETAILCONNSCHEDULE.csv", schedules.to_owned().into_bytes()),
    ];
    let at_once = import(&files).unwrap();
    let rules = Rules::embedded();
    let mut importer = Importer::new(&rules);
    let mut later = Vec::new();
    for (path, bytes) in &files {
        if !importer.add_or_wait(path, &mut Cursor::new(bytes)).unwrap() {
            later.push((path, bytes));
        }
    }
    assert_eq!(later.len(), 1);
    for (path, bytes) in later {
        importer.add_from(path, &mut Cursor::new(bytes)).unwrap();
    }
    let waited = importer.finish(None);
    assert_eq!(waited.made.toml, at_once.made.toml);
    assert_eq!((waited.notes, waited.found), (at_once.notes, at_once.found));
    assert!(waited.made.toml.contains("last-run = 2026-11-20T23:21:00Z"), "{}", waited.made.toml);
    assert!(waited.made.toml.contains("and 500 more"), "{}", waited.made.toml);
}

#[test]
fn later_records_and_what_stands_behind_them_tell_what_a_document_is() {
    let stores = |extra: &[(usize, &str)], count: usize| -> Vec<Value> {
        let store = |number| {
            let mut record = serde_json::json!({"StoreNumber": format!("S{number}"), "Extra": 1});
            for (_, key) in extra.iter().filter(|(from, _)| number >= *from) {
                record[key] = serde_json::json!("FP");
            }
            record
        };
        (0..count).map(store).collect()
    };
    let context = "x/$metadata#RetailStores";
    let late = [(150, "FunctionalityProfile")];
    let in_front = serde_json::json!({"@odata.context": context, "value": stores(&late, 300)});
    let behind = serde_json::json!({"value": stores(&late, 300), "@odata.context": context});
    let lines: Vec<String> = stores(&late, 300).iter().map(Value::to_string).collect();
    for (name, text) in [
        ("RetailStores.json", in_front.to_string()),
        ("1.json", in_front.to_string()),
        ("2.json", behind.to_string()),
        ("RetailStores.json", serde_json::to_string_pretty(&stores(&late, 300)).unwrap()),
        ("RetailStores.jsonl", lines.join("\n")),
    ] {
        let imported = import(&[(name, text.into_bytes())]).unwrap();
        assert!(imported.notes.iter().all(|note| !note.complaint), "{:?}", imported.notes);
        let toml = &imported.made.toml;
        assert_eq!(toml.matches("[[channel]]").count(), 300, "{name}");
        assert_eq!(toml.matches("functionality-profile = \"FP\"").count(), 150, "{name}");
    }
    // A heading that counts for more turns up later: all records are read by it.
    let rows = (0..300).map(|number| match number {
        0..150 => serde_json::json!({"StoreNumber": "A", "Profile number": "OLD"}),
        _ => serde_json::json!({"profileId": format!("P{number}"), "Profile number": "OLD"}),
    });
    let text = serde_json::to_string(&rows.collect::<Vec<_>>()).unwrap();
    let imported = import(&[("RetailFunctionalityProfiles.json", text.into_bytes())]).unwrap();
    let toml = &imported.made.toml;
    assert!(!toml.contains("OLD"), "{toml}");
    assert_eq!(toml.matches("[[functionality-profile]]").count(), 150);
}

#[test]
fn bundled_exports_give_the_same_bytes_every_time() {
    let others = ["broken", "misread"];
    for name in entries("fixtures/exports").iter().filter(|name| !others.contains(&name.as_str())) {
        let Some(export) = name.strip_suffix(".imported.toml") else {
            let expected = format!("fixtures/exports/{name}.imported.toml");
            assert!(Path::new(&path(&expected)).exists(), "{expected} is missing");
            continue;
        };
        let output = directory(export);
        let command = format!("import fixtures/exports/{export} --output {output}");
        for _ in 0..2 {
            let done = run(&command);
            assert_eq!(done.status, 0, "{export}: {}", done.err);
            let imported = read(&format!("{output}/imported.toml"));
            assert_eq!(imported, read(&format!("fixtures/exports/{name}")), "{export}");
            assert!(!imported.contains("canary"), "{export}: {imported}");
        }
        let loaded = Deployment::load(&path(&output)).unwrap();
        let told = malformed(&loaded);
        assert!(told.is_empty(), "{export}: {told:?}");
    }
}

#[test]
fn the_skeleton_can_be_filled_in_by_taking_its_marks_away() {
    let mut skeletons = 0;
    for name in
        entries("fixtures/exports").iter().filter_map(|name| name.strip_suffix(".imported.toml"))
    {
        let output = directory(&format!("skeleton-{name}"));
        assert_eq!(run(&format!("import fixtures/exports/{name} --output {output}")).status, 0);
        let answers = format!("{output}/answers.toml");
        let skeleton = read(&answers);
        if !skeleton.contains("\n## What the exports do not hold") {
            continue;
        }
        skeletons += 1;
        // The first line names the schema, and has no mark.
        let lines = skeleton.lines().filter(|line| !line.starts_with("#:schema "));
        let filled: Vec<&str> = lines.map(|line| line.strip_prefix('#').unwrap_or(line)).collect();
        std::fs::write(path(&answers), filled.join("\n")).unwrap();
        let loaded = Deployment::load(&path(&output)).unwrap();
        let told = malformed(&loaded);
        assert!(told.is_empty(), "{name}: {told:?} in {}", filled.join("\n"));
    }
    assert!(skeletons >= 5, "{skeletons} skeletons");
}

#[test]
fn what_exports_give_are_keys_of_a_deployment() {
    let rules = Rules::embedded();
    assert!(!rules.exports.is_empty());
    for export in &rules.exports {
        for key in export.section.iter().chain(&export.fills) {
            let (section, key) = key
                .split_once('.')
                .map_or((key.as_str(), None), |(section, key)| (section, Some(key)));
            let (_, section) = rules.format.section(section).unwrap();
            assert!(key.is_none_or(|key| section.key(key).is_some()), "{}: {key:?}", export.id);
        }
        for key in &export.joined {
            assert!(export.column(key).is_some(), "{}: {key}", export.id);
        }
    }
}

#[test]
fn what_lies_beside_an_import_is_told_to_be_part_of_it() {
    let output = directory("beside");
    let import = || run(&format!("import fixtures/exports/contoso-odata --output {output}"));
    let told = |err: &str| err.contains("also parts of this deployment");
    let (first, again) = (import(), import());
    assert!(!told(&first.err) && !told(&again.err), "{}", again.err);
    std::fs::write(path(&format!("{output}/own.toml")), "channel-schema = []\n").unwrap();
    std::fs::write(path(&format!("{output}/syncgate.toml")), "allow-undecided = true\n").unwrap();
    let beside = import();
    assert!(told(&beside.err), "{}", beside.err);
    assert!(beside.err.contains("own.toml`") && !beside.err.contains("syncgate.toml`"));
}

#[test]
fn a_column_that_no_table_at_hand_has_is_told() {
    let folder = directory("columns");
    let from = "fixtures/exports/contoso";
    std::fs::create_dir_all(path(&folder)).unwrap();
    let store = |name: &str, heading: &str| {
        let bytes = std::fs::read(path(&format!("{from}/{name}"))).unwrap();
        let bytes = match String::from_utf8(bytes) {
            Ok(text) => text
                .replace(&format!("\"{heading}\""), "\"Elsewhere\"")
                .replace("\"DataStoreType\"", "\"PauseDataSync\": \"No\", \"DataStoreType\"")
                .into_bytes(),
            Err(other) => other.into_bytes(),
        };
        std::fs::write(path(&format!("{folder}/{name}")), bytes).unwrap();
    };
    let lacks = "channel.functionality-profile: RetailStores has no column FunctionalityProfile";
    for (heading, is_there) in [("there is no such heading", true), ("FunctionalityProfile", false)]
    {
        for name in &entries(from) {
            store(name, heading);
        }
        let imported = run(&format!("import {folder} --output {folder}-of"));
        let worksheet = run(&format!("import {folder} --worksheet")).out;
        assert_eq!(!imported.err.contains(lacks), is_there, "{}", imported.err);
        assert_eq!(!worksheet.contains(lacks), is_there, "{worksheet}");
        let says_all = worksheet.contains("Nothing is missing that could be exported");
        assert_eq!(says_all, is_there, "{worksheet}");
    }
}

#[test]
fn answers_are_made_once_and_win() {
    let output = directory("answers");
    let command = format!("import fixtures/exports/contoso-odata --output {output}");
    assert_eq!(run(&command).status, 0);
    let skeleton = read(&format!("{output}/answers.toml"));
    assert!(skeleton.contains("# commerce-version"), "{skeleton}");
    let answers = "[deployment]\ncommerce-version = \"10.0.40\"\n\n[[functionality-profile]]\nid \
        = \"STORE\"\ncreate-customer-in-async-mode = false\n";
    std::fs::write(path(&format!("{output}/answers.toml")), answers).unwrap();
    assert_eq!(run(&command).status, 0);
    assert_eq!(read(&format!("{output}/answers.toml")), answers, "answers are never overwritten");
    let loaded = Deployment::load(&path(&output)).unwrap();
    let deployment = loaded.valid().unwrap();
    let profile = deployment.record(
        "functionality-profile",
        deployment.find("functionality-profile", "STORE").unwrap(),
    );
    assert_eq!(profile.unwrap().boolean("create-customer-in-async-mode"), Some(false));
}

#[test]
fn exports_are_a_deployment_whose_findings_point_at_their_rows() {
    let done = run("check fixtures/exports/contoso --format json --allow-undecided");
    assert_eq!(done.status, 0, "{}{}", done.out, done.err);
    let json: Value = serde_json::from_str(&done.out).unwrap();
    let files = json["provenance"]["deployment"]["files"].as_array().unwrap();
    let paths: Vec<&str> = files.iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.contains(&"RetailStores.json"), "{paths:?}");
    assert!(!paths.iter().any(|path| path.ends_with("imported.toml")), "{paths:?}");
    let done = run("check fixtures/exports/contoso-dumps --format json");
    let json: Value = serde_json::from_str(&done.out).unwrap();
    let dangling =
        json["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "SG006");
    let location = &dangling.unwrap()["location"];
    assert_eq!(location["file"], "fixtures/exports/contoso-dumps/RETAILSTORETABLE.csv");
    assert_eq!(location["line"], 5);
    // The same decision from the exports as from the deployment that they are imported to.
    let output = directory("decides");
    assert_eq!(run(&format!("import fixtures/exports/contoso --output {output}")).status, 0);
    let request = "--operation create-customer --channel HOUSTON --format json";
    let decided = |deployment: &str| {
        let answer: Value =
            serde_json::from_str(&run(&format!("decide {deployment} {request}")).out).unwrap();
        (answer["outcome"].clone(), answer["rule"].clone())
    };
    assert_eq!(decided("fixtures/exports/contoso"), decided(&output));
}

#[test]
fn the_worksheet_asks_only_for_what_is_missing() {
    let all = run("import --worksheet").out;
    for asked in [
        "SELECT SCHEMANAME, ENTITYTYPE, ALLOWSKIPDATASYNC FROM \
            RETAILCONNCHANNELSCHEMASKIPDATASYNCCONFIG;",
        "/data/RetailStores?cross-company=true",
        "Workspaces > Feature management",
        "SG108",
    ] {
        assert!(all.contains(asked), "`{asked}` is not in {all}");
    }
    let rest = run("import fixtures/exports/contoso-odata --worksheet").out;
    assert!(
        rest.contains("FROM RETAILCONNSCHEDULE;") && !rest.contains("/data/RetailStores"),
        "{rest}"
    );
    // Every table is there, and one lacks a column.
    let column = run("import fixtures/exports/contoso --worksheet").out;
    let lacks = "RetailConnDatabaseProfiles has no column PauseDataSync";
    assert!(column.contains(lacks) && !column.contains("/data/"), "{column}");
}

#[test]
fn a_missing_quotation_mark_is_refused() {
    let mut text = "PROFILEID,CREATEASYNCCUSTOMERS\nSTORE,1\n\"MALL,0\n".to_owned();
    text.push_str(&"canary,0\n".repeat(160_000));
    let refusal =
        import(&[("RETAILFUNCTIONALITYPROFILE.csv", text.into_bytes())]).unwrap_err().to_string();
    assert!(refusal.contains("line 3 has a field of more than 1 MiB"), "{refusal}");
}

fn import(files: &[(&str, Vec<u8>)]) -> Result<Imported, Refusal> {
    let rules = Rules::embedded();
    let mut importer = Importer::new(&rules);
    for (path, bytes) in files {
        importer.add(path, bytes.clone())?;
    }
    Ok(importer.finish(None))
}

/// The deployment that an import and a Commerce version make.
fn deployment(imported: &Imported) -> Deployment {
    let file = |path: &str, text: &str| syncgate::load::InputFile {
        path: path.to_owned(),
        bytes: Ok(text.as_bytes().to_vec()),
    };
    let answers = "[deployment]\ncommerce-version = \"10.0.40\"\n";
    let files = vec![file("answers.toml", answers), file("imported.toml", &imported.made.toml)];
    Deployment::from_files(&Rules::embedded(), ".", files).valid().unwrap().clone()
}

fn zipped(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(bytes).unwrap();
    zip.finish().unwrap().into_inner()
}

/// Something that may or may not be an export: a bundled one with bytes changed, or random text.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    const NAMES: [&str; 5] = [
        "features-sheet.xlsx",
        "contoso-package.zip",
        "contoso/RetailStores.json",
        "contoso-dumps/BATCHJOB.csv",
        "features-sheet-fi.csv",
    ];
    let bundled = proptest::sample::select(&NAMES[..])
        .prop_map(|name| std::fs::read(path(&format!("fixtures/exports/{name}"))).unwrap());
    let changes = proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 0..8);
    let damaged = (bundled, changes, any::<proptest::sample::Index>(), any::<bool>()).prop_map(
        |(mut bytes, changes, end, cut)| {
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            if cut {
                bytes.truncate(end.index(bytes.len()));
            }
            bytes
        },
    );
    let text = "[\\[{<\"a-zA-Z,;>&!\\r\\n 0-9]{0,200}".prop_map(String::into_bytes);
    prop_oneof![damaged, text, proptest::collection::vec(any::<u8>(), 0..300)]
}

/// A profile: its id, and what it says of creating customers and orders.
type Profile = (String, bool, bool);
/// A store: its id, the number of its profile, and what its register says of working offline, where
/// it has one.
type Store = (String, usize, Option<bool>);

/// What the rules take for an empty cell.
fn blanks() -> Vec<String> {
    let rules: toml::Table = read("rules/exports.toml").parse().unwrap();
    let is_blank = |values: &&toml::Value| values["id"].as_str() == Some("blank");
    let values = rules["export-values"].as_array().unwrap().iter().find(is_blank).unwrap();
    let blanks = values["values"]["blank"].as_array().unwrap();
    blanks.iter().map(|blank| blank.as_str().unwrap().to_owned()).collect()
}

/// A small deployment: profiles, and stores with their registers.
fn stores() -> impl Strategy<Value = (Vec<Profile>, Vec<Store>)> {
    let name = "[A-Za-zäß0-9 \"\\\\,;&<>=#'-]{0,8}[A-Z]";
    let blanks = blanks();
    let is_name = move |name: &String| !blanks.iter().any(|blank| blank == name.trim());
    let name = name.prop_filter("a name is not blank", is_name);
    let profiles = proptest::collection::vec((name.clone(), any::<bool>(), any::<bool>()), 1..4);
    let stores =
        proptest::collection::vec((name, 0..3_usize, proptest::option::of(any::<bool>())), 1..5);
    (profiles, stores).prop_filter("ids are unique", |(profiles, stores)| {
        let fold = |name: &String| syncgate::model::name::fold(name).into_owned();
        let unique = |names: Vec<String>| {
            names.iter().collect::<std::collections::BTreeSet<_>>().len() == names.len()
        };
        unique(profiles.iter().map(|(name, _, _)| fold(name)).collect())
            && unique(stores.iter().map(|(name, _, _)| fold(name)).collect())
    })
}

fn delimited(rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn nothing_makes_it_panic_and_what_is_written_can_be_read(
        bytes in bytes(),
        ending in "json|csv|xml|xlsx|zip",
        packed: bool,
    ) {
        let bytes = if packed { zipped(&format!("RetailStores.{ending}"), &bytes) } else { bytes };
        let path = format!("RETAILSTORETABLE.{ending}");
        let first = import(&[(&path, bytes.clone())]);
        let again = import(&[(&path, bytes)]);
        match (first, again) {
            (Ok(first), Ok(again)) => {
                prop_assert_eq!(&first.made.toml, &again.made.toml);
                let text = format!("{}\n", first.made.toml);
                let loaded = Deployment::from_text(&Rules::embedded(), "imported.toml", &text);
                let told = loaded.findings().map(|told| told.to_string());
                let malformed: Vec<String> = told.filter(|told| told.contains("SG001")).collect();
                prop_assert!(malformed.is_empty(), "{:?} in {}", malformed, text);
            }
            (Err(first), Err(again)) => prop_assert_eq!(first, again),
            _ => panic!("the same bytes are taken once and refused once"),
        }
    }

    #[test]
    fn what_was_exported_comes_back((profiles, stores) in stores(), json: bool) {
        let yes = |value: bool| if value { "1" } else { "0" }.to_owned();
        let header =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut profile_rows = vec![header(&[
            "PROFILEID",
            "CREATEASYNCCUSTOMERS",
            "CREATEOFFLINECUSTOMERORDERS",
        ])];
        for (id, one, two) in &profiles {
            profile_rows.push(vec![id.clone(), yes(*one), yes(*two)]);
        }
        let profile_of = |number: usize| profiles[number % profiles.len()].0.trim().to_owned();
        let mut register_rows = vec![header(&["TERMINALNUMBER", "STORENUMBER", "SUPPORTOFFLINE"])];
        register_rows.extend(stores.iter().filter_map(|(id, _, offline)| {
            Some(vec![format!("T {id}"), id.clone(), yes((*offline)?)])
        }));
        let store_file = if json {
            let rows = stores.iter().map(|(id, profile, _)| {
                let profile = profile_of(*profile);
                serde_json::json!({"StoreNumber": id, "FunctionalityProfile": profile})
            });
            let rows: Vec<Value> = rows.collect();
            let context = "x/$metadata#RetailStores";
            let stores = serde_json::json!({"@odata.context": context, "value": rows});
            ("RetailStores.json", serde_json::to_vec(&stores).unwrap())
        } else {
            let mut rows = vec![header(&["STORENUMBER", "FUNCTIONALITYPROFILE"])];
            for (id, profile, _) in &stores {
                rows.push(vec![id.clone(), profile_of(*profile)]);
            }
            ("RetailStores.csv", delimited(&rows))
        };
        let files = [
            ("RETAILFUNCTIONALITYPROFILE.csv", delimited(&profile_rows)),
            store_file,
            ("RetailTerminals.csv", delimited(&register_rows)),
        ];
        let imported = import(&files).unwrap();
        prop_assert!(!imported.notes.iter().any(|note| note.complaint), "{:?}", imported.notes);
        let deployment = deployment(&imported);
        for (id, one, two) in &profiles {
            let found = deployment.find("functionality-profile", id).unwrap();
            let found = deployment.record("functionality-profile", found).unwrap();
            prop_assert_eq!(found.boolean("create-customer-in-async-mode"), Some(*one));
            prop_assert_eq!(found.boolean("create-customer-order-in-async-mode"), Some(*two));
        }
        prop_assert_eq!(deployment.records("channel").count(), stores.len());
        for (id, profile, offline) in &stores {
            let found = deployment.find("channel", id).unwrap();
            let found = deployment.record("channel", found).unwrap();
            let profile = profile_of(*profile);
            prop_assert_eq!(found.text("functionality-profile"), Some(profile.as_str()));
            prop_assert_eq!(found.boolean("supports-offline"), Some(offline.unwrap_or(false)));
        }
    }
}
