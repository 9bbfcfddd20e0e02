//! The page and the picture as files: whole, self-contained, the same for the same input, and safe
//! with any name.
#![expect(clippy::unwrap_used, reason = "tests fail by panicking")]
#![expect(clippy::disallowed_methods, reason = "the test reads and writes pages")]

#[path = "common/process.rs"]
mod process;

use process::{entries, run, temporary};
use quick_xml::events::Event;
use std::collections::{BTreeMap, BTreeSet};

/// Names that would be markup, script or the other way round if anyone let them.
const HOSTILE: &str = "fixtures/report/hostile.toml";

/// Every deployment of the fixtures, and the one with hostile names.
fn deployments() -> Vec<String> {
    let ready = entries("fixtures/deployments")
        .into_iter()
        .map(|name| format!("fixtures/deployments/{name}"));
    ready.chain([HOSTILE.to_owned()]).collect()
}

fn page(deployment: &str) -> String {
    let run = run(&format!("report {deployment}"));
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{deployment}");
    run.out
}

/// An element's beginning: its name and attributes, as they are written.
type Tag<'a> = (&'a str, BTreeMap<&'a str, &'a str>);

/// Every element of a page; fails where one is not closed, or closed out of turn. What scripts and
/// styles hold is left out.
fn elements<'a>(page: &'a str, whose: &str) -> Vec<Tag<'a>> {
    const VOID: [&str; 4] = ["meta", "link", "input", "wbr"];
    let (mut open, mut found): (Vec<&str>, Vec<Tag<'_>>) = (Vec::new(), Vec::new());
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap();
        rest = after;
        if tag.starts_with('!') {
            continue;
        }
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(closed), "{whose}: </{closed}>");
            continue;
        }
        let (name, mut attributes) = tag.trim_end_matches('/').split_once(' ').unwrap_or((tag, ""));
        let mut named = BTreeMap::new();
        while let Some((key, value)) = attributes.split_once("=\"") {
            let (value, more) = value.split_once('"').ok_or(tag).unwrap();
            named.insert(key.trim(), value);
            attributes = more;
        }
        assert!(attributes.trim().is_empty(), "{whose}: <{tag}>");
        if name == "script" || name == "style" {
            rest = rest.split_once(&format!("</{name}>")).unwrap().1;
        } else if !VOID.contains(&name) && !tag.ends_with('/') {
            open.push(name);
        }
        found.push((name, named));
    }
    assert!(open.is_empty(), "{whose}: {open:?} stay open");
    found
}

#[test]
fn pages_are_whole_and_lead_nowhere_else() {
    for deployment in deployments() {
        let page = page(&deployment);
        let elements = elements(&page, &deployment);
        let mut ids = BTreeSet::new();
        for id in elements.iter().filter_map(|(_, attributes)| attributes.get("id")) {
            assert!(ids.insert(*id), "{deployment}: two elements are called {id}");
        }
        for (name, attributes) in &elements {
            assert!(
                !["img", "iframe", "object", "embed", "base", "form action"].contains(name),
                "{deployment}: {name}"
            );
            assert!(
                !attributes.contains_key("src") && !attributes.contains_key("style"),
                "{deployment}: {attributes:?}"
            );
            assert!(
                !attributes.keys().any(|key| key.starts_with("on")),
                "{deployment}: {attributes:?}"
            );
            // Where a document is public, which is asked only on a click and told nothing then.
            let leaves = *name == "a" && attributes.get("rel") == Some(&"noreferrer noopener");
            if let Some(address) = attributes.get("href").filter(|_| !leaves) {
                let target = address.strip_prefix('#').map(|id| id.split('?').next().unwrap());
                assert!(
                    target.is_some_and(|id| ids.contains(id)) || *address == "data:,",
                    "{deployment}: {address}"
                );
            }
            for label in ["aria-labelledby", "for"] {
                assert!(
                    attributes.get(label).is_none_or(|id| ids.contains(id)),
                    "{deployment}: {attributes:?}"
                );
            }
        }
        assert_eq!(
            elements.iter().filter(|(name, _)| *name == "script").count(),
            2,
            "{deployment}"
        );
        assert_eq!(elements.iter().filter(|(name, _)| *name == "h1").count(), 1, "{deployment}");
        for (_, attributes) in elements.iter().filter(|(name, _)| *name == "th") {
            assert!(attributes.contains_key("scope"), "{deployment}: a header of nothing");
        }
    }
}

#[test]
fn the_same_input_gives_the_same_page() {
    for deployment in ["fixtures/deployments/contoso", HOSTILE] {
        assert!(page(deployment) == page(deployment), "{deployment}");
    }
}

#[test]
fn a_page_says_what_check_says() {
    for deployment in deployments() {
        let page = page(&deployment);
        let check = run(&format!("check {deployment} --format json")).out;
        let check: serde_json::Value = serde_json::from_str(&check).unwrap();
        let verdict = check["verdict"].as_str().unwrap();
        assert!(
            page.contains(&format!("<section class=\"panel verdict {verdict}\"")),
            "{deployment}"
        );
        for report in check["checks"].as_array().unwrap() {
            assert!(page.contains(report["code"].as_str().unwrap()), "{deployment}: {report}");
        }
        let digest = check["provenance"]["deployment"]["digest"].as_str().unwrap();
        assert!(page.contains(digest), "{deployment}");
        // What stands against the deployment is told, each cause once.
        for finding in
            check["findings"].as_array().unwrap().iter().filter(|it| it["severity"] == "error")
        {
            assert!(
                page.contains(&format!(">{}</span>", finding["code"].as_str().unwrap())),
                "{deployment}: {finding}"
            );
        }
    }
}

/// What is between two marks of a page.
fn between<'p>(page: &'p str, from: &str, to: &str) -> &'p str {
    let (_, rest) = page.split_once(from).unwrap();
    rest.split_once(to).unwrap().0
}

#[test]
fn the_first_screen_has_every_exception_with_owner_and_end() {
    let page = page("fixtures/deployments/wingtip-policy");
    let overview = between(&page, "id=\"overview\"", "id=\"findings\"");
    let first = between(overview, "id=\"exceptions-first\"", "</section>");
    let whole = between(&page, "<section id=\"exceptions\"", "</section>");
    for exceptions in [first, whole] {
        for told in [
            "SG111",
            "OLD",
            "the profile is replaced in January",
            "retail IT",
            "datetime=\"2027-01-31\" title=\"2027-01-31\">31 Jan 2027<",
            "SG108",
            "waives nothing now",
            "31 Oct 2026",
            "SG110",
            "counts as warning, not error",
            "the update is on Saturday",
        ] {
            assert!(exceptions.contains(told), "{told}: {exceptions}");
        }
    }
    let none = self::page("fixtures/deployments/contoso");
    assert!(!none.contains("id=\"exceptions-first\""));
    assert!(between(&none, "<section id=\"exceptions\"", "</section>").contains("no level is set"));
}

#[test]
fn what_is_only_noted_is_not_counted_as_failed() {
    let mut noted = 0;
    for deployment in deployments() {
        let page = page(&deployment);
        let verdict = run(&format!("check {deployment}")).out;
        let verdict = verdict.lines().last().unwrap().to_owned();
        for (class, word) in [("pass", "passed"), ("fail", "failed"), ("noted", "noted")] {
            let shown = between(&page, &format!("<div class=\"{class}\"><dt>{word}</dt><dd>"), "<");
            let told = format!("{shown} {word}");
            assert!(verdict.contains(&told), "{deployment}: {told}, not {verdict}");
            noted += usize::from(class == "noted" && shown != "0");
        }
        let listed = page.matches("<span class=\"result noted\">noted</span>").count();
        assert!(verdict.contains(&format!(" {listed} noted")), "{deployment}: {listed}");
    }
    assert!(noted > 0);
}

#[test]
fn a_page_can_be_signed() {
    for deployment in deployments() {
        let page = page(&deployment);
        let check = run(&format!("check {deployment} --format json")).out;
        let check: serde_json::Value = serde_json::from_str(&check).unwrap();
        let block = between(&page, "<section id=\"sign-off\"", "</section>");
        let provenance = &check["provenance"];
        for told in ["Name", "Role", "Date", "Decision"].into_iter().chain([
            check["verdict"].as_str().unwrap(),
            provenance["deployment"]["digest"].as_str().unwrap(),
            provenance["rules"]["digest"].as_str().unwrap(),
        ]) {
            assert!(block.contains(told), "{deployment}: {told}");
        }
        assert!(block.matches("<td></td>").count() >= 6, "{deployment}");
    }
}

/// A directory of pages, or nothing where the command is refused.
fn portfolio(line: &str, directory: &str) -> (i32, String) {
    let ended = run(&format!("report {line} --output {directory}"));
    assert_eq!(ended.out, "", "{line}");
    (ended.status, ended.err)
}

#[test]
fn several_deployments_have_a_page_each_and_one_that_leads_to_them() {
    let place = tempfile::tempdir().unwrap();
    let directory = place.path().join("pages").display().to_string();
    let paths: Vec<String> = entries("fixtures/deployments")
        .iter()
        .map(|name| format!("fixtures/deployments/{name}"))
        .collect();
    let line = paths.join(" ");
    assert_eq!(portfolio(&line, &directory), (0, String::new()));
    let read = |file: &str| std::fs::read_to_string(place.path().join("pages").join(file)).unwrap();
    let index = read("index.html");
    let found = elements(&index, "index");
    let ids: BTreeSet<&str> = found.iter().filter_map(|(_, it)| it.get("id").copied()).collect();
    for (_, attributes) in &found {
        let Some(address) = attributes.get("href").filter(|it| **it != "data:,") else { continue };
        let (file, id) = address.split_once('#').unwrap_or((address, ""));
        let is_there = match file {
            "" => ids.contains(id),
            file => id.is_empty() || read(file).contains(&format!("id=\"{id}\"")),
        };
        assert!(is_there, "{address}");
    }
    // Worst first, as `check` of all says; each page is the one that it is alone.
    let check = run(&format!("check {line} --format json")).out;
    let check: serde_json::Value = serde_json::from_str(&check).unwrap();
    let mut last = (0, String::new());
    for deployment in check["deployments"].as_array().unwrap() {
        let digest = deployment["provenance"]["deployment"]["digest"].as_str().unwrap();
        assert!(index.contains(digest), "{deployment}");
    }
    for row in between(&index, "id=\"verdicts\"", "</section>").split("<tr>").skip(2) {
        let (file, verdict) = (between(row, "href=\"", "\""), between(row, "decided ", "\""));
        let path = between(row, "<bdi>fixtures", "</bdi>").replace("<wbr>", "");
        assert_eq!(read(file), page(&format!("fixtures{path}")), "{file}");
        let told = check["deployments"].as_array().unwrap().iter().find(|it| {
            let files = it["provenance"]["deployment"]["files"].as_array().unwrap();
            !files.is_empty()
                && read(file).contains(it["provenance"]["deployment"]["digest"].as_str().unwrap())
        });
        assert_eq!(told.unwrap()["verdict"], verdict, "{file}");
        let rank = ["no-go", "undecided", "go"].iter().position(|it| *it == verdict).unwrap();
        assert!(rank >= last.0, "{file} after {}", last.1);
        last = (rank, file.to_owned());
    }
    let matrix = between(&index, "id=\"matrix\"", "</section>");
    let checks = check["deployments"][0]["checks"].as_array().unwrap().len();
    assert_eq!(matrix.matches("#c-SG").count(), checks * paths.len());
    assert!(
        index.contains(check["deployments"][0]["provenance"]["rules"]["digest"].as_str().unwrap())
    );
    // The same again, in the place of what is there; exit statuses as those of `check`.
    assert_eq!(portfolio(&format!("{line} --gate"), &directory).0, 1);
    assert_eq!(run(&format!("check {line}")).status, 1);
    assert_eq!(read("index.html"), index);
    let fine = "fixtures/deployments/contoso fixtures/deployments/fabrikam-sync";
    let checked = run(&format!("check {fine}")).status;
    assert_eq!(portfolio(&format!("{fine} --gate"), &directory).0, checked);
}

#[test]
fn pages_of_one_name_stand_beside_each_other_and_nothing_is_left_half_written() {
    let place = tempfile::tempdir().unwrap();
    for twin in ["one", "two"] {
        let twin = place.path().join(twin).join("stores");
        std::fs::create_dir_all(&twin).unwrap();
        let text = process::read("fixtures/deployments/contoso/deployment.toml");
        std::fs::write(twin.join("deployment.toml"), text).unwrap();
    }
    let at = |name: &str| place.path().join(name).display().to_string();
    let both = format!("{} {}", at("one/stores"), at("two/stores"));
    assert_eq!(portfolio(&both, &at("pages")), (0, String::new()));
    let mut files: Vec<String> = std::fs::read_dir(place.path().join("pages"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().display().to_string())
        .collect();
    files.sort();
    assert_eq!(files, ["index.html", "stores-2.html", "stores.html"]);
    for (line, told) in [
        (format!("{both} fixtures/broken/SG003 fixtures/broken/SG001"), "SG003"),
        (format!("{both} fixtures/broken/SG003 fixtures/broken/SG001"), "SG001"),
        (format!("{both} fixtures/nowhere"), "nowhere"),
        (format!("{both} --store {}", at("a.redb")), "one deployment"),
    ] {
        let (status, err) = portfolio(&line, &at("none"));
        assert!(status == 2 && err.contains(told), "{line}: {err}");
        assert!(!place.path().join("none").exists(), "{line}");
    }
    // A page that can't take its name leaves all others as they were.
    std::fs::create_dir_all(place.path().join("blocked/index.html.partial")).unwrap();
    assert_eq!(portfolio(&both, &at("blocked")).0, 2);
    assert_eq!(std::fs::read_dir(place.path().join("blocked")).unwrap().count(), 1);
    let ended = run(&format!("report {both}"));
    assert_eq!((ended.status, ended.out.as_str()), (2, ""));
    assert!(ended.err.contains("--output DIR"), "{}", ended.err);
    std::fs::write(place.path().join("file"), "kept").unwrap();
    assert_eq!(portfolio(&both, &at("file")).0, 2);
    assert_eq!(std::fs::read_to_string(place.path().join("file")).unwrap(), "kept");
}

/// What is named twice is one deployment of several, and the load of all is read once.
#[test]
fn a_deployment_named_twice_and_a_load_from_standard_input_have_a_directory_of_pages() {
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name).display().to_string();
    let contoso = "fixtures/deployments/contoso";
    assert_eq!(portfolio(&format!("{contoso} {contoso}"), &at("twice")), (0, String::new()));
    assert!(place.path().join("twice/contoso.html").is_file());

    let load = process::read("fixtures/loads/peak-day.toml");
    let line = |load: &str, other: &str, directory: &str| {
        format!("report {contoso} {other} --load {load} --output {}", at(directory))
    };
    let other = "fixtures/deployments/contoso/deployment.toml";
    let streamed = line("-", other, "streamed");
    let ended = process::run_with_input(&streamed, load.as_bytes());
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    assert_eq!(run(&line("fixtures/loads/peak-day.toml", other, "named")).status, 0);
    for file in ["contoso.html", "index.html"] {
        let of = |directory| std::fs::read_to_string(place.path().join(directory).join(file));
        assert_eq!(of("streamed").unwrap(), of("named").unwrap(), "{file}");
    }

    // Of several, the one that the load does not fit is named.
    let others = place.path().join("without-channels");
    std::fs::create_dir_all(&others).unwrap();
    let text = "[deployment]\ncommerce-version = \"10.0.40\"\n";
    std::fs::write(others.join("deployment.toml"), text).unwrap();
    let others = others.display().to_string();
    let ended = run(&line("fixtures/loads/peak-day.toml", &others, "refused"));
    assert_eq!(ended.status, 2, "{}", ended.err);
    assert!(ended.err.contains(&format!("of `{others}`:")), "{}", ended.err);
    assert!(!place.path().join("refused").exists());
}

/// Answers that contradict an export stand in a list of their own, with both values and places.
#[test]
fn a_page_lists_answers_that_contradict_an_export() {
    let page = page("fixtures/broken/SG014");
    let (before, list) = page.split_once("id=\"contradictions\"").unwrap();
    let (list, after) = list.split_once("</section>").unwrap();
    assert_eq!(list.matches(">SG014</span>").count(), 2, "{list}");
    for told in [
        "answered with waiting, and an export says withhold",
        "answers.toml:15",
        "imported.toml:9",
        "did you mean",
    ] {
        assert!(list.contains(told), "`{told}` is not in {list}");
    }
    assert!(!(before.contains(">SG014</span>") || after.contains(">SG014</span>")));
    for deployment in deployments() {
        assert!(!self::page(&deployment).contains("id=\"contradictions\""), "{deployment}");
    }
}

#[test]
fn hostile_names_stay_text() {
    let page = page(HOSTILE);
    // The script and the style of the page, and what the explorer reads, are the only places of
    // their kind.
    for markup in ["<script>alert", "<img", "<b>\u{202e}", "</style></script>", "<svg onload"] {
        assert!(!page.contains(markup), "{markup}");
    }
    for text in [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "\\u003cscript\\u003ealert(1)",
        "&quot;&gt;&lt;img src=x",
    ] {
        assert!(page.contains(text), "{text}");
    }
    let (_, data) = page.split_once("<script type=\"application/json\" id=\"model\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let model: serde_json::Value = serde_json::from_str(data).unwrap();
    let first = &model["channels"][0][0];
    assert_eq!(first, "<script>alert(1)</script>");
}

#[test]
fn the_policy_allows_the_pages_own_script_alone() {
    let page = page(HOSTILE);
    let (_, policy) = page.split_once("Content-Security-Policy\" content=\"").unwrap();
    let (policy, _) = policy.split_once('"').unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(
        !policy.contains("unsafe") && !policy.contains('*') && !policy.contains("http"),
        "{policy}"
    );
}

#[test]
fn documents_are_linked_and_nothing_is_asked_before_a_click() {
    let page = page(HOSTILE);
    let links: Vec<&str> = page.split("<a ").filter(|it| it.starts_with("href=\"http")).collect();
    assert!(links.len() > 20, "{}", links.len());
    let plain = |link: &&&str| {
        let (_, rest) = link.split_once("\" ").unwrap();
        !link.starts_with("href=\"https://") || !rest.starts_with("rel=\"noreferrer noopener\">")
    };
    let faulty: Vec<&&str> = links.iter().filter(plain).collect();
    assert!(faulty.is_empty(), "{:?}", faulty.first());
    for asks in ["src=\"http", "<base", "url(http", "prefetch", "ping="] {
        assert!(!page.contains(asks), "{asks}");
    }
    for id in ["S-016", "ACM-22", "FAQ-26"] {
        assert!(page.contains(&format!("<div id=\"{id}\"")), "{id}");
        assert!(id == "S-016" || page.contains(&format!("href=\"#{id}\"")), "{id}");
    }
}

#[test]
fn a_store_adds_what_it_has_seen() {
    let store = temporary("report.redb");
    let _ = std::fs::remove_file(&store);
    let deployment = "fixtures/deployments/contoso";
    let replay = run(&format!(
        "replay {deployment} --events fixtures/events/first-day.jsonl --store {store} --id-seed 1"
    ));
    assert!(replay.status <= 1, "{}", replay.err);
    let status: serde_json::Value =
        serde_json::from_str(&run(&format!("store status --store {store} --format json")).out)
            .unwrap();
    let with = run(&format!("report {deployment} --store {store}")).out;
    elements(&with, "store");
    let decisions: u64 = status["decisions"]
        .as_object()
        .unwrap()
        .values()
        .map(|count| count.as_u64().unwrap())
        .sum();
    let sentence = format!("{} events, {decisions} decisions, ", status["events_applied"]);
    assert!(with.contains(&sentence), "{sentence}");
    assert!(with.contains(status["head"].as_str().unwrap()));
    assert!(
        with.contains("Customers still pending")
            && !page(deployment).contains("Customers still pending")
    );
    let missing = run(&format!("report {deployment} --store {}", temporary("no-such-store.redb")));
    assert_eq!((missing.status, missing.out.as_str()), (2, ""));
}

#[test]
fn a_load_that_was_played_is_drawn() {
    let deployment = "fixtures/deployments/contoso";
    let line = format!("report {deployment} --load fixtures/loads/peak-day.toml");
    let with = run(&line).out;
    assert_eq!(with, run(&line).out);
    let elements = elements(&with, "a load");
    let graphs =
        |(name, attributes): &&Tag<'_>| *name == "svg" && attributes.get("class") == Some(&"graph");
    assert_eq!(elements.iter().filter(graphs).count(), 3);
    // Every picture has two axes and a name, and nothing of it stands outside.
    for (_, attributes) in elements.iter().filter(graphs) {
        assert!(attributes["aria-label"].contains("table below"), "{attributes:?}");
    }
    let (_, first) = elements.iter().find(graphs).unwrap();
    let size: Vec<u64> =
        first["viewBox"].split(' ').skip(2).map(|it| it.parse().unwrap()).collect();
    let lines = elements.iter().filter(|(name, _)| *name == "line");
    let axes = lines.filter(|(_, attributes)| attributes.get("class") == Some(&"axis"));
    assert!(axes.count() > 3 * 2);
    let drawn = ["sync", "async", "rejected", "calls", "outage"].map(Some);
    let bars = elements.iter().filter(|(name, attributes)| {
        *name == "rect" && drawn.contains(&attributes.get("class").copied())
    });
    for (name, attributes) in bars {
        for (key, most) in [("x", size[0]), ("y", size[1])] {
            let place = attributes.get(key).and_then(|it| it.parse::<u64>().ok());
            assert!(place.is_none_or(|place| place <= most), "{name} {attributes:?}");
        }
    }
    let played =
        run(&format!("simulate {deployment} --load fixtures/loads/peak-day.toml --format json"));
    let played: serde_json::Value = serde_json::from_str(&played.out).unwrap();
    let total = played["operations"]["total"].as_u64().unwrap();
    assert!(with.contains(&format!("{total} operations, ")), "{total}");
    assert!(!page(deployment).contains("A day before it happens"));
    let missing = run(&format!("report {deployment} --load fixtures/loads/nowhere.toml"));
    assert_eq!((missing.status, missing.out.as_str()), (2, ""));
}

#[test]
fn a_deployment_with_errors_of_its_files_has_no_page() {
    let broken = run("report fixtures/broken/SG003");
    assert_eq!((broken.status, broken.out.as_str()), (2, ""));
    assert!(broken.err.contains("SG003"), "{}", broken.err);
}

#[test]
fn the_graph_is_drawn_for_every_view() {
    let views =
        ["", " --explain edit-customers-async", " --dependents product-availability-optimization"];
    for view in views {
        let command = format!("features fixtures/deployments/litware-half-way{view} --format");
        let svg = run(&format!("{command} svg"));
        assert_eq!((svg.status, svg.err.as_str()), (0, ""), "{view}");
        let json: serde_json::Value =
            serde_json::from_str(&run(&format!("{command} json")).out).unwrap();
        let mut reader = quick_xml::Reader::from_str(&svg.out);
        let (mut titles, mut depth) = (Vec::new(), 0);
        loop {
            match reader.read_event().unwrap() {
                Event::Eof => break,
                Event::Start(_) => depth += 1,
                Event::End(_) => depth -= 1,
                Event::Text(text) => titles.push(text.into_inner().into_owned()),
                _ => {}
            }
        }
        assert_eq!(depth, 0, "{view}");
        for feature in json["features"].as_array().unwrap() {
            let hint = format!("{}: ", feature["id"].as_str().unwrap());
            assert!(titles.iter().any(|title| title.starts_with(&hint)), "{view}: {feature}");
        }
    }
}
