//! The language server after a keystroke in a deployment of 2,000 channels, request by request,
//! beside parsing the same text by `toml` alone.

use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};
use syncgate_benches::binary;
use syncgate_benches::deployments::deployment;
use syncgate_benches::table::{TextTable, digits, reached, times};
use syncgate_benches::timing::median;

const CHANNELS: usize = 2_000;
/// How often each request is asked; one in twenty may take longer than is told.
const ROUNDS: usize = 60;
/// The time between two keystrokes of somebody who types fast.
const PAUSE: Duration = Duration::from_millis(100);
/// The most that an answer may take, in milliseconds.
const GOAL: f64 = 50.0;
const REQUESTS: [&str; 7] = [
    "completion",
    "hover",
    "definition",
    "references",
    "prepareRename",
    "documentSymbol",
    "codeAction",
];

fn main() -> Result<(), Box<dyn Error>> {
    let Some(binary) = binary() else { return Ok(()) };
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("deployment.toml");
    let text = deployment(CHANNELS, 0);
    std::fs::write(&path, &text)?;
    let mut client = Client::start(&binary, &format!("file://{}", path.display()), &text)?;
    let line = text.lines().position(|line| line == "id = \"store 1000\"");
    let line = line.ok_or("the channel is not there")?;
    let mut taken = vec![Vec::new(); REQUESTS.len()];
    let mut parsed = Vec::new();
    for round in 0..ROUNDS {
        for (request, taken) in REQUESTS.iter().zip(&mut taken) {
            std::thread::sleep(PAUSE);
            taken.push(client.answer_after_keystroke(request, line, round)?);
        }
        let start = Instant::now();
        toml::de::DeTable::parse(&text)?;
        parsed.push(start.elapsed().as_secs_f64());
    }
    client.end()?;
    print(&taken, median(&parsed));
    Ok(())
}

fn print(taken: &[Vec<f64>], parsed: f64) {
    let mut table = TextTable::new(&["request", "median ms", "95th ms", "median to toml alone"]);
    let mut is_reached = true;
    for (request, taken) in REQUESTS.iter().zip(taken) {
        let mut sorted = taken.clone();
        sorted.sort_by(f64::total_cmp);
        let late = sorted[(sorted.len() * 95).div_ceil(100) - 1];
        is_reached &= late * 1e3 <= GOAL;
        let usual = median(taken);
        table.row([
            (*request).to_owned(),
            digits(usual * 1e3),
            digits(late * 1e3),
            times(usual / parsed),
        ]);
    }
    table.print(&format!(
        "from a keystroke to the answer, {CHANNELS} channels; `toml` alone takes {} ms",
        digits(parsed * 1e3)
    ));
    println!("goal: {GOAL} ms at the 95th percentile ({})", reached(is_reached));
}

/// An editor with one document.
struct Client {
    child: Child,
    to: ChildStdin,
    from: BufReader<ChildStdout>,
    uri: String,
    asked: u64,
}

impl Client {
    /// Opens a document, and waits until it was checked.
    fn start(binary: &std::path::Path, uri: &str, text: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(binary);
        command.arg("lsp").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let to = child.stdin.take().ok_or("no standard input")?;
        let from = BufReader::new(child.stdout.take().ok_or("no standard output")?);
        let mut client = Self { child, to, from, uri: uri.to_owned(), asked: 0 };
        client.ask("initialize", json!({ "capabilities": {} }))?;
        let document = json!({ "uri": uri, "languageId": "toml", "version": 0, "text": text });
        client.tell("textDocument/didOpen", json!({ "textDocument": document }))?;
        while client.next()?["method"] != "textDocument/publishDiagnostics" {}
        Ok(client)
    }

    /// The seconds from a keystroke in a line to the answer to a request about it.
    fn answer_after_keystroke(
        &mut self,
        request: &str,
        line: usize,
        round: usize,
    ) -> Result<f64, Box<dyn Error>> {
        let at = |character: usize| json!({ "line": line, "character": character });
        // A letter is typed, and taken back the next time.
        let (end, typed) = if round.is_multiple_of(2) { (8, "x") } else { (9, "") };
        let change = json!({ "range": { "start": at(8), "end": at(end) }, "text": typed });
        let document = json!({ "uri": self.uri, "version": round + 1 });
        let start = Instant::now();
        self.tell(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [change] }),
        )?;
        let about = json!({
            "textDocument": { "uri": self.uri },
            "position": at(8),
            "range": { "start": at(0), "end": at(8) },
            "context": { "includeDeclaration": true, "diagnostics": [] },
        });
        let answer = self.ask(&format!("textDocument/{request}"), about)?;
        let taken = start.elapsed().as_secs_f64();
        if answer.get("error").is_some() {
            return Err(format!("{request}: {answer}").into());
        }
        Ok(taken)
    }

    fn tell(&mut self, method: &str, params: Value) -> Result<(), Box<dyn Error>> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }))
    }

    fn ask(&mut self, method: &str, params: Value) -> Result<Value, Box<dyn Error>> {
        self.asked += 1;
        let id = self.asked;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))?;
        loop {
            let message = self.next()?;
            if message["id"] == id {
                return Ok(message);
            }
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), Box<dyn Error>> {
        let body = message.to_string();
        write!(self.to, "Content-Length: {}\r\n\r\n{body}", body.len())?;
        Ok(self.to.flush()?)
    }

    fn next(&mut self) -> Result<Value, Box<dyn Error>> {
        let mut header = String::new();
        self.from.read_line(&mut header)?;
        let length = header.trim().strip_prefix("Content-Length: ").ok_or("no header")?;
        let mut body = vec![0; length.parse()?];
        self.from.read_line(&mut header)?;
        self.from.read_exact(&mut body)?;
        Ok(serde_json::from_slice(&body)?)
    }

    fn end(mut self) -> Result<(), Box<dyn Error>> {
        self.ask("shutdown", Value::Null)?;
        self.tell("exit", Value::Null)?;
        self.child.wait()?;
        Ok(())
    }
}
