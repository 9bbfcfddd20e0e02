//! `syncgate lsp`: the streams, the disk and the threads of the language server.
//!
//! `lsp-server` is not used: its reader ends at the first message that is no JSON, or that has no
//! usable header, where the protocol asks for an error and to go on.

use super::{Common, Exit, Failure, refuse_errors};
use crate::load::files::{self, InputFile};
use crate::load::{LoadedSettings, Settings};
use crate::lsp::{Disk, Examination, ExaminedFolder, Server};
use crate::model::Rules;
use std::any::Any;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Component, Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

/// A line of a header is no longer.
const MAX_LINE: u64 = 16 << 10;
/// A message is no longer: 256 MiB.
const MAX_BODY: u64 = 256 << 20;
/// What says how long a message is.
const LENGTH: &str = "content-length:";

/// Speak the Language Server Protocol on standard input and output, for an editor
#[derive(Debug, clap::Args)]
pub(super) struct Lsp {
    /// Taken and without effect: there are no other streams
    #[arg(long, hide = true)]
    stdio: bool,
}

/// What happens to the server.
enum Happening {
    /// A message came in.
    Body(Vec<u8>),
    /// Something came in that is none.
    Unreadable(String),
    /// Nothing more will come in.
    End,
    /// A directory was looked at.
    Examined(Box<ExaminedFolder>),
    /// A directory was looked at, and that came to no end.
    Failed { directory: String, revision: u64, why: String },
}

impl Lsp {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let Self { stdio: _ } = self;
        if common.output.is_some() {
            return Err(Failure::unusable("`lsp` speaks on standard output: leave `--output` out"));
        }
        let rules = Rules::load(common.rules.as_deref(), common.checks.as_deref())?;
        let (rules, findings) = rules.as_read();
        refuse_errors(&rules.files, &findings)?;
        let disk = Files { has_own_checks: common.checks.is_some() };
        let mut server = Server::new(rules, common.commerce_version, Box::new(disk));
        let (happens, happening) = channel();
        let (asks, asked) = channel();
        let examined = happens.clone();
        thread::spawn(move || listen(&happens));
        thread::spawn(move || examine(&asked, &examined, Examination::run));
        converse(&mut server, &happening, &asks)
    }
}

/// Reads messages until there are no more.
fn listen(happens: &Sender<Happening>) {
    let mut frames = Frames::new(BufReader::new(io::stdin()));
    loop {
        // Standard input that can't be read is at its end.
        let happening = frames.next().unwrap_or(Happening::End);
        let is_end = matches!(happening, Happening::End);
        if happens.send(happening).is_err() || is_end {
            return;
        }
    }
}

/// Looks at directories, one after the other, beside the conversation. A panic ends only what was
/// looked at: an editor would be left without findings, and would not know.
fn examine(
    asked: &Receiver<Examination>,
    happens: &Sender<Happening>,
    look: impl Fn(Examination) -> ExaminedFolder,
) {
    for examination in asked {
        let (directory, revision) = (examination.directory().to_owned(), examination.revision());
        // What a panic leaves half done is dropped with it.
        let looked = catch_unwind(AssertUnwindSafe(|| look(examination)));
        let happening = match looked {
            Ok(examined) => Happening::Examined(Box::new(examined)),
            Err(panic) => Happening::Failed { directory, revision, why: said_by(&*panic) },
        };
        if happens.send(happening).is_err() {
            return;
        }
    }
}

/// What a panic says.
fn said_by(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("a panic without words").to_owned()
}

/// Answers until the client asks for the end, or nothing more comes in and all is answered.
fn converse(
    server: &mut Server,
    happening: &Receiver<Happening>,
    asks: &Sender<Examination>,
) -> Result<Exit, Failure> {
    let (mut is_busy, mut is_at_end) = (false, false);
    loop {
        if !is_busy && let Some(examination) = server.next_examination() {
            is_busy = asks.send(examination).is_ok();
        }
        let is_done = match server.ended() {
            // A client that ends in a hurry still gets the answers it waits for.
            Some(_) => !is_busy || !server.has_waiting(),
            None => is_at_end && !is_busy,
        };
        let Some(happened) = (!is_done).then(|| happening.recv().ok()).flatten() else {
            let in_order = server.ended().unwrap_or(server.is_shut_down());
            return Ok(if in_order { Exit::Fine } else { Exit::Complaints });
        };
        let messages = match happened {
            Happening::Examined(examined) => {
                is_busy = false;
                server.told(*examined)
            }
            Happening::Failed { directory, revision, why } => {
                is_busy = false;
                server.failed(&directory, revision, &why)
            }
            Happening::Body(body) => server.take(&body),
            Happening::Unreadable(why) => vec![server.unreadable(&why)],
            Happening::End => {
                is_at_end = true;
                Vec::new()
            }
        };
        send(&messages)?;
    }
}

fn send(messages: &[String]) -> io::Result<()> {
    if messages.is_empty() {
        return Ok(());
    }
    let mut output = io::stdout().lock();
    for body in messages {
        write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    }
    output.flush()
}

/// Messages as they come in: a header that says how long each is, an empty line, and a body.
struct Frames<R> {
    input: R,
    /// What the header says so far.
    length: Option<u64>,
    /// Whether it was told that what comes in is no message, which is told once until one comes.
    is_told: bool,
}

impl<R: BufRead> Frames<R> {
    fn new(input: R) -> Self {
        Self { input, length: None, is_told: false }
    }

    fn next(&mut self) -> io::Result<Happening> {
        loop {
            let mut line = Vec::new();
            let read = (&mut self.input).take(MAX_LINE).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(Happening::End);
            }
            let line = String::from_utf8_lossy(&line);
            let wrong = match self.line(line.trim()) {
                Ok(None) => continue,
                Ok(Some(length)) => {
                    self.is_told = false;
                    return self.body(length);
                }
                Err(wrong) => wrong,
            };
            if !self.is_told {
                self.is_told = true;
                return Ok(Happening::Unreadable(wrong));
            }
        }
    }

    /// Takes a line of a header; how long the body is that follows, or what is wrong.
    fn line(&mut self, line: &str) -> Result<Option<u64>, String> {
        if line.is_empty() {
            return Ok(self.length.take());
        }
        // Behind a body of another length than was said, a header begins within a line.
        let Some(start) = line.to_ascii_lowercase().find(LENGTH) else {
            let name = line.split_once(':').map(|(name, _)| name);
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
            let is_header = name.is_some_and(|name| name.bytes().all(is_plain));
            return if is_header { Ok(None) } else { Err("no header of a message".to_owned()) };
        };
        let length = line.get(start + LENGTH.len()..).map(str::trim);
        match length.and_then(|length| length.parse().ok()) {
            Some(length) => {
                self.length = Some(length);
                if start > 0 { Err("no header of a message".to_owned()) } else { Ok(None) }
            }
            None => Err("`Content-Length` is no whole number".to_owned()),
        }
    }

    fn body(&mut self, length: u64) -> io::Result<Happening> {
        if length > MAX_BODY {
            // It is told at once, and once: whether so much will ever come is not known. What does
            // come is passed over until a header begins.
            self.is_told = true;
            return Ok(Happening::Unreadable("the message is larger than 256 MiB".to_owned()));
        }
        let mut body = Vec::new();
        let read = (&mut self.input).take(length).read_to_end(&mut body)?;
        // What was to come and did not is no message.
        let is_whole = read as u64 == length;
        Ok(if is_whole { Happening::Body(body) } else { Happening::End })
    }
}

/// The disk, as the server sees it.
struct Files {
    /// Whether checks of one's own are named on the command line, which wins over settings.
    has_own_checks: bool,
}

impl Disk for Files {
    fn files(&self, directory: &str) -> Vec<InputFile> {
        // A directory that is not there yet, or has nothing, has no files.
        let mut files = files::read(directory).unwrap_or_default();
        for file in &mut files {
            file.path = plain(Path::new(&file.path));
        }
        files
    }

    fn own_checks(&self, directory: &str) -> Option<String> {
        if self.has_own_checks {
            return None;
        }
        let directory = Path::new(directory);
        // Settings that can't be read are told where they are read for a command.
        let LoadedSettings { settings, .. } = Settings::nearest(directory).ok()?;
        Some(plain(&directory.join(settings.checks?)))
    }
}

/// A path as addresses have it: without steps upwards, and with slashes.
fn plain(path: &Path) -> String {
    let mut plain = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if plain.file_name().is_some() => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    let plain = plain.to_string_lossy();
    if cfg!(windows) { plain.replace('\\', "/") } else { plain.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(input: &str) -> Vec<String> {
        let mut frames = Frames::new(input.as_bytes());
        let mut shown = Vec::new();
        loop {
            match frames.next().unwrap() {
                Happening::Body(body) => shown.push(String::from_utf8(body).unwrap()),
                Happening::Unreadable(why) => shown.push(format!("! {why}")),
                Happening::End | Happening::Examined(_) | Happening::Failed { .. } => return shown,
            }
        }
    }

    #[test]
    fn reading_goes_on_behind_what_is_no_message() {
        let none = "! no header of a message";
        for (input, expected) in [
            ("Content-Length: 2\r\n\r\n{}content-length:2\n\n[]", &["{}", "[]"][..]),
            ("Content-Type: x\r\nContent-Length: 2\r\n\r\n{}", &["{}"]),
            ("hello\r\n\r\nmore\nContent-Length: 2\r\n\r\n{}", &[none, "{}"]),
            (
                "Content-Length: x\r\n\r\n{}Content-Length: 2\r\n\r\n[]",
                &["! `Content-Length` is no whole number", "[]"],
            ),
            ("Content-Length: 1\r\n\r\n{}Content-Length: 2\r\n\r\n[]", &["{", none, "[]"]),
            ("Content-Length: 9\r\n\r\n{}", &[]),
            ("\r\n\r\n", &[]),
            // What is said to be endless is not waited for.
            (
                "Content-Length: 18446744073709551615\r\n\r\n{}\nx\nContent-Length: 2\r\n\r\n[]",
                &["! the message is larger than 256 MiB", "[]"],
            ),
            (
                "Content-Length: 18446744073709551616\r\n\r\n{}Content-Length: 2\r\n\r\n[]",
                &["! `Content-Length` is no whole number", "[]"],
            ),
        ] {
            assert_eq!(shown(input), expected, "{input:?}");
        }
    }

    struct Nothing;

    impl Disk for Nothing {
        fn files(&self, _: &str) -> Vec<InputFile> {
            Vec::new()
        }

        fn own_checks(&self, _: &str) -> Option<String> {
            None
        }
    }

    /// What a server says to a request of a kind about a document, once it was looked at so.
    fn said_after(look: impl Fn(Examination) -> ExaminedFolder, bodies: &[&str]) -> Vec<String> {
        let mut server = Server::new(Rules::embedded(), None, Box::new(Nothing));
        let mut said = Vec::new();
        let (asks, asked) = channel();
        let (happens, happening) = channel();
        for body in bodies {
            said.extend(server.take(body.as_bytes()));
            if let Some(examination) = server.next_examination() {
                asks.send(examination).unwrap();
            }
        }
        drop(asks);
        examine(&asked, &happens, look);
        drop(happens);
        for happened in happening {
            said.extend(match happened {
                Happening::Examined(examined) => server.told(*examined),
                Happening::Failed { directory, revision, why } => {
                    server.failed(&directory, revision, &why)
                }
                _ => Vec::new(),
            });
        }
        said
    }

    #[test]
    fn a_panic_in_a_check_is_told_and_the_next_change_is_looked_at() {
        let begin =
            r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}"#;
        let open = r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"textDocument":
            {"uri":"file:///w/a.toml","languageId":"toml","version":1,"text":"x = 1\n"}}}"#;
        let hover = r#"{"jsonrpc":"2.0","id":2,"method":"textDocument/hover","params":
            {"textDocument":{"uri":"file:///w/a.toml"},"position":{"line":0,"character":0}}}"#;
        let change = r#"{"jsonrpc":"2.0","method":"textDocument/didChange","params":
            {"textDocument":{"uri":"file:///w/a.toml","version":2},
            "contentChanges":[{"text":"y = 1\n"}]}}"#;
        let looked_at = std::cell::Cell::new(0);
        let panics_first = |examination: Examination| {
            looked_at.set(looked_at.get() + 1);
            assert!(looked_at.get() > 1, "this one fails");
            examination.run()
        };
        let said = said_after(panics_first, &[begin, open, hover, change]);
        let [_, logged, refused, told] = said.as_slice() else { panic!("{said:#?}") };
        assert!(logged.contains("logMessage") && logged.contains("this one fails"), "{logged}");
        assert!(refused.contains("\"id\":2") && refused.contains("-32803"), "{refused}");
        assert!(told.contains("SG003") && told.contains("`y`"), "{told}");

        // Who asks once it has failed is answered too, without a change in between.
        let mut server = Server::new(Rules::embedded(), None, Box::new(Nothing));
        for message in [begin, open] {
            server.take(message.as_bytes());
        }
        let failing = server.next_examination().unwrap();
        server.failed(failing.directory(), failing.revision(), "this one fails");
        assert!(server.take(hover.as_bytes()).is_empty());
        let answered = server.next_examination().unwrap().run();
        let answered = server.told(answered).concat();
        assert!(answered.contains("\"id\":2"), "{answered}");
    }
}
