//! The store: a stream replayed end to end; its own part beside SQLite, beside appending the same
//! bytes to a file, and beside the same work in memory; single durable events; opening after a
//! kill. `store [EVENTS [ROUNDS]]`, a million and three by default.

use std::collections::HashMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use syncgate::engine::Engine;
use syncgate::ledger::{BlockKind, Changes, InMemory, JournalRow, Ledger, block_rows};
use syncgate::lifecycle::{Environment, EventSource, Machine};
use syncgate::model::{Deployment, Rules};
use syncgate::store::{Ids, Keeper, Store};
use syncgate::wire::parse_event;
use syncgate_benches::base::{Base, COMMIT};
use syncgate_benches::child::Ended;
use syncgate_benches::sqlite::{Rows, Sqlite};
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::{busy, median};
use syncgate_benches::{binary, child, events, repository};

const DEPLOYMENT: &str = "fixtures/deployments/contoso";
/// How many events are in a batch, as in a replay.
const BATCH: u64 = 250_000;
/// How many bytes of journal make a chunk.
const CHUNK: usize = 16_256;
/// How often single events are measured, and opening.
const SINGLE: usize = 300;
const OPENED: usize = 7;

fn main() -> Result<(), Box<dyn Error>> {
    let count: u64 = std::env::args().nth(1).map_or(Ok(1_000_000), |count| count.parse())?;
    let rounds: usize = std::env::args().nth(2).map_or(Ok(3), |rounds| rounds.parse())?;
    let directory =
        tempfile::Builder::new().prefix("syncgate-benches").tempdir_in(repository("target"))?;
    let stream = directory.path().join("events.jsonl");
    events::write(&mut BufWriter::new(File::create(&stream)?), count)?;
    let bytes = std::fs::metadata(&stream)?.len();
    println!("{count} events, {} bytes each.\n", bytes / count.max(1));
    // Programs first, while little is in memory: a child's peak counts from what its parent has.
    if let Some(binary) = binary() {
        let kept = end_to_end(&binary, directory.path(), &stream, count, rounds)?;
        single(&binary, directory.path(), &kept)?;
        opening(&binary, directory.path(), &kept)?;
        std::fs::remove_file(kept.store)?;
    }
    let mut runs = Vec::new();
    for _ in 0..rounds {
        let own = tempfile::Builder::new().prefix("own").tempdir_in(directory.path())?;
        runs.push(own_part(own.path(), &stream, count)?);
    }
    print_own_part(&runs, count);
    Ok(())
}

/// A store that today's program has made, and the deployment that it is of: no other goes on.
struct Kept {
    deployment: PathBuf,
    store: PathBuf,
}

/// `syncgate replay` of a stream.
fn replay(binary: &Path, deployment: &Path, stream: &str, store: &Path) -> Command {
    let mut command = Command::new(binary);
    command.arg("replay").arg(deployment);
    command.args(["--events", stream, "--id-seed", "1", "--append"]);
    command.arg("--store").arg(store).stderr(Stdio::null());
    command
}

/// A whole replay into a new store, the program's start included; answers go to a file.
fn whole(
    binary: &Path,
    deployment: &Path,
    stream: &Path,
    [store, answers]: [&Path; 2],
) -> Result<Ended, Box<dyn Error>> {
    drop(std::fs::remove_file(store));
    let mut command = replay(binary, deployment, &stream.to_string_lossy(), store);
    Ok(child::run(command.arg("--output").arg(answers))?.well()?)
}

/// Whole replays, by today's program and by the one of [`COMMIT`] in turn, of a deployment that
/// both read. What today's kept in the last round.
fn end_to_end(
    binary: &Path,
    directory: &Path,
    stream: &Path,
    count: u64,
    rounds: usize,
) -> Result<Kept, Box<dyn Error>> {
    let base = Base::built();
    let deployment =
        base.as_ref().map_or_else(|| repository(DEPLOYMENT), |base| base.path(DEPLOYMENT));
    let paths = |name: &str| {
        [directory.join(format!("{name}.redb")), directory.join(format!("{name}.jsonl"))]
    };
    let ([store, answers], [old_store, old_answers]) = (paths("whole"), paths("base"));
    let (mut today, mut before) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        today.push(whole(binary, &deployment, stream, [&store, &answers])?);
        if let Some(base) = &base {
            let to = [old_store.as_path(), &old_answers];
            before.push(whole(&base.binary(), &deployment, stream, to)?);
            let length = |path: &Path| std::fs::metadata(path).map(|it| it.len());
            if length(&answers)? != length(&old_answers)? {
                return Err("the two answer otherwise".into());
            }
            std::fs::remove_file(&old_store)?;
        }
    }
    std::fs::remove_file(&answers)?;
    drop(std::fs::remove_file(&old_answers));

    let size = std::fs::metadata(&store)?.len();
    let rate = |seconds: f64| format!("{:.0}", count as f64 / seconds);
    let mut table =
        TextTable::new(&["end to end", "seconds", "events/s", "cores busy, s", "peak memory"]);
    for (name, ended) in
        [("today", &today), (COMMIT, &before)].into_iter().filter(|it| !it.1.is_empty())
    {
        let of = |value: fn(&Ended) -> f64| median(&ended.iter().map(value).collect::<Vec<_>>());
        let wall = of(|it| it.wall.as_secs_f64());
        table.row([
            name.into(),
            digits(wall),
            rate(wall),
            digits(of(|it| it.cpu.as_secs_f64())),
            mebibytes(of(|it| it.peak as f64) as u64),
        ]);
    }
    table.print(&format!("A replay from file to file, medians of {rounds} rounds in turn"));
    println!("the store has {}", mebibytes(size));
    beside_base(&today, &before, count);
    Ok(Kept { deployment, store })
}

/// What today's replays are beside those of [`COMMIT`]: medians of the ratios within rounds.
fn beside_base(today: &[Ended], before: &[Ended], count: u64) {
    if before.is_empty() {
        return;
    }
    let ratio = |of: fn(&Ended, &Ended) -> f64| {
        median(&today.iter().zip(before).map(|(new, old)| of(new, old)).collect::<Vec<_>>())
    };
    let faster = ratio(|new, old| old.wall.as_secs_f64() / new.wall.as_secs_f64());
    let busy = ratio(|new, old| new.cpu.as_secs_f64() / old.cpu.as_secs_f64());
    let memory = ratio(|new, old| new.peak as f64 / old.peak as f64);
    let is_long = count > 2_000_000;
    let goal = if is_long { 2.0 } else { 1.8 };
    println!(
        "goal: {goal}x the events per second of {COMMIT}: {} ({})",
        times(faster),
        reached(faster >= goal)
    );
    println!(
        "goal: 0.6x the time that cores are busy: {} ({}); {} of the peak memory",
        times(busy),
        reached(busy <= 0.6),
        times(memory)
    );
    let peak = median(&today.iter().map(|ended| ended.peak as f64).collect::<Vec<_>>()) as u64;
    if is_long {
        println!("goal: at most 500 MiB: {} ({})", mebibytes(peak), reached(peak <= 500 << 20));
    }
    println!();
}

/// A replay that waits for events, and its two ends.
fn interactive(binary: &Path, deployment: &Path, store: &Path) -> Result<Child, Box<dyn Error>> {
    let mut command = replay(binary, deployment, "-", store);
    Ok(command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?)
}

/// Sends one event and waits for its answer.
fn ask(
    child: &mut Child,
    event: &str,
    answers: &mut impl std::io::BufRead,
) -> Result<Duration, Box<dyn Error>> {
    let start = Instant::now();
    child.stdin.as_mut().ok_or("no input")?.write_all(event.as_bytes())?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    let taken = start.elapsed();
    if answer.contains("\"outcome\"") {
        Ok(taken)
    } else {
        Err(format!("`{}` for {event}", answer.trim()).into())
    }
}

/// One durable event after another, beside appending 4 KiB with a sync.
fn single(binary: &Path, directory: &Path, kept: &Kept) -> Result<(), Box<dyn Error>> {
    let store = directory.join("single.redb");
    std::fs::copy(&kept.store, &store)?;
    let mut appended = File::create(directory.join("appended"))?;
    let mut child = interactive(binary, &kept.deployment, &store)?;
    let mut answers = BufReader::new(child.stdout.take().ok_or("no output")?);
    let mut command = Command::new(binary);
    command.arg("decide").arg(&kept.deployment).args(["--input", "-"]);
    let mut decider = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut decisions = BufReader::new(decider.stdout.take().ok_or("no output")?);
    let (mut events, mut pipes, mut appends) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..SINGLE + 10 {
        let event = format!(
            "{{\"operation\":\"create-customer\",\"channel\":\"houston\",\"customer\":\"single \
                {number}\"}}\n"
        );
        let event = ask(&mut child, &event, &mut answers)?;
        let request = "{\"operation\":\"create-customer\",\"channel\":\"houston\"}\n";
        let pipe = ask(&mut decider, request, &mut decisions)?;
        let start = Instant::now();
        appended.write_all(&[7; 4096])?;
        appended.sync_data()?;
        if number >= 10 {
            events.push(event.as_secs_f64());
            pipes.push(pipe.as_secs_f64());
            appends.push(start.elapsed().as_secs_f64());
        }
    }
    drop(child.stdin.take());
    child.wait()?;
    drop(decider.stdin.take());
    decider.wait()?;
    let mut table = TextTable::new(&["one at a time", "p50 µs", "p99 µs"]);
    for (name, values) in
        [("an event, asked and durably answered", &events), ("4 KiB appended and synced", &appends)]
    {
        let mut sorted = values.clone();
        sorted.sort_by(f64::total_cmp);
        let p99 = sorted[sorted.len() * 99 / 100];
        table.row([name.into(), digits(median(values) * 1e6), digits(p99 * 1e6)]);
    }
    table.print(&format!("Single durable events, {SINGLE} in turn"));
    let ratio = (median(&events) - median(&pipes)) / median(&appends);
    println!(
        "goal: p50 without the pipes within 2.2x of the append: {} ({})\n",
        times(ratio),
        reached(ratio <= 2.2)
    );
    std::fs::remove_file(store)?;
    Ok(())
}

/// From opening a store to its first customer, after a writer was killed.
fn opening(binary: &Path, directory: &Path, kept: &Kept) -> Result<(), Box<dyn Error>> {
    let more = directory.join("more.jsonl");
    let mut file = BufWriter::new(File::create(&more)?);
    for number in 0..2_000_000 {
        writeln!(
            file,
            r#"{{"operation":"edit-customer","channel":"houston","customer":"C{:08}"}}"#,
            number % 1000 * 4
        )?;
    }
    file.flush()?;
    let store = directory.join("killed.redb");
    let mut table = TextTable::new(&["a writer killed", "median ms", "least ms"]);
    let mut medians = Vec::new();
    for name in ["not killed", "in a bulk replay", "between single events"] {
        let mut times = Vec::new();
        for _ in 0..OPENED {
            std::fs::copy(&kept.store, &store)?;
            match name {
                "in a bulk replay" => {
                    let more = more.to_string_lossy();
                    let mut command = replay(binary, &kept.deployment, &more, &store);
                    let mut child = command.stdout(Stdio::null()).spawn()?;
                    std::thread::sleep(Duration::from_millis(1500));
                    if let Some(status) = child.try_wait()? {
                        return Err(format!("a replay ended with {status} before its kill").into());
                    }
                    child.kill()?;
                    child.wait()?;
                }
                "between single events" => {
                    let mut child = interactive(binary, &kept.deployment, &store)?;
                    let mut answers = BufReader::new(child.stdout.take().ok_or("no output")?);
                    for _ in 0..3 {
                        let event = "{\"operation\":\"edit-customer\",\"channel\":\"houston\",\
                                     \"customer\":\"C00000000\"}\n";
                        ask(&mut child, event, &mut answers)?;
                    }
                    child.kill()?;
                    child.wait()?;
                }
                _ => {}
            }
            let path = store.to_string_lossy().into_owned();
            let start = Instant::now();
            let mut opened = Store::open(&path)?;
            let customer = opened.customer(opened.customer_count() / 2)?;
            times.push(start.elapsed().as_secs_f64());
            if customer.operations == 0 {
                return Err("no customer".into());
            }
        }
        let least = times.iter().copied().fold(f64::INFINITY, f64::min);
        table.row([name.into(), digits(median(&times) * 1e3), digits(least * 1e3)]);
        medians.push(median(&times));
    }
    let customers = Store::open(&store.to_string_lossy())?.customer_count();
    table.print(&format!("From opening to the first customer of {customers}, {OPENED} times"));
    println!(
        "goal: 10 ms after a bulk replay: {} ({})",
        digits(medians[1] * 1e3),
        reached(medians[1] <= 0.010)
    );
    println!(
        "goal: 150 ms after single events: {} ({})\n",
        digits(medians[2] * 1e3),
        reached(medians[2] <= 0.150)
    );
    std::fs::remove_file(store)?;
    std::fs::remove_file(more)?;
    Ok(())
}

/// What every batch is kept in.
struct Contenders {
    keeper: Keeper,
    rows: Sqlite,
    records: Sqlite,
    append: File,
    /// Blocks as the batch before left them, to tell which rows are new.
    before: HashMap<(u8, u64), Vec<u8>>,
    /// How many rows and chunks of the journal there were.
    journal: i64,
    /// Seconds by the clock, and of cores kept busy.
    seconds: [(f64, f64); 4],
    bytes: u64,
}

/// What one run of the store's own part took, by contender: the store, SQLite by rows and by
/// records, appending, and the work in memory; and how many bytes were kept.
struct OwnPart {
    seconds: [(f64, f64); 5],
    bytes: u64,
}

/// The store's own part, batch by batch beside its peers, while the events are applied in memory.
fn own_part(directory: &Path, stream: &Path, count: u64) -> Result<OwnPart, Box<dyn Error>> {
    let rules = Rules::embedded();
    let loaded = Deployment::load(&repository(DEPLOYMENT).to_string_lossy())?;
    let engine = Engine::new(&rules, loaded.valid()?)?;
    let ids: Vec<String> = engine.channels().map(|channel| channel.id().to_owned()).collect();
    let ledger = Ledger::new(InMemory, Default::default());
    let mut machine = Machine::new(&engine, Environment::new(&engine), ledger, &ids, 0)?;
    let names = machine.directory();
    let mut contenders = Contenders {
        keeper: Keeper::create(&directory.join("own.redb").to_string_lossy())?,
        rows: Sqlite::create(&directory.join("rows.sqlite"))?,
        records: Sqlite::create(&directory.join("records.sqlite"))?,
        append: File::create(directory.join("appended"))?,
        before: HashMap::new(),
        journal: 0,
        seconds: [(0.0, 0.0); 4],
        bytes: 0,
    };
    let mut memory = (0.0, 0.0);
    let (mut start, mut busy_before) = (Instant::now(), busy());
    let mut guids = Ids::Seeded(1);
    for (number, line) in (1..).zip(BufReader::with_capacity(1 << 20, File::open(stream)?).lines())
    {
        let line = line?;
        let parsed = parse_event(&line)?;
        let is_operation = parsed.operation.is_some();
        let source = EventSource { line: number, text: &line, at: None, is_operation };
        machine.apply(names.event(&parsed), &source, &mut guids)?;
        if number % BATCH == 0 || number == count {
            memory.0 += start.elapsed().as_secs_f64();
            memory.1 += (busy() - busy_before).as_secs_f64();
            let mut turn = (number / BATCH) as usize;
            machine.ledger.keep(usize::MAX, |changes, _| {
                turn += 1;
                contenders.keep(changes, turn)
            })?;
            (start, busy_before) = (Instant::now(), busy());
        }
    }
    let [own, rows, records, append] = contenders.seconds;
    Ok(OwnPart { seconds: [own, rows, records, append, memory], bytes: contenders.bytes })
}

/// Prints the medians of several runs, and the medians of the ratios within each.
fn print_own_part(runs: &[OwnPart], count: u64) {
    let of = |value: &dyn Fn(&OwnPart) -> f64| median(&runs.iter().map(value).collect::<Vec<_>>());
    let mut table = TextTable::new(&[
        "the store's part",
        "seconds",
        "to the store",
        "cores busy, seconds",
        "to the store",
    ]);
    let names = [
        "the store, sealing included",
        "SQLite, a row for each row",
        "SQLite, the store's own records",
        "the same bytes appended to a file",
        "the same work in memory, parsing included",
    ];
    for (place, name) in names.into_iter().enumerate() {
        table.row([
            name.into(),
            digits(of(&|run| run.seconds[place].0)),
            times(of(&|run| run.seconds[place].0 / run.seconds[0].0)),
            digits(of(&|run| run.seconds[place].1)),
            times(of(&|run| run.seconds[place].1 / run.seconds[0].1)),
        ]);
    }
    let (batches, bytes) = (count.div_ceil(BATCH), of(&|run| run.bytes as f64) as u64);
    let title = format!("The same {batches} batches in turn, each synced, {}", mebibytes(bytes));
    table.print(&format!("{title} in all, medians of {}", runs.len()));
    let by_row = if count > 2_000_000 { 1.7 } else { 2.0 };
    for (place, goal) in [(1, by_row), (2, 1.5)] {
        let wall = of(&|run| run.seconds[place].0 / run.seconds[0].0);
        let busy = of(&|run| run.seconds[place].1 / run.seconds[0].1);
        println!(
            "goal: {goal}x {}: {} by the clock, {} by cores kept busy ({})",
            names[place],
            times(wall),
            times(busy),
            reached(wall >= goal)
        );
    }
}

impl Contenders {
    /// Keeps a batch in each, in another order each time.
    fn keep(&mut self, changes: &Changes<'_>, turn: usize) -> Result<(), Box<dyn Error>> {
        let (rows, records) = (self.by_row(changes), self.by_record(changes));
        let bytes = all_bytes(changes);
        self.bytes += bytes.len() as u64;
        for place in 0..4 {
            let contender = (place + turn) % 4;
            let (start, busy_before) = (Instant::now(), busy());
            match contender {
                0 => self.keeper.keep(changes)?,
                1 => self.rows.keep(&rows)?,
                2 => self.records.keep(&records)?,
                _ => {
                    self.append.write_all(&bytes)?;
                    self.append.sync_data()?;
                }
            }
            self.seconds[contender].0 += start.elapsed().as_secs_f64();
            self.seconds[contender].1 += (busy() - busy_before).as_secs_f64();
        }
        Ok(())
    }

    /// A row of SQLite for each row that is new or has changed, and for each row of the journal.
    fn by_row(&mut self, changes: &Changes<'_>) -> Rows {
        let mut rows = others(changes);
        for change in &changes.blocks {
            let width = change.kind.width();
            let before = self.before.entry((change.kind as u8, change.number)).or_default();
            let first = change.number as usize * block_rows(change.kind);
            for (place, row) in change.bytes.chunks(width).enumerate() {
                if before.get(place * width..(place + 1) * width) != Some(row) {
                    rows.blocks.push((change.kind, (first + place) as i64, row.to_vec()));
                }
            }
            change.bytes.clone_into(before);
        }
        let entries = (self.journal..).zip(entries(changes.journal));
        rows.journal.extend(entries.map(|(number, entry)| (number, entry.to_vec())));
        rows
    }

    /// The very records of the store: blocks of rows, and chunks of the journal.
    fn by_record(&mut self, changes: &Changes<'_>) -> Rows {
        let mut rows = others(changes);
        let blocks = changes.blocks.iter();
        rows.blocks = blocks
            .map(|change| (change.kind, change.number as i64, change.bytes.to_vec()))
            .collect();
        let mut chunk = Vec::with_capacity(CHUNK);
        let mut first = self.journal;
        for entry in entries(changes.journal) {
            if chunk.len() + entry.len() > CHUNK {
                rows.journal.push((first, std::mem::take(&mut chunk)));
                first = self.journal;
            }
            chunk.extend_from_slice(entry);
            self.journal += 1;
        }
        rows.journal.push((first, chunk));
        rows
    }
}

/// What is a row in the store and in SQLite alike.
fn others(changes: &Changes<'_>) -> Rows {
    let mut names: Vec<_> = changes
        .names
        .iter()
        .map(|(kind, hash, slot)| (*kind, *hash as i64, *slot as i64))
        .collect();
    names.sort_unstable();
    Rows {
        names,
        guids: changes
            .guids
            .iter()
            .map(|(guid, slot)| (guid.to_be_bytes(), *slot as i64))
            .collect(),
        texts: changes
            .texts
            .iter()
            .map(|(kind, number, text)| (*kind as i64, *number as i64, text.map(str::to_owned)))
            .collect(),
        ..Rows::default()
    }
}

/// The journal's rows, each with its note.
fn entries(mut journal: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (_, _, rest) = JournalRow::split_first(journal)?;
        let (entry, _) = journal.split_at(journal.len() - rest.len());
        journal = rest;
        Some(entry)
    })
}

/// All bytes of a batch, one after the other.
fn all_bytes(changes: &Changes<'_>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for kind in BlockKind::ALL {
        changes.blocks.iter().filter(|change| change.kind == *kind).for_each(|change| {
            bytes.extend_from_slice(change.bytes);
        });
    }
    for (_, hash, slot) in changes.names {
        bytes.extend_from_slice(&hash.to_le_bytes());
        bytes.extend_from_slice(&slot.to_le_bytes());
    }
    for (guid, slot) in changes.guids {
        bytes.extend_from_slice(&guid.to_le_bytes());
        bytes.extend_from_slice(&slot.to_le_bytes());
    }
    bytes.extend_from_slice(changes.journal);
    bytes
}
