//! The command line: exit statuses, what goes where, and streams that are answered as they come.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]

#[path = "common/process.rs"]
mod process;

use process::{Talk, entries, finished, path, read, run, run_with_input, syncgate, temporary};
use serde_json::Value;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the test writes its own files")]
fn write(path: &Path, text: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the test looks at what was written")]
fn written(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn exit_statuses_are_those_promised() {
    for (line, status) in [
        ("check fixtures/deployments/contoso", 0),
        ("check fixtures/deployments/litware-half-way", 1),
        ("check fixtures/deployments/proseware-suomi", 1),
        ("check fixtures/deployments/proseware-suomi --allow-undecided --fail-on info", 1),
        ("check fixtures/deployments/proseware-suomi --allow-undecided", 0),
        ("check fixtures/broken/SG006", 1),
        ("check fixtures/nowhere", 2),
        ("check fixtures/events", 2),
        ("decide fixtures/deployments/contoso --operation 612 --channel houston", 0),
        ("decide fixtures/deployments/contoso --operation 612 --channel austin", 2),
        ("decide fixtures/deployments/contoso --operation 999 --channel houston", 2),
        (
            "decide fixtures/deployments/contoso --operation 612 --channel web --connection \
                offline",
            2,
        ),
        ("decide fixtures/deployments/contoso --operation 612", 2),
        ("decide fixtures/deployments/contoso", 2),
        ("decide fixtures/deployments/contoso --input fixtures/requests/contoso.jsonl", 0),
        (
            "decide fixtures/deployments/contoso --input fixtures/requests/contoso.jsonl \
                --customer pending",
            2,
        ),
        ("decide - --input -", 2),
        ("replay - --events - --store target/never.redb", 2),
        ("decide fixtures/broken/SG006 --operation 612 --channel houston", 2),
        ("features fixtures/broken/SG001", 2),
        ("features fixtures/deployments/contoso --explain nothing-like-it", 2),
        ("matrix fixtures/deployments/contoso", 0),
        ("matrix fixtures/deployments/contoso --channel houston --channel WEB --format csv", 0),
        ("matrix fixtures/deployments/contoso --channel nowhere", 2),
        ("matrix fixtures/broken/SG006", 2),
        ("diff fixtures/deployments/contoso fixtures/deployments/contoso", 0),
        (
            "diff fixtures/deployments/litware-half-way fixtures/whatif/litware-ready --format \
                json",
            1,
        ),
        ("diff fixtures/deployments/contoso fixtures/deployments/fabrikam-sync", 2),
        ("diff fixtures/deployments/contoso fixtures/broken/SG006", 2),
        ("diff - -", 2),
        ("plan fixtures/deployments/fabrikam-sync --enable edit-customers-async", 0),
        ("plan fixtures/deployments/contoso --enable edit-customers-async --format json", 0),
        ("plan fixtures/deployments/contoso --disable async-address-creation --format markdown", 0),
        ("plan fixtures/deployments/contoso --disable order-performance", 2),
        ("plan fixtures/deployments/contoso --enable nothing-like-it", 2),
        ("plan fixtures/deployments/contoso", 2),
        ("plan fixtures/deployments/contoso --enable clienteling --disable multiple-contacts", 2),
        ("rules verify", 0),
        ("rules verify --rules fixtures/deployments", 2),
        ("rules list operations", 0),
        ("rules list nonsense", 2),
        ("explain SG006", 0),
        ("explain nothing-at-all-like-this", 2),
        ("schema deployment", 0),
        ("schema nonsense", 2),
        ("nonsense", 2),
        ("--version", 0),
        ("--help", 0),
        ("store status --store fixtures/README.md", 2),
        ("store status --store fixtures/nowhere.redb", 2),
        (
            "replay fixtures/deployments/contoso --events fixtures/nowhere --store \
                target/never.redb",
            2,
        ),
    ] {
        let ended = run(line);
        assert_eq!(ended.status, status, "{line}\n{}\n{}", ended.out, ended.err);
        assert!(
            status != 2 || ended.out.is_empty(),
            "{line} prints on standard output: {}",
            ended.out
        );
        assert!(status != 2 || !ended.err.is_empty(), "{line} says nothing");
    }
    assert!(!Path::new(&path("target/never.redb")).exists(), "a store was made for nothing");
}

#[test]
fn broken_rules_are_refused_by_every_command_and_told_by_verify() {
    let directory = tempfile::tempdir().unwrap();
    for name in entries("rules") {
        let mut text = read(&format!("rules/{name}"));
        if name == "operations.toml" {
            let when = "when = { connection = \"offline\", \
                        filter-shared-customer-data-tables = true }\noutcome = ";
            text = text
                .replacen("customer-data-filtered-offline\"\nbasis", "pos-offline\"\nbasis", 1)
                .replacen(&format!("{when}\"rejected\""), &format!("{when}\"async\""), 1);
        }
        write(&directory.path().join(name), text);
    }
    let rules = directory.path().display();
    let verified = run(&format!("rules verify --rules {rules}"));
    assert_eq!(verified.status, 1, "{}", verified.err);
    assert!(verified.out.contains(
        "error[SG023]: `the-filter-stops-offline-creation` does not hold for `create-customer`"
    ));
    assert!(verified.out.contains("invariants.toml"));
    let told = json(&run(&format!("rules verify --rules {rules} --format json")).out);
    assert_eq!(told["proved"], false);
    assert_eq!(told["findings"][0]["code"], "SG023");
    for line in ["check fixtures/deployments/contoso", "explain SG006", "rules list"] {
        let refused = run(&format!("{line} --rules {rules}"));
        assert_eq!((refused.status, refused.out.as_str()), (2, ""), "{line}");
        assert!(refused.err.contains("SG023"), "{line}: {}", refused.err);
    }
}

#[test]
fn rules_can_be_replaced_and_say_where_they_come_from() {
    let replaced = run("check fixtures/deployments/contoso --format json --rules rules");
    assert_eq!(replaced.status, 0, "{}", replaced.err);
    let (own, embedded) =
        (json(&replaced.out), json(&run("check fixtures/deployments/contoso --format json").out));
    assert_eq!(own["provenance"]["rules"]["source"], "rules");
    assert_eq!(embedded["provenance"]["rules"]["source"], "embedded");
    // The embedded rules have the paths that they have here, so that anyone can recompute their
    // digest.
    assert_eq!(own["provenance"]["rules"]["digest"], embedded["provenance"]["rules"]["digest"]);
    assert_eq!(own["findings"], embedded["findings"]);
}

#[test]
fn checks_of_ones_own_are_added() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.toml");
    let check = read("fixtures/own-checks/house.toml");
    write(&file, &check);
    let own = directory.path().display();
    let checked =
        json(&run(&format!("check fixtures/deployments/contoso --format json --checks {own}")).out);
    let subjects: Vec<&str> = checked["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|it| it["code"] == "SG901")
        .map(|it| it["subject"]["id"].as_str().unwrap())
        .collect();
    assert_eq!(subjects, ["seattle", "san-francisco"]);
    assert!(checked["findings"].as_array().unwrap().iter().any(|it| {
        it["code"] == "SG901" && it["message"] == "the store `seattle` shares the profile MALL"
    }));
    assert_eq!(checked["provenance"]["rules"]["added"][0], file.to_str().unwrap());
    write(&file, check.replace("functionality-profile = \"MALL\"", "profile = \"MALL\""));
    let refused = run(&format!("check fixtures/deployments/contoso --checks {own}"));
    assert_eq!(refused.status, 2);
    assert!(
        refused.err.contains("no fact of a channel is called `profile`")
            && refused.err.contains("own.toml"),
        "{}",
        refused.err
    );
}

#[test]
fn output_files_are_whole() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("report.json");
    let line =
        format!("check fixtures/deployments/contoso --format json --output {}", file.display());
    let ended = run(&line);
    assert_eq!((ended.status, ended.out.as_str()), (0, ""));
    assert_eq!(written(&file), run("check fixtures/deployments/contoso --format json").out);
    let refused = run(&format!(
        "check fixtures/nowhere --output {}",
        directory.path().join("none").display()
    ));
    assert_eq!(refused.status, 2);
    let left: Vec<_> =
        directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["report.json"], "nothing half-written is left");
    assert_eq!(run("rules list --output -").out, run("rules list").out);
}

#[test]
fn output_takes_the_place_of_no_store_and_no_events() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    let (store, events) = (at("day.redb"), at("day.jsonl"));
    write(events.as_ref(), read("fixtures/events/first-day.jsonl"));
    let replay = format!(
        "replay fixtures/deployments/contoso --events {events} --store {store} --id-seed 1"
    );
    let refused = |line: &str| {
        let ended = run(line);
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{line}");
        assert!(ended.err.contains("would take the place of"), "{line}: {}", ended.err);
    };
    refused(&format!("{replay} --output {store}"));
    assert!(!Path::new(&store).exists(), "a store was made for nothing");
    refused(&format!("{replay} --output {events}"));
    assert_eq!(run(&replay).status, 0);
    let exported = run(&format!("store export --store {store}")).out;
    for action in ["status", "customers", "queue", "audit", "verify", "export", "compact"] {
        refused(&format!("store {action} --store {store} --output {store}"));
    }
    refused(&format!("store backup --store {store} --to {} --output {}", at("copy"), at("copy")));
    refused(&format!(
        "report fixtures/deployments/contoso --store {store} --output {}/./day.redb",
        at("")
    ));
    // What is written until it is whole takes no place, either, nor does a table of several.
    std::fs::copy(&events, at("answers.jsonl.partial")).unwrap();
    let (partial, answers) = (at("answers.jsonl.partial"), at("answers.jsonl"));
    refused(&format!("decide fixtures/deployments/contoso --input {partial} --output {answers}"));
    std::fs::copy(&store, at("journal.parquet")).unwrap();
    let (journal, tables) = (at("journal.parquet"), at(""));
    refused(&format!("store export --store {journal} --to parquet --output {tables}"));
    assert_eq!(run(&format!("store export --store {journal}")).out, exported);
    assert_eq!(run(&format!("store export --store {store}")).out, exported);
}

#[test]
fn what_is_not_looked_at_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name).display().to_string();
    let headings = at("headings.csv");
    write(headings.as_ref(), "operation,channel\n");
    write(at("README.md").as_ref(), "# My own\n");
    let contoso = "fixtures/deployments/contoso";
    for (line, told) in [
        (format!("diff {contoso} {contoso} --requests {headings}"), "has no request"),
        (format!("replay {contoso} --events a.parquet --store :memory:"), "can't read"),
        (format!("compare {contoso} --observed a.parquet"), "as Parquet is"),
        (format!("decide {contoso} --operation 612 --channel houston --jobs 3"), "--jobs"),
        (format!("export {contoso} --to csv --names {headings}"), "--output DIR"),
        (format!("export {contoso} --to csv --output {}", at("")), "is no page of an export"),
    ] {
        let ended = run(&line);
        assert_eq!((ended.status, ended.out.as_str()), (2, ""), "{line}");
        assert!(ended.err.contains(told), "{line}: {}", ended.err);
    }
    assert_eq!(read(&at("README.md")), "# My own\n");
    assert!(!Path::new(&at("syncgate_rule.csv")).exists());
}

#[test]
fn answers_add_to_a_record_and_do_not_rename_it() {
    let decided = run(
        "decide fixtures/broken/SG014/answers-win --operation 612 --channel LEEDS --connection \
            offline --format json",
    );
    assert_eq!(
        (json(&decided.out)["channel"].as_str(), decided.status),
        (Some("leeds"), 0),
        "{}",
        decided.err
    );
}

#[test]
fn unknown_names_in_events_are_told_as_they_are_written() {
    let directory = tempfile::tempdir().unwrap();
    let line = format!(
        "replay fixtures/deployments/contoso --events - --store {}",
        directory.path().join("store.redb").display()
    );
    let ended = run_with_input(&line, b"{\"job\":\"P-OOO1\"}\n");
    assert_eq!((ended.status, ended.out.as_str()), (1, ""));
    assert!(ended.err.contains("unknown job `P-OOO1`"), "{}", ended.err);
}

#[test]
fn findings_about_a_schedule_name_its_job_and_can_be_waived_by_it() {
    let head = "[deployment]\ncommerce-version = \"10.0.40\"\nas-of = 2026-11-20T08:00:00Z\n";
    let schedule = |job: &str| {
        format!(
            "[[distribution-schedule]]\njob = \"{job}\"\nactive = true\nstatus = \
                \"waiting\"\nrecurrence = \"15m\"\nlast-run = 2026-11-19T00:00:00Z\n"
        )
    };
    let waiver =
        "[[waiver]]\ncode = \"SG164\"\nsubject = \"1010\"\nreason = \"paused for the move\"\n";
    let text = format!("{head}{}{}{waiver}", schedule("P-0001"), schedule("1010"));
    let checked = json(&run_with_input("check - --format json", text.as_bytes()).out);
    let late =
        checked["findings"].as_array().unwrap().iter().filter(|finding| finding["code"] == "SG164");
    let told: Vec<_> =
        late.map(|it| (it["subject"]["id"].as_str(), it.get("waived").is_some())).collect();
    assert_eq!(told, [(Some("P-0001"), false), (Some("1010"), true)]);
}

#[test]
#[cfg(unix)]
#[expect(clippy::disallowed_methods, reason = "whether a device is one still")]
fn output_that_does_not_fit_leaves_nothing_and_devices_stay_devices() {
    use std::os::unix::fs::FileTypeExt as _;
    let directory = tempfile::tempdir().unwrap();
    let link = directory.path().join("link");
    std::os::unix::fs::symlink("/dev/full", &link).unwrap();
    let full = run(&format!("schema deployment --output {}", link.display()));
    assert_eq!((full.status, full.out.as_str()), (2, ""));
    assert!(full.err.contains("No space left"), "{}", full.err);
    assert!(std::fs::metadata("/dev/full").unwrap().file_type().is_char_device());
    // A limit on the size of files stands for a disk without room.
    let file = directory.path().join("graph.json");
    let limited = format!(
        "ulimit -f 1; trap '' XFSZ; exec {} features fixtures/deployments/contoso --format json \
            --output {}",
        env!("CARGO_BIN_EXE_syncgate"),
        file.display()
    );
    let ended = std::process::Command::new("sh")
        .current_dir(path(""))
        .args(["-c", &limited])
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(2), "{}", String::from_utf8_lossy(&ended.stderr));
    let left: Vec<_> =
        directory.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["link"], "nothing half-written is left");
}

#[test]
fn every_json_document_says_what_it_was_made_from_and_repeats_itself() {
    for line in [
        "check fixtures/deployments/contoso --format json",
        "features fixtures/deployments/contoso --format json",
        "rules verify --format json",
        "decide fixtures/deployments/contoso --operation 612 --channel houston --format json \
            --explain",
    ] {
        let (one, two) = (run(line), run(line));
        assert_eq!(one.out, two.out, "{line}");
        let document = json(&one.out);
        assert_eq!(document["provenance"]["rules"]["digest"].as_str().unwrap().len(), 64, "{line}");
        if line.contains("contoso") {
            let files = document["provenance"]["deployment"]["files"].as_array().unwrap();
            assert_eq!(files.len(), 4, "{line}");
            assert_eq!(files[0]["path"], "channels.toml", "a path is told below its directory");
        }
    }
}

#[test]
fn one_thing_has_one_digest_which_sha256sum_gives() {
    let directory = tempfile::tempdir().unwrap();
    let elsewhere = directory.path().join("moved");
    std::fs::create_dir(&elsewhere).unwrap();
    for name in ["channels.toml", "deployment.toml", "features.toml", "jobs.toml"] {
        let from = path(&format!("fixtures/deployments/contoso/{name}"));
        std::fs::copy(from, elsewhere.join(name)).unwrap();
    }
    let digests = |path: &str, rules: &str| {
        let document = json(&run(&format!("check {path} --format json{rules}")).out);
        let of = |what: &str| document["provenance"][what]["digest"].as_str().unwrap().to_owned();
        (of("deployment"), of("rules"))
    };
    let known = digests("fixtures/deployments/contoso", "");
    let moved = elsewhere.display().to_string();
    for path in ["fixtures/deployments/contoso/", "./fixtures/deployments/contoso", &moved] {
        assert_eq!(digests(path, ""), known, "{path}");
    }
    assert_eq!(digests("fixtures/deployments/contoso", " --rules rules"), known);
    let script = "cd fixtures/deployments/contoso; sha256sum *.toml | LC_ALL=C sort | sha256sum";
    let Ok(computed) =
        std::process::Command::new("sh").current_dir(path("")).args(["-c", script]).output()
    else {
        return;
    };
    let digest = String::from_utf8(computed.stdout).unwrap();
    // Where there is no sha256sum there is nothing to compare with.
    if let Some(digest) = digest.split(' ').next().filter(|digest| digest.len() == 64) {
        assert_eq!(known.0, digest);
    }
}

#[test]
fn several_deployments_are_checked_one_after_the_other() {
    let line = "fixtures/deployments/contoso fixtures/deployments/litware-half-way";
    let human = run(&format!("check {line}"));
    assert_eq!(human.status, 1, "the worst of them");
    let table: Vec<&str> = human.out.lines().rev().take(3).collect();
    assert!(table[1].starts_with("Contoso go-live") && table[0].contains("no-go"), "{table:?}");
    let document = json(&run(&format!("check {line} --format json")).out);
    let verdicts: Vec<&str> = document["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["go", "no-go"]);
    let rows = run(&format!("check {line} --format csv")).out;
    let header = rows.lines().next().unwrap();
    assert!(header.starts_with("deployment,name,verdict,digest,severity,code,"), "{header}");
    assert!(
        rows.lines().filter(|row| row.starts_with("fixtures/deployments/contoso,")).count() > 1
    );
    let suites = run(&format!("check {line} --format junit")).out;
    assert!(suites.contains("fixtures/deployments/contoso checks"), "{suites}");
    // Several files of one directory are one deployment.
    let parts = "fixtures/deployments/contoso/channels.toml fixtures/deployments/contoso/jobs.toml";
    let whole = "fixtures/deployments/contoso/deployment.toml";
    for line in [parts.to_owned(), format!("{whole} {parts} ./fixtures/deployments/contoso/")] {
        let once = json(&run(&format!("check {line} --format json")).out);
        assert_eq!(once["deployment"], "Contoso go-live", "{line}");
    }
}

#[test]
fn only_what_is_new_since_a_baseline_counts() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let earlier = file("earlier.json");
    let path = "fixtures/deployments/litware-half-way";
    assert_eq!(run(&format!("check {path} --format json --output {earlier}")).status, 1);
    let again = run(&format!("check {path} --baseline {earlier} --format json"));
    assert_eq!(again.status, 0, "{}", again.err);
    let document = json(&again.out);
    assert_eq!(document["verdict"], "no-go", "the verdict stays what it is");
    let states = document["findings"].as_array().unwrap().iter().map(|it| &it["baseline"]);
    assert!(states.clone().all(|state| state == "unchanged") && states.count() > 0);
    assert_eq!(document["gone"].as_array().unwrap().len(), 0);
    // Of another deployment's check everything is new, and all of that is gone.
    let other = run(&format!(
        "check fixtures/deployments/wingtip-policy --baseline {earlier} --format json"
    ));
    assert_eq!(other.status, 1);
    let other = json(&other.out);
    assert!(!other["gone"].as_array().unwrap().is_empty());
    assert!(other["findings"].as_array().unwrap().iter().any(|it| it["baseline"] == "new"));
    write(&directory.path().join("broken.json"), "{}");
    let broken = run(&format!("check {path} --baseline {}", file("broken.json")));
    assert_eq!(broken.status, 2);
    assert!(
        broken.err.contains("broken.json") && broken.err.contains("--format json"),
        "{}",
        broken.err
    );
}

#[test]
fn a_baseline_that_a_repository_names_is_written_for_the_first_time() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    write(&root.join("all.toml"), "[deployment]\ncommerce-version = \"10.0.40\"\n");
    write(&root.join("syncgate.toml"), "baseline = \"accepted.json\"\n");
    let at = |line: &str| finished(&syncgate(line.split(' ')).current_dir(root).output().unwrap());
    // Until it is there, whoever compares with it is told how it comes there.
    for line in ["check", "report --gate --output page.html", "check --baseline other.json"] {
        let refused = at(line);
        assert_eq!(refused.status, 2, "{line}: {}", refused.err);
        let name = if line.contains("other") { "other.json" } else { "accepted.json" };
        let mend = format!("`syncgate check --format json --output {name}`");
        assert!(refused.err.contains(&mend), "{line}: {}", refused.err);
        assert_eq!(refused.err.contains("syncgate.toml"), name != "other.json");
    }
    let first = at("check --format json --output accepted.json");
    assert!(first.status < 2 && root.join("accepted.json").exists(), "{}", first.err);
    assert_eq!(at("check").status, 0);
}

#[test]
fn a_baseline_excuses_what_it_counted_and_nothing_else() {
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str| directory.path().join(name).display().to_string();
    let policy = "fixtures/deployments/wingtip-policy";
    let half = "fixtures/deployments/litware-half-way";
    let earlier = file("earlier.json");
    run(&format!("check {half} --format json --output {earlier}"));
    // What one deployment was excused for is no excuse of another that is checked beside it.
    let both = run(&format!("check {half} {policy} --baseline {earlier}"));
    assert_eq!(both.status, 1, "{}", both.out);
    // A finding that was waived then and is not now counts, though it was found then too.
    let text = read(&format!("{policy}/deployment.toml"));
    let waived = directory.path().join("waived").join("all.toml");
    write(&waived, &text);
    let waived = waived.display();
    run(&format!("check {waived} --format json --output {earlier}"));
    assert_eq!(run(&format!("check {waived} --baseline {earlier}")).status, 0);
    let expired = text.replace("expires = 2027-01-31", "expires = 2026-01-31");
    assert_ne!(expired, text);
    write(&directory.path().join("waived").join("all.toml"), expired);
    assert_eq!(run(&format!("check {waived} --baseline {earlier}")).status, 1);
}

#[test]
fn what_is_no_toml_stands_for_itself() {
    let directory = tempfile::tempdir().unwrap();
    let from = "fixtures/deployments/contoso";
    for name in &entries(from) {
        write(&directory.path().join(name), read(&format!("{from}/{name}")));
    }
    let at = |name: &str| directory.path().join(name).display().to_string();
    let asked = |path: &str| run(&format!("check {path} --format json --commerce-version 10.0.40"));
    // Exports beside a deployment are checked as they are where they lie alone.
    for (name, lies) in [
        ("package.zip", "fixtures/exports/contoso-package.zip"),
        ("RetailStores.json", "fixtures/exports/contoso/RetailStores.json"),
    ] {
        std::fs::copy(path(lies), at(name)).unwrap();
        let (beside, alone) = (json(&asked(&at(name)).out), json(&asked(&path(lies)).out));
        assert_eq!(beside["checks"], alone["checks"], "{name}");
        assert!(beside["deployment"].is_null(), "{name} is taken for its directory");
    }
    write(&directory.path().join("note.txt"), "call Anna\n");
    write(&directory.path().join("list.csv"), "store;phone\n1;2\n");
    let note = json(&asked(&at("note.txt")).out);
    assert_eq!((&note["verdict"], &note["deployment"]), (&"no-go".into(), &Value::Null));
    let list = asked(&at("list.csv"));
    assert_eq!(list.status, 2);
    assert!(list.err.contains("is not recognised as an export"), "{}", list.err);
}

#[test]
fn settings_of_a_repository_stand_above_it() {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path();
    let below = root.join("stores").join("deep");
    write(&below.join("note.txt"), "");
    let all = "[deployment]\ncommerce-version = \"10.0.40\"\n";
    write(&root.join("stores").join("all.toml"), all);
    let settings = |text: &str| write(&root.join("syncgate.toml"), text);
    let at = |directory: &Path, line: &str| {
        let mut command = syncgate(line.split(' '));
        finished(&command.current_dir(directory).output().unwrap())
    };
    settings("deployment = \"stores\"\nallow-undecided = true\n");
    for place in [root, &below] {
        let ended = at(place, "check --format json");
        assert_eq!(ended.status, 0, "{}", ended.err);
        assert_eq!(json(&ended.out)["verdict"], "undecided");
    }
    settings("deployment = \"stores\"\nfail-on = \"info\"\n");
    assert_eq!(at(root, "check").status, 1);
    assert_eq!(at(root, "check --fail-on error --allow-undecided").status, 0);
    let page = |line: &str| at(root, &format!("report --output page.html{line}")).status;
    assert_eq!((page(" --gate"), page("")), (1, 0), "as check would, by the same settings");
    // It is never part of a deployment, wherever it lies.
    std::fs::rename(root.join("syncgate.toml"), root.join("stores").join("syncgate.toml")).unwrap();
    assert_eq!(at(root, "check stores --allow-undecided").status, 0);
    settings("deployments = \"stores\"\n");
    let wrong = at(root, "check");
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.err.contains("syncgate.toml:1:1") && wrong.err.contains("`deployment`"),
        "{}",
        wrong.err
    );
}

#[test]
fn a_line_is_answered_before_the_next_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let store = directory.path().join("waiting.redb");
    let commands = [
        "decide fixtures/deployments/contoso --input -".to_owned(),
        format!(
            "replay fixtures/deployments/contoso --events - --store {} --id-seed 1",
            store.display()
        ),
    ];
    for line in commands {
        let mut talk = Talk::begin(&line);
        for number in 0..3 {
            writeln!(
                talk.stdin,
                r#"{{"operation":"search-all-stores","channel":"houston"{}}}"#,
                if number == 1 { r#","customer":"none""# } else { "" }
            )
            .unwrap();
            let answer = json(&talk.told.next().unwrap().unwrap());
            assert_eq!(answer["outcome"], "sync", "{answer}");
        }
        assert!(talk.ends_well());
    }
}

#[test]
fn invalid_lines_are_answered_in_their_place() {
    let input = b"{\"id\":1,\"operation\":\"612\",\"channel\":\"houston\"}\n\n\
                  nonsense\n\
                  {\"id\":2,\"operation\":\"612\",\"channel\":\"nowhere\"}\n\xff\n\
                  {\"id\":3,\"operation\":\"612\",\"channel\":\"houston\"}";
    let answered = run_with_input("decide fixtures/deployments/contoso --input -", input);
    assert_eq!(answered.status, 1);
    let answers: Vec<Value> = answered.out.lines().map(json).collect();
    assert_eq!(answers.len(), 5);
    assert_eq!((&answers[0]["id"], &answers[0]["outcome"]), (&1.into(), &"async".into()));
    assert_eq!((&answers[1]["error"]["line"], answers[1].get("id")), (&3.into(), None));
    assert_eq!((&answers[2]["error"]["line"], &answers[2]["id"]), (&4.into(), &2.into()));
    assert!(answers[2]["error"]["message"].as_str().unwrap().contains("unknown channel `nowhere`"));
    assert_eq!(answers[3]["error"]["line"], 5);
    assert_eq!(answers[4]["id"], 3);
    let list = run_with_input("decide fixtures/deployments/contoso --input -", b"[]");
    assert!(list.out.contains("\"column 1: "), "columns count from 1: {}", list.out);
}

#[test]
fn lines_of_a_stream_are_explained_as_single_requests_are() {
    let line = "decide fixtures/deployments/contoso --input fixtures/requests/contoso.jsonl";
    let plain: Vec<Value> = run(line).out.lines().map(json).collect();
    let explained: Vec<Value> = run(&format!("{line} --explain")).out.lines().map(json).collect();
    assert_eq!(plain.len(), explained.len());
    let requests = read("fixtures/requests/contoso.jsonl");
    for ((request, plain), mut answer) in requests.lines().zip(plain).zip(explained) {
        let request = json(request);
        let asked = "decide fixtures/deployments/contoso --explain --format json".split(' ');
        let mut asked: Vec<String> = asked.map(str::to_owned).collect();
        for (key, value) in request.as_object().unwrap() {
            match value {
                Value::Null | Value::Bool(false) => {}
                _ if key == "id" => {}
                Value::Bool(true) => asked.push(format!("--{}", key.replace('_', "-"))),
                value => {
                    asked.push(format!("--{}", key.replace('_', "-")));
                    asked.push(value.as_str().unwrap().to_owned());
                }
            }
        }
        let single = json(&finished(&syncgate(asked).output().unwrap()).out);
        for key in ["trace", "would_change"] {
            assert!(single[key].is_array(), "{single}");
            assert_eq!(answer.as_object_mut().unwrap().remove(key).as_ref(), single.get(key));
        }
        assert_eq!(answer, plain, "the rest is as without");
    }
    let told = run_with_input("decide fixtures/deployments/contoso --input - --explain", b"[]");
    assert!(told.status == 1 && told.out.starts_with("{\"error\":"), "{}", told.out);
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let mut child = syncgate(["decide", "fixtures/deployments/contoso", "--input", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let line = b"{\"operation\":\"612\",\"channel\":\"houston\"}\n".repeat(100_000);
    let _ = stdin.write_all(&line);
    drop(stdin);
    let ended = child.wait_with_output().unwrap();
    assert_eq!((ended.status.code(), ended.stderr.as_slice()), (Some(0), &b""[..]));
}

#[test]
fn a_deployment_can_come_from_standard_input_in_any_encoding() {
    let text = read("fixtures/deployments/fabrikam-sync/deployment.toml");
    let utf16: Vec<u8> =
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for input in [text.clone().into_bytes(), utf16] {
        let ended =
            run_with_input("decide - --operation 612 --channel boston --format json", &input);
        assert_eq!(json(&ended.out)["outcome"], "sync", "{}", ended.err);
    }
    let ended = run_with_input("check -", b"[deployment]\ncommerce-version = \"ten\"\n");
    assert_eq!(ended.status, 1);
    assert!(ended.out.contains("--> -:2:20"), "{}", ended.out);
}

#[test]
fn files_over_a_limit_are_refused_with_a_finding() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("deployment.toml");
    let start = "[deployment]\ncommerce-version = \"10.0.40\"\n";
    let many = "[[channel-schema]]\nname = \"a\"\n".repeat(100_001);
    write(&file, format!("{start}{many}"));
    let ended = run(&format!("check {}", file.display()));
    assert_eq!(ended.status, 1);
    assert!(ended.out.contains("SG011") && ended.out.contains("more than 100000 records"));
    write(&file, vec![b' '; (64 << 20) + 1]);
    let ended = run(&format!("check {}", directory.path().display()));
    assert!(ended.out.contains("error[SG011]") && ended.out.contains("64 MiB"), "{}", ended.out);
}

#[test]
fn what_is_cited_is_told_with_title_date_path_and_link() {
    let path = "articles/commerce/async-customer-mode.md";
    let repository = "MicrosoftDocs/dynamics-365-unified-operations-public";
    let parts = [
        "Asynchronous customer creation mode",
        "2022-10-18",
        &format!("{repository}: {path}"),
        &format!("https://github.com/{repository}/commits/main/{path}"),
    ];
    let check = run("check fixtures/deployments/contoso --format json").out;
    let check: Value = serde_json::from_str(&check).unwrap();
    let cited = check["findings"].as_array().unwrap().iter().flat_map(|finding| {
        finding["sources"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned())
    });
    let told = |list: &str, id: &str| {
        check["sources"][list].as_array().unwrap().iter().any(|it| it["id"] == id)
    };
    for id in cited {
        assert!(told("statements", &id) || told("documents", &id), "{id}");
    }
    for document in check["sources"]["documents"].as_array().unwrap() {
        assert!(document["title"].is_string() && document.get("link").is_some(), "{document}");
    }
    for line in ["explain S-016", "explain ACM-22", "rules list sources"] {
        let text = run(line).out;
        for part in parts {
            assert!(text.contains(part), "{line}: {part}");
        }
    }
}

#[test]
fn explain_answers_to_every_sort_of_name() {
    for (name, kind) in [
        ("SG006", "finding"),
        ("SG108", "check"),
        ("L08", "check"),
        ("pending-sync", "reason"),
        ("edit-customer/pending", "rule"),
        ("S-016", "statement"),
        ("C1", "contradiction"),
        ("R3", "failure"),
        ("E4", "edge"),
        ("F4", "feature"),
        ("Ota käyttöön asiakkaiden muokkaaminen asynkronisessa tilassa", "feature"),
        ("Processo P", "job"),
        ("612", "operation"),
        ("CreateEntity", "operation"),
        ("Microsoft_Dynamics_Commerce_Runtime_CustomerNotFound", "error id"),
        ("updateasynccustomernotsupported", "error id"),
        ("real-time-service", "fact"),
        ("offline-is-never-sync", "invariant"),
        ("Suodata jaetut asiakastietotalut", "setting"),
        ("Väntande synkronisering", "term"),
        ("Odottaa synkronointia", "term"),
        ("pending", "term"),
        ("synced", "term"),
        ("Commerce kanālu shēma", "term"),
        ("RETAILASYNCCUSTOMERV2", "term"),
        ("RetailAsyncCustomerAttributeV2", "term"),
        ("OnlineOperationCompleted", "term"),
        ("DA2009", "term"),
        ("CommunicationException", "term"),
        ("RTS", "term"),
        ("CDX", "term"),
        ("Asiakkaat", "job"),
        ("1010 (Customers)", "job"),
        ("1010 (asiakkaat)", "job"),
        ("P-Einzelvorgang", "job"),
        ("Habilitar criação avançada de cliente assíncrono", "feature"),
        ("functionality profile", "section"),
        ("ACM-22", "document"),
        ("functionality-profile", "section"),
        ("async", "outcome"),
        ("inferred", "basis"),
        ("no-go", "verdict"),
        ("waived", "result"),
        ("not-distributed", "standing"),
    ] {
        let mut command = syncgate(["explain"]);
        let output = command.args(name.split(' ')).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.lines().any(|line| line.starts_with(kind)), "{name}: {text}");
    }
    let called = run("explain F4").out;
    assert!(called.contains("called in sv: Aktivera redigering av kunder i asynkront läge"));
    let missed = run("explain edit-custmer");
    assert!(missed.err.contains("edit-customer"), "{}", missed.err);
    let own = run("explain SG901");
    assert!(own.err.contains("`--checks DIR`") && own.status == 2, "{}", own.err);
    assert!(run("explain SG163").out.contains("(error; looks at channel-database-group)"));
    for (edge, sentence) in [
        ("E5", "`Commerce is 10.0.28 or newer` switches on `Performance"),
        ("E6", "enhanced async customer creation` need a schedule of P-0001"),
    ] {
        let text = run(&format!("explain {edge}")).out;
        assert!(text.contains(sentence), "{text}");
    }
}

#[test]
fn unknown_names_lead_to_the_list_of_those_known() {
    let contoso = "fixtures/deployments/contoso";
    for (line, near) in [
        (
            format!("plan {contoso} --enable foo"),
            "unknown feature `foo`; `syncgate rules list features`",
        ),
        (
            format!("features {contoso} --explain edit-custmers-async"),
            "did you mean `edit-customers-async`? `syncgate rules list features`",
        ),
        (
            format!("decide {contoso} --operation foo --channel houston"),
            "`syncgate rules list operations`",
        ),
    ] {
        let ended = run(&line);
        assert!(ended.status == 2 && ended.err.contains(near), "{line}: {}", ended.err);
    }
}

#[test]
fn the_list_counts_the_checks_that_a_deployment_goes_through() {
    let checked = json(&run("check fixtures/deployments/contoso --format json").out);
    let count = checked["checks"].as_array().unwrap().len().to_string();
    let listed = run("rules list").out;
    let line = listed.lines().find(|line| line.starts_with("checks")).unwrap();
    assert_eq!(line.split_whitespace().last(), Some(count.as_str()));
}

#[test]
fn values_that_are_not_given_are_no_notes() {
    let line = "check fixtures/deployments/proseware-suomi";
    let found = json(&run(&format!("{line} --format json")).out);
    let is_note = |it: &&Value| {
        it["severity"] == "info" && it["code"] != "SG002" && it.get("waived").is_none()
    };
    let notes = found["findings"].as_array().unwrap().iter().filter(is_note).count();
    let told = run(line).out;
    let verdict = told.lines().last().unwrap();
    let expected = if notes == 0 { String::new() } else { format!(", {notes} note") };
    assert_eq!(verdict.contains("note"), notes > 0, "{verdict}");
    assert!(verdict.contains(&expected), "{verdict}");
    assert!(told.contains("not given") && verdict.starts_with("undecided: "), "{told}");
}

#[test]
fn graphs_are_drawn_for_graphviz_and_mermaid() {
    let dot = run("features fixtures/deployments/contoso --format dot").out;
    assert!(dot.starts_with("digraph features {") && dot.trim_end().ends_with('}'));
    assert!(
        dot.contains(
            "\"edit-customers-async\" -> \"async-address-creation\" [label=\"requires\"];"
        )
    );
    let mermaid = run(
        "features fixtures/deployments/contoso --explain edit-customers-async --format mermaid",
    )
    .out;
    assert!(mermaid.starts_with("flowchart LR\n") && mermaid.contains("-- requires -->"));
    let all = json(&run("features fixtures/deployments/litware-half-way --format json").out);
    let edit = all["features"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["id"] == "edit-customers-async")
        .unwrap();
    assert_eq!(
        (&edit["standing"], &edit["not_run"][0]),
        (&"not-distributed".into(), &"1070".into())
    );
    let dependents = json(
        &run(
            "features fixtures/deployments/contoso --dependents modern-transaction-grid --format \
            json",
        )
        .out,
    );
    let ids: Vec<&str> = dependents["features"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert!(
        ids.len() == 4
            && ids.contains(&"advanced-inline-actions")
            && !ids.contains(&"edit-customers-async")
    );
}

#[test]
fn init_writes_once_and_never_over_anything() {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().join("new");
    let line = format!("init {}", target.display());
    assert_eq!(run(&line).status, 0);
    let first = written(&target.join("deployment.toml"));
    let again = run(&line);
    assert_eq!(again.status, 2);
    assert!(again.err.contains("is there already"));
    assert_eq!(written(&target.join("deployment.toml")), first);
    assert_eq!(run(&format!("check {}", target.display())).status, 1, "nothing is known yet");
    assert_eq!(run(&format!("check {} --allow-undecided", target.display())).status, 0);
    let ignored =
        run(&format!("init {} --output elsewhere", directory.path().join("other").display()));
    assert!(ignored.status == 2 && ignored.err.contains("--output"), "{}", ignored.err);
    assert!(!directory.path().join("other").exists());
    // Every example taken for true, nothing in it contradicts the rest.
    let uncommented = first.lines().map(|line| {
        let is_example = |text: &str| text.starts_with('[') || text.split(' ').nth(1) == Some("=");
        line.strip_prefix("# ").filter(|text| is_example(text)).unwrap_or(line)
    });
    let uncommented = uncommented.collect::<Vec<_>>().join("\n");
    assert!(uncommented.lines().count() > 100 && !uncommented.contains("\n# ["));
    let ended = run_with_input(
        "check - --format json --fail-on warning --allow-undecided",
        uncommented.as_bytes(),
    );
    assert_eq!(ended.status, 0, "{}", run_with_input("check -", uncommented.as_bytes()).out);
}

#[test]
fn a_decision_says_what_it_assumes() {
    let given = "[deployment]\ncommerce-version = \"10.0.40\"\n\n[[functionality-profile]]\nid = \
        \"STORE\"\nkind = \"pos\"\n\n\
        [[channel]]\nid = \"s\"\nkind = \"store\"\nfunctionality-profile = \"STORE\"\n";
    let line = "decide - --operation create-customer --channel s --explain";
    let told = run_with_input(line, given.as_bytes()).out;
    let assumed = "create-customer-in-async-mode is not given and counts as false";
    assert!(told.contains(&format!("assumed   {assumed}\n")), "{told}");
    assert!(told.contains(&format!("create-customer/async-mode: {assumed}, not true")), "{told}");
    let document = json(&run_with_input(&format!("{line} --format json"), given.as_bytes()).out);
    assert_eq!(document["assumed"][0]["fact"], "create_customer_in_async_mode");
    let given =
        given.replace("kind = \"pos\"", "kind = \"pos\"\ncreate-customer-in-async-mode = false");
    let told = run_with_input(line, given.as_bytes()).out;
    assert!(
        told.contains("create-customer-in-async-mode is false, not true")
            && !told.contains("assumed"),
        "{told}"
    );
}

#[test]
fn a_deployment_behind_the_features_of_a_plan_is_told() {
    let told = run("plan --enable edit-customers-async fixtures/deployments/contoso");
    assert_eq!(told.status, 2);
    assert!(told.err.contains("a deployment stands before the features"), "{}", told.err);
}

/// The deployment `contoso` in a directory of its own, with its version taken out.
fn contoso_without_version(directory: &Path) {
    for name in ["channels", "deployment", "features", "jobs"] {
        let text = read(&format!("fixtures/deployments/contoso/{name}.toml"));
        let lines = text.lines().filter(|line| !line.starts_with("commerce-version"));
        write(&directory.join(format!("{name}.toml")), lines.collect::<Vec<_>>().join("\n"));
    }
}

#[test]
fn a_version_that_is_nowhere_is_told_first_and_can_be_given() {
    let directory = tempfile::tempdir().unwrap();
    contoso_without_version(directory.path());
    let contoso = directory.path().display();
    let checked = json(&run(&format!("check {contoso} --format json")).out);
    assert_eq!(checked["findings"][0]["code"], "SG004");
    assert!(checked["checks"].as_array().unwrap().len() > 50);
    let matrix = run(&format!("matrix {contoso} --format json"));
    assert_eq!(matrix.status, 0, "{}", matrix.err);
    assert!(matrix.err.contains("SG004"), "{}", matrix.err);
    let open = "\"missing\": [\n";
    assert!(matrix.out.contains(open) && matrix.out.contains("\"outcome\""));
    let page = run(&format!("report {contoso}"));
    assert_eq!(page.status, 0, "{}", page.err);
    assert!(page.out.contains("SG004") && !page.out.contains("id=\"explorer\""));
    let decide = format!("decide {contoso} --operation edit-customer --channel houston");
    assert_eq!(run(&decide).status, 2);
    let version = "--commerce-version 10.0.40";
    assert_eq!(run(&format!("{decide} {version}")).status, 0);
    let (own, given) = (
        run("matrix fixtures/deployments/contoso --format csv").out,
        run(&format!("matrix {contoso} {version} --format csv")).out,
    );
    assert_eq!(own, given);
    let other = run("check fixtures/deployments/contoso --commerce-version 10.0.31");
    assert_eq!(other.status, 2);
    assert!(other.err.contains("10.0.40"), "{}", other.err);
}

#[test]
fn parts_stand_for_their_directory_and_scenarios_for_themselves() {
    let directory = tempfile::tempdir().unwrap();
    let contoso = directory.path();
    contoso_without_version(contoso);
    write(&contoso.join("answers.toml"), "[deployment]\ncommerce-version = \"10.0.40\"\n");
    write(&contoso.join("day.toml"), "name = \"a day\"\n\n[[step]]\njob = \"P-0001\"\n");
    let whole = run(&format!("check {} --format json", contoso.display()));
    assert_eq!(whole.status, 0, "{}", whole.out);
    let part = run(&format!("check {} --format json", contoso.join("jobs.toml").display()));
    assert_eq!(part.out, whole.out);
    let init = run(&format!("init {}", contoso.display()));
    assert_eq!(init.status, 2);
    assert!(init.err.contains("is there already"), "{}", init.err);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test writes its own files")]
fn the_ends_of_lines_change_nothing_that_is_read_or_shown() {
    let text = "[deployment]\ncommerce-version = \"10.0.40\"\nname = \"\"\"one\ntwo\"\"\"\n\n\
                [[channel]]\nid = \"a\"\nkind = \"shop\"\n\n[[channel]]\nid = \"a\"\nkind = \
                \"store\"\nneeds = [\n    \"loyalty\",\n    \"sleep\",\n]\n";
    let told = |ends: &str| {
        let directory = temporary("line-ends");
        std::fs::create_dir_all(&directory).unwrap();
        let file = format!("{directory}/deployment.toml");
        std::fs::write(&file, text.replace('\n', ends)).unwrap();
        let human = run(&format!("check {file}"));
        let json: Value =
            serde_json::from_str(&run(&format!("check {file} --format json")).out).unwrap();
        // The digest is that of the bytes.
        let digest = json["provenance"]["deployment"]["digest"].as_str().unwrap();
        let human = human.out.replace(digest.get(..12).unwrap(), "");
        (human, json["deployment"].clone(), json["findings"].clone())
    };
    let (unix, windows) = (told("\n"), told("\r\n"));
    assert!(unix.0.contains("sleep"), "{}", unix.0);
    assert_eq!(unix, windows);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test writes its own files")]
fn requests_are_answered_with_what_they_assume() {
    let directory = temporary("assumed");
    std::fs::create_dir_all(&directory).unwrap();
    let file = format!("{directory}/deployment.toml");
    let toml = "[deployment]\ncommerce-version = \"10.0.40\"\n[[channel]]\nid = \"a\"\nkind = \
                \"store\"\n";
    std::fs::write(&file, toml).unwrap();
    let one: Value = serde_json::from_str(
        &run(&format!("decide {file} --operation create-customer --channel a --format json")).out,
    )
    .unwrap();
    let assumed = &one["assumed"];
    assert_eq!(assumed[0]["fact"], "create_customer_in_async_mode");
    assert_eq!(assumed[0]["value"], false);
    let request = "{\"id\":1,\"operation\":\"create-customer\",\"channel\":\"a\"}\n";
    let lines = run_with_input(&format!("decide {file} --input -"), request.repeat(2).as_bytes());
    for line in lines.out.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        assert_eq!(&line["assumed"], assumed);
    }
    // Where everything is given, nothing is assumed.
    let given = format!(
        "{toml}functionality-profile = \"p\"\n[[functionality-profile]]\nid = \"p\"\n\
         create-customer-in-async-mode = true\n"
    );
    std::fs::write(&file, given).unwrap();
    let line = run_with_input(&format!("decide {file} --input -"), request.as_bytes()).out;
    assert!(!line.contains("assumed"), "{line}");
}
