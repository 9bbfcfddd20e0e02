//! `syncgate store verify`, `compact` and `backup`

use super::super::{Common, Exit, Failure};
use super::{Asked, Format, guarded};
use crate::report::document::{pretty, provenance};
use crate::report::human::counted;
use crate::report::{Style, Table};
use crate::store::{self, Damage, StoreError, Verified};
use serde_json::json;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Read every record, and name whatever is not as it was written
#[derive(Debug, clap::Args)]
pub(super) struct Verify {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// The digest that `store status` printed: finds a whole store that was put back to an earlier
    /// state
    #[arg(long, value_name = "DIGEST")]
    head: Option<String>,
}

impl Verify {
    pub(super) fn run(self, common: &Common) -> Result<Exit, Failure> {
        let Asked { store: path, format } = &self.asked;
        let head = self.head.as_deref().map(str::trim).map(str::to_ascii_lowercase);
        if head
            .as_ref()
            .is_some_and(|head| head.len() != 64 || !head.bytes().all(|it| it.is_ascii_hexdigit()))
        {
            let message =
                "--head takes the 64 hexadecimal digits that `store status` prints as head";
            return Err(Failure::unusable(message));
        }
        // What redb can't open or read at all is damage too, and not a reason to end otherwise.
        let verified = guarded(path, || match store::verify(path, head.as_deref()) {
            Err(StoreError::Damaged { what, .. }) => Ok(Verified::unreadable(what)),
            verified => Ok(verified?),
        });
        let verified = match verified {
            Err(Failure::Damaged(_)) => Verified::unreadable("its pages make no sense".to_owned()),
            verified => verified?,
        };
        let output = common.output()?;
        let text = match format {
            Format::Human => verified_human(path, &verified, output.style()),
            Format::Json => pretty(&json!({
                "version": 1,
                "damaged": !verified.damages.is_empty(),
                "damages": verified.damages,
                "records": verified.records.iter().cloned().collect::<BTreeMap<_, _>>(),
                "head": verified.head,
                "provenance": provenance(&*common.rules()?, None),
            })),
        };
        output.whole(&text)?;
        Ok(if verified.damages.is_empty() { Exit::Fine } else { Exit::Complaints })
    }
}

fn verified_human(path: &str, verified: &Verified, style: Style) -> String {
    let records: u64 = verified.records.iter().map(|(_, count)| count).sum();
    let read = format!("{records} records in {} tables read", verified.records.len());
    let head = verified.head.as_deref().unwrap_or("can't be read");
    if verified.damages.is_empty() {
        return format!("{}: {read}, nothing is damaged\nhead {head}\n", style.good("intact"));
    }
    let mut table = Table::new(["table", "record", "what is wrong"]);
    for Damage { table: name, key, what } in &verified.damages {
        table.row([name, key, what]);
    }
    let mut text = table.render(style);
    let count = counted(verified.damages.len(), "damage");
    let _ = writeln!(
        text,
        "\n{}: {count}, {read}; put a backup in the place of `{path}`, or replay its events into \
            a new store\nhead {head}",
        style.bad("damaged")
    );
    text
}

/// Make the file as small as its content allows
pub(super) fn compact(asked: &Asked, common: &Common) -> Result<(), Failure> {
    let (before, after) = guarded(&asked.store, || Ok(store::compact(&asked.store)?))?;
    let output = common.output()?;
    output.whole(&match asked.format {
        Format::Human => format!("{after} bytes, {before} before\n"),
        Format::Json => pretty(&json!({
            "version": 1,
            "bytes": after,
            "bytes_before": before,
            "provenance": provenance(&*common.rules()?, None),
        })),
    })
}

/// Copy the store while nobody writes to it; the copy is verified before it gets its name
#[derive(Debug, clap::Args)]
pub(super) struct Backup {
    #[command(flatten)]
    pub(super) asked: Asked,
    /// Where to; an earlier backup of that name is replaced
    #[arg(long, value_name = "FILE")]
    pub(super) to: String,
}

impl Backup {
    pub(super) fn run(self, common: &Common) -> Result<(), Failure> {
        let Self { asked, to } = &self;
        let made = guarded(&asked.store, || Ok(store::backup(&asked.store, to)?))?;
        let output = common.output()?;
        output.whole(&match asked.format {
            Format::Human => format!("{} bytes copied to {to}\nhead {}\n", made.bytes, made.head),
            Format::Json => pretty(&json!({
                "version": 1,
                "to": to,
                "bytes": made.bytes,
                "head": made.head,
                "provenance": provenance(&*common.rules()?, None),
            })),
        })
    }
}
