//! What machines read: each format of `check` read back by a reader that is not ours, documents
//! valid by their schema, and the same bytes twice.
#![cfg(feature = "cli")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "tests fail by panicking"
)]

#[path = "common/process.rs"]
mod process;

use process::run;
use serde_json::Value;
use serde_sarif::sarif::{ResultKind, ResultLevel, Sarif};
use std::collections::{BTreeMap, BTreeSet};
use syncgate::check::{Checked, Verdict, check};
use syncgate::diagnostic::Severity;
use syncgate::evidence::{Beside, Material, pack};
use syncgate::model::{Deployment, Rules};
use syncgate::report::schema::{SCHEMAS, schema};
use syncgate::report::{
    check_azure, check_csv, check_github, check_gitlab, check_json, check_junit, check_markdown,
    check_sarif,
};

/// Every deployment of the fixtures, good and broken, that `check` can look at.
fn deployments() -> Vec<(String, Deployment, Checked)> {
    let mut paths: Vec<String> = Vec::new();
    for directory in ["fixtures/deployments", "fixtures/checks", "fixtures/broken"] {
        if process::exists(directory) {
            collect(directory, &mut paths);
        }
    }
    let rules = Rules::embedded();
    let checked = |path: String| {
        let loaded = Deployment::load_by(&rules, &path).ok()?;
        let whole = loaded.is_whole();
        let (deployment, findings) = loaded.as_read();
        let checked = check(&deployment, findings, whole);
        Some((path, deployment, checked))
    };
    let deployments: Vec<_> = paths.into_iter().filter_map(checked).collect();
    assert!(deployments.len() > 100, "{}", deployments.len());
    deployments
}

/// The directories at any depth that hold a file of TOML.
fn collect(directory: &str, paths: &mut Vec<String>) {
    for entry in process::entries(directory) {
        let path = format!("{directory}/{entry}");
        if is_toml(&entry) && !paths.iter().any(|known| known == directory) {
            paths.push(directory.to_owned());
        } else if is_directory(&path) {
            collect(&path, paths);
        }
    }
}

fn is_toml(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|it| it == "toml")
}

#[expect(clippy::disallowed_methods, reason = "fixtures are enumerated")]
fn is_directory(path: &str) -> bool {
    std::fs::metadata(process::path(path)).is_ok_and(|it| it.is_dir())
}

/// What every format must tell: code, severity, file, line and column of each finding, and whether
/// it is waived.
type Told = Vec<(String, String, Option<(String, i64, i64)>, bool)>;

fn told_by_json(document: &Value) -> Told {
    let findings = document["findings"].as_array().unwrap().iter();
    let told = findings.map(|finding| {
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        let place = finding["location"].as_object().map(|place| {
            let number = |key: &str| place[key].as_i64().unwrap();
            (place["file"].as_str().unwrap().to_owned(), number("line"), number("column"))
        });
        (text("code"), text("severity"), place, finding.get("waived").is_some())
    });
    told.collect()
}

fn told_by_sarif(text: &str) -> Told {
    let sarif: Sarif = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    let run = &sarif.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap().iter();
    // Checks that could not be decided stand behind the findings.
    let findings = results.filter(|result| !is_open_check(result));
    let told = findings.map(|result| {
        let code = result.rule_id.clone().unwrap();
        let rule = &rules[usize::try_from(result.rule_index.unwrap()).unwrap()];
        assert_eq!(rule.id, code);
        assert!(!rule.short_description.as_ref().unwrap().text.is_empty());
        assert!(!rule.help.as_ref().unwrap().text.is_empty());
        assert!(rule.default_configuration.as_ref().unwrap().level.is_some());
        assert_eq!(result.partial_fingerprints.as_ref().unwrap()["syncgate/v1"].len(), 32);
        let level = match result.level.as_ref().unwrap() {
            ResultLevel::Error => "error",
            ResultLevel::Warning => "warning",
            _ => "info",
        };
        let place = result.locations.as_ref().unwrap()[0].physical_location.as_ref().map(|place| {
            let region = place.region.as_ref().unwrap();
            let (line, column) = (region.start_line.unwrap(), region.start_column.unwrap());
            assert!((region.end_line, region.end_column) >= (Some(line), Some(column)));
            (place.artifact_location.as_ref().unwrap().uri.clone().unwrap(), line, column)
        });
        let waived = result.suppressions.as_ref().is_some_and(|all| all[0].justification.is_some());
        (code, level.to_owned(), place, waived)
    });
    told.collect()
}

fn is_open_check(result: &serde_sarif::sarif::Result) -> bool {
    let is_open = result.kind.as_ref().is_some_and(|kind| *kind == ResultKind::Open);
    is_open && result.rule_id.as_deref() != Some("SG002")
}

/// A check that could not be decided is open, at a place; nothing that is open has a level.
fn told_as_open(path: &str, document: &Value, text: &str) {
    let sarif: Sarif = serde_json::from_str(text).unwrap();
    let results = sarif.runs[0].results.as_ref().unwrap();
    let open = results.iter().filter(|result| is_open_check(result));
    let open: Vec<&str> = open.map(|result| result.rule_id.as_deref().unwrap()).collect();
    let checks = document["checks"].as_array().unwrap().iter();
    let undecided = checks.filter(|check| check["result"] == "undecided");
    let undecided: Vec<&str> = undecided.map(|check| check["code"].as_str().unwrap()).collect();
    assert_eq!(open, undecided, "{path}");
    for result in results {
        let is_open = result.kind.as_ref().is_some_and(|kind| *kind == ResultKind::Open);
        assert_eq!(is_open, result.level == Some(ResultLevel::None), "{path}: {result:?}");
        let place = &result.locations.as_ref().unwrap()[0];
        assert!(place.physical_location.is_some(), "{path}: {result:?}");
    }
}

fn told_by_csv(text: &str) -> Told {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let column = |name: &str| headers.iter().position(|header| header == name).unwrap();
    let records = reader.records().map(Result::unwrap);
    // What a deployment sets for a check stands there too.
    let findings = records.filter(|record| !record[column("fingerprint")].is_empty());
    let told = findings.map(|record| {
        let cell = |name: &str| record[column(name)].to_owned();
        let place = (!cell("file").is_empty()).then(|| {
            (cell("file"), cell("line").parse().unwrap(), cell("column").parse().unwrap())
        });
        (cell("code"), cell("severity"), place, !cell("waived").is_empty())
    });
    told.collect()
}

#[test]
fn every_format_of_check_tells_every_finding() {
    let schema = schema(&Rules::embedded(), "findings").unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for (path, deployment, checked) in deployments() {
        let document =
            serde_json::to_value(check_json(vec![(&deployment, &checked, None)])).unwrap();
        if let Err(error) = schema.validate(&document) {
            panic!("{path}: {error}");
        }
        let expected = told_by_json(&document);
        let sarif = check_sarif(vec![(&deployment, &checked, None)], None);
        assert_eq!(told_by_sarif(&sarif.to_string()), expected, "{path}");
        told_as_open(&path, &document, &sarif.to_string());
        assert_eq!(sarif["runs"][0]["properties"]["provenance"], document["provenance"], "{path}");
        assert_eq!(told_by_csv(&check_csv([(&deployment, &checked)])), expected, "{path}");
        for notes_fail in [false, true] {
            let junit = check_junit([(&deployment, &checked)], notes_fail);
            told_by_junit(&path, &document, &junit, notes_fail);
        }
        told_by_github(&path, &expected, &check_github(&deployment, &checked));
    }
}

/// A case for each check, by its result, and one for each finding of the files; each has a name of
/// its own without a line in it, and a time.
fn told_by_junit(path: &str, document: &Value, text: &str, notes_fail: bool) {
    let report = quick_junit::Report::deserialize_from_str(text)
        .unwrap_or_else(|error| panic!("{error}: {text}"));
    let checks: BTreeMap<String, &quick_junit::TestCaseStatus> = report.test_suites[0]
        .test_cases
        .iter()
        .map(|case| (case.name.as_str().split(' ').next().unwrap().to_owned(), &case.status))
        .collect();
    let expected = document["checks"].as_array().unwrap();
    assert_eq!(checks.len(), expected.len(), "{path}");
    let findings = || document["findings"].as_array().unwrap().iter();
    let counts = |finding: &&Value| finding.get("waived").is_none();
    for check in expected {
        let found = || findings().filter(counts).filter(|finding| finding["code"] == check["code"]);
        let is_noted = !notes_fail && found().all(|finding| finding["severity"] == "info");
        let is_as = match (check["result"].as_str().unwrap(), checks[text_of(&check["code"])]) {
            ("fail", quick_junit::TestCaseStatus::Skipped { message, .. }) if is_noted => {
                message.as_ref().unwrap().as_str().starts_with("noted: ")
            }
            ("fail", quick_junit::TestCaseStatus::NonSuccess { .. }) => !is_noted,
            ("pass", quick_junit::TestCaseStatus::Success { .. }) => true,
            (
                "undecided" | "not-applicable" | "waived",
                quick_junit::TestCaseStatus::Skipped { message, .. },
            ) => message.is_some(),
            _ => false,
        };
        assert!(is_as, "{path}: {check}");
    }
    let of_checks = |code: &Value| expected.iter().any(|check| check["code"] == *code);
    let of_files = findings().filter(|finding| !of_checks(&finding["code"])).count();
    assert_eq!(report.test_suites[1].test_cases.len(), of_files, "{path}");
    let cases = || report.test_suites.iter().flat_map(|suite| &suite.test_cases);
    let names: BTreeSet<&str> = cases().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases().count(), "{path}: names tell cases apart");
    for case in cases() {
        assert!(case.time.is_some(), "{path}: {}", case.name.as_str());
        let file = case.name.as_str().split(' ').find(|word| word.contains(".toml:"));
        assert!(file.is_none_or(|file| file.ends_with(".toml:")), "{path}: {}", case.name.as_str());
    }
}

fn text_of(value: &Value) -> &str {
    value.as_str().unwrap()
}

/// Every line is a command, and every place is annotated.
fn told_by_github(path: &str, expected: &Told, text: &str) {
    for line in text.lines() {
        let command = line
            .strip_prefix("::")
            .and_then(|rest| rest.split_once("::"))
            .map(|(command, _)| command);
        let command = command.unwrap_or_else(|| panic!("{path}: {line}"));
        assert!(
            ["error ", "warning ", "notice "].iter().any(|level| command.starts_with(level)),
            "{line}"
        );
        assert!(command.contains("title="), "{line}");
    }
    for (code, severity, place, waived) in expected {
        let level = if *waived || severity == "info" { "notice" } else { severity };
        let place = place
            .as_ref()
            .map_or(String::new(), |(file, line, _)| format!("file={file},line={line},"));
        let annotated = text.lines().any(|annotation| {
            annotation.starts_with(&format!("::{level} {place}"))
                && annotation.contains(&format!("title={code}"))
        });
        assert!(annotated, "{path}: {code} {place}\n{text}");
    }
}

const FORMATS: [&str; 9] =
    ["human", "json", "sarif", "junit", "github", "azure", "gitlab", "markdown", "csv"];

#[test]
fn what_pipelines_read_has_every_cause_with_errors_first() {
    for (path, deployment, checked) in deployments() {
        let errors = checked.findings.iter().filter(|it| it.counts());
        let errors = errors.filter(|it| it.severity == Severity::Error);
        let codes: BTreeSet<String> = errors.map(|finding| finding.code.to_string()).collect();
        let azure = check_azure(&deployment, &checked);
        let issues: Vec<&str> =
            azure.lines().filter(|line| line.starts_with("##vso[task.logissue ")).collect();
        // The verdict comes last, unless it is plain.
        let said = issues.len() - usize::from(checked.verdict != Verdict::Go);
        let mut others = issues.iter().take(said).skip_while(|line| line.contains("type=error"));
        assert!(others.all(|line| !line.contains("type=error")), "{path}: {issues:?}");
        let github = check_github(&deployment, &checked);
        let levels: Vec<&str> = github.lines().filter_map(|line| line.split(' ').next()).collect();
        let body = &levels[..levels.len() - 1];
        let notices = body.iter().skip_while(|level| **level == "::error");
        assert!(notices.clone().all(|level| *level != "::error"), "{path}: {body:?}");
        let markdown = check_markdown(&deployment, &checked);
        for code in &codes {
            assert!(azure.contains(&format!("code={code};")), "{path}: {code}");
            assert!(markdown.contains(&format!("| **error** | {code} |")), "{path}: {code}");
        }
        let issues = serde_json::to_value(check_gitlab(&deployment, &checked, true)).unwrap();
        let issues = issues.as_array().unwrap();
        // One more for the verdict and what it stands on.
        assert_eq!(issues.len(), checked.findings.len() + checked.levels.len() + 1, "{path}");
        let prints: BTreeSet<&str> =
            issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(prints.len(), issues.len(), "{path}: fingerprints tell issues apart");
    }
}

#[test]
fn every_format_names_what_counts_for_less_and_who_answers_for_it() {
    let path = "fixtures/deployments/wingtip-policy";
    for format in FORMATS {
        let out = run(&format!("check {path} --format {format}")).out;
        for word in ["SG110", "the update is on Saturday", "retail IT"] {
            assert!(out.contains(word), "{format}: {word}");
        }
    }
    let document: Value =
        serde_json::from_str(&run(&format!("check {path} --format json")).out).unwrap();
    let level = &document["levels"][0];
    assert_eq!((&level["from"], &level["to"]), (&"error".into(), &"warning".into()));
    assert_eq!(level["location"]["line"], 32);
}

#[test]
fn exit_statuses_do_not_depend_on_the_format() {
    for format in FORMATS {
        for (line, status) in [
            ("fixtures/deployments/contoso", 0),
            ("fixtures/deployments/litware-half-way", 1),
            ("fixtures/deployments/proseware-suomi", 1),
            ("fixtures/deployments/proseware-suomi --allow-undecided --fail-on info", 1),
            ("fixtures/deployments/proseware-suomi --allow-undecided", 0),
            ("fixtures/broken/SG001", 1),
            ("fixtures/nowhere", 2),
        ] {
            let ended = run(&format!("check {line} --format {format}"));
            assert_eq!(ended.status, status, "{line} {format}: {}", ended.err);
            assert_eq!(ended.out.is_empty(), status == 2, "{line} {format}");
        }
    }
}

#[test]
fn the_same_question_gets_the_same_bytes() {
    for line in [
        "check fixtures/deployments/wingtip-policy --format sarif",
        "check fixtures/deployments/wingtip-policy --format junit",
        "check fixtures/deployments/wingtip-policy --format github",
        "check fixtures/deployments/wingtip-policy --format csv",
        "check fixtures/deployments/litware-half-way",
        "matrix fixtures/deployments/contoso",
        "matrix fixtures/deployments/contoso --format json",
        "matrix fixtures/deployments/contoso --format csv",
        "diff fixtures/deployments/litware-half-way fixtures/whatif/litware-ready --format json",
        "diff fixtures/deployments/litware-half-way fixtures/whatif/litware-ready",
        "plan fixtures/deployments/fabrikam-sync --enable edit-customers-async",
        "plan fixtures/deployments/fabrikam-sync --enable edit-customers-async --format json",
        "plan fixtures/deployments/contoso --disable async-address-creation --format markdown",
    ] {
        let (first, second) = (run(line), run(line));
        assert!(!first.out.is_empty(), "{line}: {}", first.err);
        assert_eq!((first.out, first.status), (second.out, second.status), "{line}");
    }
}

#[test]
fn human_output_is_as_it_was_looked_at() {
    let mut compared = 0;
    for entry in process::entries("fixtures/whatif") {
        let Some(name) = entry.strip_suffix(".out.txt") else { continue };
        let command = process::read(&format!("fixtures/whatif/{name}.command.txt"));
        let ended = run(command.trim());
        let expected = process::read(&format!("fixtures/whatif/{entry}")).replace("\r\n", "\n");
        assert_eq!(ended.out, expected, "{command}\n{}", ended.err);
        compared += 1;
    }
    assert!(compared >= 3);
}

/// The documents of a pack of evidence that have schemas of their own.
fn of_a_pack() -> Vec<(&'static str, Value)> {
    let deployment = process::path("fixtures/deployments/wingtip-policy");
    let inputs = syncgate::load::files::read_deployment(&deployment).unwrap();
    let material = Material::new(inputs, None, Vec::new(), None);
    let packed = pack(&material, &material.bind().unwrap(), &Beside::default()).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(packed.bytes)).unwrap();
    let documents = ["manifest", "attestations", "levels-and-waivers"].into_iter();
    let read = |name| {
        let file = zip.by_name(&format!("{name}.json")).unwrap();
        (name, serde_json::from_reader(file).unwrap())
    };
    documents.map(read).collect()
}

/// Each schema with what must be valid by it: files of fixtures, and what commands print.
#[test]
fn every_document_and_fixture_is_valid_by_its_schema() {
    let rules = Rules::embedded();
    let mut unused: Vec<&str> = SCHEMAS.iter().map(|entry| entry.name).collect();
    let validators: BTreeMap<&str, jsonschema::Validator> =
        SCHEMAS.iter().map(|entry| (entry.name, validator(&rules, entry.name))).collect();
    let mut valid = |name: &'static str, what: &str, document: &Value| {
        unused.retain(|unused| *unused != name);
        let schema = &validators[name];
        if let Err(error) = schema.validate(document) {
            panic!("{what} is no {name}: {error} at {}", error.instance_path());
        }
    };
    for (name, file) in fixtures_of_schemas() {
        for (line, document) in documents_of(&file).iter().enumerate() {
            valid(name, &format!("{file} line {}", line + 1), document);
        }
    }
    let (_directory, store) = filled_store();
    for (name, line) in COMMANDS {
        let line = line.replace("STORE", &store);
        let out = run(&line);
        let document = serde_json::from_str(&out.out);
        valid(name, &line, &document.unwrap_or_else(|error| panic!("{line}: {error} {}", out.err)));
    }
    for (name, line) in COMMANDS_OF_LINES {
        let out = run(line).out;
        assert!(!out.is_empty(), "{line}");
        for document in out.lines() {
            valid(name, line, &serde_json::from_str(document).unwrap());
        }
    }
    for (name, document) in of_a_pack() {
        valid(name, "a pack", &document);
    }
    // Seen with the scenarios and rules of other tests.
    assert_eq!(unused, Vec::<&str>::new(), "nothing shows that these are right");
}

/// Commands whose output a schema describes.
const COMMANDS: [(&str, &str); 33] = [
    (
        "findings-of-several",
        "check fixtures/deployments/contoso fixtures/deployments/tailwind-web --format json",
    ),
    (
        "decision",
        "decide fixtures/deployments/contoso --operation 625 --channel houston --format json",
    ),
    (
        "decision",
        "decide fixtures/deployments/contoso --operation edit-customer --channel houston \
         --customer pending --explain --format json",
    ),
    ("matrix", "matrix fixtures/deployments/coho-all-jobs --format json"),
    ("matrix", "matrix fixtures/report/hostile.toml --format json"),
    (
        "diff",
        "diff fixtures/deployments/litware-half-way fixtures/whatif/litware-ready --format json",
    ),
    (
        "observations",
        "compare fixtures/deployments/contoso --observed \
         fixtures/observed/contoso-sync-store.jsonl --format json",
    ),
    ("features", "features fixtures/deployments/contoso --format json"),
    (
        "features",
        "features fixtures/deployments/contoso --explain edit-customers-async --format json",
    ),
    ("plan", "plan fixtures/deployments/fabrikam-sync --enable edit-customers-async --format json"),
    ("plan", "plan fixtures/deployments/contoso --disable async-address-creation --format json"),
    ("rules-verify", "rules verify --format json"),
    ("rules-list", "rules list --format json"),
    ("rules-list", "rules list operations --format json"),
    ("rules-list", "rules list facts --format json"),
    ("rules-list", "rules list features --format json"),
    ("rules-list", "rules list jobs --format json"),
    ("rules-list", "rules list checks --checks fixtures/own-checks --format json"),
    ("rules-list", "rules list reasons --format json"),
    ("rules-list", "rules list sources --format json"),
    ("explanation", "explain --format json"),
    ("explanation", "explain Pending sync --format json"),
    ("test", "test fixtures/scenarios --coverage --format json"),
    (
        "simulation",
        "simulate fixtures/deployments/contoso --load fixtures/loads/peak-day.toml --format json",
    ),
    (
        "simulation",
        "simulate fixtures/deployments/contoso --load fixtures/loads/peak-day.toml --format json \
         --compare fixtures/deployments/contoso",
    ),
    ("findings", "check fixtures/deployments/wingtip-policy --format json"),
    ("store-status", "store status --store STORE --format json"),
    ("store-customers", "store customers --store STORE --format json"),
    ("store-queue", "store queue --store STORE --format json"),
    ("store-audit", "store audit --store STORE --format json"),
    ("store-verify", "store verify --store STORE --format json"),
    ("store-backup", "store backup --store STORE --to STORE.copy --format json"),
    ("store-compact", "store compact --store STORE --format json"),
];

/// Commands each line of whose output a schema describes.
const COMMANDS_OF_LINES: [(&str, &str); 5] = [
    ("cases", "cases fixtures/deployments/contoso --cover outcomes"),
    ("case", "cases fixtures/deployments/contoso --cover outcomes"),
    ("cases", "cases fixtures/deployments/lamna-search --cover pairs"),
    (
        "decision",
        "decide fixtures/deployments/contoso --input fixtures/requests/contoso.jsonl --explain",
    ),
    (
        "answer",
        "replay fixtures/deployments/contoso --events fixtures/events/asked-day.jsonl --store \
         :memory: --answer all",
    ),
];

fn validator(rules: &Rules, name: &str) -> jsonschema::Validator {
    let schema = schema(rules, name).unwrap();
    assert_eq!(schema["$id"], format!("urn:syncgate:schema:{name}"));
    // An engine that never goes back, as other makers have it, and dates that are looked at.
    let options = jsonschema::options()
        .with_pattern_options(jsonschema::PatternOptions::regex())
        .should_validate_formats(true);
    options.build(&schema).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fixtures that a schema describes, good ones.
fn fixtures_of_schemas() -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    for (name, directory, ending) in [
        ("deployment-part", "fixtures/deployments", ".toml"),
        ("deployment", "fixtures/deployments", ".toml"),
        ("deployment-part", "fixtures/whatif", ".toml"),
        ("deployment-part", "fixtures/exports", ".toml"),
        ("scenario", "fixtures/scenarios", ".toml"),
        ("load", "fixtures/loads", ".toml"),
        ("rules", "rules", ".toml"),
        ("case", "fixtures/decisions", ".jsonl"),
        ("event", "fixtures/events", "day.jsonl"),
        ("answer", "fixtures/events", "answers.jsonl"),
        ("answer", "fixtures/events", "all.jsonl"),
        ("decision", "fixtures/events", "answers.jsonl"),
        ("request", "fixtures/requests", ".jsonl"),
    ] {
        let mut files = Vec::new();
        files_below(directory, ending, &mut files);
        // What is whole by itself: one file in its directory.
        let alone = |file: &String| {
            let (directory, _) = file.rsplit_once('/').unwrap();
            process::entries(directory).iter().filter(|it| is_toml(it)).count() == 1
        };
        files.retain(|file| name != "deployment" || alone(file));
        assert!(!files.is_empty(), "{directory}");
        found.extend(files.into_iter().map(|file| (name, file)));
    }
    found
}

fn files_below(directory: &str, ending: &str, files: &mut Vec<String>) {
    for entry in process::entries(directory) {
        let path = format!("{directory}/{entry}");
        if is_directory(&path) {
            files_below(&path, ending, files);
        } else if entry.ends_with(ending) {
            files.push(path);
        }
    }
}

/// A file of TOML as one document, the others a line each.
fn documents_of(file: &str) -> Vec<Value> {
    let text = process::read(file);
    if is_toml(file) {
        let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{file}: {error}"));
        return vec![as_json(&toml::Value::Table(table))];
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// TOML as JSON; moments and days as text.
fn as_json(value: &toml::Value) -> Value {
    match value {
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(values) => values.iter().map(as_json).collect(),
        toml::Value::Table(table) => {
            table.iter().map(|(key, value)| (key.clone(), as_json(value))).collect()
        }
        other => serde_json::to_value(other).unwrap(),
    }
}

/// A store with what happened on a day, and the directory that it lies in as long as that lives.
fn filled_store() -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("day.redb").display().to_string();
    let replayed = run(&format!(
        "replay fixtures/deployments/contoso --events fixtures/events/first-day.jsonl --id-seed 1 \
         --store {store}"
    ));
    assert_eq!(replayed.status, 0, "{}", replayed.err);
    (directory, store)
}

/// What is printed as CSV goes through one writer: no cell is a formula, lines end alike, and a
/// reader that is not ours reads every line with as many cells as the first.
#[test]
fn every_csv_is_harmless_and_reads_back() {
    let (_directory, store) = filled_store();
    for line in [
        "check fixtures/report/hostile.toml --format csv".to_owned(),
        "check fixtures/deployments/wingtip-policy --format csv".to_owned(),
        "matrix fixtures/report/hostile.toml --format csv".to_owned(),
        "matrix fixtures/deployments/contoso --format csv".to_owned(),
        "rules list --format csv".to_owned(),
        "rules list operations --format csv".to_owned(),
        "rules list checks --format csv".to_owned(),
        "rules list sources --format csv".to_owned(),
        format!("store audit --store {store} --format csv"),
    ] {
        let out = run(&line).out;
        assert!(out.ends_with("\r\n"), "{line}");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(out.as_bytes());
        let records: Vec<csv::StringRecord> = reader
            .records()
            .map(|record| record.unwrap_or_else(|error| panic!("{line}: {error}")))
            .collect();
        assert!(records.len() > 1, "{line}");
        for cell in records.iter().flatten() {
            let formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
            assert!(!formula, "{line}: {cell}");
        }
    }
}

/// No file but the one that writes CSV knows how, and every command that prints it is tried above.
#[test]
fn csv_is_written_in_one_place() {
    let mut files = Vec::new();
    files_below("src", ".rs", &mut files);
    for file in files {
        let text = process::read(&file);
        let writes = ["csv::Writer", "WriterBuilder"].iter().any(|word| text.contains(word));
        assert!(!writes || file == "src/report/text/csv.rs", "{file} writes CSV by itself");
    }
    let offering: Vec<String> =
        ["check", "decide", "matrix", "rules list", "store audit"].map(str::to_owned).into();
    assert_eq!(commands_with_csv(), offering);
}

/// The commands whose help offers CSV.
fn commands_with_csv() -> Vec<String> {
    let all = [
        "check",
        "decide",
        "matrix",
        "diff",
        "plan",
        "features",
        "rules verify",
        "rules list",
        "test",
        "replay",
        "store status",
        "store customers",
        "store queue",
        "store audit",
        "store verify",
        "store compact",
        "store backup",
        "explain",
    ];
    let offers = |command: &&str| {
        let help = run(&format!("{command} --help")).out;
        // What is read is not what is written.
        let options = help.split("\n      --");
        let mut written = options.filter(|option| !option.starts_with("input-format"));
        written.any(|option| option.contains("- csv") || option.contains(", csv"))
    };
    all.into_iter().filter(offers).map(str::to_owned).collect()
}

/// Every list has the same entries in every format, as many as are counted, and what it names can
/// be explained in the same words to people and programs.
#[test]
fn lists_and_explanations_say_the_same_in_every_format() {
    let json = |line: &str| -> Value {
        let ended = run(&format!("{line} --format json"));
        serde_json::from_str(&ended.out).unwrap_or_else(|error| panic!("{line}: {error}"))
    };
    let counts = json("rules list");
    let counts = counts["entries"].as_array().unwrap();
    assert_eq!(counts.len(), 7);
    for count in counts {
        let list = text_of(&count["list"]);
        let document = json(&format!("rules list {list}"));
        let entries = document["entries"].as_array().unwrap();
        assert_eq!(
            (&document["list"], count["entries"].as_u64()),
            (&list.into(), Some(entries.len() as u64))
        );
        assert_eq!(document["provenance"]["rules"]["digest"], Rules::embedded().digest().as_str());
        let csv = run(&format!("rules list {list} --format csv")).out;
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let headers = reader.headers().unwrap().clone();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), entries.len(), "{list}");
        for (record, entry) in records.iter().zip(entries) {
            for (key, cell) in headers.iter().zip(record) {
                let expected = match entry.get(key) {
                    None | Some(Value::Null) => String::new(),
                    Some(Value::String(text)) => text.clone(),
                    Some(Value::Array(texts)) => {
                        texts.iter().map(text_of).collect::<Vec<_>>().join(" ")
                    }
                    Some(other) => other.to_string(),
                };
                assert_eq!(cell.trim_start_matches('\''), expected, "{list} {key}");
            }
        }
        // `SG108` of `check`, `S-016` of `statement`: what an entry is called comes first.
        let names =
            entries.iter().map(|it| text_of(it.as_object().unwrap().values().next().unwrap()));
        for name in names.step_by(20) {
            let explained = json(&format!("explain {name}"));
            assert_eq!(explained["name"], name);
            let told = run(&format!("explain {name}")).out;
            for entry in explained["entries"].as_array().unwrap() {
                assert!(told.contains(text_of(&entry["name"])), "{told}");
                for line in text_of(&entry["text"]).lines() {
                    assert!(told.contains(line), "{line}");
                }
            }
        }
    }
    let missed = run("explain edit-custmer --format json");
    assert_eq!((missed.status, missed.out.as_str()), (2, ""));
    assert!(missed.err.contains("edit-customer"), "{}", missed.err);
}

/// The documents of the other commands: provenance in each, and requests that `decide` takes.
#[test]
fn documents_say_where_they_come_from_and_show_requests_that_can_be_asked() {
    let rules = Rules::embedded();
    let requests = jsonschema::validator_for(&schema(&rules, "request").unwrap()).unwrap();
    let mut asked = 0;
    for line in [
        "matrix fixtures/deployments/contoso --format json",
        "diff fixtures/deployments/litware-half-way fixtures/whatif/litware-ready --format json",
        "plan fixtures/deployments/fabrikam-sync --enable edit-customers-async --format json",
        "plan fixtures/deployments/contoso --disable async-address-creation --format json",
    ] {
        let document: Value = serde_json::from_str(&run(line).out).unwrap();
        assert_eq!(document["version"], 1, "{line}");
        let provenance = &document["provenance"];
        assert_eq!(provenance["rules"]["digest"], rules.digest().as_str(), "{line}");
        let deployments = ["deployment", "old", "new"].iter().filter_map(|key| provenance.get(key));
        let digests: Vec<&str> = deployments.map(|it| it["digest"].as_str().unwrap()).collect();
        assert!(!digests.is_empty() && digests.iter().all(|digest| digest.len() == 64), "{line}");
        for effect in effects(&document) {
            assert!(requests.is_valid(&effect["example"]), "{line}: {effect}");
            let mut example = effect["example"].to_string();
            example.push('\n');
            let deployment = if line.starts_with("diff") {
                "fixtures/deployments/litware-half-way"
            } else {
                continue;
            };
            let answer = process::run_with_input(
                &format!("decide {deployment} --input -"),
                example.as_bytes(),
            );
            let answer: Value = serde_json::from_str(&answer.out).unwrap();
            for key in ["outcome", "reason", "rule", "basis", "sources"] {
                assert_eq!(answer[key], effect["old"][key], "{line}: {effect}");
            }
            asked += 1;
        }
    }
    assert!(asked > 20, "{asked}");
}

/// Every effect at any depth of a document.
fn effects(document: &Value) -> Vec<&Value> {
    match document {
        Value::Object(object) if object.contains_key("example") => vec![document],
        Value::Object(object) => object.values().flat_map(effects).collect(),
        Value::Array(values) => values.iter().flat_map(effects).collect(),
        _ => Vec::new(),
    }
}
