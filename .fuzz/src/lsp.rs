//! The language server: every request is answered once, whatever it is; what is told lies within
//! the text; and an edit comes to the same as the text that it makes.

use crate::given::rules;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use syncgate::load::InputFile;
use syncgate::lsp::{Disk, Server};

/// A disk without files.
struct Bare;

impl Disk for Bare {
    fn files(&self, _: &str) -> Vec<InputFile> {
        Vec::new()
    }

    fn own_checks(&self, _: &str) -> Option<String> {
        None
    }
}

/// A server that somebody speaks to.
struct Talk {
    server: Server,
    told: Vec<Value>,
}

impl Talk {
    fn new() -> Self {
        let server = Server::new(rules().clone(), None, Box::new(Bare));
        let mut talk = Self { server, told: Vec::new() };
        talk.say(&json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {} }));
        talk
    }

    fn say(&mut self, message: &Value) {
        self.take(message.to_string().as_bytes());
    }

    fn take(&mut self, body: &[u8]) {
        let told = self.server.take(body);
        self.hear(told);
        while let Some(examination) = self.server.next_examination() {
            let told = self.server.told(examination.run());
            self.hear(told);
        }
    }

    fn hear(&mut self, told: Vec<String>) {
        for message in told {
            let read: Value = serde_json::from_str(&message).expect("what is told is JSON");
            assert_eq!(read["jsonrpc"], "2.0");
            self.told.push(read);
        }
    }

    /// How often each id was answered.
    fn answered(&self) -> BTreeMap<String, usize> {
        let mut answered = BTreeMap::new();
        for message in self.told.iter().filter(|it| it.get("method").is_none()) {
            *answered.entry(message["id"].to_string()).or_default() += 1;
        }
        answered
    }
}

/// Messages, each on a line.
pub fn messages(bytes: &[u8]) {
    let mut talk = Talk::new();
    let mut asked = BTreeMap::from([("0".to_owned(), 1)]);
    for body in bytes.split(|byte| *byte == b'\n') {
        talk.take(body);
        if let Ok(Value::Object(message)) = serde_json::from_slice(body)
            && let Some(id) = message.get("id")
            && (id.is_string() || id.is_i64() || id.is_u64())
            && message.get("jsonrpc").is_some_and(|it| it == "2.0")
            && message.get("method").is_some_and(Value::is_string)
        {
            *asked.entry(id.to_string()).or_default() += 1;
        }
    }
    let answered = talk.answered();
    for (id, times) in asked {
        assert!(answered.get(&id).is_some_and(|it| *it >= times), "{id} waits for an answer");
    }
    assert!(!talk.server.has_waiting());
}

/// The address of the text.
const URI: &str = "file:///fuzz/deployment.toml";

/// A text, of which the first six bytes say where somebody stands and what they replace; behind a
/// NUL stands what they put there.
pub fn text(bytes: &[u8]) {
    let Some(([one, two, more @ ..], text)) = bytes.split_first_chunk::<6>() else { return };
    let text = String::from_utf8_lossy(text);
    let (before, put) = text.split_once('\0').unwrap_or((&text, ""));
    let from = boundary(before, usize::from(u16::from_le_bytes([*one, *two])));
    let length = usize::from(u16::from_le_bytes([more[0], more[1]]));
    let to = boundary(before, from + length % 64).max(from);
    let after = [&before[..from], put, &before[to..]].concat();

    let mut edited = Talk::new();
    edited.say(&opened(before));
    let range = json!({ "start": place(before, from), "end": place(before, to) });
    edited.say(&json!({ "jsonrpc": "2.0", "method": "textDocument/didChange", "params": {
        "textDocument": { "uri": URI, "version": 2 },
        "contentChanges": [{ "range": range, "text": put }],
    } }));
    let mut fresh = Talk::new();
    fresh.say(&opened(&after));
    assert_eq!(findings(&edited), findings(&fresh), "another text after an edit");

    let at = boundary(&after, from + put.len());
    for talk in [&mut edited, &mut fresh] {
        ask(talk, &place(&after, at));
    }
    let answers = |talk: &Talk| -> Vec<Value> {
        talk.told.iter().filter(|it| it["id"].as_u64() > Some(0)).cloned().collect()
    };
    let told = answers(&fresh);
    assert_eq!(told.len(), METHODS.len(), "each is answered once");
    let versioned = |told: &[Value]| format!("{told:?}").replace("Number(2)", "Number(1)");
    assert_eq!(versioned(&answers(&edited)), versioned(&told), "other answers after an edit");
    let lines = lines(&after);
    for message in told.iter().chain(&findings(&fresh)) {
        within(message, &lines);
    }
}

/// What is asked.
const METHODS: [&str; 8] = [
    "completion",
    "hover",
    "definition",
    "references",
    "prepareRename",
    "rename",
    "documentSymbol",
    "codeAction",
];

fn ask(talk: &mut Talk, place: &Value) {
    for (method, id) in METHODS.iter().zip(1..) {
        talk.say(&json!({
            "jsonrpc": "2.0", "id": id, "method": format!("textDocument/{method}"),
            "params": {
                "textDocument": { "uri": URI },
                "position": place,
                "range": { "start": place, "end": place },
                "context": { "includeDeclaration": true, "diagnostics": [] },
                "newName": "another-name",
            },
        }));
    }
}

fn opened(text: &str) -> Value {
    let document = json!({ "uri": URI, "languageId": "toml", "version": 1, "text": text });
    json!({ "jsonrpc": "2.0", "method": "textDocument/didOpen",
        "params": { "textDocument": document } })
}

/// What was told last of the text.
fn findings(talk: &Talk) -> Vec<Value> {
    let of_text = |it: &&Value| it["method"] == "textDocument/publishDiagnostics";
    let last = talk.told.iter().rev().find(of_text);
    last.and_then(|it| it["params"]["diagnostics"].as_array()).cloned().unwrap_or_default()
}

/// Where something begins that editors can stand before, at `at` or before it: no character, and no
/// end of a line, is divided.
fn boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    let is_divided = |at: usize| {
        let end_of_line = at.checked_sub(1).and_then(|before| text.as_bytes().get(before..=at));
        !text.is_char_boundary(at) || end_of_line == Some(b"\r\n")
    };
    while is_divided(at) {
        at -= 1;
    }
    at
}

/// The lines of a text as editors see them, without what ends them: also a carriage return alone
/// does.
fn lines(text: &str) -> Vec<String> {
    text.replace("\r\n", "\n").split(['\n', '\r']).map(str::to_owned).collect()
}

/// The place of a byte as editors count: lines, and units of UTF-16.
fn place(text: &str, at: usize) -> Value {
    let before = lines(&text[..at]);
    let last = before.last().expect("a text has a line");
    json!({ "line": before.len() - 1, "character": last.encode_utf16().count() })
}

/// Every range in a message lies in the text, and begins before it ends.
fn within(message: &Value, lines: &[String]) {
    match message {
        Value::Object(members) => {
            if let (Some(start), Some(end)) = (members.get("start"), members.get("end")) {
                let [start, end] = [start, end].map(|it| point(it, lines));
                assert!(start <= end, "a range that ends before it begins: {message}");
            }
            if let (Some(whole), Some(part)) = (members.get("range"), members.get("selectionRange"))
            {
                let [whole, part] =
                    [whole, part].map(|it| [&it["start"], &it["end"]].map(|it| point(it, lines)));
                assert!(whole[0] <= part[0] && part[1] <= whole[1], "beside its range: {message}");
            }
            members.values().for_each(|it| within(it, lines));
        }
        Value::Array(values) => values.iter().for_each(|it| within(it, lines)),
        _ => {}
    }
}

fn point(place: &Value, lines: &[String]) -> (u64, u64) {
    let [line, unit] = ["line", "character"].map(|key| place[key].as_u64().expect("a number"));
    let length = lines.get(line as usize).map(|line| line.encode_utf16().count() as u64);
    assert!(length.is_some_and(|length| unit <= length), "outside of the text: {place}");
    (line, unit)
}
