//! `syncgate lsp`: the streams, the disk and the threads of the language server.
//!
//! `lsp-server` is not used: its reader ends at the first message that is no JSON, or that has no
//! usable header, where the protocol asks for an error and to go on.

use super::{Common, Exit, Failure, refuse_errors};
use crate::load::files::{self, InputFile};
use crate::load::{LoadedSettings, Settings};
use crate::lsp::{Disk, Examination, ExaminedFolder, Server};
use crate::model::Rules;
use std::io::{self, BufRead, BufReader, Read as _, Write as _};
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
        thread::spawn(move || examine(&asked, &examined));
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

/// Looks at directories, one after the other, beside the conversation.
fn examine(asked: &Receiver<Examination>, happens: &Sender<Happening>) {
    for examination in asked {
        let examined = Box::new(examination.run());
        if happens.send(Happening::Examined(examined)).is_err() {
            return;
        }
    }
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
            io::copy(&mut (&mut self.input).take(length), &mut io::sink())?;
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
                Happening::End | Happening::Examined(_) => return shown,
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
        ] {
            assert_eq!(shown(input), expected, "{input:?}");
        }
    }
}
