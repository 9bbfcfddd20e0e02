//! From nothing to a decision: the program as a whole, and what loading costs within it, beside a
//! program that does nothing and one that only parses the same TOML.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use syncgate::engine::Engine;
use syncgate::model::{Deployment, Rules};
use syncgate_benches::base::{Base, COMMIT};
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::{Contender, Samples, in_turn, median};
use syncgate_benches::{binary, child, repository};

/// How often each contender is measured.
const ROUNDS: usize = 41;
/// How long one sample in memory takes, about.
const SAMPLE: Duration = Duration::from_millis(20);
/// The argument with which this program only parses TOML.
const PARSE: &str = "parse-toml";
const DEPLOYMENT: &str = "fixtures/deployments/contoso";

/// The texts of all TOML files of a directory of the repository.
fn texts(directory: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(repository(directory))? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            texts.push(std::fs::read_to_string(path)?);
        }
    }
    Ok(texts)
}

/// Parses with the `toml` crate alone, to the same kind of table that syncgate walks; how many keys
/// there are at the top.
fn parse(texts: &[String]) -> usize {
    texts
        .iter()
        .map(|text| toml::de::DeTable::parse(text).map_or(0, |table| table.get_ref().len()))
        .sum()
}

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some(PARSE) {
        let keys = parse(&texts("rules")?) + parse(&texts(DEPLOYMENT)?);
        println!("{keys}");
        return Ok(());
    }
    // Programs first, while little is in memory: a child's peak counts from what its parent has.
    if let Some(binary) = binary() {
        programs(&binary)?;
        if let Some(base) = Base::built() {
            beside_base(&binary, &base)?;
        }
    }
    in_memory()
}

/// A program and the arguments that it gets.
fn command(program: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped());
    command
}

/// The arguments that ask for one decision.
fn one_decision(deployment: &str) -> [&str; 8] {
    let asked = ["--operation", "edit-customer", "--channel", "houston", "--customer", "pending"];
    let [operation, edit, channel, houston, customer, pending] = asked;
    ["decide", deployment, operation, edit, channel, houston, customer, pending]
}

/// One decision by today's program and by the one of [`COMMIT`], in turn, of a deployment that both
/// read.
fn beside_base(binary: &Path, base: &Base) -> Result<(), Box<dyn Error>> {
    let deployment = base.path(DEPLOYMENT);
    let deployment = deployment.to_string_lossy();
    let decide = one_decision(&deployment);
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let new = child::run(&mut command(binary, &decide))?.well()?;
        let old = child::run(&mut command(&base.binary(), &decide))?.well()?;
        let answers =
            |output: &[u8]| output.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec);
        if answers(&new.output) != answers(&old.output) {
            return Err("the two decide otherwise".into());
        }
        if round > 0 {
            walls.push(new.wall.as_secs_f64() / old.wall.as_secs_f64());
            cpus.push(new.cpu.as_secs_f64() / old.cpu.as_secs_f64());
        }
    }
    let (wall, cpu) = (median(&walls), median(&cpus));
    println!(
        "goal: from start to one decision within 0.45 × of what {COMMIT} takes: {} by the clock \
         ({}), {} of the time that cores are busy\n",
        times(wall),
        reached(wall <= 0.45),
        times(cpu)
    );
    Ok(())
}

/// Whole programs, from before they are started until they are gone.
fn programs(binary: &Path) -> Result<(), Box<dyn Error>> {
    let itself = std::env::current_exe()?;
    let deployment = repository(DEPLOYMENT);
    let deployment = deployment.to_string_lossy();
    let decide = one_decision(&deployment);
    let contenders: [(&str, &Path, &[&str]); 3] = [
        ("a program that does nothing", Path::new("/bin/true"), &[]),
        ("toml parsing alone", &itself, &[PARSE]),
        ("syncgate decide", binary, &decide),
    ];
    let named = |(name, _, _): &(&str, &Path, &[&str])| Samples {
        name: (*name).to_owned(),
        seconds: Vec::new(),
    };
    let mut measured: Vec<Samples> = contenders.iter().map(named).collect();
    let mut peaks = [0; 3];
    for round in 0..=ROUNDS {
        for (place, (_, program, arguments)) in contenders.iter().enumerate() {
            let ended = child::run(&mut command(program, arguments))?.well()?;
            if place > 0 && ended.output.is_empty() {
                return Err("nothing was printed".into());
            }
            if round > 0 {
                measured[place].seconds.push(ended.wall.as_secs_f64());
                peaks[place] = peaks[place].max(ended.peak);
            }
        }
    }

    let mut table = TextTable::new(&["whole program", "median ms", "least ms", "peak memory"]);
    for (samples, peak) in measured.iter().zip(peaks) {
        table.row([
            samples.name.clone(),
            digits(samples.median() * 1e3),
            digits(samples.least() * 1e3),
            mebibytes(peak),
        ]);
    }
    table.print(&format!("From start to end, median of {ROUNDS} rounds in turn"));
    let (median, peak) = (measured[2].median(), peaks[2]);
    println!(
        "goal: one decision printed within 15 ms: {} ms ({})",
        digits(median * 1e3),
        reached(median <= 0.015)
    );
    println!(
        "goal: at most 16 MiB resident: {} ({})\n",
        mebibytes(peak),
        reached(peak <= 16 << 20)
    );
    Ok(())
}

/// What loading costs, the files in the system's cache.
fn in_memory() -> Result<(), Box<dyn Error>> {
    let texts = [texts("rules")?, texts(DEPLOYMENT)?].concat();
    let bytes: usize = texts.iter().map(String::len).sum();
    let path = repository(DEPLOYMENT);
    let path = path.to_string_lossy();
    let rules = Rules::embedded();
    let loaded = Deployment::load(&path)?;
    let deployment = loaded.valid()?;
    println!(
        "Rules and deployment are {bytes} bytes of TOML; {} channels.\n",
        Engine::new(&rules, deployment)?.channels().count()
    );

    let directory = repository("rules");
    let directory = directory.to_string_lossy();
    let from_directory = || Rules::load(Some(&directory), None);
    let everything = || -> Result<usize, Box<dyn Error>> {
        let rules = from_directory()?;
        let rules = rules.valid()?;
        let loaded = Deployment::load_by(rules, &path)?;
        Ok(Engine::new(rules, loaded.valid()?)?.tables().len())
    };
    everything()?;
    let measured = in_turn(
        vec![
            Contender::new("toml parsing alone", 1, || {
                black_box(parse(black_box(&texts)));
            }),
            Contender::new("rules of a directory", 1, || drop(black_box(from_directory()))),
            Contender::new("deployment", 1, || drop(black_box(Deployment::load_by(&rules, &path)))),
            Contender::new("all tables", 1, || drop(black_box(Engine::new(&rules, deployment)))),
            Contender::new("all of these", 1, || drop(black_box(everything()))),
        ],
        ROUNDS,
        SAMPLE,
    );
    let mut table = TextTable::new(&["loading", "median ms", "to toml alone"]);
    for samples in &measured {
        let median = samples.median() * 1e3;
        table.row([
            samples.name.clone(),
            format!("{median:.3}"),
            times(samples.ratio_to(&measured[0])),
        ]);
    }
    table.print(&format!("Loading within a program, median of {ROUNDS} rounds in turn"));
    Ok(())
}
