//! Programs run to their end, with the time they took and their peak memory.

use std::io::{self, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, ExitStatus};
use std::time::{Duration, Instant};

/// A program that has ended.
#[derive(Debug)]
pub struct Ended {
    /// What was run.
    pub command: String,
    /// From before it was started until it was gone.
    pub wall: Duration,
    /// What it kept a core busy, in its own code and in the system's: what else the machine does is
    /// not in it.
    pub cpu: Duration,
    /// Its exit status.
    pub status: ExitStatus,
    /// The most memory it had resident at once, in bytes.
    ///
    /// The system counts from the fork, so that this is never less than what the process that
    /// started it had; start programs while little is in memory, and run one that does nothing
    /// beside them.
    pub peak: u64,
    /// What it wrote to standard output, where that was piped.
    pub output: Vec<u8>,
}

impl Ended {
    /// Fails where the program did not end well.
    pub fn well(self) -> io::Result<Self> {
        if self.status.success() {
            Ok(self)
        } else {
            Err(io::Error::other(format!("{} ended with {}", self.command, self.status)))
        }
    }
}

/// Runs a program to its end.
///
/// # Errors
///
/// It can't be started, its output can't be read, or it can't be waited for.
pub fn run(command: &mut Command) -> io::Result<Ended> {
    let start = Instant::now();
    let mut child = command.spawn()?;
    let mut output = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_end(&mut output)?;
    }
    let id = libc::pid_t::try_from(child.id()).map_err(io::Error::other)?;
    let (status, cpu, peak) = wait(id)?;
    let command = format!("{command:?}");
    Ok(Ended { command, wall: start.elapsed(), cpu, status, peak, output })
}

/// Waits for the end of a child, which nobody waited for yet; gives its exit status, the time it
/// was running, and its peak memory in bytes.
fn wait(id: libc::pid_t) -> io::Result<(ExitStatus, Duration, u64)> {
    let mut status: libc::c_int = 0;
    // SAFETY: `rusage` is a plain C struct of integers, for which all zeros is a value.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    loop {
        // SAFETY: both pointers are to live, writable values of the types that `wait4` writes; `id`
        // is a child that is reaped here and nowhere else, as `run` never waits through `Child`.
        let waited = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
        if waited == id {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    // Apple counts bytes, everyone else kibibytes.
    let unit = if cfg!(target_vendor = "apple") { 1 } else { 1024 };
    let peak = u64::try_from(usage.ru_maxrss).unwrap_or_default() * unit;
    let cpu = duration(usage.ru_utime) + duration(usage.ru_stime);
    Ok((ExitStatus::from_raw(status), cpu, peak))
}

fn duration(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds)
        + Duration::from_micros(u64::try_from(time.tv_usec).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Stdio;

    #[test]
    fn programs_are_run_to_their_end() {
        let ended =
            run(Command::new("/bin/sh").args(["-c", "echo a; exit 3"]).stdout(Stdio::piped()))
                .unwrap();
        assert_eq!(ended.output, b"a\n");
        assert_eq!(ended.status.code(), Some(3));
        assert!(ended.peak > 100 << 10);
        assert!(ended.well().is_err());
    }
}
