//! `syncgate store verify`, `compact` and `backup`

use super::super::{Common, Exit, Failure};
use super::asked::{Asked, Format};
use crate::report::document::pretty;
use crate::report::{
    backup_human, backup_json, compacted_human, compacted_json, verified_human, verified_json,
};
use crate::store::{self, StoreError, Verified};

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
        let verified = match store::verify(path, head.as_deref()) {
            Err(StoreError::Damaged { what, .. }) => Verified::unreadable(what),
            verified => verified?,
        };
        let output = common.output()?;
        let text = match format {
            Format::Human => verified_human(path, &verified, output.style()),
            Format::Json => pretty(&verified_json(&*common.rules()?, &verified)),
        };
        output.whole(&text)?;
        Ok(if verified.damages.is_empty() { Exit::Fine } else { Exit::Complaints })
    }
}

/// Make the file as small as its content allows
pub(super) fn compact(asked: &Asked, common: &Common) -> Result<(), Failure> {
    let (before, after) = store::compact(&asked.store)?;
    let output = common.output()?;
    output.whole(&match asked.format {
        Format::Human => compacted_human(before, after),
        Format::Json => pretty(&compacted_json(&*common.rules()?, before, after)),
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
        let made = store::backup(&asked.store, to)?;
        let output = common.output()?;
        output.whole(&match asked.format {
            Format::Human => backup_human(to, &made),
            Format::Json => pretty(&backup_json(&*common.rules()?, to, &made)),
        })
    }
}
