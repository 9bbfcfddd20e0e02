//! The language server: conversations of `fixtures/lsp`, what it tells beside what `check` finds,
//! and the errors of the protocol.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]
#![expect(clippy::disallowed_methods, reason = "the test reads fixtures and writes its own files")]

#[path = "common/process.rs"]
mod process;

use percent_encoding::percent_decode_str;
use process::{entries, path, read, syncgate, temporary};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Stdio;
use syncgate::Rules;
use syncgate::load::InputFile;
use syncgate::load::text::decode;
use syncgate::lsp::{Disk, Server};

/// A disk with the same files in every directory, but for one of checks of one's own.
struct Fixed(BTreeMap<String, String>);

impl Disk for Fixed {
    fn files(&self, directory: &str) -> Vec<InputFile> {
        let files = self.0.iter().map(|(name, text)| InputFile {
            path: format!("{directory}/{name}"),
            bytes: Ok(text.clone().into_bytes()),
        });
        let is_there =
            |path: &str| path.starts_with("/work/") && !path.starts_with("/work/checks/");
        files.filter(|file| is_there(&file.path)).collect()
    }

    fn own_checks(&self, _: &str) -> Option<String> {
        None
    }
}

/// A server in conversation.
struct Conversation {
    server: Server,
    asked: u64,
    /// What was told last of each file.
    told: BTreeMap<String, Value>,
}

fn uri(name: &str) -> String {
    format!("file:///work/{name}")
}

impl Conversation {
    fn new(files: BTreeMap<String, String>, capabilities: &Value) -> Self {
        let server = Server::new(Rules::embedded(), None, Box::new(Fixed(files)));
        let mut it = Self { server, asked: 0, told: BTreeMap::new() };
        let answer = it.ask("initialize", &json!({ "capabilities": capabilities }));
        assert!(answer["result"]["capabilities"].is_object(), "{answer}");
        it
    }

    fn take(&mut self, message: &Value) -> Vec<Value> {
        let mut sent = self.server.take(message.to_string().as_bytes());
        while let Some(examination) = self.server.next_examination() {
            sent.extend(self.server.told(examination.run()));
        }
        let sent: Vec<Value> = sent.iter().map(|it| serde_json::from_str(it).unwrap()).collect();
        for message in &sent {
            if message["method"] == "textDocument/publishDiagnostics" {
                let uri = message["params"]["uri"].as_str().unwrap().to_owned();
                self.told.insert(uri, message["params"]["diagnostics"].clone());
            }
        }
        sent
    }

    fn tell(&mut self, method: &str, params: &Value) -> Vec<Value> {
        self.take(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn ask(&mut self, method: &str, params: &Value) -> Value {
        self.asked += 1;
        let id = self.asked;
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        let answers = self.take(&request);
        answers.into_iter().find(|it| it["id"] == id).expect("every request is answered")
    }

    fn open(&mut self, name: &str, text: &str) -> Vec<Value> {
        let document =
            json!({ "uri": uri(name), "languageId": "toml", "version": 1, "text": text });
        self.tell("textDocument/didOpen", &json!({ "textDocument": document }))
    }
}

/// A text without the mark of the cursor, and where that stood.
fn marked(text: &str) -> (String, Value) {
    let at = text.find('|').expect("the cursor is marked");
    (text.replacen('|', "", 1), position(&text[..at]))
}

/// The position behind a text.
fn position(before: &str) -> Value {
    let line = before.matches('\n').count();
    let last = before.rsplit('\n').next().unwrap();
    json!({ "line": line, "character": last.encode_utf16().count() })
}

/// A number of JSON.
fn number(it: &Value) -> usize {
    usize::try_from(it.as_u64().unwrap()).unwrap()
}

/// The byte at a position.
fn byte(text: &str, position: &Value) -> usize {
    let line = number(&position["line"]);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = number(&position["character"]);
    let mut at = start;
    for character in text[start..].chars() {
        if units == 0 {
            break;
        }
        units -= character.len_utf16();
        at += character.len_utf8();
    }
    at
}

/// A text after some edits.
fn edited(text: &str, edits: &[Value]) -> String {
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            let (start, end) = (byte(text, &range["start"]), byte(text, &range["end"]));
            (start, end, edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}

/// A case of a fixture: a conversation about one place.
struct Case<'f> {
    said: &'f toml::Table,
    what: String,
    request: String,
    file: String,
    files: BTreeMap<String, String>,
}

impl Case<'_> {
    fn text(&self, key: &str) -> Option<&str> {
        self.said.get(key).map(|it| it.as_str().unwrap())
    }

    fn texts(&self, key: &str) -> Option<Vec<&str>> {
        let said = self.said.get(key)?.as_array()?;
        Some(said.iter().map(|it| it.as_str().unwrap()).collect())
    }

    /// The texts of the file to try, each with its cursor.
    fn variants(&self) -> Vec<String> {
        if let Some(at) = self.text("at") {
            let text = &self.files[&self.file];
            let found = text.find(&at.replacen('|', "", 1)).expect("the place is in the file");
            let cursor = found + at.find('|').unwrap();
            return vec![format!("{}|{}", &text[..cursor], &text[cursor..])];
        }
        match self.said.get("text") {
            Some(toml::Value::String(text)) => vec![text.clone()],
            Some(_) => self.texts("text").unwrap().into_iter().map(str::to_owned).collect(),
            None => vec![format!("|{}", self.files[&self.file])],
        }
    }

    fn run(&self) {
        for text in self.variants() {
            // A symbol has no place that is asked about.
            let text = if text.contains('|') { text } else { format!("|{text}") };
            let (text, position) = marked(&text);
            let mut it = Conversation::new(self.files.clone(), &json!({}));
            it.open(&self.file, &text);
            let mut params = json!({
                "textDocument": { "uri": uri(&self.file) },
                "position": position,
                "range": { "start": position, "end": position },
                "context": { "includeDeclaration": false, "diagnostics": [] },
            });
            params["newName"] = json!(self.text("name"));
            let answer = it.ask(&format!("textDocument/{}", self.request), &params);
            let told = format!("{}: {text:?}: {answer:#}", self.what);
            match self.request.as_str() {
                "completion" => self.completed(&text, &answer["result"]["items"], &told),
                "hover" => self.hovered(&answer["result"]["contents"]["value"], &told),
                "codeAction" => self.acted(&text, &answer["result"], &told),
                "rename" => self.renamed(&text, &answer, &told),
                "prepareRename" => {
                    let found = answer["result"]["placeholder"].as_str().unwrap_or_default();
                    assert_eq!(Some(found), self.text("placeholder"), "{told}");
                }
                "documentSymbol" => self.listed(&symbols(&answer["result"]), &told),
                _ => self.listed(&self.places(&text, &answer["result"]), &told),
            }
        }
    }

    fn completed(&self, text: &str, items: &Value, told: &str) {
        let items = items.as_array().unwrap();
        let labels: Vec<&str> = items.iter().map(|it| it["label"].as_str().unwrap()).collect();
        for label in self.texts("offers").into_iter().flatten() {
            assert!(labels.contains(&label), "{label} is not in {labels:?}: {}", self.what);
        }
        if let Some(mut only) = self.texts("offers-only") {
            let mut labels = labels.clone();
            labels.sort_unstable();
            labels.dedup();
            only.sort_unstable();
            assert_eq!(labels, only, "{told}");
        }
        if let Some(label) = self.text("item") {
            let named: Vec<&Value> = items.iter().filter(|it| it["label"] == label).collect();
            let name = self.text("found-by").unwrap();
            let is_found = |it: &&&Value| it["filterText"].as_str().unwrap().contains(name);
            assert!(named.iter().any(|it| is_found(&it)), "{name}: {named:?}");
            if let Some(detail) = self.text("detail") {
                assert!(named.iter().all(|it| it["detail"] == detail), "{named:?}");
            }
        }
        if let Some(label) = self.text("take") {
            let item = items.iter().find(|it| it["label"] == label).expect(told);
            let taken = edited(text, &[item["textEdit"].clone()]);
            assert_eq!(Some(&*taken), self.text("becomes"), "{told}");
        }
    }

    fn hovered(&self, value: &Value, told: &str) {
        let value = value.as_str().expect(told);
        for part in self.texts("says").unwrap() {
            assert!(value.contains(part), "{part:?} is not in {told}");
        }
    }

    fn acted(&self, text: &str, actions: &Value, told: &str) {
        let actions = actions.as_array().unwrap();
        let titles: Vec<&str> = actions.iter().map(|it| it["title"].as_str().unwrap()).collect();
        if let Some(expected) = self.texts("actions") {
            assert_eq!(titles, expected, "{told}");
        }
        if let Some(title) = self.text("take") {
            let action = actions.iter().find(|it| it["title"] == title);
            let action = action.expect(told);
            let edits = action["edit"]["changes"][uri(&self.file)].as_array().unwrap();
            assert_eq!(Some(&*edited(text, edits)), self.text("becomes"), "{told}");
        }
    }

    fn renamed(&self, text: &str, answer: &Value, told: &str) {
        if let Some(refused) = self.text("refused") {
            assert!(answer["error"]["message"].as_str().expect(told).contains(refused), "{told}");
            return;
        }
        let expected = self.said["becomes"].as_table().unwrap();
        let changes = answer["result"]["changes"].as_object().expect(told);
        assert_eq!(changes.len(), expected.len(), "{told}");
        for (file, parts) in expected {
            let before = if *file == self.file { text } else { &self.files[file] };
            let after = edited(before, changes[&uri(file)].as_array().unwrap());
            for part in parts.as_array().unwrap() {
                let part = part.as_str().unwrap();
                assert!(after.contains(part), "{part} is not in {after}");
            }
        }
    }

    fn listed(&self, found: &[String], told: &str) {
        assert_eq!(found, self.texts("places").unwrap(), "{told}");
    }

    /// Each place of a result with what is written there.
    fn places(&self, text: &str, places: &Value) -> Vec<String> {
        let places = places.as_array().unwrap().iter().map(|place| {
            let file = place["uri"].as_str().unwrap().rsplit('/').next().unwrap();
            let text = if file == self.file { text } else { &self.files[file] };
            let range = &place["range"];
            let written = &text[byte(text, &range["start"])..byte(text, &range["end"])];
            format!("{file}:{} {written}", range["start"]["line"].as_u64().unwrap() + 1)
        });
        places.collect()
    }
}

/// Symbols, a line for each section.
fn symbols(symbols: &Value) -> Vec<String> {
    let one = |it: &Value| {
        let line = |place: &str| it["range"][place]["line"].as_u64().unwrap() + 1;
        format!("{} {}-{}", it["name"].as_str().unwrap(), line("start"), line("end"))
    };
    let symbols = symbols.as_array().unwrap().iter().map(|it| {
        let children: Vec<String> =
            it["children"].as_array().into_iter().flatten().map(one).collect();
        let children = children.join(", ");
        if children.is_empty() { one(it) } else { format!("{}: {children}", one(it)) }
    });
    symbols.collect()
}

#[test]
fn every_conversation_goes_as_it_should() {
    let mut cases = 0;
    for (fixture, request) in [
        ("completion", "completion"),
        ("ids", "definition"),
        ("hover", "hover"),
        ("actions", "codeAction"),
    ] {
        let said: toml::Table = read(&format!("fixtures/lsp/{fixture}.toml")).parse().unwrap();
        let files = said["files"].as_table().unwrap();
        let files: BTreeMap<String, String> = files
            .iter()
            .map(|(name, text)| (name.clone(), text.as_str().unwrap().to_owned()))
            .collect();
        let first = files.keys().find(|name| *name != "deployment.toml");
        let first = first.unwrap_or_else(|| files.keys().next().unwrap()).clone();
        for case in said["case"].as_array().unwrap() {
            let said = case.as_table().unwrap();
            let text = |key: &str| said.get(key).map(|it| it.as_str().unwrap().to_owned());
            let case = Case {
                said,
                what: text("what").unwrap(),
                request: text("request").unwrap_or_else(|| request.to_owned()),
                file: text("file").unwrap_or_else(|| first.clone()),
                files: files.clone(),
            };
            case.run();
            cases += 1;
        }
    }
    assert!(cases > 60, "{cases}");
}

/// The path of an address.
fn path_of(uri: &str) -> String {
    let path = percent_decode_str(uri.strip_prefix("file://").unwrap());
    path.decode_utf8().unwrap().into_owned()
}

/// The text of a file, empty where it is none or can't be read.
fn text_of(path: &str) -> String {
    std::fs::read(path).ok().and_then(|bytes| decode(bytes).ok()).unwrap_or_default()
}

/// What an editor is told of a directory, as `check` would print it.
fn told(directory: &str, file: &str) -> Vec<Value> {
    let rules = Rules::embedded();
    let mut server = Server::new(rules, None, Box::new(OnDisk));
    let address = |path: &str| format!("file://{path}");
    let open = json!({ "uri": address(&format!("{directory}/{file}")), "languageId": "toml",
        "version": 1, "text": text_of(&format!("{directory}/{file}")) });
    let mut sent = Vec::new();
    for message in [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": { "capabilities": { "general": { "positionEncodings": ["utf-8"] } } } }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen",
            "params": { "textDocument": open } }),
    ] {
        sent.extend(server.take(message.to_string().as_bytes()));
        while let Some(examination) = server.next_examination() {
            sent.extend(server.told(examination.run()));
        }
    }
    let sent = sent.iter().map(|it| serde_json::from_str::<Value>(it).unwrap());
    let published = sent.filter(|it| it["method"] == "textDocument/publishDiagnostics");
    let mut told: Vec<Value> = Vec::new();
    for publication in published {
        let uri = publication["params"]["uri"].as_str().unwrap().to_owned();
        for diagnostic in publication["params"]["diagnostics"].as_array().unwrap() {
            assert_eq!(diagnostic["source"], "syncgate");
            let place = |uri: &str, range: &Value| {
                let text = text_of(&path_of(uri));
                let column = |at: &Value| {
                    // The column of a byte, in characters.
                    let line = text.split('\n').nth(number(&at["line"])).unwrap();
                    line[..number(&at["character"])].chars().count() + 1
                };
                json!({ "file": path_of(uri).rsplit('/').next().unwrap(),
                    "line": range["start"]["line"].as_u64().unwrap() + 1,
                    "column": column(&range["start"]),
                    "end_line": range["end"]["line"].as_u64().unwrap() + 1,
                    "end_column": column(&range["end"]) })
            };
            let is_waived = diagnostic["tags"] == json!([1]);
            let severity = match diagnostic["severity"].as_u64().unwrap() {
                1 => "error",
                2 => "warning",
                3 => "info",
                _ => "waived",
            };
            assert_eq!(is_waived, severity == "waived");
            let related = diagnostic["relatedInformation"].as_array().into_iter().flatten();
            let related = related.map(|it| {
                let location = &it["location"];
                json!([it["message"], place(location["uri"].as_str().unwrap(), &location["range"])])
            });
            told.push(json!([
                diagnostic["code"],
                severity,
                diagnostic["message"],
                place(&uri, &diagnostic["range"]),
                related.collect::<Vec<_>>()
            ]));
        }
    }
    told
}

/// What `check` prints of a directory, in the same form.
fn found(directory: &str) -> Vec<Value> {
    let output = syncgate(["check", directory, "--format", "json"]).output().unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let place = |it: &Value| {
        let mut place = it.clone();
        // The end of a line that Windows has written is no place for an editor.
        let text = text_of(it["file"].as_str().unwrap());
        for (line, column) in [("line", "column"), ("end_line", "end_column")] {
            let line = text.lines().nth(number(&it[line]) - 1);
            let end = line.map_or(1, |line| line.chars().count() + 1);
            place[column] = json!(number(&it[column]).min(end));
        }
        place["file"] = json!(it["file"].as_str().unwrap().rsplit('/').next().unwrap());
        place
    };
    let found = document["findings"].as_array().unwrap().iter().map(|it| {
        let severity = match it.get("waived") {
            Some(waived) if !waived.is_null() => json!("waived"),
            _ => it["severity"].clone(),
        };
        let related = it["related"].as_array().into_iter().flatten();
        let related = related.map(|it| json!([it["message"], place(&it["location"])]));
        json!([
            it["code"],
            severity,
            it["message"],
            place(&it["location"]),
            related.collect::<Vec<_>>()
        ])
    });
    found.collect()
}

struct OnDisk;

impl Disk for OnDisk {
    fn files(&self, directory: &str) -> Vec<InputFile> {
        syncgate::load::files::read(directory).unwrap_or_default()
    }

    fn own_checks(&self, _: &str) -> Option<String> {
        None
    }
}

#[test]
fn an_editor_is_told_what_check_finds() {
    let mut directories: Vec<String> = Vec::new();
    for name in entries("fixtures/deployments") {
        directories.push(path(&format!("fixtures/deployments/{name}")));
    }
    for code in entries("fixtures/broken").into_iter().filter(|code| code.as_str() < "SG020") {
        for name in entries(&format!("fixtures/broken/{code}")) {
            directories.push(path(&format!("fixtures/broken/{code}/{name}")));
        }
    }
    let mut compared = 0;
    for directory in directories {
        let Ok(files) = std::fs::read_dir(&directory) else { continue };
        let names = files.map(|it| it.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            names.filter(|it| it.rsplit_once('.').is_some_and(|(_, it)| it == "toml")).collect();
        names.sort();
        let Some(name) = names.first() else { continue };
        // What is no text, no editor can open.
        if std::fs::read(format!("{directory}/{name}")).is_ok_and(|it| decode(it).is_err()) {
            continue;
        }
        let sorted = |mut all: Vec<Value>| {
            all.sort_by_key(Value::to_string);
            all
        };
        assert_eq!(sorted(told(&directory, name)), sorted(found(&directory)), "{directory}");
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
}

#[test]
fn unsaved_text_counts_before_saved_and_ends_with_its_document() {
    let files = [
        ("deployment.toml", "[deployment]\ncommerce-version = \"10.0.40\"\n"),
        ("profiles.toml", "[[functionality-profile]]\nid = \"STORE\"\n"),
        ("day.toml", "[[step]]\njob = \"P-0001\"\n"),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let mut it = Conversation::new(files.into_iter().collect(), &json!({}));
    let codes = |told: &Value| -> Vec<String> {
        let all = told.as_array().unwrap().iter();
        all.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
    };
    let channel = "[[channel]]\nid = \"h\"\nkind = \"store\"\nfunctionality-profile = \"STORE\"\n";
    it.open("channels.toml", channel);
    assert!(!codes(&it.told[&uri("channels.toml")]).contains(&"SG006".to_owned()));
    // Another file of the deployment changes, unsaved: the first is told of it.
    it.open("profiles.toml", "[[functionality-profile]]\nid = \"MALL\"\n");
    assert!(codes(&it.told[&uri("channels.toml")]).contains(&"SG006".to_owned()));
    assert!(codes(&it.told[&uri("profiles.toml")]).contains(&"SG009".to_owned()));
    // A change of a part; the version is that of the document.
    let change = json!({ "range": { "start": { "line": 1, "character": 6 },
        "end": { "line": 1, "character": 10 } }, "text": "store" });
    let document = json!({ "uri": uri("profiles.toml"), "version": 7 });
    let change = json!({ "textDocument": document, "contentChanges": [change] });
    let sent = it.tell("textDocument/didChange", &change);
    assert!(!codes(&it.told[&uri("channels.toml")]).contains(&"SG006".to_owned()));
    assert!(sent.iter().any(|it| it["params"]["version"] == 7));
    // What is saved is told of again.
    let saved = json!({ "textDocument": { "uri": uri("channels.toml") } });
    let sent = it.tell("textDocument/didSave", &saved);
    assert!(sent.iter().any(|it| it["params"]["uri"] == uri("channels.toml")), "{sent:#?}");
    // A scenario is no part of the deployment, and has findings of its own.
    it.open("day.toml", "[[step]]\njob = \"P-0002\"\n");
    let day = &it.told[&uri("day.toml")];
    let mut of_day = codes(day);
    of_day.sort();
    assert_eq!(of_day, ["SG004", "SG004", "SG007"], "{day:#}");
    for name in ["channels.toml", "day.toml", "profiles.toml"] {
        let closed = json!({ "textDocument": { "uri": uri(name) } });
        it.tell("textDocument/didClose", &closed);
    }
    assert!(it.told.values().all(|told| told == &json!([])), "{:#?}", it.told);
}

#[test]
fn files_of_other_roles_have_their_own_findings() {
    let mut it = Conversation::new(BTreeMap::new(), &json!({}));
    let check = "[[check]]\ncode = \"SG901\"\nseverity = \"wrong\"\n";
    it.open("own.toml", check);
    let codes = |told: &Value| -> Vec<String> {
        let all = told.as_array().unwrap().iter();
        let mut codes: Vec<_> = all.map(|it| it["code"].as_str().unwrap().to_owned()).collect();
        codes.sort();
        codes.dedup();
        codes
    };
    assert_eq!(codes(&it.told[&uri("own.toml")]), ["SG004", "SG006", "SG008"]);
    it.open("syncgate.toml", "chekcs = \"x\"\n");
    assert_eq!(codes(&it.told[&uri("syncgate.toml")]), ["SG003"]);
    // Rules: a directory that declares the format of deployments.
    let mut it = Conversation::new(
        Rules::embedded()
            .texts()
            .into_iter()
            .map(|file| {
                let name = file.path.rsplit('/').next().unwrap().to_owned();
                (name, String::from_utf8(file.bytes.unwrap()).unwrap())
            })
            .collect(),
        &json!({}),
    );
    let jobs = read("rules/jobs.toml");
    it.open("jobs.toml", &jobs);
    assert_eq!(it.told[&uri("jobs.toml")], json!([]));
    it.tell(
        "textDocument/didChange",
        &json!({
        "textDocument": { "uri": uri("jobs.toml"), "version": 2 },
        "contentChanges": [{ "text": jobs.replacen("id = ", "idd = ", 1) }] }),
    );
    assert!(codes(&it.told[&uri("jobs.toml")]).contains(&"SG003".to_owned()));
}

#[test]
fn what_a_file_is_depends_on_what_its_directory_holds() {
    let codes = |told: &Value| -> Vec<String> {
        let all = told.as_array().unwrap().iter();
        all.map(|it| it["code"].as_str().unwrap().to_owned()).collect()
    };
    let deployment = "[deployment]\ncommerce-version = \"10.0.40\"\n";
    // What `check` reads as a part of a deployment is one, whatever it says.
    for (other, is_part) in [(deployment, true), ("[[channel]]\nid = \"h\"\n", true), ("", false)] {
        for text in ["[[check]]\ncode = \"SG901\"\n", "[[section]]\nid = \"x\"\n"] {
            let files = BTreeMap::from([("a.toml".to_owned(), other.to_owned())]);
            let mut it = Conversation::new(files, &json!({}));
            it.open("b.toml", text);
            let told = &it.told[&uri("b.toml")];
            assert_eq!(codes(told).contains(&"SG003".to_owned()), is_part, "{other}{text}{told}");
            let of_other = it.told.get(&uri("a.toml")).map(codes);
            assert!(!of_other.is_some_and(|it| it.contains(&"SG003".to_owned())), "{other}{text}");
        }
    }
}

#[test]
fn actions_do_not_wait_for_checks_and_never_point_elsewhere() {
    let text =
        "[[channel]]\nid = \"a\"\nkind = \"stor\"\n\n[[channel]]\nid = \"b\"\nkind = \"stroe\"\n";
    let mut it = Conversation::new(BTreeMap::new(), &json!({}));
    it.open("a.toml", text);
    // What follows is typed, and asked, before anything is looked at again.
    let mut text = text.to_owned();
    let mut written = |it: &mut Conversation, from: &str, to: &str| -> Vec<String> {
        let at = text.find(from).unwrap();
        let range = json!({ "start": position(&text[..at]),
            "end": position(&text[..at + from.len()]) });
        let change = json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
            "textDocument": { "uri": uri("a.toml"), "version": 2 },
            "contentChanges": [{ "range": range, "text": to }] } });
        it.server.take(change.to_string().as_bytes());
        text = text.replacen(from, to, 1);
        let all = json!({ "start": position(""), "end": position(&text) });
        let request = json!({ "jsonrpc": "2.0", "id": 9, "method": "textDocument/codeAction",
            "params": { "textDocument": { "uri": uri("a.toml") }, "range": all,
            "context": { "diagnostics": [] } } });
        let answers = it.server.take(request.to_string().as_bytes());
        let answer: Value = serde_json::from_str(&answers[0]).unwrap();
        let actions = answer["result"].as_array().unwrap().iter();
        let writes = actions.filter(|it| it["title"] == "Write `store`");
        let edits = writes.map(|it| it["edit"]["changes"][uri("a.toml")].as_array().unwrap());
        edits.map(|edits| edited(&text, edits)).collect()
    };
    let one = "[[channel]]\nid = \"a\"\nkind = \"store\"\n\n[[channel]]\n\nid = \"b\"\n\
        kind = \"stroe\"\n";
    let other =
        "[[channel]]\nid = \"a\"\nkind = \"stor\"\n\n[[channel]]\n\nid = \"b\"\nkind = \"store\"\n";
    assert_eq!(written(&mut it, "id = \"b\"", "\nid = \"b\""), [one, other]);
    // A place that is touched is not known until it is looked at.
    let other = other.replacen("stor\"", "store\"", 1);
    assert_eq!(written(&mut it, "stor\"", "store\""), [other.as_str()]);
    assert_eq!(written(&mut it, "stroe", "store"), [""; 0]);
}

#[test]
fn positions_count_utf_8_only_where_the_client_offers_it() {
    let text = "[[channel]]\nid = \"😀\" ; x\nkind = \"store\"\n";
    for (encodings, name, character) in [
        (json!(["utf-16"]), "utf-16", 9 + 1),
        (json!(["utf-8", "utf-16"]), "utf-8", 9 + 3),
        (Value::Null, "utf-16", 9 + 1),
    ] {
        let capabilities = json!({ "general": { "positionEncodings": encodings } });
        let mut it = Conversation::new(BTreeMap::new(), &capabilities);
        it.open("a.toml", text);
        let told = it.told[&uri("a.toml")].as_array().unwrap().clone();
        let syntax = told.iter().find(|it| it["code"] == "SG001").unwrap();
        assert_eq!(syntax["range"]["start"]["line"], 1, "{name}");
        assert_eq!(syntax["range"]["start"]["character"], character, "{name}: {syntax}");
    }
}

#[test]
fn every_place_of_every_beginning_can_be_asked_about() {
    let text = "[deployment]\nincomplete = [\"channel\"]\n[features.\"ä 😀\"]\nenabled = true\n\
        [levels]\nSG106 = { level = \"info\", reason = 'r' }\n[[channel]]\nid = \"h\" # c\n\
        needs = [\n  \"loyalty\",\n]\nfunctionality-profile = \"\"\"x\n\"\"\"\n[[waiver]]\n\
        code = \"SG115\"\nsubject = \"h\"\n";
    let mut it = Conversation::new(BTreeMap::new(), &json!({}));
    it.open("a.toml", "");
    let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for (number, end) in places.iter().copied().enumerate() {
        let change = json!({ "textDocument": { "uri": uri("a.toml"), "version": end },
            "contentChanges": [{ "text": &text[..end] }] });
        let change =
            json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": change });
        it.server.take(change.to_string().as_bytes());
        // At the end of what is typed, and somewhere before it.
        for at in [end, places[number / 2]] {
            for method in ["completion", "hover", "definition", "prepareRename", "documentSymbol"] {
                let params = json!({ "textDocument": { "uri": uri("a.toml") },
                    "position": position(&text[..at]) });
                let request = json!({ "jsonrpc": "2.0", "id": 1, "params": params,
                    "method": format!("textDocument/{method}") });
                let answers = it.server.take(request.to_string().as_bytes());
                let answer: Value = serde_json::from_str(&answers[0]).unwrap();
                assert!(answer.get("result").is_some(), "{answer}");
            }
        }
    }
}

/// What a server answers to bytes, and its exit status.
fn spoken(input: &[u8]) -> (Vec<Value>, Option<i32>) {
    let mut child = syncgate(["lsp"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    let mut answers = Vec::new();
    let mut rest = String::from_utf8(output.stdout).unwrap();
    while !rest.is_empty() {
        let (header, body) = rest.split_once("\r\n\r\n").expect("nothing but messages");
        let length: usize = header.strip_prefix("Content-Length: ").unwrap().parse().unwrap();
        answers.push(serde_json::from_str(&body[..length]).unwrap());
        rest = body[length..].to_owned();
    }
    (answers, output.status.code())
}

fn framed(messages: &[Value]) -> Vec<u8> {
    let framed = messages.iter().flat_map(|message| {
        let body = message.as_str().map_or_else(|| message.to_string(), str::to_owned);
        format!("Content-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
    });
    framed.collect()
}

#[test]
fn errors_are_told_and_end_nothing() {
    let ask = |id: u64, method: &str, params: Value| {
        let version = "2.0";
        json!({ "jsonrpc": version, "id": id, "method": method, "params": params })
    };
    let tell = |method: &str| json!({ "jsonrpc": "2.0", "method": method });
    let messages = [
        ask(1, "textDocument/hover", json!({})),
        ask(2, "shutdown", Value::Null),
        json!("{ no json"),
        json!([]),
        json!({ "jsonrpc": "2.0", "id": 3 }),
        json!({ "jsonrpc": "1.0", "id": 4, "method": "x" }),
        json!({ "jsonrpc": "2.0", "id": {}, "method": "x" }),
        json!({ "jsonrpc": "2.0", "id": 5, "method": 7 }),
        ask(6, "initialize", json!([])),
        ask(7, "initialize", json!({ "capabilities": {} })),
        tell("initialized"),
        ask(8, "initialize", json!({ "capabilities": {} })),
        ask(9, "no/such", json!({})),
        ask(10, "textDocument/hover", json!({ "textDocument": 1 })),
        ask(11, "textDocument/completion", Value::Null),
        ask(12, "textDocument/codeAction", json!({})),
        tell("no/such"),
        json!({ "jsonrpc": "2.0", "id": "watch", "result": null }),
        ask(13, "shutdown", Value::Null),
        ask(14, "textDocument/hover", json!({})),
        tell("exit"),
    ];
    let (answers, status) = spoken(&framed(&messages));
    let seen: Vec<(Value, Value)> =
        answers.iter().map(|it| (it["id"].clone(), it["error"]["code"].clone())).collect();
    let null = Value::Null;
    let expected = [
        (json!(1), json!(-32002)),
        (json!(2), json!(-32002)),
        (null.clone(), json!(-32700)),
        (null.clone(), json!(-32600)),
        (json!(3), json!(-32600)),
        (json!(4), json!(-32600)),
        (null.clone(), json!(-32600)),
        (json!(5), json!(-32600)),
        (json!(6), json!(-32602)),
        (json!(7), null.clone()),
        (json!(8), json!(-32600)),
        (json!(9), json!(-32601)),
        (json!(10), json!(-32602)),
        (json!(11), json!(-32602)),
        (json!(12), json!(-32602)),
        (json!(13), null.clone()),
        (json!(14), json!(-32600)),
    ];
    assert_eq!(seen, expected);
    assert_eq!(status, Some(0));
    // Without a shutdown the end is not in order.
    assert_eq!(spoken(&framed(&[tell("exit")])).1, Some(1));
    assert_eq!(spoken(b"").1, Some(1));
    let (answers, _) = spoken(b"what?\r\n\r\nContent-Length: 2\r\n\r\n{}");
    let codes: Vec<&Value> = answers.iter().map(|it| &it["error"]["code"]).collect();
    assert_eq!(codes, [-32700, -32600]);
}

#[test]
fn what_is_asked_before_the_end_is_answered() {
    let directory = temporary("lsp-hurry");
    std::fs::create_dir_all(format!("{directory}/checks")).unwrap();
    std::fs::write(format!("{directory}/syncgate.toml"), "checks = \"checks\"\n").unwrap();
    let own = read("fixtures/own-checks/house.toml");
    std::fs::write(format!("{directory}/checks/house.toml"), own).unwrap();
    let text = "[deployment]\ncommerce-version = \"10.0.40\"\n[features.order-performance]\n\
        enabled = true\n[[functionality-profile]]\nid = \"MALL\"\n[[channel]]\nid = \"h\"\nkind = \
        \"store\"\nfunctionality-profile = \"MALL\"\n";
    let uri = format!("file://{directory}/deployment.toml");
    let document = json!({ "uri": uri, "languageId": "toml", "version": 1, "text": text });
    let messages = [
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize",
            "params": { "capabilities": {} } }),
        json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen",
            "params": { "textDocument": document } }),
        json!({ "jsonrpc": "2.0", "id": 2, "method": "textDocument/hover", "params": {
            "textDocument": { "uri": uri }, "position": { "line": 2, "character": 14 } } }),
        json!({ "jsonrpc": "2.0", "id": 3, "method": "shutdown" }),
    ];
    let (answers, status) = spoken(&framed(&messages));
    assert_eq!(status, Some(0));
    let hover = answers.iter().find(|it| it["id"] == 2).expect("it is answered");
    let said = hover["result"]["contents"]["value"].as_str().unwrap();
    assert!(said.contains("In this deployment: **"), "{said}");
    // The checks that `syncgate.toml` names are among those that are run.
    let told = answers.iter().find(|it| it["method"] == "textDocument/publishDiagnostics");
    assert!(told.unwrap().to_string().contains("\"SG901\""), "{answers:#?}");
}

#[test]
fn check_leaves_a_scenario_out_of_a_deployment() {
    let directory = temporary("lsp-scenario");
    std::fs::create_dir_all(&directory).unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(format!("{directory}/{name}"), text).unwrap();
    };
    write("deployment.toml", "[deployment]\ncommerce-version = \"10.0.40\"\n");
    write("day.toml", "name = \"n\"\ndeployment = \".\"\n  [[ step ]]\njob = \"P-0001\"\n");
    let found = found(&directory);
    assert!(found.iter().all(|it| it[0] != "SG003"), "{found:#?}");
    assert_eq!(told(&directory, "deployment.toml").len(), found.len());
}
