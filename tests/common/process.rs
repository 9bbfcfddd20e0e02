//! The program itself, run as a user runs it.
#![allow(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "each test crate includes this module and uses what it needs"
)]

#[path = "files.rs"]
mod files;

pub use files::{entries, exists, path, read};
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};

/// What a run of the program left behind.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub out: String,
    pub err: String,
}

/// The program, to be run in the project's directory, where fixtures are.
pub fn syncgate<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_syncgate"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(arguments);
    command
}

/// Runs a command line, split at spaces.
pub fn run(line: &str) -> Run {
    finished(&syncgate(line.split(' ')).output().unwrap())
}

/// Runs a command line with this on standard input.
pub fn run_with_input(line: &str, input: &[u8]) -> Run {
    let mut command = syncgate(line.split(' '));
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A program that stops early closes its input.
            let _ = stdin.write_all(input);
        });
        finished(&child.wait_with_output().unwrap())
    })
}

/// A program that a test talks with.
#[derive(Debug)]
pub struct Talk {
    pub child: Child,
    /// What it reads.
    pub stdin: ChildStdin,
    /// The lines that it answers.
    pub told: Lines<BufReader<ChildStdout>>,
}

impl Talk {
    /// Begins a command line, split at spaces.
    pub fn begin(line: &str) -> Self {
        let mut command = syncgate(line.split(' '));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let stdin = child.stdin.take().unwrap();
        let told = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, stdin, told }
    }

    /// Ends its input; whether it then ended well without another word.
    pub fn ends_well(self) -> bool {
        let Self { mut child, stdin, mut told } = self;
        drop(stdin);
        told.next().is_none() && child.wait().unwrap().success()
    }
}

pub fn finished(output: &Output) -> Run {
    Run {
        status: output.status.code().unwrap_or(-1),
        out: String::from_utf8(output.stdout.clone()).unwrap(),
        err: String::from_utf8(output.stderr.clone()).unwrap(),
    }
}

/// A path for what a test writes, in a directory of the test's own: others run beside it. The
/// project's own directory may be read-only, and Cargo's target directory elsewhere.
pub fn temporary(name: &str) -> String {
    let thread = std::thread::current();
    // The harness names the thread of a test by the test.
    let test = thread.name().unwrap().replace("::", "-");
    let directory = format!("{}/{test}", env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(&directory).unwrap();
    format!("{directory}/{name}")
}
