//! `decide --input`: requests a second, and whether memory grows with their number, beside parsing
//! the same lines with serde_json alone.

use serde::Deserialize;
use std::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use syncgate::engine::Engine;
use syncgate::model::{
    Connection, Customer, Deployment, Order, RealTimeService, Rules, Situation, SituationFact,
};
use syncgate_benches::random::Random;
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::Samples;
use syncgate_benches::{binary, child, repository};

const LINES: usize = 1_000_000;
const ROUNDS: usize = 9;
/// The argument with which this program only parses.
const PARSE: &str = "parse-json";
const DEPLOYMENT: &str = "fixtures/deployments/contoso";

/// A request, borrowed from its line.
#[derive(Deserialize)]
#[expect(dead_code, reason = "parsing is what is measured")]
struct Request<'a> {
    id: u64,
    operation: &'a str,
    channel: &'a str,
    connection: &'a str,
    real_time_service: &'a str,
    customer: &'a str,
    order: &'a str,
    loyalty_enrollment_blocked: bool,
    affiliation_hidden_in_channels: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [what, path] = arguments.as_slice()
        && what == PARSE
    {
        return parse(path);
    }
    let Some(binary) = binary() else { return Ok(()) };
    let directory = tempfile::tempdir()?;
    let (all, tenth) = (directory.path().join("all.jsonl"), directory.path().join("tenth.jsonl"));
    write(&all, LINES)?;
    write(&tenth, LINES / 10)?;
    let length = std::fs::metadata(&all)?.len() as f64 / LINES as f64;
    println!("{LINES} requests, {length:.0} bytes each; answers go to a file.\n");
    measure(&binary, &all, &tenth, &directory.path().join("answers.jsonl"))
}

/// Writes requests about every operation in every situation that the channel can be in.
fn write(path: &Path, count: usize) -> Result<(), Box<dyn Error>> {
    let rules = Rules::embedded();
    let loaded = Deployment::load(&repository(DEPLOYMENT).to_string_lossy())?;
    let engine = Engine::new(&rules, loaded.valid()?)?;
    let channels: Vec<_> = engine.channels().collect();
    let mut random = Random::new(2);
    let mut file = BufWriter::new(File::create(path)?);
    let mut id = 0;
    while id < count {
        let channel = random.one_of(&channels);
        let operation = &rules.operations[random.below(rules.operations.len())];
        let Some(situation) = Situation::from_index(random.below(Situation::COUNT)) else {
            continue;
        };
        if channel.decide(engine.operation(&operation.id)?, situation).is_err() {
            continue;
        }
        let value = |fact| situation.value(fact);
        writeln!(
            file,
            "{{\"id\":{id},\"operation\":\"{}\",\"channel\":\"{}\",\"connection\":\"{}\",\
             \"real_time_service\":\"{}\",\"customer\":\"{}\",\"order\":\"{}\",\
             \"loyalty_enrollment_blocked\":{},\"affiliation_hidden_in_channels\":{}}}",
            operation.id,
            channel.id(),
            Connection::ALL[value(SituationFact::Connection)],
            RealTimeService::ALL[value(SituationFact::RealTimeService)],
            Customer::ALL[value(SituationFact::Customer)],
            Order::ALL[value(SituationFact::Order)],
            value(SituationFact::LoyaltyEnrollmentBlocked) == 1,
            value(SituationFact::AffiliationHiddenInChannels) == 1,
        )?;
        id += 1;
    }
    file.flush()?;
    Ok(())
}

/// Parses all lines of a file, and nothing else.
fn parse(path: &str) -> Result<(), Box<dyn Error>> {
    let mut file = BufReader::with_capacity(256 << 10, File::open(path)?);
    let (mut line, mut sum) = (Vec::new(), 0);
    while file.read_until(b'\n', &mut line)? > 0 {
        let request: Request<'_> = serde_json::from_str(std::str::from_utf8(&line)?)?;
        sum += request.id + request.operation.len() as u64;
        line.clear();
    }
    println!("{sum}");
    Ok(())
}

fn measure(binary: &Path, all: &Path, tenth: &Path, answers: &Path) -> Result<(), Box<dyn Error>> {
    let itself = std::env::current_exe()?;
    let deployment = repository(DEPLOYMENT);
    let decide = |input: &Path| {
        let mut command = Command::new(binary);
        command.arg("decide").arg(&deployment).arg("--input").arg(input);
        command
    };
    let parse = || {
        let mut command = Command::new(&itself);
        command.arg(PARSE).arg(all);
        command
    };
    let names =
        ["serde_json, parsing alone", "syncgate decide --input", "the same, a tenth of the lines"];
    let counts = [LINES, LINES, LINES / 10];
    let mut measured: Vec<Samples> = names
        .iter()
        .map(|name| Samples { name: (*name).to_owned(), seconds: Vec::new() })
        .collect();
    let mut peaks = [0; 3];
    for round in 0..=ROUNDS {
        for (place, mut command) in [parse(), decide(all), decide(tenth)].into_iter().enumerate() {
            let command = command.stdin(Stdio::null()).stdout(File::create(answers)?);
            let ended = child::run(command)?.well()?;
            if round > 0 {
                measured[place].seconds.push(ended.cpu.as_secs_f64() / counts[place] as f64);
                peaks[place] = peaks[place].max(ended.peak);
            }
        }
    }

    let mut table = TextTable::new(&[
        "",
        "median million lines/s",
        "best",
        "time to serde_json",
        "peak memory",
    ]);
    for (samples, peak) in measured.iter().zip(peaks) {
        table.row([
            samples.name.clone(),
            digits(1e-6 / samples.median()),
            digits(1e-6 / samples.least()),
            times(samples.ratio_to(&measured[0])),
            mebibytes(peak),
        ]);
    }
    table.print(&format!(
        "Requests from a file, whole programs, by the time that they keep a core busy, median of \
            {ROUNDS} rounds in turn"
    ));
    let rate = 1.0 / measured[1].median();
    println!(
        "goal: 1.5 million decisions/s on one core: {} million ({})",
        digits(rate / 1e6),
        reached(rate >= 1.5e6)
    );
    let grown = peaks[1].saturating_sub(peaks[2]);
    println!(
        "goal: memory does not grow with the lines: {} more ({})",
        mebibytes(grown),
        reached(grown < 1 << 20)
    );
    Ok(())
}
