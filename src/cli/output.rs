//! Standard output, or a file that is written whole under another name and then renamed.

use super::Failure;
use crate::report::Style;
use crate::store::Sink;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Write};
use std::path::{Path, PathBuf};
use tempfile::TempPath;

/// Where the asked-for output goes.
#[derive(Debug)]
pub(super) enum Output {
    /// Standard output.
    Standard(io::Stdout),
    /// A file.
    File(Whole),
}

/// A file that appears whole, or not at all; a device or pipe is written as it comes.
#[derive(Debug)]
pub(super) struct Whole {
    path: PathBuf,
    /// Removed when dropped, unless it has become the file.
    temporary: Option<TempPath>,
    file: BufWriter<File>,
}

impl Output {
    /// The output that `--output` asks for; `-` is standard output.
    pub(super) fn open(path: Option<&str>) -> Result<Self, Failure> {
        match path {
            None | Some("-") => Ok(Self::Standard(io::stdout())),
            Some(path) => Whole::create(path)
                .map(Self::File)
                .map_err(|error| Failure::unusable(format!("can't write `{path}`: {error}"))),
        }
    }

    /// Whether text for people is coloured here.
    pub(super) fn style(&self) -> Style {
        match self {
            Self::Standard(_) => match anstream::AutoStream::choice(&io::stdout()) {
                anstream::ColorChoice::Never => Style::Plain,
                _ => Style::Coloured,
            },
            Self::File(_) => Style::Plain,
        }
    }

    /// How many characters a line has, where a terminal shows it.
    pub(super) fn width(&self) -> Option<usize> {
        let seen = match self {
            Self::Standard(stdout) => terminal_size::terminal_size_of(stdout),
            Self::File(_) => None,
        };
        seen.map(|(width, _)| usize::from(width.0))
    }

    /// Writes a whole text and ends the output.
    pub(super) fn whole(mut self, text: &str) -> Result<(), Failure> {
        self.write_all(text.as_bytes())?;
        self.finish()
    }

    /// Writes what `write` writes, bit by bit, and ends the output.
    pub(super) fn streamed(
        mut self,
        write: impl FnOnce(&mut BufWriter<&mut Self>) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut to = BufWriter::with_capacity(256 << 10, &mut self);
        write(&mut to)?;
        to.flush()?;
        drop(to);
        self.finish()
    }

    /// Makes what was written visible.
    pub(super) fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Standard(mut stdout) => Ok(stdout.flush()?),
            Self::File(whole) => Ok(whole.finish()?),
        }
    }
}

impl Whole {
    fn create(path: &str) -> io::Result<Self> {
        // Behind a link, the file that it leads to is the one to replace; a new one is where it
        // says.
        let path = std::fs::canonicalize(path).unwrap_or_else(|_| PathBuf::from(path));
        let file = |path| Ok::<_, io::Error>(BufWriter::with_capacity(256 << 10, create(path)?));
        if path.exists() && !path.is_file() {
            return Ok(Self { file: file(&path)?, path, temporary: None });
        }
        let temporary = partial(&path).ok_or(io::ErrorKind::InvalidInput)?;
        let file = file(&temporary)?;
        Ok(Self { path, temporary: Some(TempPath::try_from_path(temporary)?), file })
    }

    fn finish(mut self) -> io::Result<()> {
        self.file.flush()?;
        match self.temporary {
            Some(temporary) => Ok(temporary.persist(&self.path)?),
            None => Ok(()),
        }
    }
}

/// The file that holds what is written until it is whole. One name for each target: what a killed
/// process leaves behind is overwritten by the next.
fn partial(path: &Path) -> Option<PathBuf> {
    let mut name = path.file_name()?.to_owned();
    name.push(".partial");
    Some(path.with_file_name(name))
}

/// Refuses to put an output in the place of a file that the command works on, and what is not whole
/// yet no less.
pub(super) fn spares(path: &str, kept: &[&str]) -> Result<(), Failure> {
    let Some(target) = place(path) else { return Ok(()) };
    let taken = [partial(&target), Some(target)];
    match kept.iter().find(|kept| place(kept).is_some_and(|it| taken.contains(&Some(it)))) {
        Some(kept) => Err(Failure::unusable(format!(
            "`--output {path}` would take the place of `{kept}`, which the command works on; name \
                another file"
        ))),
        None => Ok(()),
    }
}

/// Where a path leads, whether something is there or not; `None` for standard input and output,
/// and for what is no path.
pub(super) fn place(path: &str) -> Option<PathBuf> {
    let is_stream = path == "-";
    let place = || std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).ok();
    if is_stream { None } else { place() }
}

/// Whether two paths lead to one file, be it there or not.
pub(super) fn is_same_file(one: &str, other: &str) -> bool {
    place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other))
}

#[expect(clippy::disallowed_methods, reason = "output is written here")]
fn create(path: &Path) -> io::Result<File> {
    File::create(path)
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Standard(stdout) => stdout.lock().write(bytes),
            Self::File(whole) => whole.file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Standard(stdout) => stdout.flush(),
            Self::File(whole) => whole.file.flush(),
        }
    }
}

impl Sink for Output {
    fn take(&mut self, lines: &[u8]) -> io::Result<()> {
        self.write_all(lines)
    }

    fn show(&mut self) -> io::Result<()> {
        self.flush()
    }

    fn is_hidden(&self) -> bool {
        matches!(self, Self::File(_))
    }
}

/// Whether people see standard error as it is written.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// The style of notes and errors.
pub(super) fn error_style() -> Style {
    match anstream::AutoStream::choice(&io::stderr()) {
        anstream::ColorChoice::Never => Style::Plain,
        _ => Style::Coloured,
    }
}

/// Tells something that is not the asked-for output.
pub(super) fn note(text: &str) {
    // When nobody can read it, there is nobody to tell.
    let _ = writeln!(io::stderr(), "{}", text.trim_end());
}
