//! Requests as Parquet, CSV and JSON Lines, per core that is kept busy, beside the build of an
//! early commit that reads JSON Lines, and beside DuckDB, which decides the same Parquet file by
//! the exported view. Then what unknown names cost, and how large an exported script is.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use syncgate::batch::{Asked, Clerk, Desk, RequestId, Requests, Unanswered, run};
use syncgate::engine::Engine;
use syncgate::model::{Deployment, Rules, Situation, SituationFact};
use syncgate_benches::base::{Base, COMMIT, Known};
use syncgate_benches::random::Random;
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::{Samples, median};
use syncgate_benches::{binary, child, repository};

/// How many requests there are if nothing else is said.
const ROWS: usize = 10_000_000;
const ROUNDS: usize = 3;
/// The argument with which this program counts decisions by reason, by the library.
const COUNT: &str = "count";
/// The most that may be resident.
const MOST_RESIDENT: u64 = 64 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [what, deployment, table] = arguments.as_slice()
        && what == COUNT
    {
        return count(deployment, table);
    }
    let rows = arguments.first().map_or(Ok(ROWS), |rows| rows.parse())?;
    let Some(binary) = binary() else { return Ok(()) };
    let directory = tempfile::tempdir()?;
    unknown_names(&binary, directory.path())?;
    script(&binary, directory.path())?;
    let Some(engines) = std::env::var_os("SYNCGATE_ENGINES") else {
        println!("skipped: no folder in SYNCGATE_ENGINES; .ci/export/install.sh fills one");
        return Ok(());
    };
    let Some(base) = Base::built() else { return Ok(()) };
    let duckdb = Duckdb(PathBuf::from(engines).join("python"));
    let tables = Tables::write(&base, &duckdb, directory.path(), rows)?;
    measure(&binary, &base, &duckdb, &tables)
}

/// Counts decisions by rule.
struct Counter<'e> {
    engine: &'e Engine,
    rules: Vec<u64>,
    /// Requests that have no decision.
    others: u64,
}

impl Clerk for Counter<'_> {
    type Part = (Vec<u64>, u64);

    fn answer(&mut self, _: RequestId<'_>, _: u64, asked: Asked) {
        match asked.channel(self.engine).decide(asked.operation, asked.situation) {
            Ok(decision) => self.rules[decision.rule_id().index()] += 1,
            Err(_) => self.others += 1,
        }
    }

    fn refuse(&mut self, _: RequestId<'_>, _: u64, _: Unanswered<'_>) {
        self.others += 1;
    }

    fn part(&mut self) -> Self::Part {
        let none = vec![0; self.rules.len()];
        (std::mem::replace(&mut self.rules, none), std::mem::take(&mut self.others))
    }
}

/// Prints how many requests of a table have each reason.
fn count(deployment: &str, table: &str) -> Result<(), Box<dyn Error>> {
    let rules = Rules::embedded();
    let loaded = Deployment::load(deployment)?;
    let engine = Engine::new(&rules, loaded.valid()?)?;
    let requests = Requests::table(table, File::open(table)?)?.without_ids()?;
    let mut counted = BTreeMap::new();
    let clerk = || Counter { engine: &engine, rules: vec![0; rules.rules.len()], others: 0 };
    run(
        || Desk::new(&engine),
        requests,
        NonZeroUsize::MIN,
        clerk,
        |(by_rule, others)| {
            for (rule, count) in rules.rules.iter().zip(by_rule).filter(|(_, count)| *count > 0) {
                *counted.entry(rules.reason_code(rule.reason)).or_insert(0) += count;
            }
            if others > 0 {
                *counted.entry("").or_insert(0) += others;
            }
            Ok(())
        },
    )?;
    for (reason, count) in counted {
        println!("{reason}\t{count}");
    }
    Ok(())
}

/// DuckDB's package for Python, in this folder.
struct Duckdb(PathBuf);

impl Duckdb {
    fn command(&self, what: &str) -> Command {
        let mut command = Command::new("python3");
        command.arg(repository("benches/src/duckdb.py")).arg(&self.0).arg(what);
        command
    }

    /// Makes a table of the first requests of a CSV.
    fn write(&self, csv: &Path, table: &Path, rows: usize) -> Result<(), Box<dyn Error>> {
        let mut command = self.command("write");
        child::run(command.arg(csv).arg(table).arg(rows.to_string()))?.well()?;
        Ok(())
    }
}

/// Requests in all formats: all of them, and a tenth.
struct Tables {
    rows: usize,
    deployment: PathBuf,
    /// The operations that the earlier build knows.
    known: Known,
    directory: PathBuf,
}

impl Tables {
    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn write(
        base: &Base,
        duckdb: &Duckdb,
        directory: &Path,
        rows: usize,
    ) -> Result<Self, Box<dyn Error>> {
        let deployment = base.path("fixtures/deployments/contoso");
        let known = base.known("rules/operations.toml")?;
        let tables = Self { rows, deployment, known, directory: directory.to_owned() };
        for (name, rows) in [("all", rows), ("tenth", rows / 10)] {
            tables.lines(name, rows)?;
            let table = tables.path(&format!("{name}.parquet"));
            duckdb.write(&tables.path(&format!("{name}.csv")), &table, rows)?;
        }
        let bytes = |name: &str| -> Result<String, Box<dyn Error>> {
            let length = std::fs::metadata(tables.path(name))?.len();
            Ok(format!("{} as {name}", mebibytes(length)))
        };
        println!(
            "{rows} requests: {}, {}, {}, {}.\n",
            bytes("all.jsonl")?,
            bytes("all.nulls.jsonl")?,
            bytes("all.csv")?,
            bytes("all.parquet")?
        );
        Ok(tables)
    }

    /// The same requests about every operation in every situation that the channel can be in, as
    /// lines of JSON, as such with a null in the place of each default, and as CSV.
    fn lines(&self, name: &str, rows: usize) -> Result<(), Box<dyn Error>> {
        let rules = Rules::embedded();
        let loaded = Deployment::load(&self.deployment.to_string_lossy())?;
        let engine = Engine::new(&rules, loaded.valid()?)?;
        let channels: Vec<_> = engine.channels().collect();
        let operations = rules.operations.iter().map(|operation| &operation.id);
        let operations: Vec<&String> = operations.filter(|id| self.known.has(id)).collect();
        let file = |ending: &str| File::create(self.path(&format!("{name}.{ending}")));
        let mut lines = BufWriter::new(file("jsonl")?);
        let mut nulls = BufWriter::new(file("nulls.jsonl")?);
        let mut cells = BufWriter::new(file("csv")?);
        let keys: Vec<String> =
            SituationFact::ALL.iter().map(|fact| fact.as_str().replace('-', "_")).collect();
        writeln!(cells, "id,operation,channel,{}", keys.join(","))?;
        let mut random = Random::new(2);
        let mut id = 0;
        while id < rows {
            let channel = random.one_of(&channels);
            let operation = random.one_of(&operations);
            let situation = Situation::from_index(random.below(Situation::COUNT));
            let Some(situation) = situation else { continue };
            if channel.decide(engine.operation(operation)?, situation).is_err() {
                continue;
            }
            let channel = channel.id();
            let start = format!("\"operation\":\"{operation}\",\"channel\":\"{channel}\"");
            write!(lines, "{{\"id\":{id},{start}")?;
            write!(nulls, "{{\"id\":{id},{start}")?;
            write!(cells, "{id},{operation},{channel}")?;
            for (fact, key) in SituationFact::ALL.iter().zip(&keys) {
                let word = situation.word(*fact);
                let is_truth = matches!(word, "false" | "true");
                let quote = if is_truth { "" } else { "\"" };
                write!(lines, ",\"{key}\":{quote}{word}{quote}")?;
                if situation.value(*fact) == 0 {
                    write!(nulls, ",\"{key}\":null")?;
                } else {
                    write!(nulls, ",\"{key}\":{quote}{word}{quote}")?;
                }
                write!(cells, ",{word}")?;
            }
            writeln!(lines, "}}")?;
            writeln!(nulls, "}}")?;
            writeln!(cells)?;
            id += 1;
        }
        lines.flush()?;
        nulls.flush()?;
        Ok(cells.flush()?)
    }
}

/// What is measured, in this order.
const CONTENDERS: [&str; 9] = [
    "that build, JSON Lines",
    "that build, explicit nulls",
    "JSON Lines",
    "JSON Lines, explicit nulls",
    "CSV to JSON Lines",
    "CSV to CSV",
    "Parquet to counts by reason",
    "Parquet to Parquet",
    "DuckDB by the view, to counts by reason",
];
const BASE: usize = 0;
const BASE_NULLS: usize = 1;
const LINES: usize = 2;
const NULLS: usize = 3;
const CSV: usize = 4;
const CSV_CSV: usize = 5;
const COUNTS: usize = 6;
const PARQUET: usize = 7;
const DUCKDB: usize = 8;

fn measure(
    binary: &Path,
    base: &Base,
    duckdb: &Duckdb,
    tables: &Tables,
) -> Result<(), Box<dyn Error>> {
    let itself = std::env::current_exe()?;
    let answers = |ending: &str| tables.path(&format!("answers.{ending}"));
    let decide = |program: &Path, input: &str, output: &str| {
        let mut command = Command::new(program);
        command.arg("decide").arg(&tables.deployment).arg("--input").arg(tables.path(input));
        command.arg("--output").arg(answers(output));
        command
    };
    let script = tables.path("view.sql");
    let mut export = Command::new(binary);
    export.arg("export").arg(&tables.deployment).args(["--to", "sql", "--dialect", "duckdb"]);
    child::run(export.arg("--output").arg(&script).stdout(Stdio::null()))?.well()?;
    let command = |contender: usize, of: &str| {
        let input = |ending: &str| format!("{of}.{ending}");
        match contender {
            BASE => decide(&base.binary(), &input("jsonl"), "jsonl"),
            BASE_NULLS => decide(&base.binary(), &input("nulls.jsonl"), "jsonl"),
            LINES => decide(binary, &input("jsonl"), "jsonl"),
            NULLS => decide(binary, &input("nulls.jsonl"), "jsonl"),
            CSV => decide(binary, &input("csv"), "jsonl"),
            CSV_CSV => decide(binary, &input("csv"), "csv"),
            PARQUET => decide(binary, &input("parquet"), "parquet"),
            DUCKDB => {
                let mut command = duckdb.command("count");
                command.arg(tables.path(&input("parquet"))).arg(&script);
                command
            }
            _ => {
                let mut command = Command::new(&itself);
                command.arg(COUNT).arg(&tables.deployment).arg(tables.path(&input("parquet")));
                command
            }
        }
    };
    let mut measured: Vec<Samples> = CONTENDERS
        .iter()
        .map(|name| Samples { name: (*name).to_owned(), seconds: Vec::new() })
        .collect();
    let mut peaks = [[0; 2]; CONTENDERS.len()];
    let mut counts: BTreeMap<usize, String> = BTreeMap::new();
    for round in 0..=ROUNDS {
        for (contender, samples) in measured.iter_mut().enumerate() {
            // The first round is of the tenth, for the memory that it takes.
            let (place, of) = if round == 0 { (0, "tenth") } else { (1, "all") };
            let mut command = command(contender, of);
            // What a contender before it wrote is not for this one to throw away.
            for ending in ["jsonl", "csv", "parquet"] {
                let old = answers(ending);
                if old.exists() {
                    std::fs::remove_file(old)?;
                }
            }
            let ended = child::run(command.stdin(Stdio::null()).stdout(Stdio::piped()))?.well()?;
            peaks[contender][place] = peaks[contender][place].max(ended.peak);
            let output = String::from_utf8(ended.output)?;
            let (busy, counted) = match output.split_once('\n') {
                Some((busy, counted)) if contender == DUCKDB => (busy.parse()?, counted),
                _ => (ended.cpu.as_secs_f64(), &*output),
            };
            if round > 0 {
                samples.seconds.push(busy / tables.rows as f64);
                counts.insert(contender, counted.to_owned());
            }
        }
    }
    if counts[&COUNTS] != counts[&DUCKDB] {
        return Err(format!("counts differ: {} and {}", counts[&COUNTS], counts[&DUCKDB]).into());
    }
    let mut table = TextTable::new(&[
        "",
        "million rows/s",
        "to that build",
        "to DuckDB",
        "peak memory",
        "of a tenth",
    ]);
    for (samples, [tenth, all]) in measured.iter().zip(peaks) {
        table.row([
            samples.name.clone(),
            digits(1e-6 / samples.median()),
            times(measured[BASE].ratio_to(samples)),
            times(measured[DUCKDB].ratio_to(samples)),
            mebibytes(all),
            mebibytes(tenth),
        ]);
    }
    table.print(&format!(
        "{} requests, by the time that cores are kept busy, median of {ROUNDS} rounds in turn; \
            that build is {COMMIT}, of DuckDB the query alone",
        tables.rows
    ));
    let goals = [
        ("Parquet to counts, to that build", COUNTS, BASE, 8.0),
        ("Parquet to counts, to DuckDB", COUNTS, DUCKDB, 3.0),
        ("Parquet to Parquet with rules", PARQUET, BASE, 3.0),
        ("CSV to answers", CSV, BASE, 1.2),
        ("CSV to answers in CSV", CSV_CSV, BASE, 1.2),
        ("JSON Lines", LINES, BASE, 1.3),
        ("JSON Lines with explicit nulls", NULLS, BASE_NULLS, 1.5),
        ("DuckDB by the exported view", DUCKDB, BASE, 2.0),
    ];
    for (what, contender, other, least) in goals {
        let ratio = measured[other].ratio_to(&measured[contender]);
        let times = times(ratio);
        println!("goal: {what}, {least} x: {times} ({})", reached(ratio >= least));
    }
    for contender in LINES..=PARQUET {
        let [_, peak] = peaks[contender];
        let is_reached = reached(peak <= MOST_RESIDENT);
        println!(
            "goal: at most 64 MiB, {}: {} ({is_reached})",
            CONTENDERS[contender],
            mebibytes(peak)
        );
    }
    Ok(())
}

/// A chain of so many stores, online stores and call centers, in many configurations.
fn chain(channels: usize) -> String {
    const SETTINGS: [&str; 6] = [
        "create-customer-in-async-mode",
        "create-customer-order-in-async-mode",
        "real-time-order-creation-with-async-backup",
        "offline-customer-creation",
        "offline-order-creation",
        "default-customer-search-mode",
    ];
    let mut text = "[deployment]\ncommerce-version = \"10.0.40\"\n".to_owned();
    for profile in 0..64 {
        text += &format!("[[functionality-profile]]\nid = \"P{profile}\"\nkind = \"pos\"\n");
        for (bit, setting) in SETTINGS.iter().enumerate() {
            text += &format!("{setting} = {}\n", profile >> bit & 1 == 1);
        }
    }
    for channel in 0..channels {
        let kind = ["store", "store", "store", "online", "call-center"][channel / 128 % 5];
        text += &format!(
            "[[channel]]\nid = \"store-{channel:05}\"\nkind = \"{kind}\"\n\
                functionality-profile = \"P{}\"\n",
            channel % 64
        );
        if kind == "store" {
            text += &format!("supports-offline = {}\n", channel / 64 % 2 == 1);
        }
    }
    text
}

/// What a line costs whose channel is unknown, each by another name, beside a good one.
fn unknown_names(binary: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut table = TextTable::new(&["channels", "lines", "good µs", "unknown µs", "ratio"]);
    let mut worst: f64 = 0.0;
    for channels in [4, 200, 5_000, 20_000] {
        let deployment = directory.join(format!("chain-{channels}.toml"));
        std::fs::write(&deployment, chain(channels))?;
        for lines in [50_000, 1_000_000] {
            let named = |path: &Path, name: &dyn Fn(usize) -> String| -> std::io::Result<()> {
                let mut file = BufWriter::new(File::create(path)?);
                for line in 0..lines {
                    let name = name(line);
                    writeln!(
                        file,
                        "{{\"id\":{line},\"operation\":\"edit-customer\",\"channel\":\"{name}\"}}"
                    )?;
                }
                file.flush()
            };
            let paths = ["none", "good", "unknown"].map(|name| directory.join(name));
            std::fs::write(&paths[0], "")?;
            named(&paths[1], &|line| format!("store-{:05}", line % channels))?;
            named(&paths[2], &|line| format!("store-{line:06}"))?;
            let mut seconds = [(); 3].map(|()| Vec::new());
            for _ in 0..5 {
                for (path, seconds) in paths.iter().zip(&mut seconds) {
                    let mut decide = Command::new(binary);
                    decide.arg("decide").arg(&deployment).arg("--input").arg(path);
                    decide.arg("--output").arg(directory.join("answers.jsonl"));
                    let ended = child::run(decide.stdin(Stdio::null()).stderr(Stdio::null()))?;
                    if ended.status.code().is_none_or(|code| code > 1) {
                        return Err(ended.status.to_string().into());
                    }
                    seconds.push(ended.cpu.as_secs_f64());
                }
            }
            let [loading, good, unknown] = seconds.map(|seconds| median(&seconds));
            let each = |taken: f64| (taken - loading) / lines as f64 * 1e6;
            let ratio = each(unknown) / each(good);
            worst = worst.max(ratio);
            table.row([
                channels.to_string(),
                lines.to_string(),
                format!("{:.3}", each(good)),
                format!("{:.3}", each(unknown)),
                times(ratio),
            ]);
        }
    }
    table.print(
        "Lines with a channel that is not known, each by another name, by the time that a core is \
            kept busy beyond loading the deployment, median of 5 rounds in turn",
    );
    println!("goal: at most 3 x a good line: {} ({})\n", times(worst), reached(worst <= 3.0));
    Ok(())
}

/// How large a script is at 5,000 channels, apart from their names.
fn script(binary: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let path = directory.join("chain.toml");
    std::fs::write(&path, chain(5_000))?;
    let mut export = Command::new(binary);
    export.arg("export").arg(&path).args(["--to", "sql", "--dialect", "duckdb"]);
    let script = child::run(export.stdout(Stdio::piped()))?.well()?.output;
    let script = String::from_utf8(script)?;
    let statements = script.split("INSERT INTO ");
    let names = statements.filter(|it| it.starts_with("syncgate_channel_name")).map(str::len);
    let rest = script.len() - names.sum::<usize>();
    println!(
        "goal: at most 1 MB of script for 5,000 channels, names apart: {rest} bytes of {} ({})\n",
        script.len(),
        reached(rest <= 1_000_000)
    );
    Ok(())
}
