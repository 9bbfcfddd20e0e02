//! Replaying a stream of events: each is applied exactly once, whatever happens in between.

use super::ahead::{self, Page};
use super::asked::{AnswerScope, EventStream, ReplayOptions, Summary, Watcher};
use super::configure::{Configured, configure};
use super::ids::Ids;
use super::moment::moment;
use super::question;
use super::stream::Running;
use crate::engine::Engine;
use crate::ledger::Ledger;
use crate::lifecycle::{Answer, Applied, Environment, Event, EventSource, Machine};
use crate::model::Rules;
use crate::store::error::StoreError;
use crate::store::file::disk::{self, IN_MEMORY};
use crate::store::file::header::Stream;
use crate::store::file::store_file::{Durability, StoreFile};
use crate::store::read::answer::{AnswerWriter, Sink, Told, invalid, misasked, object, write};
use crate::store::read::journal::{self, JournalReader, Voices};
use crate::wire::{AppliedEvent, Line, Lines, is_question, means_operation, parse_event};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// A bulk commit takes this many events.
const BULK_EVENTS: u64 = 250_000;
/// At most so many blocks of rows stay in memory between commits: 512 MiB.
const BLOCK_BUDGET: usize = 32 << 10;
/// How many bytes of answers are written at once.
const ANSWER_BYTES: usize = 256 << 10;
/// How often progress is told.
const PROGRESS_EVENTS: u64 = 4096;

/// Applies a stream of events to the store at `path`, which is made where there is none;
/// [`IN_MEMORY`] is one that ends with this. The answers to all operation events of the stream go
/// to `sink`, in order; those of events applied before come from the journal. So do answers to
/// questions, which are no events, and where it is asked for to all other events, but none of what
/// was applied before.
///
/// # Errors
///
/// The store or the stream can't be used; what was committed stays.
pub fn replay(
    engine: &Engine,
    path: &str,
    events: &mut dyn EventStream,
    options: ReplayOptions,
    sink: &mut dyn Sink,
    watcher: &mut dyn Watcher,
) -> Result<Summary, StoreError> {
    let file = if path == IN_MEMORY {
        StoreFile::in_memory()?
    } else {
        if !disk::exists(Path::new(path)) {
            StoreFile::create(path)?;
        }
        StoreFile::open(path)?
    };
    Replay::begin(engine, file, options, sink, watcher)?.run(events)
}

/// A replay that is under way.
pub(crate) struct Replay<'a> {
    engine: &'a Engine,
    machine: Machine<StoreFile>,
    channel_ids: Vec<String>,
    configuration: u16,
    ids: Ids,
    options: ReplayOptions,
    answers: AnswerWriter,
    /// Answers that are not written yet.
    lines: Vec<u8>,
    /// Answers whose events are being kept.
    keeping: Vec<u8>,
    running: Running,
    /// How many events were applied since the last commit.
    uncommitted: u64,
    /// How many events of the stream were applied before.
    resumed: u64,
    by_rule: Vec<u64>,
    /// What the run comes to, as far as it is counted on the way.
    summary: Summary,
    sink: &'a mut dyn Sink,
    watcher: &'a mut dyn Watcher,
}

impl<'a> Replay<'a> {
    /// Checks that the store belongs to this configuration, and takes up its state.
    pub(crate) fn begin(
        engine: &'a Engine,
        mut file: StoreFile,
        options: ReplayOptions,
        sink: &'a mut dyn Sink,
        watcher: &'a mut dyn Watcher,
    ) -> Result<Self, StoreError> {
        let Configured { number: configuration, replaced: reconfigured } =
            configure(&mut file, engine, options)?;
        let channel_ids = file.channels()?;
        let mut environment = Environment::new(engine);
        let kept = file.environment();
        if !kept.is_empty() {
            // What is replaced is the configuration; the Real-time Service stays as it was.
            let stays =
                |line: &&str| reconfigured.is_none() || line.starts_with("real-time-service ");
            let damaged = || StoreError::Damaged {
                path: file.path().to_owned(),
                what: "the state of features and profiles can't be read".to_owned(),
            };
            environment = environment.with_lines(kept.lines().filter(stays)).ok_or_else(damaged)?;
        }
        let counters = file.header.counters();
        let mut ledger = Ledger::new(file, counters);
        if options.interactive {
            ledger.begin_steps();
        }
        let mut machine = Machine::new(engine, environment, ledger, &channel_ids, configuration)?;
        if let Some(note) = reconfigured {
            machine.record_reconfiguration(&note);
        }
        Ok(Self {
            engine,
            machine,
            channel_ids,
            configuration,
            ids: options.id_seed.map_or(Ids::Random, Ids::Seeded),
            options,
            answers: AnswerWriter::new(engine),
            lines: Vec::new(),
            keeping: Vec::new(),
            running: Running::new(),
            uncommitted: 0,
            resumed: 0,
            by_rule: vec![0; engine.rules().rules.len()],
            summary: Summary::default(),
            sink,
            watcher,
        })
    }

    fn file(&mut self) -> &mut StoreFile {
        self.machine.ledger.backing()
    }

    /// Applies the whole stream.
    pub(crate) fn run(mut self, events: &mut dyn EventStream) -> Result<Summary, StoreError> {
        let last = self.file().header.streams.last().cloned().filter(|stream| stream.events > 0);
        let reopens = events.reopens();
        let held = {
            let mut lines = Lines::new(events.open()?);
            let held = match &last {
                Some(last) => self.skip(last, &mut lines, reopens)?,
                None => Beginning::Here(Vec::new()),
            };
            match held {
                Beginning::Here(held) => {
                    self.start_stream();
                    for (number, bytes) in held {
                        let line = Line { number, text: text_of(&bytes), bytes: &bytes };
                        self.event(&line)?;
                    }
                    self.rest(&mut lines)?;
                    None
                }
                Beginning::Again => Some(()),
            }
        };
        if held.is_some() {
            self.running = Running::new();
            self.resumed = 0;
            let mut lines = Lines::new(events.open()?);
            self.start_stream();
            self.rest(&mut lines)?;
        }
        self.finish()
    }

    /// Reads over the events that were applied before, if the stream begins with them.
    fn skip(
        &mut self,
        last: &Stream,
        lines: &mut Lines<impl Read>,
        reopens: bool,
    ) -> Result<Beginning, StoreError> {
        let mut held = Vec::new();
        while self.running.stream.events < last.events {
            let Some(line) = lines.next_line(|| Ok::<(), StoreError>(()))? else { break };
            if self.options.append && !reopens {
                held.push((line.number, line.bytes.to_vec()));
            }
            if line.text.is_ok_and(is_question) {
                continue;
            }
            self.running.add(line.bytes, line.number);
            if !self.running.may_be(last) {
                break;
            }
        }
        let is_same = self.running.stream.events == last.events && self.running.may_be(last);
        if is_same {
            self.resumed = last.events;
            self.running.stream.invalid = last.invalid;
            self.running.stream.first_row = last.first_row;
            self.answer_again(last)?;
            return Ok(Beginning::Here(Vec::new()));
        }
        if !self.options.append {
            let applied = last.events;
            let what = match self.running.stream.events {
                read if self.running.may_be(last) => {
                    format!("the stream has {read} events, and {applied} were applied")
                }
                1 => "the stream differs from the one applied, in its first event".to_owned(),
                read => format!(
                    "the stream differs from the one applied, within its first {read} events"
                ),
            };
            return Err(StoreError::OtherStream { what });
        }
        self.running = Running::new();
        Ok(if reopens { Beginning::Again } else { Beginning::Here(held) })
    }

    /// The answers of events that were applied before, from the journal.
    fn answer_again(&mut self, stream: &Stream) -> Result<(), StoreError> {
        let mut voices = Voices::default();
        voices.add(self.configuration, self.engine, &self.channel_ids);
        // A reconfiguration may stand in the journal that is not kept yet.
        let end = self.file().header.counters().journal;
        let mut rows = JournalReader::new(stream.first_row, end);
        loop {
            let reading = self.machine.ledger.backing().reading()?;
            let Some(entry) = rows.next(reading)? else { break };
            let voice = voices.get(entry.row.configuration, reading, &self.channel_ids)?;
            journal::answer(&mut self.lines, &mut self.machine.ledger, voice, &entry)?;
            if self.lines.len() >= ANSWER_BYTES {
                self.write_lines()?;
            }
        }
        self.write_lines()
    }

    /// Begins a stream that was not applied before.
    fn start_stream(&mut self) {
        if self.resumed == 0 {
            let first_row = self.machine.counters().journal;
            self.running.stream.first_row = first_row;
            let streams = &mut self.file().header.streams;
            if streams.last().is_some_and(|stream| stream.events == 0) {
                streams.pop();
            }
            streams.push(Stream { first_row, ..Stream::default() });
        }
    }

    /// Applies what the stream has left.
    fn rest(&mut self, lines: &mut Lines<impl Read + Send>) -> Result<(), StoreError> {
        if !self.options.interactive {
            return self.rest_ahead(lines);
        }
        let mut read = 0;
        loop {
            let Some(line) = lines.next_line(|| self.commit(Durability::Interactive))? else {
                return Ok(());
            };
            read += line.bytes.len() as u64 + 1;
            self.event(&line)?;
            self.progress(read);
        }
    }

    /// The same where nobody waits for single answers: the stream is read ahead.
    fn rest_ahead(&mut self, lines: &mut Lines<impl Read + Send>) -> Result<(), StoreError> {
        let directory = self.machine.directory();
        let (pages, ahead) = std::sync::mpsc::sync_channel(ahead::PAGES);
        std::thread::scope(|scope| {
            let thread = std::thread::Builder::new().name("read ahead".to_owned());
            thread.spawn_scoped(scope, move || ahead::read(lines, &directory, &pages))?;
            let mut read = 0;
            for page in ahead {
                self.page(&page?, &mut read)?;
            }
            Ok(())
        })
    }

    /// Applies the events of a page.
    fn page(&mut self, page: &Page, read: &mut u64) -> Result<(), StoreError> {
        for ahead in page.lines() {
            let (text, bytes) = page.line(ahead);
            *read += bytes.len() as u64 + 1;
            match (page.operation(ahead), text) {
                (Some((operation, at)), Ok(text)) => {
                    self.running.add(bytes, ahead.number);
                    let source = EventSource { line: ahead.number, text, at, is_operation: true };
                    self.apply(Ok(Event::Operation(operation)), &source)?;
                }
                (_, text) => self.event(&Line { number: ahead.number, text, bytes })?,
            }
            self.progress(*read);
        }
        Ok(())
    }

    fn progress(&mut self, read: u64) {
        if self.running.stream.events.is_multiple_of(PROGRESS_EVENTS) {
            self.watcher.progress(self.running.stream.events, read);
        }
    }

    /// Applies the event of a line, or answers its question.
    fn event(&mut self, line: &Line<'_>) -> Result<(), StoreError> {
        let parsed = match &line.text {
            Ok(text) => parse_event(text),
            Err(problem) => Err(problem.to_string()),
        };
        if let (Err(_), Ok(text)) = (&parsed, &line.text)
            && is_question(text)
        {
            return self.question(line.number, text);
        }
        self.running.add(line.bytes, line.number);
        // A line that is no text means nothing, and is told by what is wrong with it.
        let text = line.text.as_deref().unwrap_or_default();
        let at =
            parsed.as_ref().ok().and_then(|parsed| parsed.at.as_deref()).map(moment).transpose();
        let (at, time_error) = match at {
            Ok(at) => (at, None),
            Err(message) => (None, Some(message)),
        };
        let event = match (&parsed, time_error) {
            (Ok(_), Some(message)) => Err(message),
            (Ok(parsed), None) => self.machine.directory().event(parsed),
            (Err(message), _) => Err(message.clone()),
        };
        let is_operation = match &parsed {
            Ok(parsed) => parsed.operation.is_some(),
            Err(_) => means_operation(text),
        };
        self.apply(event, &EventSource { line: line.number, text, at, is_operation })
    }

    /// Answers the question of a line, which changes nothing.
    fn question(&mut self, number: u64, text: &str) -> Result<(), StoreError> {
        match question::answer(&mut self.machine, text)? {
            Ok(answer) => {
                self.summary.questions += 1;
                self.summary.unmet += u64::from(answer.is_unmet());
                object(&mut self.lines, &answer);
            }
            Err(message) => {
                self.summary.misasked += 1;
                misasked(&mut self.lines, number, &message);
            }
        }
        // Where nothing is applied, no commit brings answers out.
        if self.lines.len() >= ANSWER_BYTES && self.uncommitted == 0 {
            self.commit(Durability::Bulk)?;
        }
        Ok(())
    }

    /// Applies an event, and keeps what was applied where that is enough for a commit.
    fn apply(
        &mut self,
        event: Result<Event<'_>, String>,
        source: &EventSource<'_>,
    ) -> Result<(), StoreError> {
        let customer = customer_of(&event);
        let applied = self.machine.apply(event, source, &mut self.ids)?;
        self.tell(&applied, source, customer)?;
        self.uncommitted += 1;
        if self.uncommitted >= BULK_EVENTS {
            self.commit(Durability::Bulk)?;
        }
        Ok(())
    }

    /// Answers an event.
    fn tell(
        &mut self,
        applied: &Applied,
        source: &EventSource<'_>,
        customer: Option<&str>,
    ) -> Result<(), StoreError> {
        let sequence = self.machine.counters().events;
        let answers_all = self.options.answers == AnswerScope::All;
        match applied {
            Applied::Decided(answer) => self.tell_decision(sequence, answer, customer)?,
            Applied::Done if answers_all => {
                if let Some(applied) = AppliedEvent::of(sequence, source.text) {
                    object(&mut self.lines, &applied);
                }
            }
            Applied::Done => {}
            Applied::Invalid(message) => {
                self.running.stream.invalid += 1;
                if source.is_operation || answers_all {
                    invalid(&mut self.lines, sequence, source.line, message);
                } else {
                    self.watcher.invalid(source.line, message);
                }
            }
        }
        if self.lines.len() >= ANSWER_BYTES && self.sink.is_hidden() {
            self.write_lines()?;
        }
        Ok(())
    }

    fn tell_decision(
        &mut self,
        sequence: u64,
        answer: &Answer,
        customer: Option<&str>,
    ) -> Result<(), StoreError> {
        if let Some(count) = self.by_rule.get_mut(answer.rule.index()) {
            *count += 1;
        }
        let row = match answer.customer {
            Some(slot) => Some(self.machine.ledger.customer(slot)?),
            None => None,
        };
        self.answers
            .decision(&mut self.lines, &Told::new(sequence, answer, customer, row.as_ref()));
        Ok(())
    }

    fn write_lines(&mut self) -> Result<(), StoreError> {
        write(self.sink, &self.lines)?;
        self.lines.clear();
        Ok(())
    }

    /// Keeps what was applied, then shows the answers; those of a bulk commit, which is written
    /// while the next events are applied, once it is kept.
    fn commit(&mut self, durability: Durability) -> Result<(), StoreError> {
        self.file().settle()?;
        write(self.sink, &self.keeping)?;
        self.keeping.clear();
        if self.uncommitted > 0 || durability == Durability::Last {
            let stream = self.running.stream();
            let environment = self.machine.environment().to_lines();
            let is_logged = durability == Durability::Interactive
                && self.machine.ledger.log(|step, file| file.log(step, &stream, &environment))?;
            if !is_logged {
                self.machine.ledger.keep(BLOCK_BUDGET, |changes, file| {
                    if let Some(last) = file.header.streams.last_mut() {
                        *last = stream;
                    }
                    file.commit(changes, &environment, durability)
                })?;
            }
            self.uncommitted = 0;
        }
        if durability == Durability::Bulk && !self.sink.is_hidden() {
            std::mem::swap(&mut self.lines, &mut self.keeping);
        } else {
            self.write_lines()?;
        }
        self.sink.show().map_err(StoreError::Output)
    }

    fn finish(mut self) -> Result<Summary, StoreError> {
        self.commit(Durability::Last)?;
        let counters = self.machine.counters();
        let rules: &Rules = self.engine.rules();
        let mut decisions = BTreeMap::new();
        for (rule, count) in rules.rules.iter().zip(&self.by_rule).filter(|(_, count)| **count > 0)
        {
            *decisions
                .entry((rule.outcome, rules.reason_code(rule.reason).to_owned()))
                .or_insert(0) += count;
        }
        Ok(Summary {
            events: self.running.stream.events,
            resumed: self.resumed,
            invalid: self.running.stream.invalid,
            decisions,
            pending: counters.pending,
            customers: self.machine.ledger.len(crate::ledger::BlockKind::Customers),
            ..self.summary
        })
    }
}

/// Where the events that are new begin.
enum Beginning {
    /// With these lines, then where the reader stands.
    Here(Vec<(u64, Vec<u8>)>),
    /// At the beginning of the stream, which must be opened again.
    Again,
}

fn text_of(bytes: &[u8]) -> Result<&str, crate::wire::LineProblem> {
    std::str::from_utf8(bytes).map_err(|_| crate::wire::LineProblem::NotText { column: 1 })
}

/// The customer that an operation event names.
fn customer_of<'l>(event: &Result<Event<'l>, String>) -> Option<&'l str> {
    match event {
        Ok(Event::Operation(operation)) => operation.customer?.written(),
        _ => None,
    }
}
