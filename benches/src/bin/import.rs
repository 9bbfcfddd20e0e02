//! `import` of 200 MB of exports: how fast, beside another build and beside `serde_json` and `csv`
//! only reading the same bytes, and whether memory grows with them.

use serde::de::IgnoredAny;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use syncgate_benches::random::Random;
use syncgate_benches::table::{TextTable, digits, mebibytes, reached, times};
use syncgate_benches::timing::Samples;
use syncgate_benches::{binary, child};

const ROUNDS: usize = 7;
/// The argument with which this program only reads, ignoring every value.
const READ: &str = "read";
/// The argument with which it reads every value, and keeps those of a file.
const VALUES: &str = "values";
/// The argument with which this program only writes the exports, to a directory.
const WRITE: &str = "write";
/// How many bytes each of the large exports has.
const SIZE: usize = 50 << 20;
const STORES: usize = 400;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [what, directory] if what == READ => return read(Path::new(directory)),
        [what, directory] if what == VALUES => return values(Path::new(directory)),
        [what, directory] if what == WRITE => return write(Path::new(directory), SIZE),
        _ => {}
    }
    let Some(binary) = binary() else { return Ok(()) };
    let directory = tempfile::tempdir()?;
    let (whole, half) = (directory.path().join("whole"), directory.path().join("half"));
    write(&whole, SIZE)?;
    write(&half, SIZE / 2)?;
    let mut size = 0;
    for entry in std::fs::read_dir(&whole)? {
        size += entry?.metadata()?.len();
    }
    println!("{} of exports, as JSON and CSV.\n", mebibytes(size));
    let other = std::env::var_os("SYNCGATE_OTHER").map(PathBuf::from);
    measure(&binary, other.as_deref(), &whole, &half, &directory.path().join("imported"))
}

/// Reads files with `serde_json` and `csv`, and nothing else.
fn read(directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut sum = 0;
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let text = std::fs::read(&path)?;
            serde_json::from_slice::<IgnoredAny>(&text)?;
            sum += text.len();
        } else {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path)?;
            let mut record = csv::ByteRecord::new();
            while reader.read_byte_record(&mut record)? {
                sum += record.len();
            }
        }
    }
    println!("{sum}");
    Ok(())
}

/// Reads files with `serde_json` and `csv` as anyone would who needs what is in them.
fn values(directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut sum = 0;
    for entry in std::fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "json") {
            let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&path)?)?;
            sum += document["value"].as_array().map_or(0, Vec::len);
        } else {
            let mut reader = csv::ReaderBuilder::new().flexible(true).from_path(&path)?;
            let mut record = csv::StringRecord::new();
            while reader.read_record(&mut record)? {
                sum += record.len();
            }
        }
    }
    println!("{sum}");
    Ok(())
}

/// Writes the exports of a chain of stores: most of it is what the product's own batch jobs and
/// customers leave behind, of which a deployment needs next to nothing.
fn write(directory: &Path, size: usize) -> Result<(), Box<dyn Error>> {
    std::fs::create_dir_all(directory)?;
    let file = |name: &str| File::create(directory.join(name)).map(BufWriter::new);
    let mut random = Random::new(10);

    let mut stores = file("RetailStores.json")?;
    write!(stores, r#"{{"@odata.context":"https://x/data/$metadata#RetailStores","value":["#)?;
    for number in 0..STORES {
        let comma = if number == 0 { "" } else { "," };
        write!(
            stores,
            "{comma}{{\"RetailChannelId\":\"{number:06}\",\"StoreNumber\":\"S{number}\",\
             \"FunctionalityProfile\":\"STORE\",\"OfflineProfileName\":\"Tills\"}}"
        )?;
    }
    stores.write_all(b"]}")?;
    stores.flush()?;

    let mut jobs = file("BatchJobs.json")?;
    write!(jobs, r#"{{"@odata.context":"https://x/data/$metadata#BatchJobs","value":["#)?;
    let (mut written, mut number) = (0, 0);
    while written < size {
        let comma = if number == 0 { "" } else { ",\n" };
        let line = job(&mut random, number);
        write!(jobs, "{comma}{line}")?;
        (written, number) = (written + line.len() + comma.len(), number + 1);
    }
    jobs.write_all(b"]}")?;
    jobs.flush()?;

    let mut tills = file("RetailTerminals.json")?;
    write!(tills, r#"{{"@odata.context":"https://x/data/$metadata#RetailTerminals","value":["#)?;
    (written, number) = (0, 0);
    while written < size {
        let comma = if number == 0 { "" } else { ",\n" };
        let line = till(&mut random, number);
        write!(tills, "{comma}{line}")?;
        (written, number) = (written + line.len() + comma.len(), number + 1);
    }
    tills.write_all(b"]}")?;
    tills.flush()?;

    let mut dump = file("BATCHJOB.csv")?;
    writeln!(
        dump,
        "RECID,CAPTION,STATUS,COMPANY,STARTDATETIME,ENDDATETIME,CREATEDBY,RECURRENCEDATA"
    )?;
    (written, number) = (0, 0);
    while written < size {
        let line = job_row(&mut random, number);
        writeln!(dump, "{line}")?;
        (written, number) = (written + line.len() + 1, number + 1);
    }
    dump.flush()?;

    let mut customers = file("RETAILASYNCCUSTOMERV2.csv")?;
    writeln!(
        customers,
        "CUSTACCOUNTASYNC,CUSTNAME,EMAIL,PHONE,OPERATION,REPLICATIONCOUNTERFROMORIGIN"
    )?;
    written = 0;
    while written < size {
        let (one, two) = (random.next_u64(), random.next_u64());
        let line = format!(
            "{one:016x}-{two:016x},\"Customer, number {}\",someone{}@example.com,555-{},1,\
             {written}",
            one % 1_000_000,
            two % 1_000_000,
            one % 10_000
        );
        writeln!(customers, "{line}")?;
        written += line.len() + 1;
    }
    customers.flush()?;
    Ok(())
}

const CAPTIONS: [&str; 4] = [
    "Synchronize customers and channel requests",
    "Post inventory",
    "Database compression job",
    "Workflow message processing",
];
const STATES: [&str; 4] = ["Finished", "Waiting", "Error", "Canceled"];

/// A moment in any second of a month.
fn moment(random: &mut Random) -> String {
    let second = random.below(30 * 86_400);
    let (day, second) = (second / 86_400 + 1, second % 86_400);
    format!("2026-09-{day:02}T{:02}:{:02}:{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

/// What a batch job is called: one in a hundred as another is, the others by a number.
fn caption(random: &mut Random, number: usize) -> String {
    if random.below(100) == 0 {
        random.one_of(&CAPTIONS).to_owned()
    } else {
        format!("Document posting of journal {number:08}")
    }
}

fn job(random: &mut Random, number: usize) -> String {
    format!(
        "{{\"@odata.etag\":\"W/\\\"JzEs{number}\\\"\",\"BatchJobRecId\":{},\
         \"JobDescription\":\"{}\",\"Status\":\"{}\",\"Recurrence\":\"AQAAAAIAAAADAAAABAAAAA==\",\
         \"CompanyAccounts\":\"usrt\",\"CreatedBy\":\"admin\",\"LogLevel\":\"Always\",\
         \"RuntimeJob\":\"No\",\"OrigStartDateTime\":\"{}\",\"StartDateTime\":\"{}\",\
         \"EndDateTime\":\"{}\"}}",
        5_637_144_576_u64 + number as u64,
        caption(random, number),
        random.one_of(&STATES),
        moment(random),
        moment(random),
        moment(random),
    )
}

fn job_row(random: &mut Random, number: usize) -> String {
    format!(
        "{},{},{},usrt,{},{},admin,0x0100000002000000030000000400000005000000",
        5_737_144_576_u64 + number as u64,
        caption(random, number),
        random.below(9),
        moment(random).replace('T', " ").replace('Z', ".000"),
        moment(random).replace('T', " ").replace('Z', ".000"),
    )
}

fn till(random: &mut Random, number: usize) -> String {
    let store = random.below(STORES);
    format!(
        "{{\"@odata.etag\":\"W/\\\"JzEs{number}\\\"\",\"TerminalNumber\":\"{store:04}-{number}\",\
         \"Name\":\"Till {number} of store {store}\",\"StoreNumber\":\"S{store}\",\
         \"HardwareProfile\":\"HW{}\",\"VisualProfile\":\"Default\",\"ReceiptProfile\":\"Default\",\
         \"LayoutId\":\"F2MGR\",\"SupportOffline\":\"{}\",\"OfflineDatabaseProfileName\":\"\",\
         \"OpenDrawer\":\"No\",\"Printer\":null}}",
        random.below(20),
        if store.is_multiple_of(3) { "Yes" } else { "No" },
    )
}

fn measure(
    binary: &Path,
    other: Option<&Path>,
    whole: &Path,
    half: &Path,
    imported: &Path,
) -> Result<(), Box<dyn Error>> {
    let itself = std::env::current_exe()?;
    let import = |binary: &Path, from: &Path| {
        let mut command = Command::new(binary);
        command.arg("import").arg(from).arg("--output").arg(imported);
        command
    };
    let read = |how: &'static str| {
        let mut command = Command::new(&itself);
        command.arg(how).arg(whole);
        command
    };
    let mut contenders = vec![
        (
            "serde_json and csv, ignoring values",
            Box::new(|| read(READ)) as Box<dyn Fn() -> Command>,
        ),
        ("syncgate import", Box::new(|| import(binary, whole))),
        ("the same, half of the exports", Box::new(|| import(binary, half))),
    ];
    contenders.push(("serde_json and csv, reading values", Box::new(|| read(VALUES))));
    if let Some(other) = other {
        contenders.push(("the other build", Box::new(move || import(other, whole))));
    }
    let named = |(name, _): &(&str, _)| Samples { name: (*name).to_owned(), seconds: Vec::new() };
    let mut measured: Vec<Samples> = contenders.iter().map(named).collect();
    let mut busy = measured.clone();
    let mut peaks = vec![0; contenders.len()];
    for round in 0..=ROUNDS {
        for (place, (_, command)) in contenders.iter().enumerate() {
            let mut command = command();
            command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
            let ended = child::run(&mut command)?;
            if round > 0 {
                measured[place].seconds.push(ended.wall.as_secs_f64());
                busy[place].seconds.push(ended.cpu.as_secs_f64());
                peaks[place] = peaks[place].max(ended.peak);
            }
        }
    }

    let mut table = TextTable::new(&[
        "",
        "median s",
        "least s",
        "time to reading",
        "cores busy, s",
        "busy to reading",
        "peak memory",
    ]);
    for (place, samples) in measured.iter().enumerate() {
        table.row([
            samples.name.clone(),
            digits(samples.median()),
            digits(samples.least()),
            times(samples.ratio_to(&measured[0])),
            digits(busy[place].median()),
            times(busy[place].ratio_to(&busy[0])),
            mebibytes(peaks[place]),
        ]);
    }
    table.print(&format!("Whole programs, median of {ROUNDS} rounds in turn"));
    let ratio = busy[1].ratio_to(&busy[0]);
    println!("goal: at most 2 x reading alone: {} ({})", times(ratio), reached(ratio <= 2.0));
    println!("goal: at most 100 MiB: {} ({})", mebibytes(peaks[1]), reached(peaks[1] <= 100 << 20));
    let ratio = busy[1].ratio_to(&busy[3]);
    println!("beside reading every value: {}", times(ratio));
    if let Some(other) = busy.get(4) {
        let ratio = other.ratio_to(&busy[1]);
        println!(
            "goal: 1.5 x as fast as the other build: {} ({})",
            times(ratio),
            reached(ratio >= 1.5)
        );
    }
    Ok(())
}
