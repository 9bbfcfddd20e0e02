//! Writes the events of the store's measurements to standard output: `events COUNT`.

use std::error::Error;
use std::io::{BufWriter, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let count = std::env::args().nth(1).ok_or("how many events?")?.parse()?;
    Ok(syncgate_benches::events::write(&mut BufWriter::new(stdout().lock()), count)?)
}
