//! `syncgate store`

mod asked;
mod care;
mod rows;
mod tables;

use super::{Common, Exit, Failure};
use crate::foreign;
use crate::report::document::pretty;
use crate::report::{customers_human, customers_json, status_human, status_json};
use crate::store::Store;
use asked::{Asked, Format};
use clap::Subcommand;

/// Look after a store
#[derive(Debug, clap::Args)]
pub(super) struct StoreCommand {
    #[command(subcommand)]
    command: StoreAction,
}

#[derive(Debug, Subcommand)]
enum StoreAction {
    /// How many events, customers, decisions and queue rows there are
    Status(Asked),
    /// Every customer, as a POS user of the channel sees them
    Customers(Asked),
    /// Every row of the queue: where it is, what it waits for, and its last error
    Queue(rows::Queue),
    /// The journal: every event, what was asked, which rule decided, and how it ended
    Audit(rows::Audit),
    /// Read every record, and name whatever is not as it was written
    Verify(care::Verify),
    /// The logical content as JSON Lines: stores that went through the same events export the same
    /// bytes
    Export {
        /// The store
        #[arg(long, value_name = "FILE")]
        store: String,
        /// As lines, or as tables in the directory of --output
        #[arg(long, value_enum, default_value_t = ExportForm::Jsonl)]
        to: ExportForm,
    },
    /// Make the file as small as its content allows
    Compact(Asked),
    /// Copy the store while nobody writes to it; the copy is verified before it gets its name
    Backup(care::Backup),
}

/// How the content is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ExportForm {
    /// JSON Lines
    Jsonl,
    /// Customers, orders, queue and journal in Parquet, one file each
    Parquet,
}

impl StoreAction {
    /// The store, and its copy.
    fn files(&self) -> Vec<&str> {
        match self {
            Self::Status(asked) | Self::Customers(asked) | Self::Compact(asked) => {
                vec![&asked.store]
            }
            Self::Queue(queue) => vec![&queue.asked.store],
            Self::Audit(audit) => vec![&audit.store],
            Self::Verify(verify) => vec![&verify.asked.store],
            Self::Export { store, .. } => vec![store],
            Self::Backup(backup) => vec![&backup.asked.store, &backup.to],
        }
    }
}

impl StoreCommand {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        common.spares(&self.command.files())?;
        match self.command {
            StoreAction::Status(asked) => status(&asked, common)?,
            StoreAction::Customers(asked) => customers(&asked, common)?,
            StoreAction::Queue(queue) => queue.run(common)?,
            StoreAction::Audit(audit) => audit.run(common)?,
            StoreAction::Verify(verify) => return verify.run(common),
            StoreAction::Export { store: path, to: ExportForm::Parquet } => {
                tables::export(&path, common)?;
            }
            StoreAction::Export { store: path, to: ExportForm::Jsonl } => {
                let mut store = Store::open(&path)?;
                let mut output = common.output()?;
                store.export(&mut std::io::BufWriter::with_capacity(256 << 10, &mut output))?;
                output.finish()?;
            }
            StoreAction::Compact(asked) => care::compact(&asked, common)?,
            StoreAction::Backup(backup) => backup.run(common)?,
        }
        Ok(Exit::Fine)
    }
}

fn status(asked: &Asked, common: &Common) -> Result<(), Failure> {
    let status = Store::open(&asked.store)?.status();
    let output = common.output()?;
    let text = match asked.format {
        Format::Human => status_human(&status, output.style()),
        Format::Json => pretty(&status_json(&*common.rules()?, &status)),
    };
    output.whole(&text)
}

fn customers(asked: &Asked, common: &Common) -> Result<(), Failure> {
    let mut store = Store::open(&asked.store)?;
    let output = common.output()?;
    let customers = (0..store.customer_count()).map(|slot| Ok(store.customer(slot)?));
    match asked.format {
        Format::Human => {
            let text = customers_human(customers, output.style())?;
            output.whole(&text)
        }
        Format::Json => {
            let rules = common.rules()?;
            output.streamed(|to| customers_json(to, &rules, customers))
        }
    }
}

/// Of a panic of a crate over a damaged file nothing is printed but what it is told as: damage.
pub(super) fn leave_damage_to_its_message() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(print_unless_within);
}

fn print_unless_within() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if !foreign::is_within() {
            told(info);
        }
    }));
}
