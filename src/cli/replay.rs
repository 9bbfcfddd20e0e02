//! `syncgate replay`

use super::output::{error_style, is_watched, note};
use super::{Common, Exit, Failure, Given, one_from_standard_input};
use crate::batch::BatchFormat;
use crate::report::replayed_human;
use crate::store::{AnswerScope, EventStream, ReplayOptions, Watcher, replay};
use crate::wire::CsvEvents;
use clap::ValueEnum;
use indicatif::{HumanCount, ProgressBar, ProgressStyle};
use std::fs::File;
use std::io::{self, Read, Seek as _};

/// Apply a stream of events to a store
#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    #[command(flatten)]
    deployment: Given,
    /// The events: CSV with headings where the name ends so, else JSON Lines; - is standard input
    #[arg(long, value_name = "FILE")]
    events: String,
    /// The store; it is made where there is none, and :memory: is one that ends with the command
    #[arg(long, value_name = "FILE")]
    store: String,
    /// Apply a new stream after those applied before
    #[arg(long)]
    append: bool,
    /// Go on with another deployment, other rules or another seed than the store was made with
    #[arg(long)]
    reconfigure: bool,
    /// Derive GUIDs from this number and the number of the event
    #[arg(long, value_name = "N")]
    id_seed: Option<u64>,
    /// Which events are answered by a line; questions always are
    #[arg(long, value_enum, value_name = "WHICH", default_value_t = Answering::Operations)]
    answer: Answering,
}

/// Which events are answered.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Answering {
    /// Operations
    Operations,
    /// Every event
    All,
}

impl Replay {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        one_from_standard_input(self.deployment.path(), &self.events, "the events")?;
        common.spares(&[&self.store, &self.events])?;
        let engine = common.engine(self.deployment.path())?;
        let mut events = Events::open(&self.events)?;
        let options = ReplayOptions {
            append: self.append,
            reconfigure: self.reconfigure,
            id_seed: self.id_seed,
            interactive: !events.is_file(),
            answers: match self.answer {
                Answering::Operations => AnswerScope::Operations,
                Answering::All => AnswerScope::All,
            },
        };
        let mut output = common.output()?;
        let mut progress = Progress::new(&events);
        let summary =
            replay(&engine, &self.store, &mut events, options, &mut output, &mut progress);
        progress.finish();
        let summary = summary?;
        output.finish()?;
        note(&replayed_human(&summary, error_style()));
        let complaints = summary.invalid + summary.unmet + summary.misasked;
        Ok(if complaints > 0 { Exit::Complaints } else { Exit::Fine })
    }
}

/// The events, from a file or from standard input.
enum Events {
    File(File),
    /// CSV, by this name in messages.
    Csv(File, String),
    Standard,
}

impl Events {
    #[expect(clippy::disallowed_methods, reason = "events are read here")]
    fn open(path: &str) -> Result<Self, Failure> {
        if path == "-" {
            return Ok(Self::Standard);
        }
        let failure = |error: io::Error| Failure::unusable(format!("can't read `{path}`: {error}"));
        let file = File::open(path).map_err(failure)?;
        if file.metadata().map_err(failure)?.is_dir() {
            return Err(Failure::unusable(format!("can't read `{path}`: it is a directory")));
        }
        match BatchFormat::by_ending(path) {
            Some(BatchFormat::Csv) => Ok(Self::Csv(file, path.to_owned())),
            Some(BatchFormat::Parquet) => Err(Failure::unusable(format!(
                "`{path}` is called as Parquet is; events are read as JSON Lines or CSV"
            ))),
            Some(BatchFormat::Jsonl) | None => Ok(Self::File(file)),
        }
    }

    /// Whether they lie in a file, so that nobody waits for single answers.
    fn is_file(&self) -> bool {
        match self {
            Self::File(file) | Self::Csv(file, _) => {
                file.metadata().is_ok_and(|metadata| metadata.is_file())
            }
            Self::Standard => standard_is_file(),
        }
    }

    fn size(&self) -> Option<u64> {
        match self {
            Self::File(file) | Self::Csv(file, _) => file
                .metadata()
                .ok()
                .filter(std::fs::Metadata::is_file)
                .map(|metadata| metadata.len()),
            Self::Standard => None,
        }
    }
}

#[cfg(unix)]
fn standard_is_file() -> bool {
    use std::os::fd::AsFd as _;
    let stdin = io::stdin().as_fd().try_clone_to_owned().map(File::from);
    stdin.and_then(|file| file.metadata()).is_ok_and(|metadata| metadata.is_file())
}

#[cfg(not(unix))]
fn standard_is_file() -> bool {
    false
}

/// Goes back to the beginning of a file; a device or pipe has none.
fn rewind(file: &mut File) -> io::Result<()> {
    if file.metadata()?.is_file() {
        file.rewind()?;
    }
    Ok(())
}

impl EventStream for Events {
    fn open(&mut self) -> io::Result<Box<dyn Read + Send + '_>> {
        match self {
            Self::File(file) => {
                rewind(file)?;
                Ok(Box::new(&*file))
            }
            Self::Csv(file, path) => {
                rewind(file)?;
                Ok(Box::new(CsvEvents::new(path, &*file)?))
            }
            Self::Standard => Ok(Box::new(io::stdin())),
        }
    }

    fn reopens(&self) -> bool {
        matches!(self, Self::File(_) | Self::Csv(..)) && self.is_file()
    }
}

/// Progress on a terminal, and what was wrong with events that have no answer.
struct Progress {
    bar: Option<ProgressBar>,
    /// How many events were applied before, and after how many seconds the first new one was.
    start: Option<(u64, f64)>,
}

impl Progress {
    fn new(events: &Events) -> Self {
        let bar = events.size().filter(|size| is_watched() && *size > 4 << 20).map(|size| {
            let bar = ProgressBar::new(size);
            let style = ProgressStyle::with_template("{bar:30} {percent}%  {msg}  {eta} left");
            // Progress that looks otherwise is progress yet.
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, start: None }
    }

    fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Watcher for Progress {
    fn progress(&mut self, events: u64, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            let now = bar.elapsed().as_secs_f64();
            let (before, since) = *self.start.get_or_insert((events, now));
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a rate for people"
            )]
            let rate = ((events - before) as f64 / (now - since).max(0.001)) as u64;
            bar.set_message(format!(
                "{} events applied, {}/s",
                HumanCount(events),
                HumanCount(rate)
            ));
        }
    }

    fn invalid(&mut self, line: u64, message: &str) {
        let text = format!("{} line {line}: {message}", error_style().bad("invalid event:"));
        match &self.bar {
            Some(bar) => bar.suspend(|| note(&text)),
            None => note(&text),
        }
    }
}
